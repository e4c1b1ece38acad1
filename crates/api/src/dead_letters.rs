//! Messages that were put aside: listed, shown with what was tried, and given to their agents again.

use std::collections::BTreeMap;
use std::time::Duration;

use bus::{Bus, original_headers};
use contracts::encoding::{self, Encoding};
use contracts::subjects::Subject;
use contracts::v1::{DeadLetter, Handoff, ScopeRequest, StageEvent, StageEventKind};
use contracts::{Agent, DeadLetterKind, failures, names, subjects};
use reqwest::StatusCode;
use runs::control::Control;
use runs::feed::{self, Entry, Feed};
use runs::recovery::{self, OriginalMessage};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::error::MAX_SUGGESTIONS;
use crate::query::{limit, place_after};
use crate::{Broker, Change, Error, Query, submission};

/// How long each stored message may take to come.
const MESSAGE_TIMEOUT: Duration = Duration::from_secs(10);
/// Most events of a stage that are shown; the last ones.
const MAX_ATTEMPTS: usize = 50;

/// A dead letter and its place in the stream.
struct StoredDeadLetter {
    sequence: u64,
    letter: DeadLetter,
}

/// What an API says that knows no kinds yet.
fn failed_message() -> String {
    DeadLetterKind::FailedMessage.to_string()
}

/// A message that was put aside.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct DeadLetterView {
    /// Id of the dead letter: stream and sequence of its message, such as `TIER0.42`.
    pub id: String,
    /// `refused_request`: refused for what it says, and its requester was told why; `failed_message`: the fleet could not handle it.
    #[serde(default = "failed_message")]
    #[schemars(extend("enum" = ["refused_request", "failed_message"]))]
    pub kind: String,
    /// The agent that could not handle it.
    pub agent: String,
    /// Identifier of the run; empty where none could be told.
    pub run_id: String,
    /// Subject of the message.
    pub subject: String,
    /// How often it was delivered.
    pub deliveries: u32,
    /// When it was put aside, RFC 3339 in UTC.
    pub at: Option<String>,
    /// Size of the message that is kept, in bytes.
    pub bytes: usize,
    /// Whether only the beginning of the message is kept.
    pub truncated: bool,
    /// Headers of the message.
    pub headers: BTreeMap<String, String>,
    /// Why it was put aside.
    pub reason: ReasonView,
}

/// Why a message was put aside.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ReasonView {
    /// Stable code in snake_case, for programs.
    pub code: String,
    /// The same in words, for people.
    pub message: String,
}

/// A page of dead letters, the oldest first.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct DeadLettersDocument {
    /// The dead letters of the page.
    pub dead_letters: Vec<DeadLetterView>,
    /// Where there are more: what `after` has to be to get them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next: Option<String>,
}

/// A dead letter with what was tried and what it says.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct DeadLetterDocument {
    /// The dead letter.
    #[serde(flatten)]
    pub letter: DeadLetterView,
    /// What the stage told of its attempts.
    pub attempts: Vec<AttemptView>,
    /// The message as canonical JSON, as far as it can be shown; null where it cannot.
    pub message: Value,
    /// Why the message cannot be read; none where it can.
    pub problem: Option<String>,
}

/// What happened at one attempt to handle the message.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[schemars(rename = "DeliveryAttemptView")]
pub struct AttemptView {
    /// Number of the delivery, from 1.
    pub attempt: u32,
    /// `started`, `retrying` or `dead_lettered`.
    pub kind: String,
    /// When, RFC 3339 in UTC.
    pub at: Option<String>,
    /// Identity of the agent's replica.
    pub replica: String,
    /// Why it failed, as a stable identifier.
    pub code: Option<String>,
    /// Why it failed, in words.
    pub message: Option<String>,
}

/// A message that was given to its agent again.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ReplayedMessage {
    /// Id of the dead letter, which is gone.
    pub id: String,
    /// Identifier of the run.
    pub run_id: String,
    /// Number of the epoch that was begun.
    pub epoch: u32,
    /// Name of the agent that the epoch begins at.
    pub from: String,
}

