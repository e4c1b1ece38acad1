//! Reading the ledger: what was done to a model, a version or an endpoint, and how it stood at a time.

use std::collections::VecDeque;
use std::time::{Duration, SystemTime};

use bus::{Scan, StoredMessage};
use contracts::v1::{LedgerEntry, RecordAction, RegisteredModel};
use contracts::{is_name, names, subjects, time};
use pbjson_types::Timestamp;

use crate::records;
use crate::{Error, Registry};

/// Record whose history is read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum HistorySubject<'a> {
    /// A model's own record and its versions.
    Model(&'a str),
    /// One version of a model.
    Version(&'a str, u32),
    /// Deployment record of an endpoint.
    Endpoint(&'a str),
}

impl HistorySubject<'_> {
    fn filter(&self) -> Option<String> {
        match *self {
            Self::Model(model) => is_name(model).then(|| subjects::audits_of_model(model)),
            Self::Version(model, version) => {
                is_name(model).then(|| subjects::audits_of_version(model, version))
            }
            Self::Endpoint(endpoint) => {
                is_name(endpoint).then(|| subjects::audits_of_endpoint(endpoint))
            }
        }
    }
}

/// Which entries of the ledger are meant.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct LedgerFilter {
    /// Of this time or later only.
    pub since: Option<Timestamp>,
    /// Of this actor only.
    pub by: Option<String>,
    /// Before this place in the ledger only.
    pub before: Option<u64>,
}

impl LedgerFilter {
    /// Whether entries that were stored at this time or before are all of an earlier time than is asked for.
    fn is_past(&self, stored_at: SystemTime) -> bool {
        let latest = stored_at.checked_add(MAX_CLOCK_LEAD).map(time::timestamp);
        self.since.as_ref().zip(latest).is_some_and(|(since, latest)| {
            (latest.seconds, latest.nanos) < (since.seconds, since.nanos)
        })
    }

    fn holds(&self, entry: &LedgerEntry) -> bool {
        self.by.as_ref().is_none_or(|by| entry.by == *by)
            && self
                .since
                .as_ref()
                .is_none_or(|since| instant(entry) >= (since.seconds, since.nanos))
    }
}

/// A part of a history.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct HistoryPage {
    /// The latest first, in the order in which the records were written.
    pub entries: Vec<LedgerEntry>,
    /// What `before` has to be for the part before it; none where there is none.
    pub next: Option<u64>,
}

/// How a model stood at a time.
#[derive(Debug, Clone, PartialEq)]
pub struct ModelAt {
    /// The model's own record at that time, without its versions.
    pub model: RegisteredModel,
    /// The entry that made the version of that time the one in production, or none; the first entry where there was never one.
    pub made_by: LedgerEntry,
}

/// How an endpoint stood at a time.
#[derive(Debug, Clone, PartialEq)]
pub struct EndpointAt {
    /// The entry that last changed its record.
    pub last: LedgerEntry,
    /// The entry that made the version of that time answer.
    pub made_by: LedgerEntry,
}

impl Registry {
    /// At most `limit` entries, the latest first; with `before`, those of smaller revisions.
    ///
    /// # Errors
    /// [`Error::Bus`], [`Error::Damaged`].
    pub async fn history(
        &self,
        of: &HistorySubject<'_>,
        before: Option<u64>,
        limit: usize,
    ) -> Result<HistoryPage, Error> {
        let Some(filter) = of.filter() else { return Ok(HistoryPage::default()) };
        // An entry that was written late stands behind later ones in the stream: as many more are kept as may be in the wrong place.
        let keep = limit.saturating_add(1).saturating_mul(2).saturating_add(MAX_REORDERED_ENTRIES);
        let mut kept: VecDeque<LedgerEntry> = VecDeque::new();
        self.entries(&filter, |entry| {
            if before.is_some_and(|before| entry.revision >= before) {
                return;
            }
            kept.push_back(entry);
            if kept.len() > keep {
                kept.make_contiguous().sort_by_key(|entry| entry.revision);
                kept.drain(..kept.len().saturating_sub(limit.saturating_add(1)));
            }
        })
        .await?;
        let mut entries: Vec<LedgerEntry> = kept.into();
        entries.sort_by_key(|entry| std::cmp::Reverse(entry.revision));
        let more = entries.len() > limit;
        entries.truncate(limit);
        let next = entries.last().map(|entry| entry.revision).filter(|_| more);
        Ok(HistoryPage { entries, next })
    }

