//! The ledger: what became of each run, folded from the messages of the stream.
//!
//! ```text
//! handoff, result, event ──Record::decode──▶ Ledger::apply ─┬▶ Run ──view──▶ RunView (JSON)
//!                                                           └▶ Index: the latest first, the silent first, counts
//! ```
//!
//! Invariants:
//! - Pure: no clock and no I/O. The same records give the same ledger, so a restart rebuilds it.
//! - Every field is merged by a maximum or a minimum over a total order, so that repetitions and the order of arrival change nothing.
//! - Bounded: at most `capacity` runs, and of each no more than a few kilobytes, whatever its messages say. Runs that have ended are
//!   forgotten first, those that have been silent for longest before others.
//! - A question about a few runs does not look at all of them.

use std::collections::BTreeMap;
use std::ops::Bound;
use std::sync::Arc;
use std::time::SystemTime;

use contracts::encoding::{self, Encoding};
use contracts::v1::{Handoff, StageEvent};
use contracts::{ContractError, RunId, subjects::Subject};

mod facts;
mod index;
mod name;
mod run;
mod view;

use index::Index;
use run::Run;
pub use view::{
    EndpointView, RunStatus, RunView, StageStatus, StageView, TrainedModelView, WarningView,
};

/// Runs that are remembered where nothing else is said.
pub const DEFAULT_MAX_RUNS: usize = 20_000;

/// A message of the stream that says something of a run.
#[derive(Debug, Clone, PartialEq)]
pub enum Record {
    /// A handoff to an agent.
    Handoff(Box<Handoff>),
    /// The last handoff of a run.
    Result(Box<Handoff>),
    /// Something that happened in a stage.
    Event(Box<StageEvent>),
}

impl Record {
    /// Reads a message; `None` where its subject is of another kind.
    ///
    /// # Errors
    /// The contract's, where subject or bytes break it.
    pub fn decode(subject: &str, payload: &[u8]) -> Result<Option<(RunId, Self)>, ContractError> {
        Ok(match Subject::parse(subject)? {
            Subject::Handoff { run, .. } => Some((run, Self::Handoff(handoff(payload)?))),
            Subject::Result { run, .. } => Some((run, Self::Result(handoff(payload)?))),
            Subject::Event { run, .. } => Some((run, Self::Event(message("StageEvent", payload)?))),
            Subject::Request | Subject::DeadLetter { .. } | Subject::Prediction { .. } => None,
        })
    }
}

/// A handoff in either encoding, packed or not.
fn handoff(payload: &[u8]) -> Result<Box<Handoff>, ContractError> {
    let handoff: Box<Handoff> = message("Handoff", payload)?;
    encoding::unpacked(*handoff).map(Box::new)
}

/// A message in either encoding. Its rules are not checked: the ledger shows what there is.
fn message<M>(name: &'static str, payload: &[u8]) -> Result<Box<M>, ContractError>
where
    M: prost::Message + Default + serde::de::DeserializeOwned,
{
    Ok(Box::new(match Encoding::detect(None, payload)? {
        Encoding::Json => encoding::from_json(name, payload)?,
        Encoding::Protobuf => encoding::from_protobuf(name, payload)?,
    }))
}

/// All runs that are remembered.
#[derive(Debug, Clone, PartialEq)]
pub struct Ledger {
    capacity: usize,
    runs: BTreeMap<Arc<RunId>, Run>,
    index: Index,
    last_sequence: u64,
}

/// Which runs are wanted.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Page {
    /// Those of this status only.
    pub status: Option<RunStatus>,
    /// Those only that stand behind this one, which was requested later.
    pub before: Option<RunId>,
    /// Those only that have this text in their identity, their name or their request, in any letter case; empty for all.
    pub search: String,
    /// Greatest number of runs on the page.
    pub limit: usize,
}

impl Ledger {
    /// An empty ledger of at most `capacity` runs (at least one).
    #[must_use]
    pub fn new(capacity: usize) -> Self {
        Self {
            capacity: capacity.max(1),
            runs: BTreeMap::new(),
            index: Index::default(),
            last_sequence: 0,
        }
    }

    /// Takes in the record that the stream holds at `sequence`. Taking it in again changes nothing.
    pub fn apply(&mut self, sequence: u64, run: RunId, record: &Record) {
        self.last_sequence = self.last_sequence.max(sequence);
        let known =
            self.runs.get_key_value(&run).map(|(id, run)| (Arc::clone(id), run.order_key()));
        let (id, before) = match known {
            Some((id, place)) => (id, Some(place)),
            None => (Arc::new(run), None),
        };
        let entry = self.runs.entry(Arc::clone(&id)).or_default();
        entry.apply(sequence, record);
        let after = entry.order_key();
        self.index.moved(&id, before, after);
        while self.runs.len() > self.capacity {
            let Some(silent) = self.index.longest_silent() else { break };
            if let Some(forgotten) = self.runs.remove(&silent) {
                self.index.remove(&silent, forgotten.order_key());
            }
        }
    }

