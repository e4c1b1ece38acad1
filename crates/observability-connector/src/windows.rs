//! Slices in TIER0_WINDOWS: written by whoever counts, put together by whoever checks.

use std::collections::BTreeMap;

use bus::KeyValue;
use bytes::Bytes;
use contracts::names;
use contracts::v1::PredictionEvent;
use futures::future::try_join_all;
use monitoring::traffic::NumberedEvent;
use monitoring::traffic::slices::{self, Slice, SliceId};
use statistics::reference::Reference;

use crate::error::StoreError;
use crate::store;

/// Slices that are kept in memory between two batches.
const MOST_KEPT: usize = 64;

/// Slices, as this replica has last written them.
pub(crate) struct Windows {
    bucket: KeyValue,
    milliseconds: u64,
    columns: usize,
    kept: BTreeMap<SliceId, (Slice, u64)>,
}

impl Windows {
    pub(crate) fn new(bucket: KeyValue, slice_seconds: u64, columns: usize) -> Self {
        let milliseconds = slice_seconds.saturating_mul(1000).max(1);
        Self { bucket, milliseconds, columns, kept: BTreeMap::new() }
    }

    /// Adds events to the slices that they belong to, each by compare-and-swap; those that are there already change nothing.
    pub(crate) async fn add(&mut self, events: &[NumberedEvent]) -> Result<(), StoreError> {
        let mut by_slice: BTreeMap<SliceId, Vec<(u64, &PredictionEvent)>> = BTreeMap::new();
        for numbered in events {
            if let Some(event) = &numbered.event {
                let slice = SliceId::of(event, self.milliseconds);
                by_slice.entry(slice).or_default().push((numbered.sequence, event));
            }
        }
        for (id, events) in by_slice {
            self.add_to(id, &events).await?;
        }
        while self.kept.len() > MOST_KEPT {
            // The one whose time is longest past.
            let Some(oldest) = self.kept.keys().min_by_key(|id| id.number).cloned() else { break };
            self.kept.remove(&oldest);
        }
        Ok(())
    }

    async fn add_to(
        &mut self,
        id: SliceId,
        events: &[(u64, &PredictionEvent)],
    ) -> Result<(), StoreError> {
        let key = key(&id);
        for attempt in 1..=store::ATTEMPTS {
            let (mut slice, revision) = match self.kept.remove(&id) {
                Some((slice, revision)) => (slice, Some(revision)),
                None => match self.bucket.get(&key).await? {
                    Some(entry) => (Slice::decode(&entry.value)?, Some(entry.revision)),
                    None => (Slice::default(), None),
                },
            };
            let mut is_changed = false;
            for (sequence, event) in events {
                is_changed |= slice.add(*sequence, event, self.columns);
            }
            if !is_changed {
                return Ok(());
            }
            let bytes = Bytes::from(slice.encode()?);
            if let Some(revision) = store::write(&self.bucket, &key, revision, bytes).await? {
                self.kept.insert(id, (slice, revision));
                return Ok(());
            }
            tokio::time::sleep(store::pause(attempt)).await;
        }
        Err(StoreError::Contended)
    }
}

fn key(id: &SliceId) -> String {
    format!("{}{}", prefix(&id.endpoint, id.version), id.number)
}

fn prefix(endpoint: &str, version: u32) -> String {
    format!("{}.slice.{version}.", names::token(endpoint))
}

/// A window of a version.
#[derive(Debug, Default)]
pub(crate) struct WindowOf {
    /// Its sketches.
    pub(crate) sketches: Reference,
    /// Slices that it is made of.
    pub(crate) slices: u64,
    /// Number of its first slice.
    pub(crate) first: u64,
}

/// Puts the slices of a version from `first` on together.
///
/// # Errors
/// Where a slice cannot be read.
pub(crate) async fn window(
    bucket: &KeyValue,
    keys: &[String],
    endpoint: &str,
    version: u32,
    first: u64,
) -> Result<WindowOf, StoreError> {
    let prefix = prefix(endpoint, version);
    let mut numbers: Vec<u64> = keys
        .iter()
        .filter_map(|key| key.strip_prefix(&prefix)?.parse().ok())
        .filter(|number| *number >= first)
        .collect();
    numbers.sort_unstable();
    let mut window =
        WindowOf { first: numbers.first().copied().unwrap_or(first), ..WindowOf::default() };
    for some in numbers.chunks(16) {
        let entries = some.iter().map(|number| {
            let key = format!("{prefix}{number}");
            async move { bucket.get(&key).await }
        });
        for entry in try_join_all(entries).await?.into_iter().flatten() {
            slices::merge(&mut window.sketches, &Slice::decode(&entry.value)?)?;
            window.slices += 1;
        }
    }
    Ok(window)
}

/// Removes the slices of all endpoints that are before `first`.
pub(crate) async fn forget(
    bucket: &KeyValue,
    keys: &[String],
    first: u64,
) -> Result<(), bus::Error> {
    let is_past = |key: &&String| {
        let mut parts = key.split('.');
        let is_slice = parts.nth(1) == Some("slice");
        let number = parts.nth(1).and_then(|number| number.parse::<u64>().ok());
        is_slice && number.is_some_and(|number| number < first)
    };
    for key in keys.iter().filter(is_past) {
        bucket.delete(key).await?;
    }
    Ok(())
}
