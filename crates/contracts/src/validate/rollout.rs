//! Rollouts: how they are asked for, and where they stand.

use super::checks;
use crate::v1::{
    Analysis, AnalysisResult, BreakerState, DeploymentStrategy, EnsembleMethod, Pause, Rollout,
    RolloutPhase, RolloutPlan, RolloutStep, Routing, RoutingMode, Share, Silence, Verdict,
    VersionTraffic, rollout_step,
};
use crate::{ALL_SHARES, ContractError, FieldError, FieldPath, Validate};

/// Most steps of a canary.
const MAX_STEPS: usize = 100;
/// Most versions that take part in an endpoint's routing.
pub(super) const MAX_MEMBERS: usize = 16;
/// Longest time of a rollout, and of a part of it: 30 days.
const MAX_SECONDS: f64 = 30.0 * 86_400.0;
/// Most buckets of a distribution.
const MAX_BUCKETS: usize = 1024;
/// Most judgements that are kept.
const MAX_VERDICTS: usize = 100;

impl Validate for RolloutPlan {
    fn validate_at(&self, at: &FieldPath<'_>) -> Result<(), ContractError> {
        let steps = at.field("steps");
        checks::at_most(&steps, self.steps.len(), MAX_STEPS)?;
        checks::each(&steps, &self.steps)?;
        increasing(&steps, &self.steps)?;
        checks::in_range(
            &at.field("weight"),
            self.weight < 100,
            "1 to 99 per cent, or 0 for the default",
        )?;
        checks::share(&at.field("max_error_rate"), self.max_error_rate)?;
        checks::share(&at.field("abort_error_rate"), self.abort_error_rate)?;
        checks::not_negative(&at.field("max_p99_ms"), self.max_p99_ms)?;
        checks::not_negative(&at.field("max_p99_ratio"), self.max_p99_ratio)?;
        checks::not_negative(&at.field("max_prediction_psi"), self.max_prediction_psi)?;
        seconds(&at.field("max_seconds"), self.max_seconds)?;
        checks::optional_choice::<Silence>(&at.field("on_silence"), self.on_silence)?;
        checks::text(&at.field("metric"), &self.metric, checks::MAX_IDENTIFIER)?;
        checks::share(&at.field("significance"), self.significance)?;
        checks::optional_choice::<EnsembleMethod>(&at.field("ensemble"), self.ensemble)?;
        Ok(())
    }
}

/// A canary's share only grows; what shrinks it is a verdict.
fn increasing(at: &FieldPath<'_>, steps: &[RolloutStep]) -> Result<(), ContractError> {
    let mut before = 0;
    for (index, step) in steps.iter().enumerate() {
        if let Some(rollout_step::Step::SetWeight(weight)) = step.step {
            checks::consistent(&at.index(index).field("set_weight"), weight > before, || {
                format!("more than {before}, which an earlier step sets")
            })?;
            before = weight;
        }
    }
    Ok(())
}

fn seconds(at: &FieldPath<'_>, value: f64) -> Result<(), ContractError> {
    checks::not_negative(at, value)?;
    checks::in_range(at, value <= MAX_SECONDS, "at most 2592000 seconds (30 days)")
}

impl Validate for RolloutStep {
    fn validate_at(&self, at: &FieldPath<'_>) -> Result<(), ContractError> {
        match &self.step {
            Some(rollout_step::Step::SetWeight(weight)) => {
                let holds = (1..=100).contains(weight);
                checks::in_range(&at.field("set_weight"), holds, "1 to 100 per cent")
            }
            Some(rollout_step::Step::Pause(pause)) => pause.validate_at(&at.field("pause")),
            Some(rollout_step::Step::Analysis(analysis)) => {
                analysis.validate_at(&at.field("analysis"))
            }
            None => Err(at
                .refuse(FieldError::Missing { expected: "one of set_weight, pause and analysis" })),
        }
    }
}

impl Validate for Pause {
    fn validate_at(&self, at: &FieldPath<'_>) -> Result<(), ContractError> {
        seconds(&at.field("seconds"), self.seconds)
    }
}

impl Validate for Analysis {
    fn validate_at(&self, at: &FieldPath<'_>) -> Result<(), ContractError> {
        checks::text(&at.field("success_condition"), &self.success_condition, checks::MAX_TEXT)?;
        checks::text(&at.field("failure_condition"), &self.failure_condition, checks::MAX_TEXT)?;
        seconds(&at.field("interval_seconds"), self.interval_seconds)?;
        checks::in_range(&at.field("count"), self.count <= 10_000, "at most 10000")
    }
}

