//! The gates of a plan on what was measured.

use std::collections::BTreeMap;

use contracts::v1::{Analysis, AnalysisResult, RolloutPlan};

use crate::condition::Condition;

/// Fewest requests before an error rate aborts at once.
const MIN_ABORT_REQUESTS: f64 = 20.0;

/// Judges what was measured, and says why: by the analysis's own conditions where it has them, else by the plan's gates.
///
/// As in Argo Rollouts: failed where the failure condition holds, successful where the success condition does, inconclusive where neither; with a success condition alone, what does not meet it has failed, and with a failure condition alone, what does not meet that is successful.
pub(crate) fn judge(
    plan: &RolloutPlan,
    analysis: &Analysis,
    measured: &BTreeMap<String, f64>,
) -> (AnalysisResult, String) {
    if let Some(reason) = aborts(plan, measured) {
        return (AnalysisResult::Failed, reason);
    }
    let condition = |text: &str| {
        (!text.trim().is_empty()).then(|| Condition::parse(text).ok()?.holds(measured))
    };
    let success = condition(&analysis.success_condition);
    let failure = condition(&analysis.failure_condition);
    match (success, failure) {
        (None, None) => gates(plan, measured),
        (_, Some(Some(true))) => (
            AnalysisResult::Failed,
            format!("the failure condition holds: {}", analysis.failure_condition),
        ),
        (Some(Some(true)), _) => (
            AnalysisResult::Successful,
            format!("the success condition holds: {}", analysis.success_condition),
        ),
        (Some(Some(false)), None) => (
            AnalysisResult::Failed,
            format!("the success condition does not hold: {}", analysis.success_condition),
        ),
        (None, Some(Some(false))) => (
            AnalysisResult::Successful,
            format!("the failure condition does not hold: {}", analysis.failure_condition),
        ),
        _ => (
            AnalysisResult::Inconclusive,
            "neither condition decides: something they name was not measured, or neither holds"
                .to_owned(),
        ),
    }
}

/// Why a version goes back at once, if it does: too many of its requests fail, and more of them than of the baseline's.
#[must_use]
pub(crate) fn aborts(plan: &RolloutPlan, measured: &BTreeMap<String, f64>) -> Option<String> {
    let of = |name: &str| measured.get(name).copied();
    let (requests, rate) = (of("requests")?, of("error_rate")?);
    let limit = plan.abort_error_rate;
    let is_worse = of("baseline_error_rate").is_none_or(|baseline| rate > baseline);
    (requests >= MIN_ABORT_REQUESTS.min(plan.min_requests as f64) && rate > limit && is_worse)
        .then(|| format!("error_rate is {rate:.4}, above {limit} at which it goes back at once"))
}

fn gates(plan: &RolloutPlan, measured: &BTreeMap<String, f64>) -> (AnalysisResult, String) {
    let of = |name: &str| measured.get(name).copied();
    let Some(error_rate) = of("error_rate") else {
        return (AnalysisResult::Inconclusive, "there were no requests".to_owned());
    };
    let mut broken = Vec::new();
    if error_rate > plan.max_error_rate {
        broken.push(format!("error_rate is {error_rate:.4}, above {}", plan.max_error_rate));
    }
    // Slow machines make everything slow: what is as fast as the baseline is not too slow.
    if let Some(p99) = of("p99_ms")
        && p99 > plan.max_p99_ms
        && of("p99_ratio").is_none_or(|ratio| ratio > plan.max_p99_ratio)
    {
        let ratio = of("p99_ratio").map_or_else(String::new, |ratio| {
            format!(" and {ratio:.2} times the baseline's, above {}", plan.max_p99_ratio)
        });
        broken.push(format!("p99_ms is {p99:.2}, above {}{ratio}", plan.max_p99_ms));
    }
    if let Some(psi) = of("prediction_psi")
        && psi > plan.max_prediction_psi
    {
        broken.push(format!("prediction_psi is {psi:.3}, above {}", plan.max_prediction_psi));
    }
    if broken.is_empty() {
        (AnalysisResult::Successful, "every gate is met".to_owned())
    } else {
        (AnalysisResult::Failed, broken.join("; "))
    }
}

#[cfg(test)]
mod tests {
    use contracts::v1::DeploymentStrategy;

    use super::*;
    use crate::plan::filled;

    fn verdict_of(analysis: &Analysis, measured: &[(&str, f64)]) -> AnalysisResult {
        let plan = filled(None, DeploymentStrategy::Canary);
        let measured = measured.iter().map(|(name, value)| ((*name).to_owned(), *value)).collect();
        judge(&plan, analysis, &measured).0
    }

    #[test]
    fn the_plans_gates_judge() {
        use AnalysisResult::{Failed, Inconclusive, Successful};
        let gates = Analysis::default();
        let well =
            [("requests", 200.0), ("error_rate", 0.005), ("p99_ms", 3.0), ("p99_ratio", 9.0)];
        assert_eq!(verdict_of(&gates, &well), Successful, "nine times nothing is nothing");
        assert_eq!(verdict_of(&gates, &[("requests", 200.0), ("error_rate", 0.02)]), Failed);
        assert_eq!(verdict_of(&gates, &[("requests", 0.0)]), Inconclusive);
        let slow = [("requests", 200.0), ("error_rate", 0.0), ("p99_ms", 200.0)];
        assert_eq!(verdict_of(&gates, &slow), Failed);
        let both =
            [("requests", 200.0), ("error_rate", 0.0), ("p99_ms", 200.0), ("p99_ratio", 1.5)];
        assert_eq!(verdict_of(&gates, &both), Successful);
        let other = [("requests", 200.0), ("error_rate", 0.0), ("prediction_psi", 0.3)];
        assert_eq!(verdict_of(&gates, &other), Failed);
    }

    #[test]
    fn conditions_judge_as_in_argo() {
        use AnalysisResult::{Failed, Inconclusive, Successful};
        let analysis = |success: &str, failure: &str| Analysis {
            success_condition: success.to_owned(),
            failure_condition: failure.to_owned(),
            ..Analysis::default()
        };
        let measured = [("requests", 200.0), ("error_rate", 0.02)];
        let both = analysis("error_rate <= 0.01", "error_rate > 0.03");
        assert_eq!(verdict_of(&both, &measured), Inconclusive);
        assert_eq!(verdict_of(&analysis("error_rate <= 0.01", ""), &measured), Failed);
        assert_eq!(verdict_of(&analysis("", "error_rate > 0.03"), &measured), Successful);
        assert_eq!(verdict_of(&analysis("", "error_rate > 0.01"), &measured), Failed);
        assert_eq!(verdict_of(&analysis("accuracy > 0.5", ""), &measured), Inconclusive);
        let lenient = analysis("error_rate <= 0.9", "");
        let broken = [("requests", 200.0), ("error_rate", 0.2), ("baseline_error_rate", 0.0)];
        assert_eq!(verdict_of(&lenient, &broken), Failed, "it goes back at once");
        let everywhere = [("requests", 200.0), ("error_rate", 0.2), ("baseline_error_rate", 0.2)];
        assert_eq!(verdict_of(&lenient, &everywhere), Successful, "it is not the version");
    }
}
