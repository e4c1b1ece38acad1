//! What people see of monitoring, and what they answer: the same for the API and the command line.
//!
//! Reading and answering go through the registry, and outcomes through their stream, so that neither needs the process that
//! monitors: it finds what was answered when it looks.

use serde::{Deserialize, Serialize};

pub mod alerts;
mod feedback;
mod names;
mod performance;
pub mod retraining;
mod watched;

pub use alerts::{AlertFilter, AlertView, AlertsDocument, RaisedView, Standing};
pub use feedback::{FeedbackDocument, Outcomes, identity, publish};
pub use names::{Kind, Progress, Severity, State, UnknownName};
pub use performance::{PerformanceView, SegmentView};
pub use retraining::{
    Answer, AnswerError, AttemptView, BatchView, CauseView, Decision, IssueView, RetrainingView,
    RetrainingsDocument, answer, decide,
};
pub use watched::{CountsView, MonitorView, MonitoringDocument, is_known, read};

/// Body of an answer to an alert or a retraining; may be left out.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct NoteBody {
    /// What there is to say.
    pub note: String,
    /// Who says it.
    pub by: Option<String>,
    /// The retraining that is meant; the newest that waits where it is left out.
    pub request_id: Option<String>,
}

/// Why outcomes were not stored.
#[derive(Debug, thiserror::Error)]
pub enum PublishError {
    /// They break the contract.
    #[error("the outcomes are not valid")]
    Contract(#[from] contracts::ContractError),
    /// The broker did not store them.
    #[error("the broker did not store the outcomes")]
    Bus(#[from] bus::Error),
}
