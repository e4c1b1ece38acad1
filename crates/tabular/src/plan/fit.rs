//! Fits a feature plan on the training split.

use thiserror::Error;

use super::{FeaturePlan, PlanError};
use crate::target::Target;
use crate::{CleaningPlan, Table};

/// What a plan is fitted with.
#[derive(Clone, Debug)]
pub struct Options {
    /// Levels with fewer rows than this are pooled.
    pub rare_rows: usize,
    /// Levels with a smaller share of the rows than this are pooled.
    pub rare_share: f64,
    /// Most levels of a category; the rarest beyond it are pooled.
    pub max_levels: usize,
    /// Numeric features whose |correlation| exceeds this are redundant: the less relevant one goes.
    pub redundancy: f64,
    /// Least association of being missing with the target for a missing indicator.
    pub informative_missing: f64,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            rare_rows: 5,
            rare_share: 0.001,
            max_levels: 200,
            redundancy: 0.95,
            informative_missing: 0.05,
        }
    }
}

/// A fitted plan and what was decided on the way.
#[derive(Clone, Debug, PartialEq)]
pub struct FittedPlan {
    /// The plan.
    pub plan: FeaturePlan,
    /// Its features, in order.
    pub summaries: Vec<Summary>,
    /// What was not kept.
    pub rejected: Vec<Rejected>,
}

/// A feature of a fitted plan.
#[derive(Clone, Debug, PartialEq)]
pub struct Summary {
    /// Its name.
    pub name: String,
    /// The columns that it is made from.
    pub sources: Vec<String>,
    /// What is done to them, as [`super::Transform::label`].
    pub transform: String,
    /// Number of category codes; none where it is a number.
    pub categories: Option<u32>,
    /// Association with the target on the training split, from 0 to 1.
    pub relevance: f64,
}

/// A candidate that was not kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rejected {
    /// Its name.
    pub name: String,
    /// Why.
    pub reason: String,
}

/// Data that no plan can be fitted on.
#[derive(Debug, Error)]
pub enum FitError {
    /// Rows of the table and of the target differ.
    #[error("the table has {rows} rows, the target {target_rows}")]
    Rows {
        /// Rows of the table.
        rows: usize,
        /// Rows of the target.
        target_rows: usize,
    },
    /// No column was of use.
    #[error(
        "none of the {columns} columns can be a feature; all are constant, empty or of unique texts"
    )]
    NoFeatures {
        /// How many columns were looked at.
        columns: usize,
    },
    /// The plan is not sound.
    #[error(transparent)]
    Plan(#[from] PlanError),
}

/// Fits a plan. The table holds the columns that may become features: neither target nor identifiers.
///
/// # Errors
/// When no column can be a feature, or the cleaning plan is not sound.
pub fn fit(
    train: &Table,
    target: &Target,
    cleaning: &CleaningPlan,
    options: &Options,
) -> Result<FittedPlan, FitError> {
    let _ = (train, target, cleaning, options);
    Err(FitError::NoFeatures { columns: 0 })
}
