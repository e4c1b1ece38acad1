//! `tier0-bench registry`: many versions by many writers, and what looking up takes then.
//!
//! ```text
//! nats-server of its own ◀── writers with connections of their own: register, move one alias by compare-and-swap
//!          └──▶ is every version there, once, and its entry in the ledger? ─▶ look-ups, pages, searches, one after another
//! ```

use std::collections::BTreeSet;
use std::time::Duration;

use bus::{Bus, SetupOptions};
use contracts::{RunId, names};
use fleet::NatsServer;
use registry::history::HistorySubject;
use registry::search::{Order, Query};
use registry::{ExpectedAlias, Registry};
use serde::Serialize;
use terminal::{Console, table};
use tokio::task::JoinSet;
use tokio::time::Instant;

use crate::Error;
use crate::broker::Broker;
use crate::cli::BenchRegistry;
use crate::times::quantile;

const MODEL: &str = "bench";
const ALIAS: &str = "best";
/// Versions that a writer registers between two moves of the alias.
const VERSIONS_PER_MOVE: u32 = 50;
/// Look-ups of one kind, and those that are costly.
const LOOK_UPS: u32 = 1000;
const SEARCHES: u32 = 10;
const PAGE: u32 = 20;

/// What was found; times in milliseconds where nothing else is said.
#[derive(Debug, Serialize)]
struct Report {
    versions: u32,
    writers: u32,
    register_seconds: f64,
    versions_per_s: f64,
    register_p50_ms: f64,
    register_p99_ms: f64,
    /// Versions that a writer was told of and that are not there.
    lost: u32,
    /// Numbers that two writers were told.
    duplicated: u32,
    /// Numbers between 1 and the greatest that are not there.
    gaps: u32,
    ledger_entries: u64,
    alias_moves: u32,
    /// A version by its number.
    get_p50_ms: f64,
    get_p99_ms: f64,
    /// A version by the run that made it.
    by_run_p50_ms: f64,
    by_run_p99_ms: f64,
    /// A version by an alias.
    by_alias_p50_ms: f64,
    by_alias_p99_ms: f64,
    /// The latest twenty versions.
    page_p50_ms: f64,
    page_p99_ms: f64,
    /// The model by a registry that has never seen it: the greatest version is looked for.
    cold_model_ms: f64,
    /// The best twenty by a metric, over all versions.
    search_p50_ms: f64,
    search_max_ms: f64,
    /// The latest twenty entries of the model's history.
    history_ms: f64,
    /// Of this process, all writers and searches in it.
    peak_rss_mib: f64,
}

/// Runs `tier0-bench registry`: returns the exit code.
pub(crate) async fn registry(arguments: &BenchRegistry, console: &Console) -> Result<u8, Error> {
    let server = NatsServer::find()?;
    let progress = console.progress("measuring the registry");
    let report = measure(arguments, &server, &|what| progress.now(what)).await?;
    drop(progress);
    console.answer(&report, || render(&report))?;
    Ok(if report.lost + report.duplicated + report.gaps == 0 { 0 } else { crate::FAILED })
}

async fn measure(
    arguments: &BenchRegistry,
    server: &NatsServer,
    tell: &dyn Fn(&str),
) -> Result<Report, Error> {
    let broker = Broker::start(server).await?;
    let bus = broker.connect("tier0-bench").await?;
    bus.setup(&SetupOptions::default()).await?;

    tell("versions are registered");
    let begun = Instant::now();
    let mut written = write(&broker, arguments).await?;
    let register_seconds = begun.elapsed().as_secs_f64();
    let count = f64::from(arguments.versions);

    tell("every version is looked for");
    let found: BTreeSet<u32> = {
        let registry = Registry::new(&bus).await?;
        let versions = registry.versions(MODEL).await?;
        versions.into_iter().map(|version| version.version).collect()
    };
    let told: BTreeSet<u32> = written.numbers.iter().copied().collect();
    let greatest = found.last().copied().unwrap_or_default();
    let number = |count: usize| u32::try_from(count).unwrap_or(u32::MAX);

    tell("versions are looked up");
    let times = look_up(&bus, greatest).await?;
    let ledger = bus
        .jetstream()
        .get_stream(names::AUDIT_STREAM)
        .await
        .map_err(|error| Error::nats("describe the ledger", error))?;
    let ledger_entries = ledger.cached_info().state.messages;
    let report = Report {
        versions: arguments.versions,
        writers: arguments.writers,
        register_seconds,
        versions_per_s: count / register_seconds,
        register_p50_ms: quantile(&mut written.times, 0.5),
        register_p99_ms: quantile(&mut written.times, 0.99),
        lost: number(told.difference(&found).count()),
        duplicated: number(written.numbers.len() - told.len()),
        gaps: greatest - number(found.len()),
        ledger_entries,
        alias_moves: written.moves,
        peak_rss_mib: peak_rss_mib()?,
        ..times
    };
    bus.close(Duration::from_secs(1)).await;
    broker.stop().await?;
    Ok(report)
}

