//! `GET /api/v1/…`: what the ledger and the stream know, as JSON; `POST /api/v1/runs/ID/…`: what may be done to a run.

mod changes;
mod feedback;
mod history;
mod leaderboard;
mod models;
mod monitoring;

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, PoisonError, RwLock};

use api::runs::RunsDocument;
use api::{DEFAULT_LIMIT, ErrorBody, ErrorDocument, MAX_LIMIT};
use axum::extract::rejection::QueryRejection;
use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use axum::{Json, Router};
use contracts::RunId;
use process::http::BearerToken;
use runs::attention::Unattended;
use runs::ledger::{Ledger, Page, RunStatus, RunView};
use serde::Deserialize;

use crate::health::Watched;
use crate::trouble::Trouble;

pub use changes::changes;
pub use feedback::feedback;
pub use history::history;
pub use leaderboard::leaderboards;
pub use models::models;
pub use monitoring::monitoring;

/// The ledger, as the feed writes it and the API reads it; cheap to clone.
#[derive(Debug, Clone)]
pub struct Shared {
    ledger: Arc<RwLock<Ledger>>,
    current: Arc<AtomicBool>,
    unattended: Arc<RwLock<Vec<Unattended>>>,
    trouble: Trouble,
}

impl Shared {
    /// An empty ledger.
    #[must_use]
    pub fn new(capacity: usize) -> Self {
        Self {
            ledger: Arc::new(RwLock::new(Ledger::new(capacity))),
            current: Arc::default(),
            unattended: Arc::default(),
            trouble: Trouble::default(),
        }
    }

