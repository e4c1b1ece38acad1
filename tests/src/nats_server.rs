//! A nats-server of the test's own.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process};
use serde_json::Value;
use tempfile::TempDir;

/// How long a server may take to say its ports.
const START_TIMEOUT: Duration = Duration::from_secs(20);

/// What a server's configuration says besides what every one here has.
#[derive(Debug, Clone, Default)]
pub struct NatsOptions {
    /// Members of the `jetstream` block, such as `max_file_store: 10MB`.
    pub jetstream: String,
    /// Lines of their own, such as `max_pending: 1MB`.
    pub lines: String,
    /// Where it keeps what it stores, which outlives it; in its own directory where missing.
    pub store: Option<PathBuf>,
}

/// A nats-server with JetStream on a loopback port, in a directory of its own; killed when dropped.
#[derive(Debug)]
pub struct NatsServer {
    process: Option<Child>,
    options: NatsOptions,
    /// As its configuration has them: −1 takes free ones.
    ports: (i32, i32),
    url: String,
    monitoring: String,
    directory: TempDir,
}

impl NatsServer {
    /// Starts one on free ports.
    ///
    /// # Panics
    ///
    /// When none is installed (`make setup` brings one), or it does not come up.
    pub fn start() -> Self {
        Self::start_with(NatsOptions::default())
    }

    /// Starts one with more configuration.
    ///
    /// # Panics
    ///
    /// As [`start`](Self::start).
    pub fn start_with(options: NatsOptions) -> Self {
        let directory = tempfile::tempdir().expect("a temporary directory");
        let (url, monitoring) = (String::new(), String::new());
        let mut server =
            Self { process: None, options, ports: (-1, -1), url, monitoring, directory };
        server.launch();
        server
    }

    /// The server that is used: as `tier0 up` finds it.
    pub fn program() -> PathBuf {
        if let Some(path) = std::env::var_os("TIER0_NATS_SERVER") {
            return path.into();
        }
        let own = crate::programs::installed("bin/nats-server");
        if own.exists() { own } else { "nats-server".into() }
    }

    /// Where clients connect.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// Its monitoring port, as `http://HOST:PORT`.
    pub fn monitoring_url(&self) -> &str {
        &self.monitoring
    }

    /// Path of its directory.
    pub fn directory(&self) -> &Path {
        self.directory.path()
    }

    /// What it says of itself at its monitoring port.
    ///
    /// # Panics
    ///
    /// When it does not answer.
    pub async fn varz(&self) -> Value {
        let answer = reqwest::get(format!("{}/varz", self.monitoring)).await;
        answer.expect("the monitoring port answers").json().await.expect("JSON")
    }

    /// Kills it, as a power cut would but for what the kernel still writes.
    ///
    /// # Panics
    ///
    /// When it is down already.
    pub fn kill(&mut self) {
        let mut process = self.process.take().expect("a server that runs");
        process.kill().expect("it can be killed");
        process.wait().expect("it can be waited for");
    }

    /// Starts it again after [`kill`](Self::kill), on the same ports and files.
    ///
    /// # Panics
    ///
    /// As [`start`](Self::start).
    pub fn start_again(&mut self) {
        assert!(self.process.is_none(), "it runs");
        self.ports = (port_of(&self.url), port_of(&self.monitoring));
        self.launch();
    }

    /// Kills it, and starts it again on the same ports and files after a pause.
    ///
    /// # Panics
    ///
    /// As [`kill`](Self::kill) and [`start`](Self::start).
    #[allow(clippy::disallowed_methods, reason = "nothing of the test goes on meanwhile")]
    pub fn restart_after(&mut self, pause: Duration) {
        self.kill();
        std::thread::sleep(pause);
        self.start_again();
    }

