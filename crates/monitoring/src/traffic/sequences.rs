//! A set of sequence numbers, kept as ranges.

use serde::{Deserialize, Serialize};

/// Most ranges that are kept; beyond them the lowest gap is given up.
const MAX_RANGES: usize = 4096;

/// Sequences of a stream that have been counted: almost always one range from the first to the last.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Sequences {
    /// First and last of each range, ascending, with a gap between neighbours.
    ranges: Vec<(u64, u64)>,
}

impl Sequences {
    /// Whether a sequence is in the set.
    pub fn contains(&self, sequence: u64) -> bool {
        let after = self.ranges.partition_point(|(first, _)| *first <= sequence);
        after
            .checked_sub(1)
            .and_then(|at| self.ranges.get(at))
            .is_some_and(|(_, last)| sequence <= *last)
    }

    /// Adds a sequence; false where it was there.
    pub fn insert(&mut self, sequence: u64) -> bool {
        if self.contains(sequence) {
            return false;
        }
        let after = self.ranges.partition_point(|(first, _)| *first <= sequence);
        let joins_next = self
            .ranges
            .get(after)
            .is_some_and(|(first, _)| sequence.checked_add(1) == Some(*first));
        let before = after.checked_sub(1);
        let joins_before = before
            .and_then(|at| self.ranges.get(at))
            .is_some_and(|(_, last)| last.checked_add(1) == Some(sequence));
        match (before, joins_before, joins_next) {
            (Some(at), true, true) => {
                let (_, last) = self.ranges.remove(after);
                self.set_last(at, last);
            }
            (Some(at), true, false) => self.set_last(at, sequence),
            (_, _, true) => {
                if let Some(range) = self.ranges.get_mut(after) {
                    range.0 = sequence;
                }
            }
            _ => self.ranges.insert(after, (sequence, sequence)),
        }
        true
    }

    fn set_last(&mut self, at: usize, last: u64) {
        if let Some(range) = self.ranges.get_mut(at) {
            range.1 = last;
        }
    }

    /// The greatest sequence; 0 where there is none.
    pub fn last(&self) -> u64 {
        self.ranges.last().map_or(0, |(_, last)| *last)
    }

    /// Number of ranges without a gap that the set consists of.
    pub fn ranges(&self) -> usize {
        self.ranges.len()
    }

    /// Keeps the set small: closes the lowest gaps where there are too many. Events of those gaps are either gone from
    /// the stream or were refused; were one to come after all, it would not be counted.
    pub fn bound(&mut self) {
        let surplus = self.ranges.len().saturating_sub(MAX_RANGES);
        if surplus == 0 {
            return;
        }
        let first = self.ranges.first().map_or(0, |(first, _)| *first);
        self.ranges.drain(..surplus);
        if let Some(range) = self.ranges.first_mut() {
            range.0 = first;
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn it_is_a_set_of_numbers(sequences in proptest::collection::vec(0_u64..60, 0..200)) {
            let mut set = Sequences::default();
            let mut known = BTreeSet::new();
            for sequence in sequences {
                prop_assert_eq!(set.insert(sequence), known.insert(sequence));
                prop_assert_eq!(set.last(), known.last().copied().unwrap_or_default());
            }
            for sequence in 0..70 {
                prop_assert_eq!(set.contains(sequence), known.contains(&sequence));
            }
            let gaps = known.iter().zip(known.iter().skip(1)).filter(|(a, b)| *a + 1 < **b).count();
            prop_assert_eq!(set.ranges(), if known.is_empty() { 0 } else { gaps + 1 });
        }
    }

    #[test]
    fn a_stream_in_any_order_ends_as_one_range() {
        let mut set = Sequences::default();
        for sequence in [3, 1, 2, 5, 4, 4] {
            set.insert(sequence);
        }
        assert_eq!((set.ranges(), set.last()), (1, 5));
    }

    #[test]
    fn too_many_gaps_are_closed_from_below() {
        let mut set = Sequences::default();
        for sequence in 0..10_000_u64 {
            set.insert(sequence * 2);
        }
        set.bound();
        assert_eq!(set.ranges(), MAX_RANGES);
        assert!(set.contains(1) && !set.contains(19_997) && set.contains(19_998));
    }
}
