//! From predictions to an answer: the outputs with their names. Pure.

use std::sync::Arc;

use scoring::Predictions;
use tabular::Table;

use crate::catalogue::ResolvedVersion;
use crate::error::InferError;
use crate::frame::FramedRows;
use crate::loaded::LoadedVersion;
use crate::protocol::{Answer, OutputColumn, OutputValues};

/// An answer with what it was given for.
#[derive(Debug)]
pub(crate) struct PredictionOutcome {
    /// Outputs of the rows.
    pub(crate) answer: Answer,
    /// The rows, as they were scored.
    pub(crate) table: Table,
    /// The predictions, where a caller waits for them.
    pub(crate) predictions: Option<Predictions>,
}

/// Names the outputs of a version's predictions.
pub(crate) fn answer(
    resolved: &ResolvedVersion,
    version: &LoadedVersion,
    framed: FramedRows,
    predictions: Predictions,
    id: String,
) -> Result<PredictionOutcome, InferError> {
    let FramedRows { table, ignored } = framed;
    let flags = version.scorer.flags(&table).map_err(InferError::Score)?;
    // They are kept where a shadow is compared with them, or a rollout waits for their outcomes.
    let place = &resolved.place;
    let is_kept = resolved.live && (place.is_observed || !place.router.shadows.is_empty());
    let kept = is_kept.then(|| predictions.clone());
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
        ignored,
        fallback_from: None,
        members: Vec::new(),
        silent: Vec::new(),
    };
    Ok(PredictionOutcome { answer, table, predictions: kept })
}
