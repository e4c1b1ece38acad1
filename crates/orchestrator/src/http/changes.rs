//! `POST /api/v1/runs/ID/cancel` and `…/retry`.

use api::runs::{CancelBody, RetryBody};
use axum::extract::{Path, Request, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::middleware::{self, Next};
use axum::response::{IntoResponse, Response};
use axum::routing::post;
use axum::{Json, Router};
use bytes::Bytes;
use contracts::{Agent, RunId, failures};
use runs::control::{Cancelled, Control, Error, Retried};
use runs::recovery;
use serde::de::DeserializeOwned;

use super::{Refusal, invalid};

/// Who acts, in the labels of what is published.
pub(super) const BY: &str = "api";

/// The routes that change something.
pub fn changes(control: Control) -> Router {
    Router::new()
        .route("/api/v1/runs/{id}/cancel", post(cancel))
        .route("/api/v1/runs/{id}/retry", post(retry))
        .layer(middleware::from_fn(own_pages))
        .with_state(control)
}

/// A page of another origin, which a browser lets send a plain POST, is refused.
pub(super) async fn own_pages(request: Request, next: Next) -> Response {
    if is_foreign(request.headers()) {
        let message = "a page of another origin may not change anything here".to_owned();
        return Refusal(StatusCode::FORBIDDEN, "foreign_origin", message).into_response();
    }
    next.run(request).await
}

fn is_foreign(headers: &HeaderMap) -> bool {
    let text = |name| headers.get(name).and_then(|value| value.to_str().ok());
    let host = text(header::HOST).unwrap_or_default();
    headers.contains_key(header::ORIGIN)
        && text(header::ORIGIN)
            .and_then(|origin| origin.split_once("://"))
            .is_none_or(|(_, authority)| authority != host)
}

async fn cancel(
    State(control): State<Control>,
    Path(id): Path<String>,
    body: Bytes,
) -> Result<Json<Cancelled>, Refusal> {
    let run = RunId::new(id).map_err(|error| invalid(&error.to_string()))?;
    let body: CancelBody = read(&body)?;
    Ok(Json(control.cancel(&run, body.reason.as_deref(), BY).await?))
}

async fn retry(
    State(control): State<Control>,
    Path(id): Path<String>,
    body: Bytes,
) -> Result<Json<Retried>, Refusal> {
    let run = RunId::new(id).map_err(|error| invalid(&error.to_string()))?;
    let body: RetryBody = read(&body)?;
    let from = body
        .from
        .map(|from| from.parse::<Agent>())
        .transpose()
        .map_err(|error| invalid(&error.to_string()))?;
    Ok(Json(control.retry(&run, from, BY).await?))
}

pub(super) fn read<T: DeserializeOwned + Default>(body: &[u8]) -> Result<T, Refusal> {
    if body.trim_ascii().is_empty() {
        return Ok(T::default());
    }
    serde_json::from_slice(body)
        .map_err(|error| invalid(&format!("the body is not valid: {error}")))
}

impl From<Error> for Refusal {
    fn from(error: Error) -> Self {
        let message = failures::with_causes(&error);
        match &error {
            Error::Refused(refusal) => {
                let status = match refusal {
                    recovery::Refusal::UnknownRun { .. } => StatusCode::NOT_FOUND,
                    _ => StatusCode::CONFLICT,
                };
                Self(status, refusal.code(), message)
            }
            Error::Contended { .. } => Self(StatusCode::CONFLICT, "contended", message),
            Error::Bus(_) | Error::Feed(_) | Error::Incomplete { .. } => {
                Self(StatusCode::BAD_GATEWAY, "broker", message)
            }
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test")]

    use super::*;

    #[test]
    fn bodies_may_be_left_out_but_not_misspelt() {
        let body: Option<RetryBody> = read(b" \n").ok();
        assert_eq!(body, Some(RetryBody::default()));
        let body: Option<RetryBody> = read(br#"{"from": "model-trainer"}"#).ok();
        assert_eq!(body.unwrap().from.as_deref(), Some("model-trainer"));
        assert!(read::<RetryBody>(br#"{"form": "model-trainer"}"#).is_err());
        assert!(read::<CancelBody>(b"reason=x").is_err());
    }

    #[test]
    fn pages_of_other_origins_are_foreign() {
        let headers = |origin: Option<&str>| {
            let mut headers = HeaderMap::new();
            headers.insert(header::HOST, "127.0.0.1:8080".parse().unwrap());
            if let Some(origin) = origin {
                headers.insert(header::ORIGIN, origin.parse().unwrap());
            }
            headers
        };
        assert!(!is_foreign(&headers(None)));
        assert!(!is_foreign(&headers(Some("http://127.0.0.1:8080"))));
        assert!(is_foreign(&headers(Some("http://example.org"))));
        assert!(is_foreign(&headers(Some("null"))));
    }
}
