//! What came of a comparison.

use serde::{Deserialize, Serialize};

/// How a column is looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// As numbers, dates and instants among them.
    Numeric,
    /// As categories, booleans among them.
    Categorical,
}

impl std::fmt::Display for Kind {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Numeric => "numeric",
            Self::Categorical => "categorical",
        })
    }
}

/// Whether there is drift.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// No drift that matters, or no evidence of it.
    #[default]
    None,
    /// A drift that somebody should look at.
    Warning,
    /// A drift that a model will hardly bear.
    Critical,
}

impl Verdict {
    /// Its name, as in JSON.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Warning => "warning",
            Self::Critical => "critical",
        }
    }
}

/// What of a column is tested.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Aspect {
    /// How its values are distributed.
    Distribution,
    /// How many rows have no usable value.
    Missing,
    /// How many rows have a category that the reference does not have.
    Unseen,
    /// How many values are outside of the reference's range.
    OutOfRange,
}

/// The statistic of which an effect is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Statistic {
    /// Population stability index.
    Psi,
    /// Jensen-Shannon distance.
    JensenShannon,
    /// The statistic of Kolmogorov and Smirnov.
    KolmogorovSmirnov,
    /// Wasserstein distance in standard deviations of the reference.
    Wasserstein,
    /// Cramér's V.
    CramersV,
    /// Change of a share of rows.
    Share,
}

impl Statistic {
    /// Its name, as in JSON.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Psi => "psi",
            Self::JensenShannon => "jensen_shannon",
            Self::KolmogorovSmirnov => "kolmogorov_smirnov",
            Self::Wasserstein => "wasserstein",
            Self::CramersV => "cramers_v",
            Self::Share => "share",
        }
    }
}

/// A test of one aspect of a column.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Test {
    /// What is tested.
    pub aspect: Aspect,
    /// The statistic whose effect weighs most.
    pub statistic: Statistic,
    /// That effect, less what chance alone brings at these numbers of rows.
    pub effect: f64,
    /// From where on it is a warning.
    pub warning: f64,
    /// From where on it is critical.
    pub critical: f64,
    /// How probable so great a difference is without drift.
    pub p_value: f64,
    /// The same, corrected for all tests of all columns.
    pub adjusted_p_value: f64,
    /// What follows.
    pub verdict: Verdict,
}

/// The statistics of a column, as they are, before any correction. What does not apply or is not defined is left out.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
#[expect(
    missing_docs,
    reason = "the names of the statistics say what they are; docs/monitoring.md has their formulas"
)]
pub struct Statistics {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub psi: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub jensen_shannon: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub kolmogorov_smirnov: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub kolmogorov_smirnov_p_value: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub wasserstein: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub wasserstein_normed: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub chi_square: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub chi_square_degrees: Option<usize>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub chi_square_p_value: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cramers_v: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub missing_reference: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub missing_current: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub missing_p_value: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub unseen: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub out_of_range: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub mean_reference: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub mean_current: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub deviation_reference: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub deviation_current: Option<f64>,
    /// The share of the rows by which a cumulative share of either side may be wrong, both together; 0 where it is exact.
    pub rank_error: f64,
}

/// What came of a column.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ColumnDrift {
    /// Its name.
    pub name: String,
    /// How it is looked at.
    pub kind: Kind,
    /// Rows of the reference with a value.
    pub values_reference: u64,
    /// Current rows with a value.
    pub values_current: u64,
    /// Its statistics.
    pub statistics: Statistics,
    /// Its tests.
    pub tests: Vec<Test>,
    /// The statistic of the test that decides.
    pub statistic: Option<Statistic>,
    /// Its effect.
    pub effect: f64,
    /// Its p-value.
    pub p_value: f64,
    /// Its p-value, corrected for all tests of all columns.
    pub adjusted_p_value: f64,
    /// What follows.
    pub verdict: Verdict,
    /// Why, in words: what drifted, or what could not be judged.
    pub reasons: Vec<String>,
}

/// What came of a comparison of two tables.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Report {
    /// Rows of the reference.
    pub rows_reference: u64,
    /// Current rows.
    pub rows_current: u64,
    /// Columns of both, by their names.
    pub columns: Vec<ColumnDrift>,
    /// Columns with a verdict, as a share of all compared.
    pub share_drifted: f64,
    /// The greatest verdict of a column.
    pub verdict: Verdict,
    /// Greatest corrected p-value that counted as evidence.
    pub significance: f64,
    /// Whether every statistic is exact, and not from a sketch that had to gather values.
    pub exact: bool,
    /// Columns that only the reference has.
    pub only_reference: Vec<String>,
    /// Columns that only the current side has.
    pub only_current: Vec<String>,
    /// Columns that are numeric on one side and categorical on the other.
    pub other_kinds: Vec<String>,
}

impl Report {
    /// The columns with a verdict.
    pub fn drifted(&self) -> impl Iterator<Item = &ColumnDrift> {
        self.columns.iter().filter(|column| column.verdict > Verdict::None)
    }
}
