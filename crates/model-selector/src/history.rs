//! What served similar tables well, from the registry.
//!
//! Nothing but what is tried first depends on it: whatever cannot be read is left out.

use std::collections::BTreeSet;

use artifacts::ArtifactStore;
use bus::Bus;
use contracts::messages::ModelVersion;
use contracts::stages::{
    ColumnType, FeatureSet, Field, PreparedData, Scope, SearchReport, WarmStart,
};
use contracts::{RunId, encoding, failures, subjects};
use registry::Registry;
use stage::StageContext;

/// Most models that are looked at.
const MAX_MODELS: usize = 200;
/// Most models that configurations are taken of.
const MAX_SIMILAR: usize = 3;
/// Most configurations of a model, the weightiest.
const MAX_OF_MODEL: usize = 3;
/// Least share of inputs in common.
const MIN_SIMILARITY: f64 = 0.6;

/// A model that served a similar table.
struct SimilarModel {
    similarity: f64,
    version: ModelVersion,
}

/// The configurations of the models whose tables are most like this one.
pub(crate) async fn warm_starts(
    scope: &Scope,
    prepared: &PreparedData,
    features: &FeatureSet,
    cx: &StageContext,
) -> Vec<WarmStart> {
    let similar = match similar(scope, &inputs(prepared, features), &cx.bus).await {
        Ok(similar) => similar,
        Err(error) => {
            tracing::warn!(
                error = failures::with_causes(&error),
                "the registry cannot be read; no earlier configurations are tried"
            );
            return Vec::new();
        }
    };
    let mut starts: Vec<WarmStart> = Vec::new();
    for of in similar {
        let Some(report) = report(&of.version, &cx.bus, &cx.artifacts).await else { continue };
        for (algorithm, parameters) in best(&report) {
            let known =
                |start: &WarmStart| start.algorithm == algorithm && start.parameters == parameters;
            if !starts.iter().any(known) {
                starts.push(WarmStart {
                    algorithm,
                    parameters,
                    model: of.version.model.clone(),
                    version: of.version.version,
                    similarity: of.similarity,
                });
            }
        }
    }
    starts
}

/// The raw inputs of the features, with their types.
fn inputs(prepared: &PreparedData, features: &FeatureSet) -> BTreeSet<Input> {
    let sources: BTreeSet<&str> =
        features.features.iter().flat_map(|of| of.sources.iter().map(String::as_str)).collect();
    let used = |column: &&Field| sources.contains(column.name.as_str());
    prepared.columns.iter().filter(used).map(kind).collect()
}

/// An input by name and type.
type Input = (String, ColumnType);

/// Whole numbers and others are one type: the rows that a retraining has may hold either.
fn kind(column: &Field) -> Input {
    let of = match column.column_type {
        ColumnType::Integer => ColumnType::Number,
        other => other,
    };
    (column.name.clone(), of)
}

/// The latest versions of models for the same type of problem, the most similar first; of equal ones the one of this name.
async fn similar(
    scope: &Scope,
    inputs: &BTreeSet<Input>,
    bus: &Bus,
) -> Result<Vec<SimilarModel>, registry::Error> {
    let registry = Registry::new(bus).await?;
    let mut found = Vec::new();
    for model in registry.models_after("", None, MAX_MODELS).await? {
        let Some(version) = registry.version(&model.model, model.latest_version).await? else {
            continue;
        };
        let similarity = similarity(inputs, &version);
        if version.problem() == Some(scope.problem_type) && similarity >= MIN_SIMILARITY {
            found.push(SimilarModel { similarity, version });
        }
    }
    found.sort_by(|one, other| {
        let own = |of: &SimilarModel| of.version.model != scope.name;
        other
            .similarity
            .total_cmp(&one.similarity)
            .then(own(one).cmp(&own(other)))
            .then_with(|| one.version.model.cmp(&other.version.model))
    });
    found.truncate(MAX_SIMILAR);
    Ok(found)
}

