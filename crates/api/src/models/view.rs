//! Models and versions as JSON.

use std::collections::BTreeMap;

use contracts::v1::{ArtifactRef, LedgerEntry, ModelVersion, RegisteredModel};
use pbjson_types::Timestamp;
use registry::history::live_of;
use registry::search::SearchPage;
use registry::{HoldingEndpoint, reason_of, stage_name};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// A registered model, as the API answers it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct ModelView {
    /// Name of the registered model.
    pub name: String,
    /// Greatest version number of the model, from 1.
    pub latest_version: u32,
    /// The version in production.
    pub production_version: Option<u32>,
    /// Description in words, as a person gave it; may be empty.
    pub description: String,
    /// Values of the tags, by name.
    pub tags: BTreeMap<String, String>,
    /// Number of the version that each alias names, by alias.
    pub aliases: BTreeMap<String, u32>,
    /// When its first version was registered.
    #[schemars(with = "Option<String>", extend("format" = "date-time"))]
    pub created_at: Option<Timestamp>,
}

impl From<&RegisteredModel> for ModelView {
    fn from(model: &RegisteredModel) -> Self {
        Self {
            name: model.model.clone(),
            latest_version: model.latest_version,
            production_version: non_zero(model.production_version),
            description: model.description.clone(),
            tags: model.tags.clone(),
            aliases: model.aliases.clone(),
            created_at: model.created_at,
        }
    }
}

/// A metric with its interval.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct MetricView {
    /// Value of the metric on the test rows.
    pub value: f64,
    /// Lower end of the 95 % interval.
    pub low: f64,
    /// Upper end of the 95 % interval.
    pub high: f64,
}

/// A step of a version's life.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct TransitionView {
    /// Stage before the transition.
    pub from: String,
    /// Stage after the transition.
    pub to: String,
    /// Time of the change, RFC 3339 in JSON.
    #[schemars(with = "Option<String>", extend("format" = "date-time"))]
    pub at: Option<Timestamp>,
    /// Author of the change, such as `api`.
    pub by: String,
    /// Reason in words, as the author of the change gave it; may be empty.
    pub reason: String,
}

/// What a person wrote about a version.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct NoteView {
    /// Text of the note.
    pub text: String,
    /// Time of the change, RFC 3339 in JSON.
    #[schemars(with = "Option<String>", extend("format" = "date-time"))]
    pub at: Option<Timestamp>,
    /// Author of the change, such as `api`.
    pub by: String,
}

/// A column that a caller gives.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct InputView {
    /// Name of the input column.
    pub name: String,
    /// Type of the input column: `integer`, `number`, `boolean`, `text`, `date` or `timestamp`.
    #[serde(rename = "type")]
    pub column_type: String,
    /// Whether it may be missing.
    pub nullable: bool,
}

/// A version of a model, as the API answers it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct VersionView {
    /// Name of the registered model.
    pub model: String,
    /// Number of the version, from 1.
    pub version: u32,
    /// Registry stage: `none`, `staging`, `shadow`, `production` or `archived`.
    pub stage: String,
    /// The aliases that name it, where they were asked for.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub aliases: Vec<String>,
    /// Name of the algorithm that answers.
    pub algorithm: String,
    /// SHA-256 of its bundle.
    pub digest: String,
    /// Where the bundle is.
    pub uri: String,
    /// Size of the bundle in bytes.
    pub bytes: u64,
    /// The run that made it.
    pub run_id: String,
    /// SHA-256 of the source data.
    pub data_sha256: String,
    /// The version that was in production when it was registered.
    pub parent_version: Option<u32>,
    /// When it was registered.
    #[schemars(with = "Option<String>", extend("format" = "date-time"))]
    pub created_at: Option<Timestamp>,
    /// Description in words, as a person gave it; may be empty.
    pub description: String,
    /// Values of the tags, by name.
    pub tags: BTreeMap<String, String>,
    /// What was written about it.
    pub notes: Vec<NoteView>,
    /// Values of the metrics, by split and then by name; the split is `test`.
    pub metrics: BTreeMap<String, BTreeMap<String, f64>>,
    /// The metrics of the test split with their 95 % intervals.
    pub intervals: BTreeMap<String, MetricView>,
    /// The type of problem.
    pub problem_type: String,
    /// The classes in the order of the probabilities.
    pub classes: Vec<String>,
    /// What a caller gives.
    pub inputs: Vec<InputView>,
    /// Its life so far.
    pub transitions: Vec<TransitionView>,
}