    /// Notes the trace of the message at `sequence`. A run has that of its first message that has one.
    pub fn traced(&mut self, sequence: u64, run: &RunId, trace: Option<u128>) {
        if let (Some(run), Some(trace)) = (self.runs.get_mut(run), trace) {
            run.traced(sequence, trace);
        }
    }

    /// The greatest sequence taken in.
    #[must_use]
    pub fn last_sequence(&self) -> u64 {
        self.last_sequence
    }

    /// Number of runs that are remembered.
    #[must_use]
    pub fn len(&self) -> usize {
        self.runs.len()
    }

    /// Whether no run is remembered.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.runs.is_empty()
    }

    /// State of one run; none where the ledger does not know it.
    #[must_use]
    pub fn run(&self, run: &RunId) -> Option<RunView> {
        self.runs.get(run).map(|entry| entry.view(run))
    }

    /// Runs, the latest first; those of `status` only where it is given.
    #[must_use]
    pub fn runs(&self, status: Option<RunStatus>, limit: usize) -> Vec<RunView> {
        self.page(&Page { status, limit, ..Page::default() }).unwrap_or_default()
    }

    /// Runs, the latest first; nothing where the run that they are to stand behind is not known.
    #[must_use]
    pub fn page(&self, page: &Page) -> Option<Vec<RunView>> {
        let from = match &page.before {
            None => Bound::Unbounded,
            Some(before) => {
                let (id, run) = self.runs.get_key_value(before)?;
                Bound::Excluded(index::place_in_list(id, run.order_key()))
            }
        };
        let search = page.search.trim().to_lowercase();
        let wanted = |id: &RunId, run: &Run| {
            page.status.is_none_or(|status| run.status() == status)
                && (search.is_empty() || run.mentions(id, &search))
        };
        let found = self.index.latest_first(from);
        let found = found.filter_map(|id| self.runs.get(id).map(|run| (id, run)));
        let found = found.filter(|(id, run)| wanted(id, run));
        Some(found.take(page.limit).map(|(id, run)| run.view(id)).collect())
    }

    /// At most `limit` runs of which something was taken in after `sequence`, by the sequence of what was taken in last, which
    /// stands before each.
    #[must_use]
    pub fn changed_after(&self, sequence: u64, limit: usize) -> Vec<(u64, RunView)> {
        let changed = self.index.changed_after(sequence);
        let mut changed: Vec<(u64, &Arc<RunId>)> = changed.collect();
        changed.sort_unstable_by_key(|(sequence, _)| *sequence);
        changed.truncate(limit);
        let view = |(sequence, id): (u64, &Arc<RunId>)| {
            self.runs.get(id).map(|run| (sequence, run.view(id)))
        };
        changed.into_iter().filter_map(view).collect()
    }

    /// At most `limit` runs that have not ended though their deadline was before `now`, those first that are overdue for longest.
    #[must_use]
    pub fn overdue(&self, now: SystemTime, limit: usize) -> Vec<RunId> {
        let now = instant(&contracts::time::timestamp(now));
        let mut overdue: Vec<(Instant, &RunId)> = self
            .runs
            .iter()
            .filter_map(|(id, run)| Some((run.due()?, id.as_ref())))
            .filter(|(deadline, _)| *deadline < now)
            .collect();
        overdue.sort_unstable();
        overdue.into_iter().take(limit).map(|(_, id)| id.clone()).collect()
    }

    /// Runs by their status.
    #[must_use]
    pub fn counts(&self) -> BTreeMap<RunStatus, usize> {
        self.index.counts().clone()
    }
}

/// An instant as seconds and nanoseconds since 1970.
type Instant = (i64, i32);

fn instant(at: &pbjson_types::Timestamp) -> Instant {
    (at.seconds, at.nanos)
}

/// `text`, or its beginning where it is longer than `longest` bytes.
fn short(text: &str, longest: usize) -> &str {
    if text.len() <= longest {
        return text;
    }
    let end = (0..=longest).rev().find(|end| text.is_char_boundary(*end)).unwrap_or_default();
    text.get(..end).unwrap_or_default()
}

#[cfg(test)]
mod tests;
