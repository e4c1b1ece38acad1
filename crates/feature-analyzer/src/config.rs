//! Configuration of the feature-analyzer.

use process::CheckConfig;
use serde::{Deserialize, Serialize};
use tabular::plan::Options;

/// Configuration, under the keys `features.…`.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Config {
    /// What features are made of and which are kept.
    pub features: Features,
}

/// What features are made of and which are kept.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Features {
    /// Levels of a category with fewer training rows than this are pooled; with fewer than 100 times as many rows, those with
    /// fewer than one row in a hundred, but two at least.
    pub rare_rows: usize,
    /// Levels of a category with a smaller share of the training rows than this are pooled.
    pub rare_share: f64,
    /// Most levels of a category.
    pub max_levels: usize,
    /// Derived features whose |correlation| with another exceeds this are redundant; columns go only where they are copies.
    pub redundancy: f64,
    /// Least association of being missing with the target for an indicator.
    pub informative_missing: f64,
    /// Most constructed features; 0 tries none.
    pub max_constructed: usize,
    /// Most rows of the training split that features are fitted on, and half as many of the validation split: larger splits are
    /// looked at in evenly spaced rows of each class.
    pub sample_rows: usize,
    /// Least gain on validation data for a constructed feature, in ROC AUC, accuracy or R².
    pub min_gain: f64,
}

impl Default for Features {
    fn default() -> Self {
        let plan = Options::default();
        Self {
            rare_rows: plan.rare_rows,
            rare_share: plan.rare_share,
            max_levels: plan.max_levels,
            redundancy: plan.redundancy,
            informative_missing: plan.informative_missing,
            max_constructed: 3,
            sample_rows: 200_000,
            min_gain: 0.002,
        }
    }
}

impl Features {
    /// What the plan is fitted with.
    #[must_use]
    pub fn plan_options(&self) -> Options {
        Options {
            rare_rows: self.rare_rows,
            rare_share: self.rare_share,
            max_levels: self.max_levels,
            redundancy: self.redundancy,
            informative_missing: self.informative_missing,
            prediction_point: None,
        }
    }
}

impl CheckConfig for Config {
    fn problems(&self) -> Vec<String> {
        let features = &self.features;
        let mut problems = Vec::new();
        for (key, share) in [
            ("rare_share", features.rare_share),
            ("redundancy", features.redundancy),
            ("informative_missing", features.informative_missing),
            ("min_gain", features.min_gain),
        ] {
            if !(0.0..=1.0).contains(&share) {
                problems.push(format!("features.{key}: is {share}; expected 0 to 1"));
            }
        }
        if !(1..=10_000).contains(&features.max_levels) {
            problems.push(format!(
                "features.max_levels: is {}; expected 1 to 10000",
                features.max_levels
            ));
        }
        if features.sample_rows < 1_000 {
            problems.push(format!(
                "features.sample_rows: is {}; expected at least 1000",
                features.sample_rows
            ));
        }
        if features.max_constructed > 50 {
            problems.push(format!(
                "features.max_constructed: is {}; expected at most 50",
                features.max_constructed
            ));
        }
        problems
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_problems_are_told_at_once() {
        assert!(Config::default().problems().is_empty());
        let features = Features {
            rare_share: -1.0,
            redundancy: f64::NAN,
            max_levels: 0,
            ..Features::default()
        };
        assert_eq!(Config { features }.problems().len(), 3);
    }
}
