//! Logs of a command on standard error, and its spans where a collector is named.

use process::telemetry::{Telemetry, TelemetryOptions, start_telemetry};
use process::{LogFormat, OtlpConfig, StartError};
use tracing_subscriber::EnvFilter;

/// Starts them for the program `name`: warnings, and more with each `verbose` up to 2, unless `RUST_LOG` says otherwise.
///
/// # Errors
/// Where the endpoint of `otlp` is none, or logs were started before.
pub fn start(name: &'static str, verbose: u8, otlp: &OtlpConfig) -> Result<Telemetry, StartError> {
    let level = match verbose {
        0 => "warn",
        1 => "info",
        _ => "debug",
    };
    let instance = std::process::id().to_string();
    start_telemetry(TelemetryOptions {
        name,
        instance: &instance,
        filter: EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new(level)),
        format: LogFormat::Text,
        otlp,
        carries_traces: false,
    })
}
