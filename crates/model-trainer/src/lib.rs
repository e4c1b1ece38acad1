//! Trains the model, measures it once, and packs it.
//!
//! ```text
//! quality report ──permits?──▶ splits ──plan──▶ search on folds (train + validation) ──▶ ensemble, calibration, threshold
//!                                                                                          │
//!  bundle + check rows ◀── refit (all but the hold-out) ◀── criteria ◀── metrics (test) ◀──┘
//! ```
//!
//! Invariants:
//! - Data that the quality report does not permit, by digest, are refused.
//! - Everything is decided on the training and validation splits; the test split judges once, and only then joins the rows
//!   that the served model learns from. The hold-out stays sealed.
//! - A missed gate ends the run before anything is stored.
//! - The check rows' outputs are the trainer's own, and reading them back as a caller's JSON gives the same outputs.
//! - The same splits, scope and number of trials give the same bundle, byte for byte.

pub mod baseline;
mod card;
mod config;
mod effects;
mod error;
pub mod evaluate;
mod output;
pub mod pack;
mod race;
mod rows;
mod segments;
mod sharing;
pub mod splits;
mod stage;
pub mod streamed_splits;
pub mod train;
pub mod training_tables;

pub use crate::stage::ModelTrainer;
pub use config::{Config, TrainingConfig};
pub use error::Error;
