//! `GET /api/v1/events`: what becomes of runs, as server-sent events.
//!
//! ```text
//! ledger ──changed──▶ Follower: runs whose last record is behind its place ──▶ event `run` with the run, `id` its sequence
//! Last-Event-ID ────▶ its place: what has changed since is sent first
//! ```
//!
//! An event says how a run stands, and not what happened to it: who comes late or reads slowly gets fewer events, and always the
//! latest. So a stream holds nothing but its place.

use std::collections::VecDeque;
use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use api::Error;
use auth::{Caller, Means};
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::sse::{Event, KeepAlive, Sse};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use axum::{Extension, Router};
use futures::stream;
use process::CancellationToken;
use runs::attention;
use runs::ledger::RunView;
use serde_json::json;
use tokio::sync::{OwnedSemaphorePermit, Semaphore, watch};

use super::SharedLedger;
use super::requests::ApiError;

/// The path of the stream.
pub(super) const ROUTE: &str = "/api/v1/events";
/// Most streams at the same time; one more is refused.
const MAX_STREAMS: usize = 64;
/// Most runs of which a stream tells at once; where more have changed, it says so, and the caller asks for what it needs.
const MAX_CHANGES: usize = 200;
/// Least time between two looks at what has changed, so that a busy run is one event and not many.
const PAUSE: Duration = Duration::from_millis(150);
/// Time after which a silent stream says that it lives.
const HEARTBEAT: Duration = Duration::from_secs(10);
/// How long a stream of a caller who showed who it is lasts; then it comes back by its place, and shows it again.
const ADMITTED_FOR: Duration = Duration::from_secs(20);
/// The header with the place of a caller that has read before.
const LAST_EVENT_ID: &str = "last-event-id";

#[derive(Debug, Clone)]
struct Streams {
    shared: SharedLedger,
    places: Arc<Semaphore>,
    shutdown: CancellationToken,
}

/// The route of the stream, which ends by `shutdown`.
pub fn events(shared: SharedLedger, shutdown: CancellationToken) -> Router {
    let places = Arc::new(Semaphore::new(MAX_STREAMS));
    Router::new().route(ROUTE, get(open)).with_state(Streams { shared, places, shutdown })
}

async fn open(
    State(streams): State<Streams>,
    caller: Option<Extension<Caller>>,
    headers: HeaderMap,
) -> Result<Response, ApiError> {
    let place = Arc::clone(&streams.places).try_acquire_owned().map_err(|_| {
        let message = format!("{MAX_STREAMS} streams are open, which is the most; try again later");
        Error::new(StatusCode::SERVICE_UNAVAILABLE, "too_many_streams", message)
    })?;
    let resumed = headers.get(LAST_EVENT_ID).and_then(|id| id.to_str().ok()?.trim().parse().ok());
    let is_shown = caller.is_some_and(|Extension(caller)| caller.means != Means::Nothing);
    let until = is_shown.then(|| tokio::time::Instant::now() + ADMITTED_FOR);
    let follower = Follower::new(streams, resumed, place, until);
    let events = stream::unfold(follower, Follower::next);
    let keep_alive = KeepAlive::new().interval(HEARTBEAT).text("alive");
    Ok(Sse::new(events).keep_alive(keep_alive).into_response())
}

/// One caller's place in what happens.
struct Follower {
    shared: SharedLedger,
    changes: watch::Receiver<u64>,
    shutdown: CancellationToken,
    /// The greatest sequence that it was told of.
    told: u64,
    waiting: VecDeque<Event>,
    /// When the caller has to come back.
    until: Option<tokio::time::Instant>,
    _place: OwnedSemaphorePermit,
}

impl Follower {
    fn new(
        streams: Streams,
        resumed: Option<u64>,
        place: OwnedSemaphorePermit,
        until: Option<tokio::time::Instant>,
    ) -> Self {
        let Streams { shared, shutdown, .. } = streams;
        let changes = shared.changes();
        let last = shared.read(|ledger| ledger.last_sequence());
        // A place ahead of the ledger is of another stream, or of a ledger that is still being read.
        let is_known = resumed.is_some_and(|resumed| resumed <= last && shared.is_current());
        let told = resumed.filter(|_| is_known).unwrap_or(last);
        let kind = if is_known { "resumed" } else { "opened" };
        let waiting = VecDeque::from([event(kind, told, &json!({"sequence": told}))]);
        let mut follower = Self { shared, changes, shutdown, told, waiting, until, _place: place };
        follower.look();
        follower
    }

