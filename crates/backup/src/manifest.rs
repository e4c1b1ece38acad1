//! What is in a backup.

use std::collections::BTreeMap;
use std::path::Path;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::Error;

/// Name of the manifest's file in a backup.
pub const MANIFEST: &str = "manifest.json";
/// The newest form of a backup that is read, and the one that is written. A later version reads every earlier form.
pub const FORMAT: u32 = 1;
/// What the document says it is.
const KIND: &str = "tier0-backup";

/// What is in a backup: the content of `manifest.json`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Manifest {
    /// `tier0-backup`.
    pub kind: String,
    /// The form of the backup, from 1.
    pub format: u32,
    /// The version of tier0 that made it.
    pub tier0: String,
    /// When it was begun, as RFC 3339: what was acknowledged before is in it.
    pub created_at: String,
    /// How long it took, in seconds.
    pub seconds: f64,
    /// Streams and buckets, in the order in which they were saved.
    pub streams: Vec<StreamEntry>,
    /// The artifact store.
    pub artifacts: Artifacts,
    /// Artifacts that models, endpoints and monitors name.
    pub references: Vec<Reference>,
    /// The ledger of changes.
    pub ledger: LedgerState,
    /// Files of the backup, by their paths in it, without the artifacts.
    pub files: BTreeMap<String, FileDigest>,
}

/// A stream, or the stream of a bucket or of the artifact store.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct StreamEntry {
    /// Name of the stream.
    pub name: String,
    /// Path of its snapshot in the backup; none where only its configuration is kept.
    pub file: Option<String>,
    /// Number of its messages.
    pub messages: u64,
    /// Their size, in bytes.
    pub bytes: u64,
    /// Sequence of its first message.
    pub first_sequence: u64,
    /// Sequence of its last message; 0 for none.
    pub last_sequence: u64,
    /// Its configuration, as the broker tells it.
    pub config: Value,
    /// Its state, as the broker tells it.
    pub state: Value,
    /// Its durable consumers.
    pub consumers: Vec<ConsumerEntry>,
}

impl StreamEntry {
    /// Whether messages go away by themselves, so that there may be fewer of them after a restore.
    #[must_use]
    pub fn expires(&self) -> bool {
        let is_set = |member: &str| match self.config.get(member) {
            Some(Value::Number(number)) => number.as_i64().is_some_and(|number| number > 0),
            Some(Value::Bool(is_set)) => *is_set,
            _ => false,
        };
        is_set("max_age") || is_set("allow_msg_ttl")
    }
}

/// A durable consumer, and up to where it had settled everything.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ConsumerEntry {
    /// Name of the consumer.
    pub name: String,
    /// Sequence of the last message up to which everything was settled; 0 for none.
    pub settled: u64,
    /// Its configuration, as the broker tells it.
    pub config: Value,
}

/// The artifact store.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Artifacts {
    /// URI of the store.
    pub store: String,
    /// Whether the artifacts are in the backup, below `artifacts`, each in a file of the name of its digest.
    pub copied: bool,
    /// Those that are in the backup, or that were read and have their digest, by digest.
    pub files: BTreeMap<String, ArtifactFile>,
    /// Those that the store could not give, by digest, with the reason.
    pub damaged: BTreeMap<String, String>,
}

/// An artifact.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ArtifactFile {
    /// Size in bytes.
    pub bytes: u64,
    /// Media type, `application/octet-stream` where the store does not know it.
    pub media_type: String,
}

/// An artifact that a record names.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Reference {
    /// SHA-256 of the artifact.
    pub sha256: String,
    /// Its size in bytes.
    pub bytes: u64,
    /// Where it is, as the record says.
    pub uri: String,
    /// The first record that names it, such as `model churn version 2`.
    pub record: String,
}

/// The ledger of changes.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct LedgerState {
    /// Number of its entries.
    pub entries: u64,
    /// The digest of the whole, as `tier0 audit verify` prints it.
    pub digest: String,
    /// Whether every entry was as it was written.
    pub whole: bool,
}

/// A file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FileDigest {
    /// Size in bytes.
    pub bytes: u64,
    /// SHA-256 of its bytes.
    pub sha256: String,
}

impl Manifest {
    /// What every manifest of this version begins with.
    pub(crate) fn new(created_at: String) -> Self {
        Self {
            kind: KIND.to_owned(),
            format: FORMAT,
            tier0: env!("CARGO_PKG_VERSION").to_owned(),
            created_at,
            seconds: 0.0,
            streams: Vec::new(),
            artifacts: Artifacts::default(),
            references: Vec::new(),
            ledger: LedgerState::default(),
            files: BTreeMap::new(),
        }
    }

    /// Reads a manifest; `backup` is the directory, for messages.
    ///
    /// # Errors
    /// [`Error::NoBackup`] where it is none, [`Error::Newer`] where this version does not know its form.
    pub(crate) fn parse(backup: &Path, bytes: &[u8]) -> Result<Self, Error> {
        let path = backup.to_owned();
        let none = |why: String| Error::NoBackup { path: path.clone(), why };
        let document: Value = serde_json::from_slice(bytes)
            .map_err(|error| none(format!("its {MANIFEST} is no JSON ({error})")))?;
        if document.get("kind").and_then(Value::as_str) != Some(KIND) {
            return Err(none(format!("its {MANIFEST} does not say that it is a {KIND}")));
        }
        let format = document.get("format").and_then(Value::as_u64);
        let format = format.filter(|format| *format > 0);
        let found = format.ok_or_else(|| none(format!("its {MANIFEST} names no format")))?;
        if found > u64::from(FORMAT) {
            let version = document.get("tier0").and_then(Value::as_str).unwrap_or("of its maker");
            let version = version.to_owned();
            return Err(Error::Newer { path, found, known: FORMAT, version });
        }
        serde_json::from_value(document).map_err(|error| none(format!("its {MANIFEST}: {error}")))
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test")]

    use serde_json::json;

    use super::*;

    #[test]
    fn what_is_foreign_or_newer_is_told_apart() {
        let read = |text: &str| Manifest::parse(Path::new("b"), text.as_bytes()).unwrap_err();
        for foreign in
            ["", "[]", "{}", r#"{"kind":"other","format":1}"#, r#"{"kind":"tier0-backup"}"#]
        {
            assert!(matches!(read(foreign), Error::NoBackup { .. }), "{foreign}");
        }
        let newer = read(r#"{"kind":"tier0-backup","format":2,"tier0":"9.1.0"}"#);
        assert!(matches!(newer, Error::Newer { found: 2, .. }));
        assert!(newer.to_string().contains("9.1.0"), "{newer}");
        let whole = Manifest::new("2026-01-01T00:00:00Z".to_owned());
        let bytes = serde_json::to_vec(&whole).unwrap();
        assert_eq!(Manifest::parse(Path::new("b"), &bytes).unwrap(), whole);
    }

    #[test]
    fn a_stream_expires_by_age_or_by_marks() {
        let of = |config: Value| StreamEntry {
            name: "S".to_owned(),
            file: None,
            messages: 0,
            bytes: 0,
            first_sequence: 0,
            last_sequence: 0,
            config,
            state: Value::Null,
            consumers: Vec::new(),
        };
        assert!(!of(json!({"max_age": 0})).expires());
        assert!(
            of(json!({"max_age": 5})).expires() && of(json!({"allow_msg_ttl": true})).expires()
        );
    }
}
