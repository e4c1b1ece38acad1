//! One version on its way to one endpoint, step by step.

use std::time::{Duration, SystemTime};

use contracts::messages::{
    DeployedVersion, DeploymentRecord, ModelStage, ModelVersion, ServerReport, Warning,
};
use contracts::stages::{Deployment, DeploymentStrategy, RolloutPlan, TrainedModel};
use contracts::time;
use registry::{ChangeError, Revisioned};
use scoring::CheckRows;
use stage::{StageContext, StageResult};

use crate::blue_green::{self, ConflictError, LoadProgress, VersionState};
use crate::check::{self, Agreement};
use crate::client::ClientError;
use crate::error::{DeployError, Error};
use crate::inputs;
use crate::predecessor;
use crate::stage::{BoundedWait, ModelDeployer, POLL_INTERVAL, by};

/// How often another run's deployment is looked at.
const TURN_POLL_INTERVAL: Duration = Duration::from_millis(500);

/// One version on its way to one endpoint.
pub(crate) struct DeploymentRun<'a> {
    pub(crate) stage: &'a ModelDeployer,
    pub(crate) endpoint: &'a str,
    pub(crate) mine: &'a DeployedVersion,
    pub(crate) cx: &'a StageContext,
    pub(crate) strategy: DeploymentStrategy,
    pub(crate) plan: &'a RolloutPlan,
}

/// How a step towards traffic ended.
enum Step<T> {
    /// The step is done, with its result.
    Done(T),
    /// The version had gone live before, by an earlier attempt, and another has taken its place.
    Replaced,
}

/// What the check came to.
enum CheckOutcome {
    /// Every server predicts what the trainer does.
    Agreed(Agreement),
    /// A server gave no answer.
    Silent { server: String, problem: String },
}

