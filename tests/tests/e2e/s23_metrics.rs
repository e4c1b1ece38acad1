//! Scenario 23: after known traffic the counters are exact; and the table in docs/metrics.md names what there is.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use async_nats::HeaderMap;
use bytes::Bytes;
use contracts::{Agent, RunId, subjects};
use serde_json::{Value, json};
use tier0_tests::pipeline::{FAST, small_table};
use tier0_tests::{Exposition, Fleet, FleetOptions, eventually, write_table};

use crate::records::Records;

/// Good requests, and the rows of each.
const GOOD: (usize, usize) = (20, 3);
/// Requests that lack a column.
const BAD: usize = 5;
/// Requests for an endpoint that does not exist.
const UNKNOWN: usize = 2;

#[tokio::test(flavor = "multi_thread")]
async fn s23_metrics() {
    let environment = FAST.map(|(name, value)| (name.to_owned(), value.to_owned()));
    let mut environment = environment.to_vec();
    environment.push(("TIER0_ORCHESTRATOR__WATCH__EVERY_SECONDS".to_owned(), "0.2".to_owned()));
    let fleet = Fleet::up_with(FleetOptions { environment, ..FleetOptions::default() }).await;
    let records = Records::open(&fleet).await;

    one_run_succeeds_and_one_fails(&fleet).await;
    one_request_is_refused(&fleet).await;
    one_handoff_is_put_aside(&fleet, &records).await;
    agents_have_counted(&fleet).await;
    the_orchestrator_has_counted(&fleet).await;
    predictions_are_counted(&fleet).await;
    the_table_names_what_there_is(&fleet).await;
}

async fn one_run_succeeds_and_one_fails(fleet: &Fleet) {
    let good = fleet.path("small.csv");
    write_table(&good, small_table(800));
    let arguments = |table: &Path, name: &str| {
        let table = table.display().to_string();
        ["--data", &table, "--target", "left", "--positive", "yes", "--name", name, "--seed", "7"]
            .map(str::to_owned)
    };
    fleet.submit(arguments(&good, "small")).await.succeeded();
    let ragged = fleet.path("ragged.csv");
    let mut lines = small_table(800);
    lines[600].push_str(",1");
    write_table(&ragged, lines);
    let failed = fleet.submit(arguments(&ragged, "ragged")).await;
    failed.failed_at("data-preparer");
}

async fn one_request_is_refused(fleet: &Fleet) {
    let reply = fleet.nats().await.request(subjects::REQUEST, "{}".into()).await.unwrap();
    let reply: Value = serde_json::from_slice(&reply.payload).unwrap();
    assert_eq!(reply["accepted"], json!(false), "{reply}");
}

async fn one_handoff_is_put_aside(fleet: &Fleet, records: &Records) {
    let run = RunId::new("garbage-1").unwrap();
    let subject = subjects::handoff(Agent::FeatureAnalyzer, &run, 0);
    let garbage = Bytes::from_static(b"\xff\xfe not a handoff");
    records.bus.publish(&subject, HeaderMap::new(), garbage).await.unwrap();
    eventually("the run has failed", || records.result(&run)).await;
    let url = format!("{}/api/v1/runs/garbage-1", fleet.file().api_url);
    eventually("the ledger has it", || async {
        let run: Value = reqwest::get(&url).await.ok()?.json().await.ok()?;
        (run["status"] == json!("failed")).then_some(())
    })
    .await;
}

