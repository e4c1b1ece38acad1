//! Data that do not meet their suite, or the quality gate, raise an alert: it is listed, and posted to a webhook, signed.

use std::path::PathBuf;

use serde_json::{Value, json};
use tier0_tests::{
    Fleet, FleetOptions, HookReceiver, Python, ReceivedHook, eventually, write_secret, write_table,
};

use crate::replicas::small_table;

const SECRET: &str = "whsec_MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3";

/// Accepts deliveries as a receiver does that was written with the library of Standard Webhooks.
const RECEIVER: &str = r#"
import json, sys
from standardwebhooks import Webhook

for delivery in json.load(open(sys.argv[1])):
    Webhook(sys.argv[2]).verify(delivery["body"].encode(), delivery["headers"])
"#;

fn suite(fleet: &Fleet, name: &str, severity: &str) -> PathBuf {
    let path = fleet.path(&format!("{name}.json"));
    let suite = json!({
        "name": name,
        "expectations": [
            {"type": "expect_column_values_to_be_between", "severity": severity,
             "kwargs": {"column": "age", "min_value": 1000}},
            {"type": "expect_table_row_count_to_be_between", "severity": severity,
             "kwargs": {"min_value": 10}},
        ],
        "meta": {},
    });
    std::fs::write(&path, suite.to_string()).unwrap();
    path
}

async fn submitted(fleet: &Fleet, name: &str, more: &[&str]) -> tier0_tests::Submitted {
    let table = fleet.path("small.csv");
    let arguments =
        ["--data", table.to_str().unwrap(), "--target", "left", "--until", "data-preparer"];
    fleet.submit(arguments.iter().chain(&["--name", name]).chain(more)).await
}

#[tokio::test(flavor = "multi_thread")]
async fn data_that_fail_raise_an_alert_that_is_posted() {
    let receiver = HookReceiver::start().await;
    let directory = tempfile::Builder::new().prefix("tier0-test-").tempdir().unwrap();
    let secret = directory.path().join("hook.secret");
    write_secret(&secret, SECRET);
    let webhooks = json!([{"url": receiver.url(), "secret_file": secret}]).to_string();
    let fleet = Fleet::up_with(FleetOptions {
        environment: vec![(
            "TIER0_OBSERVABILITY_CONNECTOR__MONITORING__WEBHOOKS".to_owned(),
            webhooks,
        )],
        directory: Some(directory),
        ..FleetOptions::default()
    })
    .await;
    write_table(&fleet.path("small.csv"), small_table(600));

    // What passes raises none, so that the first delivery is that of the second run.
    submitted(&fleet, "passes", &[]).await.succeeded();
    let grown = suite(&fleet, "grown-ups", "critical");
    let failed = submitted(&fleet, "fails", &["--suite", grown.to_str().unwrap()]).await;
    failed.failed_at("data-preparer");
    let refused = receiver.take("503 Service Unavailable").await;
    let taken = receiver.take("204 No Content").await;
    assert_eq!(refused.headers["webhook-id"], taken.headers["webhook-id"]);
    let event = taken.json();
    let run = failed.text("run_id");
    assert_eq!(event["type"], "io.tier0.alert.data_validation", "{event:#}");
    assert_eq!(event["source"], format!("/tier0/runs/{run}"));
    let data = &event["data"];
    assert_eq!((&data["run_id"], &data["severity"]), (&json!(run), &json!("critical")), "{data:#}");
    assert_eq!((&data["subject"], &data["endpoint"]), (&json!("grown-ups"), &json!("fails")));
    let findings = data["findings"].as_array().unwrap();
    assert_eq!(findings.len(), 1, "{findings:#?}");
    assert_eq!((&findings[0]["column"], &findings[0]["rows"]), (&json!("age"), &json!(600)));
    assert!(data["reason"].as_str().unwrap().contains("1 of 2 expectations"), "{data:#}");

    // What only warns is an alert of a run that goes on; a score that is too low has no suite.
    let warned = suite(&fleet, "only-told", "warning");
    submitted(&fleet, "warns", &["--suite", warned.to_str().unwrap()]).await.succeeded();
    let warning = receiver.take("204 No Content").await;
    let told = warning.json();
    assert_eq!(
        (&told["data"]["severity"], &told["subject"]),
        (&json!("warning"), &json!("only-told"))
    );
    let low = submitted(&fleet, "low", &["--min-quality", "1.0", "--min-rows", "700"]).await;
    low.failed_at("data-preparer");
    let gate = receiver.take("204 No Content").await;
    assert_eq!(gate.json()["subject"], "quality_gate");

    let listed = eventually("the alerts are recorded", || async {
        let listed = fleet.tier0(["alerts", "list", "--json"]).await.success();
        let listed: Value = serde_json::from_str(&listed.stdout).unwrap();
        (listed["total"] == 3).then_some(listed)
    })
    .await;
    let alerts = listed["alerts"].as_array().unwrap();
    let first = alerts.iter().find(|of| of["endpoint"] == "fails").unwrap();
    assert_eq!((&first["run_id"], &first["occurrences"]), (&json!(run), &json!(1)), "{first:#}");
    let id = first["alert_id"].as_str().unwrap();
    let shown = fleet.tier0(["alerts", "show", id]).await.success();
    assert!(shown.stdout.contains("expect_column_values_to_be_between"), "{}", shown.stdout);
    fleet.tier0(["alerts", "resolve", id, "--note", "mended"]).await.success();

    let Some(python) = Python::with(&["standardwebhooks"]).await else { return };
    let as_json = |of: &ReceivedHook| json!({"headers": of.headers, "body": of.body});
    let path = fleet.path("deliveries.json");
    let deliveries: Value = [&refused, &taken, &warning, &gate].map(as_json).into_iter().collect();
    std::fs::write(&path, deliveries.to_string()).unwrap();
    python.run(RECEIVER, &[path.to_str().unwrap(), SECRET]).await.success();
}
