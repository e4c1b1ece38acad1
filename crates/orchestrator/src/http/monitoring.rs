//! `/api/v1/alerts…`, `/api/v1/endpoints/E/monitoring` and `…/retraining`: what monitoring found, and what people answer.

use std::time::SystemTime;

use api::monitoring::{
    self, AlertFilter, AlertView, AlertsDocument, Answer, AnswerError, AttemptView, Decision,
    MonitoringDocument, NoteBody, RetrainingView, Standing, UnknownName, alerts,
};
use api::{DEFAULT_LIMIT, MAX_LIMIT};
use axum::extract::rejection::QueryRejection;
use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use axum::routing::{get, post};
use axum::{Json, Router, middleware};
use bytes::Bytes;
use contracts::failures;
use registry::Registry;
use serde::Deserialize;

use super::changes::{BY, own_pages, read};
use super::{Refusal, invalid};

type Answered<T> = Result<Json<T>, Refusal>;

/// Longest name of who acts.
const LONGEST_NAME: usize = 64;

/// Who acts, as it is recorded.
fn actor(body: &NoteBody) -> Result<String, Refusal> {
    match body.by.as_deref().map(str::trim).filter(|by| !by.is_empty()) {
        None => Ok(BY.to_owned()),
        Some(by) if by.len() > LONGEST_NAME || by.contains(char::is_control) => Err(invalid(
            &format!("by: expected at most {LONGEST_NAME} bytes without control characters"),
        )),
        Some(by) => Ok(format!("{BY}/{by}")),
    }
}

#[derive(Debug, Clone)]
struct Sources {
    registry: Registry,
}

/// The routes of monitoring.
pub fn monitoring(registry: Registry) -> Router {
    let sources = Sources { registry };
    let reading = Router::new()
        .route("/api/v1/alerts", get(list))
        .route("/api/v1/alerts/{id}", get(show))
        .route("/api/v1/endpoints/{endpoint}/monitoring", get(watched))
        .route("/api/v1/endpoints/{endpoint}/retraining", get(retraining))
        .with_state(sources.clone());
    let changing = Router::new()
        .route("/api/v1/alerts/{id}/acknowledge", post(acknowledge))
        .route("/api/v1/alerts/{id}/resolve", post(resolve))
        .route("/api/v1/endpoints/{endpoint}/retraining/approve", post(approve))
        .route("/api/v1/endpoints/{endpoint}/retraining/decline", post(decline))
        .layer(middleware::from_fn(own_pages))
        .with_state(sources);
    reading.merge(changing)
}

pub(super) fn unknown_endpoint(endpoint: &str) -> Refusal {
    let endpoint: String = endpoint.chars().take(100).collect();
    let message = format!("there is no endpoint `{endpoint}`");
    Refusal(StatusCode::NOT_FOUND, "endpoint_not_found", message)
}

impl From<UnknownName> for Refusal {
    fn from(error: UnknownName) -> Self {
        invalid(&error.to_string())
    }
}

