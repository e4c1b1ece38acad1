//! The task that reads results for MLflow. Its place in the stream is that of a durable consumer, so that it outlives the process.

use std::sync::Arc;
use std::time::Duration;

use artifacts::ArtifactStore;
use bus::backoff::Backoff;
use bus::{Bus, Deliveries, Delivery, Handling, Settlement};
use contracts::v1::{Handoff, ModelVersion};
use contracts::{RunId, failures, names};
use mlflow::{Client, Mirror, MlflowConfig, Outcome, Tag};
use process::{CancellationToken, Resources};
use registry::Registry;
use runs::ledger::Record;
use tokio::sync::{Mutex, mpsc};

use super::champions::Champions;
use super::files;
use super::mapping;
use crate::outputs::Outputs;
use crate::telemetry::tracked_run as count;

/// Waits between two attempts to write a run to MLflow.
const RETRY_BACKOFF: Backoff = Backoff::new(Duration::from_millis(500), Duration::from_secs(15));
/// Of how many failures in a row one is told.
const FAILURES_PER_WARNING: u64 = 10;
/// Models that may wait for a look at which of their versions is in production.
const WAITING: usize = 64;

/// Why a run could not be told.
#[derive(Debug, thiserror::Error)]
pub(super) enum Error {
    /// The MLflow server refused, or could not be reached.
    #[error(transparent)]
    Mlflow(#[from] mlflow::Error),
    /// The registry refused, or could not be reached.
    #[error("the registry cannot be read for MLflow")]
    Registry(#[from] registry::Error),
    /// An artifact of the run could not be read from the artifact store.
    #[error("an artifact cannot be read for MLflow")]
    Artifact(#[from] artifacts::Error),
    /// The broker refused, or could not be reached.
    #[error("the stream cannot be read for MLflow")]
    Bus(#[from] bus::Error),
}

impl Error {
    fn is_transient(&self) -> bool {
        match self {
            Self::Mlflow(error) => error.is_transient(),
            Self::Registry(error) => error.is_transient(),
            Self::Artifact(error) => error.is_transient(),
            Self::Bus(_) => true,
        }
    }
}

/// Tells MLflow until `shutdown`; ends at once where none is configured.
pub(crate) async fn run(resources: Resources, config: MlflowConfig, shutdown: CancellationToken) {
    let opening = async {
        let mut failures = 0;
        loop {
            match open(&resources.bus, &resources.artifacts, &config).await {
                Ok(opened) => break opened,
                Err(error) => wait(&mut failures, &error).await,
            }
        }
    };
    let opened = shutdown.run_until_cancelled(opening).await;
    let Some(Some((mut tracker, mut deliveries, client, registry))) = opened else { return };
    let (told, models) = mpsc::channel(WAITING);
    tracker.told = Some(told);
    let mirror = Mirror::new(client, config.experiment.as_str());
    let champions = Champions::new(mirror, registry, config.every());
    let tracker = Arc::new(Mutex::new(tracker));
    let track = |delivery| {
        let tracker = Arc::clone(&tracker);
        async move { tracker.lock().await.track(delivery).await }
    };
    let mut handling = Handling::default();
    tokio::select! {
        () = handling.consume(&mut deliveries, shutdown.cancelled(), track) => {}
        () = champions.follow(models) => {}
    }
    // A server that does not answer would be waited for.
    handling.abort().await;
}

async fn open(
    bus: &Bus,
    artifacts: &ArtifactStore,
    config: &MlflowConfig,
) -> Result<Option<(Tracker, Deliveries, Client, Registry)>, Error> {
    let Some(client) = Client::open(config).await? else { return Ok(None) };
    let registry = Registry::new(bus).await?;
    let deliveries = bus.consumer(names::STREAM, names::TRACKING_CONSUMER, 1).await?;
    let tracker = Tracker {
        mirror: Mirror::new(client.clone(), config.experiment.as_str()),
        registry: registry.clone(),
        artifacts: artifacts.clone(),
        told: None,
    };
    Ok(Some((tracker, deliveries, client, registry)))
}

/// Waits before another attempt, longer each time.
pub(super) async fn wait(failures: &mut u64, error: &Error) {
    *failures += 1;
    count("failed");
    if *failures % FAILURES_PER_WARNING == 1 {
        tracing::warn!(
            failures = *failures,
            error = failures::with_causes(error),
            "MLflow cannot be told; it is tried again"
        );
    }
    tokio::time::sleep(RETRY_BACKOFF.after(*failures)).await;
}

struct Tracker {
    mirror: Mirror,
    registry: Registry,
    artifacts: ArtifactStore,
    /// Who looks at which version of a model is in production, after one was told.
    told: Option<mpsc::Sender<String>>,
}

impl Tracker {
    async fn track(&mut self, delivery: Delivery) {
        if let Some((run, result)) = read(&delivery) {
            self.record_run(&run, &result, delivery.published_at).await;
        }
        // Where that is not confirmed, the run is looked up again and not made again.
        delivery.settle(Settlement::Ack).await;
    }

    /// Tells of a run, however long that takes; passes over one that is refused for good.
    async fn record_run(
        &mut self,
        run: &RunId,
        result: &Handoff,
        stored_at: std::time::SystemTime,
    ) {
        let mut failures = 0;
        loop {
            match self.once(run, result, stored_at).await {
                Ok(Outcome::Told) => {
                    tracing::info!(run_id = %run, "MLflow was told of the run");
                    return count("told");
                }
                Ok(Outcome::Repeated) => return count("repeated"),
                Err(error) if error.is_transient() => wait(&mut failures, &error).await,
                Err(error) => {
                    tracing::warn!(
                        run_id = %run,
                        error = failures::with_causes(&error),
                        "MLflow cannot be told of the run; it is passed over"
                    );
                    return count("refused");
                }
            }
        }
    }

    async fn once(
        &mut self,
        run: &RunId,
        result: &Handoff,
        stored_at: std::time::SystemTime,
    ) -> Result<Outcome, Error> {
        let outputs = Outputs::from_handoff(result);
        let mut record = mapping::record(run, result, stored_at);
        let version = self.version(run, outputs).await?;
        let (begun, whole) = self.mirror.begin(&record).await?;
        if whole {
            return Ok(Outcome::Repeated);
        }
        let mut files = files::read(&self.artifacts, outputs).await?;
        let digest = outputs.trained.and_then(|trained| trained.bundle.as_ref());
        let digest = digest.map_or("", |bundle| bundle.sha256.as_str());
        let path = files.add_directory(digest, &begun.info.run_id, record.ended_at);
        let model = version.map(|version| mapping::model(run, result, &version, path));
        if !files.problems.is_empty() {
            let problems = files.problems.join("; ");
            tracing::warn!(run_id = %run, problems, "MLflow is told of the run without some of its files");
            record.tags.push(Tag::new("tier0.problems", problems));
        }
        record.trials = files
            .report
            .map(|report| mapping::trials(&report, record.ended_at))
            .unwrap_or_default();
        record.artifacts = files.artifacts;
        let outcome = self.mirror.record_run(&begun, &record, model.as_ref()).await?;
        if let (Some(model), Some(told)) = (model, &self.told) {
            // Where many wait, all are looked at soon in any case.
            let _ = told.try_send(model.name);
        }
        Ok(outcome)
    }

    /// The version that the run has registered, also where it was not deployed.
    async fn version(
        &self,
        run: &RunId,
        outputs: Outputs<'_>,
    ) -> Result<Option<ModelVersion>, Error> {
        let Some(name) = outputs.trained.and(outputs.scope).map(|scope| scope.name.as_str()) else {
            return Ok(None);
        };
        match outputs.deployment {
            Some(deployment) => Ok(self.registry.version(name, deployment.version).await?),
            None => Ok(self.registry.versions_of_run(name, run).await?.pop()),
        }
    }
}

fn read(delivery: &Delivery) -> Option<(RunId, Box<Handoff>)> {
    match Record::decode(&delivery.subject, &delivery.payload) {
        Ok(Some((run, Record::Result(result)))) => Some((run, result)),
        Ok(_) => None,
        Err(error) => {
            count("unreadable");
            let sequence = delivery.stream_sequence;
            tracing::warn!(sequence, subject = delivery.subject, %error, "a result could not be read for MLflow");
            None
        }
    }
}
