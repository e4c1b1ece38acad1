//! Why a query was not answered or a change not made: the same value by HTTP and by the broker.

use contracts::failures;
use registry::OperationError;
use reqwest::StatusCode;
use runs::{control, recovery};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::INVALID;
use crate::monitoring::{AnswerError, ParseNameError};

/// Most names that a refusal suggests.
pub(crate) const MAX_SUGGESTIONS: usize = 10;

/// Why a query was not answered or a change not made.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct Error {
    /// The status of the HTTP answer, from 400 on.
    pub status: StatusCode,
    /// The stable identifier, such as `version_not_found`.
    pub code: String,
    /// The error and its causes as one sentence for people.
    pub message: String,
    /// The name that is not there; none where the refusal is about something else.
    pub missing: Option<Box<Missing>>,
    /// The field that a request was refused for, and what would be accepted; none where it was not refused for one.
    pub refused: Option<Box<RefusedField>>,
}

/// What of a request was refused.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct RefusedField {
    /// The field, column or file concerned; empty where it is the request as a whole.
    #[serde(default)]
    pub subject: String,
    /// Close alternatives, such as the nearest catalogue entries.
    #[serde(default)]
    pub suggestions: Vec<String>,
}

/// A name that is not there, and those that are.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema, thiserror::Error)]
#[error("no {kind} `{name}`{}", suggestions(.known))]
pub struct Missing {
    /// What was looked for: `model`, `endpoint` or `run`.
    pub kind: String,
    /// The name that was looked for.
    pub name: String,
    /// The first names of this kind in their order, at most 10.
    #[serde(default)]
    pub known: Vec<String>,
}

/// The names that there are, behind a sentence about one that is not there; empty where none is known.
#[must_use]
pub fn suggestions(known: &[String]) -> String {
    let shown: Vec<&str> = known.iter().take(MAX_SUGGESTIONS).map(String::as_str).collect();
    if shown.is_empty() { String::new() } else { format!("; there is {}", shown.join(", ")) }
}

impl Error {
    /// A refusal with its status and its stable identifier.
    pub fn new(status: StatusCode, code: &str, message: impl Into<String>) -> Self {
        Self {
            status,
            code: code.to_owned(),
            message: message.into(),
            missing: None,
            refused: None,
        }
    }

    /// A request that cannot be understood: 400, `invalid_request`.
    pub fn invalid(message: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, INVALID, message)
    }

    /// A stream or a store that does not answer: 503, `broker_silent`.
    pub fn silent(message: impl Into<String>) -> Self {
        Self::new(StatusCode::SERVICE_UNAVAILABLE, "broker_silent", message)
    }

    /// A run that neither the ledger nor the stream has: 404, `run_not_found`.
    #[must_use]
    pub fn unknown_run(run: &str) -> Self {
        Self::new(StatusCode::NOT_FOUND, "run_not_found", format!("no run `{run}`")).about(
            "run",
            run,
            Vec::new(),
        )
    }

    /// The same error about a name of this kind that is not there.
    #[must_use]
    pub(crate) fn about(self, kind: &str, name: &str, known: Vec<String>) -> Self {
        let missing = Missing { kind: kind.to_owned(), name: name.to_owned(), known };
        Self { missing: Some(Box::new(missing)), ..self }
    }

    /// Whether what was asked for is wrong, rather than something having failed.
    #[must_use]
    pub fn is_refusal(&self) -> bool {
        matches!(self.status.as_u16(), 400 | 403 | 404 | 409 | 412 | 413 | 422)
            && self.code != "contended"
    }

    /// The error as the body of an HTTP answer.
    #[must_use]
    pub fn document(self) -> ErrorDocument {
        let problem = Problem::of(&self);
        let missing = self.missing.map(|missing| *missing);
        let refused = self.refused.map(|refused| *refused);
        ErrorDocument {
            problem,
            error: ErrorBody { code: self.code, message: self.message, missing, refused },
        }
    }
}

/// An error as JSON: `{"error": {"code", "message"}}`, with the members of a problem besides (RFC 9457).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ErrorDocument {
    /// The same as readers of problem details expect it.
    #[serde(flatten)]
    pub problem: Problem,
    /// Code and message of the error.
    pub error: ErrorBody,
}

