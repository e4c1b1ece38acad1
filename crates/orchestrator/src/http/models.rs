//! `/api/v1/models…`, `/api/v1/versions` and the histories: the registry over HTTP.
//!
//! A version in a path is its number, an alias, or `latest`.

use api::history::{self, EndpointAtDocument, HistoryDocument, ModelAtDocument, Part};
use api::models::comparison::Comparison;
use api::models::view::{
    FoundDocument, ModelDocument, ModelView, ModelsDocument, VersionDocument, VersionView,
};
use api::models::{self, AliasBody, ModelsPage, StageBody, TagsBody, TextBody};
use api::{DEFAULT_LIMIT, MAX_LIMIT};
use axum::extract::rejection::QueryRejection;
use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use axum::routing::{get, post};
use axum::{Json, Router, middleware};
use bytes::Bytes;
use contracts::failures;
use pbjson_types::Timestamp;
use registry::search::Order;
use registry::{Registry, TagChange};
use serde::{Deserialize, Serialize};

use super::changes::{BY, own_pages, read};
use super::{Refusal, invalid};

type Answer<T> = Result<Json<T>, Refusal>;
type Asked<T> = Result<Query<T>, QueryRejection>;

/// The routes of the registry.
pub fn models(registry: Registry) -> Router {
    let reading = Router::new()
        .route("/api/v1/models", get(list))
        .route("/api/v1/versions", get(search))
        .route("/api/v1/models/{model}", get(one))
        .route("/api/v1/models/{model}/history", get(model_history))
        .route("/api/v1/models/{model}/compare", get(compared))
        .route("/api/v1/models/{model}/versions/{version}", get(version))
        .route("/api/v1/endpoints/{endpoint}/history", get(endpoint_history))
        .with_state(registry.clone());
    let changing = Router::new()
        .route("/api/v1/models/{model}/tags", post(tag_model))
        .route("/api/v1/models/{model}/description", post(describe_model))
        .route("/api/v1/models/{model}/aliases/{alias}", post(alias))
        .route("/api/v1/models/{model}/versions/{version}/stage", post(stage))
        .route("/api/v1/models/{model}/versions/{version}/tags", post(tag_version))
        .route("/api/v1/models/{model}/versions/{version}/notes", post(note))
        .route("/api/v1/models/{model}/versions/{version}/description", post(describe_version))
        .layer(middleware::from_fn(own_pages))
        .with_state(registry);
    reading.merge(changing)
}

