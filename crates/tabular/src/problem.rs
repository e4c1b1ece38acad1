//! The types of problem.

use serde::{Deserialize, Serialize};

/// What kind of value is predicted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ProblemType {
    /// One of two classes.
    Binary,
    /// One of three classes or more.
    Multiclass,
    /// A number.
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
