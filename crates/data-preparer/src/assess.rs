//! What is concluded of one column: whether it is of use, what is done to its values, and what it looks like.
//!
//! All of it is of the training rows. What is counted (distinct values, quantiles, moments) is counted on all of them; how strongly
//! a column goes with the target is measured on a seeded sample of them where they are many.

use contracts::stages::{ExcludedColumn, Scope};
use dataset::Storage;
use statistics::{ColumnProfile, Finding, profile};
use tables::StoredTable;
use tabular::cleaning::{CleaningPlan, ColumnCleaning, Options};
use tabular::plan::HeldOut;
use tabular::sample::sample;
use tabular::split::Split;
use tabular::target::Target;
use tabular::{Column, ColumnType, Field, Table, personal};

use crate::afterwards::{self, RowTime, RowTimes};
use crate::carry::{Carried, Order, carry};
use crate::columns::{Rows, Verdict, judge};
use crate::error::Error;
use crate::leakage::{self, EncodedSplit, Rules};
use crate::prepare::Unprepared;
use crate::splitting::Division;
use crate::structure;

/// Training rows that associations are measured on at most. The standard error of an association is below 0.004 then.
const MAX_TRAIN_ROWS: usize = 100_000;
/// Rows of the validation split at most.
const MAX_VALIDATION_ROWS: usize = 50_000;

/// The rows that are learned from, and those that what was learned is judged by.
pub(crate) struct LearnedRows<'a> {
    splits: &'a [Split],
    train: Vec<usize>,
    /// Those of the training rows that associations are measured on.
    sampled: Vec<usize>,
    validation: Vec<usize>,
    of_sampled: Target,
    of_validation: Target,
    division: Division,
}

impl<'a> LearnedRows<'a> {
    pub(crate) fn new(
        train: Vec<usize>,
        validation: Vec<usize>,
        target: &Target,
        splits: &'a [Split],
        division: Division,
        seed: u64,
    ) -> Self {
        let sampled = sample(&train, MAX_TRAIN_ROWS, seed);
        let validation = sample(&validation, MAX_VALIDATION_ROWS, seed);
        let of = |rows: &[usize]| Target {
            problem: target.problem,
            classes: target.classes.clone(),
            values: rows.iter().filter_map(|row| target.values.get(*row).copied()).collect(),
        };
        let (of_sampled, of_validation) = (of(&sampled), of(&validation));
        Self { splits, train, sampled, validation, of_sampled, of_validation, division }
    }

    /// The training rows, by their places in the table, in order.
    pub(crate) fn train(&self) -> &[usize] {
        &self.train
    }

    /// Number of training rows.
    pub(crate) fn rows(&self) -> usize {
        self.train.len()
    }

    /// When the rows are predicted that columns are looked at on, where a column says so.
    pub(crate) fn times(
        &self,
        table: &StoredTable,
        time: Option<&RowTime>,
    ) -> Result<Option<RowTimes>, Unprepared> {
        time.map(|time| time.rows(table, &self.sampled, &self.validation)).transpose()
    }
}

/// What came of a column.
pub(crate) enum Assessed {
    LeftOut(ExcludedColumn),
    Kept(Box<KeptColumn>),
}

/// A column of the splits.
pub(crate) struct KeptColumn {
    /// None of the target, and of the entity that rows were split by.
    pub(crate) cleaning: Option<ColumnCleaning>,
    /// Of the training rows, cleaned.
    pub(crate) profile: ColumnProfile,
    /// What there is to say of what it tells.
    pub(crate) leakage: Vec<Finding>,
    /// How well it tells the target alone, from 0 to 1.
    pub(crate) association: f64,
    /// How each split holds it, in the order of [`Split::ALL`].
    pub(crate) storages: [Storage; 4],
    /// What was filled from the rows before or behind.
    pub(crate) carried: Option<Carried>,
}

/// How columns are looked at.
pub(crate) struct Assessment<'a> {
    pub(crate) table: &'a StoredTable,
    pub(crate) scope: &'a Scope,
    pub(crate) rows: &'a LearnedRows<'a>,
    pub(crate) cleaning: &'a Options,
    pub(crate) rules: Rules<'a>,
    /// The order of the rows, where values are filled from others.
    pub(crate) order: Option<&'a Order>,
    /// The time of the rows, where they have one.
    pub(crate) times: Option<&'a RowTimes>,
}

