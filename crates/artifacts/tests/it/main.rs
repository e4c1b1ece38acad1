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
use bytes::Bytes;
use tempfile::TempDir;
use tier0_tests::Broker;

/// A server and a directory of the test's own.
struct Stores {
    broker: Broker,
    directory: TempDir,
}

impl Stores {
    async fn start() -> Self {
        Self { broker: Broker::start().await, directory: tempfile::tempdir().unwrap() }
    }

    fn directory_uri(&self) -> String {
        format!("file://{}/store", self.directory.path().display())
    }

    fn nats(&self) -> ArtifactStore {
        self.broker.artifacts.clone()
    }

    async fn files(&self) -> ArtifactStore {
        ArtifactStore::open(&self.directory_uri(), &self.broker.bus).await.unwrap()
    }

    async fn both(&self) -> [ArtifactStore; 2] {
        [self.nats(), self.files().await]
    }

    async fn both_within(&self, limits: Limits) -> [ArtifactStore; 2] {
        let nats = ArtifactStore::default_uri();
        [
            ArtifactStore::open_with(&nats, &self.broker.bus, limits).await.unwrap(),
            ArtifactStore::open_with(&self.directory_uri(), &self.broker.bus, limits)
                .await
                .unwrap(),
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
