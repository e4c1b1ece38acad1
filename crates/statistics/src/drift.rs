//! Drift: whether what comes now is like what a model was trained on.
//!
//! ```text
//! Table ─────────────────────▶ compare_tables ─┐
//! Table ─▶ TableSketch ─ merge ─▶ compare ─────┴─▶ Report: a verdict and the statistics of each column
//! columns ─▶ compare_column ─▶ ColumnDrift ─▶ conclude ─▶ Report, and every statistic as SciPy and Evidently define it
//! ```
//!
//! Invariants: no I/O, no clock, no randomness. A sketch is of bounded size, however many rows it has taken; one of few
//! different values is exact. A verdict needs an effect that matters and evidence that holds for all columns together.

mod categorical;
mod compare;
mod correction;
mod digest;
mod distribution;
mod distributions;
mod error;
mod evidently;
pub mod exact;
mod kolmogorov;
mod measures;
mod numeric;
mod observed;
mod parallel;
mod report;
mod settings;
mod shares;
mod sketch;
mod special;
mod table;
mod table_sketch;

pub use compare::{compare, compare_column, compare_tables, compare_with_times, conclude};
pub use distributions::Distributions;
pub use error::Error;
pub use parallel::{EXACT_ROWS, PART_ROWS, compare_exactly};
pub use report::{Aspect, ColumnDrift, Kind, Report, Statistic, Statistics, Test, Verdict};
pub use settings::{Judged, Limits, Settings};
pub use shares::{ChiSquare, population_stability, shares_with_added};
pub use sketch::{CategoricalSketch, ColumnSketch, NumericSketch};
pub use table_sketch::TableSketch;