    /// Has it stand still, or go on.
    ///
    /// # Panics
    ///
    /// When it is down.
    pub fn signal(&self, signal: Signal) {
        let process = self.process.as_ref().expect("a server that runs");
        let pid = Pid::from_raw(i32::try_from(process.id()).expect("a process id"));
        kill_process(pid.expect("a process id"), signal).expect("it can be signalled");
    }

    /// Gives it another configuration while it runs.
    ///
    /// # Panics
    ///
    /// When it is down.
    pub fn reload(&mut self, options: NatsOptions) {
        self.options = options;
        self.configure();
        self.signal(Signal::HUP);
    }

    /// The end of its log, for a message.
    pub fn log(&self) -> String {
        std::fs::read_to_string(self.directory().join("nats.log")).unwrap_or_default()
    }

    fn configure(&self) -> PathBuf {
        let path = self.directory().display();
        let (port, monitoring) = self.ports;
        let mut text = format!(
            "listen: \"127.0.0.1:{port}\"\nhttp: \"127.0.0.1:{monitoring}\"\nports_file_dir: \"{path}\"\nmax_payload: 8MB\n"
        );
        let more = &self.options.jetstream;
        let store = self.options.store.clone();
        let store = store.unwrap_or_else(|| self.directory().join("jetstream"));
        let store = store.display();
        writeln!(text, "jetstream {{ store_dir: \"{store}\", sync_interval: always\n{more}\n}}")
            .expect("a text");
        text.push_str(&self.options.lines);
        let file = self.directory().join("nats.conf");
        std::fs::write(&file, text).expect("the configuration is written");
        file
    }

    fn launch(&mut self) {
        let file = self.configure();
        let log = std::fs::File::options()
            .create(true)
            .append(true)
            .open(self.directory().join("nats.log"))
            .expect("the log is made");
        let process = Command::new(NatsServer::program())
            .arg("--config")
            .arg(&file)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(log)
            .spawn()
            .expect("nats-server starts");
        let ports = self.directory().join(format!("nats-server_{}.ports", process.id()));
        self.process = Some(process);
        (self.url, self.monitoring) = self.wait_for_urls(&ports);
    }

    /// Waits for the file in which the server says its ports, which may be half written when it is first seen.
    fn wait_for_urls(&mut self, ports: &Path) -> (String, String) {
        let deadline = Instant::now() + START_TIMEOUT;
        loop {
            let said = std::fs::read(ports)
                .ok()
                .and_then(|bytes| serde_json::from_slice::<Value>(&bytes).ok());
            let url = |kind: &str| Some(said.as_ref()?[kind][0].as_str()?.to_owned());
            if let (Some(nats), Some(monitoring)) = (url("nats"), url("monitoring")) {
                return (nats, monitoring);
            }
            let process = self.process.as_mut().expect("a server that was started");
            let ended = process.try_wait().expect("the server can be asked");
            assert!(
                ended.is_none() && Instant::now() < deadline,
                "nats-server did not come up ({ended:?}):\n{}",
                self.log()
            );
            std::thread::park_timeout(Duration::from_millis(10));
        }
    }
}

impl Drop for NatsServer {
    fn drop(&mut self) {
        if let Some(process) = &mut self.process {
            // It may have ended by itself: then there is nothing to do.
            let _ = process.kill();
            let _ = process.wait();
        }
    }
}

fn port_of(url: &str) -> i32 {
    url.rsplit(':').next().and_then(|port| port.parse().ok()).expect("a URL with a port")
}

#[cfg(test)]
mod tests {
    use super::NatsServer;

    #[tokio::test]
    async fn serves_until_dropped_and_again_where_it_did() {
        let mut server = NatsServer::start();
        let url = server.url().to_owned();
        async_nats::connect(&url).await.unwrap().flush().await.unwrap();
        server.kill();
        assert!(async_nats::connect(&url).await.is_err());
        server.start_again();
        assert_eq!(server.url(), url);
        async_nats::connect(&url).await.unwrap().flush().await.unwrap();
        drop(server);
        assert!(async_nats::connect(url).await.is_err());
    }
}
