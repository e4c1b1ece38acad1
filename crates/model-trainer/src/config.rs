//! Configuration.

use process::CheckConfig;
use serde::{Deserialize, Serialize};

/// Configuration, under the key `training`.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Config {
    /// How models are searched for.
    pub training: TrainingConfig,
}

/// How models are searched for.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct TrainingConfig {
    /// Greatest number of trials of a search.
    pub max_trials: usize,
    /// Algorithms that race: the best of the selection; the best linear one joins them in any case.
    pub race: usize,
    /// Most configurations of an ensemble; 1 serves the best one alone.
    pub members: usize,
    /// Whether the judged model is served, and not the one that is learned anew on more rows.
    pub keep_judged: bool,
    /// Resamples of the test split for the intervals.
    pub resamples: usize,
    /// Rows with predictions that the deployer checks.
    pub check_rows: usize,
    /// Processors to use; 0 means all.
    pub cores: usize,
    /// Whether fits are kept for the next delivery of a handoff whose trainer dies, and shared with trainers without work.
    pub share: bool,
}

impl Default for TrainingConfig {
    fn default() -> Self {
        Self {
            max_trials: 100_000,
            race: 10,
            members: 8,
            keep_judged: false,
            resamples: 400,
            check_rows: 50,
            cores: 0,
            share: true,
        }
    }
}

impl TrainingConfig {
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
        let training = &self.training;
        let mut problems = Vec::new();
        let mut within = |name: &str, value: usize, low: usize, high: usize| {
            if !(low..=high).contains(&value) {
                problems.push(format!(
                    "training.{name}: is {value}; from {low} to {high} would be right"
                ));
            }
        };
        within("max_trials", training.max_trials, 1, 100_000);
        within("race", training.race, 1, 10);
        within("members", training.members, 1, 10);
        within("resamples", training.resamples, 50, 100_000);
        within("check_rows", training.check_rows, 1, 50);
        within("cores", training.cores, 0, 1024);
        problems
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_problem_is_named_at_once() {
        assert!(Config::default().problems().is_empty());
        let training = TrainingConfig {
            max_trials: 0,
            race: 0,
            members: 0,
            keep_judged: false,
            resamples: 0,
            check_rows: 51,
            cores: 9_999,
            share: true,
        };
        assert_eq!(Config { training }.problems().len(), 6);
    }
}
