//! What happened to a run, step by step: the stream itself is the log, and this reads it.
//!
//! ```text
//! handoffs, results, events of RUN ─┐
//! dead letters of RUN ──────────────┴─▶ Timeline::take ──▶ transitions by the broker's time
//! ```
//!
//! Every message of a run's chain is the settlement of the one before it, so that the transitions of a run are the messages
//! that the stream holds of it. Nothing else is written for them.
//!
//! Invariants:
//! - [`Timeline`] is pure: the same messages give the same transitions, in whatever order they are taken in.
//! - Bounded: the latest [`MAX_TRANSITIONS`] are kept; progress is left out.

use std::collections::BTreeMap;
use std::time::{Duration, SystemTime};

use bus::Bus;
use contracts::encoding;
use contracts::v1::{DeadLetter, Handoff, HandoffStatus, StageEvent, StageEventKind, StageOutput};
use contracts::{Agent, ContractError, RunId, names, subjects};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::feed::{self, Feed};
use crate::ledger::Record;
use crate::recovery::CANCELLED;

/// Most transitions of one answer; the latest are kept.
pub const MAX_TRANSITIONS: usize = 2000;
/// How long each message of a run may take to come.
const MESSAGE_TIMEOUT: Duration = Duration::from_secs(10);
/// Longest text that is kept of a failure.
const MAX_TEXT_LENGTH: usize = 1000;

/// Kind of a transition.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum TransitionKind {
    /// The request became a run.
    Accepted,
    /// The run was driven anew, as another epoch.
    DrivenAnew,
    /// A replica began to work.
    Started,
    /// An attempt failed, and was to be repeated.
    Retrying,
    /// A stage was done.
    Settled,
    /// A stage was done before, with the same inputs: its output was taken over.
    Reused,
    /// The message was given to the next stage.
    HandedOff,
    /// A message was put aside.
    DeadLettered,
    /// Something was noted, such as a judgement on a rollout.
    Noted,
    /// The run was cancelled.
    Cancelled,
    /// The run ended with a result.
    Ended,
}

impl TransitionKind {
    /// The name in JSON.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Accepted => "accepted",
            Self::DrivenAnew => "driven_anew",
            Self::Started => "started",
            Self::Retrying => "retrying",
            Self::Settled => "settled",
            Self::Reused => "reused",
            Self::HandedOff => "handed_off",
            Self::DeadLettered => "dead_lettered",
            Self::Noted => "noted",
            Self::Cancelled => "cancelled",
            Self::Ended => "ended",
        }
    }
}

/// Something that happened to a run, as a message of a stream says it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Transition {
    /// When the broker stored the message.
    pub at: String,
    /// The stream that holds the message.
    pub stream: String,
    /// Sequence of the message in that stream, from 1.
    pub sequence: u64,
    /// Epoch of the run, from 0.
    pub epoch: u32,
    /// Kind of the transition.
    pub kind: TransitionKind,
    /// The stage: who did it, or who is to do it.
    pub agent: String,
    /// Which delivery it was, from 1.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub attempt: Option<u32>,
    /// Identity of the agent's replica, where the message names it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub replica: Option<String>,
    /// How long the stage took, or the run.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub seconds: Option<f64>,
    /// Where the time of the stage went, where that was recorded.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub times: Option<Times>,
    /// `success`, `partial` or `failed`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub status: Option<String>,
    /// How many warnings the stage gave.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub warnings: usize,
    /// Why, as a stable identifier.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub code: Option<String>,
    /// Reason in words; none where the message gives no reason.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub message: Option<String>,
    /// Id of the dead letter, such as `TIER0.42`; none for other kinds of transitions.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub dead_letter: Option<String>,
    /// The run whose work was taken over.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reused_from: Option<String>,
}

/// Where the time of a stage went, in seconds.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Times {
    /// From the end of the stage before to the beginning of the work.
    pub waiting: f64,
    /// Reading tables and artifacts.
    pub reading: f64,
    /// What is left of the stage's time.
    pub computing: f64,
    /// Writing artifacts.
    pub writing: f64,
}

impl Times {
    /// The times of an output; none where they were not recorded.
    fn of(output: &StageOutput) -> Option<Self> {
        let seconds =
            |of: &Option<pbjson_types::Duration>| of.as_ref().map(contracts::time::seconds);
        let (reading, writing) = (seconds(&output.reading)?, seconds(&output.writing)?);
        let elapsed = seconds(&output.elapsed)?;
        Some(Self {
            waiting: seconds(&output.waited)?,
            reading,
            computing: (elapsed - reading - writing).max(0.0),
            writing,
        })
    }
}

const fn is_zero(count: &usize) -> bool {
    *count == 0
}

/// Transitions of a run, and how many were left out.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Read {
    /// The transitions, the earliest first.
    pub transitions: Vec<Transition>,
    /// How many earlier ones were left out.
    pub omitted: u64,
}

