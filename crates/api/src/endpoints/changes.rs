//! What people do to an endpoint: dividing its requests, and going on or back.

use contracts::v1::{DeployedVersion, DeploymentRecord};
use registry::Registry;
use rollout::TrafficShare;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::view::{EndpointDocument, ShareView};
use super::{document, known};
use crate::query::{Condition, revision_of};
use crate::{Broker, Change, Error};

/// The division of an endpoint's requests among versions of its model, for good.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
#[schemars(extend("required" = ["shares"]))]
pub struct SplitEndpoint {
    /// Name of the endpoint.
    #[schemars(extend("examples" = ["churn"]))]
    pub endpoint: String,
    /// The versions with their shares, which are 100 per cent in all.
    #[schemars(length(min = 1))]
    pub shares: Vec<ShareView>,
    /// Whether each routing key gets always the same version.
    pub sticky: bool,
    /// Why, for the ledger; may be empty.
    pub reason: String,
    /// The revision that the endpoint's record has to be at; left out, whichever it is at. The same as `If-Match`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub expected_revision: Option<u64>,
}

impl Change for SplitEndpoint {
    const ROUTE: &'static str = "/api/v1/endpoints/{endpoint}/split";
    type Answer = EndpointDocument;
    const CONDITION: Option<Condition> = Some(Condition::Revision);

    async fn make(&self, broker: &Broker, by: &str) -> Result<EndpointDocument, Error> {
        let (registry, name) = (&broker.registry, &self.endpoint);
        if self.shares.is_empty() {
            return Err(Error::invalid("shares: expected one at least"));
        }
        let record = known(registry, name).await?;
        let portions = portions(registry, &record.value, &self.shares).await?;
        let changed = registry
            .split(name, self.expected_revision, &portions, self.sticky, by, &self.reason)
            .await?;
        document(registry, &changed).await
    }

    fn under(self, value: &str) -> Result<Self, Error> {
        Ok(Self { expected_revision: Some(revision_of(value)?), ..self })
    }

    fn revision(answer: &EndpointDocument) -> Option<u64> {
        Some(answer.revision)
    }
}

/// The versions of the endpoint's model with their shares.
async fn portions(
    registry: &Registry,
    record: &DeploymentRecord,
    shares: &[ShareView],
) -> Result<Vec<TrafficShare>, Error> {
    let model = record.live.as_ref().map_or(record.endpoint.as_str(), |live| live.model.as_str());
    let mut portions = Vec::with_capacity(shares.len());
    for &ShareView { version, per_cent } in shares {
        if !(0.0..=100.0).contains(&per_cent) {
            return Err(Error::invalid(format!("shares: {per_cent} is not 0 to 100 per cent")));
        }
        let found = registry.version(model, version).await?;
        let unknown = || registry::Error::UnknownVersion { model: model.to_owned(), version };
        let found = found.ok_or_else(unknown)?;
        portions.push(TrafficShare {
            version: DeployedVersion {
                model: found.model,
                version: found.version,
                bundle: found.bundle,
                run_id: found.run_id,
            },
            weight: (per_cent * 100.0).round() as u32,
        });
    }
    Ok(portions)
}

/// The next step of a paused rollout; else all traffic for the version that is tried or mirrored.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct PromoteEndpoint {
    /// Name of the endpoint.
    #[schemars(extend("examples" = ["churn"]))]
    pub endpoint: String,
    /// Whether what is left of a paused rollout is skipped.
    pub full: bool,
    /// Why, for the ledger; may be empty.
    pub reason: String,
    /// The revision that the endpoint's record has to be at; left out, whichever it is at. The same as `If-Match`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub expected_revision: Option<u64>,
}

impl Change for PromoteEndpoint {
    const ROUTE: &'static str = "/api/v1/endpoints/{endpoint}/promote";
    type Answer = EndpointDocument;
    const CONDITION: Option<Condition> = Some(Condition::Revision);

    async fn make(&self, broker: &Broker, by: &str) -> Result<EndpointDocument, Error> {
        let (registry, name) = (&broker.registry, &self.endpoint);
        known(registry, name).await?;
        let changed =
            registry.promote(name, self.expected_revision, self.full, by, &self.reason).await?;
        document(registry, &changed).await
    }

    fn under(self, value: &str) -> Result<Self, Error> {
        Ok(Self { expected_revision: Some(revision_of(value)?), ..self })
    }

    fn revision(answer: &EndpointDocument) -> Option<u64> {
        Some(answer.revision)
    }
}

/// The last step of an endpoint taken back: the end of a rollout or a split, or the version before.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct RollBackEndpoint {
    /// Name of the endpoint.
    #[schemars(extend("examples" = ["churn"]))]
    pub endpoint: String,
    /// Why, for the ledger; may be empty.
    pub reason: String,
    /// The revision that the endpoint's record has to be at; left out, whichever it is at. The same as `If-Match`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub expected_revision: Option<u64>,
}

impl Change for RollBackEndpoint {
    const ROUTE: &'static str = "/api/v1/endpoints/{endpoint}/rollback";
    type Answer = EndpointDocument;
    const CONDITION: Option<Condition> = Some(Condition::Revision);

    async fn make(&self, broker: &Broker, by: &str) -> Result<EndpointDocument, Error> {
        let (registry, name) = (&broker.registry, &self.endpoint);
        known(registry, name).await?;
        let changed = registry.rollback(name, self.expected_revision, by, &self.reason).await?;
        document(registry, &changed).await
    }

    fn under(self, value: &str) -> Result<Self, Error> {
        Ok(Self { expected_revision: Some(revision_of(value)?), ..self })
    }

    fn revision(answer: &EndpointDocument) -> Option<u64> {
        Some(answer.revision)
    }
}
