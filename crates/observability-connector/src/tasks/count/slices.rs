//! Adding prediction events to the slices of their versions.

use std::collections::BTreeMap;

use bytes::Bytes;
use contracts::messages::PredictionEvent;
use monitoring::traffic::{NumberedEvent, Slice, SliceId};

use crate::error::StoreError;
use crate::windows::{ATTEMPTS, StoredValue as _, WindowStore, pause, slice_key};

/// Slices that are kept in memory between two batches.
const MAX_CACHED: usize = 64;

/// Slices, as this replica has last written them.
pub(super) struct SliceWriter {
    windows: WindowStore,
    /// Length of a slice in milliseconds.
    length: u64,
    /// Most inputs of an event that are sketched.
    columns: usize,
    /// Slices that were written last, each with its revision in the bucket.
    cache: BTreeMap<SliceId, (Slice, u64)>,
}

impl SliceWriter {
    pub(super) fn new(windows: WindowStore, slice_seconds: u64, columns: usize) -> Self {
        let length = slice_seconds.saturating_mul(1000).max(1);
        Self { windows, length, columns, cache: BTreeMap::new() }
    }

    /// Adds events to the slices that they belong to; those that are there already change nothing.
    pub(super) async fn add(&mut self, events: &[NumberedEvent]) -> Result<(), StoreError> {
        let mut by_slice: BTreeMap<SliceId, Vec<(u64, &PredictionEvent)>> = BTreeMap::new();
        for numbered in events {
            if let Some(event) = &numbered.event {
                let slice = SliceId::at_event(event, self.length);
                by_slice.entry(slice).or_default().push((numbered.sequence, event));
            }
        }
        for (id, events) in by_slice {
            self.add_to(id, &events).await?;
        }
        while self.cache.len() > MAX_CACHED {
            let Some(oldest) = self.cache.keys().min_by_key(|id| id.number).cloned() else { break };
            self.cache.remove(&oldest);
        }
        Ok(())
    }

    /// Adds events to a slice by compare-and-swap, at first to the cached one.
    async fn add_to(
        &mut self,
        id: SliceId,
        events: &[(u64, &PredictionEvent)],
    ) -> Result<(), StoreError> {
        let key = slice_key(&id);
        for attempt in 1..=ATTEMPTS {
            let (mut slice, revision) = match self.cache.remove(&id) {
                Some((slice, revision)) => (slice, Some(revision)),
                None => self.windows.read::<Slice>(&key).await?,
            };
            let mut is_changed = false;
            for (sequence, event) in events {
                is_changed |= slice.add(*sequence, event, self.columns);
            }
            if !is_changed {
                return Ok(());
            }
            let bytes = Bytes::from(slice.to_bytes()?);
            if let Some(revision) = self.windows.write(&key, revision, bytes).await? {
                self.cache.insert(id, (slice, revision));
                return Ok(());
            }
            pause(attempt).await;
        }
        Err(StoreError::Contended)
    }
}
