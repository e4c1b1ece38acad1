//! `tier0-bench ledger`: a long queue, and an orchestrator that knows it.
//!
//! ```text
//! nats-server of its own ◀── first handoffs of N runs, which no agent takes
//!          └──▶ the real orchestrator ◀── the real `tier0 runs list`, `tier0 runs show`: processes, timed from outside
//! ```

use std::path::PathBuf;
use std::process::Stdio;
use std::time::{Duration, SystemTime};

use api::health::{HealthDocument, Status};
use bus::{Bus, Headers, MESSAGE_ID, SetupOptions};
use client::Client;
use contracts::handoff::FirstHandoff;
use contracts::{Agent, RunId, encoding, names, v1};
use fleet::NatsServer;
use futures::{StreamExt as _, TryStreamExt as _};
use serde::Serialize;
use serde_json::Value;
use terminal::{Console, table};
use tokio::process::{Child, Command};
use tokio::time::{Instant, sleep};

use crate::Error;
use crate::broker::Broker;
use crate::cli::BenchLedger;
use crate::times::quantile;

/// Publications that wait for the broker at a time.
const MAX_IN_FLIGHT: usize = 64;
/// Runs of a command that find caches cold, and those that are timed.
const WARM_UP: usize = 3;
const LISTS: usize = 100;
const SHOWS: usize = 30;
const START_TIMEOUT: Duration = Duration::from_secs(30);
/// Longest time for the orchestrator to know all runs.
const READING_TIMEOUT: Duration = Duration::from_secs(600);
const POLL_INTERVAL: Duration = Duration::from_millis(10);

/// What was found; times in milliseconds where nothing else is said.
#[derive(Debug, Serialize)]
struct Report {
    runs: u32,
    /// From the first publication to the orchestrator's knowing all of them.
    fill_seconds: f64,
    /// With all of them known, and after the lists.
    orchestrator_rss_mib: f64,
    /// `tier0 runs list` as a process.
    list_p50_ms: f64,
    list_p99_ms: f64,
    /// `GET /api/v1/runs?limit=20`, without a `tier0` process.
    list_api_p50_ms: f64,
    list_api_p99_ms: f64,
    /// `tier0 runs show RUN` as a process.
    show_p50_ms: f64,
    /// From the start of a new orchestrator, after the first was killed, to its knowing all of them.
    rebuild_seconds: f64,
    rebuilt_rss_mib: f64,
}

/// Runs `tier0-bench ledger`: returns the exit code.
pub(crate) async fn ledger(arguments: &BenchLedger, console: &Console) -> Result<u8, Error> {
    let server = NatsServer::find()?;
    let orchestrator = fleet::program("orchestrator")?;
    let progress = console.progress("measuring the ledger");
    let measured =
        measure(arguments.runs, &server, orchestrator, &|what| progress.now(what)).await?;
    drop(progress);
    console.answer(&measured, || render(&measured))?;
    Ok(0)
}

async fn measure(
    runs: u32,
    server: &NatsServer,
    program: PathBuf,
    tell: &dyn Fn(&str),
) -> Result<Report, Error> {
    let broker = Broker::start(server).await?;
    let bus = broker.connect("tier0-bench").await?;
    bus.setup(&SetupOptions::default()).await?;
    let mut orchestrator = Orchestrator::start(&program, broker.url()).await?;

    tell(&format!("{runs} runs are put into the queue"));
    let begun = Instant::now();
    fill(&bus, runs).await?;
    orchestrator.until_it_knows(runs).await?;
    let fill_seconds = begun.elapsed().as_secs_f64();

    tell("runs are listed and shown");
    let mut lists = orchestrator.time(&["runs", "list"], LISTS).await?;
    let mut answers = orchestrator.time_api(LISTS).await?;
    let mut shows = orchestrator.time(&["runs", "show", &name(runs / 2)], SHOWS).await?;
    let orchestrator_rss_mib = orchestrator.resident_mib()?;

    tell("the orchestrator is killed and started again");
    orchestrator.kill().await?;
    let begun = Instant::now();
    let mut orchestrator = Orchestrator::start(&program, broker.url()).await?;
    orchestrator.until_it_knows(runs).await?;
    let rebuild_seconds = begun.elapsed().as_secs_f64();
    let rebuilt_rss_mib = orchestrator.resident_mib()?;
    orchestrator.kill().await?;
    bus.close(Duration::from_secs(1)).await;
    broker.stop().await?;
    Ok(Report {
        runs,
        fill_seconds,
        orchestrator_rss_mib,
        list_p50_ms: quantile(&mut lists, 0.5),
        list_p99_ms: quantile(&mut lists, 0.99),
        list_api_p50_ms: quantile(&mut answers, 0.5),
        list_api_p99_ms: quantile(&mut answers, 0.99),
        show_p50_ms: quantile(&mut shows, 0.5),
        rebuild_seconds,
        rebuilt_rss_mib,
    })
}

