//! The search, the judgement and the refit, without I/O: the clock comes in as a closure.
//!
//! ```text
//! train + validation ──folds──▶ search ──▶ combination ──▶ judged model ──test split──▶ metrics, criteria
//!                                              └──refit on train + validation + test──▶ served model
//! ```

use std::collections::BTreeMap;
use std::time::Duration;

use contracts::{messages, stages};
use learners::{
    AllottedRows, Candidate, Combination, CombinedModel, EndedBy, Examples, Executor, Folds,
    LOG_LINK_NAME, Outcome, PostSearchWork, Refit, RowBudget, Search, Task, Trial, Workers,
    allotted, combine, judged, kept, portfolio, refit, search, seconds_for_all,
};
use tabular::metrics::Metric;

use crate::Error;
use crate::config::TrainingConfig;
use crate::effects;
use crate::evaluate::{EvaluatedModel, Evaluation, evaluate, judge, warning};
use crate::pack::{PackedModel, pack};
use crate::race::{candidates, race_of, suited, unselected, warm_starts};
use crate::segments;
use crate::training_tables::{TrainingTables, task};

/// What is wanted, and how long it may take.
#[derive(Clone, Copy)]
pub struct Order<'a> {
    /// Scope of the run, which fixes target, metric and criteria.
    pub scope: &'a stages::Scope,
    /// The algorithms; all that fit the task where none were selected.
    pub selection: Option<&'a stages::Selection>,
    /// How the search goes.
    pub config: &'a TrainingConfig,
    /// Who sees to it that fits are made.
    pub executor: &'a dyn Executor,
    /// Time since the work began.
    pub clock: &'a (dyn Fn() -> Duration + Sync),
    /// Whether the result is no longer wanted.
    pub cancelled: &'a (dyn Fn() -> bool + Sync),
}

/// How a search went.
#[derive(Debug, Clone)]
pub struct SearchSummary {
    /// All trials in order.
    pub trials: Vec<Trial>,
    /// Limit that ended the search.
    pub ended_by: EndedBy,
    /// Folds of each repeat; 1 is a single held-out part.
    pub folds: usize,
    /// Repeats of the folds.
    pub repeats: usize,
    /// Seconds that search and refit were given.
    pub budget_seconds: f64,
    /// Seconds of the search.
    pub search_seconds: f64,
    /// Scores of the best configuration on growing shares of the rows.
    pub learning_curve: Vec<stages::LearningCurvePoint>,
}

/// A trained and measured model.
#[derive(Debug, Clone)]
pub struct TrainingOutcome {
    /// How long the search took and why it ended.
    pub searched: SearchSummary,
    /// Seconds of the refit.
    pub refit_seconds: f64,
    /// Which trials were combined, and how.
    pub combination: Combination,
    /// The model that is served.
    pub served: CombinedModel,
    /// Rows that the judged model learned from and was chosen by.
    pub judged_rows: usize,
    /// Whether the served model was learned anew after the judgement.
    pub refitted: bool,
    /// What was measured of the judged model.
    pub evaluation: Evaluation,
    /// The criteria with what was reached.
    pub criteria: Vec<stages::CriterionResult>,
    /// Missed targets, and what was done about the budget.
    pub warnings: Vec<messages::Warning>,
    /// Share of each feature in what was learned.
    pub importance: BTreeMap<String, f64>,
    /// What the served model's predictions depend on.
    pub explanation: Option<stages::Explanation>,
}

impl TrainingOutcome {
    /// The trial with the greatest weight in the model.
    #[must_use]
    pub fn heaviest(&self) -> Option<&Trial> {
        let share = self.combination.shares.first()?;
        self.searched.trials.iter().find(|trial| trial.number == share.trial)
    }
}

