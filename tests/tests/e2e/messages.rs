//! Messages from strangers: requests without our command line, and messages that no agent can handle.

use async_nats::HeaderMap;
use bytes::Bytes;
use contracts::{Agent, RunId, subjects, v1};
use serde_json::{Value, json};
use tier0_tests::{Fleet, Python, eventually, write_table};

use crate::records::Records;
use crate::replicas::small_table;

#[tokio::test(flavor = "multi_thread")]
async fn strangers_requests_run_and_unreadable_messages_are_put_aside() {
    let fleet = Fleet::up().await;
    let records = Records::open(&fleet).await;
    let table = fleet.path("small.csv");
    write_table(&table, small_table(800));
    let request = json!({
        "dataUri": table, "target": "left", "positiveClass": "yes", "name": "stranger",
        "until": "data-preparer", "labels": { "asked_by": "a stranger" },
    });

    a_json_request_runs(&fleet, &request).await;
    nats_py_runs(&fleet, &request).await;
    requests_that_are_refused(&fleet, &request).await;
    an_undecodable_handoff_becomes_a_dead_letter(&records).await;
    another_major_version_becomes_a_dead_letter(&records).await;
    the_fleet_still_works(&fleet, &request).await;
}

/// Sends bytes as a request, and reads the reply.
async fn ask(fleet: &Fleet, headers: HeaderMap, payload: Bytes) -> Value {
    let shown = String::from_utf8_lossy(payload.get(..80).unwrap_or(&payload)).into_owned();
    let reply = fleet.nats().await.request_with_headers(subjects::REQUEST, headers, payload).await;
    let reply = reply.unwrap_or_else(|error| panic!("{error}: {shown}"));
    serde_json::from_slice(&reply.payload)
        .unwrap_or_else(|error| panic!("{error}: {}", String::from_utf8_lossy(&reply.payload)))
}

fn json_headers() -> HeaderMap {
    HeaderMap::from_iter([("Content-Type".parse().unwrap(), "application/json".parse().unwrap())])
}

/// Waits for a run's end, as the orchestrator tells it.
async fn ended(fleet: &Fleet, run_id: &str) -> Value {
    let url = format!("{}/api/v1/runs/{run_id}", fleet.file().api_url);
    eventually(&format!("run {run_id} ends"), || async {
        let run: Value =
            reqwest::get(&url).await.ok()?.error_for_status().ok()?.json().await.ok()?;
        matches!(run["status"].as_str(), Some("succeeded" | "failed" | "cancelled")).then_some(run)
    })
    .await
}

/// JSON with its content type, and JSON without one.
async fn a_json_request_runs(fleet: &Fleet, request: &Value) {
    for headers in [json_headers(), HeaderMap::new()] {
        let reply = ask(fleet, headers, request.to_string().into()).await;
        assert_eq!(reply["accepted"], json!(true), "{reply}");
        let run = ended(fleet, reply["run_id"].as_str().unwrap()).await;
        assert_eq!(run["status"], json!("succeeded"), "{run:#}");
    }
}

/// The Python client, as its documentation shows it, with an inbox in which it may be answered.
const NATS_PY: &str = r#"
import asyncio, sys
import nats

async def main(url, request):
    client = await nats.connect(url, inbox_prefix="_INBOX_operator")
    reply = await client.request("tier0.v1.request", request.encode(), timeout=20)
    print(reply.data.decode())
    await client.close()

asyncio.run(main(*sys.argv[1:]))
"#;

async fn nats_py_runs(fleet: &Fleet, request: &Value) {
    let Some(python) = Python::with(&["nats"]).await else { return };
    let finished =
        python.run(NATS_PY, &[&fleet.tester_url(), &request.to_string()]).await.success();
    let reply = finished.json();
    assert_eq!(reply["accepted"], json!(true), "{reply}");
    let run = ended(fleet, reply["run_id"].as_str().unwrap()).await;
    assert_eq!(run["status"], json!("succeeded"), "{run:#}");
}

async fn requests_that_are_refused(fleet: &Fleet, request: &Value) {
    let refused = |reply: &Value, words: &[&str]| {
        assert_eq!(reply["accepted"], json!(false), "{reply}");
        let error = &reply["error"];
        assert!(!error["code"].as_str().unwrap().is_empty());
        let message = error["message"].as_str().unwrap();
        assert!(words.iter().all(|word| message.contains(word)), "{message} should name {words:?}");
    };

    let mut unknown = request.clone();
    unknown["colour"] = json!("blue");
    refused(&ask(fleet, json_headers(), unknown.to_string().into()).await, &["colour"]);

    let cut = r#"{"dataUri": "x.csv", "target""#;
    refused(&ask(fleet, json_headers(), cut.into()).await, &["ScopeRequest"]);

    let mut large = request.clone();
    large["text"] = json!("x".repeat(2 << 20));
    refused(&ask(fleet, json_headers(), large.to_string().into()).await, &["1048576"]);

    refused(&ask(fleet, json_headers(), "{}".into()).await, &["text"]);
}

async fn an_undecodable_handoff_becomes_a_dead_letter(records: &Records) {
    let garbage = Bytes::from_static(b"\xff\xfe not a handoff");
    let letter = put_aside(records, Agent::FeatureAnalyzer, "garbage-1", garbage.clone()).await;
    assert_eq!(letter.payload, garbage);
}

async fn another_major_version_becomes_a_dead_letter(records: &Records) {
    let handoff = v1::Handoff {
        schema_version: "2.0".to_owned(),
        run_id: "newer-1".to_owned(),
        ..v1::Handoff::default()
    };
    let bytes = contracts::encoding::encode(&handoff);
    let letter = put_aside(records, Agent::ModelSelector, "newer-1", bytes).await;
    let reason = letter.reason.unwrap();
    assert!(reason.message.contains("2.0"), "{}", reason.message);
}

/// Hands bytes to an agent; they come back as a dead letter with a reason, and the run that the subject names has failed.
async fn put_aside(records: &Records, agent: Agent, run: &str, payload: Bytes) -> v1::DeadLetter {
    let run = RunId::new(run).unwrap();
    let subject = subjects::handoff(agent, &run, 0);
    records.bus.publish(&subject, HeaderMap::new(), payload).await.unwrap();
    let letter = eventually("the dead letter is there", || async {
        records.dead_letters().await.into_iter().find(|letter| letter.subject == subject)
    })
    .await;
    assert_eq!(letter.agent, agent.as_str());
    assert!(
        letter
            .reason
            .as_ref()
            .is_some_and(|reason| !reason.code.is_empty() && !reason.message.is_empty())
    );
    let result = eventually("the run has failed", || records.result(&run)).await;
    assert_eq!(result.status(), v1::HandoffStatus::Failed);
    letter
}

async fn the_fleet_still_works(fleet: &Fleet, request: &Value) {
    let reply = ask(fleet, HeaderMap::new(), request.to_string().into()).await;
    let run = ended(fleet, reply["run_id"].as_str().unwrap()).await;
    assert_eq!(run["status"], json!("succeeded"), "{run:#}");
}
