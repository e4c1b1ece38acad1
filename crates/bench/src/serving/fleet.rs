//! What is measured: a fleet in a directory that goes away, a model that it trained and deployed, and a second model
//! server beside it that publishes no prediction events.
//!
//! All of it is done by the real programs, as a user would.

use std::ffi::OsStr;
use std::path::Path;
use std::process::Stdio;
use std::time::Duration;

use client::Client;
use client::v2;
use client::v2::Metadata;
use fleet::{FleetFile, Keys};
use identities::Identity;
use serde_json::Value;
use tabular::Table;
use tempfile::TempDir;
use tokio::process::{Child, Command};
use tokio::time::{Instant, sleep};

use crate::Error;
use crate::cli::BenchModel;

const START_TIMEOUT: Duration = Duration::from_secs(60);
const POLL_INTERVAL: Duration = Duration::from_millis(20);
/// Name of the benchmark's endpoint.
const NAME: &str = "bench";
/// Rows and seed of the generated table.
const ROWS: &str = "20000";
const SEED: &str = "42";

/// A model server that can be asked.
#[derive(Debug, Clone)]
pub(super) struct Server {
    pub(super) url: String,
    pub(super) pid: u32,
}

/// The running fleet; taken down by [`Fleet::down`], or with its supervisor's processes when dropped.
pub(super) struct Fleet {
    directory: TempDir,
    /// The fleet's own model server, which publishes events.
    pub(super) recording: Server,
    /// The same without events.
    pub(super) silent: Server,
    pub(super) algorithm: String,
    process: Child,
    table: Table,
    metadata: Metadata,
    is_down: bool,
}

fn io(what: &'static str) -> impl Fn(std::io::Error) -> Error {
    move |source| Error::Io { what, source }
}

fn not_so(what: &'static str, said: impl Into<String>) -> Error {
    io(what)(std::io::Error::other(said.into()))
}

/// Runs `tier0` on a fleet's directory; its document.
async fn tier0(directory: &Path, arguments: &[impl AsRef<OsStr>]) -> Result<Value, Error> {
    let output = Command::new(fleet::program("tier0")?)
        .args(arguments)
        .args(["--json", "--dir"])
        .arg(directory)
        .stdin(Stdio::null())
        .kill_on_drop(true)
        .output()
        .await
        .map_err(io("run tier0"))?;
    if !output.status.success() {
        return Err(not_so("run tier0", String::from_utf8_lossy(&output.stderr)));
    }
    Ok(serde_json::from_slice(&output.stdout).unwrap_or_default())
}

impl Fleet {
    /// Starts it, trains, deploys.
    pub(super) async fn up(model: &BenchModel, tell: &dyn Fn(&str)) -> Result<Self, Error> {
        let directory = tempfile::Builder::new()
            .prefix("tier0-bench-")
            .tempdir()
            .map_err(io("make a temporary directory"))?;
        let path = directory.path().to_owned();
        tell("a fleet is started");
        let mut up = vec!["up".to_owned(), "--detach".to_owned()];
        for place in [Some(&path), model.data.as_ref()].into_iter().flatten() {
            up.extend(["--data-root".to_owned(), place.display().to_string()]);
        }
        tier0(&path, &up).await?;
        // The directory stays until the fleet is down, which is found by it.
        match Self::trained(&path, model, tell).await {
            Ok(fleet) => Ok(fleet(directory)),
            Err(error) => {
                let _as_well_as_it_goes = tier0(&path, &["down"]).await;
                Err(error)
            }
        }
    }

    async fn trained(
        path: &Path,
        model: &BenchModel,
        tell: &dyn Fn(&str),
    ) -> Result<impl FnOnce(TempDir) -> Self, Error> {
        let (data, target) = match (&model.data, &model.target) {
            (Some(data), Some(target)) => (data.clone(), target.clone()),
            _ => {
                let data = path.join("churn.csv");
                let out = data.display().to_string();
                tier0(path, &["sample", "churn", "--rows", ROWS, "--seed", SEED, "--out", &out])
                    .await?;
                (data, "churned".to_owned())
            }
        };
        tell("a model is trained");
        let (source, budget) = (data.display().to_string(), format!("{}s", model.time_budget));
        let mut submit = vec!["submit", "--data", &source, "--target", &target, "--name", NAME];
        submit.extend(["--seed", "7", "--time-budget", &budget, "--wait"]);
        if let Some(positive) = &model.positive {
            submit.extend(["--positive", positive]);
        }
        let run = tier0(path, &submit).await?;
        if run.get("status").and_then(Value::as_str) != Some("succeeded") {
            return Err(not_so("train a model", run.to_string()));
        }
        let file = std::fs::read(path.join("fleet.json")).map_err(io("read fleet.json"))?;
        let fleet: FleetFile = serde_json::from_slice(&file)
            .map_err(|error| not_so("read fleet.json", error.to_string()))?;
        let pid = *fleet
            .pids
            .get("model-server")
            .ok_or_else(|| not_so("read fleet.json", "it names no model-server"))?;
        let recording = Server { url: fleet.serving_url.clone(), pid };
        let (process, silent) = silent(path, &fleet.nats_url).await?;

        let client = Client::new("model server", &recording.url, None)?;
        let metadata: Metadata = client.get(&format!("/v2/models/{NAME}")).await?;
        let other = Client::new("model server", &silent.url, None)?;
        let ready = format!("/v2/models/{NAME}/ready");
        let until = Instant::now() + START_TIMEOUT;
        while other.get::<Value>(&ready).await.is_err() {
            if Instant::now() >= until {
                let what = "the second model server's version".to_owned();
                return Err(Error::Lost { what, seconds: START_TIMEOUT.as_secs() });
            }
            sleep(POLL_INTERVAL).await;
        }
        let table = rows(&data, &metadata)?;
        let algorithm = run.pointer("/model/algorithm").and_then(Value::as_str);
        let algorithm = algorithm.unwrap_or_default().to_owned();
        Ok(move |directory| Self {
            algorithm,
            directory,
            recording,
            silent,
            process,
            table,
            metadata,
            is_down: false,
        })
    }

