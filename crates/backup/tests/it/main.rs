//! Backups of a real server, restored on another one.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test"
)]

mod damage;
mod round_trip;

use std::path::{Path, PathBuf};
use std::time::Duration;

use artifacts::{ArtifactStore, media_type};
use backup::{CreateOptions, Created, Error, RestoreOptions, Restored};
use bus::{Bus, BusConfig, Deliveries, Headers};
use contracts::{Agent, Lane, RunId, names, subjects};
use futures::StreamExt as _;
use tempfile::TempDir;
use tier0_tests::{Broker, NatsServer};

/// Runs that were handed to the data-preparer, and how many of them it has settled.
const RUNS: (u32, usize) = (5, 2);

/// A server with runs, versions and artifacts.
async fn filled() -> Broker {
    let broker = Broker::start().await;
    for number in 0..RUNS.0 {
        let run = RunId::new(format!("run-{number}")).unwrap();
        let subject = subjects::handoff(Agent::DataPreparer, &run, 0);
        let mut headers = Headers::new();
        headers.insert("Test", number.to_string());
        broker.bus.publish(&subject, headers, format!("handoff {number}").into()).await.unwrap();
        let bundle = format!("bundle {number}").repeat(1000).into();
        let artifact = broker.artifacts.put(bundle, media_type::BUNDLE, 0).await.unwrap();
        let mut version = sample::version("churn", number);
        version.bundle = Some(artifact);
        broker.registry.register(version, &run).await.unwrap();
    }
    let mut handoffs = consumer(&broker.bus).await;
    for _ in 0..RUNS.1 {
        handoffs.next().await.ack().await.unwrap();
    }
    broker
}

/// What is handed to the data-preparer.
async fn consumer(bus: &Bus) -> Deliveries {
    let name = names::consumer(Agent::DataPreparer, Lane::Normal);
    bus.consumer(names::STREAM, &name, 1).await.unwrap()
}

struct Saved {
    directory: TempDir,
    created: Created,
}

impl Saved {
    fn path(&self) -> PathBuf {
        self.directory.path().join("backup")
    }
}

async fn save(broker: &Broker) -> Saved {
    let directory = tempfile::tempdir().unwrap();
    let created = create(&broker.bus, &directory.path().join("backup")).await.unwrap();
    Saved { directory, created }
}

async fn create(bus: &Bus, out: &Path) -> Result<Created, Error> {
    let store = ArtifactStore::default_uri();
    let options = CreateOptions { out, store: &store, artifacts: false };
    backup::create(bus, options, &|_| {}).await
}

async fn restore(bus: &Bus, from: &Path, replace: bool) -> Result<Restored, Error> {
    let options =
        RestoreOptions { from, replace, artifacts: true, replicas: None, without_limits: false };
    backup::restore(bus, options, &|_| {}, async |_: &[String]| -> Result<(), Error> { Ok(()) })
        .await
}

/// A server without any stream.
async fn empty() -> (NatsServer, Bus) {
    let nats = NatsServer::start();
    let bus = Bus::connect(&BusConfig::new(nats.url()), "test").await.unwrap();
    (nats, bus)
}

/// The streams that a server has, with the number of their messages.
async fn streams(bus: &Bus) -> Vec<(String, u64)> {
    let mut all: Vec<_> = bus
        .jetstream()
        .streams()
        .map(|stream| stream.map(|info| (info.config.name, info.state.messages)).unwrap())
        .collect()
        .await;
    all.sort();
    all
}

/// Longest wait for a message that has to come.
const SOON: Duration = Duration::from_secs(10);
