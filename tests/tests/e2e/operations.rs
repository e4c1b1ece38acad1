//! What people see of monitoring and answer to it, by the command line and by the API: a real broker, a real orchestrator, and
//! records as the monitor writes them.

mod alerts;
mod feedback;
mod retraining;

use std::time::SystemTime;

use bus::Bus;
use contracts::{time, v1};
use registry::Registry;
use serde_json::Value;
use tier0_tests::{Broker, Finished, NatsServer, tier0};

use crate::orchestrator::Orchestrator;

/// The endpoint that is watched.
const NAME: &str = "churn";

/// A broker with a watched endpoint, and an orchestrator.
struct Watched {
    nats: NatsServer,
    bus: Bus,
    registry: Registry,
    orchestrator: Orchestrator,
}

impl Watched {
    async fn start() -> Self {
        Self::start_with(&[]).await
    }

    async fn start_with(environment: &[(&str, &str)]) -> Self {
        let Broker { nats, bus, .. } = Broker::start().await;
        let registry = Registry::new(&bus).await.unwrap();
        assert!(registry.monitors().put(&monitor()).await.unwrap());
        let orchestrator = Orchestrator::start(nats.url(), environment).await;
        Self { nats, bus, registry, orchestrator }
    }

    /// Runs a command on this broker.
    async fn tier0(&self, arguments: &[&str]) -> Finished {
        tier0(arguments.iter().copied().chain(["--nats-url", self.nats.url()])).await
    }

    /// Posts a document; the status and what was answered.
    async fn post(&self, path: &str, body: &Value) -> (u16, Value) {
        let url = format!("{}/api/v1/{path}", self.orchestrator.url());
        answered(reqwest::Client::new().post(url).json(body)).await
    }

    /// Asks for a document; the status and what was answered.
    async fn get(&self, path: &str) -> (u16, Value) {
        let url = format!("{}/api/v1/{path}", self.orchestrator.url());
        answered(reqwest::Client::new().get(url)).await
    }
}

async fn answered(request: reqwest::RequestBuilder) -> (u16, Value) {
    let response = request.send().await.unwrap();
    (response.status().as_u16(), response.json().await.unwrap())
}

fn code(answer: &Value) -> &str {
    answer["error"]["code"].as_str().unwrap_or_default()
}

fn now() -> Option<pbjson_types::Timestamp> {
    Some(time::timestamp(SystemTime::now()))
}

fn monitor() -> v1::Monitor {
    let digest = |digit: &str| digit.repeat(64);
    v1::Monitor {
        endpoint: NAME.to_owned(),
        model: NAME.to_owned(),
        version: 3,
        digest: digest("a"),
        reference_profile: Some(v1::ArtifactRef {
            uri: format!("nats://TIER0_ARTIFACTS/{}", digest("b")),
            sha256: digest("b"),
            bytes: 10,
            media_type: "application/json".to_owned(),
            rows: 0,
        }),
        run_id: "run-3".to_owned(),
        registered_at: now(),
        data_sha256: digest("c"),
        metric: "roc_auc".to_owned(),
        target: "churned".to_owned(),
        test_metrics: [(
            "roc_auc".to_owned(),
            v1::MetricEstimate { value: 0.86, low: 0.84, high: 0.88 },
        )]
        .into(),
        ..v1::Monitor::default()
    }
}
