//! The task that reads the stream for lineage. Its place in the stream is that of a durable consumer, so that it outlives the process.

use std::sync::Arc;
use std::time::Duration;

use bus::backoff::Backoff;
use bus::{Bus, Deliveries, Delivery, Handling, Settlement};
use contracts::{failures, names};
use process::CancellationToken;
use runs::ledger::Record;
use tokio::sync::Mutex;

use super::mapping::{Link, Mapping};
use super::sink::{Error, Outcome, Sink};
use super::{LineageConfig, RunEvent};
use crate::telemetry::lineage_event as count;

/// Waits between two attempts to deliver an event.
const RETRY_BACKOFF: Backoff = Backoff::new(Duration::from_millis(200), Duration::from_secs(30));
/// Of how many failures in a row one is told.
const FAILURES_PER_WARNING: u64 = 10;
/// Header by which a message says after which one of its run it was published.
const EXPECTED_SEQUENCE: &str = "Nats-Expected-Last-Subject-Sequence";

/// Exports until `shutdown`; ends at once where no place is configured.
pub async fn run(bus: Bus, config: LineageConfig, shutdown: CancellationToken) {
    let opening = async {
        let mut failures = 0;
        loop {
            match open(&bus, &config).await {
                Ok(opened) => break opened,
                Err(error) => wait(&mut failures, &error).await,
            }
        }
    };
    let Some(Some((sink, mut deliveries))) = shutdown.run_until_cancelled(opening).await else {
        return;
    };
    let mapping = Mapping::new(config.namespace.as_str());
    let exporter = Arc::new(Mutex::new(Exporter { sink, mapping }));
    let export = |delivery| {
        let exporter = Arc::clone(&exporter);
        async move { exporter.lock().await.export(delivery).await }
    };
    let mut handling = Handling::default();
    handling.consume(&mut deliveries, shutdown.cancelled(), export).await;
    // A place that does not answer would be waited for.
    handling.abort().await;
}

async fn open(bus: &Bus, config: &LineageConfig) -> Result<Option<(Sink, Deliveries)>, Error> {
    let Some(sink) = Sink::open(config, bus).await? else { return Ok(None) };
    // One at a time: the events of a run are told in their order.
    let deliveries = bus.consumer(names::STREAM, names::LINEAGE_CONSUMER, 1).await?;
    Ok(Some((sink, deliveries)))
}

/// Waits before another attempt, longer each time.
async fn wait(failures: &mut u64, error: &Error) {
    *failures += 1;
    count("failed");
    if *failures % FAILURES_PER_WARNING == 1 {
        tracing::warn!(
            failures = *failures,
            error = failures::with_causes(error),
            "lineage cannot be told; it is tried again"
        );
    }
    tokio::time::sleep(RETRY_BACKOFF.after(*failures)).await;
}

struct Exporter {
    sink: Sink,
    mapping: Mapping,
}

impl Exporter {
    async fn export(&mut self, delivery: Delivery) {
        for event in events(&self.mapping, &delivery) {
            self.send(&event).await;
        }
        let sequence = delivery.stream_sequence;
        // Where that is not confirmed, the same events are told again.
        delivery.settle(Settlement::Ack).await;
        crate::telemetry::lineage_sequence(sequence);
    }

    /// Brings an event to its place, however long that takes: the next one must not be told before it.
    async fn send(&mut self, event: &RunEvent) {
        let mut failures = 0;
        loop {
            match self.sink.send(event).await {
                Ok(Outcome::Confirmed) => return count("sent"),
                Ok(Outcome::Repeated) => return count("repeated"),
                Ok(Outcome::Refused { status, answer }) => {
                    tracing::warn!(
                        event = event.identity(),
                        status,
                        answer,
                        "a lineage event was refused; it is passed over"
                    );
                    return count("refused");
                }
                Err(error) => wait(&mut failures, &error).await,
            }
        }
    }
}

fn events(mapping: &Mapping, delivery: &Delivery) -> Vec<RunEvent> {
    let sequence = delivery.stream_sequence;
    match Record::decode(&delivery.subject, &delivery.payload) {
        Ok(Some((run, record))) => {
            let begins = begins(&record, delivery.header(EXPECTED_SEQUENCE));
            let stored_at = delivery.published_at;
            mapping.events(Link { run: &run, record: &record, begins, stored_at })
        }
        Ok(None) => Vec::new(),
        Err(error) => {
            count("unreadable");
            tracing::warn!(sequence, subject = delivery.subject, %error, "a message could not be read for lineage");
            Vec::new()
        }
    }
}

/// Whether a handoff is the first of its epoch: from the intake or, where a run is driven anew, published where there was none before it.
fn begins(record: &Record, expected: Option<&str>) -> bool {
    match record {
        Record::Handoff(handoff) => {
            handoff.from_agent == names::INTAKE || (handoff.epoch > 0 && expected == Some("0"))
        }
        Record::Result(_) | Record::Event(_) => false,
    }
}
