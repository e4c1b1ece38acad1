//! Who may do what on the broker, against a real nats-server with the permissions that `tier0 security` writes.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::print_stdout,
    reason = "a test stops at the first surprise, and tells what it counted"
)]

mod callers;
mod deputies;
mod documentation;
mod keys;
mod matrix;
mod session;
mod silence;
mod tls;

use bus::{Bus, BusConfig};
use fleet::Keys;
use identities::Identity;
use tempfile::TempDir;
use tier0_tests::{NatsOptions, NatsServer};

/// A nats-server that knows the identities alone, set up by the one that may.
pub(crate) struct Secured {
    pub(crate) server: NatsServer,
    pub(crate) keys: Keys,
    _directory: TempDir,
}

impl Secured {
    pub(crate) async fn start() -> Self {
        Self::start_with("").await
    }

    /// With more lines of nats-server's configuration.
    pub(crate) async fn start_with(lines: &str) -> Self {
        let directory = tempfile::tempdir().unwrap();
        let keys = Keys::of(directory.path());
        keys.init().unwrap();
        let server = NatsServer::start_with(options(&keys, lines));
        let secured = Self { server, keys, _directory: directory };
        if lines.is_empty() {
            let report = secured.connect(Identity::SetUp).await.setup(&Default::default()).await;
            assert!(!report.unwrap().created.is_empty());
        }
        secured
    }

    /// The configuration of a process of an identity.
    pub(crate) fn config(&self, identity: Identity) -> BusConfig {
        BusConfig {
            nkey_file: Some(self.keys.seed_file(identity)),
            ..BusConfig::new(self.server.url())
        }
    }

    pub(crate) async fn connect(&self, identity: Identity) -> Bus {
        Bus::connect(&self.config(identity), identity.as_str()).await.unwrap()
    }
}

/// nats-server's configuration with the permissions of these keys.
pub(crate) fn options(keys: &Keys, lines: &str) -> NatsOptions {
    let authorization = std::fs::read_to_string(keys.authorization_file()).unwrap();
    NatsOptions { lines: format!("{lines}\n{authorization}"), ..NatsOptions::default() }
}
