//! What is kept of one run.

use contracts::RunId;
use contracts::v1::{Handoff, StageEvent, StageEventKind};

use super::facts::RunFacts;
use super::index::OrderKey;
use super::name::StageName;
use super::{Instant, Record, RunStatus, instant, short};

/// Longest text that is kept of an event.
const MAX_TEXT_LENGTH: usize = 500;

/// How far a handoff is along its run; the farthest one says what is known.
/// Epoch, whether it is the last, outputs so far, sequence.
type Rank = (u32, bool, usize, u64);

/// State of one run, folded from its messages.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct Run {
    last_sequence: u64,
    pub(super) created_at: Option<Instant>,
    /// The trace of its first message that has one, and the sequence of that message.
    trace: Option<(u64, u128)>,
    farthest: Option<(Rank, Box<RunFacts>)>,
    /// Of the farthest epoch, and of later ones; sorted.
    activities: Vec<((u32, StageName), Activity)>,
}

/// What the events and the following handoff say of a stage.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct Activity {
    pub(super) first_started: Option<Instant>,
    pub(super) attempts: u32,
    /// What its last event says; nothing once the run has ended.
    pub(super) last: Option<Box<LastEvent>>,
    /// Whether the handoff after it says that it was usable with warnings.
    pub(super) partial: bool,
}

/// The last event of a stage.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct LastEvent {
    /// Order of events, the latest of which is kept: attempt, time, and sequence in the stream.
    order: (u32, Instant, u64),
    pub(super) kind: StageEventKind,
    pub(super) progress: f64,
    pub(super) detail: Box<str>,
    pub(super) failure: Option<Box<str>>,
}

impl Run {
    pub(super) fn apply(&mut self, sequence: u64, record: &Record) {
        self.last_sequence = self.last_sequence.max(sequence);
        match record {
            Record::Handoff(handoff) => self.apply_handoff(sequence, handoff, false),
            Record::Result(handoff) => self.apply_handoff(sequence, handoff, true),
            Record::Event(event) => self.apply_event(sequence, event),
        }
        self.forget_settled();
    }

    pub(super) fn traced(&mut self, sequence: u64, trace: u128) {
        let found = (sequence, trace);
        self.trace = Some(self.trace.map_or(found, |known| known.min(found)));
    }

    /// The trace as W3C writes it: 32 hexadecimal digits.
    pub(super) fn trace_id(&self) -> Option<String> {
        self.trace.map(|(_, trace)| format!("{trace:032x}"))
    }

    fn apply_handoff(&mut self, sequence: u64, handoff: &Handoff, last: bool) {
        if let Some(at) = handoff.timestamp.as_ref().map(instant) {
            self.created_at = Some(self.created_at.map_or(at, |known| known.min(at)));
        }
        if handoff.status() == contracts::v1::HandoffStatus::Partial {
            self.activity_mut(handoff.epoch, &handoff.from_agent).partial = true;
        }
        let rank = (handoff.epoch, last, handoff.outputs.len(), sequence);
        if self.farthest.as_ref().is_none_or(|(known, _)| *known < rank) {
            self.farthest = Some((rank, Box::new(RunFacts::from_handoff(handoff, last))));
        }
    }

    fn apply_event(&mut self, sequence: u64, event: &StageEvent) {
        let activity = self.activity_mut(event.epoch, &event.agent);
        activity.attempts = activity.attempts.max(event.attempt);
        let Some(at) = event.at.as_ref().map(instant) else { return };
        if event.kind() == StageEventKind::Started {
            activity.first_started = Some(activity.first_started.map_or(at, |known| known.min(at)));
        }
        let order = (event.attempt, at, sequence);
        if activity.last.as_ref().is_none_or(|known| known.order < order) {
            let failure = event.failure.as_ref();
            activity.last = Some(Box::new(LastEvent {
                order,
                kind: event.kind(),
                progress: event.progress,
                detail: short(&event.detail, MAX_TEXT_LENGTH).into(),
                failure: failure.map(|failure| short(&failure.message, MAX_TEXT_LENGTH).into()),
            }));
        }
    }

    /// Forgets what no question is about any more: earlier epochs, and what was being done when the run ended.
    fn forget_settled(&mut self) {
        let Some(((epoch, ended, ..), _)) = &self.farthest else { return };
        self.activities.retain(|((of, _), _)| of >= epoch);
        if *ended {
            let of_epoch = self.activities.iter_mut().filter(|((of, _), _)| of == epoch);
            of_epoch.for_each(|(_, activity)| activity.last = None);
        }
    }

    fn activity_mut(&mut self, epoch: u32, agent: &str) -> &mut Activity {
        let key = (epoch, StageName::parse(agent));
        let at = match self.activities.binary_search_by(|(known, _)| known.cmp(&key)) {
            Ok(at) => at,
            Err(at) => {
                self.activities.insert(at, (key, Activity::default()));
                at
            }
        };
        #[expect(clippy::indexing_slicing, reason = "found there, or put there")]
        &mut self.activities[at].1
    }

    pub(super) fn order_key(&self) -> OrderKey {
        OrderKey {
            status: self.status(),
            created_at: self.created_at,
            last_sequence: self.last_sequence,
        }
    }

    /// Whether its identity, its name or its request has this text, which is in small letters.
    pub(super) fn mentions(&self, id: &RunId, text: &str) -> bool {
        let has = |of: &str| of.to_lowercase().contains(text);
        has(id.as_str()) || self.facts().is_some_and(|facts| has(&facts.name) || has(&facts.text))
    }

    /// What its farthest handoff says.
    pub(super) fn facts(&self) -> Option<&RunFacts> {
        self.farthest.as_ref().map(|(_, facts)| facts.as_ref())
    }

    /// When it must have ended, where it goes on.
    pub(super) fn due(&self) -> Option<Instant> {
        self.facts().filter(|facts| facts.ended.is_none())?.deadline
    }

    pub(super) fn epoch(&self) -> u32 {
        self.farthest.as_ref().map_or(0, |((epoch, ..), _)| *epoch)
    }

    pub(super) fn activity(&self, agent: &StageName) -> Option<&Activity> {
        let epoch = self.epoch();
        let of_it = |((of, name), _): &&((u32, StageName), Activity)| *of == epoch && name == agent;
        self.activities.iter().find(of_it).map(|(_, activity)| activity)
    }

    pub(super) fn status(&self) -> RunStatus {
        let Some(facts) = self.facts() else { return RunStatus::Running };
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
