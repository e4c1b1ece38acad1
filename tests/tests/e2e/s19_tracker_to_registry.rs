//! Scenario 19: what MLflow has of runs and models is what the registry has, and leads from the deployment to the data.
//!
//! A real MLflow server from the Python package index; skipped, saying so, where that is not installed.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::Path;
use std::time::Duration;

use contracts::Agent;
use contracts::v1::{HandoffStatus, ModelVersion};
use rand::rngs::StdRng;
use rand::{Rng, SeedableRng};
use rustix::process::Signal;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use tier0_tests::{Fleet, FleetOptions, MlflowServer, Python, Submitted};
use tokio::time::{Instant, sleep};

use crate::records::Records;

const EXPERIMENT: &str = "scenario 19";
/// How long MLflow may take to be told of a run: it answers in half a second on a busy machine, some hundred times.
const TIMEOUT: Duration = Duration::from_secs(120);
/// Rows of which predictions are compared.
const ROWS: usize = 1_000;

/// A fleet that tells a server; few trials, which are told as well.
async fn fleet(mlflow: &MlflowServer) -> Fleet {
    let settings = [
        ("TIER0__MLFLOW__TRACKING_URI", mlflow.url()),
        ("TIER0__MLFLOW__EXPERIMENT", EXPERIMENT.to_owned()),
        ("TIER0__MLFLOW__EVERY_SECONDS", "0.5".to_owned()),
        ("TIER0_MODEL_TRAINER__TRAINING__MAX_TRIALS", "6".to_owned()),
    ];
    let environment = settings.map(|(name, value)| (name.to_owned(), value)).to_vec();
    Fleet::up_with(FleetOptions { environment, ..FleetOptions::default() }).await
}

/// Names of columns that MLflow would read as paths, or refuse.
const AWKWARD: [&str; 2] = ["income // w/", "../channel = ü"];

/// A table with columns of every type, values missing and categories that a model has to split by.
fn table(rows: usize) -> String {
    const REGIONS: [&str; 12] =
        ["AG", "BE", "BL", "BS", "GE", "GR", "LU", "SG", "TI", "VD", "VS", "ZH"];
    let mut rng = StdRng::seed_from_u64(19);
    let mut text = format!("age,{},region,{},since,active,left\n", AWKWARD[0], AWKWARD[1]);
    for _ in 0..rows {
        let age = rng.random_range(18..90);
        let income = rng.random_range(20.0..180.0_f64);
        let region = rng.random_range(0..REGIONS.len());
        let channel = ["mail", "phone", "visit"][rng.random_range(0..3)];
        let (month, day) = (rng.random_range(1..=12), rng.random_range(1..=28));
        let active = rng.random_bool(0.6);
        // Every other region, and young or badly paid people, and no rule without exceptions.
        let margin = f64::from(u8::from(region % 2 == 0)) * 1.6 - f64::from(age) / 40.0
            + if active { -0.8 } else { 0.9 }
            + if income < 60.0 { 0.9 } else { -0.2 }
            + f64::from(month) / 20.0;
        let leaves = rng.random_bool(1.0 / (1.0 + (-1.5 * margin).exp()));
        let income = if rng.random_bool(0.1) { String::new() } else { format!("{income:.3}") };
        let region = if rng.random_bool(0.05) { "" } else { REGIONS[region] };
        let leaves = if leaves { "yes" } else { "no" };
        writeln!(
            text,
            "{age},{income},{region},{channel},2024-{month:02}-{day:02},{active},{leaves}"
        )
        .unwrap();
    }
    text
}

async fn submit(fleet: &Fleet, path: &Path, name: &str) -> Submitted {
    let arguments = ["--data", path.to_str().unwrap(), "--target", "left", "--positive", "yes"];
    fleet.submit(arguments.into_iter().chain(["--name", name, "--time-budget", "20s"])).await
}

/// Waits for what takes longer than the harness is patient otherwise.
async fn told<T>(what: &str, mut check: impl AsyncFnMut() -> Option<T>) -> T {
    let deadline = Instant::now() + TIMEOUT;
    loop {
        if let Some(found) = check().await {
            return found;
        }
        assert!(Instant::now() < deadline, "after {TIMEOUT:?} still not: {what}");
        sleep(Duration::from_millis(300)).await;
    }
}