fn name(number: u32) -> String {
    format!("queued-{number}")
}

/// Publishes the first handoffs of runs.
async fn fill(bus: &Bus, runs: u32) -> Result<(), Error> {
    let publications = (0..runs).map(|number| {
        let bus = bus.clone();
        async move {
            let first = FirstHandoff {
                run_id: RunId::new(name(number))?,
                epoch: 0,
                plan: Agent::ALL.to_vec(),
                deadline: None,
                request: v1::ScopeRequest {
                    data_uri: "/data/bench.csv".to_owned(),
                    target: "y".to_owned(),
                    ..v1::ScopeRequest::default()
                },
                outputs: Vec::new(),
                at: SystemTime::now(),
            };
            let first = first.build()?;
            let mut headers = Headers::new();
            headers.insert(MESSAGE_ID, first.handoff_id());
            headers.insert(names::CONTENT_TYPE, names::PROTOBUF);
            let payload = encoding::encode_bounded(first.as_message())?;
            bus.publish(&first.subject(), headers, payload).await?;
            Ok::<(), Error>(())
        }
    });
    futures::stream::iter(publications).buffer_unordered(MAX_IN_FLIGHT).try_collect().await
}

/// The real process; killed when dropped.
struct Orchestrator {
    process: Child,
    nats_url: String,
    api_url: String,
    api: Client,
    _directory: tempfile::TempDir,
}

impl Orchestrator {
    async fn start(program: &PathBuf, nats_url: &str) -> Result<Self, Error> {
        let io = |what| move |source| Error::Io { what, source };
        let directory = tempfile::tempdir().map_err(io("make a temporary directory"))?;
        let ready = directory.path().join("ready.json");
        let process = Command::new(program)
            .env("TIER0__NATS__URL", nats_url)
            .env("TIER0__READY_FILE", &ready)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .kill_on_drop(true)
            .spawn()
            .map_err(io("start the orchestrator"))?;
        let until = Instant::now() + START_TIMEOUT;
        let address = loop {
            let document = std::fs::read(&ready).ok();
            let document =
                document.and_then(|document| serde_json::from_slice::<Value>(&document).ok());
            let address = document
                .as_ref()
                .and_then(|document| document.get("api")?.as_str())
                .map(str::to_owned);
            if let Some(address) = address {
                break address;
            }
            if Instant::now() >= until {
                let what = "the orchestrator's ready file".to_owned();
                return Err(Error::Lost { what, seconds: START_TIMEOUT.as_secs() });
            }
            sleep(POLL_INTERVAL).await;
        };
        let api_url = format!("http://{address}");
        let api = Client::new("orchestrator", &api_url, None)?;
        let nats_url = nats_url.to_owned();
        Ok(Self { process, nats_url, api_url, api, _directory: directory })
    }

