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
    /// The run is complete.
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
    /// Run that the event is about.
    pub run: Run,
    /// Job that the run is an execution of.
    pub job: Job,
    /// Datasets that the run reads.
    pub inputs: Vec<Dataset>,
    /// Datasets that the run writes.
    pub outputs: Vec<Dataset>,
    /// URI of the program that made the event, with its version.
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
    /// Facets of the run, by name.
    pub facets: Facets,
}

/// Job of an event: namespace and name.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Job {
    /// Namespace of the job, from the configuration.
    pub namespace: String,
    /// Name of the job in its namespace.
    pub name: String,
    /// Facets of the job, by name.
    pub facets: Facets,
}

/// A dataset that a job reads or writes.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Dataset {
    /// Namespace of the dataset: the store of a source, else the configured namespace.
    pub namespace: String,
    /// Name of the dataset in its namespace.
    pub name: String,
    /// Facets of the dataset, by name.
    pub facets: Facets,
    /// How it was read.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub input_facets: Facets,
    /// How it was written.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub output_facets: Facets,
}
