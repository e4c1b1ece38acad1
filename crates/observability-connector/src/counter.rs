//! Taking prediction events, counting them once, and showing the counts.

use std::time::Duration;

use agent_runtime::spans::{self, MessageFacts};
use agent_runtime::telemetry::{continue_from, recorded};
use agent_runtime::{CancellationToken, Resources, StartError};
use bus::{Delivery, KeyValue, MESSAGE_ID};
use bytes::Bytes;
use contracts::v1::{MonitorCounts, PredictionEvent};
use contracts::{Agent, Validate as _, failures, names};
use futures::future::join_all;
use monitoring::traffic::{NumberedEvent, TrafficCounts};
use prost::Message as _;
use registry::Registry;
use tokio::time::Instant;
use tracing::Span;

use crate::config::Monitoring;
use crate::reference::References;
use crate::telemetry;
use crate::windows::Windows;
use crate::{error::StoreError, store};

/// Key of the ledger in TIER0_MONITORS; monitors have no dot in theirs.
const LEDGER: &str = "-.ledger";
/// How long a batch rests that could not be stored.
const REST: Duration = Duration::from_secs(1);

/// Key under which an endpoint's counts (`v1::MonitorCounts`) are shown in TIER0_MONITORS.
pub fn counts_key(endpoint: &str) -> String {
    format!("{}.counts", names::token(endpoint))
}

/// Counts until `shutdown`.
pub(crate) async fn run(
    monitoring: &Monitoring,
    resources: &Resources,
    shutdown: CancellationToken,
) -> Result<(), StartError> {
    telemetry::describe();
    let bus = &resources.bus;
    let registry = Registry::new(bus)
        .await
        .map_err(|error| StartError::new("the registry cannot be opened", error))?;
    let mut counter = Counter {
        bucket: bus.kv(names::MONITORS_BUCKET).await?,
        references: References::new(registry, resources.artifacts.clone()),
        windows: Windows::new(
            bus.kv(names::WINDOWS_BUCKET).await?,
            monitoring.window.slice_seconds,
            monitoring.window.max_columns,
        ),
    };
    let mut deliveries = bus
        .consumer(names::PREDICTIONS_STREAM, names::PREDICTIONS_CONSUMER, monitoring.batch_events)
        .await?;
    let mut refresh = tokio::time::interval(Duration::from_secs(monitoring.refresh_seconds));
    loop {
        let first = tokio::select! {
            () = shutdown.cancelled() => return Ok(()),
            first = deliveries.next() => first,
            _ = refresh.tick() => {
                counter.show().await;
                continue;
            }
        };
        let mut batch = vec![first];
        let until = Instant::now() + Duration::from_millis(monitoring.batch_milliseconds);
        while batch.len() < monitoring.batch_events {
            match tokio::time::timeout_at(until, deliveries.next()).await {
                Ok(delivery) => batch.push(delivery),
                Err(_) => break,
            }
        }
        counter.settle(batch).await;
    }
}

struct Counter {
    bucket: KeyValue,
    references: References,
    windows: Windows,
}

impl Counter {
    /// Counts a batch and acknowledges it; what cannot be stored is given back.
    async fn settle(&mut self, batch: Vec<Delivery>) {
        // They end with this batch.
        let mut spans = Vec::new();
        let mut events = Vec::with_capacity(batch.len());
        for delivery in &batch {
            let event = read(delivery);
            if let Some(event) = &event {
                spans.extend(counting(delivery, event));
                self.references.refresh(&event.endpoint, &event.digest).await;
            }
            events.push(NumberedEvent { sequence: delivery.stream_sequence, event });
        }
        // Slices first: what is in the ledger is not looked at again.
        let stored = match self.windows.add(&events).await {
            Ok(()) => self.store(&events).await,
            Err(error) => Err(error),
        };
        match stored {
            Ok(ledger) => {
                telemetry::show(&ledger);
                self.publish(&ledger, &events).await;
                for settled in join_all(batch.into_iter().map(Delivery::ack)).await {
                    if let Err(error) = settled {
                        // It comes again, and the ledger knows that it is counted.
                        tracing::debug!(%error, "an event was counted and not acknowledged");
                    }
                }
            }
            Err(error) => {
                let why = failures::with_causes(&error);
                tracing::warn!(
                    events = batch.len(),
                    why,
                    "events could not be counted; they come again"
                );
                join_all(batch.into_iter().map(|delivery| delivery.retry(REST))).await;
            }
        }
        drop(spans);
    }

