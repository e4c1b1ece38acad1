//! `tier0-bench endpoints`: many endpoints of several versions in one model server. How long it takes to load them, what
//! memory they hold, and how long a switch takes until it answers.

use std::time::Duration;

use client::Client;
use serde::Serialize;
use serde_json::Value;
use terminal::Console;
use tokio::time::{Instant, sleep};

use super::deployed::{Deployed, Running};
use super::models::Learning;
use super::{io, middle, usage};
use crate::Error;
use crate::cli::BenchEndpoints;
use crate::times::quantile;

/// Longest time until all versions are loaded.
const LOAD_TIMEOUT: Duration = Duration::from_secs(600);
const SWITCH_TIMEOUT: Duration = Duration::from_secs(30);
/// Switches that are timed.
const SWITCHES: u32 = 20;

#[derive(Debug, Serialize)]
struct Report {
    endpoints: u32,
    versions: u32,
    trees: u32,
    /// Size of each bundle.
    bundle_kib: f64,
    ready_seconds: f64,
    /// From the start until every version answers.
    loaded_seconds: f64,
    cpu_seconds: f64,
    /// Resident memory with all versions, and of a server with none.
    resident_mib: f64,
    empty_mib: f64,
    mib_per_version: f64,
    /// From the change of a record until the other version answers.
    switch_p50_ms: f64,
    switch_max_ms: f64,
}

/// Runs `tier0-bench endpoints`: returns the exit code.
pub(crate) async fn endpoints(arguments: &BenchEndpoints, console: &Console) -> Result<u8, Error> {
    let progress = console.progress("measuring many endpoints");
    let deployed = Deployed::start().await?;
    let report = measure(arguments, &deployed, &|what| progress.now(what)).await;
    deployed.stop().await?;
    drop(progress);
    let report = report?;
    console.answer(&report, || {
        format!(
            "{} endpoints of {} versions, bundles of {:.0} KiB: all loaded after {:.1} s ({:.1} s of CPU)\n\
             resident memory {:.0} MiB ({:.2} MiB a version); a switch takes {:.0} ms, at most {:.0} ms",
            report.endpoints,
            report.versions,
            report.bundle_kib,
            report.loaded_seconds,
            report.cpu_seconds,
            report.resident_mib,
            report.mib_per_version,
            report.switch_p50_ms,
            report.switch_max_ms,
        )
    })?;
    Ok(0)
}

fn name(endpoint: u32) -> String {
    format!("endpoint-{endpoint}")
}

async fn measure(
    arguments: &BenchEndpoints,
    deployed: &Deployed,
    tell: &dyn Fn(&str),
) -> Result<Report, Error> {
    tell("a server without endpoints is looked at");
    let empty = deployed.serve("empty", false, LOAD_TIMEOUT).await?;
    let empty_mib = usage::resident_mib(empty.server.pid).map_err(io("read /proc"))?;
    drop(empty);
    tell("a model is learned");
    let learning = Learning::new(deployed.directory())?;
    let model = match arguments.trees {
        0 => learning.linear()?,
        trees => learning.boosting(trees)?,
    };
    tell("bundles are stored");
    let mut bundle_bytes = 0;
    for endpoint in 0..arguments.endpoints {
        let endpoint = name(endpoint);
        let mut versions = Vec::new();
        for version in 1..=arguments.versions {
            // Each bundle is another, so that nothing is shared.
            let bundle = learning.bundle(model.clone(), &format!("{endpoint} {version}"))?;
            bundle_bytes = bundle.len();
            versions.push(deployed.version(&endpoint, version, bundle).await?);
        }
        deployed
            .change(&endpoint, |record| {
                let mut versions = versions.iter().cloned();
                record.live = versions.next();
                record.previous = versions.next();
                record.green = versions.next();
            })
            .await?;
    }
    tell("the versions are loaded");
    let begun = Instant::now();
    let running = deployed.serve("many", false, LOAD_TIMEOUT).await?;
    let wanted = usize::try_from(arguments.endpoints.saturating_mul(arguments.versions));
    until_loaded(&running, wanted.unwrap_or(usize::MAX)).await?;
    let loaded_seconds = begun.elapsed().as_secs_f64();
    let cpu_seconds = usage::cpu_seconds(running.server.pid).map_err(io("read /proc"))?;
    let resident_mib = usage::resident_mib(running.server.pid).map_err(io("read /proc"))?;
    tell("versions are switched");
    let mut times = Vec::new();
    if arguments.versions > 1 {
        for switch in 0..SWITCHES {
            let endpoint = name(switch * 7 % arguments.endpoints);
            times.push(switched(deployed, &running, &endpoint).await?);
        }
    }
    let versions = f64::from(arguments.endpoints) * f64::from(arguments.versions);
    Ok(Report {
        endpoints: arguments.endpoints,
        versions: arguments.versions,
        trees: arguments.trees,
        bundle_kib: bundle_bytes as f64 / 1024.0,
        ready_seconds: running.ready_seconds,
        loaded_seconds,
        cpu_seconds,
        resident_mib,
        empty_mib,
        mib_per_version: (resident_mib - empty_mib) / versions,
        switch_p50_ms: middle(&times),
        switch_max_ms: quantile(&mut times, 1.0),
    })
}

/// Waits until so many versions are ready.
async fn until_loaded(running: &Running, wanted: usize) -> Result<(), Error> {
    let client = Client::new("model server", &running.server.url, None)?;
    let begun = Instant::now();
    loop {
        let index: Value = client.post("/v2/repository/index", &serde_json::json!({})).await?;
        let is_ready = |entry: &&Value| entry.get("state").and_then(Value::as_str) == Some("READY");
        let ready = index.as_array().map_or(0, |entries| entries.iter().filter(is_ready).count());
        if ready >= wanted {
            return Ok(());
        }
        if begun.elapsed() > LOAD_TIMEOUT {
            let what = format!("{wanted} versions, of which {ready} came,");
            return Err(Error::Lost { what, seconds: LOAD_TIMEOUT.as_secs() });
        }
        sleep(Duration::from_millis(100)).await;
    }
}

/// The time from a change of a record until the endpoint says that the other version is live, in milliseconds.
async fn switched(deployed: &Deployed, running: &Running, endpoint: &str) -> Result<f64, Error> {
    let client = Client::new("model server", &running.server.url, None)?;
    let path = format!("/v2/models/{endpoint}");
    let live = async || -> Result<String, Error> {
        let described: Value = client.get(&path).await?;
        let live = described.pointer("/parameters/live_version").and_then(Value::as_str);
        Ok(live.unwrap_or_default().to_owned())
    };
    let before = live().await?;
    let begun = Instant::now();
    deployed
        .change(endpoint, |record| std::mem::swap(&mut record.live, &mut record.previous))
        .await?;
    while live().await? == before {
        if begun.elapsed() > SWITCH_TIMEOUT {
            let what = format!("the other version of {endpoint}");
            return Err(Error::Lost { what, seconds: SWITCH_TIMEOUT.as_secs() });
        }
    }
    Ok(begun.elapsed().as_secs_f64() * 1e3)
}
