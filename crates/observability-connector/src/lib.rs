//! Registers what a deployed model is compared with, counts what it predicts, joins outcomes, raises alerts and retrains.
//!
//! ```text
//!   deployment ─▶ stage ─▶ monitor (endpoint, digest, reference) ─▶ TIER0_MONITORS
//!
//!   TIER0_PREDICTIONS ─▶ count ─▶ slices of sketches, counts ─┐
//!   TIER0_FEEDBACK ────▶ join ──▶ labelled rows ──────────────┼─▶ check ─▶ alerts ─▶ TIER0_ALERTS ─▶ notify ─▶ webhooks
//!   reports of the servers ───────────────────────────────────┘              └─▶ retrain ─▶ a scope request
//! ```
//!
//! What is computed and decided is in the crate `monitoring`; here are the stage, the tasks, and what they read and write.
//!
//! Invariants:
//! - Every event and every outcome counts exactly once, over redeliveries, restarts and replicas: the sequences that are
//!   in a value are stored with it, and replaced by compare-and-swap.
//! - An event is acknowledged only after the values that hold it have been stored.
//! - What is kept of traffic is bounded: sketches of windows, and the newest labelled rows of a version.
//! - No deployment is changed here: alerts and scope requests are published, and others act on them.
//! - Rows are trained on only after they were examined, and by a run that examines them again.

mod config;
mod error;
mod stage;
mod tasks;
mod telemetry;
mod windows;

pub use crate::stage::ObservabilityConnector;
pub use config::{Config, Monitoring};
pub use error::Error;
