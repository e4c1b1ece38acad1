//! Entries about artifacts that are removed.

use std::time::SystemTime;

use bus::{Headers, MESSAGE_ID};
use contracts::v1::{FieldChange, LedgerEntry, RecordAction};
use contracts::{encoding, names, subjects, time};
use serde_json::json;

use super::chain;
use crate::records;
use crate::{Error, Registry};

/// An artifact that is about to be removed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RemovedArtifact {
    /// SHA-256 of the artifact, 64 hexadecimal digits.
    pub sha256: String,
    /// Size in bytes.
    pub bytes: u64,
    /// Media type of the artifact.
    pub media_type: String,
}

impl RemovedArtifact {
    fn change(&self) -> FieldChange {
        let before = json!({ "bytes": self.bytes, "media_type": self.media_type });
        FieldChange { field: self.sha256.clone(), before: before.to_string(), after: String::new() }
    }
}

impl Registry {
    /// The number of the last entry about removed artifacts; 0 where there is none.
    ///
    /// # Errors
    /// [`Error::Bus`], [`Error::Damaged`].
    pub async fn last_collection(&self) -> Result<u64, Error> {
        let found = self.ledger.bus().last(subjects::ALL_ARTIFACT_AUDITS).await?;
        let Some((sequence, _, payload)) = found else { return Ok(0) };
        let entry = bus::Entry { key: String::new(), value: payload, revision: sequence };
        let entry = records::decode::<LedgerEntry>(names::AUDIT_STREAM, &entry)?;
        Ok(entry.value.revision)
    }

    /// Writes that artifacts are about to be removed, as the entry behind that of the number `after`. Gives whether it was written:
    /// it is not where another collection has its entry there, so that of two at one time one alone goes on.
    ///
    /// # Errors
    /// [`Error::Bus`], and [`Error::Contract`] where the entry is too large; some hundred artifacts are not.
    pub async fn note_collection(
        &self,
        after: u64,
        by: &str,
        reason: &str,
        artifacts: &[RemovedArtifact],
    ) -> Result<bool, Error> {
        let (ledger, number) = (&self.ledger, after.saturating_add(1));
        let payload = encoding::encode_bounded(&LedgerEntry {
            bucket: names::ARTIFACTS_STORE.to_owned(),
            revision: number,
            before_revision: after,
            action: RecordAction::Collected.into(),
            at: Some(time::timestamp(SystemTime::now())),
            by: by.to_owned(),
            reason: reason.to_owned(),
            changes: artifacts.iter().map(RemovedArtifact::change).collect(),
            ..LedgerEntry::default()
        })?;
        let subject = subjects::audit_of_artifacts(number);
        let mut headers = Headers::new();
        // Another process's entry of the same number is another one.
        headers.insert(MESSAGE_ID, format!("{subject}.{}", ledger.bus().client().new_inbox()));
        headers.insert(names::CONTENT_TYPE, names::PROTOBUF);
        match after {
            0 => chain::link(&mut headers, &subject, &payload, None),
            after => {
                let before = subjects::audit_of_artifacts(after);
                ledger.link(&mut headers, &subject, &payload, &before).await?;
            }
        }
        match ledger.bus().publish_once(&subject, headers, payload).await {
            Ok(_) => Ok(true),
            Err(bus::Error::SubjectTaken { .. }) => Ok(false),
            Err(error) => Err(error.into()),
        }
    }
}
