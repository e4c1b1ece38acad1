//! Tier 0 agent: a data source becomes checked, cleaned and split tables, or the run ends with a report of what is wrong.
//!
//! ```text
//! Scope ─▶ tables::load ─▶ target ─▶ columns ─▶ split ─▶ leakage ─▶ clean ─▶ profile ─▶ gate ─┬▶ PreparedData
//!          structure,      missing,  excluded,  60/20/   train      fitted   of train          └▶ quality_gate_failed
//!          cohort,         classes   identifier 15/5     only       on train
//!          records once
//! ```
//!
//! Invariants:
//! - What is learned is learned from the training split alone, and nothing is done to the target.
//! - Data without a passed gate leave this agent only as a failure; no table is written then.
//! - The same rows, or the same entity, are never in two splits.
//! - Messages name columns and row numbers, never values.

mod blanks;
mod columns;
mod config;
mod duplicates;
mod error;
mod issues;
mod leakage;
mod left_out;
mod measure;
mod personal;
mod prepare;
mod refusal;
mod splitting;
mod stage;
mod warnings;

pub use crate::stage::DataPreparer;
pub use config::{CapOutliers, Config, FillMissing};
pub use error::Error;
pub use prepare::{Cleaning, Input, Prepared, RejectedData, Settings, prepare};
