//! Scenario 1: from raw data to production.

use std::path::Path;

use contracts::{Agent, RunId, v1};
use scoring::{Limits, Predictions, Scorer, bundle};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use tier0_tests::{Fleet, eventually};

use crate::records::{Outputs, Records, kind};

/// How far a served number may be from the model's own.
const TOLERANCE: f64 = 1e-9;

#[tokio::test(flavor = "multi_thread")]
async fn s01_data_to_production() {
    let fleet = Fleet::up().await;
    let records = Records::open(&fleet).await;

    let submitted = fleet
        .submit([
            "Train churn prediction model for Kisqali HCPs",
            "--time-budget",
            "8s",
            "--seed",
            "7",
        ])
        .await;
    let run = submitted.succeeded();
    let run_id: RunId = RunId::new(run["run_id"].as_str().unwrap()).unwrap();
    assert!(run["metrics"]["test"]["roc_auc"].as_f64().unwrap() >= 0.80, "{run:#}");

    every_stage_ran_once(&records, &run, &run_id).await;
    let outputs = Outputs::from_result(&records.result(&run_id).await.unwrap());
    let bundle = everybody_agrees_on_the_model(&records, &run, &run_id, &outputs).await;
    lineage_reaches_the_data(&fleet, &records, &outputs).await;

    let scorer = Scorer::from_bundle(bundle::read(&bundle, &Limits::default()).unwrap()).unwrap();
    let endpoint = outputs.deployment.endpoint.as_str();
    served_rows_equal_the_models_own(&fleet, endpoint, &scorer).await;
    served_rows_equal_the_trainers_own(&fleet, &records, &outputs).await;
}

/// One run id through all seven stages, one message each, and one end.
async fn every_stage_ran_once(records: &Records, run: &Value, run_id: &RunId) {
    let stages: Vec<(&str, &str, u64)> = run["stages"]
        .as_array()
        .unwrap()
        .iter()
        .map(|stage| {
            assert!(stage["seconds"].as_f64().unwrap() >= 0.0, "{stage}");
            let text = |member: &str| stage[member].as_str().unwrap();
            (text("agent"), text("status"), stage["attempts"].as_u64().unwrap())
        })
        .collect();
    let expected: Vec<(&str, &str, u64)> =
        Agent::ALL.iter().map(|agent| (agent.as_str(), "succeeded", 1)).collect();
    assert_eq!(stages, expected);

    for (position, agent) in Agent::ALL.into_iter().enumerate() {
        let handoff = records
            .handed_to(agent, run_id)
            .await
            .unwrap_or_else(|| panic!("{agent} was handed nothing"));
        assert_eq!(handoff.run_id(), run_id);
        let made: Vec<&str> = handoff.outputs().iter().map(kind).collect();
        let before: Vec<&str> = Agent::ALL[..position].iter().map(|agent| agent.as_str()).collect();
        assert_eq!(made, before, "what {agent} was handed");
        assert_eq!(handoff.as_message().output_validated, position > 0, "{agent}");
        let event = contracts::subjects::handoff(agent, run_id, 0);
        assert_eq!(records.count(&event).await, 1, "{event}");
    }
    let result = records.result(run_id).await.unwrap();
    assert_ne!(result.status(), v1::HandoffStatus::Failed);
    assert_eq!(records.count(&contracts::subjects::result(run_id, 0)).await, 1);
}

/// Trainer, deployment, registry, monitor, the submission's answer and the bytes themselves name one digest.
async fn everybody_agrees_on_the_model(
    records: &Records,
    run: &Value,
    run_id: &RunId,
    outputs: &Outputs,
) -> Vec<u8> {
    let digest = outputs.trained.bundle.as_ref().unwrap().sha256.clone();
    let deployment = &outputs.deployment;
    assert_eq!(run["model"]["digest"], json!(digest));
    assert_eq!(run["model"]["version"], json!(deployment.version));
    assert_eq!(run["endpoint"]["name"], json!(deployment.endpoint));
    assert_eq!(
        (deployment.digest.as_str(), outputs.monitoring.digest.as_str()),
        (&*digest, &*digest)
    );
    assert!(
        deployment.checked_rows > 0 && deployment.max_difference <= TOLERANCE,
        "{deployment:?}"
    );

    let version =
        records.registry.version(&deployment.model, deployment.version).await.unwrap().unwrap();
    assert_eq!(version.bundle.as_ref().unwrap().sha256, digest);
    assert_eq!(
        (version.stage(), version.run_id.as_str()),
        (v1::ModelStage::Production, run_id.as_str())
    );

    let live = records.registry.record(&deployment.endpoint).await.unwrap().unwrap().value;
    let live = live.live.expect("a version answers");
    assert_eq!((live.version, live.bundle.unwrap().sha256), (deployment.version, digest.clone()));

    let monitor = records.registry.monitors().get(&deployment.endpoint).await.unwrap().unwrap();
    assert_eq!((monitor.digest, monitor.run_id), (digest.clone(), run_id.to_string()));
    assert_eq!(monitor.data_sha256, outputs.data.source_sha256);

    let bundle = records.artifacts.get(outputs.trained.bundle.as_ref().unwrap()).await.unwrap();
    assert_eq!(hex::encode(Sha256::digest(&bundle)), digest);
    bundle.to_vec()
}

