//! The feature plan: which numbers a model is given, as data.
//!
//! A plan is fitted on the training split ([`fit`]), kept as JSON and executed by `scoring` alone, for training and for
//! serving, so the two cannot drift apart.

mod fit;

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};
use thiserror::Error;

pub use fit::{FitError, FittedPlan, Options, Rejected, Summary, fit};

use crate::cleaning::{CleaningError, ColumnCleaning};
use crate::{CleaningPlan, ColumnType, Field, parse};

/// The version of the plan's format that this code writes and reads.
pub const PLAN_VERSION: u32 = 1;

/// How raw columns become features.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FeaturePlan {
    /// Version of the format: [`PLAN_VERSION`].
    pub version: u32,
    /// What is done to the raw columns first.
    pub cleaning: CleaningPlan,
    /// The features, in order.
    pub features: Vec<Feature>,
}

/// One feature.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Feature {
    /// Its name.
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
        /// A numeric column.
        input: String,
    },
    /// The index of a text among the levels. Any other text is `levels.len()` where `other` is set, else missing.
    Category {
        /// A text column.
        input: String,
        /// The levels in the order of their codes.
        levels: Vec<String>,
        /// Whether rare and unseen texts have a code of their own.
        other: bool,
    },
    /// 1 where the value is missing, else 0.
    MissingIndicator {
        /// Any column.
        input: String,
    },
    /// A part of a date or an instant, in UTC.
    DatePart {
        /// A date or timestamp column.
        input: String,
        /// The part.
        part: DatePart,
    },
    /// One number divided by another; missing where the divisor is zero.
    Ratio {
        /// A numeric column.
        numerator: String,
        /// A numeric column.
        denominator: String,
    },
    /// The product of two numbers.
    Product {
        /// A numeric column.
        left: String,
        /// A numeric column.
        right: String,
    },
    /// The first number less the second.
    Difference {
        /// A numeric column.
        left: String,
        /// A numeric column.
        right: String,
    },
}

/// A part of a date.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DatePart {
    /// The year.
    Year,
    /// 1 to 12.
    Month,
    /// Monday 1 to Sunday 7.
    DayOfWeek,
    /// 1 to 31.
    DayOfMonth,
    /// 1 to 366.
    DayOfYear,
    /// Days since 1970-01-01, with the fraction of the day for instants.
    #[serde(rename = "days_since_1970")]
    DaysSince1970,
}

impl DatePart {
    /// All parts.
    pub const ALL: [Self; 6] = [
        Self::Year,
        Self::Month,
        Self::DayOfWeek,
        Self::DayOfMonth,
        Self::DayOfYear,
        Self::DaysSince1970,
    ];

    /// Its name, as in JSON.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Year => "year",
            Self::Month => "month",
            Self::DayOfWeek => "day_of_week",
            Self::DayOfMonth => "day_of_month",
            Self::DayOfYear => "day_of_year",
            Self::DaysSince1970 => "days_since_1970",
        }
    }

    /// The part of a moment given in microseconds since 1970; NaN where missing or out of the calendar.
    #[must_use]
    pub fn of(self, microseconds: f64) -> f64 {
        if self == Self::DaysSince1970 {
            return microseconds / parse::DAY_MICROSECONDS;
        }
        let Some(time) = parse::civil(microseconds) else { return f64::NAN };
        match self {
            Self::Year => f64::from(time.year()),
            Self::Month => f64::from(time.month()),
            Self::DayOfWeek => f64::from(time.weekday().to_monday_one_offset()),
            Self::DayOfMonth => f64::from(time.day()),
            Self::DayOfYear => f64::from(time.date().day_of_year()),
            Self::DaysSince1970 => microseconds / parse::DAY_MICROSECONDS,
        }
    }
}

