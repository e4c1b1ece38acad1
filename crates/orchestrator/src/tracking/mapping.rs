//! From the result of a run to what MLflow is told of it.

use std::collections::{BTreeMap, BTreeSet};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use contracts::v1::{
    ColumnSchema, ColumnType, Handoff, HandoffStatus, MetricEstimate, ModelVersion, SearchReport,
    SplitMethod,
};
use contracts::{RunId, time};
use mlflow::{Dataset, Metric, ModelRecord, Param, RunRecord, RunStatus, Tag, TrialRecord};
use runs::recovery::CANCELLED;
use serde_json::json;

use crate::lineage::without_secrets;
use crate::outputs::Outputs;

/// Where a model's directory is among the artifacts of its run.
pub(super) const MODEL: &str = "model";
/// Where the bundle is, and what else belongs to a model that has no directory.
pub(super) const BUNDLE: &str = "bundle";

/// What MLflow is told of a run; its files are added by who can read them.
pub(super) fn record(run: &RunId, result: &Handoff, stored_at: SystemTime) -> RunRecord {
    let outputs = Outputs::from_handoff(result);
    let at = |at: Option<&pbjson_types::Timestamp>| at.and_then(time::system_time);
    let ended_at = milliseconds(at(result.timestamp.as_ref()).unwrap_or(stored_at));
    let begun = result.outputs.iter().filter_map(|output| at(output.started_at.as_ref())).min();
    let (params, of_params) = params(result, outputs);
    let (metrics, of_metrics) = metrics(result, outputs, ended_at);
    let mut tags = tags(run, result, outputs);
    tags.extend(of_params);
    tags.extend(of_metrics);
    RunRecord {
        key: key(run, result.epoch),
        name: match result.epoch {
            0 => run.to_string(),
            epoch => format!("{run}.{epoch}"),
        },
        status: status(result),
        started_at: begun.map_or(ended_at, milliseconds),
        ended_at,
        params,
        metrics,
        tags,
        dataset: dataset(result, outputs),
        trials: Vec::new(),
        artifacts: Vec::new(),
    }
}

/// What a run is looked up by: one that is driven anew is another one there, because parameters are never changed.
fn key(run: &RunId, epoch: u32) -> String {
    format!("{run}.{epoch}")
}

fn status(result: &Handoff) -> RunStatus {
    match (result.status(), &result.failure) {
        (HandoffStatus::Failed, Some(failure)) if failure.code == CANCELLED => RunStatus::Killed,
        (HandoffStatus::Failed, _) => RunStatus::Failed,
        _ => RunStatus::Finished,
    }
}

/// Parameters, and tags with what they lose in MLflow's form.
fn params(result: &Handoff, outputs: Outputs<'_>) -> (Vec<Param>, Vec<Tag>) {
    let mut params = BTreeMap::new();
    let mut put = |name: &str, value: String| {
        if !value.is_empty() {
            params.insert(name.to_owned(), value);
        }
    };
    if let Some(request) = &result.request {
        put("request.text", request.text.clone());
        put("request.data_uri", without_secrets(&request.data_uri));
    }
    if let Some(scope) = outputs.scope {
        put("target", scope.target.clone());
        put("problem_type", enumeration(scope.problem_type().as_str_name(), "PROBLEM_TYPE_"));
        put("positive_class", scope.positive_class.clone());
        put("metric", scope.metric.clone());
        // How the rows were divided is known once they are, where the scope leaves it open.
        let divided = outputs.prepared.map(|data| data.split_method());
        let method = divided.filter(|of| *of != SplitMethod::Unspecified);
        let method = method.unwrap_or_else(|| scope.split_method());
        put("split_method", enumeration(method.as_str_name(), "SPLIT_METHOD_"));
        put("seed", scope.seed.to_string());
        put("time_budget_seconds", scope.time_budget_seconds.to_string());
        put("data_uri", scope.data.as_ref().map_or(String::new(), |d| without_secrets(&d.uri)));
    }
    if let Some(selection) = outputs.selection {
        let names: Vec<&str> =
            selection.candidates.iter().map(|candidate| candidate.algorithm.as_str()).collect();
        put("candidates", names.join(", "));
    }
    if let Some(features) = outputs.features {
        put("features", features.features.len().to_string());
    }
    if let Some(trained) = outputs.trained {
        put("algorithm", trained.algorithm.clone());
        put("threshold", trained.threshold.to_string());
        for (name, value) in &trained.parameters {
            // As the trainer calls them, which is how they are looked for; none has the name of one above.
            put(name, value.to_string());
        }
    }
    let carried = params.iter().flat_map(|(name, value)| Param::carried(name, value)).collect();
    (params.iter().map(|(name, value)| Param::new(name, value)).collect(), carried)
}

