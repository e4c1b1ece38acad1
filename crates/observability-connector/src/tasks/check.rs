//! Checking endpoints: traffic is compared with the reference, and alerts are raised, ended and acted upon.
//!
//! ```text
//!   slices ─▶ window ─▶ drift report ──┐
//!   labelled rows ─▶ performance ──────┼─▶ findings ─▶ alert records ─▶ TIER0_ALERTS ─▶ rollback (deployer), webhooks
//!   server reports ─▶ errors, latency ─┘                    └─▶ retraining
//! ```
//!
//! One replica at a time checks an endpoint: the one that notes the time of the check first. A check that two replicas make
//! all the same changes nothing: alert records are changed by compare-and-swap.

mod alerts;
mod segments;

use std::collections::{BTreeMap, BTreeSet};
use std::time::{Duration, Instant, SystemTime};

use artifacts::ArtifactStore;
use bus::Bus;
use contracts::messages::{
    AlertKind, AlertSeverity, AlertState, ArtifactRef, Monitor, Performance,
};
use contracts::{failures, time};
use monitoring::alerts::{Finding, rules};
use monitoring::traffic::RequestWatch;
use monitoring::{DriftDocument, is_time, performance, unix_milliseconds};
use process::{CancellationToken, Resources, StartError};
use registry::Registry;
use statistics::drift;
use statistics::reference::Reference;
use tabular::metrics::Metric;

use self::alerts::Alerts;
use self::segments::SegmentCache;
use super::retrain::Retrainer;
use crate::config::Monitoring;
use crate::error::StoreError;
use crate::telemetry;
use crate::windows::{Window, WindowStore};

/// References that are kept in memory.
const MAX_REFERENCES: usize = 64;

/// Checks all watched endpoints at an interval, until `shutdown` is cancelled.
pub(crate) async fn run(
    monitoring: &Monitoring,
    resources: &Resources,
    shutdown: CancellationToken,
) -> Result<(), StartError> {
    let bus = &resources.bus;
    let registry = Registry::new(bus)
        .await
        .map_err(|error| StartError::new("the registry cannot be opened", error))?;
    let windows = WindowStore::open(bus).await?;
    let monitors = registry.monitors().clone();
    let mut checker = Checker {
        alerts: Alerts {
            bus: bus.clone(),
            monitors: monitors.clone(),
            rules: monitoring.alerts.rules(),
        },
        retrainer: Retrainer {
            bus: bus.clone(),
            monitors,
            artifacts: resources.artifacts.clone(),
            windows: windows.clone(),
            settings: monitoring.retraining,
        },
        requests: RequestWatch::new(Duration::from_secs(monitoring.traffic.seconds)),
        segments: SegmentCache::default(),
        settings: monitoring.clone(),
        bus: bus.clone(),
        artifacts: resources.artifacts.clone(),
        registry,
        windows,
        references: BTreeMap::new(),
    };
    let mut every = tokio::time::interval(Duration::from_secs(monitoring.check_seconds));
    every.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    loop {
        tokio::select! {
            () = shutdown.cancelled() => return Ok(()),
            _ = every.tick() => {}
        }
        if let Err(error) = checker.check_all().await {
            let why = failures::with_causes(&error);
            tracing::warn!(why, "the endpoints could not be checked; they will be again");
        }
    }
}

struct Checker {
    settings: Monitoring,
    bus: Bus,
    artifacts: ArtifactStore,
    registry: Registry,
    windows: WindowStore,
    /// Reference profiles by their SHA-256.
    references: BTreeMap<String, Reference>,
    requests: RequestWatch,
    segments: SegmentCache,
    alerts: Alerts,
    retrainer: Retrainer,
}

/// What a check found, and which kinds of alert it could have found.
#[derive(Default)]
struct CheckResult {
    findings: Vec<Finding>,
    checked: BTreeSet<AlertKind>,
}

