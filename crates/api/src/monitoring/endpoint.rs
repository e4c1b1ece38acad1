//! All that is known of a watched endpoint, in one document.

use std::collections::BTreeMap;

use contracts::v1::{Monitor, MonitorCounts};
use pbjson_types::Timestamp;
use registry::{DriftDocument, Registry};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::alerts::{AlertFilter, AlertView};
use super::performance::PerformanceView;
use crate::models::view::MetricView;
use crate::{Broker, Error, Query, endpoints};

/// What is known of a watched endpoint.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct MonitoringDocument {
    /// Name of the endpoint.
    pub endpoint: String,
    /// What it is watched against; none where no version of it is watched.
    pub monitor: Option<MonitorView>,
    /// Counts of answers and predicted rows; none before the first is counted.
    pub counts: Option<CountsView>,
    /// The last drift report.
    pub drift: Option<DriftDocument>,
    /// Metrics on labelled rows and those estimated without labels; none before they are computed.
    pub performance: Option<PerformanceView>,
    /// What is wrong with it and not over.
    pub alerts: Vec<AlertView>,
}

/// What an endpoint is watched against.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct MonitorView {
    /// Name of the registered model.
    pub model: String,
    /// Number of the version, from 1.
    pub version: u32,
    /// Digest of its bundle.
    pub digest: String,
    /// The run that registered it.
    pub run_id: String,
    /// Time of the change, RFC 3339 in JSON.
    #[schemars(with = "Option<String>", extend("format" = "date-time"))]
    pub registered_at: Option<Timestamp>,
    /// The column that is predicted.
    pub target: String,
    /// The metric that the model was optimised for.
    pub metric: String,
    /// Metrics of the test split, which labelled windows are compared with.
    pub test_metrics: BTreeMap<String, MetricView>,
}

/// What was counted of an endpoint.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct CountsView {
    /// Number of answered requests.
    pub answers: u64,
    /// Number of predicted rows.
    pub rows: u64,
    /// Number of predicted rows, by number of the version.
    pub rows_by_version: BTreeMap<u32, u64>,
    /// Rows by predicted class.
    pub rows_by_prediction: BTreeMap<String, u64>,
    /// Missing values by column.
    pub missing_by_column: BTreeMap<String, u64>,
    /// Texts that training did not see, by column.
    pub unseen_by_column: BTreeMap<String, u64>,
    /// Mean time to an answer in milliseconds; none before the first.
    pub mean_latency_ms: Option<f64>,
}

impl From<&Monitor> for MonitorView {
    fn from(monitor: &Monitor) -> Self {
        let metrics = monitor.test_metrics.iter().map(|(name, of)| {
            (name.clone(), MetricView { value: of.value, low: of.low, high: of.high })
        });
        Self {
            model: monitor.model.clone(),
            version: monitor.version,
            digest: monitor.digest.clone(),
            run_id: monitor.run_id.clone(),
            registered_at: monitor.registered_at,
            target: monitor.target.clone(),
            metric: monitor.metric.clone(),
            test_metrics: metrics.collect(),
        }
    }
}

impl From<MonitorCounts> for CountsView {
    fn from(counts: MonitorCounts) -> Self {
        #[allow(clippy::cast_precision_loss, reason = "of a mean, fifteen digits are enough")]
        let mean = (counts.answers > 0).then(|| counts.latency_ms_sum / counts.answers as f64);
        Self {
            answers: counts.answers,
            rows: counts.rows,
            rows_by_version: counts.rows_by_version,
            rows_by_prediction: counts.rows_by_prediction,
            missing_by_column: counts.missing_by_column,
            unseen_by_column: counts.unseen_by_column,
            mean_latency_ms: mean,
        }
    }
}

/// Refuses an endpoint that neither is there nor is still watched.
///
/// # Errors
/// `endpoint_not_found` with the endpoints that there are, and where the registry fails.
pub async fn known(registry: &Registry, endpoint: &str) -> Result<(), Error> {
    // A name becomes a key, and other text is the key of nothing.
    if contracts::is_name(endpoint)
        && (registry.record(endpoint).await?.is_some()
            || registry.monitors().get(endpoint).await?.is_some())
    {
        return Ok(());
    }
    Err(endpoints::unknown(registry, endpoint).await)
}

/// All that is known of a watched endpoint.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct ShowMonitoring {
    /// Name of the endpoint.
    #[schemars(extend("examples" = ["churn"]))]
    pub endpoint: String,
}

impl Query for ShowMonitoring {
    const ROUTE: &'static str = "/api/v1/endpoints/{endpoint}/monitoring";
    type Answer = MonitoringDocument;

    async fn read(&self, broker: &Broker) -> Result<MonitoringDocument, Error> {
        let (monitors, endpoint) = (broker.registry.monitors(), self.endpoint.as_str());
        known(&broker.registry, endpoint).await?;
        let monitor = monitors.get(endpoint).await?;
        let records = monitors.alert_records(Some(endpoint)).await?;
        let performance = monitors.performance(endpoint).await?;
        let drift = match monitors.drift(endpoint).await {
            Err(error @ registry::Error::Damaged { .. }) => {
                tracing::warn!(endpoint, %error, "the drift report cannot be read; it is left out");
                None
            }
            drift => drift?,
        };
        Ok(MonitoringDocument {
            endpoint: endpoint.to_owned(),
            monitor: monitor.as_ref().map(MonitorView::from),
            counts: monitors.counts(endpoint).await?.map(CountsView::from),
            drift,
            performance: performance.as_ref().map(PerformanceView::from),
            alerts: AlertFilter::default().views(&records),
        })
    }
}
