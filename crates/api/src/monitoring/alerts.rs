//! Alerts as they are shown, and which are looked for.

use std::fmt;
use std::str::FromStr;
use std::time::SystemTime;

use contracts::v1::{Alert, AlertRecord, AlertState, QualityIssue};
use pbjson_types::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::names::{Kind, ParseNameError, Severity, State};
use crate::query::{limit, place_after};
use crate::{Broker, Change, Error, Query, endpoints};

/// An alert as it was raised.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct RaisedView {
    /// Identifier of the alert.
    pub alert_id: String,
    /// Name of the endpoint.
    pub endpoint: String,
    /// The version; 0 means the live one.
    pub version: u32,
    /// Kind of the problem, such as `feature_drift` or `high_latency`.
    pub kind: Kind,
    /// How bad it is.
    pub severity: Severity,
    /// The column or metric; empty where it is the endpoint as a whole.
    pub subject: String,
    /// What was found, in words.
    pub reason: String,
    /// Measured value, in the unit of the statistic or metric.
    pub value: f64,
    /// What it was compared with.
    pub threshold: f64,
    /// When it was found.
    #[schemars(with = "Option<String>", extend("format" = "date-time"))]
    pub at: Option<Timestamp>,
    /// Name of what raised the alert; `observability-connector` for the checks of monitoring.
    pub raised_by: String,
    /// Identifier of the run that it is about; left out where it is about none.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub run_id: String,
    /// What was found in the data of the run; names and counts, no values of rows.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub findings: Vec<FindingView>,
}

/// A finding about the data of a run.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct FindingView {
    /// Stable identifier, such as `expectation_not_met`.
    pub code: String,
    /// Whether it alone fails the quality gate.
    pub blocking: bool,
    /// The column; empty for the table.
    pub column: String,
    /// Rows concerned.
    pub rows: u64,
    /// What was found, and what would be right.
    pub message: String,
}

impl From<&Alert> for RaisedView {
    fn from(alert: &Alert) -> Self {
        Self {
            alert_id: alert.alert_id.clone(),
            endpoint: alert.endpoint.clone(),
            version: alert.version,
            kind: Kind(alert.kind()),
            severity: Severity(alert.severity()),
            subject: alert.subject.clone(),
            reason: alert.reason.clone(),
            value: alert.value,
            threshold: alert.threshold,
            at: alert.at,
            raised_by: alert.raised_by.clone(),
            run_id: alert.run_id.clone(),
            findings: alert.findings.iter().cloned().map(FindingView::from).collect(),
        }
    }
}

impl From<QualityIssue> for FindingView {
    fn from(found: QualityIssue) -> Self {
        let QualityIssue { code, blocking, column, rows, message } = found;
        Self { code, blocking, column, rows, message }
    }
}

/// An alert and what became of it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct AlertView {
    /// The alert, as it was last found.
    #[serde(flatten)]
    pub alert: RaisedView,
    /// State of the alert: `active`, `acknowledged` or `resolved`.
    pub state: State,
    /// When it was raised.
    #[schemars(with = "Option<String>", extend("format" = "date-time"))]
    pub opened_at: Option<Timestamp>,
    /// When it was last found.
    #[schemars(with = "Option<String>", extend("format" = "date-time"))]
    pub last_at: Option<Timestamp>,
    /// How often it was found since it was raised.
    pub occurrences: u64,
    /// When a person acknowledged it, RFC 3339.
    #[schemars(with = "Option<String>", extend("format" = "date-time"))]
    pub acknowledged_at: Option<Timestamp>,
    /// Author of the acknowledgement; empty where there is none.
    pub acknowledged_by: String,
    /// Note of the person who acknowledged or resolved the alert; may be empty.
    pub note: String,
    /// When it was over.
    #[schemars(with = "Option<String>", extend("format" = "date-time"))]
    pub resolved_at: Option<Timestamp>,
    /// Name of the person who resolved the alert, or `observability-connector` where the checks no
    /// longer found it; empty before.
    pub resolved_by: String,
}

impl From<&AlertRecord> for AlertView {
    fn from(record: &AlertRecord) -> Self {
        Self {
            alert: RaisedView::from(&record.alert.clone().unwrap_or_default()),
            state: State(record.state()),
            opened_at: record.opened_at,
            last_at: record.last_at,
            occurrences: record.occurrences,
            acknowledged_at: record.acknowledged_at,
            acknowledged_by: record.acknowledged_by.clone(),
            note: record.note.clone(),
            resolved_at: record.resolved_at,
            resolved_by: record.resolved_by.clone(),
        }
    }
}

/// A page of alerts.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct AlertsDocument {
    /// Those that were found last come first.
    pub alerts: Vec<AlertView>,
    /// How many there are that were looked for, of which these may be some.
    pub total: usize,
    /// Where there are more: what `after` has to be to get them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next: Option<String>,
}

