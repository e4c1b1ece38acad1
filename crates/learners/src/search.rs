//! The search for configurations that are good on rows they have not seen.
//!
//! ```text
//! portfolio ──▶ batches of two trials ──▶ first folds ──the worst are pruned──▶ other folds ──▶ out-of-fold outputs
//!                 ▲ TPE around the leaders                                                       │
//!                 └──────────────────────────── trials so far ◀──────────────────────────────────┘
//! ```
//!
//! A suggestion follows from the seed, its number and the trials of the batches before it, and a trial either has all its
//! folds or is not counted: so the same number of trials gives the same result, whatever the number of workers and
//! whatever the clock says. Time decides how many trials there are, and nothing else.

mod evaluate;
mod forecast;
mod sampler;
mod suggest;

use std::time::Duration;

use tabular::metrics::Metric;

pub(crate) use evaluate::loss_of;
pub use evaluate::{EvaluatedTrial, Executor, FitJob, FoldFit, Folds, HeldOut, Local, LocalFit};
pub use forecast::PostSearchWork;

use crate::{Algorithm, Error, Examples, Fold, ParameterRange, Parameters, Profile, Task, Workers};
use evaluate::{Evaluator, TrialResult};
use forecast::Forecast;

/// Suggestions that are made at a time, whatever the number of workers.
const BATCH: usize = 2;
/// Most trials whose models are kept, beside the best one of each algorithm.
const KEPT: usize = 24;
/// Name of the profile of what the sampler suggests.
pub const SEARCHED: &str = "search";

/// An algorithm in the race, with the ranges that are searched.
#[derive(Debug, Clone, PartialEq)]
pub struct Candidate {
    /// Algorithm that is tried.
    pub algorithm: Algorithm,
    /// Its ranges; empty where there is nothing to search.
    pub space: Vec<ParameterRange>,
}

/// One fit of an algorithm with one set of hyperparameters, on every fold.
#[derive(Debug, Clone, PartialEq)]
pub struct Trial {
    /// Its number, from 0.
    pub number: usize,
    /// Algorithm that was fitted.
    pub algorithm: Algorithm,
    /// The name of its profile; [`SEARCHED`] where the sampler suggested it.
    pub profile: String,
    /// Hyperparameters of every fit of the trial, by name.
    pub parameters: Parameters,
    /// The metric on all out-of-fold rows; none where a fit failed.
    pub score: Option<f64>,
    /// The metric of each fold that was fitted.
    pub fold_scores: Vec<f64>,
    /// What was minimised, on all out-of-fold rows: log loss, or the loss of the regression.
    pub loss: Option<f64>,
    /// The mean of what was minimised on the first folds.
    pub first_loss: Option<f64>,
    /// Whether it was given up after the first folds.
    pub pruned: bool,
    /// Mean iterations of its models.
    pub iterations: u32,
    /// Time of fitting and prediction, and size of the models.
    pub cost: Cost,
}

/// What a trial cost; it differs from run to run.
#[derive(Debug, Clone, Copy, Default)]
pub struct Cost {
    /// Seconds of all its fits, one after the other.
    pub fit_seconds: f64,
    /// Microseconds to predict one row, in a batch.
    pub predict_microseconds: f64,
    /// Bytes of its models as text.
    pub bytes: u64,
}

/// Costs never tell trials apart.
impl PartialEq for Cost {
    fn eq(&self, _: &Self) -> bool {
        true
    }
}

/// What is searched, and how long.
#[derive(Clone, Copy)]
pub struct Search<'a> {
    /// What is to be learned.
    pub task: Task,
    /// The metric that decides.
    pub metric: Metric,
    /// Algorithms to choose from, with their ranges.
    pub candidates: &'a [Candidate],
    /// What is tried first.
    pub portfolio: &'a [Profile],
    /// Rows to learn from and to decide by.
    pub examples: &'a Examples,
    /// Which rows are held out of which fit. A row may be held out several times.
    pub folds: &'a [Fold],
    /// Seed of every random choice.
    pub seed: u64,
    /// Greatest number of trials of the search.
    pub max_trials: usize,
    /// How many fits are made here at a time, and with how many threads.
    pub workers: Workers,
    /// Who sees to it that fits are made: [`Local`], or others with it.
    pub executor: &'a dyn Executor,
    /// Time since some moment.
    pub clock: &'a (dyn Fn() -> Duration + Sync),
    /// When the search and what follows it have to be over. What follows is foreseen from the trials.
    pub deadline: Duration,
    /// What follows, which has to be over by the deadline as well.
    pub afterwards: PostSearchWork,
    /// Whether the result is no longer wanted.
    pub cancelled: &'a (dyn Fn() -> bool + Sync),
}

