#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test")]

use std::sync::{Arc, Mutex};
use std::time::{Duration, UNIX_EPOCH};

use axum::Router;
use axum::http::{HeaderMap, StatusCode};
use axum::routing::post;
use contracts::v1::stage_output::Output;
use contracts::v1::{
    ArtifactRef, ColumnSchema, ColumnType, DataSource, Deployment, Failure, FeatureSet,
    FeatureSummary, Handoff, HandoffStatus, PreparedData, RowAccount, Scope, ScopeRequest,
    Selection, StageOutput, TrainedModel,
};
use contracts::{Agent, RunId, names};
use runs::ledger::Record;
use serde_json::{Value, json};

use super::sink::{FileSink, HttpSink};
use super::*;

fn run_id() -> RunId {
    RunId::new("r1").unwrap()
}

fn artifact(name: &str, rows: u64) -> Option<ArtifactRef> {
    Some(ArtifactRef {
        uri: format!("nats://TIER0_ARTIFACTS/{name}"),
        sha256: name.into(),
        bytes: 1000,
        media_type: String::new(),
        rows,
    })
}

fn output(agent: Agent) -> Output {
    let column =
        ColumnSchema { name: "age".into(), r#type: ColumnType::Integer.into(), nullable: false };
    match agent {
        Agent::ScopeDefiner => Output::Scope(Scope {
            name: "churn".into(),
            data: Some(DataSource { uri: "s3://lake/churn.csv".into(), ..DataSource::default() }),
            ..Scope::default()
        }),
        Agent::DataPreparer => Output::PreparedData(PreparedData {
            train: artifact("train", 60),
            validation: artifact("validation", 20),
            test: artifact("test", 15),
            hold_out: artifact("hold-out", 5),
            columns: vec![column],
            rows: Some(RowAccount { read: 100, kept: 100, ..RowAccount::default() }),
            source_sha256: "source".into(),
            ..PreparedData::default()
        }),
        Agent::FeatureAnalyzer => Output::FeatureSet(FeatureSet {
            plan: artifact("plan", 0),
            features: vec![FeatureSummary {
                name: "age".into(),
                transform: "identity".into(),
                ..FeatureSummary::default()
            }],
            ..FeatureSet::default()
        }),
        Agent::ModelTrainer => Output::TrainedModel(TrainedModel {
            bundle: artifact("bundle", 0),
            signature_inputs: vec![column],
            ..TrainedModel::default()
        }),
        Agent::ModelDeployer => Output::Deployment(Deployment {
            endpoint: "churn".into(),
            digest: "bundle".into(),
            url: "http://127.0.0.1:1/v2/models/churn".into(),
            ..Deployment::default()
        }),
        // Lineage tells nothing of what the others put out.
        _ => Output::Selection(Selection::default()),
    }
}

/// The handoff after the first `done` stages.
fn handoff(done: usize) -> Handoff {
    let to = Agent::ALL.get(done).map_or(names::END, |agent| agent.as_str());
    let from = done.checked_sub(1).map_or(names::INTAKE, |before| Agent::ALL[before].as_str());
    Handoff {
        run_id: "r1".into(),
        from_agent: from.into(),
        to_agent: to.into(),
        timestamp: Some(pbjson_types::Timestamp {
            seconds: 1_760_000_000 + i64::try_from(done).unwrap(),
            nanos: 0,
        }),
        status: HandoffStatus::Success.into(),
        request: Some(ScopeRequest { text: "Train a churn model!".into(), ..Default::default() }),
        outputs: Agent::ALL
            .iter()
            .take(done)
            .map(|agent| StageOutput {
                agent: agent.to_string(),
                attempt: 1,
                replica: "a".into(),
                output: Some(output(*agent)),
                ..StageOutput::default()
            })
            .collect(),
        ..Handoff::default()
    }
}

fn told(record: &Record, begins: bool) -> Vec<RunEvent> {
    let run = run_id();
    let stored_at = UNIX_EPOCH + Duration::from_secs(1_760_000_000);
    Mapping::new("tier0").events(Link { run: &run, record, begins, stored_at })
}

/// The events of a whole run, in their order.
fn whole_run() -> Vec<RunEvent> {
    let stages = Agent::ALL.len();
    let handoffs = (0..stages).map(|done| (Record::Handoff(Box::new(handoff(done))), done == 0));
    let result = (Record::Result(Box::new(handoff(stages))), false);
    handoffs.chain([result]).flat_map(|(record, begins)| told(&record, begins)).collect()
}

/// Type and job of each event.
fn lines(events: &[RunEvent]) -> Vec<String> {
    events.iter().map(|event| format!("{} {}", event.event_type.as_str(), event.job.name)).collect()
}

fn datasets(datasets: &[Dataset]) -> Vec<String> {
    let line = |dataset: &Dataset| {
        let version = &dataset.facets["version"]["datasetVersion"];
        format!("{} {} {}", dataset.namespace, dataset.name, version.as_str().unwrap_or_default())
    };
    datasets.iter().map(line).collect()
}

#[test]
fn every_start_has_one_end() {
    let events = whole_run();
    let lines = lines(&events);
    assert_eq!(
        lines[..4],
        [
            "START train-a-churn-model",
            "START train-a-churn-model.scope-definer",
            "COMPLETE train-a-churn-model.scope-definer",
            "START train-a-churn-model.data-preparer",
        ]
    );
    assert_eq!(
        lines[2 * Agent::ALL.len()..],
        ["COMPLETE train-a-churn-model.observability-connector", "COMPLETE train-a-churn-model",]
    );
    for start in events.iter().filter(|event| event.event_type == EventType::Start) {
        let of_it = |event: &&RunEvent| event.run.run_id == start.run.run_id;
        let all: Vec<_> = events.iter().filter(of_it).collect();
        assert_eq!(all.len(), 2, "{}", start.job.name);
        assert_eq!((all[1].event_type, &all[1].job.name), (EventType::Complete, &start.job.name));
        assert!(all[0].event_time <= all[1].event_time);
    }
    assert_eq!(whole_run(), events, "the same messages give the same events");
}

#[test]
fn data_go_from_the_source_to_the_endpoint() {
    let events = whole_run();
    let completed = |agent: Agent| {
        let name = format!("train-a-churn-model.{agent}");
        let of_it =
            |event: &&RunEvent| event.job.name == name && event.event_type == EventType::Complete;
        events.iter().find(of_it).unwrap()
    };
    let prepared = completed(Agent::DataPreparer);
    assert_eq!(datasets(&prepared.inputs), ["s3://lake churn.csv source"]);
    assert_eq!(
        datasets(&prepared.outputs),
        [
            "tier0 churn/prepared/train train",
            "tier0 churn/prepared/validation validation",
            "tier0 churn/prepared/test test",
            "tier0 churn/prepared/hold_out hold-out",
        ]
    );
    let train = &prepared.outputs[0];
    assert_eq!(train.facets["schema"]["fields"], json!([{"name": "age", "type": "integer"}]));
    assert_eq!(train.output_facets["outputStatistics"]["rowCount"], json!(60));
    assert_eq!(train.output_facets["outputStatistics"]["size"], json!(1000));
    assert_eq!(train.facets["dataSource"]["uri"], json!("nats://TIER0_ARTIFACTS/train"));

    let trained = completed(Agent::ModelTrainer);
    assert_eq!(datasets(&trained.inputs).last().unwrap(), "tier0 churn/feature_plan plan");
    assert_eq!(datasets(&trained.outputs), ["tier0 churn/model bundle"]);
    let deployed = completed(Agent::ModelDeployer);
    assert_eq!(datasets(&deployed.inputs), ["tier0 churn/model bundle"]);
    assert_eq!(datasets(&deployed.outputs), ["tier0 churn/endpoint bundle"]);
    let whole = events.last().unwrap();
    assert_eq!((whole.inputs.len(), whole.outputs.len()), (1, 7));
    let parent = &deployed.run.facets["parent"];
    assert_eq!(parent["run"]["runId"], json!(whole.run.run_id));
    assert_eq!(parent["job"]["name"], json!("train-a-churn-model"));
}

fn failed(code: &str) -> Record {
    let mut result = handoff(2);
    result.to_agent = names::END.into();
    result.status = HandoffStatus::Failed.into();
    result.failure = Some(Failure {
        code: code.into(),
        message: "why".into(),
        agent: Agent::FeatureAnalyzer.to_string(),
        ..Failure::default()
    });
    Record::Result(Box::new(result))
}

#[test]
fn a_bad_end_is_that_of_the_stage_and_of_the_run() {
    for (code, kind) in [("no_features", "FAIL"), ("cancelled", "ABORT")] {
        let events = told(&failed(code), false);
        assert_eq!(
            lines(&events),
            [
                format!("{kind} train-a-churn-model.feature-analyzer"),
                format!("{kind} train-a-churn-model")
            ]
        );
        let stage = &events[0];
        assert_eq!(stage.run.facets["errorMessage"]["message"], json!("why"));
        assert_eq!(stage.run.facets["tier0"]["code"], json!(code));
        assert_eq!(stage.inputs.len(), 2);
        let start = told(&Record::Handoff(Box::new(handoff(2))), false).pop().unwrap();
        assert_eq!(start.run.run_id, stage.run.run_id);
    }
}

#[test]
fn an_epoch_is_a_run_of_its_own() {
    let mut again = handoff(2);
    again.epoch = 1;
    let events = told(&Record::Handoff(Box::new(again)), true);
    assert_eq!(
        lines(&events),
        ["START train-a-churn-model", "START train-a-churn-model.feature-analyzer"]
    );
    let first = told(&Record::Handoff(Box::new(handoff(0))), true);
    assert_ne!(first[0].run.run_id, events[0].run.run_id);
}

#[test]
fn jobs_are_named_after_what_was_asked_for() {
    let named = |request: ScopeRequest| {
        let mut first = handoff(0);
        first.request = Some(request);
        told(&Record::Handoff(Box::new(first)), true)[0].job.name.clone()
    };
    assert_eq!(named(ScopeRequest { name: "My model".into(), ..Default::default() }), "my-model");
    let data = ScopeRequest {
        data_uri: "s3://lake/dir/train.csv?sig=x".into(),
        target: "Churn".into(),
        ..Default::default()
    };
    assert_eq!(named(data), "train-churn");
    assert_eq!(named(ScopeRequest { text: "…".into(), ..Default::default() }), "unnamed");
}

/// What the schema of OpenLineage 2-0-2 asks for, of its own members and of every facet.
#[test]
fn events_have_what_the_schema_asks_for() {
    let mut events = whole_run();
    events.extend(told(&failed("cancelled"), false));
    for event in events {
        let event = serde_json::to_value(event).unwrap();
        let kind = event["eventType"].as_str().unwrap();
        assert!(["START", "COMPLETE", "ABORT", "FAIL"].contains(&kind));
        event["eventTime"].as_str().unwrap().parse::<jiff::Timestamp>().unwrap();
        uuid::Uuid::parse_str(event["run"]["runId"].as_str().unwrap()).unwrap();
        assert!(event["producer"].as_str().unwrap().starts_with("urn:"));
        assert_eq!(
            event["schemaURL"],
            json!("https://openlineage.io/spec/2-0-2/OpenLineage.json#/$defs/RunEvent")
        );
        named(&event["job"]);
        facets(&event["job"]["facets"]);
        facets(&event["run"]["facets"]);
        for dataset in ["inputs", "outputs"].iter().flat_map(|of| event[of].as_array().unwrap()) {
            named(dataset);
            for of in ["facets", "inputFacets", "outputFacets"] {
                facets(&dataset[of]);
            }
        }
    }
}

fn named(value: &Value) {
    for member in ["namespace", "name"] {
        assert!(!value[member].as_str().unwrap().is_empty(), "{value}");
    }
}

fn facets(facets: &Value) {
    for (name, facet) in facets.as_object().into_iter().flatten() {
        for member in ["_producer", "_schemaURL"] {
            let uri = facet[member].as_str().unwrap();
            assert!(uri.starts_with("urn:") || uri.starts_with("https://"), "{name}: {facet}");
        }
        assert!(facet.as_object().unwrap().values().all(|value| !value.is_null()), "{facet}");
    }
}

/// What an endpoint was given.
type Received = Arc<Mutex<Vec<(HeaderMap, Value)>>>;

/// A real HTTP server that answers with these statuses, one after another, and then with 201.
async fn endpoint(answers: Vec<StatusCode>) -> (String, Received) {
    let received = Received::default();
    let answers = Arc::new(Mutex::new(answers.into_iter()));
    let seen = Arc::clone(&received);
    let take = move |headers: HeaderMap, body: axum::Json<Value>| {
        seen.lock().unwrap().push((headers, body.0));
        let answer = answers.lock().unwrap().next().unwrap_or(StatusCode::CREATED);
        async move { (answer, "the answer") }
    };
    let router = Router::new().route("/api/v1/lineage", post(take));
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/api/v1/lineage", listener.local_addr().unwrap());
    tokio::spawn(async move { axum::serve(listener, router).await });
    (url, received)
}

#[tokio::test]
async fn an_endpoint_is_given_every_event_with_the_token() {
    let directory = tempfile::tempdir().unwrap();
    let token = directory.path().join("token");
    tier0_tests::write_secret(&token, "secret\n");
    let busy = [StatusCode::SERVICE_UNAVAILABLE, StatusCode::TOO_MANY_REQUESTS];
    let (url, received) = endpoint([&busy[..], &[StatusCode::UNPROCESSABLE_ENTITY]].concat()).await;
    let config = LineageConfig {
        sink: SinkKind::Http,
        url: Some(url.into()),
        token_file: Some(token),
        ..LineageConfig::default()
    };
    let sink = HttpSink::open(&config).await.unwrap();
    let event = whole_run().remove(0);
    for status in [503, 429] {
        let busy = sink.send(&event).await.unwrap_err();
        assert!(matches!(busy, Error::Busy { status: found, .. } if found == status), "{busy}");
    }
    let refused = Outcome::Refused { status: 422, answer: "the answer".into() };
    assert_eq!(sink.send(&event).await.unwrap(), refused);
    assert_eq!(sink.send(&event).await.unwrap(), Outcome::Confirmed);
    let received = received.lock().unwrap();
    let (headers, body) = received.last().unwrap();
    assert_eq!(headers["authorization"], "Bearer secret");
    assert_eq!(headers["idempotency-key"], event.identity().as_str());
    assert_eq!(*body, serde_json::to_value(&event).unwrap());
}

#[tokio::test]
async fn a_silent_endpoint_is_tried_again() {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/", listener.local_addr().unwrap());
    drop(listener);
    let config = LineageConfig { url: Some(url.into()), ..LineageConfig::default() };
    let sink = HttpSink::open(&config).await.unwrap();
    let error = sink.send(&whole_run()[0]).await.unwrap_err();
    assert!(matches!(error, Error::Http(_)), "{error}");
}

#[tokio::test]
async fn a_file_has_each_event_once_whatever_a_crash_left_behind() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("lineage.jsonl");
    let events = whole_run();
    let mut sink = FileSink::open(&path).await.unwrap();
    for event in &events[..3] {
        assert_eq!(sink.send(event).await.unwrap(), Outcome::Confirmed);
    }
    drop(sink);
    let written = std::fs::read(&path).unwrap();
    // The fourth was being written when the process was killed.
    let line = serde_json::to_vec(&events[3]).unwrap();
    std::fs::write(&path, [&written[..], &line[..line.len() / 2]].concat()).unwrap();

    let mut sink = FileSink::open(&path).await.unwrap();
    let mut outcomes = Vec::new();
    // The third had been written, but its message was not acknowledged.
    for event in &events[2..] {
        outcomes.push(sink.send(event).await.unwrap());
    }
    assert_eq!(outcomes[..2], [Outcome::Repeated, Outcome::Confirmed]);
    let text = std::fs::read_to_string(&path).unwrap();
    let read: Vec<RunEvent> =
        text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(read, events);
}
