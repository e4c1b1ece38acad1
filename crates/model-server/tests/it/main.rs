//! The model server through its listeners, with real bundles, and with a real broker where it follows deployments.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::print_stderr,
    clippy::print_stdout,
    clippy::indexing_slicing,
    reason = "a test"
)]

mod bad_input;
mod cache;
mod clients;
mod deployments;
mod explain;
mod grpc;
mod guards;
mod limits;
mod mlflow;
mod other_inputs;
mod poison;
mod rights;
#[cfg(feature = "fault-injection")]
mod s10_circuit_breaker;
mod spelling;
mod support;
mod switch;
mod tls;
mod triton;
mod v2;