    /// The next event; the end once the process ends, or the caller has to come back.
    async fn next(mut self) -> Option<(Result<Event, Infallible>, Self)> {
        loop {
            if let Some(event) = self.waiting.pop_front() {
                return Some((Ok(event), self));
            }
            let shutdown = self.shutdown.clone();
            let changed = async {
                self.changes.changed().await.ok()?;
                tokio::time::sleep(PAUSE).await;
                Some(())
            };
            let changed = shutdown.run_until_cancelled(changed);
            match self.until {
                Some(until) => tokio::time::timeout_at(until, changed).await.ok()???,
                None => changed.await??,
            }
            self.look();
        }
    }

    /// Takes up what has changed since it was told last.
    fn look(&mut self) {
        let unattended = self.shared.unattended();
        self.changes.mark_unchanged();
        let (last, mut changed): (u64, Vec<(u64, RunView)>) = self.shared.read(|ledger| {
            (ledger.last_sequence(), ledger.changed_after(self.told, MAX_CHANGES + 1))
        });
        if changed.len() > MAX_CHANGES {
            self.told = last;
            self.waiting.push_back(event("overflowed", last, &json!({"sequence": last})));
            return;
        }
        for (sequence, run) in &mut changed {
            attention::warn(run, &unattended);
            self.shared.link_trace(run);
            self.told = self.told.max(*sequence);
            self.waiting.push_back(event("run", *sequence, run));
        }
    }
}

fn event(kind: &str, id: u64, data: &impl serde::Serialize) -> Event {
    let event = Event::default().event(kind).id(id.to_string());
    // Texts in JSON have no line breaks, and these have no keys but texts.
    let data = serde_json::to_string(data).unwrap_or_default();
    event.data(data)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test")]

    use axum::body::Body;
    use axum::http::Request;
    use contracts::RunId;
    use contracts::v1::Handoff;
    use futures::StreamExt as _;
    use runs::ledger::Record;
    use tower::ServiceExt as _;

    use super::*;

    fn take(shared: &SharedLedger, sequence: u64, run: &str) {
        let to_agent = "scope-definer".to_owned();
        let handoff = Handoff { run_id: run.to_owned(), to_agent, ..Handoff::default() };
        let record = Record::Handoff(Box::new(handoff));
        shared.write(|ledger| ledger.apply(sequence, RunId::new(run).unwrap(), &record));
    }

    async fn open(router: &Router, place: Option<u64>) -> Response {
        let mut request = Request::get(ROUTE);
        if let Some(place) = place {
            request = request.header(LAST_EVENT_ID, place.to_string());
        }
        router.clone().oneshot(request.body(Body::empty()).unwrap()).await.unwrap()
    }

    /// The next events of a stream, as `KIND ID`.
    async fn read(body: Body, count: usize) -> Vec<String> {
        let mut parts = body.into_data_stream();
        let mut text = String::new();
        while text.matches("\n\n").count() < count {
            let part = tokio::time::timeout(Duration::from_secs(5), parts.next()).await;
            text.push_str(std::str::from_utf8(&part.unwrap().unwrap().unwrap()).unwrap());
        }
        let line = |event: &str, name: &str| {
            event.lines().find_map(|line| line.strip_prefix(name)).unwrap_or_default().to_owned()
        };
        let events = text.split("\n\n").take(count);
        events.map(|event| format!("{} {}", line(event, "event: "), line(event, "id: "))).collect()
    }

    #[tokio::test]
    async fn a_caller_is_told_of_what_has_changed_since_its_place() {
        let shared = SharedLedger::new(10);
        shared.set_current(true);
        take(&shared, 1, "r1");
        take(&shared, 2, "r2");
        let router = events(shared.clone(), CancellationToken::new());
        let fresh = open(&router, None).await.into_body();
        take(&shared, 3, "r1");
        assert_eq!(read(fresh, 2).await, ["opened 2", "run 3"]);
        let resumed = open(&router, Some(1)).await.into_body();
        assert_eq!(read(resumed, 3).await, ["resumed 1", "run 2", "run 3"]);
        let of_another_stream = open(&router, Some(9)).await.into_body();
        assert_eq!(read(of_another_stream, 1).await, ["opened 3"]);
    }

    #[tokio::test]
    async fn streams_are_bounded_and_end_with_the_process() {
        let shutdown = CancellationToken::new();
        let router = events(SharedLedger::new(10), shutdown.clone());
        let mut streams = Vec::new();
        for _ in 0..MAX_STREAMS {
            let response = open(&router, None).await;
            assert_eq!(response.status(), StatusCode::OK);
            streams.push(response);
        }
        assert_eq!(open(&router, None).await.status(), StatusCode::SERVICE_UNAVAILABLE);
        let last = streams.pop().unwrap();
        shutdown.cancel();
        let ended = axum::body::to_bytes(last.into_body(), 1 << 16);
        assert!(tokio::time::timeout(Duration::from_secs(5), ended).await.unwrap().is_ok());
        assert_eq!(open(&router, None).await.status(), StatusCode::OK);
    }
}
