//! The REST listener: Open Inference Protocol v2, MLflow's scoring server, and health.

mod body;
mod mlflow;
mod v2;

use std::sync::Arc;

use axum::Router;
use axum::extract::{Request, State};
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use axum::middleware::{self, Next};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use serde_json::Value;

use self::body::Received;
use crate::catalogue::Resolved;
use crate::error::InferError;
use crate::server::{About, Server, Told, is_token};

/// Header with the identity of a request, both ways.
pub const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");
/// Header with the key by which a request is routed: the same key always goes to the same version of an A/B test.
pub const ROUTING_KEY: &str = "x-routing-key";
/// Longest such key.
const LONGEST_KEY: usize = 256;
/// Longest identity of a request that is taken over.
const LONGEST_ID: usize = 128;

/// All paths.
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
        .route("/invocations", post(mlflow::invocations))
        .route("/endpoints/{endpoint}/invocations", post(mlflow::endpoint_invocations))
        .layer(middleware::from_fn_with_state(Arc::clone(&server), authorize));
    // Probes carry no token, and these say nothing beyond whether the process is up.
    Router::new()
        .route("/v2/health/live", get(v2::live))
        .route("/v2/health/ready", get(v2::ready))
        .route("/ping", get(mlflow::ping))
        .route("/health", get(mlflow::ping))
        .route("/version", get(mlflow::version))
        .merge(guarded)
        .fallback(|| async { v2::refusal(&InferError::NoSuchPath, None) })
        .method_not_allowed_fallback(|| async { v2::refusal(&InferError::WrongMethod, None) })
        .with_state(server)
}

/// Lets a request pass that has the token, where one is needed.
async fn authorize(State(server): State<Arc<Server>>, request: Request, next: Next) -> Response {
    let Some(expected) = &server.token else {
        return next.run(request).await;
    };
    let given = request
        .headers()
        .get(header::AUTHORIZATION)
        .and_then(|value| value.to_str().ok())
        .and_then(|value| value.strip_prefix("Bearer "));
    if given.is_some_and(|given| is_token(given.trim(), expected)) {
        return next.run(request).await;
    }
    let mut response = json(
        StatusCode::UNAUTHORIZED,
        &serde_json::json!({ "error": "the bearer token is missing or wrong" }),
    );
    response.headers_mut().insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
    response
}

/// A JSON answer.
fn json(status: StatusCode, body: &Value) -> Response {
    (status, [(header::CONTENT_TYPE, "application/json")], body.to_string()).into_response()
}

/// A refusal in a protocol's form, counted.
fn refuse(error: &InferError, endpoint: Option<&str>, body: &Value) -> Response {
    crate::telemetry::refused(endpoint, error.kind());
    if let InferError::Score(source) = error {
        tracing::error!(endpoint, error = %source, "rows could not be scored");
    }
    let mut response = json(error.status(), body);
    if matches!(error, InferError::Overloaded | InferError::NotReady { .. }) {
        response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from_static("1"));
    }
    response
}

/// What a request says about itself, in its headers and its body.
fn about(resolved: Resolved, received: &Received, headers: &HeaderMap) -> About {
    About {
        resolved,
        bytes: received.bytes.len(),
        begun: received.begun,
        id: header_id(headers),
        traceparent: trace(headers),
    }
}

/// The identity that a header gives the request.
fn header_id(headers: &HeaderMap) -> Option<String> {
    let id = headers.get(&REQUEST_ID)?.to_str().ok()?.trim();
    (!id.is_empty() && id.len() <= LONGEST_ID).then(|| id.to_owned())
}

/// Puts the identity of the request on its answer, and who answered.
fn with_told(mut response: Response, told: &Told) -> Response {
    let headers = response.headers_mut();
    if let Ok(id) = HeaderValue::from_str(&told.id) {
        headers.insert(REQUEST_ID, id);
    }
    for (name, value) in told.headers() {
        if let Ok(value) = HeaderValue::from_str(&value) {
            headers.insert(HeaderName::from_static(name), value);
        }
    }
    response
}

/// The key by which a request is routed, where it gives one.
fn routing_key(headers: &HeaderMap) -> Option<&str> {
    headers
        .get(ROUTING_KEY)?
        .to_str()
        .ok()
        .filter(|key| !key.is_empty() && key.len() <= LONGEST_KEY)
}

/// The trace context of a request.
fn trace(headers: &HeaderMap) -> Option<String> {
    crate::events::traceparent(headers.get("traceparent")?.to_str().ok()?)
}
