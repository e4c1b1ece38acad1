//! `tier0-bench serving`, `load` and `soak`: what the model server takes for an answer.
//!
//! ```text
//! tier0 up, submit ─▶ model server ◀──────── load: one thread, connections that are kept, requests from the rows
//!                     the same without events ◀──┤
//!                     bare axum handler ◀────────┘
//! ```
//!
//! What is compared takes turns, so that what else the machine does falls on all of it; each figure is the middle one
//! of its turns. The load runs on the same machine, and its own time is in every latency.

mod bare;
mod deployed;
mod endpoints;
mod fleet;
mod kinds;
mod latencies;
mod load;
mod models;
mod requests;
mod soak;
mod usage;

use std::time::Duration;

use serde::Serialize;
use terminal::{Console, table};

use crate::Error;
use crate::cli::{BenchLoad, BenchServing};
use crate::times::quantile;
use bare::BareServer;
pub(crate) use endpoints::endpoints;
use fleet::{Fleet, Server};
pub(crate) use kinds::models;
use load::{Load, LoadResult, Target};
pub(crate) use soak::soak;
pub(super) use usage::cpu_seconds;

/// Requests that take turns, so that no cache has one answer.
const DISTINCT: usize = 64;
/// Rows of a batch, and connections that send them.
const BATCH_ROWS: usize = 1_000;
const BATCH_CONNECTIONS: usize = 2;
/// Time before the measured ones, which finds connections and caches cold.
const WARM_UP: Duration = Duration::from_secs(1);

/// Results of `tier0-bench serving`, as they are printed.
#[derive(Debug, Serialize)]
struct Report {
    /// The model that was served.
    algorithm: String,
    inputs: usize,
    connections: usize,
    /// One row as V2 JSON, as many requests as there can be, no prediction events: what the bare handler is compared with.
    p50_ms: f64,
    p99_ms: f64,
    requests_per_s: f64,
    /// CPU time of the model server for a request.
    cpu_ms_per_request: f64,
    /// A bare axum handler that parses and answers the same JSON.
    bare_p50_ms: f64,
    bare_p99_ms: f64,
    bare_requests_per_s: f64,
    /// Requests per second, of those of the bare handler.
    ratio_to_bare_http: f64,
    /// The same with prediction events, whose broker and monitor share the machine.
    recording_p50_ms: f64,
    recording_p99_ms: f64,
    recording_requests_per_s: f64,
    recording_cpu_ms_per_request: f64,
    /// 1,000 rows as V2 JSON, two at a time.
    batch_rows_per_s: f64,
    batch_p50_ms: f64,
    /// At this many requests per second, p99 with prediction events and without.
    logging_requests_per_s: f64,
    logging_on_p99_ms: f64,
    logging_off_p99_ms: f64,
    logging_p99_ratio: f64,
}

fn io(what: &'static str) -> impl Fn(std::io::Error) -> Error {
    move |source| Error::Io { what, source }
}

/// Turns of one kind.
#[derive(Debug, Default)]
struct RoundTotals {
    p50: Vec<f64>,
    p99: Vec<f64>,
    per_second: Vec<f64>,
    cpu_ms: Vec<f64>,
}

impl RoundTotals {
    fn take(&mut self, measured: &LoadResult, cpu_seconds: f64) {
        self.p50.push(measured.latencies.quantile_ms(0.5));
        self.p99.push(measured.latencies.quantile_ms(0.99));
        self.per_second.push(measured.per_second());
        self.cpu_ms.push(cpu_seconds * 1e3 / measured.latencies.count().max(1) as f64);
    }
}

fn middle(values: &[f64]) -> f64 {
    quantile(&mut values.to_vec(), 0.5)
}

/// One turn, of which every request has to succeed.
async fn turn(target: &Target, load: Load) -> Result<LoadResult, Error> {
    let measured = load::run(target, load).await.map_err(io("put a load on"))?;
    match measured.first_error {
        Some(error) => Err(io("have every request answered")(std::io::Error::other(error))),
        None => Ok(measured),
    }
}

async fn turn_of(
    server: &Server,
    target: &Target,
    load: Load,
    turns: &mut RoundTotals,
) -> Result<(), Error> {
    let before = usage::cpu_seconds(server.pid).map_err(io("read /proc"))?;
    let measured = turn(target, load).await?;
    let after = usage::cpu_seconds(server.pid).map_err(io("read /proc"))?;
    turns.take(&measured, after - before);
    Ok(())
}

