//! Scenario 24: one trace id spans publish, every agent, serving and monitoring; and every log line within says so.

use std::collections::{BTreeMap, BTreeSet};
use std::time::SystemTime;

use async_nats::HeaderMap;
use contracts::handoff::FirstHandoff;
use contracts::{Agent, RunId, encoding, subjects, v1};
use serde_json::{Value, json};
use tier0_tests::pipeline::{FAST, small_table};
use tier0_tests::{
    Broker, Fleet, FleetOptions, OtlpReceiver, Span, Stages, eventually, write_table,
};

/// The protocol's messages and client, as they are generated for the model server.
#[allow(
    clippy::all,
    clippy::allow_attributes_without_reason,
    missing_docs,
    unreachable_pub,
    reason = "generated"
)]
mod inference {
    include!(concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/../crates/model-server/src/generated/inference.rs"
    ));
}

/// How long spans wait to be sent, in milliseconds, by a variable of OpenTelemetry's own.
const DELAY: (&str, &str) = ("OTEL_BSP_SCHEDULE_DELAY", "200");

#[tokio::test(flavor = "multi_thread")]
async fn s24_tracing() {
    let receiver = OtlpReceiver::start().await;
    let environment = FAST
        .into_iter()
        .chain([
            ("TIER0__OTLP__ENDPOINT", receiver.url()),
            ("TIER0__LOG__FORMAT", "json"),
            ("TIER0__LOG__LEVEL", "debug"),
            DELAY,
        ])
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .collect();
    let fleet = Fleet::up_with(FleetOptions { environment, ..FleetOptions::default() }).await;
    let table = fleet.path("small.csv");
    write_table(&table, small_table(800));
    let table = table.display().to_string();
    let arguments = [
        "--data",
        &table,
        "--target",
        "left",
        "--positive",
        "yes",
        "--name",
        "small",
        "--seed",
        "7",
        "--otlp-endpoint",
        receiver.url(),
    ];
    let run = fleet.submit(arguments).await.succeeded();
    let run_id = run["run_id"].as_str().unwrap().to_owned();

    let trace = a_run_is_one_trace(&receiver, &run_id).await;
    let shown = fleet.tier0(["runs", "show", &run_id, "--json"]).await.success().json();
    assert_eq!(shown["trace_id"], trace, "the run says which it is");
    every_line_within_the_run_says_so(&fleet, &run_id, &trace);
    a_publishers_trace_is_continued(&fleet, &receiver).await;
    a_prediction_is_traced_where_its_caller_is(&fleet, &receiver).await;
}

fn of<'a>(spans: &'a [Span], service: &str, name: &str) -> Option<&'a Span> {
    spans.iter().find(|span| span.service == service && span.name == name)
}

