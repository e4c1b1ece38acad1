//! The search for the best algorithm and its hyperparameters.
//!
//! ```text
//! defaults of every candidate ──▶ batches of two suggestions ──▶ best on the validation rows
//!                                   ▲ leader mostly, runner-up now and then
//!                                   └ TPE over the trials finished before the batch
//! ```
//!
//! A suggestion follows from the seed, its number and the trials of the batches before it, so neither the number of
//! workers nor an interruption changes it: a search goes on from the trials that it is given.

mod sampler;

use tabular::metrics::Metric;

use crate::{
    Algorithm, Error, Examples, Fit, FittedModel, Outputs, ParameterRange, Parameters, Task,
    Workers, defaults, learner, measure,
};

/// Suggestions that are made at a time, whatever the number of workers.
const BATCH: usize = 2;
/// Every so many trials, the second-best algorithm is tried.
const RUNNER_UP_EVERY: usize = 4;
/// A better score has to be better by this much to count as progress.
const LEAST_PROGRESS: f64 = 1e-4;

/// An algorithm in the race, with the ranges that are searched.
#[derive(Debug, Clone, PartialEq)]
pub struct Candidate {
    /// The algorithm.
    pub algorithm: Algorithm,
    /// Its ranges; empty where there is nothing to search.
    pub space: Vec<ParameterRange>,
}

/// One try.
#[derive(Debug, Clone, PartialEq)]
pub struct Trial {
    /// Its number, from 0.
    pub number: usize,
    /// The algorithm.
    pub algorithm: Algorithm,
    /// The hyperparameters.
    pub parameters: Parameters,
    /// The metric on the validation rows; none where the fit failed.
    pub score: Option<f64>,
    /// Iterations of the model.
    pub iterations: u32,
}

/// What is searched, and how long.
#[derive(Clone, Copy)]
pub struct Search<'a> {
    /// What is to be learned.
    pub task: Task,
    /// The metric that decides.
    pub metric: Metric,
    /// The algorithms, the most promising first.
    pub candidates: &'a [Candidate],
    /// Rows to learn from.
    pub train: &'a Examples,
    /// Rows to stop early and to decide by.
    pub validation: &'a Examples,
    /// Seed of every random choice.
    pub seed: u64,
    /// Most trials.
    pub max_trials: usize,
    /// Trials without progress before the search ends.
    pub patience: usize,
    /// How trials are spread.
    pub workers: Workers,
    /// Whether the time is used up: trials end early, no new ones begin.
    pub expired: &'a (dyn Fn() -> bool + Sync),
    /// Whether the result is no longer wanted.
    pub cancelled: &'a (dyn Fn() -> bool + Sync),
}

/// What a search gave.
#[derive(Debug, Clone)]
pub struct Outcome {
    /// All trials in order, those that it went on from included.
    pub trials: Vec<Trial>,
    /// The best one.
    pub best: Trial,
    /// Its model.
    pub model: FittedModel,
}

/// Searches. `finished` are the trials of an interrupted search of the same kind; `report` is told of each new one.
///
/// # Errors
/// Where there is nothing to try, every trial fails, or the search is cancelled.
pub fn search(
    search: &Search<'_>,
    finished: Vec<Trial>,
    report: &mut dyn FnMut(&Trial),
) -> Result<Outcome, Error> {
    if search.candidates.is_empty() {
        return Err(Error::NoCandidates);
    }
    let mut trials = finished;
    // Suggestions of a batch follow from the batches before it, so a torn batch is done again.
    trials.truncate(trials.len() - trials.len() % BATCH);
    let mut best_model: Option<(usize, FittedModel)> = None;
    let mut first_error = None;
    let most = search.max_trials.max(search.candidates.len());
    while trials.len() < most && !search.converged(&trials) {
        if (search.cancelled)() {
            return Err(Error::Cancelled);
        }
        if (search.expired)() && best(search.metric, &trials).is_some() {
            break;
        }
        let batch = search.suggest(&trials, BATCH.min(most - trials.len()))?;
        if batch.is_empty() {
            break;
        }
        for (mut trial, result) in
            search.workers.run(&batch, &|trial| (trial.clone(), search.attempt(trial)))
        {
            let model = match result {
                Ok((score, model)) => {
                    trial.score = Some(score);
                    trial.iterations = model.iterations;
                    Some(model)
                }
                Err(error) => {
                    first_error.get_or_insert(error);
                    None
                }
            };
            report(&trial);
            trials.push(trial);
            if let (Some(model), Some(best)) = (model, best(search.metric, &trials))
                && Some(best.number) == trials.last().map(|trial| trial.number)
            {
                best_model = Some((best.number, model));
            }
        }
    }
    if (search.cancelled)() {
        return Err(Error::Cancelled);
    }
    let Some(best) = best(search.metric, &trials).cloned() else {
        let trials = trials.len();
        return Err(first_error.map_or(Error::NoCandidates, |first| Error::NoModel {
            trials,
            first: Box::new(first),
        }));
    };
    let model = match best_model {
        Some((number, model)) if number == best.number => model,
        // The best trial was finished before an interruption: the same fit gives the same model.
        _ => search.attempt(&best)?.1,
    };
    Ok(Outcome { trials, best, model })
}

