//! Why a run is neither ended nor driven anew.

use contracts::{Agent, ContractError};

use crate::ledger::RunStatus;

/// Why nothing is done.
#[derive(Debug, thiserror::Error)]
pub enum RecoveryError {
    /// The stream has no such run.
    #[error("no run `{run}`")]
    UnknownRun {
        /// Identifier of the run.
        run: String,
    },
    /// The run has ended already, for another reason.
    #[error("run {run} has ended already: it is {}", .status.as_str())]
    Ended {
        /// Identifier of the run.
        run: String,
        /// Status that the run ended with.
        status: RunStatus,
    },
    /// The run has not ended, so that it cannot be repeated.
    #[error("run {run} has not ended; cancel it first, or wait for its end")]
    NotEnded {
        /// Identifier of the run.
        run: String,
    },
    /// It has nothing to be repeated.
    #[error("run {run} has succeeded; there is nothing to repeat")]
    Succeeded {
        /// Identifier of the run.
        run: String,
    },
    /// The stage comes after the one where the run ended.
    #[error("run {run} ended at {ended_at}, before {from}; a retry begins there or earlier")]
    NotReached {
        /// Identifier of the run.
        run: String,
        /// Agent at which the run ended.
        ended_at: Agent,
        /// What was asked for.
        from: Agent,
    },
    /// There is no handoff to begin from.
    #[error("run {run} cannot begin again at {from}: no handoff to it can be read{}", instead(.possible))]
    NoHandoff {
        /// Identifier of the run.
        run: String,
        /// What was asked for, or where the run ended.
        from: Agent,
        /// Stages that have one.
        possible: Vec<Agent>,
    },
    /// Its original was cut.
    #[error(
        "dead letter {id} holds only the beginning of its message, which was larger than a dead letter keeps; \
         ask for the run again, or repeat it with `tier0 runs retry`"
    )]
    Truncated {
        /// Id of the dead letter: stream and sequence of its message, such as `TIER0.42`.
        id: String,
    },
    /// Its original cannot be understood.
    #[error("the message of dead letter {id} cannot be read, so that it would be put aside again")]
    Unreadable {
        /// Id of the dead letter: stream and sequence of its message, such as `TIER0.42`.
        id: String,
        /// Error of the contract, which names the field.
        #[source]
        source: ContractError,
    },
    /// Its original is neither a request nor a handoff.
    #[error(
        "the message of dead letter {id} came on {subject}; only requests and handoffs can be repeated"
    )]
    NotRepeatable {
        /// Id of the dead letter: stream and sequence of its message, such as `TIER0.42`.
        id: String,
        /// NATS subject of the message.
        subject: String,
    },
    /// The message that would be published breaks the contract.
    #[error("the message that would do it breaks the contract")]
    Contract(#[from] ContractError),
}

impl RecoveryError {
    /// Stable identifier of the error in snake_case, for programs.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::UnknownRun { .. } => "run_not_found",
            Self::Ended { .. } => "run_ended",
            Self::NotEnded { .. } => "run_not_ended",
            Self::Succeeded { .. } => "run_succeeded",
            Self::NotReached { .. } => "stage_not_reached",
            Self::NoHandoff { .. } => "no_handoff",
            Self::Truncated { .. } => "truncated",
            Self::Unreadable { .. } => "unreadable",
            Self::NotRepeatable { .. } => "not_repeatable",
            Self::Contract(_) => "contract",
        }
    }
}

fn instead(possible: &[Agent]) -> String {
    if possible.is_empty() {
        return String::new();
    }
    let names: Vec<&str> = possible.iter().map(|agent| agent.as_str()).collect();
    format!("; it can at {}", names.join(", "))
}
