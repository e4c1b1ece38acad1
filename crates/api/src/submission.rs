//! Requests for models: sending one, and what the scope-definer answers.

mod keys;
mod schema;

use std::time::Duration;

use bus::{Bus, Headers};
use bytes::Bytes;
use contracts::encoding::{self, Encoding};
use contracts::v1::{Failure, ScopeReply};
use contracts::{ContractError, MAX_PAYLOAD, failures, names, subjects};
use reqwest::StatusCode;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::query::Condition;
use crate::{Broker, Change, Error, RefusedField};

/// How long the scope-definer may take to accept or refuse.
const INTAKE: Duration = Duration::from_secs(60);
/// The members with the person who asks, as JSON and the schema spell it.
const REQUESTED_BY: [&str; 2] = ["requestedBy", "requested_by"];

/// Why it is not known what became of a request.
#[derive(Debug, thiserror::Error)]
pub enum AskError {
    /// No agent answered it.
    #[error(
        "no scope-definer answered the request within {} s; it is kept, and taken up when one runs; see `tier0 health`", INTAKE.as_secs()
    )]
    NoIntake(#[source] bus::Error),
    /// The broker did not take it.
    #[error("the broker did not do what was asked of it")]
    Bus(#[source] bus::Error),
    /// The answer made no sense.
    #[error("the scope-definer's answer could not be read")]
    Reply(#[source] ContractError),
}

impl From<AskError> for Error {
    fn from(error: AskError) -> Self {
        let (status, code) = match &error {
            AskError::NoIntake(_) => (StatusCode::SERVICE_UNAVAILABLE, "no_intake"),
            AskError::Bus(_) => (StatusCode::BAD_GATEWAY, "broker"),
            AskError::Reply(_) => (StatusCode::BAD_GATEWAY, "unreadable_answer"),
        };
        Self::new(status, code, failures::with_causes(&error))
    }
}

/// Sends a request and reads what the scope-definer answers.
///
/// # Errors
/// [`AskError`], where there is no answer.
pub async fn ask(bus: &Bus, headers: Headers, payload: Bytes) -> Result<ScopeReply, AskError> {
    let answer = bus.request(subjects::REQUEST, headers, payload, INTAKE).await;
    let answer = answer.map_err(|source| match source {
        bus::Error::TimedOut { .. } | bus::Error::NoResponders { .. } => AskError::NoIntake(source),
        source => AskError::Bus(source),
    })?;
    let content_type = answer.headers.as_ref().and_then(|headers| headers.get(names::CONTENT_TYPE));
    read(content_type.map(|value| value.as_str()), &answer.payload).map_err(AskError::Reply)
}

fn read(content_type: Option<&str>, payload: &[u8]) -> Result<ScopeReply, ContractError> {
    const MESSAGE: &str = "ScopeReply";
    match Encoding::detect(content_type, payload)? {
        Encoding::Json => encoding::from_json(MESSAGE, payload),
        Encoding::Protobuf => encoding::from_protobuf(MESSAGE, payload),
    }
}

/// A request for a model, as `tier0.v1.request` takes it in JSON: `text`, or `dataUri` and `target`, and what else it says.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct SubmitRun(pub Map<String, Value>);

/// A run that was begun.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct SubmittedRun {
    /// Identifier of the run.
    pub run_id: String,
}

impl Change for SubmitRun {
    const ROUTE: &'static str = "/api/v1/runs";
    const CONDITION: Option<Condition> = Some(Condition::Key);
    type Answer = SubmittedRun;

    fn under(self, key: &str) -> Result<Self, Error> {
        keys::under(self.0, key).map(Self)
    }

    /// Runs are begun in the name of who asks, so that who began one may end it.
    fn is_by(&mut self, actor: &str) {
        let [name, other] = REQUESTED_BY;
        self.0.remove(other);
        self.0.insert(name.to_owned(), actor.into());
    }

    async fn make(&self, broker: &Broker, by: &str) -> Result<SubmittedRun, Error> {
        if let Some(begun) = keys::begun(&broker.bus, &self.0).await? {
            return Ok(begun);
        }
        let mut request = self.0.clone();
        if !REQUESTED_BY.iter().any(|name| request.contains_key(*name)) {
            request.insert(REQUESTED_BY[0].to_owned(), by.into());
        }
        let payload = Value::Object(request).to_string();
        if payload.len() > MAX_PAYLOAD {
            let message = format!(
                "the request has {} bytes; at most {MAX_PAYLOAD} are accepted",
                payload.len()
            );
            return Err(Error::new(StatusCode::PAYLOAD_TOO_LARGE, "too_large", message));
        }
        let mut headers = Headers::new();
        headers.insert(names::CONTENT_TYPE, names::JSON);
        let reply = ask(&broker.bus, headers, payload.into()).await?;
        if reply.accepted {
            // Of two requests under one key at the same time, one began the run.
            let begun = keys::begun(&broker.bus, &self.0).await?;
            return Ok(begun.unwrap_or(SubmittedRun { run_id: reply.run_id }));
        }
        Err(refusal(reply.error.unwrap_or_default()))
    }
}

/// The refusal of a request: 422, with the scope-definer's own code, message, field and suggestions.
fn refusal(failure: Failure) -> Error {
    let Failure { code, message, subject, suggestions, .. } = failure;
    let refused = Some(Box::new(RefusedField { subject, suggestions }));
    Error { refused, ..Error::new(StatusCode::UNPROCESSABLE_ENTITY, &code, message) }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test")]

    use serde_json::json;

    use super::*;

    #[test]
    fn replies_are_read_in_both_encodings() {
        let reply = ScopeReply { accepted: true, run_id: "r1".into(), ..ScopeReply::default() };
        assert_eq!(read(None, &encoding::encode(&reply)).unwrap(), reply);
        assert_eq!(read(None, br#"{"accepted": true, "runId": "r1"}"#).unwrap(), reply);
        assert!(read(Some("text/html"), b"<p>").is_err());
    }

    #[test]
    fn the_body_is_the_request() {
        let body = br#"{"text": "train", "timeBudgetSeconds": 8, "by": "ana"}"#;
        let (submitted, by) = SubmitRun::parse(&[], body).unwrap();
        assert_eq!(by, "unauthenticated/ana");
        assert_eq!(Value::Object(submitted.0), json!({"text": "train", "timeBudgetSeconds": 8}));
        assert!(SubmitRun::parse(&[], br#"{"text": "a", "text": "b"}"#).is_err());
    }

    #[test]
    fn a_refusal_names_the_field_and_what_would_be_accepted() {
        let failure = failures::failure("target_missing", "the table has no column `chrun`")
            .about("target")
            .suggesting(["churn".to_owned()]);
        let document = serde_json::to_value(refusal(failure).document()).unwrap();
        assert_eq!(
            document["error"],
            json!({"code": "target_missing", "message": "the table has no column `chrun`",
                   "refused": {"subject": "target", "suggestions": ["churn"]}})
        );
        assert_eq!(
            (&document["type"], &document["title"], &document["status"], &document["detail"]),
            (
                &json!("urn:tier0:error:target_missing"),
                &json!("target missing"),
                &json!(422),
                &json!("the table has no column `chrun`")
            )
        );
    }
}