/// Where the alerts stand that are looked for.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum AlertStateFilter {
    /// Not over: active or acknowledged.
    #[default]
    Open,
    /// Alerts of this state.
    In(AlertState),
    /// Alerts of every state.
    All,
}

impl FromStr for AlertStateFilter {
    type Err = ParseNameError;

    fn from_str(text: &str) -> Result<Self, ParseNameError> {
        match text {
            "open" => Ok(Self::Open),
            "all" => Ok(Self::All),
            text => {
                text.parse().map(|State(state)| Self::In(state)).map_err(|error: ParseNameError| {
                    ParseNameError { known: format!("open, {}, all", error.known), ..error }
                })
            }
        }
    }
}

impl fmt::Display for AlertStateFilter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Open => f.write_str("open"),
            Self::All => f.write_str("all"),
            Self::In(state) => State(*state).fmt(f),
        }
    }
}

/// Which alerts are looked for.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct AlertFilter {
    /// States of the alerts that are looked for.
    pub standing: AlertStateFilter,
    /// Of this kind only.
    pub kind: Option<Kind>,
    /// Of this severity only.
    pub severity: Option<Severity>,
}

impl AlertFilter {
    /// The records that it lets through, in their order.
    #[must_use]
    pub fn views(&self, records: &[AlertRecord]) -> Vec<AlertView> {
        records.iter().filter(|record| self.holds(record)).map(AlertView::from).collect()
    }

    fn holds(&self, record: &AlertRecord) -> bool {
        let stands = match self.standing {
            AlertStateFilter::Open => record.state() != AlertState::Resolved,
            AlertStateFilter::In(state) => record.state() == state,
            AlertStateFilter::All => true,
        };
        stands && record.alert.as_ref().is_some_and(|alert| self.is_of(alert))
    }

    /// Whether an alert is of the kind and severity, wherever it stands.
    #[must_use]
    pub fn is_of(&self, alert: &Alert) -> bool {
        self.kind.is_none_or(|kind| kind.0 == alert.kind())
            && self.severity.is_none_or(|severity| severity.0 == alert.severity())
    }
}

/// A page of alerts, those that were found last first.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct ListAlerts {
    /// Alerts of this endpoint only.
    pub endpoint: Option<String>,
    /// Where they stand: `open`, `active`, `acknowledged`, `resolved` or `all`; `open` where it is left out.
    #[schemars(extend("enum" = ["open", "active", "acknowledged", "resolved", "all"]))]
    pub state: Option<String>,
    /// Alerts of this kind only, such as `feature_drift`.
    #[schemars(with = "Option<Kind>")]
    pub kind: Option<String>,
    /// Alerts of this severity only: `info`, `warning` or `critical`.
    #[schemars(with = "Option<Severity>")]
    pub severity: Option<String>,
    /// Alerts behind the one with this identity.
    pub after: Option<String>,
    /// Most of them, 1 to 1000; 100 where it is left out.
    #[schemars(range(min = 1, max = 1000))]
    pub limit: Option<usize>,
}

impl Query for ListAlerts {
    const ROUTE: &'static str = "/api/v1/alerts";
    const EXPECTED: &'static str = "endpoint, state (open, active, acknowledged, resolved or all), kind, severity, after (an alert) and limit (1 to 1000), all optional";
    type Answer = AlertsDocument;

    async fn read(&self, broker: &Broker) -> Result<AlertsDocument, Error> {
        let filter = AlertFilter {
            standing: self.state.as_deref().map_or(Ok(AlertStateFilter::Open), str::parse)?,
            kind: self.kind.as_deref().map(str::parse).transpose()?,
            severity: self.severity.as_deref().map(str::parse).transpose()?,
        };
        let (limit, endpoint) = (limit(self.limit)?, self.endpoint.as_deref());
        if let Some(endpoint) = endpoint.filter(|name| !contracts::is_name(name)) {
            return Err(endpoints::unknown(&broker.registry, endpoint).await);
        }
        let records = broker.registry.monitors().alert_records(endpoint).await?;
        let total = filter.views(&records).len();
        // The alert that a page ends with may be in another state when the next one is read.
        let begin = place_after(&records, self.after.as_deref(), |record| {
            record.alert.as_ref().map_or("", |alert| alert.alert_id.as_str())
        })?;
        let mut alerts = filter.views(records.get(begin..).unwrap_or_default());
        let more = alerts.len() > limit;
        alerts.truncate(limit);
        let next = alerts.last().map(|last| last.alert.alert_id.clone()).filter(|_| more);
        Ok(AlertsDocument { alerts, total, next })
    }
}

/// Query for one alert.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct ShowAlert {
    /// Identity of the alert.
    #[schemars(extend("examples" = ["churn.feature_drift.age"]))]
    pub alert: String,
}

