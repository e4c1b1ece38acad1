//! Checking endpoints: what comes is compared with what was learned, alerts are raised and ended, and acted upon.
//!
//! ```text
//!   slices ─▶ window ─▶ drift report ──┐
//!   labelled rows ─▶ performance ──────┼─▶ findings ─▶ alert records ─▶ TIER0_ALERTS ─▶ rollback (deployer), webhooks
//!   server reports ─▶ errors, latency ─┘                    └─▶ retraining
//! ```
//!
//! One replica at a time checks an endpoint: the one that notes the time of the check first. A check that two replicas make
//! all the same changes nothing: alert records are changed by compare-and-swap.

use std::collections::{BTreeMap, BTreeSet};
use std::time::{Duration, Instant, SystemTime};

use agent_runtime::{CancellationToken, Resources, StartError};
use artifacts::ArtifactStore;
use bus::{Bus, Headers, KeyValue, MESSAGE_ID};
use bytes::Bytes;
use contracts::v1::{
    Alert, AlertKind, AlertRecord, AlertSeverity, AlertState, ArtifactRef, Monitor, Performance,
};
use contracts::{failures, names, subjects, time};
use monitoring::alerts::{Finding, RecordRules, alert_kind_name, record, rules};
use monitoring::traffic::RequestWatch;
use monitoring::{DriftDocument, performance, unix_milliseconds};
use registry::Registry;
use statistics::drift;
use statistics::reference::Reference;
use tabular::metrics::Metric;

use crate::config::Monitoring;
use crate::error::StoreError;
use crate::joiner::{self, Unmatched, unmatched_key};
use crate::retrainer::Retrainer;
use crate::windows::{self, WindowOf};
use crate::{store, telemetry};

/// References that are kept in memory.
const MOST_REFERENCES: usize = 64;

