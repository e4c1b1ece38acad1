//! From a request's columns to an answer: the one path that all protocols take. Pure.

use std::sync::Arc;

use tabular::Table;

use crate::catalogue::Resolved;
use crate::error::InferError;
use crate::protocol::{Answer, Input, OutputColumn, OutputValues};

/// An answer with what it was given for.
#[derive(Debug)]
pub struct Predicted {
    /// The answer.
    pub answer: Answer,
    /// The rows, as they were scored.
    pub table: Table,
}

/// Validates the rows, scores them, and names the outputs.
pub fn predict(
    resolved: &Resolved,
    input: Input,
    id: String,
    most_rows: usize,
) -> Result<Predicted, InferError> {
    let version = &resolved.version;
    let table = version.frame.table(input, most_rows)?;
    let predictions = version.scorer.score(&table).map_err(InferError::Score)?;
    let flags = version.scorer.flags(&table).map_err(InferError::Score)?;
    let rows = table.rows();
    let classes = predictions.classes.len();
    let mut names = version.outputs.iter();
    let mut outputs = Vec::with_capacity(version.outputs.len());
    if let Some(name) = names.next() {
        let values = if version.is_classifier() {
            OutputValues::Texts(predictions.labels)
        } else {
            OutputValues::Numbers(predictions.values)
        };
        outputs.push(OutputColumn { name: Arc::clone(name), values });
    }
    for (class, name) in names.enumerate() {
        let values = predictions.probabilities.iter().skip(class).step_by(classes.max(1)).copied();
        outputs.push(OutputColumn {
            name: Arc::clone(name),
            values: OutputValues::Numbers(values.collect()),
        });
    }
    let answer = Answer {
        model: resolved.endpoint.clone(),
        version: version.number,
        id,
        rows,
        outputs,
        flags,
    };
    Ok(Predicted { answer, table })
}
