//! `GET /api/v1/runs/ID/timeline`: read from the stream when it is asked for, so that the ledger need not keep it.

use std::sync::Arc;
use std::time::Duration;

use api::runs::TimelineDocument;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::routing::get;
use axum::{Json, Router};
use bus::Bus;
use contracts::{RunId, failures};
use tokio::sync::Semaphore;
use tokio::time::timeout;

use super::{Refusal, invalid, unknown_run};

/// Most timelines that are read at the same time; who asks for another one waits.
const AT_A_TIME: usize = 4;
/// Longest time for one, waiting included.
const LONGEST: Duration = Duration::from_secs(30);

#[derive(Debug, Clone)]
struct Reader {
    bus: Bus,
    permits: Arc<Semaphore>,
}

/// The route that reads the stream.
pub fn history(bus: Bus) -> Router {
    let reader = Reader { bus, permits: Arc::new(Semaphore::new(AT_A_TIME)) };
    Router::new().route("/api/v1/runs/{id}/timeline", get(timeline)).with_state(reader)
}

async fn timeline(
    State(reader): State<Reader>,
    Path(id): Path<String>,
) -> Result<Json<TimelineDocument>, Refusal> {
    let run = RunId::new(id).map_err(|error| invalid(&error.to_string()))?;
    let reading = async {
        // Nobody closes it.
        let _permit = reader.permits.acquire().await;
        api::runs::timeline(&reader.bus, &run).await
    };
    let silent =
        |message: String| Refusal(StatusCode::SERVICE_UNAVAILABLE, "broker_silent", message);
    let document = timeout(LONGEST, reading)
        .await
        .map_err(|_elapsed| {
            silent(format!("the stream did not give the run within {} s", LONGEST.as_secs()))
        })?
        .map_err(|error| silent(failures::with_causes(&error)))?;
    if document.timeline.is_empty() {
        return Err(unknown_run(Some(&run)));
    }
    Ok(Json(document))
}
