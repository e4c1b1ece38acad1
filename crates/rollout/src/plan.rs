//! What a rollout's plan means where it says nothing.

use contracts::v1::{
    Analysis, DeploymentStrategy, RolloutPlan, RolloutStep, Silence, rollout_step,
};

use crate::condition::{Condition, ConditionError};

/// Shares of a canary in per cent where its steps are not given.
const CANARY: [u32; 4] = [5, 25, 50, 100];

/// The plan with its defaults filled in.
#[must_use]
pub fn filled(plan: Option<&RolloutPlan>, strategy: DeploymentStrategy) -> RolloutPlan {
    let mut plan = plan.cloned().unwrap_or_default();
    let or = |value: f64, default: f64| if value > 0.0 { value } else { default };
    if plan.steps.is_empty() && strategy == DeploymentStrategy::Canary {
        let step = |step| RolloutStep { step: Some(step) };
        plan.steps = CANARY
            .into_iter()
            .flat_map(|weight| {
                [
                    step(rollout_step::Step::SetWeight(weight)),
                    step(rollout_step::Step::Analysis(Analysis::default())),
                ]
            })
            .collect();
    }
    if plan.weight == 0 {
        plan.weight = 50;
    }
    if plan.min_requests == 0 {
        plan.min_requests = 100;
    }
    plan.max_error_rate = or(plan.max_error_rate, 0.01);
    plan.abort_error_rate = or(plan.abort_error_rate, 0.05).max(plan.max_error_rate);
    plan.max_p99_ms = or(plan.max_p99_ms, 150.0);
    plan.max_p99_ratio = or(plan.max_p99_ratio, 2.0);
    plan.max_prediction_psi = or(plan.max_prediction_psi, 0.25);
    plan.max_seconds = or(
        plan.max_seconds,
        // Labels come late: a test of two versions, and the watch over a promotion, may take two weeks.
        match strategy {
            DeploymentStrategy::AbTest | DeploymentStrategy::ChampionChallenger => 14.0 * 86_400.0,
            _ => 3600.0,
        },
    );
    if plan.on_silence() == Silence::Unspecified {
        plan.set_on_silence(Silence::Replay);
    }
    if plan.metric.is_empty() {
        "loss".clone_into(&mut plan.metric);
    }
    plan.significance = or(plan.significance, 0.05);
    plan
}

/// Checks what the schema cannot: the conditions, and that a canary's steps shift traffic at all.
///
/// # Errors
/// The step, from 0, and what is wrong with its condition.
pub fn check(plan: &RolloutPlan) -> Result<(), (usize, ConditionError)> {
    for (index, step) in plan.steps.iter().enumerate() {
        if let Some(rollout_step::Step::Analysis(analysis)) = &step.step {
            for text in [&analysis.success_condition, &analysis.failure_condition] {
                if !text.trim().is_empty() {
                    Condition::parse(text).map_err(|error| (index, error))?;
                }
            }
        }
    }
    Ok(())
}

/// The shares of a canary's steps in per cent.
#[must_use]
pub fn weights(plan: &RolloutPlan) -> Vec<u32> {
    let weight = |step: &RolloutStep| match step.step {
        Some(rollout_step::Step::SetWeight(weight)) => Some(weight),
        _ => None,
    };
    plan.steps.iter().filter_map(weight).collect()
}
