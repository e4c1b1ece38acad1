//! How an endpoint is watched, as text.

use std::collections::BTreeMap;

use api::models::view::MetricView;
use api::monitoring::{CountsView, MonitoringDocument, PerformanceView};
use registry::DriftDocument;
use statistics::drift::{ColumnDrift, Statistic, Verdict};
use terminal::{or_none, table, time};

/// Columns of a drift report that are shown: those with a verdict first, then those with the greatest effect.
const MAX_COLUMNS: usize = 12;
/// Segments that are shown.
const MAX_SHOWN_SEGMENTS: usize = 10;

/// Text of `tier0 endpoints monitoring`.
pub(super) fn text(document: &MonitoringDocument) -> String {
    let mut parts = vec![watched(document)];
    parts.extend(document.counts.as_ref().map(counts));
    parts.extend(document.drift.as_ref().map(drift));
    parts.extend(document.performance.as_ref().map(performance));
    parts.push(alerts(document));
    parts.join("\n\n")
}

fn watched(document: &MonitoringDocument) -> String {
    let Some(monitor) = &document.monitor else {
        return format!(
            "endpoint `{}` is not watched: no version of it was in production",
            document.endpoint
        );
    };
    let mut lines = vec![
        format!("endpoint  {}", document.endpoint),
        format!(
            "watched   {} {}, since {}",
            monitor.model,
            monitor.version,
            time(monitor.registered_at.as_ref())
        ),
    ];
    if let Some(of) = monitor.test_metrics.get(&monitor.metric) {
        lines.push(format!("test      {} {}", monitor.metric, estimate(of)));
    }
    lines.join("\n")
}

fn estimate(of: &MetricView) -> String {
    format!("{:.4} [{:.4}, {:.4}]", of.value, of.low, of.high)
}

fn counts(of: &CountsView) -> String {
    let listed = |counts: &BTreeMap<String, u64>| {
        let texts: Vec<String> =
            counts.iter().map(|(name, count)| format!("{name} {count}")).collect();
        texts.join(", ")
    };
    let mut lines = vec![format!("predicted {} rows in {} answers", of.rows, of.answers)];
    if let Some(mean) = of.mean_latency_ms {
        lines.push(format!("latency   {mean:.2} ms on average"));
    }
    for (name, counts) in [
        ("outputs", &of.rows_by_prediction),
        ("missing", &of.missing_by_column),
        ("unseen", &of.unseen_by_column),
    ] {
        if !counts.is_empty() {
            lines.push(format!("{name:<9} {}", listed(counts)));
        }
    }
    lines.join("\n")
}

/// The drift report of the inputs.
fn drift(of: &DriftDocument) -> String {
    let head = format!(
        "drift     {} in {} rows at {} of version {}",
        of.report.verdict.as_str(),
        of.rows,
        time(Some(&of.at)),
        of.version
    );
    let has_verdict = |column: &ColumnDrift| column.verdict > Verdict::None;
    let mut columns: Vec<&ColumnDrift> = of.report.columns.iter().collect();
    columns.sort_by(|a, b| has_verdict(b).cmp(&has_verdict(a)).then(b.effect.total_cmp(&a.effect)));
    let shown: Vec<Vec<String>> = columns
        .iter()
        .take(MAX_COLUMNS)
        .map(|column| {
            vec![
                column.name.clone(),
                column.verdict.as_str().to_owned(),
                column.statistic.map_or("-", Statistic::as_str).to_owned(),
                format!("{:.4}", column.effect),
                format!("{:.4}", column.adjusted_p_value),
            ]
        })
        .collect();
    let more = columns.len().saturating_sub(shown.len());
    let head_of_table = ["column", "verdict", "statistic", "effect", "p (corrected)"];
    let mut lines = vec![head, or_none("no columns", &head_of_table, &shown)];
    if more > 0 {
        lines.push(format!("and {more} more; --json has them all"));
    }
    lines.join("\n")
}

