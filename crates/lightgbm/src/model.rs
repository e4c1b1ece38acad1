//! Training and prediction as whole calls.

use std::num::NonZeroU16;
use std::ops::ControlFlow;

use crate::handle::{Booster, Dataset, FillingDataset};
use crate::lease::Lease;
use crate::{Error, Parameters};

/// Rows with their labels.
#[derive(Debug, Clone, Copy)]
pub struct Rows<'a> {
    /// Values, row by row; NaN is missing.
    pub values: &'a [f64],
    /// Number of columns.
    pub width: usize,
    /// One label per row: a class index or a number.
    pub labels: &'a [f64],
    /// One weight per row.
    pub weights: Option<&'a [f64]>,
}

/// Rows that are learned from behind those in memory, and of which only bins and labels are kept: about a byte a cell.
#[derive(Clone, Copy)]
pub struct StreamedRows<'a> {
    /// The values, block after block.
    pub blocks: &'a dyn Blocks,
    /// One label per row: a class index or a number.
    pub labels: &'a [f64],
    /// One weight per row; there where the rows in memory have weights.
    pub weights: Option<&'a [f64]>,
}

/// Rows that are not in memory together.
pub trait Blocks {
    /// Gives blocks of whole rows, row by row, NaN being missing, until there are none or one is refused. Where the rows are
    /// cut does not matter.
    ///
    /// # Errors
    /// Where rows cannot be had ([`Error::Blocks`]), and what `take` gives.
    fn each(&self, take: &mut dyn FnMut(&[f64]) -> Result<(), Error>) -> Result<(), Error>;
}

impl Rows<'_> {
    /// Rows and columns as the library counts them, once every length has been found right.
    pub(crate) fn shape(&self) -> Result<(i32, i32), Error> {
        let shape = shape("the table", self.labels.len(), self.width)?;
        let expected = self.labels.len() * self.width;
        if self.values.len() != expected {
            return Err(Error::Length { what: "values", found: self.values.len(), expected });
        }
        check_labels(self.labels, self.weights, 0)?;
        Ok(shape)
    }
}

/// Checks labels and weights of rows that stand behind `before` others.
fn check_labels(labels: &[f64], weights: Option<&[f64]>, before: usize) -> Result<(), Error> {
    if let Some(weights) = weights
        && weights.len() != labels.len()
    {
        let (found, expected) = (weights.len(), labels.len());
        return Err(Error::Length { what: "weights", found, expected });
    }
    match labels.iter().position(|label| !label.is_finite()) {
        Some(row) => Err(Error::Label { row: before + row + 1 }),
        None => Ok(()),
    }
}

impl StreamedRows<'_> {
    /// Checks them against the rows in memory and gives the number of all rows as the library counts them.
    pub(crate) fn total(&self, before: &Rows<'_>) -> Result<i32, Error> {
        check_labels(self.labels, self.weights, before.labels.len())?;
        if self.weights.is_some() != before.weights.is_some() {
            let found = self.weights.map_or(0, <[f64]>::len);
            let expected = if before.weights.is_some() { self.labels.len() } else { 0 };
            return Err(Error::Length { what: "weights of the blocks", found, expected });
        }
        let all = before.labels.len().saturating_add(self.labels.len());
        Ok(shape("the table", all, before.width)?.0)
    }
}

pub(crate) fn shape(what: &'static str, rows: usize, width: usize) -> Result<(i32, i32), Error> {
    const LIMIT: usize = i32::MAX as usize;
    if rows == 0 || width == 0 {
        return Err(Error::Empty { what });
    }
    let height = i32::try_from(rows).map_err(|_| Error::TooLarge {
        what: "rows",
        found: rows,
        limit: LIMIT,
    })?;
    let columns = i32::try_from(width).map_err(|_| Error::TooLarge {
        what: "columns",
        found: width,
        limit: LIMIT,
    })?;
    if rows.checked_mul(width).is_none() {
        return Err(Error::TooLarge { what: "cells", found: usize::MAX, limit: usize::MAX });
    }
    Ok((height, columns))
}

/// Everything that decides a model.
#[derive(Clone, Copy)]
pub struct Training<'a> {
    /// Rows to learn from. Where others are streamed, the bounds of bins are those of these rows: a sample of all.
    pub train: Rows<'a>,
    /// Rows to learn from as well, which are not in memory.
    pub streamed: Option<StreamedRows<'a>>,
    /// Rows whose outputs the observer sees after each iteration.
    pub validation: Option<Rows<'a>>,
    /// Columns whose values are category codes: whole numbers from 0, or NaN.
    pub categorical: &'a [usize],
    /// Whether outputs may only rise (1) or only fall (-1) with each column, or either (0); empty where they are free in all.
    pub monotone: &'a [i8],
    /// Columns that no split uses.
    pub unused: &'a [usize],
    /// Parameters of the library. Threads, determinism and verbosity are set by [`train`].
    pub parameters: &'a Parameters,
    /// Greatest number of boosting iterations.
    pub iterations: u32,
    /// Threads of the library's own loops.
    pub threads: NonZeroU16,
}

impl<'a> Training<'a> {
    /// Of rows that are all in memory, without validation; every column is a number, free in its direction, and used.
    #[must_use]
    pub const fn of(
        train: Rows<'a>,
        parameters: &'a Parameters,
        iterations: u32,
        threads: NonZeroU16,
    ) -> Self {
        Self {
            train,
            streamed: None,
            validation: None,
            categorical: &[],
            monotone: &[],
            unused: &[],
            parameters,
            iterations,
            threads,
        }
    }
}

