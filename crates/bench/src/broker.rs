//! A nats-server of the measurement's own: configured as that of an embedded fleet, in a directory that goes away.

use std::process::Stdio;
use std::time::Duration;

use bus::{Bus, BusConfig};
use fleet::NatsServer;
use fleet::nats::{Ports, configuration};
use tempfile::TempDir;
use tokio::process::{Child, Command};
use tokio::time::{Instant, sleep};

use crate::Error;

const START_TIMEOUT: Duration = Duration::from_secs(15);
const POLL_INTERVAL: Duration = Duration::from_millis(10);

/// The running server; killed when dropped.
pub(super) struct Broker {
    process: Child,
    url: String,
    _directory: TempDir,
}

impl Broker {
    pub(super) async fn start(server: &NatsServer) -> Result<Self, Error> {
        let io = |what| move |source| Error::Io { what, source };
        let directory = tempfile::Builder::new()
            .prefix("tier0-bench-")
            .tempdir()
            .map_err(io("make a temporary directory"))?;
        let file = directory.path().join("nats.conf");
        std::fs::write(&file, configuration(directory.path(), -1, -1, None, None))
            .map_err(io("write the broker's configuration"))?;
        let process = Command::new(&server.program)
            .arg("-c")
            .arg(&file)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .kill_on_drop(true)
            .spawn()
            .map_err(io("start nats-server"))?;
        let until = Instant::now() + START_TIMEOUT;
        loop {
            let ports = process.id().and_then(|pid| Ports::read(directory.path(), pid));
            if let Some((url, _)) = ports {
                return Ok(Self { process, url, _directory: directory });
            }
            if Instant::now() >= until {
                return Err(Error::BrokerSilent { seconds: START_TIMEOUT.as_secs() });
            }
            sleep(POLL_INTERVAL).await;
        }
    }

    /// URL at which clients connect to the broker.
    pub(super) fn url(&self) -> &str {
        &self.url
    }

    /// A connection as agents have it.
    pub(super) async fn connect(&self, name: &str) -> Result<Bus, Error> {
        Ok(Bus::connect(&BusConfig::new(self.url.clone()), name).await?)
    }

    /// A connection of the bare client.
    pub(super) async fn bare(&self) -> Result<async_nats::Client, Error> {
        async_nats::connect(&self.url)
            .await
            .map_err(|error| Error::nats("take a connection", error))
    }

    /// Stops the server before its directory goes away.
    pub(super) async fn stop(mut self) -> Result<(), Error> {
        self.process.kill().await.map_err(|source| Error::Io { what: "stop nats-server", source })
    }
}