/// The run of MLflow that a run of tier0 is, once all of it was told.
async fn whole(mlflow: &MlflowServer, run: &str) -> Value {
    let filter = format!("tags.`tier0.run_id` = '{run}' and tags.`tier0.mirrored` = 'whole'");
    told(&format!("{run} is in MLflow"), async || {
        let mut runs = mlflow.runs(EXPERIMENT, &filter).await;
        assert!(runs.len() <= 1, "one run is one run there: {runs:#?}");
        runs.pop()
    })
    .await
}

fn by_key<T>(run: &Value, of: &str, value: impl Fn(&Value) -> T) -> BTreeMap<String, T> {
    let entries = run["data"][of].as_array().cloned().unwrap_or_default();
    let entry = |entry: &Value| (entry["key"].as_str().unwrap().to_owned(), value(&entry["value"]));
    entries.iter().map(entry).collect()
}

fn texts(run: &Value, of: &str) -> BTreeMap<String, String> {
    by_key(run, of, |value| value.as_str().unwrap().to_owned())
}

fn numbers(run: &Value) -> BTreeMap<String, f64> {
    by_key(run, "metrics", |value| value.as_f64().unwrap())
}

#[tokio::test(flavor = "multi_thread")]
async fn s19_tracker_to_registry() {
    let modules = ["mlflow", "onnx", "onnxruntime", "pandas"];
    let Some(python) = Python::with_mlflow(&modules).await else { return };
    let mut mlflow = MlflowServer::reserve();
    mlflow.start(&python).await;
    let fleet = fleet(&mlflow).await;
    let path = fleet.path("people.csv");
    std::fs::write(&path, table(4_000)).unwrap();

    let submitted = submit(&fleet, &path, "people").await.succeeded();
    let id = submitted["run_id"].as_str().unwrap();
    let run = whole(&mlflow, id).await;
    assert_eq!(run["info"]["status"], json!("FINISHED"));
    let records = Records::open(&fleet).await;
    let version = records.registry.version("people", 1).await.unwrap().unwrap();
    equals_the_record(&run, &version);
    trials_are_below(&mlflow, &run, id).await;
    leads_to_the_data(&mlflow, &records, &path).await;
    for uri in ["models:/people/1", "models:/people@champion"] {
        predicts_the_same(&mlflow, &python, &fleet, &path, uri).await;
    }

    // Another version takes its place, and the alias follows.
    let submitted = submit(&fleet, &path, "people").await.succeeded();
    whole(&mlflow, submitted["run_id"].as_str().unwrap()).await;
    told("the alias stands for the second version", async || {
        (champion(&mlflow).await? == "2").then_some(())
    })
    .await;
    records.registry.rollback("people", None, "a person", "a test").await.unwrap();
    told("the alias stands for the first version again", async || {
        (champion(&mlflow).await? == "1").then_some(())
    })
    .await;

    failed_runs_are_there_as_such(&mlflow, &fleet).await;
}

/// tier0's number of the version that the alias stands for.
async fn champion(mlflow: &MlflowServer) -> Option<String> {
    let query = [("name", "people"), ("alias", "champion")];
    let found = mlflow.get("registered-models/alias", &query).await;
    Some(tag(&found["model_version"], "tier0.version")?.to_owned())
}

fn tag<'a>(of: &'a Value, key: &str) -> Option<&'a str> {
    of["tags"].as_array()?.iter().find(|tag| tag["key"] == key)?["value"].as_str()
}

/// Parameters and metrics of the run are what the registry has of the version.
fn equals_the_record(run: &Value, version: &ModelVersion) {
    let (params, metrics, tags) = (texts(run, "params"), numbers(run), texts(run, "tags"));
    assert_eq!(params["algorithm"], version.algorithm);
    assert_eq!(params["target"], "left");
    assert_eq!(params["problem_type"], "binary");
    assert!(!version.test_metrics.is_empty());
    for (name, estimate) in &version.test_metrics {
        assert_eq!(metrics[&format!("test_{name}")], estimate.value, "{name}");
        assert_eq!(metrics[&format!("test_{name}.low")], estimate.low, "{name}");
        assert_eq!(metrics[&format!("test_{name}.high")], estimate.high, "{name}");
    }
    assert_eq!(tags["tier0.run_id"], version.run_id);
    assert_eq!(tags["tier0.version"], version.version.to_string());
    assert_eq!(tags["tier0.data_sha256"], version.data_sha256);
    assert_eq!(tags["tier0.bundle_sha256"], version.bundle.as_ref().unwrap().sha256);
    assert!(!tags.contains_key("tier0.problems"), "{tags:#?}");
    for column in AWKWARD {
        let name = format!("importance/{column}");
        let carried = tags.iter().find(|(key, value)| {
            key.starts_with("tier0.name.importance/")
                && (**value == name || value.starts_with(&format!("{name}=")))
        });
        let (key, _) = carried.unwrap_or_else(|| panic!("{name}: {tags:#?}"));
        let key = key.strip_prefix("tier0.name.").unwrap();
        assert!(metrics.contains_key(key), "{key}: {metrics:#?}");
    }
}

