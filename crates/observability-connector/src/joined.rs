//! Which rows' outcomes are known, for as long as there are predictions. Pure.
//!
//! A bit for each row of the events of a group of sequences, kept only for events of which any row is known.

use std::collections::BTreeMap;

use crate::index::SEGMENT;

/// Rows of an event that are remembered; no event has more.
const MOST_ROWS: u32 = 1 << 17;

/// The rows of a group of events whose outcomes are known.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Joined {
    rows: BTreeMap<u64, Vec<u64>>,
}

/// A stored value that is none.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("it does not say which outcomes are known")]
pub struct Unreadable;

/// The group of an event.
pub fn group(sequence: u64) -> u64 {
    sequence / SEGMENT
}

impl Joined {
    /// Whether a row's outcome is known.
    pub fn contains(&self, sequence: u64, row: u32) -> bool {
        let words = self.rows.get(&sequence);
        let word = words.and_then(|words| words.get(row as usize / 64));
        word.is_some_and(|word| word >> (row % 64) & 1 == 1)
    }

    /// Notes that a row's outcome is known; false where it was, or where there is no such row.
    pub fn insert(&mut self, sequence: u64, row: u32) -> bool {
        if row >= MOST_ROWS || self.contains(sequence, row) {
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

    /// As it is stored.
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
    /// [`Unreadable`] where it is none.
    pub fn decode(bytes: &[u8]) -> Result<Self, Unreadable> {
        let chunks = bytes.chunks_exact(8);
        if !chunks.remainder().is_empty() {
            return Err(Unreadable);
        }
        let mut numbers = chunks
            .map(|chunk| chunk.first_chunk::<8>().map_or(0, |bytes| u64::from_le_bytes(*bytes)));
        let mut rows = BTreeMap::new();
        while let Some(sequence) = numbers.next() {
            let count = numbers.next().ok_or(Unreadable)?;
            if count > u64::from(MOST_ROWS / 64) {
                return Err(Unreadable);
            }
            let words: Vec<u64> =
                numbers.by_ref().take(usize::try_from(count).unwrap_or(0)).collect();
            if words.len() as u64 != count {
                return Err(Unreadable);
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
        let mut joined = Joined::default();
        assert!(joined.insert(5, 0) && joined.insert(5, 200) && joined.insert(7, 63));
        assert!(!joined.insert(5, 200));
        assert!(!joined.insert(5, MOST_ROWS));
        let back = Joined::decode(&joined.encode()).unwrap();
        assert_eq!(back, joined);
        assert!(back.contains(5, 200) && back.contains(7, 63));
        assert!(!back.contains(5, 199) && !back.contains(6, 0));
        let bytes = joined.encode();
        assert!(Joined::decode(&bytes[..bytes.len() - 1]).is_err());
        assert!(Joined::decode(&bytes[..bytes.len() - 8]).is_err());
    }
}