impl CheckResult {
    fn add(&mut self, kinds: &[AlertKind], findings: Vec<Finding>) {
        self.checked.extend(kinds);
        self.findings.extend(findings);
    }
}

impl Checker {
    async fn check_all(&mut self) -> Result<(), StoreError> {
        let keys = self.windows.keys().await?;
        let slice = self.settings.window.slice_seconds.saturating_mul(1000);
        let now = unix_milliseconds(SystemTime::now()) / slice;
        let slices = self.settings.window.seconds.div_ceil(self.settings.window.slice_seconds);
        // Clocks of replicas differ a little.
        let pause = Duration::from_millis(self.settings.check_seconds.saturating_mul(800));
        for monitor in self.registry.monitors().all().await? {
            let endpoint = &monitor.endpoint;
            let at = unix_milliseconds(SystemTime::now());
            if !self.windows.claim_check(endpoint, at, pause).await? {
                continue;
            }
            let checked = self.check(endpoint, &keys, (now + 1).saturating_sub(slices));
            if let Err(error) = checked.await {
                let why = failures::with_causes(&error);
                tracing::warn!(endpoint, why, "an endpoint could not be checked; it will be again");
            }
        }
        // A window that is over stays as long again, to be looked at.
        let first = now.saturating_sub(slices.saturating_mul(2));
        self.windows.remove_slices_before(&keys, first).await?;
        self.show().await
    }

    async fn check(
        &mut self,
        endpoint: &str,
        keys: &[String],
        first: u64,
    ) -> Result<(), StoreError> {
        let Some(record) = self.registry.record(endpoint).await? else { return Ok(()) };
        let Some(live) = record.value.live else { return Ok(()) };
        let version = live.version;
        let Some(monitor) = self.registry.monitors().of_version(endpoint, version).await? else {
            return Ok(());
        };
        let mut found = CheckResult::default();
        let window = self.windows.window(keys, endpoint, version, first).await?;
        self.drift(&monitor, &window, &mut found).await?;
        self.performance(&monitor, &window, &mut found).await?;
        let reports = self.registry.servers(endpoint).await?;
        if let Some(counts) = self.requests.observe(endpoint, version, &reports, Instant::now()) {
            found.add(
                &[AlertKind::HighErrorRate, AlertKind::HighLatency],
                rules::traffic(counts, &self.settings.traffic),
            );
        }
        let alerts = self.alerts.update(endpoint, version, &found).await?;
        if let Some(artifact) = &monitor.drift_reference {
            self.reference(artifact).await?;
        }
        let reference = monitor.drift_reference.as_ref();
        let reference = reference.and_then(|artifact| self.references.get(&artifact.sha256));
        self.retrainer.step(&monitor, &alerts, reference).await
    }

    /// Compares the window with the reference, where it has enough rows.
    async fn drift(
        &mut self,
        monitor: &Monitor,
        window: &Window,
        found: &mut CheckResult,
    ) -> Result<(), StoreError> {
        let rows = window.sketches.inputs.rows;
        let Some(artifact) = &monitor.drift_reference else { return Ok(()) };
        if rows < self.settings.window.min_rows {
            return Ok(());
        }
        let settings = self.settings.drift.clone();
        let reference = self.reference(artifact).await?;
        let inputs = drift::compare_with_times(
            &reference.inputs,
            &window.sketches.inputs,
            &settings,
            |name| is_time(monitor, name),
        );
        let predictions = drift::compare(&reference.outputs, &window.sketches.outputs, &settings);
        found.add(&[AlertKind::FeatureDrift, AlertKind::DataQuality], rules::drift(&inputs, true));
        found.add(&[AlertKind::PredictionDrift], rules::drift(&predictions, false));
        let begins = window.first.saturating_mul(self.settings.window.slice_seconds);
        let document = DriftDocument {
            endpoint: monitor.endpoint.clone(),
            version: monitor.version,
            at: time::timestamp(SystemTime::now()),
            from: time::timestamp(SystemTime::UNIX_EPOCH + Duration::from_secs(begins)),
            rows,
            report: inputs,
            predictions,
        };
        Ok(self.registry.monitors().put_drift(&document).await?)
    }

