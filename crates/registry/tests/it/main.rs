//! The registry against a real server.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test"
)]

mod annotations;
mod deployments;
mod ledger;
mod models;
mod monitors;
mod search;
mod servers;

use bus::{Bus, BusConfig, SetupOptions};
use contracts::v1;
use registry::Registry;
use tier0_tests::NatsServer;

/// A registry on a server of the test's own.
struct Fleet {
    bus: Bus,
    registry: Registry,
    _server: NatsServer,
}

impl Fleet {
    async fn start() -> Self {
        let server = NatsServer::start();
        let config = BusConfig { url: server.url().to_owned(), ..BusConfig::default() };
        let bus = Bus::connect(&config, "registry-test").await.unwrap();
        bus.setup(&SetupOptions::default()).await.unwrap();
        let registry = Registry::new(&bus).await.unwrap();
        Self { bus, registry, _server: server }
    }
}

fn digest(digit: char) -> String {
    std::iter::repeat_n(digit, 64).collect()
}

fn bundle(digit: char) -> v1::ArtifactRef {
    v1::ArtifactRef {
        uri: format!("nats://TIER0_ARTIFACTS/{}", digest(digit)),
        sha256: digest(digit),
        bytes: 10,
        media_type: "application/vnd.tier0.bundle+tar".to_owned(),
        rows: 0,
    }
}
