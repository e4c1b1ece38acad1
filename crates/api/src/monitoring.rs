//! What people see of monitoring, and what they answer: the same for the API and the command line.
//!
//! Reading and answering go through the registry, and outcomes through their stream, so that neither needs the process that
//! monitors: it finds what was answered when it looks.

pub mod alerts;
mod endpoint;
mod feedback;
mod history;
mod names;
mod performance;
pub mod retraining;

pub use alerts::{
    AcknowledgeAlert, AlertFilter, AlertStateFilter, AlertView, AlertsDocument, ListAlerts,
    RaisedView, ResolveAlert, ShowAlert,
};
pub use endpoint::{CountsView, MonitorView, MonitoringDocument, ShowMonitoring, known};
pub use feedback::{FeedbackDocument, Outcomes, identity, publish};
pub use history::{
    DriftPoint, DriftPointColumn, MonitoringHistory, MonitoringHistoryDocument, PerformancePoint,
};
pub use names::{Kind, ParseNameError, Progress, Severity, State};
pub use performance::{PerformanceView, SegmentView};
pub use retraining::{
    AnswerError, ApproveRetraining, AttemptView, BatchView, CauseView, DeclineRetraining,
    IssueView, ListRetrainings, RetrainingView, RetrainingsDocument, ShowRetraining,
};

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
