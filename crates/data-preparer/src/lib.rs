//! Tier 0 agent: a data source becomes checked, cleaned and split tables, or the run ends with a report of what is wrong.
//!
//! ```text
//! Scope ─▶ tables::load ─▶ target ─▶ columns ─▶ split ─▶ leakage ─▶ clean ─▶ profile ─▶ gate ─┬▶ PreparedData
//!          structure,      missing,  excluded,  60/20/   train      fitted   of train          └▶ quality_gate_failed
//!          cohort,         classes   identifier 15/5     only       on train
//!          duplicates
//! ```
//!
//! Invariants:
//! - What is learned is learned from the training split alone, and nothing is done to the target.
//! - Data without a passed gate leave this agent only as a failure; no table is written then.
//! - The same rows, or the same entity, are never in two splits.
//! - Messages name columns and row numbers, never values.

mod columns;
mod config;
mod error;
mod issues;
mod leakage;
mod measure;
mod prepare;
mod splitting;
mod stage;

pub use crate::stage::DataPreparer;
pub use config::{CapOutliers, Config, FillMissing};
pub use error::Error;
pub use prepare::{Cleaning, Input, Prepared, RejectedData, Settings, prepare};
