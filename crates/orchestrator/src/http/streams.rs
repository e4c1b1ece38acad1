//! Timelines, leaderboards and evaluations: read from the stream and the artifact store when they are asked for, so that nothing
//! need keep them.

use std::sync::Arc;
use std::time::Duration;

use api::data::RunData;
use api::evaluation::VersionEvaluation;
use api::leaderboard::{RunLeaderboard, VersionLeaderboard};
use api::runs::ShowTimeline;
use api::verdicts::RunVerdicts;
use api::{Broker, Error, Query};
use axum::Router;
use axum::extract::State;
use axum::http::HeaderMap;
use axum::routing::get;
use tokio::sync::Semaphore;
use tokio::time::timeout;

use super::requests::{Answer, Queries, QueryOf, Tagged};

/// Most documents that are read at the same time; a request for another one waits.
const MAX_READS: usize = 8;
/// Longest time for one, waiting included.
const READ_TIMEOUT: Duration = Duration::from_secs(30);

#[derive(Debug, Clone)]
struct Reader {
    broker: Broker,
    permits: Arc<Semaphore>,
}

/// The routes that read the messages of a run, and bundles.
pub fn streams(broker: Broker) -> Router {
    let permits = Arc::new(Semaphore::new(MAX_READS));
    routes(Router::new()).with_state(Reader { broker, permits })
}

/// The queries that take their time.
pub(super) fn routes<R: Queries>(routes: R) -> R {
    routes
        .query::<ShowTimeline>()
        .query::<RunVerdicts>()
        .query::<RunData>()
        .query::<RunLeaderboard>()
        .query::<VersionLeaderboard>()
        .query::<VersionEvaluation>()
}

impl Queries for Router<Reader> {
    fn query<Q: Query + 'static>(self) -> Self {
        self.route(Q::ROUTE, get(read::<Q>))
    }
}

async fn read<Q: Query>(
    State(reader): State<Reader>,
    asked: HeaderMap,
    QueryOf(query): QueryOf<Q>,
) -> Answer {
    let reading = async {
        // The semaphore is never closed.
        let _permit = reader.permits.acquire().await;
        query.read(&reader.broker).await
    };
    let read = timeout(READ_TIMEOUT, reading).await.map_err(|_elapsed| {
        let seconds = READ_TIMEOUT.as_secs();
        Error::silent(format!("the stream did not give the run within {seconds} s"))
    })?;
    let document = read?;
    Tagged { asked: &asked, revision: Q::revision(&document), document: &document }.answer()
}
