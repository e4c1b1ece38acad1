//! What can go wrong, and what becomes of it.

use contracts::{ContractError, failures};
use process::BlockingError;
use stage::{Classify, Disposition};

/// An error of the stage.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The handoff lacks something.
    #[error(transparent)]
    Contract(#[from] ContractError),
    /// An artifact could not be read or written.
    #[error("the {what} could not be moved")]
    Artifact {
        /// Name of the artifact in the handoff.
        what: &'static str,
        /// Error of the artifact store.
        #[source]
        source: Box<artifacts::Error>,
    },
    /// The data did not pass the quality gate, or its report cannot be read.
    #[error(transparent)]
    Report(#[from] statistics::QualityGateError),
    /// The feature plan is not one.
    #[error("the feature plan is not usable")]
    Plan(#[from] tabular::plan::PlanError),
    /// The profile is not one.
    #[error("the profile of the training split is not usable")]
    Profile(#[source] serde_json::Error),
    /// A split is not a table.
    #[error("a split is not usable")]
    Split(#[from] dataset::Error),
    /// A metric that does not exist or does not fit.
    #[error("metric `{metric}` is not one that is measured for {problem} problems")]
    Metric {
        /// Name of the metric, as the scope has it.
        metric: String,
        /// The type of problem.
        problem: tabular::ProblemType,
    },
    /// A loss that this trainer does not know.
    #[error("loss `{loss}` is not one of squared, absolute, huber, quantile, poisson and tweedie")]
    Loss {
        /// Name of the loss, as the scope has it.
        loss: String,
    },
    /// Weights that cannot be used.
    #[error(
        "the weight column {column:?} {what} in {rows} rows; every row needs a weight of at least 0"
    )]
    Weights {
        /// Name of the column.
        column: String,
        /// Defect of the weights in words, such as `is missing, negative or not finite`.
        what: &'static str,
        /// Rows where it is.
        rows: usize,
    },
    /// A column that the splits should have.
    #[error("the splits have no column {column:?}, which the scope names")]
    Column {
        /// Name of the column.
        column: String,
    },
    /// Targets below 0 for a loss of counts or amounts.
    #[error("{rows} rows have a target below 0; the loss {loss} needs targets of at least 0")]
    NegativeTarget {
        /// Number of rows with such a value.
        rows: usize,
        /// Name of the loss, as the scope has it.
        loss: String,
    },
    /// A selection that names what this trainer does not know.
    #[error("the selection names {what} `{name}`, which this trainer does not know")]
    Selection {
        /// What it names: an algorithm or a parameter.
        what: &'static str,
        /// Name of the algorithm or the parameter.
        name: String,
    },
    /// No model could be learned.
    #[error("no model could be trained")]
    Learners(#[from] learners::Error),
    /// The predictions could not be measured.
    #[error("the model could not be measured")]
    Measure(#[from] tabular::metrics::MetricError),
    /// A gate that the model does not reach.
    #[error(
        "{metric} on the test split is {value:.4} (95 % interval {low:.4} to {high:.4}), the gate asks for {asked} {threshold}"
    )]
    CriterionMissed {
        /// Name of the metric of the criterion.
        metric: String,
        /// Value of the metric on the test split.
        value: f64,
        /// Lower end of the interval.
        low: f64,
        /// Upper end of the metric's 95 % interval.
        high: f64,
        /// `at least` or `at most`.
        asked: &'static str,
        /// What is asked for.
        threshold: f64,
    },
    /// The model tells no more than the baseline, as far as the test split can say.
    #[error(
        "the model is not better than the baseline beyond chance: {measure} on the {rows} rows of the test split is {value:.4}, the baseline's {baseline:.4} (difference {difference:.4}, 95 % interval {low:.4} to {high:.4})"
    )]
    BaselineNotBeaten {
        /// What is compared, such as `ROC AUC`.
        measure: &'static str,
        /// That of the model.
        value: f64,
        /// That of the baseline.
        baseline: f64,
        /// The model's less the baseline's.
        difference: f64,
        /// Lower end of the difference's 95 % interval.
        low: f64,
        /// Upper end of it.
        high: f64,
        /// Rows of the test split.
        rows: usize,
    },
    /// A gate on a metric that has no value.
    #[error("the gate asks for {metric}, which has no value on the test split")]
    CriterionUnmeasured {
        /// Name of the metric of the criterion.
        metric: String,
    },
    /// A limit of the request that the model does not keep.
    #[error("the model's bundle has {found} bytes, the request allows {limit}")]
    TooLarge {
        /// Size of the bundle in bytes.
        found: u64,
        /// Greatest size that the request allows, in bytes.
        limit: u64,
    },
    /// A limit of the request that the model does not keep.
    #[error("one row takes {found:.3} ms, the request allows {limit} ms")]
    TooSlow {
        /// Time of one row.
        found: f64,
        /// Longest time for one row that the request allows, in milliseconds.
        limit: f64,
    },
    /// The request allows less memory than a search takes.
    #[error(
        "a search on {rows} rows takes about {needed} bytes of memory, the request allows {limit}: a higher max_memory_bytes or fewer columns would do"
    )]
    TooLittleMemory {
        /// Bytes that are allowed.
        limit: u64,
        /// Bytes that it takes.
        needed: u64,
        /// Rows that it would be on.
        rows: usize,
    },
    /// The bundle could not be made.
    #[error("the model could not be packed")]
    Bundle(#[from] scoring::BundleError),
    /// The packed model could not be scored.
    #[error("the packed model could not be scored")]
    Score(#[from] scoring::ScoreError),
    /// The check rows could not be made.
    #[error("the check rows could not be made")]
    Rows(#[from] scoring::RowError),
    /// The outcomes of the hold-out split could not be read.
    #[error("the outcomes of the hold-out split are not usable")]
    Outcomes(#[from] tabular::target::TargetError),
    /// Rows could not be selected.
    #[error("the check rows could not be selected")]
    Table(#[from] tabular::TableError),
    /// Something could not be written as JSON.
    #[error("a part of the result could not be written as JSON")]
    Json(#[source] serde_json::Error),
    /// The packed model does not give the trainer's own outputs.
    #[error(
        "the packed model gives other outputs than the trained one: they differ by {difference:e}"
    )]
    Skew {
        /// Greatest absolute difference of two predictions.
        difference: f64,
    },
    /// The computation ended without a result.
    #[error(transparent)]
    Blocking(#[from] BlockingError),
}

impl Error {
    /// Whether a smaller ensemble would do.
    pub(crate) fn is_too_large(&self) -> bool {
        use scoring::{ModelError, TreeError};
        matches!(
            self,
            Self::Learners(learners::Error::Model(
                ModelError::TooLarge { .. } | ModelError::Trees(TreeError::TooLarge { .. })
            ))
        )
    }

    fn fail(&self, code: &str) -> Disposition {
        Disposition::Fail(failures::failure(code, failures::with_causes(self)))
    }
}

impl Classify for Error {
    fn disposition(&self) -> Disposition {
        match self {
            Self::Contract(error) => error.disposition(),
            Self::Artifact { source, .. } if source.is_transient() => Disposition::Retry,
            Self::Artifact { source, .. } => self.fail(source.code()),
            Self::Report(_) => self.fail("quality_gate_not_passed"),
            Self::Plan(_) => self.fail("feature_plan_invalid"),
            Self::Profile(_) => self.fail("profile_unreadable"),
            Self::Split(_) => self.fail("split_unreadable"),
            Self::Metric { .. } => self.fail("metric_inapplicable"),
            Self::Loss { .. } => self.fail("loss_unknown"),
            Self::Weights { column, .. } => Disposition::Fail(
                failures::failure("weights_unusable", self.to_string()).about(column),
            ),
            Self::NegativeTarget { .. } => self.fail("target_negative"),
            Self::Column { column } => Disposition::Fail(
                failures::failure("column_missing", self.to_string()).about(column),
            ),
            Self::Selection { .. } => Disposition::Reject,
            Self::Learners(learners::Error::Cancelled) => Disposition::Retry,
            Self::Learners(_) | Self::Measure(_) => self.fail("training_failed"),
            Self::CriterionMissed { metric, .. } => Disposition::Fail(
                failures::failure("criterion_missed", failures::with_causes(self))
                    .about(metric)
                    .suggesting([
                        "more rows, or columns that say more about the target".to_owned(),
                        "a longer time budget".to_owned(),
                        "a lower threshold, if the model is still of use (`--gate METRIC=VALUE`, criteria of the request)".to_owned(),
                    ]),
            ),
            Self::BaselineNotBeaten { .. } => Disposition::Fail(
                failures::failure("baseline_not_beaten", self.to_string()).suggesting([
                    "more rows, or columns that say more about the target".to_owned(),
                    "a longer time budget".to_owned(),
                    "a gate of your own in place of this one, if the model is of use all the same (`--gate METRIC=VALUE`, criteria of the request)".to_owned(),
                ]),
            ),
            Self::CriterionUnmeasured { metric } => Disposition::Fail(
                failures::failure("criterion_unmeasured", failures::with_causes(self))
                    .about(metric),
            ),
            Self::TooLarge { .. } => self.fail("model_too_large"),
            Self::TooSlow { .. } => self.fail("model_too_slow"),
            Self::TooLittleMemory { .. } => self.fail("memory_limit"),
            Self::Bundle(_)
            | Self::Score(_)
            | Self::Rows(_)
            | Self::Outcomes(_)
            | Self::Table(_)
            | Self::Json(_) => self.fail("bundle_failed"),
            Self::Skew { .. } => self.fail("train_serve_skew"),
            Self::Blocking(error) => error.disposition(),
        }
    }
}
