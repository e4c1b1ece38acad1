//! The real program with a real broker: every event counts once, whatever happens in between.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test"
)]

mod feedback;
mod webhooks;

use std::process::Command;
use std::time::{Duration, SystemTime};

use bus::{Bus, Headers, MESSAGE_ID, SetupOptions};
use contracts::v1::{Answered, EventColumn, MonitorCounts, PredictionEvent};
use contracts::{subjects, time};
use prost::Message as _;
use registry::Registry;
use tier0_tests::{Broker, NatsServer, Process};

fn start(nats: &NatsServer, replica: &str) -> Process {
    start_with(nats, replica, &[])
}

fn start_with(nats: &NatsServer, replica: &str, arguments: &[&str]) -> Process {
    Process::start(
        Command::new(env!("CARGO_BIN_EXE_observability-connector"))
            .args(arguments)
            .env("TIER0__NATS__URL", nats.url())
            .env("TIER0__REPLICA", replica),
    )
}

fn event(number: u32) -> PredictionEvent {
    PredictionEvent {
        event_id: format!("event-{number}"),
        endpoint: "churn".to_owned(),
        version: 1 + number % 2,
        digest: "a".repeat(64),
        inputs: vec![EventColumn {
            name: "tenure".to_owned(),
            numbers: vec![1.0, f64::NAN],
            ..EventColumn::default()
        }],
        outputs: vec![EventColumn {
            name: "prediction".to_owned(),
            texts: vec!["Yes".to_owned(), "No".to_owned()],
            ..EventColumn::default()
        }],
        rows: 2,
        server: "s".to_owned(),
        answers: vec![Answered {
            request_id: "r".to_owned(),
            at: Some(time::timestamp(SystemTime::now())),
            latency_ms: 0.5,
            rows: 2,
            ..Answered::default()
        }],
    }
}

async fn publish(bus: &Bus, number: u32) {
    let event = event(number);
    let mut headers = Headers::new();
    headers.insert(MESSAGE_ID, event.event_id.as_str());
    let subject = subjects::prediction("churn").unwrap();
    bus.publish(&subject, headers, event.encode_to_vec().into()).await.unwrap();
}

async fn counts(bus: &Bus, events: u64) -> MonitorCounts {
    let registry = Registry::new(bus).await.unwrap();
    let mut last = MonitorCounts::default();
    for _ in 0..300 {
        if let Some(counts) = registry.monitors().counts("churn").await.unwrap() {
            last = counts;
            if last.events >= events {
                return last;
            }
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    panic!("{} of {events} events were counted", last.events);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_event_counts_once_over_kills_and_replicas() {
    let options = SetupOptions { ack_wait_seconds: 2.0, ..SetupOptions::default() };
    let Broker { nats, bus, .. } = Broker::start_with(&options).await;

    let first = start(&nats, "one");
    let _second = start(&nats, "two");
    for number in 0..200 {
        publish(&bus, number).await;
    }
    // Undecodable ones are put aside and hold nothing up.
    let subject = subjects::prediction("churn").unwrap();
    bus.publish(&subject, Headers::new(), "nonsense".into()).await.unwrap();
    drop(first);
    let _third = start(&nats, "three");
    for number in 200..300 {
        publish(&bus, number).await;
        publish(&bus, number).await;
    }
    counts(&bus, 300).await;
    // Whatever was not acknowledged comes again, and must not be counted again.
    tokio::time::sleep(Duration::from_secs(4)).await;
    let counts = counts(&bus, 300).await;
    assert_eq!((counts.events, counts.rows), (300, 600));
    assert_eq!(counts.rows_by_version, [(1, 300), (2, 300)].into());
    assert_eq!(counts.rows_by_prediction["Yes"], 300);
    assert_eq!(counts.missing_by_column["tenure"], 300);
}