/// What is known after an iteration.
#[derive(Debug, Clone, Copy)]
pub struct Progress<'a> {
    /// Iterations so far, from 1.
    pub iterations: u32,
    /// Outputs for the validation rows, all rows of the first output first; none without validation rows.
    pub outputs: Option<&'a [f64]>,
}

/// Watches a training and decides its end.
pub trait Observer {
    /// Called after each iteration; `Break` ends the training.
    fn observe(&mut self, progress: Progress<'_>) -> ControlFlow<()>;

    /// How many of the iterations the model keeps.
    fn keep(&self, iterations: u32) -> u32 {
        iterations
    }
}

/// A trained model in LightGBM's text format.
#[derive(Debug, Clone, PartialEq)]
pub struct Model {
    /// LightGBM's text form, without the parameters that the library appends for its own information.
    pub text: String,
    /// Iterations that it has.
    pub iterations: u32,
    /// Gain of each column.
    pub gains: Vec<f64>,
}

/// Trains a model. The same input gives the same text, whatever `threads` is.
///
/// # Errors
/// Where lengths do not fit, a label is not a finite number, streamed rows cannot be had or are not as many as their labels,
/// the library refuses a parameter, or an observer calls this again.
pub fn train(training: &Training<'_>, observer: &mut dyn Observer) -> Result<Model, Error> {
    let width = training.train.width;
    if let Some(&column) = training.categorical.iter().find(|&&column| column >= width) {
        return Err(Error::CategoricalColumn { column, width });
    }
    if let Some(validation) = &training.validation
        && validation.width != width
    {
        return Err(Error::Width { found: validation.width, expected: width });
    }
    if !training.monotone.is_empty() && training.monotone.len() != width {
        let found = training.monotone.len();
        return Err(Error::Length { what: "monotone constraints", found, expected: width });
    }
    let line = line(training)?;
    let lease = Lease::take(training.threads)?;
    let rows = match &training.streamed {
        None => Dataset::new(&lease, &training.train, &line, None)?,
        Some(streamed) => binned(&lease, &training.train, streamed, &line)?,
    };
    let validation = training
        .validation
        .as_ref()
        .map(|held| Dataset::new(&lease, held, &line, Some(&rows)))
        .transpose()?;
    let mut booster = Booster::new(&rows, &line)?;
    if let Some(validation) = &validation {
        booster.add_validation(validation)?;
    }
    let mut outputs = Vec::new();
    for iterations in 1..=training.iterations {
        let finished = booster.update()?;
        if validation.is_some() {
            booster.validation_outputs(&mut outputs)?;
        }
        let progress =
            Progress { iterations, outputs: validation.as_ref().map(|_| outputs.as_slice()) };
        if observer.observe(progress).is_break() || finished {
            break;
        }
    }
    let grown = booster.iterations()?;
    // The library reads 0 as "all", so at least one iteration is kept.
    let iterations = observer.keep(grown).clamp(1, grown.max(1)).min(grown);
    Ok(Model {
        text: without_parameters(booster.text(iterations)?),
        iterations,
        gains: booster.gains(iterations)?,
    })
}

/// Bins rows in memory, and streamed ones behind them by the same bounds.
fn binned<'lease>(
    lease: &'lease Lease,
    rows: &Rows<'_>,
    streamed: &StreamedRows<'_>,
    line: &str,
) -> Result<Dataset<'lease>, Error> {
    let mut filling = FillingDataset::new(lease, rows, streamed.total(rows)?, line)?;
    filling.push(rows.values)?;
    streamed.blocks.each(&mut |values| filling.push(values))?;
    let labels = [rows.labels, streamed.labels].concat();
    let weights =
        rows.weights.zip(streamed.weights).map(|(first, second)| [first, second].concat());
    filling.finish(&labels, weights.as_deref())
}

fn line(training: &Training<'_>) -> Result<String, Error> {
    let fixed = training
        .parameters
        .clone()
        .with("num_threads", i64::from(training.threads.get()))
        .with("deterministic", true)
        // Histograms of rows are summed in as many parts as there are threads; those of columns by one thread each.
        .with("force_col_wise", true)
        // Scores are computed by the observer, in one order, so that they do not depend on the threads.
        .with("metric", "none")
        .with("verbosity", -1_i64);
    let mut line = fixed.line()?;
    if !training.categorical.is_empty() {
        let columns: Vec<String> = training.categorical.iter().map(ToString::to_string).collect();
        line.push_str("categorical_feature=");
        line.push_str(&columns.join(","));
    }
    if training.monotone.iter().any(|&direction| direction != 0) {
        let directions: Vec<String> =
            training.monotone.iter().map(|direction| direction.signum().to_string()).collect();
        line.push_str(" monotone_constraints=");
        line.push_str(&directions.join(","));
        line.push_str(" monotone_constraints_method=intermediate");
    }
    if !training.unused.is_empty() {
        // What the gain of a split is multiplied by; a split without a gain is not made.
        let factor = |column| if training.unused.contains(&column) { "0" } else { "1" };
        let factors: Vec<&str> = (0..training.train.width).map(factor).collect();
        line.push_str(" feature_contri=");
        line.push_str(&factors.join(","));
    }
    Ok(line)
}

/// Drops the section that repeats every parameter, the number of threads included: it has no part in predictions.
fn without_parameters(mut text: String) -> String {
    const END: &str = "end of parameters\n";
    if let Some(start) = text.find("\nparameters:")
        && let Some(tail) = text.get(start..)
        && let Some(offset) = tail.find(END)
    {
        text.replace_range(start..start + offset + END.len(), "");
    }
    text
}
