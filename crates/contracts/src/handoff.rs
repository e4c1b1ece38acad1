//! The handoff: a checked message, typed access to it, and the making of the next one.
//!
//! What a [`ValidHandoff`] promises, besides the rules of its parts:
//! - the plan has stages in the order of the pipeline, and leaves out none between but what a run can do without;
//! - `outputs` are those of every such stage before the recipient, in that order, the last one's by the sender;
//! - `handoff_id` is `RUN.EPOCH.TO`, so that a repetition is the same message;
//! - a FAILED handoff goes to `end` and says why; no other does.
//!
//! Each hop checks what is new to it. A stage's output is checked against all rules before its own stage publishes it, and by
//! the agent that receives it from there. The outputs before that are only brought into checked form ([`crate::stages`]), which refuses
//! what is missing or unspecified. What the intake sends is checked as a whole: no process has checked it before.

mod check;
mod make;
mod pack;

use std::fmt;
use std::sync::{Arc, LazyLock};
use std::time::SystemTime;

use crate::stages::Output;
use crate::{Agent, ContractError, Lane, RunId, names, time, v1};

pub use make::{Finished, FirstHandoff, StageTimes};
pub(crate) use pack::{pack, unpack};

/// Who made a handoff.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sender {
    /// The intake, which starts a run.
    Intake,
    /// One of the seven agents.
    Agent(Agent),
}

impl Sender {
    /// The name as it travels.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Intake => names::INTAKE,
            Self::Agent(agent) => agent.as_str(),
        }
    }
}

impl fmt::Display for Sender {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

/// Who a handoff is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Recipient {
    /// One of the seven agents.
    Agent(Agent),
    /// No agent: the run has ended.
    End,
}

impl Recipient {
    /// The name as it travels.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Agent(agent) => agent.as_str(),
            Self::End => names::END,
        }
    }
}

impl fmt::Display for Recipient {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

/// A handoff that keeps the contract.
#[derive(Debug, Clone, PartialEq)]
pub struct ValidHandoff {
    message: v1::Handoff,
    run_id: RunId,
    from: Sender,
    to: Recipient,
    status: v1::HandoffStatus,
    plan: Vec<Agent>,
    /// The outputs in checked form, in the order of `message.outputs`.
    pub(crate) stages: Vec<Arc<Output>>,
}

static NO_REQUEST: LazyLock<v1::ScopeRequest> = LazyLock::new(v1::ScopeRequest::default);

impl ValidHandoff {
    /// Identifier of the run.
    #[must_use]
    pub const fn run_id(&self) -> &RunId {
        &self.run_id
    }

    /// How often the run has been driven through this stage, from 0.
    #[must_use]
    pub const fn epoch(&self) -> u32 {
        self.message.epoch
    }

    /// Which delivery of its input made it, from 1.
    #[must_use]
    pub const fn attempt(&self) -> u32 {
        self.message.attempt
    }

    /// `RUN.EPOCH.TO`: the same for every repetition.
    #[must_use]
    pub fn handoff_id(&self) -> &str {
        &self.message.handoff_id
    }

    /// Sender of the handoff: the intake or an agent.
    #[must_use]
    pub const fn from(&self) -> Sender {
        self.from
    }

    /// Who it is for.
    #[must_use]
    pub const fn to(&self) -> Recipient {
        self.to
    }

    /// How the stage before it ended.
    #[must_use]
    pub const fn status(&self) -> v1::HandoffStatus {
        self.status
    }

    /// The stages of the run, in order; empty for a failure of which only the run is known.
    #[must_use]
    pub fn plan(&self) -> &[Agent] {
        &self.plan
    }

    /// The lane in which the run's handoffs travel.
    #[must_use]
    pub fn lane(&self) -> Lane {
        self.request().priority().into()
    }

    /// When the run must have ended.
    #[must_use]
    pub fn deadline(&self) -> Option<SystemTime> {
        self.message.plan.as_ref()?.deadline.as_ref().and_then(time::system_time)
    }

    /// When it was made.
    #[must_use]
    pub fn timestamp(&self) -> SystemTime {
        self.message
            .timestamp
            .as_ref()
            .and_then(time::system_time)
            .unwrap_or(SystemTime::UNIX_EPOCH)
    }

    /// The request that started the run; the default one for a failure of which only the run is known.
    #[must_use]
    pub fn request(&self) -> &v1::ScopeRequest {
        self.message.request.as_ref().unwrap_or(&NO_REQUEST)
    }

    /// What the stages have put out, as it travels, in the order of the pipeline; [`scope`](Self::scope) and its like have it in checked form.
    #[must_use]
    pub fn outputs(&self) -> &[v1::StageOutput] {
        &self.message.outputs
    }

    /// What a person should know.
    #[must_use]
    pub fn warnings(&self) -> &[v1::Warning] {
        &self.message.warnings
    }

    /// Why the run failed, where it did.
    #[must_use]
    pub const fn failure(&self) -> Option<&v1::Failure> {
        self.message.failure.as_ref()
    }

    /// The message, as it travels.
    #[must_use]
    pub const fn as_message(&self) -> &v1::Handoff {
        &self.message
    }

    /// The message, as it travels.
    #[must_use]
    pub fn into_message(self) -> v1::Handoff {
        self.message
    }

    /// The subject on which it is published: of the recipient's handoffs, or of the results.
    #[must_use]
    pub fn subject(&self) -> String {
        match self.to {
            Recipient::Agent(agent) => {
                crate::subjects::handoff_in(self.lane(), agent, &self.run_id, self.message.epoch)
            }
            Recipient::End => crate::subjects::result(&self.run_id, self.message.epoch),
        }
    }

    /// The chain that it is a link of, as a filter of subjects.
    #[must_use]
    pub fn chain(&self) -> String {
        crate::subjects::chain(&self.run_id, self.message.epoch)
    }
}

impl TryFrom<v1::Handoff> for ValidHandoff {
    type Error = ContractError;

    fn try_from(message: v1::Handoff) -> Result<Self, Self::Error> {
        check::handoff(pack::unpack(message)?, None)
    }
}

impl From<ValidHandoff> for v1::Handoff {
    fn from(handoff: ValidHandoff) -> Self {
        handoff.message
    }
}
