//! `/api/v1/…`: the queries and changes of [`api`] over HTTP, and the runs as the ledger has them.

mod events;
mod feedback;
mod openapi;
mod requests;
mod session;
mod streams;
mod uploads;

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, PoisonError, RwLock};

use api::audit::ListAudit;
use api::dead_letters::{ListDeadLetters, ReplayDeadLetter, ShowDeadLetter};
use api::endpoints::{
    ListEndpoints, PromoteEndpoint, RollBackEndpoint, ShowEndpoint, SplitEndpoint,
};
use api::history::{EndpointHistory, ModelHistory};
use api::models::{
    CompareVersions, DescribeModel, DescribeVersion, ListModels, NoteVersion, SearchVersions,
    SetAlias, SetStage, ShowModel, ShowVersion, TagModel, TagVersion,
};
use api::monitoring::{
    AcknowledgeAlert, ApproveRetraining, DeclineRetraining, ListAlerts, ListRetrainings,
    MonitoringHistory, ResolveAlert, ShowAlert, ShowMonitoring, ShowRetraining,
};
use api::predictions::PredictEndpoint;
use api::runs::{CancelRun, ListRuns, RetryRun, ShowRun};
use api::submission::SubmitRun;
use api::{Broker, Error, Query};
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::middleware;
use axum::response::IntoResponse;
use axum::routing::get;
use axum::{Json, Router};
use process::CancellationToken;
use process::http::Guard;
use runs::attention::UnattendedStage;
use runs::ledger::{Ledger, RunView};
use tokio::sync::watch;
use upload::Uploads;

use crate::config::TRACE_ID;
use crate::health::HealthCache;
use crate::trouble::TroubleBoard;
use requests::{Answer, ApiError, QueryOf, Routes, Tagged};

pub use events::events;
pub use feedback::feedback;
pub use openapi::openapi;
pub use streams::streams;
pub use uploads::uploads;

/// The ledger, as the feed writes it and the API reads it; cheap to clone.
#[derive(Debug, Clone)]
pub struct SharedLedger {
    ledger: Arc<RwLock<Ledger>>,
    current: Arc<AtomicBool>,
    unattended: Arc<RwLock<Vec<UnattendedStage>>>,
    trouble: TroubleBoard,
    /// The last sequence, for those who wait for a change.
    taken: Arc<watch::Sender<u64>>,
    /// The address of a trace, with [`TRACE_ID`] in the place of its identity.
    trace_url: Option<Arc<str>>,
}

impl SharedLedger {
    /// An empty ledger of at most `capacity` runs (at least one).
    #[must_use]
    pub fn new(capacity: usize) -> Self {
        Self {
            ledger: Arc::new(RwLock::new(Ledger::new(capacity))),
            current: Arc::default(),
            unattended: Arc::default(),
            trouble: TroubleBoard::default(),
            taken: Arc::new(watch::Sender::new(0)),
            trace_url: None,
        }
    }

    /// The same, whose runs say where their traces are looked at: at this address, with [`TRACE_ID`] in it.
    #[must_use]
    pub fn linking_traces(self, trace_url: Option<String>) -> Self {
        Self { trace_url: trace_url.map(Arc::from), ..self }
    }

    /// Says in a run where its trace is looked at, where that is known.
    pub(crate) fn link_trace(&self, run: &mut RunView) {
        let known = self.trace_url.as_deref().zip(run.trace_id.as_deref());
        run.trace_url = known.map(|(url, trace)| url.replace(TRACE_ID, trace));
    }

