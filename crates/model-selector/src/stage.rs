//! The handoff: artifacts in, selection out.

use std::time::{Duration, Instant};

use contracts::stages::{Scope, Selection, WarmStart};
use contracts::steps::Dependencies;
use contracts::{Agent, ContractError, ValidHandoff};
use dataset::HeldFile;
use learners::{Examples, Task, stratified_sample};
use process::{Resources, StartError};
use stage::{Stage, StageContext, StageResult};
use statistics::{QualityReport, Subject};
use tabular::FeaturePlan;
use tabular::metrics::Metric;
use tabular::target::encode_with;

use crate::history::warm_starts;
use crate::select::{Request, select};
use crate::{Config, Error};

/// State that all handoffs of the agent share.
#[derive(Debug)]
pub struct ModelSelector {
    config: Config,
}

impl Stage for ModelSelector {
    const AGENT: Agent = Agent::ModelSelector;
    type Config = Config;
    type Error = Error;

    async fn new(config: Config, _resources: &Resources) -> Result<Self, StartError> {
        Ok(Self { config })
    }

    async fn dependencies(
        &self,
        input: &ValidHandoff,
        cx: &StageContext,
    ) -> Result<Option<Dependencies>, Error> {
        Ok(Some(dependencies(input, &self.warm_starts(input, cx).await?)?))
    }

    async fn handle(&self, input: &ValidHandoff, cx: &StageContext) -> Result<StageResult, Error> {
        let scope = input.scope()?.clone();
        let prepared = input.prepared_data()?;
        let features = input.feature_set()?;
        let report = cx.artifact(&prepared.quality_report, "quality report").await?;
        let subject = Subject {
            target: &scope.target,
            cohort_sha256: &scope.cohort_sha256,
            source_sha256: &prepared.source_sha256,
        };
        let train = [("train", prepared.train.sha256.as_str())];
        QualityReport::parse(&report)?.permits(subject, train)?;
        let plan = FeaturePlan::from_json(&cx.artifact(&features.plan, "feature plan").await?)?;
        let train: HeldFile = cx.large_artifact(&prepared.train, "training split").await?;
        let warm = self.warm_starts(input, cx).await?;
        let config = self.config;
        let inner = cx.clone();
        let selection = cx
            .blocking(move || -> Result<Selection, Error> {
                let (problem, classes) = (scope.problem_type, &scope.classes);
                let target = dataset::read_parquet_column(train.clone(), &scope.target)?;
                let target = encode_with(&target, &scope.target, problem, classes)
                    .map_err(learners::Error::from)?
                    .values;
                let task = Task::new(problem, classes.len());
                let most = config.selection.sample_rows;
                let rows = stratified_sample(task, &target, most, scope.seed);
                let sample = dataset::read_parquet_rows(train, &rows)?;
                let sample = Examples::of_table(&plan, &sample, problem, &scope.target, classes)?;
                measure(&config, &scope, &sample, target.len(), &inner)
            })
            .await??;
        let selection = Selection { warm_starts: warm, ..selection };
        for candidate in &selection.candidates {
            tracing::info!(algorithm = %candidate.algorithm, score = candidate.score, "measured");
        }
        let dependencies = dependencies(input, &selection.warm_starts)?;
        Ok(StageResult::success(selection).depending_on(dependencies))
    }
}

impl ModelSelector {
    /// Configurations of earlier models of similar tables, where this run may have them.
    async fn warm_starts(
        &self,
        input: &ValidHandoff,
        cx: &StageContext,
    ) -> Result<Vec<WarmStart>, Error> {
        let scope = input.scope()?;
        if !self.config.selection.warm_starts && scope.cause.is_none() {
            return Ok(Vec::new());
        }
        Ok(warm_starts(scope, input.prepared_data()?, input.feature_set()?, cx).await)
    }
}

/// What the selection depends on: earlier models as well, where there are such that are similar.
fn dependencies(input: &ValidHandoff, warm: &[WarmStart]) -> Result<Dependencies, ContractError> {
    let scope = Scope { name: String::new(), ..input.scope()?.clone() };
    let dependencies = Dependencies::new()
        .on_message(&scope.of_the_search())
        .on_message(&input.prepared_data()?.to_message())
        .on_message(&input.feature_set()?.to_message());
    Ok(warm.iter().fold(dependencies, |all, warm| all.on_message(warm)))
}

fn measure(
    config: &Config,
    scope: &Scope,
    sample: &Examples,
    rows: usize,
    cx: &StageContext,
) -> Result<Selection, Error> {
    let problem = scope.problem_type;
    let metric = Metric::by_name(&scope.metric)
        .filter(|metric| metric.applies_to(problem))
        .ok_or_else(|| Error::Metric { metric: scope.metric.clone(), problem })?;
    let selection = config.selection;
    let seconds = (scope.time_budget_seconds * selection.budget_share).min(selection.max_seconds);
    let start = Instant::now();
    let request = Request {
        task: Task::new(problem, scope.classes.len()),
        metric,
        interpretable: scope.constraints.as_ref().is_some_and(|limits| limits.interpretable),
        seed: scope.seed,
        folds: selection.folds,
        rows,
        budget: Duration::try_from_secs_f64(seconds).unwrap_or_default(),
        cores: selection.processors(),
        clock: &|| start.elapsed(),
        cancelled: &|| cx.cancelled(),
    };
    select(&request, sample, &mut |share, detail| cx.progress(share, detail))
}