/// Why a search ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum EndedBy {
    /// Its time was used.
    TimeBudget,
    /// It had its trials.
    MaxTrials,
    /// There was nothing new to try.
    Exhausted,
}

impl EndedBy {
    /// Its name, as in reports.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::TimeBudget => "time_budget",
            Self::MaxTrials => "max_trials",
            Self::Exhausted => "exhausted",
        }
    }
}

/// What a search gave.
#[derive(Debug, Clone)]
pub struct Outcome {
    /// All trials in order.
    pub trials: Vec<Trial>,
    /// The best of them with their models and out-of-fold outputs, the best first.
    pub leaders: Vec<EvaluatedTrial>,
    /// The rows that were held out, which outputs stand for.
    pub held_out: HeldOut,
    /// Rows that were searched on.
    pub rows: usize,
    /// Limit that ended the search.
    pub ended_by: EndedBy,
    /// Whether the time was up before the first trials were through, so that these were cut short.
    pub cut_short: bool,
}

impl Outcome {
    /// Lets all leaders go but the one whose models are smallest, the first of several.
    pub fn keep_cheapest(&mut self) {
        let cost = |leader: &EvaluatedTrial| (leader.trial.cost.bytes, leader.trial.number);
        if let Some(cheapest) = self.leaders.iter().map(cost).min() {
            self.leaders.retain(|leader| cost(leader) == cheapest);
        }
    }
}

/// Searches; `report` is told of each trial.
///
/// # Errors
/// Where there is nothing to try, every trial fails, or the search is cancelled.
pub fn search(search: &Search<'_>, report: &mut dyn FnMut(&Trial)) -> Result<Outcome, Error> {
    if search.candidates.is_empty() {
        return Err(Error::NoCandidates);
    }
    let evaluator = Evaluator::new(search)?;
    let mut done = Done::default();
    let mut cut_short = false;
    let mut last = false;
    let mut forecast = Forecast::default();
    let max_trials = search.max_trials.max(1);
    let ended_by = loop {
        if (search.cancelled)() {
            return Err(Error::Cancelled);
        }
        if done.trials.len() >= max_trials {
            break EndedBy::MaxTrials;
        }
        let begun = (search.clock)();
        let end = forecast.end(search, &done.leaders, evaluator.held_out(), begun);
        if begun >= end && !done.leaders.is_empty() {
            break EndedBy::TimeBudget;
        }
        let mut batch =
            suggest::suggest(search, &done.trials, BATCH.min(max_trials - done.trials.len()))?;
        if batch.is_empty() {
            break EndedBy::Exhausted;
        }
        let expected = |batch: &[Trial]| expected_seconds(search, &done.trials, batch);
        let late = end + end / OVERRUN;
        // A batch that would go on for too long is one trial. Its cost is known from others, and may be less: it is begun
        // where that is not out of reach, and lost where it is not done by the end.
        let mut limit = end + end / OVERRUN_DIVISOR;
        if !done.leaders.is_empty() && begun + expected(&batch) > late {
            batch.truncate(1);
            last = true;
            let alone = expected(&batch);
            if begun + alone > late {
                let left = end.saturating_sub(begun);
                if left < search.deadline / WORTH_A_TRIAL || alone > left * REACH {
                    break EndedBy::TimeBudget;
                }
                limit = end;
            }
        }
        // The first trials are the model where there is time for no others: growth that lasts too long is cut short.
        let first = done.leaders.is_empty();
        if first {
            limit = search.deadline.mul_f64(FIRST_SHARE);
        }
        let best = done.leaders.first().map(|leader| &leader.trial);
        let suggested = batch.len();
        let evaluated = evaluator.evaluate(batch, best, limit, first);
        if (search.cancelled)() {
            return Err(Error::Cancelled);
        }
        last |= evaluated.len() < suggested;
        cut_short |= first && (search.clock)() >= limit;
        done.record(search.metric, evaluated, report);
        if last {
            break EndedBy::TimeBudget;
        }
    };
    let Done { trials, leaders, first_error } = done;
    if leaders.is_empty() {
        let trials = trials.len();
        return Err(first_error.map_or(Error::NoCandidates, |first| Error::NoModel {
            trials,
            first: Box::new(first),
        }));
    }
    let (rows, held_out) = (search.examples.rows(), evaluator.into_held_out());
    Ok(Outcome { trials, leaders, held_out, rows, ended_by, cut_short })
}

