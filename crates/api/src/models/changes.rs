//! What people change of models and versions: stages, aliases, tags, notes and descriptions.

use std::collections::BTreeMap;
use std::fmt;

use contracts::v1::ModelStage;
use registry::{ExpectedAlias, Registry, TagChange};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::known;
use super::view::{ModelView, VersionView};
use crate::{Broker, Change, Error};

/// The number of a version of a model that there is.
async fn number(registry: &Registry, model: &str, which: &str) -> Result<u32, Error> {
    known(registry, model).await?;
    Ok(registry.resolve(model, which).await?)
}

/// Another stage for a version.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
#[schemars(extend("required" = ["stage"]))]
pub struct SetStage {
    /// Name of the model.
    #[schemars(extend("examples" = ["churn"]))]
    pub model: String,
    /// Version: a number, an alias or `latest`.
    #[schemars(extend("examples" = ["champion"]))]
    pub version: String,
    /// The stage that it moves to: `staging`, `shadow`, `production` or `archived`.
    #[schemars(extend("enum" = ["staging", "shadow", "production", "archived"]))]
    pub stage: String,
    /// Why, for the ledger; may be empty.
    pub reason: String,
    /// Whether the registry changes even where another version answers.
    pub registry_only: bool,
}

/// A version after a change of its stage.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct StageDocument {
    /// The version after the transition.
    #[serde(flatten)]
    pub version: VersionView,
    /// One sentence for each endpoint that still answers with another version.
    #[serde(default)]
    pub warnings: Vec<String>,
}

impl Change for SetStage {
    const ROUTE: &'static str = "/api/v1/models/{model}/versions/{version}/stage";
    type Answer = StageDocument;

    async fn make(&self, broker: &Broker, by: &str) -> Result<StageDocument, Error> {
        let (registry, model) = (&broker.registry, self.model.as_str());
        let stage = registry::stage_of(&self.stage).ok_or_else(|| {
            Error::invalid("stage: expected staging, shadow, production or archived")
        })?;
        let number = number(registry, model, &self.version).await?;
        let moved =
            registry.set_stage(model, number, stage, by, &self.reason, self.registry_only).await?;
        let answering = match stage {
            // The stage has changed; a warning that cannot be made must not say that it has not.
            ModelStage::Production => registry.answering(model).await.unwrap_or_else(|error| {
                tracing::warn!(
                    error = contracts::failures::with_causes(&error),
                    "the endpoints of a model were not read"
                );
                Vec::new()
            }),
            _ => Vec::new(),
        };
        let others = answering.iter().filter(|other| other.version != number);
        let warnings = others.map(|other| {
            format!(
                "endpoint `{0}` still answers with version {1}; `tier0 endpoints promote {0}` brings this one to its traffic",
                other.endpoint, other.version
            )
        });
        Ok(StageDocument { version: (&moved).into(), warnings: warnings.collect() })
    }
}

/// An alias that names a version, or is removed.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(extend("required" = ["version"]))]
pub struct SetAlias {
    /// Name of the model.
    #[schemars(extend("examples" = ["churn"]))]
    pub model: String,
    /// Name of the alias.
    #[schemars(extend("examples" = ["champion"]))]
    pub alias: String,
    /// The version that it is to name; null removes it.
    #[serde(deserialize_with = "Option::deserialize")]
    pub version: Option<VersionName>,
    /// The version that it has to name now, 0 for none; left out, whatever it names.
    #[serde(default)]
    pub expected: Option<u32>,
    /// Why, for the ledger; may be empty.
    #[serde(default)]
    pub reason: String,
}

/// A version by its number, or by the text that names it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(untagged)]
pub enum VersionName {
    /// Number of the version, from 1.
    Number(u32),
    /// Its number, an alias, or `latest`.
    Text(String),
}

impl fmt::Display for VersionName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Number(number) => number.fmt(f),
            Self::Text(text) => text.fmt(f),
        }
    }
}

impl Change for SetAlias {
    const ROUTE: &'static str = "/api/v1/models/{model}/aliases/{alias}";
    type Answer = ModelView;

