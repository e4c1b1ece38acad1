//! Fits the models of trials on folds and measures them on the rows that they have not seen.

use std::time::Duration;

use super::{Search, Trial};
use crate::loss::row_loss;
use crate::{Error, Examples, Fit, FittedModel, Outputs, Task, learner, measure};

/// Folds after which a trial that is far behind is given up.
const FIRST_FOLDS: usize = 2;
/// A trial is given up where its loss on the first folds is above the best one's by this factor.
const PRUNED_ABOVE: f64 = 1.15;

/// A trial with its models and what they say of the rows that they have not seen.
#[derive(Debug, Clone)]
pub struct Evaluated {
    /// The trial.
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
    /// Their indices, ascending.
    pub rows: Vec<usize>,
    /// The rows themselves.
    pub examples: Examples,
}

/// A trial, with the first error of its fits.
pub(super) struct EvaluatedOrFailed {
    pub(super) evaluated: Evaluated,
    pub(super) error: Option<Error>,
}

/// The rows of one fold.
struct FoldRows {
    train: Examples,
    held_out: Examples,
    /// Where each held-out row stands in [`HeldOut::rows`].
    places: Vec<usize>,
}

/// What a fit on a fold gave.
struct FoldFit {
    model: FittedModel,
    outputs: Vec<f64>,
    score: Option<f64>,
    seconds: f64,
    predict_seconds: f64,
}

/// The folds made ready.
pub(super) struct Evaluator<'a> {
    search: &'a Search<'a>,
    folds: Vec<FoldRows>,
    held_out: HeldOut,
}

impl<'a> Evaluator<'a> {
    pub(super) fn new(search: &'a Search<'a>) -> Result<Self, Error> {
        search.examples.check(search.task)?;
        let mut rows: Vec<usize> =
            search.folds.iter().flat_map(|fold| fold.held_out.iter().copied()).collect();
        rows.sort_unstable();
        rows.dedup();
        if rows.is_empty() {
            return Err(Error::Folds { rows: search.examples.rows(), folds: search.folds.len() });
        }
        let folds = search
            .folds
            .iter()
            .map(|fold| FoldRows {
                train: search.examples.take(&fold.train),
                held_out: search.examples.take(&fold.held_out),
                places: fold
                    .held_out
                    .iter()
                    .filter_map(|row| rows.binary_search(row).ok())
                    .collect(),
            })
            .collect();
        let held_out = HeldOut { examples: search.examples.take(&rows), rows };
        Ok(Self { search, folds, held_out })
    }

    pub(super) fn into_held_out(self) -> HeldOut {
        self.held_out
    }

    /// Evaluates a batch. After `end`, growth is cut short where `cut` says so, and there is no result otherwise.
    pub(super) fn evaluate(
        &self,
        batch: Vec<Trial>,
        best: Option<&Trial>,
        end: Duration,
        cut: bool,
    ) -> Option<Vec<EvaluatedOrFailed>> {
        let expired = || (self.search.clock)() >= end || (self.search.cancelled)();
        let first = FIRST_FOLDS.min(self.folds.len());
        let all: Vec<Vec<usize>> = batch.iter().map(|_| (0..first).collect()).collect();
        let mut fits = self.fit(&batch, &all, &expired, cut);
        if expired() && !cut {
            return None;
        }
        let best_loss = best.and_then(|best| best.first_loss);
        let rest: Vec<Vec<usize>> = fits
            .iter()
            .map(|fits| {
                let behind = best_loss.is_some_and(|best| {
                    let own = self.loss_of(fits);
                    own.is_nan() || own > above(best)
                });
                let failed = fits.iter().any(|(_, fit)| fit.is_err());
                if behind || failed { Vec::new() } else { (first..self.folds.len()).collect() }
            })
            .collect();
        let more = self.fit(&batch, &rest, &expired, cut);
        if expired() && !cut {
            return None;
        }
        let mut done = Vec::with_capacity(batch.len());
        for ((trial, mut own), more) in batch.into_iter().zip(fits.drain(..)).zip(more) {
            own.extend(more);
            done.push(self.finish(trial, own, first));
        }
        Some(done)
    }

