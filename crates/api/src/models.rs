//! Models and versions: a page of them, one of them, those that meet a query, two side by side.
//!
//! A version is named by its number, an alias, or `latest`.

mod changes;
pub mod comparison;
pub mod view;

use contracts::v1::{ModelVersion, RegisteredModel};
use registry::search::{Order, ParseOrderError};
use registry::{Error as RegistryError, Registry};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

pub use changes::{
    DescribeModel, DescribeVersion, NoteVersion, SetAlias, SetStage, StageDocument, TagModel,
    TagVersion, VersionName,
};
use comparison::Comparison;
use view::{
    ModelDocument, ModelView, ModelsDocument, SearchDocument, VersionDocument, VersionView,
};

use crate::error::MAX_SUGGESTIONS;
use crate::query::{after_name, limit};
use crate::{Broker, Error, Query};

/// A page of models by name.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct ListModels {
    /// How their names begin; empty for all.
    pub prefix: String,
    /// Those only whose names come after this one.
    #[schemars(regex(pattern = "^[A-Za-z0-9_-]{1,64}$"))]
    pub after: Option<String>,
    /// Most of them, 1 to 1000; 100 where it is left out.
    #[schemars(range(min = 1, max = 1000))]
    pub limit: Option<usize>,
}

impl Query for ListModels {
    const ROUTE: &'static str = "/api/v1/models";
    const EXPECTED: &'static str = "prefix, after (a model) and limit (1 to 1000), all optional";
    type Answer = ModelsDocument;

    async fn read(&self, broker: &Broker) -> Result<ModelsDocument, Error> {
        let limit = limit(self.limit)?;
        let after = after_name(self.after.as_deref())?;
        let mut models = broker.registry.models_after(&self.prefix, after, limit + 1).await?;
        let more = models.len() > limit;
        models.truncate(limit);
        let next = models.last().map(|model| model.model.clone()).filter(|_| more);
        Ok(ModelsDocument { models: models.iter().map(ModelView::from).collect(), next })
    }
}

/// A model with its latest versions, or those before one.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct ShowModel {
    /// Name of the model.
    #[schemars(extend("examples" = ["churn"]))]
    pub model: String,
    /// Versions before this one.
    pub before: Option<u32>,
    /// Most versions, 1 to 1000; 100 where it is left out.
    #[schemars(range(min = 1, max = 1000))]
    pub limit: Option<usize>,
}

impl Query for ShowModel {
    const ROUTE: &'static str = "/api/v1/models/{model}";
    const EXPECTED: &'static str = "before (a version) and limit (1 to 1000), both optional";
    type Answer = ModelDocument;

    async fn read(&self, broker: &Broker) -> Result<ModelDocument, Error> {
        let limit = u32::try_from(limit(self.limit)?).unwrap_or(u32::MAX);
        let record = known(&broker.registry, &self.model).await?;
        let versions = broker.registry.versions_before(&self.model, self.before, limit).await?;
        Ok(ModelDocument::new(&record, &versions))
    }
}

/// A version with the endpoints that hold it, and those where it answered.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct ShowVersion {
    /// Name of the model.
    #[schemars(extend("examples" = ["churn"]))]
    pub model: String,
    /// Version: a number, an alias or `latest`.
    #[schemars(extend("examples" = ["champion"]))]
    pub version: String,
}

impl Query for ShowVersion {
    const ROUTE: &'static str = "/api/v1/models/{model}/versions/{version}";
    type Answer = VersionDocument;

    async fn read(&self, broker: &Broker) -> Result<VersionDocument, Error> {
        let registry = &broker.registry;
        let (record, found) = find(registry, &self.model, &self.version).await?;
        let view = VersionView::from(&found).with_aliases(&record);
        let endpoints = registry.endpoints_of(&self.model, found.version).await?;
        let entries = registry.deployments_of(&self.model, found.version).await?;
        Ok(VersionDocument::new(view, endpoints, &entries))
    }
}