    async fn make(&self, broker: &Broker, by: &str) -> Result<ModelView, Error> {
        let Self { model, alias, reason, .. } = self;
        let registry = &broker.registry;
        let expected = match self.expected {
            None => ExpectedAlias::Anything,
            Some(0) => ExpectedAlias::Nothing,
            Some(version) => ExpectedAlias::Version(version),
        };
        let changed = match &self.version {
            Some(version) => {
                let number = number(registry, model, &version.to_string()).await?;
                registry.set_alias(model, alias, number, expected, by, reason).await?
            }
            None => registry.remove_alias(model, alias, expected, by, reason).await?,
        };
        Ok((&changed).into())
    }
}

/// Tags of a model that are set and removed.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct TagModel {
    /// Name of the model.
    #[schemars(extend("examples" = ["churn"]))]
    pub model: String,
    /// Tags that are set, by key.
    pub set: BTreeMap<String, String>,
    /// Keys of tags that are removed.
    pub remove: Vec<String>,
    /// Why, for the ledger; may be empty.
    pub reason: String,
}

impl Change for TagModel {
    const ROUTE: &'static str = "/api/v1/models/{model}/tags";
    type Answer = ModelView;

    async fn make(&self, broker: &Broker, by: &str) -> Result<ModelView, Error> {
        let change = TagChange { set: self.set.clone(), remove: self.remove.clone() };
        let changed = broker.registry.tag_model(&self.model, &change, by, &self.reason).await?;
        Ok((&changed).into())
    }
}

/// Tags of a version that are set and removed.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct TagVersion {
    /// Name of the model.
    #[schemars(extend("examples" = ["churn"]))]
    pub model: String,
    /// Version: a number, an alias or `latest`.
    #[schemars(extend("examples" = ["champion"]))]
    pub version: String,
    /// Tags that are set, by key.
    pub set: BTreeMap<String, String>,
    /// Keys of tags that are removed.
    pub remove: Vec<String>,
    /// Why, for the ledger; may be empty.
    pub reason: String,
}

impl Change for TagVersion {
    const ROUTE: &'static str = "/api/v1/models/{model}/versions/{version}/tags";
    type Answer = VersionView;

    async fn make(&self, broker: &Broker, by: &str) -> Result<VersionView, Error> {
        let registry = &broker.registry;
        let number = number(registry, &self.model, &self.version).await?;
        let change = TagChange { set: self.set.clone(), remove: self.remove.clone() };
        let changed = registry.tag_version(&self.model, number, &change, by, &self.reason).await?;
        Ok((&changed).into())
    }
}

/// A note on a version.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct NoteVersion {
    /// Name of the model.
    #[schemars(extend("examples" = ["churn"]))]
    pub model: String,
    /// Version: a number, an alias or `latest`.
    #[schemars(extend("examples" = ["champion"]))]
    pub version: String,
    /// Text of the note.
    pub text: String,
}

impl Change for NoteVersion {
    const ROUTE: &'static str = "/api/v1/models/{model}/versions/{version}/notes";
    type Answer = VersionView;

    async fn make(&self, broker: &Broker, by: &str) -> Result<VersionView, Error> {
        let registry = &broker.registry;
        let number = number(registry, &self.model, &self.version).await?;
        Ok((&registry.note(&self.model, number, &self.text, by).await?).into())
    }
}

/// The description of a model.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct DescribeModel {
    /// Name of the model.
    #[schemars(extend("examples" = ["churn"]))]
    pub model: String,
    /// The description; empty removes it.
    pub text: String,
}

impl Change for DescribeModel {
    const ROUTE: &'static str = "/api/v1/models/{model}/description";
    type Answer = ModelView;

    async fn make(&self, broker: &Broker, by: &str) -> Result<ModelView, Error> {
        Ok((&broker.registry.describe_model(&self.model, &self.text, by).await?).into())
    }
}

/// The description of a version.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct DescribeVersion {
    /// Name of the model.
    #[schemars(extend("examples" = ["churn"]))]
    pub model: String,
    /// Version: a number, an alias or `latest`.
    #[schemars(extend("examples" = ["champion"]))]
    pub version: String,
    /// The description; empty removes it.
    pub text: String,
}

impl Change for DescribeVersion {
    const ROUTE: &'static str = "/api/v1/models/{model}/versions/{version}/description";
    type Answer = VersionView;

    async fn make(&self, broker: &Broker, by: &str) -> Result<VersionView, Error> {
        let registry = &broker.registry;
        let number = number(registry, &self.model, &self.version).await?;
        let changed = registry.describe_version(&self.model, number, &self.text, by).await?;
        Ok((&changed).into())
    }
}
