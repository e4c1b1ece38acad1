//! What this server says of itself in TIER0_SERVERS: one report per endpoint, and one of its presence.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use bus::Bus;
use contracts::failures;
use contracts::v1::{LoadFailure, ServerReport};
use process::CancellationToken;
use registry::Registry;
use tokio::sync::Notify;

use crate::catalogue::{Catalogue, Endpoint};
use crate::server::Server;

/// Endpoint name of the report of a server's presence, by which a deployer knows of it before it holds anything.
const PRESENCE: &str = "-";
/// How often reports are repeated; one older than 15 s is of a dead server.
const REPORT_INTERVAL: Duration = Duration::from_secs(5);
/// How often they are repeated of endpoints whose traffic is judged, or of which a version fails.
const OBSERVED_REPORT_INTERVAL: Duration = Duration::from_millis(500);
/// Longest time that taking the reports away may hold up the end of the process.
const LAST_WORDS: Duration = Duration::from_secs(2);

/// Who and where this server is.
#[derive(Debug, Clone)]
pub(crate) struct Addresses {
    /// Identity under which the server reports.
    pub(crate) server: String,
    /// Base URL of its REST listener.
    pub(crate) rest_url: String,
    /// URL of its gRPC listener.
    pub(crate) grpc_url: String,
}

/// Reports at once whenever `changed` says so, and every five seconds, until `shutdown`; then takes the reports away.
pub(crate) async fn report(
    server: Arc<Server>,
    bus: Bus,
    addresses: Addresses,
    changed: Arc<Notify>,
    shutdown: CancellationToken,
) -> Result<(), registry::Error> {
    let registry = Registry::new(&bus).await?;
    let mut reported = BTreeSet::new();
    let mut every = tokio::time::interval(REPORT_INTERVAL);
    every.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    let mut often = tokio::time::interval(OBSERVED_REPORT_INTERVAL);
    often.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    loop {
        let only_observed = tokio::select! {
            () = shutdown.cancelled() => break,
            () = changed.notified() => false,
            _ = every.tick() => false,
            _ = often.tick() => true,
        };
        // The snapshot holds bundles in use: it is gone before the broker is waited for.
        let current = {
            let catalogue = server.model_catalogue.snapshot();
            let now = server.now();
            if only_observed {
                let is_due =
                    |endpoint: &Endpoint| endpoint.is_observed || endpoint.is_troubled(now);
                let due = catalogue.endpoints.iter().filter(|(_, endpoint)| is_due(endpoint));
                due.map(|(name, endpoint)| one(name, endpoint, &addresses, now)).collect()
            } else {
                reports(&catalogue, &addresses, now)
            }
        };
        for report in &current {
            put(&registry, report).await;
        }
        if only_observed {
            continue;
        }
        let endpoints: BTreeSet<String> =
            current.into_iter().map(|report| report.endpoint).collect();
        for gone in reported.difference(&endpoints) {
            remove(&registry, gone, &addresses.server).await;
        }
        reported = endpoints;
    }
    let last = async {
        for endpoint in &reported {
            remove(&registry, endpoint, &addresses.server).await;
        }
    };
    if tokio::time::timeout(LAST_WORDS, last).await.is_err() {
        tracing::debug!("the reports were not taken away; they expire");
    }
    Ok(())
}

async fn put(registry: &Registry, report: &ServerReport) {
    if let Err(error) = registry.report(report).await {
        let reason = failures::with_causes(&error);
        tracing::warn!(
            endpoint = report.endpoint,
            reason,
            "a report could not be put; it is repeated"
        );
    }
}

async fn remove(registry: &Registry, endpoint: &str, server: &str) {
    if let Err(error) = registry.withdraw(endpoint, server).await {
        tracing::debug!(endpoint, %error, "a report could not be taken away; it expires");
    }
}

fn reports(catalogue: &Catalogue, addresses: &Addresses, now: Duration) -> Vec<ServerReport> {
    let presence = one(PRESENCE, &Endpoint::default(), addresses, now);
    let endpoints =
        catalogue.endpoints.iter().map(|(name, endpoint)| one(name, endpoint, addresses, now));
    std::iter::once(presence).chain(endpoints).collect()
}

fn one(name: &str, endpoint: &Endpoint, addresses: &Addresses, now: Duration) -> ServerReport {
    ServerReport {
        server: addresses.server.clone(),
        endpoint: name.to_owned(),
        url: addresses.rest_url.clone(),
        live_version: endpoint.live.as_ref().map_or(0, |live| live.number),
        ready_versions: endpoint.versions.keys().copied().collect(),
        failures: endpoint
            .failures
            .iter()
            .map(|(version, reason)| LoadFailure { version: *version, reason: reason.clone() })
            .collect(),
        record_revision: endpoint.revision,
        // The registry sets the time.
        at: None,
        grpc_url: addresses.grpc_url.clone(),
        traffic: endpoint
            .counts
            .iter()
            .map(|(version, counts)| counts.report(*version, now))
            .collect(),
        window: endpoint.window,
    }
}
