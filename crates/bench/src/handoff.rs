//! `tier0-bench handoff`: a hop through the loop of the real agents, and its throughput.
//!
//! Times of hops are the broker's own: what it noted when it stored a message. A hop is the time from one stored handoff of a run
//! to the next. Both ways take turns, run by run, so that what else the machine does falls on both.

use serde::Serialize;
use terminal::{Console, table};

use crate::Error;
use crate::broker::Broker;
use crate::chain::{self, Chain};
use crate::cli::BenchHandoff;
use crate::floor::{self, BareLoops};
use crate::times::{per_second, quantile};

/// Runs before the measured ones, which find connections and caches cold.
const WARM_UP: u32 = 5;

/// What `tier0-bench handoff` found; times in milliseconds.
#[derive(Debug, Serialize)]
struct Report {
    hops: usize,
    p50_ms: f64,
    p99_ms: f64,
    floor_p50_ms: f64,
    floor_p99_ms: f64,
    ratio_p50: f64,
    throughput: Vec<Throughput>,
}

/// Handoffs of one stage, by its number of replicas.
#[derive(Debug, Serialize)]
struct Throughput {
    replicas: u16,
    handoffs_per_s: f64,
    floor_per_s: f64,
    ratio: f64,
}

/// Runs `tier0-bench handoff`: returns the exit code.
pub(crate) async fn handoff(arguments: &BenchHandoff, console: &Console) -> Result<u8, Error> {
    let server = fleet::NatsServer::find()?;
    let progress = console.progress("measuring handoffs");
    let report = measure(arguments, &server, &|what| progress.now(what)).await?;
    drop(progress);
    console.answer(&report, || render(&report))?;
    Ok(0)
}

async fn measure(
    arguments: &BenchHandoff,
    server: &fleet::NatsServer,
    tell: &dyn Fn(&str),
) -> Result<Report, Error> {
    let broker = Broker::start(server).await?;
    let bus = broker.connect("tier0-bench").await?;
    bus.setup(&bus::SetupOptions::default()).await?;
    let (mut hops, mut floor_hops) = (Vec::new(), Vec::new());
    {
        let mut chain = Chain::start(&broker, bus.clone()).await?;
        let messages = chain.messages().await?;
        let mut floor = BareLoops::start(&broker, messages).await?;
        for number in 0..arguments.runs.saturating_add(WARM_UP) {
            tell(&format!("run {number} through seven stages"));
            let (ours, bare) = (chain.run(number).await?, floor.run(number).await?);
            if number >= WARM_UP {
                hops.extend(ours);
                floor_hops.extend(bare);
            }
        }
        floor.end().await;
        chain.end().await;
    }
    let mut throughput = Vec::new();
    for &replicas in &arguments.replicas {
        tell(&format!("{} handoffs, {replicas} replicas", arguments.handoffs));
        let ours = chain::throughput(&broker, &bus, replicas, arguments.handoffs).await?;
        let bare = floor::throughput(&broker, &bus, replicas, arguments.handoffs).await?;
        let (handoffs_per_s, floor_per_s) = (per_second(&ours), per_second(&bare));
        throughput.push(Throughput {
            replicas,
            handoffs_per_s,
            floor_per_s,
            ratio: handoffs_per_s / floor_per_s,
        });
    }
    let (p50_ms, floor_p50_ms) = (quantile(&mut hops, 0.5), quantile(&mut floor_hops, 0.5));
    let report = Report {
        hops: hops.len(),
        p50_ms,
        p99_ms: quantile(&mut hops, 0.99),
        floor_p50_ms,
        floor_p99_ms: quantile(&mut floor_hops, 0.99),
        ratio_p50: p50_ms / floor_p50_ms,
        throughput,
    };
    broker.stop().await?;
    Ok(report)
}

fn render(report: &Report) -> String {
    let hop = |name: &str, p50: f64, p99: f64| {
        vec![name.to_owned(), format!("{p50:.2} ms"), format!("{p99:.2} ms")]
    };
    let hops = [
        hop("tier0", report.p50_ms, report.p99_ms),
        hop("bare async-nats", report.floor_p50_ms, report.floor_p99_ms),
    ];
    let rows: Vec<Vec<String>> = report
        .throughput
        .iter()
        .map(|of| {
            vec![
                of.replicas.to_string(),
                format!("{:.0}", of.handoffs_per_s),
                format!("{:.0}", of.floor_per_s),
                format!("{:.2}", of.ratio),
            ]
        })
        .collect();
    format!(
        "{}\n{} hops; {:.2} times the bare client at the median\n\n{}",
        table(&["a hop", "p50", "p99"], &hops),
        report.hops,
        report.ratio_p50,
        table(&["replicas", "handoffs/s", "bare/s", "ratio"], &rows)
    )
}
