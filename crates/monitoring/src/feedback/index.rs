//! Where in the stream a request or an entity was answered: an index over a part of it.
//!
//! ```text
//!   stream   0 … 1023 │ 1024 … 2047 │ 2048 …        (sequences)
//!            segment  │  segment    │ tail, in memory
//! ```
//!
//! Segments are made of the stream alone, so every replica makes the same ones. An identity is kept as 64 bits of its
//! digest, so that a position may be of another identity: the event itself has the identity in full.

use std::collections::BTreeMap;

use contracts::v1::PredictionEvent;
use sha2::{Digest as _, Sha256};

use crate::time::of_timestamp;

/// Number of sequences of a segment.
pub const SEGMENT_LENGTH: u64 = 1024;
const MAGIC: &[u8; 8] = b"T0INDEX1";

/// An identity within its endpoint.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Identity(u64);

impl Identity {
    /// Identity of the request `id` at an endpoint.
    pub fn of_request(endpoint: &str, id: &str) -> Self {
        Self::digest_of("request", endpoint, id)
    }

    /// Identity of the entity `id` at an endpoint.
    pub fn of_entity(endpoint: &str, id: &str) -> Self {
        Self::digest_of("entity", endpoint, id)
    }

    fn digest_of(kind: &str, endpoint: &str, id: &str) -> Self {
        let digest = Sha256::new()
            .chain_update(kind)
            .chain_update([0])
            .chain_update(endpoint)
            .chain_update([0])
            .chain_update(id)
            .finalize();
        Self(digest.first_chunk::<8>().map_or(0, |bytes| u64::from_le_bytes(*bytes)))
    }
}

/// Where an identity was answered.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct AnswerPosition {
    /// Time of the answer, in milliseconds since 1970.
    pub at: u64,
    /// Sequence of the event.
    pub sequence: u64,
}

/// An index that grows: of the stream's end, or of a segment that is being made.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct IndexTail {
    positions: BTreeMap<Identity, Vec<AnswerPosition>>,
}

impl IndexTail {
    /// Adds the answers of the event with this sequence, by request and by entity.
    pub fn add(&mut self, sequence: u64, event: &PredictionEvent) {
        let endpoint = &event.endpoint;
        for answer in &event.answers {
            let at = of_timestamp(answer.at.as_ref()).unwrap_or(0);
            let position = AnswerPosition { at, sequence };
            let request = Identity::of_request(endpoint, &answer.request_id);
            let entities = answer
                .entity_ids
                .iter()
                .filter(|id| !id.is_empty())
                .map(|id| Identity::of_entity(endpoint, id));
            for identity in std::iter::once(request).chain(entities) {
                let positions = self.positions.entry(identity).or_default();
                if positions.last() != Some(&position) {
                    positions.push(position);
                }
            }
        }
    }

    /// The positions of an identity, in the order in which they were added.
    pub fn find(&self, identity: Identity) -> &[AnswerPosition] {
        self.positions.get(&identity).map(Vec::as_slice).unwrap_or_default()
    }

    /// Whether it has no position.
    pub fn is_empty(&self) -> bool {
        self.positions.is_empty()
    }

    /// Removes the positions with sequences up to `last`.
    pub fn forget(&mut self, last: u64) {
        self.positions.retain(|_, positions| {
            positions.retain(|position| position.sequence > last);
            !positions.is_empty()
        });
    }

    /// The positions with sequences up to `last`, as a segment.
    pub fn segment(&self, last: u64) -> Segment {
        let entries = self
            .positions
            .iter()
            .flat_map(|(identity, positions)| positions.iter().map(|at| (*identity, *at)))
            .filter(|(_, position)| position.sequence <= last)
            .collect();
        Segment { entries }
    }
}

/// An index that does not change any more.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Segment {
    /// Positions of all answers, in ascending order of the identities.
    entries: Vec<(Identity, AnswerPosition)>,
}

/// Stored bytes are no segment.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("it is not a segment of the index of predictions")]
pub struct SegmentError;

