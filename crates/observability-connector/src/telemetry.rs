//! The counts as metrics.

use std::collections::BTreeMap;

use contracts::messages::{
    Alert, AlertKind, AlertSeverity, MonitorCounts, Performance, RetrainingState,
};
use monitoring::DriftDocument;
use monitoring::alerts::{KINDS, alert_kind_name, alert_severity_name};
use monitoring::traffic::TrafficCounts;

const EVENTS: &str = "tier0_predictions_events_total";
const ROWS: &str = "tier0_predictions_rows_total";
const CLASSES: &str = "tier0_predictions_by_class_total";
const MISSING: &str = "tier0_predictions_missing_total";
const UNSEEN: &str = "tier0_predictions_unseen_total";
const REFUSED: &str = "tier0_predictions_events_refused_total";
const FEEDBACK: &str = "tier0_feedback_rows_total";
const WINDOW: &str = "tier0_drift_window_rows";
const DRIFTED: &str = "tier0_drift_columns_drifted";
const PSI: &str = "tier0_drift_psi";
const PREDICTION_PSI: &str = "tier0_drift_prediction_psi";
const METRIC: &str = "tier0_performance_metric";
const EXPECTED: &str = "tier0_performance_metric_expected";
const LABELLED: &str = "tier0_performance_labelled_rows";
const ACTIVE: &str = "tier0_alerts_active";
const RAISED: &str = "tier0_alerts_raised_total";
const WEBHOOKS: &str = "tier0_alerts_webhooks_total";
const RETRAININGS: &str = "tier0_retrainings_total";
const RETRAINING_ROWS: &str = "tier0_retraining_labelled_rows";

/// Describes the metrics; once per process.
pub(crate) fn describe() {
    metrics::describe_counter!(EVENTS, "Prediction events counted, by endpoint.");
    metrics::describe_counter!(ROWS, "Rows predicted, by endpoint and version.");
    metrics::describe_counter!(CLASSES, "Rows predicted, by endpoint and predicted class.");
    metrics::describe_counter!(MISSING, "Missing input values, by endpoint and column.");
    metrics::describe_counter!(
        UNSEEN,
        "Input texts that training did not see, by endpoint and column."
    );
    metrics::describe_counter!(REFUSED, "Prediction events that break the contract.");
    metrics::describe_counter!(FEEDBACK, "Outcomes, by what became of them.");
    metrics::describe_gauge!(WINDOW, "Rows of the window that was compared last, by endpoint.");
    metrics::describe_gauge!(DRIFTED, "Inputs that have drifted, by endpoint.");
    metrics::describe_gauge!(PSI, "Population stability index, by endpoint and column.");
    metrics::describe_gauge!(
        PREDICTION_PSI,
        "Population stability index of the predictions, by endpoint and output."
    );
    metrics::describe_gauge!(METRIC, "Metric of the labelled rows, by endpoint and metric.");
    metrics::describe_gauge!(
        EXPECTED,
        "Metric as the predictions' confidence lets expect it, by endpoint and metric."
    );
    metrics::describe_gauge!(LABELLED, "Labelled rows that are kept, by endpoint.");
    metrics::describe_gauge!(ACTIVE, "Alerts that are not over, by endpoint, kind and severity.");
    metrics::describe_counter!(RAISED, "Alerts sent, by endpoint, kind and severity.");
    metrics::describe_counter!(WEBHOOKS, "Deliveries to webhooks, by what became of them.");
    metrics::describe_counter!(RETRAININGS, "Retrainings, by endpoint and where they came to.");
    metrics::describe_gauge!(
        RETRAINING_ROWS,
        "Labelled rows there were when a retraining was last wanted, by endpoint."
    );
    begin();
}

/// What becomes of outcomes.
const OUTCOMES: [&str; 5] = ["joined", "repeated", "unusable", "unmatched", "refused"];
/// What becomes of deliveries to webhooks.
const DELIVERIES: [&str; 3] = ["delivered", "failed", "given_up"];

/// Begins the counts that no endpoint has a part in at 0: an alert on the first of something needs what was before.
fn begin() {
    OUTCOMES.into_iter().for_each(|result| feedback(result, 0));
    for result in DELIVERIES {
        metrics::counter!(WEBHOOKS, "result" => result).increment(0);
    }
    metrics::counter!(REFUSED).increment(0);
}

/// Begins the counts of a watched endpoint at 0.
pub(crate) fn watched(endpoint: &str) {
    let name = || endpoint.to_owned();
    for state in RETRAINING_STATES {
        metrics::counter!(RETRAININGS, "endpoint" => name(), "state" => state_name(state))
            .increment(0);
    }
    for kind in KINDS {
        for severity in SEVERITIES {
            metrics::counter!(
                RAISED,
                "endpoint" => name(),
                "kind" => alert_kind_name(kind),
                "severity" => alert_severity_name(severity)
            )
            .increment(0);
        }
    }
}

