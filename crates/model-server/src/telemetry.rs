//! Names of the metrics, and the handles that requests count on.

use metrics::{Counter, Histogram, Unit};

const REQUESTS: &str = "tier0_inference_requests_total";
const ROWS: &str = "tier0_inference_rows_total";
const ERRORS: &str = "tier0_inference_errors_total";
const SECONDS: &str = "tier0_inference_request_duration_seconds";
const EVENTS_DROPPED: &str = "tier0_prediction_events_dropped_total";
const EVENTS_FAILED: &str = "tier0_prediction_events_failed_total";
const EVENTS_PUBLISHED: &str = "tier0_prediction_events_published_total";
const MIRRORED_DROPPED: &str = "tier0_mirrored_requests_dropped_total";
const LOADED: &str = "tier0_model_versions_loaded";

/// Endpoint label of requests that name one that is not known; their names would be labels without bound.
const UNKNOWN: &str = "unknown";

/// Describes the metrics; once per process.
pub fn describe() {
    metrics::describe_counter!(REQUESTS, "Requests that were answered with predictions.");
    metrics::describe_counter!(ROWS, "Rows that were predicted.");
    metrics::describe_counter!(ERRORS, "Requests that were refused or failed, by kind.");
    metrics::describe_histogram!(
        SECONDS,
        Unit::Seconds,
        "Time from a request's last byte to its answer."
    );
    metrics::describe_counter!(
        EVENTS_DROPPED,
        "Answers that left no prediction event because the queue was full."
    );
    metrics::describe_counter!(EVENTS_FAILED, "Prediction events that could not be published.");
    metrics::describe_counter!(EVENTS_PUBLISHED, "Prediction events that were published.");
    metrics::describe_counter!(
        MIRRORED_DROPPED,
        "Copies of requests that shadows did not get because too many waited."
    );
    metrics::describe_gauge!(LOADED, "Versions that are loaded, by endpoint.");
    for counter in [events_dropped(), events_failed(), events_published()] {
        counter.absolute(0);
    }
}

/// Counters of one version, looked up once.
#[derive(Clone)]
pub struct Meters {
    requests: Counter,
    rows: Counter,
    seconds: Histogram,
}

impl std::fmt::Debug for Meters {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("Meters")
    }
}

impl Meters {
    /// Counters of a version of an endpoint.
    pub fn new(endpoint: &str, version: u32) -> Self {
        let labels = [("endpoint", endpoint.to_owned()), ("version", version.to_string())];
        Self {
            requests: metrics::counter!(REQUESTS, &labels),
            rows: metrics::counter!(ROWS, &labels),
            seconds: metrics::histogram!(SECONDS, &labels),
        }
    }

    /// Counts an answer.
    pub fn answered(&self, rows: usize, seconds: f64) {
        self.requests.increment(1);
        self.rows.increment(rows as u64);
        self.seconds.record(seconds);
    }
}

/// Counts a refusal; `endpoint` where the request named one that is known.
pub fn refused(endpoint: Option<&str>, kind: &'static str) {
    let endpoint = endpoint.unwrap_or(UNKNOWN).to_owned();
    metrics::counter!(ERRORS, "endpoint" => endpoint, "kind" => kind).increment(1);
}

/// Says how many versions of an endpoint are loaded.
pub fn loaded(endpoint: &str, versions: usize) {
    metrics::gauge!(LOADED, "endpoint" => endpoint.to_owned()).set(versions as f64);
}

/// Copies of requests that shadows did not get.
pub fn mirrored_dropped() -> Counter {
    metrics::counter!(MIRRORED_DROPPED)
}

/// Answers without an event.
pub fn events_dropped() -> Counter {
    metrics::counter!(EVENTS_DROPPED)
}

/// Events that could not be published.
pub fn events_failed() -> Counter {
    metrics::counter!(EVENTS_FAILED)
}

/// Events that were published.
pub fn events_published() -> Counter {
    metrics::counter!(EVENTS_PUBLISHED)
}
