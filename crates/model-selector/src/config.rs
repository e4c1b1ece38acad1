//! Configuration.

use process::CheckConfig;
use serde::{Deserialize, Serialize};

/// Configuration, under the key `selection`.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Config {
    /// How algorithms are measured.
    pub selection: SelectionConfig,
}

/// How algorithms are measured.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct SelectionConfig {
    /// Folds of the cross-validation.
    pub folds: usize,
    /// Most rows of the sample that is cross-validated.
    pub sample_rows: usize,
    /// Share of the scope's time budget.
    pub budget_share: f64,
    /// Most seconds, whatever the budget.
    pub max_seconds: f64,
    /// Processors to use; 0 means all.
    pub cores: usize,
    /// Whether configurations of earlier models of similar tables are tried early in every run, so that the same request gives
    /// another model once there are such. Retrainings have them in any case.
    pub warm_starts: bool,
}

impl Default for SelectionConfig {
    fn default() -> Self {
        Self {
            folds: 3,
            sample_rows: 10_000,
            budget_share: 0.1,
            max_seconds: 10.0,
            cores: 0,
            warm_starts: false,
        }
    }
}

impl SelectionConfig {
    /// Number of processors to use, at least 1: `cores`, or all of the machine where that is 0.
    pub(crate) fn processors(&self) -> usize {
        match self.cores {
            0 => std::thread::available_parallelism().map_or(1, usize::from),
            cores => cores,
        }
    }
}

impl CheckConfig for Config {
    fn problems(&self) -> Vec<String> {
        let SelectionConfig { folds, sample_rows, budget_share, max_seconds, cores, .. } =
            self.selection;
        let mut problems = Vec::new();
        if !(2..=20).contains(&folds) {
            problems.push(format!("selection.folds: is {folds}; from 2 to 20 would be right"));
        }
        if !(100..=1_000_000).contains(&sample_rows) {
            problems.push(format!(
                "selection.sample_rows: is {sample_rows}; from 100 to 1000000 would be right"
            ));
        }
        if !(budget_share > 0.0 && budget_share <= 1.0) {
            problems.push(format!("selection.budget_share: is {budget_share}; more than 0 and at most 1 would be right"));
        }
        if !(max_seconds > 0.0 && max_seconds.is_finite()) {
            problems.push(format!(
                "selection.max_seconds: is {max_seconds}; more than 0 would be right"
            ));
        }
        if cores > 1024 {
            problems.push(format!(
                "selection.cores: is {cores}; at most 1024 (0 for all) would be right"
            ));
        }
        problems
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_problem_is_named_at_once() {
        assert!(Config::default().problems().is_empty());
        let selection = SelectionConfig {
            folds: 1,
            sample_rows: 3,
            budget_share: f64::NAN,
            max_seconds: 0.0,
            cores: 5_000,
            warm_starts: false,
        };
        assert_eq!(Config { selection }.problems().len(), 5);
    }
}