/// Every trial is a run below the run, and the best one has the run's own parameters, unless several of them are served.
async fn trials_are_below(mlflow: &MlflowServer, run: &Value, id: &str) {
    let parent = run["info"]["run_id"].as_str().unwrap();
    let filter = format!("tags.`mlflow.parentRunId` = '{parent}'");
    let trials = mlflow.runs(EXPERIMENT, &filter).await;
    assert_eq!(f64::from(u32::try_from(trials.len()).unwrap()), numbers(run)["trials"]);
    assert!(trials.len() > 1, "{id} has tried more than once");
    let best: Vec<&Value> =
        trials.iter().filter(|trial| texts(trial, "tags")["tier0.best"] == "true").collect();
    assert_eq!(best.len(), 1);
    let own = texts(run, "params");
    if own["algorithm"] == "ensemble" {
        let algorithm = texts(best[0], "params")["algorithm"].clone();
        assert!(algorithm != "ensemble" && !algorithm.is_empty(), "{algorithm}");
    } else {
        for (name, value) in texts(best[0], "params") {
            assert_eq!(own[&name], value, "{name}");
        }
    }
    let score = numbers(best[0])["validation_roc_auc"];
    // A trial that was given up has the score of its first folds only.
    let given_up =
        |trial: &Value| texts(trial, "tags").get("tier0.pruned").is_some_and(|of| of == "true");
    let complete = || trials.iter().filter(|trial| !given_up(trial));
    assert!(complete().all(|trial| numbers(trial)["validation_roc_auc"] <= score));
}

/// From the deployment to the version, from there to the run, from there to the data: every digest fits the one before.
async fn leads_to_the_data(mlflow: &MlflowServer, records: &Records, path: &Path) {
    let deployment = records.registry.record("people").await.unwrap().unwrap().value;
    let live = deployment.live.unwrap();
    let bundle = live.bundle.unwrap().sha256;
    let filter = format!("name = 'people' and tags.`tier0.version` = '{}'", live.version);
    let found = mlflow.get("model-versions/search", &[("filter", &filter)]).await;
    let versions = found["model_versions"].as_array().unwrap();
    assert_eq!(versions.len(), 1, "{found:#}");
    assert_eq!(tag(&versions[0], "tier0.bundle_sha256"), Some(bundle.as_str()));
    told("the alias stands for what is live", async || {
        (champion(mlflow).await? == live.version.to_string()).then_some(())
    })
    .await;
    let run_id = versions[0]["run_id"].as_str().unwrap();
    let run = mlflow.get("runs/get", &[("run_id", run_id)]).await["run"].clone();
    let tags = texts(&run, "tags");
    assert_eq!(tags["tier0.run_id"], live.run_id);
    assert_eq!(tags["tier0.bundle_sha256"], bundle);
    let data = hex::encode(Sha256::digest(std::fs::read(path).unwrap()));
    assert_eq!(tags["tier0.data_sha256"], data);
    let dataset = &run["inputs"]["dataset_inputs"][0]["dataset"];
    assert_eq!(dataset["digest"], json!(data[..36]));
    let source: Value = serde_json::from_str(dataset["source"].as_str().unwrap()).unwrap();
    assert_eq!(source["sha256"], json!(data));
    assert!(source["uri"].as_str().unwrap().ends_with("people.csv"), "{source}");
}