    /// Reads the ledger under its lock.
    pub fn read<T>(&self, look: impl FnOnce(&Ledger) -> T) -> T {
        look(&self.ledger.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// Changes the ledger under its lock.
    pub fn write<T>(&self, change: impl FnOnce(&mut Ledger) -> T) -> T {
        let mut ledger = self.ledger.write().unwrap_or_else(PoisonError::into_inner);
        let changed = change(&mut ledger);
        self.taken.send_replace(ledger.last_sequence());
        changed
    }

    /// What waits for a change of the ledger.
    pub(crate) fn changes(&self) -> watch::Receiver<u64> {
        self.taken.subscribe()
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

    /// Stores the stages that have no live agent; returns those that had one before.
    pub fn set_unattended(&self, unattended: Vec<UnattendedStage>) -> Option<Vec<String>> {
        let mut known = self.unattended.write().unwrap_or_else(PoisonError::into_inner);
        let is_new =
            |agent: &&UnattendedStage| !known.iter().any(|known| known.agent == agent.agent);
        let new: Vec<String> =
            unattended.iter().filter(is_new).map(|new| new.agent.clone()).collect();
        *known = unattended;
        (!new.is_empty()).then_some(new)
    }

    /// What troubles processes now.
    #[must_use]
    pub fn trouble(&self) -> &TroubleBoard {
        &self.trouble
    }

    /// The stages that have no live agent.
    #[must_use]
    pub fn unattended(&self) -> Vec<UnattendedStage> {
        self.unattended.read().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

/// The API with the routes of [`streams`], [`registry`], [`feedback`], [`events`] and [`health`], and the console beside it: the
/// API for callers whom the guard lets in; where that is everybody, both for those that name loopback or one of `hosts`.
pub fn router(shared: SharedLedger, more: Router, guard: Guard, hosts: Vec<String>) -> Router {
    let api = Router::new()
        .route(ListRuns::ROUTE, get(runs))
        .route(ShowRun::ROUTE, get(run))
        .with_state(shared)
        .merge(more)
        .merge(session::routes(guard.clone()))
        .fallback(|| async {
            ApiError(Error::new(
                StatusCode::NOT_FOUND,
                api::NO_ROUTE,
                "no such resource; see /api/v1/runs, /api/v1/models and /api/v1/alerts",
            ))
        })
        .method_not_allowed_fallback(|| async {
            ApiError(Error::new(
                StatusCode::METHOD_NOT_ALLOWED,
                "method_not_allowed",
                "GET reads; POST is for what changes a run or a model, such as /api/v1/runs/ID/cancel",
            ))
        });
    let api = process::http::traced(api);
    let is_open = guard.is_open();
    let api = guard.protect(api, |refused| {
        ApiError(Error::new(refused.status(), refused.code(), refused.to_string())).into_response()
    });
    // The console's files tell nothing of the fleet; what they ask for, they ask as any caller.
    let all = api.merge(console::router()).layer(middleware::from_fn(console::lead_browsers));
    if is_open {
        return process::http::addressed(all, hosts, || {
            let message =
                "ask by a name of loopback, such as 127.0.0.1, or by one of api.allowed_hosts";
            ApiError(Error::new(StatusCode::MISDIRECTED_REQUEST, "foreign_host", message))
                .into_response()
        });
    }
    all
}

async fn runs(
    State(shared): State<SharedLedger>,
    asked: HeaderMap,
    QueryOf(query): QueryOf<ListRuns>,
) -> Answer {
    let unattended = shared.unattended();
    let document = shared.read(|ledger| query.page(ledger, &unattended))?;
    Tagged { asked: &asked, document: &document, revision: None }.answer()
}

async fn run(
    State(shared): State<SharedLedger>,
    asked: HeaderMap,
    QueryOf(query): QueryOf<ShowRun>,
) -> Answer {
    let unattended = shared.unattended();
    let mut document = shared.read(|ledger| query.view(ledger, &unattended))?;
    shared.link_trace(&mut document);
    Tagged { asked: &asked, document: &document, revision: None }.answer()
}

/// The routes that read and change models, endpoints, alerts and retrainings, and those that change runs.
pub fn registry(broker: Broker) -> Router {
    table(Router::new()).with_state(broker)
}

/// All that is described of the queries and changes, but for those of [`streams`].
fn documented<R: Routes>(description: R) -> R {
    table(description.query::<ListRuns>().query::<ShowRun>())
}

/// The queries and changes that are answered as soon as they are asked.
fn table<R: Routes>(routes: R) -> R {
    routes
        .change::<SubmitRun>()
        .change::<CancelRun>()
        .change::<RetryRun>()
        .query::<ListModels>()
        .query::<ShowModel>()
        .query::<ShowVersion>()
        .query::<SearchVersions>()
        .query::<CompareVersions>()
        .query::<ModelHistory>()
        .change::<SetStage>()
        .change::<SetAlias>()
        .change::<TagModel>()
        .change::<TagVersion>()
        .change::<NoteVersion>()
        .change::<DescribeModel>()
        .change::<DescribeVersion>()
        .query::<ListEndpoints>()
        .query::<ShowEndpoint>()
        .query::<EndpointHistory>()
        .change::<SplitEndpoint>()
        .change::<PromoteEndpoint>()
        .change::<RollBackEndpoint>()
        .change::<PredictEndpoint>()
        .query::<ShowMonitoring>()
        .query::<MonitoringHistory>()
        .query::<ListAlerts>()
        .query::<ShowAlert>()
        .change::<AcknowledgeAlert>()
        .change::<ResolveAlert>()
        .query::<ListRetrainings>()
        .query::<ShowRetraining>()
        .change::<ApproveRetraining>()
        .change::<DeclineRetraining>()
        .query::<ListAudit>()
        .query::<ListDeadLetters>()
        .query::<ShowDeadLetter>()
        .change::<ReplayDeadLetter>()
}

/// Every route beside the runs of the ledger.
pub fn all(
    broker: Broker,
    shared: SharedLedger,
    watched: HealthCache,
    tables: Uploads,
    shutdown: CancellationToken,
) -> Router {
    registry(broker.clone())
        .merge(streams(broker.clone()))
        .merge(feedback(broker))
        .merge(uploads(tables))
        .merge(openapi())
        .merge(events(shared, shutdown))
        .merge(health(watched))
}

/// How the fleet is.
pub fn health(watched: HealthCache) -> Router {
    let answer = |State(watched): State<HealthCache>| async move { Json(watched.document().await) };
    Router::new().route(openapi::HEALTH, get(answer)).with_state(watched)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test")]

    use axum::body::{Body, to_bytes};
    use axum::http::{Request, header};
    use contracts::RunId;
    use contracts::v1::Handoff;
    use tower::ServiceExt;

    use super::*;
    use runs::ledger::Record;

    fn guard(token: Option<&str>) -> Guard {
        Guard::of_token(auth::Surface::Api, token.and_then(process::http::BearerToken::new))
    }

    async fn get(
        token: Option<&str>,
        path: &str,
        given: Option<&str>,
    ) -> (StatusCode, serde_json::Value) {
        let shared = SharedLedger::new(10);
        let handoff =
            Handoff { run_id: "r1".into(), to_agent: "scope-definer".into(), ..Handoff::default() };
        let record = Record::Handoff(Box::new(handoff));
        shared.write(|ledger| ledger.apply(1, RunId::new("r1").unwrap(), &record));
        let mut request = Request::get(path);
        if let Some(given) = given {
            request = request.header(header::AUTHORIZATION, format!("Bearer {given}"));
        }
        let request = request.body(Body::empty()).unwrap();
        let response =
            router(shared, Router::new(), guard(token), Vec::new()).oneshot(request).await.unwrap();
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
        let shared = SharedLedger::new(10);
        let unattended = UnattendedStage { agent: "model-trainer".into(), seconds: 40, waiting: 2 };
        assert_eq!(
            shared.set_unattended(vec![unattended.clone()]),
            Some(vec!["model-trainer".to_owned()])
        );
        assert_eq!(shared.set_unattended(vec![unattended.clone()]), None);
        assert_eq!(shared.unattended(), [unattended]);
    }

    #[tokio::test]
    async fn the_console_is_shown_without_the_token_and_browsers_are_led_to_it() {
        for (path, accept, expected) in [
            ("/console/", "text/html", StatusCode::OK),
            ("/console/app.js", "*/*", StatusCode::OK),
            ("/", "text/html", StatusCode::TEMPORARY_REDIRECT),
            ("/", "application/json", StatusCode::UNAUTHORIZED),
            ("/api/v1/runs", "text/html", StatusCode::UNAUTHORIZED),
        ] {
            let router =
                router(SharedLedger::new(1), Router::new(), guard(Some("secret")), Vec::new());
            let request = Request::get(path).header(header::ACCEPT, accept);
            let answer = router.oneshot(request.body(Body::empty()).unwrap()).await.unwrap();
            assert_eq!(answer.status(), expected, "{path} {accept}");
        }
        let router = router(SharedLedger::new(1), Router::new(), guard(None), Vec::new());
        let foreign = Request::get("/console/").header(header::HOST, "page.example");
        let answer = router.oneshot(foreign.body(Body::empty()).unwrap()).await.unwrap();
        assert_eq!(answer.status(), StatusCode::MISDIRECTED_REQUEST);
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
