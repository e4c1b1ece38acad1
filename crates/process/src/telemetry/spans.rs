//! Spans by OpenTelemetry's semantic conventions: of messages (`messaging.*`) and of requests (`http.*`, `rpc.*`).
//!
//! What logs show as well are fields of the span; what only a trace needs are attributes, which no log line carries.

use contracts::names;
use contracts::subjects::Subject;
use opentelemetry::trace::Status;
use tracing::{Span, field};
use tracing_opentelemetry::OpenTelemetrySpanExt as _;

/// A message, as its span tells of it.
#[derive(Debug, Clone, Copy)]
pub struct MessageFacts<'a> {
    /// NATS subject of the message.
    pub subject: &'a str,
    /// Its identity, where it has one.
    pub id: Option<&'a str>,
    /// Bytes of its body; 0 where that is not known yet.
    pub bytes: usize,
}

/// The span of publishing a message, from the first attempt to the broker's confirmation.
pub fn sending(message: MessageFacts<'_>) -> Span {
    let place = Destination::from_subject(message.subject);
    let span = tracing::info_span!(
        "send",
        otel.name = format!("send {}", place.name),
        otel.kind = "producer"
    );
    describe(&span, "send", message, &place);
    span
}

/// The span of working on a message that a consumer gave, with the fields of its run: `stage`, `attempt`, and what its subject
/// tells.
pub fn processing(message: MessageFacts<'_>, stage: &'static str, attempt: u64) -> Span {
    let place = Destination::from_subject(message.subject);
    let span = tracing::info_span!(
        "process",
        otel.name = format!("process {}", place.name),
        otel.kind = "consumer",
        stage,
        attempt,
        run_id = field::Empty,
        epoch = field::Empty
    );
    describe(&span, "process", message, &place);
    if let Some(consumer) = &place.consumer {
        span.set_attribute("messaging.consumer.group.name", consumer.clone());
    }
    span.set_attribute("tier0.agent", stage);
    span.set_attribute("tier0.attempt", i64::try_from(attempt).unwrap_or(i64::MAX));
    if let Some((run, epoch)) = place.run {
        span.record("run_id", run.as_str());
        span.record("epoch", epoch);
        span.set_attribute("tier0.run_id", run);
        span.set_attribute("tier0.epoch", i64::from(epoch));
    }
    span
}

/// The span of answering an HTTP request. `route` is the path with placeholders.
pub fn http_request(method: &str, route: &str, path: &str) -> Span {
    let span = tracing::info_span!(
        "request",
        otel.name = format!("{method} {route}"),
        otel.kind = "server"
    );
    span.set_attribute("http.request.method", method.to_owned());
    span.set_attribute("http.route", route.to_owned());
    span.set_attribute("url.path", path.to_owned());
    span
}

/// Says how an HTTP request was answered; what is the server's fault is an error.
pub fn http_answered(span: &Span, status: u16) {
    if span.is_disabled() {
        return;
    }
    span.set_attribute("http.response.status_code", i64::from(status));
    if status >= 500 {
        span.set_attribute("error.type", status.to_string());
        span.set_status(Status::error(""));
    }
}

/// The span of answering a call by gRPC.
pub fn rpc_request(service: &'static str, method: &'static str) -> Span {
    let span = tracing::info_span!(
        "request",
        otel.name = format!("{service}/{method}"),
        otel.kind = "server"
    );
    span.set_attribute("rpc.system", "grpc");
    span.set_attribute("rpc.service", service);
    span.set_attribute("rpc.method", method);
    span
}

/// Says how a call by gRPC was answered, by the number of its status; what is the server's fault is an error.
pub fn rpc_answered(span: &Span, status: i32) {
    /// UNKNOWN, DEADLINE_EXCEEDED, UNIMPLEMENTED, INTERNAL, UNAVAILABLE, DATA_LOSS: errors of a server by the conventions.
    const OF_THE_SERVER: [i32; 6] = [2, 4, 12, 13, 14, 15];
    if span.is_disabled() {
        return;
    }
    span.set_attribute("rpc.grpc.status_code", i64::from(status));
    if OF_THE_SERVER.contains(&status) {
        span.set_attribute("error.type", status.to_string());
        span.set_status(Status::error(""));
    }
}

/// Adds what is known of the current span to it.
pub fn attribute(name: &'static str, value: impl Into<opentelemetry::Value>) {
    Span::current().set_attribute(name, value);
}

