//! A fleet of one: nats-server, set-up, and the scripted stage as a process.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::time::{Duration, Instant, SystemTime};

use bus::{Bus, BusConfig, Headers, MESSAGE_ID, SetupOptions};
use bytes::Bytes;
use contracts::handoff::FirstHandoff;
use contracts::{Agent, RunId, ValidHandoff, encoding, names, subjects, v1};
use prost::Message as _;
use tier0_tests::NatsServer;

pub(crate) const AGENT: Agent = Agent::ScopeDefiner;

/// A running fleet of one.
pub(crate) struct Fleet {
    pub(crate) bus: Bus,
    pub(crate) server: NatsServer,
    pub(crate) directory: tempfile::TempDir,
    child: Option<Child>,
}

/// The example that `cargo test` builds beside the tests.
pub(crate) fn program() -> PathBuf {
    let mut path = std::env::current_exe().unwrap();
    path.pop();
    path.pop();
    path.join("examples").join("scripted_stage")
}

impl Fleet {
    /// Broker and set-up, no agent yet.
    pub(crate) async fn prepare() -> Self {
        let server = NatsServer::start();
        let bus = Bus::connect(&BusConfig::new(server.url()), "test").await.unwrap();
        let options =
            SetupOptions { ack_wait_seconds: 1.0, max_deliver: 3, ..SetupOptions::default() };
        bus.setup(&options).await.unwrap();
        Self { bus, server, directory: tempfile::tempdir().unwrap(), child: None }
    }

    pub(crate) async fn start() -> Self {
        let mut fleet = Self::prepare().await;
        fleet.start_agent(&[]);
        fleet.until_ready();
        fleet
    }

    pub(crate) fn command(&self) -> Command {
        let mut command = Command::new(program());
        command
            .args(["--nats-url", self.server.url()])
            .env("TIER0__READY_FILE", self.ready_file())
            .env("TIER0_SCOPE_DEFINER__EFFECTS", self.directory.path().join("effects"))
            .env("TIER0__STAGE__RETRY_FIRST_SECONDS", "0.05")
            .env("TIER0__STAGE__MAX_IN_FLIGHT", "4")
            .env("TIER0__STAGE__CPU_TASKS", "2")
            .env("TIER0__LOG__FORMAT", "json");
        command
    }

    pub(crate) fn start_agent(&mut self, arguments: &[&str]) {
        let log = std::fs::File::options()
            .create(true)
            .append(true)
            .open(self.directory.path().join("log"))
            .unwrap();
        let child =
            self.command().args(arguments).stdin(Stdio::null()).stderr(log).spawn().unwrap();
        self.child = Some(child);
    }

    pub(crate) fn ready_file(&self) -> PathBuf {
        self.directory.path().join("ready").join("agent.json")
    }

    /// Waits for the ready file and gives it.
    pub(crate) fn until_ready(&self) -> serde_json::Value {
        let begun = Instant::now();
        loop {
            if let Ok(text) = std::fs::read_to_string(self.ready_file()) {
                return serde_json::from_str(&text).unwrap();
            }
            assert!(begun.elapsed() < Duration::from_secs(20), "not ready: {}", self.log());
            std::thread::sleep(Duration::from_millis(5));
        }
    }

    pub(crate) fn signal(&self, signal: rustix::process::Signal) {
        let pid = self.child.as_ref().unwrap().id();
        let pid = rustix::process::Pid::from_raw(i32::try_from(pid).unwrap()).unwrap();
        rustix::process::kill_process(pid, signal).unwrap();
    }

    /// Waits for the agent's end.
    pub(crate) fn until_ended(&mut self, limit: Duration) -> ExitStatus {
        let begun = Instant::now();
        let child = self.child.as_mut().unwrap();
        loop {
            if let Some(status) = child.try_wait().unwrap() {
                self.child = None;
                return status;
            }
            assert!(begun.elapsed() < limit, "still running: {}", self.log());
            std::thread::sleep(Duration::from_millis(10));
        }
    }

    pub(crate) fn log(&self) -> String {
        std::fs::read_to_string(self.directory.path().join("log")).unwrap_or_default()
    }

    /// The calls of the stage so far.
    pub(crate) fn effects(&self) -> Vec<String> {
        let text =
            std::fs::read_to_string(self.directory.path().join("effects")).unwrap_or_default();
        text.lines().map(str::to_owned).collect()
    }

    pub(crate) async fn submit(&self, run: &str, script: &str) -> ValidHandoff {
        self.submit_with(run, script, |_| {}).await
    }

