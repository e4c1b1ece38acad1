//! From a version to the endpoints that hold it now, and to those that it ever answered at.

use contracts::v1::{DeployedVersion, DeploymentRecord};

use crate::{Error, Registry};

/// What a version is to an endpoint.
#[derive(
    Debug,
    Clone,
    Copy,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    serde::Serialize,
    serde::Deserialize,
    schemars::JsonSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// The version answers requests.
    Live,
    /// It is being checked off-traffic, or takes part in the routing.
    Member,
    /// It answered before and is kept.
    Previous,
}

/// An endpoint that holds a version.
#[derive(
    Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize, schemars::JsonSchema,
)]
pub struct HoldingEndpoint {
    /// Name of the endpoint.
    pub endpoint: String,
    /// What the version is to it.
    pub role: Role,
    /// Revision of the deployment record.
    pub revision: u64,
}

/// An endpoint at which a version of a model answers.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct AnsweringEndpoint {
    /// Name of the endpoint.
    pub endpoint: String,
    /// The version that is live there.
    pub version: u32,
}

impl Registry {
    /// The endpoints at which versions of a model answer.
    ///
    /// # Errors
    /// [`Error::Bus`], [`Error::Damaged`].
    pub async fn answering(&self, model: &str) -> Result<Vec<AnsweringEndpoint>, Error> {
        let mut answering = Vec::new();
        crate::records::scan(
            &self.deployments,
            ">",
            |found: crate::Revisioned<DeploymentRecord>| {
                let live = found.value.live.filter(|live| live.model == model);
                if let Some(live) = live {
                    answering.push(AnsweringEndpoint {
                        endpoint: found.value.endpoint,
                        version: live.version,
                    });
                }
            },
        )
        .await?;
        answering.sort_by(|a, b| a.endpoint.cmp(&b.endpoint));
        Ok(answering)
    }

    /// The endpoints whose records hold a version now.
    ///
    /// # Errors
    /// [`Error::Bus`], [`Error::Damaged`].
    pub async fn endpoints_of(
        &self,
        model: &str,
        version: u32,
    ) -> Result<Vec<HoldingEndpoint>, Error> {
        let mut held = Vec::new();
        crate::records::scan(&self.deployments, ">", |found| {
            let record: DeploymentRecord = found.value;
            if let Some(role) = role(&record, model, version) {
                held.push(HoldingEndpoint {
                    endpoint: record.endpoint,
                    role,
                    revision: found.revision,
                });
            }
        })
        .await?;
        held.sort_by(|a, b| a.endpoint.cmp(&b.endpoint));
        Ok(held)
    }
}

/// What a version is to the endpoint of a record.
pub(crate) fn role(record: &DeploymentRecord, model: &str, version: u32) -> Option<Role> {
    let is = |held: &DeployedVersion| held.model == model && held.version == version;
    if record.live.as_ref().is_some_and(is) {
        return Some(Role::Live);
    }
    if record.green.iter().chain(&record.members).any(is) {
        return Some(Role::Member);
    }
    record.previous.as_ref().is_some_and(is).then_some(Role::Previous)
}