/// What each agent's handoffs came to; the settlement is counted just before the message is acknowledged.
async fn agents_have_counted(fleet: &Fleet) {
    let expected = |agent: Agent| match agent {
        Agent::ScopeDefiner => [2.0, 0.0, 0.0],
        Agent::DataPreparer => [1.0, 1.0, 0.0],
        Agent::FeatureAnalyzer => [1.0, 0.0, 1.0],
        _ => [1.0, 0.0, 0.0],
    };
    for agent in Agent::ALL {
        let stage = agent.as_str();
        let counted = eventually(&format!("{stage} has counted"), || async {
            let metrics = fleet.metrics(stage).await;
            let outcomes = ["success", "partial", "failed", "rejected"].map(|outcome| {
                metrics.sum("tier0_handoffs_total", &[("stage", stage), ("outcome", outcome)])
            });
            let [success, partial, failed, rejected] = outcomes;
            ([success + partial, failed, rejected] == expected(agent)).then_some(metrics)
        })
        .await;
        let of_stage = |name| counted.sum(name, &[("stage", stage)]);
        let [done, failed, rejected] = expected(agent);
        // What cannot be read is no attempt at the stage's work.
        assert_eq!(of_stage("tier0_stage_attempts_total"), done + failed, "{stage}");
        assert_eq!(of_stage("tier0_stage_duration_seconds_count"), done + failed, "{stage}");
        assert_eq!(of_stage("tier0_stage_retries_total"), 0.0, "{stage}");
        let refused = if agent == Agent::ScopeDefiner { 1.0 } else { 0.0 };
        assert_eq!(of_stage("tier0_dead_letters_total"), rejected + refused, "{stage}");
        assert_eq!(of_stage("tier0_stage_in_flight"), 0.0, "{stage}");
    }
    let intake = fleet.metrics("scope-definer").await;
    for (outcome, count) in [("accepted", 2.0), ("refused", 1.0)] {
        assert_eq!(intake.sum("tier0_requests_total", &[("outcome", outcome)]), count, "{outcome}");
    }
}

async fn the_orchestrator_has_counted(fleet: &Fleet) {
    let metrics = fleet.metrics("orchestrator").await;
    for (status, count) in [("succeeded", 1.0), ("failed", 2.0), ("cancelled", 0.0)] {
        let labels = [("status", status)];
        assert_eq!(metrics.sum("tier0_ledger_runs", &labels), count, "{status}");
        assert_eq!(metrics.sum("tier0_runs_ended_total", &labels), count, "{status}");
        let timed = metrics.sum("tier0_run_duration_seconds_count", &labels);
        assert!(timed <= count && (status != "succeeded" || timed == count), "{status}: {timed}");
    }
    assert_eq!(metrics.sum("tier0_ledger_runs", &[("status", "running")]), 0.0);
    // The orchestrator looks at the queues now and then.
    eventually("the queues are measured", || async {
        let metrics = fleet.metrics("orchestrator").await;
        let letters = ("stream", "TIER0_DEAD_LETTERS");
        let measured = metrics.sum("tier0_stream_messages", &[letters]) == 2.0
            && metrics.sum("tier0_consumer_pending_messages", &[]) == 0.0
            && metrics.sum("tier0_consumer_unacknowledged_messages", &[]) == 0.0
            && metrics.sum("tier0_stage_replicas", &[]) == 7.0;
        measured.then_some(())
    })
    .await;
    let consumers =
        metrics.samples.iter().filter(|it| it.name == "tier0_consumer_pending_messages");
    assert!(
        consumers.count() >= 3 * Agent::ALL.len() + 3,
        "each lane of each agent, and three more"
    );
}

