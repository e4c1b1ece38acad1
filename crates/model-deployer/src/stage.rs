//! One deployment, step by step.

use std::time::{Duration, Instant, SystemTime};

use agent_runtime::{Resources, Stage, StageContext, StageResult, StartError};
use contracts::v1::{
    DeployedVersion, Deployment, DeploymentRecord, DeploymentStrategy, ModelStage, ModelVersion,
    ServerReport, TrainedModel, stage_output,
};
use contracts::{Agent, ValidHandoff, time};
use registry::{ChangeError, Registry, Revised};
use scoring::CheckRows;

use crate::check::{self, Agreement};
use crate::client::Client;
use crate::config::{Config, Deploy};
use crate::error::{Error, Refusal};
use crate::rollout::{self, Conflict, Loading, Standing};

/// Endpoint name under which model servers report their presence.
const PRESENCE: &str = "-";
/// How often reports are looked at.
const LOOK: Duration = Duration::from_millis(100);
/// How often another run's deployment is looked at.
const TURN: Duration = Duration::from_millis(500);

/// The model-deployer.
#[derive(Debug)]
pub struct ModelDeployer {
    deploy: Deploy,
    registry: Registry,
    client: Client,
}

impl Stage for ModelDeployer {
    const AGENT: Agent = Agent::ModelDeployer;
    type Config = Config;
    type Error = Error;

    async fn new(config: Config, resources: &Resources) -> Result<Self, StartError> {
        let registry = Registry::new(&resources.bus)
            .await
            .map_err(|error| StartError::new("the registry cannot be opened", error))?;
        Ok(Self { client: Client::new(&config.deploy)?, deploy: config.deploy, registry })
    }

    async fn handle(&self, input: &ValidHandoff, cx: &StageContext) -> Result<StageResult, Error> {
        let trained = input.trained_model()?;
        let parts = parts(input)?;
        let endpoint = parts.model.clone();
        let check = self.check_rows(trained, cx).await?;

        cx.progress(0.0, "waiting for a model server");
        self.wait_for_server(cx).await?;
        let version = self.register(parts, cx).await?;
        let mine = DeployedVersion {
            model: version.model.clone(),
            version: version.version,
            bundle: version.bundle.clone(),
            run_id: version.run_id.clone(),
        };
        let rollout = Rollout { stage: self, endpoint: &endpoint, mine: &mine, cx };
        if version.stage() == ModelStage::Archived {
            return Err(rollout.archived_before(&version).await?);
        }
        match rollout.run(&version, &check, &trained.classes).await {
            Ok(done) => Ok(StageResult::success(stage_output::Output::Deployment(done))),
            Err(Error::Refused(refusal)) => {
                rollout.clean_up(&refusal).await?;
                Err(refusal.into())
            }
            Err(error @ Error::Interrupted) => {
                rollout.withdraw().await?;
                Err(error)
            }
            Err(error) => Err(error),
        }
    }
}

/// Who changes records: the run, and its epoch where it was driven anew.
fn by(cx: &StageContext) -> String {
    match cx.epoch {
        0 => format!("{}/{}", Agent::ModelDeployer, cx.run_id),
        epoch => format!("{}/{}.{epoch}", Agent::ModelDeployer, cx.run_id),
    }
}

/// What is registered of the trained model.
fn parts(input: &ValidHandoff) -> Result<ModelVersion, Error> {
    let trained = input.trained_model()?;
    Ok(ModelVersion {
        model: input.scope()?.name.clone(),
        bundle: trained.bundle.clone(),
        data_sha256: input.prepared_data()?.source_sha256.clone(),
        algorithm: trained.algorithm.clone(),
        test_metrics: trained.test_metrics.clone(),
        signature_inputs: trained.signature_inputs.clone(),
        problem_type: trained.problem_type,
        classes: trained.classes.clone(),
        ..ModelVersion::default()
    })
}

impl ModelDeployer {
    async fn check_rows(
        &self,
        trained: &TrainedModel,
        cx: &StageContext,
    ) -> Result<CheckRows, Error> {
        let invalid = |problem: &str| Refusal::CheckRows { problem: problem.to_owned() };
        let artifact = trained.check_rows.as_ref().ok_or_else(|| invalid("there are none"))?;
        let bytes = cx.artifacts.get(artifact).await?;
        let rows = serde_json::from_slice(&bytes)
            .map_err(|_| invalid("they are not JSON of the right form"))?;
        Ok(rows)
    }

    /// The version of this run. One that was put away when the run was driven here before is not taken up again: the model gets another.
    async fn register(
        &self,
        parts: ModelVersion,
        cx: &StageContext,
    ) -> Result<ModelVersion, Error> {
        let version = self.registry.register(parts.clone(), &cx.run_id).await?;
        let decided_now = version.transitions.iter().any(|step| step.by == by(cx));
        if version.stage() != ModelStage::Archived || decided_now || cx.epoch == 0 {
            return Ok(version);
        }
        Ok(self.registry.register_after(parts, &cx.run_id, version.version).await?)
    }

