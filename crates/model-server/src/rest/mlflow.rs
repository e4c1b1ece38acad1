//! MLflow's scoring server: `/invocations`, `/ping`, `/health`, `/version`.

use std::sync::Arc;

use axum::body::Body;
use axum::extract::{Path, Query, State};
use axum::http::{HeaderMap, HeaderName, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::Deserialize;

use super::body;
use crate::error::InferError;
use crate::protocol::mlflow;
use crate::server::{Question, Server};

/// Header that names the endpoint where the path does not.
const ENDPOINT: HeaderName = HeaderName::from_static("x-endpoint");

type Shared = State<Arc<Server>>;

/// Which endpoint is meant.
#[derive(Debug, Default, Deserialize)]
pub(super) struct Chosen {
    endpoint: Option<String>,
}

pub(super) async fn ping(State(server): Shared) -> Response {
    let status = if server.is_ready() { StatusCode::OK } else { StatusCode::SERVICE_UNAVAILABLE };
    (status, [(header::CONTENT_TYPE, "application/json")], "\n").into_response()
}

pub(super) async fn version() -> Response {
    env!("CARGO_PKG_VERSION").into_response()
}

pub(super) async fn invocations(
    State(server): Shared,
    Query(chosen): Query<Chosen>,
    headers: HeaderMap,
    body: Body,
) -> Response {
    let named = chosen.endpoint.or_else(|| {
        headers.get(&ENDPOINT).and_then(|value| value.to_str().ok()).map(str::to_owned)
    });
    let endpoint = match named {
        Some(endpoint) => Ok(endpoint),
        None => server.shelf.snapshot().only().map(str::to_owned),
    };
    match endpoint {
        Ok(endpoint) => respond(&server, &endpoint, &headers, body).await,
        Err(error) => refusal(&error, None),
    }
}

pub(super) async fn endpoint_invocations(
    State(server): Shared,
    Path(endpoint): Path<String>,
    headers: HeaderMap,
    body: Body,
) -> Response {
    respond(&server, &endpoint, &headers, body).await
}

fn refusal(error: &InferError, endpoint: Option<&str>) -> Response {
    super::refuse(error, endpoint, &mlflow::write_error(error))
}

async fn respond(server: &Server, endpoint: &str, headers: &HeaderMap, body: Body) -> Response {
    let known = server.shelf.snapshot().endpoints.contains_key(endpoint);
    match answer(server, endpoint, headers, body).await {
        Ok(response) => response,
        Err(error) => refusal(&error, known.then_some(endpoint)),
    }
}

async fn answer(
    server: &Server,
    endpoint: &str,
    headers: &HeaderMap,
    body: Body,
) -> Result<Response, InferError> {
    let is_csv = match body::media_type(headers)?.as_deref() {
        Some("application/json") => false,
        Some("text/csv") => true,
        _ => return Err(InferError::ContentType { expected: "application/json or text/csv" }),
    };
    server.shelf.snapshot().resolve(endpoint, None)?;
    let received = body::receive(server, headers, body).await?;
    let resolved = server.route(endpoint, None, super::routing_key(headers))?;
    let about = super::about(resolved, &received, headers);
    let bytes = received.bytes;
    let (encoded, told) = server
        .infer(
            about,
            move |resolved| {
                let input = if is_csv {
                    mlflow::read_csv(&bytes)?
                } else {
                    let names: Vec<&str> = resolved
                        .version
                        .frame
                        .fields()
                        .iter()
                        .map(|field| field.name.as_str())
                        .collect();
                    mlflow::read_json(&bytes, &names)?
                };
                Ok(Question { input, id: None, wanted: () })
            },
            |answer, ()| mlflow::write(answer),
        )
        .await?;
    drop(received.admission);
    let response = ([(header::CONTENT_TYPE, "application/json")], encoded).into_response();
    Ok(super::with_told(response, &told))
}
