//! The whole preparation of a stored table.
//!
//! ```text
//! StoredTable ─▶ target, entity, time, weight ─▶ splits (a byte a row)
//!      ├──────── one column after another ─────▶ useless? leakage? cleaning, profile (exact, of the training rows)
//!      └──────── one block of rows after another ▶ cleaned, divided ─▶ four Parquet files
//! ```

use std::collections::BTreeSet;
use std::path::Path;

use contracts::messages::Warning;
use contracts::stages::{
    ClassCount, ExcludedColumn, MissingRule, OutlierTreatment, RowRemoval, Scope, SplitMethod,
};
use expectations::SuiteResult;
use statistics::{Finding, Profile, QualityReport};
use tables::StoredTable;
use tabular::Field;
use tabular::cleaning::{CleaningPlan, Options};
use tabular::parse::MissingMarkers;
use tabular::split::{Split, rows_of};
use tabular::target::Target;

use crate::afterwards::RowTime;
use crate::assess::{Assessed, Assessment, KeptColumn, LearnedRows, assess};
use crate::carry::Order;
use crate::config::{CapOutliers, FillMissing};
use crate::error::Error;
use crate::gate::Gate;
use crate::isolate::isolate;
use crate::issues::blocking;
use crate::leakage::{Limits, Rules};
use crate::pairs::Search;
use crate::rules::TableChecks;
use crate::splitting::{self, Assigned, Division, SplitRequest};
use crate::write::{Output, SplitFile, Written, write};
use crate::{cleaning as treatment, duplicates, left_out, near_duplicates, pairs, warnings};

/// A loaded table, and what is known of it.
#[derive(Debug)]
pub struct Input<'a> {
    /// The rows of the cohort, duplicates left out.
    pub table: &'a StoredTable,
    /// Numbers of those rows in the source, from 1.
    pub row_numbers: &'a [u64],
    /// Number of rows of the source, before any were left out.
    pub rows_read: u64,
    /// Duplicates that were left out.
    pub duplicates: u64,
    /// Rows that were left out, by reason, duplicates included.
    pub removed: &'a [RowRemoval],
    /// SHA-256 of the source.
    pub source_sha256: &'a str,
    /// What counts as now, in microseconds since 1970.
    pub as_of: f64,
    /// Texts that mean a missing value.
    pub markers: MissingMarkers,
    /// What the table has to meet beyond what every table has to.
    pub checks: &'a TableChecks,
}

/// Settings of the quality gate and of cleaning, from the agent's configuration.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Settings<'a> {
    /// Least score that passes.
    pub min_score: f64,
    /// Association from which on a column, or a pair of them, is leakage.
    pub max_association: f64,
    /// Association from which on a column is told.
    pub told_association: f64,
    /// What is done to values.
    pub cleaning: Cleaning,
    /// Where the splits are put.
    pub directory: &'a Path,
    /// Threads that work; nothing depends on it but time.
    pub threads: usize,
}

/// What is done to values.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Cleaning {
    /// Treatment of outliers.
    pub outliers: CapOutliers,
    /// Treatment of missing values.
    pub missing: FillMissing,
}

/// Data that passed the gate.
#[derive(Debug)]
pub struct Prepared {
    /// The tables as Parquet, in the order of [`Split::ALL`].
    pub splits: Vec<SplitFile>,
    /// What the rows were divided by.
    pub split_method: SplitMethod,
    /// Columns of the tables; nullable where the training split has missing values.
    pub fields: Vec<Field>,
    /// Columns that were left out of the splits, each with its reason.
    pub excluded: Vec<ExcludedColumn>,
    /// The training split's profile.
    pub profile: Profile,
    /// Cleaning, fitted on the training split.
    pub cleaning: CleaningPlan,
    /// Rows per class; empty for regression.
    pub classes: Vec<ClassCount>,
    /// The verdict and all findings; the splits' digests are still to be filled in.
    pub report: QualityReport,
    /// What a person should know.
    pub warnings: Vec<Warning>,
    /// Rows of the training split that cleaning left out, by reason.
    pub dropped: Vec<RowRemoval>,
    /// The result of the suite of expectations; none where there is none.
    pub validation: Option<SuiteResult>,
}

/// Data that did not pass: the report says why.
#[derive(Debug)]
pub struct RejectedData {
    /// The verdict and all findings.
    pub report: Box<QualityReport>,
    /// The result of the suite of expectations; none where there is none.
    pub validation: Option<Box<SuiteResult>>,
}

/// Why there are no splits.
#[derive(Debug)]
pub enum Unprepared {
    /// The gate did not pass.
    Rejected(RejectedData),
    /// Values could not be read back or put aside.
    Failed(Error),
}

impl From<Error> for Unprepared {
    fn from(error: Error) -> Self {
        Self::Failed(error)
    }
}

impl From<tables::Error> for Unprepared {
    fn from(error: tables::Error) -> Self {
        Self::Failed(error.into())
    }
}

