//! How a model was chosen: from the stream and the artifact store, and over HTTP.

use std::collections::BTreeMap;

use api::leaderboard::{LeaderboardDocument, of_run, of_version};
use artifacts::ArtifactStore;
use axum::Router;
use axum::body::{Body, to_bytes};
use axum::http::{Request, StatusCode};
use bus::Bus;
use contracts::v1::stage_output::Output;
use contracts::v1::{self, Handoff, SearchReport, TrialRecord};
use contracts::{Agent, RunId, encoding, subjects};
use orchestrator::http::{self, SharedLedger};
use registry::Registry;
use serde_json::Value;
use tier0_tests::{Broker, NatsServer};
use tower::ServiceExt as _;

struct Fleet {
    bus: Bus,
    store: ArtifactStore,
    registry: Registry,
    _server: NatsServer,
}

impl Fleet {
    async fn start() -> Self {
        let Broker { nats, bus, registry, artifacts } = Broker::start().await;
        Self { bus, store: artifacts, registry, _server: nats }
    }

    async fn publish(&self, subject: String, outputs: Vec<Output>) {
        let output = |output| v1::StageOutput { output: Some(output), ..Default::default() };
        let handoff =
            Handoff { outputs: outputs.into_iter().map(output).collect(), ..Handoff::default() };
        let payload = encoding::encode(&handoff);
        self.bus.jetstream().publish(subject, payload).await.unwrap().await.unwrap();
    }

    /// A trained model whose report is stored.
    async fn trained(&self, digit: char, report: &[u8]) -> Output {
        let put = self.store.put(report.to_vec().into(), "application/json", 0);
        Output::TrainedModel(v1::TrainedModel {
            bundle: Some(bundle(digit)),
            algorithm: "random_forest".to_owned(),
            search_report: Some(put.await.unwrap()),
            ..v1::TrainedModel::default()
        })
    }

    async fn get(&self, path: &str) -> (StatusCode, Value) {
        let more = http::streams(api::Broker {
            bus: self.bus.clone(),
            registry: self.registry.clone(),
            artifacts: Some(self.store.clone()),
            model_servers: api::ModelServers::default(),
        });
        let router: Router = http::router(SharedLedger::new(1), more, guard(), Vec::new());
        let request = Request::get(path).body(Body::empty()).unwrap();
        let response = router.oneshot(request).await.unwrap();
        let status = response.status();
        let body = to_bytes(response.into_body(), 1 << 20).await.unwrap();
        (status, serde_json::from_slice(&body).unwrap())
    }
}

fn guard() -> process::http::Guard {
    process::http::Guard::of_token(auth::Surface::Api, None)
}

fn digest(digit: char) -> String {
    std::iter::repeat_n(digit, 64).collect()
}

fn bundle(digit: char) -> v1::ArtifactRef {
    v1::ArtifactRef {
        uri: format!("nats://TIER0_ARTIFACTS/{}", digest(digit)),
        sha256: digest(digit),
        bytes: 10,
        media_type: "application/vnd.tier0.bundle+tar".to_owned(),
        rows: 0,
    }
}

fn selection() -> Output {
    Output::Selection(v1::Selection {
        candidates: vec![v1::Candidate {
            algorithm: "random_forest".to_owned(),
            score: 0.8,
            ..v1::Candidate::default()
        }],
        metric: "roc_auc".to_owned(),
        sample_rows: 100,
        folds: 3,
        ..v1::Selection::default()
    })
}

/// A report as builds before wrote it.
const OLD: &[u8] = br#"{"metric": "roc_auc", "best": 1, "trials": [
    {"algorithm": "random_forest", "parameters": {"leaves": 8}, "score": 0.7, "iterations": 20},
    {"number": 1, "algorithm": "random_forest", "parameters": {"leaves": 31}, "score": 0.8, "iterations": 50},
    {"number": 2, "algorithm": "random_forest", "parameters": {"leaves": 63}}
]}"#;

fn new() -> Vec<u8> {
    let report = SearchReport {
        metric: "roc_auc".to_owned(),
        trials: vec![TrialRecord {
            algorithm: "gradient_boosting".to_owned(),
            parameters: BTreeMap::from([("leaves".to_owned(), 31.0)]),
            score: Some(0.9),
            profile: "search".to_owned(),
            ..TrialRecord::default()
        }],
        folds: 5,
        ended_by: "max_trials".to_owned(),
        ..SearchReport::default()
    };
    encoding::to_json("SearchReport", &report).unwrap().to_string().into_bytes()
}

fn ranked(document: &LeaderboardDocument) -> Vec<(Option<u32>, u32)> {
    let board = document.leaderboard.as_ref().expect("a leaderboard");
    board.entries.iter().map(|entry| (entry.rank, entry.trial)).collect()
}