/// Checks until `shutdown`.
pub(crate) async fn run(
    monitoring: &Monitoring,
    resources: &Resources,
    shutdown: CancellationToken,
) -> Result<(), StartError> {
    let bus = &resources.bus;
    let registry = Registry::new(bus)
        .await
        .map_err(|error| StartError::new("the registry cannot be opened", error))?;
    let windows = bus.kv(names::WINDOWS_BUCKET).await?;
    let mut checker = Checker {
        retrainer: Retrainer::new(
            bus.clone(),
            registry.clone(),
            resources.artifacts.clone(),
            windows.clone(),
            monitoring.retraining,
        ),
        requests: RequestWatch::new(Duration::from_secs(monitoring.traffic.seconds)),
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
    windows: KeyValue,
    references: BTreeMap<String, Reference>,
    retrainer: Retrainer,
    requests: RequestWatch,
}

/// What a check found, and which kinds of alert it could have found.
#[derive(Default)]
struct Found {
    findings: Vec<Finding>,
    looked_for: BTreeSet<AlertKind>,
}

impl Found {
    fn add(&mut self, kinds: &[AlertKind], findings: Vec<Finding>) {
        self.looked_for.extend(kinds);
        self.findings.extend(findings);
    }
}

impl Checker {
    async fn check_all(&mut self) -> Result<(), StoreError> {
        let keys = self.windows.keys().await?;
        let slice = self.settings.window.slice_seconds.saturating_mul(1000);
        let now = unix_milliseconds(SystemTime::now()) / slice;
        let slices = self.settings.window.seconds.div_ceil(self.settings.window.slice_seconds);
        for monitor in self.registry.monitors().await? {
            if !self.is_ours(&monitor.endpoint).await? {
                continue;
            }
            let endpoint = monitor.endpoint.clone();
            if let Err(error) = self.check(&endpoint, &keys, (now + 1).saturating_sub(slices)).await
            {
                let why = failures::with_causes(&error);
                tracing::warn!(endpoint, why, "an endpoint could not be checked; it will be again");
            }
        }
        // Windows that nobody asks for any more, but for some time in which they can be looked at.
        windows::forget(&self.windows, &keys, now.saturating_sub(slices.saturating_mul(2))).await?;
        self.show().await
    }

    /// Whether this replica is the one that checks the endpoint now.
    async fn is_ours(&self, endpoint: &str) -> Result<bool, StoreError> {
        let key = format!("{}.checked", names::token(endpoint));
        let now = unix_milliseconds(SystemTime::now());
        let entry = self.windows.get(&key).await?;
        let last = entry
            .as_ref()
            .and_then(|entry| std::str::from_utf8(&entry.value).ok()?.parse::<u64>().ok());
        // Clocks of replicas differ a little.
        let pause = self.settings.check_seconds.saturating_mul(800);
        if last.is_some_and(|last| now.abs_diff(last) < pause) {
            return Ok(false);
        }
        let revision = entry.map(|entry| entry.revision);
        let written = store::write(&self.windows, &key, revision, Bytes::from(now.to_string()));
        Ok(written.await?.is_some())
    }

    async fn check(
        &mut self,
        endpoint: &str,
        keys: &[String],
        first: u64,
    ) -> Result<(), StoreError> {
        let Some(record) = self.registry.record(endpoint).await? else { return Ok(()) };
        let Some(live) = record.value.live else { return Ok(()) };
        let Some(monitor) = self.registry.monitor_of(endpoint, live.version).await? else {
            return Ok(());
        };
        let mut found = Found::default();
        let window = windows::window(&self.windows, keys, endpoint, live.version, first).await?;
        self.drift(&monitor, &window, &mut found).await?;
        self.performance(&monitor, &window, &mut found).await?;
        let reports = self.registry.servers(endpoint).await?;
        let counts = self.requests.observe(endpoint, live.version, &reports, Instant::now());
        if let Some(counts) = counts {
            found.add(
                &[AlertKind::HighErrorRate, AlertKind::HighLatency],
                rules::traffic(counts, &self.settings.traffic),
            );
        }
        let alerts = self.alerts(endpoint, live.version, &found).await?;
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
        window: &WindowOf,
        found: &mut Found,
    ) -> Result<(), StoreError> {
        let rows = window.sketches.inputs.rows;
        let Some(artifact) = &monitor.drift_reference else { return Ok(()) };
        if rows < self.settings.window.min_rows {
            return Ok(());
        }
        let settings = self.settings.drift;
        let reference = self.reference(artifact).await?;
        let inputs = drift::compare(&reference.inputs, &window.sketches.inputs, &settings);
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
        let bytes = Bytes::from(serde_json::to_vec(&document)?);
        self.registry.put_drift(&monitor.endpoint, bytes).await?;
        Ok(())
    }

    async fn reference(&mut self, artifact: &ArtifactRef) -> Result<&Reference, StoreError> {
        if !self.references.contains_key(&artifact.sha256) {
            let bytes = self.artifacts.get(artifact).await?;
            if self.references.len() >= MOST_REFERENCES {
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
        window: &WindowOf,
        found: &mut Found,
    ) -> Result<(), StoreError> {
        let endpoint = &monitor.endpoint;
        let labelled = joiner::labelled(&self.windows, endpoint, monitor.version).await?;
        let unmatched: Unmatched = match self.windows.get(&unmatched_key(endpoint)).await? {
            Some(entry) => serde_json::from_slice(&entry.value)?,
            None => Unmatched::default(),
        };
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
        if rows.is_empty() && estimated.is_empty() && unmatched.count == 0 {
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
            self.retrainer.segments(monitor, rows, settings.segments).await?
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
            unmatched: unmatched.count,
            repeated_outcomes: labelled.counts.repeated,
        };
        self.registry.put_performance(&shown).await?;
        Ok(())
    }

    /// Brings the records of the endpoint's alerts up to what was found, and sends what is new or worse.
    async fn alerts(
        &self,
        endpoint: &str,
        version: u32,
        found: &Found,
    ) -> Result<Vec<AlertRecord>, StoreError> {
        let rules = self.settings.alerts.rules();
        let now = SystemTime::now();
        for finding in &found.findings {
            let changed = self
                .registry
                .change_alert(endpoint, finding.kind, &finding.subject, |before| {
                    Some(record::found(before, endpoint, version, finding, now, rules))
                })
                .await?;
            if let Some(record) = changed {
                self.send(&record).await?;
            }
        }
        let is_found = |alert: &Alert| {
            found
                .findings
                .iter()
                .any(|finding| finding.kind == alert.kind() && finding.subject == alert.subject)
        };
        let mut records = self.registry.alert_records(Some(endpoint)).await?;
        for record in &mut records {
            let Some(alert) = record.alert.clone() else { continue };
            // What is of a version that answers no more is over at once.
            let is_of_another = alert.version != 0 && alert.version != version;
            let could_be_found = found.looked_for.contains(&alert.kind());
            if is_found(&alert) || !(could_be_found || is_of_another) {
                continue;
            }
            let rules =
                if is_of_another { RecordRules { clear_checks: 1, ..rules } } else { rules };
            let changed = self
                .registry
                .change_alert(endpoint, alert.kind(), &alert.subject, |before| {
                    before.and_then(|before| record::cleared(before, now, rules))
                })
                .await?;
            if let Some(changed) = changed {
                if changed.state() == AlertState::Resolved {
                    tracing::info!(endpoint, alert = alert.alert_id, "an alert is over");
                }
                *record = changed;
            }
        }
        // What could not be sent before, such as by a replica that ended in between.
        for record in &records {
            self.send(record).await?;
        }
        Ok(records)
    }

    /// Publishes an alert that is new or worse, and notes that it was.
    async fn send(&self, record: &AlertRecord) -> Result<(), StoreError> {
        let Some(alert) = record::unsent(record) else { return Ok(()) };
        let severity = alert.severity();
        let subject = subjects::alert(&alert.endpoint)?;
        let mut headers = Headers::new();
        headers
            .insert(MESSAGE_ID, format!("{}.{}", alert.alert_id, severity.as_str_name()).as_str());
        let bytes = contracts::encoding::encode_bounded(alert)?;
        self.bus.publish(&subject, headers, bytes).await?;
        telemetry::raised(alert);
        tracing::warn!(
            endpoint = alert.endpoint,
            alert = alert.alert_id,
            kind = alert_kind_name(alert.kind()),
            severity = severity.as_str_name(),
            reason = alert.reason,
            "alert"
        );
        self.registry
            .change_alert(&alert.endpoint, alert.kind(), &alert.subject, |before| {
                let mut record = before?.clone();
                record.set_sent(severity.max(record.sent()));
                Some(record)
            })
            .await?;
        Ok(())
    }

    /// Shows what was found last, by whichever replica, and how many alerts there are.
    async fn show(&self) -> Result<(), StoreError> {
        for monitor in self.registry.monitors().await? {
            if let Some(document) = self.registry.drift(&monitor.endpoint).await? {
                let document: DriftDocument = serde_json::from_slice(&document)?;
                telemetry::drift(&document);
            }
            if let Some(performance) = self.registry.performance(&monitor.endpoint).await? {
                telemetry::performance(&performance);
            }
        }
        let mut active: BTreeMap<(String, AlertKind, AlertSeverity), u64> = BTreeMap::new();
        for record in self.registry.alert_records(None).await? {
            let Some(alert) = &record.alert else { continue };
            let count =
                active.entry((alert.endpoint.clone(), alert.kind(), alert.severity())).or_default();
            *count += u64::from(record.state() != AlertState::Resolved);
        }
        telemetry::active(&active);
        Ok(())
    }
}
