//! A RunEvent as it is written: <https://openlineage.io/spec/2-0-2/OpenLineage.json>.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::Value;

/// Who made an event.
pub(super) const PRODUCER: &str = concat!("urn:tier0:orchestrator:", env!("CARGO_PKG_VERSION"));
/// The schema that events keep.
pub(super) const SCHEMA: &str =
    "https://openlineage.io/spec/2-0-2/OpenLineage.json#/$defs/RunEvent";

/// Facets by their names.
pub type Facets = BTreeMap<String, Value>;

/// What became of a run.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
pub enum EventType {
    /// It was handed to the agent that does it.
    Start,
    /// It is done.
    Complete,
    /// It could not be done.
    Fail,
    /// A person or a program cancelled it.
    Abort,
}

impl EventType {
    /// The name in JSON.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Start => "START",
            Self::Complete => "COMPLETE",
            Self::Fail => "FAIL",
            Self::Abort => "ABORT",
        }
    }
}

/// Something that became of the run of a job.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct RunEvent {
    /// Kind of the transition: START, COMPLETE, ABORT or FAIL.
    pub event_type: EventType,
    /// Time of the event, RFC 3339.
    pub event_time: String,
    /// Of which run.
    pub run: Run,
    /// Of which job.
    pub job: Job,
    /// What it reads.
    pub inputs: Vec<Dataset>,
    /// What it writes.
    pub outputs: Vec<Dataset>,
    /// Who says so.
    pub producer: String,
    /// The schema of the event.
    #[serde(rename = "schemaURL")]
    pub schema_url: String,
}

impl RunEvent {
    /// The same for every repetition of the same event.
    #[must_use]
    pub fn identity(&self) -> String {
        format!("{}.{}.{}", self.run.run_id, self.event_type.as_str(), self.event_time)
    }
}

/// A run of a job.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Run {
    /// Its id, a UUID.
    pub run_id: String,
    /// More of it.
    pub facets: Facets,
}

/// Job of an event: namespace and name.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Job {
    /// Whose it is.
    pub namespace: String,
    /// Its name there.
    pub name: String,
    /// More of it.
    pub facets: Facets,
}

/// A dataset that a job reads or writes.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Dataset {
    /// Where it is.
    pub namespace: String,
    /// Its name there.
    pub name: String,
    /// More of it.
    pub facets: Facets,
    /// How it was read.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub input_facets: Facets,
    /// How it was written.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub output_facets: Facets,
}
