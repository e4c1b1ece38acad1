//! Requests as a real MLflow server was asked them, and its answers, recorded: ours are the same, and its answers are understood.
//!
//! The recording may lie beside this repository (`../shared/conformance/mlflow/calls.json`).
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::print_stderr,
    reason = "a test"
)]

use std::collections::VecDeque;
use std::path::Path;
use std::sync::{Arc, Mutex};

use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::{Method, StatusCode, Uri};
use axum::response::IntoResponse;
use mlflow::{Client, Dataset, Metric, MlflowConfig, Param, RunStatus, Tag};
use serde_json::{Value, json};

/// The calls that are expected, in their order; what was asked otherwise is noted.
#[derive(Default)]
struct Recording {
    expected: VecDeque<Value>,
    problems: Vec<String>,
}

type Shared = Arc<Mutex<Recording>>;

async fn answer(
    State(shared): State<Shared>,
    method: Method,
    uri: Uri,
    body: Bytes,
) -> impl IntoResponse {
    let mut recording = shared.lock().unwrap();
    let Some(call) = recording.expected.pop_front() else {
        recording.problems.push(format!("{method} {uri} was not recorded"));
        return (StatusCode::NOT_FOUND, String::new());
    };
    let asked = format!("{method} {uri}");
    let expected =
        format!("{} {}", call["method"].as_str().unwrap(), call["path"].as_str().unwrap());
    // Blanks are written in two ways in a query.
    if asked.replace('+', "%20") != expected.replace('+', "%20") {
        recording.problems.push(format!("{asked} instead of {expected}"));
    }
    if call["request"].is_object() {
        let body: Value = serde_json::from_slice(&body).unwrap_or_default();
        if body != call["request"] {
            recording.problems.push(format!("{asked}: {body} instead of {}", call["request"]));
        }
    }
    let text = if call["answer"].is_string() { String::new() } else { call["answer"].to_string() };
    (StatusCode::from_u16(u16::try_from(call["status"].as_u64().unwrap()).unwrap()).unwrap(), text)
}

/// A server that gives the recorded answers to the calls of these names, one after the other.
async fn server(names: &[&str], calls: &[Value]) -> (Client, Shared) {
    let named = |name: &&str| {
        let call = calls.iter().find(|call| call["name"].as_str().unwrap().starts_with(name));
        call.unwrap_or_else(|| panic!("{name} is in the recording")).clone()
    };
    let recording = Recording { expected: names.iter().map(named).collect(), problems: Vec::new() };
    let shared: Shared = Arc::new(Mutex::new(recording));
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let router = Router::new().fallback(answer).with_state(shared.clone());
    tokio::spawn(async move { axum::serve(listener, router).await });
    let config = MlflowConfig { tracking_uri: Some(url.into()), ..MlflowConfig::default() };
    (Client::open(&config).await.unwrap().unwrap(), shared)
}

fn text<'a>(of: &'a Value, member: &str) -> &'a str {
    of[member].as_str().unwrap()
}