impl Query for ShowAlert {
    const ROUTE: &'static str = "/api/v1/alerts/{alert}";
    type Answer = AlertView;

    async fn read(&self, broker: &Broker) -> Result<AlertView, Error> {
        let id = &self.alert;
        let records = broker.registry.monitors().alert_records(None).await?;
        let is_it = |record: &&AlertRecord| {
            record.alert.as_ref().is_some_and(|alert| alert.alert_id == *id)
        };
        let found = records.iter().find(is_it).map(AlertView::from);
        Ok(found.ok_or_else(|| registry::Error::UnknownAlert { alert_id: id.clone() })?)
    }
}

/// That a person knows of an alert.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct AcknowledgeAlert {
    /// Identity of the alert.
    #[schemars(extend("examples" = ["churn.feature_drift.age"]))]
    pub alert: String,
    /// What the person says; may be empty.
    pub note: String,
}

impl Change for AcknowledgeAlert {
    const ROUTE: &'static str = "/api/v1/alerts/{alert}/acknowledge";
    type Answer = AlertView;

    async fn make(&self, broker: &Broker, by: &str) -> Result<AlertView, Error> {
        let monitors = broker.registry.monitors();
        let at = SystemTime::now();
        Ok((&monitors.acknowledge_alert(&self.alert, by, &self.note, at).await?).into())
    }
}

/// That an alert is over.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct ResolveAlert {
    /// Identity of the alert.
    #[schemars(extend("examples" = ["churn.feature_drift.age"]))]
    pub alert: String,
    /// What the person says; may be empty.
    pub note: String,
}

impl Change for ResolveAlert {
    const ROUTE: &'static str = "/api/v1/alerts/{alert}/resolve";
    type Answer = AlertView;

    async fn make(&self, broker: &Broker, by: &str) -> Result<AlertView, Error> {
        let monitors = broker.registry.monitors();
        let at = SystemTime::now();
        Ok((&monitors.resolve_alert(&self.alert, by, &self.note, at).await?).into())
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test")]

    use contracts::v1::{AlertKind, AlertSeverity};

    use super::*;

    fn record(state: AlertState, kind: AlertKind, severity: AlertSeverity) -> AlertRecord {
        let mut alert = Alert { alert_id: "a".into(), ..Alert::default() };
        alert.set_kind(kind);
        alert.set_severity(severity);
        let mut record = AlertRecord { alert: Some(alert), ..AlertRecord::default() };
        record.set_state(state);
        record
    }

    #[test]
    fn alerts_are_looked_for_by_where_they_stand_and_what_they_are() {
        let records = [
            record(AlertState::Active, AlertKind::FeatureDrift, AlertSeverity::Warning),
            record(AlertState::Acknowledged, AlertKind::HighLatency, AlertSeverity::Critical),
            record(AlertState::Resolved, AlertKind::FeatureDrift, AlertSeverity::Critical),
        ];
        let count = |standing: &str, kind: Option<&str>, severity: Option<&str>| {
            let filter = AlertFilter {
                standing: standing.parse().unwrap(),
                kind: kind.map(|kind| kind.parse().unwrap()),
                severity: severity.map(|severity| severity.parse().unwrap()),
            };
            filter.views(&records).len()
        };
        assert_eq!(count("open", None, None), 2);
        assert_eq!(count("active", None, None), 1);
        assert_eq!(count("all", None, None), 3);
        assert_eq!(count("all", Some("feature_drift"), None), 2);
        assert_eq!(count("all", Some("feature_drift"), Some("critical")), 1);
        assert_eq!(count("open", Some("data_quality"), None), 0);
        assert_eq!(AlertFilter::default().views(&records).len(), 2);
    }

    #[test]
    fn a_standing_that_is_none_is_refused_with_those_that_are() {
        let error = "over".parse::<AlertStateFilter>().unwrap_err().to_string();
        let expected =
            "`over` is no state of an alert; expected open, active, acknowledged, resolved, all";
        assert_eq!(error, expected);
        for text in ["open", "active", "acknowledged", "resolved", "all"] {
            assert_eq!(text.parse::<AlertStateFilter>().unwrap().to_string(), text);
        }
    }

    #[test]
    fn an_alert_is_one_object_that_is_read_back() {
        let record = record(AlertState::Active, AlertKind::DataQuality, AlertSeverity::Info);
        let view = AlertView::from(&record);
        let json = serde_json::to_value(&view).unwrap();
        assert_eq!((&json["alert_id"], &json["kind"]), (&"a".into(), &"data_quality".into()));
        assert_eq!((&json["state"], &json["severity"]), (&"active".into(), &"info".into()));
        assert_eq!(serde_json::from_value::<AlertView>(json).unwrap(), view);
    }
}
