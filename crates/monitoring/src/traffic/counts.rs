//! The counts of all endpoints and the sequences of the events that they hold, in one value.
//!
//! Counts and sequences have to change together, and a key-value store changes one value at a time; so they are one.

use std::collections::BTreeMap;

use contracts::v1::{MonitorCounts, PredictionEvent};
use serde::{Deserialize, Serialize};

use super::event::{self, KnownTexts};
use super::sequences::Sequences;

/// Counts of all endpoints, and the events that are in them.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TrafficCounts {
    /// Sequences that were counted.
    pub sequences: Sequences,
    /// Counts of each endpoint, by its name.
    pub endpoints: BTreeMap<String, MonitorCounts>,
}

/// An event with its sequence in the stream.
#[derive(Debug, Clone, PartialEq)]
pub struct NumberedEvent {
    /// Sequence of the message in its stream, from 1.
    pub sequence: u64,
    /// The event; none for one that was refused, which is settled without being counted.
    pub event: Option<PredictionEvent>,
}

impl TrafficCounts {
    /// Reads what was stored.
    ///
    /// # Errors
    /// Where it is no JSON of these counts.
    pub fn decode(bytes: &[u8]) -> Result<Self, serde_json::Error> {
        serde_json::from_slice(bytes)
    }

    /// As it is stored: JSON.
    ///
    /// # Errors
    /// Where it cannot be written as JSON.
    pub fn encode(&self) -> Result<Vec<u8>, serde_json::Error> {
        serde_json::to_vec(self)
    }

    /// Counts the events that are not in it yet, and returns their number.
    pub fn apply(
        &mut self,
        events: &[NumberedEvent],
        known: &BTreeMap<String, KnownTexts>,
    ) -> usize {
        let mut counted = 0;
        for numbered in events {
            if !self.sequences.insert(numbered.sequence) {
                continue;
            }
            let Some(event) = &numbered.event else { continue };
            let counts = self.endpoints.entry(event.endpoint.clone()).or_default();
            event::add(counts, event, numbered.sequence, known.get(&event.endpoint));
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

    fn numbered(sequence: u64) -> NumberedEvent {
        let event = PredictionEvent {
            endpoint: format!("e{}", sequence % 2),
            version: 1,
            rows: 2,
            ..PredictionEvent::default()
        };
        NumberedEvent { sequence, event: Some(event) }
    }

    proptest! {
        #[test]
        fn every_event_counts_once_in_any_order(order in proptest::collection::vec(1_u64..40, 0..120)) {
            let mut counts = TrafficCounts::default();
            for chunk in order.chunks(7) {
                let events: Vec<_> = chunk.iter().map(|sequence| numbered(*sequence)).collect();
                counts.apply(&events, &BTreeMap::new());
            }
            let distinct: std::collections::BTreeSet<_> = order.iter().collect();
            let events: u64 = counts.endpoints.values().map(|of| of.events).sum();
            prop_assert_eq!(events, distinct.len() as u64);
        }
    }

    #[test]
    fn it_is_stored_and_read() {
        let mut counts = TrafficCounts::default();
        assert_eq!(counts.apply(&[numbered(1), numbered(2), numbered(1)], &BTreeMap::new()), 2);
        assert_eq!(TrafficCounts::decode(&counts.encode().unwrap()).unwrap(), counts);
        assert_eq!(counts.endpoints["e1"].rows, 2);
    }
}