/// Prepares a table.
///
/// # Errors
/// [`Unprepared::Rejected`] with every finding, when one is blocking or the score is too low; [`Unprepared::Failed`] for a disk
/// that is full.
pub fn prepare(
    input: &Input<'_>,
    scope: &Scope,
    settings: Settings<'_>,
) -> Result<Prepared, Unprepared> {
    let min_score = scope.min_quality_score.unwrap_or(settings.min_score);
    let settings = Settings { min_score, ..settings };
    let mut gate = Gate::new(input, scope, settings);
    let table = input.table;
    if !gate.check_named(table.fields()) {
        return Err(gate.reject());
    }
    let narrow = table.select(&[
        scope.target.as_str(),
        &scope.weight_column,
        &scope.entity_column,
        &scope.time_column,
    ])?;
    gate.check_weights(&narrow, &scope.weight_column);
    gate.measure(table)?;
    gate.check_rules(input, settings.threads)?;
    let rules = treatment::rules(settings.cleaning, &scope.cleaning);
    gate.issues.extend(treatment::problems(&rules, table, scope));
    let Some((target, classes)) = gate.target(&narrow) else { return Err(gate.reject()) };
    let wanted = SplitRequest {
        method: scope.split_method,
        entity_column: &scope.entity_column,
        time_column: &scope.time_column,
        seed: scope.seed,
    };
    let keys = duplicates::keys(table, scope, settings.threads)?;
    gate.issues.extend(duplicates::kept(keys.repeated, table.rows() as u64));
    let (splits, method) = match splitting::assign(&narrow, &target, &keys.inputs, &wanted) {
        Ok(Assigned { splits, method, notes }) => {
            gate.issues.extend(notes);
            (splits, method)
        }
        Err(issue) => {
            gate.issues.push(issue);
            return Err(gate.reject());
        }
    };
    let division = Division::from(method);
    let equal_are_together = !gate.issues.iter().any(|issue| issue.code == duplicates::DIVIDED);
    drop((narrow, keys));

    let train = rows_of(&splits, Split::Train);
    let validation = rows_of(&splits, Split::Validation);
    let out: BTreeSet<&str> =
        scope.excluded_columns.iter().map(|excluded| excluded.column.as_str()).collect();
    let columns: Vec<usize> = table
        .fields()
        .iter()
        .enumerate()
        .filter(|(_, field)| !out.contains(field.name.as_str()))
        .map(|(place, _)| place)
        .collect();
    let inputs: Vec<usize> = columns
        .iter()
        .copied()
        .filter(|place| Some(*place) != table.position(&scope.target))
        .collect();
    let mut options = Options { markers: input.markers.clone(), rules, ..Options::default() };
    let work = (scope.seed, settings.threads);
    let isolated = isolate(table, &inputs, &train, &options, work)?;
    options.inliers = isolated.inliers;
    let order = orders(&options).then(|| Order::new(table, scope, &splits)).transpose()?;
    let allowed = scope.required_columns.iter().chain(&scope.allow_leakage);
    let leaks = Rules {
        target: &scope.target,
        allowed: &allowed.map(String::as_str).collect::<BTreeSet<_>>(),
        limits: Limits { told: settings.told_association, blocks: settings.max_association },
    };
    let mut learned =
        LearnedRows::new(train, validation.clone(), &target, &splits, division, scope.seed);
    let (cleaning, order) = (&options, order.as_ref());
    let time = RowTime::of(table, scope)?;
    let look = |learned: &LearnedRows<'_>, columns: &[usize]| {
        let times = learned.times(table, time.as_ref())?;
        let (rows, rules, times) = (learned, leaks, times.as_ref());
        let assessment = Assessment { table, scope, rows, cleaning, rules, order, times };
        assess_all(&assessment, columns, settings.threads)
    };
    let (mut kept, left_out) = look(&learned, &columns)?;
    let mut excluded: Vec<ExcludedColumn> = scope.excluded_columns.clone();
    excluded.extend(left_out);
    let DroppedTrain { rows: dropped, reasons } =
        dropped_rows(table, &kept, &learned, cleaning, isolated.rows)?;
    if !dropped.is_empty() {
        // What is learned is learned from the rows that are left.
        let left = learned.train().iter().copied();
        let left = left.filter(|row| dropped.binary_search(row).is_err()).collect();
        learned = LearnedRows::new(left, validation, &target, &splits, division, scope.seed);
        let again: Vec<usize> = kept.iter().map(|(place, _)| *place).collect();
        if let Some(issue) = gate.dropped_too_much(learned.rows(), dropped.len()) {
            gate.issues.push(issue);
            return Err(gate.reject());
        }
        let (left, left_out) = look(&learned, &again)?;
        kept = left;
        excluded.extend(left_out);
    }
    let classes = without_dropped(classes, &target, &dropped);
    let (rows, threads) = (learned.train(), settings.threads);
    let search = Search { table, scope, kept: &kept, rows, target: &target, rules: leaks, threads };
    let together = pairs::find(&search)?;
    drop(target);
    let leakage: Vec<Finding> =
        kept.iter().flat_map(|(_, column)| column.leakage.iter().cloned()).collect();
    let features = kept.iter().filter(|(_, column)| column.cleaning.is_some()).count();
    gate.issues.extend(left_out::findings(&excluded, scope));
    gate.check_features(features);
    gate.issues.extend(leakage);
    gate.issues.extend(together);
    if equal_are_together {
        gate.issues.extend(near_duplicates::find(table, &kept, &splits, &dropped, threads)?);
    }
    if !gate.passes() {
        return Err(gate.reject());
    }

    let plan = CleaningPlan {
        columns: kept.iter().filter_map(|(_, column)| column.cleaning.clone()).collect(),
    };
    if let Err(error) = plan.check() {
        gate.issues.push(blocking("cleaning_failed", "", 0, error.to_string()));
        return Err(gate.reject());
    }
    let fields = kept.iter().filter_map(|(place, column)| {
        let field = table.fields().get(*place)?;
        Some(Field { nullable: column.profile.missing > 0, ..field.clone() })
    });
    let fields = fields.collect();
    let profile = Profile {
        rows: learned.rows() as u64,
        columns: kept.iter().map(|(_, column)| column.profile.clone()).collect(),
    };
    drop(learned);
    let output = Output { table, splits: &splits, kept: &kept, scope, settings, dropped: &dropped };
    let Written { files, changes } = write(&output)?;
    let warnings = warnings::of(&gate.issues);
    let validation = gate.validation.take();
    let mut report = gate.report(true);
    report.rows_kept -= dropped.len() as u64;
    for (split, changes) in Split::ALL.into_iter().zip(changes) {
        if !changes.columns.is_empty() {
            report.cleaning.insert(split.as_str().to_owned(), changes);
        }
    }
    Ok(Prepared {
        dropped: reasons,
        validation,
        splits: files,
        split_method: method,
        fields,
        excluded,
        profile,
        cleaning: plan,
        classes,
        report,
        warnings,
    })
}

