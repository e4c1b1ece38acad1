//! Which keys were seen once, and how many are different.
//!
//! ```text
//! extend ─▶ the latest keys, part by part in order ─ merged, when there are enough ─▶ merged into all keys before, in order
//! ```
//!
//! Memory follows the distinct keys, and no key is looked for by itself: keys that are merged are gone through in order,
//! which is several times faster than a table that does not fit into the processor's caches.

use std::mem::take;

/// Keys that are waited for, at least and at most, before they are merged.
const LEAST_WAITING: usize = 1 << 16;
const MOST_WAITING: usize = 1 << 20;

/// The distinct keys of what was seen.
#[derive(Clone, Debug, Default)]
pub(crate) struct Distinct {
    /// All keys but those that wait, in order, each with whether it was there more than once.
    sorted: Vec<(u64, bool)>,
    waiting: Vec<u64>,
    rows: u64,
}

impl Distinct {
    /// Takes the keys of some rows, in order; false where there are more than `limit` distinct ones, as far as is known.
    pub(crate) fn extend(&mut self, keys: &[u64], limit: usize) -> bool {
        self.rows += keys.len() as u64;
        self.waiting.extend_from_slice(keys);
        if self.waiting.len() < self.sorted.len().clamp(LEAST_WAITING, MOST_WAITING) {
            return true;
        }
        self.merge();
        self.sorted.len() <= limit
    }

    /// Ends what is seen; false where there are more than `limit` distinct keys.
    pub(crate) fn conclude(&mut self, limit: usize) -> bool {
        self.merge();
        self.waiting = Vec::new();
        self.sorted.len() <= limit
    }

    /// The number of distinct keys, once it is concluded.
    pub(crate) fn len(&self) -> usize {
        self.sorted.len()
    }

    /// Rows whose key another row has, once it is concluded.
    pub(crate) fn repeated_rows(&self) -> u64 {
        let single = self.sorted.iter().filter(|(_, repeated)| !repeated).count();
        self.rows - single as u64
    }

    /// Whether a key was there once, once it is concluded.
    pub(crate) fn is_single(&self, key: u64) -> bool {
        let place = self.sorted.binary_search_by_key(&key, |(key, _)| *key);
        place.ok().and_then(|place| self.sorted.get(place)).is_some_and(|(_, repeated)| !repeated)
    }

    fn merge(&mut self) {
        // Stable, because that sort merges runs that are in order already.
        self.waiting.sort();
        let mut latest = self
            .waiting
            .chunk_by(|one, other| one == other)
            .filter_map(|equal| Some((*equal.first()?, equal.len() > 1)))
            .peekable();
        let before = take(&mut self.sorted);
        let mut merged = Vec::with_capacity(before.len() + self.waiting.len());
        for (key, repeated) in before {
            while let Some(smaller) = latest.next_if(|(other, _)| *other < key) {
                merged.push(smaller);
            }
            let again = latest.next_if(|(other, _)| *other == key).is_some();
            merged.push((key, repeated || again));
        }
        merged.extend(latest);
        merged.shrink_to(merged.len() + merged.len() / 4);
        self.sorted = merged;
        self.waiting.clear();
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashMap;

    use super::*;

    /// Keys in parts of a thousand, each in order.
    fn extended(distinct: &mut Distinct, keys: impl Iterator<Item = u64>, limit: usize) -> bool {
        let keys: Vec<u64> = keys.collect();
        keys.chunks(1_000).all(|part| {
            let mut part = part.to_vec();
            part.sort_unstable();
            distinct.extend(&part, limit)
        })
    }

    #[test]
    fn keys_are_counted_as_a_table_counts_them() {
        for (rows, keys) in
            [(0, 1), (1, 1), (10, 4), (300_000, 70_000), (500_000, 10_000_000), (200_000, 3)]
        {
            let mut distinct = Distinct::default();
            let mut counts: HashMap<u64, u32> = HashMap::new();
            let mut state = 7_u64;
            let drawn = (0..rows).map(|_| {
                state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
                let key = (state >> 33) % keys;
                *counts.entry(key).or_default() += 1;
                key
            });
            assert!(extended(&mut distinct, drawn, usize::MAX));
            assert!(distinct.conclude(usize::MAX));
            assert_eq!(distinct.len(), counts.len(), "{rows} {keys}");
            let repeated =
                counts.values().filter(|count| **count > 1).map(|count| u64::from(*count));
            assert_eq!(distinct.repeated_rows(), repeated.sum::<u64>());
            for key in 0..keys.min(1000) {
                assert_eq!(distinct.is_single(key), counts.get(&key) == Some(&1), "{key}");
            }
        }
    }

    #[test]
    fn too_many_keys_are_told() {
        let mut distinct = Distinct::default();
        assert!(extended(&mut distinct, 0..100, 99));
        assert!(!distinct.conclude(99));
        let mut distinct = Distinct::default();
        assert!(!extended(&mut distinct, 0..200_000, 100_000));
        let mut few = Distinct::default();
        assert!(extended(&mut few, (0..200_000).map(|key| key % 7), 7) && few.conclude(7));
    }
}