    /// Reads.
    pub fn read<T>(&self, look: impl FnOnce(&Ledger) -> T) -> T {
        look(&self.ledger.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// Writes.
    pub fn write<T>(&self, change: impl FnOnce(&mut Ledger) -> T) -> T {
        change(&mut self.ledger.write().unwrap_or_else(PoisonError::into_inner))
    }

    /// Notes whether what was in the stream at the start has all been taken in.
    pub fn set_current(&self, current: bool) {
        self.current.store(current, Ordering::Release);
    }

    /// Whether what was in the stream at the start has all been taken in.
    #[must_use]
    pub fn is_current(&self) -> bool {
        self.current.load(Ordering::Acquire)
    }

    /// Notes the stages that nobody attends to; gives those that were attended to before, where there are any.
    pub fn set_unattended(&self, unattended: Vec<Unattended>) -> Option<Vec<String>> {
        let mut known = self.unattended.write().unwrap_or_else(PoisonError::into_inner);
        let is_new = |agent: &&Unattended| !known.iter().any(|known| known.agent == agent.agent);
        let new: Vec<String> =
            unattended.iter().filter(is_new).map(|new| new.agent.clone()).collect();
        *known = unattended;
        (!new.is_empty()).then_some(new)
    }

    /// What troubles processes now.
    #[must_use]
    pub fn trouble(&self) -> &Trouble {
        &self.trouble
    }

    /// The stages that nobody attends to.
    #[must_use]
    pub fn unattended(&self) -> Vec<Unattended> {
        self.unattended.read().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

struct Refusal(StatusCode, &'static str, String);

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        let error = ErrorBody { code: self.1.to_owned(), message: self.2 };
        (self.0, Json(ErrorDocument { error })).into_response()
    }
}

/// The API with the routes that [`changes`] and [`history`] give; with a token, only for who gives it.
pub fn router(shared: Shared, more: Router, token: Option<BearerToken>) -> Router {
    let api = Router::new()
        .route("/api/v1/runs", get(runs))
        .route("/api/v1/runs/{id}", get(run))
        .fallback(|| async {
            Refusal(
                StatusCode::NOT_FOUND,
                "not_found",
                "no such resource; see /api/v1/runs, /api/v1/models and /api/v1/alerts".to_owned(),
            )
        })
        .method_not_allowed_fallback(|| async {
            Refusal(
                StatusCode::METHOD_NOT_ALLOWED,
                "method_not_allowed",
                "GET reads; POST is for what changes a run or a model, such as /api/v1/runs/ID/cancel"
                    .to_owned(),
            )
        })
        .with_state(shared)
        .merge(more);
    let api = process::http::traced(api);
    process::http::authorized(api, token, || {
        let message = "give the token as `Authorization: Bearer TOKEN`".to_owned();
        Refusal(StatusCode::UNAUTHORIZED, "unauthorized", message).into_response()
    })
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct RunsQuery {
    limit: Option<usize>,
    status: Option<String>,
    before: Option<String>,
}

async fn runs(
    State(shared): State<Shared>,
    query: Result<Query<RunsQuery>, QueryRejection>,
) -> Result<Json<RunsDocument>, Refusal> {
    let Query(query) = query.map_err(|_| {
        invalid(
            "expected limit (1 to 1000), status (queued, running, succeeded, failed or cancelled) and before (a run), all optional",
        )
    })?;
    let limit = query.limit.unwrap_or(DEFAULT_LIMIT);
    if !(1..=MAX_LIMIT).contains(&limit) {
        return Err(invalid("limit is out of range; expected 1 to 1000"));
    }
    let status = query.status.filter(|status| !status.is_empty());
    let status = status
        .map(|status| status.parse::<RunStatus>())
        .transpose()
        .map_err(|error| invalid(&error.to_string()))?;
    let before = query.before.filter(|before| !before.is_empty());
    let before = before.map(RunId::new).transpose().map_err(|error| invalid(&error.to_string()))?;
    let page = Page { status, before, limit };
    let unattended = shared.unattended();
    let document = shared.read(|ledger| api::runs::list(ledger, &page, &unattended));
    document.map(Json).ok_or_else(|| unknown_run(page.before.as_ref()))
}

async fn run(
    State(shared): State<Shared>,
    Path(id): Path<String>,
) -> Result<Json<RunView>, Refusal> {
    let id = RunId::new(id).map_err(|error| invalid(&error.to_string()))?;
    let unattended = shared.unattended();
    let found = shared.read(|ledger| api::runs::show(ledger, &id, &unattended));
    found.map(Json).ok_or_else(|| unknown_run(Some(&id)))
}

fn unknown_run(run: Option<&RunId>) -> Refusal {
    let run = run.map(RunId::as_str).unwrap_or_default();
    Refusal(StatusCode::NOT_FOUND, "run_not_found", format!("no run `{run}`"))
}

/// How the fleet is.
pub fn health(watched: Watched) -> Router {
    let answer = |State(watched): State<Watched>| async move { Json(watched.document().await) };
    Router::new().route("/api/v1/health", get(answer)).with_state(watched)
}

fn invalid(message: &str) -> Refusal {
    Refusal(StatusCode::BAD_REQUEST, "invalid_request", message.to_owned())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test")]

    use axum::body::{Body, to_bytes};
    use axum::http::{Request, header};
    use contracts::v1::Handoff;
    use tower::ServiceExt;

    use super::*;
    use runs::ledger::Record;

    async fn get(
        token: Option<&str>,
        path: &str,
        given: Option<&str>,
    ) -> (StatusCode, serde_json::Value) {
        let shared = Shared::new(10);
        let handoff =
            Handoff { run_id: "r1".into(), to_agent: "scope-definer".into(), ..Handoff::default() };
        let record = Record::Handoff(Box::new(handoff));
        shared.write(|ledger| ledger.apply(1, RunId::new("r1").unwrap(), &record));
        let mut request = Request::get(path);
        if let Some(given) = given {
            request = request.header(header::AUTHORIZATION, format!("Bearer {given}"));
        }
        let request = request.body(Body::empty()).unwrap();
        let response = router(shared, Router::new(), token.and_then(BearerToken::new))
            .oneshot(request)
            .await
            .unwrap();
        let status = response.status();
        let body = to_bytes(response.into_body(), 1 << 20).await.unwrap();
        (status, serde_json::from_slice(&body).unwrap())
    }

    #[tokio::test]
    async fn runs_are_listed_and_shown() {
        let (status, body) = get(None, "/api/v1/runs?limit=5&status=queued", None).await;
        assert_eq!((status, &body["runs"][0]["run_id"]), (StatusCode::OK, &"r1".into()));
        let (status, body) = get(None, "/api/v1/runs/r1", None).await;
        assert_eq!((status, &body["status"]), (StatusCode::OK, &"queued".into()));
    }

    #[tokio::test]
    async fn what_is_wrong_is_said_in_json() {
        for (path, status, code) in [
            ("/api/v1/runs/r2", StatusCode::NOT_FOUND, "run_not_found"),
            ("/api/v1/runs?limit=0", StatusCode::BAD_REQUEST, "invalid_request"),
            ("/api/v1/runs?limit=x", StatusCode::BAD_REQUEST, "invalid_request"),
            ("/api/v1/runs?status=lost", StatusCode::BAD_REQUEST, "invalid_request"),
            ("/api/v1/runs?before=a.b", StatusCode::BAD_REQUEST, "invalid_request"),
            ("/api/v1/runs?before=r2", StatusCode::NOT_FOUND, "run_not_found"),
            ("/api/v1/runs?page=2", StatusCode::BAD_REQUEST, "invalid_request"),
            ("/api/v1/nothing", StatusCode::NOT_FOUND, "not_found"),
        ] {
            let (found, body) = get(None, path, None).await;
            assert_eq!((found, &body["error"]["code"]), (status, &code.into()), "{path}");
        }
    }

    #[test]
    fn a_stage_that_nobody_attends_to_is_told_once() {
        let shared = Shared::new(10);
        let unattended = Unattended { agent: "model-trainer".into(), seconds: 40, waiting: 2 };
        assert_eq!(
            shared.set_unattended(vec![unattended.clone()]),
            Some(vec!["model-trainer".to_owned()])
        );
        assert_eq!(shared.set_unattended(vec![unattended.clone()]), None);
        assert_eq!(shared.unattended(), [unattended]);
    }

    #[tokio::test]
    async fn a_token_is_needed_where_there_is_one() {
        assert_eq!(get(Some("secret"), "/api/v1/runs", None).await.0, StatusCode::UNAUTHORIZED);
        assert_eq!(
            get(Some("secret"), "/api/v1/runs", Some("secre")).await.0,
            StatusCode::UNAUTHORIZED
        );
        assert_eq!(get(Some("secret"), "/api/v1/runs", Some("secret")).await.0, StatusCode::OK);
    }
}
