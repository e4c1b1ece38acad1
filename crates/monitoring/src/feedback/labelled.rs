//! Predictions whose outcomes are known: the newest of a version, bounded.
//!
//! Invariants:
//! - A row is in it once, and a message of feedback counts once, whatever comes again.
//! - It holds at most as many rows as [`Labelled::add`] is given, and 40,000 outputs; the oldest go first.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use crate::traffic::Sequences;

/// Most outputs over all rows, so that the value fits into a message.
const MAX_VALUES: usize = 40_000;
/// Bytes of a row without its outputs.
const ROW_BYTES: usize = 8 + 4 + 8 + 8;

/// A prediction with its outcome.
#[derive(Debug, Clone, PartialEq)]
pub struct LabelledRow {
    /// Sequence of its event.
    pub sequence: u64,
    /// Row of the event.
    pub row: u32,
    /// When it was predicted, in milliseconds since 1970.
    pub at: u64,
    /// The outcome: index of the class, or the number.
    pub outcome: f64,
    /// The probabilities of the classes in their order, or the number that was predicted.
    pub outputs: Vec<f64>,
}

/// The labelled rows of a version, and what was counted of its feedback.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Labelled {
    /// Counts of the feedback since the version was first labelled.
    pub counts: Counts,
    rows: Vec<LabelledRow>,
}

/// What was counted since the version was first labelled.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Counts {
    /// Messages of feedback that are in it, by their sequences.
    pub feedback: Sequences,
    /// Rows joined with their outcomes.
    pub joined: u64,
    /// Outcomes of rows whose outcome was known already.
    pub repeated: u64,
    /// Outcomes that are no class of the model, or no number, or of a row that the request did not have.
    pub unusable: u64,
}