/// Metrics, and tags with what they lose in MLflow's form.
fn metrics(result: &Handoff, outputs: Outputs<'_>, at: i64) -> (Vec<Metric>, Vec<Tag>) {
    let (mut metrics, mut carried) = (Vec::new(), Vec::new());
    let mut put = |name: String, value: f64| {
        metrics.extend(Metric::new(&name, value, at));
        carried.extend(Metric::carried(&name, value));
    };
    for output in &result.outputs {
        if let Some(elapsed) = &output.elapsed {
            put(format!("seconds.{}", output.agent), time::seconds(elapsed));
        }
    }
    if let Some(prepared) = outputs.prepared {
        if let Some(rows) = &prepared.rows {
            put("rows.read".to_owned(), count(rows.read));
            put("rows.kept".to_owned(), count(rows.kept));
        }
        if let Some(gate) = &prepared.quality_gate {
            put("quality_score".to_owned(), gate.score);
        }
    }
    if let Some(trained) = outputs.trained {
        for (name, MetricEstimate { value, low, high }) in &trained.test_metrics {
            put(format!("test_{name}"), *value);
            put(format!("test_{name}.low"), *low);
            put(format!("test_{name}.high"), *high);
        }
        for (name, value) in &trained.validation_metrics {
            put(format!("validation_{name}"), *value);
        }
        for (name, value) in &trained.baseline_metrics {
            put(format!("baseline_{name}"), *value);
        }
        for (feature, share) in &trained.feature_importance {
            put(format!("importance/{feature}"), *share);
        }
        put("trials".to_owned(), f64::from(trained.trials));
        put("search_seconds".to_owned(), trained.search_seconds);
    }
    (metrics, carried)
}

fn tags(run: &RunId, result: &Handoff, outputs: Outputs<'_>) -> Vec<Tag> {
    let mut tags = vec![
        Tag::new("mlflow.source.name", "tier0"),
        Tag::new("mlflow.source.type", "JOB"),
        Tag::new("tier0.run_id", run),
        Tag::new("tier0.epoch", result.epoch),
    ];
    let mut put = |name: &str, value: &str| {
        if !value.is_empty() {
            tags.push(Tag::new(name, value));
            tags.extend(Tag::carried(name, value));
        }
    };
    if let Some(request) = &result.request {
        put("mlflow.user", &request.requested_by);
        for (label, value) in &request.labels {
            put(&format!("label.{label}"), value);
        }
    }
    put("tier0.model", outputs.scope.map_or("", |scope| &scope.name));
    put("tier0.data_sha256", data_digest(outputs));
    put("tier0.bundle_sha256", bundle_digest(outputs));
    if let Some(deployment) = outputs.deployment {
        put("tier0.version", &deployment.version.to_string());
        put("tier0.endpoint", &deployment.endpoint);
        put("tier0.endpoint_url", &deployment.url);
    }
    if let Some(failure) = &result.failure {
        put("tier0.failure", &failure.code);
        put("tier0.failed_stage", &failure.agent);
        put("mlflow.note.content", &failure.message);
    }
    let warnings: BTreeSet<&str> =
        result.warnings.iter().map(|warning| warning.code.as_str()).collect();
    let warnings: Vec<&str> = warnings.into_iter().collect();
    put("tier0.warnings", &warnings.join(", "));
    tags
}

fn data_digest(outputs: Outputs<'_>) -> &str {
    outputs.prepared.map_or("", |prepared| &prepared.source_sha256)
}

fn bundle_digest(outputs: Outputs<'_>) -> &str {
    let bundle = outputs.trained.and_then(|trained| trained.bundle.as_ref());
    bundle.map_or("", |bundle| &bundle.sha256)
}