/// From the command line to the monitor: gives the trace's id.
async fn a_run_is_one_trace(receiver: &OtlpReceiver, run_id: &str) -> String {
    let publishing = eventually("the command line's span has come", || async {
        of(&receiver.spans(), "tier0", "send tier0.v1.request").cloned()
    })
    .await;
    assert_eq!((publishing.kind, publishing.parent.as_str()), ("PRODUCER", ""), "the root");
    let expected: Vec<(&str, String)> = Agent::ALL
        .iter()
        .map(|agent| (agent.as_str(), format!("process tier0.v1.handoff.{agent}")))
        .chain([
            ("scope-definer", "process tier0.v1.request".to_owned()),
            ("model-trainer", "train".to_owned()),
            ("model-deployer", "deploy".to_owned()),
            ("model-server", "load model version".to_owned()),
            ("observability-connector", "send tier0.v1.result.end".to_owned()),
        ])
        .collect();
    let spans = eventually("the whole trace has come", || async {
        let spans = receiver.trace(&publishing.trace);
        let whole = expected.iter().all(|(service, name)| of(&spans, service, name).is_some());
        (whole && unresolved(&spans).is_empty()).then_some(spans)
    })
    .await;
    let roots: Vec<&Span> = spans.iter().filter(|span| span.parent.is_empty()).collect();
    assert_eq!(roots.len(), 1, "{roots:#?}");
    for (position, agent) in Agent::ALL.iter().enumerate() {
        let agent = agent.as_str();
        let working = of(&spans, agent, &format!("process tier0.v1.handoff.{agent}")).unwrap();
        assert_eq!((working.kind, working.failed), ("CONSUMER", false));
        let attribute = |name: &str| working.attributes.get(name).map_or("", String::as_str);
        assert_eq!(attribute("messaging.system"), "nats");
        assert_eq!(attribute("messaging.operation.type"), "process");
        let subject = format!("tier0.v1.handoff.{agent}.{run_id}.0");
        assert_eq!(attribute("messaging.destination.name"), subject);
        assert_eq!(attribute("messaging.consumer.group.name"), agent);
        assert_eq!(attribute("tier0.run_id"), run_id);
        assert_eq!(attribute("tier0.agent"), agent);
        assert_eq!(attribute("tier0.attempt"), "1");
        // It was caused by the agent before, which published its handoff.
        let sending = spans.iter().find(|span| span.id == working.parent).unwrap();
        let sender = position.checked_sub(1).map_or("scope-definer", |at| Agent::ALL[at].as_str());
        assert_eq!((sending.service.as_str(), sending.kind), (sender, "PRODUCER"));
        assert_eq!(sending.attributes["messaging.destination.name"], subject);
    }
    let loading = of(&spans, "model-server", "load model version").unwrap();
    assert_eq!(loading.attributes["tier0.endpoint"], "small");
    assert_eq!(loading.attributes["tier0.model_version"], "1");
    publishing.trace
}

/// The spans whose parents have not come.
fn unresolved(spans: &[Span]) -> Vec<&Span> {
    let known: BTreeSet<&str> = spans.iter().map(|span| span.id.as_str()).collect();
    spans
        .iter()
        .filter(|span| !span.parent.is_empty() && !known.contains(span.parent.as_str()))
        .collect()
}

fn every_line_within_the_run_says_so(fleet: &Fleet, run_id: &str, trace: &str) {
    let mut within = BTreeMap::new();
    for process in fleet.processes() {
        for line in fleet.log(process).lines() {
            let Ok(line) = serde_json::from_str::<Value>(line) else {
                panic!("a line of {process} is no JSON: {line}")
            };
            for member in ["timestamp", "level", "target", "message"] {
                assert!(line[member].is_string(), "{process}: {line} has no {member}");
            }
            // A span is around what is done for a run, and nothing else, but for those of the exporter's connection.
            let is_of_connection =
                line["target"].as_str().is_some_and(|target| target.starts_with("h2::"));
            if line.get("span").is_some() && !is_of_connection {
                assert_eq!(
                    (&line["run_id"], &line["trace_id"]),
                    (&json!(run_id), &json!(trace)),
                    "{line}"
                );
                assert_eq!(line["span_id"].as_str().unwrap().len(), 16);
                *within.entry(process.to_owned()).or_insert(0) += 1;
            }
        }
    }
    let of_agents = Agent::ALL.iter().filter(|agent| within.contains_key(agent.as_str()));
    assert_eq!(of_agents.count(), Agent::ALL.len(), "{within:?}");
}