    /// At most `limit` entries of the whole ledger, the latest first; `next` is a place in the ledger.
    ///
    /// The ledger is read from its end, so that a page costs its own entries, however many there are before them. With an actor it
    /// is read as far back as the page needs; with a time, to [`MAX_CLOCK_LEAD`] before it.
    ///
    /// # Errors
    /// [`Error::Bus`], [`Error::Damaged`].
    pub async fn ledger_page(
        &self,
        filter: &LedgerFilter,
        limit: usize,
    ) -> Result<HistoryPage, Error> {
        let bus = self.ledger.bus();
        let end = bus.last(subjects::ALL_AUDIT).await?.map_or(1, |(last, _, _)| last + 1);
        let mut end = filter.before.map_or(end, |before| before.min(end));
        // One more than asked for tells that there are more.
        let wanted = limit.saturating_add(1);
        let mut span = wanted.clamp(1, MAX_SPAN);
        let mut kept: Vec<(u64, LedgerEntry)> = Vec::new();
        while end > FIRST && kept.len() < wanted {
            let begin = end.saturating_sub(span as u64).max(FIRST);
            let part = bus.part(names::AUDIT_STREAM, subjects::ALL_AUDIT, begin..end).await?;
            let is_last = part.first().is_some_and(|first| filter.is_past(first.stored_at));
            for stored in part.into_iter().rev() {
                let (place, entry) = placed(stored)?;
                if filter.holds(&entry) {
                    kept.push((place, entry));
                }
            }
            if is_last {
                break;
            }
            end = begin;
            // What is seldom is looked for in longer parts.
            span = span.saturating_mul(2).min(MAX_SPAN);
        }
        let has_more = kept.len() > limit;
        kept.truncate(limit);
        let next = kept.last().map(|(place, _)| *place).filter(|_| has_more);
        Ok(HistoryPage { entries: kept.into_iter().map(|(_, entry)| entry).collect(), next })
    }

    /// How a model stood at a time: the version in production and the aliases, and who made it so.
    ///
    /// # Errors
    /// [`Error::Bus`], [`Error::Damaged`].
    pub async fn model_at(&self, model: &str, at: &Timestamp) -> Result<Option<ModelAt>, Error> {
        if !is_name(model) {
            return Ok(None);
        }
        let mut entries = Vec::new();
        self.entries(&subjects::audits_of_model_record(model), |entry| {
            if is_before(&entry, at) {
                entries.push(entry);
            }
        })
        .await?;
        entries.sort_by_key(|entry| entry.revision);
        let production = |entry: &LedgerEntry| {
            entry.registered_model.as_ref().map_or(0, |model| model.production_version)
        };
        let Some(last) = entries.last() else { return Ok(None) };
        let made_by = first_alike(&entries, |entry| production(entry) == production(last));
        let model = last.registered_model.clone();
        Ok(model.zip(made_by.cloned()).map(|(model, made_by)| ModelAt { model, made_by }))
    }

    /// How an endpoint stood at a time: its record, and who let the version answer.
    ///
    /// # Errors
    /// [`Error::Bus`], [`Error::Damaged`].
    pub async fn endpoint_at(
        &self,
        endpoint: &str,
        at: &Timestamp,
    ) -> Result<Option<EndpointAt>, Error> {
        if !is_name(endpoint) {
            return Ok(None);
        }
        let mut entries = Vec::new();
        self.entries(&subjects::audits_of_endpoint(endpoint), |entry| {
            if is_before(&entry, at) {
                entries.push(entry);
            }
        })
        .await?;
        entries.sort_by_key(|entry| entry.revision);
        let Some(last) = entries.last().cloned() else { return Ok(None) };
        let live = live_of(&last);
        let made_by = first_alike(&entries, |entry| live_of(entry) == live).cloned();
        Ok(made_by.map(|made_by| EndpointAt { last, made_by }))
    }