fn target(server: &Server, bodies: &[Vec<u8>]) -> Result<Target, Error> {
    let url = format!("{}{}", server.url, Fleet::path());
    Target::new(&url, "application/json", &[], bodies).map_err(io("make requests"))
}

/// Runs `tier0-bench serving`: returns the exit code.
pub(crate) async fn serving(arguments: &BenchServing, console: &Console) -> Result<u8, Error> {
    let progress = console.progress("measuring the model server");
    let fleet = Fleet::up(&arguments.model, &|what| progress.now(what)).await?;
    let measured = measure(arguments, &fleet, &|what| progress.now(what)).await;
    fleet.down().await?;
    drop(progress);
    let report = measured?;
    console.answer(&report, || render(&report))?;
    Ok(0)
}

async fn measure(
    arguments: &BenchServing,
    fleet: &Fleet,
    tell: &dyn Fn(&str),
) -> Result<Report, Error> {
    let rows = fleet.bodies(DISTINCT, 1)?;
    let first = rows.first().map(Vec::as_slice).unwrap_or_default();
    let bare = BareServer::start(fleet.answer(first).await?).map_err(io("start a bare handler"))?;
    let bare_url = format!("http://{}{}", bare.address, Fleet::path());
    let bare_target =
        Target::new(&bare_url, "application/json", &[], &rows).map_err(io("make requests"))?;
    let (on, off) = (target(&fleet.recording, &rows)?, target(&fleet.silent, &rows)?);
    let time = Duration::from_secs_f64(arguments.seconds);
    let connections = usize::from(arguments.connections);
    let full = Load { connections, time, rate: None };
    for target in [&on, &off, &bare_target] {
        turn(target, Load { time: WARM_UP, ..full }).await?;
    }
    let (mut recording, mut silent, mut floor) =
        (RoundTotals::default(), RoundTotals::default(), RoundTotals::default());
    let mut batches = RoundTotals::default();
    let batch = target(&fleet.silent, &fleet.bodies(4, BATCH_ROWS)?)?;
    let batch_load = Load { connections: BATCH_CONNECTIONS, time, rate: None };
    let (mut logging, mut no_logging) = (RoundTotals::default(), RoundTotals::default());
    let paced = Load { rate: Some(arguments.rate), ..full };
    for round in 1..=arguments.rounds {
        let of = arguments.rounds;
        tell(&format!("one row at a time, turn {round} of {of}"));
        turn_of(&fleet.silent, &off, full, &mut silent).await?;
        floor.take(&turn(&bare_target, full).await?, 0.0);
        turn_of(&fleet.recording, &on, full, &mut recording).await?;
        tell(&format!("batches, turn {round} of {of}"));
        turn_of(&fleet.silent, &batch, batch_load, &mut batches).await?;
        tell(&format!("with and without prediction events, turn {round} of {of}"));
        turn_of(&fleet.recording, &on, paced, &mut logging).await?;
        turn_of(&fleet.silent, &off, paced, &mut no_logging).await?;
    }
    let bare_per_s = middle(&floor.per_second);
    let (on_p99, off_p99) = (middle(&logging.p99), middle(&no_logging.p99));
    Ok(Report {
        algorithm: fleet.algorithm.clone(),
        inputs: fleet.inputs(),
        connections,
        p50_ms: middle(&silent.p50),
        p99_ms: middle(&silent.p99),
        requests_per_s: middle(&silent.per_second),
        cpu_ms_per_request: middle(&silent.cpu_ms),
        bare_p50_ms: middle(&floor.p50),
        bare_p99_ms: middle(&floor.p99),
        bare_requests_per_s: bare_per_s,
        ratio_to_bare_http: middle(&silent.per_second) / bare_per_s,
        recording_p50_ms: middle(&recording.p50),
        recording_p99_ms: middle(&recording.p99),
        recording_requests_per_s: middle(&recording.per_second),
        recording_cpu_ms_per_request: middle(&recording.cpu_ms),
        batch_rows_per_s: middle(&batches.per_second) * BATCH_ROWS as f64,
        batch_p50_ms: middle(&batches.p50),
        logging_requests_per_s: middle(&logging.per_second),
        logging_on_p99_ms: on_p99,
        logging_off_p99_ms: off_p99,
        logging_p99_ratio: on_p99 / off_p99,
    })
}

