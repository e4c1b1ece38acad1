//! Scenario 18: from training to the registry: only legal steps from stage to stage, and the bundle that is loaded is the one that is
//! registered, or none.

use contracts::RunId;
use contracts::v1::ModelStage;
use registry::{Error, STAGES, is_legal, stage_name};
use rustix::process::Signal;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use tier0_tests::pipeline::{FAST, small_table};
use tier0_tests::{Fleet, FleetOptions, eventually, write_table};

use crate::records::Records;
use crate::s07_training_failure::damage;

const MODEL: &str = "leavers";

#[tokio::test(flavor = "multi_thread")]
async fn s18_training_to_registry() {
    let store = tempfile::tempdir().unwrap();
    let artifacts = store.path().join("artifacts");
    let uri = ("TIER0__ARTIFACTS__URI".to_owned(), format!("file://{}", artifacts.display()));
    let environment = FAST.map(|(name, value)| (name.to_owned(), value.to_owned()));
    let fleet = Fleet::up_with(FleetOptions {
        environment: environment.into_iter().chain([uri]).collect(),
        ..FleetOptions::default()
    })
    .await;
    let records = Records::open(&fleet).await;

    let first = train(&fleet, 700).await;
    loaded_is_registered(&fleet, &records, 1, &first).await;
    let second = train(&fleet, 800).await;
    loaded_is_registered(&fleet, &records, 2, &second).await;
    assert_ne!(first, second);

    every_step_is_legal_or_refused(&records).await;
    steps_are_refused_by_command_and_api(&fleet).await;
    the_history_says_who_went_live(&fleet).await;
    the_bundle_is_exported_as_registered(&fleet, &second).await;
    the_two_are_compared_on_the_same_rows(&fleet).await;
    an_altered_bundle_is_refused(&fleet, &records, &artifacts.join(&first)).await;
}

/// A whole run; gives the digest that it ended with.
async fn train(fleet: &Fleet, rows: u32) -> String {
    let table = fleet.path(&format!("rows-{rows}.csv"));
    write_table(&table, small_table(rows));
    let data = table.to_str().unwrap();
    let arguments =
        ["--data", data, "--target", "left", "--positive", "yes", "--name", MODEL, "--seed", "7"];
    let run = fleet.submit(arguments).await.succeeded();
    run["model"]["digest"].as_str().unwrap().to_owned()
}

/// Trainer, registry, stored bytes and the server's own word agree.
async fn loaded_is_registered(fleet: &Fleet, records: &Records, number: u32, digest: &str) {
    let version = records.registry.version(MODEL, number).await.unwrap().unwrap();
    assert_eq!(version.stage(), ModelStage::Production);
    let bundle = version.bundle.as_ref().unwrap();
    assert_eq!(bundle.sha256, digest);
    let bytes = records_bytes(bundle).await;
    assert_eq!(hex::encode(Sha256::digest(&bytes)), digest);
    let url = format!("{}/v2/models/{MODEL}", fleet.file().serving_url);
    let said: Value = eventually("the server describes the version", || async {
        let said: Value = reqwest::get(&url).await.ok()?.json().await.ok()?;
        (said["parameters"]["live_version"] == json!(number.to_string())).then_some(said)
    })
    .await;
    assert_eq!(said["parameters"]["digest"], json!(digest), "{said}");
}

async fn records_bytes(bundle: &contracts::v1::ArtifactRef) -> Vec<u8> {
    let path = bundle.uri.strip_prefix("file://").expect("a file");
    tokio::fs::read(path).await.unwrap()
}

