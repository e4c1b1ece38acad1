//! Points of a settlement at which the test of recovery has a process crash.
//!
//! Only the build feature `fault-injection` crashes: `TIER0_FAULT` names faults, divided by commas, and
//! `after:record_outcome@data-preparer` ends the process of the data-preparer as SIGKILL would, right after it has recorded
//! an outcome; with `/RUN` at its end, of that run only. Each fault happens once: it leaves a file in `TIER0_FAULT_DIR`, and
//! a process that finds the file goes on. In the build that is shipped a point is nothing.

#[cfg(feature = "fault-injection")]
mod injected;
#[cfg(not(feature = "fault-injection"))]
#[path = "fault/plain.rs"]
mod injected;

pub use artifacts::Moment;
pub use injected::pass;
pub(crate) use injected::{announce, prepare};

/// What has to be durable before the next step of a settlement.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Point {
    /// An artifact is written.
    WriteArtifact,
    /// The outcome is recorded.
    RecordOutcome,
    /// What follows is published.
    Publish,
    /// The input is acknowledged.
    Ack,
}
