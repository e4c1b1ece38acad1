//! Why a message was refused.

use crate::{Agent, MAX_PAYLOAD, SCHEMA_VERSION};

/// Longest part of a refused text that an error repeats.
const EXCERPT: usize = 64;

/// Why a message, a subject or a part of it was refused.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ContractError {
    /// A field breaks its rule.
    #[error("field `{path}` {problem}")]
    Field {
        /// The field, such as `outputs[1].prepared_data.train.sha256`.
        path: String,
        /// What is wrong with it.
        problem: FieldError,
    },
    /// A JSON message has a field that the schema does not know.
    #[error("unknown field `{field}` in {message}: known are {}", known.join(", "))]
    UnknownField {
        /// The message, such as `ScopeRequest`.
        message: &'static str,
        /// Path of the field in the message.
        field: String,
        /// The names that would be known there.
        known: Vec<String>,
    },
    /// The text is no JSON of the message.
    #[error("not a {message} in canonical proto JSON")]
    Json {
        /// Name of the message's type.
        message: &'static str,
        /// What the parser met, with line and column.
        source: serde_json::Error,
    },
    /// A field of a JSON message cannot be read.
    #[error("field `{field}` of {message} cannot be read: {problem}")]
    JsonField {
        /// Name of the message's type.
        message: &'static str,
        /// Path of the field, such as `rollout.minRequests`.
        field: String,
        /// What was met there, and what was expected.
        problem: String,
    },
    /// The bytes are no protobuf of the message.
    #[error("not a {message} in protobuf")]
    Protobuf {
        /// Name of the message's type.
        message: &'static str,
        /// What the decoder met.
        source: prost::DecodeError,
    },
    /// A content type that is not read.
    #[error("content type `{found}` is not read: send application/json or application/x-protobuf")]
    ContentType {
        /// Media type that the message named, cut where it is long.
        found: String,
    },
    /// The message has no bytes.
    #[error("empty message: send a {message} as application/json or application/x-protobuf")]
    Empty {
        /// The message that was expected.
        message: &'static str,
    },
    /// More was sent than is read.
    #[error(
        "message of {bytes} bytes is larger than the {MAX_PAYLOAD} bytes that are accepted: give large parts by reference"
    )]
    TooLarge {
        /// Size of the message in bytes.
        bytes: usize,
    },
    /// Another major version of the schema.
    #[error(
        "schema version `{found}` is not understood: this build reads the major version of {SCHEMA_VERSION}"
    )]
    SchemaVersion {
        /// Schema version that the message names.
        found: String,
    },
    /// Text that is no run id.
    #[error("`{found}` is no run id: expected 1 to 64 letters, digits, `-` and `_`")]
    RunId {
        /// The text, cut to 64 characters.
        found: String,
    },
    /// Text that is no endpoint.
    #[error("`{found}` is no endpoint: expected 1 to 64 letters, digits, `-` and `_`")]
    Endpoint {
        /// The text, cut to 64 characters.
        found: String,
    },
    /// Text that names no agent.
    #[error("`{found}` is no agent: expected one of {}", Agent::names())]
    UnknownAgent {
        /// The text, cut to 64 characters.
        found: String,
    },
    /// Text that is no subject of ours.
    #[error("`{found}` is no subject of tier0.v1")]
    Subject {
        /// The text, cut to 64 characters.
        found: String,
    },
    /// A handoff does not hold the output that was asked for.
    #[error("the handoff holds no output of {agent}")]
    MissingOutput {
        /// The agent whose output it would be.
        agent: Agent,
    },
}