/// Every pair of stages, each on a version of its own: the legal ones are done, all others are refused and change nothing.
async fn every_step_is_legal_or_refused(records: &Records) {
    let registry = &records.registry;
    let mut parts = registry.version(MODEL, 1).await.unwrap().unwrap();
    "steps".clone_into(&mut parts.model);
    let (mut done, mut refused) = (0, 0);
    for from in STAGES {
        for to in STAGES {
            let run = RunId::new(format!("{}-{}", stage_name(from), stage_name(to))).unwrap();
            let number = registry.register(parts.clone(), &run).await.unwrap().version;
            for stage in way_to(from) {
                registry.transition("steps", number, *stage, "test", "on the way").await.unwrap();
            }
            let before = registry.version("steps", number).await.unwrap().unwrap();
            assert_eq!(before.stage(), from);
            let moved = registry.transition("steps", number, to, "test", "asked for").await;
            let after = registry.version("steps", number).await.unwrap().unwrap();
            if from == to {
                assert_eq!(moved.unwrap(), before, "it is there already");
            } else if is_legal(from, to) {
                let step = moved.unwrap().transitions.last().cloned().unwrap();
                assert_eq!((step.from(), step.to()), (from, to));
                assert_eq!((step.by.as_str(), step.reason.as_str()), ("test", "asked for"));
                assert_eq!(after.stage(), to);
                done += 1;
            } else {
                match moved.unwrap_err() {
                    Error::IllegalTransition { version, from: stood, to: asked, .. } => {
                        assert_eq!((version, stood, asked), (number, from, to));
                    }
                    error => panic!("{from:?} to {to:?}: {error}"),
                }
                assert_eq!(after, before, "{from:?} to {to:?} changed something");
                refused += 1;
            }
        }
    }
    assert_eq!((done, refused), (8, 12));
    let production: Vec<u32> = registry
        .versions("steps")
        .await
        .unwrap()
        .iter()
        .filter(|version| version.stage() == ModelStage::Production)
        .map(|version| version.version)
        .collect();
    let model = registry.model("steps").await.unwrap().unwrap();
    assert!(production.len() <= 1 && production.iter().all(|v| *v == model.production_version));
}

fn way_to(stage: ModelStage) -> &'static [ModelStage] {
    use ModelStage::{Archived, Production, Shadow, Staging};
    match stage {
        Staging => &[Staging],
        Shadow => &[Staging, Shadow],
        Production => &[Staging, Production],
        Archived => &[Archived],
        ModelStage::None | ModelStage::Unspecified => &[],
    }
}

async fn steps_are_refused_by_command_and_api(fleet: &Fleet) {
    let archived = fleet.tier0(["models", "promote", MODEL, "1", "--json"]).await;
    assert_eq!(
        (archived.code(), &archived.json()["error"]["code"]),
        (2, &json!("traffic_elsewhere"))
    );
    let archived =
        fleet.tier0(["models", "promote", MODEL, "1", "--to", "staging", "--json"]).await;
    assert_eq!(
        (archived.code(), &archived.json()["error"]["code"]),
        (2, &json!("illegal_transition"))
    );
    let live = fleet.tier0(["models", "archive", MODEL, "2", "--json"]).await;
    assert_eq!((live.code(), &live.json()["error"]["code"]), (2, &json!("version_answers")));
    let unknown = fleet.tier0(["models", "archive", MODEL, "9", "--json"]).await;
    assert_eq!(
        (unknown.code(), &unknown.json()["error"]["code"]),
        (2, &json!("version_not_found"))
    );

    let api = format!("{}/api/v1/models/{MODEL}", fleet.file().api_url);
    let client = reqwest::Client::new();
    let stage = async |version: &str, body: Value| -> (u16, Value) {
        let url = format!("{api}/versions/{version}/stage");
        let answer = client.post(url).json(&body).send().await.unwrap();
        (answer.status().as_u16(), answer.json().await.unwrap())
    };
    let (status, answer) = stage("1", json!({"stage": "shadow", "reason": "x"})).await;
    assert_eq!((status, &answer["error"]["code"]), (409, &json!("illegal_transition")), "{answer}");
    let (status, answer) = stage("champion", json!({"stage": "archived"})).await;
    assert_eq!((status, &answer["error"]["code"]), (409, &json!("version_answers")), "{answer}");
    let (status, answer) = stage("2", json!({"stage": "live"})).await;
    assert_eq!((status, &answer["error"]["code"]), (400, &json!("invalid_request")), "{answer}");
    let (status, answer) = stage("7", json!({"stage": "staging"})).await;
    assert_eq!((status, &answer["error"]["code"]), (404, &json!("version_not_found")), "{answer}");
    let model: Value = reqwest::get(&api).await.unwrap().json().await.unwrap();
    assert_eq!(model["aliases"], json!({"champion": 2}));
    let stages: Vec<&str> = model["versions"]
        .as_array()
        .unwrap()
        .iter()
        .map(|version| version["stage"].as_str().unwrap())
        .collect();
    assert_eq!(stages, ["production", "archived"], "the latest first");
}

