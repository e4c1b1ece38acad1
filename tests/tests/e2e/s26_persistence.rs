//! Scenario 26: everything is killed at once and started again: registry, streams, runs and deployments are as they were, and what
//! was under way completes.

use std::collections::BTreeMap;

use async_nats::HeaderMap;
use async_nats::jetstream::consumer::PullConsumer;
use contracts::{Agent, Lane, RunId, names, subjects, v1};
use rustix::process::Signal;
use serde_json::{Value, json};
use tier0_tests::{Fleet, FleetOptions, eventually, write_table};

use crate::records::Records;
use crate::replicas::small_table;

/// What has to survive.
#[derive(Debug, PartialEq)]
struct PersistedState {
    versions: Vec<v1::ModelVersion>,
    deployment: Option<v1::DeploymentRecord>,
    monitor: Option<v1::Monitor>,
    letters: Vec<v1::DeadLetter>,
    /// The finished run, as the orchestrator tells it.
    run: Value,
}

#[tokio::test(flavor = "multi_thread")]
async fn s26_persistence() {
    let options = FleetOptions { arguments: vec!["--ack-wait", "4s"], ..FleetOptions::default() };
    let mut fleet = Fleet::up_with(options).await;
    let table = fleet.path("small.csv");
    write_table(&table, small_table(800));
    let records = Records::open(&fleet).await;

    let finished = ask(&fleet, "finished", 800).await;
    let result = eventually("the first run ends", || records.result(&finished)).await;
    assert_eq!(result.status(), v1::HandoffStatus::Success, "{:?}", result.failure());
    let poison = RunId::new("poison").unwrap();
    let subject = subjects::handoff(Agent::FeatureAnalyzer, &poison, 0);
    records.bus.publish(&subject, HeaderMap::new(), "poison".into()).await.unwrap();
    eventually("the poison is put aside", || records.result(&poison)).await;
    // Three runs are under way: one waits for the trainer, the others for the preparer.
    fleet.signal("model-trainer", Signal::STOP);
    let mut under_way = vec![ask(&fleet, "trains", 820).await];
    eventually("a run waits for the trainer", || {
        records.handed_to(Agent::ModelTrainer, &under_way[0])
    })
    .await;
    fleet.signal("data-preparer", Signal::STOP);
    for name in ["prepares", "waits"] {
        let run = ask(&fleet, name, 840).await;
        eventually("a run waits for the preparer", || records.handed_to(Agent::DataPreparer, &run))
            .await;
        under_way.push(run);
    }
    let before = kept(&fleet, &records, &finished).await;
    assert_eq!((before.versions.len(), before.letters.len()), (1, 1));
    let predicted = fleet.predict("finished", &table).await;
    let (positions, last) = positions(&records).await;

    fleet.kill_everything().await;
    fleet.up_again().await;

    let records = Records::open(&fleet).await;
    let (positions_after, last_after) = self::positions(&records).await;
    assert!(last_after >= last, "{last} messages were stored, {last_after} are");
    for (consumer, position) in &positions {
        let after = positions_after[consumer];
        assert!(after >= *position, "{consumer} was at {position} and is at {after}");
    }
    let answer = eventually("the endpoint answers", || async {
        let url = format!("{}/v2/models/finished/ready", fleet.file().serving_url);
        reqwest::get(url).await.ok()?.status().is_success().then_some(())
    });
    answer.await;
    let again = fleet.predict("finished", &table).await;
    assert_eq!(again.prediction, predicted.prediction);
    assert_eq!(again.probabilities, predicted.probabilities, "the same model, to the bit");

    for run in &under_way {
        let result = eventually(&format!("{run} ends"), || records.result(run)).await;
        assert_eq!(result.status(), v1::HandoffStatus::Success, "{run}: {:?}", result.failure());
        assert_eq!(records.count(&subjects::result(run, 0)).await, 1, "{run}");
        for agent in Agent::ALL {
            assert_eq!(records.count(&subjects::handoff(agent, run, 0)).await, 1, "{run} {agent}");
        }
        let versions = records.registry.versions(run.as_str()).await.unwrap();
        assert_eq!(versions.len(), 1, "{run}: {versions:?}");
    }
    assert_eq!(kept(&fleet, &records, &finished).await, before);
    assert_eq!(records.result(&finished).await, Some(result), "the finished run is as it was");
    let redelivered = redelivered(&records).await;
    eprintln!("{} runs were under way, {redelivered} handoffs came again", under_way.len());
}

async fn ask(fleet: &Fleet, run: &str, rows: u32) -> RunId {
    let table = fleet.path(&format!("{run}.csv"));
    write_table(&table, small_table(rows));
    let request = json!({
        "requestId": run, "name": run, "dataUri": table, "target": "left", "positiveClass": "yes",
        "timeBudgetSeconds": 4, "seed": 26, "noCache": true,
    });
    let client = fleet.nats().await;
    client.publish(subjects::REQUEST, request.to_string().into()).await.unwrap();
    client.flush().await.unwrap();
    RunId::new(run).unwrap()
}

async fn kept(fleet: &Fleet, records: &Records, run: &RunId) -> PersistedState {
    let registry = &records.registry;
    let url = format!("{}/api/v1/runs/{run}", fleet.file().api_url);
    let run_as_told = eventually("the orchestrator knows the run", || async {
        reqwest::get(&url).await.ok()?.error_for_status().ok()?.json().await.ok()
    })
    .await;
    PersistedState {
        versions: registry.versions(run.as_str()).await.unwrap(),
        deployment: registry.record(run.as_str()).await.unwrap().map(|record| record.value),
        monitor: registry.monitors().get(run.as_str()).await.unwrap(),
        letters: records.dead_letters().await,
        run: run_as_told,
    }
}

async fn consumer(records: &Records, name: &str, stream: &str) -> PullConsumer {
    records.bus.jetstream().get_consumer_from_stream(name, stream).await.unwrap()
}

/// The consumers of all handoffs.
fn handoff_consumers() -> impl Iterator<Item = String> {
    Agent::ALL.into_iter().flat_map(|agent| Lane::ALL.map(|lane| names::consumer(agent, lane)))
}

/// Up to where each consumer has settled everything, and the last message of the stream.
async fn positions(records: &Records) -> (BTreeMap<String, u64>, u64) {
    let mut positions = BTreeMap::new();
    for name in handoff_consumers() {
        let consumer = consumer(records, &name, names::STREAM).await;
        positions.insert(name, consumer.cached_info().ack_floor.stream_sequence);
    }
    let intake = consumer(records, names::INTAKE_CONSUMER, names::REQUESTS_STREAM).await;
    let position = intake.cached_info().ack_floor.stream_sequence;
    positions.insert(names::INTAKE_CONSUMER.to_owned(), position);
    let stream = records.bus.jetstream().get_stream(names::STREAM).await.unwrap();
    (positions, stream.cached_info().state.last_sequence)
}

async fn redelivered(records: &Records) -> usize {
    let mut count = 0;
    for name in handoff_consumers() {
        let consumer = consumer(records, &name, names::STREAM).await;
        count += consumer.cached_info().num_redelivered;
    }
    count
}
