//! Tables in memory and everything that is decided about them without I/O.
//!
//! ```text
//! text ──parse──▶ Table ──cleaning──▶ Table ──plan──▶ FeatureMatrix ──▶ (scoring, learners)
//!                   │
//!                   ├── target   the column to be predicted, as class indices or numbers
//!                   ├── split    train / validation / test / hold-out
//!                   └── metrics  how good predictions are, with intervals
//! ```
//!
//! Invariants:
//! - Nothing here reads files, clocks or the environment; randomness comes from a seed that is passed in.
//! - The same data and the same seed give the same bytes: outputs never depend on the order of a hash map.
//! - A text becomes a value in [`parse`] and nowhere else, so training and serving read values alike.
//! - A feature plan is data. It is executed by `scoring` only, for training and for serving.

pub mod association;
mod classes;
pub mod cleaning;
pub mod column;
pub mod isolation;
mod matrix;
pub mod metrics;
pub mod parse;
pub mod personal;
pub mod plan;
pub mod sample;
pub mod split;
mod table;
pub mod target;

pub use classes::class_of;
pub use cleaning::CleaningPlan;
pub use column::{Column, ColumnType, Field, TextBuilder, TextColumn, TextError};
pub use matrix::{FeatureMatrix, ShapeError};
pub use plan::FeaturePlan;
pub use schema::{DateOrder, DecimalSign, NumberForm, ProblemType, TextForm};
pub use table::{Table, TableError};
