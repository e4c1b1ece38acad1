//! The store against a real server and real directories.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test"
)]

mod every_store;
mod files;
mod nats;

use artifacts::{ArtifactStore, Limits};
use bus::{Bus, BusConfig, SetupOptions};
use bytes::Bytes;
use tempfile::TempDir;
use tier0_tests::NatsServer;

/// A server and a directory of the test's own.
struct Stores {
    bus: Bus,
    directory: TempDir,
    _server: NatsServer,
}

impl Stores {
    async fn start() -> Self {
        let server = NatsServer::start();
        let config = BusConfig { url: server.url().to_owned(), ..BusConfig::default() };
        let bus = Bus::connect(&config, "artifacts-test").await.unwrap();
        bus.setup(&SetupOptions::default()).await.unwrap();
        Self { bus, directory: tempfile::tempdir().unwrap(), _server: server }
    }

    fn directory_uri(&self) -> String {
        format!("file://{}/store", self.directory.path().display())
    }

    async fn nats(&self) -> ArtifactStore {
        ArtifactStore::open(&ArtifactStore::default_uri(), &self.bus).await.unwrap()
    }

    async fn files(&self) -> ArtifactStore {
        ArtifactStore::open(&self.directory_uri(), &self.bus).await.unwrap()
    }

    async fn both(&self) -> [ArtifactStore; 2] {
        [self.nats().await, self.files().await]
    }

    async fn both_within(&self, limits: Limits) -> [ArtifactStore; 2] {
        let nats = ArtifactStore::default_uri();
        [
            ArtifactStore::open_with(&nats, &self.bus, limits).await.unwrap(),
            ArtifactStore::open_with(&self.directory_uri(), &self.bus, limits).await.unwrap(),
        ]
    }
}

/// Bytes that do not repeat within a chunk.
fn content(length: usize, seed: u8) -> Bytes {
    let mut state = u64::from(seed) + 1;
    let next = |_| {
        state =
            state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        u8::try_from(state >> 56).unwrap()
    };
    (0..length).map(next).collect::<Vec<u8>>().into()
}