/// Searches, judges, learns anew, and packs; where the model is larger or slower than the request allows, a smaller
/// ensemble of the same trials is tried. `report` is told how far it is and what was found.
///
/// # Errors
/// Where the material is not usable, no trial gives a model, a gate is missed, no model keeps the limits, or the work was
/// cancelled.
pub fn train(
    material: &TrainingTables,
    order: &Order<'_>,
    profile: &statistics::Profile,
    report: &mut dyn FnMut(f64, &str),
) -> Result<(TrainingOutcome, PackedModel), Error> {
    let scope = order.scope;
    let (task, metric) = task(scope)?;
    let begun = (order.clock)();
    let splits = [&material.train, &material.validation];
    let learn = material.examples_at(scope, task, &splits, &material.search)?;
    let encoded = material.train.rows() + material.validation.rows();
    let encoding = (order.clock)().saturating_sub(begun).as_secs_f64() / encoded.max(1) as f64;
    let test = material.examples(scope, task, &[&material.test])?;
    let run = Run { encoding, ..Run::new(order, material, task, metric, &learn)? };
    run.passed("folds ready");
    let mut outcome = run.search(report)?;
    let searched = run.searched(&outcome)?;
    run.passed("learning curve measured");
    let most = order.config.members;
    // The whole ensemble, then smaller ones, then the cheapest configuration alone.
    let sizes = [(most, material.folds.copies), (most.min(3), 1), (1, 1), (1, 1)];
    let last = sizes.len() - 1;
    let mut too_dear = None;
    for (attempt, (members, copies)) in sizes.into_iter().enumerate() {
        if attempt == last {
            outcome.keep_cheapest();
        }
        let size = Size { members, copies };
        let mut trained = match run.finish(&test, &outcome, searched.clone(), size, report) {
            Ok(trained) => trained,
            Err(error) if error.is_too_large() && attempt < last => {
                too_dear.get_or_insert(error);
                continue;
            }
            Err(error) => return Err(error),
        };
        if let Some(error) = &too_dear {
            trained.warnings.push(warning(
                "smaller_ensemble",
                format!(
                    "{error}: a smaller ensemble is served, of {} configurations",
                    trained.served.shares.len()
                ),
            ));
        }
        match pack(material, scope, &trained, profile.clone(), order.config.check_rows, order.clock)
        {
            Ok(packed) => {
                run.passed("packed");
                return Ok((trained, packed));
            }
            Err(error @ (Error::TooLarge { .. } | Error::TooSlow { .. })) if attempt < last => {
                too_dear.get_or_insert(error);
            }
            Err(error) => return Err(error),
        }
    }
    // Every attempt but the last goes on, and the last one returns.
    Err(too_dear.unwrap_or_else(|| learners::Error::NoCandidates.into()))
}

/// The folds that a search of the material goes over, as [`train`] has them, and how their fits are spread.
///
/// # Errors
/// Where the material is not usable.
pub(crate) fn folds(
    material: &TrainingTables,
    order: &Order<'_>,
) -> Result<(Folds, Workers), Error> {
    let (task, metric) = task(order.scope)?;
    let splits = [&material.train, &material.validation];
    let learn = material.examples_at(order.scope, task, &splits, &material.search)?;
    let run = Run::new(order, material, task, metric, &learn)?;
    let folds = Folds::new(task, metric, run.learn, &run.folds, order.scope.seed)?;
    Ok((folds, run.workers))
}

/// How large a model may be.
#[derive(Clone, Copy)]
struct Size {
    /// Greatest number of configurations in the ensemble.
    members: usize,
    /// Models of each configuration of trees.
    copies: usize,
}

/// Seconds that combining, measuring, writing and reading back take: some, and a share of the budget.
const MEASURING: (f64, f64) = (0.3, 0.02);
/// Seconds that a row of a bootstrap sample takes.
const RESAMPLING: f64 = 5e-8;
/// How often the rows are encoded, or read in a time like that, after the search.
const ENCODINGS: f64 = 1.5;

