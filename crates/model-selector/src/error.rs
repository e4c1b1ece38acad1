//! What can go wrong, and what becomes of it.

use contracts::{ContractError, failures};
use process::BlockingError;
use stage::{ArtifactError, Classify, Disposition};

/// An error of the stage.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The handoff lacks something.
    #[error(transparent)]
    Contract(#[from] ContractError),
    /// An artifact could not be read.
    #[error(transparent)]
    Artifact(#[from] ArtifactError),
    /// The data did not pass the quality gate, or its report cannot be read.
    #[error(transparent)]
    Report(#[from] statistics::QualityGateError),
    /// The feature plan is not one.
    #[error("the feature plan is not usable")]
    Plan(#[from] tabular::plan::PlanError),
    /// The training split is not a table.
    #[error("the training split is not usable")]
    Split(#[from] dataset::Error),
    /// A metric that does not exist or does not fit.
    #[error("metric `{metric}` is not one that is measured for {problem} problems")]
    Metric {
        /// Name of the metric, as the scope has it.
        metric: String,
        /// The type of problem.
        problem: tabular::ProblemType,
    },
    /// Nothing could be measured.
    #[error("none of the algorithms could be measured: {reasons}")]
    NoCandidate {
        /// Each algorithm with its reason.
        reasons: String,
    },
    /// The examples are not usable.
    #[error("the training split cannot be learned from")]
    Learners(#[from] learners::Error),
    /// The computation ended without a result.
    #[error(transparent)]
    Blocking(#[from] BlockingError),
}

impl Classify for Error {
    fn disposition(&self) -> Disposition {
        let fail = |code| Disposition::Fail(failures::failure(code, failures::with_causes(self)));
        match self {
            Self::Contract(error) => error.disposition(),
            Self::Artifact(error) => error.disposition(),
            Self::Report(_) => fail("quality_gate_not_passed"),
            Self::Plan(_) => fail("feature_plan_invalid"),
            Self::Split(_) => fail("split_unreadable"),
            Self::Metric { .. } => fail("metric_inapplicable"),
            Self::NoCandidate { .. } => fail("no_candidate"),
            Self::Learners(learners::Error::Cancelled) => Disposition::Retry,
            Self::Learners(_) => fail("training_data_unusable"),
            Self::Blocking(error) => error.disposition(),
        }
    }
}
