//! `POST /api/v1/endpoints/E/feedback`: outcomes of predictions, all of them or none.

use std::borrow::Cow;
use std::collections::BTreeSet;
use std::time::SystemTime;

use api::monitoring::{self, FeedbackDocument, Outcomes};
use api::{Broker, Error, without_values};
use axum::extract::rejection::BytesRejection;
use axum::extract::{DefaultBodyLimit, Path, State};
use axum::http::StatusCode;
use axum::routing::post;
use axum::{Json, Router, middleware};
use bus::PublishedOnce;
use bytes::Bytes;
use contracts::v1::Feedback;
use contracts::{failures, time};
use futures::{StreamExt as _, TryStreamExt as _, stream};
use pbjson_types::Timestamp;
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::Deserialize;
use serde_json::Value;

use super::requests::{ApiError, own_pages};

/// The path that takes outcomes.
pub(super) const ROUTE: &str = "/api/v1/endpoints/{endpoint}/feedback";
/// Most messages of one request.
pub(super) const MAX_FEEDBACK: usize = 10_000;
/// Largest body of a request, in bytes.
const MAX_BODY_BYTES: usize = 8 << 20;
/// How a day is written.
const DAY_FORM: &str = "2026-11-25";
/// What makes a day the last moment of it, in UTC.
const END_OF_DAY: &str = "T23:59:59.999999Z";
/// Messages that are being stored at a time.
const MAX_IN_FLIGHT: usize = 32;

/// The route that takes outcomes.
pub fn feedback(broker: Broker) -> Router {
    Router::new()
        .route(ROUTE, post(take))
        .layer(DefaultBodyLimit::max(MAX_BODY_BYTES))
        .layer(middleware::from_fn(own_pages))
        .with_state(broker)
}

async fn take(
    State(broker): State<Broker>,
    Path(endpoint): Path<String>,
    body: Result<Bytes, BytesRejection>,
) -> Result<(StatusCode, Json<FeedbackDocument>), ApiError> {
    let body = body.map_err(|rejection| {
        if rejection.status() == StatusCode::PAYLOAD_TOO_LARGE {
            let message =
                format!("the body is too large; at most {MAX_BODY_BYTES} bytes are taken");
            return Error::new(StatusCode::PAYLOAD_TOO_LARGE, "too_large", message);
        }
        Error::invalid("the body could not be read")
    })?;
    monitoring::known(&broker.registry, &endpoint).await?;
    let messages = messages(&endpoint, &body, SystemTime::now())?;
    let feedback_ids = messages.iter().map(|message| message.feedback_id.clone()).collect();
    let bus = &broker.bus;
    let stored: Vec<PublishedOnce> = stream::iter(messages)
        .map(|message| async move { monitoring::publish(bus, &message).await })
        .buffer_unordered(MAX_IN_FLIGHT)
        .try_collect()
        .await
        .map_err(|error| {
            let why = failures::with_causes(&error);
            let message = format!("{why}; send it again, what was stored is not counted twice");
            Error::new(StatusCode::SERVICE_UNAVAILABLE, "broker", message)
        })?;
    let is_new = |stored: &&PublishedOnce| matches!(stored, PublishedOnce::Stored { .. });
    let published = stored.iter().filter(is_new).count();
    let duplicates = stored.len() - published;
    let document = FeedbackDocument { feedback_ids, published, duplicates };
    Ok((StatusCode::ACCEPTED, Json(document)))
}

/// One element as it is written: outcomes of the rows of a request, or of an entity.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub(super) struct FeedbackBody {
    /// Identity of the request, as its answer has it; else an entity is meant.
    request_id: Option<String>,
    /// Whom the outcome is of; else a request is meant.
    entity_id: Option<String>,
    /// A class or a number; null where it is not known. In place of `outcomes`.
    #[schemars(schema_with = "outcome")]
    outcome: Option<Value>,
    /// One for each row of the request, in its order.
    #[schemars(with = "Option<Vec<Outcome>>")]
    outcomes: Option<Vec<Value>>,
    /// When it was observed: a day, which is the whole day, or a time as in RFC 3339. Now, where it is left out.
    #[schemars(extend("examples" = ["2026-11-25", "2026-11-25T12:00:00Z"]))]
    observed_at: Option<String>,
    /// Identity of the message; a digest of what it says where it is left out.
    feedback_id: Option<String>,
}

/// What became of a row, as JSON.
enum Outcome {}

impl JsonSchema for Outcome {
    fn schema_name() -> Cow<'static, str> {
        "Outcome".into()
    }

    fn inline_schema() -> bool {
        true
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        outcome(generator)
    }
}

fn outcome(_: &mut SchemaGenerator) -> Schema {
    json_schema!({"type": ["string", "number", "boolean", "null"]})
}

