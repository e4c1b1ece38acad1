//! Endpoints: what answers, what is measured of it, the servers that hold it, and how people divide its requests.

mod changes;
mod view;

use contracts::v1::DeploymentRecord;
use registry::{Registry, Revisioned};
use reqwest::StatusCode;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

pub use changes::{PromoteEndpoint, RollBackEndpoint, SplitEndpoint};
pub use view::{
    DeployedView, EndpointDocument, EndpointsDocument, RolloutView, RoutingView, ServerView,
    ShareView, TrafficView, VerdictView,
};

use crate::error::MAX_SUGGESTIONS;
use crate::query::{after_name, limit};
use crate::{Broker, Error, Query};

/// A page of endpoints by name.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct ListEndpoints {
    /// Those only whose names come after this one.
    #[schemars(regex(pattern = "^[A-Za-z0-9_-]{1,64}$"))]
    pub after: Option<String>,
    /// Most of them, 1 to 1000; 100 where it is left out.
    #[schemars(range(min = 1, max = 1000))]
    pub limit: Option<usize>,
}

impl Query for ListEndpoints {
    const ROUTE: &'static str = "/api/v1/endpoints";
    const EXPECTED: &'static str = "after (an endpoint) and limit (1 to 1000), both optional";
    type Answer = EndpointsDocument;

    async fn read(&self, broker: &Broker) -> Result<EndpointsDocument, Error> {
        let (registry, limit) = (&broker.registry, limit(self.limit)?);
        let after = after_name(self.after.as_deref())?;
        let mut names = registry.endpoints().await?;
        names.retain(|name| after.is_none_or(|after| name.as_str() > after));
        let more = names.len() > limit;
        names.truncate(limit);
        let next = names.last().cloned().filter(|_| more);
        let mut endpoints = Vec::with_capacity(names.len());
        for name in names {
            if let Some(record) = registry.record(&name).await? {
                endpoints.push(document(registry, &record).await?);
            }
        }
        Ok(EndpointsDocument { endpoints, next })
    }
}

/// An endpoint: its versions, how its requests are divided, its rollout and its servers.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct ShowEndpoint {
    /// Name of the endpoint.
    #[schemars(extend("examples" = ["churn"]))]
    pub endpoint: String,
}

impl Query for ShowEndpoint {
    const ROUTE: &'static str = "/api/v1/endpoints/{endpoint}";
    type Answer = EndpointDocument;

    async fn read(&self, broker: &Broker) -> Result<EndpointDocument, Error> {
        let record = known(&broker.registry, &self.endpoint).await?;
        document(&broker.registry, &record).await
    }

    fn revision(answer: &EndpointDocument) -> Option<u64> {
        Some(answer.revision)
    }
}

async fn document(
    registry: &Registry,
    record: &Revisioned<DeploymentRecord>,
) -> Result<EndpointDocument, Error> {
    Ok(EndpointDocument::new(record, &registry.servers(&record.value.endpoint).await?))
}

/// The record of an endpoint; a refusal names the endpoints that there are.
pub(crate) async fn known(
    registry: &Registry,
    endpoint: &str,
) -> Result<Revisioned<DeploymentRecord>, Error> {
    // A name becomes a key, and other text is the key of nothing.
    let record = match contracts::is_name(endpoint) {
        true => registry.record(endpoint).await?,
        false => None,
    };
    match record {
        Some(record) => Ok(record),
        None => Err(unknown(registry, endpoint).await),
    }
}

/// That there is no such endpoint, with those that there are; the registry's error where it cannot name them.
pub async fn unknown(registry: &Registry, endpoint: &str) -> Error {
    let mut known = match registry.endpoints().await {
        Ok(known) => known,
        Err(error) => return error.into(),
    };
    known.truncate(MAX_SUGGESTIONS);
    let name: String = endpoint.chars().take(100).collect();
    let message = format!("there is no endpoint `{name}`");
    Error::new(StatusCode::NOT_FOUND, "endpoint_not_found", message).about("endpoint", &name, known)
}