async fn predictions_are_counted(fleet: &Fleet) {
    // What the deployer checked the version with is counted as well.
    let before = fleet.metrics("model-server").await;
    let client = reqwest::Client::new();
    let post = async |endpoint: &str, body: &Value| {
        let url = format!("{}/v2/models/{endpoint}/infer", fleet.file().serving_url);
        client.post(url).json(body).send().await.unwrap().status().as_u16()
    };
    let column = |name: &str, datatype: &str, values: Vec<Value>| json!({"name": name, "datatype": datatype, "shape": [values.len()], "data": values});
    let (requests, rows) = GOOD;
    let age = column("age", "INT64", vec![json!(31); rows]);
    let visits = column("visits", "INT64", vec![json!(7); rows]);
    let region = column("region", "BYTES", vec![json!("north"); rows]);
    let good = json!({"inputs": [age.clone(), visits.clone(), region]});
    let bad = json!({"inputs": [age, visits]});
    for _ in 0..requests {
        assert_eq!(post("small", &good).await, 200);
    }
    for _ in 0..BAD {
        assert_eq!(post("small", &bad).await, 400);
    }
    for _ in 0..UNKNOWN {
        assert_eq!(post("nobody-knows", &good).await, 404);
    }
    let after = fleet.metrics("model-server").await;
    let grown =
        |name: &str, labels: &[(&str, &str)]| after.sum(name, labels) - before.sum(name, labels);
    let of_version = [("endpoint", "small"), ("version", "1")];
    let number = |count: usize| count as f64;
    assert_eq!(grown("tier0_inference_requests_total", &[]), number(requests));
    assert_eq!(grown("tier0_inference_requests_total", &of_version), number(requests));
    assert_eq!(grown("tier0_inference_rows_total", &of_version), number(requests * rows));
    let seconds = "tier0_inference_request_duration_seconds";
    assert_eq!(grown(&format!("{seconds}_count"), &of_version), number(requests));
    let all = [of_version[0], of_version[1], ("le", "+Inf")];
    assert_eq!(grown(&format!("{seconds}_bucket"), &all), number(requests));
    assert!(grown(&format!("{seconds}_sum"), &of_version) > 0.0);
    let errors = "tier0_inference_errors_total";
    assert_eq!(grown(errors, &[("endpoint", "small"), ("kind", "invalid")]), number(BAD));
    assert_eq!(grown(errors, &[("endpoint", "unknown"), ("kind", "not_found")]), number(UNKNOWN));
    assert_eq!(grown(errors, &[]), number(BAD + UNKNOWN));
    assert_eq!(grown("tier0_prediction_events_dropped_total", &[]), 0.0);
    eventually("every row that was answered is counted by the monitor", || async {
        let monitor = fleet.metrics("observability-connector").await;
        let counted = monitor.sum("tier0_predictions_rows_total", &of_version);
        assert!(counted <= number(requests * rows), "none is counted twice: {counted}");
        (counted == number(requests * rows)).then_some(())
    })
    .await;
}

/// A row of the table.
pub(crate) struct Documented {
    pub(crate) kind: String,
    labels: BTreeSet<String>,
}

/// Every process shows what the table has for it, with the type and the labels that it has there; and the table has nothing that
/// no source names.
async fn the_table_names_what_there_is(fleet: &Fleet) {
    let table = documented();
    let mut seen = BTreeSet::new();
    for process in fleet.processes() {
        let shown = fleet.metrics(process).await;
        check_conventions(&shown);
        for (name, kind) in &shown.types {
            let Some(row) = table.get(name) else {
                panic!("{process} shows {name}, which docs/metrics.md does not have")
            };
            assert_eq!(&row.kind, kind, "{name} of {process}");
            seen.insert(name.clone());
        }
        for sample in &shown.samples {
            let row = &table[shown.metric(&sample.name)];
            let labels = sample.labels.keys().filter(|label| *label != "le");
            let unknown: Vec<_> = labels.filter(|label| !row.labels.contains(*label)).collect();
            assert!(unknown.is_empty(), "{} of {process} has {unknown:?}", sample.name);
        }
        for name in
            ["tier0_build_info", "process_resident_memory_bytes", "process_cpu_seconds_total"]
        {
            assert!(shown.types.contains_key(name), "{process} shows no {name}");
        }
    }
    let in_sources = named_in_sources();
    for name in table.keys().filter(|name| name.starts_with("tier0_")) {
        assert!(in_sources.contains(name), "docs/metrics.md has {name}, which no source names");
    }
    let missing: Vec<_> = in_sources.iter().filter(|name| !table.contains_key(*name)).collect();
    assert!(missing.is_empty(), "docs/metrics.md lacks {missing:?}");
    assert!(seen.len() > 30, "{seen:?}");
}

