//! Configuration of the observability-connector.

use agent_runtime::CheckConfig;
use serde::{Deserialize, Serialize};

/// Configuration, under the keys `monitoring.…`.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Config {
    /// How events are counted.
    pub monitoring: Monitoring,
}

/// How events are counted.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Monitoring {
    /// Most events counted at once.
    pub batch_events: usize,
    /// Milliseconds that the first event of a batch waits for others.
    pub batch_milliseconds: u64,
    /// Seconds after which a replica looks at what others have counted.
    pub refresh_seconds: u64,
}

impl Default for Monitoring {
    fn default() -> Self {
        Self { batch_events: 256, batch_milliseconds: 100, refresh_seconds: 5 }
    }
}

impl CheckConfig for Config {
    fn problems(&self) -> Vec<String> {
        let mut problems = Vec::new();
        let monitoring = &self.monitoring;
        if !(1..=4096).contains(&monitoring.batch_events) {
            problems.push(format!(
                "monitoring.batch_events: is {}; expected 1 to 4096",
                monitoring.batch_events
            ));
        }
        if monitoring.batch_milliseconds > 10_000 {
            problems.push(format!(
                "monitoring.batch_milliseconds: is {}; expected 0 to 10000",
                monitoring.batch_milliseconds
            ));
        }
        if !(1..=3600).contains(&monitoring.refresh_seconds) {
            problems.push(format!(
                "monitoring.refresh_seconds: is {}; expected 1 to 3600",
                monitoring.refresh_seconds
            ));
        }
        problems
    }
}
