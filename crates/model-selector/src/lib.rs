//! Chooses the algorithms that are worth training.
//!
//! ```text
//! quality report ──passed?──▶ plan + training split ──▶ sample ──▶ folds ──▶ every permitted algorithm, measured
//!                                                                               └──▶ Selection: ranked, with reasons
//! ```
//!
//! Invariants:
//! - Data without a passed quality report are refused: the report itself is read, not a flag.
//! - Every score comes from models that were really fitted, on rows that they had not seen.
//! - The linear model is measured first, so it is never left out for lack of time.
//! - Only the training split is looked at.

mod config;
mod error;
mod history;
pub mod select;
mod stage;

pub use crate::stage::ModelSelector;
pub use config::Config;
pub use error::Error;