/// A page of dead letters, the oldest first.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct ListDeadLetters {
    /// Of this kind only: `refused_request` or `failed_message`.
    #[schemars(extend("enum" = ["refused_request", "failed_message"]))]
    pub kind: Option<String>,
    /// Those behind the one with this id.
    pub after: Option<String>,
    /// Most of them, 1 to 1000; 100 where it is left out.
    #[schemars(range(min = 1, max = 1000))]
    pub limit: Option<usize>,
}

impl Query for ListDeadLetters {
    const ROUTE: &'static str = "/api/v1/dead-letters";
    const EXPECTED: &'static str = "kind (refused_request or failed_message), after (a dead letter) and limit (1 to 1000), all optional";
    type Answer = DeadLettersDocument;

    async fn read(&self, broker: &Broker) -> Result<DeadLettersDocument, Error> {
        let limit = limit(self.limit)?;
        let kind = self.kind.as_deref();
        if kind.is_some_and(|kind| DeadLetterKind::ALL.iter().all(|known| known.as_str() != kind)) {
            return Err(Error::invalid("kind: expected refused_request or failed_message"));
        }
        let letters = read(&broker.bus).await?;
        let begin = place_after(&letters, self.after.as_deref(), |kept| &kept.letter.id)?;
        let views = letters.iter().skip(begin).map(|kept| DeadLetterView::from(&kept.letter));
        let mut dead_letters: Vec<DeadLetterView> =
            views.filter(|letter| kind.is_none_or(|kind| letter.kind == kind)).collect();
        let more = dead_letters.len() > limit;
        dead_letters.truncate(limit);
        let next = dead_letters.last().map(|last| last.id.clone()).filter(|_| more);
        Ok(DeadLettersDocument { dead_letters, next })
    }
}

/// One dead letter with what was tried and what it says.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct ShowDeadLetter {
    /// Id of the dead letter.
    #[schemars(extend("examples" = ["TIER0.42"]))]
    pub id: String,
}

impl Query for ShowDeadLetter {
    const ROUTE: &'static str = "/api/v1/dead-letters/{id}";
    type Answer = DeadLetterDocument;

    async fn read(&self, broker: &Broker) -> Result<DeadLetterDocument, Error> {
        let letter = find(read(&broker.bus).await?, &self.id)?.letter;
        let attempts = attempts(&broker.bus, &letter).await?;
        let (message, problem) = decoded(&letter);
        Ok(DeadLetterDocument { letter: (&letter).into(), attempts, message, problem })
    }
}

/// A message given to its agent again. The letter of one that was dealt with is removed.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct ReplayDeadLetter {
    /// Id of the dead letter.
    #[schemars(extend("examples" = ["TIER0.42"]))]
    pub id: String,
}

impl Change for ReplayDeadLetter {
    const ROUTE: &'static str = "/api/v1/dead-letters/{id}/replay";
    type Answer = ReplayedMessage;

    async fn make(&self, broker: &Broker, by: &str) -> Result<ReplayedMessage, Error> {
        let bus = &broker.bus;
        let kept = find(read(bus).await?, &self.id)?;
        let letter = &kept.letter;
        let original = recovery::original(letter).map_err(runs::control::Error::Refused)?;
        let (run_id, epoch, from) = match original {
            OriginalMessage::Request => {
                let payload = letter.payload.clone().into();
                let reply = submission::ask(bus, original_headers(letter), payload).await?;
                if !reply.accepted {
                    // It has been put aside anew, with the reason of now.
                    remove(bus, &kept).await;
                    let reason = reply.error.unwrap_or_default().message;
                    let message = format!(
                        "the message of dead letter {} was refused again: {reason}",
                        letter.id
                    );
                    return Err(Error::new(StatusCode::CONFLICT, "refused_again", message));
                }
                (reply.run_id, 0, Agent::ScopeDefiner.to_string())
            }
            OriginalMessage::Handoff(handoff) => {
                let control = Control::new(bus.clone());
                let retried = control.replay(handoff.run_id(), letter, by).await?;
                (retried.run_id, retried.epoch, retried.from)
            }
        };
        remove(bus, &kept).await;
        Ok(ReplayedMessage { id: letter.id.clone(), run_id, epoch, from })
    }
}

