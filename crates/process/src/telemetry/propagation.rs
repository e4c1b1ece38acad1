//! The W3C trace context: from headers to spans, and from spans to headers.

use bus::Headers;
use bus::trace::TraceParent;
use opentelemetry::Context;
use opentelemetry::propagation::{Extractor, Injector, TextMapPropagator};
use opentelemetry::trace::{
    SpanContext, SpanId, TraceContextExt as _, TraceFlags, TraceId, TraceState,
};
use opentelemetry_sdk::propagation::TraceContextPropagator;
use tracing::Span;
use tracing_opentelemetry::OpenTelemetrySpanExt as _;

/// Variable by which a caller gives a process its trace, as OpenTelemetry has it for command lines.
const ENVIRONMENT: &str = "TRACEPARENT";

/// Makes `span` a part of the trace that the headers carry, where they do.
pub fn continue_trace(span: &Span, headers: &Headers) {
    if bus::trace::extract(headers).is_some() {
        parent(span, TraceContextPropagator::new().extract(&Carrier(headers)));
    }
}

/// Makes `span` a part of a trace.
pub fn continue_from(span: &Span, given: TraceParent) {
    let flags = if given.sampled { TraceFlags::SAMPLED } else { TraceFlags::default() };
    let remote = SpanContext::new(
        TraceId::from(given.trace_id),
        SpanId::from(given.span_id),
        flags,
        true,
        TraceState::default(),
    );
    parent(span, Context::new().with_remote_span_context(remote));
}

fn parent(span: &Span, context: Context) {
    if let Err(error) = span.set_parent(context) {
        tracing::trace!(%error, "the trace could not be continued");
    }
}

/// Puts the current span's trace into headers, so that what they cause belongs to it.
pub fn inject_trace(headers: &mut Headers) {
    let context = Span::current().context();
    TraceContextPropagator::new().inject_context(&context, &mut MutableCarrier(headers));
}

/// The current span as the parent of what is caused elsewhere, where it is recorded.
#[must_use]
pub fn current_trace() -> Option<TraceParent> {
    let context = Span::current().context();
    let span = context.span().span_context().clone();
    span.is_valid().then(|| TraceParent {
        trace_id: u128::from_be_bytes(span.trace_id().to_bytes()),
        span_id: u64::from_be_bytes(span.span_id().to_bytes()),
        sampled: span.is_sampled(),
    })
}

/// A caller's trace, where it sent one that is recorded: only then is a request worth a span.
#[must_use]
pub fn recorded(traceparent: Option<&str>) -> Option<TraceParent> {
    traceparent?.parse().ok().filter(|parent: &TraceParent| parent.sampled)
}

/// The trace that this process was started in, where `TRACEPARENT` tells of one.
#[must_use]
pub fn parent_in_environment() -> Option<TraceParent> {
    std::env::var(ENVIRONMENT).ok()?.parse().ok()
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
