//! One handoff: fetch, analyse, store.

use artifacts::media_type;
use bytes::Bytes;
use contracts::steps::Dependencies;
use contracts::v1::{
    ArtifactRef, FeatureSet, FeatureSummary, PreparedData, RejectedFeature, Scope, SplitMethod,
    stage_output,
};
use contracts::{Agent, At, ContractError, FieldProblem, ValidHandoff, v1};
use process::{Resources, StartError};
use stage::{Stage, StageContext, StageResult};
use tabular::plan::{Rejected, Summary};
use tabular::{CleaningPlan, ProblemType, Table};

use crate::analysis::{Analysis, Splits, Task, analyse};
use crate::config::{Config, Features};
use crate::error::{Error, Refusal};
use crate::gate;

/// The feature-analyzer.
#[derive(Debug)]
pub struct FeatureAnalyzer {
    features: Features,
}

impl Stage for FeatureAnalyzer {
    const AGENT: Agent = Agent::FeatureAnalyzer;
    type Config = Config;
    type Error = Error;

    async fn new(config: Config, _: &Resources) -> Result<Self, StartError> {
        Ok(Self { features: config.features })
    }

    async fn dependencies(
        &self,
        input: &ValidHandoff,
        _: &StageContext,
    ) -> Result<Option<Dependencies>, Error> {
        let scope = input.scope()?.of_the_data();
        Ok(Some(Dependencies::new().on_message(&scope).on_message(input.prepared_data()?)))
    }

    async fn handle(&self, input: &ValidHandoff, cx: &StageContext) -> Result<StageResult, Error> {
        let (scope, prepared) = (input.scope()?, input.prepared_data()?);
        cx.progress(0.0, "checking the quality report");
        let report = fetch(cx, "quality_report", prepared.quality_report.as_ref()).await?;
        gate::check(prepared, &report).map_err(Refusal::from)?;

        cx.progress(0.1, "reading the training and validation splits");
        let files = Files {
            train: fetch(cx, "train", prepared.train.as_ref()).await?,
            validation: fetch(cx, "validation", prepared.validation.as_ref()).await?,
            cleaning: fetch(cx, "cleaning_plan", prepared.cleaning_plan.as_ref()).await?,
        };
        let (task, features) = (task(scope, prepared), self.features.clone());
        cx.progress(0.3, "fitting the feature plan");
        let analysis = cx.blocking(move || files.analyse(&task, &features)).await??;

        cx.progress(0.9, "storing the feature plan");
        let json = analysis.plan.to_json().map_err(Refusal::from)?;
        let plan = cx.artifacts.put(Bytes::from(json), media_type::JSON, 0).await?;
        tracing::info!(
            features = analysis.summaries.len(),
            rejected = analysis.rejected.len(),
            validation_gain = analysis.validation_gain,
            "feature plan fitted"
        );
        Ok(StageResult::success(stage_output::Output::FeatureSet(feature_set(plan, analysis))))
    }
}

/// What is read.
struct Files {
    train: Bytes,
    validation: Bytes,
    cleaning: Bytes,
}

impl Files {
    fn analyse(self, task: &Task, features: &Features) -> Result<Analysis, Refusal> {
        let table = |bytes, split| -> Result<Table, Refusal> {
            dataset::read_parquet(bytes)
                .map_err(|source| Refusal::Split { split, source: Box::new(source) })
        };
        let cleaning: CleaningPlan =
            serde_json::from_slice(&self.cleaning).map_err(Refusal::Cleaning)?;
        let splits = Splits {
            train: table(self.train, "training")?,
            validation: table(self.validation, "validation")?,
        };
        analyse(&splits, task, &cleaning, features)
    }
}

async fn fetch(
    cx: &StageContext,
    what: &'static str,
    artifact: Option<&ArtifactRef>,
) -> Result<Bytes, Error> {
    let artifact = artifact.ok_or_else(|| missing(what))?;
    Ok(cx.artifacts.get(artifact).await?)
}

/// The contract has it that these are there.
fn missing(what: &'static str) -> ContractError {
    At::ROOT.field(what).refuse(FieldProblem::Missing { expected: "an artifact" })
}

/// What is to be predicted, and what must not be a feature.
fn task(scope: &Scope, prepared: &PreparedData) -> Task {
    let mut excluded: Vec<(String, String)> = scope
        .excluded_columns
        .iter()
        .chain(&prepared.excluded_columns)
        .map(|excluded| (excluded.column.clone(), excluded.reason.clone()))
        .collect();
    if !scope.entity_column.is_empty() {
        excluded.push((scope.entity_column.clone(), "identifies the entity".to_owned()));
    }
    let by_time = scope.split_method() == SplitMethod::Time && !scope.time_column.is_empty();
    excluded.sort();
    excluded.dedup_by(|a, b| a.0 == b.0);
    Task {
        target: scope.target.clone(),
        problem: problem(scope.problem_type()),
        classes: scope.classes.clone(),
        excluded,
        prediction_point: by_time.then(|| scope.time_column.clone()),
    }
}

fn problem(problem: v1::ProblemType) -> ProblemType {
    match problem {
        v1::ProblemType::Regression => ProblemType::Regression,
        v1::ProblemType::Multiclass => ProblemType::Multiclass,
        // The contract excludes that it is not said.
        v1::ProblemType::Binary | v1::ProblemType::Unspecified => ProblemType::Binary,
    }
}

fn feature_set(plan: ArtifactRef, analysis: Analysis) -> FeatureSet {
    FeatureSet {
        plan: Some(plan),
        features: analysis.summaries.into_iter().map(summary).collect(),
        rejected: analysis.rejected.into_iter().map(rejected).collect(),
        validation_gain: analysis.validation_gain,
    }
}

fn summary(summary: Summary) -> FeatureSummary {
    FeatureSummary {
        name: summary.name,
        sources: summary.sources,
        transform: summary.transform,
        categorical: summary.categories.is_some(),
        categories: summary.categories.unwrap_or(0),
        relevance: summary.relevance,
    }
}

fn rejected(rejected: Rejected) -> RejectedFeature {
    RejectedFeature { name: rejected.name, reason: rejected.reason }
}

#[cfg(test)]
mod tests;
