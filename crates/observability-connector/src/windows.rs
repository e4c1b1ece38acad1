//! The bucket TIER0_WINDOWS: its keys and values, changed by compare-and-swap.
//!
//! ```text
//!   ENDPOINT.slice.VERSION.NUMBER  Slice            ENDPOINT.checked   time of the last check, milliseconds since 1970
//!   ENDPOINT.labelled.VERSION      Labelled         -.joined.GROUP     KnownRows
//!   ENDPOINT.unmatched             Unmatched        -.segment.NUMBER   ArtifactRef (JSON) of a segment of the index
//! ```
//!
//! No endpoint is named `-`.

use std::collections::BTreeMap;
use std::time::{Duration, SystemTime};

use bus::{Bus, KeyValue};
use bytes::Bytes;
use contracts::messages::ArtifactRef;
use contracts::names;
use futures::future::try_join_all;
use monitoring::feedback::{KnownRows, Labelled, UnmatchedCount};
use monitoring::traffic::{Slice, SliceId, slices};
use statistics::reference::Reference;

use crate::error::StoreError;

/// Attempts at a change; the messages that it is made of are delivered again after that.
pub(crate) const ATTEMPTS: u32 = 50;
/// Longest wait between two attempts.
const MAX_RETRY_DELAY: Duration = Duration::from_millis(200);
/// Slices that are read at once.
const SLICES_AT_ONCE: usize = 16;
/// How the keys of segments begin.
const SEGMENT: &str = "-.segment.";

/// The bucket. Cheap to clone.
#[derive(Debug, Clone)]
pub(crate) struct WindowStore {
    bucket: KeyValue,
}

/// A value that is changed by compare-and-swap. Its default is the value of a missing key.
pub(crate) trait StoredValue: Default {
    /// As it is stored.
    fn to_bytes(&self) -> Result<Vec<u8>, StoreError>;
    /// Reads what was stored.
    fn from_bytes(bytes: &[u8]) -> Result<Self, StoreError>;
}

impl StoredValue for Slice {
    fn to_bytes(&self) -> Result<Vec<u8>, StoreError> {
        Ok(self.encode()?)
    }

    fn from_bytes(bytes: &[u8]) -> Result<Self, StoreError> {
        Ok(Self::decode(bytes)?)
    }
}

impl StoredValue for Labelled {
    fn to_bytes(&self) -> Result<Vec<u8>, StoreError> {
        Ok(self.encode()?)
    }

    fn from_bytes(bytes: &[u8]) -> Result<Self, StoreError> {
        Ok(Self::decode(bytes)?)
    }
}

impl StoredValue for KnownRows {
    fn to_bytes(&self) -> Result<Vec<u8>, StoreError> {
        Ok(self.encode())
    }

    fn from_bytes(bytes: &[u8]) -> Result<Self, StoreError> {
        Ok(Self::decode(bytes)?)
    }
}

impl StoredValue for UnmatchedCount {
    fn to_bytes(&self) -> Result<Vec<u8>, StoreError> {
        Ok(serde_json::to_vec(self)?)
    }

    fn from_bytes(bytes: &[u8]) -> Result<Self, StoreError> {
        Ok(serde_json::from_slice(bytes)?)
    }
}

/// A window of a version's traffic.
#[derive(Debug, Default)]
pub(crate) struct Window {
    /// Sketches of the window's rows.
    pub(crate) sketches: Reference,
    /// Number of its first slice.
    pub(crate) first: u64,
}

impl WindowStore {
    pub(crate) async fn open(bus: &Bus) -> Result<Self, bus::Error> {
        Ok(Self { bucket: bus.kv(names::WINDOWS_BUCKET).await? })
    }

    /// The keys of the bucket, in no order.
    pub(crate) async fn keys(&self) -> Result<Vec<String>, bus::Error> {
        self.bucket.keys().await
    }

    /// Reads a value with its revision; the default without one where the key is missing.
    pub(crate) async fn read<V: StoredValue>(
        &self,
        key: &str,
    ) -> Result<(V, Option<u64>), StoreError> {
        match self.bucket.get(key).await? {
            Some(entry) => Ok((V::from_bytes(&entry.value)?, Some(entry.revision))),
            None => Ok((V::default(), None)),
        }
    }

