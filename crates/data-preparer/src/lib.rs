//! Turns a data source into checked, cleaned and split tables, or ends the run with a report of what is wrong.
//!
//! ```text
//! Scope ─▶ tables::load ─▶ target ─▶ split ─▶ columns ─▶ leakage ─▶ clean ─▶ profile ─▶ gate ─┬▶ splits, PreparedData
//!          structure,      missing,  60/20/   useless,    a seeded   fitted   of train          └▶ quality_gate_failed
//!          cohort,         classes   15/5     identifier  sample     on train
//!          records once
//! ```
//!
//! No table is in memory: rows are stored as they are read (`tables`), judged one column after another ([`assess`]), and written
//! block by block ([`write`]).
//!
//! Invariants:
//! - What is learned is learned from the training split alone, and nothing is done to the target.
//! - Data without a passed gate leave this agent only as a failure; no table is written then.
//! - The same rows, or the same entity, are never in two splits.
//! - Messages name columns and row numbers, never values.

mod afterwards;
mod alert;
mod assess;
mod blanks;
mod carry;
mod cleaning;
mod columns;
mod config;
mod documents;
mod duplicates;
mod error;
mod gate;
mod isolate;
mod issues;
mod leakage;
mod left_out;
mod losses;
mod measure;
mod near_duplicates;
mod pairs;
mod prepare;
mod refusal;
mod rules;
mod splitting;
mod stage;
mod structure;
mod suite;
mod told;
mod warnings;
mod write;

pub use crate::stage::DataPreparer;
pub use config::{CapOutliers, Config, FillMissing};
pub use error::Error;
pub use prepare::{Cleaning, Input, Prepared, RejectedData, Settings, Unprepared, prepare};
pub use rules::TableChecks;
pub use write::{SplitContent, SplitFile};