/// How many times as long as making features of it a row takes to be streamed: it is read before, and binned afterwards.
const STREAMING: f64 = 4.0;
/// Share of the time budget that a usual machine takes for configurations that stream all rows.
const STREAMED_SHARE: f64 = 0.35;

/// How much longer than its time budget a search may take that is asked for a number of trials.
const COUNTED_SEARCH_FACTOR: f64 = 3.0;

/// A search and what follows it.
struct Run<'a> {
    order: &'a Order<'a>,
    task: Task,
    metric: Metric,
    learn: &'a Examples,
    candidates: Vec<Candidate>,
    folds: Vec<learners::Fold>,
    deadline: Duration,
    workers: Workers,
    /// Rows that were read.
    material: &'a TrainingTables,
    /// Seconds to make features of a row; 0 where it was not measured.
    encoding: f64,
}

impl<'a> Run<'a> {
    fn new(
        order: &'a Order<'a>,
        material: &'a TrainingTables,
        task: Task,
        metric: Metric,
        learn: &'a Examples,
    ) -> Result<Self, Error> {
        let (scope, config) = (order.scope, order.config);
        let candidates = match order.selection {
            Some(selection) => candidates(selection, config.race, task, learn.rows())?,
            None => unselected(scope, task, learn.rows()),
        };
        let candidates = suited(race_of(scope, candidates), learn, task);
        // What the selection took of the budget is gone.
        let used = order.selection.map_or(0.0, |selection| selection.seconds);
        let seconds = (scope.time_budget_seconds - used).max(0.3 * scope.time_budget_seconds);
        // A count that is asked for governs: a repetition that is a little slower must not end a trial earlier.
        let slack = if scope.max_trials > 0 { COUNTED_SEARCH_FACTOR } else { 1.0 };
        let deadline = Duration::try_from_secs_f64(seconds * slack).unwrap_or_default();
        let processors = config.processors();
        let folds = material.folds(scope, task, learn)?;
        let workers = Workers::plan(processors, learn.rows());
        Ok(Self {
            order,
            task,
            metric,
            learn,
            candidates,
            folds,
            deadline,
            workers,
            material,
            encoding: 0.0,
        })
    }

    fn fold_rows(&self) -> usize {
        self.folds.first().map_or(1, |fold| fold.train.len().max(1))
    }

    fn search(&self, report: &mut dyn FnMut(f64, &str)) -> Result<Outcome, Error> {
        let (order, metric) = (self.order, self.metric);
        let algorithms: Vec<_> = self.candidates.iter().map(|of| of.algorithm).collect();
        // What the candidates may vary the portfolio may begin with; a sample's targets could say otherwise.
        let mut ranges = self.candidates.iter().flat_map(|of| &of.space);
        let log_link = ranges.any(|range| range.name == LOG_LINK_NAME);
        let sums = !self.learn.sums.is_empty();
        let mut portfolio = portfolio(self.task, &algorithms, self.fold_rows(), log_link, sums);
        let first = FIRST_OF_PORTFOLIO.min(portfolio.len());
        portfolio.splice(first..first, warm_starts(order.selection, &algorithms));
        let max_trials = match usize::try_from(order.scope.max_trials).unwrap_or(usize::MAX) {
            0 => order.config.max_trials,
            asked => asked.min(order.config.max_trials),
        };
        let curve_folds = self.folds.len().min(CURVE_FOLDS) as f64;
        let afterwards = PostSearchWork {
            members: order.config.members,
            copies: if self.keeps_judged() { 0 } else { self.material.folds.copies },
            rows: self.row_budget(),
            streamed_seconds: STREAMING * self.encoding,
            checks: curve_folds * CURVE_SHARES.iter().sum::<f64>(),
            judged_rows: self.material.test.rows(),
            served_rows: effects::MAX_PREDICTIONS,
            seconds: self.other_seconds(),
        };
        let mut best: Option<f64> = None;
        let outcome = search(
            &Search {
                task: self.task,
                metric,
                candidates: &self.candidates,
                portfolio: &portfolio,
                examples: self.learn,
                folds: &self.folds,
                seed: order.scope.seed,
                max_trials,
                workers: self.workers,
                executor: order.executor,
                clock: order.clock,
                deadline: self.deadline,
                afterwards,
                cancelled: order.cancelled,
            },
            &mut |trial| {
                if let Some(score) = trial.score.filter(|_| !trial.pruned)
                    && best.is_none_or(|best| metric.is_better(score, best))
                {
                    best = Some(score);
                }
                let passed = (order.clock)().as_secs_f64() / self.deadline.as_secs_f64().max(1e-9);
                let counted = (trial.number + 1) as f64 / max_trials as f64;
                report(0.8 * passed.max(counted).min(1.0), &describe(trial, metric, best));
            },
        )?;
        Ok(outcome)
    }