/// A message and its place.
#[derive(Debug, Clone, Copy)]
pub struct StoredMessage<'a> {
    /// Name of the JetStream stream.
    pub stream: &'a str,
    /// Sequence of the message in its stream, from 1.
    pub sequence: u64,
    /// When the broker stored it.
    pub at: SystemTime,
    /// NATS subject of the message.
    pub subject: &'a str,
    /// Body of the message, as it was published.
    pub payload: &'a [u8],
}

/// Where a message stands among those of a run.
type MessageKey = (SystemTime, String, u64);

/// The messages of a run, taken in one by one.
#[derive(Debug, Clone, Default)]
pub struct Timeline {
    /// What each message says; several transitions where it is a settlement and a handoff.
    said: BTreeMap<MessageKey, Vec<Transition>>,
    /// Sequence of the first message of each epoch, which settles nothing.
    first: BTreeMap<u32, u64>,
    begun_at: Option<SystemTime>,
    kept: usize,
    omitted: u64,
}

impl Timeline {
    /// Takes a message in; one that says nothing of a run is passed over.
    ///
    /// # Errors
    /// The contract's, where subject or bytes break it.
    pub fn take(&mut self, stored: StoredMessage<'_>) -> Result<(), ContractError> {
        let subject = subjects::Subject::parse(stored.subject)?;
        let said = if matches!(subject, subjects::Subject::DeadLetter { .. }) {
            let letter = encoding::from_protobuf("DeadLetter", stored.payload)?;
            vec![self::letter(stored, &letter)]
        } else {
            match Record::decode(stored.subject, stored.payload)? {
                Some((_, Record::Handoff(handoff))) => {
                    let first = self.first.entry(handoff.epoch).or_insert(stored.sequence);
                    *first = stored.sequence.min(*first);
                    self.begun_at = Some(self.begun_at.map_or(stored.at, |at| at.min(stored.at)));
                    let handed =
                        blank(stored, handoff.epoch, TransitionKind::HandedOff, &handoff.to_agent);
                    settled(stored, &handoff).into_iter().chain([handed]).collect()
                }
                Some((_, Record::Result(result))) => ended(stored, &result),
                Some((_, Record::Event(event))) => {
                    self::event(stored, &event).into_iter().collect()
                }
                None => Vec::new(),
            }
        };
        self.keep((stored.at, stored.stream.to_owned(), stored.sequence), said);
        Ok(())
    }

    fn keep(&mut self, place: MessageKey, said: Vec<Transition>) {
        if said.is_empty() {
            return;
        }
        self.kept += said.len();
        if let Some(known) = self.said.insert(place, said) {
            self.kept = self.kept.saturating_sub(known.len());
        }
        while self.kept > MAX_TRANSITIONS {
            let Some((_, oldest)) = self.said.pop_first() else { break };
            self.kept = self.kept.saturating_sub(oldest.len());
            self.omitted += u64::try_from(oldest.len()).unwrap_or(u64::MAX);
        }
    }

    /// The transitions, the earliest first.
    #[must_use]
    pub fn finish(self) -> Read {
        let Self { said, first, begun_at, omitted, .. } = self;
        let mut transitions = Vec::new();
        for ((at, stream, sequence), mut of_message) in said {
            let epoch = of_message.first().map_or(0, |transition| transition.epoch);
            if stream == names::STREAM && first.get(&epoch) == Some(&sequence) {
                // It names the stage before it, but nothing was settled by it.
                of_message.retain(|transition| transition.kind == TransitionKind::HandedOff);
                let kind =
                    if epoch == 0 { TransitionKind::Accepted } else { TransitionKind::DrivenAnew };
                let beginning = of_message.first().map(|handed| Transition {
                    kind,
                    agent: names::INTAKE.to_owned(),
                    ..handed.clone()
                });
                transitions.extend(beginning);
            }
            for transition in &mut of_message {
                if matches!(transition.kind, TransitionKind::Ended | TransitionKind::Cancelled) {
                    transition.seconds = begun_at
                        .and_then(|begun| at.duration_since(begun).ok())
                        .map(|lasted| (lasted.as_secs_f64() * 1e3).round() / 1e3);
                }
            }
            transitions.extend(of_message);
        }
        Read { transitions, omitted }
    }
}

fn blank(stored: StoredMessage<'_>, epoch: u32, kind: TransitionKind, agent: &str) -> Transition {
    Transition {
        at: jiff::Timestamp::try_from(stored.at).map(|at| at.to_string()).unwrap_or_default(),
        stream: stored.stream.to_owned(),
        sequence: stored.sequence,
        epoch,
        kind,
        agent: agent.to_owned(),
        attempt: None,
        replica: None,
        seconds: None,
        times: None,
        status: None,
        warnings: 0,
        code: None,
        message: None,
        dead_letter: None,
        reused_from: None,
    }
}

/// The settlement that a handoff or a successful result is.
fn settled(stored: StoredMessage<'_>, handoff: &Handoff) -> Option<Transition> {
    let output = handoff.outputs.last().filter(|output| output.agent == handoff.from_agent)?;
    let of_it = handoff.warnings.iter().filter(|warning| warning.agent == handoff.from_agent);
    let reused_from = text(&output.reused_from);
    let kind = if reused_from.is_some() { TransitionKind::Reused } else { TransitionKind::Settled };
    Some(Transition {
        reused_from,
        attempt: Some(output.attempt),
        replica: Some(output.replica.clone()).filter(|replica| !replica.is_empty()),
        seconds: output.elapsed.as_ref().map(contracts::time::seconds),
        times: Times::of(output),
        status: Some(status(handoff.status()).to_owned()),
        warnings: of_it.count(),
        ..blank(stored, handoff.epoch, kind, &handoff.from_agent)
    })
}