/// All dead letters, the oldest first.
async fn read(bus: &Bus) -> Result<Vec<StoredDeadLetter>, Error> {
    let mut letters = Vec::new();
    let take = |entry: &Entry| match encoding::from_protobuf("DeadLetter", &entry.payload) {
        Ok(letter) => letters.push(StoredDeadLetter { sequence: entry.sequence, letter }),
        Err(error) => {
            tracing::warn!(sequence = entry.sequence, %error, "a dead letter could not be read");
        }
    };
    let read = async {
        let mut feed = Feed::open_stream(bus, names::DEAD_LETTERS_STREAM, Vec::new(), 0).await?;
        feed.rest(MESSAGE_TIMEOUT, take).await
    };
    read.await.map_err(unread)?;
    Ok(letters)
}

#[allow(clippy::needless_pass_by_value, reason = "the argument of map_err")]
fn unread(error: feed::Error) -> Error {
    let message = format!("the dead letters could not be read: {}", failures::with_causes(&error));
    Error::new(StatusCode::BAD_GATEWAY, "broker", message)
}

fn find(letters: Vec<StoredDeadLetter>, id: &str) -> Result<StoredDeadLetter, Error> {
    let known = letters.iter().rev().map(|kept| kept.letter.id.clone());
    let known = known.take(MAX_SUGGESTIONS).collect();
    letters.into_iter().rev().find(|kept| kept.letter.id == *id).ok_or_else(|| {
        let message = format!("there is no dead letter `{id}`");
        let unknown = Error::new(StatusCode::NOT_FOUND, "dead_letter_not_found", message);
        unknown.about("dead letter", id, known)
    })
}

/// Removes a letter whose message was dealt with. One that stays can be replayed again, which changes nothing.
async fn remove(bus: &Bus, kept: &StoredDeadLetter) {
    let removed = bus.remove_message(names::DEAD_LETTERS_STREAM, kept.sequence).await;
    if let Err(error) = removed {
        tracing::warn!(id = kept.letter.id, %error, "a dead letter that was taken up could not be removed");
    }
}

impl From<&DeadLetter> for DeadLetterView {
    fn from(letter: &DeadLetter) -> Self {
        let reason = letter.reason.clone().unwrap_or_default();
        Self {
            id: letter.id.clone(),
            kind: DeadLetterKind::of(letter).to_string(),
            agent: letter.agent.clone(),
            run_id: letter.run_id.clone(),
            subject: letter.subject.clone(),
            deliveries: letter.deliveries,
            at: letter.at.as_ref().and_then(instant),
            bytes: letter.payload.len(),
            truncated: letter.truncated,
            headers: letter.headers.clone(),
            reason: ReasonView { code: reason.code, message: reason.message },
        }
    }
}

/// RFC 3339 in UTC.
fn instant(at: &pbjson_types::Timestamp) -> Option<String> {
    jiff::Timestamp::new(at.seconds, at.nanos).ok().map(|at| at.to_string())
}

