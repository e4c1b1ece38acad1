//! Verdicts on many windows: how often there is a false alarm, and which drifts are found.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::print_stdout,
    reason = "a test stops at the first surprise"
)]

mod columns;
mod false_alarms;
mod power;
