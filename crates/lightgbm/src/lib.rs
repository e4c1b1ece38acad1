//! LightGBM, safely: [`train`] turns rows into the text of a model, [`predict`] and [`with_predictor`] evaluate such a text.
//!
//! ```text
//! Rows (+ StreamedRows) + Parameters ──▶ Dataset ──▶ Booster ──one iteration at a time──▶ Observer (may stop)
//!                                                        └──▶ Model { text, iterations, gains }
//! ```
//!
//! Rows that do not fit into memory are streamed: the bounds of bins are those of the rows in memory, a sample, and of the others
//! only bins are kept.
//!
//! The bindings are those of `lightgbm3-sys`; its safe sibling drops dataset parameters such as
//! `categorical_feature`, so this crate has its own thin layer.
//!
//! Invariants:
//! - This is the only crate of the workspace with `unsafe`.
//! - No handle of the library leaves a call or the closure of [`with_predictor`], so there is nothing that could be used from the wrong thread
//!   or after its data.
//! - LightGBM keeps its number of threads in one process-wide variable and sizes buffers by it.
//!   Calls with different numbers of threads therefore never overlap: the later one waits.
//! - Nothing is printed on standard output: the library's log goes nowhere, errors come back as [`Error`].
//! - The same data and parameters give the same text, whatever the number of threads, and wherever streamed rows are cut.
#![allow(
    unsafe_code,
    reason = "the one crate that calls a foreign library; every block says why it is sound"
)]

mod error;
mod handle;
mod lease;
mod model;
mod parameters;
mod predictor;

pub use error::Error;
pub use model::{Blocks, Model, Observer, Progress, Rows, StreamedRows, Training, train};
pub use parameters::{Parameters, Value};
pub use predictor::{Output, Predictor, predict, with_predictor};