    /// The names of the servers that are alive.
    async fn alive(&self) -> Result<Vec<String>, Error> {
        let present = self.registry.servers(PRESENCE).await?;
        Ok(present.into_iter().map(|report| report.server).collect())
    }

    async fn wait_for_server(&self, cx: &StageContext) -> Result<(), Error> {
        let wait = Wait::new(self.deploy.server_seconds, cx);
        while self.alive().await?.is_empty() {
            if !wait.again(LOOK).await? {
                return Err(Refusal::NoModelServer.into());
            }
        }
        Ok(())
    }
}

/// One version on its way to one endpoint.
struct Rollout<'a> {
    stage: &'a ModelDeployer,
    endpoint: &'a str,
    mine: &'a DeployedVersion,
    cx: &'a StageContext,
}

impl Rollout<'_> {
    async fn run(
        &self,
        version: &ModelVersion,
        check: &CheckRows,
        classes: &[String],
    ) -> Result<Deployment, Error> {
        let by = self.by();
        let registry = &self.stage.registry;
        if version.stage() == ModelStage::None {
            let reason = "to be loaded and checked off-traffic";
            registry
                .transition(&self.mine.model, self.mine.version, ModelStage::Staging, &by, reason)
                .await?;
        }
        self.cx.progress(0.2, "loading green");
        let green = self.propose().await?;
        let servers = self.wait_until_loaded(green.revision).await?;
        self.cx.progress(0.5, "checking green off-traffic");
        let agreement = self.check(&servers, check, classes).await?;
        self.cx.progress(0.8, "switching");
        let live = self.switch().await?;
        let servers = self.wait_until_switched().await?;
        let reason = format!("{} check rows agree", agreement.rows);
        registry
            .transition(&self.mine.model, self.mine.version, ModelStage::Production, &by, &reason)
            .await?;
        tracing::info!(endpoint = self.endpoint, version = self.mine.version, "version is live");
        Ok(self.deployment(&live, &servers, agreement))
    }

    fn by(&self) -> String {
        by(self.cx)
    }

    /// Makes the version green, after other runs' deployments to the endpoint.
    async fn propose(&self) -> Result<Revised<DeploymentRecord>, Error> {
        let wait = Wait::new(self.stage.deploy.turn_seconds, self.cx);
        let abandoned = Duration::from_secs_f64(self.stage.deploy.abandoned_seconds);
        let by = self.by();
        loop {
            let proposed = self.stage.registry.change(self.endpoint, &by, |record| {
                rollout::propose(record, self.mine, is_older(record, abandoned))
            });
            match proposed.await {
                Ok(record) => return Ok(record),
                Err(ChangeError::Registry(error)) => return Err(error.into()),
                Err(ChangeError::Refused(Conflict::Busy { run })) => {
                    if !wait.again(TURN).await? {
                        return Err(Error::Busy { endpoint: self.endpoint.to_owned(), run });
                    }
                }
                Err(ChangeError::Refused(Conflict::Lost)) => return Err(self.superseded().into()),
            }
        }
    }

    async fn wait_until_loaded(&self, revision: u64) -> Result<Vec<ServerReport>, Error> {
        let seconds = self.stage.deploy.load_seconds;
        let wait = Wait::new(seconds, self.cx);
        loop {
            let alive = self.stage.alive().await?;
            let reports = self.stage.registry.servers(self.endpoint).await?;
            let waiting = match rollout::loading(&alive, &reports, self.mine.version, revision)? {
                Loading::Ready(servers) => return Ok(servers),
                Loading::Waiting(servers) => servers,
            };
            if !wait.again(LOOK).await? {
                if waiting.is_empty() {
                    return Err(Refusal::NoModelServer.into());
                }
                return Err(Refusal::GreenLoadTimedOut {
                    version: self.mine.version,
                    seconds: seconds as u64,
                    servers: waiting.join(", "),
                }
                .into());
            }
        }
    }

    /// Every server answers the check rows as the trainer did.
    async fn check(
        &self,
        servers: &[ServerReport],
        check: &CheckRows,
        classes: &[String],
    ) -> Result<Agreement, Error> {
        let request = check::request(check).map_err(|problem| Refusal::CheckRows { problem })?;
        let mut agreement = Agreement { rows: check.rows.len(), max_difference: 0.0 };
        let (version, tolerance) = (self.mine.version, self.stage.deploy.tolerance);
        for server in servers {
            let answered =
                self.stage.client.infer(&server.url, self.endpoint, version, &request).await;
            let name = server.server.clone();
            let answer = answered
                .map_err(|problem| Refusal::CheckFailed { server: name.clone(), problem })?;
            let found = check::compare(check, classes, version, &answer, tolerance)
                .map_err(|problem| Refusal::CheckMismatch { server: name, problem })?;
            agreement.max_difference = agreement.max_difference.max(found.max_difference);
            if self.cx.cancelled() {
                return Err(Error::Interrupted);
            }
        }
        Ok(agreement)
    }

    async fn switch(&self) -> Result<Revised<DeploymentRecord>, Error> {
        let switched = self
            .stage
            .registry
            .change(self.endpoint, &self.by(), |record| rollout::switch(record, self.mine))
            .await;
        match switched {
            Ok(record) => Ok(record),
            Err(ChangeError::Registry(error)) => Err(error.into()),
            Err(ChangeError::Refused(_)) => Err(self.superseded().into()),
        }
    }

    async fn wait_until_switched(&self) -> Result<Vec<ServerReport>, Error> {
        // The version answers by now: who no longer wants it comes too late.
        let wait = Wait { cx: None, ..Wait::new(self.stage.deploy.switch_seconds, self.cx) };
        loop {
            let alive = self.stage.alive().await?;
            let reports = self.stage.registry.servers(self.endpoint).await?;
            match rollout::switched(&alive, &reports, self.mine.version) {
                Loading::Ready(servers) => return Ok(servers),
                Loading::Waiting(servers) => {
                    if !wait.again(LOOK).await? {
                        return Err(Error::Lagging { servers: servers.join(", ") });
                    }
                }
            }
        }
    }

    fn deployment(
        &self,
        live: &Revised<DeploymentRecord>,
        servers: &[ServerReport],
        agreement: Agreement,
    ) -> Deployment {
        let base = servers.first().map(|server| server.url.as_str()).unwrap_or_default();
        let previous = live.value.previous.as_ref().map_or(0, |previous| previous.version);
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
            previous_version: previous,
            strategy: DeploymentStrategy::BlueGreen.into(),
            url: format!("{base}/v2/models/{}", self.endpoint),
            record_revision: live.revision,
            checked_rows: u32::try_from(agreement.rows).unwrap_or(u32::MAX),
            max_difference: agreement.max_difference,
            servers: servers.iter().map(|server| server.server.clone()).collect(),
        }
    }

    fn superseded(&self) -> Refusal {
        Refusal::Superseded { endpoint: self.endpoint.to_owned(), version: self.mine.version }
    }

    /// The version was archived: by an earlier attempt at this run, whose decision stands, or after it had answered.
    async fn archived_before(&self, version: &ModelVersion) -> Result<Error, Error> {
        let record = self.stage.registry.record(self.endpoint).await?;
        let standing = record.map(|record| rollout::standing(&record.value, self.mine));
        if standing == Some(Standing::Green) {
            self.withdraw().await?;
        }
        let reason =
            version.transitions.last().map(|last| last.reason.as_str()).unwrap_or_default();
        Ok(match standing {
            Some(Standing::Replaced) => self.superseded().into(),
            _ => Refusal::from_record(reason).into(),
        })
    }

    /// Removes green, so that servers let go of it.
    async fn withdraw(&self) -> Result<(), Error> {
        let by = self.by();
        let withdrawn = self.stage.registry.change(self.endpoint, &by, |record| {
            rollout::withdraw(record, self.mine);
            Ok::<_, Conflict>(())
        });
        match withdrawn.await {
            Ok(_) | Err(ChangeError::Refused(_)) => Ok(()),
            Err(ChangeError::Registry(error)) => Err(error.into()),
        }
    }

    /// After a refusal: green is removed and the version archived with the reason, which a repetition will find.
    async fn clean_up(&self, refusal: &Refusal) -> Result<(), Error> {
        tracing::warn!(endpoint = self.endpoint, version = self.mine.version, %refusal, "version refused");
        self.withdraw().await?;
        self.stage
            .registry
            .transition(
                &self.mine.model,
                self.mine.version,
                ModelStage::Archived,
                &self.by(),
                &refusal.recorded(),
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

/// A bounded wait that ends when the work is no longer wanted.
struct Wait<'a> {
    until: Instant,
    /// None for a wait that has to come to its own end.
    cx: Option<&'a StageContext>,
}

impl<'a> Wait<'a> {
    fn new(seconds: f64, cx: &'a StageContext) -> Self {
        Self { until: Instant::now() + Duration::from_secs_f64(seconds), cx: Some(cx) }
    }

    /// Rests; false where the time is over.
    async fn again(&self, rest: Duration) -> Result<bool, Error> {
        if self.cx.is_some_and(StageContext::cancelled) {
            return Err(Error::Interrupted);
        }
        if Instant::now() >= self.until {
            return Ok(false);
        }
        tokio::time::sleep(rest).await;
        Ok(true)
    }
}
