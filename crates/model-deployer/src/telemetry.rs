//! What is counted of rollouts.

use contracts::messages::{AnalysisResult, DeploymentRecord, RolloutPhase};

const VERDICTS: &str = "tier0_rollout_verdicts_total";
const ENDED: &str = "tier0_rollouts_total";

/// Describes the metrics; once per process.
pub(crate) fn describe() {
    metrics::describe_counter!(VERDICTS, "Judgements on versions in rollouts, by result.");
    metrics::describe_counter!(ENDED, "Rollouts that ended, by how.");
}

/// Counts what a change of a record adds: judgements, and the end of a rollout.
pub(crate) fn changed(before: &DeploymentRecord, record: &DeploymentRecord) {
    let Some(rollout) = &record.rollout else { return };
    let known = before.rollout.as_ref();
    let endpoint = record.endpoint.clone();
    let last = rollout.verdicts.last();
    if let Some(verdict) = last.filter(|_| last != known.and_then(|known| known.verdicts.last())) {
        let result = match verdict.result() {
            AnalysisResult::Successful => "successful",
            AnalysisResult::Failed => "failed",
            _ => "inconclusive",
        };
        metrics::counter!(VERDICTS, "endpoint" => endpoint.clone(), "result" => result)
            .increment(1);
    }
    if known.is_some_and(|known| known.phase() == rollout.phase()) {
        return;
    }
    let phase = match rollout.phase() {
        RolloutPhase::Succeeded => "succeeded",
        RolloutPhase::Failed => "failed",
        RolloutPhase::Aborted => "aborted",
        _ => return,
    };
    metrics::counter!(ENDED, "endpoint" => endpoint, "phase" => phase).increment(1);
}
