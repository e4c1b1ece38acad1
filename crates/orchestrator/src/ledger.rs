//! The ledger: what became of each run, folded from the messages of the stream.
//!
//! ```text
//! handoff, result, event ──Record::decode──▶ Ledger::apply ──▶ Run ──view──▶ RunView (JSON)
//! ```
//!
//! Invariants:
//! - Pure: no clock and no I/O. The same records give the same ledger, so a restart rebuilds it.
//! - Every field is merged by a maximum or a minimum over a total order, so that repetitions and the order of arrival change nothing.
//! - Bounded: at most `capacity` runs; those that have been silent for longest are forgotten first.

use std::collections::BTreeMap;
use std::time::SystemTime;

use contracts::encoding::{self, Encoding};
use contracts::v1::{Handoff, StageEvent, StageEventKind};
use contracts::{ContractError, RunId, subjects::Subject};

mod facts;
mod view;

use facts::Facts;
pub use view::{EndpointView, ModelView, RunStatus, RunView, StageStatus, StageView, WarningView};

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
            Subject::Handoff { run, .. } => {
                Some((run, Self::Handoff(message("Handoff", payload)?)))
            }
            Subject::Result { run, .. } => Some((run, Self::Result(message("Handoff", payload)?))),
            Subject::Event { run, .. } => Some((run, Self::Event(message("StageEvent", payload)?))),
            Subject::Request | Subject::DeadLetter { .. } | Subject::Prediction { .. } => None,
        })
    }
}

