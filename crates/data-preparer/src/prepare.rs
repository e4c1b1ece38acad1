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
use contracts::stages::{ClassCount, ExcludedColumn, RowRemoval, Scope, SplitMethod};
use statistics::{Profile, QualityReport};
use tables::StoredTable;
use tabular::Field;
use tabular::cleaning::{CapRule, CleaningPlan, ImputeRule, Options};
use tabular::parse::MissingMarkers;
use tabular::split::{Split, rows_of};
use tabular::target::Target;

use crate::assess::{Assessed, LearnedRows, assess};
use crate::config::{CapOutliers, FillMissing};
use crate::error::Error;
use crate::gate::Gate;
use crate::issues::blocking;
use crate::leakage::{Limits, Rules};
use crate::splitting::{self, SplitRequest};
use crate::write::{Output, SplitFile, write};
use crate::{duplicates, left_out, warnings};

/// Interquartile ranges from the quartiles at which outliers are capped.
const OUTLIER_RANGE: f64 = 1.5;

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
}

/// Settings of the quality gate and of cleaning, from the agent's configuration.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Settings<'a> {
    /// Least score that passes.
    pub min_score: f64,
    /// Association from which on a column is leakage.
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
}

/// Data that did not pass: the report says why.
#[derive(Debug)]
pub struct RejectedData {
    /// The verdict and all findings.
    pub report: Box<QualityReport>,
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
    let Some((target, classes)) = gate.target(&narrow) else { return Err(gate.reject()) };
    let wanted = SplitRequest {
        method: split_method(scope, &target),
        entity_column: &scope.entity_column,
        time_column: &scope.time_column,
        seed: scope.seed,
    };
    let keys = duplicates::keys(table, scope, settings.threads)?;
    gate.issues.extend(duplicates::kept(keys.repeated, table.rows() as u64));
    let splits = match splitting::assign(&narrow, &target, &keys.inputs, &wanted) {
        Ok((splits, notes)) => {
            gate.issues.extend(notes);
            splits
        }
        Err(issue) => {
            gate.issues.push(issue);
            return Err(gate.reject());
        }
    };
    drop((narrow, keys));

    let train = rows_of(&splits, Split::Train);
    let validation = rows_of(&splits, Split::Validation);
    let learned = LearnedRows::new(train, validation, &target, &splits, scope.seed);
    drop(target);
    let cleaning = options(settings.cleaning, input.markers.clone());
    let out: BTreeSet<&str> =
        scope.excluded_columns.iter().map(|excluded| excluded.column.as_str()).collect();
    let columns: Vec<usize> = table
        .fields()
        .iter()
        .enumerate()
        .filter(|(_, field)| !out.contains(field.name.as_str()))
        .map(|(place, _)| place)
        .collect();
    let mut excluded: Vec<ExcludedColumn> = scope.excluded_columns.clone();
    let allowed = scope.required_columns.iter().chain(&scope.allow_leakage);
    let rules = Rules {
        target: &scope.target,
        allowed: &allowed.map(String::as_str).collect::<BTreeSet<_>>(),
        limits: Limits { told: settings.told_association, blocks: settings.max_association },
    };
    let (mut kept, mut leakage) = (Vec::new(), Vec::new());
    dataset::in_order(
        settings.threads,
        |part| {
            // A receiver that is gone has an error of its own, which is the one that is told.
            let _ = columns.iter().try_for_each(|column| part(*column));
            Ok(())
        },
        |column| assess(table, column, scope, &learned, &cleaning, rules),
        |(column, assessed): (usize, Assessed)| {
            match assessed {
                Assessed::LeftOut(of) => excluded.push(of),
                Assessed::Kept(of) => {
                    leakage.extend(of.leakage.iter().cloned());
                    kept.push((column, of));
                }
            }
            Ok::<(), Unprepared>(())
        },
    )?;
    let features = kept.iter().filter(|(_, column)| column.profile.name != scope.target).count();
    gate.issues.extend(left_out::findings(&excluded, scope));
    gate.check_features(features);
    gate.issues.extend(leakage);
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
    let output = Output { table, splits: &splits, kept: &kept, scope, settings };
    let files = write(&output)?;
    let warnings = warnings::of(&gate.issues);
    let report = gate.report(true);
    Ok(Prepared {
        splits: files,
        fields,
        excluded,
        profile,
        cleaning: plan,
        classes,
        report,
        warnings,
    })
}

fn options(cleaning: Cleaning, markers: MissingMarkers) -> Options {
    Options {
        markers,
        cap: match cleaning.outliers {
            CapOutliers::Keep => CapRule::Keep,
            CapOutliers::InterquartileRange => CapRule::InterquartileRange(OUTLIER_RANGE),
        },
        impute: match cleaning.missing {
            FillMissing::Keep => ImputeRule::Keep,
            FillMissing::Typical => ImputeRule::Typical,
        },
    }
}

fn split_method(scope: &Scope, target: &Target) -> SplitMethod {
    let usual =
        if target.classes.is_empty() { SplitMethod::Random } else { SplitMethod::Stratified };
    scope.split_method.unwrap_or(usual)
}

#[cfg(test)]
mod tests;
