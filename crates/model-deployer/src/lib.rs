//! Brings a trained model to traffic: checked off-traffic by the trainer's own predictions, then switched at once or step by step on measured traffic.
//!
//! ```text
//!   trained model ─▶ register ─▶ staging ─▶ green ─▶ every server has it ─▶ check off-traffic ─▶ switch ─▶ production
//!                                             │            │                      │
//!                                             └────────────┴── on failure: green removed, version archived, blue untouched
//! ```
//!
//! Invariants:
//! - The endpoint's record changes by compare-and-swap only, and only this run's version is ever put or removed.
//! - A version goes live only after every live server has answered the check rows with the trainer's predictions.
//! - Each step bears repetition: a run that is delivered again finds its version, its green or its switch and goes on.
//! - A version goes live once: before another takes its place the registry has it as having been in production, which a repetition finds however many came after it.
//! - Whatever fails, the version that answered before answers still.
//! - What goes on beside the live version is a rollout in the record, which the controller of any replica carries on; the run waits for it where it has an end.

pub mod blue_green;
mod challenge;
pub mod check;
mod client;
mod config;
mod controller;
mod deployment;
mod error;
mod inputs;
mod predecessor;
mod progressive;
mod replay;
mod stage;
mod telemetry;
mod tracker;

pub use crate::stage::ModelDeployer;
pub use config::{Config, Deploy};
pub use error::{DeployError, Error};
