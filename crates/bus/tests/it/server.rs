//! A nats-server of the test's own: free port, temporary directory, killed on drop.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

/// A running nats-server.
pub(crate) struct Server {
    child: Child,
    port: u16,
    directory: tempfile::TempDir,
    extra: String,
}

impl Server {
    pub(crate) fn start() -> Self {
        Self::start_with("")
    }

    /// With more lines of configuration.
    pub(crate) fn start_with(extra: &str) -> Self {
        let directory = tempfile::tempdir().unwrap();
        let (child, port) = launch(directory.path(), "-1", extra);
        Self { child, port, directory, extra: extra.to_owned() }
    }

    pub(crate) fn url(&self) -> String {
        format!("nats://127.0.0.1:{}", self.port)
    }

    /// Ends the server as a power cut would and starts it again on the same port and files, after a pause.
    pub(crate) fn restart_after(&mut self, pause: Duration) {
        self.kill();
        std::thread::sleep(pause);
        let (child, port) = launch(self.directory.path(), &self.port.to_string(), &self.extra);
        (self.child, self.port) = (child, port);
    }

    fn kill(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.kill();
    }
}

fn launch(directory: &Path, port: &str, extra: &str) -> (Child, u16) {
    let mut config = format!("listen: \"127.0.0.1:{port}\"\nports_file_dir: {directory:?}\n");
    writeln!(
        config,
        "jetstream {{ store_dir: {:?}, sync_interval: always }}",
        directory.join("js")
    )
    .unwrap();
    config.push_str(extra);
    let file = directory.join("nats.conf");
    std::fs::write(&file, config).unwrap();
    let binary = binary();
    let log = std::fs::File::create(directory.join("nats.log")).unwrap();
    let child = Command::new(binary)
        .arg("-c")
        .arg(&file)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(log)
        .spawn()
        .expect("nats-server starts");
    let ports: PathBuf = directory.join(format!("nats-server_{}.ports", child.id()));
    let begun = Instant::now();
    loop {
        if let Some(port) = std::fs::read_to_string(&ports).ok().as_deref().and_then(port_of) {
            return (child, port);
        }
        let log = || std::fs::read_to_string(directory.join("nats.log")).unwrap_or_default();
        assert!(
            begun.elapsed() < Duration::from_secs(20),
            "nats-server does not listen: {}",
            log()
        );
        std::thread::sleep(Duration::from_millis(10));
    }
}

/// As `tier0 up` finds it: the named one, the one that the set-up installed, the search path.
fn binary() -> PathBuf {
    let named = std::env::var_os("TIER0_NATS_SERVER").map(PathBuf::from);
    let home = std::env::var_os("HOME").map(PathBuf::from).unwrap_or_default();
    let installed =
        Some(home.join(".local/share/tier0/bin/nats-server")).filter(|path| path.exists());
    named.or(installed).unwrap_or_else(|| "nats-server".into())
}

/// The port in `{"nats":["nats://127.0.0.1:4222"]}`.
fn port_of(ports: &str) -> Option<u16> {
    let document: serde_json::Value = serde_json::from_str(ports).ok()?;
    document["nats"][0].as_str()?.rsplit(':').next()?.parse().ok()
}
