//! A version that gets its traffic step by step: begun here, decided by the controller, and waited for here.

use std::time::{Duration, SystemTime};

use contracts::messages::{
    AnalysisResult, DeploymentRecord, ModelStage, Rollout as Progress, RolloutPhase, Verdict,
    Warning,
};
use contracts::stages::DeploymentStrategy;
use contracts::subjects;
use registry::{ChangeError, Revisioned};
use stage::StageResult;

use crate::blue_green::{ConflictError, VersionState, standing};
use crate::check::Agreement;
use crate::deployment::DeploymentRun;
use crate::error::{DeployError, Error};

/// How often the record is looked at.
const POLL_INTERVAL: Duration = Duration::from_millis(200);

impl DeploymentRun<'_> {
    /// Whether the strategy brings the version to traffic beside the live one. The first version of an endpoint has nothing to be compared with: it goes live once it is checked.
    pub(crate) fn is_progressive(&self, seen: &DeploymentRecord) -> bool {
        seen.live.is_some() && !self.is_at_once()
    }

    /// Whether the version gets all requests as soon as it is checked.
    fn is_at_once(&self) -> bool {
        self.strategy == DeploymentStrategy::BlueGreen
    }

    /// Begins the rollout, and waits for its end where it has one that a run can wait for.
    pub(crate) async fn progress(&self, agreement: Agreement) -> Result<StageResult, Error> {
        let begun = self.begin().await?;
        match self.strategy {
            DeploymentStrategy::Weighted
            | DeploymentStrategy::Ensemble
            | DeploymentStrategy::AbTest => self.taking_part(&begun, agreement).await,
            _ => self.until_decided(agreement).await,
        }
    }

    /// Green becomes a member with the strategy's routing. A repetition finds it so.
    async fn begin(&self) -> Result<Revisioned<DeploymentRecord>, Error> {
        let by = self.by();
        loop {
            let seen = self.seen().await?;
            if self.mine_in(&seen).is_some() {
                let found = self.stage.registry.record(self.endpoint).await?;
                if let Some(found) = found {
                    return Ok(found);
                }
            }
            let begun = self.stage.registry.change(self.endpoint, &by, |record| {
                if *record != seen {
                    return Err(ConflictError::Moved);
                }
                if standing(record, self.mine) != VersionState::Green {
                    return Err(ConflictError::Lost);
                }
                record.green = None;
                let (strategy, plan) = (self.strategy, self.plan.clone());
                rollout::begin(record, strategy, plan, self.mine, SystemTime::now())
                    .map_err(|_| ConflictError::Lost)
            });
            match begun.await {
                Ok(begun) => {
                    self.stage.registry.follow(Some(&seen), &begun.value, &by).await?;
                    self.cx.progress(0.6, &begun.value.reason);
                    return Ok(begun);
                }
                Err(ChangeError::Registry(error)) => return Err(error.into()),
                Err(ChangeError::Refused(ConflictError::Moved)) => {}
                Err(ChangeError::Refused(_)) => return Err(self.superseded().into()),
            }
        }
    }

    /// The rollout of this run's version, if the record has it.
    fn mine_in<'r>(&self, record: &'r DeploymentRecord) -> Option<&'r Progress> {
        let rollout = record.rollout.as_ref()?;
        let candidate = rollout.candidate.as_ref()?;
        rollout::same_version(candidate, self.mine).then_some(rollout)
    }

    /// What an earlier attempt at this run has already come to, where the record still says so.
    pub(crate) async fn decided_before(
        &self,
        agreement: Agreement,
    ) -> Result<Option<StageResult>, Error> {
        let seen = self.seen().await?;
        if self.is_at_once() || self.mine_in(&seen).is_none() {
            return Ok(None);
        }
        self.progress(agreement).await.map(Some)
    }

    /// The version takes part, for good or until a test has an end that may be weeks away: the run need not wait for that.
    async fn taking_part(
        &self,
        begun: &Revisioned<DeploymentRecord>,
        agreement: Agreement,
    ) -> Result<StageResult, Error> {
        let servers = self.stage.present().await?;
        let previous = begun.value.live.as_ref().map_or(0, |live| live.version);
        let is_test = self.strategy == DeploymentStrategy::AbTest;
        let mut done = self.deployment((begun.revision, 0), &servers, agreement);
        done.previous_version = if previous == done.version { 0 } else { previous };
        done.stage = Some(if is_test { ModelStage::Staging } else { ModelStage::Production });
        let routing = begun.value.routing.clone().unwrap_or_default();
        done.shares = routing.shares;
        let result = StageResult::success(done);
        if !is_test {
            return Ok(result);
        }
        let message = format!(
            "version {} is on trial at endpoint {}: it is promoted or taken away when one of the two is significantly better on labelled requests (tier0 endpoints show {})",
            self.mine.version, self.endpoint, self.endpoint
        );
        let warning = Warning { code: "on_trial".to_owned(), message, ..Warning::default() };
        Ok(result.with_warnings(vec![warning]))
    }

    /// Waits for the controller's decision, telling every judgement.
    async fn until_decided(&self, agreement: Agreement) -> Result<StageResult, Error> {
        let mut told = 0;
        let mut message = String::new();
        loop {
            let Some(found) = self.stage.registry.record(self.endpoint).await? else {
                return Err(self.superseded().into());
            };
            let Some(rollout) = self.mine_in(&found.value) else {
                if self.has_answered().await? {
                    return self.answered_with(agreement).await;
                }
                return Err(self.superseded().into());
            };
            for verdict in rollout.verdicts.iter().skip(told) {
                self.cx.note(&told_of(verdict));
            }
            told = rollout.verdicts.len();
            if rollout.message != message {
                message.clone_from(&rollout.message);
                self.cx.progress(share(rollout), &message);
                self.cx.note(&message);
            }
            match rollout.phase() {
                RolloutPhase::Succeeded => {
                    return self.ended_well(&found, rollout, agreement).await;
                }
                RolloutPhase::Failed | RolloutPhase::Aborted => {
                    let (phase, reason) = (rollout.phase(), rollout.message.clone());
                    let was_failed = phase == RolloutPhase::Failed;
                    return Err(DeployError::RolledBack { was_failed, reason }.into());
                }
                _ => {}
            }
            if self.cx.cancelled() {
                self.give_up().await?;
                return Err(Error::Interrupted);
            }
            tokio::time::sleep(POLL_INTERVAL).await;
        }
    }

    async fn ended_well(
        &self,
        found: &Revisioned<DeploymentRecord>,
        rollout: &Progress,
        agreement: Agreement,
    ) -> Result<StageResult, Error> {
        let is_shadow = rollout.strategy() == DeploymentStrategy::Shadow;
        let servers = if is_shadow {
            self.stage.present().await?
        } else {
            let servers = self.wait_until_switched().await?;
            self.note_production(&rollout.message).await?;
            servers
        };
        let beside = if is_shadow { &found.value.live } else { &found.value.previous };
        let previous = beside.as_ref().map_or(0, |beside| beside.version);
        let mut done = self.deployment((found.revision, previous), &servers, agreement);
        done.stage = Some(if is_shadow { ModelStage::Shadow } else { ModelStage::Production });
        done.verdicts.clone_from(&rollout.verdicts);
        Ok(StageResult::success(done))
    }

    /// Ends the rollout where the run has ended without it: it was cancelled, or its time is over. Where only this process ends, the rollout goes on.
    async fn give_up(&self) -> Result<(), Error> {
        let result = subjects::result(&self.cx.run_id, self.cx.epoch);
        let has_ended = self.stage.bus.last(&result).await.is_ok_and(|found| found.is_some());
        if !has_ended {
            return Ok(());
        }
        let by = self.by();
        let seen = self.seen().await?;
        let ended = self.stage.registry.change(self.endpoint, &by, |record| {
            if self.mine_in(record).is_some() && rollout::is_active(record) {
                rollout::abort(record, RolloutPhase::Aborted, "its run has ended without it");
            }
            Ok::<_, ConflictError>(())
        });
        match ended.await {
            Ok(ended) => Ok(self.stage.registry.follow(Some(&seen), &ended.value, &by).await?),
            Err(ChangeError::Registry(error)) => Err(error.into()),
            Err(ChangeError::Refused(_)) => Ok(()),
        }
    }
}

/// How far a rollout is, of the part of the stage that it takes.
fn share(rollout: &Progress) -> f64 {
    let steps = rollout.plan.as_ref().map_or(0, |plan| plan.steps.len()).max(1);
    0.6 + 0.4 * (f64::from(rollout.step) / steps as f64).min(1.0)
}

/// A judgement with what it was based on, in one line.
fn told_of(verdict: &Verdict) -> String {
    let result = match verdict.result() {
        AnalysisResult::Successful => "successful",
        AnalysisResult::Failed => "failed",
        _ => "inconclusive",
    };
    let evidence: Vec<String> =
        verdict.evidence.iter().map(|(name, value)| format!("{name} {value:.4}")).collect();
    format!("{result}: {} ({})", verdict.reason, evidence.join(", "))
}
