//! What people see of monitoring, and what they answer: the same for the API and the command line.
//!
//! Reading and answering go through the registry, and outcomes through their stream, so that neither needs the process that
//! monitors: it finds what was answered when it looks.

pub mod alerts;
mod feedback;
mod names;
mod performance;
pub mod retraining;
mod watched;

pub use alerts::{
    AcknowledgeAlert, AlertFilter, AlertView, AlertsDocument, ListAlerts, RaisedView, ResolveAlert,
    ShowAlert, Standing,
};
pub use feedback::{FeedbackDocument, Outcomes, identity, publish};
pub use names::{Kind, Progress, Severity, State, UnknownName};
pub use performance::{PerformanceView, SegmentView};
pub use retraining::{
    AnswerError, ApproveRetraining, AttemptView, BatchView, CauseView, DeclineRetraining,
    IssueView, ListRetrainings, RetrainingView, RetrainingsDocument, ShowRetraining,
};
pub use watched::{CountsView, MonitorView, MonitoringDocument, ShowMonitoring, known};

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
