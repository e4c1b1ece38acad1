//! Records the histories in `tests/histories` anew: runs of several shapes through a real fleet, as the stream has them afterwards.
//!
//! `scripts/record-histories` builds the programs, starts this, and has the views written by the test that compares them.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::print_stderr,
    reason = "a harness: it stops at the first surprise, and says what it does"
)]

use std::collections::BTreeMap;
use std::time::Duration;

use artifacts::ArtifactStore;
use bus::Bus;
use contracts::subjects::Subject;
use contracts::{Agent, RunId, ValidHandoff, encoding, names, subjects, v1};
use serde_json::{Value, json};
use tier0_tests::histories::{Histories, Recorded};
use tier0_tests::pipeline::{FAST, small_table};
use tier0_tests::{Fleet, FleetOptions, eventually, write_table};

/// Rows of the table: few, because the artifacts are committed.
const ROWS: u32 = 600;

struct Recorder {
    fleet: Fleet,
    bus: Bus,
}

#[tokio::main]
async fn main() {
    let environment = FAST.map(|(name, value)| (name.to_owned(), value.to_owned())).to_vec();
    let fleet = Fleet::up_with(FleetOptions { environment, ..FleetOptions::default() }).await;
    let config = fleet.broker();
    let bus = Bus::connect(&config, "recorder").await.unwrap();
    write_table(&fleet.path("table.csv"), small_table(ROWS));
    let one_class = small_table(ROWS).into_iter().map(|line| line.replace(",no", ",yes"));
    write_table(&fleet.path("one_class.csv"), one_class);
    let recorder = Recorder { fleet, bus };

    recorder.ended("whole", json!({})).await;
    recorder.ended("until", json!({ "until": Agent::FeatureAnalyzer.as_str() })).await;
    recorder.ended("failed", json!({ "dataUri": recorder.fleet.path("one_class.csv") })).await;
    recorder.cancelled_and_retried("retried").await;
    recorder.ended("urgent", json!({ "priority": "PRIORITY_HIGH", "noCache": true })).await;
    recorder.ended("reused", json!({ "priority": "PRIORITY_LOW" })).await;
    let middle = json!({
        "dataUri": "", "target": "", "positiveClass": "", "name": "", "seed": 9, "timeBudgetSeconds": 0,
        "fromRun": id("until").as_str(), "fromAgent": Agent::FeatureAnalyzer.as_str(),
        "skip": [Agent::ModelSelector.as_str()],
    });
    recorder.ended("middle", middle).await;

    let histories = Histories::committed();
    for case in ["whole", "until", "failed", "retried", "urgent", "reused", "middle"] {
        let messages = recorder.messages(&id(case)).await;
        eprintln!("{case}: {} messages", messages.len());
        histories.write_messages(case, &messages);
    }
    recorder.artifacts(&histories, &histories.messages("whole")).await;
}

fn id(case: &str) -> RunId {
    RunId::new(format!("history-{case}")).unwrap()
}

impl Recorder {
    async fn ask(&self, case: &str, more: Value) {
        let mut request = json!({
            "requestId": id(case).as_str(), "name": format!("history-{case}"), "target": "left",
            "dataUri": self.fleet.path("table.csv"), "positiveClass": "yes", "seed": 5,
            "timeBudgetSeconds": 300,
        });
        for (name, value) in more.as_object().unwrap() {
            request[name] = value.clone();
        }
        let client = self.fleet.nats().await;
        client.publish(subjects::REQUEST, request.to_string().into()).await.unwrap();
        client.flush().await.unwrap();
    }

    async fn result(&self, case: &str, epoch: u32) -> ValidHandoff {
        eventually("the run has ended", || self.last(subjects::result(&id(case), epoch))).await
    }

    async fn last(&self, subject: String) -> Option<ValidHandoff> {
        let (_, _, payload) = self.bus.last(&subject).await.unwrap()?;
        Some(encoding::decode_handoff(Some(names::PROTOBUF), &payload).unwrap())
    }

    async fn ended(&self, case: &str, more: Value) {
        self.ask(case, more).await;
        let result = self.result(case, 0).await;
        let failed = result.status() == v1::HandoffStatus::Failed;
        assert_eq!(failed, case == "failed", "{case}: {:?}", result.failure());
    }

    /// A run that is ended while its models are compared, and driven anew from there.
    async fn cancelled_and_retried(&self, case: &str) {
        self.ask(case, json!({ "noCache": true })).await;
        let selecting = subjects::handoff(Agent::ModelSelector, &id(case), 0);
        eventually("models are compared", || self.last(selecting.clone())).await;
        let run = id(case).into_string();
        self.fleet.tier0(["runs", "cancel", &run]).await.success();
        let result = self.result(case, 0).await;
        assert_eq!(result.failure().unwrap().code, "cancelled");
        self.fleet.tier0(["runs", "retry", &run]).await.success();
        let result = self.result(case, 1).await;
        assert_eq!(result.status(), v1::HandoffStatus::Success, "{:?}", result.failure());
    }

    /// The messages of a run, in their order.
    async fn messages(&self, run: &RunId) -> Vec<Recorded> {
        // What is told of beside the handoffs comes a little later.
        tokio::time::sleep(Duration::from_millis(500)).await;
        let stream = self.bus.jetstream().get_stream(names::STREAM).await.unwrap();
        let state = stream.cached_info().state.clone();
        let mut messages = Vec::new();
        for sequence in state.first_sequence..=state.last_sequence {
            let message = stream.get_raw_message(sequence).await.unwrap();
            let subject = message.subject.to_string();
            if Subject::parse(&subject).unwrap().run() != Some(run) {
                continue;
            }
            let values = |values: &Vec<async_nats::HeaderValue>| {
                values.iter().map(|value| value.as_str().to_owned()).collect()
            };
            let headers: BTreeMap<String, Vec<String>> =
                message.headers.iter().map(|(name, all)| (name.to_string(), values(all))).collect();
            let payload = message.payload.to_vec();
            messages.push(Recorded { sequence, subject, headers, payload });
        }
        messages
    }

    /// Keeps what these messages refer to.
    async fn artifacts(&self, histories: &Histories, messages: &[Recorded]) {
        let store = ArtifactStore::open(&ArtifactStore::default_uri(), &self.bus).await.unwrap();
        let directory = histories.artifacts();
        let _absent = std::fs::remove_dir_all(&directory);
        std::fs::create_dir_all(&directory).unwrap();
        let mut references = BTreeMap::new();
        for message in messages {
            if let Ok(handoff) = encoding::decode_handoff(None, &message.payload) {
                gather(&serde_json::to_value(handoff.as_message()).unwrap(), &mut references);
            }
        }
        for (digest, reference) in references {
            let bytes = store.get(&reference).await.unwrap();
            eprintln!("artifact {digest}: {} bytes", bytes.len());
            std::fs::write(directory.join(digest), bytes).unwrap();
        }
    }
}

/// Every reference to an artifact in a document, by digest.
fn gather(document: &Value, references: &mut BTreeMap<String, v1::ArtifactRef>) {
    if let Ok(reference) = serde_json::from_value::<v1::ArtifactRef>(document.clone())
        && !reference.uri.is_empty()
        && !reference.sha256.is_empty()
    {
        references.insert(reference.sha256.clone(), reference);
        return;
    }
    match document {
        Value::Object(members) => members.values().for_each(|one| gather(one, references)),
        Value::Array(items) => items.iter().for_each(|one| gather(one, references)),
        _ => {}
    }
}
