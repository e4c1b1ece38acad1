//! A nats-server of the test's own.

use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use tempfile::TempDir;

/// How long a server may take to say its ports.
const LONGEST_START: Duration = Duration::from_secs(15);

/// A nats-server with JetStream on a free loopback port, in a directory of its own; killed when dropped.
#[derive(Debug)]
pub struct NatsServer {
    process: Child,
    url: String,
    directory: TempDir,
}

impl NatsServer {
    /// Starts one.
    ///
    /// # Panics
    ///
    /// When none is installed (`make setup` brings one), or it does not come up.
    pub fn start() -> Self {
        let directory = tempfile::tempdir().expect("a temporary directory");
        let store = directory.path().join("jetstream");
        Self::start_in(directory, &store)
    }

    /// Starts one that keeps what it stores in this directory, which outlives it.
    ///
    /// # Panics
    ///
    /// When none is installed, or it does not come up.
    pub fn start_storing(store: &Path) -> Self {
        Self::start_in(tempfile::tempdir().expect("a temporary directory"), store)
    }

    fn start_in(directory: TempDir, store: &Path) -> Self {
        let (path, store) = (directory.path().display(), store.display());
        let configuration = format!(
            "listen: \"127.0.0.1:-1\"\nhttp: \"127.0.0.1:-1\"\nports_file_dir: \"{path}\"\nmax_payload: 8MB\n\
             jetstream {{ store_dir: \"{store}\", sync_interval: always }}\n"
        );
        let file = directory.path().join("nats.conf");
        std::fs::write(&file, configuration).expect("the configuration is written");
        let log =
            std::fs::File::create(directory.path().join("nats.log")).expect("the log is made");
        let mut process = Command::new(installed())
            .arg("--config")
            .arg(&file)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(log)
            .spawn()
            .expect("nats-server starts");
        let ports = directory.path().join(format!("nats-server_{}.ports", process.id()));
        let url = wait_for_url(&mut process, &ports, directory.path());
        Self { process, url, directory }
    }

    /// Where clients connect.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// Its directory.
    pub fn directory(&self) -> &Path {
        self.directory.path()
    }
}

impl Drop for NatsServer {
    fn drop(&mut self) {
        // It may have ended by itself: then there is nothing to do.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// The server that is used: as `tier0 up` finds it.
fn installed() -> PathBuf {
    if let Some(path) = std::env::var_os("TIER0_NATS_SERVER") {
        return path.into();
    }
    let own = crate::programs::installed("bin/nats-server");
    if own.exists() { own } else { "nats-server".into() }
}

/// Waits for the file in which the server says its ports, which may be half written when it is first seen.
fn wait_for_url(process: &mut Child, ports: &Path, directory: &Path) -> String {
    let deadline = Instant::now() + LONGEST_START;
    loop {
        let url = std::fs::read(ports)
            .ok()
            .and_then(|bytes| serde_json::from_slice::<serde_json::Value>(&bytes).ok())
            .and_then(|ports| ports["nats"][0].as_str().map(str::to_owned));
        if let Some(url) = url {
            return url;
        }
        let ended = process.try_wait().expect("the server can be asked");
        assert!(
            ended.is_none() && Instant::now() < deadline,
            "nats-server did not come up ({ended:?}):\n{}",
            std::fs::read_to_string(directory.join("nats.log")).unwrap_or_default()
        );
        std::thread::park_timeout(Duration::from_millis(10));
    }
}

#[cfg(test)]
mod tests {
    use super::NatsServer;

    #[tokio::test]
    async fn serves_until_dropped() {
        let server = NatsServer::start();
        let client = async_nats::connect(server.url()).await.unwrap();
        client.flush().await.unwrap();
        let url = server.url().to_owned();
        drop(server);
        assert!(async_nats::connect(url).await.is_err());
    }
}
