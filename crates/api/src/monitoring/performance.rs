//! How a version predicts, as it is shown.

use std::collections::BTreeMap;

use contracts::v1::{MetricEstimate, Performance};
use pbjson_types::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::models::view::MetricView;

/// How a version predicts.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct PerformanceView {
    /// Number of the version, from 1.
    pub version: u32,
    /// When it was computed.
    #[schemars(with = "Option<String>", extend("format" = "date-time"))]
    pub at: Option<Timestamp>,
    /// Labelled rows in the window.
    pub labelled: u64,
    /// When the first of them was predicted.
    #[schemars(with = "Option<String>", extend("format" = "date-time"))]
    pub first_at: Option<Timestamp>,
    /// Their metrics, with 95 % intervals.
    pub metrics: BTreeMap<String, MetricView>,
    /// The test split's, which they are compared with.
    pub reference: BTreeMap<String, f64>,
    /// What the confidence of the predictions lets expect, with the error of the estimate.
    pub estimated: BTreeMap<String, MetricView>,
    /// Rows that the estimate is of.
    pub estimated_rows: u64,
    /// Labelled rows by segment.
    pub segments: Vec<SegmentView>,
    /// Outcomes joined with their predictions since the monitor began.
    pub joined: u64,
    /// Outcomes for which no prediction was found.
    pub unmatched: u64,
    /// Outcomes of rows whose outcome was known already.
    pub repeated_outcomes: u64,
}

/// The labelled rows with one value of a column.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct SegmentView {
    /// Name of the column.
    pub column: String,
    /// Value of the column in this segment.
    pub value: String,
    /// Number of labelled rows in the segment.
    pub rows: u64,
    /// Metrics of these rows, by name.
    pub metrics: BTreeMap<String, f64>,
}

pub(super) fn estimates(of: &BTreeMap<String, MetricEstimate>) -> BTreeMap<String, MetricView> {
    let view = |of: &MetricEstimate| MetricView { value: of.value, low: of.low, high: of.high };
    of.iter().map(|(name, of)| (name.clone(), view(of))).collect()
}

impl From<&Performance> for PerformanceView {
    fn from(of: &Performance) -> Self {
        let segments = of.segments.iter().map(|segment| SegmentView {
            column: segment.column.clone(),
            value: segment.value.clone(),
            rows: segment.rows,
            metrics: segment.metrics.clone(),
        });
        Self {
            version: of.version,
            at: of.at,
            labelled: of.labelled,
            first_at: of.first_at,
            metrics: estimates(&of.metrics),
            reference: of.reference.clone(),
            estimated: estimates(&of.estimated),
            estimated_rows: of.estimated_rows,
            segments: segments.collect(),
            joined: of.joined,
            unmatched: of.unmatched,
            repeated_outcomes: of.repeated_outcomes,
        }
    }
}
