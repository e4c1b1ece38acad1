//! Histories that earlier builds recorded: this build understands every message, makes the same ledger of them, and finishes runs that were in flight.
//!
//! `make record-histories` records them anew; `TIER0_RECORD_VIEWS` has the views written instead of compared.

use std::collections::BTreeSet;
use std::path::Path;
use std::time::{Duration, Instant, SystemTime};

use artifacts::{ArtifactStore, media_type};
use bus::{Bus, Headers, SetupOptions};
use contracts::subjects::Subject;
use contracts::{
    Agent, Lane, RunId, ValidHandoff, Validate as _, encoding, names, subjects, time, v1,
};
use prost::Message as _;
use serde_json::Value;
use tempfile::TempDir;
use tier0_tests::histories::{Histories, Recorded};
use tier0_tests::pipeline::FAST;
use tier0_tests::{Broker, Fleet, FleetOptions, NatsOptions, NatsServer, eventually};

use crate::orchestrator::Orchestrator;
use crate::records::Records;

/// Where a run was when its process was replaced by another build's: the handoff to this agent was the last one. Before the data are prepared it needs the table as well, which is not recorded.
const CUTS: [Agent; 4] =
    [Agent::FeatureAnalyzer, Agent::ModelSelector, Agent::ModelTrainer, Agent::ModelDeployer];
/// Longest time for the rest of a run, on a busy machine.
const TIMEOUT: Duration = Duration::from_secs(100);

#[test]
fn every_recorded_message_is_understood() {
    let histories = Histories::committed();
    let cases = histories.cases();
    assert!(cases.len() >= 4, "{cases:?}");
    for case in cases {
        let messages = histories.messages(&case);
        let handoffs = messages.iter().filter(|message| understood(&case, message)).count();
        assert!(handoffs >= 2, "{case} has a handoff and an end");
    }
}

/// Reads a message as its readers do; whether it is a handoff or a result.
fn understood(case: &str, message: &Recorded) -> bool {
    let Recorded { sequence, subject, payload, .. } = message;
    let what = format!("{case}, message {sequence}, {subject}");
    match Subject::parse(subject).unwrap_or_else(|error| panic!("{what}: {error}")) {
        Subject::Handoff { run, epoch, .. } | Subject::Result { run, epoch, .. } => {
            let handoff = handoff(message).unwrap_or_else(|error| panic!("{what}: {error}"));
            assert_eq!((handoff.run_id(), handoff.epoch()), (&run, epoch), "{what}");
            assert_eq!(handoff.subject(), *subject, "{what}");
            true
        }
        Subject::Event { run, .. } => {
            let event: v1::StageEvent = encoding::from_protobuf("StageEvent", payload)
                .unwrap_or_else(|error| panic!("{what}: {error}"));
            event.validate().unwrap_or_else(|error| panic!("{what}: {error}"));
            assert_eq!(event.run_id, run.as_str(), "{what}");
            false
        }
        other => panic!("{what}: {other:?} does not belong to the stream of handoffs"),
    }
}

fn handoff(message: &Recorded) -> Result<ValidHandoff, contracts::ContractError> {
    let content_type = message.headers.get(names::CONTENT_TYPE).and_then(|values| values.first());
    encoding::decode_handoff(content_type.map(String::as_str), &message.payload)
}

#[tokio::test(flavor = "multi_thread")]
async fn the_ledger_of_a_history_is_the_same() {
    let Broker { nats, bus, .. } = Broker::start().await;
    let histories = Histories::committed();
    let cases = histories.cases();
    for case in &cases {
        store(&bus, &histories.messages(case)).await;
    }
    let orchestrator = Orchestrator::start(nats.url(), &[]).await;
    for case in &cases {
        let run = run_of(&histories.messages(case));
        let url = format!("{}/api/v1/runs/{run}", orchestrator.url());
        let view = eventually("the ledger has read the run", || async {
            let answer = reqwest::get(&url).await.ok()?.error_for_status().ok()?;
            let view: Value = answer.json().await.ok()?;
            (!view["ended_at"].is_null()).then_some(view)
        });
        let found = view.await;
        if std::env::var_os("TIER0_RECORD_VIEWS").is_some() {
            std::fs::write(histories.view(case), format!("{found:#}\n")).unwrap();
            continue;
        }
        let recorded = std::fs::read(histories.view(case)).unwrap();
        let mut different = Vec::new();
        compare(&serde_json::from_slice(&recorded).unwrap(), &found, case, &mut different);
        assert!(
            different.is_empty(),
            "{}:\n{}",
            histories.view(case).display(),
            different.join("\n")
        );
    }
}