impl Transform {
    /// The columns that it is made from.
    #[must_use]
    pub fn inputs(&self) -> Vec<&str> {
        match self {
            Self::Identity { input }
            | Self::Category { input, .. }
            | Self::MissingIndicator { input }
            | Self::DatePart { input, .. } => vec![input],
            Self::Ratio { numerator: a, denominator: b }
            | Self::Product { left: a, right: b }
            | Self::Difference { left: a, right: b } => vec![a, b],
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
            Self::Ratio { .. } => "ratio".to_owned(),
            Self::Product { .. } => "product".to_owned(),
            Self::Difference { .. } => "difference".to_owned(),
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

    /// Whether a column of this type can be its input.
    fn accepts(&self, column_type: ColumnType) -> bool {
        match self {
            Self::MissingIndicator { .. } => true,
            Self::Category { .. } => column_type == ColumnType::Text,
            Self::DatePart { .. } => column_type.is_temporal(),
            Self::Identity { .. }
            | Self::Ratio { .. }
            | Self::Product { .. }
            | Self::Difference { .. } => column_type.is_numeric(),
        }
    }
}

/// A plan that cannot be executed.
#[derive(Debug, Error)]
pub enum PlanError {
    /// Not JSON of a plan.
    #[error("the feature plan is not readable")]
    Json(#[from] serde_json::Error),
    /// Written by another version of the format.
    #[error("the feature plan has version {found}; this program reads version {PLAN_VERSION}")]
    Version {
        /// The version found.
        found: u32,
    },
    /// The cleaning is not sound.
    #[error(transparent)]
    Cleaning(#[from] CleaningError),
    /// There are no features.
    #[error("the feature plan has no features")]
    Empty,
    /// A feature stands twice.
    #[error("the feature plan names feature {feature:?} twice")]
    DuplicateFeature {
        /// Its name.
        feature: String,
    },
    /// A level stands twice, or there are none.
    #[error("the levels of feature {feature:?} are empty or repeat")]
    Levels {
        /// The feature.
        feature: String,
    },
    /// A feature is made from a column that the plan does not know.
    #[error("feature {feature:?} is made from column {column:?}, which the plan does not name")]
    UnknownColumn {
        /// The feature.
        feature: String,
        /// The column.
        column: String,
    },
    /// A feature cannot be made from a column of that type.
    #[error("feature {feature:?} cannot be made from column {column:?} of type {column_type}")]
    Type {
        /// The feature.
        feature: String,
        /// The column.
        column: String,
        /// Its type.
        column_type: ColumnType,
    },
}

impl FeaturePlan {
    /// A checked plan of the current version.
    ///
    /// # Errors
    /// As [`Self::check`].
    pub fn new(cleaning: CleaningPlan, features: Vec<Feature>) -> Result<Self, PlanError> {
        let plan = Self { version: PLAN_VERSION, cleaning, features };
        plan.check()?;
        Ok(plan)
    }

    /// Reads and checks a plan.
    ///
    /// # Errors
    /// When it is not JSON of a plan or is not sound.
    pub fn from_json(json: &[u8]) -> Result<Self, PlanError> {
        let plan: Self = serde_json::from_slice(json)?;
        plan.check()?;
        Ok(plan)
    }

    /// The plan as JSON.
    ///
    /// # Errors
    /// Never in practice: a checked plan holds only finite numbers and texts.
    pub fn to_json(&self) -> Result<Vec<u8>, PlanError> {
        Ok(serde_json::to_vec_pretty(self)?)
    }

    /// Checks the version, names, levels, and that every input is a cleaned column of the right type.
    ///
    /// # Errors
    /// When one of these does not hold.
    pub fn check(&self) -> Result<(), PlanError> {
        if self.version != PLAN_VERSION {
            return Err(PlanError::Version { found: self.version });
        }
        self.cleaning.check()?;
        if self.features.is_empty() {
            return Err(PlanError::Empty);
        }
        let mut names = BTreeSet::new();
        for feature in &self.features {
            if !names.insert(feature.name.as_str()) {
                return Err(PlanError::DuplicateFeature { feature: feature.name.clone() });
            }
            self.check_feature(feature)?;
        }
        Ok(())
    }

    fn check_feature(&self, feature: &Feature) -> Result<(), PlanError> {
        for input in feature.transform.inputs() {
            let column = self.cleaning.column(input).ok_or_else(|| PlanError::UnknownColumn {
                feature: feature.name.clone(),
                column: input.to_owned(),
            })?;
            if !feature.transform.accepts(column.column_type) {
                return Err(PlanError::Type {
                    feature: feature.name.clone(),
                    column: input.to_owned(),
                    column_type: column.column_type,
                });
            }
        }
        if let Transform::Category { levels, .. } = &feature.transform {
            let distinct: BTreeSet<&str> = levels.iter().map(String::as_str).collect();
            if levels.is_empty() || distinct.len() != levels.len() {
                return Err(PlanError::Levels { feature: feature.name.clone() });
            }
        }
        Ok(())
    }

    /// The raw columns that the features are made from, in the order of the cleaning plan. Each may be missing.
    #[must_use]
    pub fn inputs(&self) -> Vec<Field> {
        self.input_columns().map(|column| Field::new(&column.name, column.column_type)).collect()
    }

    /// The cleaning of the columns that the features are made from, in order.
    pub fn input_columns(&self) -> impl Iterator<Item = &ColumnCleaning> {
        let used: BTreeSet<&str> =
            self.features.iter().flat_map(|feature| feature.transform.inputs()).collect();
        self.cleaning.columns.iter().filter(move |column| used.contains(column.name.as_str()))
    }

    /// Number of features.
    #[must_use]
    pub fn width(&self) -> usize {
        self.features.len()
    }

    /// Names of the features, in order.
    #[must_use]
    pub fn names(&self) -> Vec<&str> {
        self.features.iter().map(|feature| feature.name.as_str()).collect()
    }

    /// Number of category codes of each feature, in order; none where it is a number.
    #[must_use]
    pub fn categories(&self) -> Vec<Option<u32>> {
        self.features.iter().map(|feature| feature.transform.categories()).collect()
    }
}

#[cfg(test)]
mod tests;
