//! The whole preparation of a loaded table: pure.

use std::collections::{BTreeMap, BTreeSet};

use contracts::messages::Warning;
use contracts::stages::{ClassCount, ExcludedColumn, RowRemoval, Scope, SplitMethod};
use statistics::quality::{Dimensions, score};
use statistics::report::FORMAT_VERSION;
use statistics::{Finding, Profile, QualityReport, profile};
use tabular::cleaning::{CapRule, CleaningPlan, CleaningReport, ImputeRule, Options};
use tabular::parse::MissingMarkers;
use tabular::plan::HeldOut;
use tabular::split::{self, Split, rows_of};
use tabular::target::{self, Target};
use tabular::{Field, Table};

use crate::columns::{Rows, useless};
use crate::config::{CapOutliers, FillMissing};
use crate::duplicates;
use crate::issues::{blocking, rows};
use crate::leakage::{self, EncodedSplit, Limits, Rules};
use crate::left_out;
use crate::measure::{LoadFacts, measure};
use crate::splitting::{self, SplitRequest};
use crate::warnings;

/// Interquartile ranges from the quartiles at which outliers are capped.
const OUTLIER_RANGE: f64 = 1.5;

/// A loaded table, and what is known of it.
#[derive(Debug)]
pub struct Input<'a> {
    /// The rows of the cohort, duplicates left out.
    pub table: Table,
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

/// What is configured.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Settings {
    /// Least score that passes.
    pub min_score: f64,
    /// Association from which on a column is leakage.
    pub max_association: f64,
    /// Association from which on a column is told.
    pub told_association: f64,
    /// What is done to values.
    pub cleaning: Cleaning,
}

/// What is done to values.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Cleaning {
    /// To outliers.
    pub outliers: CapOutliers,
    /// To missing values.
    pub missing: FillMissing,
}