/// Prometheus' conventions, as far as names tell.
fn check_conventions(shown: &Exposition) {
    for (name, kind) in &shown.types {
        assert_eq!(kind == "counter", name.ends_with("_total"), "{name} is a {kind}");
        if kind == "histogram" {
            assert!(
                name.ends_with("_seconds") || name.ends_with("_bytes"),
                "{name} has no base unit"
            );
        }
        for wrong in ["_ms", "_milliseconds", "_count", "_sum", "_bucket", "_kb", "_mb"] {
            assert!(!name.ends_with(wrong), "{name}");
        }
    }
}

pub(crate) fn repository() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap().to_owned()
}

/// The rows of docs/metrics.md: `| `name` | type | `label`, … | unit | … |`.
pub(crate) fn documented() -> BTreeMap<String, Documented> {
    let text = std::fs::read_to_string(repository().join("docs/metrics.md")).unwrap();
    let mut table = BTreeMap::new();
    for line in text.lines().filter(|line| line.starts_with("| `")) {
        let cells: Vec<&str> = line.trim_matches('|').split('|').map(str::trim).collect();
        let name = cells[0].trim_matches('`');
        let is_metric = ["tier0_", "process_"].iter().any(|prefix| name.starts_with(prefix));
        if !is_metric {
            continue;
        }
        let labels = cells[2].split(',').map(|label| label.trim().trim_matches('`').to_owned());
        let labels = labels.filter(|label| !label.is_empty()).collect();
        assert_eq!(cells.len(), 5, "{name} has no unit or no meaning");
        assert_eq!(cells[3], unit(name), "the unit of {name}");
        assert!(!cells[4].is_empty(), "what {name} tells");
        let row = Documented { kind: cells[1].to_owned(), labels };
        assert!(table.insert(name.to_owned(), row).is_none(), "{name} stands there twice");
    }
    assert!(!table.is_empty());
    table
}

/// The unit that a name says, as Prometheus' conventions have it.
fn unit(name: &str) -> &'static str {
    let is_of_the_clock =
        name.ends_with("_timestamp_seconds") || name == "process_start_time_seconds";
    match name {
        _ if is_of_the_clock => "seconds since 1970",
        _ if name.contains("_seconds") => "seconds",
        _ if name.contains("_bytes") => "bytes",
        _ => "",
    }
}

/// Every metric's name that stands in the sources of the programs.
fn named_in_sources() -> BTreeSet<String> {
    let mut names = BTreeSet::new();
    let mut directories = vec![repository().join("crates")];
    while let Some(directory) = directories.pop() {
        for entry in std::fs::read_dir(directory).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                let name = path.file_name().unwrap().to_string_lossy().into_owned();
                // Tests, and the command line, which no Prometheus scrapes.
                if !["tests", "benches", "examples", "generated", "tier0"].contains(&name.as_str())
                {
                    directories.push(path);
                }
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                names.extend(metrics_in(&std::fs::read_to_string(&path).unwrap()));
            }
        }
    }
    names
}

/// Names in quotes that a declaration or a macro gives to a metric.
fn metrics_in(source: &str) -> BTreeSet<String> {
    let constants = source.lines().filter(|line| {
        line.contains(": &str = \"tier0_")
            || line.contains("counter!(\"tier0_")
            || line.contains("gauge!(\"tier0_")
    });
    let name = |line: &str| {
        let (_, rest) = line.split_once("\"tier0_")?;
        rest.split('"').next().map(|rest| format!("tier0_{rest}"))
    };
    // A form, the beginning of a token, and a cookie.
    let others = ["tier0_bundle", "tier0_", "tier0_session"];
    constants.filter_map(name).filter(|name| !others.contains(&name.as_str())).collect()
}
