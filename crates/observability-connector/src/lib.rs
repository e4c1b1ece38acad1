//! Registers what a deployed model is compared with, records what it predicts, joins outcomes, and acts on what it finds.
//!
//! ```text
//!   deployment ─▶ monitor (endpoint, digest, reference) ─▶ TIER0_MONITORS
//!
//!   TIER0_PREDICTIONS ─▶ counter ─▶ slices of sketches, counts ─┐
//!   TIER0_FEEDBACK ────▶ joiner ──▶ labelled rows ──────────────┼─▶ checker ─▶ alerts ─▶ TIER0_ALERTS, webhooks
//!   reports of the servers ─────────────────────────────────────┘                └─▶ retraining: a scope request
//! ```
//!
//! Invariants:
//! - Every event and every outcome counts exactly once, over redeliveries, restarts and replicas: the sequences that are
//!   in a value are stored with it, and replaced by compare-and-swap.
//! - An event is acknowledged only after the values that hold it have been stored.
//! - What is kept of traffic is bounded: sketches of windows, and the newest labelled rows of a version.
//! - Nothing here changes a deployment: it tells, and asks.
//! - Rows are trained on only after they were examined, and by a run that examines them again.

mod checker;
mod config;
mod counter;
mod error;
mod joiner;
mod locator;
mod reference;
mod retrainer;
mod stage;
mod store;
mod telemetry;
pub mod webhooks;
mod windows;

pub use config::{Config, Monitoring};
pub use counter::counts_key;
pub use error::Error;
pub use stage::ObservabilityConnector;