impl DeploymentRun<'_> {
    pub(crate) async fn run(
        &self,
        version: &ModelVersion,
        check: &CheckRows,
        trained: &TrainedModel,
    ) -> Result<StageResult, Error> {
        let by = self.by();
        let registry = &self.stage.registry;
        if version.stage() == ModelStage::None {
            let reason = "to be loaded and checked off-traffic";
            registry
                .transition(&self.mine.model, self.mine.version, ModelStage::Staging, &by, reason)
                .await?;
        }
        // What the check found is not kept: it was within the tolerance, or the rollout had not begun.
        let known = self.within_tolerance(check.rows.len());
        if let Some(decided) = self.decided_before(known).await? {
            return Ok(decided);
        }
        self.cx.progress(0.2, "loading green");
        let rows = check.rows.len();
        if !self.is_progressive(&self.seen().await?)
            || self.strategy == DeploymentStrategy::ChampionChallenger
        {
            self.check_inputs(&self.seen().await?, version).await?;
        }
        let Step::Done(green) = self.propose(version).await? else {
            return self.answered(rows).await;
        };
        self.cx.progress(0.5, "checking green off-traffic");
        let agreement = self.agreement(green.revision, check, &trained.classes).await?;
        let seen = self.seen().await?;
        let mut verdicts = Vec::new();
        if self.is_progressive(&seen) {
            if self.strategy != DeploymentStrategy::ChampionChallenger {
                return self.progress(agreement).await;
            }
            let contest = self.contest(&seen, trained).await?;
            if !contest.won {
                return Err(DeployError::NotBetter { reason: contest.verdict.reason }.into());
            }
            verdicts.push(contest.verdict);
        }
        self.cx.progress(0.8, "switching");
        let Step::Done(live) = self.switch().await? else { return self.answered(rows).await };
        let servers = self.wait_until_switched().await?;
        let reason = verdicts.last().map_or_else(
            || format!("{} check rows agree", agreement.rows),
            |verdict| verdict.reason.clone(),
        );
        self.note_production(&reason).await?;
        tracing::info!(endpoint = self.endpoint, version = self.mine.version, "version is live");
        let previous = live.value.previous.as_ref();
        let warnings = self.beside(version, previous, trained).await?;
        let number = previous.map_or(0, |previous| previous.version);
        let mut done = self.deployment((live.revision, number), &servers, agreement);
        done.stage = Some(ModelStage::Production);
        done.verdicts = verdicts;
        Ok(StageResult::success(done).with_warnings(warnings))
    }

    /// What is to be said of the version beside the one whose place it took; nothing where they were compared on the same rows.
    async fn beside(
        &self,
        version: &ModelVersion,
        previous: Option<&DeployedVersion>,
        trained: &TrainedModel,
    ) -> Result<Vec<Warning>, Error> {
        let Some(previous) =
            previous.filter(|_| self.strategy != DeploymentStrategy::ChampionChallenger)
        else {
            return Ok(Vec::new());
        };
        let before = self.stage.registry.version(&previous.model, previous.version).await?;
        let warning = before.and_then(|before| predecessor::worse(version, &before, trained));
        Ok(warning.into_iter().collect())
    }

    pub(crate) fn by(&self) -> String {
        by(self.cx)
    }

    fn within_tolerance(&self, rows: usize) -> Agreement {
        Agreement { rows, max_difference: self.stage.deploy.tolerance }
    }

    /// Makes the version green, after other runs' deployments to the endpoint.
    async fn propose(
        &self,
        version: &ModelVersion,
    ) -> Result<Step<Revisioned<DeploymentRecord>>, Error> {
        let mine = inputs::inputs(version);
        let wait = BoundedWait::new(self.stage.deploy.turn_seconds, self.cx);
        let abandoned = Duration::from_secs_f64(self.stage.deploy.abandoned_seconds);
        let by = self.by();
        loop {
            // In this order: a version that is not in this record because it was replaced has been in production before.
            let seen = self.seen().await?;
            let standing = blue_green::standing(&seen, self.mine);
            if standing != VersionState::Live && self.was_in_production().await? {
                return Ok(Step::Replaced);
            }
            let before = self.inputs_before(&seen).await?;
            let proposed = self.stage.registry.change(self.endpoint, &by, |record| {
                if *record != seen {
                    return Err(ConflictError::Moved);
                }
                blue_green::propose(record, self.mine, is_older(record, abandoned))?;
                if standing == VersionState::Absent {
                    record.earlier_inputs = inputs::earlier(&record.earlier_inputs, &before, &mine);
                }
                Ok(())
            });
            match proposed.await {
                Ok(record) => return Ok(Step::Done(record)),
                Err(ChangeError::Registry(error)) => return Err(error.into()),
                Err(ChangeError::Refused(ConflictError::Moved)) => {}
                Err(ChangeError::Refused(ConflictError::Busy { run })) => {
                    if !wait.wait_once(TURN_POLL_INTERVAL).await? {
                        return Err(Error::Busy { endpoint: self.endpoint.to_owned(), run });
                    }
                }
                // It is the version that answered before, which only a switch of its own makes it.
                Err(ChangeError::Refused(ConflictError::Lost)) => return Ok(Step::Replaced),
            }
        }
    }

    /// The endpoint's record as it is, or as it begins.
    pub(crate) async fn seen(&self) -> Result<DeploymentRecord, Error> {
        let found = self.stage.registry.record(self.endpoint).await?;
        Ok(found.map_or_else(
            || DeploymentRecord {
                endpoint: self.endpoint.to_owned(),
                ..DeploymentRecord::default()
            },
            |found| found.value,
        ))
    }

    async fn was_in_production(&self) -> Result<bool, Error> {
        let version = self.stage.registry.version(&self.mine.model, self.mine.version).await?;
        Ok(version.as_ref().is_some_and(registry::was_in_production))
    }

    async fn wait_until_loaded(&self, revision: u64) -> Result<Vec<ServerReport>, Error> {
        let seconds = self.stage.deploy.load_seconds;
        let wait = BoundedWait::new(seconds, self.cx);
        loop {
            let alive = self.stage.alive().await?;
            let reports = self.stage.registry.servers(self.endpoint).await?;
            let waiting = match blue_green::loading(&alive, &reports, self.mine.version, revision)?
            {
                LoadProgress::Ready(servers) => return Ok(servers),
                LoadProgress::Waiting(servers) => servers,
            };
            if !wait.wait_once(POLL_INTERVAL).await? {
                if waiting.is_empty() {
                    return Err(DeployError::NoModelServer.into());
                }
                return Err(DeployError::GreenLoadTimedOut {
                    version: self.mine.version,
                    seconds: seconds as u64,
                    servers: waiting.join(", "),
                }
                .into());
            }
        }
    }

    /// Every server has the version and answers the check rows as the trainer did. One that is silent is looked at again: it may be just starting, or have left.
    async fn agreement(
        &self,
        revision: u64,
        check: &CheckRows,
        classes: &[String],
    ) -> Result<Agreement, Error> {
        let wait = BoundedWait::new(self.stage.deploy.check_seconds, self.cx);
        loop {
            let servers = self.wait_until_loaded(revision).await?;
            match self.check(&servers, check, classes).await? {
                CheckOutcome::Agreed(agreement) => return Ok(agreement),
                CheckOutcome::Silent { server, problem } => {
                    tracing::warn!(server, problem, "a model server does not answer the check yet");
                    if !wait.wait_once(TURN_POLL_INTERVAL).await? {
                        return Err(DeployError::CheckFailed { server, problem }.into());
                    }
                }
            }
        }
    }

    async fn check(
        &self,
        servers: &[ServerReport],
        check: &CheckRows,
        classes: &[String],
    ) -> Result<CheckOutcome, Error> {
        let request =
            check::request(check).map_err(|problem| DeployError::CheckRows { problem })?;
        let mut agreement = Agreement { rows: check.rows.len(), max_difference: 0.0 };
        let (version, tolerance) = (self.mine.version, self.stage.deploy.tolerance);
        for server in servers {
            let answered =
                self.stage.client.infer(&server.url, self.endpoint, version, &request).await;
            let server = server.server.clone();
            let answer = match answered {
                Ok(answer) => answer,
                Err(ClientError::Passing(problem)) => {
                    return Ok(CheckOutcome::Silent { server, problem });
                }
                Err(ClientError::Final(problem)) => {
                    return Err(DeployError::CheckFailed { server, problem }.into());
                }
            };
            let found = check::compare(check, classes, version, &answer, tolerance)
                .map_err(|problem| DeployError::CheckMismatch { server, problem })?;
            agreement.max_difference = agreement.max_difference.max(found.max_difference);
            if self.cx.cancelled() {
                return Err(Error::Interrupted);
            }
        }
        Ok(CheckOutcome::Agreed(agreement))
    }

    /// Puts the version before traffic, in one change of the record.
    async fn switch(&self) -> Result<Step<Revisioned<DeploymentRecord>>, Error> {
        let by = self.by();
        loop {
            let seen = self.seen().await?;
            if blue_green::standing(&seen, self.mine) == VersionState::Green
                && let Some(blue) = &seen.live
            {
                self.vouch_for(blue).await?;
            }
            let switched = self.stage.registry.change(self.endpoint, &by, |record| {
                if *record != seen {
                    return Err(ConflictError::Moved);
                }
                let was_green = blue_green::standing(record, self.mine) == VersionState::Green;
                blue_green::switch(record, self.mine)?;
                if was_green && self.strategy == DeploymentStrategy::ChampionChallenger {
                    rollout::watch(record, self.plan.clone(), SystemTime::now());
                }
                Ok(())
            });
            match switched.await {
                Ok(record) => return Ok(Step::Done(record)),
                Err(ChangeError::Registry(error)) => return Err(error.into()),
                Err(ChangeError::Refused(ConflictError::Moved)) => {}
                Err(ChangeError::Refused(_)) if self.was_in_production().await? => {
                    return Ok(Step::Replaced);
                }
                Err(ChangeError::Refused(_)) => return Err(self.superseded().into()),
            }
        }
    }

    /// Has the registry say that the version whose place is taken was in production: its own run may have died before it could, and finds it so when it comes back.
    async fn vouch_for(&self, blue: &DeployedVersion) -> Result<(), Error> {
        let registry = &self.stage.registry;
        let found = registry.version(&blue.model, blue.version).await?;
        if found.is_none_or(|found| found.stage() == ModelStage::Archived) {
            return Ok(());
        }
        let reason = "it answered when another version came to take its place";
        match registry
            .transition(&blue.model, blue.version, ModelStage::Production, &self.by(), reason)
            .await
        {
            Ok(_) | Err(registry::Error::IllegalTransition { .. }) => Ok(()),
            Err(error) => Err(error.into()),
        }
    }

    pub(crate) async fn wait_until_switched(&self) -> Result<Vec<ServerReport>, Error> {
        // The version answers by now: who no longer wants it comes too late.
        let wait = BoundedWait::to_the_end(self.stage.deploy.switch_seconds);
        loop {
            let alive = self.stage.alive().await?;
            let reports = self.stage.registry.servers(self.endpoint).await?;
            let waiting = match blue_green::switched(&alive, &reports, self.mine.version) {
                LoadProgress::Ready(servers) => return Ok(servers),
                LoadProgress::Waiting(servers) => servers,
            };
            // Another version may have taken the place before every server told that it had this one.
            let has_moved_on =
                blue_green::standing(&self.seen().await?, self.mine) != VersionState::Live;
            if has_moved_on && !alive.is_empty() {
                return self.stage.present().await;
            }
            if !wait.wait_once(POLL_INTERVAL).await? {
                return Err(Error::Lagging { servers: waiting.join(", ") });
            }
        }
    }

    pub(crate) async fn note_production(&self, reason: &str) -> Result<(), Error> {
        let registry = &self.stage.registry;
        let (model, version) = (&self.mine.model, self.mine.version);
        match registry.transition(model, version, ModelStage::Production, &self.by(), reason).await
        {
            // Who took its place has noted it already.
            Err(registry::Error::IllegalTransition { .. }) if self.was_in_production().await? => {
                Ok(())
            }
            moved => moved.map(|_| ()).map_err(Error::from),
        }
    }

    /// Whether the version answers, or did before another took its place.
    pub(crate) async fn has_answered(&self) -> Result<bool, Error> {
        let standing = blue_green::standing(&self.seen().await?, self.mine);
        Ok(matches!(standing, VersionState::Live | VersionState::Replaced)
            || self.was_in_production().await?)
    }

    /// The version went live by an earlier attempt at this run, and this one has nothing to decide: the run has what it asked for, even where another version has taken the place since.
    pub(crate) async fn answered(&self, rows: usize) -> Result<StageResult, Error> {
        self.answered_with(self.within_tolerance(rows)).await
    }

    pub(crate) async fn answered_with(&self, agreement: Agreement) -> Result<StageResult, Error> {
        let registry = &self.stage.registry;
        let is_live = blue_green::standing(&self.seen().await?, self.mine) == VersionState::Live;
        if is_live {
            self.note_production("it answers since an earlier attempt").await?;
        }
        let servers = self.stage.present().await?;
        if servers.is_empty() {
            return Err(Error::Lagging { servers: "all".to_owned() });
        }
        let history = registry.record_history(self.endpoint).await?;
        let history: Vec<(u64, &DeploymentRecord)> =
            history.iter().map(|found| (found.revision, &found.value)).collect();
        let newest = history.last().map_or(0, |(revision, _)| *revision);
        let went_live = blue_green::went_live(&history, self.mine).unwrap_or((newest, 0));
        let done = self.deployment(went_live, &servers, agreement);
        let result = StageResult::success(done);
        if is_live {
            return Ok(result);
        }
        let live = history.last().and_then(|(_, record)| record.live.as_ref());
        let message = format!(
            "version {} answered at endpoint {}; version {} has taken its place since",
            self.mine.version,
            self.endpoint,
            live.map_or(0, |live| live.version)
        );
        tracing::info!(endpoint = self.endpoint, version = self.mine.version, "{message}");
        let warning = Warning { code: "replaced".to_owned(), message, ..Warning::default() };
        Ok(result.with_warnings(vec![warning]))
    }

    pub(crate) fn deployment(
        &self,
        (record_revision, previous_version): (u64, u32),
        servers: &[ServerReport],
        agreement: Agreement,
    ) -> Deployment {
        let base = servers.first().map(|server| server.url.as_str()).unwrap_or_default();
        Deployment {
            endpoint: self.endpoint.to_owned(),
            model: self.mine.model.clone(),
            version: self.mine.version,
            digest: self
                .mine
                .bundle
                .as_ref()
                .map(|bundle| bundle.sha256.clone())
                .unwrap_or_default(),
            previous_version,
            strategy: Some(self.strategy),
            url: format!("{base}/v2/models/{}", self.endpoint),
            record_revision,
            checked_rows: u32::try_from(agreement.rows).unwrap_or(u32::MAX),
            max_difference: agreement.max_difference,
            servers: servers.iter().map(|server| server.server.clone()).collect(),
            ..Deployment::default()
        }
    }

    pub(crate) fn superseded(&self) -> DeployError {
        DeployError::Superseded { endpoint: self.endpoint.to_owned(), version: self.mine.version }
    }

    /// The version was archived by an earlier attempt at this run, whose decision stands.
    pub(crate) async fn archived_before(&self, version: &ModelVersion) -> Result<Error, Error> {
        if blue_green::standing(&self.seen().await?, self.mine) == VersionState::Green {
            self.withdraw().await?;
        }
        let archived = version.transitions.last().cloned().unwrap_or_default();
        Ok(DeployError::from_record(&archived).into())
    }

    /// Removes green, so that servers let go of it.
    pub(crate) async fn withdraw(&self) -> Result<(), Error> {
        let by = self.by();
        let withdrawn = self.stage.registry.change(self.endpoint, &by, |record| {
            blue_green::withdraw(record, self.mine);
            Ok::<_, ConflictError>(())
        });
        match withdrawn.await {
            Ok(_) | Err(ChangeError::Refused(_)) => Ok(()),
            Err(ChangeError::Registry(error)) => Err(error.into()),
        }
    }

    /// After a refusal: green is removed and the version archived with the reason, which a repetition will find.
    pub(crate) async fn clean_up(&self, refusal: &DeployError) -> Result<(), Error> {
        tracing::warn!(endpoint = self.endpoint, version = self.mine.version, %refusal, "version refused");
        self.withdraw().await?;
        self.stage
            .registry
            .refuse(
                &self.mine.model,
                self.mine.version,
                &self.by(),
                refusal.code(),
                &refusal.message(),
            )
            .await?;
        Ok(())
    }
}

/// Whether the record was changed longer ago than that.
fn is_older(record: &DeploymentRecord, age: Duration) -> bool {
    let changed = record.updated_at.as_ref().and_then(time::system_time);
    changed
        .and_then(|changed| SystemTime::now().duration_since(changed).ok())
        .is_some_and(|elapsed| elapsed > age)
}
