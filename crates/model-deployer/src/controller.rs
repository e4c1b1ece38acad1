//! The controller of rollouts: looks at what servers count, decides, and changes the records. Every replica has one; the compare-and-swap lets one of them decide.
//!
//! ```text
//!   TIER0_DEPLOYMENTS ──watch──▶ records ─┐
//!   TIER0_SERVERS ──────watch──▶ counts ──┼─▶ advance ─▶ compare-and-swap ─▶ stages of the versions
//!   TIER0_ALERTS ───────────────▶ alert ──┘─▶ rollback
//! ```

use std::collections::BTreeMap;
use std::time::{Duration, SystemTime};

use bus::{Bus, Delivery, Settlement, consume};
use contracts::messages::{
    Alert, AlertKind, AlertSeverity, BreakerState, DeploymentRecord, RolloutPhase, ServerReport,
};
use contracts::{Validate as _, encoding, failures, names, subjects, time};
use process::{CancellationToken, Resources, StartError};
use registry::{
    ChangeError, DeploymentChange, OperationError, Registry, Revisioned, ServerChange, is_fresh,
};
use rollout::{Evidence, NextStep, advance};
use tokio::sync::mpsc;

use crate::client::Client;
use crate::replay;

/// Who changes records here.
const BY: &str = "model-deployer/controller";
/// How often rollouts are looked at.
const POLL_INTERVAL: Duration = Duration::from_millis(250);
/// Changes that wait to be looked at.
const MAX_PENDING_CHANGES: usize = 256;
/// Wait before an alert that could not be answered is delivered again.
const RETRY_DELAY: Duration = Duration::from_secs(2);

/// Decides on rollouts and rollbacks of all endpoints.
pub(crate) struct Controller {
    bus: Bus,
    registry: Registry,
    client: Client,
    records: BTreeMap<String, Revisioned<DeploymentRecord>>,
    reports: BTreeMap<String, ServerReport>,
    /// What a replay gave, by endpoint and step.
    replays: BTreeMap<(String, u32), Evidence>,
}

/// The change was made to another record than the one decided on.
#[derive(Debug, thiserror::Error)]
#[error("the record was changed meanwhile")]
struct StaleRecordError;

enum Event {
    Record(DeploymentChange),
    Server(ServerChange),
}

impl Controller {
    pub(crate) fn new(bus: Bus, registry: Registry, client: Client) -> Self {
        Self {
            bus,
            registry,
            client,
            records: BTreeMap::new(),
            reports: BTreeMap::new(),
            replays: BTreeMap::new(),
        }
    }

    /// Advances the rollouts of all endpoints and follows alerts, until `shutdown` is cancelled.
    pub(crate) async fn run(
        mut self,
        resources: &Resources,
        shutdown: CancellationToken,
    ) -> Result<(), StartError> {
        let failed = |error| StartError::new("the rollouts cannot be followed", error);
        let mut records = self.registry.watch_deployments().await.map_err(failed)?;
        let mut servers = self.registry.watch_servers().await.map_err(failed)?;
        let (sender, mut events) = mpsc::channel(MAX_PENDING_CHANGES);
        let of_servers = sender.clone();
        let watching = [
            tokio::spawn(async move {
                while sender.send(Event::Record(records.next().await)).await.is_ok() {}
            }),
            tokio::spawn(async move {
                while of_servers.send(Event::Server(servers.next().await)).await.is_ok() {}
            }),
        ];
        let alerts = tokio::spawn(follow_alerts(
            resources.bus.clone(),
            self.registry.clone(),
            shutdown.clone(),
        ));
        let mut tick = tokio::time::interval(POLL_INTERVAL);
        tick.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        loop {
            tokio::select! {
                () = shutdown.cancelled() => break,
                event = events.recv() => match event {
                    Some(event) => self.handle_event(event),
                    None => break,
                },
                _ = tick.tick() => self.check_rollouts().await,
            }
        }
        for watch in watching {
            watch.abort();
        }
        // It ends by the same token.
        let _ = alerts.await;
        Ok(())
    }

    fn handle_event(&mut self, event: Event) {
        match event {
            Event::Record(DeploymentChange::Changed(record)) => {
                self.records.insert(record.value.endpoint.clone(), *record);
            }
            Event::Record(DeploymentChange::Removed { endpoint }) => {
                self.records.remove(&endpoint);
            }
            Event::Record(DeploymentChange::Damaged { endpoint, error }) => {
                let reason = failures::with_causes(&error);
                tracing::error!(endpoint, reason, "a deployment record is refused");
            }
            Event::Server(ServerChange::Reported(report)) => {
                let key = names::server_key(&report.endpoint, &report.server);
                self.reports.insert(key, *report);
            }
            Event::Server(ServerChange::Gone(key) | ServerChange::Damaged(key)) => {
                self.reports.remove(&key);
            }
        }
    }

