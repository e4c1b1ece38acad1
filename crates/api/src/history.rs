//! Who changed models and endpoints, when and why; and how they stood at a time.

use std::collections::BTreeMap;

use contracts::v1::{DeployedVersion, LedgerEntry};
use pbjson_types::Timestamp;
use registry::history::{EndpointAt, HistoryPage, HistorySubject, ModelAt, action_name};
use reqwest::StatusCode;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::models::known;
use crate::models::view::non_zero;
use crate::query::limit;
use crate::{Broker, Error, Query, endpoints};

/// The changes of a model and its versions, or of one version; or how the model stood at a time.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct ModelHistory {
    /// Name of the model.
    #[schemars(extend("examples" = ["churn"]))]
    pub model: String,
    /// The version whose changes are meant: its number, an alias, or `latest`; all where it is left out.
    pub version: Option<String>,
    /// The time, as in RFC 3339; then the answer is how the model stood.
    #[schemars(extend("format" = "date-time", "examples" = ["2026-11-25T12:00:00Z"]))]
    pub at: Option<String>,
    /// Changes before this revision; the latest where it is left out.
    pub before: Option<u64>,
    /// Most changes, 1 to 1000; 100 where it is left out.
    #[schemars(range(min = 1, max = 1000))]
    pub limit: Option<usize>,
}

/// The changes of an endpoint; or how it stood at a time.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct EndpointHistory {
    /// Name of the endpoint.
    #[schemars(extend("examples" = ["churn"]))]
    pub endpoint: String,
    /// The time, as in RFC 3339; then the answer is how the endpoint stood.
    #[schemars(extend("format" = "date-time", "examples" = ["2026-11-25T12:00:00Z"]))]
    pub at: Option<String>,
    /// Changes before this revision; the latest where it is left out.
    pub before: Option<u64>,
    /// Most changes, 1 to 1000; 100 where it is left out.
    #[schemars(range(min = 1, max = 1000))]
    pub limit: Option<usize>,
}

/// A page of changes, the latest first; or, where a time was asked for, how the model or endpoint stood then.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(untagged)]
#[schemars(rename = "{T}OrHistory")]
pub enum HistoryAnswer<T> {
    /// A page of changes.
    Page(HistoryDocument),
    /// State of the model or endpoint at the requested time.
    At(Box<T>),
}

impl Query for ModelHistory {
    const ROUTE: &'static str = "/api/v1/models/{model}/history";
    const EXPECTED: &'static str =
        "at (a time as in RFC 3339), or version, before (a revision) and limit (1 to 1000)";
    type Answer = HistoryAnswer<ModelAtDocument>;

    async fn read(&self, broker: &Broker) -> Result<Self::Answer, Error> {
        let (registry, model) = (&broker.registry, self.model.as_str());
        let limit = limit(self.limit)?;
        if let Some(at) = &self.at {
            let at = time("at", at)?;
            known(registry, model).await?;
            let found = registry.model_at(model, &at).await?;
            let found = found.ok_or_else(|| nothing_then("model", model, &at))?;
            return Ok(HistoryAnswer::At(Box::new(ModelAtDocument::new(&found, at))));
        }
        known(registry, model).await?;
        let of = match &self.version {
            Some(which) => HistorySubject::Version(model, registry.resolve(model, which).await?),
            None => HistorySubject::Model(model),
        };
        Ok(HistoryAnswer::Page((&registry.history(&of, self.before, limit).await?).into()))
    }
}

impl Query for EndpointHistory {
    const ROUTE: &'static str = "/api/v1/endpoints/{endpoint}/history";
    const EXPECTED: &'static str =
        "at (a time as in RFC 3339), or before (a revision) and limit (1 to 1000)";
    type Answer = HistoryAnswer<EndpointAtDocument>;

