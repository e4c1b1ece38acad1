//! What can be configured.

use std::path::PathBuf;

use dataset::AccessConfig;
use process::{CheckConfig, FileProblems};
use serde::{Deserialize, Serialize};

use crate::catalogue::CatalogueFile;

/// Configuration of the scope-definer.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Config {
    /// The catalogue of data sets (TOML); without it only structured requests are understood.
    pub catalogue: Option<PathBuf>,
    /// Where tables may be read from.
    pub data: AccessConfig,
    /// What is assumed where a request does not say.
    pub defaults: Defaults,
    /// The intake of requests.
    pub intake: IntakeConfig,
}

/// What is assumed where a request does not say.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Defaults {
    /// Fewest rows of a binary problem.
    pub min_rows_binary: u64,
    /// Fewest rows of a problem of several classes.
    pub min_rows_multiclass: u64,
    /// Fewest rows of a regression.
    pub min_rows_regression: u64,
    /// Time budget of the training search, in seconds.
    pub time_budget_seconds: f64,
    /// ROC AUC of a binary model; missing it warns, unless criteria are strict.
    pub roc_auc: f64,
    /// Precision at the chosen threshold; missing it warns.
    pub precision: f64,
    /// Recall at the chosen threshold; missing it warns.
    pub recall: f64,
    /// F1 at the chosen threshold; missing it warns.
    pub f1: f64,
    /// R² of a regression; missing it warns, unless criteria are strict.
    pub r2: f64,
    /// Least relative lift over the baseline.
    pub min_lift: f64,
    /// Whether the default threshold of the metric gates, in requests that do not say it as well.
    pub strict: bool,
    /// Whether a run without a gate of its own fails where the model is not better than the baseline beyond chance; else that warns.
    pub gate_on_baseline: bool,
}

impl Default for Defaults {
    fn default() -> Self {
        Self {
            min_rows_binary: 500,
            min_rows_multiclass: 1000,
            min_rows_regression: 300,
            time_budget_seconds: 60.0,
            roc_auc: 0.75,
            precision: 0.70,
            recall: 0.65,
            f1: 0.70,
            r2: 0.60,
            min_lift: 0.10,
            strict: false,
            gate_on_baseline: true,
        }
    }
}

/// The intake of requests.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct IntakeConfig {
    /// Requests taken at a time.
    pub max_in_flight: usize,
    /// Hours in which a run must have ended.
    pub run_deadline_hours: f64,
}

impl Default for IntakeConfig {
    fn default() -> Self {
        Self { max_in_flight: 16, run_deadline_hours: 24.0 }
    }
}

impl CheckConfig for Config {
    fn problems(&self) -> Vec<String> {
        let mut problems = Vec::new();
        if let Err(error) = self.data.access() {
            problems.push(format!("data: {error}"));
        }
        problems.extend(self.defaults.problems());
        if !(1..=1024).contains(&self.intake.max_in_flight) {
            problems.push(format!(
                "intake.max_in_flight: is {}; expected 1 to 1024",
                self.intake.max_in_flight
            ));
        }
        let hours = self.intake.run_deadline_hours;
        if !(hours > 0.0 && hours <= 720.0) {
            problems.push(format!(
                "intake.run_deadline_hours: is {hours}; expected more than 0 and at most 720"
            ));
        }
        problems
    }

    fn file_problems(&self) -> Vec<String> {
        let mut files = FileProblems::default();
        if let Err(error) = CatalogueFile::new(self.catalogue.clone()).current() {
            files.add("catalogue", &error);
        }
        files.into_problems()
    }
}

impl Defaults {
    fn problems(&self) -> Vec<String> {
        let mut problems = Vec::new();
        let shares =
            [("roc_auc", self.roc_auc), ("precision", self.precision), ("recall", self.recall)];
        for (key, value) in shares.into_iter().chain([("f1", self.f1), ("r2", self.r2)]) {
            if !(0.0..=1.0).contains(&value) {
                problems.push(format!("defaults.{key}: is {value}; expected 0 to 1"));
            }
        }
        let seconds = self.time_budget_seconds;
        if !(seconds > 0.0 && seconds <= 604_800.0) {
            let expected = "more than 0 and at most 604800";
            problems
                .push(format!("defaults.time_budget_seconds: is {seconds}; expected {expected}"));
        }
        if !(self.min_lift.is_finite() && self.min_lift >= 0.0) {
            problems.push(format!("defaults.min_lift: is {}; expected 0 or more", self.min_lift));
        }
        for (key, rows) in [
            ("min_rows_binary", self.min_rows_binary),
            ("min_rows_multiclass", self.min_rows_multiclass),
            ("min_rows_regression", self.min_rows_regression),
        ] {
            if rows == 0 {
                problems.push(format!("defaults.{key}: is 0; expected 1 or more"));
            }
        }
        problems
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_problem_is_told_at_once() {
        assert!(Config::default().problems().is_empty());
        let wrong = Config {
            data: AccessConfig {
                allowed_schemes: vec!["ftp".to_owned()],
                ..AccessConfig::default()
            },
            defaults: Defaults { roc_auc: 1.5, min_rows_binary: 0, ..Defaults::default() },
            intake: IntakeConfig { max_in_flight: 0, run_deadline_hours: f64::NAN },
            ..Config::default()
        };
        assert_eq!(wrong.problems().len(), 5);
    }
}