fn performance(of: &PerformanceView) -> String {
    let mut rows = Vec::new();
    let names: std::collections::BTreeSet<&String> =
        of.metrics.keys().chain(of.estimated.keys()).collect();
    for name in names {
        let cell = |found: Option<&MetricView>| found.map_or_else(|| "-".to_owned(), estimate);
        let reference = of.reference.get(name);
        rows.push(vec![
            name.clone(),
            reference.map_or_else(|| "-".to_owned(), |value| format!("{value:.4}")),
            cell(of.metrics.get(name)),
            cell(of.estimated.get(name)),
        ]);
    }
    let mut lines = vec![
        format!(
            "predicts  version {}, {} labelled rows, {} rows estimated, at {}",
            of.version,
            of.labelled,
            of.estimated_rows,
            time(of.at.as_ref())
        ),
        format!(
            "outcomes  {} joined, {} without a prediction, {} known already",
            of.joined, of.unmatched, of.repeated_outcomes
        ),
    ];
    if !rows.is_empty() {
        lines.push(table(&["metric", "test", "labelled", "estimated"], &rows));
    }
    let segments: Vec<Vec<String>> = of
        .segments
        .iter()
        .take(MAX_SHOWN_SEGMENTS)
        .map(|segment| {
            let metrics: Vec<String> =
                segment.metrics.iter().map(|(name, value)| format!("{name} {value:.4}")).collect();
            vec![
                format!("{}={}", segment.column, segment.value),
                segment.rows.to_string(),
                metrics.join(", "),
            ]
        })
        .collect();
    if !segments.is_empty() {
        lines.push(table(&["segment", "rows", "metrics"], &segments));
    }
    lines.join("\n")
}

fn alerts(document: &MonitoringDocument) -> String {
    let rows: Vec<Vec<String>> = document
        .alerts
        .iter()
        .map(|view| {
            vec![
                view.alert.severity.to_string(),
                view.alert.kind.to_string(),
                view.state.to_string(),
                view.alert.reason.clone(),
                view.alert.alert_id.clone(),
            ]
        })
        .collect();
    or_none("no open alerts", &["severity", "alert", "state", "reason", "id"], &rows)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test")]

    use serde_json::{Value, json};

    use super::*;

    fn document(extra: Value) -> MonitoringDocument {
        let mut document = json!({"endpoint": "churn", "monitor": null, "counts": null, "drift": null,
                                  "performance": null, "alerts": []});
        for (name, value) in extra.as_object().unwrap() {
            document.as_object_mut().unwrap().insert(name.clone(), value.clone());
        }
        serde_json::from_value(document).unwrap()
    }

    fn column(name: &str, verdict: &str, effect: f64, p_value: f64) -> Value {
        json!({"name": name, "kind": "numeric", "values_reference": 1000, "values_current": 500,
               "statistics": {"rank_error": 0.0}, "tests": [], "statistic": "psi", "effect": effect,
               "p_value": p_value, "adjusted_p_value": p_value, "verdict": verdict, "reasons": []})
    }

    fn report(verdict: &str, columns: &[Value]) -> Value {
        json!({"rows_reference": 1000, "rows_current": 500, "columns": columns, "share_drifted": 0.0,
               "verdict": verdict, "significance": 0.001, "exact": true, "only_reference": [],
               "only_current": [], "other_kinds": []})
    }

    #[test]
    fn an_endpoint_that_is_not_watched_says_so() {
        let shown = text(&document(json!({})));
        assert!(shown.contains("is not watched") && shown.contains("no open alerts"), "{shown}");
    }

    #[test]
    fn columns_with_a_verdict_come_first_and_the_rest_is_counted() {
        let mut columns: Vec<Value> =
            (0..14).map(|n| column(&format!("c{n}"), "none", 0.01 * f64::from(n), 0.5)).collect();
        columns.push(column("moved", "critical", 0.005, 0.0));
        let drift = json!({"endpoint": "churn", "version": 3, "at": "2026-11-25T12:00:00Z", "rows": 500,
                           "from": "2026-11-25T11:00:00Z", "report": report("critical", &columns),
                           "predictions": report("none", &[])});
        let shown = text(&document(json!({"drift": drift})));
        assert!(
            shown.contains("critical in 500 rows at 2026-11-25T12:00:00Z of version 3"),
            "{shown}"
        );
        let place = |name: &str| shown.find(name).unwrap();
        assert!(place("moved") < place("c13") && place("c13") < place("c12"), "{shown}");
        assert!(shown.contains("and 3 more"), "{shown}");
    }

    #[test]
    fn metrics_stand_beside_what_they_are_compared_with() {
        let metric = json!({"value": 0.71, "low": 0.68, "high": 0.74});
        let performance = json!({
            "version": 2, "at": null, "labelled": 400, "first_at": null, "metrics": {"roc_auc": metric},
            "reference": {"roc_auc": 0.86}, "estimated": {}, "estimated_rows": 0, "joined": 400, "unmatched": 3,
            "repeated_outcomes": 1,
            "segments": [{"column": "region", "value": "South", "rows": 90, "metrics": {"roc_auc": 0.7}}],
        });
        let shown = text(&document(json!({"performance": performance})));
        for expected in
            ["0.8600", "0.7100 [0.6800, 0.7400]", "3 without a prediction", "region=South", "90"]
        {
            assert!(shown.contains(expected), "{shown}");
        }
    }
}