fn render(report: &Report) -> String {
    let row = |name: &str, p50: f64, p99: f64, per_second: f64, cpu: Option<f64>| {
        vec![
            name.to_owned(),
            format!("{p50:.3} ms"),
            format!("{p99:.3} ms"),
            format!("{per_second:.0}"),
            cpu.map_or_else(|| "-".to_owned(), |cpu| format!("{cpu:.4} ms")),
        ]
    };
    let of = report;
    let rows = [
        row("model server", of.p50_ms, of.p99_ms, of.requests_per_s, Some(of.cpu_ms_per_request)),
        row("bare handler", of.bare_p50_ms, of.bare_p99_ms, of.bare_requests_per_s, None),
        row(
            "with prediction events",
            of.recording_p50_ms,
            of.recording_p99_ms,
            of.recording_requests_per_s,
            Some(of.recording_cpu_ms_per_request),
        ),
    ];
    format!(
        "{}\n{}, {} inputs, {} connections: {:.2} of the bare handler's requests\n\
         batches of {BATCH_ROWS}: {:.0} rows/s\n\
         prediction events at {:.0} requests/s: p99 {:.3} ms with, {:.3} ms without, ratio {:.2}",
        table(&["one row", "p50", "p99", "requests/s", "CPU per request"], &rows),
        of.algorithm,
        of.inputs,
        of.connections,
        of.ratio_to_bare_http,
        of.batch_rows_per_s,
        of.logging_requests_per_s,
        of.logging_on_p99_ms,
        of.logging_off_p99_ms,
        of.logging_p99_ratio,
    )
}

/// Results of `tier0-bench load`, as they are printed.
#[derive(Debug, Serialize)]
struct LoadReport {
    requests: u64,
    errors: u64,
    first_error: Option<String>,
    requests_per_s: f64,
    p50_ms: f64,
    p99_ms: f64,
    /// CPU time of the process and all below it for a request.
    cpu_ms_per_request: Option<f64>,
    resident_mib: Option<f64>,
}

/// Runs `tier0-bench load`: returns the exit code.
pub(crate) async fn load(arguments: &BenchLoad, console: &Console) -> Result<u8, Error> {
    let body = std::fs::read(&arguments.body).map_err(io("read the body"))?;
    let target = Target::new(&arguments.url, &arguments.content_type, &[], &[body])
        .map_err(io("make requests"))?;
    let load = Load {
        connections: usize::from(arguments.connections),
        time: Duration::from_secs_f64(arguments.seconds),
        rate: arguments.rate,
    };
    load::run(&target, Load { time: load.time.min(WARM_UP), ..load })
        .await
        .map_err(io("put a load on"))?;
    let used = |pid: Option<u32>| pid.map(usage::cpu_seconds).transpose().map_err(io("read /proc"));
    let before = used(arguments.pid)?;
    let measured = load::run(&target, load).await.map_err(io("put a load on"))?;
    let after = used(arguments.pid)?;
    let requests = measured.latencies.count();
    let report = LoadReport {
        requests,
        errors: measured.errors,
        requests_per_s: measured.per_second(),
        p50_ms: measured.latencies.quantile_ms(0.5),
        p99_ms: measured.latencies.quantile_ms(0.99),
        cpu_ms_per_request: before
            .zip(after)
            .map(|(before, after)| (after - before) * 1e3 / requests.max(1) as f64),
        resident_mib: arguments
            .pid
            .map(usage::resident_mib)
            .transpose()
            .map_err(io("read /proc"))?,
        first_error: measured.first_error,
    };
    console.answer(&report, || {
        format!(
            "{} requests, {} errors{}: {:.0}/s, p50 {:.3} ms, p99 {:.3} ms{}",
            report.requests,
            report.errors,
            report.first_error.as_deref().map(|error| format!(" ({error})")).unwrap_or_default(),
            report.requests_per_s,
            report.p50_ms,
            report.p99_ms,
            report
                .cpu_ms_per_request
                .map(|cpu| format!(", {cpu:.4} ms of CPU each"))
                .unwrap_or_default(),
        )
    })?;
    Ok(u8::from(report.errors > 0))
}
