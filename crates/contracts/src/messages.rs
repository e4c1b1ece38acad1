//! Messages that are worked with as they travel: records of the registry, events, alerts, replies, and what a stage tells beside its output.
//!
//! The crates `registry`, `rollout` and `monitoring` are defined on them, and check them where they are read.

pub use crate::v1::{
    Alert, AlertKind, AlertRecord, AlertSeverity, AlertState, AnalysisResult, Answered,
    ArtifactRef, BreakerState, DeadLetter, DeployedVersion, DeploymentRecord, EventColumn, Failure,
    Feedback, FitRecord, FitTask, Handoff, HandoffStatus, LoadFailure, ModelStage, ModelVersion,
    Monitor, MonitorCounts, Performance, PredictionEvent, QualityIssue, RetrainingAttempt,
    RetrainingState, Rollout, RolloutPhase, ScopeReply, SearchOffer, SegmentPerformance,
    ServerReport, StageOutput, StageTransition, Verdict, VersionTraffic, Warning,
};