impl From<&ModelVersion> for VersionView {
    fn from(version: &ModelVersion) -> Self {
        let bundle = version.bundle.clone().unwrap_or_default();
        let ArtifactRef { uri, sha256, bytes, .. } = bundle;
        let test: BTreeMap<String, f64> =
            version.test_metrics.iter().map(|(name, of)| (name.clone(), of.value)).collect();
        Self {
            model: version.model.clone(),
            version: version.version,
            stage: stage_name(version.stage()).to_owned(),
            aliases: Vec::new(),
            algorithm: version.algorithm.clone(),
            digest: sha256,
            uri,
            bytes,
            run_id: version.run_id.clone(),
            data_sha256: version.data_sha256.clone(),
            parent_version: non_zero(version.parent_version),
            created_at: version.created_at,
            description: version.description.clone(),
            tags: version.tags.clone(),
            notes: version
                .notes
                .iter()
                .map(|note| NoteView { text: note.text.clone(), at: note.at, by: note.by.clone() })
                .collect(),
            metrics: [("test".to_owned(), test)].into(),
            intervals: version
                .test_metrics
                .iter()
                .map(|(name, of)| {
                    (name.clone(), MetricView { value: of.value, low: of.low, high: of.high })
                })
                .collect(),
            problem_type: lower(version.problem_type().as_str_name(), "PROBLEM_TYPE_"),
            classes: version.classes.clone(),
            inputs: version
                .signature_inputs
                .iter()
                .map(|input| InputView {
                    name: input.name.clone(),
                    column_type: lower(input.r#type().as_str_name(), "COLUMN_TYPE_"),
                    nullable: input.nullable,
                })
                .collect(),
            transitions: version
                .transitions
                .iter()
                .map(|step| TransitionView {
                    from: stage_name(step.from()).to_owned(),
                    to: stage_name(step.to()).to_owned(),
                    at: step.at,
                    by: step.by.clone(),
                    reason: reason_of(step),
                })
                .collect(),
        }
    }
}

impl VersionView {
    /// With the aliases that name it.
    #[must_use]
    pub fn with_aliases(self, model: &RegisteredModel) -> Self {
        let own = model.aliases.iter().filter(|(_, version)| **version == self.version);
        Self { aliases: own.map(|(alias, _)| alias.clone()).collect(), ..self }
    }
}

/// A page of registered models.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct ModelsDocument {
    /// Models, sorted by name.
    pub models: Vec<ModelView>,
    /// Where there are more: what `after` has to be to get them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next: Option<String>,
}

/// A model with some of its versions.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct ModelDocument {
    /// The registered model; its fields stand beside `versions` in JSON.
    #[serde(flatten)]
    pub model: ModelView,
    /// A page of the model's versions, the latest first.
    pub versions: Vec<VersionView>,
    /// Where there are more: what `before` has to be to get them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next: Option<u32>,
}

impl ModelDocument {
    /// A model and a page of its versions.
    #[must_use]
    pub fn new(model: &RegisteredModel, versions: &[ModelVersion]) -> Self {
        let view = |version: &ModelVersion| VersionView::from(version).with_aliases(model);
        let next = versions.last().map(|last| last.version).filter(|version| *version > 1);
        Self { model: model.into(), versions: versions.iter().map(view).collect(), next }
    }
}

/// A version with the endpoints that hold it and those where it answered.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct VersionDocument {
    /// The version with its record.
    #[serde(flatten)]
    pub version: VersionView,
    /// The endpoints that hold it now.
    pub endpoints: Vec<HoldingEndpoint>,
    /// When it began to answer at an endpoint, and ceased to, the oldest first.
    pub deployments: Vec<DeploymentView>,
}

/// That a version began to answer at an endpoint, or ceased to.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct DeploymentView {
    /// Name of the endpoint.
    pub endpoint: String,
    /// Revision of its record.
    pub revision: u64,
    /// True where the version began to answer at the endpoint, false where it ceased to.
    pub live: bool,
    /// Time of the change, RFC 3339 in JSON.
    #[schemars(with = "Option<String>", extend("format" = "date-time"))]
    pub at: Option<Timestamp>,
    /// Author of the change, such as `api`.
    pub by: String,
    /// Reason in words, as the author of the change gave it; may be empty.
    pub reason: String,
}

impl VersionDocument {
    /// A version with its deployments, by the entries of [`registry::Registry::deployments_of`].
    #[must_use]
    pub fn new(
        version: VersionView,
        endpoints: Vec<HoldingEndpoint>,
        entries: &[LedgerEntry],
    ) -> Self {
        let own = (version.model.clone(), version.version);
        let view = |entry: &LedgerEntry| DeploymentView {
            endpoint: entry.endpoint.clone(),
            revision: entry.revision,
            live: live_of(entry).as_ref() == Some(&own),
            at: entry.at,
            by: entry.by.clone(),
            reason: entry.reason.clone(),
        };
        Self { deployments: entries.iter().map(view).collect(), version, endpoints }
    }
}

/// Versions that meet a query.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct SearchDocument {
    /// In the order that was asked for.
    pub versions: Vec<VersionView>,
    /// Where there are more: what `after` has to be to get them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next: Option<String>,
}

impl From<&SearchPage> for SearchDocument {
    fn from(found: &SearchPage) -> Self {
        Self {
            versions: found.versions.iter().map(VersionView::from).collect(),
            next: found.next.as_ref().map(|(model, version)| format!("{model}:{version}")),
        }
    }
}

pub(crate) fn non_zero(version: u32) -> Option<u32> {
    (version > 0).then_some(version)
}

fn lower(name: &str, prefix: &str) -> String {
    name.strip_prefix(prefix).unwrap_or(name).to_ascii_lowercase()
}