/// Reads a body: one element, or `feedback` with many. Every element is right, or nothing is taken.
fn messages(endpoint: &str, body: &[u8], at: SystemTime) -> Result<Vec<Feedback>, Error> {
    let document: Value = serde_json::from_slice(body)
        .map_err(|error| Error::invalid(format!("the body is no JSON: {error}")))?;
    let Value::Object(mut members) = document else {
        return Err(Error::invalid("the body: expected an object, or {\"feedback\": [...]}"));
    };
    let elements = match members.remove("feedback") {
        None => vec![(String::new(), Value::Object(members))],
        Some(_) if !members.is_empty() => {
            return Err(Error::invalid("the body: expected nothing beside `feedback`"));
        }
        Some(Value::Array(elements)) => {
            let named = elements.into_iter().enumerate();
            named.map(|(index, element)| (format!("feedback[{index}]: "), element)).collect()
        }
        Some(_) => return Err(Error::invalid("feedback: expected an array")),
    };
    if elements.is_empty() {
        return Err(Error::invalid("feedback: is empty"));
    }
    if elements.len() > MAX_FEEDBACK {
        return Err(Error::invalid(format!(
            "feedback: has {} elements; at most {MAX_FEEDBACK} are taken",
            elements.len()
        )));
    }
    let mut ids = BTreeSet::new();
    let mut messages = Vec::with_capacity(elements.len());
    for (place, element) in elements {
        let wrong = |problem: &str| Error::invalid(format!("{place}{problem}"));
        let element: FeedbackBody = serde_json::from_value(element)
            .map_err(|error| wrong(without_values(&error.to_string())))?;
        let names_itself = element.feedback_id.is_some();
        let outcomes = element.read().map_err(|problem| wrong(&problem))?;
        let message = outcomes
            .message(endpoint, at)
            .map_err(|error| wrong(&failures::with_causes(&error)))?;
        // Of two with one identity the second would not be stored; where it is the digest, they say the same.
        if !ids.insert(message.feedback_id.clone()) && names_itself {
            return Err(wrong("feedback_id: is that of another element"));
        }
        messages.push(message);
    }
    Ok(messages)
}

impl FeedbackBody {
    fn read(self) -> Result<Outcomes, String> {
        let given = |id: Option<String>| id.unwrap_or_default();
        let (request_id, entity_id) = (given(self.request_id), given(self.entity_id));
        if request_id.is_empty() == entity_id.is_empty() {
            return Err("expected either request_id or entity_id".to_owned());
        }
        let values = match (self.outcome, self.outcomes) {
            (Some(outcome), None) => vec![outcome],
            (None, Some(outcomes)) => outcomes,
            (None, None) => return Err("expected outcome or outcomes".to_owned()),
            (Some(_), Some(_)) => return Err("expected either outcome or outcomes".to_owned()),
        };
        let texts = values.into_iter().enumerate().map(|(index, value)| {
            text(value).ok_or_else(|| {
                format!("outcomes[{index}]: expected a text, a number, true, false or null")
            })
        });
        let outcomes = Outcomes {
            request_id,
            entity_id,
            outcomes: texts.collect::<Result<_, _>>()?,
            observed_at: self.observed_at.as_deref().map(instant).transpose()?,
            feedback_id: self.feedback_id,
        };
        if outcomes.says_nothing() {
            return Err("outcomes: expected one at least that is known".to_owned());
        }
        Ok(outcomes)
    }
}

/// An outcome as it travels: a class or a number as text; empty where it is not known.
fn text(value: Value) -> Option<String> {
    match value {
        Value::Null => Some(String::new()),
        Value::String(text) => Some(text),
        Value::Bool(value) => Some(value.to_string()),
        Value::Number(number) => Some(match (number.as_i64(), number.as_f64()) {
            // As a table has it: 1.0 is the class 1.
            (None, Some(value)) => format!("{value}"),
            _ => number.to_string(),
        }),
        Value::Array(_) | Value::Object(_) => None,
    }
}

