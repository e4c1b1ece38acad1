//! What people do to an endpoint: dividing its requests, and going on or back.

use contracts::v1::{DeployedVersion, DeploymentRecord};
use registry::Registry;
use rollout::TrafficShare;
use serde::{Deserialize, Serialize};

use super::view::{EndpointDocument, ShareView};
use super::{document, known};
use crate::{Broker, Change, Error};

/// The division of an endpoint's requests among versions of its model, for good.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct SplitEndpoint {
    /// Name of the endpoint.
    pub endpoint: String,
    /// The versions with their shares, which are 100 per cent in all.
    pub shares: Vec<ShareView>,
    /// Whether each routing key gets always the same version.
    pub sticky: bool,
    /// Why, for the ledger; may be empty.
    pub reason: String,
}

impl Change for SplitEndpoint {
    const ROUTE: &'static str = "/api/v1/endpoints/{endpoint}/split";
    type Answer = EndpointDocument;

    async fn make(&self, broker: &Broker, by: &str) -> Result<EndpointDocument, Error> {
        let (registry, name) = (&broker.registry, &self.endpoint);
        let record = known(registry, name).await?;
        let portions = portions(registry, &record.value, &self.shares).await?;
        let changed = registry.split(name, &portions, self.sticky, by, &self.reason).await?;
        document(registry, &changed).await
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
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct PromoteEndpoint {
    /// Name of the endpoint.
    pub endpoint: String,
    /// Whether what is left of a paused rollout is skipped.
    pub full: bool,
    /// Why, for the ledger; may be empty.
    pub reason: String,
}

impl Change for PromoteEndpoint {
    const ROUTE: &'static str = "/api/v1/endpoints/{endpoint}/promote";
    type Answer = EndpointDocument;

    async fn make(&self, broker: &Broker, by: &str) -> Result<EndpointDocument, Error> {
        let (registry, name) = (&broker.registry, &self.endpoint);
        known(registry, name).await?;
        let changed = registry.promote(name, self.full, by, &self.reason).await?;
        document(registry, &changed).await
    }
}

/// The last step of an endpoint taken back: the end of a rollout or a split, or the version before.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct RollBackEndpoint {
    /// Name of the endpoint.
    pub endpoint: String,
    /// Why, for the ledger; may be empty.
    pub reason: String,
}

impl Change for RollBackEndpoint {
    const ROUTE: &'static str = "/api/v1/endpoints/{endpoint}/rollback";
    type Answer = EndpointDocument;

    async fn make(&self, broker: &Broker, by: &str) -> Result<EndpointDocument, Error> {
        let (registry, name) = (&broker.registry, &self.endpoint);
        known(registry, name).await?;
        let changed = registry.rollback(name, by, &self.reason).await?;
        document(registry, &changed).await
    }
}
