//! Runs of a fast pipeline by the real agents, while processes are killed and paused by a schedule that is drawn from a seed.
//!
//! ```text
//! calm runs ─▶ digests ─┐
//! CHAOS_RUNS runs ──────┼─▶ all ended? the same outputs? each effect once? nothing left lying about? ─▶ one line of JSON
//! kills and pauses ─────┘
//! ```
//!
//! `scripts/chaos` builds the programs and starts this; progress goes to standard error, the summary to standard output.
//! It succeeds where every run has completed and nothing was lost, done twice or left behind.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::print_stderr,
    clippy::print_stdout,
    reason = "a harness: it stops at the first surprise, and says what it sees"
)]

mod audit;
mod disturb;
mod drive;
mod options;
mod pipeline;
mod traffic;

use std::process::ExitCode;
use std::time::{Duration, Instant};

use bus::Bus;
use contracts::{Agent, RunId};
use registry::Registry;
use serde_json::json;
use tier0_tests::chaos::{Processes, Schedule, StrikeRate};
use tier0_tests::pipeline::FAST;
use tier0_tests::{Fleet, FleetOptions};

use crate::audit::{Audit, Findings};
use crate::disturb::{DisturbanceReport, Disturber};
use crate::drive::{PlannedRun, Run, RunDriver};
use crate::options::Options;
use crate::pipeline::{Kind, Outcome, RequestOptions, RequestPublisher};
use crate::traffic::Traffic;

/// How long a silent agent keeps a message; short, so that pauses can outlast it.
const ACK_WAIT: Duration = Duration::from_secs(4);
/// Least time between two faults of the broker.
const BROKER_GAP: Duration = Duration::from_secs(10);

#[tokio::main]
async fn main() -> ExitCode {
    let options = match Options::from_environment() {
        Ok(options) => options,
        Err(problem) => {
            eprintln!("{problem}");
            return ExitCode::from(2);
        }
    };
    tokio::select! {
        code = chaos(options) => code,
        // What was started ends with the fleet, which is dropped here.
        _ = tokio::signal::ctrl_c() => ExitCode::FAILURE,
    }
}