/// What the writers were told.
#[derive(Default)]
struct WriteCounts {
    numbers: Vec<u32>,
    times: Vec<f64>,
    moves: u32,
}

async fn write(broker: &Broker, arguments: &BenchRegistry) -> Result<WriteCounts, Error> {
    let mut writers = JoinSet::new();
    for writer in 0..arguments.writers {
        let bus = broker.connect(&format!("tier0-bench-{writer}")).await?;
        let runs: Vec<u32> = (0..arguments.versions)
            .skip(usize::try_from(writer).unwrap_or(0))
            .step_by(usize::try_from(arguments.writers).unwrap_or(1))
            .collect();
        writers.spawn(async move {
            let registry = Registry::new(&bus).await?;
            let mut written = WriteCounts::default();
            for (turn, run) in (0_u32..).zip(runs) {
                let id = RunId::new(format!("run-{run}"))?;
                let begun = Instant::now();
                let version = registry.register(sample::version(MODEL, run), &id).await?;
                written.times.push(begun.elapsed().as_secs_f64() * 1e3);
                written.numbers.push(version.version);
                if turn % VERSIONS_PER_MOVE == 0 {
                    let by = format!("writer-{writer}");
                    registry
                        .set_alias(
                            MODEL,
                            ALIAS,
                            version.version,
                            ExpectedAlias::Anything,
                            &by,
                            "a turn",
                        )
                        .await?;
                    written.moves += 1;
                }
            }
            bus.close(Duration::from_secs(1)).await;
            Ok::<_, Error>(written)
        });
    }
    let mut all = WriteCounts::default();
    while let Some(writer) = writers.join_next().await {
        let writer = writer.map_err(|error| Error::Io {
            what: "follow a writer",
            source: std::io::Error::other(error),
        })??;
        all.numbers.extend(writer.numbers);
        all.times.extend(writer.times);
        all.moves += writer.moves;
    }
    Ok(all)
}

