//! Alerts: listed, answered and watched.

use std::process::Stdio;
use std::time::SystemTime;

use bus::Headers;
use contracts::{encoding, subjects, v1};
use serde_json::{Value, json};
use tier0_tests::program;
use tokio::io::{AsyncBufReadExt as _, BufReader};
use tokio::process::Command;

use super::{NAME, Watched, code, now};

fn alert(id: &str, kind: v1::AlertKind, severity: v1::AlertSeverity, subject: &str) -> v1::Alert {
    v1::Alert {
        alert_id: id.to_owned(),
        endpoint: NAME.to_owned(),
        version: 3,
        kind: kind.into(),
        severity: severity.into(),
        reason: format!("{subject} is not what it was"),
        at: now(),
        raised_by: "observability-connector".to_owned(),
        subject: subject.to_owned(),
        value: 0.31,
        threshold: 0.1,
        ..v1::Alert::default()
    }
}

/// Notes an alert as the monitor does.
async fn note(watched: &Watched, alert: v1::Alert, state: v1::AlertState) {
    let (endpoint, kind, subject) = (alert.endpoint.clone(), alert.kind(), alert.subject.clone());
    let mut record = v1::AlertRecord {
        alert: Some(alert),
        opened_at: now(),
        last_at: now(),
        occurrences: 2,
        ..v1::AlertRecord::default()
    };
    record.set_state(state);
    let written = watched
        .registry
        .monitors()
        .change_alert(&endpoint, kind, &subject, |_| Some(record.clone()))
        .await;
    assert!(written.unwrap().is_some());
}

/// Three alerts: one of drift, one of performance, and one that is over.
async fn with_alerts() -> Watched {
    use v1::{AlertKind, AlertSeverity, AlertState};
    let watched = Watched::start().await;
    let drift = alert("a-drift", AlertKind::FeatureDrift, AlertSeverity::Warning, "calls_3m");
    note(&watched, drift, AlertState::Active).await;
    let worse = AlertKind::PerformanceDegradation;
    let worse = alert("a-worse", worse, AlertSeverity::Critical, "roc_auc");
    note(&watched, worse, AlertState::Active).await;
    let slow = alert("a-slow", AlertKind::HighLatency, AlertSeverity::Info, "");
    note(&watched, slow, AlertState::Resolved).await;
    watched
}

