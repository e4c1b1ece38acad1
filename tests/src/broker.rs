//! A nats-server of the test's own that is set up, with what programs hold of it.

use artifacts::ArtifactStore;
use bus::{Bus, BusConfig, SetupOptions};
use registry::Registry;

use crate::NatsServer;

/// A [`NatsServer`] with every stream, bucket and consumer of tier0, and a connection to it.
#[derive(Debug)]
pub struct Broker {
    /// Running nats-server.
    pub nats: NatsServer,
    /// A connection to it, named `test`.
    pub bus: Bus,
    /// The registry on it.
    pub registry: Registry,
    /// Its own object store of artifacts.
    pub artifacts: ArtifactStore,
}

impl Broker {
    /// Starts a server and sets it up as `tier0 setup` does.
    ///
    /// # Panics
    ///
    /// As [`NatsServer::start`], and when it cannot be set up.
    pub async fn start() -> Self {
        Self::start_with(&SetupOptions::default()).await
    }

    /// Starts a server and sets it up with other options.
    ///
    /// # Panics
    ///
    /// As [`start`](Self::start).
    pub async fn start_with(options: &SetupOptions) -> Self {
        Self::on(NatsServer::start(), options).await
    }

    /// Sets a server up.
    ///
    /// # Panics
    ///
    /// When it cannot be set up.
    pub async fn on(nats: NatsServer, options: &SetupOptions) -> Self {
        let bus = Bus::connect(&BusConfig::new(nats.url()), "test").await.expect("a connection");
        bus.setup(options).await.expect("the server is set up");
        let registry = Registry::new(&bus).await.expect("the registry's buckets");
        let artifacts = ArtifactStore::open(&ArtifactStore::default_uri(), &bus).await;
        Self { nats, bus, registry, artifacts: artifacts.expect("the artifact store") }
    }
}
