//! Features: how each is made of cleaned columns.

use serde::{Deserialize, Serialize};

use super::dates::DatePart;
use super::text::TextMeasure;
use crate::ColumnType;

/// What stands among the levels for a missing text: no text is empty, because the empty one is missing.
pub const MISSING_LEVEL: &str = "";

/// Name and transform of one feature.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Feature {
    /// Name of the feature in the plan.
    pub name: String,
    /// How it is made.
    pub transform: Transform,
}

/// How a feature is made of cleaned columns.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case", deny_unknown_fields)]
pub enum Transform {
    /// The number itself; missing stays missing.
    Identity {
        /// Name of a numeric column.
        input: String,
    },
    /// The index of a text among the levels; a missing text is the level [`MISSING_LEVEL`] where that is one, else missing.
    /// Any other text is `levels.len()` where `other` is set, else missing.
    Category {
        /// Name of a text column.
        input: String,
        /// The levels in the order of their codes.
        levels: Vec<String>,
        /// Whether rare and unseen texts have a code of their own.
        other: bool,
    },
    /// 1 where the value is missing, before anything is put in its place, else 0.
    MissingIndicator {
        /// Name of the input column, of any type.
        input: String,
    },
    /// A part of a date or an instant, in UTC.
    DatePart {
        /// A date or timestamp column.
        input: String,
        /// Part of the date that is the value.
        part: DatePart,
    },
    /// Days from one moment to another, with the fraction of the day; negative where the second is the earlier one.
    DaysBetween {
        /// A date or timestamp column.
        from: String,
        /// A date or timestamp column.
        to: String,
    },
    /// One number divided by another; missing where the divisor is zero.
    Ratio {
        /// Name of the numeric column that is divided.
        numerator: String,
        /// Name of the numeric column that it is divided by.
        denominator: String,
    },
    /// The product of two numbers.
    Product {
        /// Name of the first factor's numeric column.
        left: String,
        /// Name of the second factor's numeric column.
        right: String,
    },
    /// The first number less the second.
    Difference {
        /// Name of the numeric column that is subtracted from.
        left: String,
        /// Name of the numeric column that is subtracted.
        right: String,
    },
    /// Numbers, each times its weight, added up in their order; missing where one of them is.
    Sum {
        /// Names of two or more numeric columns, none of them twice.
        inputs: Vec<String>,
        /// The weight of each input, in the same order: finite, not 0.
        weights: Vec<f64>,
    },
    /// What is counted in a text; missing stays missing.
    TextMeasure {
        /// Name of a text column.
        input: String,
        /// Characters, words or digits.
        measure: TextMeasure,
    },
    /// 1 where a text has a word, else 0; missing stays missing.
    HasWord {
        /// Name of a text column.
        input: String,
        /// The word, in lower case.
        word: String,
    },
    /// The share of the training rows that had the same text: from 0, for a text that is no level, to 1. Missing stays missing.
    Frequency {
        /// Name of a text column.
        input: String,
        /// Levels in the order of their codes.
        levels: Vec<String>,
        /// The share of each level.
        shares: Vec<f64>,
    },
    /// The mean that a number had over the training rows with the same text; that of all rows where the text is missing or no
    /// level.
    GroupMean {
        /// Name of a text column.
        input: String,
        /// The numeric column whose means they are. It is not looked at any more.
        of: String,
        /// Levels in the order of their codes.
        levels: Vec<String>,
        /// The mean of each level.
        means: Vec<f64>,
        /// The mean of all rows.
        overall: f64,
    },
    /// A number less the mean that it had over the training rows with the same text, as [`Self::GroupMean`] has it.
    GroupDifference {
        /// Name of a numeric column.
        input: String,
        /// Name of the text column whose levels form the groups.
        group: String,
        /// Levels in the order of their codes.
        levels: Vec<String>,
        /// The mean of each level.
        means: Vec<f64>,
        /// The mean of all rows.
        overall: f64,
    },
}