impl From<registry::Error> for Refusal {
    fn from(error: registry::Error) -> Self {
        use registry::Error;
        let status = match &error {
            Error::UnknownModel { .. }
            | Error::UnknownVersion { .. }
            | Error::UnknownAlert { .. }
            | Error::UnknownAlias { .. } => StatusCode::NOT_FOUND,
            Error::AliasMoved { .. }
            | Error::AlertOver { .. }
            | Error::IllegalTransition { .. }
            | Error::Answers { .. }
            | Error::TrafficElsewhere { .. }
            | Error::Contended { .. } => StatusCode::CONFLICT,
            Error::Bus(_) => StatusCode::BAD_GATEWAY,
            Error::Damaged { .. } => StatusCode::INTERNAL_SERVER_ERROR,
            _ => StatusCode::BAD_REQUEST,
        };
        Self(status, error.code(), failures::with_causes(&error))
    }
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct ListQuery {
    prefix: Option<String>,
    after: Option<String>,
    limit: Option<usize>,
}

async fn list(State(registry): State<Registry>, query: Asked<ListQuery>) -> Answer<ModelsDocument> {
    let query = asked(query, "prefix, after (a model) and limit (1 to 1000), all optional")?;
    let limit = limit(query.limit)?;
    let prefix = query.prefix.as_deref().unwrap_or_default();
    let page = ModelsPage { prefix, after: query.after.as_deref(), limit };
    Ok(Json(models::list(&registry, page).await?))
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct VersionsQuery {
    before: Option<u32>,
    limit: Option<usize>,
}

async fn one(
    State(registry): State<Registry>,
    Path(model): Path<String>,
    query: Asked<VersionsQuery>,
) -> Answer<ModelDocument> {
    let query = asked(query, "before (a version) and limit (1 to 1000), both optional")?;
    let limit = u32::try_from(limit(query.limit)?).unwrap_or(u32::MAX);
    Ok(Json(models::show(&registry, &model, query.before, limit).await?))
}

async fn version(
    State(registry): State<Registry>,
    Path((model, which)): Path<(String, String)>,
) -> Answer<VersionDocument> {
    Ok(Json(models::version(&registry, &model, &which).await?))
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct SearchQuery {
    query: Option<String>,
    order: Option<String>,
    after: Option<String>,
    limit: Option<usize>,
}

async fn search(
    State(registry): State<Registry>,
    query: Asked<SearchQuery>,
) -> Answer<FoundDocument> {
    let asked =
        asked(query, "query, order, after (MODEL:VERSION) and limit (1 to 1000), all optional")?;
    let query = asked.query.unwrap_or_default().parse().map_err(registry::Error::Query)?;
    let order: Order = match asked.order.filter(|order| !order.is_empty()) {
        Some(order) => order
            .parse()
            .map_err(|error: registry::search::OrderProblem| invalid(&error.to_string()))?,
        None => Order::default(),
    };
    let after = match &asked.after {
        Some(after) => {
            let place = after.rsplit_once(':');
            let place = place.and_then(|(model, version)| Some((model, version.parse().ok()?)));
            Some(place.ok_or_else(|| invalid("after is not MODEL:VERSION"))?)
        }
        None => None,
    };
    Ok(Json(models::search(&registry, &query, &order, after, limit(asked.limit)?).await?))
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct CompareQuery {
    first: String,
    second: String,
}

async fn compared(
    State(registry): State<Registry>,
    Path(model): Path<String>,
    query: Asked<CompareQuery>,
) -> Answer<Comparison> {
    let query = asked(query, "first and second, versions or aliases")?;
    Ok(Json(models::compare(&registry, &model, &query.first, &query.second).await?))
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct HistoryQuery {
    at: Option<String>,
    before: Option<u64>,
    limit: Option<usize>,
}

/// A history, or how it was at a time.
#[derive(Debug, Serialize)]
#[serde(untagged)]
enum HistoryAnswer<T> {
    Page(HistoryDocument),
    At(Box<T>),
}

const HISTORY: &str = "at (a time as in RFC 3339), or before (a revision) and limit (1 to 1000)";

async fn model_history(
    State(registry): State<Registry>,
    Path(model): Path<String>,
    query: Asked<HistoryQuery>,
) -> Answer<HistoryAnswer<ModelAtDocument>> {
    let query = asked(query, HISTORY)?;
    let Some(at) = query.at else {
        let part = Part { before: query.before, limit: limit(query.limit)? };
        let page = history::of_model(&registry, &model, None, part).await?;
        return Ok(Json(HistoryAnswer::Page(page)));
    };
    let found = history::model_at(&registry, &model, time(&at)?).await?;
    let found = found.ok_or_else(|| nothing_then(&format!("model `{model}`")))?;
    Ok(Json(HistoryAnswer::At(Box::new(found))))
}

async fn endpoint_history(
    State(registry): State<Registry>,
    Path(endpoint): Path<String>,
    query: Asked<HistoryQuery>,
) -> Answer<HistoryAnswer<EndpointAtDocument>> {
    let query = asked(query, HISTORY)?;
    let Some(at) = query.at else {
        let part = Part { before: query.before, limit: limit(query.limit)? };
        let page = history::of_endpoint(&registry, &endpoint, part).await?;
        let page = page.ok_or_else(|| {
            let message = format!("no endpoint `{endpoint}` was ever there");
            Refusal(StatusCode::NOT_FOUND, "endpoint_not_found", message)
        })?;
        return Ok(Json(HistoryAnswer::Page(page)));
    };
    let found = history::endpoint_at(&registry, &endpoint, time(&at)?).await?;
    let found = found.ok_or_else(|| nothing_then(&format!("endpoint `{endpoint}`")))?;
    Ok(Json(HistoryAnswer::At(Box::new(found))))
}

async fn stage(
    State(registry): State<Registry>,
    Path((model, which)): Path<(String, String)>,
    body: Bytes,
) -> Answer<VersionView> {
    let body: StageBody = read(&body)?;
    let to = registry::stage_of(&body.stage);
    let to =
        to.ok_or_else(|| invalid("stage: expected staging, shadow, production or archived"))?;
    let number = registry.resolve(&model, &which).await?;
    let moved =
        registry.set_stage(&model, number, to, BY, &body.reason, body.registry_only).await?;
    Ok(Json(VersionView::from(&moved)))
}

async fn alias(
    State(registry): State<Registry>,
    Path((model, alias)): Path<(String, String)>,
    body: Bytes,
) -> Answer<ModelView> {
    let body: AliasBody = read(&body)?;
    let expected = models::expected(body.expected);
    let changed = match body.version {
        Some(version) => {
            registry.set_alias(&model, &alias, version, expected, BY, &body.reason).await?
        }
        None => registry.remove_alias(&model, &alias, expected, BY, &body.reason).await?,
    };
    Ok(Json(ModelView::from(&changed)))
}

async fn tag_model(
    State(registry): State<Registry>,
    Path(model): Path<String>,
    body: Bytes,
) -> Answer<ModelView> {
    let TagsBody { set, remove, reason } = read(&body)?;
    let changed = registry.tag_model(&model, &TagChange { set, remove }, BY, &reason).await?;
    Ok(Json(ModelView::from(&changed)))
}

async fn tag_version(
    State(registry): State<Registry>,
    Path((model, which)): Path<(String, String)>,
    body: Bytes,
) -> Answer<VersionView> {
    let TagsBody { set, remove, reason } = read(&body)?;
    let number = registry.resolve(&model, &which).await?;
    let change = TagChange { set, remove };
    let changed = registry.tag_version(&model, number, &change, BY, &reason).await?;
    Ok(Json(VersionView::from(&changed)))
}

async fn note(
    State(registry): State<Registry>,
    Path((model, which)): Path<(String, String)>,
    body: Bytes,
) -> Answer<VersionView> {
    let body: TextBody = read(&body)?;
    let number = registry.resolve(&model, &which).await?;
    Ok(Json(VersionView::from(&registry.note(&model, number, &body.text, BY).await?)))
}

async fn describe_model(
    State(registry): State<Registry>,
    Path(model): Path<String>,
    body: Bytes,
) -> Answer<ModelView> {
    let body: TextBody = read(&body)?;
    Ok(Json(ModelView::from(&registry.describe_model(&model, &body.text, BY).await?)))
}

async fn describe_version(
    State(registry): State<Registry>,
    Path((model, which)): Path<(String, String)>,
    body: Bytes,
) -> Answer<VersionView> {
    let body: TextBody = read(&body)?;
    let number = registry.resolve(&model, &which).await?;
    let changed = registry.describe_version(&model, number, &body.text, BY).await?;
    Ok(Json(VersionView::from(&changed)))
}

fn nothing_then(what: &str) -> Refusal {
    Refusal(StatusCode::NOT_FOUND, "nothing_then", format!("{what} was not there at that time"))
}

fn asked<T>(query: Asked<T>, expected: &str) -> Result<T, Refusal> {
    query.map(|Query(query)| query).map_err(|_| invalid(&format!("expected {expected}")))
}

fn limit(limit: Option<usize>) -> Result<usize, Refusal> {
    let limit = limit.unwrap_or(DEFAULT_LIMIT);
    if (1..=MAX_LIMIT).contains(&limit) {
        return Ok(limit);
    }
    Err(invalid("limit is out of range; expected 1 to 1000"))
}

fn time(text: &str) -> Result<Timestamp, Refusal> {
    // The sign of an offset that was not escaped arrives as a space.
    serde_json::from_value(serde_json::Value::String(text.replace(' ', "+")))
        .map_err(|_| invalid("at: expected a time such as 2026-11-25T12:00:00Z"))
}
