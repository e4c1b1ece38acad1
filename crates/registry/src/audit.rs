//! The ledger of changes: one entry for every revision of a registry or deployment record, none twice.
//!
//! ```text
//!   change ─▶ is the entry of the revision that is replaced there? ─▶ compare-and-swap ─▶ entry of the new revision
//!                     └─ no: it is written first                                            └─ crash: who comes next writes it
//! ```
//!
//! Invariants:
//! - A record says itself who made it what it is, when and why, and the bucket keeps the revision before: the entry of a revision can be made from the bucket alone, by any process, and every process makes the same one.
//! - No revision is replaced before its entry is in the ledger. So whatever crashes, only the last revision of a record can be without one, and that revision is not lost: the next change, or the recorder, completes it.
//! - An entry's subject ends in its revision and takes one message, so the broker itself refuses a second.
//! - Artifacts that are removed are no record; their entries are numbered from 1 without gaps, and are a chain of their own.
//! - An entry carries the digest of the one before of its record (`chain`), so that one that is changed or removed is noticed.

mod artifacts;
mod chain;
mod entry;

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex, PoisonError};

use bus::{Bus, Headers, KeyValue, MESSAGE_ID};
use contracts::v1::{
    DeploymentRecord, LedgerEntry, ModelVersion, RecordAction, RecordChange, RegisteredModel,
};
use contracts::{encoding, names, subjects};

pub use self::artifacts::RemovedArtifact;
pub use self::chain::{BrokenEntry, LedgerCheck};
use crate::records::{self, Record, Revisioned};
use crate::{ChangeError, Error};

/// Entries that are remembered to be there.
const MAX_CACHED_ENTRIES: usize = 4096;

/// A record whose changes are in the ledger.
pub(crate) trait LedgerRecord: Record + serde::Serialize {
    /// What was done, by whom and why, to make it what it is.
    fn made_by(&self) -> RecordChange;
    /// The subject of a revision's entry.
    fn subject(&self, revision: u64) -> String;
    /// The entry's members that say which record it is of, and its state after the change.
    fn describe(&self, entry: LedgerEntry) -> LedgerEntry;
}

/// Where an entry stands in the chain of its record.
enum Link {
    /// Nowhere.
    None,
    /// At its beginning.
    First,
    /// Behind the entry of this subject.
    Behind(String),
}

/// Writes the ledger. Cheap to clone.
#[derive(Debug, Clone)]
pub(crate) struct AuditLog {
    bus: Bus,
    /// Buckets and revisions whose entries are known to be there.
    known: Arc<Mutex<BTreeSet<(String, u64)>>>,
}

impl AuditLog {
    pub(crate) fn new(bus: Bus) -> Self {
        Self { bus, known: Arc::default() }
    }

    pub(crate) fn bus(&self) -> &Bus {
        &self.bus
    }

