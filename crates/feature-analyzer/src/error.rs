//! What can go wrong, and what becomes of the run then.

use contracts::failures;
use process::BlockingError;
use stage::{ArtifactError, Classify, Disposition};
use tabular::plan::{FitError, PlanError};
use tabular::target::TargetError;

use crate::gate::GateError;

/// Why no feature plan came about.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The handoff lacks what is needed.
    #[error("the handoff lacks what is needed")]
    Contract(#[from] contracts::ContractError),
    /// An artifact could not be read.
    #[error(transparent)]
    Artifact(#[from] ArtifactError),
    /// The feature plan could not be stored.
    #[error("the feature plan could not be stored")]
    Store(#[from] artifacts::Error),
    /// The work was not done.
    #[error(transparent)]
    Blocking(#[from] BlockingError),
    /// A decision against the data.
    #[error(transparent)]
    Refused(#[from] FeatureError),
}

/// Why no features are made of these data.
#[derive(Debug, thiserror::Error)]
pub enum FeatureError {
    /// They did not pass the quality gate.
    #[error(transparent)]
    Gate(#[from] GateError),
    /// A split cannot be read.
    #[error("the {split} split cannot be read")]
    Split {
        /// Name of the split.
        split: &'static str,
        /// Error that caused this one.
        #[source]
        source: Box<dataset::Error>,
    },
    /// The cleaning plan cannot be read.
    #[error("the cleaning plan cannot be read")]
    Cleaning(#[source] serde_json::Error),
    /// The profile cannot be read.
    #[error("the profile of the training split cannot be read")]
    Profile(#[source] serde_json::Error),
    /// The target cannot be encoded.
    #[error("the target of the {split} split cannot be used")]
    Target {
        /// Name of the split.
        split: &'static str,
        /// Error that caused this one.
        #[source]
        source: TargetError,
    },
    /// No plan could be fitted.
    #[error(transparent)]
    Fit(#[from] FitError),
    /// The plan is not sound.
    #[error(transparent)]
    Plan(#[from] PlanError),
    /// The plan cannot be executed on the splits.
    #[error("the feature plan cannot be executed on the splits")]
    Execute(#[from] scoring::ScoreError),
}

impl FeatureError {
    /// Stable code in snake_case, for programs.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::Gate(_) => "quality_gate_not_passed",
            Self::Split { .. } | Self::Cleaning(_) | Self::Profile(_) => "prepared_data_unreadable",
            Self::Target { .. } => "target_unusable",
            Self::Fit(FitError::NoFeatures { .. }) => "no_features",
            Self::Fit(_) | Self::Plan(_) | Self::Execute(_) => "feature_plan_invalid",
        }
    }
}

impl Classify for Error {
    fn disposition(&self) -> Disposition {
        match self {
            Self::Contract(error) => error.disposition(),
            Self::Artifact(error) => error.disposition(),
            Self::Store(error) => error.disposition(),
            Self::Blocking(error) => error.disposition(),
            Self::Refused(refusal) => {
                Disposition::Fail(failures::failure(refusal.code(), failures::with_causes(refusal)))
            }
        }
    }
}
