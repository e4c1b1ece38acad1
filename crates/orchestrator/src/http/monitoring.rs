//! `/api/v1/alerts…`, `/api/v1/endpoints/E/monitoring` and `…/retraining`: what monitoring found, and what people answer.

use std::time::SystemTime;

use axum::extract::rejection::QueryRejection;
use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use axum::routing::{get, post};
use axum::{Json, Router, middleware};
use bus::Bus;
use bytes::Bytes;
use contracts::failures;
use registry::Registry;
use serde::{Deserialize, Serialize};

use super::changes::{BY, own_pages, read};
use super::{DEFAULT_LIMIT, MAX_LIMIT, Refusal, invalid};
use api::monitoring::{
    self, AlertFilter, AlertView, AlertsDocument, Answer, AnswerError, AttemptView, Decision,
    MonitoringDocument, RetrainingView, Standing, UnknownName,
};

type Answered<T> = Result<Json<T>, Refusal>;

/// Longest name of who acts.
const LONGEST_NAME: usize = 64;

/// Body of an answer to an alert or a retraining; may be left out.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct NoteBody {
    /// What there is to say.
    pub note: String,
    /// Who says it.
    pub by: Option<String>,
    /// The retraining that is meant; the newest that waits where it is left out.
    pub request_id: Option<String>,
}

impl NoteBody {
    /// Who acts, as it is recorded.
    fn by(&self) -> Result<String, Refusal> {
        match self.by.as_deref().map(str::trim).filter(|by| !by.is_empty()) {
            None => Ok(BY.to_owned()),
            Some(by) if by.len() > LONGEST_NAME || by.contains(char::is_control) => Err(invalid(
                &format!("by: expected at most {LONGEST_NAME} bytes without control characters"),
            )),
            Some(by) => Ok(format!("{BY}/{by}")),
        }
    }
}

#[derive(Debug, Clone)]
struct Sources {
    bus: Bus,
    registry: Registry,
}

/// The routes of monitoring.
pub fn monitoring(bus: Bus, registry: Registry) -> Router {
    let sources = Sources { bus, registry };
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
    if let Some(endpoint) = &endpoint
        && !contracts::is_name(endpoint)
    {
        return Err(unknown_endpoint(endpoint));
    }
    let records = sources.registry.alert_records(endpoint.as_deref()).await?;
    let mut alerts = filter.views(&records);
    let total = alerts.len();
    alerts.truncate(limit);
    Ok(Json(AlertsDocument { alerts, total }))
}

async fn show(State(sources): State<Sources>, Path(id): Path<String>) -> Answered<AlertView> {
    let records = sources.registry.alert_records(None).await?;
    let is_it = |view: &AlertView| view.alert.alert_id == id;
    let found = records.iter().map(AlertView::from).find(is_it);
    Ok(Json(found.ok_or_else(|| registry::Error::UnknownAlert { alert_id: id.clone() })?))
}

async fn acknowledge(
    State(sources): State<Sources>,
    Path(id): Path<String>,
    body: Bytes,
) -> Answered<AlertView> {
    let body: NoteBody = read(&body)?;
    let (by, at) = (body.by()?, SystemTime::now());
    let record = sources.registry.acknowledge_alert(&id, &by, &body.note, at).await?;
    Ok(Json(AlertView::from(&record)))
}

async fn resolve(
    State(sources): State<Sources>,
    Path(id): Path<String>,
    body: Bytes,
) -> Answered<AlertView> {
    let body: NoteBody = read(&body)?;
    let (by, at) = (body.by()?, SystemTime::now());
    let record = sources.registry.resolve_alert(&id, &by, &body.note, at).await?;
    Ok(Json(AlertView::from(&record)))
}

async fn watched(
    State(sources): State<Sources>,
    Path(endpoint): Path<String>,
) -> Answered<MonitoringDocument> {
    let found = monitoring::read(&sources.bus, &sources.registry, &endpoint).await?;
    found.map(Json).ok_or_else(|| unknown_endpoint(&endpoint))
}

async fn retraining(
    State(sources): State<Sources>,
    Path(endpoint): Path<String>,
) -> Answered<RetrainingView> {
    let known = monitoring::is_known(&sources.registry, &endpoint).await?;
    if !known {
        return Err(unknown_endpoint(&endpoint));
    }
    let record = sources.registry.retraining(&endpoint).await?;
    Ok(Json(RetrainingView::from(&record)))
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
    let by = body.by()?;
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
            body.by().ok()
        };
        assert_eq!(by(None).as_deref(), Some("api"));
        assert_eq!(by(Some(" ")).as_deref(), Some("api"));
        assert_eq!(by(Some("ana")).as_deref(), Some("api/ana"));
        assert_eq!(by(Some("a\nb")), None);
        assert_eq!(by(Some(&"x".repeat(65))), None);
    }
}
