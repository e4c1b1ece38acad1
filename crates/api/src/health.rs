//! How the fleet is: one report, for the API and the command line.
//!
//! ```text
//! Prober::look ─┬ broker: a round trip                                ┐
//!               ├ streams, queues, agents: what the broker says       │ all at once, each bounded in time
//!               ├ artifact store, registry: write and read back       ├─▶ Vec<Component> ─▶ Watched: since when ─▶ HealthDocument
//!               ├ model servers: an answer of each                    │
//!               └ MLflow, where one is configured                     ┘
//! ```
//!
//! Invariants:
//! - A component that was not reached is not said to be ill: it is unknown, and what kept it from being reached is said to be ill.
//! - The worst component that is required decides the whole.
//! - Every component that is not healthy says what to do.
//! - Asking often costs little: a report is kept for some seconds, and only one is made at a time.

mod probes;
mod queues;
mod servers;

use std::collections::BTreeMap;

use runs::ledger::{RunStatus, WarningView};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

pub use probes::Prober;
pub use queues::{QUEUES, STREAMS};

/// How a component is, the worst last.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum Status {
    /// It does its work.
    Healthy,
    /// It was begun a moment ago and has not reported yet.
    Starting,
    /// It does its work, but not as it should.
    Degraded,
    /// It could not be asked.
    Unknown,
    /// It does not do its work.
    Unhealthy,
}

impl Status {
    /// All statuses, the best first.
    pub const ALL: [Self; 5] =
        [Self::Healthy, Self::Starting, Self::Degraded, Self::Unknown, Self::Unhealthy];

    /// The name in JSON.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Healthy => "healthy",
            Self::Starting => "starting",
            Self::Degraded => "degraded",
            Self::Unknown => "unknown",
            Self::Unhealthy => "unhealthy",
        }
    }
}

/// A part of the fleet.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Component {
    /// `broker`, `stream`, `queue`, `agent`, `store`, `registry`, `cache`, `tracker`, `service`, `model_server` or `process`.
    pub kind: String,
    /// Name of the part, unique within the report.
    pub name: String,
    /// Status of the part when it was last checked.
    pub status: Status,
    /// Whether the fleet is ill where it is.
    pub required: bool,
    /// Milliseconds that it took to answer; none where it was not asked by itself.
    pub response_ms: Option<f64>,
    /// Since when it is so, as far as this process has seen; RFC 3339.
    pub since: String,
    /// What the check found, in words.
    pub detail: String,
    /// What to do, where something is to be done.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub advice: Option<String>,
}

impl Component {
    /// A required component without response time, time of its last change and advice.
    #[must_use]
    pub fn new(kind: &str, name: &str, status: Status, detail: impl Into<String>) -> Self {
        Self {
            kind: kind.to_owned(),
            name: name.to_owned(),
            status,
            required: true,
            response_ms: None,
            since: String::new(),
            detail: detail.into(),
            advice: None,
        }
    }

    /// The same, with what is to be done.
    #[must_use]
    pub fn advise(self, advice: impl Into<String>) -> Self {
        Self { advice: Some(advice.into()), ..self }
    }

    /// The same, which the fleet can do without.
    #[must_use]
    pub fn optional(self) -> Self {
        Self { required: false, ..self }
    }

    /// The same, not reached because the broker was not.
    #[must_use]
    fn behind_the_broker(self) -> Self {
        let advice = Some("see the broker: nothing is known of this without it".to_owned());
        Self { status: Status::Unknown, advice, ..self }
    }
}

/// How the fleet is.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct HealthDocument {
    /// How the whole is: as the worst component that is required.
    pub status: Status,
    /// When this was found; RFC 3339.
    pub checked_at: String,
    /// One entry for each part of the fleet.
    pub components: Vec<Component>,
    /// The last sequence that the ledger has taken in.
    pub last_sequence: u64,
    /// Number of runs in the ledger, by status.
    pub runs: BTreeMap<RunStatus, usize>,
    /// What a person should look at.
    #[serde(default)]
    pub warnings: Vec<WarningView>,
}

impl HealthDocument {
    /// How a whole of these parts is, of which nothing else is known.
    #[must_use]
    pub fn from_components(components: Vec<Component>, checked_at: String) -> Self {
        Self {
            status: worst(&components),
            checked_at,
            components,
            last_sequence: 0,
            runs: BTreeMap::new(),
            warnings: Vec::new(),
        }
    }

    /// The same with further parts.
    #[must_use]
    pub fn with(mut self, components: Vec<Component>) -> Self {
        self.status = self.status.max(worst(&components));
        self.components.extend(components);
        self
    }
}

/// How a whole of these parts is.
#[must_use]
pub fn worst(components: &[Component]) -> Status {
    let required = components.iter().filter(|component| component.required);
    required.map(|component| component.status).max().unwrap_or(Status::Unknown)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_worst_component_that_is_required_decides() {
        let of = |status| Component::new("stream", "x", status, "");
        assert_eq!(worst(&[]), Status::Unknown, "nothing was looked at");
        assert_eq!(worst(&[of(Status::Healthy)]), Status::Healthy);
        let optional = of(Status::Unhealthy).optional();
        assert_eq!(worst(&[of(Status::Healthy), optional.clone()]), Status::Healthy);
        assert_eq!(worst(&[of(Status::Degraded), of(Status::Healthy), optional]), Status::Degraded);
        assert_eq!(worst(&[of(Status::Starting), of(Status::Healthy)]), Status::Starting);
        assert_eq!(worst(&[of(Status::Starting), of(Status::Degraded)]), Status::Degraded);
        assert_eq!(worst(&[of(Status::Unknown), of(Status::Degraded)]), Status::Unknown);
        assert_eq!(worst(&[of(Status::Unhealthy), of(Status::Unknown)]), Status::Unhealthy);
    }

    #[test]
    fn statuses_have_one_name() {
        for status in Status::ALL {
            assert_eq!(serde_json::json!(status), status.as_str());
        }
    }
}
