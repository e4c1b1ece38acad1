//! Snapshots as JetStream gives and takes them: an archive of its own making, in chunks.
//!
//! ```text
//! $JS.API.STREAM.SNAPSHOT.S {deliver_subject} ─▶ {config, state}; chunks at deliver_subject, each acknowledged ─▶ an empty one
//! $JS.API.STREAM.RESTORE.S {config, state} ─▶ {deliver_subject}; chunks there, each acknowledged ─▶ an empty one ─▶ the stream's state
//! ```

use std::time::Duration;

use bus::{Bus, Headers};
use bytes::Bytes;
use futures::StreamExt as _;
use serde::Deserialize;
use serde_json::{Value, json};
use tokio::io::AsyncReadExt as _;

use crate::Error;
use crate::files::{Hashed, failed};

/// Bytes of a chunk.
const CHUNK: usize = 128 << 10;
/// How long the broker may take to look through a stream before its first chunk, and to put a restored one in its place.
const LOOK_TIMEOUT: Duration = Duration::from_secs(300);
/// How long it may take between two chunks.
const CHUNK_TIMEOUT: Duration = Duration::from_secs(30);

/// What the broker answers; an error stands in the place of everything else.
#[derive(Debug, Default, Deserialize)]
struct Answer {
    error: Option<ApiError>,
    #[serde(default)]
    config: Value,
    #[serde(default)]
    state: Value,
    #[serde(default)]
    deliver_subject: String,
    #[serde(default)]
    ack_floor: Position,
}

/// A place in a stream, as a consumer tells it.
#[derive(Debug, Default, Deserialize)]
struct Position {
    #[serde(default)]
    stream_seq: u64,
}

#[derive(Debug, Deserialize)]
struct ApiError {
    #[serde(default)]
    err_code: u64,
    #[serde(default)]
    description: String,
}

/// Error codes of JetStream: there is no such stream, or no such consumer of it.
const STREAM_NOT_FOUND: u64 = 10_059;
const CONSUMER_NOT_FOUND: u64 = 10_014;

/// A stream's configuration and state, as the broker tells them.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Described {
    pub(crate) config: Value,
    pub(crate) state: Value,
}

impl Described {
    /// A number of the state, such as `last_seq`.
    pub(crate) fn number(&self, member: &str) -> u64 {
        self.state.get(member).and_then(Value::as_u64).unwrap_or(0)
    }
}

fn parse(what: &'static str, stream: &str, answer: &[u8]) -> Result<Answer, Error> {
    // A chunk is acknowledged by nothing.
    if answer.is_empty() {
        return Ok(Answer::default());
    }
    let answer: Answer = serde_json::from_slice(answer)?;
    match answer.error {
        Some(error) if [STREAM_NOT_FOUND, CONSUMER_NOT_FOUND].contains(&error.err_code) => {
            Err(Error::NoStream { stream: stream.to_owned() })
        }
        Some(error) => {
            Err(Error::Refused { what, stream: stream.to_owned(), said: error.description })
        }
        None => Ok(answer),
    }
}

async fn ask(
    bus: &Bus,
    verb: &'static str,
    what: &'static str,
    stream: &str,
    request: Value,
) -> Result<Answer, Error> {
    let subject = format!("$JS.API.STREAM.{verb}.{stream}");
    let payload = if request.is_null() { Bytes::new() } else { request.to_string().into() };
    let answer = bus.request(&subject, Headers::new(), payload, LOOK_TIMEOUT).await?;
    parse(what, stream, &answer.payload)
}

/// What a stream is and holds.
pub(crate) async fn describe(bus: &Bus, stream: &str) -> Result<Described, Error> {
    let answer = ask(bus, "INFO", "describe", stream, Value::Null).await?;
    Ok(Described { config: answer.config, state: answer.state })
}

/// Makes an empty stream.
pub(crate) async fn make(bus: &Bus, stream: &str, config: &Value) -> Result<(), Error> {
    ask(bus, "CREATE", "create", stream, config.clone()).await.map(drop)
}

/// Gives a stream another configuration.
pub(crate) async fn update(bus: &Bus, stream: &str, config: &Value) -> Result<(), Error> {
    ask(bus, "UPDATE", "change", stream, config.clone()).await.map(drop)
}

/// Removes a stream with all that it has; one that is not there is no problem.
pub(crate) async fn remove(bus: &Bus, stream: &str) -> Result<(), Error> {
    match ask(bus, "DELETE", "remove", stream, Value::Null).await {
        Err(Error::NoStream { .. }) => Ok(()),
        answer => answer.map(drop),
    }
}