#[tokio::test]
async fn a_run_is_told_as_it_stands_and_a_version_as_it_was_made() {
    let fleet = Fleet::start().await;
    let run = RunId::new("r1").unwrap();
    let to = |agent, epoch| subjects::handoff(agent, &run, epoch);
    assert_eq!(of_run(&fleet.bus, &run, None).await.unwrap(), None);

    fleet.publish(to(Agent::ScopeDefiner, 0), Vec::new()).await;
    let document = of_run(&fleet.bus, &run, None).await.unwrap().unwrap();
    assert!(document.leaderboard.is_none() && document.problem.is_none());

    let made = fleet.trained('a', OLD).await;
    fleet.publish(to(Agent::ModelDeployer, 0), vec![selection(), made]).await;
    let document = of_run(&fleet.bus, &run, Some(&fleet.store)).await.unwrap().unwrap();
    assert_eq!(ranked(&document), [(Some(1), 1), (Some(2), 0), (None, 2)]);
    assert_eq!(document.selection.as_ref().unwrap().candidates[0].algorithm, "random_forest");
    // Without a store it is read from where the artifact says that it is.
    assert_eq!(of_run(&fleet.bus, &run, None).await.unwrap(), Some(document.clone()));

    // The run is driven anew: it has no model again, and its earlier version is still told.
    fleet.publish(to(Agent::ModelTrainer, 1), vec![selection()]).await;
    let anew = of_run(&fleet.bus, &run, None).await.unwrap().unwrap();
    assert!(anew.leaderboard.is_none() && anew.selection.is_some());
    let made = fleet.trained('b', &new()).await;
    fleet.publish(subjects::result(&run, 1), vec![selection(), made]).await;
    let last = of_run(&fleet.bus, &run, None).await.unwrap().unwrap();
    assert_eq!(last.leaderboard.unwrap().ended_by.as_deref(), Some("max_trials"));
    let first = of_version(&fleet.bus, &run, &digest('a'), None).await.unwrap().unwrap();
    assert_eq!(first, document);
}

#[tokio::test]
async fn a_report_that_is_gone_or_not_understood_is_said() {
    let fleet = Fleet::start().await;
    for (name, report, problem) in [
        ("gone", None, "cannot be read"),
        ("damaged", Some(&b"{\"metric\": \"roc_auc\"}"[..]), "not understood"),
    ] {
        let run = RunId::new(name).unwrap();
        let mut output = fleet.trained('a', report.unwrap_or(OLD)).await;
        if report.is_none()
            && let Output::TrainedModel(model) = &mut output
        {
            model.search_report = Some(bundle('e'));
        }
        fleet.publish(subjects::result(&run, 0), vec![output]).await;
        let document = of_run(&fleet.bus, &run, None).await.unwrap().unwrap();
        assert!(document.leaderboard.is_none());
        let said = document.problem.unwrap();
        assert!(said.contains(problem), "{said}");
    }
    let run = RunId::new("without").unwrap();
    let without = Output::TrainedModel(v1::TrainedModel::default());
    fleet.publish(subjects::result(&run, 0), vec![without]).await;
    let document = of_run(&fleet.bus, &run, None).await.unwrap().unwrap();
    assert_eq!(document.problem.as_deref(), Some("the run kept no report of its search"));
}

#[tokio::test]
async fn the_api_tells_of_runs_and_of_versions() {
    let fleet = Fleet::start().await;
    let run = RunId::new("r1").unwrap();
    let made = fleet.trained('a', &new()).await;
    fleet.publish(subjects::result(&run, 0), vec![selection(), made]).await;
    let parts = v1::ModelVersion {
        model: "churn".to_owned(),
        bundle: Some(bundle('a')),
        data_sha256: digest('d'),
        algorithm: "gradient_boosting".to_owned(),
        signature_inputs: vec![v1::ColumnSchema {
            name: "calls".to_owned(),
            r#type: v1::ColumnType::Integer.into(),
            nullable: false,
        }],
        problem_type: v1::ProblemType::Binary.into(),
        classes: vec!["no".to_owned(), "yes".to_owned()],
        ..v1::ModelVersion::default()
    };
    fleet.registry.register(parts, &run).await.unwrap();

    for path in ["/api/v1/runs/r1/leaderboard", "/api/v1/models/churn/versions/latest/leaderboard"]
    {
        let (status, body) = fleet.get(path).await;
        assert_eq!(status, StatusCode::OK, "{path}: {body}");
        assert_eq!(body["run_id"], "r1", "{path}");
        assert_eq!(body["leaderboard"]["entries"][0]["profile"], "search", "{path}");
        assert_eq!(body["leaderboard"]["entries"][0]["parameters"]["leaves"], 31.0, "{path}");
        assert_eq!(body["selection"]["metric"], "roc_auc", "{path}");
    }
    for (path, code) in [
        ("/api/v1/runs/r2/leaderboard", "run_not_found"),
        ("/api/v1/models/churn/versions/7/leaderboard", "version_not_found"),
        ("/api/v1/models/other/versions/1/leaderboard", "model_not_found"),
    ] {
        let (status, body) = fleet.get(path).await;
        assert_eq!(status, StatusCode::NOT_FOUND, "{path}: {body}");
        assert_eq!(body["error"]["code"], code, "{path}");
    }
    let (status, _) = fleet.get("/api/v1/runs/a.b/leaderboard").await;
    assert_eq!(status, StatusCode::BAD_REQUEST);
}
