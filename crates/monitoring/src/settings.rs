//! What operators set of monitoring: sections of the observability-connector's configuration.

use std::time::Duration;

pub use schema::Severity;
use serde::{Deserialize, Serialize};

use crate::alerts::RecordRules;

/// When a model is worse than it was.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Degradation {
    /// Fewest labelled rows that are judged.
    pub min_labelled: usize,
    /// Most labelled rows that are kept of a version, the newest.
    pub window_rows: usize,
    /// Drop of the model's metric that is a warning: of metrics with a greatest value the difference, of losses the share.
    pub warning: f64,
    /// Drop that is critical: the version is rolled back.
    pub critical: f64,
    /// Text columns by whose values rows are also measured apart: so many of the signature's first ones.
    pub segments: usize,
}

impl Default for Degradation {
    fn default() -> Self {
        Self { min_labelled: 100, window_rows: 5000, warning: 0.05, critical: 0.1, segments: 3 }
    }
}

/// When too many requests fail or take too long.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Traffic {
    /// Seconds that are looked back.
    pub seconds: u64,
    /// Fewest requests that are judged.
    pub min_requests: u64,
    /// Share of failed requests that is a warning.
    pub warning_error_rate: f64,
    /// Share of failed requests that is critical: the version is rolled back.
    pub critical_error_rate: f64,
    /// Milliseconds of the slowest per cent of the answers that are a warning; 0 for none.
    pub warning_p99_ms: f64,
    /// Milliseconds of the slowest per cent that are critical: the version is rolled back; 0 for none.
    pub critical_p99_ms: f64,
}

impl Default for Traffic {
    fn default() -> Self {
        Self {
            seconds: 60,
            min_requests: 100,
            warning_error_rate: 0.01,
            critical_error_rate: 0.05,
            warning_p99_ms: 250.0,
            critical_p99_ms: 0.0,
        }
    }
}

/// How alerts come and go.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Alerts {
    /// Seconds after its end in which an alert that is found again is the same one, and is not sent again.
    pub cool_down_seconds: u64,
    /// Checks in a row that do not find it, after which an alert is over.
    pub clear_checks: u32,
}

impl Default for Alerts {
    fn default() -> Self {
        Self { cool_down_seconds: 900, clear_checks: 3 }
    }
}

impl Alerts {
    /// The same as the records of alerts take it.
    #[must_use]
    pub fn rules(self) -> RecordRules {
        RecordRules {
            cool_down: Duration::from_secs(self.cool_down_seconds),
            clear_checks: self.clear_checks,
        }
    }
}

/// What is done about drift.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Retraining {
    /// Whether models are retrained, and who decides.
    pub mode: Mode,
    /// Least severity of the alert.
    pub min_severity: Severity,
    /// Fewest labelled rows to train on.
    pub min_rows: usize,
    /// Seconds after a retraining's end in which no other one begins.
    pub cool_down_seconds: u64,
    /// Seconds of search for a model.
    pub time_budget_seconds: f64,
    /// Seconds of runs within a day after which no other one begins.
    pub max_seconds_per_day: f64,
}

/// Whether models are retrained, and who decides.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Mode {
    /// Models are not retrained.
    Off,
    /// It is noted what would be done.
    DryRun,
    /// A person has to approve.
    Approve,
    /// Retrainings begin without an approval.
    #[default]
    Auto,
}

impl Default for Retraining {
    fn default() -> Self {
        Self {
            mode: Mode::Auto,
            min_severity: Severity::Critical,
            min_rows: 1000,
            cool_down_seconds: 3600,
            time_budget_seconds: 60.0,
            max_seconds_per_day: 7200.0,
        }
    }
}