    /// Seconds that follow the search besides fits and their predictions.
    fn other_seconds(&self) -> f64 {
        let resampled = (self.order.config.resamples * self.material.test.rows()) as f64;
        // All rows that were read are encoded for the refit, and most of them once more for what live traffic is compared with.
        let rows = self.material.train.rows() + self.material.validation.rows();
        let encoded = ENCODINGS * self.encoding * (rows + self.material.test.rows()) as f64;
        let share = MEASURING.1 * self.deadline.as_secs_f64();
        MEASURING.0 + share + encoded + RESAMPLING * resampled
    }

    /// How the search went, with its learning curve.
    fn searched(&self, outcome: &Outcome) -> Result<SearchSummary, Error> {
        let search_seconds = (self.order.clock)().as_secs_f64();
        let best = outcome.leaders.first().map(|leader| &leader.trial);
        Ok(SearchSummary {
            trials: outcome.trials.clone(),
            ended_by: outcome.ended_by,
            folds: self.material.folds.folds,
            repeats: self.material.folds.repeats,
            budget_seconds: self.deadline.as_secs_f64(),
            search_seconds,
            learning_curve: best.map_or(Ok(Vec::new()), |best| self.learning_curve(best))?,
        })
    }

    /// How good the best configuration is with fewer rows, so that it shows whether more would help.
    fn learning_curve(&self, best: &Trial) -> Result<Vec<stages::LearningCurvePoint>, Error> {
        let validation = |folds: &[learners::Fold]| {
            learners::cross_validate(&learners::Validation {
                algorithm: best.algorithm,
                task: self.task,
                examples: self.learn,
                folds,
                parameters: &best.parameters,
                metric: self.metric,
                seed: self.order.scope.seed,
                workers: self.workers,
                should_stop: self.order.cancelled,
            })
        };
        let mut points = Vec::new();
        let folds = self.folds.get(..self.folds.len().min(CURVE_FOLDS)).unwrap_or(&[]);
        for share in CURVE_SHARES {
            let thinned: Vec<learners::Fold> = folds
                .iter()
                .map(|fold| {
                    learners::thinned(self.task, self.learn, fold, share, self.order.scope.seed)
                })
                .collect();
            let rows = thinned.first().map_or(0, |fold| fold.train.len());
            // Too few rows of a class say nothing: that point is left out.
            if let Ok(scores) = validation(&thinned) {
                points.push(point(rows, &scores));
            }
        }
        if (self.order.cancelled)() {
            return Err(learners::Error::Cancelled.into());
        }
        let all = learners::CrossValidation::from_scores(best.fold_scores.clone());
        points.push(point(self.fold_rows(), &all));
        Ok(points)
    }

