//! What can be configured.

use std::path::PathBuf;

use dataset::AccessConfig;
use process::CheckConfig;
use serde::{Deserialize, Serialize};

/// Configuration of the data-preparer.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Config {
    /// Where tables may be read from.
    pub data: AccessConfig,
    /// Least quality score that passes the gate, from 0 to 1.
    pub min_score: f64,
    /// Association with the target from which on a single column, or a pair of them, is leakage and blocks, from 0 to 1.
    pub max_association: f64,
    /// Association with the target from which on a single column is told, and a time after a concluded time of the rows blocks, from 0 to 1.
    pub told_association: f64,
    /// Most columns of a table.
    pub max_columns: usize,
    /// Directory for values that do not fit into memory, about as many bytes as the table; the system's for temporary files where empty.
    pub spill_directory: PathBuf,
    /// What is done to outliers.
    pub outliers: CapOutliers,
    /// What is done to missing values.
    pub missing: FillMissing,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            data: AccessConfig::default(),
            min_score: 0.80,
            max_association: 0.99,
            told_association: 0.90,
            max_columns: 2000,
            spill_directory: PathBuf::new(),
            outliers: CapOutliers::default(),
            missing: FillMissing::default(),
        }
    }
}

/// What is done to outliers.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CapOutliers {
    /// Nothing: trees do not mind them, and linear models see scaled values.
    #[default]
    Keep,
    /// Capped at 1.5 interquartile ranges from the quartiles of the training split.
    InterquartileRange,
}

/// What is done to missing values.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FillMissing {
    /// Nothing: that a value is missing is information, and every learner here takes it.
    #[default]
    Keep,
    /// The median, or the most frequent text, of the training split.
    Typical,
}

impl Config {
    /// Where values are put that do not fit into memory.
    #[must_use]
    pub fn spill_directory(&self) -> PathBuf {
        if self.spill_directory.as_os_str().is_empty() {
            std::env::temp_dir()
        } else {
            self.spill_directory.clone()
        }
    }
}

impl CheckConfig for Config {
    fn problems(&self) -> Vec<String> {
        let mut problems = Vec::new();
        for (key, value) in [
            ("min_score", self.min_score),
            ("max_association", self.max_association),
            ("told_association", self.told_association),
        ] {
            if !(0.0..=1.0).contains(&value) {
                problems.push(format!("{key}: out of range; give 0 to 1"));
            }
        }
        if self.max_columns < 2 {
            problems
                .push("max_columns: too few for a target and a feature; give 2 or more".to_owned());
        }
        let spill = &self.spill_directory;
        if !spill.as_os_str().is_empty() && !spill.is_dir() {
            problems.push(format!(
                "spill_directory: `{}` is no directory; name one that is there",
                spill.display()
            ));
        }
        if let Err(error) = self.data.access() {
            problems.push(format!("data: {error}"));
        }
        problems
    }
}
