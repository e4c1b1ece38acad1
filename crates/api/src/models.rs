//! Models and versions: a page of them, one of them, those that meet a query, two side by side.
//!
//! A version is named by its number, an alias, or `latest`.

use std::collections::BTreeMap;

use contracts::v1::{ModelVersion, RegisteredModel};
use registry::search::{Order, Query};
use registry::{Error, Expected, Registry};
use serde::{Deserialize, Serialize};

pub mod comparison;
pub mod view;

use comparison::Comparison;
use view::{FoundDocument, ModelDocument, ModelView, ModelsDocument, VersionDocument, VersionView};

/// A page of models by name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ModelsPage<'a> {
    /// How their names begin.
    pub prefix: &'a str,
    /// Those only whose names come after this one.
    pub after: Option<&'a str>,
    /// Most of them.
    pub limit: usize,
}

/// Models by name.
///
/// # Errors
/// Where the registry fails.
pub async fn list(registry: &Registry, page: ModelsPage<'_>) -> Result<ModelsDocument, Error> {
    let mut models = registry.models_after(page.prefix, page.after, page.limit + 1).await?;
    let more = models.len() > page.limit;
    models.truncate(page.limit);
    let next = models.last().map(|model| model.model.clone()).filter(|_| more);
    Ok(ModelsDocument { models: models.iter().map(ModelView::from).collect(), next })
}

/// A model with its latest versions, or those before `before`.
///
/// # Errors
/// Where there is no such model, or the registry fails.
pub async fn show(
    registry: &Registry,
    model: &str,
    before: Option<u32>,
    limit: u32,
) -> Result<ModelDocument, Error> {
    let record = known(registry, model).await?;
    let versions = registry.versions_before(model, before, limit).await?;
    Ok(ModelDocument::new(&record, &versions))
}

/// A version with the endpoints that hold it, and those where it answered.
///
/// # Errors
/// Where there is no such model or version, or the registry fails.
pub async fn version(
    registry: &Registry,
    model: &str,
    which: &str,
) -> Result<VersionDocument, Error> {
    let (record, found) = find(registry, model, which).await?;
    let view = VersionView::from(&found).with_aliases(&record);
    let endpoints = registry.endpoints_of(model, found.version).await?;
    let entries = registry.deployments_of(model, found.version).await?;
    Ok(VersionDocument::new(view, endpoints, &entries))
}

/// The records of a model and of one of its versions.
///
/// # Errors
/// Where there is no such model or version, or the registry fails.
pub async fn find(
    registry: &Registry,
    model: &str,
    which: &str,
) -> Result<(RegisteredModel, ModelVersion), Error> {
    let record = known(registry, model).await?;
    let version = registry.resolve(model, which).await?;
    let found = registry.version(model, version).await?;
    let found = found.ok_or_else(|| Error::UnknownVersion { model: model.to_owned(), version })?;
    Ok((record, found))
}

/// Versions that meet a query, behind the one that `after` names.
///
/// # Errors
/// Where the registry fails.
pub async fn search(
    registry: &Registry,
    query: &Query,
    order: &Order,
    after: Option<(&str, u32)>,
    limit: usize,
) -> Result<FoundDocument, Error> {
    Ok((&registry.search(query, order, after, limit).await?).into())
}

/// Two versions of a model side by side.
///
/// # Errors
/// Where there is no such model or version, or the registry fails.
pub async fn compare(
    registry: &Registry,
    model: &str,
    first: &str,
    second: &str,
) -> Result<Comparison, Error> {
    let (_, first) = find(registry, model, first).await?;
    let (_, second) = find(registry, model, second).await?;
    Ok(Comparison::of(&first, &second))
}

/// The record of a model.
pub(crate) async fn known(registry: &Registry, model: &str) -> Result<RegisteredModel, Error> {
    let found = registry.model(model).await?;
    found.ok_or_else(|| Error::UnknownModel { model: model.to_owned() })
}

/// What an alias has to name for a change to be made: 0 is nothing; whatever it names where it is left out.
#[must_use]
pub const fn expected(version: Option<u32>) -> Expected {
    match version {
        None => Expected::Anything,
        Some(0) => Expected::Nothing,
        Some(version) => Expected::Version(version),
    }
}

/// Body of a change of stage.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct StageBody {
    /// Where to: staging, shadow, production or archived.
    pub stage: String,
    /// Why.
    pub reason: String,
    /// Change the registry whatever answers.
    pub registry_only: bool,
}

/// Body of a change of an alias.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct AliasBody {
    /// The version that it is to name; none removes it.
    pub version: Option<u32>,
    /// The version that it has to name now, 0 for none; left out, whatever it names.
    pub expected: Option<u32>,
    /// Why.
    pub reason: String,
}

/// Body of a change of tags.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct TagsBody {
    /// Those that are set.
    pub set: BTreeMap<String, String>,
    /// Those that are removed.
    pub remove: Vec<String>,
    /// Why.
    pub reason: String,
}

/// Body of a note or a description.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct TextBody {
    /// The text.
    pub text: String,
}