/// Jaccard's index of the inputs by name and type.
fn similarity(inputs: &BTreeSet<Input>, version: &ModelVersion) -> f64 {
    let others: BTreeSet<Input> = version.inputs().iter().flatten().map(kind).collect();
    let all = inputs.union(&others).count();
    if all == 0 { 0.0 } else { inputs.intersection(&others).count() as f64 / all as f64 }
}

/// How the search for a version went, where that is still known.
async fn report(
    version: &ModelVersion,
    bus: &Bus,
    artifacts: &ArtifactStore,
) -> Option<SearchReport> {
    let run = RunId::new(version.run_id.as_str()).ok()?;
    let results = bus.last(&subjects::results_of(&run)).await;
    let (_, _, payload) = results.ok().flatten()?;
    let result = encoding::decode_handoff(None, &payload).ok()?;
    let artifact = result.trained_model().ok()?.search_report.as_ref()?;
    let bytes = artifacts.get(artifact).await.ok()?;
    serde_json::from_slice(&bytes).ok()
}

/// The configurations of the model that came of a search, the weightiest first.
fn best(report: &SearchReport) -> Vec<(String, std::collections::BTreeMap<String, f64>)> {
    let numbers: Vec<u32> = if report.ensemble.is_empty() {
        vec![report.best]
    } else {
        report.ensemble.iter().map(|member| member.trial).collect()
    };
    let trial = |number: &u32| report.trials.iter().find(|trial| trial.number == *number);
    numbers
        .iter()
        .filter_map(trial)
        .take(MAX_OF_MODEL)
        .map(|trial| (trial.algorithm.clone(), trial.parameters.clone()))
        .collect()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::float_cmp, reason = "a test of exact shares")]
    use contracts::stages::{EnsembleMember, FeatureSummary, TrialRecord};

    use super::*;

    fn column(name: &str, of: ColumnType) -> Field {
        Field::new(name, of)
    }

    #[test]
    fn inputs_are_alike_by_name_and_type() {
        let prepared = PreparedData {
            columns: ["a", "b", "c", "unused"].map(|name| column(name, ColumnType::Number)).into(),
            ..PreparedData::default()
        };
        let feature = |sources: &[&str]| FeatureSummary {
            sources: sources.iter().map(|name| (*name).to_owned()).collect(),
            ..FeatureSummary::default()
        };
        let features = FeatureSet {
            features: vec![feature(&["a"]), feature(&["b", "c"]), feature(&["a", "c"])],
            ..FeatureSet::default()
        };
        let inputs = inputs(&prepared, &features);
        assert_eq!(inputs.len(), 3);
        let version = |columns: Vec<Field>| ModelVersion {
            signature_inputs: columns.into_iter().map(Into::into).collect(),
            ..ModelVersion::default()
        };
        let number = |name| column(name, ColumnType::Number);
        let same = version(vec![number("c"), column("a", ColumnType::Integer), number("b")]);
        assert_eq!(similarity(&inputs, &same), 1.0);
        let other = version(vec![number("a"), column("b", ColumnType::Text)]);
        assert_eq!(similarity(&inputs, &other), 0.25);
        assert_eq!(similarity(&inputs, &version(Vec::new())), 0.0);
    }

    #[test]
    fn the_weightiest_configurations_of_a_report_are_taken() {
        let trial = |number: u32| TrialRecord {
            number,
            algorithm: format!("learner_{number}"),
            ..TrialRecord::default()
        };
        let member = |trial: u32| EnsembleMember { trial, ..EnsembleMember::default() };
        let report = SearchReport {
            trials: (0..9).map(trial).collect(),
            best: 5,
            ensemble: [7, 2, 4, 1].map(member).into(),
            ..SearchReport::default()
        };
        let names = |report: &SearchReport| -> Vec<String> {
            best(report).into_iter().map(|(algorithm, _)| algorithm).collect()
        };
        assert_eq!(names(&report), ["learner_7", "learner_2", "learner_4"]);
        let alone = SearchReport { ensemble: Vec::new(), ..report };
        assert_eq!(names(&alone), ["learner_5"]);
    }
}
