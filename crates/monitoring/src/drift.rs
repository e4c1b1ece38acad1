//! The report of drift of a live endpoint, as it is stored and shown.

use contracts::v1::{ColumnType, Monitor};
use pbjson_types::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use statistics::drift::Report;

/// How a window of an endpoint's traffic differs from the version's reference. Stored and answered as JSON.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct DriftDocument {
    /// Name of the endpoint.
    pub endpoint: String,
    /// The version that answered, from 1.
    pub version: u32,
    /// When the report was made.
    #[schemars(with = "String", extend("format" = "date-time"))]
    pub at: Timestamp,
    /// When the first slice of the window began.
    #[schemars(with = "String", extend("format" = "date-time"))]
    pub from: Timestamp,
    /// Rows of the window.
    pub rows: u64,
    /// Drift of the input columns.
    pub report: Report,
    /// Drift of the predictions.
    pub predictions: Report,
}

/// Whether an input of a watched version has dates or instants, which move on while nothing about the rows changes.
#[must_use]
pub fn is_time(monitor: &Monitor, input: &str) -> bool {
    monitor.signature_inputs.iter().any(|of| {
        of.name == input && matches!(of.r#type(), ColumnType::Date | ColumnType::Timestamp)
    })
}

#[cfg(test)]
mod tests {
    use contracts::v1::ColumnSchema;

    use super::*;

    #[test]
    fn dates_and_instants_are_times() {
        let input = |name: &str, kind: ColumnType| ColumnSchema {
            name: name.to_owned(),
            r#type: kind.into(),
            nullable: true,
        };
        let monitor = Monitor {
            signature_inputs: vec![
                input("since", ColumnType::Date),
                input("seen", ColumnType::Timestamp),
                input("age", ColumnType::Integer),
            ],
            ..Monitor::default()
        };
        assert!(is_time(&monitor, "since") && is_time(&monitor, "seen"));
        assert!(!is_time(&monitor, "age") && !is_time(&monitor, "none"));
    }
}