/// Says which run the current span is of, once that is known.
pub fn of_run(run: &str) {
    let span = Span::current();
    span.record("run_id", run);
    span.set_attribute("tier0.run_id", run.to_owned());
}

/// Says how what the span is of ended, where it did not fail.
pub fn ended(outcome: &'static str) {
    Span::current().set_attribute("tier0.outcome", outcome);
}

/// Says that what the current span is of failed: with a code of low cardinality and a sentence.
pub fn failed(code: &str, message: &str) {
    let span = Span::current();
    span.set_attribute("error.type", code.to_owned());
    span.set_status(Status::error(message.to_owned()));
}

fn describe(span: &Span, operation: &'static str, message: MessageFacts<'_>, place: &Destination) {
    if span.is_disabled() {
        return;
    }
    span.set_attribute("messaging.system", "nats");
    span.set_attribute("messaging.operation.name", operation);
    span.set_attribute("messaging.operation.type", operation);
    span.set_attribute("messaging.destination.name", message.subject.to_owned());
    if let Some(template) = &place.template {
        span.set_attribute("messaging.destination.template", template.clone());
    }
    if let Some(id) = message.id {
        span.set_attribute("messaging.message.id", id.to_owned());
    }
    if message.bytes > 0 {
        let bytes = i64::try_from(message.bytes).unwrap_or(i64::MAX);
        span.set_attribute("messaging.message.body.size", bytes);
    }
}

/// Where a message goes, of low cardinality.
struct Destination {
    /// The subject without what is particular to one run or endpoint.
    name: String,
    /// The subject with that as placeholders, where there is any.
    template: Option<String>,
    run: Option<(String, u32)>,
    /// The durable consumer that gives it.
    consumer: Option<String>,
}

impl Destination {
    fn from_subject(subject: &str) -> Self {
        let kept = |tokens: usize| {
            let mut tokens = subject.splitn(tokens + 1, '.').take(tokens);
            tokens.next().into_iter().chain(tokens).collect::<Vec<_>>().join(".")
        };
        let parsed = Subject::parse(subject);
        let consumer = match &parsed {
            Ok(Subject::Handoff { lane, agent, .. }) => Some(names::consumer(*agent, *lane)),
            Ok(Subject::Request) => Some(names::INTAKE_CONSUMER.to_owned()),
            Ok(Subject::Prediction { .. }) => Some(names::PREDICTIONS_CONSUMER.to_owned()),
            _ => None,
        };
        let (name, rest, run) = match parsed {
            Ok(Subject::Handoff { run, epoch, .. } | Subject::Result { run, epoch }) => {
                (kept(4), ".{run}.{epoch}", Some((run.to_string(), epoch)))
            }
            Ok(Subject::Event { run, .. }) => (kept(4), ".{run}", Some((run.to_string(), 0))),
            Ok(Subject::DeadLetter { .. }) => (kept(4), ".{run}", None),
            Ok(Subject::Prediction { .. }) => (kept(3), ".{endpoint}", None),
            Ok(Subject::Request) => (subject.to_owned(), "", None),
            Err(_) => (kept(3), "", None),
        };
        let template = (!rest.is_empty()).then(|| format!("{name}{rest}"));
        Self { name, template, run, consumer }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test")]

    use contracts::{Agent, Lane, RunId, subjects};

    use super::*;

    #[test]
    fn names_of_spans_are_few_and_templates_say_what_was_left_out() {
        let run = RunId::new("r1").unwrap();
        for (subject, name, template) in [
            (
                subjects::handoff_in(Lane::Low, Agent::ModelTrainer, &run, 2),
                "tier0.v1.handoff-low.model-trainer".to_owned(),
                Some(".{run}.{epoch}"),
            ),
            (subjects::result(&run, 0), "tier0.v1.result.end".to_owned(), Some(".{run}.{epoch}")),
            (
                subjects::prediction("churn").unwrap(),
                "tier0.v1.prediction".to_owned(),
                Some(".{endpoint}"),
            ),
            (subjects::REQUEST.to_owned(), subjects::REQUEST.to_owned(), None),
            ("tier0.v1.feedback.churn".to_owned(), "tier0.v1.feedback".to_owned(), None),
        ] {
            let place = Destination::from_subject(&subject);
            assert_eq!(place.name, name);
            assert_eq!(place.template, template.map(|rest| format!("{name}{rest}")));
        }
        let place = Destination::from_subject(&subjects::handoff(Agent::ModelTrainer, &run, 2));
        assert_eq!(place.run, Some(("r1".to_owned(), 2)));
    }
}
