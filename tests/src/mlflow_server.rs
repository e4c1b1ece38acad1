//! An MLflow server of the test's own, as it comes from the Python package index.

use std::net::TcpListener;
use std::os::unix::process::CommandExt as _;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process_group};
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::Python;

/// How long it may take to answer: half a minute on a machine that has nothing else to do.
const START_TIMEOUT: Duration = Duration::from_secs(240);

/// An MLflow server on a loopback port, with its database and artifacts in a directory of its own; killed when dropped.
#[derive(Debug)]
pub struct MlflowServer {
    process: Option<Child>,
    port: u16,
    directory: TempDir,
}

impl MlflowServer {
    /// An address for one, on which no process listens yet.
    ///
    /// # Panics
    ///
    /// When there is no free port.
    pub fn reserve() -> Self {
        let free = TcpListener::bind("127.0.0.1:0").expect("a free port");
        let port = free.local_addr().expect("its address").port();
        Self { process: None, port, directory: tempfile::tempdir().expect("a directory") }
    }

    /// Starts it.
    ///
    /// # Panics
    ///
    /// When it does not come up.
    pub async fn start(&mut self, python: &Python) {
        let database = format!("sqlite:///{}", self.path("mlflow.db"));
        let log = std::fs::File::create(self.path("server.log")).expect("a log");
        let process = Command::new(python.interpreter())
            .args(["-m", "mlflow", "server", "--host", "127.0.0.1", "--workers", "1"])
            .args(["--port", &self.port.to_string(), "--backend-store-uri", &database])
            .args(["--artifacts-destination", &self.path("artifacts")])
            // It is asked for runs and models alone.
            .env("MLFLOW_SERVER_ENABLE_JOB_EXECUTION", "false")
            .env("MLFLOW_DISABLE_TELEMETRY", "true")
            .current_dir(self.directory.path())
            .stdin(Stdio::null())
            .stdout(log.try_clone().expect("a log"))
            .stderr(log)
            // It starts processes of its own, which end with it.
            .process_group(0)
            .spawn();
        self.process = Some(process.expect("it can be started"));
        let deadline = Instant::now() + START_TIMEOUT;
        while !self.answers().await {
            let ended = self.process.as_mut().and_then(|process| process.try_wait().ok()).flatten();
            let log = || std::fs::read_to_string(self.path("server.log")).unwrap_or_default();
            assert!(ended.is_none(), "MLflow ended: {ended:?}\n{}", log());
            assert!(Instant::now() < deadline, "MLflow does not answer\n{}", log());
            tokio::time::sleep(Duration::from_millis(200)).await;
        }
    }

    async fn answers(&self) -> bool {
        let answer = reqwest::get(format!("{}/health", self.url())).await;
        answer.is_ok_and(|answer| answer.status().is_success())
    }

    fn path(&self, name: &str) -> String {
        Path::new(self.directory.path()).join(name).display().to_string()
    }

    /// Where it answers, once it was started.
    pub fn url(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    /// Asks a function of the REST interface.
    ///
    /// # Panics
    ///
    /// When it does not answer JSON.
    pub async fn get(&self, function: &str, query: &[(&str, &str)]) -> Value {
        let url = format!("{}/api/2.0/mlflow/{function}", self.url());
        let answer = reqwest::Client::new().get(url).query(query).send().await;
        answer.expect("MLflow answers").json().await.expect("JSON")
    }

    /// The runs of an experiment that a filter holds for.
    ///
    /// # Panics
    ///
    /// When it does not answer JSON.
    pub async fn runs(&self, experiment: &str, filter: &str) -> Vec<Value> {
        let found = self.get("experiments/get-by-name", &[("experiment_name", experiment)]).await;
        let Some(id) = found["experiment"]["experiment_id"].as_str() else { return Vec::new() };
        let body = json!({ "experiment_ids": [id], "filter": filter, "max_results": 1000 });
        let url = format!("{}/api/2.0/mlflow/runs/search", self.url());
        let answer = reqwest::Client::new().post(url).json(&body).send().await;
        let answer: Value = answer.expect("MLflow answers").json().await.expect("JSON");
        answer["runs"].as_array().cloned().unwrap_or_default()
    }
}

impl Drop for MlflowServer {
    fn drop(&mut self) {
        let Some(mut process) = self.process.take() else { return };
        if let Some(group) = i32::try_from(process.id()).ok().and_then(Pid::from_raw) {
            // It may have ended already.
            let _ = kill_process_group(group, Signal::KILL);
        }
        let _ = process.wait();
    }
}
