//! An orchestrator of the test's own, beside a broker without agents.

use std::process::Command;
use std::time::SystemTime;

use bus::{Bus, Headers};
use contracts::handoff::FirstHandoff;
use contracts::{Agent, RunId, ValidHandoff, encoding, v1};
use serde_json::Value;
use tempfile::TempDir;
use tier0_tests::{Process, eventually, program};

/// The running process; killed, as a crash does it, when dropped.
pub(crate) struct Orchestrator {
    _process: Process,
    api: String,
    _directory: TempDir,
}

impl Orchestrator {
    /// Starts one with more of its configuration.
    pub(crate) async fn start(nats_url: &str, environment: &[(&str, &str)]) -> Self {
        let directory = tempfile::tempdir().unwrap();
        let ready = directory.path().join("ready.json");
        let process = Process::start(
            Command::new(program("orchestrator"))
                .env("TIER0__NATS__URL", nats_url)
                .env("TIER0__READY_FILE", &ready)
                .envs(environment.iter().copied()),
        );
        let address = eventually("the orchestrator is ready", || async {
            let ready: Value = serde_json::from_slice(&std::fs::read(&ready).ok()?).ok()?;
            ready["api"].as_str().map(str::to_owned)
        });
        let api = format!("http://{}", address.await);
        Self { _process: process, api, _directory: directory }
    }

    pub(crate) fn url(&self) -> &str {
        &self.api
    }

    pub(crate) async fn get(&self, path: &str) -> Value {
        reqwest::get(format!("{}/api/v1/{path}", self.api)).await.unwrap().json().await.unwrap()
    }

    /// Waits until it has read so far.
    pub(crate) async fn has_read(&self, sequence: u64) {
        eventually("the orchestrator has read the stream", || async {
            let health = self.get("health").await;
            (health["last_sequence"].as_u64()? >= sequence).then_some(())
        })
        .await;
    }
}

/// The first handoff of a run, as the intake makes it.
pub(crate) fn first(run: &str) -> ValidHandoff {
    let first = FirstHandoff {
        run_id: RunId::new(run).unwrap(),
        epoch: 0,
        plan: Agent::ALL.to_vec(),
        deadline: None,
        request: v1::ScopeRequest {
            data_uri: "/data/train.csv".to_owned(),
            target: "left".to_owned(),
            ..v1::ScopeRequest::default()
        },
        outputs: Vec::new(),
        at: SystemTime::now(),
    };
    first.build().unwrap()
}

/// The end of a run at the stage that the handoff is for.
pub(crate) fn failed(handoff: &ValidHandoff, code: &str) -> ValidHandoff {
    let failure = v1::Failure {
        code: code.to_owned(),
        message: "the table is empty; give one with rows".to_owned(),
        ..v1::Failure::default()
    };
    handoff.failed(failure, 1, SystemTime::now()).unwrap()
}

/// Stores a handoff or a result; gives its sequence.
pub(crate) async fn publish(bus: &Bus, handoff: &ValidHandoff) -> u64 {
    let bytes = encoding::encode(handoff.as_message());
    bus.publish(&handoff.subject(), Headers::new(), bytes).await.unwrap()
}
