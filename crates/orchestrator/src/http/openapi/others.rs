//! Routes that are neither a query nor a change.

use api::ErrorDocument;
use api::health::HealthDocument;
use api::monitoring::FeedbackDocument;
use schema::Format;
use serde_json::json;
use upload::UploadedTable;

use super::Description;
use super::operation::Operation;
use super::schemas::Fields;
use crate::http::feedback::{FeedbackBody, MAX_FEEDBACK};
use crate::http::session::{self, Login, Me};
use crate::http::{events, feedback, uploads};

/// The path of the report on the fleet.
pub(in crate::http) const HEALTH: &str = "/api/v1/health";

/// The description with the routes that have handlers of their own, and with the document of errors.
pub(super) fn add(mut description: Description) -> Description {
    // Every operation names it.
    let _reference = description.schemas.answer::<ErrorDocument>();
    let health = description.schemas.answer::<HealthDocument>();
    description.insert(
        Operation::new("get", HEALTH, "ShowHealth")
            .about("How the fleet is, part by part.")
            .answers(200, health),
    );
    description.insert(
        Operation::new("get", super::ROUTE, "ShowOpenApi")
            .about("The description of this API, as OpenAPI 3.1.")
            .conditional()
            .answers(200, json!({"type": "object"})),
    );
    let me = description.schemas.answer::<Me>();
    description.insert(
        Operation::new("get", session::ME, "ShowMe")
            .about("Who asks, its role and its rights.")
            .conditional()
            .answers(200, me.clone()),
    );
    let login = description.schemas.read::<Login>();
    description.insert(
        Operation::new("post", session::SESSION, "OpenSession")
            .about("Keeps a token in a cookie of the browser.")
            .body(login, true)
            .answers(200, me),
    );
    description.insert(
        Operation::new("delete", session::SESSION, "CloseSession")
            .about("Forgets the token of the browser.")
            .ends(),
    );
    let table = description.schemas.answer::<UploadedTable>();
    let format = json!({
        "name": "format",
        "in": "query",
        "required": false,
        "description": "The format of the file, where its content does not tell it.",
        "schema": {"type": "string", "enum": Format::ALL.map(Format::name)},
    });
    let name = json!({
        "name": "name",
        "in": "query",
        "required": false,
        "description": "The name of the file, whose ending tells the format where neither its content nor `format` does.",
        "schema": {"type": "string"},
    });
    description.insert(
        Operation::new("post", uploads::ROUTE, "UploadTable")
            .about("Takes a table, looks at it and stores it, so that a request can name it. What is no table is refused, and nothing of it stays.")
            .parameters(vec![format, name])
            .bytes("CSV, JSON Lines, Parquet or Arrow IPC, plain or in gzip or Zstandard.")
            .changes()
            .answers(201, table),
    );
    let after = json!({
        "name": "Last-Event-ID",
        "in": "header",
        "required": false,
        "description": "The id of the last event that the caller has read.",
        "schema": {"type": "string"},
    });
    let stream = json!({"text/event-stream": {"schema": {"type": "string"}}});
    description.insert(
        Operation::new("get", events::ROUTE, "FollowRuns")
            .about("What becomes of runs, as server-sent events.")
            .parameters(vec![after])
            .answers_with(200, stream, json!({})),
    );
    let one = description.schemas.read::<FeedbackBody>();
    let body = json!({"anyOf": [one, {
        "type": "object",
        "required": ["feedback"],
        "properties": {
            "feedback": {"type": "array", "items": one, "minItems": 1, "maxItems": MAX_FEEDBACK},
        },
        "additionalProperties": false,
    }]});
    let stored = description.schemas.answer::<FeedbackDocument>();
    let endpoint = Fields::of_path(feedback::ROUTE);
    description.insert(
        Operation::new("post", feedback::ROUTE, "TellOutcomes")
            .about("Outcomes of predictions, all of them or none.")
            .parameters(endpoint)
            .body(body, true)
            .changes()
            .answers(202, stored),
    );
    description
}
