//! The Open Inference Protocol over REST.

use std::sync::Arc;

use axum::body::Body;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, HeaderName, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde_json::{Value, json};

use super::body;
use crate::catalogue::{Endpoint, Resolved};
use crate::error::InferError;
use crate::protocol::v2::{self, Encoded, HEADER_LENGTH};
use crate::server::{EXTENSIONS, NAME, Question, Server, Told};
use crate::telemetry::Addressee;

type Shared = State<Arc<Server>>;

pub(super) async fn live() -> Response {
    super::json(StatusCode::OK, &json!({ "live": true }))
}

pub(super) async fn ready(State(server): Shared) -> Response {
    readiness(server.is_ready(), &json!({ "ready": server.is_ready() }))
}

pub(super) async fn server() -> Response {
    let version = env!("CARGO_PKG_VERSION");
    super::json(
        StatusCode::OK,
        &json!({ "name": NAME, "version": version, "extensions": EXTENSIONS }),
    )
}

pub(super) async fn index(State(server): Shared) -> Response {
    let index = crate::describe::index(&server.shelf.snapshot())
        .into_iter()
        .map(|entry| {
            json!({
                "name": entry.name,
                "version": entry.version,
                "state": entry.state(),
                "reason": entry.reason,
            })
        })
        .collect::<Vec<Value>>();
    super::json(StatusCode::OK, &Value::Array(index))
}

pub(super) async fn model(State(server): Shared, Path(model): Path<String>) -> Response {
    metadata(&server, &model, None)
}

pub(super) async fn version(
    State(server): Shared,
    Path((model, version)): Path<(String, String)>,
) -> Response {
    metadata(&server, &model, Some(&version))
}

pub(super) async fn model_ready(State(server): Shared, Path(model): Path<String>) -> Response {
    is_ready(&server, &model, None)
}

pub(super) async fn version_ready(
    State(server): Shared,
    Path((model, version)): Path<(String, String)>,
) -> Response {
    is_ready(&server, &model, Some(&version))
}

pub(super) async fn infer(
    State(server): Shared,
    Path(model): Path<String>,
    headers: HeaderMap,
    body: Body,
) -> Response {
    predict(&server, &model, &headers, body).await
}

pub(super) async fn predict(
    server: &Server,
    model: &str,
    headers: &HeaderMap,
    body: Body,
) -> Response {
    respond(server, model, None, Asked::Prediction, headers, body).await
}

pub(super) async fn infer_version(
    State(server): Shared,
    Path((model, version)): Path<(String, String)>,
    headers: HeaderMap,
    body: Body,
) -> Response {
    respond(&server, &model, Some(&version), Asked::Prediction, &headers, body).await
}

pub(super) async fn explain(
    State(server): Shared,
    Path(model): Path<String>,
    headers: HeaderMap,
    body: Body,
) -> Response {
    respond(&server, &model, None, Asked::Explanation, &headers, body).await
}

pub(super) async fn explain_version(
    State(server): Shared,
    Path((model, version)): Path<(String, String)>,
    headers: HeaderMap,
    body: Body,
) -> Response {
    respond(&server, &model, Some(&version), Asked::Explanation, &headers, body).await
}

/// A refusal in the protocol's form.
pub(super) fn refusal(error: &InferError, addressee: Addressee<'_>) -> Response {
    super::refuse(error, addressee, &v2::write_error(error))
}

fn readiness(ready: bool, body: &Value) -> Response {
    let status = if ready { StatusCode::OK } else { StatusCode::SERVICE_UNAVAILABLE };
    super::json(status, body)
}

fn is_ready(server: &Server, model: &str, version: Option<&str>) -> Response {
    match server.shelf.snapshot().resolve(model, version) {
        Ok(_) => readiness(true, &json!({ "name": model, "ready": true })),
        Err(InferError::NotReady { .. }) => {
            readiness(false, &json!({ "name": model, "ready": false }))
        }
        Err(error) => refusal(&error, Addressee::default()),
    }
}

fn metadata(server: &Server, model: &str, version: Option<&str>) -> Response {
    let catalogue = server.shelf.snapshot();
    let described = catalogue.resolve(model, version).map(|resolved| {
        let endpoint = catalogue.endpoints.get(model);
        describe(&resolved, endpoint.map(AsRef::as_ref))
    });
    match described {
        Ok(body) => super::json(StatusCode::OK, &body),
        Err(error) => refusal(&error, Addressee::default()),
    }
}

