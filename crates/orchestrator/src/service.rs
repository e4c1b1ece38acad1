//! The process: one task reads the stream, one looks after runs and stages, one tells of lineage, one tells MLflow, one completes the ledger of changes, one collects artifacts, one looks how the fleet is, one answers questions.

use std::sync::Arc;
use std::time::Duration;

use api::health::Prober;
use api::{Broker, ModelServers};
use auth::Surface;
use bus::Bus;
use bus::backoff::Backoff;
use process::http::{BearerToken, Bind, ConnectionLimits, Guard, HTTP1, Listener, serve};
use process::{CancellationToken, Readiness, Resources, Service, StartError};
use registry::Registry;
use runs::feed::{Entry, Error, Feed};
use runs::ledger::Record;
use upload::Uploads;

use crate::Config;
use crate::config::RetentionMode;
use crate::health::HealthCache;
use crate::http::{self, SharedLedger};
use crate::{collecting, lineage, telemetry, tracking, watch};

const FEED_BACKOFF: Backoff = Backoff::new(Duration::from_millis(200), Duration::from_secs(10));
/// How long agents and model servers may take until they report for the first time.
const STARTING: Duration = Duration::from_secs(20);
/// How long answers may take to end.
const DRAIN_TIMEOUT: Duration = Duration::from_secs(5);

/// The orchestrator as a service of `process`.
#[derive(Debug)]
pub struct Orchestrator;

impl Service for Orchestrator {
    const NAME: &'static str = "orchestrator";
    type Config = Config;

    fn about() -> String {
        "keeps the run ledger and answers what became of runs".to_owned()
    }

    async fn run(
        config: Config,
        resources: Resources,
        shutdown: CancellationToken,
        ready: Readiness,
    ) -> Result<(), StartError> {
        let token = config.api.token_file.as_deref().map(BearerToken::read).transpose()?;
        let serving_token = config.api.serving_token_file.as_deref();
        serving_token.map(BearerToken::read).transpose()?;
        let fleet = outgoing::FleetTls::read(&config.api.serving_tls)
            .map_err(|source| StartError::new("TLS to the model servers cannot be used", source))?;
        if config.retention.mode != RetentionMode::Off {
            retention::collectable(&resources.artifacts)
                .map_err(|source| StartError::new("retention.mode has to be off", source))?;
        }
        let model_servers = ModelServers::new(serving_token, &fleet);
        let guard = Guard::new(Surface::Api, token, Arc::clone(&resources.authority));
        let listener = Listener::bind(Bind {
            name: "api",
            listen: &config.api.listen.to_string(),
            is_guarded: !guard.is_open(),
            token_key: "api.token_file",
            tls: &config.api.tls,
            tls_key: "api.tls",
            protocols: HTTP1,
        })
        .await?;
        ready.address("api", listener.location());
        telemetry::begin();
        let links = config.telemetry.trace_url.clone();
        let shared = SharedLedger::new(config.ledger.max_runs).linking_traces(links);
        let reading = tokio::spawn(read(resources.bus.clone(), shared.clone(), shutdown.clone()));
        let watching = tokio::spawn(watch::run(
            resources.bus.clone(),
            shared.clone(),
            config.watch.clone(),
            shutdown.clone(),
        ));
        let exporting = tokio::spawn(lineage::run(
            resources.bus.clone(),
            config.lineage.clone(),
            shutdown.clone(),
        ));
        let tracked = tracking::run(resources.clone(), config.mlflow.clone(), shutdown.clone());
        let tracked = tokio::spawn(tracked);
        let registry = Registry::new(&resources.bus)
            .await
            .map_err(|source| StartError::new("the registry cannot be opened", source))?;
        let collecting = tokio::spawn(collecting::run(
            resources.bus.clone(),
            resources.artifacts.clone(),
            config.retention.clone(),
            shutdown.clone(),
        ));
        let recording = tokio::spawn(record(registry.clone(), shutdown.clone()));
        let prober = Prober::new(
            resources.bus.clone(),
            Some(resources.artifacts.clone()),
            config.mlflow.clone(),
            config.health.probe(),
            &fleet,
        )
        .starting_for(STARTING);
        let health = HealthCache::new(prober, shared.clone(), &config.health);
        let probing = tokio::spawn(health.clone().run(shutdown.clone()));
        let trouble = shared.trouble().clone();
        let listening = tokio::spawn(trouble.follow(resources.bus.clone(), shutdown.clone()));
        ready.ready()?;
        let tables = Uploads::new(resources.artifacts.clone(), config.api.max_upload_bytes);
        let artifacts = Some(resources.artifacts);
        let broker = Broker { bus: resources.bus, registry, artifacts, model_servers };
        let more = http::all(broker, shared.clone(), health, tables, shutdown.clone());
        let hosts = config.api.allowed_hosts;
        let router = http::router(shared, more, guard, hosts);
        let serving = serve(listener, router, ConnectionLimits::default(), shutdown.clone());
        let bounded = async {
            shutdown.cancelled().await;
            tokio::time::sleep(DRAIN_TIMEOUT).await;
        };
        tokio::select! {
            () = serving => {}
            () = bounded => tracing::warn!("answers were still open when the time to end them was over"),
        }
        shutdown.cancel();
        collecting.await.map_err(|source| StartError::new("the collecting task failed", source))?;
        recording.await.map_err(|source| StartError::new("the recorder's task failed", source))?;
        exporting.await.map_err(|source| StartError::new("the lineage task failed", source))?;
        tracked.await.map_err(|source| StartError::new("the tracking task failed", source))?;
        probing.await.map_err(|source| StartError::new("the probing task failed", source))?;
        listening.await.map_err(|source| StartError::new("the listening task failed", source))?;
        watching.await.map_err(|source| StartError::new("the watching task failed", source))?;
        reading.await.map_err(|source| StartError::new("the ledger's task failed", source))
    }
}

