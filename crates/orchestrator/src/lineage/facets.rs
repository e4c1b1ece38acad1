//! The facets that events carry. Those of OpenLineage have its schemas; what only tier0 knows is in the facet `tier0`.

use contracts::v1::{Failure, StageOutput};
use serde_json::{Map, Value, json};

use super::event::{Facets, Job, PRODUCER};

/// The facet of what only tier0 knows of a run.
const TIER0_RUN: &str = "urn:tier0:openlineage:1-0-0:Tier0RunFacet.json#/$defs/Tier0RunFacet";
/// Longest message of a failure.
const MAX_MESSAGE_LENGTH: usize = 4000;

fn schema(version: &str, name: &str) -> String {
    format!("https://openlineage.io/spec/facets/{version}/{name}.json#/$defs/{name}")
}

/// A facet: its members, and those that every facet has. Members that are null are left out.
fn facet(schema: String, members: Value) -> Value {
    let mut facet = Map::from_iter([
        ("_producer".to_owned(), Value::from(PRODUCER)),
        ("_schemaURL".to_owned(), Value::from(schema)),
    ]);
    if let Value::Object(members) = members {
        facet.extend(members.into_iter().filter(|(_, value)| !value.is_null()));
    }
    Value::Object(facet)
}

fn named(name: &str, facet: Value) -> (String, Value) {
    (name.to_owned(), facet)
}

/// What kind of job it is.
pub(super) fn job(kind: &str, description: &str) -> Facets {
    let kind = json!({"processingType": "BATCH", "integration": "TIER0", "jobType": kind});
    Facets::from([
        named("jobType", facet(schema("2-0-4", "JobTypeJobFacet"), kind)),
        named(
            "documentation",
            facet(schema("1-1-0", "DocumentationJobFacet"), json!({ "description": description })),
        ),
    ])
}

/// The run that a stage belongs to.
pub(super) fn parent(run_id: &str, job: &Job) -> (String, Value) {
    let of = json!({
        "run": {"runId": run_id},
        "job": {"namespace": job.namespace, "name": job.name},
    });
    let mut members = of.clone();
    if let Value::Object(members) = &mut members {
        members.insert("root".to_owned(), of);
    }
    named("parent", facet(schema("1-2-0", "ParentRunFacet"), members))
}

/// Why a run ended badly.
pub(super) fn error_message(failure: &Failure) -> (String, Value) {
    let message: String = failure.message.chars().take(MAX_MESSAGE_LENGTH).collect();
    let members = json!({"message": message, "programmingLanguage": "RUST"});
    named("errorMessage", facet(schema("1-0-1", "ErrorMessageRunFacet"), members))
}

/// What only tier0 knows of a run.
pub(super) fn tier0(members: Value) -> (String, Value) {
    named("tier0", facet(TIER0_RUN.to_owned(), members))
}

/// What is known of how a stage went.
pub(super) fn of_output(output: &StageOutput) -> Value {
    let started_at = output.started_at.as_ref().and_then(contracts::time::system_time);
    let started_at = started_at.and_then(|at| jiff::Timestamp::try_from(at).ok());
    json!({
        "started_at": started_at.map(|at| at.to_string()),
        "agent_version": output.agent_version,
        "replica": output.replica,
        "attempt": output.attempt,
        "seconds": output.elapsed.as_ref().map(contracts::time::seconds),
        "reused_from": Some(&output.reused_from).filter(|run| !run.is_empty()),
    })
}

/// The columns or features of a dataset, with their types.
pub(super) fn fields<'a>(fields: impl Iterator<Item = (&'a str, String)>) -> (String, Value) {
    let fields: Vec<Value> =
        fields.map(|(name, kind)| json!({"name": name, "type": kind})).collect();
    named("schema", facet(schema("1-2-0", "SchemaDatasetFacet"), json!({ "fields": fields })))
}

/// Where a dataset lies.
pub(super) fn data_source(name: &str, uri: &str) -> (String, Value) {
    let members = json!({"name": name, "uri": uri});
    named("dataSource", facet(schema("1-0-1", "DatasourceDatasetFacet"), members))
}

/// Which content of a dataset is meant.
pub(super) fn version(version: &str) -> (String, Value) {
    let members = json!({ "datasetVersion": version });
    named("version", facet(schema("1-0-1", "DatasetVersionDatasetFacet"), members))
}

/// The facet `inputStatistics`: number of rows and size in bytes of what was read.
pub(super) fn input_statistics(rows: Option<u64>, bytes: Option<u64>) -> Facets {
    let members = json!({"rowCount": rows, "size": bytes});
    let schema = schema("1-0-0", "InputStatisticsInputDatasetFacet");
    Facets::from([named("inputStatistics", facet(schema, members))])
}

/// The facet `outputStatistics`: number of rows and size in bytes of what was written.
pub(super) fn output_statistics(rows: Option<u64>, bytes: Option<u64>) -> Facets {
    let members = json!({"rowCount": rows, "size": bytes});
    let schema = schema("1-0-2", "OutputStatisticsOutputDatasetFacet");
    Facets::from([named("outputStatistics", facet(schema, members))])
}
