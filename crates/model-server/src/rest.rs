//! The REST listener: Open Inference Protocol v2, MLflow's scoring server, and health.

mod body;
mod mlflow;
mod v2;

use std::sync::Arc;

use auth::Right;
use axum::Router;
use axum::extract::Request;
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use bytes::Bytes;
use process::http::{Admitted, Refused, is_addressed, names_a_service, show_allowance};
use serde_json::Value;
use tower::ServiceExt as _;

use self::body::ReceivedBody;
use crate::catalogue::ResolvedVersion;
use crate::error::InferError;
use crate::server::{RequestContext, ResponseHeaders, Server};
use crate::telemetry::RequestLabels;

/// Header with the identity of a request, both ways.
pub(crate) const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");
/// Header with the key by which a request is routed: the same key always goes to the same version of an A/B test.
pub(crate) const ROUTING_KEY: &str = "x-routing-key";
/// Whom the rows are about: one identity per row, commas between them.
pub(crate) const ENTITY_IDS: &str = "x-entity-ids";
/// Greatest accepted length of a routing key, in bytes; a longer one is ignored.
const MAX_KEY_LENGTH: usize = 256;
/// Header with the W3C trace context of a request, both ways.
const TRACEPARENT: HeaderName = HeaderName::from_static("traceparent");
/// Longest identity of a request that is taken over.
const MAX_ID_LENGTH: usize = 128;

/// Routes of every path that the server answers.
pub fn router(server: Arc<Server>) -> Router {
    let guarded = Router::new()
        .route("/v2", get(v2::server))
        .route("/v2/", get(v2::server))
        .route("/v2/repository/index", post(v2::index))
        .route("/v2/models/{model}", get(v2::model))
        .route("/v2/models/{model}/ready", get(v2::model_ready))
        .route("/v2/models/{model}/infer", post(v2::infer))
        .route("/v2/models/{model}/versions/{version}", get(v2::version))
        .route("/v2/models/{model}/versions/{version}/ready", get(v2::version_ready))
        .route("/v2/models/{model}/versions/{version}/infer", post(v2::infer_version))
        .route("/v2/models/{model}/explain", post(v2::explain))
        .route("/v2/models/{model}/versions/{version}/explain", post(v2::explain_version))
        .route("/invocations", post(mlflow::invocations))
        .route("/endpoints/{endpoint}/invocations", post(mlflow::endpoint_invocations));
    let guarded = server.rest_guard.clone().protect(guarded, refused);
    // Probes carry no token, and these say nothing beyond whether the process is up.
    Router::new()
        .route("/v2/health/live", get(v2::live))
        .route("/v2/health/ready", get(v2::ready))
        .route("/ping", get(mlflow::ping))
        .route("/health", get(mlflow::ping))
        .route("/version", get(mlflow::version))
        .merge(guarded)
        .fallback(|| async { v2::refusal(&InferError::NoSuchPath, RequestLabels::default()) })
        .method_not_allowed_fallback(|| async {
            v2::refusal(&InferError::WrongMethod, RequestLabels::default())
        })
        .with_state(server)
}

/// Answers a request, by the short cut where it can be taken.
pub async fn answer(server: &Server, router: Router, request: Request) -> Response {
    let is_meant = is_addressed(&request, &server.hosts) || names_a_service(&request);
    if server.rest_guard.is_open() && !is_meant {
        return v2::refusal(&InferError::ForeignHost, RequestLabels::default());
    }
    match predict_directly(server, request).await {
        Ok(response) => response,
        Err(request) => match router.oneshot(request).await {
            Ok(response) => response,
            Err(never) => match never {},
        },
    }
}

