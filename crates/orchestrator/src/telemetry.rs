//! What is counted and measured: of runs, and of the broker's queues, which no other process looks at as a whole.

use api::health::{Component, Status};
use bus::{ConsumerState, StreamState};
use metrics::{
    Unit, counter, describe_counter, describe_gauge, describe_histogram, gauge, histogram,
};
use runs::ledger::{Ledger, RunStatus, RunView};

const RUNS: &str = "tier0_ledger_runs";
const RUNS_ENDED: &str = "tier0_runs_ended_total";
const RUN_SECONDS: &str = "tier0_run_duration_seconds";
const RUNS_EXPIRED: &str = "tier0_runs_expired_total";
const RECORDS: &str = "tier0_ledger_records_total";
const UNREADABLE: &str = "tier0_ledger_unreadable_total";
const FEED_RESTARTS: &str = "tier0_ledger_feed_restarts_total";
const UNATTENDED: &str = "tier0_stage_unattended";
const REPLICAS: &str = "tier0_stage_replicas";
const PENDING: &str = "tier0_consumer_pending_messages";
const UNACKNOWLEDGED: &str = "tier0_consumer_unacknowledged_messages";
const MESSAGES: &str = "tier0_stream_messages";
const BYTES: &str = "tier0_stream_bytes";
const HEALTHY: &str = "tier0_component_healthy";
const LINEAGE_EVENTS: &str = "tier0_lineage_events_total";
const LINEAGE_SEQUENCE: &str = "tier0_lineage_sequence";
const TRACKING_RUNS: &str = "tier0_tracking_runs_total";
const UPLOADS: &str = "tier0_uploads_total";
const UNNAMED: &str = "tier0_retention_unnamed_artifacts";
const UNNAMED_BYTES: &str = "tier0_retention_unnamed_bytes";
const REMOVED: &str = "tier0_retention_removed_artifacts_total";
const REMOVED_BYTES: &str = "tier0_retention_removed_bytes_total";
const LOOKS: &str = "tier0_retention_looks_total";

/// Describes the metrics, and shows counts from the beginning; once per process.
pub(crate) fn begin() {
    describe_gauge!(RUNS, "Runs that the ledger knows, by status");
    describe_counter!(RUNS_ENDED, "Runs that ended while this process ran, by status");
    describe_histogram!(RUN_SECONDS, Unit::Seconds, "Time from a run's request to its end");
    describe_counter!(RUNS_EXPIRED, "Runs that were ended because their deadline had passed");
    describe_counter!(RECORDS, "Messages that were taken into the ledger");
    describe_counter!(UNREADABLE, "Messages that could not be read");
    describe_counter!(FEED_RESTARTS, "How often the stream's consumer was made again");
    describe_gauge!(UNATTENDED, "1 while a stage has handoffs that no agent takes");
    describe_gauge!(REPLICAS, "Replicas of a stage that live");
    describe_gauge!(PENDING, "Messages that a consumer has not delivered yet");
    describe_gauge!(UNACKNOWLEDGED, "Messages that a consumer delivered and that are not settled");
    describe_gauge!(MESSAGES, "Messages that a stream keeps");
    describe_gauge!(BYTES, Unit::Bytes, "Bytes that a stream keeps");
    describe_gauge!(HEALTHY, "1 while a required part of the fleet is healthy");
    describe_counter!(LINEAGE_EVENTS, "Lineage events, by outcome");
    describe_gauge!(LINEAGE_SEQUENCE, "The last message of the stream whose lineage was told");
    describe_counter!(TRACKING_RUNS, "Runs that MLflow was told of, by outcome");
    describe_counter!(UPLOADS, "Tables that were sent, by outcome");
    describe_gauge!(UNNAMED, "Artifacts that nothing named at the last look");
    describe_gauge!(
        UNNAMED_BYTES,
        Unit::Bytes,
        "Size of the artifacts that nothing named at the last look"
    );
    describe_counter!(REMOVED, "Artifacts that were removed because nothing named them");
    describe_counter!(REMOVED_BYTES, Unit::Bytes, "Size of the artifacts that were removed");
    describe_counter!(LOOKS, "Looks for artifacts that nothing names, by outcome");
    for status in RunStatus::IN_THE_LEDGER.into_iter().filter(|status| status.is_final()) {
        counter!(RUNS_ENDED, "status" => status.as_str()).absolute(0);
    }
    for name in [RUNS_EXPIRED, RECORDS, UNREADABLE, FEED_RESTARTS, REMOVED, REMOVED_BYTES] {
        counter!(name).absolute(0);
    }
}