    async fn reference(&mut self, artifact: &ArtifactRef) -> Result<&Reference, StoreError> {
        if !self.references.contains_key(&artifact.sha256) {
            let bytes = self.artifacts.get(artifact).await?;
            if self.references.len() >= MAX_REFERENCES {
                self.references.pop_first();
            }
            self.references.insert(artifact.sha256.clone(), Reference::decode(&bytes)?);
        }
        self.references.get(&artifact.sha256).ok_or(StoreError::Contended)
    }

    /// Measures the labelled rows, and estimates what is not labelled.
    async fn performance(
        &mut self,
        monitor: &Monitor,
        window: &Window,
        found: &mut CheckResult,
    ) -> Result<(), StoreError> {
        let endpoint = &monitor.endpoint;
        let labelled = self.windows.labelled(endpoint, monitor.version).await?;
        let unmatched = self.windows.unmatched(endpoint).await?;
        let rows = labelled.rows();
        let estimated_rows = window.sketches.outputs.rows;
        let settings = &self.settings.performance;
        let is_enough = rows.len() >= settings.min_labelled;
        let metrics =
            if is_enough { performance::measure(monitor, rows)? } else { BTreeMap::new() };
        let estimated = if estimated_rows >= self.settings.window.min_rows {
            performance::estimated(monitor, &window.sketches)
        } else {
            BTreeMap::new()
        };
        if rows.is_empty() && estimated.is_empty() && unmatched == 0 {
            return Ok(());
        }
        if let Some(metric) = Metric::by_name(&monitor.metric).filter(|_| is_enough)
            && let (Some(measured), Some(reference)) =
                (metrics.get(metric.name()), monitor.test_metrics.get(metric.name()))
        {
            let worse = rules::degradation(metric, measured, reference, rows.len(), settings);
            found.add(&[AlertKind::PerformanceDegradation], worse.into_iter().collect());
        }
        let segments = if is_enough {
            self.segments.segments(&self.bus, monitor, rows, settings.segments).await?
        } else {
            Vec::new()
        };
        let first = rows.iter().map(|row| row.at).min();
        let first = first.map(|at| SystemTime::UNIX_EPOCH + Duration::from_millis(at));
        let shown = Performance {
            endpoint: endpoint.clone(),
            version: monitor.version,
            at: Some(time::timestamp(SystemTime::now())),
            labelled: rows.len() as u64,
            metrics,
            reference: monitor
                .test_metrics
                .iter()
                .map(|(name, estimate)| (name.clone(), estimate.value))
                .collect(),
            estimated,
            estimated_rows,
            segments,
            first_at: first.map(time::timestamp),
            joined: labelled.counts.joined,
            unmatched,
            repeated_outcomes: labelled.counts.repeated,
        };
        Ok(self.registry.monitors().put_performance(&shown).await?)
    }

    /// Shows what was found last, by whichever replica, and how many alerts there are.
    async fn show(&self) -> Result<(), StoreError> {
        let monitors = self.registry.monitors();
        for monitor in monitors.all().await? {
            telemetry::watched(&monitor.endpoint);
            if let Some(document) = monitors.drift(&monitor.endpoint).await? {
                telemetry::drift(&document);
            }
            if let Some(performance) = monitors.performance(&monitor.endpoint).await? {
                telemetry::performance(&performance);
            }
        }
        let mut active: BTreeMap<(String, AlertKind, AlertSeverity), u64> = BTreeMap::new();
        for record in monitors.alert_records(None).await? {
            let Some(alert) = &record.alert else { continue };
            let count =
                active.entry((alert.endpoint.clone(), alert.kind(), alert.severity())).or_default();
            *count += u64::from(record.state() != AlertState::Resolved);
        }
        telemetry::active(&active);
        Ok(())
    }
}
