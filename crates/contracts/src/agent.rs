//! The agents, in the order in which a run goes through them: the one table of the stages.

use std::fmt;
use std::str::FromStr;

use crate::ContractError;

/// What a stage reads or writes, as the lineage of a run names it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum DataSet {
    /// The table that was asked for.
    Source,
    /// The rows to learn from.
    Train,
    /// The rows that decide when to stop and where to cut.
    Validation,
    /// The rows that measure the model.
    Test,
    /// The rows that are sealed until a promotion.
    HoldOut,
    /// The feature plan that was fitted on the training split.
    FeaturePlan,
    /// The bundle of the model.
    Model,
    /// The endpoint at which the model answers requests.
    Endpoint,
}

impl DataSet {
    /// Its name below that of the model, or of the endpoint; none of the source, which is named by its place.
    #[must_use]
    pub const fn as_str(self) -> Option<&'static str> {
        match self {
            Self::Source => None,
            Self::Train => Some("prepared/train"),
            Self::Validation => Some("prepared/validation"),
            Self::Test => Some("prepared/test"),
            Self::HoldOut => Some("prepared/hold_out"),
            Self::FeaturePlan => Some("feature_plan"),
            Self::Model => Some("model"),
            Self::Endpoint => Some("endpoint"),
        }
    }
}

macro_rules! stages {
    // A dollar sign, for the macro that is made.
    (($d:tt) $(
        $(#[$doc:meta])*
        $agent:ident {
            name: $name:literal,
            optional: $optional:literal,
            reads: [$($read:ident),*],
            writes: [$($written:ident),*],
        }
    )*) => {
        /// An agent. The order of the variants is the order of the pipeline.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Agent {$(
            $(#[$doc])*
            $agent,
        )*}

        impl Agent {
            /// All agents in the order of the pipeline.
            pub const ALL: [Self; [$($name),*].len()] = [$(Self::$agent),*];

            /// The name, as in subjects, configuration and binaries.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self {
                    $(Self::$agent => $name,)*
                }
            }

            /// Whether a run can do without this stage.
            ///
            /// Without the model-selector the trainer searches among all algorithms that fit the problem.
            #[must_use]
            pub const fn is_optional(self) -> bool {
                match self {
                    $(Self::$agent => $optional,)*
                }
            }

            /// What the stage reads.
            #[must_use]
            pub const fn reads(self) -> &'static [DataSet] {
                match self {
                    $(Self::$agent => &[$(DataSet::$read),*],)*
                }
            }

            /// What the stage writes, beside its output.
            #[must_use]
            pub const fn writes(self) -> &'static [DataSet] {
                match self {
                    $(Self::$agent => &[$(DataSet::$written),*],)*
                }
            }
        }

        /// Evaluates an expression in which the position of an agent is a constant, as a type that differs by stage needs it.
        ///
        /// ```
        /// # use contracts::{Agent, with_stage};
        /// const fn twice<const STAGE: usize>() -> usize {
        ///     2 * STAGE
        /// }
        /// let agent = Agent::DataPreparer;
        /// assert_eq!(with_stage!(agent, STAGE => twice::<STAGE>()), 2);
        /// ```
        #[macro_export]
        macro_rules! with_stage {
            ($d agent:expr, $d stage:ident => $d body:expr) => {
                match $d agent {$(
                    $crate::Agent::$agent => {
                        const $d stage: usize = $crate::Agent::$agent.position();
                        $d body
                    }
                )*}
            };
        }
    };
}

// The one table of the stages; what each puts out is in `stages.rs`.
stages! {
    ($)
    /// Turns a request into a scope.
    ScopeDefiner {
        name: "scope-definer",
        optional: false,
        reads: [Source],
        writes: [],
    }
    /// Turns a scope into prepared data.
    DataPreparer {
        name: "data-preparer",
        optional: false,
        reads: [Source],
        writes: [Train, Validation, Test, HoldOut],
    }
    /// Turns prepared data into a feature plan.
    FeatureAnalyzer {
        name: "feature-analyzer",
        optional: false,
        reads: [Train, Validation],
        writes: [FeaturePlan],
    }
    /// Turns a feature plan into ranked candidates.
    ModelSelector {
        name: "model-selector",
        optional: true,
        reads: [Train, FeaturePlan],
        writes: [],
    }
    /// Turns candidates into a trained model.
    ModelTrainer {
        name: "model-trainer",
        optional: false,
        reads: [Train, Validation, Test, FeaturePlan],
        writes: [Model],
    }
    /// Turns a trained model into a deployment.
    ModelDeployer {
        name: "model-deployer",
        optional: false,
        reads: [Model],
        writes: [Endpoint],
    }
    /// Turns a deployment into monitoring.
    ObservabilityConnector {
        name: "observability-connector",
        optional: false,
        reads: [Endpoint],
        writes: [],
    }
}

impl Agent {
    /// The agent at a place of the pipeline, from 0.
    #[must_use]
    pub const fn at(position: usize) -> Option<Self> {
        let mut rest: &[Self] = &Self::ALL;
        while let [first, after @ ..] = rest {
            if first.position() == position {
                return Some(*first);
            }
            rest = after;
        }
        None
    }

    /// All names, for a message that says which there are.
    #[must_use]
    pub fn names() -> String {
        Self::ALL.map(Self::as_str).join(", ")
    }

    /// Position in the pipeline, from 0.
    #[must_use]
    pub const fn position(self) -> usize {
        self as usize
    }

    /// The agent after this one in the pipeline.
    #[must_use]
    pub fn next(self) -> Option<Self> {
        Self::at(self.position() + 1)
    }

    /// The agents that may follow this one in a run: the next, and those after stages that a run can do without.
    #[must_use]
    pub fn successors(self) -> Vec<Self> {
        let mut successors = Vec::new();
        let mut last = self;
        while let Some(next) = last.next() {
            successors.push(next);
            if !next.is_optional() {
                break;
            }
            last = next;
        }
        successors
    }

    /// The agents from the first to `last`, both included.
    #[must_use]
    pub fn through(last: Self) -> Vec<Self> {
        Self::ALL.into_iter().filter(|agent| *agent <= last).collect()
    }
}

impl fmt::Display for Agent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

impl FromStr for Agent {
    type Err = ContractError;

    fn from_str(name: &str) -> Result<Self, Self::Err> {
        Self::ALL
            .into_iter()
            .find(|agent| agent.as_str() == name)
            .ok_or_else(|| ContractError::UnknownAgent { found: crate::error::excerpt(name) })
    }
}