/// Data that passed the gate.
#[derive(Debug)]
pub struct Prepared {
    /// The tables, in the order of [`Split::ALL`].
    pub splits: Vec<(Split, Table)>,
    /// Columns of the tables; nullable where the training split has missing values.
    pub fields: Vec<Field>,
    /// Columns left out.
    pub excluded: Vec<ExcludedColumn>,
    /// The training split's profile.
    pub profile: Profile,
    /// Cleaning, fitted on the training split.
    pub cleaning: CleaningPlan,
    /// What cleaning changed, per split.
    pub changes: Vec<(Split, CleaningReport)>,
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

/// Prepares a table.
///
/// # Errors
/// [`RejectedData`] with every finding, when one is blocking or the score is too low.
pub fn prepare(
    input: Input<'_>,
    scope: &Scope,
    settings: Settings,
) -> Result<Prepared, RejectedData> {
    let min_score = scope.min_quality_score.unwrap_or(settings.min_score);
    let settings = Settings { min_score, ..settings };
    let mut gate = Gate::new(&input, scope, settings);
    let Input { table, markers, .. } = input;
    let named = gate.check_named(&table);
    let named_out = &scope.excluded_columns;
    if !named {
        return Err(gate.reject());
    }
    gate.check_weights(&table, &scope.weight_column);
    gate.measure(&table);
    let Some((target, classes)) = gate.target(&table) else { return Err(gate.reject()) };
    let wanted = SplitRequest {
        method: split_method(scope, &target),
        entity_column: &scope.entity_column,
        time_column: &scope.time_column,
        seed: scope.seed,
    };
    let splits = match splitting::assign(&table, &target, &gate.keys(&table), &wanted) {
        Ok((splits, notes)) => {
            gate.issues.extend(notes);
            splits
        }
        Err(issue) => {
            gate.issues.push(issue);
            return Err(gate.reject());
        }
    };

    let rows: Vec<(Split, Vec<usize>)> =
        Split::ALL.into_iter().map(|split| (split, rows_of(&splits, split))).collect();
    let of = |wanted: Split| {
        rows.iter().find(|(split, _)| *split == wanted).map(|(_, rows)| rows.as_slice())
    };
    let (Some(train_rows), Some(validation_rows)) = (of(Split::Train), of(Split::Validation))
    else {
        return Err(gate.reject());
    };
    let whole = table;
    let out: Vec<&str> = named_out.iter().map(|excluded| excluded.column.as_str()).collect();
    let table = whole.without(&out);
    let (train, validation) = (table.take(train_rows), table.take(validation_rows));
    let (of_train, of_validation) = (part(&target, train_rows), part(&target, validation_rows));
    let looked_at = Rows {
        train: &train,
        target: &of_train,
        held_out: HeldOut { table: &validation, target: &of_validation },
    };
    let mut excluded: Vec<ExcludedColumn> = named_out.clone();
    excluded.extend(useless(looked_at, &scope.target, &scope.entity_column).into_iter().filter(
        |found| {
            found.column == scope.entity_column || !scope.required_columns.contains(&found.column)
        },
    ));
    let out: Vec<&str> = excluded.iter().map(|excluded| excluded.column.as_str()).collect();
    let (table, train, validation) =
        (table.without(&out), train.without(&out), validation.without(&out));
    gate.issues.extend(left_out::findings(&excluded, scope));
    gate.check_features(&train);
    let allowed = scope.required_columns.iter().chain(&scope.allow_leakage);
    let rules = Rules {
        target: &scope.target,
        allowed: &allowed.map(String::as_str).collect::<BTreeSet<_>>(),
        limits: Limits { told: settings.told_association, blocks: settings.max_association },
    };
    gate.issues.extend(leakage::find(
        &EncodedSplit { table: &train, target: &of_train },
        &EncodedSplit { table: &validation, target: &of_validation },
        rules,
    ));
    if !gate.passes() {
        return Err(gate.reject());
    }

    let options = options(settings.cleaning, markers);
    let cleaning = CleaningPlan::fit(&train.without(&[scope.target.as_str()]), &options);
    drop((train, validation));
    let mut tables = Vec::with_capacity(rows.len());
    let mut changes = Vec::with_capacity(rows.len());
    for (split, rows) in &rows {
        let mut part = table.take(rows);
        match cleaning.apply(&mut part) {
            Ok(report) => changes.push((*split, report)),
            Err(error) => {
                gate.issues.push(blocking("cleaning_failed", "", 0, error.to_string()));
                return Err(gate.reject());
            }
        }
        tables.push((*split, part));
    }
    let train = tables.iter().find(|(split, _)| *split == Split::Train).map(|(_, table)| table);
    let Some(train) = train else { return Err(gate.reject()) };
    let (profile, fields) = (profile(train), fields(train));
    if let Err(error) = keep_beside(&whole, scope, &rows, &mut tables) {
        gate.issues.push(blocking("columns_unusable", "", 0, error.to_string()));
        return Err(gate.reject());
    }
    let warnings = warnings::of(&gate.issues);
    let report = gate.report(true);
    Ok(Prepared {
        splits: tables,
        fields,
        excluded,
        profile,
        cleaning,
        changes,
        classes,
        report,
        warnings,
    })
}

/// Puts columns that are no inputs behind those of the splits where training needs them: the weights of the rows, and what
/// makes the groups that metrics are told of.
fn keep_beside(
    whole: &Table,
    scope: &Scope,
    rows: &[(Split, Vec<usize>)],
    tables: &mut [(Split, Table)],
) -> Result<(), tabular::TableError> {
    let wanted = scope.group_columns.iter().chain([&scope.weight_column]);
    for name in wanted.filter(|name| !name.is_empty()) {
        let (field, column) = whole.require(name)?;
        for ((_, table), (_, rows)) in tables.iter_mut().zip(rows) {
            if table.column(name).is_none() {
                *table = table.clone().with_column(field.clone(), column.take(rows))?;
            }
        }
    }
    Ok(())
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

fn part(target: &Target, rows: &[usize]) -> Target {
    Target {
        problem: target.problem,
        classes: target.classes.clone(),
        values: rows.iter().filter_map(|row| target.values.get(*row).copied()).collect(),
    }
}

/// The fields with what the training split says of missing values.
fn fields(train: &Table) -> Vec<Field> {
    train
        .iter()
        .map(|(field, column)| Field { nullable: column.missing() > 0, ..field.clone() })
        .collect()
}

/// What left rows out, in brackets; nothing where none were.
fn left_out_rows(removed: &[RowRemoval]) -> String {
    let told = removed.iter().filter(|of| of.rows > 0);
    let told: Vec<String> = told.map(|of| format!("{} {}", of.rows, of.reason)).collect();
    if told.is_empty() { String::new() } else { format!(" (left out: {})", told.join("; ")) }
}

/// Collects findings and gives the verdict.
struct Gate<'a> {
    scope: &'a Scope,
    settings: Settings,
    facts: LoadFacts<'a>,
    rows_read: u64,
    rows_kept: u64,
    removed: &'a [RowRemoval],
    source_sha256: String,
    dimensions: Option<Dimensions>,
    issues: Vec<Finding>,
}

impl<'a> Gate<'a> {
    fn new(input: &Input<'a>, scope: &'a Scope, settings: Settings) -> Self {
        Self {
            scope,
            settings,
            facts: LoadFacts {
                row_numbers: input.row_numbers,
                duplicates: input.duplicates,
                time_column: &scope.time_column,
                as_of: input.as_of,
            },
            rows_read: input.rows_read,
            rows_kept: input.table.rows() as u64,
            removed: input.removed,
            source_sha256: input.source_sha256.to_owned(),
            dimensions: None,
            issues: Vec::new(),
        }
    }

