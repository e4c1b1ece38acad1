//! Reports over time: since when each part is as it is, and one report for all who ask within some seconds.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::{Duration, Instant, SystemTime};

use api::health::{Component, HealthDocument, Prober, Status};
use process::CancellationToken;
use runs::attention::UnattendedStage;
use tokio::sync::Mutex;

use crate::config::HealthConfig;
use crate::http::SharedLedger;
use crate::telemetry;

/// Looks now and then, and answers who asks; cheap to clone.
#[derive(Debug, Clone)]
pub struct HealthCache {
    prober: Prober,
    shared: SharedLedger,
    every: Duration,
    kept_for: Duration,
    state: Arc<Mutex<State>>,
}

#[derive(Debug, Default)]
struct State {
    last: Option<(Instant, SystemTime, Vec<Component>)>,
    since: StateTimes,
    /// Of the ledger, which is looked at every time.
    own: StateTimes,
}

/// Since when each part is as it is.
#[derive(Debug, Default)]
struct StateTimes(BTreeMap<(String, String), (Status, SystemTime)>);

impl StateTimes {
    /// Notes what was found, and says of each part since when it is so; forgets parts that are gone.
    fn note(&mut self, components: &mut [Component], now: SystemTime) {
        let mut next = BTreeMap::new();
        for component in components {
            let key = (component.kind.clone(), component.name.clone());
            let before = self.0.get(&key).filter(|(status, _)| *status == component.status);
            let since = before.map_or(now, |(_, since)| *since);
            component.since = rfc3339(since);
            next.insert(key, (component.status, since));
        }
        self.0 = next;
    }
}

impl HealthCache {
    /// Watches by this prober; `shared` is what the ledger knows.
    #[must_use]
    pub fn new(prober: Prober, shared: SharedLedger, config: &HealthConfig) -> Self {
        Self {
            prober,
            shared,
            every: config.every(),
            kept_for: config.kept_for(),
            state: Arc::default(),
        }
    }

    /// Checks again and again until `shutdown`, so that a change is noticed without a request.
    pub(crate) async fn run(self, shutdown: CancellationToken) {
        let mut looks = tokio::time::interval(self.every);
        looks.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        loop {
            tokio::select! {
                () = shutdown.cancelled() => return,
                _ = looks.tick() => {}
            }
            tokio::select! {
                () = shutdown.cancelled() => return,
                _ = self.document() => {}
            }
        }
    }

    /// How the fleet is, as it was found at most some seconds ago.
    pub async fn document(&self) -> HealthDocument {
        // A caller that comes meanwhile waits for the result of this check.
        let mut state = self.state.lock().await;
        let fresh = state.last.as_ref().filter(|(at, ..)| at.elapsed() <= self.kept_for).cloned();
        let (checked_at, mut components) = match fresh {
            Some((_, checked_at, components)) => (checked_at, components),
            None => {
                // Of all parts at once: too large for the stack of the task that asks.
                let mut components = Box::pin(self.prober.probe_all()).await;
                let (now, at) = (SystemTime::now(), Instant::now());
                state.since.note(&mut components, now);
                telemetry::health(&components);
                state.last = Some((at, now, components.clone()));
                (now, components)
            }
        };
        let mut ledger = [self.ledger()];
        state.own.note(&mut ledger, SystemTime::now());
        drop(state);
        components.extend(ledger);
        let (last_sequence, runs) =
            self.shared.read(|ledger| (ledger.last_sequence(), ledger.counts()));
        let mut warnings = self.shared.trouble().warnings();
        warnings.extend(self.shared.unattended().iter().map(UnattendedStage::warning));
        let mut health = HealthDocument::from_components(components, rfc3339(checked_at));
        // What others say troubles them now is not forgotten because it could not be seen from here.
        if !warnings.is_empty() {
            health.status = health.status.max(Status::Degraded);
        }
        HealthDocument { last_sequence, runs, warnings, ..health }
    }

    /// This process: whether its ledger holds what the stream does.
    fn ledger(&self) -> Component {
        let (kind, name) = ("service", "orchestrator");
        let taken = self.shared.read(|ledger| ledger.last_sequence());
        let runs: usize = self.shared.read(|ledger| ledger.counts().values().sum());
        if self.shared.is_current() {
            let detail = format!("{runs} runs in the ledger, read up to message {taken}");
            return Component::new(kind, name, Status::Healthy, detail);
        }
        let detail = format!("reading the stream, at message {taken}");
        Component::new(kind, name, Status::Degraded, detail)
            .advise("wait: what it says of runs is not complete yet")
    }
}

/// A time as it is shown.
fn rfc3339(at: SystemTime) -> String {
    jiff::Timestamp::try_from(at).map(|at| at.to_string()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_status_has_a_beginning() {
        let at = |second: u64| SystemTime::UNIX_EPOCH + Duration::from_secs(second);
        let mut since = StateTimes::default();
        let mut note = |status, second| {
            let mut found = [Component::new("agent", "x", status, "")];
            since.note(&mut found, at(second));
            found.map(|component| component.since).concat()
        };
        assert_eq!(note(Status::Healthy, 10), "1970-01-01T00:00:10Z");
        assert_eq!(note(Status::Healthy, 20), "1970-01-01T00:00:10Z");
        assert_eq!(note(Status::Unhealthy, 30), "1970-01-01T00:00:30Z");
        assert_eq!(note(Status::Healthy, 40), "1970-01-01T00:00:40Z");
    }
}
