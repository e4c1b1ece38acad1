//! Classes of advisories that were published of MLflow, BentoML and Triton: for each, what keeps it from happening here.
//!
//! Inputs are harmless: they have the form that the class is about, and no effect of their own. `docs/security.md` has the table.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test stops at the first surprise"
)]

mod bombs;
mod listeners;
mod models;
mod names;
mod servers;
mod tensors;
