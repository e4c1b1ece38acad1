//! What every process shows at `/metrics`, by its Prometheus name.

use std::time::{SystemTime, UNIX_EPOCH};

use metrics::{Unit, describe_counter, describe_gauge, gauge};
use metrics_exporter_prometheus::{Matcher, PrometheusBuilder, PrometheusHandle};

use crate::{StartError, VERSION};

const BUILD: &str = "tier0_build_info";
const STARTED: &str = "process_start_time_seconds";
const MEMORY: &str = "process_resident_memory_bytes";
const OPEN_FILES: &str = "process_open_fds";
const CPU: &str = "process_cpu_seconds_total";
const CONNECTED: &str = "tier0_bus_connected";
const FULL: &str = "tier0_bus_storage_full";
/// These two are counted by the bus.
const REFUSALS: &str = "tier0_bus_storage_refusals_total";
const EVENTS: &str = "tier0_bus_events_total";

const BUCKETS: [f64; 14] =
    [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 15.0, 60.0, 300.0, 1800.0];

/// What a model server answers is timed more finely: from 50 microseconds on.
const INFERENCE: &str = "tier0_inference_request_duration_seconds";
const INFERENCE_BUCKETS: [f64; 16] = [
    0.00005, 0.0001, 0.00025, 0.0005, 0.001, 0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0,
    5.0, 30.0,
];

/// Starts counting; once per process.
pub(crate) fn start(name: &'static str, replica: &str) -> Result<PrometheusHandle, StartError> {
    let failed = |error: metrics_exporter_prometheus::BuildError| {
        StartError::new("cannot start metrics", error)
    };
    let recorder = PrometheusBuilder::new()
        .set_buckets_for_metric(Matcher::Suffix("_seconds".to_owned()), &BUCKETS)
        .map_err(failed)?
        .set_buckets_for_metric(Matcher::Full(INFERENCE.to_owned()), &INFERENCE_BUCKETS)
        .map_err(failed)?
        .build_recorder();
    let handle = recorder.handle();
    metrics::set_global_recorder(recorder)
        .map_err(|error| StartError::new("cannot start metrics", error.to_string()))?;
    describe_gauge!(BUILD, "1, with the version as a label");
    describe_gauge!(STARTED, Unit::Seconds, "When the process began, since 1970");
    describe_gauge!(MEMORY, Unit::Bytes, "Resident memory");
    describe_gauge!(OPEN_FILES, "Open file descriptors");
    describe_gauge!(CONNECTED, "1 while there is a connection to the broker");
    describe_gauge!(FULL, "1 while the broker has no room for what this process stores");
    describe_counter!(REFUSALS, "What the broker did not store for want of room");
    describe_counter!(EVENTS, "What happened to the connection to the broker, by kind");
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    gauge!(STARTED).set(since.as_secs_f64());
    gauge!(BUILD, "process" => name, "replica" => replica.to_owned(), "version" => VERSION)
        .set(1.0);
    Ok(handle)
}

/// All that has been counted, and what is measured when it is asked for.
pub(crate) fn render(handle: &PrometheusHandle, connected: bool, full: bool) -> String {
    gauge!(CONNECTED).set(if connected { 1.0 } else { 0.0 });
    gauge!(FULL).set(if full { 1.0 } else { 0.0 });
    if let Some(bytes) = resident_bytes() {
        gauge!(MEMORY).set(bytes);
    }
    if let Ok(files) = std::fs::read_dir("/proc/self/fd") {
        gauge!(OPEN_FILES).set(f64::from(u32::try_from(files.count()).unwrap_or(u32::MAX)));
    }
    handle.run_upkeep();
    let mut text = handle.render();
    // Counters of the library are whole numbers.
    if let Some(seconds) = cpu_seconds() {
        text.push_str(&format!(
            "# HELP {CPU} Processor time, of the user and of the system\n# TYPE {CPU} counter\n{CPU} {seconds}\n"
        ));
    }
    text
}

/// User and system time, the 14th and 15th field of `/proc/self/stat`, in the hundredths of a second that Linux shows there.
fn cpu_seconds() -> Option<f64> {
    let stat = std::fs::read_to_string("/proc/self/stat").ok()?;
    // The name of the program, which may hold blanks, is in parentheses.
    let (_, fields) = stat.rsplit_once(')')?;
    let mut times = fields.split_whitespace().skip(11).map(str::parse::<u32>);
    let (user, system) = (times.next()?.ok()?, times.next()?.ok()?);
    Some((f64::from(user) + f64::from(system)) / 100.0)
}

/// The second field of `/proc/self/statm`, in pages of 4 KiB.
fn resident_bytes() -> Option<f64> {
    let statm = std::fs::read_to_string("/proc/self/statm").ok()?;
    let pages: u32 = statm.split_whitespace().nth(1)?.parse().ok()?;
    Some(f64::from(pages) * 4096.0)
}