/// Any client that gives a `traceparent` has the run in its own trace.
async fn a_publishers_trace_is_continued(fleet: &Fleet, receiver: &OtlpReceiver) {
    let (trace, parent) = ("4bf92f3577b34da6a3ce929d0e0e4736", "00f067aa0ba902b7");
    let mut headers = HeaderMap::new();
    headers.insert("traceparent", format!("00-{trace}-{parent}-01").as_str());
    let request = json!({
        "dataUri": fleet.path("small.csv"), "target": "left", "positiveClass": "yes",
        "name": "stranger", "until": "data-preparer",
    });
    let reply = fleet
        .nats()
        .await
        .request_with_headers(subjects::REQUEST, headers, request.to_string().into())
        .await
        .unwrap();
    let reply: Value = serde_json::from_slice(&reply.payload).unwrap();
    assert_eq!(reply["accepted"], json!(true), "{reply}");
    let spans = eventually("the stranger's trace has come", || async {
        let spans = receiver.trace(trace);
        of(&spans, "data-preparer", "send tier0.v1.result.end")?;
        unresolved(&spans).iter().all(|span| span.parent == parent).then_some(spans)
    })
    .await;
    assert_eq!(of(&spans, "scope-definer", "process tier0.v1.request").unwrap().parent, parent);
}

async fn a_prediction_is_traced_where_its_caller_is(fleet: &Fleet, receiver: &OtlpReceiver) {
    let body = json!({"inputs": [
        {"name": "age", "datatype": "INT64", "shape": [1], "data": [31]},
        {"name": "visits", "datatype": "INT64", "shape": [1], "data": [7]},
        {"name": "region", "datatype": "BYTES", "shape": [1], "data": ["north"]},
    ]});
    let url = format!("{}/v2/models/small/infer", fleet.file().serving_url);
    let client = reqwest::Client::new();
    let post = async |traceparent: Option<&str>| {
        let mut request = client.post(&url).json(&body);
        if let Some(traceparent) = traceparent {
            request = request.header("traceparent", traceparent);
        }
        assert!(request.send().await.unwrap().status().is_success());
    };
    let (unsampled, rest) = ("1".repeat(32), "2".repeat(32));
    post(None).await;
    post(Some(&format!("00-{unsampled}-00f067aa0ba902b7-00"))).await;
    post(Some(&format!("00-{rest}-00f067aa0ba902b7-01"))).await;
    let (http, counting) = request_and_counting(receiver, &rest).await;
    assert_eq!(http.name, "POST /v2/models/{model}/infer");
    assert_eq!(http.attributes["http.request.method"], "POST");
    assert_eq!(http.attributes["http.route"], "/v2/models/{model}/infer");
    assert_eq!(http.attributes["http.response.status_code"], "200");
    assert_eq!(
        counting.attributes["messaging.destination.template"],
        "tier0.v1.prediction.{endpoint}"
    );

    let grpc = "3".repeat(32);
    call(&fleet.file().grpc_url, &format!("00-{grpc}-00f067aa0ba902b7-01")).await;
    let (rpc, _) = request_and_counting(receiver, &grpc).await;
    assert_eq!(rpc.name, "inference.GRPCInferenceService/ModelInfer");
    assert_eq!(rpc.attributes["rpc.system"], "grpc");
    assert_eq!(rpc.attributes["rpc.grpc.status_code"], "0");

    // Whose callers record nothing, or who have no trace, left no span, though they were answered before.
    assert!(receiver.trace(&unsampled).is_empty());
    let requests = receiver.spans().into_iter().filter(|span| span.kind == "SERVER").count();
    assert_eq!(requests, 2, "the two that were asked for");
}

/// The model server's span of a request, and the monitor's of its event, in one trace with the caller's span as parent.
async fn request_and_counting(receiver: &OtlpReceiver, trace: &str) -> (Span, Span) {
    eventually("request and event have come", || async {
        let spans = receiver.trace(trace);
        let request = spans.iter().find(|span| span.kind == "SERVER")?;
        assert_eq!(
            (request.service.as_str(), request.parent.as_str()),
            ("model-server", "00f067aa0ba902b7")
        );
        let sending = of(&spans, "model-server", "send tier0.v1.prediction")?;
        let counting = of(&spans, "observability-connector", "process tier0.v1.prediction")?;
        assert_eq!((&sending.parent, &counting.parent), (&request.id, &sending.id));
        Some((request.clone(), counting.clone()))
    })
    .await
}

