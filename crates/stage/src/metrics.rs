//! What a stage counts, by its Prometheus name.

use std::time::Duration;

use contracts::DeadLetterKind;
use metrics::{
    Unit, counter, describe_counter, describe_gauge, describe_histogram, gauge, histogram,
};

/// Handoffs whose handling ended, by `outcome`: `success`, `partial`, `failed`, `rejected`, `superseded` (the run had gone on
/// or had ended).
const HANDOFFS: &str = "tier0_handoffs_total";
const SECONDS: &str = "tier0_stage_duration_seconds";
/// Every delivery that is worked on, the first of a handoff and its repetitions.
const ATTEMPTS: &str = "tier0_stage_attempts_total";
const RETRIES: &str = "tier0_stage_retries_total";
const REUSED: &str = "tier0_steps_reused_total";
const DEAD_LETTERS: &str = "tier0_dead_letters_total";
const IN_FLIGHT: &str = "tier0_stage_in_flight";

/// How the handling of a handoff can end.
const OUTCOMES: [&str; 5] = ["success", "partial", "failed", "rejected", "superseded"];

/// Shows a stage's counts from the beginning, so that the first one counted is seen as an increase.
pub(crate) fn begin(stage: &'static str) {
    describe_counter!(HANDOFFS, "Handoffs whose handling ended, by outcome");
    describe_histogram!(SECONDS, Unit::Seconds, "Time of a stage's own work");
    describe_counter!(ATTEMPTS, "Deliveries of handoffs that were worked on");
    describe_counter!(RETRIES, "Handoffs given back to be repeated");
    describe_counter!(REUSED, "Handoffs whose work had been done before");
    describe_counter!(DEAD_LETTERS, "Messages put aside, by reason");
    describe_gauge!(IN_FLIGHT, "Handoffs that are being worked on");
    for outcome in OUTCOMES {
        counter!(HANDOFFS, "stage" => stage, "outcome" => outcome).absolute(0);
    }
    for name in [ATTEMPTS, RETRIES, REUSED] {
        counter!(name, "stage" => stage).absolute(0);
    }
    gauge!(IN_FLIGHT, "stage" => stage).set(0.0);
}

pub(crate) fn attempted(stage: &'static str) {
    counter!(ATTEMPTS, "stage" => stage).increment(1);
}

pub(crate) fn ended(stage: &'static str, outcome: &'static str) {
    counter!(HANDOFFS, "stage" => stage, "outcome" => outcome).increment(1);
}

pub(crate) fn record_duration(stage: &'static str, elapsed: Duration) {
    histogram!(SECONDS, "stage" => stage).record(elapsed.as_secs_f64());
}

pub(crate) fn retried(stage: &'static str) {
    counter!(RETRIES, "stage" => stage).increment(1);
}

pub(crate) fn reused(stage: &'static str) {
    counter!(REUSED, "stage" => stage).increment(1);
}

/// Counts a message that a stage puts aside, by what kind of message it is and the code of the reason.
pub fn dead_lettered(stage: &'static str, kind: DeadLetterKind, reason: &str) {
    let (kind, reason) = (kind.as_str(), reason.to_owned());
    counter!(DEAD_LETTERS, "stage" => stage, "kind" => kind, "reason" => reason).increment(1);
}

/// Counts one handoff as being worked on while it lives.
#[derive(Debug)]
pub(crate) struct InFlight(&'static str);

impl InFlight {
    pub(crate) fn new(stage: &'static str) -> Self {
        gauge!(IN_FLIGHT, "stage" => stage).increment(1.0);
        Self(stage)
    }
}

impl Drop for InFlight {
    fn drop(&mut self) {
        gauge!(IN_FLIGHT, "stage" => self.0).decrement(1.0);
    }
}
