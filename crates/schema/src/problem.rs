//! The learning problem: its type, the split of its rows, and how predictions may move.

use serde::{Deserialize, Serialize};

/// What kind of value is predicted.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
#[serde(rename_all = "snake_case")]
pub enum ProblemType {
    /// One of two classes.
    #[default]
    Binary,
    /// One of three classes or more.
    Multiclass,
    /// The target is a number.
    Regression,
}

impl ProblemType {
    /// Its name, as in JSON.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Binary => "binary",
            Self::Multiclass => "multiclass",
            Self::Regression => "regression",
        }
    }

    /// Whether classes are predicted.
    #[must_use]
    pub fn is_classification(self) -> bool {
        self != Self::Regression
    }
}

impl std::fmt::Display for ProblemType {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.as_str())
    }
}

/// How rows are divided into train, validation, test and hold-out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SplitMethod {
    /// By a seeded permutation of the rows.
    Random,
    /// As random, within each class of the target.
    Stratified,
    /// All rows of an entity in the same split.
    Entity,
    /// The oldest rows train, the newest are held out.
    Time,
}

/// How the prediction may move with an input, all other inputs held.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MonotoneConstraint {
    /// Name of the input, a numeric column.
    pub column: String,
    /// The way it may move.
    pub direction: MonotoneDirection,
}

/// Way that a prediction may move when an input grows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MonotoneDirection {
    /// The prediction never falls as the input rises.
    Increasing,
    /// The prediction never rises as the input rises.
    Decreasing,
}
