//! Following the deployment records: loading versions, switching, and reporting.
//!
//! ```text
//!   TIER0_DEPLOYMENTS ──watch──▶ load what is missing ──▶ shelf (one pointer) ──▶ requests
//!                                                           └─ report ──▶ TIER0_SERVERS, at once and every 5 s
//! ```
//!
//! Invariants:
//! - A version answers only after its bundle was verified; one that cannot be loaded is reported, and what answered before goes on answering.
//! - A change of the live version is one pointer: no request sees half of it.

mod report;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;

use contracts::v1::{ArtifactRef, DeployedVersion, DeploymentRecord};
use contracts::{Agent, RunId, failures, subjects};
use process::{CancellationToken, Resources, StartError, spans};
use registry::{DeploymentChange, Registry, Revisioned};
use tokio::sync::{Notify, mpsc};
use tracing::{Instrument as _, Span};

use crate::cache::Cache;
use crate::catalogue::Endpoint;
use crate::loaded::{LoadedBundle, LoadedVersion, VersionError};
use crate::routing::Router;
use crate::server::Server;

pub(crate) use report::{Addresses, report};

/// How often a version is tried that could not be fetched for a passing reason, before others have their turn.
const FETCHES: u32 = 3;
/// The first wait between two of them; it doubles.
const FETCH_RETRY_DELAY: Duration = Duration::from_millis(200);
/// How often it is tried again after that.
const FETCH_RETRY_INTERVAL: Duration = Duration::from_secs(5);
/// Changes that wait to be applied.
const MAX_PENDING_CHANGES: usize = 64;

/// Longest reason that is reported.
const MAX_REASON_LENGTH: usize = 1000;