#[tokio::test]
async fn requests_are_those_of_the_recording_and_answers_are_understood() {
    let path =
        Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/conformance/mlflow/calls.json");
    let Ok(recording) = std::fs::read(&path) else {
        eprintln!("skipped: the recording of MLflow's calls is not beside this repository");
        return;
    };
    let mut calls: Vec<Value> = serde_json::from_slice(&recording).unwrap();
    for call in &mut calls {
        // Models are given no description.
        if text(call, "name").ends_with("registered-models/create") {
            call["request"].as_object_mut().unwrap().remove("description");
        }
    }
    let recorded = |name: &str| {
        calls.iter().find(|call| text(call, "name").starts_with(name)).unwrap().clone()
    };
    let api = |method: &str, function: &str| format!("{method} /api/2.0/mlflow/{function}");
    let names = [
        api("POST", "experiments/create"),
        api("GET", "experiments/get-by-name"),
        api("POST", "runs/create"),
        api("POST", "runs/log-inputs"),
        "PUT /api/2.0/mlflow-artifacts/artifacts/<run>/model/MLmodel".to_owned(),
        api("POST", "registered-models/create"),
        api("POST", "model-versions/create"),
        api("POST", "registered-models/alias"),
        api("GET", "registered-models/alias"),
        api("POST", "model-versions/set-tag"),
        api("GET", "model-versions/search"),
        api("POST", "runs/update"),
        api("GET", "runs/get"),
        api("DELETE", "registered-models/alias"),
    ];
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    let (client, shared) = server(&names, &calls).await;

    let scope = [Tag::new("scope", "s1")];
    let asked = recorded(names[0])["request"].clone();
    let experiment = client.create_experiment(text(&asked, "name"), &scope).await.unwrap();
    let found = client.experiment(text(&asked, "name")).await.unwrap().unwrap();
    assert_eq!((found.experiment_id, found.lifecycle_stage), (experiment.clone(), "active".into()));

    let asked = recorded(names[2])["request"].clone();
    let tags = [Tag::new("mlflow.source.name", "agent")];
    let started_at = asked["start_time"].as_i64().unwrap();
    let run = client.create_run(&experiment, "train", started_at, &tags).await.unwrap();
    assert_eq!(run.info.status, RunStatus::Running);
    assert_eq!(run.tag("mlflow.runName"), Some("train"));
    let id = run.info.run_id.clone();

    let dataset = Dataset::new("telco", "abc123", &json!({}));
    let source = "{\"uri\": \"telco/train.csv\"}".to_owned();
    let dataset = Dataset { source_type: "local".to_owned(), source, ..dataset };
    client.log_input(&id, &dataset).await.unwrap();
    client.upload(&run, "model/MLmodel", Bytes::from_static(b"x")).await.unwrap();

    let asked = recorded(names[5])["request"].clone();
    let model = text(&asked, "name");
    client.ensure_model(model, &scope).await.unwrap();
    let source = format!("{}/model", run.info.artifact_uri);
    let auc = [Tag::new("auc", 0.84)];
    let version = client.create_version(model, &source, &id, &auc).await.unwrap();
    assert_eq!((version.version.as_str(), version.run_id.as_str()), ("1", id.as_str()));
    client.set_alias(&version, "champion").await.unwrap();
    let aliased = client.aliased(model, "champion").await.unwrap().unwrap();
    assert_eq!(aliased.aliases, ["champion"]);
    client.tag_version(&version, &Tag::new("validation", "passed")).await.unwrap();
    let found = client.search_versions(&format!("name='{model}'")).await.unwrap();
    assert_eq!(found[0].tags.len(), 2);

    let ended_at = recorded(names[11])["request"]["end_time"].as_i64().unwrap();
    client.end_run(&id, RunStatus::Finished, ended_at).await.unwrap();
    let run = client.run(&id).await.unwrap();
    assert_eq!(run.info.status, RunStatus::Finished);
    assert_eq!((run.data.params.len(), run.data.metrics.len()), (20, 11));
    client.delete_alias(model, "champion").await.unwrap();

    let recording = shared.lock().unwrap();
    assert!(recording.expected.is_empty(), "{:?}", recording.expected);
    assert!(recording.problems.is_empty(), "{:#?}", recording.problems);
}

/// A batch of the recording is told in the same parts, in more than one request.
#[tokio::test]
async fn what_is_logged_is_what_was_recorded() {
    let path =
        Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/conformance/mlflow/calls.json");
    let Ok(recording) = std::fs::read(&path) else {
        eprintln!("skipped: the recording of MLflow's calls is not beside this repository");
        return;
    };
    let calls: Vec<Value> = serde_json::from_slice(&recording).unwrap();
    let name = "POST /api/2.0/mlflow/runs/log-batch";
    let batch = calls.iter().find(|call| text(call, "name").starts_with(name)).unwrap();
    let asked = &batch["request"];
    let params: Vec<Param> = serde_json::from_value(asked["params"].clone()).unwrap();
    let metrics: Vec<Metric> = serde_json::from_value(asked["metrics"].clone()).unwrap();
    let tags: Vec<Tag> = serde_json::from_value(asked["tags"].clone()).unwrap();
    let part = |of: &str, values: &Value| {
        let mut part = batch.clone();
        let request = json!({ "run_id": asked["run_id"], "params": [], "metrics": [], "tags": [] });
        part["request"] = request;
        part["request"][of] = values.clone();
        part["name"] = json!(of);
        part
    };
    let parts = ["params", "metrics", "tags"].map(|of| part(of, &asked[of]));
    let (client, shared) = server(&["params", "metrics", "tags"], &parts).await;
    client.log(text(asked, "run_id"), &params, &metrics, &tags).await.unwrap();
    let recording = shared.lock().unwrap();
    assert!(recording.expected.is_empty());
    assert!(recording.problems.is_empty(), "{:#?}", recording.problems);
}