    async fn check_rollouts(&mut self) {
        let now = SystemTime::now();
        self.reports.retain(|_, report| is_fresh(report, now));
        let active: Vec<Revisioned<DeploymentRecord>> = self
            .records
            .values()
            .filter(|found| rollout::is_active(&found.value))
            .cloned()
            .collect();
        self.replays.retain(|(endpoint, step), _| {
            active.iter().any(|found| {
                let at = found.value.rollout.as_ref().map_or(0, |rollout| rollout.step);
                found.value.endpoint == *endpoint && at == *step
            })
        });
        for found in active {
            self.advance(&found.value).await;
        }
        let watched: Vec<DeploymentRecord> = self
            .records
            .values()
            .filter(|found| rollout::is_watched(&found.value))
            .map(|found| found.value.clone())
            .collect();
        for record in watched {
            self.judge_watch(&record).await;
        }
        let sick: Vec<(String, String)> =
            self.records.values().filter_map(|found| self.rollback_reason(&found.value)).collect();
        for (endpoint, reason) in sick {
            tracing::warn!(endpoint, reason, "the live version is rolled back");
            if let Err(error) = self.registry.rollback(&endpoint, None, BY, &reason).await {
                tracing::error!(endpoint, %error, "a rollback failed");
            }
        }
    }

    fn of_endpoint<'a>(&'a self, endpoint: &'a str) -> impl Iterator<Item = &'a ServerReport> {
        self.reports.values().filter(move |report| report.endpoint == endpoint)
    }

    async fn advance(&mut self, record: &DeploymentRecord) {
        let endpoint = &record.endpoint;
        let window = record.routing.as_ref().map_or(0, |routing| routing.window);
        let evidence = Evidence::from_reports(self.of_endpoint(endpoint), window);
        let step = record.rollout.as_ref().map_or(0, |rollout| rollout.step);
        let key = (endpoint.clone(), step);
        let mut next = advance(record, &evidence, self.replays.get(&key), SystemTime::now());
        if next == Some(NextStep::Replay) {
            let server = self.of_endpoint(endpoint).next().map(|report| report.url.clone());
            let replayed = match server {
                Some(url) => replay::replay(&self.bus, &self.client, &url, record).await,
                None => Evidence::default(),
            };
            tracing::info!(endpoint, rows = replayed.replayed, "recorded rows were replayed");
            next = advance(record, &evidence, Some(&replayed), SystemTime::now());
            self.replays.insert(key, replayed);
        }
        if let Some(NextStep::Change(next)) = next {
            self.put(record, &next).await;
        }
    }

    /// Takes a promotion back that loses on the rows that follow, or ends its watch.
    async fn judge_watch(&mut self, record: &DeploymentRecord) {
        let window = record.routing.as_ref().map_or(0, |routing| routing.window);
        let evidence = Evidence::from_reports(self.of_endpoint(&record.endpoint), window);
        if let Some(next) = rollout::judge_watch(record, &evidence, SystemTime::now()) {
            self.put(record, &next).await;
        }
    }

    /// Makes a record what was decided, unless another replica has changed it meanwhile.
    async fn put(&mut self, record: &DeploymentRecord, next: &DeploymentRecord) {
        let endpoint = &record.endpoint;
        let changed = self.registry.change(endpoint, BY, |found| {
            if found != record {
                return Err(StaleRecordError);
            }
            *found = next.clone();
            Ok(())
        });
        match changed.await {
            Ok(changed) => {
                crate::telemetry::changed(record, &changed.value);
                tracing::info!(endpoint, reason = changed.value.reason, "rollout goes on");
                if let Err(error) = self.registry.follow(Some(record), &changed.value, BY).await {
                    tracing::warn!(endpoint, %error, "the stages of the versions were not changed");
                }
                self.records.insert(endpoint.clone(), changed);
            }
            // Another replica decided; its record comes by the watch.
            Err(ChangeError::Refused(StaleRecordError)) => {}
            Err(ChangeError::Registry(error)) => {
                tracing::warn!(endpoint, %error, "a rollout could not be changed; it is tried again");
            }
        }
    }

    /// Why an endpoint's live version is to be rolled back, if it is: every server that got requests for it has given it up, while the version before is well.
    fn rollback_reason(&self, record: &DeploymentRecord) -> Option<(String, String)> {
        let is_divided = record.routing.is_some() && !rollout::is_watched(record);
        if rollout::is_active(record) || is_divided {
            return None;
        }
        let (live, previous) = (record.live.as_ref()?.version, record.previous.as_ref()?.version);
        // A rollback has already been made of it: going back and forth helps no caller.
        let was_ended =
            record.rollout.as_ref().is_some_and(|rollout| rollout.phase() == RolloutPhase::Aborted);
        let mut open = 0;
        for report in self.of_endpoint(&record.endpoint) {
            let breaker = |version| {
                let counted = report.traffic.iter().find(|counted| counted.version == version);
                counted.map(|counted| counted.breaker())
            };
            match (breaker(live), breaker(previous)) {
                (Some(BreakerState::Open | BreakerState::HalfOpen), Some(BreakerState::Closed)) => {
                    open += 1;
                }
                _ => return None,
            }
        }
        (open > 0 && !(was_ended && record.reason.starts_with(SICK))).then(|| {
            let reason = format!("{SICK} of version {live} is open on {open} servers");
            (record.endpoint.clone(), reason)
        })
    }
}