fn instant(text: &str) -> Result<Timestamp, String> {
    let parse = |text: String| serde_json::from_value::<Timestamp>(Value::String(text)).ok();
    // A day is the whole day.
    let is_day = text.len() == DAY_FORM.len() && !text.contains('T');
    let read = if is_day { parse(format!("{text}{END_OF_DAY}")) } else { parse(text.to_owned()) };
    read.filter(|at| time::system_time(at).is_some()).ok_or_else(|| {
        format!(
            "observed_at: expected a day such as {DAY_FORM} or a time such as 2026-11-25T12:00:00Z"
        )
    })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test")]

    use super::*;

    fn read(body: &str) -> Result<Vec<Feedback>, String> {
        messages("churn", body.as_bytes(), SystemTime::now()).map_err(|error| {
            let found = (error.status, error.code.as_str());
            assert_eq!(found, (StatusCode::BAD_REQUEST, "invalid_request"));
            error.message
        })
    }

    #[test]
    fn one_or_many_are_read() {
        let one = read(r#"{"entity_id": "H1", "outcome": "Yes"}"#).unwrap();
        assert_eq!((one[0].entity_id.as_str(), one[0].outcomes[0].as_str()), ("H1", "Yes"));
        let many = read(
            r#"{"feedback": [
                {"request_id": "r1", "outcomes": [1, 1.0, 0.5, null, true, "x"], "feedback_id": "f"},
                {"entity_id": "H1", "outcome": 3, "observed_at": "2026-11-25T12:00:00+01:00"}
            ]}"#,
        )
        .unwrap();
        assert_eq!(many[0].outcomes, ["1", "1", "0.5", "", "true", "x"]);
        assert_eq!(many[0].feedback_id, "f");
        assert_eq!(many[1].observed_at.as_ref().unwrap().seconds, 1_795_604_400);
    }

    #[test]
    fn a_day_is_the_whole_day() {
        let of = |text: &str| {
            read(&format!(r#"{{"entity_id": "e", "outcome": 1, "observed_at": "{text}"}}"#))
                .map(|messages| messages[0].observed_at.unwrap().seconds)
        };
        assert_eq!(of("2026-11-25"), Ok(1_795_651_199));
        assert_eq!(of("2026-11-25T00:00:00Z"), Ok(1_795_564_800));
        for wrong in ["2026-13-25", "25.11.2026", "2026-11-2"] {
            assert!(of(wrong).unwrap_err().contains("observed_at"), "{wrong}");
        }
    }

    #[test]
    fn what_is_told_twice_in_one_request_is_one_message_to_the_broker() {
        let element = r#"{"entity_id": "H1", "outcome": "Yes"}"#;
        let twice = read(&format!(r#"{{"feedback": [{element}, {element}]}}"#)).unwrap();
        assert_eq!(twice[0].feedback_id, twice[1].feedback_id);
    }

    #[test]
    fn the_element_that_is_wrong_is_named() {
        for (second, expected) in [
            (r#"{}"#, "either request_id or entity_id"),
            (r#"{"request_id": "r", "entity_id": "e", "outcome": 1}"#, "either request_id"),
            (r#"{"request_id": "r"}"#, "outcome or outcomes"),
            (r#"{"request_id": "r", "outcome": 1, "outcomes": [1]}"#, "either outcome"),
            (r#"{"request_id": "r", "outcomes": []}"#, "outcomes"),
            (r#"{"request_id": "r", "outcomes": [null]}"#, "one at least"),
            (r#"{"request_id": "r", "outcomes": [1, [2]]}"#, "outcomes[1]"),
            (r#"{"entity_id": "e", "outcomes": [1, 2]}"#, "one outcome"),
            (r#"{"entity_id": "e", "outcome": 1, "observed_at": "then"}"#, "observed_at"),
            (r#"{"entity_id": "e", "outcome": 1, "colour": 1}"#, "colour"),
            (r#"{"entity_id": "e", "outcome": 1, "feedback_id": "f"}"#, "feedback_id"),
            (r#"{"entity_id": 7, "outcome": 1}"#, "expected a string"),
            (r#"7"#, "expected struct"),
        ] {
            let first = r#"{"entity_id": "e0", "outcome": 1, "feedback_id": "f"}"#;
            let error = read(&format!(r#"{{"feedback": [{first}, {second}]}}"#)).unwrap_err();
            assert!(error.starts_with("feedback[1]: ") && error.contains(expected), "{error}");
        }
        for value in [
            r#"{"entity_id": 4711, "outcome": 1}"#,
            r#"{"entity_id": ["4711"], "outcome": 1}"#,
            r#"{"entity_id": "e", "outcomes": "4711"}"#,
            r#"{"entity_id": "e", "outcome": 1, "observed_at": "4711"}"#,
            r#"4711"#,
        ] {
            let error = read(&format!(r#"{{"feedback": [{value}]}}"#)).unwrap_err();
            assert!(!error.contains("4711"), "{error}");
        }
    }

    #[test]
    fn bodies_that_are_none_are_refused() {
        for (body, expected) in [
            ("", "no JSON"),
            ("[]", "expected an object"),
            (r#"{"feedback": []}"#, "is empty"),
            (r#"{"feedback": 1}"#, "an array"),
            (r#"{"feedback": [], "endpoint": "x"}"#, "nothing beside"),
            (r#"{"outcome": 1}"#, "either request_id or entity_id"),
        ] {
            let error = read(body).unwrap_err();
            assert!(error.contains(expected), "{body}: {error}");
        }
        let many = vec![r#"{"entity_id": "e", "outcome": 1}"#; MAX_FEEDBACK + 1].join(",");
        assert!(read(&format!(r#"{{"feedback": [{many}]}}"#)).unwrap_err().contains("10001"));
    }
}