async fn call(address: &str, traceparent: &str) {
    use inference::InferTensorContents as Contents;
    use inference::model_infer_request::InferInputTensor;
    let tensor = |name: &str, datatype: &str, contents: Contents| InferInputTensor {
        name: name.to_owned(),
        datatype: datatype.to_owned(),
        shape: vec![1],
        contents: Some(contents),
        ..InferInputTensor::default()
    };
    let number = |value| Contents { int64_contents: vec![value], ..Contents::default() };
    let region = Contents { bytes_contents: vec![b"north".to_vec()], ..Contents::default() };
    let mut request = tonic::Request::new(inference::ModelInferRequest {
        model_name: "small".to_owned(),
        inputs: vec![
            tensor("age", "INT64", number(31)),
            tensor("visits", "INT64", number(7)),
            tensor("region", "BYTES", region),
        ],
        ..inference::ModelInferRequest::default()
    });
    request.metadata_mut().insert("traceparent", traceparent.parse().unwrap());
    let mut client = inference::grpc_inference_service_client::GrpcInferenceServiceClient::connect(
        format!("http://{address}"),
    )
    .await
    .unwrap();
    client.model_infer(request).await.unwrap();
}

/// Each attempt has a span of its own, and those that failed say why.
#[tokio::test(flavor = "multi_thread")]
async fn every_attempt_is_in_the_trace() {
    let receiver = OtlpReceiver::start().await;
    let Broker { nats, bus, .. } = Broker::start().await;
    let environment = [
        ("TIER0__OTLP__ENDPOINT", receiver.url()),
        ("TIER0__STAGE__RETRY_FIRST_SECONDS", "0.1"),
        ("TIER0__STAGE__RETRY_LONGEST_SECONDS", "0.1"),
        DELAY,
    ];
    let mut stages = Stages::on(nats.url(), &environment).await;
    stages.play("scope-definer", 1);
    stages.until_ready().await;
    let first = FirstHandoff {
        run_id: RunId::new("r1").unwrap(),
        epoch: 0,
        plan: vec![Agent::ScopeDefiner],
        deadline: None,
        request: v1::ScopeRequest {
            data_uri: "/data/test.csv".to_owned(),
            target: "y".to_owned(),
            labels: [("script".to_owned(), "retry:2".to_owned())].into(),
            ..v1::ScopeRequest::default()
        },
        outputs: Vec::new(),
        at: SystemTime::now(),
    };
    let handoff = first.build().unwrap();
    let (trace, parent) = ("4bf92f3577b34da6a3ce929d0e0e4736", "00f067aa0ba902b7");
    let mut headers = HeaderMap::new();
    headers.insert("traceparent", format!("00-{trace}-{parent}-01").as_str());
    let bytes = encoding::encode(handoff.as_message());
    bus.publish(&handoff.subject(), headers, bytes).await.unwrap();
    let spans = eventually("every attempt has come", || async {
        let spans = receiver.trace(trace);
        of(&spans, "scope-definer", "send tier0.v1.result.end")?;
        let attempts: Vec<Span> =
            spans.into_iter().filter(|span| span.kind == "CONSUMER").collect();
        (attempts.len() == 3).then_some(attempts)
    })
    .await;
    let mut attempts: Vec<(&str, &str, bool, &str)> = spans
        .iter()
        .map(|span| {
            let attribute = |name: &str| span.attributes.get(name).map_or("", String::as_str);
            (
                attribute("tier0.attempt"),
                attribute("tier0.outcome"),
                span.failed,
                span.parent.as_str(),
            )
        })
        .collect();
    attempts.sort_unstable();
    let expected = [
        ("1", "retried", true, parent),
        ("2", "retried", true, parent),
        ("3", "success", false, parent),
    ];
    assert_eq!(attempts, expected);
}
