//! Lineage: OpenLineage events from the stream, over crashes of the orchestrator, and runs that do not need it.

use std::collections::BTreeSet;
use std::path::Path;

use async_nats::jetstream::consumer::PullConsumer;
use contracts::names;
use futures::StreamExt;
use rustix::process::{Pid, Signal, kill_process};
use serde_json::{Value, json};
use tier0_tests::{Broker, Fleet, FleetOptions, Python, eventually, shared, write_table};

use crate::orchestrator::{Orchestrator, failed, first, publish};
use crate::replicas::small_table;

/// Events of a whole run: two for each stage, and two for the run.
const WHOLE: usize = 16;

#[tokio::test(flavor = "multi_thread")]
async fn runs_complete_without_the_orchestrator_and_their_lineage_is_told_later() {
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("lineage.jsonl");
    let settings = [
        ("TIER0_ORCHESTRATOR__LINEAGE__SINK", "file".to_owned()),
        ("TIER0_ORCHESTRATOR__LINEAGE__FILE", file.display().to_string()),
    ];
    let environment = settings.into_iter().map(|(name, value)| (name.to_owned(), value)).collect();
    let fleet = Fleet::up_with(FleetOptions { environment, ..FleetOptions::default() }).await;
    let table = fleet.path("small.csv");
    write_table(&table, small_table(600));
    let submit = async |name: &str| {
        let arguments = ["submit", "--data", table.to_str().unwrap(), "--target", "left"];
        let more = ["--positive", "yes", "--name", name, "--time-budget", "5s", "--wait", "--json"];
        let key = fleet.path("security/keys/operator.nk");
        let broker = ["--nats-url", &fleet.file().nats_url, "--nkey-file", key.to_str().unwrap()];
        let run = tier0_tests::tier0(arguments.into_iter().chain(more).chain(broker)).await;
        run.success().json()
    };

    let before = submit("before").await;
    eventually("the first run's lineage", || async { has(&file, WHOLE) }).await;

    // Stopped, and not killed, so that the supervisor does not start it again before the run has ended.
    let orchestrator = Pid::from_raw(fleet.file().pids["orchestrator"]).unwrap();
    kill_process(orchestrator, Signal::STOP).unwrap();
    let during = submit("during").await;
    assert_eq!(during["status"], json!("succeeded"), "{during:#}");
    assert_eq!(events(&file).len(), WHOLE, "nobody tells of it yet");
    kill_process(orchestrator, Signal::KILL).unwrap();

    eventually("the second run's lineage", || async { has(&file, 2 * WHOLE) }).await;
    let id = during["run_id"].as_str().unwrap();
    let shown = eventually("the orchestrator knows the run again", || async {
        let url = format!("{}/api/v1/runs/{id}", fleet.file().api_url);
        reqwest::get(&url).await.ok()?.error_for_status().ok()?.json::<Value>().await.ok()
    });
    assert_eq!(shown.await["status"], json!("succeeded"));

    let events = events(&file);
    for run in [&before, &during] {
        is_whole(&events, run["run_id"].as_str().unwrap());
    }
    timeline_is_shown(&fleet, id).await;
    let kinds = others_accept(&file, 2 * WHOLE).await;
    if let Some(kinds) = kinds {
        assert_eq!(kinds.len(), 8, "{kinds:?}");
    }
}

/// OpenLineage's own classes and its JSON schemas accept the events of a file. Gives the facets that were looked at, where both are there.
async fn others_accept(events: &Path, count: usize) -> Option<Vec<String>> {
    let python = Python::with(&["openlineage.client", "jsonschema"]).await?;
    let events = events.to_str().unwrap();
    let read = python.run(include_str!("read_events.py"), &[events]).await.success();
    assert_eq!(read.json(), json!({ "events": count }));
    let schemas = shared("schemas/openlineage")?;
    let arguments = [events, schemas.to_str().unwrap()];
    let told = python.run(include_str!("check_events.py"), &arguments).await.success().json();
    assert_eq!(told["events"], json!(count));
    assert_eq!(told["without_schema"], json!(["tier0"]), "{told}");
    Some(serde_json::from_value(told["kinds"].clone()).unwrap())
}