    async fn until_it_knows(&mut self, runs: u32) -> Result<(), Error> {
        let until = Instant::now() + READING_TIMEOUT;
        loop {
            let health: HealthDocument = self.api.get("/api/v1/health").await?;
            let known: usize = health.runs.values().sum();
            // A component of its own says whether the ledger has all of the stream.
            let orchestrator = health.components.iter().find(|part| part.kind == "service");
            let is_current = orchestrator.is_some_and(|part| part.status == Status::Healthy);
            if is_current && u32::try_from(known).is_ok_and(|n| n >= runs) {
                return Ok(());
            }
            if Instant::now() >= until {
                let what = format!("the ledger of {runs} runs ({known} are known)");
                return Err(Error::Lost { what, seconds: READING_TIMEOUT.as_secs() });
            }
            sleep(POLL_INTERVAL).await;
        }
    }

    /// The time of a command of `tier0`, from its start to its end, in milliseconds.
    async fn time(&self, arguments: &[&str], samples: usize) -> Result<Vec<f64>, Error> {
        let io = |source| Error::Io { what: "run tier0", source };
        let program = fleet::program("tier0")?;
        let mut times = Vec::with_capacity(samples);
        for sample in 0..WARM_UP + samples {
            let begun = Instant::now();
            let output = Command::new(&program)
                .args(arguments)
                .args(["--nats-url", &self.nats_url, "--api-url", &self.api_url])
                .stdin(Stdio::null())
                .kill_on_drop(true)
                .output()
                .await
                .map_err(io)?;
            let lasted = begun.elapsed();
            if !output.status.success() || output.stdout.is_empty() {
                let said = String::from_utf8_lossy(&output.stderr).into_owned();
                return Err(io(std::io::Error::other(said)));
            }
            if sample >= WARM_UP {
                times.push(lasted.as_secs_f64() * 1e3);
            }
        }
        Ok(times)
    }

    async fn time_api(&self, samples: usize) -> Result<Vec<f64>, Error> {
        let mut times = Vec::with_capacity(samples);
        for sample in 0..WARM_UP + samples {
            let begun = Instant::now();
            let _page: Value = self.api.get("/api/v1/runs?limit=20").await?;
            if sample >= WARM_UP {
                times.push(begun.elapsed().as_secs_f64() * 1e3);
            }
        }
        Ok(times)
    }

    /// Its resident memory, as the kernel counts it.
    fn resident_mib(&self) -> Result<f64, Error> {
        let io = |source| Error::Io { what: "read the orchestrator's memory from /proc", source };
        let pid = self.process.id().ok_or_else(|| io(std::io::ErrorKind::NotFound.into()))?;
        let status = std::fs::read_to_string(format!("/proc/{pid}/status")).map_err(io)?;
        let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
        let kib = line.and_then(|line| line.split_whitespace().next()?.parse::<f64>().ok());
        kib.map(|kib| kib / 1024.0).ok_or_else(|| io(std::io::ErrorKind::InvalidData.into()))
    }

    /// Ends it as a crash does.
    async fn kill(mut self) -> Result<(), Error> {
        let io = |source| Error::Io { what: "kill the orchestrator", source };
        self.process.kill().await.map_err(io)
    }
}

fn render(report: &Report) -> String {
    let ms = |value: f64| format!("{value:.1} ms");
    let rows = [
        ("runs", report.runs.to_string()),
        ("published and known after", format!("{:.1} s", report.fill_seconds)),
        ("orchestrator, resident", format!("{:.1} MiB", report.orchestrator_rss_mib)),
        ("runs list, p50", ms(report.list_p50_ms)),
        ("runs list, p99", ms(report.list_p99_ms)),
        ("GET /api/v1/runs, p50", ms(report.list_api_p50_ms)),
        ("GET /api/v1/runs, p99", ms(report.list_api_p99_ms)),
        ("runs show, p50", ms(report.show_p50_ms)),
        ("known again after a kill", format!("{:.2} s", report.rebuild_seconds)),
        ("resident then", format!("{:.1} MiB", report.rebuilt_rss_mib)),
    ];
    table(&["", "measured"], &rows.map(|(what, value)| vec![what.to_owned(), value]))
}