    /// Changes a record by compare-and-swap, as [`records::change`] does, with its entries.
    pub(crate) async fn change<T: LedgerRecord, E: std::error::Error + 'static>(
        &self,
        bucket: &KeyValue,
        key: &str,
        mut change: impl FnMut(Option<&T>) -> Result<T, E>,
    ) -> Result<Revisioned<T>, ChangeError<E>> {
        for attempt in 1..=records::ATTEMPTS {
            let found = records::read::<T>(bucket, key).await?;
            let value =
                change(found.as_ref().map(|found| &found.value)).map_err(ChangeError::Refused)?;
            if let Some(found) = found.as_ref().filter(|found| found.value == value) {
                // The process that wrote it may have died before its entry was there.
                self.complete(bucket, key, found).await?;
                return Ok(found.clone());
            }
            if let Some(written) = self.replace(bucket, key, found.as_ref(), value).await? {
                return Ok(written);
            }
            tokio::time::sleep(records::CONFLICT_BACKOFF.after(attempt)).await;
        }
        Err(records::contended(bucket, key).into())
    }

    /// Writes a record in the place of the one that was read, or the first where none was; `None` where another writer was quicker.
    pub(crate) async fn replace<T: LedgerRecord>(
        &self,
        bucket: &KeyValue,
        key: &str,
        before: Option<&Revisioned<T>>,
        value: T,
    ) -> Result<Option<Revisioned<T>>, Error> {
        if let Some(before) = before {
            self.complete(bucket, key, before).await?;
        }
        let Some(written) = records::replace(bucket, key, before, value).await? else {
            return Ok(None);
        };
        // The change is made. An entry that cannot be written now is written before the next change, or by the recorder.
        if let Err(error) = self.write(bucket, before, &written).await {
            tracing::warn!(
                bucket = bucket.bucket(),
                key,
                revision = written.revision,
                error = contracts::failures::with_causes(&error),
                "the ledger has not taken the entry of a change yet"
            );
        }
        Ok(Some(written))
    }

    /// Sees to it that the ledger has the entry of a revision.
    pub(crate) async fn complete<T: LedgerRecord>(
        &self,
        bucket: &KeyValue,
        key: &str,
        found: &Revisioned<T>,
    ) -> Result<(), Error> {
        if self.is_known(bucket, found.revision) {
            return Ok(());
        }
        let subject = found.value.subject(found.revision);
        if self.bus.last_sequence(names::AUDIT_STREAM, &subject).await?.is_some() {
            self.remember(bucket, found.revision);
            return Ok(());
        }
        let before = bucket.before(key, found.revision).await?;
        let before = before.map(|entry| records::decode(bucket.bucket(), &entry)).transpose()?;
        self.write(bucket, before.as_ref(), found).await
    }

    /// Notes that something removed a record; what is left of it is its key.
    pub(crate) async fn removed(
        &self,
        bucket: &KeyValue,
        subject: &str,
        entry: LedgerEntry,
    ) -> Result<(), Error> {
        if !self.is_known(bucket, entry.revision) {
            self.publish(bucket, subject, &entry, Link::None).await?;
        }
        Ok(())
    }

    async fn write<T: LedgerRecord>(
        &self,
        bucket: &KeyValue,
        before: Option<&Revisioned<T>>,
        after: &Revisioned<T>,
    ) -> Result<(), Error> {
        let made_by = after.value.made_by();
        let entry = after.value.describe(LedgerEntry {
            bucket: bucket.bucket().to_owned(),
            revision: after.revision,
            before_revision: before.map_or(0, |before| before.revision),
            action: made_by.action,
            at: made_by.at,
            by: made_by.by,
            reason: made_by.reason,
            changes: entry::changes(before.map(|before| &before.value), &after.value)?,
            ..LedgerEntry::default()
        });
        let before = before.map(|before| after.value.subject(before.revision));
        let link = before.map_or(Link::First, Link::Behind);
        self.publish(bucket, &after.value.subject(after.revision), &entry, link).await
    }

    async fn publish(
        &self,
        bucket: &KeyValue,
        subject: &str,
        entry: &LedgerEntry,
        link: Link,
    ) -> Result<(), Error> {
        let payload = encoding::encode_bounded(entry)?;
        let mut headers = Headers::new();
        headers.insert(MESSAGE_ID, format!("{}.{}", entry.bucket, entry.revision));
        headers.insert(names::CONTENT_TYPE, names::PROTOBUF);
        match link {
            Link::None => {}
            Link::First => chain::link(&mut headers, subject, &payload, None),
            Link::Behind(before) => self.link(&mut headers, subject, &payload, &before).await?,
        }
        self.bus.publish_once(subject, headers, payload).await?;
        self.remember(bucket, entry.revision);
        Ok(())
    }

    /// Puts an entry into a chain behind the entry of the subject `before`.
    async fn link(
        &self,
        headers: &mut Headers,
        subject: &str,
        payload: &[u8],
        before: &str,
    ) -> Result<(), Error> {
        let stored = self.bus.last(before).await?;
        let stored = stored.as_ref().map(|(_, headers, entry)| (before, headers, entry));
        chain::link(headers, subject, payload, stored);
        Ok(())
    }

    fn is_known(&self, bucket: &KeyValue, revision: u64) -> bool {
        let known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        known.contains(&(bucket.bucket().to_owned(), revision))
    }

    fn remember(&self, bucket: &KeyValue, revision: u64) {
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        known.insert((bucket.bucket().to_owned(), revision));
        while known.len() > MAX_CACHED_ENTRIES {
            known.pop_first();
        }
    }
}

impl LedgerRecord for RegisteredModel {
    fn made_by(&self) -> RecordChange {
        self.change.clone().unwrap_or_else(|| RecordChange {
            at: self.created_at,
            ..unknown(RecordAction::Registered)
        })
    }

    fn subject(&self, revision: u64) -> String {
        subjects::audit_of_model(&self.model, revision)
    }

    fn describe(&self, entry: LedgerEntry) -> LedgerEntry {
        LedgerEntry { model: self.model.clone(), registered_model: Some(self.clone()), ..entry }
    }
}

impl LedgerRecord for ModelVersion {
    fn made_by(&self) -> RecordChange {
        self.change.clone().unwrap_or_else(|| RecordChange {
            at: self.created_at,
            ..unknown(RecordAction::Registered)
        })
    }

    fn subject(&self, revision: u64) -> String {
        subjects::audit_of_version(&self.model, self.version, revision)
    }

    fn describe(&self, entry: LedgerEntry) -> LedgerEntry {
        LedgerEntry { model: self.model.clone(), version: self.version, ..entry }
    }
}

impl LedgerRecord for DeploymentRecord {
    fn made_by(&self) -> RecordChange {
        RecordChange {
            action: RecordAction::Deployment.into(),
            at: self.updated_at,
            by: self.updated_by.clone(),
            reason: self.reason.clone(),
        }
    }

    fn subject(&self, revision: u64) -> String {
        subjects::audit_of_endpoint(&self.endpoint, revision)
    }

    fn describe(&self, entry: LedgerEntry) -> LedgerEntry {
        LedgerEntry { endpoint: self.endpoint.clone(), deployment: Some(self.clone()), ..entry }
    }
}

/// The change of a record that does not say it, because an earlier build wrote it.
fn unknown(action: RecordAction) -> RecordChange {
    RecordChange { action: action.into(), by: "unknown".to_owned(), ..RecordChange::default() }
}
