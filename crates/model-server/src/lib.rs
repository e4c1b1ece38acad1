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
//! - A request is answered by the versions there are when it arrives; a switch loses no request.
//! - A version that fails costs its breaker, not the caller, as long as another one can answer.
//! - What does not fit the signature is refused by name; no message holds a value of a row.
//! - Publishing what was answered never delays an answer.
//! - Work beyond the configured bounds is turned away at once, with a time to come back.
//! - No C++ is linked: bundles are data, evaluated by `scoring`.

pub mod answering;
pub mod breaker;
pub mod cache;
pub mod catalogue;
pub mod config;
pub mod deployments;
pub mod describe;
pub mod ensemble;
pub mod error;
pub mod events;
pub mod explain;
pub mod fault;
pub mod feedback;
pub mod frame;
pub mod gathered;
pub mod grpc;
pub mod listener;
pub mod load;
pub mod loaded;
pub mod mirror;
pub mod pace;
pub mod predict;
pub mod protocol;
pub mod rest;
pub mod routing;
pub mod server;
pub mod service;
pub mod telemetry;
mod threads;
mod trace;
pub mod traffic;

pub use service::ModelServer;