/// How a rollback by failed health begins to say why.
const SICK: &str = "the circuit breaker";

/// Rolls versions back by alerts, until `shutdown`.
async fn follow_alerts(bus: Bus, registry: Registry, shutdown: CancellationToken) {
    // One at a time: of two alerts about one deployment the second is answered by what the first has changed.
    let opened = bus.consumer_when_there(names::ALERTS_STREAM, names::ALERTS_CONSUMER, 1);
    let Some(mut alerts) = shutdown.run_until_cancelled(opened).await else { return };
    let handle = |delivery: Delivery| {
        let registry = registry.clone();
        async move {
            let settlement = answer(&registry, &delivery).await;
            delivery.settle(settlement).await;
        }
    };
    consume(&mut alerts, shutdown.cancelled(), handle).await;
}

async fn answer(registry: &Registry, delivery: &Delivery) -> Settlement {
    let alert = match alert(delivery) {
        Ok(alert) => alert,
        Err(error) => {
            tracing::warn!(%error, "an alert is refused");
            return Settlement::Reject;
        }
    };
    match heed(registry, &alert).await {
        Ok(()) => Settlement::Ack,
        Err(error) => {
            tracing::warn!(%error, endpoint = alert.endpoint, "an alert could not be heeded; it comes again");
            Settlement::Retry(RETRY_DELAY)
        }
    }
}

fn alert(delivery: &Delivery) -> Result<Alert, contracts::ContractError> {
    let alert: Alert = encoding::from_protobuf("Alert", &delivery.payload)?;
    alert.validate()?;
    // Who may speak of the data of runs alone does not bring versions down.
    let is_of_a_run = delivery.subject != subjects::alert(&alert.endpoint)?;
    Ok(if is_of_a_run { Alert { kind: AlertKind::DataValidation.into(), ..alert } } else { alert })
}

/// Whether another version can be expected to do better: it is asked the same inputs, so that drift is answered by retraining.
fn is_of_the_version(kind: AlertKind) -> bool {
    match kind {
        AlertKind::PerformanceDegradation
        | AlertKind::HighErrorRate
        | AlertKind::HighLatency
        | AlertKind::Unspecified => true,
        AlertKind::FeatureDrift
        | AlertKind::PredictionDrift
        | AlertKind::DataQuality
        | AlertKind::DataValidation => false,
    }
}

/// Rolls back what a critical alert is about, if it still takes part.
async fn heed(registry: &Registry, alert: &Alert) -> Result<(), registry::Error> {
    if alert.severity() != AlertSeverity::Critical || !is_of_the_version(alert.kind()) {
        return Ok(());
    }
    let Some(found) = registry.record(&alert.endpoint).await? else { return Ok(()) };
    let mut record = found.value;
    let at = |at: Option<&_>| at.and_then(time::system_time);
    // What was changed after the alert was raised is not what it is about; nor is a repetition.
    if at(record.updated_at.as_ref()) > at(alert.at.as_ref()) {
        tracing::info!(endpoint = alert.endpoint, "an alert is older than the deployment; ignored");
        return Ok(());
    }
    let live = record.live.as_ref().map_or(0, |live| live.version);
    let is_live = alert.version == 0 || alert.version == live;
    let takes_part = is_live || record.members.iter().any(|member| member.version == alert.version);
    if !takes_part {
        return Ok(());
    }
    let kind = monitoring::alerts::alert_kind_name(alert.kind());
    let reason = format!("alert {kind} of {}: {}", alert.raised_by, alert.reason);
    let by = format!("alert/{}", alert.alert_id);
    // An alert on the live version ends what goes on beside it and then goes back from it.
    let is_divided = record.routing.is_some() && !rollout::is_watched(&record);
    let times = if is_live && is_divided && record.previous.is_some() { 2 } else { 1 };
    for _ in 0..times {
        match registry.rollback(&alert.endpoint, None, &by, &reason).await {
            Ok(changed) => {
                crate::telemetry::changed(&record, &changed.value);
                tracing::warn!(endpoint = alert.endpoint, reason, "rolled back");
                record = changed.value;
            }
            Err(OperationError::Registry(error)) => return Err(error),
            Err(error) => {
                tracing::warn!(endpoint = alert.endpoint, %error, "the alert cannot be answered by a rollback");
            }
        }
    }
    Ok(())
}
