//! Fits the models of trials on folds and measures them on the rows that they have not seen.

use std::num::NonZeroU16;
use std::time::Duration;

use tabular::metrics::Metric;

use super::{Search, Trial};
use crate::loss::row_loss;
use crate::{
    Algorithm, Error, Examples, Fit, FittedModel, Fold, Outputs, Parameters, Task, Workers,
    learner, measure,
};

/// Folds after which a trial that is far behind is given up.
const FIRST_FOLDS: usize = 2;
/// A trial is given up where its loss on the first folds is above the best one's by this factor.
const PRUNED_ABOVE: f64 = 1.15;
/// The same for networks, whose errors are unlike those of trees: an ensemble gains from them even where they are further behind.
const NETWORK_PRUNED_ABOVE: f64 = 1.35;

/// A trial with its models and what they say of the rows that they have not seen.
#[derive(Debug, Clone)]
pub struct EvaluatedTrial {
    /// Settings and scores of the trial.
    pub trial: Trial,
    /// The model of each fold.
    pub models: Vec<FittedModel>,
    /// The outputs of the held-out rows, row after row in the order of [`HeldOut::rows`]: one probability per class, or one
    /// number. Rows that were held out several times have the mean.
    pub outputs: Vec<f64>,
}

/// The rows that were held out of some fit.
#[derive(Debug, Clone)]
pub struct HeldOut {
    /// Indices of the rows in the searched examples, from 0, ascending.
    pub rows: Vec<usize>,
    /// Features, targets and weights of these rows, in the same order.
    pub examples: Examples,
}

/// A trial, with the first error of its fits.
pub(super) struct TrialResult {
    pub(super) evaluated: EvaluatedTrial,
    pub(super) error: Option<Error>,
}

/// The rows of one fold.
struct FoldRows {
    train: Examples,
    held_out: Examples,
}

/// A trial's fit on a fold.
#[derive(Debug, Clone)]
pub struct FoldFit {
    /// Model that was fitted without the fold.
    pub model: FittedModel,
    /// Its outputs for the rows that were held out.
    pub outputs: Vec<f64>,
    /// The metric on them; none where it has no value there.
    pub score: Option<f64>,
    /// Seconds of the fit.
    pub seconds: f64,
    /// Seconds of predicting the held-out rows.
    pub predict_seconds: f64,
    /// Whether its growth was cut short, so that a repetition may give another model.
    pub cut: bool,
}

/// One fit of a batch.
#[derive(Debug, Clone, Copy)]
pub struct FitJob<'a> {
    /// Trial that the fit belongs to.
    pub trial: &'a Trial,
    /// Place of the fold in [`Search::folds`].
    pub fold: usize,
}

