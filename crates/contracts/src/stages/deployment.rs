//! The deployment.

use super::parse::{forms, specified};
use crate::v1::{DeploymentStrategy, ModelStage, Share, Verdict};
use crate::validate::{checks, deployment};
use crate::{ContractError, FieldPath, Validate};

/// Output of the model-deployer.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Deployment {
    /// Name of the endpoint.
    pub endpoint: String,
    /// Name of the registered model.
    pub model: String,
    /// The version of this run, from 1.
    pub version: u32,
    /// SHA-256 of its bundle, 64 hexadecimal digits.
    pub digest: String,
    /// The version that was live before and is kept; 0 where there was none.
    pub previous_version: u32,
    /// The strategy that was used; none where it was not recorded, which means blue-green.
    pub strategy: Option<DeploymentStrategy>,
    /// Where the endpoint answers (V2 REST), an http or https URL.
    pub url: String,
    /// Revision of the deployment record that made it live, from 1.
    pub record_revision: u64,
    /// Rows whose served predictions were compared with the trainer's, 1 or more.
    pub checked_rows: u32,
    /// Greatest difference found, 0 or more, in the unit of the prediction.
    pub max_difference: f64,
    /// Servers that have it live, one or more, each once.
    pub servers: Vec<String>,
    /// Where the version stands after the deployment; none where it was not recorded, which means production.
    pub stage: Option<ModelStage>,
    /// The judgements on the way, the newest last.
    pub verdicts: Vec<Verdict>,
    /// How the endpoint's requests are divided after the deployment; empty where the live version answers all.
    pub shares: Vec<Share>,
}

forms! {
    Deployment {
        endpoint, model, version, digest, previous_version, url, record_revision, checked_rows,
        max_difference, servers, verdicts, shares,
    }
    parse(message, at) {
        strategy: specified(&at.field("strategy"), message.strategy)?,
        stage: specified(&at.field("stage"), message.stage)?,
    }
    back(deployment) {
        strategy: deployment.strategy.unwrap_or_default().into(),
        stage: deployment.stage.unwrap_or_default().into(),
    }
}

impl Validate for Deployment {
    fn validate_at(&self, at: &FieldPath<'_>) -> Result<(), ContractError> {
        checks::name(&at.field("endpoint"), &self.endpoint)?;
        checks::name(&at.field("model"), &self.model)?;
        deployment::version(&at.field("version"), self.version)?;
        checks::digest(&at.field("digest"), &self.digest)?;
        checks::consistent(
            &at.field("previous_version"),
            self.previous_version != self.version,
            || "another version than the one that is live".to_owned(),
        )?;
        deployment::url(&at.field("url"), &self.url)?;
        let revision = at.field("record_revision");
        checks::in_range(&revision, self.record_revision > 0, "1 or more")?;
        checks::in_range(&at.field("checked_rows"), self.checked_rows > 0, "1 or more")?;
        checks::not_negative(&at.field("max_difference"), self.max_difference)?;
        let servers = at.field("servers");
        checks::not_empty(&servers, &self.servers, "one server or more")?;
        for (index, server) in self.servers.iter().enumerate() {
            checks::identifier(&servers.index(index), server, "a server")?;
        }
        checks::unique(&servers, self.servers.iter().map(String::as_str))?;
        checks::each(&at.field("verdicts"), &self.verdicts)?;
        checks::each(&at.field("shares"), &self.shares)
    }
}
