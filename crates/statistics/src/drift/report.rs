//! What came of a comparison.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::distributions::Distributions;
use super::measures::{self, Measured, Sides};
use super::table::table;

/// How a column is looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[schemars(rename = "DriftKind")]
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
    Clone,
    Copy,
    Debug,
    Default,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Hash,
    Serialize,
    Deserialize,
    JsonSchema,
)]
#[serde(rename_all = "snake_case")]
#[schemars(rename = "DriftVerdict")]
pub enum Verdict {
    /// No drift that matters, or no evidence of it.
    #[default]
    None,
    /// A drift that a person should look at.
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
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[schemars(rename = "DriftAspect")]
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

/// A test of one aspect of a column.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[schemars(rename = "DriftTest")]
pub struct Test {
    /// Aspect of the column that is tested.
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
    /// Verdict of the comparison.
    pub verdict: Verdict,
}

macro_rules! report {
    ($(
        $field:ident: $type:ty, $about:literal
            $(=> $judge:ident { heading: $heading:expr, limits: $limits:expr, measure: $measure:expr, })?;
    )*) => {
        /// The statistic of which an effect is.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
        #[serde(rename_all = "snake_case")]
        #[schemars(rename = "DriftStatistic")]
        pub enum Statistic {
            $($(
                #[doc = $about]
                $judge,
            )?)*
            /// Change of a share of rows.
            Share,
        }

        impl Statistic {
            /// The statistics of distributions, in the order of the table.
            pub const OF_DISTRIBUTIONS: &[Self] = &[$($(Self::$judge,)?)*];

            /// Its name, as in JSON.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self {
                    $($(Self::$judge => stringify!($field),)?)*
                    Self::Share => "share",
                }
            }

            /// The heading of its column in a table for people; none where it has no column.
            #[must_use]
            pub const fn heading(self) -> Option<&'static str> {
                match self {
                    $($(Self::$judge => $heading,)?)*
                    Self::Share => None,
                }
            }

            /// Its value and its effect; none where it is not defined for these sides.
            pub(crate) fn measure(self, sides: &Sides<'_>) -> Option<Measured> {
                match self {
                    $($(Self::$judge => $measure(sides),)?)*
                    Self::Share => None,
                }
            }
        }

        /// The statistics of a column, as they are, before any correction. What does not apply or is not defined is left
        /// out; docs/monitoring.md has their formulas.
        #[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
        #[serde(default)]
        #[schemars(rename = "DriftStatistics")]
        pub struct Statistics {
            $(
                #[doc = $about]
                #[serde(skip_serializing_if = "Option::is_none")]
                pub $field: Option<$type>,
            )*
            /// The share of the rows by which a cumulative share of either side may be wrong, both together; 0 where it is exact.
            pub rank_error: f64,
        }

        impl Statistics {
            /// The value of a statistic of distributions.
            #[must_use]
            pub fn value(&self, of: Statistic) -> Option<f64> {
                match of {
                    $($(Statistic::$judge => self.$field,)?)*
                    Statistic::Share => None,
                }
            }

            pub(crate) fn set(&mut self, of: Statistic, value: f64) {
                match of {
                    $($(Statistic::$judge => self.$field = Some(value),)?)*
                    Statistic::Share => {}
                }
            }
        }
    };
}

table!(report);

/// What came of a column.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct ColumnDrift {
    /// Name of the column.
    pub name: String,
    /// How it is looked at.
    pub kind: Kind,
    /// Rows of the reference with a value.
    pub values_reference: u64,
    /// Current rows with a value.
    pub values_current: u64,
    /// Statistics of the two distributions.
    pub statistics: Statistics,
    /// Tests of the column, one for each aspect.
    pub tests: Vec<Test>,
    /// The statistic of the test that decides.
    pub statistic: Option<Statistic>,
    /// Effect that decided the verdict.
    pub effect: f64,
    /// P-value of the column, from 0 to 1.
    pub p_value: f64,
    /// Its p-value, corrected for all tests of all columns.
    pub adjusted_p_value: f64,
    /// Verdict of the comparison.
    pub verdict: Verdict,
    /// Why, in words: what drifted, or what could not be judged.
    pub reasons: Vec<String>,
    /// What both sides look like, of the columns that drifted most.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub distributions: Option<Distributions>,
}

/// What came of a comparison of two tables.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[schemars(rename = "DriftReport")]
pub struct Report {
    /// Rows of the reference.
    pub rows_reference: u64,
    /// Number of rows of the current table.
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_row_has_one_name() {
        for statistic in Statistic::OF_DISTRIBUTIONS {
            let name = serde_json::to_value(statistic).unwrap();
            assert_eq!(name, statistic.as_str());
        }
    }

    #[test]
    fn the_documentation_names_every_setting() {
        let page = include_str!("../../../../docs/monitoring.md");
        for statistic in Statistic::OF_DISTRIBUTIONS {
            let name = statistic.as_str();
            let is_there = page.contains(&format!("\n| `{name}` |"));
            assert!(is_there, "docs/monitoring.md: no row of the limits begins with | `{name}` |");
        }
    }
}
