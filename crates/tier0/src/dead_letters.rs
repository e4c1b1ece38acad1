//! `tier0 dead-letters`: messages that were put aside, and giving them to their agents again.

use std::time::Duration;

use bus::{Bus, original_headers};
use contracts::encoding::{self, Encoding};
use contracts::subjects::Subject;
use contracts::v1::{DeadLetter, Handoff, ScopeRequest, StageEvent, StageEventKind};
use contracts::{Agent, RunId, names, subjects};
use runs::control::Control;
use runs::feed::{Entry, Feed};
use runs::recovery::{self, OriginalMessage};
use serde::Serialize;
use serde_json::{Value, json};
use terminal::or_none;
use terminal::{Console, table};

use crate::cli::{DeadLettersCommand, Global};
use crate::connect::Address;
use crate::error::FAILED;
use crate::runs::whoami;
use crate::{Error, submit};

/// How long each stored message may take to come.
const MESSAGE_TIMEOUT: Duration = Duration::from_secs(10);
/// Most events of a stage that are shown; the last ones.
const MAX_ATTEMPTS: usize = 50;

/// A dead letter and its place in the stream.
struct StoredDeadLetter {
    sequence: u64,
    letter: DeadLetter,
}

/// `tier0 dead-letters`; gives the exit code.
pub(crate) async fn run(
    command: &DeadLettersCommand,
    global: &Global,
    console: &Console,
) -> Result<u8, Error> {
    let bus = Address::find(global)?.connect().await?;
    let letters = read(&bus).await?;
    match command {
        DeadLettersCommand::List => {
            let rows: Vec<Vec<String>> = letters.iter().map(|kept| line(&kept.letter)).collect();
            let documents: Vec<Value> = letters.iter().map(|kept| document(&kept.letter)).collect();
            console.answer(&json!({"dead_letters": documents}), || {
                or_none("no dead letters", &["id", "agent", "run", "deliveries", "reason"], &rows)
            })?;
            Ok(0)
        }
        DeadLettersCommand::Show { id } => {
            let letter = &find(&letters, id)?.letter;
            let attempts = attempts(&bus, letter).await?;
            let mut document = document(letter);
            let (message, problem) = decoded(letter);
            if let Some(document) = document.as_object_mut() {
                document.insert("attempts".to_owned(), json!(attempts));
                document.insert("message".to_owned(), message.clone());
                document.insert("problem".to_owned(), json!(problem));
            }
            console.answer(&document, || text(letter, &attempts, &message, problem.as_deref()))?;
            Ok(0)
        }
        DeadLettersCommand::Replay { id: Some(id), .. } => {
            let replayed = replay(&bus, find(&letters, id)?).await?;
            console.answer(&json!({"replayed": [replayed]}), || replayed.line())?;
            Ok(0)
        }
        DeadLettersCommand::Replay { id: None, .. } => replay_all(&bus, &letters, console).await,
    }
}

/// All dead letters, the oldest first.
async fn read(bus: &Bus) -> Result<Vec<StoredDeadLetter>, Error> {
    let mut letters = Vec::new();
    let mut feed = Feed::open_stream(bus, names::DEAD_LETTERS_STREAM, Vec::new(), 0).await?;
    let take = |entry: &Entry| match encoding::from_protobuf("DeadLetter", &entry.payload) {
        Ok(letter) => letters.push(StoredDeadLetter { sequence: entry.sequence, letter }),
        Err(error) => {
            tracing::warn!(sequence = entry.sequence, %error, "a dead letter could not be read")
        }
    };
    feed.rest(MESSAGE_TIMEOUT, take).await?;
    Ok(letters)
}

fn find<'a>(letters: &'a [StoredDeadLetter], id: &str) -> Result<&'a StoredDeadLetter, Error> {
    letters.iter().rev().find(|kept| kept.letter.id == *id).ok_or_else(|| {
        let known = letters.iter().rev().map(|kept| kept.letter.id.clone()).collect();
        Error::Unknown { kind: "dead letter", name: id.to_owned(), known }
    })
}

fn line(letter: &DeadLetter) -> Vec<String> {
    let reason = letter.reason.as_ref().map(|reason| reason.message.clone()).unwrap_or_default();
    vec![
        letter.id.clone(),
        letter.agent.clone(),
        letter.run_id.clone(),
        letter.deliveries.to_string(),
        reason,
    ]
}

fn document(letter: &DeadLetter) -> Value {
    let reason = letter.reason.clone().unwrap_or_default();
    json!({
        "id": letter.id,
        "agent": letter.agent,
        "run_id": letter.run_id,
        "subject": letter.subject,
        "deliveries": letter.deliveries,
        "at": letter.at.as_ref().and_then(instant),
        "bytes": letter.payload.len(),
        "truncated": letter.truncated,
        "headers": letter.headers,
        "reason": {"code": reason.code, "message": reason.message},
    })
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
            Some(contracts::failures::with_causes(&error)),
        ),
    }
}

/// What happened at one attempt to handle the message.
#[derive(Debug, Serialize)]
struct Attempt {
    attempt: u32,
    kind: &'static str,
    at: Option<String>,
    replica: String,
    code: Option<String>,
    message: Option<String>,
}

