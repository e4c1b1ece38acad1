//! MLflow's scoring server: `/invocations`, `/ping`, `/health`, `/version`.

use std::sync::Arc;

use axum::body::Body;
use axum::extract::{Path, Query, State};
use axum::http::{HeaderMap, HeaderName, StatusCode, header};
use axum::response::{IntoResponse, Response};
use dataset::CsvDialect;
use serde::Deserialize;

use super::body;
use crate::catalogue::ResolvedVersion;
use crate::error::InferError;
use crate::protocol::{csv, mlflow, parquet};
use crate::server::{InferRequest, ResponseHeaders, Server};
use crate::telemetry::RequestLabels;

/// Header that names the endpoint where the path does not.
const ENDPOINT: HeaderName = HeaderName::from_static("x-endpoint");

type SharedServer = State<Arc<Server>>;

/// Which endpoint is meant.
#[derive(Debug, Default, Deserialize)]
pub(super) struct EndpointQuery {
    endpoint: Option<String>,
}

pub(super) async fn ping(State(server): SharedServer) -> Response {
    let status = if server.is_ready() { StatusCode::OK } else { StatusCode::SERVICE_UNAVAILABLE };
    (status, [(header::CONTENT_TYPE, "application/json")], "\n").into_response()
}

pub(super) async fn version() -> Response {
    env!("CARGO_PKG_VERSION").into_response()
}

pub(super) async fn invocations(
    State(server): SharedServer,
    Query(chosen): Query<EndpointQuery>,
    headers: HeaderMap,
    body: Body,
) -> Response {
    let named = chosen.endpoint.or_else(|| {
        headers.get(&ENDPOINT).and_then(|value| value.to_str().ok()).map(str::to_owned)
    });
    let endpoint = match named {
        Some(endpoint) => Ok(endpoint),
        None => server.model_catalogue.snapshot().only().map(str::to_owned),
    };
    match endpoint {
        Ok(endpoint) => respond(&server, &endpoint, &headers, body).await,
        Err(error) => refusal(&error, RequestLabels::default()),
    }
}

pub(super) async fn endpoint_invocations(
    State(server): SharedServer,
    Path(endpoint): Path<String>,
    headers: HeaderMap,
    body: Body,
) -> Response {
    respond(&server, &endpoint, &headers, body).await
}

fn refusal(error: &InferError, request_labels: RequestLabels<'_>) -> Response {
    super::refuse(error, request_labels, &mlflow::write_error(error))
}

async fn respond(server: &Server, endpoint: &str, headers: &HeaderMap, body: Body) -> Response {
    let catalogue = server.model_catalogue.snapshot();
    let known = catalogue.endpoints.contains_key(endpoint).then_some(endpoint);
    let accepted = form(headers);
    let resolved = accepted.and_then(|form| Ok((form, catalogue.resolve(endpoint, None)?)));
    let (form, resolved) = match resolved {
        Ok(resolved) => resolved,
        Err(error) => {
            let response = refusal(&error, RequestLabels { endpoint: known, version: None });
            return super::with_response_headers(response, headers, None);
        }
    };
    let request_labels = RequestLabels { endpoint: known, version: Some(resolved.version.number) };
    match answer(server, resolved, form, headers, body).await {
        Ok((encoded, response_headers)) => {
            let response = ([(header::CONTENT_TYPE, "application/json")], encoded).into_response();
            super::with_response_headers(response, headers, Some(&response_headers))
        }
        Err(error) => super::with_response_headers(refusal(&error, request_labels), headers, None),
    }
}

/// The forms of a body.
#[derive(Debug, Clone)]
enum Form {
    Json,
    /// With what the parameters of its type state of it.
    Csv(CsvDialect),
    Parquet,
}

fn form(headers: &HeaderMap) -> Result<Form, InferError> {
    match body::media_type(headers)?.as_deref() {
        Some("application/json") => Ok(Form::Json),
        Some("text/csv") => Ok(Form::Csv(dialect(headers)?)),
        Some(
            "application/vnd.apache.parquet" | "application/x-parquet" | "application/parquet",
        ) => Ok(Form::Parquet),
        _ => Err(InferError::ContentType {
            expected: "application/json, text/csv or application/vnd.apache.parquet",
        }),
    }
}

/// What `text/csv; delimiter=";"; decimal=","` states.
fn dialect(headers: &HeaderMap) -> Result<CsvDialect, InferError> {
    const STATED: [&str; 4] = ["delimiter", "quote", "decimal", "thousands"];
    let parameters = body::parameters(headers);
    let stated = STATED.map(|name| {
        let value = parameters.iter().find(|(known, _)| known == name);
        (name, value.map_or("", |(_, value)| value.as_str()))
    });
    CsvDialect::parse(&stated).map_err(|_| InferError::ContentType {
        expected: "text/csv with a delimiter, a quote, a decimal of . or , and thousands as of tier0 predict",
    })
}

async fn answer(
    server: &Server,
    resolved: ResolvedVersion,
    form: Form,
    headers: &HeaderMap,
    body: Body,
) -> Result<(Vec<u8>, ResponseHeaders), InferError> {
    let received = body::receive(server, headers, body).await?;
    let resolved = server.route(resolved, super::routing_key(headers));
    let (request_context, bytes) = super::request_context(resolved, received, headers);
    server
        .infer(
            request_context,
            move |resolved| {
                let input = match form {
                    Form::Csv(stated) => {
                        csv::read(&bytes, resolved.version.frame.fields(), &stated)?
                    }
                    Form::Json => mlflow::read_json(&bytes)?,
                    Form::Parquet => parquet::read(bytes)?,
                };
                Ok(InferRequest { input, id: None, entities: Vec::new(), wanted: () })
            },
            |answer, ()| mlflow::write(answer),
        )
        .await
}
