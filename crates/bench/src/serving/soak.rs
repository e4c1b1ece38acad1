//! `tier0-bench soak`: half of what the model server can take, for long; its memory stays, and no request fails.
//!
//! Memory is looked at every second. The first fifth of the time is not judged: threads, buffers and caches grow to
//! what the load needs. Of the rest, the middle value of the last quarter may exceed that of the first quarter by 5 %,
//! or by 2 MiB where that is more.

use std::time::Duration;

use serde::Serialize;
use terminal::Console;

use super::fleet::Fleet;
use super::load::{self, Load};
use super::{RoundTotals, io, middle, target, turn, usage};
use crate::Error;
use crate::cli::BenchSoak;

/// Time in which the most requests per second are found.
const SEARCH: Duration = Duration::from_secs(3);
const SAMPLE_INTERVAL: Duration = Duration::from_secs(1);
/// Growth that is none.
const SHARE: f64 = 0.05;
const MIN_MIB: f64 = 2.0;

#[derive(Debug, Serialize)]
struct Report {
    seconds: f64,
    requests: u64,
    errors: u64,
    first_error: Option<String>,
    most_requests_per_s: f64,
    requests_per_s: f64,
    p50_ms: f64,
    p99_ms: f64,
    /// Resident memory of the model server: the middle of the first and of the last quarter that are judged, and the
    /// most of all.
    begin_mib: f64,
    end_mib: f64,
    most_mib: f64,
    is_flat: bool,
}

/// Runs `tier0-bench soak`: returns the exit code.
pub(crate) async fn soak(arguments: &BenchSoak, console: &Console) -> Result<u8, Error> {
    let progress = console.progress("soaking the model server");
    let fleet = Fleet::up(&arguments.model, &|what| progress.now(what)).await?;
    let measured = measure(arguments, &fleet, &|what| progress.now(what)).await;
    fleet.down().await?;
    drop(progress);
    let report = measured?;
    console.answer(&report, || {
        format!(
            "{} requests in {:.0} s ({:.0}/s of {:.0}/s), {} errors{}; p50 {:.3} ms, p99 {:.3} ms\n\
             resident memory {:.1} MiB, at the end {:.1} MiB, at most {:.1} MiB: {}",
            report.requests,
            report.seconds,
            report.requests_per_s,
            report.most_requests_per_s,
            report.errors,
            report.first_error.as_deref().map(|error| format!(" ({error})")).unwrap_or_default(),
            report.p50_ms,
            report.p99_ms,
            report.begin_mib,
            report.end_mib,
            report.most_mib,
            if report.is_flat { "flat" } else { "it grows" },
        )
    })?;
    Ok(u8::from(!report.is_flat || report.errors > 0))
}

async fn measure(
    arguments: &BenchSoak,
    fleet: &Fleet,
    tell: &dyn Fn(&str),
) -> Result<Report, Error> {
    let bodies = fleet.bodies(super::DISTINCT, 1)?;
    let target = target(&fleet.recording, &bodies)?;
    let connections = usize::from(arguments.connections);
    let full = Load { connections, time: SEARCH, rate: None };
    let mut search = RoundTotals::default();
    for _ in 0..3 {
        search.take(&turn(&target, full).await?, 0.0);
    }
    let most = middle(&search.per_second);
    let (time, rate) = (Duration::from_secs_f64(arguments.seconds), most / 2.0);
    tell(&format!("{rate:.0} requests per second for {:.0} s", time.as_secs_f64()));
    let mut resident = Vec::new();
    let pid = fleet.recording.pid;
    let soaking = load::run(&target, Load { time, rate: Some(rate), ..full });
    tokio::pin!(soaking);
    let mut every = tokio::time::interval(SAMPLE_INTERVAL);
    let measured = loop {
        tokio::select! {
            measured = &mut soaking => break measured.map_err(io("put a load on"))?,
            _ = every.tick() => resident.push(usage::resident_mib(pid).map_err(io("read /proc"))?),
        }
    };
    let (begin, end) = ends(&resident);
    Ok(Report {
        seconds: measured.seconds,
        requests: measured.latencies.count(),
        errors: measured.errors,
        most_requests_per_s: most,
        requests_per_s: measured.per_second(),
        p50_ms: measured.latencies.quantile_ms(0.5),
        p99_ms: measured.latencies.quantile_ms(0.99),
        begin_mib: begin,
        end_mib: end,
        most_mib: resident.iter().copied().fold(0.0, f64::max),
        is_flat: is_flat(begin, end),
        first_error: measured.first_error,
    })
}

/// The middle of the first and of the last quarter, after a first fifth that is left out.
fn ends(resident: &[f64]) -> (f64, f64) {
    let judged = resident.get(resident.len() / 5..).unwrap_or_default();
    let quarter = judged.len().div_ceil(4);
    let last = judged.len().saturating_sub(quarter);
    let of = |part: Option<&[f64]>| middle(part.unwrap_or_default());
    (of(judged.get(..quarter)), of(judged.get(last..)))
}

fn is_flat(begin: f64, end: f64) -> bool {
    end - begin <= (begin * SHARE).max(MIN_MIB)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_leak_is_told_from_a_warm_up() {
        let warm: Vec<f64> = (0..100).map(|second| f64::from(second.min(15)) + 20.0).collect();
        let (begin, end) = ends(&warm);
        assert!(is_flat(begin, end), "{begin} {end}");
        let leak: Vec<f64> = (0..100).map(|second| 20.0 + f64::from(second) * 0.05).collect();
        let (begin, end) = ends(&leak);
        assert!(!is_flat(begin, end), "{begin} {end}");
    }
}
