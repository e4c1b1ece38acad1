//! Finding the events of requests and entities: the newest part of the stream in memory, the rest in stored segments.

use std::collections::{BTreeMap, VecDeque};

use artifacts::ArtifactStore;
use bus::Bus;
use bytes::Bytes;
use contracts::messages::{ArtifactRef, PredictionEvent};
use contracts::{names, subjects};
use monitoring::feedback::index::SEGMENT_LENGTH;
use monitoring::feedback::{AnswerPosition, Identity, IndexTail, Segment};
use prost::Message as _;

use crate::error::StoreError;
use crate::tasks::events;
use crate::windows::WindowStore;

/// Media type of a segment.
const MEDIA_TYPE: &str = "application/vnd.tier0.prediction-index";
/// Segments that are kept in memory.
const MAX_SEGMENTS: usize = 32;
/// Events that are kept in memory.
const MAX_EVENTS: usize = 64;

/// Finds predictions by request or entity: stored segments of the index, and a tail in memory.
pub(super) struct PredictionLocator {
    bus: Bus,
    artifacts: ArtifactStore,
    windows: WindowStore,
    /// Segments of the index by their number.
    segments: BTreeMap<u64, ArtifactRef>,
    /// Segments that were read last, with their numbers.
    kept: VecDeque<(u64, Segment)>,
    /// Events that were read last, with their sequences.
    events: VecDeque<(u64, PredictionEvent)>,
    tail: IndexTail,
    /// The next sequence that is not in the tail yet.
    next: u64,
    /// The first segment that is not stored yet.
    open: u64,
}

impl PredictionLocator {
    pub(super) async fn open(
        bus: &Bus,
        windows: WindowStore,
        artifacts: ArtifactStore,
    ) -> Result<Self, StoreError> {
        let segments = windows.segments().await?;
        let open = segments.last_key_value().map_or(0, |(number, _)| number + 1);
        Ok(Self {
            bus: bus.clone(),
            artifacts,
            windows,
            segments,
            kept: VecDeque::new(),
            events: VecDeque::new(),
            tail: IndexTail::default(),
            next: open * SEGMENT_LENGTH,
            open,
        })
    }

    /// Takes in what has come to the stream, and stores the segments that are complete.
    pub(super) async fn update(&mut self) -> Result<(), StoreError> {
        let stream = names::PREDICTIONS_STREAM;
        while let Some((sequence, payload)) =
            self.bus.next_from(stream, subjects::ALL_PREDICTIONS, self.next).await?
        {
            while self.open < sequence / SEGMENT_LENGTH {
                if self.tail.is_empty() {
                    // What is no longer kept has no segment.
                    self.open = sequence / SEGMENT_LENGTH;
                } else {
                    self.seal(self.open).await?;
                    self.open += 1;
                }
            }
            if let Ok(event) = PredictionEvent::decode(payload) {
                self.tail.add(sequence, &event);
            }
            self.next = sequence + 1;
        }
        Ok(())
    }

    /// Stores a segment, unless another replica has; they are the same.
    async fn seal(&mut self, number: u64) -> Result<(), StoreError> {
        let last = (number + 1) * SEGMENT_LENGTH - 1;
        let segment = self.tail.segment(last);
        if segment.entries() > 0 {
            let bytes = Bytes::from(segment.encode());
            let artifact = self.artifacts.put(bytes, MEDIA_TYPE, segment.entries() as u64).await?;
            self.windows.put_segment(number, &artifact).await?;
            self.segments.insert(number, artifact);
        }
        self.tail.forget(last);
        Ok(())
    }

    /// The events in which one of the identities may be, the newest last.
    pub(super) async fn find(
        &mut self,
        identities: &[Identity],
    ) -> Result<BTreeMap<Identity, Vec<AnswerPosition>>, StoreError> {
        let mut found: BTreeMap<Identity, Vec<AnswerPosition>> = BTreeMap::new();
        let numbers: Vec<u64> = self.segments.keys().copied().collect();
        for number in numbers {
            let segment = self.segment(number).await?;
            for identity in identities {
                found.entry(*identity).or_default().extend(segment.find(*identity));
            }
        }
        for identity in identities {
            found.entry(*identity).or_default().extend(self.tail.find(*identity));
        }
        Ok(found)
    }

    async fn segment(&mut self, number: u64) -> Result<&Segment, StoreError> {
        let at = self.kept.iter().position(|(kept, _)| *kept == number);
        let kept = match at.and_then(|at| self.kept.remove(at)) {
            Some(kept) => kept,
            None => {
                let artifact = self.segments.get(&number).cloned().unwrap_or_default();
                let bytes = self.artifacts.get(&artifact).await?;
                (number, Segment::decode(&bytes)?)
            }
        };
        if self.kept.len() >= MAX_SEGMENTS {
            self.kept.pop_front();
        }
        self.kept.push_back(kept);
        self.kept.back().map(|(_, segment)| segment).ok_or(StoreError::Contended)
    }

    /// An event, where it is still kept.
    pub(super) async fn event(
        &mut self,
        sequence: u64,
    ) -> Result<Option<PredictionEvent>, StoreError> {
        if let Some((_, event)) = self.events.iter().find(|(kept, _)| *kept == sequence) {
            return Ok(Some(event.clone()));
        }
        let Some(event) = events::event(&self.bus, sequence).await? else { return Ok(None) };
        if self.events.len() >= MAX_EVENTS {
            self.events.pop_front();
        }
        self.events.push_back((sequence, event.clone()));
        Ok(Some(event))
    }
}
