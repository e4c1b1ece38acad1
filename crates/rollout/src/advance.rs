//! What comes next in a rollout.

use std::time::{Duration, SystemTime};

use contracts::time;
use contracts::v1::{
    Analysis, AnalysisResult, DeploymentRecord, DeploymentStrategy, Rollout, RolloutPhase,
    RolloutPlan, Silence, Verdict, rollout_step,
};
use statistics::losses::always_valid_p;

use crate::change::{abort, finish, next_step, note, promote, set_weight};
use crate::evidence::Evidence;
use crate::gates::{aborts, judge};

/// Part of a rollout's time after which too little traffic is silence.
const SILENCE_SHARE: f64 = 0.125;

/// The action that a rollout needs next.
#[derive(Debug, Clone, PartialEq)]
pub enum NextStep {
    /// The record as it should be.
    Change(Box<DeploymentRecord>),
    /// There is too little traffic: recorded rows are to be replayed off-traffic, and this asked again with what they gave.
    Replay,
}

/// The next step of the record's rollout, if its time has come.
///
/// `evidence` is what was counted in the routing's window; `replayed` what a replay gave, where one was made.
#[must_use]
pub fn advance(
    record: &DeploymentRecord,
    evidence: &Evidence,
    replayed: Option<&Evidence>,
    now: SystemTime,
) -> Option<NextStep> {
    let rollout = record.rollout.as_ref()?;
    if !matches!(rollout.phase(), RolloutPhase::Progressing | RolloutPhase::Paused) {
        return None;
    }
    let (candidate, live) = (rollout.candidate.as_ref()?.version, record.live.as_ref()?.version);
    let plan = rollout.plan.clone().unwrap_or_default();
    let at = AdvanceInput { candidate, live, plan: &plan, evidence, replayed, now };
    let mut next = record.clone();
    let step = at.step(&mut next, rollout);
    match step {
        Step::Wait => None,
        Step::Replay => Some(NextStep::Replay),
        Step::Changed => (next != *record).then(|| NextStep::Change(Box::new(next))),
    }
}

enum Step {
    Wait,
    Replay,
    Changed,
}

struct AdvanceInput<'a> {
    candidate: u32,
    live: u32,
    plan: &'a RolloutPlan,
    evidence: &'a Evidence,
    replayed: Option<&'a Evidence>,
    now: SystemTime,
}