/// Looks at a column, and gives its place again.
pub(crate) fn assess(
    of_all: &Assessment<'_>,
    place: usize,
) -> Result<(usize, Assessed), Unprepared> {
    let Assessment { table, scope, rows, cleaning: options, order, .. } = *of_all;
    let field =
        table.fields().get(place).cloned().unwrap_or_else(|| Field::new("", ColumnType::Text));
    let mut column = table.column(place)?;
    let is_target = field.name == scope.target;
    // The trainer's folds are of entities as well: their column stays beside the features, and is none.
    let is_group = field.name == scope.entity_column && rows.division == Division::Entity;
    let is_feature = !is_target && !is_group;
    let rule = options.rules.of(&field.name).missing.filter(|_| is_feature);
    let carried = carry(&mut column, rule, order)?;
    let of = |rows: &[usize]| -> Result<Table, Error> {
        let one = Table::new(vec![field.clone()], vec![column.take(rows)]);
        Ok(one.map_err(dataset::Error::from)?)
    };
    let mut train = of(&rows.train)?;
    let mut looked = Looked::default();
    if is_feature {
        let (sampled, validation) = (of(&rows.sampled)?, of(&rows.validation)?);
        match looked_at(of_all, &field, &train, [&sampled, &validation]) {
            Ok(found) => looked = found,
            Err(left_out) => return Ok((place, Assessed::LeftOut(left_out))),
        }
    }
    let is_personal = !is_target
        && (personal::in_name(&field.name)
            || train.columns().first().is_some_and(|of| personal::looks_like(of).is_some()));
    let plan =
        if is_feature { CleaningPlan::fit(&train, options) } else { CleaningPlan::default() };
    let of_tables =
        CleaningPlan { columns: plan.columns.iter().map(ColumnCleaning::of_tables).collect() };
    // A plan that is not sound is told of when all its columns are known.
    let _ = of_tables.apply(&mut train);
    let cleaning = plan.columns.into_iter().next();
    let of_tables = of_tables.columns.first();
    let storages = storages(&field, &column, of_tables, rows.splits);
    drop(column);
    let Some(mut profile) = profile(&train).columns.pop() else {
        return Err(Error::Data(dataset::Error::NoSuchColumn {
            column: field.name,
            nearest: Vec::new(),
        })
        .into());
    };
    if is_group || is_personal {
        // Whom rows are about is in no report, also where the column was asked to stay.
        profile.withhold_values();
    }
    let Looked { leakage, association } = looked;
    let kept = KeptColumn { cleaning, profile, leakage, association, storages, carried };
    Ok((place, Assessed::Kept(Box::new(kept))))
}

/// What a feature tells.
#[derive(Default)]
struct Looked {
    leakage: Vec<Finding>,
    association: f64,
}

/// Looks at what a feature tells, or says why it is left out; `train` are all training rows, `sampled` and `validation` those that it
/// is judged on.
fn looked_at(
    of: &Assessment<'_>,
    field: &Field,
    train: &Table,
    [sampled, validation]: [&Table; 2],
) -> Result<Looked, ExcludedColumn> {
    let Assessment { scope, rows, rules, times, .. } = *of;
    let held_out = HeldOut { table: validation, target: &rows.of_validation };
    let on = Rows { train, sampled, target: &rows.of_sampled, held_out };
    let mut leakage = Vec::new();
    match judge(on, &scope.target, &scope.entity_column).pop() {
        Some(Verdict::LeftOut(found))
            if found.column == scope.entity_column
                || !scope.required_columns.contains(&found.column) =>
        {
            return Err(found);
        }
        Some(Verdict::Stays(finding)) if !rules.allowed.contains(finding.column.as_str()) => {
            leakage.push(finding);
        }
        _ => {}
    }
    let (found, association) = leakage::find(
        &EncodedSplit { table: sampled, target: &rows.of_sampled },
        &EncodedSplit { table: validation, target: &rows.of_validation },
        rules,
    );
    leakage.extend(found);
    let (Some(sampled), Some(validation)) =
        (sampled.columns().first(), validation.columns().first())
    else {
        return Ok(Looked { leakage, association });
    };
    let of_train = (sampled, &rows.of_sampled);
    let of_validation = (validation, &rows.of_validation);
    let afterwards = |times| afterwards::find(field, of_train, of_validation, times, rules);
    leakage.extend(times.and_then(afterwards));
    if rows.division == Division::Random && field.name != scope.entity_column {
        let is_time = field.name == scope.time_column;
        leakage.extend(structure::find(field, sampled, &rows.of_sampled, is_time));
    }
    Ok(Looked { leakage, association })
}

/// How each split holds a column exactly, once it is cleaned.
pub(crate) fn storages(
    field: &Field,
    column: &Column,
    cleaning: Option<&ColumnCleaning>,
    splits: &[Split],
) -> [Storage; 4] {
    let Some(values) = column.numbers() else { return [Storage::Text; 4] };
    if field.column_type == ColumnType::Number {
        return [Storage::Double; 4];
    }
    Split::ALL.map(|wanted| {
        let of_split = values.iter().zip(splits).filter(|(_, split)| **split == wanted);
        let cleaned = |value: &f64| cleaning.map_or(*value, |cleaning| cleaning.number(*value));
        let values: Vec<f64> = of_split.map(|(value, _)| cleaned(value)).collect();
        Storage::of_numbers(field.column_type, &values)
    })
}