    /// The same configurations on all rows but the hold-out, or on as many as the budget allows.
    fn refit(
        &self,
        outcome: &Outcome,
        combination: &Combination,
        copies: usize,
    ) -> Result<CombinedModel, Error> {
        let (scope, task, material) = (self.order.scope, self.task, self.material);
        let splits = [&material.train, &material.validation, &material.test];
        let examples = material.examples_at(scope, task, &splits, &material.refit)?;
        self.passed("rows of the refit ready");
        let processors = self.order.config.processors();
        let workers = |rows| Workers::plan(processors, rows);
        let allotted = allotted(task, outcome, combination, &self.row_budget());
        let most = allotted.iter().map(|of| of.rows).max().unwrap_or(0);
        let streamed = if most > examples.rows() {
            material.streamed_rows(scope, task, &examples, most, processors)?
        } else {
            None
        };
        Ok(refit(
            outcome,
            combination,
            &Refit {
                task,
                examples: &examples,
                allotted: streamed.as_ref().map(|streamed| AllottedRows {
                    allotted: &allotted,
                    streamed,
                    workers: workers(most),
                }),
                fold_rows: self.fold_rows(),
                copies,
                seed: scope.seed,
                workers: workers(examples.rows()),
                cancelled: self.order.cancelled,
            },
        )?)
    }

    /// Rows of the refit, and the time for those that are streamed.
    fn row_budget(&self) -> RowBudget {
        let in_memory = self.material.refit.len();
        let of = RowBudget::in_memory(in_memory, self.fold_rows());
        let Some(streamed) = &self.material.streamed else { return of };
        RowBudget {
            all: streamed.rows().min(self.material.folds.streamed_rows).max(in_memory),
            width: self.material.plan.features.len(),
            seconds: STREAMED_SHARE * self.order.scope.time_budget_seconds,
            ..of
        }
    }

    /// Combines, judges on the test split, and learns anew.
    fn finish(
        &self,
        test: &Examples,
        outcome: &Outcome,
        searched: SearchSummary,
        size: Size,
        report: &mut dyn FnMut(f64, &str),
    ) -> Result<TrainingOutcome, Error> {
        let (order, task, material) = (self.order, self.task, self.material);
        let (scope, config) = (order.scope, order.config);
        report(0.8, "combining the best trials");
        let combination = combine(task, self.metric, outcome, size.members, scope.seed)?;
        let judged = judged(outcome, &combination)?;
        self.passed("combined");
        report(0.85, "judging the model on the test split");
        let evaluation = evaluate(
            &EvaluatedModel {
                task,
                model: &judged,
                outputs: &combination.outputs,
                held_out: &outcome.held_out.examples,
                learn: self.learn,
            },
            test,
            material,
            scope,
            config.resamples,
        )?;
        let (criteria, mut warnings) = judge(scope, &evaluation)?;
        self.passed("measured");
        warnings.extend(self.warnings(outcome));
        let withheld = segments::withheld(material, scope);
        warnings.extend(withheld.into_iter().map(|message| warning("personal_groups", message)));
        let begun = (order.clock)();
        let served = if self.keeps_judged() {
            kept(outcome, &combination)?
        } else {
            report(0.9, "fitting the model again on all rows but the hold-out");
            self.refit(outcome, &combination, size.copies)?
        };
        let refit_seconds = (order.clock)().saturating_sub(begun).as_secs_f64();
        self.passed("fitted again");
        warnings.extend(self.refit_warning(outcome, &combination, &served));
        let names = material.plan.names().into_iter().map(str::to_owned);
        let importance = names.zip(served.importance.iter().copied()).collect();
        let explanation = effects::measure(material, scope, &served.model, &importance)?;
        self.passed("explained");
        Ok(TrainingOutcome {
            searched,
            refit_seconds,
            refitted: !self.keeps_judged(),
            combination,
            served,
            judged_rows: self.learn.rows(),
            evaluation,
            criteria,
            warnings,
            importance,
            explanation,
        })
    }