impl Validate for Routing {
    fn validate_at(&self, at: &FieldPath<'_>) -> Result<(), ContractError> {
        let mode = checks::optional_choice::<RoutingMode>(&at.field("mode"), self.mode)?;
        let shares = at.field("shares");
        checks::at_most(&shares, self.shares.len(), MAX_MEMBERS)?;
        checks::each(&shares, &self.shares)?;
        once(&shares, self.shares.iter().map(|share| share.version))?;
        let sum: u64 = self.shares.iter().map(|share| u64::from(share.weight)).sum();
        let expected = if mode == RoutingMode::Unspecified { 0 } else { u64::from(ALL_SHARES) };
        checks::consistent(&shares, sum == expected, || {
            format!("weights that add up to {expected}, not {sum}")
        })?;
        let shadows = at.field("shadows");
        checks::at_most(&shadows, self.shadows.len(), MAX_MEMBERS)?;
        for (index, version) in self.shadows.iter().enumerate() {
            checks::in_range(&shadows.index(index), *version > 0, "1 or more")?;
        }
        once(&shadows, self.shadows.iter().copied())?;
        checks::text(&at.field("salt"), &self.salt, checks::MAX_IDENTIFIER)?;
        checks::optional_choice::<EnsembleMethod>(&at.field("ensemble"), self.ensemble)?;
        checks::finite(&at.field("intercept"), self.intercept)
    }
}

/// Each version once; the first repetition is refused by its index.
fn once(at: &FieldPath<'_>, versions: impl Iterator<Item = u32>) -> Result<(), ContractError> {
    let mut seen = std::collections::BTreeSet::new();
    for (index, version) in versions.enumerate() {
        if !seen.insert(version) {
            return Err(at.index(index).refuse(FieldError::Repeated));
        }
    }
    Ok(())
}

impl Validate for Share {
    fn validate_at(&self, at: &FieldPath<'_>) -> Result<(), ContractError> {
        checks::in_range(&at.field("version"), self.version > 0, "1 or more")?;
        checks::in_range(&at.field("weight"), self.weight <= ALL_SHARES, "at most 10000")?;
        checks::finite(&at.field("coefficient"), self.coefficient)
    }
}

impl Validate for Rollout {
    fn validate_at(&self, at: &FieldPath<'_>) -> Result<(), ContractError> {
        checks::choice::<DeploymentStrategy>(&at.field("strategy"), self.strategy)?;
        let candidate = at.field("candidate");
        checks::required(&candidate, self.candidate.as_ref(), "the version")?;
        checks::required(&at.field("plan"), self.plan.as_ref(), "the plan")?;
        checks::choice::<RolloutPhase>(&at.field("phase"), self.phase)?;
        checks::required_time(&at.field("started_at"), self.started_at.as_ref())?;
        checks::required_time(&at.field("step_started_at"), self.step_started_at.as_ref())?;
        checks::text(&at.field("message"), &self.message, checks::MAX_TEXT)?;
        let verdicts = at.field("verdicts");
        checks::at_most(&verdicts, self.verdicts.len(), MAX_VERDICTS)?;
        checks::each(&verdicts, &self.verdicts)?;
        checks::share(&at.field("p_value"), self.p_value)
    }
}

impl Validate for Verdict {
    fn validate_at(&self, at: &FieldPath<'_>) -> Result<(), ContractError> {
        checks::required_time(&at.field("at"), self.at.as_ref())?;
        checks::choice::<AnalysisResult>(&at.field("result"), self.result)?;
        checks::text(&at.field("reason"), &self.reason, checks::MAX_TEXT)?;
        checks::finite_map(&at.field("evidence"), &self.evidence)
    }
}

impl Validate for VersionTraffic {
    fn validate_at(&self, at: &FieldPath<'_>) -> Result<(), ContractError> {
        checks::in_range(&at.field("version"), self.version > 0, "1 or more")?;
        let holds = self.errors <= self.requests;
        checks::in_range(&at.field("errors"), holds, "at most requests")?;
        let holds = self.correct <= self.labelled;
        checks::in_range(&at.field("correct"), holds, "at most labelled")?;
        let holds = self.disagreed <= self.compared;
        checks::in_range(&at.field("disagreed"), holds, "at most compared")?;
        checks::at_most(&at.field("latency_counts"), self.latency_counts.len(), MAX_BUCKETS)?;
        let buckets = self.prediction_counts.len();
        checks::at_most(&at.field("prediction_counts"), buckets, MAX_BUCKETS)?;
        for (name, sum) in [
            ("loss_sum", self.loss_sum),
            ("loss_square_sum", self.loss_square_sum),
            ("difference_sum", self.difference_sum),
            ("difference_max", self.difference_max),
        ] {
            checks::not_negative(&at.field(name), sum)?;
        }
        checks::choice::<BreakerState>(&at.field("breaker"), self.breaker).map(|_| ())
    }
}