    /// Refuses weights that are missing, negative or not finite, by their rows, and those that are all 0.
    fn check_weights(&mut self, table: &Table, column: &str) {
        let Some(values) = table.column(column).and_then(tabular::Column::numbers) else { return };
        let unusable = |value: &f64| !value.is_finite() || *value < 0.0;
        let numbers: Vec<u64> = values
            .iter()
            .zip(self.facts.row_numbers)
            .filter(|(value, _)| unusable(value))
            .map(|(_, number)| *number)
            .collect();
        if !numbers.is_empty() {
            let message = format!(
                "the weight column `{column}` is missing, negative or not finite in {}; every row needs a weight of at least 0",
                rows(&numbers)
            );
            self.issues.push(blocking("weights_unusable", column, numbers.len() as u64, message));
        } else if values.iter().all(|value| *value == 0.0) {
            let message = format!("every weight in `{column}` is 0; at least one row has to count");
            self.issues.push(blocking("weights_unusable", column, values.len() as u64, message));
        }
    }

    /// Whether every column that the scope names is there.
    fn check_named(&mut self, table: &Table) -> bool {
        let scope = self.scope;
        let named = std::iter::once(&scope.target)
            .chain(&scope.required_columns)
            .chain(&scope.group_columns)
            .chain([&scope.weight_column].into_iter().filter(|name| !name.is_empty()));
        let mut all = true;
        for name in named {
            if table.field(name).is_none() {
                let message = format!("the table has no column `{name}`, which is required");
                self.issues.push(blocking("column_missing", name, 0, message));
                all = false;
            }
        }
        all
    }

    /// The keys of rows with equal inputs; rows that are equal altogether are told.
    fn keys(&mut self, table: &Table) -> Vec<u64> {
        let all = split::row_keys::<&str>(table, &[]);
        self.issues.extend(duplicates::kept(split::repeats(&all) as u64, self.rows_kept));
        let excluded = self.scope.excluded_columns.iter().map(|excluded| excluded.column.as_str());
        split::row_keys(table, &excluded.chain([self.scope.target.as_str()]).collect::<Vec<_>>())
    }