/// Where the ledger says something else than it did; what it says besides is new and no difference.
fn compare(recorded: &Value, found: &Value, at: &str, different: &mut Vec<String>) {
    match (recorded, found) {
        (Value::Object(recorded), Value::Object(found)) => {
            for (name, recorded) in recorded {
                let found = found.get(name).unwrap_or(&Value::Null);
                compare(recorded, found, &format!("{at}/{name}"), different);
            }
        }
        (Value::Array(recorded), Value::Array(found)) if recorded.len() == found.len() => {
            for (index, (recorded, found)) in recorded.iter().zip(found).enumerate() {
                compare(recorded, found, &format!("{at}/{index}"), different);
            }
        }
        (recorded, found) if recorded == found => {}
        _ => different.push(format!("{at}: was {recorded}, is {found}")),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn runs_in_flight_are_finished() {
    let histories = Histories::committed();
    let messages = histories.messages("whole");
    let run = run_of(&messages);
    let end = messages.iter().find(|one| one.subject == subjects::result(&run, 0)).unwrap();
    let recorded = handoff(end).unwrap();
    for cut in CUTS {
        let begun = Instant::now();
        let fleet = fleet_with(&histories, &messages, &run, cut).await;
        let records = Records::open(&fleet).await;
        let result = loop {
            if let Some(result) = records.result(&run).await {
                break result;
            }
            let log = || fleet.log(cut.as_str());
            assert!(begun.elapsed() < TIMEOUT, "before {cut}: has not ended\n{}", log());
            tokio::time::sleep(Duration::from_millis(100)).await;
        };
        assert_eq!(result.status(), recorded.status(), "{cut}: {:?}", result.failure());
        let bundle =
            |handoff: &ValidHandoff| handoff.trained_model().unwrap().bundle.sha256.clone();
        assert_eq!(bundle(&result), bundle(&recorded), "before {cut}: the recorded run's model");
        for agent in Agent::ALL {
            let count = records.count(&subjects::handoff(agent, &run, 0)).await;
            assert_eq!(count, 1, "before {cut}: handoffs to {agent}");
        }
        assert!(records.dead_letters().await.is_empty(), "before {cut}");
    }
}

/// A fleet that finds a run as it was when the handoff to an agent had just been published.
async fn fleet_with(histories: &Histories, all: &[Recorded], run: &RunId, cut: Agent) -> Fleet {
    let directory = tempfile::Builder::new().prefix("tier0-test-").tempdir().unwrap();
    store_before(&directory, histories, all, run, cut).await;
    let environment = FAST.map(|(name, value)| (name.to_owned(), value.to_owned())).to_vec();
    let options =
        FleetOptions { environment, directory: Some(directory), ..FleetOptions::default() };
    Fleet::up_with(options).await
}

async fn store_before(
    directory: &TempDir,
    histories: &Histories,
    all: &[Recorded],
    run: &RunId,
    cut: Agent,
) {
    let nats = directory.path().join("nats");
    std::fs::create_dir_all(&nats).unwrap();
    let options = NatsOptions { store: Some(nats.join("jetstream")), ..NatsOptions::default() };
    let nats = NatsServer::start_with(options);
    let Broker { nats: _nats, bus, .. } = Broker::on(nats, &SetupOptions::default()).await;
    let last = subjects::handoff(cut, run, 0);
    let last = all.iter().position(|message| message.subject == last).unwrap();
    let messages: Vec<Recorded> = all[..=last].iter().map(to_be_ended_later).collect();
    store(&bus, &messages).await;
    put_artifacts(&bus, &histories.artifacts()).await;
    // What had been settled then is settled.
    let before = Agent::ALL.into_iter().take_while(|agent| *agent != cut);
    for agent in before {
        let consumer = names::consumer(agent, Lane::Normal);
        let mut settled = bus.consumer(names::STREAM, &consumer, 1).await.unwrap();
        settled.next().await.ack().await.unwrap();
    }
    bus.close(Duration::from_secs(2)).await;
}

/// The same message with its deadline in the future: the recorded one has passed by now.
fn to_be_ended_later(message: &Recorded) -> Recorded {
    if handoff(message).is_err() {
        return message.clone();
    }
    let mut handoff = v1::Handoff::decode(message.payload.as_slice()).unwrap();
    let deadline = SystemTime::now() + Duration::from_secs(3600);
    if let Some(plan) = &mut handoff.plan {
        plan.deadline = Some(time::timestamp(deadline));
    }
    Recorded { payload: handoff.encode_to_vec(), ..message.clone() }
}

/// Stores messages as they were; what their publisher expected of the stream was about that stream.
async fn store(bus: &Bus, messages: &[Recorded]) {
    for message in messages {
        let mut headers = Headers::new();
        for (name, values) in &message.headers {
            if !name.starts_with("Nats-Expected-") {
                values.iter().for_each(|value| headers.append(name.as_str(), value.as_str()));
            }
        }
        let payload = message.payload.clone().into();
        let stored =
            bus.jetstream().publish_with_headers(message.subject.clone(), headers, payload);
        stored.await.unwrap().await.unwrap();
    }
}

async fn put_artifacts(bus: &Bus, directory: &Path) {
    let store = ArtifactStore::open(&ArtifactStore::default_uri(), bus).await.unwrap();
    for entry in std::fs::read_dir(directory).unwrap() {
        let path = entry.unwrap().path();
        let bytes = std::fs::read(&path).unwrap();
        // The references say what it is; the store goes by the digest.
        let stored = store.put(bytes.into(), media_type::JSON, 0).await.unwrap();
        assert_eq!(path.file_name().unwrap(), stored.sha256.as_str(), "as it was recorded");
    }
}

/// The run of a history: there is one.
fn run_of(messages: &[Recorded]) -> RunId {
    let runs: BTreeSet<RunId> = messages
        .iter()
        .map(|message| Subject::parse(&message.subject).unwrap().run().unwrap().clone())
        .collect();
    assert_eq!(runs.len(), 1, "{runs:?}");
    runs.into_iter().next().unwrap()
}
