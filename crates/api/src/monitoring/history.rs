//! How drift and performance of an endpoint moved over the latest checks.

use std::collections::BTreeMap;

use contracts::v1::Performance;
use pbjson_types::Timestamp;
use registry::DriftDocument;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use statistics::drift::{ColumnDrift, Report};

use super::known;
use super::performance::estimates;
use crate::models::view::MetricView;
use crate::{Broker, Error, Query};

/// Drift and performance at the latest checks of an endpoint, the oldest first. The registry keeps 16 of each.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct MonitoringHistoryDocument {
    /// Name of the endpoint.
    pub endpoint: String,
    /// Drift at each check.
    pub drift: Vec<DriftPoint>,
    /// Performance at each check.
    pub performance: Vec<PerformancePoint>,
}

/// Drift at one check.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct DriftPoint {
    /// When the report was made.
    #[schemars(with = "String", extend("format" = "date-time"))]
    pub at: Timestamp,
    /// The version that answered, from 1.
    pub version: u32,
    /// Rows of the window.
    pub rows: u64,
    /// The inputs, in the order of the model.
    pub inputs: Vec<DriftPointColumn>,
    /// The predictions.
    pub predictions: Vec<DriftPointColumn>,
}

/// Drift of one column at one check.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct DriftPointColumn {
    /// Name of the column.
    pub name: String,
    /// The statistic that decided; none where nothing could be tested.
    pub statistic: Option<String>,
    /// Its effect, less what chance alone brings.
    pub effect: f64,
    /// Share of the effect's critical limit, from 0; 1 and more is critical. None where nothing could be tested.
    pub share_of_critical: Option<f64>,
    /// `none`, `warning` or `critical`.
    pub verdict: String,
}

/// Performance at one check.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct PerformancePoint {
    /// When it was computed.
    #[schemars(with = "Option<String>", extend("format" = "date-time"))]
    pub at: Option<Timestamp>,
    /// Number of the version, from 1.
    pub version: u32,
    /// Labelled rows in the window.
    pub labelled: u64,
    /// Metrics of the labelled rows, with 95 % intervals.
    pub metrics: BTreeMap<String, MetricView>,
    /// What the confidence of the predictions lets expect, with the error of the estimate.
    pub estimated: BTreeMap<String, MetricView>,
}

impl From<&DriftDocument> for DriftPoint {
    fn from(document: &DriftDocument) -> Self {
        Self {
            at: document.at,
            version: document.version,
            rows: document.rows,
            inputs: columns(&document.report),
            predictions: columns(&document.predictions),
        }
    }
}

fn columns(report: &Report) -> Vec<DriftPointColumn> {
    let column = |column: &ColumnDrift| {
        let decides = column.tests.iter().find(|test| Some(test.statistic) == column.statistic);
        let critical = decides.map(|test| test.critical).filter(|critical| *critical > 0.0);
        DriftPointColumn {
            name: column.name.clone(),
            statistic: column.statistic.map(|name| name.as_str().to_owned()),
            effect: column.effect,
            share_of_critical: critical.map(|critical| (column.effect / critical).max(0.0)),
            verdict: column.verdict.as_str().to_owned(),
        }
    };
    report.columns.iter().map(column).collect()
}

impl From<&Performance> for PerformancePoint {
    fn from(of: &Performance) -> Self {
        Self {
            at: of.at,
            version: of.version,
            labelled: of.labelled,
            metrics: estimates(&of.metrics),
            estimated: estimates(&of.estimated),
        }
    }
}

/// How drift and performance of an endpoint moved over the latest checks.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct MonitoringHistory {
    /// Name of the endpoint.
    #[schemars(extend("examples" = ["churn"]))]
    pub endpoint: String,
}

impl Query for MonitoringHistory {
    const ROUTE: &'static str = "/api/v1/endpoints/{endpoint}/monitoring/history";
    type Answer = MonitoringHistoryDocument;

    async fn read(&self, broker: &Broker) -> Result<MonitoringHistoryDocument, Error> {
        let (monitors, endpoint) = (broker.registry.monitors(), self.endpoint.as_str());
        known(&broker.registry, endpoint).await?;
        let drift = monitors.drift_history(endpoint).await?;
        let performance = monitors.performance_history(endpoint).await?;
        Ok(MonitoringHistoryDocument {
            endpoint: endpoint.to_owned(),
            drift: drift.iter().map(DriftPoint::from).collect(),
            performance: performance.iter().map(PerformancePoint::from).collect(),
        })
    }
}
