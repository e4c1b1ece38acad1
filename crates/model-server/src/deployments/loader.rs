//! Loading versions beside one another, each within a time of its own.

use std::sync::Arc;
use std::time::Duration;

use contracts::v1::{ArtifactRef, DeployedVersion};
use contracts::{Agent, RunId, failures, subjects};
use process::{Resources, spans};
use tokio::sync::Semaphore;
use tokio::task::JoinSet;
use tracing::{Instrument as _, Span};

use crate::cache::Cache;
use crate::loaded::{LoadedBundle, LoadedVersion, VersionError};

/// Versions that are loaded at the same time.
const MAX_LOADS: usize = 8;
/// How often a version is tried that could not be fetched for a passing reason, before others have their turn.
const FETCHES: u32 = 3;
/// The first wait between two of them; it doubles.
const FETCH_RETRY_DELAY: Duration = Duration::from_millis(200);
/// Time that fetching a bundle gets, however small it is; then others have their turn.
const FETCH_TIMEOUT: Duration = Duration::from_secs(10);
/// Bytes for which it gets another second.
const FETCH_BYTES_PER_SECOND: u64 = 2 << 20;
/// Longest reason that is reported, in characters.
const MAX_REASON_LENGTH: usize = 1000;

/// Why a version could not be loaded.
#[derive(Debug, thiserror::Error)]
pub(super) enum LoadError {
    #[error("the record names no bundle")]
    NoBundle,
    #[error("the bundle has {bytes} bytes: this server takes at most {limit}")]
    TooLarge { bytes: u64, limit: u64 },
    #[error("the bundle could not be fetched")]
    Fetch(#[from] artifacts::Error),
    #[error("the bundle could not be fetched within {} s", .0.as_secs())]
    FetchTimedOut(Duration),
    #[error("the bundle was refused")]
    Bundle(#[from] VersionError),
    #[error("the bundle could not be read")]
    Blocking(#[from] process::BlockingError),
}

impl LoadError {
    pub(super) fn is_transient(&self) -> bool {
        match self {
            Self::Fetch(error) => error.is_transient(),
            Self::Blocking(_) | Self::FetchTimedOut(_) => true,
            Self::NoBundle | Self::TooLarge { .. } | Self::Bundle(_) => false,
        }
    }

    /// The error with its causes, as it is reported.
    pub(super) fn reason(&self) -> String {
        failures::with_causes(self).chars().take(MAX_REASON_LENGTH).collect()
    }
}

/// A version of an endpoint, by its bundle.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct VersionKey {
    pub(super) endpoint: String,
    pub(super) version: u32,
    /// SHA-256 of the bundle; empty where the record names none.
    pub(super) digest: String,
}

impl VersionKey {
    pub(super) fn of(endpoint: &str, wanted: &DeployedVersion) -> Self {
        let digest = wanted.bundle.as_ref().map(|bundle| bundle.sha256.clone()).unwrap_or_default();
        Self { endpoint: endpoint.to_owned(), version: wanted.version, digest }
    }
}

/// A version that was loaded, or why it was not.
pub(super) type LoadResult = Result<Arc<LoadedVersion>, LoadError>;

/// Loads versions in tasks of their own.
#[derive(Debug)]
pub(super) struct Loader {
    inner: Arc<Inner>,
    tasks: JoinSet<(VersionKey, LoadResult)>,
}

#[derive(Debug)]
struct Inner {
    resources: Resources,
    cache: Cache,
    max_bundle_bytes: u64,
    turns: Semaphore,
}

impl Loader {
    pub(super) fn new(resources: Resources, cache: Cache, max_bundle_bytes: u64) -> Self {
        let turns = Semaphore::new(MAX_LOADS);
        let inner = Inner { resources, cache, max_bundle_bytes, turns };
        Self { inner: Arc::new(inner), tasks: JoinSet::new() }
    }

    pub(super) fn resources(&self) -> &Resources {
        &self.inner.resources
    }

    pub(super) fn sweep(&self) {
        self.inner.cache.sweep();
    }

    /// Begins to load a version; `is_traced` where loading it is part of its run's deployment.
    pub(super) fn begin(&mut self, key: VersionKey, wanted: DeployedVersion, is_traced: bool) {
        let inner = Arc::clone(&self.inner);
        self.tasks.spawn(async move {
            let loaded = inner.version(&key.endpoint, &wanted, is_traced).await;
            (key, loaded)
        });
    }

    /// The next version that has been loaded or given up; waits for ever where none is being loaded.
    pub(super) async fn next(&mut self) -> (VersionKey, LoadResult) {
        loop {
            match self.tasks.join_next().await {
                Some(Ok(ended)) => return ended,
                Some(Err(error)) => tracing::error!(%error, "loading a version broke off"),
                None => std::future::pending().await,
            }
        }
    }
}

impl Inner {
    async fn version(
        &self,
        endpoint: &str,
        wanted: &DeployedVersion,
        is_traced: bool,
    ) -> LoadResult {
        let bundle = wanted.bundle.as_ref().ok_or(LoadError::NoBundle)?;
        // Never closed.
        let _turn = self.turns.acquire().await;
        let span = self.span(endpoint, wanted, is_traced).await;
        let loading = async {
            let loaded = self.load(endpoint, wanted.version, bundle).await;
            if let Err(error) = &loaded {
                spans::failed("load", &error.reason());
            }
            loaded
        };
        loading.instrument(span).await
    }

    /// The span of loading a version, in the trace of the run that deploys it.
    async fn span(&self, endpoint: &str, wanted: &DeployedVersion, is_traced: bool) -> Span {
        let span = tracing::info_span!(
            "load",
            otel.name = "load model version",
            endpoint,
            version = wanted.version,
            run_id = wanted.run_id
        );
        let run = is_traced.then(|| RunId::new(wanted.run_id.as_str()).ok()).flatten();
        let Some(run) = run else { return span };
        let handoffs = subjects::handoffs_of(Agent::ModelDeployer, &run);
        match self.resources.bus.last(&handoffs).await {
            Ok(Some((_, headers, _))) => process::continue_trace(&span, &headers),
            Ok(None) => {}
            Err(error) => tracing::debug!(%error, "the trace of a deployment is not known"),
        }
        span
    }

    async fn load(&self, endpoint: &str, version: u32, bundle: &ArtifactRef) -> LoadResult {
        spans::attribute("tier0.endpoint", endpoint.to_owned());
        spans::attribute("tier0.model_version", i64::from(version));
        let limit = self.max_bundle_bytes;
        if bundle.bytes > limit {
            return Err(LoadError::TooLarge { bytes: bundle.bytes, limit });
        }
        let load = async || {
            let bytes = self.fetch_in_time(bundle).await?;
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

    async fn fetch_in_time(&self, bundle: &ArtifactRef) -> Result<bytes::Bytes, LoadError> {
        let allowed = FETCH_TIMEOUT + Duration::from_secs(bundle.bytes / FETCH_BYTES_PER_SECOND);
        tokio::time::timeout(allowed, self.fetch(bundle))
            .await
            .unwrap_or(Err(LoadError::FetchTimedOut(allowed)))
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
