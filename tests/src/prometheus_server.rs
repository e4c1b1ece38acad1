//! A Prometheus of the test's own: Debian's, which `make test` brings where it is missing.

use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use serde_json::Value;
use tempfile::TempDir;

use crate::programs::installed;
use crate::waiting::eventually;

/// A running Prometheus; killed when dropped.
#[derive(Debug)]
pub struct PrometheusServer {
    process: Child,
    url: String,
    directory: TempDir,
}

impl PrometheusServer {
    /// A program of Prometheus (`prometheus`, `promtool`): from PATH, else where `scripts/setup --tests` puts it. None where
    /// there is none, which is said.
    pub fn program(name: &str) -> Option<PathBuf> {
        let path = std::env::var_os("PATH").unwrap_or_default();
        let found = std::env::split_paths(&path)
            .map(|directory| directory.join(name))
            .chain([installed(&format!("prometheus/usr/bin/{name}"))])
            .find(|program| program.is_file());
        if found.is_none() {
            eprintln!(
                "skipped: no {name}; `make test` installs it where Debian's packages can be had"
            );
        }
        found
    }

    /// Starts one with this configuration, in a directory that holds these files as well. None where there is no Prometheus.
    ///
    /// # Panics
    ///
    /// When it does not become ready.
    pub async fn start(configuration: &str, files: &[(&str, &str)]) -> Option<Self> {
        let program = Self::program("prometheus")?;
        let directory = tempfile::tempdir().expect("a temporary directory");
        let write = |name: &str, text: &str| {
            std::fs::write(directory.path().join(name), text).expect("a file is written");
        };
        write("prometheus.yml", configuration);
        files.iter().for_each(|(name, text)| write(name, text));
        let free = std::net::TcpListener::bind("127.0.0.1:0").expect("a free port");
        let address = free.local_addr().expect("an address");
        // It takes no port 0; no other process is likely to take this one in between.
        drop(free);
        let log = std::fs::File::create(directory.path().join("log")).expect("a log");
        let process = Command::new(program)
            .arg(format!("--config.file={}", directory.path().join("prometheus.yml").display()))
            .arg(format!("--storage.tsdb.path={}", directory.path().join("data").display()))
            .arg(format!("--web.listen-address={address}"))
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(log)
            .spawn()
            .expect("Prometheus starts");
        let server = Self { process, url: format!("http://{address}"), directory };
        eventually("Prometheus is ready", || async {
            let ready = reqwest::get(format!("{}/-/ready", server.url)).await.ok()?;
            ready.status().is_success().then_some(())
        })
        .await;
        Some(server)
    }

    /// The directory with its configuration.
    pub fn directory(&self) -> &Path {
        self.directory.path()
    }

    /// What its API answers, the member `data`.
    ///
    /// # Panics
    ///
    /// When it answers with an error.
    pub async fn ask(&self, path: &str, query: &[(&str, &str)]) -> Value {
        let url = format!("{}/api/v1/{path}", self.url);
        let answer = reqwest::Client::new().get(url).query(query).send().await.expect("an answer");
        let mut answer: Value = answer.json().await.expect("JSON");
        assert_eq!(answer["status"], "success", "{answer}");
        answer["data"].take()
    }
}

impl Drop for PrometheusServer {
    fn drop(&mut self) {
        // It may have ended already.
        let _ = self.process.kill();
        let _ = self.process.wait();
        if std::thread::panicking() {
            let log = std::fs::read_to_string(self.directory.path().join("log"));
            eprintln!("--- prometheus\n{}", log.unwrap_or_default());
        }
    }
}
