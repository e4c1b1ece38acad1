//! What is counted of rollouts.

use contracts::v1::{AnalysisResult, DeploymentRecord, RolloutPhase};

const VERDICTS: &str = "tier0_rollout_verdicts_total";
const ENDED: &str = "tier0_rollouts_total";

/// Describes the metrics; once per process.
pub(crate) fn describe() {
    metrics::describe_counter!(VERDICTS, "Judgements on versions in rollouts, by result.");
    metrics::describe_counter!(ENDED, "Rollouts that ended, by how.");
}

/// Counts what a change of a record says.
pub(crate) fn changed(record: &DeploymentRecord) {
    let Some(rollout) = &record.rollout else { return };
    let endpoint = record.endpoint.clone();
    if let Some(verdict) =
        rollout.verdicts.last().filter(|verdict| verdict.at == rollout.measured_at)
    {
        let result = match verdict.result() {
            AnalysisResult::Successful => "successful",
            AnalysisResult::Failed => "failed",
            _ => "inconclusive",
        };
        metrics::counter!(VERDICTS, "endpoint" => endpoint.clone(), "result" => result)
            .increment(1);
    }
    let phase = match rollout.phase() {
        RolloutPhase::Succeeded => "succeeded",
        RolloutPhase::Failed => "failed",
        RolloutPhase::Aborted => "aborted",
        _ => return,
    };
    metrics::counter!(ENDED, "endpoint" => endpoint, "phase" => phase).increment(1);
}
