//! The seven agents, in the order in which a run goes through them.

use std::fmt;
use std::str::FromStr;

use crate::ContractError;

/// An agent. The order of the variants is the order of the pipeline.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Agent {
    /// Turns a request into a scope.
    ScopeDefiner,
    /// Turns a scope into prepared data.
    DataPreparer,
    /// Turns prepared data into a feature plan.
    FeatureAnalyzer,
    /// Turns a feature plan into ranked candidates.
    ModelSelector,
    /// Turns candidates into a trained model.
    ModelTrainer,
    /// Turns a trained model into a deployment.
    ModelDeployer,
    /// Turns a deployment into monitoring.
    ObservabilityConnector,
}

impl Agent {
    /// All agents in the order of the pipeline.
    pub const ALL: [Self; 7] = [
        Self::ScopeDefiner,
        Self::DataPreparer,
        Self::FeatureAnalyzer,
        Self::ModelSelector,
        Self::ModelTrainer,
        Self::ModelDeployer,
        Self::ObservabilityConnector,
    ];

    /// The name, as in subjects, configuration and binaries.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::ScopeDefiner => "scope-definer",
            Self::DataPreparer => "data-preparer",
            Self::FeatureAnalyzer => "feature-analyzer",
            Self::ModelSelector => "model-selector",
            Self::ModelTrainer => "model-trainer",
            Self::ModelDeployer => "model-deployer",
            Self::ObservabilityConnector => "observability-connector",
        }
    }

    /// Position in the pipeline, from 0.
    #[must_use]
    pub const fn position(self) -> usize {
        self as usize
    }

    /// The agent after this one in the pipeline.
    #[must_use]
    pub fn next(self) -> Option<Self> {
        Self::ALL.get(self.position() + 1).copied()
    }

    /// Whether a run can do without this stage.
    ///
    /// Without the model-selector the trainer searches among all algorithms that fit the problem.
    #[must_use]
    pub const fn is_optional(self) -> bool {
        matches!(self, Self::ModelSelector)
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
