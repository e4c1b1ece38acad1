//! The gate: what was found, and whether the data may be trained on.

use std::collections::BTreeMap;

use contracts::stages::{ClassCount, RowRemoval, Scope};
use expectations::{Day, SuiteResult};
use statistics::quality::{Dimensions, score};
use statistics::report::FORMAT_VERSION;
use statistics::{Finding, QualityReport};
use tables::StoredTable;
use tabular::target::{self, Target};
use tabular::{Field, Table};

use crate::issues::{blocking, rows};
use crate::measure::{LoadFacts, measure};
use crate::prepare::{Input, RejectedData, Settings, Unprepared};
use crate::{rules, suite};

/// What left rows out, in brackets; nothing where none were.
fn left_out_rows(removed: &[RowRemoval]) -> String {
    let told = removed.iter().filter(|of| of.rows > 0);
    let told: Vec<String> = told.map(|of| format!("{} {}", of.rows, of.reason)).collect();
    if told.is_empty() { String::new() } else { format!(" (left out: {})", told.join("; ")) }
}

/// Collects findings and gives the verdict.
pub(crate) struct Gate<'a> {
    scope: &'a Scope,
    settings: Settings<'a>,
    facts: LoadFacts<'a>,
    rows_read: u64,
    rows_kept: u64,
    removed: &'a [RowRemoval],
    source_sha256: String,
    dimensions: Option<Dimensions>,
    pub(crate) issues: Vec<Finding>,
    /// The result of the suite of expectations.
    pub(crate) validation: Option<SuiteResult>,
}

impl<'a> Gate<'a> {
    pub(crate) fn new(input: &Input<'a>, scope: &'a Scope, settings: Settings<'a>) -> Self {
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
            validation: None,
        }
    }

    /// Holds the suite of expectations and the rules of integrity against the table.
    pub(crate) fn check_rules(
        &mut self,
        input: &Input<'_>,
        threads: usize,
    ) -> Result<(), Unprepared> {
        let checks = input.checks;
        if let Some(suite) = &checks.suite {
            let today = Day::of_time(input.as_of);
            let (result, findings) =
                suite::evaluate(input.table, suite, input.row_numbers, self.scope, today)?;
            self.validation = Some(result);
            self.issues.extend(findings);
        }
        let broken = rules::check(input.table, input.row_numbers, checks, &input.markers, threads)?;
        self.issues.extend(broken);
        Ok(())
    }

    /// That enough training rows are left after `dropped` of them were left out by cleaning.
    pub(crate) fn dropped_too_much(&self, left: usize, dropped: usize) -> Option<Finding> {
        // Three fifths of the rows train.
        let least = (self.scope.min_rows as f64 * 0.6).floor() as usize;
        (left < least).then(|| {
            let message = format!(
                "cleaning leaves out {dropped} rows of the training split, and {left} are left where {least} are needed; fill missing values, or cap outliers, instead of leaving their rows out (cleaning in the request)"
            );
            blocking("too_few_rows", "", left as u64, message)
        })
    }

    /// Refuses weights that are missing, negative or not finite, by their rows, and those that are all 0.
    pub(crate) fn check_weights(&mut self, table: &Table, column: &str) {
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
    pub(crate) fn check_named(&mut self, fields: &[Field]) -> bool {
        let scope = self.scope;
        let named = std::iter::once(&scope.target)
            .chain(&scope.required_columns)
            .chain(&scope.group_columns)
            .chain([&scope.weight_column].into_iter().filter(|name| !name.is_empty()));
        let mut all = true;
        for name in named {
            if !fields.iter().any(|field| field.name == *name) {
                let message = format!("the table has no column `{name}`, which is required");
                self.issues.push(blocking("column_missing", name, 0, message));
                all = false;
            }
        }
        all
    }

    pub(crate) fn measure(&mut self, table: &StoredTable) -> Result<(), tables::Error> {
        let (dimensions, issues) = measure(table, &self.facts)?;
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
        Ok(())
    }

    /// The encoded target with its classes' rows; none where a finding forbids it.
    pub(crate) fn target(&mut self, table: &Table) -> Option<(Target, Vec<ClassCount>)> {
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
        if !problem.is_classification()
            && let Some(values) = column.numbers()
            && let Some(issue) = self.constant(name, values)
        {
            self.issues.push(issue);
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

    /// That a number to be predicted is the same in every row that is left.
    fn constant(&self, name: &str, values: &[f64]) -> Option<Finding> {
        let mut present = values.iter().filter(|value| !value.is_nan());
        let first = present.next()?;
        if present.any(|value| value != first) {
            return None;
        }
        let message = format!(
            "the target `{name}` has the same value in all {} rows that are left of {}{}; there is nothing to be told",
            values.len(),
            self.rows_read,
            left_out_rows(self.removed)
        );
        Some(blocking("target_constant", name, values.len() as u64, message))
    }

    /// That there is something to learn from.
    pub(crate) fn check_features(&mut self, features: usize) {
        if features == 0 {
            let message = "no column is left to learn from: all are excluded, constant or identifiers; give columns that vary".to_owned();
            self.issues.push(blocking("no_features", "", 0, message));
        }
    }

    fn score(&self) -> f64 {
        self.dimensions.as_ref().map_or(0.0, score)
    }

    pub(crate) fn passes(&self) -> bool {
        self.score() >= self.settings.min_score && !self.issues.iter().any(|issue| issue.blocking)
    }

    pub(crate) fn reject(self) -> Unprepared {
        let mut gate = self;
        let validation = gate.validation.take().map(Box::new);
        Unprepared::Rejected(RejectedData { report: Box::new(gate.report(false)), validation })
    }

    pub(crate) fn report(self, passed: bool) -> QualityReport {
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
            target: self.scope.target.clone(),
            cohort_sha256: self.scope.cohort_sha256.clone(),
            documents: BTreeMap::new(),
            cleaning: BTreeMap::new(),
        }
    }
}