fn ended(stored: StoredMessage<'_>, result: &Handoff) -> Vec<Transition> {
    if result.status() != HandoffStatus::Failed {
        let end = Transition {
            status: Some(status(result.status()).to_owned()),
            ..blank(stored, result.epoch, TransitionKind::Ended, &result.from_agent)
        };
        return settled(stored, result).into_iter().chain([end]).collect();
    }
    let failure = result.failure.clone().unwrap_or_default();
    let cancelled = failure.code == CANCELLED;
    let kind = if cancelled { TransitionKind::Cancelled } else { TransitionKind::Ended };
    let agent = if failure.agent.is_empty() { &result.from_agent } else { &failure.agent };
    vec![Transition {
        attempt: Some(result.attempt).filter(|_| !cancelled),
        status: Some(if cancelled { "cancelled" } else { "failed" }.to_owned()),
        code: text(&failure.code),
        message: text(&failure.message),
        ..blank(stored, result.epoch, kind, agent)
    }]
}

fn event(stored: StoredMessage<'_>, event: &StageEvent) -> Option<Transition> {
    let kind = match event.kind() {
        StageEventKind::Started => TransitionKind::Started,
        StageEventKind::Retrying => TransitionKind::Retrying,
        StageEventKind::Noted => TransitionKind::Noted,
        // The dead letter itself says it, and cannot be lost.
        StageEventKind::DeadLettered | StageEventKind::Progress | StageEventKind::Unspecified => {
            return None;
        }
    };
    let failure = event.failure.as_ref();
    Some(Transition {
        attempt: Some(event.attempt),
        replica: text(&event.replica),
        code: failure.and_then(|failure| text(&failure.code)),
        message: failure.map_or_else(|| text(&event.detail), |failure| text(&failure.message)),
        ..blank(stored, event.epoch, kind, &event.agent)
    })
}

fn letter(stored: StoredMessage<'_>, letter: &DeadLetter) -> Transition {
    let epoch = match subjects::Subject::parse(&letter.subject) {
        Ok(subjects::Subject::Handoff { epoch, .. }) => epoch,
        _ => 0,
    };
    let reason = letter.reason.as_ref();
    Transition {
        attempt: Some(letter.deliveries),
        code: reason.and_then(|reason| text(&reason.code)),
        message: reason.and_then(|reason| text(&reason.message)),
        dead_letter: Some(letter.id.clone()),
        ..blank(stored, epoch, TransitionKind::DeadLettered, &letter.agent)
    }
}

const fn status(status: HandoffStatus) -> &'static str {
    match status {
        HandoffStatus::Partial => "partial",
        HandoffStatus::Failed => "failed",
        HandoffStatus::Success | HandoffStatus::Unspecified => "success",
    }
}

fn text(text: &str) -> Option<String> {
    (!text.is_empty()).then(|| text.chars().take(MAX_TEXT_LENGTH).collect())
}

/// Why the messages of a run could not be read.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The stream could not be read.
    #[error(transparent)]
    Feed(#[from] feed::Error),
    /// The stream stopped giving messages.
    #[error("the messages of run {run} in {stream} did not all come within {} s each", MESSAGE_TIMEOUT.as_secs())]
    Incomplete {
        /// Identifier of the run.
        run: String,
        /// Name of the JetStream stream.
        stream: &'static str,
    },
}

/// What happened to a run; nothing where no stream knows it.
///
/// # Errors
/// Where the streams cannot be read, or not to their ends.
pub async fn read(bus: &Bus, run: &RunId) -> Result<Read, Error> {
    let mut timeline = Timeline::default();
    let letters = Agent::ALL.map(|agent| subjects::dead_letter(agent, Some(run))).to_vec();
    for (stream, subjects) in
        [(names::STREAM, feed::subjects_of(run)), (names::DEAD_LETTERS_STREAM, letters)]
    {
        let mut feed = Feed::open_stream(bus, stream, subjects, 0).await?;
        let mut waiting = feed.backlog();
        while waiting > 0 {
            let incomplete = || Error::Incomplete { run: run.to_string(), stream };
            let next = tokio::time::timeout(MESSAGE_TIMEOUT, feed.next()).await;
            let entry = next.map_err(|_elapsed| incomplete())??.ok_or_else(incomplete)?;
            waiting = entry.pending;
            let stored = StoredMessage {
                stream,
                sequence: entry.sequence,
                at: entry.stored_at,
                subject: &entry.subject,
                payload: &entry.payload,
            };
            if let Err(error) = timeline.take(stored) {
                tracing::debug!(stream, sequence = entry.sequence, %error, "a message could not be read");
            }
        }
    }
    Ok(timeline.finish())
}

#[cfg(test)]
mod tests;
