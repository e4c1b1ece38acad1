//! Fits as messages, and messages in parts.

use std::collections::BTreeMap;

use bytes::Bytes;
use contracts::messages;
use contracts::subjects::FitPart;
use learners::{Algorithm, FitJob, FittedModel, FoldFit};
use prost::Message as _;
use scoring::{Limits, Model, ModelKind, ModelText};

/// Bytes of a part: half of what the smallest usual server accepts as a message.
const PART: usize = 512 * 1024;
/// Most parts of a fit.
const MAX_PARTS: usize = 128;
/// Most fits that are put together at the same time.
const MAX_UNFINISHED: usize = 64;

/// A record that is not what was asked for.
#[derive(Debug, thiserror::Error)]
pub(super) enum RecordError {
    /// Bytes that are no record.
    #[error("it is no record of a fit")]
    Decode(#[from] prost::DecodeError),
    /// A word that this trainer does not know.
    #[error("the record names {what} `{name}`, which this trainer does not know")]
    Unknown { what: &'static str, name: String },
    /// A record of something else.
    #[error("the record is of another fit: {what}")]
    Other { what: &'static str },
    /// A model that is not sound.
    #[error("the record's model cannot be read")]
    Model(#[from] scoring::ModelError),
}

/// The task of a piece.
pub(super) fn task(piece: &FitJob<'_>) -> messages::FitTask {
    messages::FitTask {
        trial: u32::try_from(piece.trial.number).unwrap_or(u32::MAX),
        fold: u32::try_from(piece.fold).unwrap_or(u32::MAX),
        algorithm: piece.trial.algorithm.name().to_owned(),
        parameters: piece.trial.parameters.clone(),
    }
}

/// A fit as a message.
pub(super) fn record(task: messages::FitTask, fit: &FoldFit) -> Bytes {
    contracts::encoding::encode(&messages::FitRecord {
        task: Some(task),
        model_kind: fit.model.text.kind.as_str().to_owned(),
        model: fit.model.text.text.clone(),
        iterations: fit.model.iterations,
        importance: fit.model.importance.clone(),
        outputs: fit.outputs.clone(),
        score: fit.score,
        seconds: fit.seconds,
        predict_seconds: fit.predict_seconds,
    })
}

/// The fit of a message, checked to be that of the task: its model is read within the limits of a bundle.
///
/// # Errors
/// Where the bytes are no record, or one of another task.
pub(super) fn fit(task: &messages::FitTask, bytes: &[u8]) -> Result<FoldFit, RecordError> {
    // Larger than a message may be: its parts were counted, and each has its bound.
    let record = messages::FitRecord::decode(bytes)?;
    if record.task.as_ref() != Some(task) {
        return Err(RecordError::Other { what: "another trial, fold or configuration" });
    }
    let unknown = |what, name: &str| RecordError::Unknown { what, name: name.to_owned() };
    let algorithm =
        Algorithm::by_name(&task.algorithm).ok_or_else(|| unknown("algorithm", &task.algorithm))?;
    let kind = [
        ModelKind::Prior,
        ModelKind::Linear,
        ModelKind::Lightgbm,
        ModelKind::EncodedLightgbm,
        ModelKind::Network,
    ]
    .into_iter()
    .find(|kind| kind.as_str() == record.model_kind)
    .ok_or_else(|| unknown("kind of model", &record.model_kind))?;
    let model = Model::parse(kind, &record.model, &Limits::default())?;
    if model.width() != record.importance.len() {
        return Err(RecordError::Other { what: "its model has other features" });
    }
    if !record.outputs.len().is_multiple_of(model.outputs().max(1))
        || record.outputs.iter().any(|output| !output.is_finite())
    {
        return Err(RecordError::Other { what: "its outputs are not those of its model" });
    }
    let seconds = |value: f64| if value.is_finite() { value.max(0.0) } else { 0.0 };
    Ok(FoldFit {
        model: FittedModel {
            algorithm,
            model,
            text: ModelText { kind, text: record.model },
            iterations: record.iterations,
            importance: record.importance,
        },
        outputs: record.outputs,
        score: record.score.filter(|score| score.is_finite()),
        seconds: seconds(record.seconds),
        predict_seconds: seconds(record.predict_seconds),
        cut: false,
    })
}

/// The parts of a record, each with its number; none where it is too large.
pub(super) fn parts(task: &messages::FitTask, mut record: Bytes) -> Vec<(FitPart, Bytes)> {
    let count = record.len().div_ceil(PART);
    if count > MAX_PARTS {
        return Vec::new();
    }
    let parts = u32::try_from(count).unwrap_or(0);
    (0..parts)
        .map(|part| {
            let bytes = record.split_to(PART.min(record.len()));
            (FitPart { trial: task.trial, fold: task.fold, part, parts }, bytes)
        })
        .collect()
}

/// Puts parts together again, those of each giver by themselves.
#[derive(Default)]
pub(super) struct PartialResults {
    fits: BTreeMap<(String, u32, u32), Vec<Option<Bytes>>>,
}

impl PartialResults {
    /// Takes a part; gives trial, fold and record where it was the last one that was missing.
    pub(super) fn add(
        &mut self,
        giver: &str,
        part: FitPart,
        bytes: Bytes,
    ) -> Option<(u32, u32, Bytes)> {
        let FitPart { trial, fold, part, parts } = part;
        let (place, count) = (usize::try_from(part).ok()?, usize::try_from(parts).ok()?);
        if count > MAX_PARTS || bytes.len() > PART {
            return None;
        }
        let key = (giver.to_owned(), trial, fold);
        if !self.fits.contains_key(&key) && self.fits.len() >= MAX_UNFINISHED {
            self.fits.pop_first();
        }
        let slots = self.fits.entry(key.clone()).or_default();
        slots.resize(count, None);
        *slots.get_mut(place)? = Some(bytes);
        let whole: Option<Vec<Bytes>> = slots.iter().cloned().collect();
        let whole = whole?;
        self.fits.remove(&key);
        Some((trial, fold, whole.concat().into()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_record_in_parts_is_whole_again() {
        let task = messages::FitTask { trial: 4, fold: 2, ..messages::FitTask::default() };
        let bytes: Vec<u8> = (0..2 * PART + 5).map(|place| (place % 251) as u8).collect();
        let cut = parts(&task, Bytes::from(bytes.clone()));
        assert_eq!(cut.len(), 3);
        let mut unfinished = PartialResults::default();
        let mut whole = None;
        for (part, bytes) in cut.into_iter().rev() {
            assert_eq!(
                unfinished.add("other", part, Bytes::from_static(b"x")).is_some(),
                part.part == 0
            );
            whole = unfinished.add("one", part, bytes);
        }
        assert_eq!(whole, Some((4, 2, Bytes::from(bytes))));
        assert!(unfinished.fits.is_empty());
        let too_large = vec![0; (MAX_PARTS + 1) * PART];
        assert!(parts(&task, too_large.into()).is_empty());
    }

    #[test]
    fn records_of_something_else_are_refused() {
        let task = messages::FitTask {
            algorithm: "gradient_boosting".to_owned(),
            ..messages::FitTask::default()
        };
        let other = messages::FitTask { trial: 1, ..task.clone() };
        let bytes = contracts::encoding::encode(&messages::FitRecord {
            task: Some(other.clone()),
            model_kind: "ensemble".to_owned(),
            ..messages::FitRecord::default()
        });
        assert!(matches!(fit(&task, &bytes), Err(RecordError::Other { .. })));
        assert!(matches!(fit(&other, &bytes), Err(RecordError::Unknown { .. })));
        assert!(matches!(fit(&task, b"\xff"), Err(RecordError::Decode(_))));
    }
}