    /// Number of inputs.
    pub(super) fn inputs(&self) -> usize {
        self.metadata.inputs.len()
    }

    /// Path of the V2 inference requests, `/v2/models/NAME/infer`.
    pub(super) fn path() -> String {
        format!("/v2/models/{NAME}/infer")
    }

    /// Requests of so many rows each, as V2 JSON, from the beginning of the table.
    pub(super) fn bodies(&self, count: usize, rows: usize) -> Result<Vec<Vec<u8>>, Error> {
        let starts = (0..self.table.rows().saturating_sub(rows)).step_by(rows.max(1)).take(count);
        let bodies: Vec<Vec<u8>> = starts
            .map(|start| {
                let request = v2::encode(&self.table, &self.metadata, None, start..start + rows)?;
                let body = serde_json::to_vec(&request);
                body.map_err(|error| not_so("write a request", error.to_string()))
            })
            .collect::<Result<_, Error>>()?;
        if bodies.is_empty() {
            return Err(not_so("make requests", "the table has too few rows"));
        }
        Ok(bodies)
    }

    /// An answer to a request.
    pub(super) async fn answer(&self, body: &[u8]) -> Result<Value, Error> {
        let client = Client::new("model server", &self.silent.url, None)?;
        let request: Value = serde_json::from_slice(body)
            .map_err(|error| not_so("read a request", error.to_string()))?;
        Ok(client.post(&Self::path(), &request).await?)
    }

    /// Stops all processes and removes their directory.
    pub(super) async fn down(mut self) -> Result<(), Error> {
        self.is_down = true;
        self.process.kill().await.map_err(io("stop the second model server"))?;
        tier0(self.directory.path(), &["down"]).await.map(|_| ())
    }
}

impl Drop for Fleet {
    fn drop(&mut self) {
        if self.is_down {
            return;
        }
        // A measurement that failed leaves no fleet behind.
        if let Ok(program) = fleet::program("tier0") {
            let path = self.directory.path();
            let down = std::process::Command::new(program)
                .args(["down", "--dir"])
                .arg(path)
                .stdout(Stdio::null())
                .stderr(Stdio::null())
                .status();
            if let Err(error) = down {
                tracing::warn!(%error, "the fleet of the measurement could not be taken down");
            }
        }
    }
}

/// A model server of the same fleet without events; killed when dropped.
async fn silent(directory: &Path, nats_url: &str) -> Result<(Child, Server), Error> {
    let program = fleet::program("model-server")?;
    let ready = directory.join("silent.json");
    let process = Command::new(program)
        .env("TIER0__NATS__URL", nats_url)
        .env("TIER0__NATS__NKEY_FILE", Keys::of(directory).seed_file(Identity::ModelServer))
        .env("TIER0__READY_FILE", &ready)
        .env("TIER0__REPLICA", "silent")
        .env("TIER0_MODEL_SERVER__SERVING__EVENTS", "false")
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .kill_on_drop(true)
        .spawn()
        .map_err(io("start a second model server"))?;
    let pid = process.id().ok_or_else(|| not_so("start a second model server", "it has ended"))?;
    let until = Instant::now() + START_TIMEOUT;
    loop {
        let document = std::fs::read(&ready).ok();
        let document =
            document.and_then(|document| serde_json::from_slice::<Value>(&document).ok());
        if let Some(address) = document.as_ref().and_then(|document| document.get("rest")?.as_str())
        {
            return Ok((process, Server { url: format!("http://{address}"), pid }));
        }
        if Instant::now() >= until {
            let what = "the second model server's ready file".to_owned();
            return Err(Error::Lost { what, seconds: START_TIMEOUT.as_secs() });
        }
        sleep(POLL_INTERVAL).await;
    }
}

/// The columns that the model takes, in its order.
fn rows(data: &Path, metadata: &Metadata) -> Result<Table, Error> {
    let wanted: Vec<&str> = metadata.inputs.iter().map(|input| input.name.as_str()).collect();
    let table = tokio::task::block_in_place(|| dataset::read_file(data))
        .map_err(|error| not_so("read the rows", error.to_string()))?;
    table.select(&wanted).map_err(|error| not_so("read the rows", error.to_string()))
}
