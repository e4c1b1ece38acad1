//! Scenario 12: runs at once give the same models as the same runs one after the other.

use std::collections::BTreeMap;
use std::path::Path;

use contracts::{RunId, subjects, v1};
use serde_json::json;
use tier0_tests::{Fleet, FleetOptions, eventually, write_table};

use crate::records::Records;
use crate::replicas::small_table;

const MODELS: u32 = 5;

#[tokio::test(flavor = "multi_thread")]
async fn s12_concurrent_pipelines() {
    // Trials end the search, never the clock: the same seed gives the same model.
    let environment = [
        ("TIER0_MODEL_SELECTOR__SELECTION__FOLDS", "2"),
        ("TIER0_MODEL_SELECTOR__SELECTION__MAX_SECONDS", "60"),
        ("TIER0_MODEL_TRAINER__TRAINING__MAX_TRIALS", "3"),
        ("TIER0_MODEL_TRAINER__TRAINING__RACE", "1"),
        ("TIER0_MODEL_TRAINER__TRAINING__RESAMPLES", "50"),
        ("TIER0__STAGE__MAX_IN_FLIGHT", "4"),
    ];
    let fleet = Fleet::up_with(FleetOptions {
        environment: environment.map(|(name, value)| (name.to_owned(), value.to_owned())).to_vec(),
        replicas: vec![("model-trainer", 2), ("feature-analyzer", 2)],
        ..FleetOptions::default()
    })
    .await;
    let records = Records::open(&fleet).await;
    let table = fleet.path("small.csv");
    write_table(&table, small_table(900));

    let mut alone = BTreeMap::new();
    for model in 0..MODELS {
        let run = ask(&fleet, &table, "alone", model).await;
        alone.insert(model, bundle(&records, &run).await);
    }
    let mut runs = Vec::new();
    for model in 0..MODELS {
        runs.push((model, ask(&fleet, &table, "together", model).await));
    }
    let mut together = BTreeMap::new();
    for (model, run) in &runs {
        together.insert(*model, bundle(&records, run).await);
    }
    assert_eq!(together, alone, "the same seed gives the same bundle");
    let different: std::collections::BTreeSet<&String> = alone.values().collect();
    assert!(different.len() > 1, "seeds make a difference: {alone:?}");
    for (_, run) in &runs {
        assert_eq!(records.count(&subjects::result(run, 0)).await, 1, "{run}");
    }
    assert!(records.dead_letters().await.is_empty());
}

async fn ask(fleet: &Fleet, table: &Path, when: &str, model: u32) -> RunId {
    let run = RunId::new(format!("{when}-{model}")).unwrap();
    let request = json!({
        "requestId": run.as_str(), "name": format!("model-{model}"), "dataUri": table,
        "target": "left", "positiveClass": "yes", "seed": 100 + model, "timeBudgetSeconds": 300,
        "until": "model-trainer", "noCache": true,
    });
    let client = fleet.nats().await;
    client.publish(subjects::REQUEST, request.to_string().into()).await.unwrap();
    client.flush().await.unwrap();
    run
}

/// Digest of the bundle that a run has come to.
async fn bundle(records: &Records, run: &RunId) -> String {
    let result = eventually(&format!("{run} ends"), || records.result(run)).await;
    assert_eq!(result.status(), v1::HandoffStatus::Success, "{run}: {:?}", result.failure());
    result.trained_model().unwrap().bundle.sha256.clone()
}
