//! Scenario 22: every kind of fault has its typed error, and what becomes of it: it is repeated, put aside, or ends the run.
//!
//! Real processes on a real broker, without a supervisor: the real agents for what is theirs (files, artifacts, model servers), and
//! a scripted stage in the same loop for what a stage may do (panic, hang, break its contract).

use std::path::Path;
use std::time::{Duration, SystemTime};

use async_nats::HeaderMap;
use bus::{Bus, SetupOptions};
use bytes::Bytes;
use contracts::handoff::FirstHandoff;
use contracts::{Agent, RunId, ValidHandoff, encoding, names, subjects, v1};
use serde_json::json;
use tier0_tests::{Broker, NatsServer, Stages, eventually, write_table};

use crate::replicas::small_table;
use crate::s07_training_failure::damage;

/// Deliveries that the set-up allows here.
const DELIVERIES: u32 = 3;

/// What becomes of a message whose handling failed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Becomes {
    /// Delivered as often as is allowed, then put aside; the run fails.
    Retried,
    /// Put aside at once; the run fails.
    Rejected,
    /// The run fails at once; nothing is put aside.
    Failed,
}

/// A fault, as it has to end.
struct Fault {
    run: &'static str,
    /// The agent that meets it.
    agent: Agent,
    code: &'static str,
    becomes: Becomes,
}

const fn fault(run: &'static str, agent: Agent, code: &'static str, becomes: Becomes) -> Fault {
    Fault { run, agent, code, becomes }
}

/// A broker, and who works on it.
struct Scene {
    nats: NatsServer,
    bus: Bus,
    stages: Stages,
}

impl Scene {
    async fn set(environment: &[(&str, &str)]) -> Self {
        let options = SetupOptions {
            ack_wait_seconds: 2.0,
            max_deliver: DELIVERIES,
            ..SetupOptions::default()
        };
        let Broker { nats, bus, .. } = Broker::start_with(&options).await;
        let quick = [
            ("TIER0__STAGE__RETRY_FIRST_SECONDS", "0.1"),
            ("TIER0__STAGE__RETRY_LONGEST_SECONDS", "0.3"),
        ];
        let environment: Vec<_> = quick.iter().chain(environment).copied().collect();
        let stages = Stages::on(nats.url(), &environment).await;
        Self { nats, bus, stages }
    }

    async fn hand(&self, handoff: &ValidHandoff) {
        self.publish(&handoff.subject(), encoding::encode(handoff.as_message())).await;
    }

    async fn publish(&self, subject: &str, payload: Bytes) {
        self.bus.publish_once(subject, HeaderMap::new(), payload).await.unwrap();
    }

    async fn last(&self, subject: &str) -> Option<ValidHandoff> {
        let (_, _, payload) = self.bus.last(subject).await.ok()??;
        Some(encoding::decode_handoff(None, &payload).expect("a handoff in the stream is valid"))
    }

    async fn letters(&self, run: &str) -> Vec<v1::DeadLetter> {
        let stream = self.bus.jetstream().get_stream(names::DEAD_LETTERS_STREAM).await.unwrap();
        let state = stream.cached_info().state.clone();
        let mut letters: Vec<v1::DeadLetter> = Vec::new();
        for sequence in 1..=state.last_sequence {
            let message = stream.get_raw_message(sequence).await.unwrap();
            letters.push(encoding::from_protobuf("DeadLetter", &message.payload).unwrap());
        }
        letters.retain(|letter| letter.run_id == run);
        letters
    }

