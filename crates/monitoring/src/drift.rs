//! The report of drift of a live endpoint, as it is stored and shown.

use pbjson_types::Timestamp;
use serde::{Deserialize, Serialize};
use statistics::drift::Report;

/// How a window of an endpoint's traffic differs from the version's reference. Stored and answered as JSON.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct DriftDocument {
    /// Name of the endpoint.
    pub endpoint: String,
    /// The version that answered, from 1.
    pub version: u32,
    /// When the report was made.
    pub at: Timestamp,
    /// When the first slice of the window began.
    pub from: Timestamp,
    /// Rows of the window.
    pub rows: u64,
    /// Drift of the input columns.
    pub report: Report,
    /// Drift of the predictions.
    pub predictions: Report,
}
