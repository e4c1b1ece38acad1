//! The names of stages, which every run repeats.

use contracts::Agent;

/// The name of a stage; without memory of its own where it is one of the agents.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum StageName {
    /// One of the seven agents.
    Agent(Agent),
    /// Whatever else a message says.
    Other(Box<str>),
}

impl StageName {
    pub(super) fn parse(name: &str) -> Self {
        name.parse().map_or_else(|_| Self::Other(super::short(name, 64).into()), Self::Agent)
    }

    pub(super) fn as_str(&self) -> &str {
        match self {
            Self::Agent(agent) => agent.as_str(),
            Self::Other(name) => name,
        }
    }
}

impl Default for StageName {
    fn default() -> Self {
        Self::Other(Box::default())
    }
}
