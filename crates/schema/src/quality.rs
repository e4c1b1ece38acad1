//! What is found about data, and how bad something is.

use serde::{Deserialize, Serialize};

/// A finding about a table.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Finding {
    /// Stable identifier such as `target_leakage`.
    pub code: String,
    /// Whether it alone fails the quality gate.
    pub blocking: bool,
    /// The column; empty for the table.
    pub column: String,
    /// What was found and what would be right; never holds values of rows.
    pub message: String,
    /// Number of rows concerned.
    pub rows: u64,
}

/// How bad something is, the least first.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Severity {
    /// For information; needs no action.
    Info,
    /// To be looked at.
    #[default]
    Warning,
    /// To be acted on at once.
    Critical,
}
