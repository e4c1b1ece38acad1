//! One handoff: fetch, analyse, store.

use artifacts::media_type;
use bytes::Bytes;
use contracts::stages::{
    ArtifactRef, FeatureSet, FeatureSummary, PreparedData, RejectedFeature, Scope, SplitMethod,
};
use contracts::steps::Dependencies;
use contracts::{Agent, ValidHandoff};
use dataset::HeldFile;
use process::{Resources, StartError};
use stage::{Stage, StageContext, StageResult};
use statistics::Profile;
use tabular::plan::{RejectedCandidate, Summary};
use tabular::{CleaningPlan, Table};

use crate::analysis::{Analysis, Splits, Task, analyse};
use crate::config::{Config, Features};
use crate::error::{Error, FeatureError};
use crate::{gate, unused};

/// State that all handoffs of the agent share.
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
        let (scope, prepared) = (input.scope()?.of_the_data(), input.prepared_data()?.to_message());
        Ok(Some(Dependencies::new().on_message(&scope).on_message(&prepared)))
    }

    async fn handle(&self, input: &ValidHandoff, cx: &StageContext) -> Result<StageResult, Error> {
        let (scope, prepared) = (input.scope()?, input.prepared_data()?);
        cx.progress(0.0, "checking the quality report");
        let report = cx.artifact(&prepared.quality_report, "quality report").await?;
        gate::check(input.scope()?, prepared, &report).map_err(FeatureError::from)?;

        cx.progress(0.1, "reading the training and validation splits");
        let files = Files {
            train: cx.large_artifact(&prepared.train, "training split").await?,
            validation: cx.large_artifact(&prepared.validation, "validation split").await?,
            cleaning: cx.artifact(&prepared.cleaning_plan, "cleaning plan").await?,
            profile: cx.artifact(&prepared.profile, "profile").await?,
        };
        let (task, features) = (task(scope, prepared), self.features.clone());
        cx.progress(0.3, "fitting the feature plan");
        let analysis = cx.blocking(move || files.analyse(&task, &features)).await??;

        cx.progress(0.9, "storing the feature plan");
        let json = analysis.plan.to_json().map_err(FeatureError::from)?;
        let plan = cx.artifacts.put(Bytes::from(json), media_type::JSON, 0).await?;
        tracing::info!(
            features = analysis.summaries.len(),
            rejected = analysis.rejected.len(),
            validation_gain = analysis.validation_gain,
            "feature plan fitted"
        );
        let warnings =
            unused::warnings(prepared, &scope.target, &analysis.summaries, &analysis.rejected);
        Ok(StageResult::success(feature_set(plan, analysis)).with_warnings(warnings))
    }
}

/// The artifacts that the stage reads.
struct Files {
    train: HeldFile,
    validation: HeldFile,
    cleaning: Bytes,
    profile: Bytes,
}

impl Files {
    fn analyse(self, task: &Task, features: &Features) -> Result<Analysis, FeatureError> {
        let table = |file: HeldFile, split, most| -> Result<Table, FeatureError> {
            let failed = |source| FeatureError::Split { split, source: Box::new(source) };
            let target = dataset::read_parquet_column(file.clone(), &task.target);
            let target = task.encoded(&target.map_err(failed)?, split)?;
            let rows = target.evenly_chosen(most);
            dataset::read_parquet_rows(file, &rows).map_err(failed)
        };
        let cleaning: CleaningPlan =
            serde_json::from_slice(&self.cleaning).map_err(FeatureError::Cleaning)?;
        let profile: Profile =
            serde_json::from_slice(&self.profile).map_err(FeatureError::Profile)?;
        let splits = Splits {
            train: table(self.train, "training", features.sample_rows)?,
            validation: table(self.validation, "validation", features.sample_rows / 2)?,
        };
        analyse(&splits, task, (&cleaning, &profile), features)
    }
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
    let method = prepared.split_method.or(scope.split_method);
    let by_time = method == Some(SplitMethod::Time) && !scope.time_column.is_empty();
    excluded.sort();
    excluded.dedup_by(|a, b| a.0 == b.0);
    Task {
        target: scope.target.clone(),
        problem: scope.problem_type,
        classes: scope.classes.clone(),
        excluded,
        prediction_point: by_time.then(|| scope.time_column.clone()),
    }
}

fn feature_set(plan: ArtifactRef, analysis: Analysis) -> FeatureSet {
    FeatureSet {
        plan,
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

fn rejected(rejected: RejectedCandidate) -> RejectedFeature {
    RejectedFeature { name: rejected.name, reason: rejected.reason }
}

#[cfg(test)]
mod tests;