impl Transform {
    /// The columns that it is made from.
    #[must_use]
    pub fn inputs(&self) -> Vec<&str> {
        match self {
            Self::Identity { input }
            | Self::Category { input, .. }
            | Self::MissingIndicator { input }
            | Self::DatePart { input, .. }
            | Self::TextMeasure { input, .. }
            | Self::HasWord { input, .. }
            | Self::Frequency { input, .. }
            | Self::GroupMean { input, .. } => vec![input],
            Self::Ratio { numerator: a, denominator: b }
            | Self::Product { left: a, right: b }
            | Self::Difference { left: a, right: b }
            | Self::DaysBetween { from: a, to: b }
            | Self::GroupDifference { input: a, group: b, .. } => vec![a, b],
            Self::Sum { inputs, .. } => inputs.iter().map(String::as_str).collect(),
        }
    }

    /// What it does, such as `identity`, `category` or `date_month`.
    #[must_use]
    pub fn label(&self) -> String {
        match self {
            Self::Identity { .. } => "identity".to_owned(),
            Self::Category { .. } => "category".to_owned(),
            Self::MissingIndicator { .. } => "missing_indicator".to_owned(),
            Self::DatePart { part, .. } => format!("date_{}", part.as_str()),
            Self::DaysBetween { .. } => "days_between".to_owned(),
            Self::Ratio { .. } => "ratio".to_owned(),
            Self::Product { .. } => "product".to_owned(),
            Self::Difference { .. } => "difference".to_owned(),
            Self::Sum { .. } => "sum".to_owned(),
            Self::TextMeasure { measure, .. } => format!("text_{}", measure.as_str()),
            Self::HasWord { .. } => "has_word".to_owned(),
            Self::Frequency { .. } => "frequency".to_owned(),
            Self::GroupMean { .. } => "group_mean".to_owned(),
            Self::GroupDifference { .. } => "group_difference".to_owned(),
        }
    }

    /// Number of category codes; none where the feature is a number.
    #[must_use]
    pub fn categories(&self) -> Option<u32> {
        match self {
            Self::Category { levels, other, .. } => Some(
                u32::try_from(levels.len()).unwrap_or(u32::MAX).saturating_add(u32::from(*other)),
            ),
            _ => None,
        }
    }

    /// The texts that it knows one by one; none where it knows none so.
    #[must_use]
    pub fn levels(&self) -> Option<&[String]> {
        match self {
            Self::Category { levels, .. }
            | Self::Frequency { levels, .. }
            | Self::GroupMean { levels, .. }
            | Self::GroupDifference { levels, .. } => Some(levels),
            _ => None,
        }
    }

    /// What each of its levels becomes; none where that is no number of its own.
    pub(super) fn numbers_of_levels(&self) -> Option<&[f64]> {
        match self {
            Self::Frequency { shares: numbers, .. }
            | Self::GroupMean { means: numbers, .. }
            | Self::GroupDifference { means: numbers, .. } => Some(numbers),
            _ => None,
        }
    }

    /// Whether a column of this type can be its input of that place.
    pub(super) fn accepts(&self, place: usize, column_type: ColumnType) -> bool {
        match self {
            Self::MissingIndicator { .. } => true,
            Self::Category { .. }
            | Self::TextMeasure { .. }
            | Self::HasWord { .. }
            | Self::Frequency { .. }
            | Self::GroupMean { .. } => column_type == ColumnType::Text,
            Self::DatePart { .. } | Self::DaysBetween { .. } => column_type.is_temporal(),
            Self::Identity { .. }
            | Self::Ratio { .. }
            | Self::Product { .. }
            | Self::Difference { .. }
            | Self::Sum { .. } => column_type.is_numeric(),
            Self::GroupDifference { .. } if place == 1 => column_type == ColumnType::Text,
            Self::GroupDifference { .. } => column_type.is_numeric(),
        }
    }
}
