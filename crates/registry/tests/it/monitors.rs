//! What is kept of endpoints, as earlier builds have left it and as it is written now.

use bus::KeyValue;
use bytes::Bytes;
use contracts::{encoding, names, v1};
use monitoring::traffic::NumberedEvent;
use serde_json::{Value, json};
use tier0_tests::Broker;

async fn bucket(broker: &Broker) -> KeyValue {
    broker.bus.kv(names::MONITORS_BUCKET).await.unwrap()
}

fn report() -> Value {
    json!({"rows_reference": 20000, "rows_current": 1500, "columns": [
        {"name": "calls_3m", "kind": "numeric", "values_reference": 20000, "values_current": 1500,
         "statistics": {"psi": 0.8, "rank_error": 0.0}, "tests": [
            {"aspect": "distribution", "statistic": "psi", "effect": 0.8, "warning": 0.1,
             "critical": 0.25, "p_value": 0.0, "adjusted_p_value": 0.0, "verdict": "critical"}],
         "statistic": "psi", "effect": 0.8, "p_value": 0.0, "adjusted_p_value": 0.0,
         "verdict": "critical", "reasons": ["PSI 0.8"]}],
        "share_drifted": 1.0, "verdict": "critical", "significance": 0.001, "exact": true,
        "only_reference": [], "only_current": [], "other_kinds": []})
}

fn counts(events: u64) -> v1::MonitorCounts {
    v1::MonitorCounts { endpoint: "churn".to_owned(), events, ..v1::MonitorCounts::default() }
}

#[tokio::test]
async fn a_drift_report_is_the_same_json_as_ever() {
    let broker = Broker::start().await;
    let (bucket, monitors) = (bucket(&broker).await, broker.registry.monitors());
    assert_eq!(monitors.drift("churn").await.unwrap(), None);
    let stored = json!({"endpoint": "churn", "version": 3, "at": "2026-11-25T12:00:00+00:00",
        "from": "2026-11-25T11:00:00+00:00", "rows": 1500, "report": report(), "predictions": report()});
    bucket.put("churn.drift", Bytes::from(stored.to_string())).await.unwrap();
    let document = monitors.drift("churn").await.unwrap().unwrap();
    assert_eq!((document.version, document.report.columns.len()), (3, 1));
    monitors.put_drift(&document).await.unwrap();
    let written = bucket.get("churn.drift").await.unwrap().unwrap();
    assert_eq!(serde_json::from_slice::<Value>(&written.value).unwrap(), stored);
    assert!(written.revision > 1, "it was written anew");
    bucket.put("churn.drift", Bytes::from("{}")).await.unwrap();
    let damaged = monitors.drift("churn").await.unwrap_err();
    assert!(matches!(&damaged, registry::Error::Damaged { key, .. } if key == "churn.drift"));
}

#[tokio::test]
async fn counts_go_on_from_those_of_earlier_builds_and_never_back() {
    let broker = Broker::start().await;
    let (bucket, monitors) = (bucket(&broker).await, broker.registry.monitors());
    let before = json!({"sequences": [[1, 5]], "endpoints": {"churn": {"endpoint": "churn", "events": "5"}}});
    bucket.put("-.ledger", Bytes::from(before.to_string())).await.unwrap();
    let event = v1::PredictionEvent { endpoint: "churn".to_owned(), ..Default::default() };
    let events: Vec<NumberedEvent> =
        (5..8).map(|sequence| NumberedEvent { sequence, event: Some(event.clone()) }).collect();
    let after = monitors
        .change_traffic(|counts| counts.apply(&events, &std::collections::BTreeMap::new()) > 0)
        .await
        .unwrap();
    assert_eq!(after.endpoints["churn"].events, 7);
    assert_eq!(monitors.traffic().await.unwrap(), after);

    bucket.put("churn.counts", encoding::encode(&counts(5))).await.unwrap();
    assert_eq!(monitors.counts("churn").await.unwrap(), Some(counts(5)));
    monitors.put_counts(&counts(7)).await.unwrap();
    monitors.put_counts(&counts(6)).await.unwrap();
    assert_eq!(monitors.counts("churn").await.unwrap(), Some(counts(7)), "later ones stay");
    assert!(bucket.get("churn.counts").await.unwrap().is_some());
    // A monitor's own key is the endpoint: what is beside it is no monitor.
    assert_eq!(monitors.all().await.unwrap(), []);
}
