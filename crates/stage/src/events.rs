//! Stage events: what happens in a stage, for the ledger; no agent waits for them, and one may be lost.

use std::convert::Infallible;
use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant, SystemTime};

use bus::{Bus, Headers};
use contracts::v1::{self, StageEventKind};
use contracts::{Agent, RunId, encoding, names, subjects, time};
use tokio::runtime::Handle;
use tracing::Instrument as _;

/// Progress that comes faster is left out.
const PROGRESS_INTERVAL: Duration = Duration::from_millis(500);
/// Longest note, in characters.
const MAX_NOTE_LENGTH: usize = 1000;

/// Publishes the events of one delivery.
#[derive(Debug, Clone)]
pub(crate) struct Events {
    pub(crate) bus: Bus,
    pub(crate) agent: Agent,
    pub(crate) run: RunId,
    pub(crate) epoch: u32,
    pub(crate) attempt: u32,
    pub(crate) replica: Arc<str>,
}

impl Events {
    fn event(&self, kind: StageEventKind) -> v1::StageEvent {
        v1::StageEvent {
            run_id: self.run.as_str().to_owned(),
            epoch: self.epoch,
            agent: self.agent.as_str().to_owned(),
            kind: kind.into(),
            attempt: self.attempt,
            at: Some(time::timestamp(SystemTime::now())),
            replica: self.replica.to_string(),
            ..v1::StageEvent::default()
        }
    }

    pub(crate) async fn retrying(&self, failure: v1::Failure) {
        self.publish(v1::StageEvent {
            failure: Some(failure),
            ..self.event(StageEventKind::Retrying)
        })
        .await;
    }

    pub(crate) async fn dead_lettered(&self, failure: v1::Failure) {
        self.publish(v1::StageEvent {
            failure: Some(failure),
            ..self.event(StageEventKind::DeadLettered)
        })
        .await;
    }

    async fn publish(&self, event: v1::StageEvent) {
        let mut headers = Headers::new();
        headers.insert(names::CONTENT_TYPE, names::PROTOBUF);
        process::inject_trace(&mut headers);
        let subject = subjects::event(&self.run, self.agent);
        if let Err(error) = self.bus.publish_core(&subject, headers, encoding::encode(&event)).await
        {
            tracing::debug!(%error, "an event was not published");
        }
    }
}

/// The beginning of a delivery's work, which is told of at most once.
pub(crate) struct StartedEvent {
    events: Events,
    event: Option<v1::StageEvent>,
}

impl StartedEvent {
    /// Makes the event `started` with the current time, not yet published.
    pub(crate) fn new(events: Events) -> Self {
        let event = Some(events.event(StageEventKind::Started));
        Self { events, event }
    }

    /// Tells of it, if that was not done.
    pub(crate) async fn announce(&mut self) {
        if let Some(event) = self.event.take() {
            self.events.publish(event).await;
        }
    }

    /// Tells of it after a while, and then never ends.
    pub(crate) async fn announce_after(&mut self, wait: Duration) -> Infallible {
        tokio::time::sleep(wait).await;
        self.announce().await;
        std::future::pending().await
    }
}

/// Reports progress from any thread.
#[derive(Clone)]
pub(crate) struct Progress {
    events: Arc<Events>,
    last: Arc<Mutex<Option<Instant>>>,
    runtime: Handle,
}

impl fmt::Debug for Progress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Progress").finish_non_exhaustive()
    }
}

impl Progress {
    pub(crate) fn new(events: Events) -> Self {
        Self {
            events: Arc::new(events),
            last: Arc::new(Mutex::new(None)),
            runtime: Handle::current(),
        }
    }

    /// Notes something in the run's history; none is left out.
    pub(crate) fn note(&self, text: &str) {
        let event = v1::StageEvent {
            detail: text.chars().take(MAX_NOTE_LENGTH).collect(),
            ..self.events.event(StageEventKind::Noted)
        };
        let events = Arc::clone(&self.events);
        self.runtime.spawn(async move { events.publish(event).await }.in_current_span());
    }

    pub(crate) fn report(&self, share: f64, detail: &str) {
        {
            let mut last = self.last.lock().unwrap_or_else(PoisonError::into_inner);
            if last.is_some_and(|last| last.elapsed() < PROGRESS_INTERVAL) {
                return;
            }
            *last = Some(Instant::now());
        }
        let event = v1::StageEvent {
            progress: if share.is_finite() { share.clamp(0.0, 1.0) } else { 0.0 },
            detail: detail.chars().take(200).collect(),
            ..self.events.event(StageEventKind::Progress)
        };
        let events = Arc::clone(&self.events);
        self.runtime.spawn(async move { events.publish(event).await }.in_current_span());
    }
}