    async fn read(&self, broker: &Broker) -> Result<Self::Answer, Error> {
        let (registry, endpoint) = (&broker.registry, self.endpoint.as_str());
        let limit = limit(self.limit)?;
        if let Some(at) = &self.at {
            let at = time("at", at)?;
            let found = registry.endpoint_at(endpoint, &at).await?;
            let found = found.ok_or_else(|| nothing_then("endpoint", endpoint, &at))?;
            return Ok(HistoryAnswer::At(Box::new(EndpointAtDocument::new(&found, at))));
        }
        let page =
            registry.history(&HistorySubject::Endpoint(endpoint), self.before, limit).await?;
        if page.entries.is_empty() && self.before.is_none() {
            return Err(endpoints::unknown(registry, endpoint).await);
        }
        Ok(HistoryAnswer::Page((&page).into()))
    }
}

/// The time that the text of a field says as in RFC 3339, such as `2026-11-25T12:00:00Z`.
///
/// # Errors
/// `invalid_request`, where it is not; names the field.
pub fn time(field: &str, text: &str) -> Result<Timestamp, Error> {
    let parse = |text: String| serde_json::from_value(Value::String(text));
    // The sign of an offset that was not escaped arrives as a space.
    parse(text.to_owned()).or_else(|_| parse(text.replace(' ', "+"))).map_err(|_| {
        Error::invalid(format!("{field}: expected a time such as 2026-11-25T12:00:00Z"))
    })
}

fn nothing_then(kind: &str, name: &str, at: &Timestamp) -> Error {
    let at = serde_json::to_value(at).unwrap_or_default();
    let at = at.as_str().unwrap_or_default();
    let message = format!("{kind} `{name}` was not there at {at}");
    Error::new(StatusCode::NOT_FOUND, "nothing_then", message)
}

/// A field before and after a change.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct FieldChangeView {
    /// Path of the field in the record, such as `routing.weights`.
    pub field: String,
    /// Before; none where there was none.
    pub before: Option<Value>,
    /// After; none where there is none.
    pub after: Option<Value>,
}

/// One entry of the ledger.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[schemars(rename = "ChangeView")]
pub struct EntryView {
    /// Revision of the record.
    pub revision: u64,
    /// Name of the model, where the change is of a model or a version.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub model: Option<String>,
    /// The version; none where it is the model's own record.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub version: Option<u32>,
    /// Name of the endpoint, where the change is of a deployment record.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub endpoint: Option<String>,
    /// Action of the change, such as `registered`, `alias` or `deployment`; `unknown` in entries of
    /// later builds.
    pub action: String,
    /// Time of the change, RFC 3339 in JSON.
    #[schemars(with = "Option<String>", extend("format" = "date-time"))]
    pub at: Option<Timestamp>,
    /// Author of the change, such as `api`.
    pub by: String,
    /// Reason in words, as the author of the change gave it; may be empty.
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
            version: non_zero(entry.version),
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
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct LiveView {
    /// Name of the registered model that answers.
    pub model: String,
    /// Number of the version, from 1.
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
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct HistoryDocument {
    /// Entries of the audit log, the latest first.
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
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct ModelAtDocument {
    /// Name of the registered model.
    pub model: String,
    /// Time that was asked about, RFC 3339 in JSON.
    #[schemars(with = "String", extend("format" = "date-time"))]
    pub at: Timestamp,
    /// The version in production.
    pub production_version: Option<u32>,
    /// Number of the version that each alias named, by alias.
    pub aliases: BTreeMap<String, u32>,
    /// What made it so.
    pub made_by: EntryView,
}

impl ModelAtDocument {
    /// Builds the document from the state that the registry found for `at`.
    #[must_use]
    pub fn new(found: &ModelAt, at: Timestamp) -> Self {
        Self {
            model: found.model.model.clone(),
            at,
            production_version: non_zero(found.model.production_version),
            aliases: found.model.aliases.clone(),
            made_by: (&found.made_by).into(),
        }
    }
}

/// How an endpoint stood at a time.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct EndpointAtDocument {
    /// Name of the endpoint.
    pub endpoint: String,
    /// Time that was asked about, RFC 3339 in JSON.
    #[schemars(with = "String", extend("format" = "date-time"))]
    pub at: Timestamp,
    /// The version that answered.
    pub live: Option<LiveView>,
    /// What let it answer.
    pub made_by: EntryView,
    /// The last change of the endpoint's record before the time.
    pub last: EntryView,
}

impl EndpointAtDocument {
    /// Builds the document from the state that the registry found for `at`.
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
