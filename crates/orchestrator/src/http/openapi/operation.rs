//! One operation: what is asked, and with which statuses it is answered.

use axum::http::StatusCode;
use serde_json::{Map, Value, json};

/// Statuses of every route: what cannot be read, a caller that is not known, may not, or asks too much, a foreign host, a fault, a
/// broker that does not answer.
const OF_ALL: [u16; 8] = [400, 401, 403, 421, 429, 500, 502, 503];
/// Statuses of every change besides: what is not there, what stands against it, a body that is too large or refused.
const OF_CHANGES: [u16; 4] = [404, 409, 413, 422];

/// An operation as it is built.
#[derive(Debug)]
pub(super) struct Operation {
    /// Method in small letters.
    pub(super) method: &'static str,
    /// Path with fields in braces.
    pub(super) path: &'static str,
    described: Map<String, Value>,
    parameters: Vec<Value>,
    responses: Map<String, Value>,
}

impl Operation {
    /// One without parameters, that fails as every route may.
    pub(super) fn new(method: &'static str, path: &'static str, id: &str) -> Self {
        // `/api/v1/runs/{run}/cancel` is about runs.
        let about = path.split('/').nth(3).unwrap_or_default().trim_end_matches(".json");
        let mut described = Map::new();
        described.insert("operationId".to_owned(), id.into());
        described.insert("tags".to_owned(), json!([about]));
        let (parameters, responses) = (Vec::new(), Map::new());
        let operation = Self { method, path, described, parameters, responses };
        let missing: &[u16] = if path.contains('{') { &[404] } else { &[] };
        operation.fails(&OF_ALL).fails(missing)
    }

    /// With what it does in words.
    pub(super) fn about(mut self, about: &str) -> Self {
        let summary = about.split(". ").next().unwrap_or(about).trim_end_matches('.');
        self.described.insert("summary".to_owned(), summary.into());
        self.described.insert("description".to_owned(), about.into());
        self
    }

    /// With parameters.
    pub(super) fn parameters(mut self, parameters: Vec<Value>) -> Self {
        let pages = parameters.iter().any(|one| one["name"] == "before" || one["name"] == "after");
        self.parameters.extend(parameters);
        // A page behind what is not there.
        if pages { self.fails(&[404]) } else { self }
    }

    /// With a body of JSON.
    pub(super) fn body(mut self, schema: Value, required: bool) -> Self {
        let body = json!({
            "required": required,
            "content": {"application/json": {"schema": schema}},
        });
        self.described.insert("requestBody".to_owned(), body);
        self
    }

    /// With a body of bytes.
    pub(super) fn bytes(mut self, about: &str) -> Self {
        let body = json!({
            "required": true,
            "description": about,
            "content": {"application/octet-stream": {"schema": {"type": "string", "format": "binary"}}},
        });
        self.described.insert("requestBody".to_owned(), body);
        self
    }

    /// That changes something.
    pub(super) fn changes(self) -> Self {
        self.fails(&OF_CHANGES)
    }

    /// Whose answer is not sent to a caller that has it.
    pub(super) fn conditional(mut self) -> Self {
        let about = "ETags of answers that the caller has; the same answer is then 304.";
        self.parameters.push(header("If-None-Match", about, json!({"type": "string"})));
        let unchanged = json!({"description": "The caller has the answer.", "headers": tag()});
        self.responses.insert("304".to_owned(), unchanged);
        self
    }

    /// That is made on the condition that the record has not moved.
    pub(super) fn guarded(mut self) -> Self {
        let about = "The ETag of the endpoint's document; where its record has changed since, the answer is 412.";
        let schema = json!({
            "type": "string",
            "pattern": "^\"[0-9]{1,18}-[0-9a-f]{1,64}\"$",
            "examples": ["\"42-0123456789abcdef0123456789abcdef\""],
        });
        self.parameters.push(header("If-Match", about, schema));
        self.fails(&[412])
    }

    /// That is made once under a key.
    pub(super) fn keyed(mut self) -> Self {
        let about = "A text of the caller's own: the same request under the same key is the same run; another request is 422.";
        let schema = json!({
            "type": "string",
            "pattern": "^[!-~]{1,255}$",
            "examples": ["5f0c2a52-nightly-2026-11-30"],
        });
        self.parameters.push(header("Idempotency-Key", about, schema));
        self
    }

    /// Answered with a document.
    pub(super) fn answers(self, status: u16, schema: Value) -> Self {
        let is_tagged =
            self.described.contains_key("requestBody") || self.responses.contains_key("304");
        let content = json!({"application/json": {"schema": schema}});
        let headers = if is_tagged && status == 200 { tag() } else { json!({}) };
        self.answers_with(status, content, headers)
    }

    /// Answered with nothing.
    pub(super) fn ends(mut self) -> Self {
        self.responses.insert("204".to_owned(), json!({"description": "It is done."}));
        self
    }

    /// Answered with this content.
    pub(super) fn answers_with(mut self, status: u16, content: Value, headers: Value) -> Self {
        let mut answer = Map::new();
        answer.insert("description".to_owned(), "The answer.".into());
        answer.insert("content".to_owned(), content);
        if headers.as_object().is_some_and(|headers| !headers.is_empty()) {
            answer.insert("headers".to_owned(), headers);
        }
        self.responses.insert(status.to_string(), answer.into());
        self
    }

    /// That may fail with these statuses.
    pub(super) fn fails(mut self, statuses: &[u16]) -> Self {
        for status in statuses {
            let reason = StatusCode::from_u16(*status).ok().and_then(|of| of.canonical_reason());
            let problem = json!({
                "description": reason.unwrap_or_default(),
                "content": {"application/problem+json": {"schema": {"$ref": "#/components/schemas/ErrorDocument"}}},
            });
            self.responses.insert(status.to_string(), problem);
        }
        self
    }
}

fn header(name: &str, about: &str, schema: Value) -> Value {
    json!({"name": name, "in": "header", "required": false, "description": about, "schema": schema})
}

fn tag() -> Value {
    let about =
        "What the answer is told by: quoted, for If-None-Match, and of a record for If-Match.";
    json!({"ETag": {"description": about, "schema": {"type": "string"}}})
}

impl From<Operation> for Value {
    fn from(operation: Operation) -> Self {
        let Operation { mut described, parameters, responses, .. } = operation;
        if !parameters.is_empty() {
            described.insert("parameters".to_owned(), parameters.into());
        }
        described.insert("responses".to_owned(), responses.into());
        Self::Object(described)
    }
}
