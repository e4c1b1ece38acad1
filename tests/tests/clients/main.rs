//! Files that tier0 and the tools of others exchange: what theirs write is read, what is written here is read by theirs, and Great
//! Expectations agrees with what is said of a table.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::print_stderr,
    reason = "a test"
)]

mod dashboards;
mod expectations;
mod messages;
mod openapi;
mod tables;
