//! Logs and traces.

use std::io::IsTerminal;
use std::time::Duration;

use bus::Headers;
use opentelemetry::propagation::{Extractor, Injector, TextMapPropagator};
use opentelemetry::trace::TracerProvider as _;
use opentelemetry_otlp::WithExportConfig as _;
use opentelemetry_sdk::Resource;
use opentelemetry_sdk::propagation::TraceContextPropagator;
use opentelemetry_sdk::trace::SdkTracerProvider;
use tracing::Span;
use tracing_opentelemetry::OpenTelemetrySpanExt as _;
use tracing_subscriber::filter::ParseError;
use tracing_subscriber::layer::SubscriberExt as _;
use tracing_subscriber::util::{SubscriberInitExt as _, TryInitError};
use tracing_subscriber::{EnvFilter, Layer as _};

use crate::{CommonConfig, LogFormat, StartError, VERSION};

/// Ends the export of spans when the process ends.
#[derive(Debug)]
pub(crate) struct Telemetry {
    provider: SdkTracerProvider,
}

impl Telemetry {
    /// Sends what is left, within `limit`.
    pub(crate) fn end(self, limit: Duration) {
        if let Err(error) = self.provider.shutdown_with_timeout(limit) {
            tracing::debug!(%error, "spans could not be sent at the end");
        }
    }
}

/// The filter of a level or of directives.
pub(crate) fn filter(level: &str) -> Result<EnvFilter, ParseError> {
    EnvFilter::builder().parse(level)
}

/// Starts logs and traces of this process; once per process. Needs the async runtime for exporting spans.
pub(crate) fn start(
    common: &CommonConfig,
    name: &'static str,
    replica: &str,
) -> Result<Telemetry, StartError> {
    let failed = |what: &str, source: Box<dyn std::error::Error + Send + Sync>| {
        StartError::new(what, source)
    };
    let resource = Resource::builder()
        .with_service_name(name)
        .with_attributes([
            opentelemetry::KeyValue::new("service.version", VERSION),
            opentelemetry::KeyValue::new("service.instance.id", replica.to_owned()),
        ])
        .build();
    let mut provider = SdkTracerProvider::builder().with_resource(resource);
    if let Some(endpoint) = &common.otlp.endpoint {
        let exporter = opentelemetry_otlp::SpanExporter::builder()
            .with_tonic()
            .with_endpoint(endpoint.clone())
            .with_timeout(Duration::from_secs(5))
            .build()
            .map_err(|error| failed("cannot export spans to otlp.endpoint", error.into()))?;
        provider = provider.with_batch_exporter(exporter);
    }
    let provider = provider.build();
    // Without an exporter spans still carry the trace on in the headers.
    let traces = tracing_opentelemetry::layer().with_tracer(provider.tracer("tier0"));
    let level =
        filter(&common.log.level).map_err(|error| failed("cannot use log.level", error.into()))?;
    let stderr = tracing_subscriber::fmt::layer().with_writer(std::io::stderr);
    let logs = match common.log.format {
        LogFormat::Json => {
            stderr.json().flatten_event(true).with_current_span(true).with_span_list(false).boxed()
        }
        LogFormat::Text => stderr.with_ansi(std::io::stderr().is_terminal()).boxed(),
    };
    let started: Result<(), TryInitError> =
        tracing_subscriber::registry().with(traces).with(logs.with_filter(level)).try_init();
    started.map_err(|error| failed("cannot start logging", error.into()))?;
    std::panic::set_hook(Box::new(|panic| {
        let place = panic.location().map(ToString::to_string).unwrap_or_default();
        let message = crate::cpu::panic_message(panic.payload());
        tracing::error!(place, message, "panic");
    }));
    Ok(Telemetry { provider })
}

/// Makes `span` a part of the trace that the headers carry, where they do.
pub fn continue_trace(span: &Span, headers: &Headers) {
    if bus::trace::extract(headers).is_some() {
        let parent = TraceContextPropagator::new().extract(&Carrier(headers));
        if let Err(error) = span.set_parent(parent) {
            tracing::trace!(%error, "the trace could not be continued");
        }
    }
}

/// Puts the current span's trace into headers, so that what they cause belongs to it.
pub fn inject_trace(headers: &mut Headers) {
    let context = Span::current().context();
    TraceContextPropagator::new().inject_context(&context, &mut MutableCarrier(headers));
}

struct Carrier<'a>(&'a Headers);

impl Extractor for Carrier<'_> {
    fn get(&self, key: &str) -> Option<&str> {
        self.0.get(key).map(|value| value.as_str())
    }

    fn keys(&self) -> Vec<&str> {
        vec![bus::trace::TRACEPARENT, bus::trace::TRACESTATE]
    }
}

struct MutableCarrier<'a>(&'a mut Headers);

impl Injector for MutableCarrier<'_> {
    fn set(&mut self, key: &str, value: String) {
        if !value.is_empty() {
            self.0.insert(key, value.as_str());
        }
    }
}
