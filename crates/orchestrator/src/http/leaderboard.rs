//! `GET /api/v1/runs/ID/leaderboard` and `…/models/M/versions/V/leaderboard`: how a model was chosen, read when it is asked for.

use std::sync::Arc;
use std::time::Duration;

use api::leaderboard::{self, LeaderboardDocument};
use artifacts::ArtifactStore;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::routing::get;
use axum::{Json, Router};
use bus::Bus;
use contracts::{RunId, failures};
use registry::Registry;
use tokio::sync::Semaphore;
use tokio::time::timeout;

use super::{Refusal, invalid, unknown_run};

/// Most leaderboards that are read at the same time; who asks for another one waits.
const AT_A_TIME: usize = 4;
/// Longest time for one, waiting included.
const LONGEST: Duration = Duration::from_secs(30);

#[derive(Debug, Clone)]
struct Reader {
    bus: Bus,
    artifacts: ArtifactStore,
    registry: Registry,
    permits: Arc<Semaphore>,
}

/// The routes that read the stream and the artifact store.
pub fn leaderboards(bus: Bus, artifacts: ArtifactStore, registry: Registry) -> Router {
    let reader = Reader { bus, artifacts, registry, permits: Arc::new(Semaphore::new(AT_A_TIME)) };
    Router::new()
        .route("/api/v1/runs/{id}/leaderboard", get(of_run))
        .route("/api/v1/models/{model}/versions/{version}/leaderboard", get(of_version))
        .with_state(reader)
}

async fn of_run(
    State(reader): State<Reader>,
    Path(id): Path<String>,
) -> Result<Json<LeaderboardDocument>, Refusal> {
    let run = RunId::new(id).map_err(|error| invalid(&error.to_string()))?;
    let reading = leaderboard::of_run(&reader.bus, &run, Some(&reader.artifacts));
    read(&reader, &run, reading).await
}

async fn of_version(
    State(reader): State<Reader>,
    Path((model, which)): Path<(String, String)>,
) -> Result<Json<LeaderboardDocument>, Refusal> {
    let (_, version) = api::models::find(&reader.registry, &model, &which).await?;
    let run = RunId::new(version.run_id.as_str()).map_err(|error| invalid(&error.to_string()))?;
    let digest = version.bundle.map(|bundle| bundle.sha256).unwrap_or_default();
    let reading = leaderboard::of_version(&reader.bus, &run, &digest, Some(&reader.artifacts));
    read(&reader, &run, reading).await
}

async fn read(
    reader: &Reader,
    run: &RunId,
    reading: impl Future<Output = Result<Option<LeaderboardDocument>, leaderboard::Error>>,
) -> Result<Json<LeaderboardDocument>, Refusal> {
    let reading = async {
        // Nobody closes it.
        let _permit = reader.permits.acquire().await;
        reading.await
    };
    let silent =
        |message: String| Refusal(StatusCode::SERVICE_UNAVAILABLE, "broker_silent", message);
    let read = timeout(LONGEST, reading)
        .await
        .map_err(|_elapsed| {
            silent(format!("the stream did not give the run within {} s", LONGEST.as_secs()))
        })?
        .map_err(|error| silent(failures::with_causes(&error)))?;
    read.map(Json).ok_or_else(|| unknown_run(Some(run)))
}
