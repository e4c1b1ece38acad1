//! The frame of every process: what agents, services and the command line have in common.
//!
//! ```text
//! command line ─▶ configuration ─▶ telemetry ─▶ listener (health, metrics) ─▶ broker, artifact store ─▶ Service::run
//!                                                                                                           │
//!                                          exit code ◀─ last words ◀─ not ready ◀─ SIGTERM, SIGINT ─────────┘
//! ```
//!
//! Invariants:
//! - Every problem of a configuration is reported at once, with its source, and without its value.
//! - A listener that other machines reach asks for a token, and speaks TLS unless the operator says that it need not.
//! - CPU-bound work never runs on the threads that keep the connection alive.
//!
//! A binary is `fn main() -> std::process::ExitCode { process::main::<ModelServer>() }`.

mod cli;
mod config;
mod cpu;
mod error;
pub mod fault;
mod frame;
mod health;
pub mod http;
mod metrics;
mod profile;
mod ready;
mod resources;
mod service;
pub mod telemetry;

pub use ::tls::{ClientTls, ListenerTls, PeerIdentity};
pub use config::{
    ArtifactsConfig, CheckConfig, CommonConfig, FileProblems, HttpConfig, Layers, LoadedConfig,
    LogConfig, LogFormat, NoConfig, OtlpConfig, Problem, StageConfig, load,
};
pub use cpu::{BlockingError, Cpu, panic_message};
pub use error::StartError;
pub use frame::{main, retry_transient};
pub use ready::Readiness;
pub use resources::Resources;
pub use secret::SecretFileError;
pub use service::Service;
pub use telemetry::{continue_trace, inject_trace, spans};
pub use tokio_util::sync::CancellationToken;

/// The version of every process of the workspace.
pub const VERSION: &str = env!("CARGO_PKG_VERSION");
