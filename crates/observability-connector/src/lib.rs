//! Registers what a deployed model is compared with, and counts what it predicts.
//!
//! ```text
//!   deployment ─▶ monitor (endpoint, digest, reference profile) ─▶ TIER0_MONITORS
//!
//!   TIER0_PREDICTIONS ─▶ batch ─▶ ledger: counts + sequences counted, one compare-and-swap ─▶ acknowledge
//!                                   └─▶ counts per endpoint (key-value), /metrics
//! ```
//!
//! Invariants:
//! - Every event is counted exactly once, over redeliveries, restarts and replicas: the sequences that were counted are
//!   stored in the same value as the counts, and replaced by compare-and-swap.
//! - An event is acknowledged only after the counts that hold it have been stored.
//! - No value of a row is kept: only names of columns and classes, and numbers of rows.

pub mod alerting;
pub mod batch;
pub mod batches;
mod checker;
mod config;
mod counter;
mod error;
pub mod estimate;
pub mod findings;
pub mod index;
pub mod joined;
mod joiner;
pub mod labelled;
pub mod ledger;
mod locator;
pub mod outcomes;
pub mod performance;
pub mod quarantine;
mod reference;
mod retrainer;
pub mod retraining;
pub mod sequences;
pub mod slices;
mod stage;
mod store;
mod telemetry;
mod traffic;
pub mod webhooks;
mod windows;

pub use checker::DriftDocument;
pub use config::{Config, Monitoring};
pub use counter::counts_key;
pub use error::Error;
pub use stage::ObservabilityConnector;
