//! Runs and versions in an MLflow server, derived from the stream, for people who compare models there.
//!
//! ```text
//! stream TIER0 ──results, durable consumer──▶ Tracker ──Mapping──▶ RunRecord ─┐
//! artifact store ──bundle──▶ onnx::export ──▶ ModelDirectory ─────────────────┴▶ mlflow::Mirror ─▶ acknowledgement
//! registry ──which version is in production──▶ Champions ──▶ alias `champion`
//! ```
//!
//! Invariants:
//! - No run waits for it: it reads results that have been stored. A server that is down is told later.
//! - A result is acknowledged after it was told as a whole; told again, it is looked up and not made again.
//! - What the server refuses for good is passed over, logged and counted.
//! - [`mapping`] is pure.

mod champions;
mod files;
mod mapping;
mod tracker;

pub(crate) use tracker::run;

#[cfg(test)]
mod tests;