fn dataset(result: &Handoff, outputs: Outputs<'_>) -> Option<Dataset> {
    let prepared = outputs.prepared?;
    let scoped = outputs.scope.and_then(|scope| scope.data.as_ref()).map(|data| data.uri.as_str());
    let uri = scoped.or_else(|| result.request.as_ref().map(|request| request.data_uri.as_str()));
    let uri = without_secrets(uri.unwrap_or_default());
    let name = uri.rsplit('/').next().unwrap_or_default();
    let digest = prepared.source_sha256.as_str();
    let source = json!({ "uri": uri, "sha256": digest });
    let rows = prepared.rows.as_ref().map_or(0, |rows| rows.read);
    let columns: Vec<_> = prepared.columns.iter().map(column).collect();
    Some(Dataset {
        schema: json!({ "mlflow_colspec": columns }).to_string(),
        profile: json!({ "num_rows": rows }).to_string(),
        ..Dataset::new(if name.is_empty() { "data" } else { name }, digest, &source)
    })
}

fn column(column: &ColumnSchema) -> serde_json::Value {
    let kind = match column.r#type() {
        ColumnType::Integer => "long",
        ColumnType::Boolean => "boolean",
        ColumnType::Date | ColumnType::Timestamp => "datetime",
        ColumnType::Text => "string",
        ColumnType::Number | ColumnType::Unspecified => "double",
    };
    json!({ "type": kind, "name": column.name, "required": !column.nullable })
}

/// The trials of a search, as runs below the run.
pub(super) fn trials(report: &SearchReport, at: i64) -> Vec<TrialRecord> {
    let record = |trial: &contracts::v1::TrialRecord| TrialRecord {
        number: trial.number,
        name: format!("trial-{:03}", trial.number),
        fitted: trial.score.is_some(),
        params: std::iter::once(Param::new("algorithm", &trial.algorithm))
            .chain(trial.parameters.iter().map(|(name, value)| Param::new(name, value)))
            .collect(),
        metrics: [
            trial.score.map(|score| (format!("validation_{}", report.metric), score)),
            Some(("iterations".to_owned(), f64::from(trial.iterations))),
        ]
        .into_iter()
        .flatten()
        .filter_map(|(name, value)| Metric::new(&name, value, at))
        .collect(),
        tags: vec![
            Tag::new("tier0.best", trial.number == report.best),
            Tag::new("tier0.pruned", trial.pruned),
        ],
    };
    report.trials.iter().map(record).collect()
}

/// The version that a run has registered. `path` is where its files are.
pub(super) fn model(
    run: &RunId,
    result: &Handoff,
    version: &ModelVersion,
    path: &str,
) -> ModelRecord {
    let outputs = Outputs::from_handoff(result);
    let bundle = version.bundle.as_ref().map_or("", |bundle| &bundle.sha256);
    let mut tags = vec![
        Tag::new("tier0.run_id", run),
        Tag::new("tier0.bundle_sha256", bundle),
        Tag::new("tier0.data_sha256", &version.data_sha256),
        Tag::new("tier0.algorithm", &version.algorithm),
    ];
    if version.parent_version > 0 {
        tags.push(Tag::new("tier0.parent_version", version.parent_version));
    }
    if let Some(deployment) = outputs.deployment {
        tags.push(Tag::new("tier0.endpoint", &deployment.endpoint));
    }
    for (name, estimate) in &version.test_metrics {
        tags.push(Tag::new(&format!("test_{name}"), estimate.value));
    }
    ModelRecord {
        name: version.model.clone(),
        version: version.version,
        path: path.to_owned(),
        tags,
    }
}

/// A name of an enumeration without what all of them begin with, in small letters; empty for what was not said.
fn enumeration(name: &str, prefix: &str) -> String {
    let name = name.strip_prefix(prefix).unwrap_or(name).to_ascii_lowercase();
    if name == "unspecified" { String::new() } else { name }
}

fn milliseconds(at: SystemTime) -> i64 {
    let since = at.duration_since(UNIX_EPOCH).unwrap_or(Duration::ZERO);
    i64::try_from(since.as_millis()).unwrap_or(i64::MAX)
}

#[allow(clippy::cast_precision_loss, reason = "a metric")]
fn count(rows: u64) -> f64 {
    rows as f64
}
