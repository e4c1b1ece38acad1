//! The run ledger beside the pipeline: derived from the stream, asked by people.
//!
//! ```text
//! stream TIER0 ──Feed──▶ Ledger::apply ──▶ Ledger ──▶ GET /api/v1/runs…
//! ```
//!
//! Invariants:
//! - Nothing waits for the orchestrator: with it down, runs complete.
//! - It keeps nothing of its own: a restart reads the stream and has the same ledger.
//! - [`ledger`] is pure, so that the command line folds the same stream where the orchestrator does not answer.

pub mod api;
pub mod config;
pub mod feed;
pub mod ledger;
mod service;

pub use config::Config;
pub use service::Orchestrator;