/// Whether values are filled from the rows before or behind.
fn orders(options: &Options) -> bool {
    let columns = options.rules.columns.iter().map(|of| &of.rules);
    std::iter::once(&options.rules.all)
        .chain(columns)
        .any(|of| matches!(of.missing, Some(MissingRule::Forward | MissingRule::Backward)))
}

type KeptColumns = Vec<(usize, Box<KeptColumn>)>;

/// Looks at columns, by their places: those that are kept, and those that are left out.
fn assess_all(
    of: &Assessment<'_>,
    columns: &[usize],
    threads: usize,
) -> Result<(KeptColumns, Vec<ExcludedColumn>), Unprepared> {
    let (mut kept, mut left_out) = (Vec::new(), Vec::new());
    dataset::each_in_order(
        threads,
        columns.iter().copied(),
        |column| assess(of, column),
        |(column, assessed): (usize, Assessed)| {
            match assessed {
                Assessed::LeftOut(of) => left_out.push(of),
                Assessed::Kept(of) => kept.push((column, of)),
            }
            Ok::<(), Unprepared>(())
        },
    )?;
    Ok((kept, left_out))
}

/// Rows of the training split that cleaning leaves out.
struct DroppedTrain {
    /// Their places in the table, in order.
    rows: Vec<usize>,
    reasons: Vec<RowRemoval>,
}

/// The rows that the rules of the columns that are kept leave out, each counted by the first reason.
fn dropped_rows(
    table: &StoredTable,
    kept: &[(usize, Box<KeptColumn>)],
    learned: &LearnedRows<'_>,
    options: &Options,
    isolated: Vec<usize>,
) -> Result<DroppedTrain, Unprepared> {
    let (mut missing, mut outliers) = (BTreeSet::new(), BTreeSet::new());
    for (place, column) in kept {
        if column.cleaning.is_some() {
            let of = treatment::dropped(table, *place, learned.train(), options)?;
            missing.extend(of.missing);
            outliers.extend(of.outliers);
        }
    }
    if options.rules.all.treatment == Some(OutlierTreatment::Drop) {
        outliers.extend(isolated);
    }
    outliers.retain(|row| !missing.contains(row));
    let reasons = [
        ("training row with a missing value (cleaning: drop)", missing.len()),
        ("training row with an outlier (cleaning: drop)", outliers.len()),
    ];
    let reasons = reasons
        .into_iter()
        .filter(|(_, rows)| *rows > 0)
        .map(|(reason, rows)| RowRemoval { reason: reason.to_owned(), rows: rows as u64 });
    let reasons = reasons.collect();
    missing.append(&mut outliers);
    Ok(DroppedTrain { rows: missing.into_iter().collect(), reasons })
}

/// The rows of each class without those that cleaning left out.
fn without_dropped(
    classes: Vec<ClassCount>,
    target: &Target,
    dropped: &[usize],
) -> Vec<ClassCount> {
    let mut classes = classes;
    for row in dropped {
        let class = target.values.get(*row).map(|value| *value as usize);
        if let Some(count) = class.and_then(|class| classes.get_mut(class)) {
            count.rows -= 1;
        }
    }
    classes
}

#[cfg(test)]
mod tests;
