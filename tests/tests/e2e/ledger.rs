//! The ledger: a long queue, a crash of the orchestrator, and what happened to a run.

use contracts::{Agent, RunId, encoding, names, subjects, v1};
use serde_json::{Value, json};
use tier0_tests::{Broker, tier0, tier0_bench};

use crate::orchestrator::{Orchestrator, failed, first, publish};

/// Runs of the measurement: enough for its form, which is what is tested here.
const RUNS: u32 = 300;

/// The stages have no agents here, and the test wants no warning of that.
const QUIET: [(&str, &str); 1] = [("TIER0_ORCHESTRATOR__WATCH__UNATTENDED_SECONDS", "3600")];

#[tokio::test(flavor = "multi_thread")]
async fn the_measurement_of_the_ledger_tells_one_document() {
    let runs = RUNS.to_string();
    let finished = tier0_bench(["ledger", "--runs", &runs, "--json"]).await.success();
    let report = finished.json();
    assert_eq!(report["runs"], json!(RUNS));
    for member in [
        "fill_seconds",
        "orchestrator_rss_mib",
        "list_p50_ms",
        "list_p99_ms",
        "show_p50_ms",
        "rebuild_seconds",
    ] {
        assert!(report[member].as_f64().is_some_and(|value| value > 0.0), "{member}: {report:#}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_killed_orchestrator_has_the_same_ledger_again_from_the_stream_alone() {
    let Broker { nats, bus, .. } = Broker::start().await;
    let orchestrator = Orchestrator::start(nats.url(), &QUIET).await;
    let mut last = 0;
    for number in 0..30 {
        let first = first(&format!("r{number}"));
        last = publish(&bus, &first).await;
        if number % 3 == 0 {
            last = publish(&bus, &failed(&first, "empty_file")).await;
        }
        if number % 3 == 1 {
            last = started(&bus, first.run_id()).await;
        }
    }
    orchestrator.has_read(last).await;
    let before = orchestrator.get("runs?limit=1000").await;
    let timeline = orchestrator.get("runs/r0/timeline").await;
    let statuses = |status: &str| {
        let runs = before["runs"].as_array().unwrap();
        runs.iter().filter(|run| run["status"] == json!(status)).count()
    };
    assert_eq!((statuses("failed"), statuses("running"), statuses("queued")), (10, 10, 10));
    pages_have_every_run_once(&orchestrator, &before).await;

    // SIGKILL, by the drop.
    drop(orchestrator);
    let listed = tier0(["runs", "list", "--limit", "1000", "--json", "--nats-url", nats.url()]);
    assert_eq!(listed.await.success().json(), before, "the command line folds the stream itself");
    let shown = tier0(["runs", "show", "r0", "--json", "--nats-url", nats.url()]);
    assert_eq!(shown.await.success().json()["timeline"], timeline["timeline"]);

    let orchestrator = Orchestrator::start(nats.url(), &QUIET).await;
    orchestrator.has_read(last).await;
    assert_eq!(orchestrator.get("runs?limit=1000").await, before);
    assert_eq!(orchestrator.get("runs/r0/timeline").await, timeline);
    let kinds: Vec<&str> = timeline["timeline"]
        .as_array()
        .unwrap()
        .iter()
        .map(|transition| transition["kind"].as_str().unwrap())
        .collect();
    assert_eq!(kinds, ["accepted", "handed_off", "ended"]);
    let unknown = orchestrator.get("runs/unknown/timeline").await;
    assert_eq!(unknown["error"]["code"], json!("run_not_found"));
}

/// Tells that a replica began; gives the sequence.
async fn started(bus: &bus::Bus, run: &RunId) -> u64 {
    let event = v1::StageEvent {
        run_id: run.to_string(),
        agent: Agent::ScopeDefiner.to_string(),
        kind: v1::StageEventKind::Started.into(),
        attempt: 1,
        at: Some(contracts::time::timestamp(std::time::SystemTime::now())),
        replica: "a".to_owned(),
        ..v1::StageEvent::default()
    };
    let subject = subjects::event(run, Agent::ScopeDefiner);
    let mut headers = bus::Headers::new();
    headers.insert(names::CONTENT_TYPE, names::PROTOBUF);
    bus.publish(&subject, headers, encoding::encode(&event)).await.unwrap()
}

/// Reads the list page by page, by the API and by the command line.
async fn pages_have_every_run_once(orchestrator: &Orchestrator, all: &Value) {
    let mut found = Vec::new();
    let mut next = String::new();
    loop {
        let page = orchestrator.get(&format!("runs?limit=7{next}")).await;
        found.extend(page["runs"].as_array().unwrap().clone());
        match page["next"].as_str() {
            Some(before) => next = format!("&before={before}"),
            None => break,
        }
    }
    assert_eq!(json!(found), all["runs"]);
    let eighth = all["runs"][7]["run_id"].as_str().unwrap();
    let arguments = ["runs", "list", "--limit", "2", "--status", "failed", "--before", eighth];
    let broker = ["--json", "--nats-url", "nats://127.0.0.1:1", "--api-url", orchestrator.url()];
    let page = tier0(arguments.into_iter().chain(broker)).await.success().json();
    let failed = all["runs"].as_array().unwrap().iter().skip(8);
    let failed = failed.filter(|run| run["status"] == json!("failed")).take(2);
    assert_eq!(page["runs"], json!(failed.collect::<Vec<_>>()));
}