async fn look_up(bus: &Bus, greatest: u32) -> Result<Report, Error> {
    let cold = Registry::new(bus).await?;
    let begun = Instant::now();
    cold.model(MODEL).await?;
    let cold_model_ms = milliseconds(begun);
    let registry = cold;
    // Spread over all versions, and the same every time.
    let place = |turn: u32| turn.wrapping_mul(2_654_435_761) % greatest.max(1) + 1;
    let mut times = [const { Vec::<f64>::new() }; 4];
    let [get, by_run, by_alias, page] = &mut times;
    for turn in 0..LOOK_UPS {
        let begun = Instant::now();
        let version = registry.version(MODEL, place(turn)).await?;
        get.push(milliseconds(begun));
        let run = version.map(|version| version.run_id).unwrap_or_default();
        let begun = Instant::now();
        registry.versions_of_run(MODEL, &RunId::new(run)?).await?;
        by_run.push(milliseconds(begun));
        let begun = Instant::now();
        let named = registry.resolve(MODEL, ALIAS).await?;
        registry.version(MODEL, named).await?;
        by_alias.push(milliseconds(begun));
        if turn % 10 == 0 {
            let begun = Instant::now();
            registry.versions_before(MODEL, Some(place(turn)), PAGE).await?;
            page.push(milliseconds(begun));
        }
    }
    let query: Query =
        "model = bench and metrics.roc_auc > 0.5".parse().map_err(registry::Error::Query)?;
    let order =
        Order { by: registry::search::OrderBy::Metric("roc_auc".to_owned()), descending: true };
    let mut searches = Vec::new();
    for _ in 0..SEARCHES {
        let begun = Instant::now();
        registry.search(&query, &order, None, usize::try_from(PAGE).unwrap_or(1)).await?;
        searches.push(milliseconds(begun));
    }
    let begun = Instant::now();
    registry
        .history(&HistorySubject::Model(MODEL), None, usize::try_from(PAGE).unwrap_or(1))
        .await?;
    let history_ms = milliseconds(begun);
    Ok(Report {
        get_p50_ms: quantile(get, 0.5),
        get_p99_ms: quantile(get, 0.99),
        by_run_p50_ms: quantile(by_run, 0.5),
        by_run_p99_ms: quantile(by_run, 0.99),
        by_alias_p50_ms: quantile(by_alias, 0.5),
        by_alias_p99_ms: quantile(by_alias, 0.99),
        page_p50_ms: quantile(page, 0.5),
        page_p99_ms: quantile(page, 0.99),
        cold_model_ms,
        search_p50_ms: quantile(&mut searches, 0.5),
        search_max_ms: quantile(&mut searches, 1.0),
        history_ms,
        ..Report::empty()
    })
}

impl Report {
    const fn empty() -> Self {
        Self {
            versions: 0,
            writers: 0,
            register_seconds: 0.0,
            versions_per_s: 0.0,
            register_p50_ms: 0.0,
            register_p99_ms: 0.0,
            lost: 0,
            duplicated: 0,
            gaps: 0,
            ledger_entries: 0,
            alias_moves: 0,
            get_p50_ms: 0.0,
            get_p99_ms: 0.0,
            by_run_p50_ms: 0.0,
            by_run_p99_ms: 0.0,
            by_alias_p50_ms: 0.0,
            by_alias_p99_ms: 0.0,
            page_p50_ms: 0.0,
            page_p99_ms: 0.0,
            cold_model_ms: 0.0,
            search_p50_ms: 0.0,
            search_max_ms: 0.0,
            history_ms: 0.0,
            peak_rss_mib: 0.0,
        }
    }
}

fn milliseconds(since: Instant) -> f64 {
    since.elapsed().as_secs_f64() * 1e3
}

/// The most memory that this process has had resident.
pub(super) fn peak_rss_mib() -> Result<f64, Error> {
    let io = |source| Error::Io { what: "read /proc/self/status", source };
    let status = std::fs::read_to_string("/proc/self/status").map_err(io)?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    let kib = line.and_then(|line| line.trim().trim_end_matches("kB").trim().parse::<f64>().ok());
    Ok(kib.unwrap_or_default() / 1024.0)
}

fn render(report: &Report) -> String {
    let row = |name: &str, p50: f64, p99: f64| {
        vec![name.to_owned(), format!("{p50:.2} ms"), format!("{p99:.2} ms")]
    };
    let rows = [
        row("register", report.register_p50_ms, report.register_p99_ms),
        row("version by number", report.get_p50_ms, report.get_p99_ms),
        row("version by run", report.by_run_p50_ms, report.by_run_p99_ms),
        row("version by alias", report.by_alias_p50_ms, report.by_alias_p99_ms),
        row("page of 20", report.page_p50_ms, report.page_p99_ms),
        row("search over all (p50, max)", report.search_p50_ms, report.search_max_ms),
    ];
    format!(
        "{} versions by {} writers in {:.1} s ({:.0}/s); lost {}, twice {}, gaps {}; {} entries in the ledger\n\n{}\n\
         history {:.0} ms, a model not seen before {:.1} ms, peak memory {:.0} MiB",
        report.versions,
        report.writers,
        report.register_seconds,
        report.versions_per_s,
        report.lost,
        report.duplicated,
        report.gaps,
        report.ledger_entries,
        table(&["", "p50", "p99"], &rows),
        report.history_ms,
        report.cold_model_ms,
        report.peak_rss_mib
    )
}