/// A message in either encoding. Its rules are not checked: the ledger shows what there is.
fn message<M>(name: &'static str, payload: &[u8]) -> Result<Box<M>, ContractError>
where
    M: prost::Message + Default + serde::de::DeserializeOwned,
{
    Ok(Box::new(match Encoding::of(None, payload)? {
        Encoding::Json => encoding::from_json(name, payload)?,
        Encoding::Protobuf => encoding::from_protobuf(name, payload)?,
    }))
}

/// All runs that are remembered.
#[derive(Debug, Clone, PartialEq)]
pub struct Ledger {
    capacity: usize,
    runs: BTreeMap<RunId, Run>,
    /// Runs by the sequence of their last record.
    by_last: BTreeMap<u64, RunId>,
    last_sequence: u64,
}

impl Ledger {
    /// An empty ledger of at most `capacity` runs (at least one).
    #[must_use]
    pub fn new(capacity: usize) -> Self {
        Self {
            capacity: capacity.max(1),
            runs: BTreeMap::new(),
            by_last: BTreeMap::new(),
            last_sequence: 0,
        }
    }

    /// Takes in the record that the stream holds at `sequence`. Taking it in again changes nothing.
    pub fn apply(&mut self, sequence: u64, run: RunId, record: &Record) {
        self.last_sequence = self.last_sequence.max(sequence);
        let entry = self.runs.entry(run.clone()).or_default();
        entry.apply(sequence, record);
        if sequence > entry.last_sequence {
            self.by_last.remove(&entry.last_sequence);
            entry.last_sequence = sequence;
            self.by_last.insert(sequence, run);
        }
        while self.runs.len() > self.capacity {
            let Some((_, silent)) = self.by_last.pop_first() else { break };
            self.runs.remove(&silent);
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

    /// One run.
    #[must_use]
    pub fn run(&self, run: &RunId) -> Option<RunView> {
        self.runs.get(run).map(|entry| entry.view(run))
    }

    /// Runs, the latest first; those of `status` only where it is given.
    #[must_use]
    pub fn runs(&self, status: Option<RunStatus>, limit: usize) -> Vec<RunView> {
        let mut order: Vec<(&RunId, &Run)> = self
            .runs
            .iter()
            .filter(|(_, run)| status.is_none_or(|wanted| run.status() == wanted))
            .collect();
        order.sort_by_key(|(id, run)| (std::cmp::Reverse(run.created_at), *id));
        order.into_iter().take(limit).map(|(id, run)| run.view(id)).collect()
    }

    /// At most `limit` runs that have not ended though their deadline was before `now`, those first that are overdue for longest.
    #[must_use]
    pub fn overdue(&self, now: SystemTime, limit: usize) -> Vec<RunId> {
        let now = instant(&contracts::time::timestamp(now));
        let mut overdue: Vec<(Instant, &RunId)> = self
            .runs
            .iter()
            .filter_map(|(id, run)| {
                let (_, facts) =
                    run.farthest.as_ref().filter(|(_, facts)| facts.ended.is_none())?;
                facts.deadline.filter(|deadline| *deadline < now).map(|deadline| (deadline, id))
            })
            .collect();
        overdue.sort_unstable();
        overdue.into_iter().take(limit).map(|(_, id)| id.clone()).collect()
    }

    /// Runs by their status.
    #[must_use]
    pub fn counts(&self) -> BTreeMap<RunStatus, usize> {
        let mut counts = BTreeMap::new();
        for run in self.runs.values() {
            *counts.entry(run.status()).or_insert(0) += 1;
        }
        counts
    }
}

/// An instant as seconds and nanoseconds since 1970.
type Instant = (i64, i32);

/// How far a handoff is along its run; the farthest one says what is known.
/// Epoch, whether it is the last, outputs so far, sequence.
type Rank = (u32, bool, usize, u64);

/// One run.
#[derive(Debug, Clone, Default, PartialEq)]
struct Run {
    last_sequence: u64,
    created_at: Option<Instant>,
    farthest: Option<(Rank, Facts)>,
    /// By epoch and agent.
    activities: BTreeMap<(u32, String), Activity>,
}

/// What the events and the following handoff say of a stage.
#[derive(Debug, Clone, Default, PartialEq)]
struct Activity {
    first_started: Option<Instant>,
    attempts: u32,
    /// Of the last event: attempt, instant, sequence.
    last: Option<((u32, Instant, u64), Moment)>,
    /// Whether the handoff after it says that it was usable with warnings.
    partial: bool,
}

/// What the last event of a stage says.
#[derive(Debug, Clone, PartialEq)]
struct Moment {
    kind: StageEventKind,
    progress: f64,
    detail: String,
    failure: Option<String>,
}

impl Run {
    fn apply(&mut self, sequence: u64, record: &Record) {
        match record {
            Record::Handoff(handoff) => self.apply_handoff(sequence, handoff, false),
            Record::Result(handoff) => self.apply_handoff(sequence, handoff, true),
            Record::Event(event) => self.apply_event(sequence, event),
        }
    }

    fn apply_handoff(&mut self, sequence: u64, handoff: &Handoff, last: bool) {
        if let Some(at) = handoff.timestamp.as_ref().map(instant) {
            self.created_at = Some(self.created_at.map_or(at, |known| known.min(at)));
        }
        if handoff.status() == contracts::v1::HandoffStatus::Partial {
            let key = (handoff.epoch, handoff.from_agent.clone());
            self.activities.entry(key).or_default().partial = true;
        }
        let rank = (handoff.epoch, last, handoff.outputs.len(), sequence);
        if self.farthest.as_ref().is_none_or(|(known, _)| *known < rank) {
            self.farthest = Some((rank, Facts::of(handoff, last)));
        }
    }

    fn apply_event(&mut self, sequence: u64, event: &StageEvent) {
        let activity = self.activities.entry((event.epoch, event.agent.clone())).or_default();
        activity.attempts = activity.attempts.max(event.attempt);
        let Some(at) = event.at.as_ref().map(instant) else { return };
        if event.kind() == StageEventKind::Started {
            activity.first_started = Some(activity.first_started.map_or(at, |known| known.min(at)));
        }
        let order = (event.attempt, at, sequence);
        if activity.last.as_ref().is_none_or(|(known, _)| *known < order) {
            let moment = Moment {
                kind: event.kind(),
                progress: event.progress,
                detail: event.detail.clone(),
                failure: event.failure.as_ref().map(|failure| failure.message.clone()),
            };
            activity.last = Some((order, moment));
        }
    }

    fn epoch(&self) -> u32 {
        self.farthest.as_ref().map_or(0, |((epoch, ..), _)| *epoch)
    }

    fn activity(&self, agent: &str) -> Option<&Activity> {
        self.activities.get(&(self.epoch(), agent.to_owned()))
    }

    fn status(&self) -> RunStatus {
        let Some((_, facts)) = &self.farthest else { return RunStatus::Running };
        match &facts.ended {
            Some(ended) if ended.is_cancelled() => RunStatus::Cancelled,
            Some(ended) if ended.failed => RunStatus::Failed,
            Some(_) => RunStatus::Succeeded,
            None if facts.stages.is_empty() && self.activity(&facts.to_agent).is_none() => {
                RunStatus::Queued
            }
            None => RunStatus::Running,
        }
    }
}

fn instant(at: &pbjson_types::Timestamp) -> Instant {
    (at.seconds, at.nanos)
}

#[cfg(test)]
mod tests;
