//! The ledger: all counts and the sequences that they hold, in one value. Pure.
//!
//! Counts and sequences have to change together, and a key-value store changes one value at a time; so they are one.

use std::collections::BTreeMap;

use contracts::v1::{MonitorCounts, PredictionEvent};
use serde::{Deserialize, Serialize};

use crate::batch::{self, Known};
use crate::sequences::Sequences;

/// Counts of all endpoints, and what they hold.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Ledger {
    /// Sequences that were counted.
    pub sequences: Sequences,
    /// Counts by endpoint.
    pub endpoints: BTreeMap<String, MonitorCounts>,
}

/// An event with its place in the stream.
#[derive(Debug, Clone, PartialEq)]
pub struct Numbered {
    /// Its sequence.
    pub sequence: u64,
    /// The event; none for one that was refused, which is settled without being counted.
    pub event: Option<PredictionEvent>,
}

impl Ledger {
    /// Reads a stored ledger.
    pub fn decode(bytes: &[u8]) -> Result<Self, serde_json::Error> {
        serde_json::from_slice(bytes)
    }

    /// The ledger as it is stored.
    pub fn encode(&self) -> Result<Vec<u8>, serde_json::Error> {
        serde_json::to_vec(self)
    }

    /// Counts those events that it does not hold yet, and gives the number of them.
    pub fn apply(&mut self, events: &[Numbered], known: &BTreeMap<String, Known>) -> usize {
        let mut counted = 0;
        for numbered in events {
            if !self.sequences.insert(numbered.sequence) {
                continue;
            }
            let Some(event) = &numbered.event else { continue };
            let counts = self.endpoints.entry(event.endpoint.clone()).or_default();
            batch::add(counts, event, numbered.sequence, known.get(&event.endpoint));
            counted += 1;
        }
        self.sequences.bound();
        counted
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test")]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn numbered(sequence: u64) -> Numbered {
        let event = PredictionEvent {
            endpoint: format!("e{}", sequence % 2),
            version: 1,
            rows: 2,
            ..PredictionEvent::default()
        };
        Numbered { sequence, event: Some(event) }
    }

    proptest! {
        #[test]
        fn every_event_counts_once_in_any_order(order in proptest::collection::vec(1_u64..40, 0..120)) {
            let mut ledger = Ledger::default();
            for chunk in order.chunks(7) {
                let events: Vec<_> = chunk.iter().map(|sequence| numbered(*sequence)).collect();
                ledger.apply(&events, &BTreeMap::new());
            }
            let distinct: std::collections::BTreeSet<_> = order.iter().collect();
            let events: u64 = ledger.endpoints.values().map(|counts| counts.events).sum();
            prop_assert_eq!(events, distinct.len() as u64);
        }
    }

    #[test]
    fn it_is_stored_and_read() {
        let mut ledger = Ledger::default();
        assert_eq!(ledger.apply(&[numbered(1), numbered(2), numbered(1)], &BTreeMap::new()), 2);
        assert_eq!(Ledger::decode(&ledger.encode().unwrap()).unwrap(), ledger);
        assert_eq!(ledger.endpoints["e1"].rows, 2);
    }
}
