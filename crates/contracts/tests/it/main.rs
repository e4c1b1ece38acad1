//! The contract from outside: golden bytes, round trips, refusals.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test"
)]

mod encodings;
mod golden;
mod handoffs;
mod properties;
mod refusals;
mod samples;
mod schema;
mod subjects;