/// The registered model, loaded in Python, predicts what the endpoint does.
async fn predicts_the_same(
    mlflow: &MlflowServer,
    python: &Python,
    fleet: &Fleet,
    path: &Path,
    uri: &str,
) {
    let rows = ROWS.to_string();
    let arguments = [uri, path.to_str().unwrap(), &rows];
    let url = mlflow.url();
    let environment = [("MLFLOW_TRACKING_URI", url.as_str()), ("MLFLOW_DISABLE_TELEMETRY", "true")];
    let script = include_str!("load_model.py");
    let loaded = python.run_in(script, &arguments, &environment).await.success().json();
    let served = fleet.predict("people", path).await;
    let labels: Vec<&str> = loaded["prediction"]
        .as_array()
        .unwrap()
        .iter()
        .map(|label| label.as_str().unwrap())
        .collect();
    assert_eq!(labels, served.prediction[..ROWS]);
    assert!(served.probabilities.len() == 2, "{:?}", served.probabilities.keys());
    for (class, expected) in &served.probabilities {
        let found = loaded[format!("probability_{class}")].as_array().unwrap();
        assert_eq!(found.len(), ROWS);
        for (row, (found, expected)) in found.iter().zip(expected).enumerate() {
            let difference = (found.as_f64().unwrap() - expected).abs();
            assert!(difference <= 1e-6, "{uri}, row {row}: {found} is not {expected}");
        }
    }
    let distinct: std::collections::BTreeSet<u64> =
        served.probabilities["yes"].iter().map(|probability| probability.to_bits()).collect();
    assert!(distinct.len() > 20, "the model tells rows apart");
}

/// A run that failed is there, with the reason, and made no version.
async fn failed_runs_are_there_as_such(mlflow: &MlflowServer, fleet: &Fleet) {
    let path = fleet.path("tiny.csv");
    std::fs::write(&path, table(20)).unwrap();
    let failed = submit(fleet, &path, "tiny").await;
    assert_eq!(failed.text("status"), "failed", "{:#}", failed.run);
    let run = whole(mlflow, failed.text("run_id")).await;
    assert_eq!(run["info"]["status"], json!("FAILED"));
    let tags = texts(&run, "tags");
    assert_eq!(tags["tier0.failure"], failed.text("code"));
    assert_eq!(tags["tier0.failed_stage"], failed.text("failed_stage"));
    let found = mlflow.get("model-versions/search", &[("filter", "name = 'tiny'")]).await;
    assert!(found["model_versions"].is_null(), "{found:#}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_tracker_that_is_down_fails_no_run_and_is_told_later() {
    let Some(python) = Python::with_mlflow(&["mlflow"]).await else { return };
    let mut mlflow = MlflowServer::reserve();
    let fleet = fleet(&mlflow).await;
    let path = fleet.path("people.csv");
    std::fs::write(&path, table(1_500)).unwrap();

    let submitted = submit(&fleet, &path, "people").await.succeeded();
    let warnings = submitted["warnings"].as_array().unwrap();
    let warning = warnings.iter().find(|warning| warning["code"] == "mlflow_unreachable");
    let warning = warning.unwrap_or_else(|| panic!("{submitted:#}"));
    assert_eq!(warning["agent"], json!("model-deployer"));
    let id = submitted["run_id"].as_str().unwrap();
    let records = Records::open(&fleet).await;
    let handed = records.handed_to(Agent::ObservabilityConnector, &id.parse().unwrap()).await;
    assert_eq!(handed.unwrap().status(), HandoffStatus::Partial);

    // Its place in the stream outlives the orchestrator.
    fleet.signal("orchestrator", Signal::KILL);
    mlflow.start(&python).await;
    let run = whole(&mlflow, id).await;
    assert_eq!(run["info"]["status"], json!("FINISHED"));
    let told_of = texts(&run, "tags")["tier0.warnings"].clone();
    assert!(told_of.split(", ").any(|code| code == "mlflow_unreachable"), "{told_of}");
    told("the alias stands for the version", async || {
        (champion(&mlflow).await? == "1").then_some(())
    })
    .await;

    // A run after that is told at once, and without a warning.
    let submitted = submit(&fleet, &path, "people").await.succeeded();
    let warnings = submitted["warnings"].as_array().unwrap();
    assert!(warnings.iter().all(|warning| warning["code"] != "mlflow_unreachable"));
    whole(&mlflow, submitted["run_id"].as_str().unwrap()).await;
}