async fn chaos(options: Options) -> ExitCode {
    let fleet = Fleet::up_with(fleet(&options)).await;
    let config = fleet.broker();
    let bus = Bus::connect(&config, "chaos").await.expect("the fleet's broker answers");
    let registry = Registry::new(&bus).await.expect("the registry is there");
    let kinds = Kind::all();
    let asker = RequestPublisher::new(fleet.nats().await, fleet.path("chaos.csv"));

    eprintln!("{} calm runs", kinds.len());
    let calm = calm(&bus, &asker, &kinds).await;

    eprintln!("{} runs under chaos, seed {}", options.runs, options.seed);
    let begun = Instant::now();
    let processes = fleet.file().pids.keys().filter(|name| *name != "tier0").cloned();
    let pace = StrikeRate {
        gap: Duration::from_millis(options.gap_ms),
        broker_gap: BROKER_GAP,
        ack_wait: ACK_WAIT,
    };
    let schedule = Schedule::new(options.seed, processes, pace);
    let mut disturber = Disturber::new(Processes::new(fleet.directory()), schedule, ACK_WAIT);
    let mut traffic = Traffic::new(kinds.iter().map(|kind| kind.endpoint.to_owned()));
    let drive =
        RunDriver { bus: &bus, asker: &asker, kinds: &kinds, until: Agent::ObservabilityConnector };
    let wanted = (0..options.runs).map(|number| PlannedRun {
        id: run_id(options.seed, number),
        kind: number % kinds.len(),
        manner: RequestOptions::draw(options.seed, number),
    });
    // Apart from the questions, which wait for a broker that is struck: a pause lasts as long as the schedule says.
    let runs = tokio::select! {
        runs = drive.runs(wanted, Some(&mut traffic)) => runs,
        never = disturber.go_on() => match never {},
    };
    let done = disturber.end();
    let seconds = begun.elapsed().as_secs_f64();

    eprintln!(
        "        {} runs have ended in {seconds:.0} s; looking at what they left",
        runs.len()
    );
    until_up(&fleet, &bus).await;
    traffic.look_now(&bus).await;
    let audit = Audit {
        bus: &bus,
        registry: &registry,
        kinds: &kinds,
        calm: &calm,
        runs: &runs,
        traffic: &traffic,
    };
    let findings = audit.findings().await;
    let good = findings.completed == runs.len()
        && findings.lost.is_empty()
        && findings.duplicated.is_empty()
        && findings.orphans.is_empty();
    if !good {
        fleet.show_logs();
    }
    if let Some(kept) = std::env::var_os("CHAOS_LOGS") {
        keep(&fleet, kept.as_ref());
    }
    drop(fleet);
    println!("{}", summary(&options, &runs, done, &findings, seconds));
    if good { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

fn fleet(options: &Options) -> FleetOptions {
    FleetOptions {
        replicas: Agent::ALL.map(|agent| (agent.as_str(), options.replicas)).to_vec(),
        environment: FAST.map(|(name, value)| (name.to_owned(), value.to_owned())).to_vec(),
        // Faults come every half second: a message may meet more of them than it is given up after by default.
        arguments: vec!["--ack-wait", "4s", "--max-deliver", "20"],
        ..FleetOptions::default()
    }
}

fn run_id(seed: u64, number: usize) -> RunId {
    RunId::new(format!("chaos-{seed}-{number}")).expect("a plain name")
}

/// What each kind of request comes to where nothing disturbs it, up to the trainer.
async fn calm(bus: &Bus, asker: &RequestPublisher, kinds: &[Kind]) -> Vec<Outcome> {
    let drive = RunDriver { bus, asker, kinds, until: Agent::ModelTrainer };
    let wanted = (0..kinds.len()).map(|kind| PlannedRun {
        id: RunId::new(format!("calm-{kind}")).expect("a plain name"),
        kind,
        manner: RequestOptions::default(),
    });
    let mut runs = drive.runs(wanted, None).await;
    runs.sort_by_key(|run| run.kind);
    let outcome = |run: Run| {
        let outcome = run.outcome.unwrap_or_else(|| panic!("{} has not ended", run.id));
        assert_eq!(outcome.failure, None, "{}", run.id);
        assert!(!outcome.bundle.is_empty(), "{} has a model", run.id);
        outcome
    };
    runs.into_iter().map(outcome).collect()
}

/// Waits until the broker answers and every process runs again.
async fn until_up(fleet: &Fleet, bus: &Bus) {
    let processes = Processes::new(fleet.directory());
    let names: Vec<&String> = fleet.file().pids.keys().filter(|name| *name != "tier0").collect();
    tier0_tests::eventually("every process runs again", || async {
        bus.ping(Duration::from_secs(1)).await.ok()?;
        names.iter().all(|name| processes.is_running(name)).then_some(())
    })
    .await;
}

fn keep(fleet: &Fleet, directory: &std::path::Path) {
    std::fs::create_dir_all(directory).expect("the directory for the logs");
    for entry in std::fs::read_dir(fleet.path("logs")).expect("the logs").flatten() {
        std::fs::copy(entry.path(), directory.join(entry.file_name())).expect("a log is copied");
    }
}

fn summary(
    options: &Options,
    runs: &[Run],
    done: DisturbanceReport,
    findings: &Findings,
    seconds: f64,
) -> serde_json::Value {
    json!({
        "runs": runs.len(),
        "kills": done.kills,
        "completed": findings.completed,
        "lost": findings.lost.len(),
        "duplicated": findings.duplicated.len(),
        "orphans": findings.orphans.len(),
        "failed": findings.failed,
        "different": findings.different.len(),
        "broker_kills": done.broker_kills,
        "pauses": done.pauses,
        "long_pauses": done.long_pauses,
        "asked_again": runs.iter().filter(|run| run.asked > 1).count(),
        "seed": options.seed,
        "replicas": options.replicas,
        "gap_ms": options.gap_ms,
        "seconds": (seconds * 10.0).round() / 10.0,
    })
}
