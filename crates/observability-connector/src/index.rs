//! Where in the stream a request or an entity was answered: an index over a part of it. Pure.
//!
//! ```text
//!   stream   0 … 1023 │ 1024 … 2047 │ 2048 …        (sequences)
//!            segment  │  segment    │ tail, in memory
//! ```
//!
//! Segments are made of the stream alone, so every replica makes the same ones. An identity is kept as 64 bits of its
//! digest; whoever finds a place looks into the event itself, which has the identity in full.

use std::collections::BTreeMap;

use contracts::time;
use contracts::v1::PredictionEvent;
use sha2::{Digest as _, Sha256};

/// Sequences of a segment.
pub const SEGMENT: u64 = 1024;
const MAGIC: &[u8; 8] = b"T0INDEX1";

/// An identity within its endpoint.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Identity(u64);

impl Identity {
    /// Of a request.
    pub fn of_request(endpoint: &str, id: &str) -> Self {
        Self::of("request", endpoint, id)
    }

    /// Of an entity.
    pub fn of_entity(endpoint: &str, id: &str) -> Self {
        Self::of("entity", endpoint, id)
    }

    fn of(kind: &str, endpoint: &str, id: &str) -> Self {
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

/// Where something was answered.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Place {
    /// When, in milliseconds since 1970.
    pub at: u64,
    /// Sequence of the event.
    pub sequence: u64,
}

/// An index that grows: of the stream's end, or of a segment that is being made.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Tail {
    places: BTreeMap<Identity, Vec<Place>>,
}

impl Tail {
    /// Adds an event.
    pub fn add(&mut self, sequence: u64, event: &PredictionEvent) {
        let endpoint = &event.endpoint;
        for answer in &event.answers {
            let at = answer.at.as_ref().and_then(time::system_time).map_or(0, milliseconds);
            let place = Place { at, sequence };
            let request = Identity::of_request(endpoint, &answer.request_id);
            let entities = answer
                .entity_ids
                .iter()
                .filter(|id| !id.is_empty())
                .map(|id| Identity::of_entity(endpoint, id));
            for identity in std::iter::once(request).chain(entities) {
                let places = self.places.entry(identity).or_default();
                if places.last() != Some(&place) {
                    places.push(place);
                }
            }
        }
    }

    /// Where an identity was answered.
    pub fn find(&self, identity: Identity) -> &[Place] {
        self.places.get(&identity).map(Vec::as_slice).unwrap_or_default()
    }

    /// Whether nothing is in it.
    pub fn is_empty(&self) -> bool {
        self.places.is_empty()
    }

    /// Gives up what is of sequences up to this one.
    pub fn forget(&mut self, last: u64) {
        self.places.retain(|_, places| {
            places.retain(|place| place.sequence > last);
            !places.is_empty()
        });
    }

    /// What is of sequences up to `last`, as a segment.
    pub fn segment(&self, last: u64) -> Segment {
        let entries = self
            .places
            .iter()
            .flat_map(|(identity, places)| places.iter().map(|place| (*identity, *place)))
            .filter(|(_, place)| place.sequence <= last)
            .collect();
        Segment { entries }
    }
}

/// An index that does not change any more.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Segment {
    /// By identity.
    entries: Vec<(Identity, Place)>,
}

/// Bytes that are no segment.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("it is not a segment of the index of predictions")]
pub struct NoSegment;

impl Segment {
    /// Where an identity was answered.
    pub fn find(&self, identity: Identity) -> impl Iterator<Item = Place> + '_ {
        let from = self.entries.partition_point(|(other, _)| *other < identity);
        let entries = self.entries.get(from..).unwrap_or_default();
        entries.iter().take_while(move |(other, _)| *other == identity).map(|(_, place)| *place)
    }

    /// Number of entries.
    pub fn entries(&self) -> usize {
        self.entries.len()
    }

    /// As it is stored: the same entries, the same bytes.
    pub fn encode(&self) -> Vec<u8> {
        let mut bytes = Vec::with_capacity(MAGIC.len() + self.entries.len() * 24);
        bytes.extend(MAGIC);
        for (Identity(identity), place) in &self.entries {
            bytes.extend(identity.to_le_bytes());
            bytes.extend(place.at.to_le_bytes());
            bytes.extend(place.sequence.to_le_bytes());
        }
        bytes
    }

    /// Reads a stored segment.
    ///
    /// # Errors
    /// [`NoSegment`] where it is none, or not in order.
    pub fn decode(bytes: &[u8]) -> Result<Self, NoSegment> {
        let rest = bytes.strip_prefix(MAGIC).ok_or(NoSegment)?;
        let chunks = rest.chunks_exact(24);
        if !chunks.remainder().is_empty() {
            return Err(NoSegment);
        }
        let number = |bytes: &[u8], at: usize| {
            bytes.get(at..at + 8).and_then(|part| part.first_chunk::<8>()).copied()
        };
        let entries: Vec<(Identity, Place)> = chunks
            .map(|chunk| {
                let read = |at| number(chunk, at).map(u64::from_le_bytes).ok_or(NoSegment);
                Ok((Identity(read(0)?), Place { at: read(8)?, sequence: read(16)? }))
            })
            .collect::<Result<_, NoSegment>>()?;
        if entries.is_sorted_by_key(|(identity, _)| *identity) {
            Ok(Self { entries })
        } else {
            Err(NoSegment)
        }
    }
}

/// Milliseconds since 1970.
pub fn milliseconds(at: std::time::SystemTime) -> u64 {
    let since = at.duration_since(std::time::SystemTime::UNIX_EPOCH).unwrap_or_default();
    u64::try_from(since.as_millis()).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use std::time::{Duration, SystemTime};

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
        let mut tail = Tail::default();
        tail.add(3, &event(&[("a", &["e1", "e2"]), ("b", &[])]));
        tail.add(4, &event(&[("a", &["e2"])]));
        let a = Identity::of_request("churn", "a");
        let places = |sequences: &[u64]| {
            sequences.iter().map(|&sequence| Place { at: 5, sequence }).collect::<Vec<_>>()
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
        let mut tail = Tail::default();
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