/// What the stage told of its attempts; nothing where no run could be told.
async fn attempts(bus: &Bus, letter: &DeadLetter) -> Result<Vec<Attempt>, Error> {
    let Ok(Subject::Handoff { agent, run, epoch, .. }) = Subject::parse(&letter.subject) else {
        return Ok(Vec::new());
    };
    let mut attempts = Vec::new();
    let mut feed = Feed::open(bus, vec![subjects::event(&run, agent)], 0).await?;
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
        attempts.push(Attempt {
            attempt: event.attempt,
            kind,
            at: event.at.as_ref().and_then(instant),
            replica: event.replica.clone(),
            code,
            message,
        });
    };
    feed.rest(MESSAGE_TIMEOUT, take).await?;
    Ok(attempts.split_off(attempts.len().saturating_sub(MAX_ATTEMPTS)))
}

fn text(
    letter: &DeadLetter,
    attempts: &[Attempt],
    message: &Value,
    problem: Option<&str>,
) -> String {
    let reason = letter.reason.clone().unwrap_or_default();
    let run = if letter.run_id.is_empty() { "-" } else { &letter.run_id };
    let at = letter.at.as_ref().and_then(instant).unwrap_or_else(|| "-".to_owned());
    let mut lines = vec![
        format!("dead letter {}", letter.id),
        format!("agent       {}", letter.agent),
        format!("run         {run}"),
        format!("subject     {}", letter.subject),
        format!("put aside   {at}, after {} deliveries", letter.deliveries),
        format!("reason      {}: {}", reason.code, reason.message),
        format!(
            "message     {} bytes{}",
            letter.payload.len(),
            if letter.truncated { ", the rest was cut" } else { "" }
        ),
    ];
    if !attempts.is_empty() {
        let rows: Vec<Vec<String>> = attempts
            .iter()
            .map(|attempt| {
                vec![
                    attempt.attempt.to_string(),
                    attempt.kind.to_owned(),
                    attempt.at.clone().unwrap_or_default(),
                    attempt.replica.clone(),
                    attempt.message.clone().unwrap_or_default(),
                ]
            })
            .collect();
        lines.push(String::new());
        lines.push(table(&["attempt", "what", "when", "replica", "why"], &rows));
    }
    lines.push(String::new());
    if let Some(problem) = problem {
        lines.push(format!("the message cannot be read: {problem}"));
    }
    if !message.is_null() {
        lines.push(serde_json::to_string_pretty(message).unwrap_or_default());
    }
    lines.join("\n")
}

/// A message that was given to its agent again.
#[derive(Debug, Serialize)]
struct ReplayedMessage {
    id: String,
    run_id: String,
    epoch: u32,
    from: String,
}

impl ReplayedMessage {
    fn line(&self) -> String {
        format!(
            "dead letter {} was taken up as run {} (epoch {}) at {}; follow it with `tier0 runs watch {}`",
            self.id, self.run_id, self.epoch, self.from, self.run_id
        )
    }
}

/// A message that was not.
#[derive(Debug, Serialize)]
struct FailedReplay {
    id: String,
    code: String,
    reason: String,
}

async fn replay_all(
    bus: &Bus,
    letters: &[StoredDeadLetter],
    console: &Console,
) -> Result<u8, Error> {
    let (mut replayed, mut refused) = (Vec::new(), Vec::new());
    for kept in letters {
        match replay(bus, kept).await {
            Ok(done) => replayed.push(done),
            Err(error @ (Error::Control(_) | Error::RefusedAgain { .. } | Error::Contract(_))) => {
                refused.push(FailedReplay {
                    id: kept.letter.id.clone(),
                    code: error.code().to_owned(),
                    reason: error.with_causes(),
                });
            }
            // The fleet itself does not answer: the others would fare no better.
            Err(error) => return Err(error),
        }
    }
    console.answer(&json!({"replayed": replayed, "refused": refused}), || {
        if replayed.is_empty() && refused.is_empty() {
            return "no dead letters".to_owned();
        }
        let refused = refused.iter().map(|refused| format!("{}: {}", refused.id, refused.reason));
        replayed.iter().map(ReplayedMessage::line).chain(refused).collect::<Vec<_>>().join("\n")
    })?;
    Ok(if refused.is_empty() { 0 } else { FAILED })
}

/// Gives a message to its agent again. The letter of one that was dealt with is removed.
async fn replay(bus: &Bus, kept: &StoredDeadLetter) -> Result<ReplayedMessage, Error> {
    let letter = &kept.letter;
    let original = recovery::original(letter).map_err(runs::control::Error::Refused)?;
    let replayed = match original {
        OriginalMessage::Request => {
            let reply =
                submit::ask(bus, original_headers(letter), letter.payload.clone().into()).await?;
            if !reply.accepted {
                // It has been put aside anew, with the reason of now.
                remove(bus, kept).await;
                let reason = reply.error.unwrap_or_default().message;
                return Err(Error::RefusedAgain { id: letter.id.clone(), reason });
            }
            ReplayedMessage {
                id: letter.id.clone(),
                run_id: reply.run_id,
                epoch: 0,
                from: Agent::ScopeDefiner.to_string(),
            }
        }
        OriginalMessage::Handoff(handoff) => {
            let run: &RunId = handoff.run_id();
            let retried = Control::new(bus.clone()).replay(run, letter, &whoami()).await?;
            ReplayedMessage {
                id: letter.id.clone(),
                run_id: retried.run_id,
                epoch: retried.epoch,
                from: retried.from,
            }
        }
    };
    remove(bus, kept).await;
    Ok(replayed)
}

/// Removes a letter whose message was dealt with. One that stays can be replayed again, which changes nothing.
async fn remove(bus: &Bus, kept: &StoredDeadLetter) {
    let removed = bus.remove_message(names::DEAD_LETTERS_STREAM, kept.sequence).await;
    if let Err(error) = removed {
        tracing::warn!(id = kept.letter.id, %error, "a dead letter that was taken up could not be removed");
    }
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
