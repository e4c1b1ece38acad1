//! The real program, a real broker: following records, switching, refusing, restarting, publishing.

use std::process::{Child, Command, Stdio};
use std::time::Duration;

use contracts::names;
use contracts::v1::{
    ArtifactRef, DeployedVersion, DeploymentRecord, PredictionEvent, ServerReport,
};
use prost::Message as _;
use serde_json::{Value, json};
use tabular::ProblemType;
use tempfile::TempDir;
use tier0_tests::{Broker, NatsServer};

use crate::support::{bundle, close, expected, read, tensors};

pub(crate) struct Program {
    pub(crate) process: Child,
    directory: TempDir,
    pub(crate) http: reqwest::Client,
}

impl Drop for Program {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

impl Program {
    pub(crate) fn start(nats: &NatsServer) -> Self {
        Self::with(nats, &[])
    }

    /// With settings of its own, by their environment variables.
    pub(crate) fn with(nats: &NatsServer, settings: &[(&str, &str)]) -> Self {
        let directory = tempfile::tempdir().unwrap();
        let log = std::fs::File::create(directory.path().join("log")).unwrap();
        let process = Command::new(env!("CARGO_BIN_EXE_model-server"))
            .env("TIER0__NATS__URL", nats.url())
            .env("TIER0__READY_FILE", directory.path().join("ready.json"))
            .env("TIER0__REPLICA", "server-1")
            .envs(settings.iter().copied())
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(log)
            .spawn()
            .unwrap();
        let http = reqwest::Client::builder().no_proxy().build().unwrap();
        Self { process, directory, http }
    }

    pub(crate) async fn url(&self) -> String {
        self.address("rest").await
    }

