//! The loop around a small stage, as a process of its own, against a real nats-server.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::print_stdout,
    clippy::disallowed_methods,
    clippy::zombie_processes,
    reason = "a test"
)]

mod agent;
mod configuration;
mod lifecycle;
mod settling;
