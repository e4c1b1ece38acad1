//! What the stages put out, in checked form: what is required is there, and what is chosen has a known value.
//!
//! ```text
//!   v1::Scope (as it travels) ──parse──▶ stages::Scope ──Validate──▶ rules kept
//!                             ◀──from──
//! ```
//!
//! Invariants:
//! - The two forms of an output say the same: a message that was taken apart turns back into exactly itself.
//! - A refusal names the field by its path in the message.
//! - Messages in which nothing can be absent or unspecified have one form, and stand here under their own name.
//! - A default is where building begins: it is empty, and breaks the rules until it is filled.

mod deployment;
mod features;
mod monitoring;
mod parse;
mod prepared;
mod request;
mod scope;
mod trained;
mod words;

use crate::v1::stage_output::Output as Message;
use crate::{Agent, ContractError, FieldPath, ValidHandoff, Validate, v1};

pub use crate::v1::{
    ArtifactRef, Candidate, Cause, ClassCount, CohortWindow, Constraints, ContributionCell,
    Criterion, DataChecks, DeploymentStrategy, EffectPoint, EnsembleMember, ExcludedColumn,
    Explanation, FeatureSummary, InputContribution, InputEffect, IntegrityRule, Interaction,
    LearningCurvePoint, MetricEstimate, ModelStage, ParameterRange, Priority, RejectedAlgorithm,
    RejectedFeature, RolloutPlan, RowAccount, RowRemoval, SearchReport, SegmentEffects,
    SegmentMetrics, Selection, Share, TableReference, ThresholdObjective, TrialRecord, Verdict,
    WarmStart,
};
pub use deployment::Deployment;
pub use features::FeatureSet;
pub use monitoring::Monitoring;
pub use prepared::{PreparedData, QualityGate};
pub use request::ScopeRequest;
pub use schema::{
    CleaningRules, ColumnRules, ColumnType, Field, Finding, Format, MissingRule,
    MonotoneConstraint, MonotoneDirection, Operator, OutlierRule, OutlierTreatment, Predicate,
    ProblemType, SplitMethod, ValueRules,
};
pub use scope::{DataSource, Scope};
pub use trained::{CriterionResult, TrainedModel};
pub use words::{check_cleaning, operator_name};

pub(crate) use parse::{Parse, chosen};

macro_rules! outputs {
    ($($(#[$doc:meta])* $name:ident: $variant:ident -> $agent:ident;)*) => {
        /// The output of a stage.
        #[derive(Debug, Clone, PartialEq)]
        #[allow(clippy::large_enum_variant, reason = "a handoff has one of each at most")]
        pub enum Output {
            $($(#[$doc])* $variant($variant),)*
        }

        impl Output {
            /// The agent that puts out this kind of output.
            #[must_use]
            pub const fn producer(&self) -> Agent {
                match self {
                    $(Self::$variant(_) => Agent::$agent,)*
                }
            }
        }

        impl Validate for Output {
            fn validate_at(&self, at: &FieldPath<'_>) -> Result<(), ContractError> {
                match self {
                    $(Self::$variant(output) => output.validate_at(at),)*
                }
            }
        }

        impl Parse<Message> for Output {
            fn parse(message: &Message, at: &FieldPath<'_>) -> Result<Self, ContractError> {
                Ok(match message {
                    $(Message::$variant(output) => Self::$variant(Parse::parse(output, at)?),)*
                })
            }
        }

        impl From<Output> for Message {
            fn from(output: Output) -> Self {
                match output {
                    $(Output::$variant(output) => Self::$variant(output.into()),)*
                }
            }
        }

        $(
            impl From<$variant> for Output {
                fn from(output: $variant) -> Self {
                    Self::$variant(output)
                }
            }
        )*

        impl ValidHandoff {$(
            $(#[$doc])*
            ///
            /// # Errors
            /// [`ContractError::MissingOutput`] where the run has not come to that stage.
            pub fn $name(&self) -> Result<&$variant, ContractError> {
                let missing = ContractError::MissingOutput { agent: Agent::$agent };
                let found = self.stages.iter().find_map(|output| match output.as_ref() {
                    Output::$variant(output) => Some(output),
                    _ => None,
                });
                found.ok_or(missing)
            }
        )*}

        /// The agent that puts out this kind of output.
        #[must_use]
        pub(crate) const fn producer(output: &Message) -> Agent {
            match output {
                $(Message::$variant(_) => Agent::$agent,)*
            }
        }

        /// The name of the field that holds this kind of output.
        pub(crate) const fn field_name(output: &Message) -> &'static str {
            match output {
                $(Message::$variant(_) => stringify!($name),)*
            }
        }
    };
}

outputs! {
    /// What the scope-definer decided.
    scope: Scope -> ScopeDefiner;
    /// What the data-preparer made.
    prepared_data: PreparedData -> DataPreparer;
    /// What the feature-analyzer made.
    feature_set: FeatureSet -> FeatureAnalyzer;
    /// What the model-selector measured.
    selection: Selection -> ModelSelector;
    /// What the model-trainer made.
    trained_model: TrainedModel -> ModelTrainer;
    /// What the model-deployer brought to traffic.
    deployment: Deployment -> ModelDeployer;
    /// What the observability-connector registered.
    monitoring: Monitoring -> ObservabilityConnector;
}

impl ValidHandoff {
    /// The scope, with the split that the rows were really divided by where the data are prepared: a scope may leave it open.
    ///
    /// # Errors
    /// [`ContractError::MissingOutput`] where the run has no scope.
    pub fn divided_scope(&self) -> Result<Scope, ContractError> {
        let scope = self.scope()?.clone();
        let divided = self.prepared_data().ok().and_then(|prepared| prepared.split_method);
        Ok(Scope { split_method: divided.or(scope.split_method), ..scope })
    }
}

impl TryFrom<Message> for Output {
    type Error = ContractError;

    fn try_from(message: Message) -> Result<Self, Self::Error> {
        Self::parse(&message, &FieldPath::ROOT)
    }
}

impl Validate for Message {
    fn validate_at(&self, at: &FieldPath<'_>) -> Result<(), ContractError> {
        Output::parse(self, at)?.validate_at(at)
    }
}

impl v1::StageOutput {
    /// The agent whose kind of output this is.
    #[must_use]
    pub fn producer(&self) -> Option<Agent> {
        self.output.as_ref().map(producer)
    }
}
