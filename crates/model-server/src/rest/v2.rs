//! The Open Inference Protocol over REST.

use std::sync::Arc;

use axum::body::Body;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use axum::response::Response;
use serde_json::{Value, json};

use super::body;
use crate::catalogue::{Endpoint, ResolvedVersion};
use crate::error::InferError;
use crate::protocol::v2::{self, EncodedResponse, HEADER_LENGTH};
use crate::server::{EXTENSIONS, InferRequest, NAME, ResponseHeaders, Server};
use crate::telemetry::RequestLabels;

type SharedServer = State<Arc<Server>>;

pub(super) async fn live() -> Response {
    super::json(StatusCode::OK, &json!({ "live": true }))
}

pub(super) async fn ready(State(server): SharedServer) -> Response {
    readiness(server.is_ready(), &json!({ "ready": server.is_ready() }))
}

pub(super) async fn server() -> Response {
    let version = env!("CARGO_PKG_VERSION");
    super::json(
        StatusCode::OK,
        &json!({ "name": NAME, "version": version, "extensions": EXTENSIONS }),
    )
}

pub(super) async fn index(State(server): SharedServer) -> Response {
    let index = crate::describe::index(&server.model_catalogue.snapshot())
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

pub(super) async fn model(State(server): SharedServer, Path(model): Path<String>) -> Response {
    metadata(&server, &model, None)
}

pub(super) async fn version(
    State(server): SharedServer,
    Path((model, version)): Path<(String, String)>,
) -> Response {
    metadata(&server, &model, Some(&version))
}

pub(super) async fn model_ready(
    State(server): SharedServer,
    Path(model): Path<String>,
) -> Response {
    is_ready(&server, &model, None)
}

pub(super) async fn version_ready(
    State(server): SharedServer,
    Path((model, version)): Path<(String, String)>,
) -> Response {
    is_ready(&server, &model, Some(&version))
}

pub(super) async fn infer(
    State(server): SharedServer,
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
    respond(server, model, None, InferKind::Prediction, headers, body).await
}

pub(super) async fn infer_version(
    State(server): SharedServer,
    Path((model, version)): Path<(String, String)>,
    headers: HeaderMap,
    body: Body,
) -> Response {
    respond(&server, &model, Some(&version), InferKind::Prediction, &headers, body).await
}

pub(super) async fn explain(
    State(server): SharedServer,
    Path(model): Path<String>,
    headers: HeaderMap,
    body: Body,
) -> Response {
    respond(&server, &model, None, InferKind::Explanation, &headers, body).await
}

pub(super) async fn explain_version(
    State(server): SharedServer,
    Path((model, version)): Path<(String, String)>,
    headers: HeaderMap,
    body: Body,
) -> Response {
    respond(&server, &model, Some(&version), InferKind::Explanation, &headers, body).await
}

/// A refusal in the protocol's form.
pub(super) fn refusal(error: &InferError, request_labels: RequestLabels<'_>) -> Response {
    super::refuse(error, request_labels, &v2::write_error(error))
}

fn readiness(ready: bool, body: &Value) -> Response {
    let status = if ready { StatusCode::OK } else { StatusCode::SERVICE_UNAVAILABLE };
    super::json(status, body)
}

fn is_ready(server: &Server, model: &str, version: Option<&str>) -> Response {
    match server.model_catalogue.snapshot().resolve(model, version) {
        Ok(_) => readiness(true, &json!({ "name": model, "ready": true })),
        Err(InferError::NotReady { .. }) => {
            readiness(false, &json!({ "name": model, "ready": false }))
        }
        Err(error) => refusal(&error, RequestLabels::default()),
    }
}

fn metadata(server: &Server, model: &str, version: Option<&str>) -> Response {
    let catalogue = server.model_catalogue.snapshot();
    let described = catalogue.resolve(model, version).map(|resolved| {
        let endpoint = catalogue.endpoints.get(model);
        describe(&resolved, endpoint.map(AsRef::as_ref))
    });
    match described {
        Ok(body) => super::json(StatusCode::OK, &body),
        Err(error) => refusal(&error, RequestLabels::default()),
    }
}

fn describe(resolved: &ResolvedVersion, endpoint: Option<&Endpoint>) -> Value {
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
            "signature": crate::describe::signature(&resolved.version),
        },
    })
}

/// What is asked of the rows.
#[derive(Clone, Copy)]
enum InferKind {
    Prediction,
    Explanation,
}

async fn respond(
    server: &Server,
    model: &str,
    version: Option<&str>,
    asked: InferKind,
    headers: &HeaderMap,
    body: Body,
) -> Response {
    let catalogue = server.model_catalogue.snapshot();
    let endpoint = catalogue.endpoints.contains_key(model).then_some(model);
    let resolved = match accepted(headers).and_then(|()| catalogue.resolve(model, version)) {
        Ok(resolved) => resolved,
        Err(error) => {
            let response = refusal(&error, RequestLabels { endpoint, version: None });
            return super::with_response_headers(response, headers, None);
        }
    };
    let request_labels = RequestLabels { endpoint, version: Some(resolved.version.number) };
    match answer(server, resolved, asked, headers, body).await {
        Ok((encoded, response_headers)) => {
            super::with_response_headers(send(encoded), headers, Some(&response_headers))
        }
        Err(error) => super::with_response_headers(refusal(&error, request_labels), headers, None),
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
    resolved: ResolvedVersion,
    asked: InferKind,
    headers: &HeaderMap,
    body: Body,
) -> Result<(EncodedResponse, ResponseHeaders), InferError> {
    let received = body::receive(server, headers, body).await?;
    let header_length = header_length(headers)?;
    let resolved = match asked {
        InferKind::Explanation => resolved,
        InferKind::Prediction => server.route(resolved, super::routing_key(headers)),
    };
    let (request_context, bytes) = super::request_context(resolved, received, headers);
    match asked {
        InferKind::Explanation => {
            server.explain(request_context, move || v2::read(&bytes, header_length)).await
        }
        InferKind::Prediction => {
            let read = move |_: &ResolvedVersion| {
                let request = v2::read(&bytes, header_length)?;
                Ok(InferRequest {
                    input: request.input,
                    id: request.id,
                    entities: request.entities,
                    wanted: request.wanted,
                })
            };
            server.infer(request_context, read, v2::write).await
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

/// Headers that an answer comes to, for which there is room from the start.
const ANSWER_HEADERS: usize = 12;

fn send(encoded: EncodedResponse) -> Response {
    let mut response = Response::new(Body::from(encoded.body));
    let headers = response.headers_mut();
    headers.reserve(ANSWER_HEADERS);
    let content_type = match encoded.header_length {
        None => "application/json",
        Some(length) => {
            headers.insert(HeaderName::from_static(HEADER_LENGTH), HeaderValue::from(length));
            "application/octet-stream"
        }
    };
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(content_type));
    response
}
