//! Key-value buckets: compare-and-swap and watching.

use std::time::Duration;

use async_nats::jetstream::kv::{self, CreateErrorKind, Operation, Store, UpdateErrorKind};
use bytes::Bytes;
use futures::{FutureExt as _, StreamExt, TryStreamExt};

use crate::backoff::Backoff;
use crate::{Bus, Error};

const RETRY_BACKOFF: Backoff = Backoff::new(Duration::from_millis(100), Duration::from_secs(5));

/// A key-value bucket of JetStream.
#[derive(Debug, Clone)]
pub struct KeyValue {
    bus: Bus,
    store: Store,
    bucket: String,
}

/// A value with its revision.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// Key of the value in its bucket.
    pub key: String,
    /// Value as it was stored.
    pub value: Bytes,
    /// The revision that an update has to name.
    pub revision: u64,
}

/// What a watcher sees.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Change {
    /// A value was put.
    Put(Entry),
    /// A key was removed.
    Deleted {
        /// Key of the record in its bucket.
        key: String,
        /// Revision of the removal.
        revision: u64,
    },
}

impl Bus {
    /// A bucket that the set-up has made.
    pub async fn kv(&self, bucket: &str) -> Result<KeyValue, Error> {
        let stream = contracts::names::bucket_stream(bucket);
        let opening = self.jetstream().get_key_value(bucket).boxed();
        let store = self.permitted(&stream, opening).await?.map_err(|source| {
            Error::BucketMissing { bucket: bucket.to_owned(), source: source.into() }
        })?;
        Ok(KeyValue { bus: self.clone(), store, bucket: bucket.to_owned() })
    }
}

impl KeyValue {
    /// Name of the key-value bucket.
    pub fn bucket(&self) -> &str {
        &self.bucket
    }

    pub(crate) fn bus(&self) -> &Bus {
        &self.bus
    }

    /// The value of a key, where there is one.
    pub async fn get(&self, key: &str) -> Result<Option<Entry>, Error> {
        let entry = self.store.entry(key).await.map_err(|error| self.failed(key, error.into()))?;
        Ok(entry.filter(|entry| entry.operation == Operation::Put).map(Entry::from))
    }

    /// Puts the first value of a key; [`Error::Conflict`] where there is one. Gives the revision.
    pub async fn create(&self, key: &str, value: Bytes) -> Result<u64, Error> {
        let created = self.store.create(key, value).await;
        self.written(created.map_err(|error| match error.kind() {
            CreateErrorKind::AlreadyExists => self.conflict(key),
            _ => self.failed(key, error.into()),
        }))
    }

    /// Replaces the value of this revision; [`Error::Conflict`] where it is another by now. Gives the new revision.
    pub async fn update(&self, key: &str, value: Bytes, revision: u64) -> Result<u64, Error> {
        let updated = self.store.update(key, value, revision).await;
        self.written(updated.map_err(|error| match error.kind() {
            UpdateErrorKind::WrongLastRevision => self.conflict(key),
            _ => self.failed(key, error.into()),
        }))
    }

    /// Puts a value whatever was there. Gives the revision.
    pub async fn put(&self, key: &str, value: Bytes) -> Result<u64, Error> {
        let put = self.store.put(key, value).await;
        self.written(put.map_err(|error| self.failed(key, error.into())))
    }

    /// Removes a key, whatever its revision; the bucket stores a marker in its place.
    pub async fn delete(&self, key: &str) -> Result<(), Error> {
        let deleted = self.store.delete(key).await;
        self.written(deleted.map_err(|error| self.failed(key, error.into())))
    }

    /// The values that a key had, as far as the bucket keeps them, the oldest first; nothing of what came before a removal.
    pub async fn history(&self, key: &str) -> Result<Vec<Entry>, Error> {
        let failed = |error: async_nats::Error| self.failed(key, error);
        let history = self.store.history(key).await.map_err(|error| failed(error.into()))?;
        let entries: Vec<kv::Entry> =
            history.try_collect().await.map_err(|error| failed(error.into()))?;
        let removed = entries.iter().rposition(|entry| entry.operation != Operation::Put);
        let since = removed.map_or(0, |at| at + 1);
        Ok(entries.into_iter().skip(since).map(Entry::from).collect())
    }