    async fn load(&self) -> Result<(TrafficCounts, Option<u64>), StoreError> {
        match self.bucket.get(LEDGER).await? {
            Some(entry) => Ok((TrafficCounts::decode(&entry.value)?, Some(entry.revision))),
            None => Ok((TrafficCounts::default(), None)),
        }
    }

    /// Adds the events that are not in the ledger, by compare-and-swap.
    async fn store(&self, events: &[NumberedEvent]) -> Result<TrafficCounts, StoreError> {
        for attempt in 1..=store::ATTEMPTS {
            let (mut ledger, revision) = self.load().await?;
            let before = ledger.sequences.clone();
            ledger.apply(events, self.references.known());
            if ledger.sequences == before {
                return Ok(ledger);
            }
            let bytes = Bytes::from(ledger.encode()?);
            if store::write(&self.bucket, LEDGER, revision, bytes).await?.is_some() {
                return Ok(ledger);
            }
            tokio::time::sleep(store::pause(attempt)).await;
        }
        Err(StoreError::Contended)
    }

    /// Shows the counts of the endpoints that these events are of, for whoever asks for one.
    async fn publish(&self, ledger: &TrafficCounts, events: &[NumberedEvent]) {
        let endpoints: std::collections::BTreeSet<&str> = events
            .iter()
            .filter_map(|numbered| numbered.event.as_ref())
            .map(|event| event.endpoint.as_str())
            .collect();
        for endpoint in endpoints {
            let Some(counts) = ledger.endpoints.get(endpoint) else { continue };
            if let Err(error) = self.publish_one(&counts_key(endpoint), counts).await {
                tracing::warn!(endpoint, %error, "the counts could not be shown; the next ones will be");
            }
        }
    }

    /// Puts counts, unless another replica has put later ones.
    async fn publish_one(&self, key: &str, counts: &MonitorCounts) -> Result<(), bus::Error> {
        let shown = self.bucket.get(key).await?;
        let is_later = shown
            .and_then(|entry| MonitorCounts::decode(entry.value).ok())
            .is_some_and(|shown| shown.events > counts.events);
        if !is_later {
            self.bucket.put(key, counts.encode_to_vec().into()).await?;
        }
        Ok(())
    }

    /// Shows what other replicas have counted as well.
    async fn show(&self) {
        match self.load().await {
            Ok((ledger, _)) => telemetry::show(&ledger),
            Err(error) => {
                let why = failures::with_causes(&error);
                tracing::warn!(why, "the counts could not be read");
            }
        }
    }
}

/// The spans of counting an event, one in each trace that callers of its answers record.
fn counting<'a>(
    delivery: &'a Delivery,
    event: &'a PredictionEvent,
) -> impl Iterator<Item = Span> + 'a {
    event.answers.iter().filter_map(|answer| {
        let parent = recorded(Some(&answer.traceparent))?;
        let message = MessageFacts {
            subject: &delivery.subject,
            id: delivery.header(MESSAGE_ID),
            bytes: delivery.payload.len(),
        };
        let stage = Agent::ObservabilityConnector.as_str();
        let span = spans::processing(message, stage, delivery.attempt);
        continue_from(&span, parent);
        span.in_scope(|| spans::attribute("tier0.request_id", answer.request_id.clone()));
        Some(span)
    })
}

/// The event, if it keeps the contract.
fn read(delivery: &Delivery) -> Option<PredictionEvent> {
    let event = PredictionEvent::decode(delivery.payload.clone());
    let why = match &event {
        Ok(event) => match event.validate() {
            Ok(()) => None,
            Err(error) => Some(failures::with_causes(&error)),
        },
        Err(_) => Some("it is not a prediction event".to_owned()),
    };
    match (event, why) {
        (Ok(event), None) => Some(event),
        (_, why) => {
            telemetry::refused();
            tracing::warn!(
                sequence = delivery.stream_sequence,
                why,
                "a prediction event is refused"
            );
            None
        }
    }
}
