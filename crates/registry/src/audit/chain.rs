//! The chain of the ledger: every entry carries the digest of the one before of the same record, and its own.
//!
//! ```text
//! digest = SHA-256(digest of the entry before ‖ 0 ‖ subject ‖ 0 ‖ entry)
//! ```
//!
//! Invariants:
//! - The digest of an entry is a function of the entries of its record up to it, so that every process makes the same one.
//! - Who changes, removes or puts in an entry has to make all later ones of the record anew, and the digest of the whole ledger
//!   becomes another: what was written down elsewhere no longer is what is found.
//! - Entries of earlier builds have no digest; they are the beginning of their records' chains, and nothing else.

use std::collections::BTreeMap;

use bus::{Headers, Scan, StoredMessage};
use bytes::Bytes;
use contracts::v1::{LedgerEntry, RecordAction};
use contracts::{names, subjects};
use serde::Serialize;
use sha2::{Digest as _, Sha256};

use crate::records;
use crate::{Error, Registry};

/// Header with the digest of the entry before.
const PREVIOUS: &str = "Tier0-Ledger-Previous";
/// Header with the entry's own digest.
const OWN: &str = "Tier0-Ledger-Digest";

/// Puts an entry into the chain of its record, behind the one that is stored before it, if any.
pub(super) fn link(
    headers: &mut Headers,
    subject: &str,
    entry: &[u8],
    before: Option<(&str, &Headers, &Bytes)>,
) {
    let previous = before.map_or_else(String::new, |(subject, headers, entry)| {
        digest(text(headers, PREVIOUS), subject, entry)
    });
    headers.insert(OWN, digest(&previous, subject, entry));
    headers.insert(PREVIOUS, previous);
}

fn text<'h>(headers: &'h Headers, name: &str) -> &'h str {
    headers.get(name).map_or("", |value| value.as_str())
}

/// 64 hexadecimal digits.
fn digest(previous: &str, subject: &str, entry: &[u8]) -> String {
    let mut hash = Sha256::new();
    for part in [previous.as_bytes(), subject.as_bytes()] {
        hash.update(part);
        hash.update([0]);
    }
    hash.update(entry);
    hex::encode(hash.finalize())
}

/// What a look at every entry of the ledger has found.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct LedgerCheck {
    /// Entries in the ledger.
    pub entries: u64,
    /// Those of earlier builds, which carry no digest.
    pub without_digest: u64,
    /// Records that have entries.
    pub records: u64,
    /// SHA-256 over the last digest of every record: the same as long as nothing is added or changed.
    pub digest: String,
    /// The first entry that is not as it was written, in the order of the records and their revisions.
    pub broken: Option<BrokenEntry>,
}

/// An entry that is not as it was written.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct BrokenEntry {
    /// Subject of the entry: its record and revision.
    pub subject: String,
    /// Its sequence in the stream.
    pub sequence: u64,
    /// What is wrong with it.
    pub problem: &'static str,
}

impl Registry {
    /// Follows the chain of every record from its first entry to its last.
    ///
    /// # Errors
    /// [`Error::Bus`] where the ledger cannot be read.
    pub async fn check_ledger(&self) -> Result<LedgerCheck, Error> {
        let mut chains: BTreeMap<String, BTreeMap<u64, Entry>> = BTreeMap::new();
        let bus = self.ledger.bus();
        bus.scan(names::AUDIT_STREAM, subjects::ALL_AUDIT, Scan::All, |stored: StoredMessage| {
            let (record, entry) = Entry::read(stored);
            chains.entry(record).or_default().insert(entry.revision, entry);
            Ok::<_, Error>(())
        })
        .await?;
        Ok(check(&chains))
    }
}

/// What of an entry matters to its chain.
#[derive(Debug, Clone)]
struct Entry {
    subject: String,
    sequence: u64,
    revision: u64,
    /// As the entry says; none where it cannot be read.
    before: Option<u64>,
    is_removal: bool,
    previous: String,
    own: String,
    /// The digest that its content has.
    found: String,
}

impl Entry {
    /// The record of an entry, by the subject without the revision, and the entry.
    fn read(stored: StoredMessage) -> (String, Self) {
        let StoredMessage { subject, sequence, headers, payload, .. } = stored;
        let (record, revision) = subject.rsplit_once('.').unwrap_or((&subject, ""));
        let (record, revision) = (record.to_owned(), revision.parse().unwrap_or(0));
        let previous = text(&headers, PREVIOUS).to_owned();
        let found = digest(&previous, &subject, &payload);
        let own = text(&headers, OWN).to_owned();
        let value = bus::Entry { key: subject.clone(), value: payload, revision: sequence };
        let entry = records::decode::<LedgerEntry>(names::AUDIT_STREAM, &value).ok();
        let entry = entry.map(|entry| entry.value).filter(|entry| entry.revision == revision);
        let is_removal = entry.as_ref().is_some_and(|of| of.action() == RecordAction::Removed);
        let before = entry.map(|entry| entry.before_revision);
        (record, Self { subject, sequence, revision, before, is_removal, previous, own, found })
    }

    /// What is wrong with it behind the one before, if any.
    fn problem(&self, last: Option<&Self>) -> Option<&'static str> {
        let Some(before) = self.before else { return Some("it is no entry of its revision") };
        if self.own.is_empty() {
            let is_later = last.is_some_and(|last| !last.own.is_empty());
            // What something else than the registry has removed is noted by the writer that sees it.
            return (is_later && !self.is_removal)
                .then_some("it has no digest, and those before it have");
        }
        if self.own != self.found {
            return Some("its content is not that of its digest");
        }
        match last {
            Some(last) if before == last.revision => {
                (self.previous != last.found).then_some("it does not follow the entry before it")
            }
            Some(last) if before == 0 && last.is_removal => None,
            None if before == 0 => None,
            _ => Some("the entry before it is not there"),
        }
    }
}

fn check(chains: &BTreeMap<String, BTreeMap<u64, Entry>>) -> LedgerCheck {
    let mut found = LedgerCheck { records: chains.len() as u64, ..LedgerCheck::default() };
    let mut whole = Sha256::new();
    for chain in chains.values() {
        let mut last: Option<&Entry> = None;
        for entry in chain.values() {
            found.entries += 1;
            found.without_digest += u64::from(entry.own.is_empty());
            if let Some(problem) = entry.problem(last).filter(|_| found.broken.is_none()) {
                let (subject, sequence) = (entry.subject.clone(), entry.sequence);
                found.broken = Some(BrokenEntry { subject, sequence, problem });
            }
            last = Some(entry);
        }
        if let Some(last) = last {
            whole.update(last.subject.as_bytes());
            whole.update([0]);
            whole.update(last.found.as_bytes());
        }
    }
    found.digest = hex::encode(whole.finalize());
    found
}