/// Completes the ledger of changes until `shutdown`.
async fn record(registry: Registry, shutdown: CancellationToken) {
    tokio::select! {
        () = shutdown.cancelled() => {}
        () = registry.record_changes() => {}
    }
}

/// Folds the stream into the ledger until `shutdown`; a consumer that breaks is made again after the last sequence.
async fn read(bus: Bus, shared: SharedLedger, shutdown: CancellationToken) {
    let mut failures = 0;
    while !shutdown.is_cancelled() {
        let after = shared.read(|ledger| ledger.last_sequence());
        let outcome = tokio::select! {
            () = shutdown.cancelled() => return,
            outcome = follow(&bus, &shared, after) => outcome,
        };
        let progressed = shared.read(|ledger| ledger.last_sequence()) > after;
        failures = if progressed { 1 } else { failures + 1 };
        telemetry::feed_restarted();
        match outcome {
            Ok(()) => tracing::debug!("the stream's consumer ended; it is made again"),
            Err(error) => tracing::warn!(
                error = contracts::failures::with_causes(&error),
                "the stream cannot be read; it is tried again"
            ),
        }
        tokio::select! {
            () = shutdown.cancelled() => return,
            () = tokio::time::sleep(FEED_BACKOFF.after(failures)) => {}
        }
    }
}

async fn follow(bus: &Bus, shared: &SharedLedger, after: u64) -> Result<(), Error> {
    let mut feed = Feed::open(bus, Vec::new(), after).await?;
    if feed.backlog() == 0 {
        shared.set_current(true);
        shared.read(telemetry::show_runs);
    }
    while let Some(entry) = feed.next().await? {
        take(shared, &entry);
        if entry.pending == 0 {
            shared.set_current(true);
        }
    }
    Ok(())
}

fn take(shared: &SharedLedger, entry: &Entry) {
    match Record::decode(&entry.subject, &entry.payload) {
        Ok(Some((run, record))) => {
            telemetry::record_taken();
            let ended = matches!(record, Record::Result(_)).then(|| run.clone());
            let trace = runs::feed::trace_of(entry);
            shared.write(|ledger| {
                ledger.apply(entry.sequence, run.clone(), &record);
                ledger.traced(entry.sequence, &run, trace);
            });
            // What ended before this process began was counted by the one before it.
            if let Some(ended) = ended.filter(|_| shared.is_current())
                && let Some(run) = shared.read(|ledger| ledger.run(&ended))
            {
                telemetry::run_ended(&run);
            }
            if entry.pending == 0 {
                shared.read(telemetry::show_runs);
            }
        }
        Ok(None) => {}
        Err(error) => {
            telemetry::record_unreadable();
            tracing::warn!(sequence = entry.sequence, subject = entry.subject, %error, "a message could not be read");
        }
    }
}
