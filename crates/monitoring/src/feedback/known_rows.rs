//! Which rows' outcomes are known, for as long as there are predictions.
//!
//! A bit for each row of the events of a group of sequences, kept only for events of which any row is known.

use std::collections::BTreeMap;

use super::index::SEGMENT_LENGTH;

/// Rows of an event that are remembered; no event has more.
const MAX_ROWS: u32 = 1 << 17;

/// The rows of a group of events whose outcomes are known.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct KnownRows {
    /// A bit for each row, 64 in a word, by the event's sequence.
    rows: BTreeMap<u64, Vec<u64>>,
}

/// Stored bytes are no set of known rows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("it does not say which outcomes are known")]
pub struct KnownRowsError;

/// Number of the group that an event's sequence is in.
pub fn group(sequence: u64) -> u64 {
    sequence / SEGMENT_LENGTH
}

impl KnownRows {
    /// Whether a row's outcome is known.
    pub fn contains(&self, sequence: u64, row: u32) -> bool {
        let words = self.rows.get(&sequence);
        let word = words.and_then(|words| words.get(row as usize / 64));
        word.is_some_and(|word| word >> (row % 64) & 1 == 1)
    }

    /// Notes that a row's outcome is known; false where it was, or where there is no such row.
    pub fn insert(&mut self, sequence: u64, row: u32) -> bool {
        if row >= MAX_ROWS || self.contains(sequence, row) {
            return false;
        }
        let words = self.rows.entry(sequence).or_default();
        let at = row as usize / 64;
        if words.len() <= at {
            words.resize(at + 1, 0);
        }
        if let Some(word) = words.get_mut(at) {
            *word |= 1 << (row % 64);
        }
        true
    }

    /// As it is stored: for each event its sequence, the number of words, and the words; 8 bytes each, little-endian.
    pub fn encode(&self) -> Vec<u8> {
        let mut bytes = Vec::new();
        for (sequence, words) in &self.rows {
            bytes.extend(sequence.to_le_bytes());
            bytes.extend((words.len() as u64).to_le_bytes());
            for word in words {
                bytes.extend(word.to_le_bytes());
            }
        }
        bytes
    }

    /// Reads a stored value.
    ///
    /// # Errors
    /// [`KnownRowsError`] where it is none.
    pub fn decode(bytes: &[u8]) -> Result<Self, KnownRowsError> {
        let chunks = bytes.chunks_exact(8);
        if !chunks.remainder().is_empty() {
            return Err(KnownRowsError);
        }
        let mut numbers = chunks
            .map(|chunk| chunk.first_chunk::<8>().map_or(0, |bytes| u64::from_le_bytes(*bytes)));
        let mut rows = BTreeMap::new();
        while let Some(sequence) = numbers.next() {
            let count = numbers.next().ok_or(KnownRowsError)?;
            if count > u64::from(MAX_ROWS / 64) {
                return Err(KnownRowsError);
            }
            let words: Vec<u64> =
                numbers.by_ref().take(usize::try_from(count).unwrap_or(0)).collect();
            if words.len() as u64 != count {
                return Err(KnownRowsError);
            }
            rows.insert(sequence, words);
        }
        Ok(Self { rows })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_row_is_known_once_and_stays_known() {
        let mut known = KnownRows::default();
        assert!(known.insert(5, 0) && known.insert(5, 200) && known.insert(7, 63));
        assert!(!known.insert(5, 200));
        assert!(!known.insert(5, MAX_ROWS));
        let back = KnownRows::decode(&known.encode()).unwrap();
        assert_eq!(back, known);
        assert!(back.contains(5, 200) && back.contains(7, 63));
        assert!(!back.contains(5, 199) && !back.contains(6, 0));
        let bytes = known.encode();
        assert!(KnownRows::decode(&bytes[..bytes.len() - 1]).is_err());
        assert!(KnownRows::decode(&bytes[..bytes.len() - 8]).is_err());
    }
}