/// The ledger of a real deployment: who was live when, by which run.
async fn the_history_says_who_went_live(fleet: &Fleet) {
    let history = fleet.tier0(["endpoints", "history", MODEL, "--json"]).await.success().json();
    let entries = history["history"].as_array().unwrap();
    let began = |version: u64| -> &Value {
        let of = |entry: &&Value| entry["live"]["version"] == json!(version);
        entries.iter().rev().find(of).unwrap_or_else(|| panic!("{version} was live: {history}"))
    };
    for version in [1, 2] {
        let by = began(version)["by"].as_str().unwrap();
        assert!(by.starts_with("model-deployer/"), "{by}");
    }
    // When the second began to answer, the first did just before.
    let moment = began(2)["at"].as_str().unwrap();
    let at = fleet.tier0(["endpoints", "history", MODEL, "--at", moment, "--json"]).await;
    assert_eq!(at.success().json()["live"]["version"], json!(2));
    let moment = began(1)["at"].as_str().unwrap();
    let url = format!("{}/api/v1/endpoints/{MODEL}/history?at={moment}", fleet.file().api_url);
    let then: Value = reqwest::get(url).await.unwrap().json().await.unwrap();
    assert_eq!(then["live"]["version"], json!(1), "{then}");
    let never =
        fleet.tier0(["models", "history", MODEL, "--at", "2001-01-01T00:00:00Z", "--json"]).await;
    assert_eq!((never.code(), &never.json()["error"]["code"]), (2, &json!("nothing_then")));

    let shown = fleet.tier0(["models", "show", MODEL, "1", "--json"]).await.success().json();
    let lives: Vec<bool> = shown["deployments"]
        .as_array()
        .unwrap()
        .iter()
        .map(|change| change["live"].as_bool().unwrap())
        .collect();
    assert_eq!(lives, [true, false], "it began and ceased: {shown}");
}

async fn the_bundle_is_exported_as_registered(fleet: &Fleet, digest: &str) {
    let out = fleet.path("exported.bundle");
    let arguments =
        ["models", "export", MODEL, "champion", "--out", out.to_str().unwrap(), "--json"];
    let exported = fleet.tier0(arguments).await.success().json();
    assert_eq!((&exported["digest"], &exported["version"]), (&json!(digest), &json!(2)));
    assert_eq!(hex::encode(Sha256::digest(std::fs::read(out).unwrap())), digest);
}

async fn the_two_are_compared_on_the_same_rows(fleet: &Fleet) {
    let rows = fleet.path("rows-800.csv");
    let compared = fleet
        .tier0([
            "models",
            "compare",
            MODEL,
            "1",
            "champion",
            "--data",
            rows.to_str().unwrap(),
            "--target",
            "left",
            "--resamples",
            "200",
            "--json",
        ])
        .await
        .success()
        .json();
    assert_eq!(compared["same_data"], json!(false));
    assert_eq!(compared["on_data"]["rows"], json!(800));
    let auc = &compared["on_data"]["metrics"]["roc_auc"];
    let number = |member: &str| auc[member].as_f64().unwrap();
    assert!(number("first") > 0.5 && number("second") > 0.5, "{auc}");
    assert!((number("second") - number("first") - number("difference")).abs() < 1e-12, "{auc}");
    assert!(number("low") <= number("difference") && number("difference") <= number("high"));
    assert!((0.0..=1.0).contains(&number("p_value")), "{auc}");
}

/// The first version's bytes are altered where they are stored: the server that starts again refuses them and says why, the other
/// version answers as before, and no other caller gets them either.
async fn an_altered_bundle_is_refused(fleet: &Fleet, records: &Records, stored: &std::path::Path) {
    damage(stored);
    fleet.signal("model-server", Signal::KILL);
    let report = eventually("a new server says that it cannot load the first version", || async {
        let reports = records.registry.servers(MODEL).await.ok()?;
        reports.into_iter().find(|report| {
            report.live_version == 2 && report.failures.iter().any(|failure| failure.version == 1)
        })
    })
    .await;
    assert_eq!(report.ready_versions, [2]);
    let failure = report.failures.iter().find(|failure| failure.version == 1).unwrap();
    assert!(failure.reason.contains("damaged"), "{}", failure.reason);
    let rows = fleet.path("rows-700.csv");
    let served = fleet.predict(MODEL, &rows).await;
    assert_eq!(served.prediction.len(), 700);

    let out = fleet.path("altered.bundle");
    let arguments = ["models", "export", MODEL, "1", "--out", out.to_str().unwrap(), "--json"];
    let refused = fleet.tier0(arguments).await;
    assert_eq!((refused.code(), &refused.json()["error"]["code"]), (1, &json!("artifacts")));
    assert!(!out.exists(), "nothing of it was written");
    let record = records.registry.record(MODEL).await.unwrap().unwrap().value;
    assert_eq!(record.live.unwrap().version, 2);
}
