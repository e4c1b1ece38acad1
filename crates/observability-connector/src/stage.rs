//! Registering a monitor, and the counting beside it.

use std::time::SystemTime;

use contracts::messages::{ModelStage, Monitor};
use contracts::stages;
use contracts::{Agent, ValidHandoff, subjects, time};
use process::{CancellationToken, Resources, StartError};
use registry::Registry;
use stage::{Stage, StageContext, StageResult};
use statistics::Profile;

use crate::config::{Config, Monitoring};
use crate::error::Error;
use crate::tasks::{check, count, join, notify};

/// State that all handoffs of the agent share.
#[derive(Debug)]
pub struct ObservabilityConnector {
    monitoring: Monitoring,
    registry: Registry,
}

impl Stage for ObservabilityConnector {
    const AGENT: Agent = Agent::ObservabilityConnector;
    type Config = Config;
    type Error = Error;

    async fn new(config: Config, resources: &Resources) -> Result<Self, StartError> {
        let registry = Registry::new(&resources.bus)
            .await
            .map_err(|error| StartError::new("the registry cannot be opened", error))?;
        Ok(Self { monitoring: config.monitoring, registry })
    }

    async fn handle(&self, input: &ValidHandoff, cx: &StageContext) -> Result<StageResult, Error> {
        let deployment = input.deployment()?;
        let prepared = input.prepared_data()?;
        let reference = &prepared.profile;
        let profile = cx.artifacts.get(reference).await?;
        let profile: Profile = serde_json::from_slice(&profile)
            .map_err(|source| Error::Profile { sha256: reference.sha256.clone(), source })?;
        // What callers give is watched; the profile knows the target as well.
        let trained = input.trained_model()?.to_message();
        let scope = input.scope()?;
        let watched_columns = trained
            .signature_inputs
            .iter()
            .map(|input| input.name.clone())
            .filter(|name| profile.column(name).is_some())
            .collect();
        // A version that only gets copies, or a share on trial, is not yet what the endpoint is watched against.
        let takes_over = deployment.stage.is_none_or(|stage| stage == ModelStage::Production);
        if !takes_over {
            tracing::info!(version = deployment.version, "the live version stays the watched one");
        } else {
            self.registry
                .monitors()
                .put(&Monitor {
                    endpoint: deployment.endpoint.clone(),
                    model: deployment.model.clone(),
                    version: deployment.version,
                    digest: deployment.digest.clone(),
                    reference_profile: Some(reference.clone()),
                    run_id: cx.run_id.as_str().to_owned(),
                    registered_at: Some(time::timestamp(SystemTime::now())),
                    data_sha256: prepared.source_sha256.clone(),
                    drift_reference: trained.drift_reference,
                    problem_type: trained.problem_type,
                    classes: trained.classes,
                    positive_class: scope.positive_class.clone(),
                    target: scope.target.clone(),
                    metric: scope.metric.clone(),
                    test_metrics: trained.test_metrics,
                    threshold: trained.threshold,
                    signature_inputs: trained.signature_inputs,
                })
                .await?;
        }
        let predictions_subject = subjects::prediction(&deployment.endpoint)?;
        Ok(StageResult::success(stages::Monitoring {
            monitor: deployment.endpoint.clone(),
            version: deployment.version,
            digest: deployment.digest.clone(),
            reference_profile: reference.clone(),
            watched_columns,
            predictions_subject,
        }))
    }

    async fn background(
        &self,
        resources: &Resources,
        shutdown: CancellationToken,
    ) -> Result<(), StartError> {
        let monitoring = &self.monitoring;
        tokio::try_join!(
            count::run(monitoring, resources, shutdown.clone()),
            join::run(monitoring, resources, shutdown.clone()),
            check::run(monitoring, resources, shutdown.clone()),
            notify::run(&monitoring.webhooks, resources, shutdown),
        )?;
        Ok(())
    }
}
