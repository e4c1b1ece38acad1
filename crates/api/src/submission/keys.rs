//! Requests under a key of their caller's, which begin one run however often they are sent.
//!
//! ```text
//! key ──digest──▶ the run's identity, which the stream has once     body ──digest──▶ a label of the run's request
//! ```
//!
//! So the stream decides, among orchestrators as well and after a restart, for as long as it keeps the run.

use std::time::Duration;

use bus::Bus;
use contracts::{RunId, encoding, failures, subjects};
use reqwest::StatusCode;
use runs::feed::{self, Entry, Feed};
use serde_json::{Map, Value};
use sha2::{Digest as _, Sha256};

use super::SubmittedRun;
use crate::Error;

/// Longest key, in bytes.
const MAX_KEY_BYTES: usize = 255;
/// What the identity of a run begins with that was asked for under a key.
const PREFIX: &str = "key-";
/// Digits of the digest in a run's identity: 160 bits.
const DIGITS: usize = 40;
/// The label with the digest of the body.
const LABEL: &str = "tier0.idempotency";
/// The members with the identity of the run, as JSON and the schema spell it.
const REQUEST_ID: [&str; 2] = ["requestId", "request_id"];
/// How long a message of the stream may take to come.
const MESSAGE_TIMEOUT: Duration = Duration::from_secs(10);

/// A request with the identity that its key gives it, and the digest of what it says as a label.
///
/// # Errors
/// `invalid_request`, where the key is empty, too long or not of visible characters, and where the request has an identity already.
pub(super) fn under(
    mut request: Map<String, Value>,
    key: &str,
) -> Result<Map<String, Value>, Error> {
    let is_key =
        (1..=MAX_KEY_BYTES).contains(&key.len()) && key.bytes().all(|it| it.is_ascii_graphic());
    if !is_key {
        let message =
            format!("Idempotency-Key: expected 1 to {MAX_KEY_BYTES} visible ASCII characters");
        return Err(Error::invalid(message));
    }
    if REQUEST_ID.iter().any(|name| request.contains_key(*name)) {
        let message =
            "requestId: an Idempotency-Key gives the run its identity; expected one of both";
        return Err(Error::invalid(message));
    }
    let said = digest(Value::Object(request.clone()).to_string().as_bytes());
    let labels = request.entry("labels").or_insert_with(|| Value::Object(Map::new()));
    // Labels that are none are refused as every other request's.
    if let Value::Object(labels) = labels {
        labels.insert(LABEL.to_owned(), said.into());
    }
    let identity = digest(key.as_bytes());
    let identity = format!("{PREFIX}{}", identity.get(..DIGITS).unwrap_or(&identity));
    request.insert(REQUEST_ID[0].to_owned(), identity.into());
    Ok(request)
}

/// The run that was begun by the same request under the same key; none where there is none yet, or the request has no key.
///
/// # Errors
/// `idempotency_key_reused` (422), where another request began a run under the key.
pub(super) async fn begun(
    bus: &Bus,
    request: &Map<String, Value>,
) -> Result<Option<SubmittedRun>, Error> {
    let label = |labels: &Value| labels.get(LABEL)?.as_str().map(str::to_owned);
    let said = request.get("labels").and_then(label);
    let identity = request.get(REQUEST_ID[0]).and_then(Value::as_str);
    let (Some(said), Some(identity)) = (said, identity) else { return Ok(None) };
    let run = RunId::new(identity).map_err(|error| Error::invalid(error.to_string()))?;
    let Some(first) = first_label(bus, &run).await? else { return Ok(None) };
    if first == said {
        return Ok(Some(SubmittedRun { run_id: identity.to_owned() }));
    }
    let message = format!(
        "Idempotency-Key: another request began run {identity} under this key; expected a new key for a new request"
    );
    Err(Error::new(StatusCode::UNPROCESSABLE_ENTITY, "idempotency_key_reused", message))
}

/// The label of the request that began a run, empty where it had none; none where there is no such run.
async fn first_label(bus: &Bus, run: &RunId) -> Result<Option<String>, Error> {
    let mut label = None;
    let take = |entry: &Entry| {
        if label.is_none()
            && let Ok(handoff) = encoding::decode_handoff(None, &entry.payload)
        {
            label = Some(handoff.request().labels.get(LABEL).cloned().unwrap_or_default());
        }
    };
    let read = async {
        Feed::open(bus, vec![subjects::chains(run)], 0).await?.rest(MESSAGE_TIMEOUT, take).await
    };
    read.await.map_err(|error: feed::Error| Error::silent(failures::with_causes(&error)))?;
    Ok(label)
}

fn digest(bytes: &[u8]) -> String {
    hex::encode(Sha256::digest(bytes))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test")]

    use serde_json::json;

    use super::*;

    fn keyed(body: Value, key: &str) -> Result<Map<String, Value>, Error> {
        let Value::Object(body) = body else { return Err(Error::invalid("no object")) };
        under(body, key)
    }

    #[test]
    fn a_key_names_the_run_and_the_body_is_a_label() {
        let one = keyed(json!({"text": "train", "seed": 1}), "a").unwrap();
        let same = keyed(json!({"seed": 1, "text": "train"}), "a").unwrap();
        let other_body = keyed(json!({"text": "train", "seed": 2}), "a").unwrap();
        let other_key = keyed(json!({"text": "train", "seed": 1}), "b").unwrap();
        assert_eq!(one, same);
        assert_eq!(one["requestId"], other_body["requestId"]);
        assert_ne!(one["labels"], other_body["labels"]);
        assert_ne!(one["requestId"], other_key["requestId"]);
        assert_eq!(one["labels"], other_key["labels"]);
        assert!(RunId::new(one["requestId"].as_str().unwrap()).is_ok());
        let labelled = keyed(json!({"text": "x", "labels": {"team": "a"}}), "a").unwrap();
        assert_eq!(labelled["labels"]["team"], "a");
    }

    #[test]
    fn what_is_no_key_is_refused() {
        for (body, key) in [
            (json!({}), ""),
            (json!({}), "a b"),
            (json!({}), "ä"),
            (json!({"requestId": "x"}), "a"),
            (json!({"request_id": "x"}), "a"),
        ] {
            assert_eq!(keyed(body, key).unwrap_err().code, "invalid_request", "{key}");
        }
        assert!(keyed(json!({}), &"k".repeat(256)).is_err());
        assert!(keyed(json!({}), &"k".repeat(255)).is_ok());
    }
}
