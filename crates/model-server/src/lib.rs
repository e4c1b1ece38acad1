//! The data plane: answers predictions.
//!
//! ```text
//!   REST  /v2/… ─────────┐                                      ┌─▶ answer
//!   REST  /invocations ──┼─▶ Input ─▶ Frame ─▶ Scorer ─▶ Answer ┤
//!   gRPC  inference ─────┘   (checked against the signature)    └─▶ event, if it was live traffic
//!
//!   deployment record ─▶ bundles ─▶ Shelf (which version answers) ─▶ report
//! ```
//!
//! Invariants:
//! - A request is answered by one version, taken when it arrives; a switch loses no request.
//! - What does not fit the signature is refused by name; no message holds a value of a row.
//! - Publishing what was answered never delays an answer.
//! - Work beyond the configured bounds is turned away at once, with a time to come back.
//! - No C++ is linked: bundles are data, evaluated by `scoring`.

pub mod cache;
pub mod catalogue;
pub mod config;
pub mod deployments;
pub mod describe;
pub mod error;
pub mod events;
pub mod explain;
pub mod frame;
pub mod grpc;
pub mod listener;
pub mod load;
pub mod loaded;
pub mod pace;
pub mod predict;
pub mod protocol;
pub mod rest;
pub mod server;
pub mod service;
pub mod telemetry;
mod threads;

pub use service::ModelServer;
