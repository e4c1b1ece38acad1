//! The counts as metrics.

use contracts::v1::MonitorCounts;

use crate::ledger::Ledger;

const EVENTS: &str = "tier0_predictions_events_total";
const ROWS: &str = "tier0_predictions_rows_total";
const CLASSES: &str = "tier0_predictions_by_class_total";
const MISSING: &str = "tier0_predictions_missing_total";
const UNSEEN: &str = "tier0_predictions_unseen_total";
const REFUSED: &str = "tier0_predictions_events_refused_total";

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
}

/// Shows what all replicas have counted together.
pub(crate) fn show(ledger: &Ledger) {
    for (endpoint, counts) in &ledger.endpoints {
        show_endpoint(endpoint, counts);
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