    /// Every entry by which a version began to answer at an endpoint, or ceased to, the oldest first.
    ///
    /// # Errors
    /// [`Error::Bus`], [`Error::Damaged`].
    pub async fn deployments_of(
        &self,
        model: &str,
        version: u32,
    ) -> Result<Vec<LedgerEntry>, Error> {
        let mut found: Vec<LedgerEntry> = Vec::new();
        let wanted = |entry: &LedgerEntry| live_of(entry) == Some((model.to_owned(), version));
        let mut answering = std::collections::BTreeMap::<String, bool>::new();
        self.entries(subjects::ALL_ENDPOINT_AUDITS, |entry| {
            let now = wanted(&entry);
            let before = answering.insert(entry.endpoint.clone(), now).unwrap_or(false);
            if before != now {
                found.push(entry);
            }
        })
        .await?;
        Ok(found)
    }

    /// Gives entries in the order of the ledger.
    async fn entries(&self, filter: &str, mut take: impl FnMut(LedgerEntry)) -> Result<(), Error> {
        let bus = self.ledger.bus();
        bus.scan(names::AUDIT_STREAM, filter, Scan::All, |stored: StoredMessage| {
            take(placed(stored)?.1);
            Ok::<_, Error>(())
        })
        .await
    }
}

/// An entry with its place in the ledger.
fn placed(stored: StoredMessage) -> Result<(u64, LedgerEntry), Error> {
    let StoredMessage { subject, sequence, payload, .. } = stored;
    let entry = bus::Entry { key: subject, value: payload, revision: sequence };
    let found = records::decode::<LedgerEntry>(names::AUDIT_STREAM, &entry)?;
    Ok((sequence, found.value))
}

/// The first place in the ledger.
const FIRST: u64 = 1;
/// Most entries that are read at once.
const MAX_SPAN: usize = 1024;
/// Most that the clock of who makes a change may be ahead of the broker's.
pub const MAX_CLOCK_LEAD: Duration = Duration::from_secs(24 * 60 * 60);
/// Entries that may be in another order in the stream than their revisions.
const MAX_REORDERED_ENTRIES: usize = 64;

/// The version that answers after a change of an endpoint's record.
#[must_use]
pub fn live_of(entry: &LedgerEntry) -> Option<(String, u32)> {
    let live = entry.deployment.as_ref()?.live.as_ref()?;
    Some((live.model.clone(), live.version))
}

/// The first of the entries at the end of which all are alike.
fn first_alike(
    entries: &[LedgerEntry],
    alike: impl Fn(&LedgerEntry) -> bool,
) -> Option<&LedgerEntry> {
    entries.iter().rev().take_while(|entry| alike(entry)).last()
}

fn is_before(entry: &LedgerEntry, at: &Timestamp) -> bool {
    instant(entry) <= (at.seconds, at.nanos)
}

/// Seconds and nanoseconds since 1970 at which the change was made; zero where an entry does not say.
fn instant(entry: &LedgerEntry) -> (i64, i32) {
    entry.at.as_ref().map_or((0, 0), |at| (at.seconds, at.nanos))
}

/// What was done, for people.
#[must_use]
pub fn action_name(action: RecordAction) -> &'static str {
    match action {
        RecordAction::Unspecified => "unknown",
        RecordAction::Registered => "registered",
        RecordAction::Stage => "stage",
        RecordAction::Production => "production",
        RecordAction::Alias => "alias",
        RecordAction::Tags => "tags",
        RecordAction::Note => "note",
        RecordAction::Description => "description",
        RecordAction::Deployment => "deployment",
        RecordAction::Removed => "removed",
        RecordAction::Collected => "collected",
    }
}
