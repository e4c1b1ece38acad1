//! The identities.

use std::fmt;
use std::str::FromStr;

use contracts::{Agent, names};

/// Who a process is to the broker: one user, with one key, whatever the number of its replicas.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Identity {
    /// An agent, with all its replicas.
    Agent(Agent),
    /// The orchestrator.
    Orchestrator,
    /// The model servers.
    ModelServer,
    /// What makes and changes streams, buckets and durable consumers: `tier0 setup`, and the supervisor of an embedded fleet.
    SetUp,
    /// A person who operates the fleet by the command line.
    Operator,
    /// What makes backups: it reads everything, and changes nothing.
    Backup,
    /// A program that asks for models and tells outcomes.
    Client,
}

/// A name that is none of an identity.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("no identity has the name `{found}`; there are {}", Identity::names())]
pub struct UnknownIdentity {
    /// Name that was given.
    pub found: String,
}

impl Identity {
    /// All identities: the agents in the order of the pipeline, then the others.
    #[must_use]
    pub fn all() -> Vec<Self> {
        Agent::ALL
            .into_iter()
            .map(Self::Agent)
            .chain([
                Self::Orchestrator,
                Self::ModelServer,
                Self::SetUp,
                Self::Operator,
                Self::Backup,
                Self::Client,
            ])
            .collect()
    }

    /// The name: of a process that of its program.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Agent(agent) => agent.as_str(),
            Self::Orchestrator => "orchestrator",
            Self::ModelServer => "model-server",
            Self::SetUp => "set-up",
            Self::Operator => "operator",
            Self::Backup => "backup",
            Self::Client => "client",
        }
    }

    /// All names, for a message that says which there are.
    #[must_use]
    pub fn names() -> String {
        Self::all().into_iter().map(Self::as_str).collect::<Vec<_>>().join(", ")
    }

    /// The subjects of its inbox, as one filter.
    #[must_use]
    pub fn inbox(self) -> String {
        format!("{}.>", names::inbox_prefix(self.as_str()))
    }
}

impl fmt::Display for Identity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

impl FromStr for Identity {
    type Err = UnknownIdentity;

    fn from_str(name: &str) -> Result<Self, Self::Err> {
        Self::all()
            .into_iter()
            .find(|identity| identity.as_str() == name)
            .ok_or_else(|| UnknownIdentity { found: name.to_owned() })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_name_is_one_token_and_names_one_identity() {
        for identity in Identity::all() {
            assert_eq!(identity.as_str().parse(), Ok(identity));
            assert!(contracts::is_name(identity.as_str()), "{identity}");
        }
        let error = "admin".parse::<Identity>().map_err(|error| error.to_string());
        assert!(error.is_err_and(|error| error.contains("scope-definer, data-preparer")));
    }
}