impl ContractError {
    /// Stable identifier of the kind of refusal, as in [`crate::v1::Failure`].
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Field { .. } => "invalid_field",
            Self::UnknownField { .. } => "unknown_field",
            Self::Json { .. } | Self::JsonField { .. } | Self::Protobuf { .. } => {
                "undecodable_message"
            }
            Self::ContentType { .. } => "unknown_content_type",
            Self::Empty { .. } => "empty_message",
            Self::TooLarge { .. } => "message_too_large",
            Self::SchemaVersion { .. } => "schema_version",
            Self::RunId { .. } => "invalid_run_id",
            Self::Endpoint { .. } => "invalid_endpoint",
            Self::UnknownAgent { .. } => "unknown_agent",
            Self::Subject { .. } => "unknown_subject",
            Self::MissingOutput { .. } => "missing_output",
        }
    }

    /// The field concerned; empty where it is the message.
    #[must_use]
    pub fn subject(&self) -> &str {
        match self {
            Self::Field { path, .. } => path,
            Self::UnknownField { field, .. } | Self::JsonField { field, .. } => field,
            Self::SchemaVersion { .. } => "schema_version",
            Self::RunId { .. } => "run_id",
            _ => "",
        }
    }
}

/// What is wrong with a field, and what would be right.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum FieldError {
    /// It has to be given.
    #[error("is missing: expected {expected}")]
    Missing {
        /// What would be right.
        expected: &'static str,
    },
    /// It is no SHA-256 in lower-case hexadecimal.
    #[error("is no digest: expected SHA-256 as 64 lower-case hexadecimal digits")]
    Digest,
    /// It holds a number that the enumeration does not have.
    #[error("has the unknown value {found}: expected one of {}", known.join(", "))]
    UnknownValue {
        /// Number that the enumeration does not have.
        found: i32,
        /// The names that it could have.
        known: Vec<&'static str>,
    },
    /// It holds a name that is none of those that are known.
    #[error("has the unknown value `{found}`: expected one of {}", known.join(", "))]
    UnknownName {
        /// The name, cut to 64 characters.
        found: String,
        /// The names that it could have.
        known: Vec<&'static str>,
    },
    /// It has to be chosen.
    #[error("is not specified: expected one of {}", known.join(", "))]
    Unspecified {
        /// The names that it could have.
        known: Vec<&'static str>,
    },
    /// Infinite or not a number.
    #[error("is not a finite number")]
    NotFinite,
    /// The number is outside its range.
    #[error("is out of range: expected {expected}")]
    OutOfRange {
        /// Range that is accepted, in words.
        expected: &'static str,
    },
    /// A chosen number is outside its range.
    #[error("is {found}: expected {expected}")]
    Number {
        /// Number that the field holds.
        found: f64,
        /// Range that is accepted, in words.
        expected: &'static str,
    },
    /// Too long a text.
    #[error("has {found} bytes: at most {limit} are accepted")]
    TooLong {
        /// Length of the text in bytes.
        found: usize,
        /// Greatest accepted length or number.
        limit: usize,
    },
    /// The field has more elements than are accepted.
    #[error("has {found} elements: at most {limit} are accepted")]
    TooMany {
        /// Number of elements that the field has.
        found: usize,
        /// Greatest accepted length or number.
        limit: usize,
    },
    /// The wrong number of elements.
    #[error("has {found} elements: expected {expected}")]
    Count {
        /// Number of elements that the field has.
        found: usize,
        /// What would be right.
        expected: &'static str,
    },
    /// The element equals an earlier one of the same field.
    #[error("repeats an earlier element: expected each once")]
    Repeated,
    /// The text does not have the form that the field needs.
    #[error("is not accepted: expected {expected}")]
    Form {
        /// What would be right.
        expected: &'static str,
    },
    /// It does not fit with another field.
    #[error("does not fit the rest of the message: expected {expected}")]
    Inconsistent {
        /// What would be right.
        expected: String,
    },
}

/// The start of a text that an error repeats: identifiers only, never values of rows. Control characters, line ends among them,
/// are replaced, so that no text begins a line of a log.
pub(crate) fn excerpt(text: &str) -> String {
    let shown = |c: char| if c.is_control() { char::REPLACEMENT_CHARACTER } else { c };
    text.chars().take(EXCERPT).map(shown).collect()
}