impl Segment {
    /// The positions of an identity.
    pub fn find(&self, identity: Identity) -> impl Iterator<Item = AnswerPosition> + '_ {
        let from = self.entries.partition_point(|(other, _)| *other < identity);
        let entries = self.entries.get(from..).unwrap_or_default();
        entries
            .iter()
            .take_while(move |(other, _)| *other == identity)
            .map(|(_, position)| *position)
    }

    /// Number of entries.
    pub fn entries(&self) -> usize {
        self.entries.len()
    }

    /// As it is stored: 24 bytes for each entry (identity, time, sequence; little-endian). The same entries are the same bytes.
    pub fn encode(&self) -> Vec<u8> {
        let mut bytes = Vec::with_capacity(MAGIC.len() + self.entries.len() * 24);
        bytes.extend(MAGIC);
        for (Identity(identity), position) in &self.entries {
            bytes.extend(identity.to_le_bytes());
            bytes.extend(position.at.to_le_bytes());
            bytes.extend(position.sequence.to_le_bytes());
        }
        bytes
    }

    /// Reads a stored segment.
    ///
    /// # Errors
    /// [`SegmentError`] where it is none, or not in order.
    pub fn decode(bytes: &[u8]) -> Result<Self, SegmentError> {
        let rest = bytes.strip_prefix(MAGIC).ok_or(SegmentError)?;
        let chunks = rest.chunks_exact(24);
        if !chunks.remainder().is_empty() {
            return Err(SegmentError);
        }
        let number = |bytes: &[u8], at: usize| {
            bytes.get(at..at + 8).and_then(|part| part.first_chunk::<8>()).copied()
        };
        let entries: Vec<(Identity, AnswerPosition)> = chunks
            .map(|chunk| {
                let read = |at| number(chunk, at).map(u64::from_le_bytes).ok_or(SegmentError);
                Ok((Identity(read(0)?), AnswerPosition { at: read(8)?, sequence: read(16)? }))
            })
            .collect::<Result<_, SegmentError>>()?;
        if entries.is_sorted_by_key(|(identity, _)| *identity) {
            Ok(Self { entries })
        } else {
            Err(SegmentError)
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::{Duration, SystemTime};

    use contracts::time;
    use contracts::v1::Answered;

    use super::*;

    fn event(requests: &[(&str, &[&str])]) -> PredictionEvent {
        let answers = requests.iter().map(|(id, entities)| Answered {
            request_id: (*id).to_owned(),
            at: Some(time::timestamp(SystemTime::UNIX_EPOCH + Duration::from_millis(5))),
            entity_ids: entities.iter().map(|id| (*id).to_owned()).collect(),
            ..Answered::default()
        });
        PredictionEvent {
            endpoint: "churn".to_owned(),
            answers: answers.collect(),
            ..PredictionEvent::default()
        }
    }

    #[test]
    fn what_was_added_is_found_before_and_after_it_is_stored() {
        let mut tail = IndexTail::default();
        tail.add(3, &event(&[("a", &["e1", "e2"]), ("b", &[])]));
        tail.add(4, &event(&[("a", &["e2"])]));
        let a = Identity::of_request("churn", "a");
        let places = |sequences: &[u64]| {
            sequences.iter().map(|&sequence| AnswerPosition { at: 5, sequence }).collect::<Vec<_>>()
        };
        assert_eq!(tail.find(a), places(&[3, 4]));
        let stored = Segment::decode(&tail.segment(4).encode()).unwrap();
        assert_eq!(stored.find(a).collect::<Vec<_>>(), places(&[3, 4]));
        let e2 = Identity::of_entity("churn", "e2");
        assert_eq!(stored.find(e2).collect::<Vec<_>>(), places(&[3, 4]));
        assert_eq!(stored.find(Identity::of_entity("other", "e2")).count(), 0);
        assert_eq!(stored.entries(), 6);
        // The part that goes into a segment is forgotten, the rest stays.
        assert_eq!(tail.segment(3).find(a).collect::<Vec<_>>(), places(&[3]));
        tail.forget(3);
        assert_eq!(tail.find(a), places(&[4]));
    }

    #[test]
    fn what_is_no_segment_is_refused() {
        let mut tail = IndexTail::default();
        tail.add(3, &event(&[("a", &[]), ("b", &[])]));
        let bytes = tail.segment(3).encode();
        assert!(Segment::decode(&bytes[1..]).is_err());
        assert!(Segment::decode(&bytes[..bytes.len() - 1]).is_err());
        let mut turned = bytes[..8].to_vec();
        turned.extend(&bytes[32..56]);
        turned.extend(&bytes[8..32]);
        assert!(Segment::decode(&turned).is_err());
    }
}