fn describe(resolved: &Resolved, endpoint: Option<&Endpoint>) -> Value {
    let tensors = |all: Vec<crate::describe::Tensor>| {
        all.into_iter()
            .map(|tensor| {
                json!({
                    "name": tensor.name,
                    "datatype": tensor.datatype.as_str(),
                    "shape": [-1],
                })
            })
            .collect::<Vec<_>>()
    };
    json!({
        "name": resolved.endpoint,
        "versions": crate::describe::versions(endpoint),
        "platform": crate::describe::PLATFORM,
        "inputs": tensors(crate::describe::inputs(&resolved.version)),
        "outputs": tensors(crate::describe::outputs(&resolved.version)),
        "parameters": {
            "live_version": endpoint.and_then(|endpoint| endpoint.live.as_ref()).map(|live| live.number.to_string()),
            "described_version": resolved.version.number.to_string(),
            "digest": resolved.version.digest,
            "algorithm": resolved.version.algorithm,
            "problem_type": resolved.version.problem_type(),
        },
    })
}

/// What is asked of the rows.
#[derive(Clone, Copy)]
enum Asked {
    Prediction,
    Explanation,
}

async fn respond(
    server: &Server,
    model: &str,
    version: Option<&str>,
    asked: Asked,
    headers: &HeaderMap,
    body: Body,
) -> Response {
    let catalogue = server.shelf.snapshot();
    let endpoint = catalogue.endpoints.contains_key(model).then_some(model);
    let resolved = match accepted(headers).and_then(|()| catalogue.resolve(model, version)) {
        Ok(resolved) => resolved,
        Err(error) => {
            let response = refusal(&error, Addressee { endpoint, version: None });
            return super::with_told(response, headers, None);
        }
    };
    let addressee = Addressee { endpoint, version: Some(resolved.version.number) };
    match answer(server, resolved, asked, headers, body).await {
        Ok((encoded, told)) => super::with_told(send(encoded), headers, Some(&told)),
        Err(error) => super::with_told(refusal(&error, addressee), headers, None),
    }
}

/// Triton's clients send no content type, or that of bytes where binary data follow; `curl -d` says it is a form.
fn accepted(headers: &HeaderMap) -> Result<(), InferError> {
    let expected = "application/json, or application/octet-stream with binary data";
    match body::media_type(headers)?.as_deref() {
        None
        | Some(
            "application/json" | "application/octet-stream" | "application/x-www-form-urlencoded",
        ) => Ok(()),
        Some(_) => Err(InferError::ContentType { expected }),
    }
}

async fn answer(
    server: &Server,
    resolved: Resolved,
    asked: Asked,
    headers: &HeaderMap,
    body: Body,
) -> Result<(Encoded, Told), InferError> {
    let received = body::receive(server, headers, body).await?;
    let header_length = header_length(headers)?;
    let resolved = match asked {
        Asked::Explanation => resolved,
        Asked::Prediction => server.route(resolved, super::routing_key(headers)),
    };
    let (about, bytes) = super::about(resolved, received, headers);
    match asked {
        Asked::Explanation => server.explain(about, move || v2::read(&bytes, header_length)).await,
        Asked::Prediction => {
            let read = move |_: &Resolved| {
                let request = v2::read(&bytes, header_length)?;
                Ok(Question {
                    input: request.input,
                    id: request.id,
                    entities: request.entities,
                    wanted: request.wanted,
                })
            };
            server.infer(about, read, v2::write).await
        }
    }
}

fn header_length(headers: &HeaderMap) -> Result<Option<usize>, InferError> {
    let Some(value) = headers.get(HEADER_LENGTH) else {
        return Ok(None);
    };
    value.to_str().ok().and_then(|text| text.trim().parse().ok()).map(Some).ok_or_else(|| {
        InferError::Malformed {
            problem: "Inference-Header-Content-Length is not a number: expected the length of the JSON part".to_owned(),
        }
    })
}

fn send(encoded: Encoded) -> Response {
    match encoded.header_length {
        None => ([(header::CONTENT_TYPE, "application/json")], encoded.body).into_response(),
        Some(length) => (
            [
                (header::CONTENT_TYPE, "application/octet-stream".to_owned()),
                (HeaderName::from_static(HEADER_LENGTH), length.to_string()),
            ],
            encoded.body,
        )
            .into_response(),
    }
}