fn ids(document: &Value) -> Vec<&str> {
    let alerts = document["alerts"].as_array().unwrap_or_else(|| panic!("{document}"));
    alerts.iter().map(|alert| alert["alert_id"].as_str().unwrap()).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn alerts_are_listed_the_same_by_command_and_api() {
    let watched = with_alerts().await;
    for (options, query, expected) in [
        (vec![], "", vec!["a-worse", "a-drift"]),
        (vec!["--state", "all"], "state=all", vec!["a-slow", "a-worse", "a-drift"]),
        (vec!["--state", "resolved"], "state=resolved", vec!["a-slow"]),
        (vec!["--state", "acknowledged"], "state=acknowledged", vec![]),
        (vec!["--severity", "critical"], "severity=critical", vec!["a-worse"]),
        (vec!["--kind", "feature_drift"], "kind=feature_drift", vec!["a-drift"]),
        (vec!["--endpoint", NAME], "endpoint=churn", vec!["a-worse", "a-drift"]),
        (vec!["--endpoint", "leads"], "endpoint=leads", vec![]),
    ] {
        let command = ["alerts", "list", "--json"].into_iter().chain(options.iter().copied());
        let listed = watched.tier0(&command.collect::<Vec<_>>()).await.success().json();
        assert_eq!(ids(&listed), expected, "{options:?}");
        let (status, answer) = watched.get(&format!("alerts?{query}")).await;
        assert_eq!((status, &answer), (200, &listed), "{query}");
    }
    let (_, first) = watched.get("alerts?state=all&limit=1").await;
    assert_eq!((ids(&first), &first["total"]), (vec!["a-slow"], &json!(3)));
    for (query, expected) in
        [("kind=rust", "feature_drift"), ("state=over", "open"), ("x=1", "state")]
    {
        let (status, answer) = watched.get(&format!("alerts?{query}")).await;
        assert_eq!((status, code(&answer)), (400, "invalid_request"), "{answer}");
        assert!(answer["error"]["message"].as_str().unwrap().contains(expected), "{answer}");
    }
    let text = watched.tier0(&["alerts", "list"]).await.success().stdout;
    assert!(text.contains("performance_degradation") && !text.contains("a-slow"), "{text}");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_alert_is_answered_and_says_by_whom() {
    let watched = with_alerts().await;
    let ack = ["alerts", "ack", "a-drift", "--note", "a new region", "--json"];
    let acked = watched.tier0(&ack).await.success().json();
    assert_eq!((&acked["state"], &acked["note"]), (&json!("acknowledged"), &json!("a new region")));
    assert!(acked["acknowledged_by"].as_str().unwrap().starts_with("tier0-cli"), "{acked}");
    let (status, shown) = watched.get("alerts/a-drift").await;
    assert_eq!((status, &shown), (200, &acked), "the API shows what the command did");

    let body = json!({"note": "rolled back", "by": "ana"});
    let (status, resolved) = watched.post("alerts/a-worse/resolve", &body).await;
    assert_eq!((status, &resolved["state"]), (200, &json!("resolved")), "{resolved}");
    assert_eq!(resolved["resolved_by"], "unauthenticated/ana");
    let shown = watched.tier0(&["alerts", "show", "a-worse", "--json"]).await.success().json();
    assert_eq!(shown, resolved);
    let text = watched.tier0(&["alerts", "show", "a-worse"]).await.success().stdout;
    assert!(text.contains("by unauthenticated/ana") && text.contains("rolled back"), "{text}");

    let (status, over) = watched.post("alerts/a-worse/acknowledge", &json!({})).await;
    assert_eq!((status, code(&over)), (409, "alert_over"), "{over}");
    let over = watched.tier0(&["alerts", "resolve", "a-worse", "--json"]).await;
    assert_eq!((over.code(), code(&over.json())), (2, "alert_over"));
    let unknown = watched.tier0(&["alerts", "ack", "nobody", "--json"]).await;
    assert_eq!((unknown.code(), code(&unknown.json())), (2, "alert_not_found"));
    for path in ["alerts/nobody/resolve", "alerts/nobody/acknowledge"] {
        let (status, answer) = watched.post(path, &json!({})).await;
        assert_eq!((status, code(&answer)), (404, "alert_not_found"), "{answer}");
    }
    assert_eq!(watched.get("alerts/nobody").await.0, 404);
    let (status, answer) = watched.post("alerts/a-drift/resolve", &json!({"notes": "x"})).await;
    assert_eq!((status, code(&answer)), (400, "invalid_request"), "{answer}");
}

async fn raise(watched: &Watched, alert: &v1::Alert) {
    let subject = subjects::alert(&alert.endpoint).unwrap();
    watched.bus.publish(&subject, Headers::new(), encoding::encode(alert)).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn alerts_are_watched_as_they_come() {
    use v1::{AlertKind, AlertSeverity};
    let mut watched = Watched::start().await;
    let early = alert("early", AlertKind::FeatureDrift, AlertSeverity::Critical, "x");
    raise(&watched, &early).await;
    let mut watching = Command::new(program("tier0"))
        .args(["alerts", "watch", "--severity", "critical", "--count", "2", "--timeout", "60s"])
        .args(["--nats-url", watched.nats.url()])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .kill_on_drop(true)
        .spawn()
        .unwrap();
    let mut notes = BufReader::new(watching.stderr.take().unwrap()).lines();
    while !notes.next_line().await.unwrap().expect("it says that it watches").contains("watching") {
    }
    let mut lines = BufReader::new(watching.stdout.take().unwrap()).lines();
    let mut next = async || {
        let line = tokio::time::timeout(std::time::Duration::from_secs(30), lines.next_line());
        line.await.expect("a line within 30 s").unwrap().expect("a line")
    };
    raise(&watched, &alert("mild", AlertKind::FeatureDrift, AlertSeverity::Warning, "x")).await;
    raise(&watched, &alert("first", AlertKind::DataQuality, AlertSeverity::Critical, "age")).await;
    let line = next().await;
    assert!(line.contains("data_quality of age at churn") && line.ends_with("[first]"), "{line}");
    // A broker that goes away and comes again is followed on from there.
    watched.nats.kill();
    watched.nats.start_again();
    raise(&watched, &alert("second", AlertKind::HighErrorRate, AlertSeverity::Critical, "")).await;
    let line = next().await;
    assert!(line.contains("high_error_rate at churn") && line.ends_with("[second]"), "{line}");
    assert!(watching.wait().await.unwrap().success(), "it ends by itself");

    let none = ["alerts", "watch", "--endpoint", "leads", "--timeout", "1s", "--json"];
    let watched_nothing = watched.tier0(&none).await.success().json();
    assert_eq!(watched_nothing, json!({"alerts": []}));
    let late = watched.tier0(&["alerts", "watch", "--count", "1", "--timeout", "1s"]).await;
    assert_eq!(late.code(), 1, "{}", late.stderr);
}

fn report(verdict: &str, columns: &Value) -> Value {
    json!({"rows_reference": 20000, "rows_current": 1500, "columns": columns, "share_drifted": 1.0,
           "verdict": verdict, "significance": 0.001, "exact": true, "only_reference": [],
           "only_current": [], "other_kinds": []})
}

#[tokio::test(flavor = "multi_thread")]
async fn all_that_is_known_of_an_endpoint_is_one_document() {
    let watched = with_alerts().await;
    let (status, before) = watched.get(&format!("endpoints/{NAME}/monitoring")).await;
    assert_eq!(
        (status, &before["drift"], &before["performance"]),
        (200, &Value::Null, &Value::Null)
    );

    let drift = json!({"endpoint": NAME, "version": 3, "at": "2026-11-25T12:00:00+00:00", "rows": 1500,
        "from": "2026-11-25T11:00:00+00:00",
        "report": report("critical", &json!([
            {"name": "calls_3m", "kind": "numeric", "values_reference": 20000, "values_current": 1500,
             "statistics": {"psi": 0.8, "rank_error": 0.0}, "tests": [], "statistic": "psi",
             "effect": 0.8, "p_value": 0.0, "adjusted_p_value": 0.0, "verdict": "critical",
             "reasons": ["PSI 0.8"]}])),
        "predictions": report("none", &json!([]))});
    let typed = serde_json::from_value(drift.clone()).unwrap();
    watched.registry.monitors().put_drift(&typed).await.unwrap();
    let metric = v1::MetricEstimate { value: 0.61, low: 0.57, high: 0.65 };
    let performance = v1::Performance {
        endpoint: NAME.to_owned(),
        version: 3,
        at: now(),
        labelled: 700,
        metrics: [("roc_auc".to_owned(), metric)].into(),
        reference: [("roc_auc".to_owned(), 0.86)].into(),
        joined: 700,
        unmatched: 4,
        ..v1::Performance::default()
    };
    watched.registry.monitors().put_performance(&performance).await.unwrap();
    let counts = v1::MonitorCounts {
        endpoint: NAME.to_owned(),
        rows: 1500,
        answers: 10,
        latency_ms_sum: 25.0,
        rows_by_prediction: [("Yes".to_owned(), 900), ("No".to_owned(), 600)].into(),
        ..v1::MonitorCounts::default()
    };
    watched.registry.monitors().put_counts(&counts).await.unwrap();

    let (status, document) = watched.get(&format!("endpoints/{NAME}/monitoring")).await;
    assert_eq!(status, 200, "{document}");
    assert_eq!(document["monitor"]["version"], 3);
    assert_eq!(document["drift"], drift);
    assert_eq!(document["performance"]["metrics"]["roc_auc"]["value"], 0.61);
    assert_eq!(document["counts"]["mean_latency_ms"], 2.5);
    assert_eq!(ids(&document), ["a-worse", "a-drift"]);
    let command = ["endpoints", "monitoring", NAME, "--json"];
    assert_eq!(watched.tier0(&command).await.success().json(), document);
    let text = watched.tier0(&["endpoints", "monitoring", NAME]).await.success().stdout;
    for part in
        ["0.8600 [0.8400, 0.8800]", "critical in 1500 rows", "calls_3m", "700 labelled", "a-drift"]
    {
        assert!(text.contains(part), "{part}: {text}");
    }
    let (status, answer) = watched.get("endpoints/nobody/monitoring").await;
    assert_eq!((status, code(&answer)), (404, "endpoint_not_found"), "{answer}");
    assert_eq!(watched.tier0(&["endpoints", "monitoring", "nobody"]).await.code(), 2);
    let at = SystemTime::now();
    watched.registry.monitors().resolve_alert("a-drift", "monitor", "", at).await.unwrap();
    let (_, document) = watched.get(&format!("endpoints/{NAME}/monitoring")).await;
    assert_eq!(ids(&document), ["a-worse"], "what is over is left out");
}