    /// The URL of one of its listeners: `rest`, `grpc` or `http`, where its metrics are.
    pub(crate) async fn address(&self, listener: &str) -> String {
        for _ in 0..200 {
            if let Ok(text) = std::fs::read_to_string(self.directory.path().join("ready.json")) {
                let ready: Value = serde_json::from_str(&text).unwrap();
                return format!("http://{}", ready[listener].as_str().unwrap());
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        panic!("{}", self.log());
    }

    /// What it has said.
    pub(crate) fn log(&self) -> String {
        std::fs::read_to_string(self.directory.path().join("log")).unwrap()
    }

    async fn infer(&self, path: &str) -> (u16, Value) {
        let url = format!("{}{path}", self.url().await);
        let request = self.http.post(url).json(&json!({ "id": "r1", "inputs": tensors() }));
        read(request.send().await.unwrap()).await
    }
}

/// A version `number` whose bundle is stored.
pub(crate) async fn stored(broker: &Broker, number: u32) -> DeployedVersion {
    let bytes = bundle(ProblemType::Binary, f64::from(number));
    stored_bytes(broker, number, bytes).await
}

/// A version whose bundle is these bytes.
async fn stored_bytes(broker: &Broker, number: u32, bytes: Vec<u8>) -> DeployedVersion {
    let media_type = artifacts::media_type::BUNDLE;
    let bundle = broker.artifacts.put(bytes.into(), media_type, 0).await.unwrap();
    DeployedVersion {
        model: "churn".to_owned(),
        version: number,
        bundle: Some(bundle),
        run_id: format!("run-{number}"),
    }
}

/// Changes the record of `churn`; its revision.
pub(crate) async fn change(broker: &Broker, change: impl Fn(&mut DeploymentRecord)) -> u64 {
    let changed = broker.registry.change("churn", "test", |record| {
        change(record);
        Ok::<_, std::convert::Infallible>(())
    });
    changed.await.unwrap().revision
}

/// The server's report on a record of at least this revision.
pub(crate) async fn reported(broker: &Broker, revision: u64) -> ServerReport {
    for _ in 0..200 {
        let reports = broker.registry.servers("churn").await.unwrap();
        if let Some(report) = reports.into_iter().find(|one| one.record_revision >= revision) {
            return report;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    panic!("no report of revision {revision}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn deployments_are_followed_and_survive_a_restart() {
    let broker = Broker::start().await;
    let mut program = Program::start(&broker.nats);
    assert_eq!(program.infer("/v2/models/churn/infer").await.0, 404);
    let presence = broker.registry.servers("-").await.unwrap();
    assert_eq!(presence.len(), 1, "a server tells of itself before it holds anything");

    // Green is reached off-traffic only.
    let one = stored(&broker, 1).await;
    let revision = change(&broker, |record| record.green = Some(one.clone())).await;
    let report = reported(&broker, revision).await;
    assert_eq!((report.live_version, report.ready_versions), (0, vec![1]));
    assert_eq!(program.infer("/v2/models/churn/infer").await.0, 503);
    let (status, answer) = program.infer("/v2/models/churn/versions/1/infer").await;
    assert_eq!(status, 200, "{answer}");

    // Live.
    let revision = change(&broker, |record| {
        record.live = record.green.take();
    })
    .await;
    assert_eq!(reported(&broker, revision).await.live_version, 1);
    let (status, answer) = program.infer("/v2/models/churn/infer").await;
    assert_eq!(status, 200, "{answer}");
    close(&answer["outputs"][2]["data"], expected(1));

    // A version that cannot be loaded is reported, and the one before answers.
    let broken = stored_bytes(&broker, 2, b"no bundle".to_vec()).await;
    let missing = DeployedVersion {
        version: 3,
        bundle: broken.bundle.clone().map(|bundle| {
            let sha256 = "0".repeat(64);
            ArtifactRef { uri: bundle.uri.replace(&bundle.sha256, &sha256), sha256, ..bundle }
        }),
        ..broken.clone()
    };
    for bad in [broken, missing] {
        let revision = change(&broker, |record| record.green = Some(bad.clone())).await;
        let report = reported(&broker, revision).await;
        assert_eq!(report.live_version, 1);
        assert_eq!(report.failures[0].version, bad.version, "{:?}", report.failures);
        let revision = change(&broker, |record| record.live = Some(bad.clone())).await;
        assert_eq!(reported(&broker, revision).await.live_version, 1);
        assert_eq!(program.infer("/v2/models/churn/infer").await.1["model_version"], "1");
        change(&broker, |record| {
            record.live = Some(one.clone());
            record.green = None;
        })
        .await;
    }

    // Another version takes over; after a restart it answers again, and blue is still warm.
    let four = stored(&broker, 4).await;
    let revision = change(&broker, |record| {
        record.previous = record.live.take();
        record.live = Some(four.clone());
    })
    .await;
    assert_eq!(reported(&broker, revision).await.live_version, 4);
    drop(program);
    program = Program::start(&broker.nats);
    let (_, answer) = program.infer("/v2/models/churn/infer").await;
    assert_eq!(answer["model_version"], "4");
    close(&answer["outputs"][2]["data"], expected(4));
    assert_eq!(program.infer("/v2/models/churn/versions/1/infer").await.0, 200);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn live_answers_leave_one_event_each_and_checks_none() {
    let broker = Broker::start().await;
    let program = Program::start(&broker.nats);
    let one = stored(&broker, 1).await;
    let revision = change(&broker, |record| record.live = Some(one.clone())).await;
    reported(&broker, revision).await;
    for path in ["/v2/models/churn/versions/1/infer", "/v2/models/churn/infer", "/invocations"] {
        let (status, answer) = if path == "/invocations" {
            let url = format!("{}{path}", program.url().await);
            let row = json!([[3, 20.5, "month", true, null]]);
            read(program.http.post(url).json(&json!({ "instances": row })).send().await.unwrap())
                .await
        } else {
            program.infer(path).await
        };
        assert_eq!(status, 200, "{answer}");
    }
    let mut events = Vec::new();
    let stream = names::PREDICTIONS_STREAM;
    let mut deliveries =
        broker.bus.consumer(stream, names::PREDICTIONS_CONSUMER, 10).await.unwrap();
    while let Ok(delivery) = tokio::time::timeout(Duration::from_secs(2), deliveries.next()).await {
        assert_eq!(delivery.subject, "tier0.v1.prediction.churn");
        let event = PredictionEvent::decode(delivery.payload.clone()).unwrap();
        contracts::Validate::validate(&event).unwrap();
        delivery.ack().await.unwrap();
        events.push(event);
    }
    // Answers wait for one another a little; they may come together.
    let answers: Vec<_> = events.iter().flat_map(|event| &event.answers).collect();
    assert_eq!(answers.iter().map(|answer| answer.rows).collect::<Vec<_>>(), [2, 1]);
    assert_eq!(answers[0].request_id, "r1");
    for event in &events {
        assert_eq!(event.version, 1);
        assert_eq!(event.digest, one.bundle.clone().unwrap().sha256);
        assert_eq!(event.inputs.len(), 5);
        assert_eq!(event.outputs.len(), 3);
    }
    let contracts = events.iter().flat_map(|event| {
        &event.inputs.iter().find(|column| column.name == "contract").unwrap().texts
    });
    assert_eq!(contracts.collect::<Vec<_>>(), ["month", "unseen", "month"]);
}
