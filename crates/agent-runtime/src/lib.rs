//! The whole process of an agent but its decision.
//!
//! ```text
//!            ┌────────────── Stage::background
//!  config ─▶ bus ─▶ Stage::new ─▶ pull ─▶ decode ─▶ gone on from already? ──yes──────────────────┐
//!                                                     │ no                                       ▼
//!                                                     ▼                         publish_next ─▶ double ack
//!                                 done before, or Stage::handle ─▶ check ─▶ keep ─┘
//! ```
//!
//! Invariants:
//! - Nothing is acknowledged before what follows from it has been stored and confirmed.
//! - What follows is stored only where its input is still the last of its run's chain, so a repeated or late delivery repeats
//!   no effect.
//! - Every error is classified by an exhaustive match: repeated, put aside, or the end of the run.
//! - A run that has ended or was cancelled is not worked on.
//! - CPU-bound work never runs on the threads that keep the connection alive.
//!
//! A binary is `fn main() -> std::process::ExitCode { agent_runtime::main::<ModelTrainer>() }`.

mod cli;
mod config;
mod cpu;
mod disposition;
mod events;
pub mod fault;
mod health;
pub mod http;
mod metrics;
pub mod no_op;
mod process;
mod ready;
mod resources;
mod service;
mod stage;
pub mod telemetry;
mod worker;

pub use config::{
    ArtifactsConfig, CheckConfig, CommonConfig, HttpConfig, Layers, Loaded, LogConfig, LogFormat,
    NoConfig, OtlpConfig, Problem, StageConfig, load,
};
pub use cpu::{BlockingError, Cpu};
pub use disposition::{Classify, Disposition, StartError};
pub use metrics::dead_lettered;
pub use process::{main, run_stage, service_main};
pub use ready::Ready;
pub use resources::Resources;
pub use service::Service;
pub use stage::{ArtifactError, Stage, StageContext, StageResult};
pub use telemetry::{continue_trace, inject_trace, spans};
pub use tokio_util::sync::CancellationToken;

/// The version of every process of the workspace.
pub const VERSION: &str = env!("CARGO_PKG_VERSION");
