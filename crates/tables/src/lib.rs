//! Tables through the DataFusion engine: one plan per load, which reads, types, applies the cohort and gathers.
//!
//! ```text
//! TableSource ─ schema ─▶ Shape (structure, types of all rows, SHA-256)
//!    └──── plan: file or batches ─▶ tier0_value_<type>(column)… ─▶ criteria as columns ─▶ gather ─▶ Loaded
//! ```
//!
//! Text becomes a value by [`tabular::parse`] alone: the plan reads formats without types as text and applies a
//! function of ours. Rows keep the order of the file, so that a row's number means something in a report. Only what prepares
//! tables links this crate.
//!
//! Memory: batches of 8,192 rows on the way, and the gathered table (8 bytes per number, 4 bytes per text and each
//! distinct text once).

mod engine;
mod error;
mod load;
mod predicate;
mod value;

pub use error::Error;
pub use load::{LoadOptions, LoadedTable, Removal, load};
pub use predicate::{Operator, Predicate};
