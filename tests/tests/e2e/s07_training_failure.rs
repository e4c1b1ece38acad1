//! Scenario 7: a training that fails: with a typed error, after the configured number of attempts, without an orphan in the
//! registry; and the next run succeeds.

use std::path::Path;

use contracts::{Agent, RunId, subjects, v1};
use rustix::process::Signal;
use serde_json::json;
use tier0_tests::{Fleet, FleetOptions, eventually, write_table};

use crate::records::{Outputs, Records};
use crate::replicas::small_table;

/// Deliveries that the set-up allows.
const DELIVERIES: u32 = 5;

#[tokio::test(flavor = "multi_thread")]
async fn s07_training_failure() {
    let store = tempfile::tempdir().unwrap();
    let artifacts = store.path().join("artifacts");
    let environment = [
        ("TIER0__ARTIFACTS__URI", format!("file://{}", artifacts.display())),
        ("TIER0_MODEL_TRAINER__STAGE__RETRY_FIRST_SECONDS", "0.2".to_owned()),
        ("TIER0_MODEL_TRAINER__STAGE__RETRY_LONGEST_SECONDS", "0.5".to_owned()),
        ("TIER0_MODEL_TRAINER__TRAINING__MAX_TRIALS", "2".to_owned()),
    ];
    let fleet = Fleet::up_with(FleetOptions {
        environment: environment.map(|(name, value)| (name.to_owned(), value)).to_vec(),
        ..FleetOptions::default()
    })
    .await;
    let records = Records::open(&fleet).await;

    // The store is out of reach: it may be back at the next attempt, so it is tried as often as is allowed.
    let away = store.path().join("away");
    let unreachable = before_training(&fleet, &records, "unreachable", 700, |_| {
        std::fs::rename(&artifacts, &away).unwrap();
        std::fs::write(&artifacts, "no directory").unwrap();
    })
    .await;
    let failure = failed(&records, &unreachable, "attempts_exhausted", DELIVERIES).await;
    assert!(failure.message.contains("could not be read"), "{}", failure.message);
    let letters = records.dead_letters().await;
    assert_eq!(letters.len(), 1, "{letters:?}");
    assert_eq!((letters[0].run_id.as_str(), letters[0].deliveries), ("unreachable", DELIVERIES));
    std::fs::remove_file(&artifacts).unwrap();
    std::fs::rename(&away, &artifacts).unwrap();

    // The prepared data are gone: no attempt will find them, so there is one.
    let missing = before_training(&fleet, &records, "missing", 720, |handoff| {
        let train = handoff.prepared_data().unwrap().train.sha256.clone();
        std::fs::remove_file(artifacts.join(train)).unwrap();
    })
    .await;
    failed(&records, &missing, "artifact_missing", 1).await;

    // They are damaged: neither.
    let damaged = before_training(&fleet, &records, "damaged", 740, |handoff| {
        let train = handoff.prepared_data().unwrap().train.sha256.clone();
        damage(&artifacts.join(train));
    })
    .await;
    failed(&records, &damaged, "artifact_damaged", 1).await;
    assert_eq!(records.dead_letters().await.len(), 1, "a decision is no dead letter");

    let models = records.registry.models().await.unwrap();
    assert!(models.is_empty(), "nothing was registered: {models:?}");
    let deployments = records.bus.kv(contracts::names::DEPLOYMENTS_BUCKET).await.unwrap();
    assert!(deployments.keys().await.unwrap().is_empty(), "nothing was deployed");

    let again = ask(&fleet, "again", 700).await;
    let result = eventually("the next run ends", || records.result(&again)).await;
    assert_eq!(result.status(), v1::HandoffStatus::Success, "{:?}", result.failure());
    let Outputs { trained, deployment, .. } = Outputs::from_result(&result);
    let versions = records.registry.versions("again").await.unwrap();
    assert_eq!(versions.len(), 1, "{versions:?}");
    assert_eq!(versions[0].version, deployment.version);
    assert_eq!(versions[0].bundle, trained.bundle);
}

/// Brings a run before the trainer, does something to what it needs, and lets it train.
async fn before_training(
    fleet: &Fleet,
    records: &Records,
    run: &str,
    rows: u32,
    change: impl FnOnce(&contracts::ValidHandoff),
) -> RunId {
    fleet.signal("model-trainer", Signal::STOP);
    let run = ask(fleet, run, rows).await;
    let handoff = eventually("the trainer is handed the run", || {
        records.handed_to(Agent::ModelTrainer, &run)
    })
    .await;
    change(&handoff);
    fleet.signal("model-trainer", Signal::CONT);
    run
}

async fn ask(fleet: &Fleet, run: &str, rows: u32) -> RunId {
    let table = fleet.path(&format!("{run}.csv"));
    write_table(&table, small_table(rows));
    let request = json!({
        "requestId": run, "name": run, "dataUri": table, "target": "left", "positiveClass": "yes",
        "timeBudgetSeconds": 60, "seed": 7, "noCache": true,
    });
    let client = fleet.nats().await;
    client.publish(subjects::REQUEST, request.to_string().into()).await.unwrap();
    client.flush().await.unwrap();
    RunId::new(run).unwrap()
}

/// The run has failed at the trainer, with this code, after so many attempts, and nothing came after it.
async fn failed(records: &Records, run: &RunId, code: &str, attempts: u32) -> v1::Failure {
    let result = eventually(&format!("{run} ends"), || records.result(run)).await;
    let failure = result.failure().unwrap_or_else(|| panic!("{run} did not fail")).clone();
    assert_eq!(
        (failure.code.as_str(), failure.agent.as_str(), result.attempt()),
        (code, "model-trainer", attempts),
        "{run}: {}",
        failure.message
    );
    assert!(records.handed_to(Agent::ModelDeployer, run).await.is_none(), "{run}");
    failure
}

/// Other bytes, as many as before.
pub(crate) fn damage(path: &Path) {
    let mut bytes = std::fs::read(path).unwrap();
    let middle = bytes.len() / 2;
    bytes[middle] ^= 0xff;
    std::fs::write(path, bytes).unwrap();
}