/// Where retrainings come to.
const RETRAINING_STATES: [RetrainingState; 7] = [
    RetrainingState::Quarantined,
    RetrainingState::DryRun,
    RetrainingState::Proposed,
    RetrainingState::Requested,
    RetrainingState::Promoted,
    RetrainingState::Rejected,
    RetrainingState::Failed,
];
/// How grave alerts are.
const SEVERITIES: [AlertSeverity; 3] =
    [AlertSeverity::Info, AlertSeverity::Warning, AlertSeverity::Critical];

fn state_name(state: RetrainingState) -> String {
    state.as_str_name().trim_start_matches("RETRAINING_STATE_").to_lowercase()
}

/// Counts outcomes that were joined, repeated, unusable, unmatched or refused.
pub(crate) fn feedback(result: &'static str, rows: u64) {
    metrics::counter!(FEEDBACK, "result" => result).increment(rows);
}

/// Sets the gauges of a drift report: rows, drifted inputs and PSI of each column.
pub(crate) fn drift(document: &DriftDocument) {
    let DriftDocument { endpoint, rows, report: inputs, predictions, .. } = document;
    let name = || endpoint.clone();
    let drifted = inputs.drifted().count();
    metrics::gauge!(WINDOW, "endpoint" => name()).set(*rows as f64);
    metrics::gauge!(DRIFTED, "endpoint" => name()).set(drifted as f64);
    for column in &inputs.columns {
        if let Some(psi) = column.statistics.psi {
            metrics::gauge!(PSI, "endpoint" => name(), "column" => column.name.clone()).set(psi);
        }
    }
    for column in &predictions.columns {
        if let Some(psi) = column.statistics.psi {
            let output = column.name.clone();
            metrics::gauge!(PREDICTION_PSI, "endpoint" => name(), "output" => output).set(psi);
        }
    }
}

/// Shows how an endpoint predicts.
pub(crate) fn performance(performance: &Performance) {
    let name = || performance.endpoint.clone();
    metrics::gauge!(LABELLED, "endpoint" => name()).set(performance.labelled as f64);
    for (metric, estimate) in &performance.metrics {
        metrics::gauge!(METRIC, "endpoint" => name(), "metric" => metric.clone())
            .set(estimate.value);
    }
    for (metric, estimate) in &performance.estimated {
        metrics::gauge!(EXPECTED, "endpoint" => name(), "metric" => metric.clone())
            .set(estimate.value);
    }
}

/// Counts an alert that was sent.
pub(crate) fn raised(alert: &Alert) {
    metrics::counter!(
        RAISED,
        "endpoint" => alert.endpoint.clone(),
        "kind" => alert_kind_name(alert.kind()),
        "severity" => alert_severity_name(alert.severity())
    )
    .increment(1);
}

/// Shows how many alerts there are.
pub(crate) fn active(counts: &BTreeMap<(String, AlertKind, AlertSeverity), u64>) {
    for ((endpoint, kind, severity), count) in counts {
        metrics::gauge!(
            ACTIVE,
            "endpoint" => endpoint.clone(),
            "kind" => alert_kind_name(*kind),
            "severity" => alert_severity_name(*severity)
        )
        .set(*count as f64);
    }
}

/// Counts a delivery that was made, failed or was given up.
pub(crate) fn webhook(result: &'static str) {
    metrics::counter!(WEBHOOKS, "result" => result).increment(1);
}

/// Counts where a retraining came to.
pub(crate) fn retraining(endpoint: &str, state: RetrainingState) {
    let (endpoint, state) = (endpoint.to_owned(), state_name(state));
    metrics::counter!(RETRAININGS, "endpoint" => endpoint, "state" => state).increment(1);
}

/// Shows how many labelled rows there were when a retraining was wanted.
pub(crate) fn retraining_rows(endpoint: &str, rows: usize) {
    metrics::gauge!(RETRAINING_ROWS, "endpoint" => endpoint.to_owned()).set(rows as f64);
}

/// Shows what all replicas have counted together.
pub(crate) fn show(counts: &TrafficCounts) {
    for (endpoint, of_endpoint) in &counts.endpoints {
        show_endpoint(endpoint, of_endpoint);
    }
}

fn show_endpoint(endpoint: &str, counts: &MonitorCounts) {
    let name = || endpoint.to_owned();
    metrics::counter!(EVENTS, "endpoint" => name()).absolute(counts.events);
    for (version, rows) in &counts.rows_by_version {
        metrics::counter!(ROWS, "endpoint" => name(), "version" => version.to_string())
            .absolute(*rows);
    }
    for (class, rows) in &counts.rows_by_prediction {
        metrics::counter!(CLASSES, "endpoint" => name(), "prediction" => class.clone())
            .absolute(*rows);
    }
    for (column, rows) in &counts.missing_by_column {
        metrics::counter!(MISSING, "endpoint" => name(), "column" => column.clone())
            .absolute(*rows);
    }
    for (column, rows) in &counts.unseen_by_column {
        metrics::counter!(UNSEEN, "endpoint" => name(), "column" => column.clone()).absolute(*rows);
    }
}

/// Counts an event that breaks the contract.
pub(crate) fn refused() {
    metrics::counter!(REFUSED).increment(1);
}
