//! Names of kinds and severities, as in JSON, metrics and configuration.

use contracts::v1::{AlertKind, AlertSeverity};

/// Every kind of alert.
pub const KINDS: [AlertKind; 7] = [
    AlertKind::FeatureDrift,
    AlertKind::PredictionDrift,
    AlertKind::DataQuality,
    AlertKind::PerformanceDegradation,
    AlertKind::HighErrorRate,
    AlertKind::HighLatency,
    AlertKind::DataValidation,
];

/// Name of a kind, such as `feature_drift`.
#[must_use]
pub fn alert_kind_name(kind: AlertKind) -> String {
    kind.as_str_name().trim_start_matches("ALERT_KIND_").to_lowercase()
}

/// Name of a severity, such as `critical`.
#[must_use]
pub fn alert_severity_name(severity: AlertSeverity) -> String {
    severity.as_str_name().trim_start_matches("ALERT_SEVERITY_").to_lowercase()
}
