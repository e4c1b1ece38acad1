//! Following the deployment records: loading versions, switching, and reporting.
//!
//! ```text
//!   TIER0_DEPLOYMENTS ──watch──▶ apply ─▶ shelf (one pointer) ──▶ requests
//!                                 │ ▲        └─ report ──▶ TIER0_SERVERS, at once and every 5 s
//!                    what is missing └── loaded, or why not
//! ```
//!
//! Invariants:
//! - A version answers only after its bundle was verified; one that cannot be loaded is reported, and what answered before goes on answering.
//! - A change of the live version is one pointer: no request sees half of it.
//! - A version that is being loaded, or cannot be, holds up no other one, of whatever endpoint.
//! - The revision of a record is reported when each of its versions is loaded or was tried.

mod loader;
mod report;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;

use contracts::failures;
use contracts::v1::{DeployedVersion, DeploymentRecord};
use process::{CancellationToken, Resources, StartError};
use registry::{DeploymentChange, Registry, Revisioned};
use tokio::sync::{Notify, mpsc};
use tokio::time::Instant;

use crate::cache::Cache;
use crate::catalogue::Endpoint;
use crate::loaded::LoadedVersion;
use crate::routing::Router;
use crate::server::Server;
use loader::{LoadResult, Loader, VersionKey};

pub(crate) use report::{Addresses, report};

/// How often versions are tried again that could not be fetched for a passing reason.
const FETCH_RETRY_INTERVAL: Duration = Duration::from_secs(5);
/// Changes that wait to be applied.
const MAX_PENDING_CHANGES: usize = 64;
/// Longest time that versions of the start hold up the readiness of the others.
const START_TIMEOUT: Duration = Duration::from_secs(5);

/// Applies deployment records to a server.
#[derive(Debug)]
pub(crate) struct Deployments {
    server: Arc<Server>,
    loader: Loader,
    changed: Arc<Notify>,
    records: BTreeMap<String, Revisioned<DeploymentRecord>>,
    /// Versions that are being loaded.
    loading: BTreeSet<VersionKey>,
    /// Versions that no further attempt will load, with the reason, until their record changes.
    failed: BTreeMap<VersionKey, String>,
    /// Versions that are tried again in a while.
    unsettled: BTreeSet<VersionKey>,
    /// Whether the records that were there at the start are known: what comes now is a deployment's doing.
    is_current: bool,
}

impl Deployments {
    /// Nothing applied yet; `changed` is told of every change.
    pub(crate) fn new(server: Arc<Server>, resources: Resources, changed: Arc<Notify>) -> Self {
        let longest = Duration::from_secs(server.serving.cache_seconds);
        let cache = Cache::new(server.serving.cache_bytes, longest);
        let loader = Loader::new(resources, cache, server.serving.max_bundle_bytes);
        Self {
            server,
            loader,
            changed,
            records: BTreeMap::new(),
            loading: BTreeSet::new(),
            failed: BTreeMap::new(),
            unsettled: BTreeSet::new(),
            is_current: false,
        }
    }

    /// Follows the records until `shutdown`; `current` is called once when those at the start have been applied, or have had their time.
    pub(crate) async fn run(
        mut self,
        shutdown: CancellationToken,
        current: impl FnOnce() -> Result<(), StartError> + Send,
    ) -> Result<(), StartError> {
        let failed = |error| StartError::new("the deployment records cannot be followed", error);
        let registry = Registry::new(&self.loader.resources().bus).await.map_err(failed)?;
        let mut watch = registry.watch_deployments().await.map_err(failed)?;
        let mut current = Some(current);
        self.is_current = watch.is_current();
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
        let mut ready_at = Instant::now() + START_TIMEOUT;
        loop {
            let is_settled = self.loading.is_empty() || Instant::now() >= ready_at;
            if self.is_current
                && is_settled
                && let Some(current) = current.take()
            {
                self.server.set_ready();
                current()?;
            }
            tokio::select! {
                () = shutdown.cancelled() => break,
                change = changes.recv() => {
                    let Some((change, is_current)) = change else { break };
                    self.change(change);
                    if is_current && !self.is_current {
                        self.is_current = true;
                        ready_at = Instant::now() + START_TIMEOUT;
                    }
                }
                (key, loaded) = self.loader.next() => self.loaded(key, loaded),
                () = tokio::time::sleep_until(ready_at), if current.is_some() && self.is_current => {}
                _ = again.tick() => {
                    self.try_again();
                    self.loader.sweep();
                }
            }
        }
        watching.abort();
        Ok(())
    }

