//! Inputs and outputs of a period of fixed length, as sketches.
//!
//! ```text
//!   time   …│ slice │ slice │ slice │ slice │
//!            └──────── window ─────────────┘   sketches merge, so a window is the sum of its slices
//! ```
//!
//! Invariants:
//! - An event is in one slice, that of its first answer, and counts once there, whatever comes again.
//! - A slice does not grow with its rows.

use contracts::v1::{EventColumn, PredictionEvent};
use serde::{Deserialize, Serialize};
use statistics::drift::{self, ColumnSketch, TableSketch};
use statistics::reference::{Reference, is_watched};

use super::sequences::Sequences;
use crate::time::of_timestamp;

/// Events of a version in one period.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Slice {
    /// Sequences of the events that are in it.
    pub sequences: Sequences,
    /// Their inputs and outputs.
    pub sketches: Reference,
    /// Answers that took part.
    pub answers: u64,
}

/// Which events are in a slice.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct SliceId {
    /// Name of the endpoint.
    pub endpoint: String,
    /// The version that answered.
    pub version: u32,
    /// Number of the period, from 0 at 1970.
    pub number: u64,
}

impl SliceId {
    /// The slice of an event, where slices are `length` milliseconds long.
    pub fn at_event(event: &PredictionEvent, length: u64) -> Self {
        let first = event.answers.first().and_then(|answer| answer.at.as_ref());
        let at = of_timestamp(first).unwrap_or(0);
        Self {
            endpoint: event.endpoint.clone(),
            version: event.version,
            number: at / length.max(1),
        }
    }
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Header {
    sequences: Sequences,
    answers: u64,
}

/// Why stored bytes are no slice.
#[derive(Debug, thiserror::Error)]
pub enum SliceError {
    /// Its header cannot be read.
    #[error("the header of a stored slice is damaged")]
    Header,
    /// Its sketches cannot be read.
    #[error("the sketches of a stored slice are damaged")]
    Sketch(#[from] drift::Error),
}

impl Slice {
    /// Adds an event, at most `columns` inputs of it; false where it is in the slice already.
    pub fn add(&mut self, sequence: u64, event: &PredictionEvent, columns: usize) -> bool {
        if !self.sequences.insert(sequence) {
            return false;
        }
        self.sequences.bound();
        self.answers += event.answers.len() as u64;
        let Reference { inputs, outputs } = &mut self.sketches;
        inputs.rows += u64::from(event.rows);
        outputs.rows += u64::from(event.rows);
        for column in event.inputs.iter().take(columns) {
            take(inputs, column);
        }
        let names: Vec<&str> = event.outputs.iter().map(|column| column.name.as_str()).collect();
        for column in event.outputs.iter().filter(|column| is_watched(&names, &column.name)) {
            take(outputs, column);
        }
        true
    }

    /// As it is stored: the length of a JSON header (4 bytes, little-endian), the header, the sketches.
    ///
    /// # Errors
    /// Where the header cannot be written as JSON.
    pub fn encode(&self) -> Result<Vec<u8>, serde_json::Error> {
        let header = Header { sequences: self.sequences.clone(), answers: self.answers };
        let header = serde_json::to_vec(&header)?;
        let sketches = self.sketches.encode();
        let mut bytes = Vec::with_capacity(4 + header.len() + sketches.len());
        bytes.extend(u32::try_from(header.len()).unwrap_or(u32::MAX).to_le_bytes());
        bytes.extend(header);
        bytes.extend(sketches);
        Ok(bytes)
    }

    /// Reads a stored slice.
    ///
    /// # Errors
    /// [`SliceError`] where it is none.
    pub fn decode(bytes: &[u8]) -> Result<Self, SliceError> {
        let (length, rest) = bytes.split_first_chunk::<4>().ok_or(SliceError::Header)?;
        let length = u32::from_le_bytes(*length) as usize;
        let (header, sketches) = rest.split_at_checked(length).ok_or(SliceError::Header)?;
        let header: Header = serde_json::from_slice(header).map_err(|_| SliceError::Header)?;
        Ok(Self {
            sequences: header.sequences,
            answers: header.answers,
            sketches: Reference::decode(sketches)?,
        })
    }
}

fn take(table: &mut TableSketch, column: &EventColumn) {
    let sketch = table.columns.entry(column.name.clone()).or_insert_with(|| {
        if column.texts.is_empty() { ColumnSketch::numeric() } else { ColumnSketch::categorical() }
    });
    for number in &column.numbers {
        sketch.add_number(*number);
    }
    let mut missing = column.missing.iter().peekable();
    for (row, text) in (0..).zip(&column.texts) {
        // Missing rows are named in their order.
        let is_missing = missing.next_if(|at| **at == row).is_some();
        sketch.add_text((!is_missing).then_some(text.as_str()));
    }
}

/// Adds the sketches of a slice to a window.
///
/// # Errors
/// Where a column is text in one and numbers in the other.
pub fn merge(window: &mut Reference, slice: &Slice) -> Result<(), drift::Error> {
    window.inputs.merge(&slice.sketches.inputs)?;
    window.outputs.merge(&slice.sketches.outputs)
}

#[cfg(test)]
mod tests {
    use std::time::{Duration, SystemTime};

    use contracts::time;
    use contracts::v1::Answered;

    use super::*;

    fn event(at: u64, number: f64) -> PredictionEvent {
        PredictionEvent {
            endpoint: "churn".to_owned(),
            version: 2,
            rows: 2,
            answers: vec![Answered {
                at: Some(time::timestamp(SystemTime::UNIX_EPOCH + Duration::from_millis(at))),
                rows: 2,
                ..Answered::default()
            }],
            inputs: vec![
                EventColumn {
                    name: "n".to_owned(),
                    numbers: vec![number, f64::NAN],
                    ..EventColumn::default()
                },
                EventColumn {
                    name: "t".to_owned(),
                    texts: vec![String::new(), "a".to_owned()],
                    missing: vec![0],
                    ..EventColumn::default()
                },
            ],
            outputs: vec![EventColumn {
                name: "prediction".to_owned(),
                texts: vec!["yes".to_owned(), "no".to_owned()],
                ..EventColumn::default()
            }],
            ..PredictionEvent::default()
        }
    }

    #[test]
    fn an_event_counts_once_and_slices_add_up() {
        let mut one = Slice::default();
        assert!(one.add(1, &event(10, 1.0), 100));
        assert!(!one.add(1, &event(10, 1.0), 100));
        let mut two = Slice::default();
        assert!(two.add(2, &event(20, 2.0), 1));
        let mut window = Reference::default();
        for slice in [&one, &two] {
            let stored = Slice::decode(&slice.encode().unwrap()).unwrap();
            assert_eq!(stored.encode().unwrap(), slice.encode().unwrap());
            merge(&mut window, &stored).unwrap();
        }
        assert_eq!((window.inputs.rows, window.outputs.rows), (4, 4));
        let mut names: Vec<_> = window.inputs.columns.keys().collect();
        names.sort();
        assert_eq!(names, ["n", "t"]);
        assert!(Slice::decode(&one.encode().unwrap()[..10]).is_err());
    }

    #[test]
    fn an_event_is_in_the_slice_of_its_first_answer() {
        let of = |at| SliceId::at_event(&event(at, 0.0), 1000).number;
        assert_eq!((of(999), of(1000)), (0, 1));
    }
}