/// The events of a file.
fn events(file: &Path) -> Vec<Value> {
    let text = std::fs::read_to_string(file).unwrap_or_default();
    text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

fn has(file: &Path, count: usize) -> Option<()> {
    let lines = std::fs::read_to_string(file).ok()?.matches('\n').count();
    (lines >= count).then_some(())
}

/// Every stage of a run, and the run, began once and is complete once, and data went from the source to the endpoint.
fn is_whole(events: &[Value], run: &str) {
    let of_run: Vec<&Value> =
        events.iter().filter(|event| event["run"]["facets"]["tier0"]["run_id"] == run).collect();
    assert_eq!(of_run.len(), WHOLE, "{run}");
    let told: BTreeSet<(&str, &str)> = of_run
        .iter()
        .map(|event| {
            (event["run"]["runId"].as_str().unwrap(), event["eventType"].as_str().unwrap())
        })
        .collect();
    assert_eq!(told.len(), WHOLE, "none is told twice");
    assert!(told.iter().all(|(_, kind)| ["START", "COMPLETE"].contains(kind)));
    // A message that was in the killed process's hands is told later than those after it: the run's own event is looked for.
    let of_the_run = |event: &&&Value| {
        event["eventType"] == "COMPLETE" && event["run"]["facets"]["parent"].is_null()
    };
    let whole = of_run.iter().find(of_the_run).expect("the run is complete");
    let names: Vec<&str> = whole["outputs"]
        .as_array()
        .unwrap()
        .iter()
        .map(|dataset| dataset["name"].as_str().unwrap().split_once('/').unwrap().1)
        .collect();
    assert_eq!(
        names,
        [
            "prepared/train",
            "prepared/validation",
            "prepared/test",
            "prepared/hold_out",
            "feature_plan",
            "model",
            "endpoint",
        ]
    );
    assert_eq!(whole["inputs"][0]["namespace"], json!("file"));
    for dataset in whole["outputs"].as_array().unwrap() {
        let version = dataset["facets"]["version"]["datasetVersion"].as_str().unwrap();
        assert_eq!(version.len(), 64, "{dataset:#}");
    }
}

/// What happened to a run, to people and to programs.
async fn timeline_is_shown(fleet: &Fleet, run: &str) {
    let shown = fleet.tier0(["runs", "show", run]).await.success().stdout;
    for words in ["accepted", "handed to scope-definer", "settled", "ended success"] {
        assert!(shown.contains(words), "{words}:\n{shown}");
    }
    let shown = fleet.tier0(["runs", "show", run, "--json"]).await.success().json();
    let timeline = shown["timeline"].as_array().unwrap();
    let of_kind = |kind: &str| timeline.iter().filter(|step| step["kind"] == kind).count();
    // The second run of a table takes what the first one did.
    let settled = of_kind("settled") + of_kind("reused");
    assert_eq!((of_kind("accepted"), settled, of_kind("handed_off")), (1, 7, 7));
    let sequences: Vec<u64> =
        timeline.iter().map(|step| step["sequence"].as_u64().unwrap()).collect();
    assert!(sequences.is_sorted(), "{sequences:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn lineage_goes_to_a_stream_and_is_not_told_again_after_a_crash() {
    let Broker { nats, bus, .. } = Broker::start().await;
    let to_nats = [("TIER0_ORCHESTRATOR__LINEAGE__SINK", "nats")];
    let orchestrator = Orchestrator::start(nats.url(), &to_nats).await;
    let run = first("r1");
    publish(&bus, &run).await;
    told(&bus, 2).await;
    settled(&bus).await;

    drop(orchestrator);
    publish(&bus, &failed(&run, "empty_file")).await;
    let _orchestrator = Orchestrator::start(nats.url(), &to_nats).await;
    let events = told(&bus, 4).await;
    settled(&bus).await;
    let kinds: Vec<&str> =
        events.iter().map(|event| event["eventType"].as_str().unwrap()).collect();
    assert_eq!(kinds, ["START", "START", "FAIL", "FAIL"]);
    assert_eq!(told(&bus, 4).await.len(), 4, "nothing is told twice");

    let file = tempfile::NamedTempFile::new().unwrap();
    let lines: Vec<String> = events.iter().map(Value::to_string).collect();
    std::fs::write(file.path(), lines.join("\n")).unwrap();
    if let Some(kinds) = others_accept(file.path(), 4).await {
        assert!(kinds.contains(&"errorMessage".to_owned()), "{kinds:?}");
    }
}

/// The lineage events that the stream keeps, once there are so many.
async fn told(bus: &bus::Bus, count: u64) -> Vec<Value> {
    let stream = eventually("lineage is in its stream", || async {
        let stream = bus.jetstream().get_stream(names::LINEAGE_STREAM).await.unwrap();
        (stream.cached_info().state.messages >= count).then_some(stream)
    })
    .await;
    let messages = stream.cached_info().state.messages;
    let consumer = stream
        .create_consumer(async_nats::jetstream::consumer::pull::OrderedConfig::default())
        .await
        .unwrap();
    let all = consumer.messages().await.unwrap().take(usize::try_from(messages).unwrap());
    all.map(|message| serde_json::from_slice(&message.unwrap().payload).unwrap()).collect().await
}

/// Waits until all that is there was told and acknowledged.
async fn settled(bus: &bus::Bus) {
    eventually("lineage is acknowledged", || async {
        let consumer: PullConsumer = bus
            .jetstream()
            .get_consumer_from_stream(names::LINEAGE_CONSUMER, names::STREAM)
            .await
            .unwrap();
        let info = consumer.cached_info();
        (info.num_pending == 0 && info.num_ack_pending == 0).then_some(())
    })
    .await;
}
