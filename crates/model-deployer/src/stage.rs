//! One deployment, step by step.

use std::time::{Duration, Instant};

use bus::Bus;
use contracts::messages::{DeployedVersion, ModelStage, ModelVersion, ServerReport};
use contracts::stages::{DeploymentStrategy, TrainedModel};
use contracts::{Agent, ValidHandoff};
use mlflow::MlflowConfig;
use process::{CancellationToken, Resources, StartError};
use registry::Registry;
use scoring::CheckRows;
use stage::{Stage, StageContext, StageResult};
use tracing::Instrument as _;

use crate::client::Client;
use crate::config::{Config, Deploy};
use crate::controller::Controller;
use crate::deployment::DeploymentRun;
use crate::error::{DeployError, Error};
use crate::tracker;

/// Endpoint name under which model servers report their presence.
const PRESENCE: &str = "-";
/// How often reports are looked at.
pub(crate) const POLL_INTERVAL: Duration = Duration::from_millis(100);

/// State that all handoffs of the agent share.
#[derive(Debug)]
pub struct ModelDeployer {
    pub(crate) deploy: Deploy,
    mlflow: MlflowConfig,
    pub(crate) registry: Registry,
    pub(crate) client: Client,
    pub(crate) bus: Bus,
}

impl Stage for ModelDeployer {
    const AGENT: Agent = Agent::ModelDeployer;
    /// A deployment waits for servers and for its turn, and one that waits must not keep from work the one that it waits for.
    const IN_FLIGHT: usize = 8;
    type Config = Config;
    type Error = Error;

    async fn new(config: Config, resources: &Resources) -> Result<Self, StartError> {
        let registry = Registry::new(&resources.bus)
            .await
            .map_err(|error| StartError::new("the registry cannot be opened", error))?;
        crate::telemetry::describe();
        let (bus, client) = (resources.bus.clone(), Client::new(&config.deploy)?);
        Ok(Self { client, deploy: config.deploy, mlflow: config.mlflow, registry, bus })
    }

    async fn handle(&self, input: &ValidHandoff, cx: &StageContext) -> Result<StageResult, Error> {
        let trained = input.trained_model()?;
        let parts = parts(input)?;
        let endpoint = parts.model.clone();
        let scope = input.scope()?;
        let strategy = scope.strategy.unwrap_or(DeploymentStrategy::BlueGreen);
        let plan = rollout::filled(scope.rollout.as_ref(), strategy);
        rollout::check(&plan).map_err(|(step, source)| DeployError::Plan { step, source })?;
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
        let rollout = DeploymentRun {
            stage: self,
            endpoint: &endpoint,
            mine: &mine,
            cx,
            strategy,
            plan: &plan,
        };
        if version.stage() == ModelStage::Archived && !registry::was_in_production(&version) {
            return Err(rollout.archived_before(&version).await?);
        }
        let deploying = tracing::info_span!("deploy", endpoint, version = version.version);
        match rollout.run(&version, &check, trained).instrument(deploying).await {
            Ok(done) => Ok(tracker::noted(done, &self.mlflow).await),
            // What was decided for by an earlier attempt answers; it is not put away for what a later one finds.
            Err(Error::Refused(_)) if rollout.has_answered().await? => {
                rollout.answered(check.rows.len()).await
            }
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

    async fn background(
        &self,
        resources: &Resources,
        shutdown: CancellationToken,
    ) -> Result<(), StartError> {
        let (registry, client) = (self.registry.clone(), self.client.clone());
        Controller::new(self.bus.clone(), registry, client).run(resources, shutdown).await
    }
}

/// Who changes records: the run, and its epoch where it was driven anew.
pub(crate) fn by(cx: &StageContext) -> String {
    match cx.epoch {
        0 => format!("{}/{}", Agent::ModelDeployer, cx.run_id),
        epoch => format!("{}/{}.{epoch}", Agent::ModelDeployer, cx.run_id),
    }
}

/// What is registered of the trained model.
fn parts(input: &ValidHandoff) -> Result<ModelVersion, Error> {
    let trained = input.trained_model()?.to_message();
    Ok(ModelVersion {
        model: input.scope()?.name.clone(),
        bundle: trained.bundle,
        data_sha256: input.prepared_data()?.source_sha256.clone(),
        algorithm: trained.algorithm,
        test_metrics: trained.test_metrics,
        signature_inputs: trained.signature_inputs,
        problem_type: trained.problem_type,
        classes: trained.classes,
        ..ModelVersion::default()
    })
}

impl ModelDeployer {
    async fn check_rows(
        &self,
        trained: &TrainedModel,
        cx: &StageContext,
    ) -> Result<CheckRows, Error> {
        let bytes = cx.artifacts.get(&trained.check_rows).await?;
        let problem = "they are not JSON of the right form";
        let rows = serde_json::from_slice(&bytes)
            .map_err(|_| DeployError::CheckRows { problem: problem.to_owned() })?;
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

    /// The servers that are alive.
    pub(crate) async fn present(&self) -> Result<Vec<ServerReport>, Error> {
        Ok(self.registry.servers(PRESENCE).await?)
    }

    /// The names of the servers that are alive.
    pub(crate) async fn alive(&self) -> Result<Vec<String>, Error> {
        Ok(self.present().await?.into_iter().map(|report| report.server).collect())
    }

    async fn wait_for_server(&self, cx: &StageContext) -> Result<(), Error> {
        let wait = BoundedWait::new(self.deploy.server_seconds, cx);
        while self.alive().await?.is_empty() {
            if !wait.wait_once(POLL_INTERVAL).await? {
                return Err(DeployError::NoModelServer.into());
            }
        }
        Ok(())
    }
}

/// A bounded wait that ends when the work is no longer wanted.
pub(crate) struct BoundedWait<'a> {
    until: Instant,
    /// None for a wait that has to come to its own end.
    cx: Option<&'a StageContext>,
}

impl<'a> BoundedWait<'a> {
    pub(crate) fn new(seconds: f64, cx: &'a StageContext) -> Self {
        Self { until: Instant::now() + Duration::from_secs_f64(seconds), cx: Some(cx) }
    }

    /// A wait that is not broken off where the work is no longer wanted.
    pub(crate) fn to_the_end(seconds: f64) -> Self {
        Self { until: Instant::now() + Duration::from_secs_f64(seconds), cx: None }
    }

    /// Rests; false where the time is over.
    pub(crate) async fn wait_once(&self, rest: Duration) -> Result<bool, Error> {
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
