//! Results as Great Expectations writes them.

use std::fmt;
use std::str::FromStr;

use serde::Serialize;
use serde_json::{Map, Value as Json};

use crate::suite::Configuration;

/// How much a result tells.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum ResultFormat {
    /// Whether it succeeded.
    BooleanOnly,
    /// Counts, and up to 20 values.
    Basic,
    /// Counts of the values, and up to 20 rows besides.
    #[default]
    Summary,
    /// Up to 200 values, and every row that did not meet the expectation: 8 bytes of memory each.
    Complete,
}

impl ResultFormat {
    /// All formats, from the shortest on.
    pub const ALL: [Self; 4] = [Self::BooleanOnly, Self::Basic, Self::Summary, Self::Complete];

    /// The name, as it is written.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::BooleanOnly => "BOOLEAN_ONLY",
            Self::Basic => "BASIC",
            Self::Summary => "SUMMARY",
            Self::Complete => "COMPLETE",
        }
    }
}

impl fmt::Display for ResultFormat {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.as_str())
    }
}

/// A name that is no format.
#[derive(Debug, thiserror::Error)]
#[error("expected BOOLEAN_ONLY, BASIC, SUMMARY or COMPLETE")]
pub struct ParseResultFormatError;

impl FromStr for ResultFormat {
    type Err = ParseResultFormatError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let found = Self::ALL.into_iter().find(|format| format.as_str().eq_ignore_ascii_case(text));
        found.ok_or(ParseResultFormatError)
    }
}

/// The result of a suite.
#[derive(Clone, Debug, Serialize)]
pub struct SuiteResult {
    /// Whether every expectation was met.
    pub success: bool,
    /// The result of each: those that could not be evaluated first, then by column as the suite first names them.
    pub results: Vec<ExpectationResult>,
    /// Name of the suite.
    pub suite_name: String,
    /// Values of the suite's parameters.
    pub suite_parameters: Map<String, Json>,
    /// How many expectations were met.
    pub statistics: Statistics,
    /// When and with what; it is the caller's.
    pub meta: Json,
    /// None: a result has no identifier.
    pub id: Option<String>,
}

/// How many expectations were met.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Statistics {
    /// Number of expectations.
    pub evaluated_expectations: usize,
    /// Number of those that were met.
    pub successful_expectations: usize,
    /// Number of those that were not.
    pub unsuccessful_expectations: usize,
    /// Share of those that were met, in percent; none of no expectation.
    pub success_percent: Option<f64>,
}

impl Statistics {
    pub(crate) fn of(results: &[ExpectationResult]) -> Self {
        let evaluated = results.len();
        let successful = results.iter().filter(|result| result.success).count();
        Self {
            evaluated_expectations: evaluated,
            successful_expectations: successful,
            unsuccessful_expectations: evaluated - successful,
            success_percent: (evaluated > 0).then(|| successful as f64 / evaluated as f64 * 100.0),
        }
    }
}

/// The result of an expectation.
#[derive(Clone, Debug, Serialize)]
pub struct ExpectationResult {
    /// Whether it was met.
    pub success: bool,
    /// The expectation.
    pub expectation_config: Configuration,
    /// What was found; empty with BOOLEAN_ONLY and where it could not be evaluated.
    pub result: Map<String, Json>,
    /// What is withheld of the result, and why; else empty.
    pub meta: Map<String, Json>,
    /// Why it could not be evaluated.
    pub exception_info: ExceptionInfo,
}

/// Why an expectation could not be evaluated.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct ExceptionInfo {
    /// Whether it could not be evaluated.
    pub raised_exception: bool,
    /// None: there is no Python.
    pub exception_traceback: Option<String>,
    /// The reason, in the words of pandas where it has some.
    pub exception_message: Option<String>,
}