impl From<AnswerError> for Refusal {
    fn from(error: AnswerError) -> Self {
        let status = match error {
            AnswerError::Registry(error) => return error.into(),
            AnswerError::UnknownAttempt { .. } => StatusCode::NOT_FOUND,
            AnswerError::NothingProposed { .. } | AnswerError::NotProposed { .. } => {
                StatusCode::CONFLICT
            }
        };
        Self(status, error.code(), failures::with_causes(&error))
    }
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct AlertsQuery {
    endpoint: Option<String>,
    state: Option<String>,
    kind: Option<String>,
    severity: Option<String>,
    limit: Option<usize>,
}

async fn list(
    State(sources): State<Sources>,
    query: Result<Query<AlertsQuery>, QueryRejection>,
) -> Answered<AlertsDocument> {
    let Query(query) = query.map_err(|_| {
        invalid(
            "expected endpoint, state (open, active, acknowledged, resolved or all), kind, severity and limit (1 to 1000), all optional",
        )
    })?;
    let given = |text: Option<String>| text.filter(|text| !text.is_empty());
    let filter = AlertFilter {
        standing: given(query.state).map_or(Ok(Standing::Open), |text| text.parse())?,
        kind: given(query.kind).map(|text| text.parse()).transpose()?,
        severity: given(query.severity).map(|text| text.parse()).transpose()?,
    };
    let limit = query.limit.unwrap_or(DEFAULT_LIMIT);
    if !(1..=MAX_LIMIT).contains(&limit) {
        return Err(invalid("limit is out of range; expected 1 to 1000"));
    }
    let endpoint = given(query.endpoint);
    let found = alerts::list(&sources.registry, endpoint.as_deref(), &filter, limit).await?;
    found.map(Json).ok_or_else(|| unknown_endpoint(&endpoint.unwrap_or_default()))
}

async fn show(State(sources): State<Sources>, Path(id): Path<String>) -> Answered<AlertView> {
    Ok(Json(alerts::show(&sources.registry, &id).await?))
}

async fn acknowledge(
    State(sources): State<Sources>,
    Path(id): Path<String>,
    body: Bytes,
) -> Answered<AlertView> {
    let body: NoteBody = read(&body)?;
    Ok(Json(alerts::acknowledge(&sources.registry, &id, &actor(&body)?, &body.note).await?))
}

async fn resolve(
    State(sources): State<Sources>,
    Path(id): Path<String>,
    body: Bytes,
) -> Answered<AlertView> {
    let body: NoteBody = read(&body)?;
    Ok(Json(alerts::resolve(&sources.registry, &id, &actor(&body)?, &body.note).await?))
}

async fn watched(
    State(sources): State<Sources>,
    Path(endpoint): Path<String>,
) -> Answered<MonitoringDocument> {
    let found = monitoring::read(&sources.registry, &endpoint).await?;
    found.map(Json).ok_or_else(|| unknown_endpoint(&endpoint))
}

async fn retraining(
    State(sources): State<Sources>,
    Path(endpoint): Path<String>,
) -> Answered<RetrainingView> {
    let found = monitoring::retraining::show(&sources.registry, &endpoint).await?;
    found.map(Json).ok_or_else(|| unknown_endpoint(&endpoint))
}

async fn approve(
    State(sources): State<Sources>,
    Path(endpoint): Path<String>,
    body: Bytes,
) -> Answered<AttemptView> {
    answer(&sources, &endpoint, &body, Decision::Approve).await
}

async fn decline(
    State(sources): State<Sources>,
    Path(endpoint): Path<String>,
    body: Bytes,
) -> Answered<AttemptView> {
    answer(&sources, &endpoint, &body, Decision::Decline).await
}

async fn answer(
    sources: &Sources,
    endpoint: &str,
    body: &[u8],
    decision: Decision,
) -> Answered<AttemptView> {
    let body: NoteBody = read(body)?;
    if !monitoring::is_known(&sources.registry, endpoint).await? {
        return Err(unknown_endpoint(endpoint));
    }
    let by = actor(&body)?;
    let answer = Answer {
        request_id: body.request_id.as_deref(),
        decision,
        by: &by,
        note: &body.note,
        at: SystemTime::now(),
    };
    Ok(Json(monitoring::answer(&sources.registry, endpoint, answer).await?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_answers_is_recorded_behind_where_it_came_from() {
        let by = |text: Option<&str>| {
            let body = NoteBody { by: text.map(str::to_owned), ..NoteBody::default() };
            actor(&body).ok()
        };
        assert_eq!(by(None).as_deref(), Some("api"));
        assert_eq!(by(Some(" ")).as_deref(), Some("api"));
        assert_eq!(by(Some("ana")).as_deref(), Some("api/ana"));
        assert_eq!(by(Some("a\nb")), None);
        assert_eq!(by(Some(&"x".repeat(65))), None);
    }
}
