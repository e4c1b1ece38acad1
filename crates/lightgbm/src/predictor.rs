//! Predictions by the library itself: the reference for other evaluators, in bits and in speed.

use std::ffi::c_int;
use std::num::NonZeroU16;

use lightgbm3_sys as sys;

use crate::handle::{Booster, RowPredictor};
use crate::lease::Lease;
use crate::model::shape;
use crate::{Error, Parameters};

/// What a prediction gives.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Output {
    /// Probabilities, or the predicted number.
    Transformed,
    /// Sums of leaves before sigmoid or softmax.
    Raw,
}

impl Output {
    fn kind(self) -> c_int {
        let kind = match self {
            Self::Transformed => sys::C_API_PREDICT_NORMAL,
            Self::Raw => sys::C_API_PREDICT_RAW_SCORE,
        };
        kind as c_int
    }
}

/// A model that is loaded once and predicts many times, with so many threads.
pub struct Predictor<'booster> {
    booster: &'booster Booster<'booster>,
    row: RowPredictor<'booster>,
    width: usize,
    kind: c_int,
    line: String,
}

impl Predictor<'_> {
    /// Outputs for rows of the model's width, row by row.
    ///
    /// # Errors
    /// Where `values` are not whole rows of that width.
    pub fn predict(&self, values: &[f64]) -> Result<Vec<f64>, Error> {
        let rows = values.len().checked_div(self.width).unwrap_or(0);
        let (height, columns) = shape("the table", rows, self.width)?;
        self.booster.predict(values, height, columns, self.kind, &self.line)
    }

    /// Outputs of one row into `out`, by the library's fastest call for single rows.
    ///
    /// # Errors
    /// Where the row is not of the model's width, or `out` not as long as its outputs.
    pub fn predict_row(&self, row: &[f64], out: &mut [f64]) -> Result<(), Error> {
        self.row.predict(row, out)
    }
}

/// Loads a model's text and has `work` predict with it.
///
/// # Errors
/// Where the text is not a model.
pub fn with_predictor<T>(
    text: &str,
    output: Output,
    threads: NonZeroU16,
    work: impl FnOnce(&Predictor<'_>) -> T,
) -> Result<T, Error> {
    let line = Parameters::new()
        .with("num_threads", i64::from(threads.get()))
        .with("verbosity", -1_i64)
        .line()?;
    let lease = Lease::take(threads)?;
    let booster = Booster::load(&lease, text)?;
    let row = RowPredictor::new(&booster, output.kind(), &line)?;
    let width = booster.width()?;
    Ok(work(&Predictor { booster: &booster, row, width, kind: output.kind(), line }))
}

/// Evaluates a model's text by the library itself.
///
/// # Errors
/// Where the text is not a model, or `values` are not whole rows of its width.
pub fn predict(
    text: &str,
    values: &[f64],
    width: usize,
    output: Output,
    threads: NonZeroU16,
) -> Result<Vec<f64>, Error> {
    shape("the table", values.len().checked_div(width).unwrap_or(0), width)?;
    with_predictor(text, output, threads, |predictor| {
        if predictor.width != width {
            return Err(Error::Width { found: width, expected: predictor.width });
        }
        predictor.predict(values)
    })?
}