/// A durable consumer's configuration, and the sequence up to which it has settled everything; none where it is not there.
pub(crate) async fn consumer(
    bus: &Bus,
    stream: &str,
    name: &str,
) -> Result<Option<(Value, u64)>, Error> {
    let subject = format!("$JS.API.CONSUMER.INFO.{stream}.{name}");
    let answer = bus.request(&subject, Headers::new(), Bytes::new(), CHUNK_TIMEOUT).await?;
    match parse("describe the consumer", &format!("{stream}/{name}"), &answer.payload) {
        Ok(found) => Ok(Some((found.config, found.ack_floor.stream_seq))),
        Err(Error::NoStream { .. }) => Ok(None),
        Err(error) => Err(error),
    }
}

/// Makes a durable consumer.
pub(crate) async fn make_consumer(
    bus: &Bus,
    stream: &str,
    name: &str,
    config: &Value,
) -> Result<(), Error> {
    let filter = config.get("filter_subject").and_then(Value::as_str).unwrap_or_default();
    let filter = if filter.is_empty() { String::new() } else { format!(".{filter}") };
    let subject = format!("$JS.API.CONSUMER.CREATE.{stream}.{name}{filter}");
    let request = json!({"stream_name": stream, "config": config}).to_string();
    let answer = bus.request(&subject, Headers::new(), request.into(), CHUNK_TIMEOUT).await?;
    parse("make the consumer", &format!("{stream}/{name}"), &answer.payload).map(drop)
}

/// Writes a stream's snapshot, without its consumers, to a file. Its messages' checksums are checked by the broker.
pub(crate) async fn snapshot(
    bus: &Bus,
    stream: &str,
    file: &mut Hashed,
) -> Result<Described, Error> {
    let inbox = bus.client().new_inbox();
    let mut chunks = bus.subscribe(&inbox).await?;
    let request = json!({
        "deliver_subject": inbox, "no_consumers": true, "chunk_size": CHUNK, "jsck": true,
    });
    let answer = ask(bus, "SNAPSHOT", "save", stream, request).await?;
    loop {
        let broken =
            |bytes, said: String| Error::BrokenOff { stream: stream.to_owned(), bytes, said };
        let next = tokio::time::timeout(CHUNK_TIMEOUT, chunks.next()).await;
        let Ok(Some(chunk)) = next else {
            return Err(broken(file.bytes(), "the broker fell silent".to_owned()));
        };
        if let Some(status) = chunk.status.filter(|status| status.as_u16() >= 300) {
            let said =
                chunk.description.map_or_else(|| status.to_string(), |said| said.to_string());
            return Err(broken(file.bytes(), said));
        }
        if chunk.payload.is_empty() && chunk.reply.is_none() {
            break;
        }
        file.write(&chunk.payload)?;
        if let Some(reply) = chunk.reply {
            let sent = bus.client().publish(reply, Bytes::new()).await;
            sent.map_err(|error| broken(file.bytes(), error.to_string()))?;
        }
    }
    Ok(Described { config: answer.config, state: answer.state })
}

/// Makes a stream of a snapshot, with this configuration. The stream is there when all of it came, and not before.
pub(crate) async fn restore(
    bus: &Bus,
    stream: &str,
    saved: &Described,
    path: &std::path::Path,
) -> Result<Described, Error> {
    let request = json!({"config": saved.config, "state": saved.state});
    let to = ask(bus, "RESTORE", "restore", stream, request).await?.deliver_subject;
    let mut file = tokio::fs::File::open(path).await.map_err(failed("open", path))?;
    let mut chunk = vec![0; CHUNK];
    loop {
        let count = file.read(&mut chunk).await.map_err(failed("read", path))?;
        let part = Bytes::copy_from_slice(chunk.get(..count).unwrap_or_default());
        let limit = if count == 0 { LOOK_TIMEOUT } else { CHUNK_TIMEOUT };
        let answer = bus.request(&to, Headers::new(), part, limit).await?;
        let answer = parse("restore", stream, &answer.payload)?;
        if count == 0 {
            return Ok(Described { config: answer.config, state: answer.state });
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test")]

    use super::*;

    #[test]
    fn what_the_broker_refuses_is_told_with_its_words() {
        let refused =
            br#"{"error":{"code":500,"err_code":10047,"description":"insufficient storage"}}"#;
        let error = parse("restore", "TIER0", refused).unwrap_err();
        assert_eq!(error.to_string(), "the broker did not restore TIER0: insufficient storage");
        let missing =
            br#"{"error":{"code":404,"err_code":10059,"description":"stream not found"}}"#;
        assert!(matches!(parse("save", "T", missing).unwrap_err(), Error::NoStream { .. }));
        assert!(parse("restore", "T", b"").unwrap().deliver_subject.is_empty());
        assert!(matches!(parse("save", "T", b"+OK").unwrap_err(), Error::Document(_)));
    }
}
