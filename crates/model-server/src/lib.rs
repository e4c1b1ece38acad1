//! Answers predictions: the data plane.
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

mod answering;
mod breaker;
mod cache;
mod catalogue;
mod config;
mod deployments;
mod describe;
mod ensemble;
mod error;
mod event_batch;
mod events;
mod explain;
pub mod fault;
mod feedback;
mod frame;
mod grpc;
mod latency;
mod listener;
mod load;
mod loaded;
mod mirror;
mod predict;
mod protocol;
mod rest;
mod routing;
mod server;
mod service;
mod telemetry;
pub mod testing;
mod threads;
mod trace;
mod traffic;

pub use service::ModelServer;