/// Makes a fit here.
pub type LocalFit<'a> = &'a (dyn Fn(&FitJob<'_>) -> Result<FoldFit, Error> + Sync);

/// Makes the fits of a batch, in this process or in others: a fit is the same wherever it is made.
pub trait Executor: Sync {
    /// Gives the result of each piece in the order of the pieces. `here` makes a fit on the calling thread, and `workers`
    /// says how many threads may do so. Once `over` says so, nothing is waited for any more, and `here` gives what there is.
    fn run(
        &self,
        workers: Workers,
        pieces: &[FitJob<'_>],
        here: LocalFit<'_>,
        over: &(dyn Fn() -> bool + Sync),
    ) -> Vec<Result<FoldFit, Error>>;
}

/// Makes every fit in this process.
#[derive(Debug, Clone, Copy)]
pub struct Local;

impl Executor for Local {
    fn run(
        &self,
        workers: Workers,
        pieces: &[FitJob<'_>],
        here: LocalFit<'_>,
        _over: &(dyn Fn() -> bool + Sync),
    ) -> Vec<Result<FoldFit, Error>> {
        workers.each(pieces, here)
    }
}

/// The folds of a table made ready for fits.
pub struct Folds {
    task: Task,
    metric: Metric,
    seed: u64,
    folds: Vec<FoldRows>,
}

impl Folds {
    /// Takes the rows of each fold out of the examples.
    ///
    /// # Errors
    /// Where the examples do not fit the task, or no row is held out.
    pub fn new(
        task: Task,
        metric: Metric,
        examples: &Examples,
        folds: &[Fold],
        seed: u64,
    ) -> Result<Self, Error> {
        examples.check(task)?;
        if folds.iter().all(|fold| fold.held_out.is_empty()) {
            return Err(Error::Folds { rows: examples.rows(), folds: folds.len() });
        }
        let rows = |fold: &Fold| FoldRows {
            train: examples.take(&fold.train),
            held_out: examples.take(&fold.held_out),
        };
        Ok(Self { task, metric, seed, folds: folds.iter().map(rows).collect() })
    }

    /// Fits a configuration on a fold and measures it on the rows that the fold holds out.
    ///
    /// # Errors
    /// Where there is no such fold, or the fit fails.
    pub fn fit(
        &self,
        algorithm: Algorithm,
        parameters: &Parameters,
        fold: usize,
        threads: NonZeroU16,
        clock: &(dyn Fn() -> Duration + Sync),
        should_stop: &(dyn Fn() -> bool + Sync),
    ) -> Result<FoldFit, Error> {
        let count = self.folds.len();
        let rows = self.folds.get(fold).ok_or(Error::Folds { rows: 0, folds: count })?;
        let begun = clock();
        let model = learner(algorithm).fit(&Fit {
            task: self.task,
            train: &rows.train,
            streamed: None,
            validation: Some(&rows.held_out),
            iterations: None,
            parameters,
            seed: self.seed.wrapping_add(fold as u64),
            threads,
            should_stop,
        })?;
        let fitted = clock();
        let cut = should_stop();
        let outputs = model.model.predict(&rows.held_out.features);
        let predicted = clock();
        let score = measure::score(
            self.metric,
            &rows.held_out.target,
            &Outputs::new(self.task, outputs.clone()),
        );
        Ok(FoldFit {
            model,
            outputs,
            score: score.ok().filter(|score| score.is_finite()),
            seconds: fitted.saturating_sub(begun).as_secs_f64(),
            predict_seconds: predicted.saturating_sub(fitted).as_secs_f64(),
            cut,
        })
    }
}

/// The folds made ready.
pub(super) struct Evaluator<'a> {
    search: &'a Search<'a>,
    folds: Folds,
    /// Where each held-out row of each fold stands in [`HeldOut::rows`].
    places: Vec<Vec<usize>>,
    held_out: HeldOut,
}

impl<'a> Evaluator<'a> {
    pub(super) fn new(search: &'a Search<'a>) -> Result<Self, Error> {
        let Search { task, metric, examples, folds, seed, .. } = *search;
        let ready = Folds::new(task, metric, examples, folds, seed)?;
        let mut rows: Vec<usize> =
            folds.iter().flat_map(|fold| fold.held_out.iter().copied()).collect();
        rows.sort_unstable();
        rows.dedup();
        let place = |row: &usize| rows.binary_search(row).ok();
        let places = folds.iter().map(|fold| fold.held_out.iter().filter_map(place).collect());
        let places = places.collect();
        let held_out = HeldOut { examples: examples.take(&rows), rows };
        Ok(Self { search, folds: ready, places, held_out })
    }

    pub(super) fn held_out(&self) -> &HeldOut {
        &self.held_out
    }

    pub(super) fn into_held_out(self) -> HeldOut {
        self.held_out
    }

    /// Evaluates a batch. After `end`, growth is cut short where `cut` says so; otherwise there are only the trials at the
    /// front of the batch that were done by then.
    pub(super) fn evaluate(
        &self,
        batch: Vec<Trial>,
        best: Option<&Trial>,
        end: Duration,
        cut: bool,
    ) -> Vec<TrialResult> {
        let expired = || (self.search.clock)() >= end || (self.search.cancelled)();
        let count = self.places.len();
        let first = FIRST_FOLDS.min(count);
        let all: Vec<Vec<usize>> = batch.iter().map(|_| (0..first).collect()).collect();
        let mut fits = self.fit(&batch, &all, &expired, cut);
        let best_loss = best.and_then(|best| best.first_loss);
        let rest: Vec<Vec<usize>> = batch
            .iter()
            .zip(&fits)
            .map(|(trial, fits)| {
                let behind = best_loss.is_some_and(|best| {
                    let own = self.loss_of(fits);
                    own.is_nan() || own > above(trial.algorithm, best)
                });
                let failed = fits.iter().any(|(_, fit)| fit.is_err());
                if behind || failed { Vec::new() } else { (first..count).collect() }
            })
            .collect();
        let more = self.fit(&batch, &rest, &expired, cut);
        let mut done = Vec::with_capacity(batch.len());
        for ((trial, mut own), more) in batch.into_iter().zip(fits.drain(..)).zip(more) {
            own.extend(more);
            let is_cut = |(_, fit): &(usize, Result<FoldFit, Error>)| match fit {
                Ok(fit) => fit.cut,
                Err(error) => matches!(error, Error::Cancelled),
            };
            if !cut && own.iter().any(is_cut) {
                break;
            }
            done.push(self.finish(trial, own, first));
        }
        done
    }

    /// Fits the given folds of each trial.
    fn fit(
        &self,
        batch: &[Trial],
        folds: &[Vec<usize>],
        expired: &(dyn Fn() -> bool + Sync),
        cut: bool,
    ) -> Vec<Vec<(usize, Result<FoldFit, Error>)>> {
        let search = self.search;
        let mut pieces: Vec<FitJob<'_>> = Vec::new();
        for (trial, folds) in batch.iter().zip(folds) {
            pieces.extend(folds.iter().map(|&fold| FitJob { trial, fold }));
        }
        let results = search.executor.run(
            search.workers,
            &pieces,
            &|piece| {
                if expired() && !cut {
                    return Err(Error::Cancelled);
                }
                let Trial { algorithm, parameters, .. } = piece.trial;
                let threads = search.workers.threads;
                self.folds.fit(*algorithm, parameters, piece.fold, threads, search.clock, expired)
            },
            expired,
        );
        let mut results = pieces.iter().map(|piece| piece.fold).zip(results);
        folds.iter().map(|folds| results.by_ref().take(folds.len()).collect()).collect()
    }

    /// The mean loss of fits on their folds.
    fn loss_of(&self, fits: &[(usize, Result<FoldFit, Error>)]) -> f64 {
        let losses = fits.iter().map(|(fold, fit)| match (self.folds.folds.get(*fold), fit) {
            (Some(rows), Ok(fit)) => loss_of(self.search.task, &rows.held_out, &fit.outputs),
            _ => f64::NAN,
        });
        losses.sum::<f64>() / fits.len().max(1) as f64
    }

    fn finish(
        &self,
        mut trial: Trial,
        fits: Vec<(usize, Result<FoldFit, Error>)>,
        first: usize,
    ) -> TrialResult {
        let width = self.search.task.outputs();
        let mut sums = vec![0.0; self.held_out.rows.len() * width];
        let mut counts = vec![0.0_f64; self.held_out.rows.len()];
        let mut models = Vec::with_capacity(fits.len());
        let mut error = None;
        trial.pruned = fits.len() < self.places.len();
        let first_loss = self.loss_of(fits.get(..first).unwrap_or(&fits));
        trial.first_loss = Some(first_loss).filter(|loss| loss.is_finite());
        let (mut predict_seconds, mut predicted) = (0.0, 0);
        for (fold, fit) in fits {
            match (fit, self.places.get(fold)) {
                (Ok(fit), Some(places)) => {
                    for (place, outputs) in places.iter().zip(fit.outputs.chunks_exact(width)) {
                        if let Some(count) = counts.get_mut(*place) {
                            *count += 1.0;
                        }
                        let sums = sums.iter_mut().skip(place * width);
                        for (sum, output) in sums.zip(outputs) {
                            *sum += output;
                        }
                    }
                    trial.fold_scores.extend(fit.score);
                    trial.cost.fit_seconds += fit.seconds;
                    trial.cost.bytes += fit.model.text.text.len() as u64;
                    predict_seconds += fit.predict_seconds;
                    predicted += places.len();
                    models.push(fit.model);
                }
                (Err(failed), _) => _ = error.get_or_insert(failed),
                (Ok(_), None) => {}
            }
        }
        if let Some(seconds) = (predicted > 0).then(|| predict_seconds / predicted as f64) {
            trial.cost.predict_microseconds = seconds * 1e6;
        }
        let complete = error.is_none() && !trial.pruned;
        for (sums, count) in sums.chunks_exact_mut(width).zip(&counts) {
            sums.iter_mut().for_each(|sum| *sum /= count.max(1.0));
        }
        let iterations: u32 = models.iter().map(|model| model.iterations).sum();
        trial.iterations = iterations / u32::try_from(models.len()).unwrap_or(1).max(1);
        if complete {
            let outputs = Outputs::new(self.search.task, sums.clone());
            match measure::score(self.search.metric, &self.held_out.examples.target, &outputs) {
                Ok(score) if score.is_finite() => trial.score = Some(score),
                Ok(_) => {}
                Err(failed) => _ = error.get_or_insert(failed),
            }
            trial.loss = Some(loss_of(self.search.task, &self.held_out.examples, &sums))
                .filter(|loss| loss.is_finite());
        } else if trial.pruned && error.is_none() {
            trial.score = mean(&trial.fold_scores);
        }
        TrialResult { evaluated: EvaluatedTrial { trial, models, outputs: sums }, error }
    }
}

/// What the loss of an algorithm's trial has to be above to be given up for the best one.
fn above(algorithm: Algorithm, best: f64) -> f64 {
    let factor = match algorithm {
        Algorithm::NeuralNetwork => NETWORK_PRUNED_ABOVE,
        _ => PRUNED_ABOVE,
    };
    best + best.abs() * (factor - 1.0)
}

fn mean(values: &[f64]) -> Option<f64> {
    (!values.is_empty()).then(|| values.iter().sum::<f64>() / values.len() as f64)
}

/// The mean loss of outputs as [`scoring::Model::predict`] gives them.
pub(crate) fn loss_of(task: Task, examples: &Examples, outputs: &[f64]) -> f64 {
    let width = task.outputs();
    let offset = usize::from(task.problem == tabular::ProblemType::Binary);
    let (mut sum, mut total) = (0.0, 0.0);
    for (row, (&truth, outputs)) in
        examples.target.iter().zip(outputs.chunks_exact(width.max(1))).enumerate()
    {
        let weight = examples.weight(row);
        let output = |class: usize| outputs.get(class + offset).copied().unwrap_or(0.0);
        sum += weight * row_loss(task, truth, output);
        total += weight;
    }
    if total > 0.0 { sum / total } else { f64::NAN }
}