    /// Writes a value in the place of a revision, or the first one; gives its revision, or nothing where another writer was
    /// quicker.
    pub(crate) async fn write(
        &self,
        key: &str,
        revision: Option<u64>,
        value: Bytes,
    ) -> Result<Option<u64>, bus::Error> {
        let written = match revision {
            Some(revision) => self.bucket.update(key, value, revision).await,
            None => self.bucket.create(key, value).await,
        };
        match written {
            Ok(revision) => Ok(Some(revision)),
            Err(bus::Error::Conflict { .. }) => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// Changes a value by compare-and-swap, and gives what `change` gave for the value that was written; nothing is written
    /// where it gives nothing.
    pub(crate) async fn change<V: StoredValue, T>(
        &self,
        key: &str,
        mut change: impl FnMut(&mut V) -> Option<T>,
    ) -> Result<Option<T>, StoreError> {
        for attempt in 1..=ATTEMPTS {
            let (mut value, revision) = self.read::<V>(key).await?;
            let Some(changed) = change(&mut value) else { return Ok(None) };
            let bytes = Bytes::from(value.to_bytes()?);
            if self.write(key, revision, bytes).await?.is_some() {
                return Ok(Some(changed));
            }
            pause(attempt).await;
        }
        Err(StoreError::Contended)
    }

    /// The labelled rows of a version; none where it has no outcomes.
    pub(crate) async fn labelled(
        &self,
        endpoint: &str,
        version: u32,
    ) -> Result<Labelled, StoreError> {
        Ok(self.read(&labelled_key(endpoint, version)).await?.0)
    }

    /// The number of outcomes of an endpoint without a prediction.
    pub(crate) async fn unmatched(&self, endpoint: &str) -> Result<u64, StoreError> {
        Ok(self.read::<UnmatchedCount>(&unmatched_key(endpoint)).await?.0.count)
    }

    /// The rows of a group of events whose outcomes are known.
    pub(crate) async fn known_rows(&self, group: u64) -> Result<KnownRows, StoreError> {
        Ok(self.read(&known_rows_key(group)).await?.0)
    }

    /// The segments of the index of predictions, by number.
    pub(crate) async fn segments(&self) -> Result<BTreeMap<u64, ArtifactRef>, StoreError> {
        let mut segments = BTreeMap::new();
        for key in self.bucket.keys().await? {
            let Some(number) = key.strip_prefix(SEGMENT).and_then(|number| number.parse().ok())
            else {
                continue;
            };
            if let Some(entry) = self.bucket.get(&key).await? {
                segments.insert(number, serde_json::from_slice(&entry.value)?);
            }
        }
        Ok(segments)
    }

    /// Notes where a segment is, unless another replica has: all replicas make the same segments.
    pub(crate) async fn put_segment(
        &self,
        number: u64,
        artifact: &ArtifactRef,
    ) -> Result<(), StoreError> {
        let value = Bytes::from(serde_json::to_vec(artifact)?);
        self.write(&format!("{SEGMENT}{number}"), None, value).await?;
        Ok(())
    }

    /// Notes that an endpoint is checked at `now`, in milliseconds since 1970; false where it was within `pause` of that, or
    /// where another replica notes it at the same time.
    pub(crate) async fn claim_check(
        &self,
        endpoint: &str,
        now: u64,
        pause: Duration,
    ) -> Result<bool, StoreError> {
        let key = format!("{}.checked", names::token(endpoint));
        let entry = self.bucket.get(&key).await?;
        let last = entry
            .as_ref()
            .and_then(|entry| std::str::from_utf8(&entry.value).ok()?.parse::<u64>().ok());
        if last.is_some_and(|last| u128::from(now.abs_diff(last)) < pause.as_millis()) {
            return Ok(false);
        }
        let revision = entry.map(|entry| entry.revision);
        Ok(self.write(&key, revision, Bytes::from(now.to_string())).await?.is_some())
    }

    /// The window of a version: its slices from number `first` on, of those that are among `keys`.
    pub(crate) async fn window(
        &self,
        keys: &[String],
        endpoint: &str,
        version: u32,
        first: u64,
    ) -> Result<Window, StoreError> {
        let prefix = slice_prefix(endpoint, version);
        let mut numbers: Vec<u64> = keys
            .iter()
            .filter_map(|key| key.strip_prefix(&prefix)?.parse().ok())
            .filter(|number| *number >= first)
            .collect();
        numbers.sort_unstable();
        let mut window = Window {
            first: numbers.first().copied().unwrap_or(first),
            sketches: Reference::default(),
        };
        for some in numbers.chunks(SLICES_AT_ONCE) {
            let entries = some.iter().map(|number| {
                let key = format!("{prefix}{number}");
                async move { self.bucket.get(&key).await }
            });
            for entry in try_join_all(entries).await?.into_iter().flatten() {
                slices::merge(&mut window.sketches, &Slice::decode(&entry.value)?)?;
            }
        }
        Ok(window)
    }

    /// Removes the slices of all endpoints with numbers before `first`, of those that are among `keys`.
    pub(crate) async fn remove_slices_before(
        &self,
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
            self.bucket.delete(key).await?;
        }
        Ok(())
    }
}

/// Waits before the next attempt: longer each time, and differently in replicas, by the clock's lowest digits.
pub(crate) async fn pause(attempt: u32) {
    let jitter = SystemTime::now()
        .duration_since(SystemTime::UNIX_EPOCH)
        .map_or(0, |now| u64::from(now.subsec_nanos() % 5));
    let pause = Duration::from_millis(u64::from(attempt) * 2 + jitter);
    tokio::time::sleep(pause.min(MAX_RETRY_DELAY)).await;
}

/// Key of a slice.
pub(crate) fn slice_key(id: &SliceId) -> String {
    format!("{}{}", slice_prefix(&id.endpoint, id.version), id.number)
}

fn slice_prefix(endpoint: &str, version: u32) -> String {
    format!("{}.slice.{version}.", names::token(endpoint))
}

/// Key of the labelled rows of a version.
pub(crate) fn labelled_key(endpoint: &str, version: u32) -> String {
    format!("{}.labelled.{version}", names::token(endpoint))
}

/// Key of the outcomes of an endpoint without a prediction.
pub(crate) fn unmatched_key(endpoint: &str) -> String {
    format!("{}.unmatched", names::token(endpoint))
}

/// Key of the rows of a group of events whose outcomes are known.
pub(crate) fn known_rows_key(group: u64) -> String {
    format!("-.joined.{group}")
}
