//! Bundles that are damaged in the store, beside others that are not.

use std::time::{Duration, Instant};

use contracts::names::ARTIFACTS_STORE;
use contracts::v1::DeployedVersion;
use serde_json::{Value, json};
use tier0_tests::Broker;

use crate::deployments::{Program, stored};
use crate::support::{read, tensors};

/// Endpoints, and every how many of them has a bundle of which a part is gone.
const ENDPOINTS: u32 = 24;
const POISONED: u32 = 3;

fn name(number: u32) -> String {
    format!("churn-{number}")
}

async fn go_live(broker: &Broker, endpoint: &str, version: &DeployedVersion) {
    let changed = broker.registry.change(endpoint, "test", |record| {
        record.previous = record.live.replace(version.clone());
        Ok::<_, std::convert::Infallible>(())
    });
    changed.await.unwrap();
}

/// Removes what the store has of an artifact's bytes; its record stays.
async fn poison(broker: &Broker, version: &DeployedVersion) {
    let jetstream = broker.bus.jetstream();
    let bucket = jetstream.get_object_store(ARTIFACTS_STORE).await.unwrap();
    let sha256 = &version.bundle.as_ref().unwrap().sha256;
    let record = bucket.info(sha256.as_str()).await.unwrap();
    let stream = jetstream.get_stream(format!("OBJ_{ARTIFACTS_STORE}")).await.unwrap();
    let chunks = format!("$O.{ARTIFACTS_STORE}.C.{}", record.nuid);
    stream.purge().filter(chunks).await.unwrap();
}

async fn infer(program: &Program, endpoint: &str) -> (u16, Value) {
    let url = format!("{}/v2/models/{endpoint}/infer", program.url().await);
    read(program.http.post(url).json(&json!({ "inputs": tensors() })).send().await.unwrap()).await
}

/// Waits until an endpoint is answered by a version.
async fn answered_by(program: &Program, endpoint: &str, version: u32) {
    let (begun, wanted) = (Instant::now(), version.to_string());
    loop {
        let (status, answer) = infer(program, endpoint).await;
        if status == 200 && answer["model_version"].as_str() == Some(wanted.as_str()) {
            return;
        }
        // A reading of an artifact may take half a minute; no endpoint waits for another one's.
        assert!(begun.elapsed() < Duration::from_secs(20), "{endpoint}: {answer}");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn damaged_bundles_hold_up_no_other_and_are_named() {
    let broker = Broker::start().await;
    let mut versions = Vec::new();
    for number in 1..=ENDPOINTS {
        let version = stored(&broker, number).await;
        go_live(&broker, &name(number), &version).await;
        versions.push((number, version));
    }
    for (number, version) in &versions {
        if number % POISONED == 0 {
            poison(&broker, version).await;
        }
    }
    let program = Program::start(&broker.nats);
    let is_sound = |number: &u32| !number.is_multiple_of(POISONED);
    for number in (1..=ENDPOINTS).filter(is_sound) {
        answered_by(&program, &name(number), number).await;
    }
    let url = program.url().await;
    let get = async |path: &str| program.http.get(format!("{url}{path}")).send().await.unwrap();
    assert_eq!(get("/v2/health/ready").await.status(), 200);
    let begun = Instant::now();
    let index = loop {
        let index: Vec<Value> = program
            .http
            .post(format!("{url}/v2/repository/index"))
            .send()
            .await
            .unwrap()
            .json()
            .await
            .unwrap();
        let failed = index.iter().filter(|entry| entry["state"] == "UNAVAILABLE").count();
        if failed == usize::try_from(ENDPOINTS / POISONED).unwrap() {
            break index;
        }
        assert!(begun.elapsed() < Duration::from_secs(60), "{index:?}");
        tokio::time::sleep(Duration::from_millis(50)).await;
    };
    for entry in index.iter().filter(|entry| entry["state"] == "UNAVAILABLE") {
        let reason = entry["reason"].as_str().unwrap();
        assert!(reason.contains("is damaged: the store has 0 of its 1 parts"), "{reason}");
        let ready = format!("/v2/models/{}/ready", entry["name"].as_str().unwrap());
        assert_eq!(get(&ready).await.status(), 503);
    }

    // A server that is up: a damaged version of one endpoint and a sound one of another at the same moment.
    let damaged = stored(&broker, 101).await;
    poison(&broker, &damaged).await;
    go_live(&broker, &name(1), &damaged).await;
    let sound = stored(&broker, 102).await;
    go_live(&broker, &name(2), &sound).await;
    answered_by(&program, &name(2), 102).await;
    answered_by(&program, &name(1), 1).await;

    // What was damaged is stored again: the next change of the record finds it.
    let (number, _) = versions[usize::try_from(POISONED).unwrap() - 1];
    let again = stored(&broker, 103).await;
    go_live(&broker, &name(number), &again).await;
    answered_by(&program, &name(number), 103).await;
}