impl AdvanceInput<'_> {
    fn step(&self, next: &mut DeploymentRecord, rollout: &Rollout) -> Step {
        let measured = self.evidence.measured(self.candidate, self.live);
        if let Some(reason) = aborts(self.plan, &measured) {
            return self.fail(next, reason, self.evidence);
        }
        if self.elapsed_since(rollout.started_at.as_ref()) >= seconds(self.plan.max_seconds) {
            let reason = format!(
                "the rollout's {} s are over without a decision: the stable version keeps the traffic",
                self.plan.max_seconds
            );
            self.judge_step(next, AnalysisResult::Inconclusive, &reason, self.evidence);
            abort(next, RolloutPhase::Failed, &reason);
            return Step::Changed;
        }
        if rollout.phase() == RolloutPhase::Paused {
            return Step::Wait;
        }
        match rollout.strategy() {
            DeploymentStrategy::Shadow => self.shadow(next, rollout),
            DeploymentStrategy::AbTest => self.ab_test(next, rollout),
            _ => self.canary(next, rollout),
        }
    }

    fn canary(&self, next: &mut DeploymentRecord, rollout: &Rollout) -> Step {
        let place = usize::try_from(rollout.step).unwrap_or(usize::MAX);
        let Some(step) = self.plan.steps.get(place).and_then(|step| step.step.as_ref()) else {
            let reason = "every step of the canary was passed";
            // The candidate was a member until now; where it is not, another process has removed it.
            if promote(next, reason).is_err() {
                finish(next, RolloutPhase::Aborted, "the version is no longer there");
            }
            return Step::Changed;
        };
        match step {
            rollout_step::Step::SetWeight(percent) => {
                set_weight(next, self.candidate, *percent, self.now);
                let message = format!("version {} answers {percent} per cent", self.candidate);
                self.go_on(next, &message);
                Step::Changed
            }
            rollout_step::Step::Pause(pause) if pause.seconds > 0.0 => {
                if self.elapsed_since(rollout.step_started_at.as_ref()) < seconds(pause.seconds) {
                    return Step::Wait;
                }
                self.go_on(next, &format!("the pause of {} s is over", pause.seconds));
                Step::Changed
            }
            rollout_step::Step::Pause(_) => {
                finish(next, RolloutPhase::Paused, "it waits to be promoted or rolled back");
                Step::Changed
            }
            rollout_step::Step::Analysis(analysis) => self.analysis(next, rollout, analysis),
        }
    }

    fn analysis(
        &self,
        next: &mut DeploymentRecord,
        rollout: &Rollout,
        analysis: &Analysis,
    ) -> Step {
        let interval = seconds(analysis.interval_seconds);
        if rollout.measured_at.is_some()
            && self.elapsed_since(rollout.measured_at.as_ref()) < interval
        {
            return Step::Wait;
        }
        let evidence = match self.sufficient(rollout) {
            Sufficiency::Yes(evidence) => evidence,
            Sufficiency::No => return Step::Wait,
            Sufficiency::Replay => return Step::Replay,
        };
        let measured = evidence.measured(self.candidate, self.live);
        let (result, reason) = judge(self.plan, analysis, &measured);
        self.judge_step(next, result, &reason, evidence);
        let Some(rollout) = &mut next.rollout else { return Step::Wait };
        rollout.measured_at = Some(time::timestamp(self.now));
        match result {
            AnalysisResult::Successful => {
                rollout.successes += 1;
                if rollout.successes >= analysis.count.max(1) {
                    let message = format!("the analysis is successful: {reason}");
                    self.go_on(next, &message);
                }
            }
            AnalysisResult::Failed => {
                rollout.failures += 1;
                if rollout.failures > analysis.failure_limit {
                    let reason = format!("the analysis failed: {reason}");
                    abort(next, RolloutPhase::Failed, &reason);
                }
            }
            _ => {
                rollout.inconclusive += 1;
                if rollout.inconclusive > analysis.inconclusive_limit {
                    let reason = format!(
                        "the analysis is inconclusive, and a person has to promote or roll back: {reason}"
                    );
                    finish(next, RolloutPhase::Paused, &reason);
                }
            }
        }
        Step::Changed
    }

    fn shadow(&self, next: &mut DeploymentRecord, rollout: &Rollout) -> Step {
        let evidence = match self.sufficient(rollout) {
            Sufficiency::Yes(evidence) => evidence,
            Sufficiency::No => return Step::Wait,
            Sufficiency::Replay => return Step::Replay,
        };
        let measured = evidence.measured(self.candidate, self.live);
        let (result, reason) = judge(self.plan, &Analysis::default(), &measured);
        self.judge_step(next, result, &reason, evidence);
        match result {
            AnalysisResult::Successful => {
                let reason = format!(
                    "version {} did well on copies, which it goes on getting until it is promoted",
                    self.candidate
                );
                finish(next, RolloutPhase::Succeeded, &reason);
            }
            AnalysisResult::Failed => {
                abort(next, RolloutPhase::Failed, &format!("the shadow failed: {reason}"));
            }
            _ => return Step::Wait,
        }
        Step::Changed
    }

    fn ab_test(&self, next: &mut DeploymentRecord, rollout: &Rollout) -> Step {
        let losses = |version| self.evidence.version(version).losses();
        let Some((mine, base)) = losses(self.candidate).zip(losses(self.live)) else {
            return Step::Wait;
        };
        let before = (rollout.p_value > 0.0).then_some(rollout.p_value);
        let Some(p) = always_valid_p(mine, base, before) else { return Step::Wait };
        if p > self.plan.significance {
            // A record is not written for every third digit.
            let is_news = before.is_none_or(|before| p < before * 0.9);
            if let Some(rollout) = next.rollout.as_mut().filter(|_| is_news) {
                rollout.p_value = p;
                rollout.message = format!("no significant difference yet: p = {p:.4}");
                return Step::Changed;
            }
            return Step::Wait;
        }
        if let Some(rollout) = &mut next.rollout {
            rollout.p_value = p.max(f64::MIN_POSITIVE);
        }
        let (mine, base) = (mine.mean, base.mean);
        let found = format!("mean loss {mine:.4} against {base:.4}, p = {p:.2e}");
        if mine < base {
            let reason = format!("version {} is significantly better: {found}", self.candidate);
            self.judge_step(next, AnalysisResult::Successful, &reason, self.evidence);
            if promote(next, &reason).is_err() {
                finish(next, RolloutPhase::Aborted, "the version is no longer there");
            }
            Step::Changed
        } else {
            let reason = format!("version {} is significantly worse: {found}", self.candidate);
            self.fail(next, reason, self.evidence)
        }
    }

    /// What there is to judge by.
    fn sufficient(&self, rollout: &Rollout) -> Sufficiency<'_> {
        let enough = |evidence: &Evidence| {
            evidence.version(self.candidate).requests >= self.plan.min_requests
        };
        if enough(self.evidence) {
            return Sufficiency::Yes(self.evidence);
        }
        let patience = seconds(self.plan.max_seconds * SILENCE_SHARE);
        if self.plan.on_silence() != Silence::Replay
            || self.elapsed_since(rollout.step_started_at.as_ref()) < patience
        {
            return Sufficiency::No;
        }
        match self.replayed {
            None => Sufficiency::Replay,
            Some(replayed) if enough(replayed) => Sufficiency::Yes(replayed),
            // Too little was recorded as well: it waits until its time is over.
            Some(_) => Sufficiency::No,
        }
    }

    fn fail(&self, next: &mut DeploymentRecord, reason: String, evidence: &Evidence) -> Step {
        self.judge_step(next, AnalysisResult::Failed, &reason, evidence);
        abort(next, RolloutPhase::Failed, &reason);
        Step::Changed
    }

    fn judge_step(
        &self,
        next: &mut DeploymentRecord,
        result: AnalysisResult,
        reason: &str,
        evidence: &Evidence,
    ) {
        let Some(rollout) = &mut next.rollout else { return };
        let verdict = Verdict {
            at: Some(time::timestamp(self.now)),
            step: rollout.step,
            result: result.into(),
            reason: reason.to_owned(),
            evidence: evidence.measured(self.candidate, self.live),
            version: self.candidate,
        };
        note(rollout, verdict);
    }

    fn go_on(&self, next: &mut DeploymentRecord, message: &str) {
        if let Some(rollout) = &mut next.rollout {
            next_step(rollout, self.now);
            message.clone_into(&mut rollout.message);
        }
        message.clone_into(&mut next.reason);
    }

    fn elapsed_since(&self, at: Option<&pbjson_types::Timestamp>) -> Duration {
        at.and_then(time::system_time)
            .and_then(|at| self.now.duration_since(at).ok())
            .unwrap_or_default()
    }
}

enum Sufficiency<'a> {
    Yes(&'a Evidence),
    No,
    Replay,
}

fn seconds(of: f64) -> Duration {
    Duration::try_from_secs_f64(of).unwrap_or(Duration::MAX)
}

#[cfg(test)]
mod tests;
