//! How log lines look.

use std::fmt;

use opentelemetry::Context;
use opentelemetry::trace::TraceContextExt as _;
use serde::{Serialize, Serializer};
use serde_json::{Map, Value};
use tracing::field::{Field, Visit};
use tracing::{Event, Subscriber};
use tracing_subscriber::field::RecordFields;
use tracing_subscriber::fmt::format::{FormatEvent, FormatFields, JsonFields, Writer};
use tracing_subscriber::fmt::time::{FormatTime as _, SystemTime};
use tracing_subscriber::fmt::{FmtContext, FormattedFields};
use tracing_subscriber::registry::LookupSpan;

/// Fields that only exporters understand.
const FOR_EXPORT: &str = "otel.";
/// Fields of the formatter's own; an event's field of that name is put behind `field.`.
const RESERVED: [&str; 6] = ["timestamp", "level", "target", "trace_id", "span_id", "span"];

/// Fields for people: as the library writes them, without what is for exporters alone.
pub(super) struct Text;

impl<'w> FormatFields<'w> for Text {
    fn format_fields<R: RecordFields>(&self, mut writer: Writer<'w>, fields: R) -> fmt::Result {
        let mut visitor = TextVisitor { writer: &mut writer, begun: false, result: Ok(()) };
        fields.record(&mut visitor);
        visitor.result
    }
}

struct TextVisitor<'a, 'w> {
    writer: &'a mut Writer<'w>,
    begun: bool,
    result: fmt::Result,
}

impl Visit for TextVisitor<'_, '_> {
    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        let name = field.name();
        if self.result.is_err() || name.starts_with(FOR_EXPORT) {
            return;
        }
        let blank = if self.begun { " " } else { "" };
        self.begun = true;
        self.result = match name {
            "message" => write!(self.writer, "{blank}{value:?}"),
            name => write!(self.writer, "{blank}{name}={value:?}"),
        };
    }
}

/// One JSON object per line: the event's fields, what the spans around it know of the run, and their place in the trace.
pub(super) struct Json;

impl<S> FormatEvent<S, JsonFields> for Json
where
    S: Subscriber + for<'a> LookupSpan<'a>,
{
    fn format_event(
        &self,
        context: &FmtContext<'_, S, JsonFields>,
        mut writer: Writer<'_>,
        event: &Event<'_>,
    ) -> fmt::Result {
        let metadata = event.metadata();
        let mut time = String::new();
        SystemTime.format_time(&mut Writer::new(&mut time))?;
        let mut fields = Fields(Map::new());
        event.record(&mut fields);
        let mut around = Map::new();
        let mut name = None;
        for span in context.event_scope().into_iter().flat_map(|scope| scope.from_root()) {
            name = Some(span.name());
            let extensions = span.extensions();
            let known = extensions.get::<FormattedFields<JsonFields>>();
            let known = known.and_then(|known| serde_json::from_str::<Map<_, _>>(known).ok());
            around.extend(known.into_iter().flatten());
        }
        around.retain(|name, _| !name.starts_with(FOR_EXPORT));
        let mut line = Line(vec![
            ("timestamp".to_owned(), time.into()),
            ("level".to_owned(), metadata.level().as_str().into()),
            ("target".to_owned(), metadata.target().into()),
        ]);
        // Where a line belongs stands in one place, whatever span it was written in.
        if let Some(run) = around.get("run_id").filter(|_| !fields.0.contains_key("run_id")) {
            line.0.push(("run_id".to_owned(), run.clone()));
        }
        Context::map_current(|context| {
            let span = context.span().span_context().clone();
            if span.is_valid() {
                line.0.push(("trace_id".to_owned(), span.trace_id().to_string().into()));
                line.0.push(("span_id".to_owned(), span.span_id().to_string().into()));
            }
        });
        for (name, value) in fields.0 {
            let reserved = RESERVED.contains(&name.as_str());
            line.0.push((if reserved { format!("field.{name}") } else { name }, value));
        }
        if let Some(name) = name {
            around.insert("name".to_owned(), name.into());
            line.0.push(("span".to_owned(), around.into()));
        }
        let line = serde_json::to_string(&line).map_err(|_| fmt::Error)?;
        writeln!(writer, "{line}")
    }
}

/// Members in their order.
struct Line(Vec<(String, Value)>);

impl Serialize for Line {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.0.iter().map(|(name, value)| (name, value)))
    }
}

struct Fields(Map<String, Value>);