/// Predictions by an endpoint's traffic, without the way through the router, whose generality they do not need.
/// Any other request is given back.
#[allow(clippy::result_large_err, reason = "the request itself is what is given back")]
async fn predict_directly(server: &Server, request: Request) -> Result<Response, Request> {
    let model = (request.method() == Method::POST)
        .then(|| request.uri().path().strip_prefix("/v2/models/")?.strip_suffix("/infer"))
        .flatten()
        .filter(|model| !model.is_empty() && !model.contains(['/', '%']))
        .map(str::to_owned);
    let Some(model) = model else { return Err(request) };
    let (parts, body) = request.into_parts();
    let guard = &server.rest_guard;
    let admitted = guard.admit(Right::Predict, &parts.method, &parts.headers, &parts.extensions);
    let Admitted { allowance, .. } = match admitted.await {
        Ok(admitted) => admitted,
        Err(refusal) => return Ok(refusal.answer(refused(&refusal))),
    };
    let mut response = v2::predict(server, &model, &parts.headers, body).await;
    show_allowance(response.headers_mut(), allowance);
    Ok(response)
}

/// The answer to a request that is not let in, in the protocol's form.
fn refused(refusal: &Refused) -> Response {
    json(refusal.status(), &serde_json::json!({ "error": refusal.to_string() }))
}

/// A response with this status and a JSON body.
fn json(status: StatusCode, body: &Value) -> Response {
    (status, [(header::CONTENT_TYPE, "application/json")], body.to_string()).into_response()
}

/// A refusal in a protocol's form, counted.
fn refuse(error: &InferError, request_labels: RequestLabels<'_>, body: &Value) -> Response {
    crate::telemetry::refused(request_labels, error.kind());
    if let InferError::Score(source) = error {
        tracing::error!(endpoint = request_labels.endpoint, error = %source, "rows could not be scored");
    }
    let mut response = json(error.status(), body);
    if let Some(seconds) = error.retry_after() {
        response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(seconds));
    }
    response
}

/// What a request says about itself, in its headers and its body.
fn request_context(
    resolved: ResolvedVersion,
    received: ReceivedBody,
    headers: &HeaderMap,
) -> (RequestContext, Bytes) {
    let ReceivedBody { bytes, begun, admission, until } = received;
    let request_context = RequestContext {
        resolved,
        bytes: bytes.len(),
        begun,
        id: header_id(headers),
        traceparent: trace(headers).map(crate::trace::carried),
        entities: entities(headers),
        until,
        admission,
    };
    (request_context, bytes)
}

/// The identity that a header gives the request.
fn header_id(headers: &HeaderMap) -> Option<String> {
    let id = headers.get(&REQUEST_ID)?.to_str().ok()?.trim();
    (!id.is_empty() && id.len() <= MAX_ID_LENGTH).then(|| id.to_owned())
}

/// The key by which a request is routed, where it gives one.
fn routing_key(headers: &HeaderMap) -> Option<&str> {
    headers
        .get(ROUTING_KEY)?
        .to_str()
        .ok()
        .filter(|key| !key.is_empty() && key.len() <= MAX_KEY_LENGTH)
}

/// Whom the rows are about, where a header says so.
fn entities(headers: &HeaderMap) -> Vec<String> {
    let given = headers.get(ENTITY_IDS).and_then(|ids| ids.to_str().ok());
    given.map(crate::events::entities).unwrap_or_default()
}

/// Puts the identity and the trace context of the request on its answer, and who answered.
fn with_response_headers(
    mut response: Response,
    headers: &HeaderMap,
    response_headers: Option<&ResponseHeaders>,
) -> Response {
    let given = || headers.get(&REQUEST_ID).filter(|_| header_id(headers).is_some()).cloned();
    let id = response_headers
        .map_or_else(given, |response_headers| HeaderValue::from_str(&response_headers.id).ok());
    for (name, value) in response_headers.map(ResponseHeaders::headers).unwrap_or_default() {
        if let Ok(value) = HeaderValue::from_str(&value) {
            response.headers_mut().insert(HeaderName::from_static(name), value);
        }
    }
    if let Some(id) = id {
        response.headers_mut().insert(REQUEST_ID, id);
    }
    let context = trace(headers).and_then(|context| HeaderValue::try_from(context).ok());
    if let Some(context) = context {
        response.headers_mut().insert(TRACEPARENT, context);
    }
    response
}

/// The trace context of a request.
fn trace(headers: &HeaderMap) -> Option<String> {
    crate::events::traceparent(headers.get(TRACEPARENT)?.to_str().ok()?)
}