/// Stored bytes are no labelled rows.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the stored labelled rows are damaged: {0}")]
pub struct LabelledError(&'static str);

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Header {
    counts: Counts,
    width: usize,
    rows: usize,
}

impl Labelled {
    /// The rows, in the order in which their outcomes came.
    pub fn rows(&self) -> &[LabelledRow] {
        &self.rows
    }

    /// Whether a message of feedback, by its sequence, is in it.
    pub fn has(&self, feedback: u64) -> bool {
        self.counts.feedback.contains(feedback)
    }

    /// Adds the rows of a message of feedback and the number of its unusable outcomes, and keeps the newest `max_rows`; nothing
    /// is added where the message is in it already.
    pub fn add(&mut self, feedback: u64, rows: Vec<LabelledRow>, unusable: u64, max_rows: usize) {
        if !self.counts.feedback.insert(feedback) {
            return;
        }
        self.counts.feedback.bound();
        self.counts.unusable += unusable;
        let known: BTreeSet<(u64, u32)> =
            self.rows.iter().map(|row| (row.sequence, row.row)).collect();
        let width = self.rows.first().or(rows.first()).map_or(0, |row| row.outputs.len());
        for row in rows {
            if known.contains(&(row.sequence, row.row)) {
                self.counts.repeated += 1;
            } else if row.outputs.len() == width {
                self.counts.joined += 1;
                self.rows.push(row);
            } else {
                self.counts.unusable += 1;
            }
        }
        let max_rows = max_rows.min(MAX_VALUES / width.max(1));
        let surplus = self.rows.len().saturating_sub(max_rows);
        self.rows.drain(..surplus);
    }

    /// As it is stored: the length of a JSON header (4 bytes, little-endian), the header, the rows.
    ///
    /// # Errors
    /// Where the header cannot be written as JSON.
    pub fn encode(&self) -> Result<Vec<u8>, serde_json::Error> {
        let width = self.rows.first().map_or(0, |row| row.outputs.len());
        let header = Header { counts: self.counts.clone(), width, rows: self.rows.len() };
        let header = serde_json::to_vec(&header)?;
        let mut bytes =
            Vec::with_capacity(4 + header.len() + self.rows.len() * (ROW_BYTES + 8 * width));
        bytes.extend(u32::try_from(header.len()).unwrap_or(u32::MAX).to_le_bytes());
        bytes.extend(header);
        for row in &self.rows {
            bytes.extend(row.sequence.to_le_bytes());
            bytes.extend(row.row.to_le_bytes());
            bytes.extend(row.at.to_le_bytes());
            bytes.extend(row.outcome.to_le_bytes());
            for output in &row.outputs {
                bytes.extend(output.to_le_bytes());
            }
        }
        Ok(bytes)
    }

    /// Reads a stored value.
    ///
    /// # Errors
    /// [`LabelledError`] where it is not one.
    pub fn decode(bytes: &[u8]) -> Result<Self, LabelledError> {
        let (length, rest) = bytes.split_first_chunk::<4>().ok_or(LabelledError("no header"))?;
        let length = u32::from_le_bytes(*length) as usize;
        let (header, mut rest) =
            rest.split_at_checked(length).ok_or(LabelledError("a short header"))?;
        let header: Header =
            serde_json::from_slice(header).map_err(|_| LabelledError("no readable header"))?;
        let row_bytes = header.width.checked_mul(8).and_then(|bytes| bytes.checked_add(ROW_BYTES));
        let all = row_bytes.and_then(|bytes| bytes.checked_mul(header.rows));
        if all != Some(rest.len()) {
            return Err(LabelledError("another length than its header says"));
        }
        let mut rows = Vec::with_capacity(header.rows);
        for _ in 0..header.rows {
            let sequence = take(&mut rest).map(u64::from_le_bytes)?;
            let row = take(&mut rest).map(u32::from_le_bytes)?;
            let at = take(&mut rest).map(u64::from_le_bytes)?;
            let outcome = take(&mut rest).map(f64::from_le_bytes)?;
            let outputs = (0..header.width)
                .map(|_| take(&mut rest).map(f64::from_le_bytes))
                .collect::<Result<_, _>>()?;
            rows.push(LabelledRow { sequence, row, at, outcome, outputs });
        }
        Ok(Self { counts: header.counts, rows })
    }
}

fn take<const N: usize>(bytes: &mut &[u8]) -> Result<[u8; N], LabelledError> {
    let (taken, rest) = bytes.split_first_chunk::<N>().ok_or(LabelledError("a short row"))?;
    *bytes = rest;
    Ok(*taken)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(sequence: u64, row: u32) -> LabelledRow {
        LabelledRow { sequence, row, at: 7, outcome: 1.0, outputs: vec![0.25, 0.75] }
    }

    #[test]
    fn a_row_and_a_message_count_once() {
        let mut labelled = Labelled::default();
        labelled.add(1, vec![row(10, 0), row(10, 1)], 1, 100);
        labelled.add(1, vec![row(11, 0)], 0, 100);
        labelled.add(2, vec![row(10, 1), row(12, 0)], 0, 100);
        let places: Vec<_> = labelled.rows().iter().map(|row| (row.sequence, row.row)).collect();
        assert_eq!(places, [(10, 0), (10, 1), (12, 0)]);
        let counts = &labelled.counts;
        assert_eq!((counts.joined, counts.repeated, counts.unusable), (3, 1, 1));
        assert!(labelled.has(2) && !labelled.has(3));
        let back = Labelled::decode(&labelled.encode().unwrap()).unwrap();
        assert_eq!(back, labelled);
    }

    #[test]
    fn the_oldest_go_first() {
        let mut labelled = Labelled::default();
        for feedback in 0..10 {
            labelled.add(feedback, vec![row(feedback, 0)], 0, 4);
        }
        let places: Vec<_> = labelled.rows().iter().map(|row| row.sequence).collect();
        assert_eq!(places, [6, 7, 8, 9]);
        assert_eq!(labelled.counts.joined, 10);
    }

    #[test]
    fn what_is_damaged_is_refused() {
        let mut labelled = Labelled::default();
        labelled.add(1, vec![row(10, 0)], 0, 4);
        let bytes = labelled.encode().unwrap();
        assert!(Labelled::decode(&bytes[..bytes.len() - 1]).is_err());
        assert!(Labelled::decode(&bytes[..3]).is_err());
        let mut longer = bytes.clone();
        longer.push(0);
        assert!(Labelled::decode(&longer).is_err());
        let mut huge = bytes;
        huge[0] = 255;
        assert!(Labelled::decode(&huge).is_err());
    }
}