impl Fields {
    fn put(&mut self, field: &Field, value: Value) {
        if !field.name().starts_with(FOR_EXPORT) {
            self.0.insert(field.name().to_owned(), value);
        }
    }
}

impl Visit for Fields {
    fn record_f64(&mut self, field: &Field, value: f64) {
        self.put(field, value.into());
    }

    fn record_i64(&mut self, field: &Field, value: i64) {
        self.put(field, value.into());
    }

    fn record_u64(&mut self, field: &Field, value: u64) {
        self.put(field, value.into());
    }

    fn record_bool(&mut self, field: &Field, value: bool) {
        self.put(field, value.into());
    }

    fn record_str(&mut self, field: &Field, value: &str) {
        self.put(field, value.into());
    }

    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        self.put(field, format!("{value:?}").into());
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test")]

    use std::io::Write;
    use std::sync::{Arc, Mutex};

    use opentelemetry::trace::TracerProvider as _;
    use opentelemetry_sdk::trace::SdkTracerProvider;
    use tracing_subscriber::Layer as _;
    use tracing_subscriber::layer::SubscriberExt as _;

    use super::*;

    #[derive(Clone, Default)]
    struct SharedBuffer(Arc<Mutex<Vec<u8>>>);

    impl Write for SharedBuffer {
        fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
            self.0.lock().unwrap().extend_from_slice(bytes);
            Ok(bytes.len())
        }

        fn flush(&mut self) -> std::io::Result<()> {
            Ok(())
        }
    }

    impl SharedBuffer {
        fn lines(&self) -> Vec<String> {
            let bytes = self.0.lock().unwrap().clone();
            String::from_utf8(bytes).unwrap().lines().map(str::to_owned).collect()
        }
    }

    fn work() {
        let span =
            tracing::info_span!("handoff", otel.kind = "consumer", stage = "x", run_id = "r1");
        span.in_scope(|| {
            let inner = tracing::info_span!("send", otel.name = "send tier0.v1.result");
            inner.in_scope(|| tracing::info!(rows = 3, level = "odd", what = ?"a", "handed on"));
            tracing::warn!(run_id = "r2", "another run");
        });
        tracing::info!("nothing in particular");
    }

    #[test]
    fn every_line_within_a_run_says_which_run_and_which_trace() {
        let kept = SharedBuffer::default();
        let writer = kept.clone();
        let logs = tracing_subscriber::fmt::layer()
            .with_writer(move || writer.clone())
            .json()
            .event_format(Json);
        let provider = SdkTracerProvider::builder().build();
        let traces = tracing_opentelemetry::layer().with_tracer(provider.tracer("test"));
        let subscriber = tracing_subscriber::registry().with(traces).with(logs.boxed());
        tracing::subscriber::with_default(subscriber, work);
        let lines: Vec<Value> =
            kept.lines().iter().map(|line| serde_json::from_str(line).unwrap()).collect();
        let [first, second, third] = lines.as_slice() else { unreachable!("{lines:#?}") };
        assert_eq!(first["run_id"], "r1", "from the span around the current one");
        assert_eq!(
            (&first["message"], &first["level"], &first["rows"]),
            (&"handed on".into(), &"INFO".into(), &3.into())
        );
        assert_eq!(first["field.level"], "odd");
        assert_eq!(first["trace_id"].as_str().unwrap().len(), 32);
        assert_eq!(first["trace_id"], second["trace_id"]);
        assert_ne!(first["span_id"], second["span_id"]);
        assert_eq!(
            first["span"],
            serde_json::json!({"name": "send", "stage": "x", "run_id": "r1"})
        );
        assert_eq!(second["run_id"], "r2", "what the event says itself");
        assert!(third.get("trace_id").is_none() && third.get("span").is_none(), "{third}");
    }

    #[test]
    fn a_line_for_people_leaves_out_what_is_for_exporters() {
        let kept = SharedBuffer::default();
        let writer = kept.clone();
        let logs = tracing_subscriber::fmt::layer()
            .with_writer(move || writer.clone())
            .with_ansi(false)
            .fmt_fields(Text);
        tracing::subscriber::with_default(tracing_subscriber::registry().with(logs), work);
        let lines = kept.lines();
        assert!(lines[0].contains(r#"handoff{stage="x" run_id="r1"}"#), "{}", lines[0]);
        assert!(lines[0].ends_with(r#"handed on rows=3 level="odd" what="a""#), "{}", lines[0]);
        assert!(!lines[0].contains("otel."), "{}", lines[0]);
    }
}