/// Why a version could not be loaded.
#[derive(Debug, thiserror::Error)]
enum LoadError {
    #[error("the record names no bundle")]
    NoBundle,
    #[error("the bundle has {bytes} bytes: this server takes at most {limit}")]
    TooLarge { bytes: u64, limit: u64 },
    #[error("the bundle could not be fetched")]
    Fetch(#[from] artifacts::Error),
    #[error("the bundle was refused")]
    Bundle(#[from] VersionError),
    #[error("the bundle could not be read")]
    Blocking(#[from] process::BlockingError),
}

impl LoadError {
    fn is_transient(&self) -> bool {
        match self {
            Self::Fetch(error) => error.is_transient(),
            Self::Blocking(_) => true,
            Self::NoBundle | Self::TooLarge { .. } | Self::Bundle(_) => false,
        }
    }
}

/// Applies deployment records to a server.
#[derive(Debug)]
pub(crate) struct Deployments {
    server: Arc<Server>,
    resources: Resources,
    changed: Arc<Notify>,
    records: BTreeMap<String, Revisioned<DeploymentRecord>>,
    unsettled: BTreeSet<String>,
    cache: Cache,
    /// Whether the records that were there at the start have been applied: what comes now is a deployment's doing.
    is_current: bool,
}

impl Deployments {
    /// Nothing applied yet; `changed` is told of every change.
    pub(crate) fn new(server: Arc<Server>, resources: Resources, changed: Arc<Notify>) -> Self {
        let longest = Duration::from_secs(server.serving.cache_seconds);
        let cache = Cache::new(server.serving.cache_bytes, longest);
        let (records, unsettled) = (BTreeMap::new(), BTreeSet::new());
        Self { server, resources, changed, records, unsettled, cache, is_current: false }
    }

    /// Follows the records until `shutdown`; `current` is called once when those at the start have been applied.
    pub(crate) async fn run(
        mut self,
        shutdown: CancellationToken,
        current: impl FnOnce() -> Result<(), StartError> + Send,
    ) -> Result<(), StartError> {
        let failed = |error| StartError::new("the deployment records cannot be followed", error);
        let registry = Registry::new(&self.resources.bus).await.map_err(failed)?;
        let mut watch = registry.watch_deployments().await.map_err(failed)?;
        let mut current = Some(current);
        if watch.is_current()
            && let Some(current) = current.take()
        {
            self.is_current = true;
            self.server.set_ready();
            current()?;
        }
        // The watch has a task of its own, so that a broken one is reopened without being hurried by other events.
        let (sender, mut changes) = mpsc::channel(MAX_PENDING_CHANGES);
        let watching = tokio::spawn(async move {
            loop {
                let change = watch.next().await;
                if sender.send((change, watch.is_current())).await.is_err() {
                    break;
                }
            }
        });
        let mut again = tokio::time::interval(FETCH_RETRY_INTERVAL);
        loop {
            tokio::select! {
                () = shutdown.cancelled() => break,
                change = changes.recv() => {
                    let Some((change, is_current)) = change else { break };
                    self.change(change).await;
                    if is_current && let Some(current) = current.take() {
                        self.is_current = true;
                        self.server.set_ready();
                        current()?;
                    }
                }
                _ = again.tick() => {
                    self.try_again().await;
                    self.cache.sweep();
                }
            }
        }
        watching.abort();
        Ok(())
    }

    async fn change(&mut self, change: DeploymentChange) {
        match change {
            DeploymentChange::Changed(record) => {
                let name = record.value.endpoint.clone();
                self.records.insert(name.clone(), *record);
                self.apply(&name).await;
            }
            DeploymentChange::Damaged { endpoint, error } => {
                let reason = failures::with_causes(&error);
                tracing::error!(
                    endpoint,
                    reason,
                    "a deployment record is refused; the endpoint stays as it was"
                );
            }
            DeploymentChange::Removed { endpoint } => {
                self.records.remove(&endpoint);
                self.unsettled.remove(&endpoint);
                self.server.model_catalogue.remove(&endpoint);
                crate::telemetry::loaded(&endpoint, 0);
                tracing::info!(endpoint, "endpoint removed");
                self.changed.notify_one();
            }
        }
    }

    async fn try_again(&mut self) {
        for name in std::mem::take(&mut self.unsettled) {
            self.apply(&name).await;
        }
    }

    /// Makes an endpoint what its record says, as far as its versions can be loaded.
    async fn apply(&mut self, name: &str) {
        let Some(Revisioned { value: record, revision }) = self.records.get(name).cloned() else {
            return;
        };
        let catalogue = self.server.model_catalogue.snapshot();
        let before = catalogue.endpoints.get(name).cloned().unwrap_or_default();
        let earlier_inputs = record.earlier_inputs.iter().cloned().collect();
        let mut next = Endpoint { revision, earlier_inputs, ..Endpoint::default() };
        let held = [&record.live, &record.green, &record.previous];
        for wanted in held.into_iter().flatten().chain(&record.members) {
            if next.versions.contains_key(&wanted.version) {
                continue;
            }
            match self.version(name, &before, wanted).await {
                Ok(version) => {
                    next.versions.insert(wanted.version, version);
                }
                Err(error) => {
                    let reason = reason(&error);
                    tracing::warn!(
                        endpoint = name,
                        version = wanted.version,
                        reason,
                        "a version could not be loaded"
                    );
                    // Only what another attempt does not change speaks against the version.
                    if error.is_transient() {
                        self.unsettled.insert(name.to_owned());
                    } else {
                        next.failures.insert(wanted.version, reason);
                    }
                }
            }
        }
        next.live = match &record.live {
            None => None,
            Some(live) => next.versions.get(&live.version).cloned().or_else(|| before.live.clone()),
        };
        if let Some(live) = &next.live {
            // What answers stays loaded even where the record no longer names it.
            next.versions.entry(live.number).or_insert_with(|| Arc::clone(live));
        }
        next.previous = record.previous.as_ref().map(|previous| previous.version);
        observe(&mut next, &before, &record);
        let number =
            |live: &Option<Arc<LoadedVersion>>| live.as_ref().map_or(0, |live| live.number);
        let (from, to) = (number(&before.live), number(&next.live));
        if from != to {
            tracing::info!(endpoint = name, from, to, revision, "live version switched");
        }
        crate::telemetry::loaded(name, next.versions.len());
        self.server.model_catalogue.put(name, next);
        drop((catalogue, before));
        self.cache.sweep();
        self.changed.notify_one();
    }

    /// A version that is loaded already, or is loaded now.
    async fn version(
        &self,
        endpoint: &str,
        before: &Endpoint,
        wanted: &DeployedVersion,
    ) -> Result<Arc<LoadedVersion>, LoadError> {
        let bundle = wanted.bundle.as_ref().ok_or(LoadError::NoBundle)?;
        if let Some(loaded) = before.versions.get(&wanted.version)
            && loaded.digest == bundle.sha256
        {
            return Ok(Arc::clone(loaded));
        }
        let span = self.loading(endpoint, wanted).await;
        let loading = async {
            let loaded = self.load(endpoint, wanted.version, bundle).await;
            if let Err(error) = &loaded {
                spans::failed("load", &reason(error));
            }
            loaded
        };
        loading.instrument(span).await
    }

    /// The span of loading a version, in the trace of the run that deploys it. What is found at the start was deployed before.
    async fn loading(&self, endpoint: &str, wanted: &DeployedVersion) -> Span {
        let span = tracing::info_span!(
            "load",
            otel.name = "load model version",
            endpoint,
            version = wanted.version,
            run_id = wanted.run_id
        );
        let run = self.is_current.then(|| RunId::new(wanted.run_id.as_str()).ok()).flatten();
        let Some(run) = run else { return span };
        let handoffs = subjects::handoffs_of(Agent::ModelDeployer, &run);
        match self.resources.bus.last(&handoffs).await {
            Ok(Some((_, headers, _))) => process::continue_trace(&span, &headers),
            Ok(None) => {}
            Err(error) => tracing::debug!(%error, "the trace of a deployment is not known"),
        }
        span
    }

    async fn load(
        &self,
        endpoint: &str,
        version: u32,
        bundle: &ArtifactRef,
    ) -> Result<Arc<LoadedVersion>, LoadError> {
        spans::attribute("tier0.endpoint", endpoint.to_owned());
        spans::attribute("tier0.model_version", i64::from(version));
        let limit = self.server.serving.max_bundle_bytes;
        if bundle.bytes > limit {
            return Err(LoadError::TooLarge { bytes: bundle.bytes, limit });
        }
        let load = async || {
            let bytes = self.fetch(bundle).await?;
            let digest = bundle.sha256.clone();
            let limits = scoring::Limits::default();
            let read = move || LoadedBundle::read(&digest, &bytes, &limits);
            let loaded = self.resources.cpu.run(read).await??;
            tracing::info!(digest = bundle.sha256, "bundle loaded");
            Ok::<_, LoadError>(loaded)
        };
        let loaded = self.cache.get(&bundle.sha256, load).await?;
        Ok(Arc::new(LoadedVersion::new(endpoint, version, loaded)))
    }

    async fn fetch(&self, bundle: &ArtifactRef) -> Result<bytes::Bytes, LoadError> {
        let mut wait = FETCH_RETRY_DELAY;
        for _ in 1..FETCHES {
            match self.resources.artifacts.get(bundle).await {
                Err(error) if error.is_transient() => {
                    tracing::warn!(%error, "a bundle could not be fetched; trying again");
                    tokio::time::sleep(wait).await;
                    wait = wait.saturating_mul(2);
                }
                fetched => return fetched.map_err(LoadError::from),
            }
        }
        self.resources.artifacts.get(bundle).await.map_err(LoadError::from)
    }
}

/// Divides the requests as the record says, and goes on counting as long as its window is the same.
fn observe(next: &mut Endpoint, before: &Endpoint, record: &DeploymentRecord) {
    let routing = record.routing.as_ref();
    next.router = routing.map_or_else(Router::default, |routing| {
        Router::new(routing, |version| next.versions.contains_key(&version))
    });
    next.window = routing.map_or(0, |routing| routing.window);
    next.is_observed = routing.is_some();
    let counts = before.counts.iter().filter(|(version, _)| next.versions.contains_key(version));
    next.counts = if next.window == before.window {
        next.recent = Arc::clone(&before.recent);
        counts.map(|(version, counts)| (*version, Arc::clone(counts))).collect()
    } else {
        counts.map(|(version, counts)| (*version, Arc::new(counts.anew()))).collect()
    };
}

/// An error with its causes, as it is reported.
fn reason(error: &LoadError) -> String {
    failures::with_causes(error).chars().take(MAX_REASON_LENGTH).collect()
}
