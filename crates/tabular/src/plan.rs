//! The feature plan: which numbers a model is given, as data.
//!
//! A plan is fitted on the training split ([`fit`]), kept as JSON and executed by `scoring` alone, for training and for
//! serving, so the two cannot drift apart.

mod dates;
mod fit;
pub mod held_out;
mod sketch;
pub mod text;
mod transform;

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};
use thiserror::Error;

pub use dates::{CyclicPart, DatePart, HOUR_MICROSECONDS, QUARTER_SINE};
pub use fit::{
    FitError, FittedPlan, GroupMeans, Options, Proposal, RejectedCandidate, Summary, fit,
    fit_judged, text_tells,
};
pub use held_out::{CERTAIN, FeatureJudge, HeldOut};
pub use sketch::Sketch;
pub use text::TextMeasure;
pub use transform::{Feature, MISSING_LEVEL, Transform};

use crate::cleaning::{CleaningError, ColumnCleaning};
use crate::{CleaningPlan, ColumnType, Field};

/// The version of the plan's format that this code writes.
pub const PLAN_VERSION: u32 = 2;

/// The oldest version that this code reads. Since version 2 there are parts of hours and circles, days between moments, texts
/// that are counted, shares and means of levels, and a code for missing texts.
pub const OLDEST_PLAN_VERSION: u32 = 1;

/// How raw columns become features.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FeaturePlan {
    /// Version of the format: [`OLDEST_PLAN_VERSION`] to [`PLAN_VERSION`].
    pub version: u32,
    /// What is done to the raw columns first.
    pub cleaning: CleaningPlan,
    /// The features, in order.
    pub features: Vec<Feature>,
}

/// A plan that cannot be executed.
#[derive(Debug, Error)]
pub enum PlanError {
    /// Not JSON of a plan.
    #[error("the feature plan is not readable")]
    Json(#[from] serde_json::Error),
    /// Written by another version of the format.
    #[error(
        "the feature plan has version {found}; this program reads versions {OLDEST_PLAN_VERSION} to {PLAN_VERSION}"
    )]
    Version {
        /// Format version that the plan names.
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
        /// Name of the feature in the plan.
        feature: String,
    },
    /// A level stands twice, or there are none.
    #[error("the levels of feature {feature:?} are empty or repeat")]
    Levels {
        /// Name of the feature in the plan.
        feature: String,
    },
    /// The levels and their numbers differ in count, or a number is not finite.
    #[error(
        "feature {feature:?} has {levels} levels and {numbers} numbers: expected as many, all finite"
    )]
    Numbers {
        /// Name of the feature in the plan.
        feature: String,
        /// Number of the feature's levels.
        levels: usize,
        /// The finite numbers that belong to them.
        numbers: usize,
    },
    /// A word that no text has.
    #[error("the word of feature {feature:?} is empty, too long, in upper case or has a separator")]
    Word {
        /// Name of the feature in the plan.
        feature: String,
    },
    /// A feature is made from a column that the plan does not know.
    #[error("feature {feature:?} is made from column {column:?}, which the plan does not name")]
    UnknownColumn {
        /// Name of the feature in the plan.
        feature: String,
        /// Name of the column.
        column: String,
    },
    /// A sum of too few columns, of one that stands twice, or without a weight for each.
    #[error(
        "feature {feature:?} is a sum of {inputs} different columns with {weights} weights that are finite and not 0; expected two columns or more, each once, with a weight"
    )]
    Sum {
        /// Name of the feature in the plan.
        feature: String,
        /// Number of different columns.
        inputs: usize,
        /// Number of weights that are finite and not 0.
        weights: usize,
    },
    /// A feature cannot be made from a column of that type.
    #[error("feature {feature:?} cannot be made from column {column:?} of type {column_type}")]
    Type {
        /// Name of the feature in the plan.
        feature: String,
        /// Name of the column.
        column: String,
        /// Type of the column.
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
        if !(OLDEST_PLAN_VERSION..=PLAN_VERSION).contains(&self.version) {
            return Err(PlanError::Version { found: self.version });
        }
        self.cleaning.check()?;
        if self.features.is_empty() {
            return Err(PlanError::Empty);
        }
        let columns: BTreeMap<&str, ColumnType> =
            self.cleaning.columns.iter().map(|of| (of.name.as_str(), of.column_type)).collect();
        let mut names = BTreeSet::new();
        for feature in &self.features {
            if !names.insert(feature.name.as_str()) {
                return Err(PlanError::DuplicateFeature { feature: feature.name.clone() });
            }
            check_inputs(feature, &columns)?;
            check_levels(feature)?;
            check_weights(feature)?;
        }
        Ok(())
    }

    /// The raw columns that the features are made from, in the order of the cleaning plan. Each may be missing.
    #[must_use]
    pub fn inputs(&self) -> Vec<Field> {
        self.input_columns().map(ColumnCleaning::field).collect()
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

/// That each input is there, and of a type that the feature can be made from.
fn check_inputs(feature: &Feature, columns: &BTreeMap<&str, ColumnType>) -> Result<(), PlanError> {
    for (place, input) in feature.transform.inputs().into_iter().enumerate() {
        let column_type = *columns.get(input).ok_or_else(|| PlanError::UnknownColumn {
            feature: feature.name.clone(),
            column: input.to_owned(),
        })?;
        if !feature.transform.accepts(place, column_type) {
            return Err(PlanError::Type {
                feature: feature.name.clone(),
                column: input.to_owned(),
                column_type,
            });
        }
    }
    Ok(())
}

/// That levels stand once, that each has its number, and that words are words.
fn check_levels(feature: &Feature) -> Result<(), PlanError> {
    let name = || feature.name.clone();
    if let Some(levels) = feature.transform.levels() {
        let distinct: BTreeSet<&str> = levels.iter().map(String::as_str).collect();
        if levels.is_empty() || distinct.len() != levels.len() {
            return Err(PlanError::Levels { feature: name() });
        }
        if let Some(numbers) = feature.transform.numbers_of_levels() {
            let finite = numbers.iter().filter(|number| number.is_finite()).count();
            if finite != levels.len() || numbers.len() != levels.len() {
                let (levels, numbers) = (levels.len(), finite);
                return Err(PlanError::Numbers { feature: name(), levels, numbers });
            }
        }
    }
    match &feature.transform {
        Transform::HasWord { word, .. } if !text::is_word(word) => {
            Err(PlanError::Word { feature: name() })
        }
        Transform::GroupMean { overall, .. } | Transform::GroupDifference { overall, .. }
            if !overall.is_finite() =>
        {
            Err(PlanError::Numbers { feature: name(), levels: 1, numbers: 0 })
        }
        _ => Ok(()),
    }
}

/// That a sum has two columns or more, each once and with a weight.
fn check_weights(feature: &Feature) -> Result<(), PlanError> {
    let Transform::Sum { inputs, weights } = &feature.transform else { return Ok(()) };
    let distinct: BTreeSet<&str> = inputs.iter().map(String::as_str).collect();
    let usable = weights.iter().filter(|weight| weight.is_finite() && **weight != 0.0).count();
    let sound = inputs.len() >= 2
        && distinct.len() == inputs.len()
        && usable == inputs.len()
        && weights.len() == inputs.len();
    if sound {
        return Ok(());
    }
    Err(PlanError::Sum { feature: feature.name.clone(), inputs: distinct.len(), weights: usable })
}

#[cfg(test)]
mod tests;