    /// All keys that have a value, in ascending order.
    pub async fn keys(&self) -> Result<Vec<String>, Error> {
        let keys = self.store.keys().await.map_err(|error| self.failed("*", error.into()))?;
        let mut keys: Vec<String> =
            keys.try_collect().await.map_err(|error| self.failed("*", error.into()))?;
        keys.sort_unstable();
        Ok(keys)
    }

    /// The current values and then every change of the keys that match, such as `>` or `churn.*`.
    pub async fn watch(&self, keys: &str) -> Result<Watch, Error> {
        let filter = format!("$KV.{}.{keys}", self.bucket);
        let mut subjects = self
            .store
            .stream
            .info_with_subjects(filter)
            .await
            .map_err(|error| self.failed(keys, error.into()))?;
        let current = subjects.next().await.is_none();
        let changes = self.open(keys).await?;
        Ok(Watch {
            bucket: self.clone(),
            keys: keys.to_owned(),
            changes: Some(changes),
            seen: 0,
            current,
            failures: 0,
        })
    }

    async fn open(&self, keys: &str) -> Result<kv::Watch, Error> {
        self.store.watch_with_history(keys).await.map_err(|error| self.failed(keys, error.into()))
    }

    fn conflict(&self, key: &str) -> Error {
        Error::Conflict { bucket: self.bucket.clone(), key: key.to_owned() }
    }

    /// Whatever was written has found room.
    fn written<T>(&self, written: Result<T, Error>) -> Result<T, Error> {
        if written.is_ok() {
            self.bus.has_stored();
        }
        written
    }

    fn failed(&self, key: &str, source: async_nats::Error) -> Error {
        let what = || format!("{}/{key}", self.bucket);
        if let Some(full) = self.bus.out_of_room(&what(), source.as_ref()) {
            return full;
        }
        Error::KeyValue { bucket: self.bucket.clone(), key: key.to_owned(), source }
    }
}

/// Changes of a bucket; see [`KeyValue::watch`].
pub struct Watch {
    bucket: KeyValue,
    keys: String,
    changes: Option<kv::Watch>,
    seen: u64,
    current: bool,
    failures: u64,
}

impl Watch {
    /// The next change. Waits as long as there is none; a watch that breaks is opened again, and what was missed is
    /// given (the last state of each key).
    pub async fn next(&mut self) -> Change {
        loop {
            let Some(changes) = self.changes.as_mut() else {
                self.reopen().await;
                continue;
            };
            match changes.next().await {
                Some(Ok(entry)) => {
                    self.failures = 0;
                    self.current |= entry.seen_current;
                    if entry.revision > self.seen {
                        self.seen = entry.revision;
                        return Change::from(entry);
                    }
                }
                Some(Err(error)) => {
                    tracing::warn!(bucket = %self.bucket.bucket, %error, "watching failed; opening the watch again");
                    self.changes = None;
                }
                None => self.changes = None,
            }
        }
    }

    /// Whether the values that were there at the beginning have all been given.
    pub fn is_current(&self) -> bool {
        self.current
    }

    async fn reopen(&mut self) {
        self.failures += 1;
        tokio::time::sleep(RETRY_BACKOFF.after(self.failures)).await;
        match self.bucket.open(&self.keys).await {
            Ok(changes) => self.changes = Some(changes),
            Err(error) => tracing::warn!(%error, "a watch could not be opened again yet"),
        }
    }
}

impl From<kv::Entry> for Entry {
    fn from(entry: kv::Entry) -> Self {
        Self { key: entry.key, value: entry.value, revision: entry.revision }
    }
}

impl From<kv::Entry> for Change {
    fn from(entry: kv::Entry) -> Self {
        match entry.operation {
            Operation::Put => Self::Put(entry.into()),
            Operation::Delete | Operation::Purge => {
                Self::Deleted { key: entry.key, revision: entry.revision }
            }
        }
    }
}