    pub(crate) async fn submit_with(
        &self,
        run: &str,
        script: &str,
        change: impl FnOnce(&mut FirstHandoff),
    ) -> ValidHandoff {
        let handoff = first(run, script, change);
        self.publish(&handoff.subject(), encoding::encode(handoff.as_message())).await;
        handoff
    }

    pub(crate) async fn publish(&self, subject: &str, payload: Bytes) {
        self.bus.publish_once(subject, Headers::new(), payload).await.unwrap();
    }

    /// Publishes what follows from a handoff, as the stage that took it does.
    pub(crate) async fn follow(&self, given: &ValidHandoff, next: &ValidHandoff) {
        let (sequence, _, _) = self.bus.last(&given.subject()).await.unwrap().unwrap();
        let (chain, bytes) = (given.chain(), encoding::encode(next.as_message()));
        let link = bus::Link { chain: &chain, after: sequence };
        self.bus.publish_next(link, &next.subject(), Headers::new(), bytes).await.unwrap();
    }

    /// Waits for the message of a subject.
    pub(crate) async fn until(&self, subject: &str) -> (Headers, Bytes) {
        let begun = Instant::now();
        loop {
            if let Some((_, headers, payload)) = self.bus.last(subject).await.unwrap() {
                return (headers, payload);
            }
            assert!(
                begun.elapsed() < Duration::from_secs(30),
                "nothing on {subject}: {}",
                self.log()
            );
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }

    pub(crate) async fn until_handoff(&self, subject: &str) -> ValidHandoff {
        let (headers, payload) = self.until(subject).await;
        assert_eq!(headers.get(names::CONTENT_TYPE).unwrap().as_str(), names::PROTOBUF);
        let handoff = encoding::decode_handoff(Some(names::PROTOBUF), &payload).unwrap();
        assert_eq!(headers.get(MESSAGE_ID).unwrap().as_str(), handoff.handoff_id());
        handoff
    }

    pub(crate) async fn until_result(&self, run: &str) -> ValidHandoff {
        self.until_handoff(&subjects::result(&RunId::new(run).unwrap(), 0)).await
    }

    pub(crate) async fn until_dead(&self, run: &str) -> v1::DeadLetter {
        let (_, payload) = self.until(&format!("tier0.v1.dead.scope-definer.{run}")).await;
        v1::DeadLetter::decode(payload).unwrap()
    }

    /// Waits until the agent's consumer has nothing unsettled.
    pub(crate) async fn until_settled(&self) {
        let begun = Instant::now();
        loop {
            let state = self.bus.consumer_state(names::STREAM, AGENT.as_str()).await.unwrap();
            if state.unsettled == 0 && state.pending == 0 {
                return;
            }
            assert!(begun.elapsed() < Duration::from_secs(15), "unsettled: {state:?}");
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }

    pub(crate) async fn kinds_of_events(&self, run: &str) -> Vec<v1::StageEventKind> {
        let subject = format!("tier0.v1.event.scope-definer.{run}");
        let stream = self.bus.jetstream().get_stream(names::STREAM).await.unwrap();
        let last = stream.cached_info().state.last_sequence;
        let mut kinds = Vec::new();
        for sequence in 1..=last {
            let Some((found, _, payload)) =
                self.bus.message(names::STREAM, sequence).await.unwrap()
            else {
                continue;
            };
            if found == subject {
                kinds.push(v1::StageEvent::decode(payload).unwrap().kind());
            }
        }
        kinds
    }
}

impl Drop for Fleet {
    fn drop(&mut self) {
        if let Some(child) = &mut self.child {
            let _ = child.kill();
            let _ = child.wait();
        }
    }
}

pub(crate) fn first(
    run: &str,
    script: &str,
    change: impl FnOnce(&mut FirstHandoff),
) -> ValidHandoff {
    let mut first = FirstHandoff {
        run_id: RunId::new(run).unwrap(),
        epoch: 0,
        plan: vec![Agent::ScopeDefiner, Agent::DataPreparer],
        deadline: None,
        request: v1::ScopeRequest {
            data_uri: "/data/test.csv".to_owned(),
            target: "y".to_owned(),
            labels: BTreeMap::from([("script".to_owned(), script.to_owned())]),
            ..v1::ScopeRequest::default()
        },
        outputs: Vec::new(),
        at: SystemTime::now(),
    };
    change(&mut first);
    first.build().unwrap()
}

pub(crate) fn next_subject(run: &str) -> String {
    subjects::handoff(Agent::DataPreparer, &RunId::new(run).unwrap(), 0)
}