    /// Fits the given folds of each trial.
    fn fit(
        &self,
        batch: &[Trial],
        folds: &[Vec<usize>],
        expired: &(dyn Fn() -> bool + Sync),
        cut: bool,
    ) -> Vec<Vec<(usize, Result<FoldFit, Error>)>> {
        let mut pieces: Vec<(usize, usize)> = Vec::new();
        for (trial, folds) in folds.iter().enumerate() {
            pieces.extend(folds.iter().map(|&fold| (trial, fold)));
        }
        let results = self.search.workers.run(&pieces, &|&(trial, fold)| match (
            batch.get(trial),
            self.folds.get(fold),
        ) {
            (Some(_), Some(_)) if expired() && !cut => Err(Error::Cancelled),
            (Some(trial), Some(rows)) => self.fit_one(trial, rows, fold, expired),
            _ => Err(Error::Empty),
        });
        let mut fits: Vec<Vec<(usize, Result<FoldFit, Error>)>> =
            batch.iter().map(|_| Vec::new()).collect();
        for ((trial, fold), result) in pieces.into_iter().zip(results) {
            if let Some(fits) = fits.get_mut(trial) {
                fits.push((fold, result));
            }
        }
        fits
    }

    fn fit_one(
        &self,
        trial: &Trial,
        rows: &FoldRows,
        fold: usize,
        expired: &(dyn Fn() -> bool + Sync),
    ) -> Result<FoldFit, Error> {
        let search = self.search;
        let begun = (search.clock)();
        let model = learner(trial.algorithm).fit(&Fit {
            task: search.task,
            train: &rows.train,
            validation: Some(&rows.held_out),
            iterations: None,
            parameters: &trial.parameters,
            seed: search.seed.wrapping_add(fold as u64),
            threads: search.workers.threads,
            should_stop: expired,
        })?;
        let fitted = (search.clock)();
        let outputs = model.model.predict(&rows.held_out.features);
        let predicted = (search.clock)();
        let score = measure::score(
            search.metric,
            &rows.held_out.target,
            &Outputs::new(search.task, outputs.clone()),
        );
        Ok(FoldFit {
            model,
            outputs,
            score: score.ok().filter(|score| score.is_finite()),
            seconds: fitted.saturating_sub(begun).as_secs_f64(),
            predict_seconds: predicted.saturating_sub(fitted).as_secs_f64(),
        })
    }

    /// The mean loss of fits on their folds.
    fn loss_of(&self, fits: &[(usize, Result<FoldFit, Error>)]) -> f64 {
        let losses = fits.iter().map(|(fold, fit)| match (self.folds.get(*fold), fit) {
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
    ) -> EvaluatedOrFailed {
        let width = self.search.task.outputs();
        let mut sums = vec![0.0; self.held_out.rows.len() * width];
        let mut counts = vec![0.0_f64; self.held_out.rows.len()];
        let mut models = Vec::with_capacity(fits.len());
        let mut error = None;
        trial.pruned = fits.len() < self.folds.len();
        let first_loss = self.loss_of(fits.get(..first).unwrap_or(&fits));
        trial.first_loss = Some(first_loss).filter(|loss| loss.is_finite());
        let (mut predict_seconds, mut predicted) = (0.0, 0);
        for (fold, fit) in fits {
            match (fit, self.folds.get(fold)) {
                (Ok(fit), Some(rows)) => {
                    for (place, outputs) in rows.places.iter().zip(fit.outputs.chunks_exact(width))
                    {
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
                    predicted += rows.places.len();
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
        EvaluatedOrFailed { evaluated: Evaluated { trial, models, outputs: sums }, error }
    }
}

/// What a loss has to be above to be given up for the best one.
fn above(best: f64) -> f64 {
    best + best.abs() * (PRUNED_ABOVE - 1.0)
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