/// Versions that meet conditions, in an order.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct SearchVersions {
    /// The conditions, in the language of [`registry::search`]; empty for every version.
    #[schemars(extend("examples" = ["metrics.roc_auc > 0.8 and stage = production"]))]
    pub query: String,
    /// `model`, `created` or `metrics.NAME`, with a `-` before it for the greatest first; `model` where it is empty.
    #[schemars(regex(pattern = "^(-?(model|created|metrics\\.[a-z0-9_]+))?$"), extend("examples" = ["-metrics.roc_auc"]))]
    pub order: String,
    /// Versions behind this one, as `MODEL:VERSION`.
    #[schemars(regex(pattern = "^[A-Za-z0-9_-]+:[0-9]{1,9}$"))]
    pub after: Option<String>,
    /// Most versions, 1 to 1000; 100 where it is left out.
    #[schemars(range(min = 1, max = 1000))]
    pub limit: Option<usize>,
}

impl Query for SearchVersions {
    const ROUTE: &'static str = "/api/v1/versions";
    const EXPECTED: &'static str =
        "query, order, after (MODEL:VERSION) and limit (1 to 1000), all optional";
    type Answer = SearchDocument;

    async fn read(&self, broker: &Broker) -> Result<SearchDocument, Error> {
        let query = self.query.parse().map_err(|error: registry::search::QueryError| Error {
            message: error.shown(&self.query),
            ..RegistryError::Query(error).into()
        })?;
        let order = match self.order.as_str() {
            "" => Order::default(),
            order => {
                order.parse().map_err(|error: ParseOrderError| Error::invalid(error.to_string()))?
            }
        };
        let after = self
            .after
            .as_deref()
            .map(|after| place(after).ok_or_else(|| Error::invalid("after is not MODEL:VERSION")));
        let (after, limit) = (after.transpose()?, limit(self.limit)?);
        Ok((&broker.registry.search(&query, &order, after, limit).await?).into())
    }
}

/// The model and the version of `MODEL:VERSION`.
#[must_use]
pub fn place(text: &str) -> Option<(&str, u32)> {
    let (model, version) = text.rsplit_once(':')?;
    Some((model, version.parse().ok()?))
}

/// Two versions of a model side by side.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct CompareVersions {
    /// Name of the model.
    #[schemars(extend("examples" = ["churn"]))]
    pub model: String,
    /// Version: a number, an alias or `latest`.
    #[schemars(extend("examples" = ["1"]))]
    pub first: String,
    /// Version that it is compared with, named likewise.
    #[schemars(extend("examples" = ["champion"]))]
    pub second: String,
}

impl Query for CompareVersions {
    const ROUTE: &'static str = "/api/v1/models/{model}/compare";
    const EXPECTED: &'static str = "first and second, versions or aliases";
    type Answer = Comparison;

    async fn read(&self, broker: &Broker) -> Result<Comparison, Error> {
        let (_, first) = find(&broker.registry, &self.model, &self.first).await?;
        let (_, second) = find(&broker.registry, &self.model, &self.second).await?;
        Ok(Comparison::between(&first, &second))
    }
}

/// The records of a model and of one of its versions.
pub(crate) async fn find(
    registry: &Registry,
    model: &str,
    which: &str,
) -> Result<(RegisteredModel, ModelVersion), Error> {
    let record = known(registry, model).await?;
    let version = registry.resolve(model, which).await?;
    let found = registry.version(model, version).await?;
    let unknown = || RegistryError::UnknownVersion { model: model.to_owned(), version };
    Ok((record, found.ok_or_else(unknown)?))
}

/// The record of a model; a refusal names the models that there are.
pub(crate) async fn known(registry: &Registry, model: &str) -> Result<RegisteredModel, Error> {
    if let Some(record) = registry.model(model).await? {
        return Ok(record);
    }
    let known = registry.models_after("", None, MAX_SUGGESTIONS).await?;
    let known = known.into_iter().map(|model| model.model).collect();
    let unknown = Error::from(RegistryError::UnknownModel { model: model.to_owned() });
    Err(unknown.about("model", model, known))
}
