//! Keeps the ledger of runs beside the pipeline, derived from the stream, and serves the API and the console.
//!
//! ```text
//! stream TIER0 ──Feed──▶ Ledger::apply ──▶ Ledger ──▶ GET /api/v1/runs…
//!                                             └─────▶ watch: overdue runs, stages without a live agent
//! stream TIER0 ──Timeline──▶ GET /api/v1/runs/ID/timeline, when it is asked for
//! stream TIER0, artifacts ──leaderboard──▶ GET /api/v1/runs/ID/leaderboard, when it is asked for
//! stream TIER0 ──lineage::Mapping──▶ OpenLineage events, where a place for them is configured
//! stream TIER0 ──tracking──▶ runs and versions in MLflow, where one is configured
//! streams, records, artifacts ──collecting──▶ artifacts that nothing names, counted or removed, where that is configured
//! every part of the fleet ◀──health::Prober──▶ GET /api/v1/health
//! stream TIER0 ◀── Control ◀── POST /api/v1/runs/ID/cancel, …/retry
//! registry ◀── api::Query, api::Change ──▶ /api/v1/models…, /api/v1/endpoints…, /api/v1/alerts…, /api/v1/retraining
//! TIER0_FEEDBACK ◀── monitoring ◀── POST /api/v1/endpoints/E/feedback, and the command line
//! ```
//!
//! Invariants:
//! - Nothing waits for the orchestrator: with it down, runs complete.
//! - It keeps nothing of its own but how far lineage and MLflow were told: a restart reads the stream and has the same ledger.
//! - What is read of runs and done to them is the crate [`runs`], which the command line has too: with many orchestrators, or none,
//!   a run has one end.
//! - Every query and every change is read and answered by the crate [`api`]; [`http`] gives each its route.

mod collecting;
pub mod config;
pub mod health;
pub mod http;
pub mod lineage;
mod outputs;
mod service;
mod telemetry;
mod tracking;
pub mod trouble;
mod watch;

pub use config::Config;
pub use service::Orchestrator;