/// The trial with the best score; the first of equal ones.
fn best(metric: Metric, trials: &[Trial]) -> Option<&Trial> {
    trials.iter().filter(|trial| trial.score.is_some()).reduce(|best, trial| {
        let (score, than) = (trial.score.unwrap_or(f64::NAN), best.score.unwrap_or(f64::NAN));
        if metric.is_better(score, than) { trial } else { best }
    })
}

impl Search<'_> {
    fn attempt(&self, trial: &Trial) -> Result<(f64, FittedModel), Error> {
        let expired = || (self.expired)() || (self.cancelled)();
        let request = Fit {
            task: self.task,
            train: self.train,
            validation: Some(self.validation),
            parameters: &trial.parameters,
            seed: self.seed,
            threads: self.workers.threads,
            should_stop: &expired,
        };
        let model = learner(trial.algorithm).fit(&request)?;
        let outputs = Outputs::new(self.task, model.model.predict(&self.validation.features));
        Ok((measure::score(self.metric, &self.validation.target, &outputs)?, model))
    }

    /// Whether the last trials brought no progress.
    fn converged(&self, trials: &[Trial]) -> bool {
        let Some((start, rest)) = trials.split_at_checked(self.candidates.len()) else {
            return false;
        };
        let mut score = best(self.metric, start).and_then(|trial| trial.score).unwrap_or(f64::NAN);
        let mut since = 0;
        for trial in rest {
            let reached = trial.score.unwrap_or(f64::NAN);
            let first = score.is_nan() && !reached.is_nan();
            if first
                || self.metric.is_better(reached, score)
                    && (reached - score).abs() >= LEAST_PROGRESS
            {
                score = reached;
                since = 0;
            } else {
                since += 1;
            }
        }
        since >= self.patience
    }

    fn suggest(&self, trials: &[Trial], count: usize) -> Result<Vec<Trial>, Error> {
        let ranking = self.ranking(trials);
        let numbers = trials.len()..trials.len() + count;
        let mut suggestions = Vec::with_capacity(count);
        for number in numbers {
            let trial = |candidate: &Candidate, parameters| Trial {
                number,
                algorithm: candidate.algorithm,
                parameters,
                score: None,
                iterations: 0,
            };
            if let Some(candidate) = self.candidates.get(number) {
                suggestions.push(trial(candidate, defaults(&candidate.space)));
                continue;
            }
            // The runner-up's turn comes once in a while; alone in the race, the leader takes it.
            let place =
                usize::from(number % RUNNER_UP_EVERY == RUNNER_UP_EVERY - 1 && ranking.len() > 1);
            let Some(candidate) = ranking.get(place) else { break };
            let sampled = sampler::sample(candidate, self.metric, trials, self.seed, number)?;
            suggestions.push(trial(candidate, sampled));
        }
        Ok(suggestions)
    }

    /// Candidates that have something to search and a score, the best first.
    fn ranking(&self, trials: &[Trial]) -> Vec<&Candidate> {
        let best_of = |candidate: &Candidate| {
            let own: Vec<Trial> = trials
                .iter()
                .filter(|trial| trial.algorithm == candidate.algorithm)
                .cloned()
                .collect();
            best(self.metric, &own).and_then(|trial| trial.score)
        };
        let mut ranked: Vec<(f64, &Candidate)> = self
            .candidates
            .iter()
            .filter(|candidate| !candidate.space.is_empty())
            .filter_map(|candidate| best_of(candidate).map(|score| (score, candidate)))
            .collect();
        let sign = if self.metric.greater_is_better() { -1.0 } else { 1.0 };
        ranked.sort_by(|left, right| (sign * left.0).total_cmp(&(sign * right.0)));
        ranked.into_iter().map(|(_, candidate)| candidate).collect()
    }
}