    /// Says of how many rows the served model learned, where it could have learned from more.
    fn refit_warning(
        &self,
        outcome: &Outcome,
        combination: &Combination,
        served: &CombinedModel,
    ) -> Option<messages::Warning> {
        let streamed = self.material.streamed.as_ref().filter(|_| !self.keeps_judged())?;
        let (rows, all) = (served.rows, streamed.rows());
        if rows >= all {
            return None;
        }
        let budget = self.row_budget();
        let why = match seconds_for_all(self.task, outcome, combination, &budget) {
            None => "none of its configurations boosts, and no others learn from more rows than are in memory".to_owned(),
            Some(_) if budget.all < all => {
                "the limit of memory (`--max-memory-bytes`) has room for no more".to_owned()
            }
            Some(seconds) => format!(
                "its time budget of {} s pays for no more; `--time-budget {:.0}` would pay for all",
                self.order.scope.time_budget_seconds,
                (seconds / STREAMED_SHARE).ceil()
            ),
        };
        Some(warning(
            "refit_on_sample",
            format!("the served model learned from {rows} of {all} rows: {why}"),
        ))
    }

    /// Notes when a part of the work was done.
    fn passed(&self, what: &str) {
        tracing::debug!(seconds = (self.order.clock)().as_secs_f64(), what, "passed");
    }

    /// Whether the judged model is served.
    fn keeps_judged(&self) -> bool {
        self.order.scope.keep_judged_model
            || self.order.config.keep_judged
            || self.material.folds.copies == 0
    }

    fn warnings(&self, outcome: &Outcome) -> Vec<messages::Warning> {
        let mut warnings = Vec::new();
        let mut warn = |code: &str, message: String| warnings.push(warning(code, message));
        if self.learn.rows() < self.material.learn_rows {
            warn(
                "search_on_sample",
                format!(
                    "the search looked at {} of {} rows, as many as its time budget of {} s and the limit of memory allow; a longer budget or more memory looks at more",
                    self.learn.rows(),
                    self.material.learn_rows,
                    self.order.scope.time_budget_seconds
                ),
            );
        }
        if self.material.test.rows() < self.material.test_rows {
            warn(
                "judged_on_sample",
                format!(
                    "metrics are those of {} of the {} rows of the test split, drawn by chance",
                    self.material.test.rows(),
                    self.material.test_rows
                ),
            );
        }
        if outcome.cut_short {
            warn(
                "budget_too_short",
                format!(
                    "the first trials took longer than the time budget of {} s; a longer budget gives the search a choice",
                    self.order.scope.time_budget_seconds
                ),
            );
        }
        if self.material.folds.copies == 0 {
            warn(
                "not_refitted",
                format!(
                    "the judged model is served: fitting it again on more rows would take too large a part of the time budget of {} s",
                    self.order.scope.time_budget_seconds
                ),
            );
        }
        if outcome.ended_by == EndedBy::Exhausted {
            warn(
                "search_exhausted",
                format!(
                    "the search ended before its time because there was nothing new to try after {} trials",
                    outcome.trials.len()
                ),
            );
        }
        warnings
    }
}

/// Profiles of the portfolio that come before the configurations of earlier models, which may be slow.
const FIRST_OF_PORTFOLIO: usize = 1;
/// Most folds that a point of the learning curve is measured on.
const CURVE_FOLDS: usize = 5;
/// Shares of the rows of a fold that points of the learning curve learn from.
const CURVE_SHARES: [f64; 2] = [0.25, 0.5];

fn point(rows: usize, scores: &learners::CrossValidation) -> stages::LearningCurvePoint {
    stages::LearningCurvePoint {
        rows: rows as u64,
        score: scores.mean,
        score_std: scores.deviation,
    }
}

/// A trial in words.
fn describe(trial: &Trial, metric: Metric, best: Option<f64>) -> String {
    let score = match trial.score {
        Some(score) if trial.pruned => format!("pruned at {metric} {score:.4}"),
        Some(score) => format!("{metric} {score:.4}"),
        None => "failed".to_owned(),
    };
    let best = best.map_or_else(String::new, |best| format!("; best so far {best:.4}"));
    format!("trial {}: {} ({}), {score}{best}", trial.number + 1, trial.algorithm, trial.profile)
}