    fn change(&mut self, change: DeploymentChange) {
        match change {
            DeploymentChange::Changed(record) => {
                let name = record.value.endpoint.clone();
                self.records.insert(name.clone(), *record);
                self.forget_unwanted(&name);
                // What could not be loaded may be there by now: its reason stands until that is known.
                self.try_versions(&name, |key, this| this.failed.contains_key(key));
                self.apply(&name, None);
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
                self.forget_unwanted(&endpoint);
                self.server.model_catalogue.remove(&endpoint);
                crate::telemetry::loaded(&endpoint, 0);
                tracing::info!(endpoint, "endpoint removed");
                self.changed.notify_one();
            }
        }
    }

    /// The versions that an endpoint's record names, each once.
    fn wanted(&self, name: &str) -> Vec<DeployedVersion> {
        let Some(Revisioned { value: record, .. }) = self.records.get(name) else {
            return Vec::new();
        };
        let held = [&record.live, &record.green, &record.previous];
        let all = held.into_iter().flatten().chain(&record.members);
        let mut numbers = BTreeSet::new();
        all.filter(|version| numbers.insert(version.version)).cloned().collect()
    }

    /// Forgets what is known of versions that the record of an endpoint no longer names.
    fn forget_unwanted(&mut self, name: &str) {
        let wanted: BTreeSet<_> =
            self.wanted(name).iter().map(|version| VersionKey::of(name, version)).collect();
        let is_kept = |key: &VersionKey| key.endpoint != name || wanted.contains(key);
        self.failed.retain(|key, _| is_kept(key));
        self.unsettled.retain(is_kept);
    }

    /// Begins to load those wanted versions of an endpoint for which `is_due`.
    fn try_versions(&mut self, name: &str, is_due: impl Fn(&VersionKey, &Self) -> bool) {
        for wanted in self.wanted(name) {
            let key = VersionKey::of(name, &wanted);
            if is_due(&key, self) && self.loading.insert(key.clone()) {
                self.loader.begin(key, wanted, self.is_current);
            }
        }
    }

    fn try_again(&mut self) {
        let due = std::mem::take(&mut self.unsettled);
        let names: BTreeSet<_> = due.iter().map(|key| key.endpoint.clone()).collect();
        for name in names {
            self.try_versions(&name, |key, _| due.contains(key));
        }
    }

    /// A version was loaded, or could not be.
    fn loaded(&mut self, key: VersionKey, loaded: LoadResult) {
        self.loading.remove(&key);
        self.failed.remove(&key);
        let name = key.endpoint.clone();
        match loaded {
            Ok(version) => self.apply(&name, Some(version)),
            Err(error) => {
                let (version, reason) = (key.version, error.reason());
                tracing::warn!(endpoint = name, version, reason, "a version could not be loaded");
                // Only what another attempt does not change speaks against the version.
                if error.is_transient() {
                    self.unsettled.insert(key);
                } else {
                    self.failed.insert(key, reason);
                }
                // Its record may have changed while it was being loaded.
                self.forget_unwanted(&name);
                self.apply(&name, None);
            }
        }
    }

    /// Makes an endpoint what its record says, as far as its versions are loaded, and begins to load the others.
    fn apply(&mut self, name: &str, arrived: Option<Arc<LoadedVersion>>) {
        let Some(Revisioned { value: record, revision }) = self.records.get(name).cloned() else {
            return;
        };
        let catalogue = self.server.model_catalogue.snapshot();
        let before = catalogue.endpoints.get(name).cloned().unwrap_or_default();
        let earlier_inputs = record.earlier_inputs.iter().cloned().collect();
        let mut next = Endpoint { revision, earlier_inputs, ..Endpoint::default() };
        for wanted in self.wanted(name) {
            let key = VersionKey::of(name, &wanted);
            let mut known = before.versions.get(&wanted.version).into_iter().chain(&arrived);
            let loaded =
                known.rfind(|one| one.number == wanted.version && one.digest == key.digest);
            if let Some(loaded) = loaded {
                next.versions.insert(wanted.version, Arc::clone(loaded));
                continue;
            }
            if let Some(reason) = self.failed.get(&key) {
                next.failures.insert(wanted.version, reason.clone());
            } else if !self.unsettled.contains(&key) && self.loading.insert(key.clone()) {
                self.loader.begin(key.clone(), wanted, self.is_current);
            }
            if self.loading.contains(&key) {
                next.revision = before.revision;
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
        self.loader.sweep();
        self.changed.notify_one();
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
