//! The search and its winner, without I/O: the clock comes in as a closure.

use std::collections::BTreeMap;
use std::time::Duration;

use contracts::v1;
use learners::{Examples, Outcome, Search, Task, Trial, Workers, search};
use tabular::metrics::Metric;
use tabular::{FeaturePlan, ProblemType, Table};

use crate::Error;
use crate::config::TrainingConfig;
use crate::evaluate::{Evaluation, evaluate, judge};
use crate::race::{candidates, unselected};

/// What is trained on.
#[derive(Debug, Clone)]
pub struct Material {
    /// How columns become features.
    pub plan: FeaturePlan,
    /// To learn from.
    pub train: Table,
    /// To decide by.
    pub validation: Table,
    /// To measure by, once.
    pub test: Table,
    /// For comparisons with other versions, later.
    pub hold_out: Table,
}

/// What is wanted, and how long it may take.
#[derive(Clone, Copy)]
pub struct Order<'a> {
    /// The task.
    pub scope: &'a v1::Scope,
    /// The algorithms; all that fit the task where none were selected.
    pub selection: Option<&'a v1::Selection>,
    /// How the search goes.
    pub config: &'a TrainingConfig,
    /// Time since some moment.
    pub clock: &'a (dyn Fn() -> Duration + Sync),
    /// Whether the result is no longer wanted.
    pub cancelled: &'a (dyn Fn() -> bool + Sync),
}

/// A trained and measured model.
#[derive(Debug, Clone)]
pub struct Trained {
    /// The search, with the model.
    pub outcome: Outcome,
    /// What was measured.
    pub evaluation: Evaluation,
    /// The criteria with what was reached.
    pub criteria: Vec<v1::CriterionResult>,
    /// Missed targets.
    pub warnings: Vec<v1::Warning>,
    /// Share of each feature in what was learned.
    pub importance: BTreeMap<String, f64>,
    /// Seconds of the search.
    pub search_seconds: f64,
}

/// The problem type of a scope.
#[must_use]
pub fn problem(scope: &v1::Scope) -> ProblemType {
    match scope.problem_type() {
        v1::ProblemType::Regression => ProblemType::Regression,
        v1::ProblemType::Multiclass => ProblemType::Multiclass,
        v1::ProblemType::Binary | v1::ProblemType::Unspecified => ProblemType::Binary,
    }
}

/// Searches, measures and judges. `report` is told how far it is and what was found.
///
/// # Errors
/// Where the material is not usable, no trial gives a model, a gate is missed, or the work was cancelled.
pub fn train(
    material: &Material,
    order: &Order<'_>,
    report: &mut dyn FnMut(f64, &str),
) -> Result<Trained, Error> {
    let scope = order.scope;
    let task = Task::new(problem(scope), scope.classes.len());
    let metric = metric(scope, task)?;
    let of_table = |table: &Table| {
        Examples::of_table(&material.plan, table, task.problem, &scope.target, &scope.classes)
    };
    let (train, validation) = (of_table(&material.train)?, of_table(&material.validation)?);
    let (outcome, search_seconds) = searched(order, task, metric, &train, &validation, report)?;
    report(0.95, "measuring the best model on the test split");
    let test = of_table(&material.test)?;
    let resamples = order.config.resamples;
    let evaluation =
        evaluate(task, &outcome.model.model, &train, &validation, &test, scope.seed, resamples)?;
    let (criteria, warnings) = judge(scope, &evaluation)?;
    let names = material.plan.names().into_iter().map(str::to_owned);
    let importance = names.zip(outcome.model.importance.iter().copied()).collect();
    Ok(Trained { outcome, evaluation, criteria, warnings, importance, search_seconds })
}

fn metric(scope: &v1::Scope, task: Task) -> Result<Metric, Error> {
    Metric::by_name(&scope.metric)
        .filter(|metric| metric.applies_to(task.problem))
        .ok_or_else(|| Error::Metric { metric: scope.metric.clone(), problem: task.problem })
}

fn searched(
    order: &Order<'_>,
    task: Task,
    metric: Metric,
    train: &Examples,
    validation: &Examples,
    report: &mut dyn FnMut(f64, &str),
) -> Result<(Outcome, f64), Error> {
    let config = order.config;
    let racing = match order.selection {
        Some(selection) => candidates(selection, config.race, train.rows())?,
        None => unselected(order.scope, task, train.rows()),
    };
    let start = (order.clock)();
    let budget = order.scope.time_budget_seconds * config.budget_share;
    let end = start + Duration::try_from_secs_f64(budget).unwrap_or_default();
    let expired = || (order.clock)() >= end;
    let describe = |trial: &Trial, most: usize| {
        let score =
            trial.score.map_or_else(|| "failed".to_owned(), |score| format!("{metric} {score:.4}"));
        format!("trial {} of at most {most}: {}, {score}", trial.number + 1, trial.algorithm)
    };
    let outcome = search(
        &Search {
            task,
            metric,
            candidates: &racing,
            train,
            validation,
            seed: order.scope.seed,
            max_trials: config.max_trials,
            patience: config.patience,
            workers: Workers::of(config.processors(), train.rows()),
            expired: &expired,
            cancelled: order.cancelled,
        },
        Vec::new(),
        &mut |trial| {
            let share = 0.9 * (trial.number + 1) as f64 / config.max_trials.max(1) as f64;
            report(share.min(0.9), &describe(trial, config.max_trials));
        },
    )?;
    Ok((outcome, (order.clock)().saturating_sub(start).as_secs_f64()))
}
