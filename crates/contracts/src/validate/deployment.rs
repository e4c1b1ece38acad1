//! The records of deployments and versions.

use super::{checks, data, registry, request};
use crate::stages::chosen;
use crate::v1::{
    DeployedVersion, DeploymentRecord, LoadFailure, ModelStage, ModelVersion, ProblemType,
    ServerReport, StageTransition,
};
use crate::{ContractError, FieldError, FieldPath, Validate};

const MAX_URL: usize = 2048;

pub(crate) fn version(at: &FieldPath<'_>, version: u32) -> Result<(), ContractError> {
    checks::in_range(at, version > 0, "1 or more")
}

pub(crate) fn url(at: &FieldPath<'_>, url: &str) -> Result<(), ContractError> {
    checks::non_blank(at, url, MAX_URL, "an http or https URL")?;
    if url.starts_with("http://") || url.starts_with("https://") {
        return Ok(());
    }
    Err(at.refuse(FieldError::Form { expected: "an http or https URL" }))
}

impl Validate for DeployedVersion {
    fn validate_at(&self, at: &FieldPath<'_>) -> Result<(), ContractError> {
        checks::name(&at.field("model"), &self.model)?;
        version(&at.field("version"), self.version)?;
        checks::required(&at.field("bundle"), self.bundle.as_ref(), "the bundle")?;
        checks::name(&at.field("run_id"), &self.run_id)
    }
}

impl Validate for DeploymentRecord {
    fn validate_at(&self, at: &FieldPath<'_>) -> Result<(), ContractError> {
        checks::name(&at.field("endpoint"), &self.endpoint)?;
        for (name, held) in
            [("live", &self.live), ("green", &self.green), ("previous", &self.previous)]
        {
            if let Some(held) = held {
                held.validate_at(&at.field(name))?;
            }
        }
        checks::required_time(&at.field("updated_at"), self.updated_at.as_ref())?;
        checks::identifier(&at.field("updated_by"), &self.updated_by, "who changed it")?;
        let members = at.field("members");
        checks::at_most(&members, self.members.len(), super::rollout::MAX_MEMBERS)?;
        checks::each(&members, &self.members)?;
        if let Some(routing) = &self.routing {
            let place = at.field("routing");
            routing.validate_at(&place)?;
            let held = |version: u32| {
                self.live.iter().chain(&self.members).any(|held| held.version == version)
            };
            let named = routing
                .shares
                .iter()
                .map(|share| share.version)
                .chain(routing.shadows.iter().copied());
            for version in named {
                checks::consistent(&place, held(version), || {
                    format!(
                        "versions that are live or among the members, which version {version} is not"
                    )
                })?;
            }
        }
        if let Some(rollout) = &self.rollout {
            rollout.validate_at(&at.field("rollout"))?;
        }
        let earlier = at.field("earlier_inputs");
        checks::column_list(&earlier, &self.earlier_inputs)?;
        checks::text(&at.field("reason"), &self.reason, checks::MAX_TEXT)
    }
}

impl Validate for ServerReport {
    fn validate_at(&self, at: &FieldPath<'_>) -> Result<(), ContractError> {
        checks::identifier(&at.field("server"), &self.server, "the server")?;
        checks::name(&at.field("endpoint"), &self.endpoint)?;
        url(&at.field("url"), &self.url)?;
        let ready = at.field("ready_versions");
        for (index, number) in self.ready_versions.iter().enumerate() {
            version(&ready.index(index), *number)?;
        }
        checks::each(&at.field("failures"), &self.failures)?;
        checks::required_time(&at.field("at"), self.at.as_ref())?;
        checks::text(&at.field("grpc_url"), &self.grpc_url, MAX_URL)?;
        checks::each(&at.field("traffic"), &self.traffic)
    }
}

impl Validate for LoadFailure {
    fn validate_at(&self, at: &FieldPath<'_>) -> Result<(), ContractError> {
        version(&at.field("version"), self.version)?;
        checks::non_blank(&at.field("reason"), &self.reason, checks::MAX_TEXT, "why")
    }
}

impl Validate for ModelVersion {
    fn validate_at(&self, at: &FieldPath<'_>) -> Result<(), ContractError> {
        checks::name(&at.field("model"), &self.model)?;
        version(&at.field("version"), self.version)?;
        checks::required(&at.field("bundle"), self.bundle.as_ref(), "the bundle")?;
        checks::choice::<ModelStage>(&at.field("stage"), self.stage)?;
        checks::name(&at.field("run_id"), &self.run_id)?;
        checks::digest(&at.field("data_sha256"), &self.data_sha256)?;
        checks::identifier(&at.field("algorithm"), &self.algorithm, "an algorithm")?;
        let metrics = at.field("test_metrics");
        for (name, estimate) in &self.test_metrics {
            estimate.validate_at(&metrics.key(name))?;
        }
        checks::required_time(&at.field("created_at"), self.created_at.as_ref())?;
        checks::each(&at.field("transitions"), &self.transitions)?;
        data::schema(&at.field("signature_inputs"), &self.signature_inputs)?;
        let problem = chosen::<ProblemType, _>(&at.field("problem_type"), self.problem_type)?;
        request::classes(&at.field("classes"), problem, &self.classes)?;
        registry::annotations(at, self)
    }
}

impl Validate for StageTransition {
    fn validate_at(&self, at: &FieldPath<'_>) -> Result<(), ContractError> {
        checks::choice::<ModelStage>(&at.field("from"), self.from)?;
        checks::choice::<ModelStage>(&at.field("to"), self.to)?;
        checks::required_time(&at.field("at"), self.at.as_ref())?;
        checks::identifier(&at.field("by"), &self.by, "who did it")?;
        checks::text(&at.field("reason"), &self.reason, checks::MAX_TEXT)?;
        if self.code.is_empty() {
            return Ok(());
        }
        checks::identifier(&at.field("code"), &self.code, "an identifier such as check_mismatch")
    }
}
