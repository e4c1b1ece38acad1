//! Counting prediction events once, and showing the counts.
//!
//! ```text
//!   TIER0_PREDICTIONS ─▶ slices of sketches ─▶ counts of all endpoints ─▶ counts of each endpoint, metrics ─▶ acknowledge
//! ```
//!
//! Slices come first: an event that is in the counts is not looked at again.

mod references;
mod slices;

use std::collections::BTreeSet;
use std::time::Duration;

use bus::{Batches, Delivery, MESSAGE_ID, Settlement, settle_all};
use contracts::messages::PredictionEvent;
use contracts::{Agent, Validate as _, failures, names};
use monitoring::traffic::{NumberedEvent, TrafficCounts};
use process::spans::{self, MessageFacts};
use process::telemetry::{continue_from, recorded};
use process::{CancellationToken, Resources, StartError};
use prost::Message as _;
use registry::{Monitors, Registry};
use tracing::Span;

use self::references::References;
use self::slices::SliceWriter;
use crate::config::Monitoring;
use crate::error::StoreError;
use crate::telemetry;
use crate::windows::WindowStore;

/// Wait before a batch that could not be stored is delivered again.
const RETRY_DELAY: Duration = Duration::from_secs(1);

/// Counts prediction events as they are delivered, until `shutdown` is cancelled.
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
    let monitors = registry.monitors().clone();
    let mut counter = Counter {
        references: References::new(monitors.clone(), resources.artifacts.clone()),
        slices: SliceWriter::new(
            WindowStore::open(bus).await?,
            monitoring.window.slice_seconds,
            monitoring.window.max_columns,
        ),
        monitors,
    };
    let max = monitoring.batch_events;
    let opened =
        bus.consumer_when_there(names::PREDICTIONS_STREAM, names::PREDICTIONS_CONSUMER, max);
    let Some(deliveries) = shutdown.run_until_cancelled(opened).await else { return Ok(()) };
    let wait = Duration::from_millis(monitoring.batch_milliseconds);
    let mut batches = Batches::new(deliveries, max, wait);
    let mut refresh = tokio::time::interval(Duration::from_secs(monitoring.refresh_seconds));
    loop {
        tokio::select! {
            () = shutdown.cancelled() => return Ok(()),
            batch = batches.next() => counter.settle(batch).await,
            _ = refresh.tick() => counter.show().await,
        }
    }
}

struct Counter {
    monitors: Monitors,
    references: References,
    slices: SliceWriter,
}

impl Counter {
    /// Counts a batch and acknowledges it; where it cannot be stored it is delivered again.
    async fn settle(&mut self, batch: Vec<Delivery>) {
        // The spans end with this batch.
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
        let stored = match self.slices.add(&events).await {
            Ok(()) => self.store(&events).await,
            Err(error) => Err(error),
        };
        match stored {
            Ok(counts) => {
                telemetry::show(&counts);
                self.publish(&counts, &events).await;
                // An event whose acknowledgement is not confirmed comes again, and is in the counts by then.
                settle_all(batch, Settlement::Ack).await;
            }
            Err(error) => {
                let why = failures::with_causes(&error);
                tracing::warn!(
                    events = batch.len(),
                    why,
                    "events could not be counted; they come again"
                );
                settle_all(batch, Settlement::Retry(RETRY_DELAY)).await;
            }
        }
        drop(spans);
    }

    /// Adds the events that are not in the counts yet.
    async fn store(&self, events: &[NumberedEvent]) -> Result<TrafficCounts, StoreError> {
        let counts = self.monitors.change_traffic(|counts| {
            let before = counts.sequences.clone();
            counts.apply(events, self.references.known());
            counts.sequences != before
        });
        Ok(counts.await?)
    }

    /// Shows the counts of the endpoints that these events are of.
    async fn publish(&self, counts: &TrafficCounts, events: &[NumberedEvent]) {
        let endpoints: BTreeSet<&str> = events
            .iter()
            .filter_map(|numbered| numbered.event.as_ref())
            .map(|event| event.endpoint.as_str())
            .collect();
        for endpoint in endpoints {
            let Some(counts) = counts.endpoints.get(endpoint) else { continue };
            if let Err(error) = self.monitors.put_counts(counts).await {
                tracing::warn!(endpoint, %error, "the counts could not be shown; the next ones will be");
            }
        }
    }

    /// Shows what other replicas have counted as well.
    async fn show(&self) {
        match self.monitors.traffic().await {
            Ok(counts) => telemetry::show(&counts),
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