    /// The fault ends as it has to.
    async fn ends(&self, fault: &Fault) {
        let Fault { run, agent, code, becomes } = fault;
        let subject = subjects::result(&id(run), 0);
        let result = eventually(&format!("{run} ends"), || self.last(&subject)).await;
        assert_eq!(result.status(), v1::HandoffStatus::Failed, "{run}");
        let failure = result.failure().unwrap();
        assert_eq!(
            (failure.code.as_str(), failure.agent.as_str()),
            (*code, agent.as_str()),
            "{run}: {}",
            failure.message
        );
        assert!(!failure.message.is_empty(), "{run}");
        let attempts = if *becomes == Becomes::Retried { DELIVERIES } else { 1 };
        assert_eq!(result.attempt(), attempts, "{run}: {}", failure.message);
        let letters = self.letters(run).await;
        if *becomes == Becomes::Failed {
            assert!(letters.is_empty(), "{run}: {letters:?}");
        } else {
            assert_eq!(letters.len(), 1, "{run}: {letters:?}");
            let reason = letters[0].reason.as_ref().unwrap();
            assert_eq!((letters[0].deliveries, reason.code.as_str()), (attempts, *code), "{run}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn s22_error_handling() {
    what_a_stage_does().await;
    what_agents_meet().await;
}

/// Messages and stages that break the contract, fail, panic, hang, or die.
async fn what_a_stage_does() {
    use Becomes::{Failed, Rejected, Retried};
    let mut scene =
        Scene::set(&[("TIER0__STAGE__MAX_SECONDS", "4"), ("TIER0__STAGE__MAX_IN_FLIGHT", "8")])
            .await;
    scene.stages.play("scope-definer", 1);
    scene.stages.until_ready().await;
    let agent = Agent::ScopeDefiner;

    let bytes = Bytes::from_static(&[0xff, 0x00, 0x17, 0x80]);
    scene.publish(&subjects::handoff(agent, &id("undecodable"), 0), bytes).await;
    scene.ends(&fault("undecodable", agent, "undecodable_message", Rejected)).await;

    let mut newer = scripted("newer", "").into_message();
    newer.schema_version = "2.0".to_owned();
    scene.publish(&subjects::handoff(agent, &id("newer"), 0), encoding::encode(&newer)).await;
    scene.ends(&fault("newer", agent, "schema_version", Rejected)).await;

    let other = encoding::encode(scripted("somebody-else", "").as_message());
    scene.publish(&subjects::handoff(agent, &id("stranger"), 0), other).await;
    scene.ends(&fault("stranger", agent, "subject_mismatch", Rejected)).await;

    for (script, expected) in [
        ("retry:99", fault("passing", agent, "attempts_exhausted", Retried)),
        ("panic:99", fault("panics", agent, "panicked", Retried)),
        ("reject", fault("rejects", agent, "rejected", Rejected)),
        ("fail", fault("decides", agent, "unknown_data_set", Failed)),
        ("invalid", fault("invalid", agent, "output_invalid", Failed)),
        ("large", fault("too-large", agent, "output_invalid", Failed)),
        ("read", fault("no-artifact", agent, "artifact_missing", Failed)),
        ("sleep:60000", fault("hangs", agent, "stage_timed_out", Failed)),
    ] {
        scene.hand(&scripted(expected.run, script)).await;
        scene.ends(&expected).await;
    }

    let soon = Some(SystemTime::now() + Duration::from_secs(1));
    scene.hand(&first("late", "sleep:60000", "/data/test.csv", soon)).await;
    scene.ends(&fault("late", agent, "deadline_exceeded", Failed)).await;

    // A process that dies is no error of the run: the next delivery goes on, until they are used up.
    scene.hand(&scripted("kills", "die:99")).await;
    let subject = subjects::result(&id("kills"), 0);
    let (bus, stages) = (scene.bus.clone(), &mut scene.stages);
    let ended = eventually("the killer's run ends", || async { bus.last(&subject).await.ok()? });
    stages.reviving(ended).await;
    scene.ends(&fault("kills", agent, "attempts_exhausted", Retried)).await;

    // With the broker away nothing is decided: the run goes on when it is back.
    scene.hand(&scripted("waits", "sleep:1500")).await;
    eventually("it is being worked on", || async {
        let call = "scope-definer waits attempt 1".to_owned();
        scene.stages.effects().contains(&call).then_some(())
    })
    .await;
    scene.nats.kill();
    tokio::time::sleep(Duration::from_secs(2)).await;
    scene.nats.start_again();
    let next = subjects::handoff(Agent::DataPreparer, &id("waits"), 0);
    let handed = eventually("it is handed on", || scene.last(&next)).await;
    assert_eq!(handed.status(), v1::HandoffStatus::Success);
    assert!(scene.letters("waits").await.is_empty());
}

/// Files, artifacts, stores and servers that are not as they should be, met by the real agents.
async fn what_agents_meet() {
    use Becomes::{Failed, Retried};
    let directory = tempfile::tempdir().unwrap();
    let artifacts = directory.path().join("artifacts");
    let data = directory.path().join("data");
    std::fs::create_dir(&data).unwrap();
    let roots = format!("[{data:?}]");
    let store = format!("file://{}", artifacts.display());
    let mut scene = Scene::set(&[
        ("TIER0__ARTIFACTS__URI", &store),
        ("TIER0_SCOPE_DEFINER__DATA__ALLOWED_ROOTS", &roots),
        ("TIER0_DATA_PREPARER__DATA__ALLOWED_ROOTS", &roots),
        ("TIER0_MODEL_TRAINER__TRAINING__MAX_TRIALS", "1"),
        ("TIER0_MODEL_DEPLOYER__DEPLOY__SERVER_SECONDS", "1"),
    ])
    .await;
    for agent in ["scope-definer", "data-preparer", "model-selector", "model-trainer"] {
        scene.stages.run(agent, 1);
    }
    scene.stages.until_ready().await;

    let definer = Agent::ScopeDefiner;
    scene.ask("no-file", &data.join("absent.csv")).await;
    scene.ends(&fault("no-file", definer, "source_not_found", Failed)).await;
    // What lies where nothing may be read is refused at once, and no run begins.
    scene.ask("no-right", Path::new("/etc/passwd")).await;
    let broken = data.join("broken.csv");
    write_table(&broken, ragged());
    scene.ask("no-table", &broken).await;
    scene.ends(&fault("no-table", Agent::DataPreparer, "source_ragged_row", Failed)).await;
    assert!(scene.last(&subjects::result(&id("no-right"), 0)).await.is_none());

    // Two runs wait for an analyzer that is not there yet, while something happens to their data.
    let (mut waiting, analyzer) = (Vec::new(), Agent::FeatureAnalyzer);
    for (run, rows) in [("artifact-gone", 710), ("artifact-damaged", 730), ("no-server", 750)] {
        let table = data.join(format!("{run}.csv"));
        write_table(&table, small_table(rows));
        scene.ask(run, &table).await;
        let subject = subjects::handoff(analyzer, &id(run), 0);
        let handoff = eventually("the data are prepared", || scene.last(&subject)).await;
        let prepared = handoff.prepared_data().unwrap();
        waiting.push(artifacts.join(&prepared.train.sha256));
    }
    std::fs::remove_file(&waiting[0]).unwrap();
    damage(&waiting[1]);
    scene.stages.run("feature-analyzer", 1);
    scene.stages.run("model-deployer", 1);
    scene.ends(&fault("artifact-gone", analyzer, "artifact_missing", Failed)).await;
    scene.ends(&fault("artifact-damaged", analyzer, "artifact_damaged", Failed)).await;
    scene.ends(&fault("no-server", Agent::ModelDeployer, "no_model_server", Failed)).await;

    // The store is out of reach.
    let table = data.join("no-store.csv");
    write_table(&table, small_table(770));
    std::fs::rename(&artifacts, directory.path().join("away")).unwrap();
    std::fs::write(&artifacts, "no directory").unwrap();
    scene.ask("no-store", &table).await;
    scene.ends(&fault("no-store", Agent::DataPreparer, "attempts_exhausted", Retried)).await;
}

impl Scene {
    async fn ask(&self, run: &str, table: &Path) {
        let request = json!({
            "requestId": run, "name": run, "dataUri": table, "target": "left",
            "positiveClass": "yes", "timeBudgetSeconds": 20, "seed": 22, "noCache": true,
        });
        let client = self.bus.client();
        client.publish(subjects::REQUEST, request.to_string().into()).await.unwrap();
        client.flush().await.unwrap();
    }
}

/// A table with a line that has a field too many.
fn ragged() -> Vec<String> {
    let mut lines = small_table(800);
    lines[600].push_str(",1");
    lines
}

fn id(run: &str) -> RunId {
    RunId::new(run).unwrap()
}

fn scripted(run: &str, script: &str) -> ValidHandoff {
    first(run, script, "/data/test.csv", None)
}

fn first(run: &str, script: &str, uri: &str, deadline: Option<SystemTime>) -> ValidHandoff {
    let request = v1::ScopeRequest {
        data_uri: uri.to_owned(),
        target: "y".to_owned(),
        labels: [("script".to_owned(), script.to_owned())].into(),
        no_cache: true,
        ..v1::ScopeRequest::default()
    };
    let first = FirstHandoff {
        run_id: id(run),
        epoch: 0,
        plan: vec![Agent::ScopeDefiner, Agent::DataPreparer],
        deadline,
        request,
        outputs: Vec::new(),
        at: SystemTime::now(),
    };
    first.build().unwrap()
}
