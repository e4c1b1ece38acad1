//! Logs and traces.
//!
//! ```text
//! spans  ─▶ headers (W3C traceparent) ─▶ the next process
//!      └──▶ otlp.endpoint, where one is set
//! events ─▶ standard error: text for people, or one JSON object per line with run_id, trace_id and span_id
//! ```

mod logs;
mod propagation;
pub mod spans;

use std::io::IsTerminal;
use std::time::Duration;

use opentelemetry::KeyValue;
use opentelemetry::trace::TracerProvider as _;
use opentelemetry_otlp::WithExportConfig as _;
use opentelemetry_sdk::Resource;
use opentelemetry_sdk::trace::{Sampler, SdkTracerProvider};
use tracing_subscriber::filter::{LevelFilter, ParseError};
use tracing_subscriber::layer::SubscriberExt as _;
use tracing_subscriber::util::{SubscriberInitExt as _, TryInitError};
use tracing_subscriber::{EnvFilter, Layer as _};

use crate::{LogFormat, OtlpConfig, StartError, VERSION};

pub use propagation::{
    continue_from, continue_trace, current_trace, inject_trace, parent_in_environment, recorded,
};

/// Longest time that one export may take.
const EXPORT: Duration = Duration::from_secs(5);

/// How a process tells of itself.
#[derive(Debug)]
pub struct TelemetryOptions<'a> {
    /// Its name: an agent's, a service's, or that of the command line.
    pub name: &'static str,
    /// This process among its like.
    pub instance: &'a str,
    /// Filter of log events, by level and target.
    pub filter: EnvFilter,
    /// How log lines look.
    pub format: LogFormat,
    /// Endpoint and sampling of the exported spans.
    pub otlp: &'a OtlpConfig,
    /// Whether spans are made although they go nowhere, so that what this process takes from one message it gives to the next.
    pub carries_traces: bool,
}

/// Ends the export of spans when the process ends.
#[derive(Debug)]
pub struct Telemetry {
    provider: SdkTracerProvider,
}

impl Telemetry {
    /// Sends what is left, within `limit`.
    pub fn end(self, limit: Duration) {
        if let Err(error) = self.provider.shutdown_with_timeout(limit) {
            tracing::debug!(%error, "spans could not be sent at the end");
        }
    }
}

/// The filter of a level or of directives.
pub(crate) fn filter(level: &str) -> Result<EnvFilter, ParseError> {
    EnvFilter::builder().parse(level)
}

/// Starts logs and traces of this process; once per process, within its async runtime, which exports spans.
///
/// # Errors
/// Where `otlp.endpoint` is none, or logging has been started before.
pub fn start_telemetry(options: TelemetryOptions<'_>) -> Result<Telemetry, StartError> {
    let provider = provider(&options)?;
    let is_traced = options.carries_traces || options.otlp.endpoint.is_some();
    let traces = is_traced.then(|| {
        tracing_opentelemetry::layer()
            .with_tracer(provider.tracer("tier0"))
            .with_location(false)
            .with_threads(false)
            .with_tracked_inactivity(false)
            // Below are the libraries' own spans, which would be many and of which the export itself makes some.
            .with_filter(LevelFilter::INFO)
    });
    let stderr = tracing_subscriber::fmt::layer().with_writer(std::io::stderr);
    let logs = match options.format {
        LogFormat::Json => stderr.json().event_format(logs::Json).boxed(),
        LogFormat::Text => {
            stderr.with_ansi(std::io::stderr().is_terminal()).fmt_fields(logs::Text).boxed()
        }
    };
    let started: Result<(), TryInitError> = tracing_subscriber::registry()
        .with(traces)
        .with(logs.with_filter(options.filter))
        .try_init();
    started.map_err(|error| StartError::new("cannot start logging", error))?;
    Ok(Telemetry { provider })
}

fn provider(options: &TelemetryOptions<'_>) -> Result<SdkTracerProvider, StartError> {
    let resource = Resource::builder()
        .with_service_name(options.name)
        .with_attributes([
            KeyValue::new("service.namespace", "tier0"),
            KeyValue::new("service.version", VERSION),
            KeyValue::new("service.instance.id", options.instance.to_owned()),
        ])
        .build();
    // What a caller has decided holds; the share is of the traces that begin here.
    let share = Sampler::TraceIdRatioBased(options.otlp.sample_ratio);
    let mut provider = SdkTracerProvider::builder()
        .with_resource(resource)
        .with_sampler(Sampler::ParentBased(Box::new(share)));
    if let Some(endpoint) = &options.otlp.endpoint {
        let exporter = opentelemetry_otlp::SpanExporter::builder()
            .with_tonic()
            .with_endpoint(endpoint.expose())
            .with_timeout(EXPORT)
            .build()
            .map_err(|error| StartError::new("cannot export spans to otlp.endpoint", error))?;
        provider = provider.with_batch_exporter(exporter);
    }
    Ok(provider.build())
}

/// Has panics told in the log, as what else happens.
pub(crate) fn log_panics() {
    std::panic::set_hook(Box::new(|panic| {
        let place = panic.location().map(ToString::to_string).unwrap_or_default();
        // The message of a decoder may repeat values of what it reads.
        if guard::is_decoding() {
            tracing::warn!(place, code = "source_malformed", "a decoder broke off");
            return;
        }
        let message = crate::panic_message(panic.payload());
        tracing::error!(place, message, "panic");
    }));
}
