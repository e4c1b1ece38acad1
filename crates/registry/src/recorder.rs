//! The recorder: it sees to it that the ledger has the last change of every record, should the process that made it have died before.
//!
//! It is a help against waiting, not the guarantee: no record is changed again before its last change is in the ledger.

use std::time::{Duration, SystemTime};

use bus::{Change, Entry};
use contracts::v1::{DeploymentRecord, LedgerEntry, ModelVersion, RecordAction, RegisteredModel};
use contracts::{is_name, subjects, time};
use tokio::sync::mpsc;
use tokio::time::Instant;

use crate::records;
use crate::{Error, Registry};

/// How long a writer has for its own entry.
const WRITER_GRACE_DELAY: Duration = Duration::from_secs(2);
/// Changes that are waited with at most; more stay in the broker.
const WAITING: usize = 1024;
/// Rest after a failure.
const RETRY_DELAY: Duration = Duration::from_secs(5);

/// The record of a key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Model,
    Version(u32),
    Endpoint,
    /// A claim, which is no record of anything done.
    Other,
}

impl Registry {
    /// Completes the ledger as long as it is awaited.
    pub async fn record_changes(&self) {
        tokio::join!(self.record_bucket(true), self.record_bucket(false));
    }

    async fn record_bucket(&self, models: bool) {
        let (sender, receiver) = mpsc::channel(WAITING);
        tokio::join!(self.watch_bucket(models, sender), self.complete_all(models, receiver));
    }

    async fn watch_bucket(&self, models: bool, sender: mpsc::Sender<(Instant, Change)>) {
        let bucket = if models { &self.models } else { &self.deployments };
        let mut watch = loop {
            match bucket.watch(">").await {
                Ok(watch) => break watch,
                Err(error) => {
                    tracing::warn!(%error, "the recorder cannot watch a bucket yet");
                    tokio::time::sleep(RETRY_DELAY).await;
                }
            }
        };
        loop {
            let change = watch.next().await;
            if sender.send((Instant::now(), change)).await.is_err() {
                return;
            }
        }
    }

    async fn complete_all(&self, models: bool, mut changes: mpsc::Receiver<(Instant, Change)>) {
        while let Some((seen, change)) = changes.recv().await {
            tokio::time::sleep_until(seen + WRITER_GRACE_DELAY).await;
            while let Err(error) = self.complete_change(models, &change).await {
                let damaged = matches!(error, Error::Damaged { .. } | Error::Contract(_));
                tracing::warn!(
                    error = contracts::failures::with_causes(&error),
                    "the recorder could not complete the ledger"
                );
                if damaged {
                    break;
                }
                tokio::time::sleep(RETRY_DELAY).await;
            }
        }
    }

    async fn complete_change(&self, models: bool, change: &Change) -> Result<(), Error> {
        match change {
            Change::Put(entry) => match kind(models, &entry.key) {
                Kind::Model => self.complete_entry::<RegisteredModel>(models, entry).await,
                Kind::Version(_) => self.complete_entry::<ModelVersion>(models, entry).await,
                Kind::Endpoint => self.complete_entry::<DeploymentRecord>(models, entry).await,
                Kind::Other => Ok(()),
            },
            Change::Deleted { key, revision } => {
                let Some((subject, entry)) = removal(models, key, *revision) else {
                    return Ok(());
                };
                let bucket = if models { &self.models } else { &self.deployments };
                let entry = LedgerEntry { bucket: bucket.bucket().to_owned(), ..entry };
                self.ledger.removed(bucket, &subject, entry).await
            }
        }
    }

    async fn complete_entry<T: crate::audit::LedgerRecord>(
        &self,
        models: bool,
        entry: &Entry,
    ) -> Result<(), Error> {
        let bucket = if models { &self.models } else { &self.deployments };
        let found = records::decode::<T>(bucket.bucket(), entry)?;
        self.ledger.complete(bucket, &entry.key, &found).await
    }
}

fn kind(models: bool, key: &str) -> Kind {
    match (models, key.split_once('.')) {
        (false, None) => Kind::Endpoint,
        (true, None) => Kind::Model,
        (true, Some((_, version))) => version.parse().map_or(Kind::Other, Kind::Version),
        (false, Some(_)) => Kind::Other,
    }
}

/// The entry of a record that something else than the registry has removed.
fn removal(models: bool, key: &str, revision: u64) -> Option<(String, LedgerEntry)> {
    let name = key.split('.').next().filter(|name| is_name(name))?.to_owned();
    let entry = LedgerEntry {
        revision,
        action: RecordAction::Removed.into(),
        at: Some(time::timestamp(SystemTime::now())),
        by: "unknown".to_owned(),
        ..LedgerEntry::default()
    };
    match kind(models, key) {
        Kind::Model => {
            let subject = subjects::audit_of_model(&name, revision);
            Some((subject, LedgerEntry { model: name, ..entry }))
        }
        Kind::Version(version) => {
            let subject = subjects::audit_of_version(&name, version, revision);
            Some((subject, LedgerEntry { model: name, version, ..entry }))
        }
        Kind::Endpoint => {
            let subject = subjects::audit_of_endpoint(&name, revision);
            Some((subject, LedgerEntry { endpoint: name, ..entry }))
        }
        Kind::Other => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_told_apart() {
        for (models, key, expected) in [
            (true, "churn", Kind::Model),
            (true, "churn.12", Kind::Version(12)),
            (true, "churn.run.run-1", Kind::Other),
            (false, "churn", Kind::Endpoint),
            (false, "churn.x", Kind::Other),
        ] {
            assert_eq!(kind(models, key), expected, "{key}");
        }
        let (subject, entry) = removal(true, "churn.2", 9).unwrap_or_default();
        assert_eq!(subject, "tier0.v1.audit.model.churn.2.9");
        assert_eq!((entry.model.as_str(), entry.version, entry.revision), ("churn", 2, 9));
        assert!(removal(true, "churn.run.run-1", 9).is_none());
    }
}