/// Counts a table that was sent: stored, refused for what it is, or not taken for another reason.
pub(crate) fn table_sent(taken: Result<(), &upload::Error>) {
    let outcome = match taken {
        Ok(()) => "stored",
        Err(error) if error.is_about_the_file() => "refused",
        Err(_) => "failed",
    };
    counter!(UPLOADS, "outcome" => outcome).increment(1);
}

/// Shows what a look has found that nothing names.
#[allow(clippy::cast_precision_loss, reason = "a gauge")]
pub(crate) fn artifacts_unnamed(artifacts: usize, bytes: u64) {
    gauge!(UNNAMED).set(number(artifacts));
    gauge!(UNNAMED_BYTES).set(bytes as f64);
    counter!(LOOKS, "outcome" => "done").increment(1);
}

/// Counts artifacts that were removed.
pub(crate) fn artifacts_removed(artifacts: usize, bytes: u64) {
    counter!(REMOVED).increment(artifacts as u64);
    counter!(REMOVED_BYTES).increment(bytes);
    artifacts_unnamed(0, 0);
}

/// Counts a look that did not come to its end.
pub(crate) fn artifacts_not_collected(outcome: &'static str) {
    counter!(LOOKS, "outcome" => outcome).increment(1);
}

pub(crate) fn show_runs(ledger: &Ledger) {
    let counts = ledger.counts();
    for status in RunStatus::IN_THE_LEDGER {
        let count = counts.get(&status).copied().unwrap_or_default();
        gauge!(RUNS, "status" => status.as_str()).set(number(count));
    }
}

/// Counts the end of a run.
pub(crate) fn run_ended(run: &RunView) {
    let status = run.status.as_str();
    counter!(RUNS_ENDED, "status" => status).increment(1);
    if let Some(seconds) = run.seconds {
        histogram!(RUN_SECONDS, "status" => status).record(seconds);
    }
}

pub(crate) fn run_expired() {
    counter!(RUNS_EXPIRED).increment(1);
}

pub(crate) fn record_taken() {
    counter!(RECORDS).increment(1);
}

pub(crate) fn record_unreadable() {
    counter!(UNREADABLE).increment(1);
}

pub(crate) fn feed_restarted() {
    counter!(FEED_RESTARTS).increment(1);
}

pub(crate) fn unattended(stage: &'static str, is_unattended: bool) {
    gauge!(UNATTENDED, "stage" => stage).set(if is_unattended { 1.0 } else { 0.0 });
}

pub(crate) fn replicas(stage: &'static str, count: usize) {
    gauge!(REPLICAS, "stage" => stage).set(number(count));
}

/// Shows what waits at a consumer.
pub(crate) fn consumer(stream: &str, durable: &str, state: ConsumerState) {
    let labels = [("stream", stream.to_owned()), ("consumer", durable.to_owned())];
    #[allow(clippy::cast_precision_loss, reason = "a gauge")]
    gauge!(PENDING, &labels).set(state.pending as f64);
    gauge!(UNACKNOWLEDGED, &labels).set(number(state.unsettled));
}

/// Shows what a stream keeps.
#[allow(clippy::cast_precision_loss, reason = "gauges")]
pub(crate) fn stream(name: &'static str, state: StreamState) {
    gauge!(MESSAGES, "stream" => name).set(state.messages as f64);
    gauge!(BYTES, "stream" => name).set(state.bytes as f64);
}

/// Shows which of the required parts are healthy: they are always the same.
pub(crate) fn health(components: &[Component]) {
    for component in components.iter().filter(|component| component.required) {
        let labels = [("kind", component.kind.clone()), ("component", component.name.clone())];
        let healthy = component.status == Status::Healthy;
        gauge!(HEALTHY, &labels).set(if healthy { 1.0 } else { 0.0 });
    }
}

pub(crate) fn lineage_event(outcome: &'static str) {
    counter!(LINEAGE_EVENTS, "outcome" => outcome).increment(1);
}

#[allow(clippy::cast_precision_loss, reason = "a gauge")]
pub(crate) fn lineage_sequence(sequence: u64) {
    gauge!(LINEAGE_SEQUENCE).set(sequence as f64);
}

pub(crate) fn tracked_run(outcome: &'static str) {
    counter!(TRACKING_RUNS, "outcome" => outcome).increment(1);
}

#[allow(clippy::cast_precision_loss, reason = "a gauge")]
fn number(count: usize) -> f64 {
    count as f64
}