impl ErrorDocument {
    /// The error of an HTTP answer that had this status.
    #[must_use]
    pub fn with_status(self, status: StatusCode) -> Error {
        let ErrorBody { code, message, missing, refused } = self.error;
        Error {
            status,
            code,
            message,
            missing: missing.map(Box::new),
            refused: refused.map(Box::new),
        }
    }
}

/// The members of a problem in JSON (RFC 9457, section 3.1); empty in answers of earlier builds.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct Problem {
    /// Identifies the kind of error: `urn:tier0:error:` and its code.
    #[serde(rename = "type")]
    pub kind: String,
    /// The kind of error in words.
    pub title: String,
    /// The status of the HTTP answer.
    pub status: u16,
    /// The error and its causes as one sentence for people.
    pub detail: String,
}

impl Problem {
    /// Media type of an answer that has these members.
    pub const MEDIA_TYPE: &'static str = "application/problem+json";

    fn of(error: &Error) -> Self {
        Self {
            kind: format!("urn:tier0:error:{}", error.code),
            title: error.code.replace('_', " "),
            status: error.status.as_u16(),
            detail: error.message.clone(),
        }
    }
}

/// The members of an error in JSON.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ErrorBody {
    /// Stable code in snake_case, for programs.
    pub code: String,
    /// The error and its causes as one sentence for people.
    pub message: String,
    /// The name that is not there; left out where the error is about something else.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub missing: Option<Missing>,
    /// The field that a request was refused for; left out where it was not refused for one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub refused: Option<RefusedField>,
}

impl From<registry::Error> for Error {
    fn from(error: registry::Error) -> Self {
        use registry::Error as Registry;
        let status = match &error {
            Registry::UnknownModel { .. }
            | Registry::UnknownVersion { .. }
            | Registry::UnknownAlert { .. }
            | Registry::UnknownAlias { .. } => StatusCode::NOT_FOUND,
            Registry::AliasMoved { .. }
            | Registry::AlertOver { .. }
            | Registry::IllegalTransition { .. }
            | Registry::Answers { .. }
            | Registry::TrafficElsewhere { .. }
            | Registry::Contended { .. } => StatusCode::CONFLICT,
            Registry::RecordMoved { .. } => StatusCode::PRECONDITION_FAILED,
            Registry::Bus(_) => StatusCode::BAD_GATEWAY,
            Registry::Damaged { .. } => StatusCode::INTERNAL_SERVER_ERROR,
            _ => StatusCode::BAD_REQUEST,
        };
        Self::new(status, error.code(), failures::with_causes(&error))
    }
}

impl From<OperationError> for Error {
    fn from(error: OperationError) -> Self {
        match error {
            OperationError::Registry(error) => error.into(),
            other => {
                Self::new(StatusCode::CONFLICT, "not_applicable", failures::with_causes(&other))
            }
        }
    }
}

impl From<AnswerError> for Error {
    fn from(error: AnswerError) -> Self {
        let status = match &error {
            AnswerError::UnknownAttempt { .. } => StatusCode::NOT_FOUND,
            AnswerError::NothingProposed { .. } | AnswerError::NotProposed { .. } => {
                StatusCode::CONFLICT
            }
        };
        Self::new(status, error.code(), failures::with_causes(&error))
    }
}

impl From<ParseNameError> for Error {
    fn from(error: ParseNameError) -> Self {
        Self::invalid(error.to_string())
    }
}

impl From<control::Error> for Error {
    fn from(error: control::Error) -> Self {
        let (status, code) = match &error {
            control::Error::Refused(refusal @ recovery::RecoveryError::UnknownRun { .. }) => {
                (StatusCode::NOT_FOUND, refusal.code())
            }
            control::Error::Refused(refusal) => (StatusCode::CONFLICT, refusal.code()),
            control::Error::Contended { .. } => (StatusCode::CONFLICT, "contended"),
            control::Error::Bus(_)
            | control::Error::Feed(_)
            | control::Error::Incomplete { .. } => (StatusCode::BAD_GATEWAY, "broker"),
        };
        Self::new(status, code, failures::with_causes(&error))
    }
}
