//! The handoff: artifacts in, selection out.

use std::time::{Duration, Instant};

use contracts::steps::Dependencies;
use contracts::v1::stage_output::Output;
use contracts::{Agent, At, ContractError, FieldProblem, ValidHandoff, v1};
use learners::{Examples, Task};
use process::{Resources, StartError};
use stage::{Stage, StageContext, StageResult};
use statistics::QualityReport;
use tabular::metrics::Metric;
use tabular::{FeaturePlan, ProblemType};

use crate::history::warm_starts;
use crate::select::{Request, select};
use crate::{Config, Error};

/// The agent.
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
        let report = fetch(cx, "quality report", prepared.quality_report.as_ref()).await?;
        let split = prepared.train.as_ref().ok_or_else(|| missing("training split"))?;
        QualityReport::parse(&report)?.permits([("train", split.sha256.as_str())])?;
        let plan =
            FeaturePlan::from_json(&fetch(cx, "feature plan", features.plan.as_ref()).await?)?;
        let train = fetch(cx, "training split", prepared.train.as_ref()).await?;
        let warm = self.warm_starts(input, cx).await?;
        let config = self.config;
        let inner = cx.clone();
        let selection = cx
            .blocking(move || -> Result<v1::Selection, Error> {
                let table = dataset::read_parquet(train)?;
                let problem = problem(&scope);
                let examples =
                    Examples::of_table(&plan, &table, problem, &scope.target, &scope.classes)?;
                drop(table);
                measure(&config, &scope, problem, &examples, &inner)
            })
            .await??;
        let selection = v1::Selection { warm_starts: warm, ..selection };
        for candidate in &selection.candidates {
            tracing::info!(algorithm = %candidate.algorithm, score = candidate.score, "measured");
        }
        let dependencies = dependencies(input, &selection.warm_starts)?;
        Ok(StageResult::success(Output::Selection(selection)).depending_on(dependencies))
    }
}

impl ModelSelector {
    /// Configurations of earlier models of similar tables, where this run may have them.
    async fn warm_starts(
        &self,
        input: &ValidHandoff,
        cx: &StageContext,
    ) -> Result<Vec<v1::WarmStart>, Error> {
        let scope = input.scope()?;
        if !self.config.selection.warm_starts && scope.cause.is_none() {
            return Ok(Vec::new());
        }
        Ok(warm_starts(scope, input.prepared_data()?, input.feature_set()?, cx).await)
    }
}

/// What the selection depends on: earlier models as well, where there are such that are similar.
fn dependencies(
    input: &ValidHandoff,
    warm: &[v1::WarmStart],
) -> Result<Dependencies, ContractError> {
    let scope = v1::Scope { name: String::new(), ..input.scope()?.of_the_search() };
    let dependencies = Dependencies::new()
        .on_message(&scope)
        .on_message(input.prepared_data()?)
        .on_message(input.feature_set()?);
    Ok(warm.iter().fold(dependencies, |all, warm| all.on_message(warm)))
}

fn measure(
    config: &Config,
    scope: &v1::Scope,
    problem: ProblemType,
    examples: &Examples,
    cx: &StageContext,
) -> Result<v1::Selection, Error> {
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
        sample_rows: selection.sample_rows,
        budget: Duration::try_from_secs_f64(seconds).unwrap_or_default(),
        cores: selection.processors(),
        clock: &|| start.elapsed(),
        cancelled: &|| cx.cancelled(),
    };
    select(&request, examples, &mut |share, detail| cx.progress(share, detail))
}

async fn fetch(
    cx: &StageContext,
    what: &'static str,
    artifact: Option<&v1::ArtifactRef>,
) -> Result<bytes::Bytes, Error> {
    let artifact = artifact.ok_or_else(|| missing(what))?;
    cx.artifacts
        .get(artifact)
        .await
        .map_err(|source| Error::Artifact { what, source: Box::new(source) })
}

/// The contract has it that these are there.
fn missing(what: &'static str) -> ContractError {
    At::ROOT.field(what).refuse(FieldProblem::Missing { expected: "an artifact" })
}

fn problem(scope: &v1::Scope) -> ProblemType {
    match scope.problem_type() {
        v1::ProblemType::Regression => ProblemType::Regression,
        v1::ProblemType::Multiclass => ProblemType::Multiclass,
        v1::ProblemType::Binary | v1::ProblemType::Unspecified => ProblemType::Binary,
    }
}
