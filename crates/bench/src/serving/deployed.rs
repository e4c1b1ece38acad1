//! Endpoints without a fleet: a broker of the measurement's own, records and bundles written to it, and the real model
//! server that follows them.

use std::path::Path;
use std::process::Stdio;
use std::time::Duration;

use artifacts::ArtifactStore;
use bus::{Bus, SetupOptions};
use contracts::v1::{DeployedVersion, DeploymentRecord};
use fleet::NatsServer;
use registry::Registry;
use serde_json::Value;
use tempfile::TempDir;
use tokio::process::{Child, Command};
use tokio::time::{Instant, sleep};

use super::fleet::Server;
use super::io;
use crate::Error;
use crate::broker::Broker;

const POLL_INTERVAL: Duration = Duration::from_millis(20);

/// The broker with what is written to it.
pub(super) struct Deployed {
    broker: Broker,
    pub(super) bus: Bus,
    registry: Registry,
    artifacts: ArtifactStore,
    directory: TempDir,
}

/// A running model server; killed when dropped.
pub(super) struct Running {
    pub(super) server: Server,
    /// Time from its start until it was ready.
    pub(super) ready_seconds: f64,
    _process: Child,
}

impl Deployed {
    /// Starts the broker.
    pub(super) async fn start() -> Result<Self, Error> {
        let directory = tempfile::Builder::new()
            .prefix("tier0-bench-")
            .tempdir()
            .map_err(io("make a temporary directory"))?;
        let broker = Broker::start(&NatsServer::find()?).await?;
        let bus = broker.connect("tier0-bench").await?;
        bus.setup(&SetupOptions::default()).await?;
        let registry = Registry::new(&bus).await?;
        let artifacts = ArtifactStore::open(&ArtifactStore::default_uri(), &bus)
            .await
            .map_err(|error| Error::Artifacts(Box::new(error)))?;
        Ok(Self { broker, bus, registry, artifacts, directory })
    }

    /// A directory that goes away with this.
    pub(super) fn directory(&self) -> &Path {
        self.directory.path()
    }

    /// Stores a bundle as a version of an endpoint.
    pub(super) async fn version(
        &self,
        endpoint: &str,
        version: u32,
        bundle: Vec<u8>,
    ) -> Result<DeployedVersion, Error> {
        let stored = self.artifacts.put(bundle.into(), artifacts::media_type::BUNDLE, 0).await;
        Ok(DeployedVersion {
            model: endpoint.to_owned(),
            version,
            bundle: Some(stored.map_err(|error| Error::Artifacts(Box::new(error)))?),
            run_id: format!("bench-{version}"),
        })
    }

    /// Changes an endpoint's record.
    pub(super) async fn change(
        &self,
        endpoint: &str,
        change: impl Fn(&mut DeploymentRecord),
    ) -> Result<(), Error> {
        let changed = self.registry.change(endpoint, "tier0-bench", |record| {
            change(record);
            Ok::<_, std::convert::Infallible>(())
        });
        let written = |error: registry::ChangeError<std::convert::Infallible>| {
            io("write an endpoint's record")(std::io::Error::other(error.to_string()))
        };
        changed.await.map(|_| ()).map_err(written)
    }

    /// Starts a model server, with or without prediction events, and waits until it is ready.
    pub(super) async fn serve(
        &self,
        name: &str,
        events: bool,
        patience: Duration,
    ) -> Result<Running, Error> {
        let ready = self.directory.path().join(format!("{name}.json"));
        let begun = Instant::now();
        let process = Command::new(fleet::program("model-server")?)
            .env("TIER0__NATS__URL", self.broker.url())
            .env("TIER0__READY_FILE", &ready)
            .env("TIER0__REPLICA", name)
            .env("TIER0_MODEL_SERVER__SERVING__EVENTS", events.to_string())
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .kill_on_drop(true)
            .spawn()
            .map_err(io("start a model server"))?;
        let ended = || io("start a model server")(std::io::Error::other("it has ended"));
        let pid = process.id().ok_or_else(ended)?;
        loop {
            let document = std::fs::read(&ready).ok();
            let document = document.and_then(|text| serde_json::from_slice::<Value>(&text).ok());
            let address = document.as_ref().and_then(|document| document.get("rest")?.as_str());
            if let Some(address) = address {
                let server = Server { url: format!("http://{address}"), pid };
                let ready_seconds = begun.elapsed().as_secs_f64();
                return Ok(Running { server, ready_seconds, _process: process });
            }
            if begun.elapsed() > patience {
                let what = "the model server's ready file".to_owned();
                return Err(Error::Lost { what, seconds: patience.as_secs() });
            }
            sleep(POLL_INTERVAL).await;
        }
    }

    /// Stops the broker.
    pub(super) async fn stop(self) -> Result<(), Error> {
        self.bus.close(Duration::from_secs(1)).await;
        self.broker.stop().await
    }
}
