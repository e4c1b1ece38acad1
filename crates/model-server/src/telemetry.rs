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
const EXPLAINED: &str = "tier0_explained_rows_total";
const CACHE_HITS: &str = "tier0_bundle_cache_hits_total";
const CACHE_MISSES: &str = "tier0_bundle_cache_misses_total";
const CACHE_EVICTIONS: &str = "tier0_bundle_cache_evictions_total";
const CACHE_BYTES: &str = "tier0_bundle_cache_bytes";
const CONNECTIONS: &str = "tier0_inference_connections";

/// Endpoint label of requests that name one that is not known; their names would be labels without bound.
const UNKNOWN: &str = "unknown";
/// Version label of requests that were refused before one was settled.
const NO_VERSION: &str = "none";

/// Describes the metrics; once per process.
pub(crate) fn describe() {
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
    metrics::describe_counter!(EXPLAINED, "Rows that were explained.");
    metrics::describe_counter!(CACHE_HITS, "Bundles that were wanted and still loaded.");
    metrics::describe_counter!(CACHE_MISSES, "Bundles that were wanted and had to be fetched.");
    metrics::describe_counter!(
        CACHE_EVICTIONS,
        "Bundles given up though they were loaded, for want of room (bytes) or use (age)."
    );
    metrics::describe_gauge!(
        CACHE_BYTES,
        Unit::Bytes,
        "Bundles that are loaded: in_use, or warm, named by no record any more."
    );
    metrics::describe_gauge!(CONNECTIONS, "REST connections that are open.");
    for counter in [cache_hits(), cache_misses(), cache_evictions("bytes"), cache_evictions("age")]
    {
        counter.absolute(0);
    }
    begin_refusals(UNKNOWN, NO_VERSION);
    for counter in [events_dropped(), events_failed(), events_published(), mirrored_dropped()] {
        counter.absolute(0);
    }
}

/// Every kind of refusal, as [`InferError::kind`](crate::error::InferError::kind) names them.
const KINDS: [&str; 7] =
    ["not_found", "unavailable", "overloaded", "timed_out", "internal", "too_large", "invalid"];

/// Begins the counts of refusals at 0: what an alert sums and compares has to be there before the first one.
fn begin_refusals(endpoint: &str, version: &str) {
    for kind in KINDS {
        let (endpoint, version) = (endpoint.to_owned(), version.to_owned());
        metrics::counter!(ERRORS, "endpoint" => endpoint, "version" => version, "kind" => kind)
            .increment(0);
    }
}

/// Counters of one version, looked up once.
#[derive(Clone)]
pub(crate) struct Meters {
    requests: Counter,
    rows: Counter,
    seconds: Histogram,
    explained: Counter,
}

impl std::fmt::Debug for Meters {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("Meters")
    }
}

impl Meters {
    /// Counters of a version of an endpoint.
    pub(crate) fn new(endpoint: &str, version: u32) -> Self {
        begin_refusals(endpoint, &version.to_string());
        let labels = [("endpoint", endpoint.to_owned()), ("version", version.to_string())];
        Self {
            requests: metrics::counter!(REQUESTS, &labels),
            rows: metrics::counter!(ROWS, &labels),
            seconds: metrics::histogram!(SECONDS, &labels),
            explained: metrics::counter!(EXPLAINED, &labels),
        }
    }

    /// Counts rows that were explained.
    pub(crate) fn explained(&self, rows: usize) {
        self.explained.increment(rows as u64);
    }

    /// Counts an answered request, its rows and the time that it took, in seconds.
    pub(crate) fn answered(&self, rows: usize, seconds: f64) {
        self.requests.increment(1);
        self.rows.increment(rows as u64);
        self.seconds.record(seconds);
    }
}

/// Whom a request is for, as far as that is settled.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct RequestLabels<'a> {
    /// The endpoint, where the request names one that is known.
    pub(crate) endpoint: Option<&'a str>,
    /// The version that was to answer.
    pub(crate) version: Option<u32>,
}

/// Counts a request that was not answered, by endpoint, version and kind of error.
pub(crate) fn refused(request_labels: RequestLabels<'_>, kind: &'static str) {
    let endpoint = request_labels.endpoint.unwrap_or(UNKNOWN).to_owned();
    let version = request_labels.version.map_or_else(|| NO_VERSION.to_owned(), |it| it.to_string());
    metrics::counter!(ERRORS, "endpoint" => endpoint, "version" => version, "kind" => kind)
        .increment(1);
}

/// Bundles that were wanted and still loaded.
pub(crate) fn cache_hits() -> Counter {
    metrics::counter!(CACHE_HITS)
}

/// Bundles that were wanted and had to be fetched.
pub(crate) fn cache_misses() -> Counter {
    metrics::counter!(CACHE_MISSES)
}

/// Bundles given up though they were loaded.
pub(crate) fn cache_evictions(reason: &'static str) -> Counter {
    metrics::counter!(CACHE_EVICTIONS, "reason" => reason)
}

/// Says how many bytes of bundles are loaded.
pub(crate) fn cache_bytes(in_use: u64, warm: u64) {
    metrics::gauge!(CACHE_BYTES, "state" => "in_use").set(in_use as f64);
    metrics::gauge!(CACHE_BYTES, "state" => "warm").set(warm as f64);
}

/// REST connections that are open.
pub(crate) fn connections() -> metrics::Gauge {
    metrics::gauge!(CONNECTIONS)
}

/// Says how many versions of an endpoint are loaded.
pub(crate) fn loaded(endpoint: &str, versions: usize) {
    begin_refusals(endpoint, NO_VERSION);
    metrics::gauge!(LOADED, "endpoint" => endpoint.to_owned()).set(versions as f64);
}

/// Copies of requests that shadows did not get.
pub(crate) fn mirrored_dropped() -> Counter {
    metrics::counter!(MIRRORED_DROPPED)
}

/// Answers without an event.
pub(crate) fn events_dropped() -> Counter {
    metrics::counter!(EVENTS_DROPPED)
}

/// Events that could not be published.
pub(crate) fn events_failed() -> Counter {
    metrics::counter!(EVENTS_FAILED)
}

/// Events that were published.
pub(crate) fn events_published() -> Counter {
    metrics::counter!(EVENTS_PUBLISHED)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::InferError;

    #[test]
    fn every_kind_of_refusal_begins_at_zero() {
        for error in [
            InferError::UnknownModel { model: String::new() },
            InferError::NotReady { model: String::new() },
            InferError::Overloaded,
            InferError::Draining,
            InferError::TimedOut,
            InferError::DeadlineExceeded,
            InferError::internal("x"),
            InferError::TooLarge { limit: 1 },
            InferError::ContentEncoding,
            InferError::EmptyBatch,
        ] {
            assert!(KINDS.contains(&error.kind()), "{error}");
        }
    }
}