/// From the registered version back to the bytes of the table.
async fn lineage_reaches_the_data(fleet: &Fleet, records: &Records, outputs: &Outputs) {
    let deployment = &outputs.deployment;
    let version =
        records.registry.version(&deployment.model, deployment.version).await.unwrap().unwrap();
    let table = std::fs::read(fleet.path("data/hcp_churn.csv")).unwrap();
    assert_eq!(version.data_sha256, hex::encode(Sha256::digest(&table)));
}

/// Rows that the model has never seen: `tier0 predict` answers what the bundle says when it is scored here.
async fn served_rows_equal_the_models_own(fleet: &Fleet, endpoint: &str, scorer: &Scorer) {
    let unseen = fleet.path("unseen.csv");
    let out = unseen.to_str().unwrap();
    tier0_tests::tier0(["sample", "churn", "--rows", "500", "--seed", "99", "--out", out])
        .await
        .success();
    let served = fleet.predict(endpoint, &unseen).await;
    let own = score(scorer, &unseen);
    assert_eq!(served.prediction, own.labels);
    for (index, class) in own.classes.iter().enumerate() {
        let served = &served.probabilities[class];
        assert_eq!(served.len(), 500);
        for (row, &value) in served.iter().enumerate() {
            let expected = own.probabilities[row * own.classes.len() + index];
            assert!(
                (value - expected).abs() <= TOLERANCE,
                "row {row}, {class}: {value} and {expected}"
            );
        }
    }
}

fn score(scorer: &Scorer, path: &Path) -> Predictions {
    let table = dataset::read_file(path).unwrap();
    scorer.score(&table).unwrap()
}

/// Rows with the predictions that the trainer made when it had just trained: the server answers the same.
async fn served_rows_equal_the_trainers_own(fleet: &Fleet, records: &Records, outputs: &Outputs) {
    let bytes = records.artifacts.get(outputs.trained.check_rows.as_ref().unwrap()).await.unwrap();
    let rows: Value = serde_json::from_slice(&bytes).unwrap();
    let fields = rows["fields"].as_array().unwrap();
    let records: Vec<Value> = rows["rows"]
        .as_array()
        .unwrap()
        .iter()
        .map(|row| {
            let members = fields.iter().zip(row.as_array().unwrap());
            Value::Object(
                members.map(|(f, v)| (f["name"].as_str().unwrap().to_owned(), v.clone())).collect(),
            )
        })
        .collect();
    let url = format!(
        "{}/endpoints/{}/invocations",
        fleet.file().serving_url,
        outputs.deployment.endpoint
    );
    let client = reqwest::Client::new();
    let body = json!({ "dataframe_records": records });
    let answer: Value = eventually("the endpoint answers", || async {
        client.post(&url).json(&body).send().await.ok()?.error_for_status().ok()?.json().await.ok()
    })
    .await;
    let served = answer["predictions"].as_array().unwrap();
    let expected = rows["outputs"].as_array().unwrap();
    assert_eq!(served.len(), expected.len());
    for (row, (served, expected)) in served.iter().zip(expected).enumerate() {
        for (class, expected) in outputs.trained.classes.iter().zip(expected.as_array().unwrap()) {
            let value = served[format!("probability_{class}")].as_f64().unwrap();
            assert!(
                (value - expected.as_f64().unwrap()).abs() <= TOLERANCE,
                "row {row}: {served} and {expected}"
            );
        }
    }
}
