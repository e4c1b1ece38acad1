//! Who changed models and endpoints, when and why; and how they stood at a time.

use std::collections::BTreeMap;

use contracts::v1::{DeployedVersion, LedgerEntry};
use pbjson_types::Timestamp;
use registry::Registry;
use registry::history::{EndpointAt, HistoryPage, ModelAt, Of, action_name};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::models::known;
use crate::models::view::given;

/// A page of a history.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Part {
    /// Changes before this revision; the latest where it is left out.
    pub before: Option<u64>,
    /// Most changes.
    pub limit: usize,
}

/// The changes of a model and its versions, or of one version: its number, an alias, or `latest`.
///
/// # Errors
/// Where there is no such model or version, or the registry fails.
pub async fn of_model(
    registry: &Registry,
    model: &str,
    version: Option<&str>,
    part: Part,
) -> Result<HistoryDocument, registry::Error> {
    known(registry, model).await?;
    let of = match version {
        Some(which) => Of::Version(model, registry.resolve(model, which).await?),
        None => Of::Model(model),
    };
    Ok((&registry.history(&of, part.before, part.limit).await?).into())
}

/// How a model stood at a time; nothing where it was not there.
///
/// # Errors
/// Where there is no such model, or the registry fails.
pub async fn model_at(
    registry: &Registry,
    model: &str,
    at: Timestamp,
) -> Result<Option<ModelAtDocument>, registry::Error> {
    known(registry, model).await?;
    let found = registry.model_at(model, &at).await?;
    Ok(found.map(|found| ModelAtDocument::new(&found, at)))
}

/// The changes of an endpoint; nothing where it was never there.
///
/// # Errors
/// Where the registry fails.
pub async fn of_endpoint(
    registry: &Registry,
    endpoint: &str,
    part: Part,
) -> Result<Option<HistoryDocument>, registry::Error> {
    let page = registry.history(&Of::Endpoint(endpoint), part.before, part.limit).await?;
    let never = page.entries.is_empty() && part.before.is_none();
    Ok((!never).then(|| (&page).into()))
}

/// How an endpoint stood at a time; nothing where it was not there.
///
/// # Errors
/// Where the registry fails.
pub async fn endpoint_at(
    registry: &Registry,
    endpoint: &str,
    at: Timestamp,
) -> Result<Option<EndpointAtDocument>, registry::Error> {
    let found = registry.endpoint_at(endpoint, &at).await?;
    Ok(found.map(|found| EndpointAtDocument::new(&found, at)))
}

/// A field before and after a change.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct FieldChangeView {
    /// Its path.
    pub field: String,
    /// Before; none where there was none.
    pub before: Option<Value>,
    /// After; none where there is none.
    pub after: Option<Value>,
}

/// One entry of the ledger.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct EntryView {
    /// Revision of the record.
    pub revision: u64,
    /// The model.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub model: Option<String>,
    /// The version; none where it is the model's own record.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub version: Option<u32>,
    /// The endpoint.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub endpoint: Option<String>,
    /// What was done.
    pub action: String,
    /// When.
    pub at: Option<Timestamp>,
    /// Who.
    pub by: String,
    /// Why.
    pub reason: String,
    /// What differs from before.
    pub changes: Vec<FieldChangeView>,
    /// The version that answers after it, of an endpoint.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub live: Option<LiveView>,
}

impl From<&LedgerEntry> for EntryView {
    fn from(entry: &LedgerEntry) -> Self {
        let value = |text: &str| -> Option<Value> {
            if text.is_empty() {
                return None;
            }
            // One that was cut is no JSON any more.
            Some(serde_json::from_str(text).unwrap_or_else(|_| Value::String(text.to_owned())))
        };
        let text = |text: &str| (!text.is_empty()).then(|| text.to_owned());
        Self {
            revision: entry.revision,
            model: text(&entry.model),
            version: given(entry.version),
            endpoint: text(&entry.endpoint),
            action: action_name(entry.action()).to_owned(),
            at: entry.at,
            by: entry.by.clone(),
            reason: entry.reason.clone(),
            changes: entry
                .changes
                .iter()
                .map(|change| FieldChangeView {
                    field: change.field.clone(),
                    before: value(&change.before),
                    after: value(&change.after),
                })
                .collect(),
            live: entry.deployment.as_ref().and_then(|record| record.live.as_ref()).map(Into::into),
        }
    }
}

/// A version that answers.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LiveView {
    /// Its model.
    pub model: String,
    /// Its number.
    pub version: u32,
    /// SHA-256 of its bundle.
    pub digest: String,
    /// The run that made it.
    pub run_id: String,
}

impl From<&DeployedVersion> for LiveView {
    fn from(live: &DeployedVersion) -> Self {
        Self {
            model: live.model.clone(),
            version: live.version,
            digest: live.bundle.as_ref().map(|bundle| bundle.sha256.clone()).unwrap_or_default(),
            run_id: live.run_id.clone(),
        }
    }
}

/// A part of a history.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct HistoryDocument {
    /// The latest first.
    pub history: Vec<EntryView>,
    /// Where there are more: what `before` has to be to get them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next: Option<u64>,
}

impl From<&HistoryPage> for HistoryDocument {
    fn from(page: &HistoryPage) -> Self {
        Self { history: page.entries.iter().map(EntryView::from).collect(), next: page.next }
    }
}

/// How a model stood at a time.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ModelAtDocument {
    /// The model.
    pub model: String,
    /// The time.
    pub at: Timestamp,
    /// The version in production.
    pub production_version: Option<u32>,
    /// The aliases.
    pub aliases: BTreeMap<String, u32>,
    /// What made it so.
    pub made_by: EntryView,
}

impl ModelAtDocument {
    /// How it stood.
    #[must_use]
    pub fn new(found: &ModelAt, at: Timestamp) -> Self {
        Self {
            model: found.model.model.clone(),
            at,
            production_version: given(found.model.production_version),
            aliases: found.model.aliases.clone(),
            made_by: (&found.made_by).into(),
        }
    }
}

/// How an endpoint stood at a time.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct EndpointAtDocument {
    /// The endpoint.
    pub endpoint: String,
    /// The time.
    pub at: Timestamp,
    /// The version that answered.
    pub live: Option<LiveView>,
    /// What let it answer.
    pub made_by: EntryView,
    /// The last change of the endpoint's record before the time.
    pub last: EntryView,
}

impl EndpointAtDocument {
    /// How it stood.
    #[must_use]
    pub fn new(found: &EndpointAt, at: Timestamp) -> Self {
        let last = EntryView::from(&found.last);
        Self {
            endpoint: found.last.endpoint.clone(),
            at,
            live: last.live.clone(),
            made_by: (&found.made_by).into(),
            last,
        }
    }
}
