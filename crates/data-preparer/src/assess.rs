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
use tabular::{Column, ColumnType, Field, Table};

use crate::carry::{Carried, Order, carry};
use crate::columns::{Rows, useless};
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
    pub(crate) leakage: Vec<Finding>,
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
}

/// Looks at a column, and gives its place again.
pub(crate) fn assess(of: &Assessment<'_>, place: usize) -> Result<(usize, Assessed), Unprepared> {
    let Assessment { table, scope, rows, cleaning: options, rules, order } = *of;
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
    let mut leakage = Vec::new();
    if is_feature {
        let (sampled, validation) = (of(&rows.sampled)?, of(&rows.validation)?);
        let looked_at = Rows {
            train: &train,
            sampled: &sampled,
            target: &rows.of_sampled,
            held_out: HeldOut { table: &validation, target: &rows.of_validation },
        };
        let found = useless(looked_at, &scope.target, &scope.entity_column).pop();
        let stays = |found: &ExcludedColumn| {
            found.column != scope.entity_column && scope.required_columns.contains(&found.column)
        };
        if let Some(found) = found.filter(|found| !stays(found)) {
            return Ok((place, Assessed::LeftOut(found)));
        }
        leakage = leakage::find(
            &EncodedSplit { table: &sampled, target: &rows.of_sampled },
            &EncodedSplit { table: &validation, target: &rows.of_validation },
            rules,
        );
        if rows.division == Division::Random && field.name != scope.entity_column {
            let (of_sampled, target) = (sampled.columns().first(), &rows.of_sampled);
            leakage.extend(of_sampled.and_then(|column| {
                structure::find(&field, column, target, field.name == scope.time_column)
            }));
        }
    }
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
    if is_group {
        // Whom rows are about is in no report.
        profile.top_values.clear();
    }
    let kept = KeptColumn { cleaning, profile, leakage, storages, carried };
    Ok((place, Assessed::Kept(Box::new(kept))))
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