    fn measure(&mut self, table: &Table) {
        let (dimensions, issues) = measure(table, &self.facts);
        self.dimensions = Some(dimensions);
        self.issues.extend(issues);
        let (kept, least) = (self.rows_kept, self.scope.min_rows);
        if kept < least {
            let message = format!(
                "{kept} rows are left of {}{}; at least {least} are needed for a {} problem; `--min-rows N` (min_rows in the request) allows fewer",
                self.rows_read,
                left_out_rows(self.removed),
                self.scope.problem_type
            );
            self.issues.push(blocking("too_few_rows", "", kept, message));
        }
    }

    /// The encoded target with its classes' rows; none where a finding forbids it.
    fn target(&mut self, table: &Table) -> Option<(Target, Vec<ClassCount>)> {
        let name = &self.scope.target;
        let (field, column) = table.require(name).ok()?;
        let missing: Vec<u64> = (0..column.len())
            .filter(|row| column.is_missing(*row))
            .filter_map(|row| self.facts.row_numbers.get(row).copied())
            .collect();
        if !missing.is_empty() {
            let count = missing.len() as u64;
            let message = format!(
                "the target `{name}` is missing in {count} rows ({}); correct or remove them",
                rows(&missing)
            );
            self.issues.push(blocking("target_missing_values", name, count, message));
        }
        let counts = target::class_counts(field, column);
        let problem = self.scope.problem_type;
        if problem.is_classification() {
            for class in &self.scope.classes {
                let index = target::class_index(
                    &counts.keys().cloned().collect::<Vec<_>>(),
                    field.column_type,
                    class,
                );
                if index.is_none() {
                    let message = format!(
                        "no row of the cohort has class `{class}` of the target `{name}`; at least two classes are needed, and each that the scope names"
                    );
                    self.issues.push(blocking("class_missing", name, 0, message));
                }
            }
        }
        if self.issues.iter().any(|issue| issue.blocking) {
            return None;
        }
        match target::encode_with(table, name, problem, &self.scope.classes) {
            Ok(target) => {
                let of = |index: usize| {
                    target.values.iter().filter(|value| **value as usize == index).count() as u64
                };
                let classes = target
                    .classes
                    .iter()
                    .enumerate()
                    .map(|(index, class)| ClassCount { class: class.clone(), rows: of(index) });
                let classes = classes.collect();
                Some((target, classes))
            }
            Err(error) => {
                self.issues.push(blocking("target_invalid", name, 0, error.to_string()));
                None
            }
        }
    }

    /// That there is something to learn from.
    fn check_features(&mut self, train: &Table) {
        if train.width() < 2 {
            let message = "no column is left to learn from: all are excluded, constant or identifiers; give columns that vary".to_owned();
            self.issues.push(blocking("no_features", "", 0, message));
        }
    }

    fn score(&self) -> f64 {
        self.dimensions.as_ref().map_or(0.0, score)
    }

    fn passes(&self) -> bool {
        self.score() >= self.settings.min_score && !self.issues.iter().any(|issue| issue.blocking)
    }

    fn reject(self) -> RejectedData {
        RejectedData { report: Box::new(self.report(false)) }
    }

    fn report(self, passed: bool) -> QualityReport {
        let score = self.score();
        let dimensions: BTreeMap<String, f64> = self
            .dimensions
            .iter()
            .flat_map(Dimensions::named)
            .map(|(name, value)| (name.to_owned(), value))
            .collect();
        QualityReport {
            format_version: FORMAT_VERSION,
            passed,
            score,
            threshold: self.settings.min_score,
            dimensions,
            issues: self.issues,
            rows_read: self.rows_read,
            rows_kept: self.rows_kept,
            source_sha256: self.source_sha256,
            splits: BTreeMap::new(),
        }
    }
}

#[cfg(test)]
mod tests;