/// What a search has evaluated so far.
#[derive(Default)]
struct Done {
    /// All trials in order.
    trials: Vec<Trial>,
    /// The best of them, the best first.
    leaders: Vec<EvaluatedTrial>,
    first_error: Option<Error>,
}

impl Done {
    /// Takes in the results of a batch.
    fn record(
        &mut self,
        metric: Metric,
        results: Vec<TrialResult>,
        report: &mut dyn FnMut(&Trial),
    ) {
        for result in results {
            if let Some(error) = result.error {
                self.first_error.get_or_insert(error);
            }
            report(&result.evaluated.trial);
            self.trials.push(result.evaluated.trial.clone());
            if result.evaluated.trial.score.is_some() && !result.evaluated.trial.pruned {
                self.leaders.push(result.evaluated);
            }
        }
        keep_leaders(metric, &mut self.leaders);
    }
}

/// Share of the time after which the growth of the first trials is cut short.
const FIRST_SHARE: f64 = 0.6;
/// How far beyond the end a batch may be expected to go: this part of the time until it.
const OVERRUN: u32 = 40;
/// Time that is left for one more trial, at least: this part of the whole.
const WORTH_A_TRIAL: u32 = 20;
/// A trial is begun where it is expected to take at most so many times what is left: trials of one algorithm differ by as much.
const REACH: u32 = 3;
/// How far beyond the end a batch may go before it is given up: this part of the time until it.
const OVERRUN_DIVISOR: u32 = 20;

/// What a batch is expected to take, from the last trials of the same algorithms.
fn expected_seconds(search: &Search<'_>, trials: &[Trial], batch: &[Trial]) -> Duration {
    let of = |suggested: &Trial| {
        let own = |trial: &&Trial| trial.algorithm == suggested.algorithm && !trial.pruned;
        let last: Vec<f64> =
            trials.iter().rev().filter(own).take(3).map(|trial| trial.cost.fit_seconds).collect();
        last.iter().sum::<f64>() / last.len().max(1) as f64
    };
    let seconds = batch.iter().map(of).sum::<f64>() / search.workers.parallel.max(1) as f64;
    Duration::try_from_secs_f64(seconds).unwrap_or_default()
}

/// Sorts the leaders, the best first, and lets those go that no ensemble would take.
fn keep_leaders(metric: Metric, leaders: &mut Vec<EvaluatedTrial>) {
    leaders.sort_by(|left, right| {
        let by_score =
            ranked(metric, left.trial.score).total_cmp(&ranked(metric, right.trial.score));
        by_score
            .then_with(|| {
                let loss = |of: &EvaluatedTrial| of.trial.loss.unwrap_or(f64::INFINITY);
                loss(left).total_cmp(&loss(right))
            })
            .then(left.trial.number.cmp(&right.trial.number))
    });
    let mut seen: Vec<Algorithm> = Vec::new();
    let mut place = 0;
    leaders.retain(|leader| {
        place += 1;
        let first = !seen.contains(&leader.trial.algorithm);
        if first {
            seen.push(leader.trial.algorithm);
        }
        first || place <= KEPT
    });
}

/// A score as a number of which less is better; what failed is worst.
fn ranked(metric: Metric, score: Option<f64>) -> f64 {
    match score {
        Some(score) if metric.greater_is_better() => -score,
        Some(score) => score,
        None => f64::INFINITY,
    }
}