/// The message as canonical JSON, as far as it can be shown, and why it cannot be read; its rules are not checked.
fn decoded(letter: &DeadLetter) -> (Value, Option<String>) {
    if letter.truncated {
        return (Value::Null, Some("only its beginning is kept".to_owned()));
    }
    let content_type = letter.headers.get(names::CONTENT_TYPE).map(String::as_str);
    let decoded = Encoding::detect(content_type, &letter.payload).and_then(|kind| {
        let bytes = letter.payload.as_slice();
        match (Subject::parse(&letter.subject)?, kind) {
            (Subject::Request, Encoding::Json) => encoding::to_json(
                "ScopeRequest",
                &encoding::from_json::<ScopeRequest>("ScopeRequest", bytes)?,
            ),
            (Subject::Request, Encoding::Protobuf) => encoding::to_json(
                "ScopeRequest",
                &encoding::from_protobuf::<ScopeRequest>("ScopeRequest", bytes)?,
            ),
            (_, Encoding::Json) => {
                let handoff = encoding::from_json::<Handoff>("Handoff", bytes)?;
                encoding::to_json("Handoff", &encoding::unpacked(handoff)?)
            }
            (_, Encoding::Protobuf) => {
                let handoff = encoding::from_protobuf::<Handoff>("Handoff", bytes)?;
                encoding::to_json("Handoff", &encoding::unpacked(handoff)?)
            }
        }
    });
    match decoded {
        Ok(message) => (message, None),
        // JSON that breaks the contract can be looked at all the same.
        Err(error) => (
            serde_json::from_slice(&letter.payload).unwrap_or_default(),
            Some(failures::with_causes(&error)),
        ),
    }
}

/// What the stage told of its attempts; nothing where no run could be told.
async fn attempts(bus: &Bus, letter: &DeadLetter) -> Result<Vec<AttemptView>, Error> {
    let Ok(Subject::Handoff { agent, run, epoch, .. }) = Subject::parse(&letter.subject) else {
        return Ok(Vec::new());
    };
    let mut attempts = Vec::new();
    let take = |entry: &Entry| {
        let Ok(event) = encoding::from_protobuf::<StageEvent>("StageEvent", &entry.payload) else {
            return;
        };
        let kind = match event.kind() {
            StageEventKind::Started => "started",
            StageEventKind::Retrying => "retrying",
            StageEventKind::DeadLettered => "dead_lettered",
            StageEventKind::Progress | StageEventKind::Noted | StageEventKind::Unspecified => {
                return;
            }
        };
        if event.epoch != epoch {
            return;
        }
        let (code, message) =
            event.failure.clone().map(|failure| (failure.code, failure.message)).unzip();
        attempts.push(AttemptView {
            attempt: event.attempt,
            kind: kind.to_owned(),
            at: event.at.as_ref().and_then(instant),
            replica: event.replica.clone(),
            code,
            message,
        });
    };
    let read = async {
        let mut feed = Feed::open(bus, vec![subjects::event(&run, agent)], 0).await?;
        feed.rest(MESSAGE_TIMEOUT, take).await
    };
    read.await.map_err(unread)?;
    Ok(attempts.split_off(attempts.len().saturating_sub(MAX_ATTEMPTS)))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test")]

    use super::*;

    fn letter(subject: &str, payload: &[u8]) -> DeadLetter {
        DeadLetter { subject: subject.into(), payload: payload.to_vec(), ..DeadLetter::default() }
    }

    #[test]
    fn messages_are_shown_where_they_can_be_read() {
        let (message, problem) =
            decoded(&letter(subjects::REQUEST, br#"{"text": "train", "seed": "7"}"#));
        assert_eq!((message["text"].as_str(), problem), (Some("train"), None));
        let handoff = Handoff { schema_version: "2.0".into(), ..Handoff::default() };
        let bytes = encoding::encode(&handoff);
        let subject = "tier0.v1.handoff.model-trainer.r1.0";
        let (message, problem) = decoded(&letter(subject, &bytes));
        assert_eq!((message["schemaVersion"].as_str(), problem), (Some("2.0"), None));
        let (message, problem) = decoded(&letter(subjects::REQUEST, br#"{"colour": "blue"}"#));
        assert_eq!(message["colour"].as_str(), Some("blue"));
        assert!(problem.unwrap().contains("colour"));
        let (message, problem) = decoded(&letter(subject, b"\xff\xfe garbage"));
        assert!(message.is_null() && problem.is_some());
        let cut = DeadLetter { truncated: true, ..letter(subject, b"") };
        assert_eq!(decoded(&cut).1.as_deref(), Some("only its beginning is kept"));
    }
}
