//! Stratified samples and folds, and cross-validation on them.

use rand::SeedableRng;
use rand::seq::SliceRandom;
use rand_chacha::ChaCha8Rng;
use tabular::metrics::Metric;

use crate::examples::class_of;
use crate::{
    Algorithm, Error, Examples, Fit, Outputs, Parameters, Task, Workers, learner, measure,
};

/// Share of a fold's training rows that tells boosting when to stop, so that the rows it is judged by do not.
const STOPPING_SHARE: f64 = 0.15;

/// Rows in random order, those of each class by turns: any stretch of it has about the shares of the whole.
fn shuffled(task: Task, target: &[f64], seed: u64) -> Vec<usize> {
    let mut generator = ChaCha8Rng::seed_from_u64(seed);
    let mut order: Vec<usize> = (0..target.len()).collect();
    order.shuffle(&mut generator);
    if !task.problem.is_classification() {
        return order;
    }
    let mut by_class: Vec<Vec<usize>> = vec![Vec::new(); task.classes];
    for row in order {
        let class = target.get(row).map_or(0, |&value| class_of(value));
        if let Some(rows) = by_class.get_mut(class) {
            rows.push(row);
        }
    }
    // A row's place is its rank within its class, as a share of the class.
    let mut placed: Vec<(f64, usize, usize)> = Vec::with_capacity(target.len());
    for (class, rows) in by_class.iter().enumerate() {
        let count = rows.len() as f64;
        placed.extend(
            rows.iter().enumerate().map(|(rank, &row)| ((rank as f64 + 0.5) / count, class, row)),
        );
    }
    placed.sort_by(|left, right| left.0.total_cmp(&right.0).then(left.1.cmp(&right.1)));
    placed.into_iter().map(|(_, _, row)| row).collect()
}

/// At most `most` rows with the classes' shares of the whole, in ascending order.
#[must_use]
pub fn stratified_sample(task: Task, target: &[f64], most: usize, seed: u64) -> Vec<usize> {
    if target.len() <= most {
        return (0..target.len()).collect();
    }
    let mut rows = shuffled(task, target, seed);
    rows.truncate(most);
    rows.sort_unstable();
    rows
}

/// Rows to learn from and rows to be judged by, both in ascending order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fold {
    /// Indices of the rows to fit on, from 0, ascending.
    pub train: Vec<usize>,
    /// To be judged by.
    pub held_out: Vec<usize>,
}

/// Divides rows into folds with about equal shares of each class; every row is held out once.
///
/// # Errors
/// Where there are fewer than two folds, or fewer rows of a class than folds.
pub fn stratified_folds(
    task: Task,
    target: &[f64],
    folds: usize,
    seed: u64,
) -> Result<Vec<Fold>, Error> {
    if folds < 2 || target.len() < folds {
        return Err(Error::Folds { rows: target.len(), folds });
    }
    // Class by class, each going on where the one before ended.
    let mut fold_of = vec![0_usize; target.len()];
    let mut order = shuffled(task, target, seed);
    if task.problem.is_classification() {
        order.sort_by_key(|&row| target.get(row).map_or(0, |&value| class_of(value)));
    }
    for (place, row) in order.into_iter().enumerate() {
        if let Some(fold) = fold_of.get_mut(row) {
            *fold = place % folds;
        }
    }
    let rows_where = |wanted: &dyn Fn(usize) -> bool| -> Vec<usize> {
        fold_of.iter().enumerate().filter(|(_, fold)| wanted(**fold)).map(|(row, _)| row).collect()
    };
    Ok((0..folds)
        .map(|fold| Fold {
            train: rows_where(&|of| of != fold),
            held_out: rows_where(&|of| of == fold),
        })
        .collect())
}

/// How many fits judge a configuration.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FoldPlan {
    /// Folds of each repeat; 1 is a single held-out part.
    pub folds: usize,
    /// Repeats, each with its own division.
    pub repeats: usize,
    /// Most rows that are searched on.
    pub rows: usize,
    /// Most rows in memory that the chosen configurations learn from in the end.
    pub refit_rows: usize,
    /// Most rows that boosting may stream in the end, those in memory among them.
    pub streamed_rows: usize,
    /// Models that each configuration of trees is fitted to in the end; 0 where even one of each is too dear, so that the
    /// judged model is served.
    pub copies: usize,
}

/// Share of the rows that a single held-out part has, as one over it.
const HELD_OUT_PART: usize = 5;

impl FoldPlan {
    /// Folds for a table of `all` rows and `width` features, and a time budget: many where fits are cheap, one held-out part where they are dear, and a sample
    /// of the rows where even that is too dear. It follows from sizes alone, never from a clock.
    #[must_use]
    pub fn for_budget(task: Task, all: usize, width: usize, seconds: f64) -> Self {
        /// Processors of a usual machine. Those of this one must not count: the model would depend on it.
        const CORES: f64 = 2.0;
        /// Cells of a boosting iteration that one core of a usual machine gets through in a second.
        const CELLS_PER_SECOND: f64 = 2e8;
        /// Iterations of a usual fit.
        const ITERATIONS: f64 = 250.0;
        /// A feature costs as much as so many rows, however few there are: its histogram is made and searched.
        const FEATURE_ROWS: f64 = 2_000.0;
        /// A row costs something however few features it has.
        const ROW_CELLS: f64 = 12.0;
        /// Trials that the budget should be enough for.
        const TRIALS: f64 = 24.0;
        /// A sample may be dearer than that by this factor: rows are worth more than trials.
        const SAMPLE_TRIALS: f64 = 3.0;
        /// A sample has at least this many rows.
        const MIN_SAMPLE: usize = 4_000;
        let margins =
            if task.problem == tabular::ProblemType::Multiclass { task.classes } else { 1 };
        let per_row = (width as f64 + ROW_CELLS) * margins as f64;
        let fit = |rows: f64| (rows + FEATURE_ROWS) * per_row * ITERATIONS / CELLS_PER_SECOND;
        let affordable = seconds.max(1.0) * CORES / TRIALS;
        let fits = affordable / fit(all as f64);
        let (folds, repeats) = match fits {
            _ if fits >= 15.0 && all <= 2_000 => (5, 3),
            _ if fits >= 10.0 && all <= 4_000 => (5, 2),
            _ if fits >= 5.0 => (5, 1),
            _ if fits >= 3.0 => (3, 1),
            _ => (1, 1),
        };
        let most = |seconds: f64| {
            ((seconds * CELLS_PER_SECOND / (per_row * ITERATIONS)) as usize).max(MIN_SAMPLE)
        };
        let rows = most(affordable * SAMPLE_TRIALS);
        // Half a dozen members share a third of the time.
        let refit_rows = most(seconds.max(1.0) * CORES / 18.0).max(rows);
        let refitted = refit_rows.min(all);
        // What half a dozen members take, as a share of the whole time.
        let share = fit(refitted as f64) * 6.0 / CORES / seconds.max(1.0);
        let copies = match refitted {
            _ if share > 0.8 => 0,
            ..=5_000 if share * 4.0 <= 0.3 => 4,
            ..=20_000 if share * 2.0 <= 0.3 => 2,
            _ => 1,
        };
        Self { folds, repeats, rows, refit_rows, streamed_rows: usize::MAX, copies }
    }

    /// The folds of the plan.
    ///
    /// # Errors
    /// As [`stratified_folds`].
    pub fn stratified(&self, task: Task, target: &[f64], seed: u64) -> Result<Vec<Fold>, Error> {
        if self.folds < 2 {
            let mut folds = stratified_folds(task, target, HELD_OUT_PART, seed)?;
            folds.truncate(1);
            return Ok(folds);
        }
        let mut all = Vec::with_capacity(self.folds * self.repeats);
        for repeat in 0..self.repeats.max(1) {
            all.extend(stratified_folds(
                task,
                target,
                self.folds,
                seed.wrapping_add(repeat as u64),
            )?);
        }
        Ok(all)
    }
}

/// Divides rows into folds so that rows of one key are never held out of a model that learned from others of that key.
///
/// # Errors
/// Where there are fewer keys than folds.
pub fn grouped_folds(keys: &[u64], plan: FoldPlan, seed: u64) -> Result<Vec<Fold>, Error> {
    let mut distinct: Vec<u64> = keys.to_vec();
    distinct.sort_unstable();
    distinct.dedup();
    let parts = if plan.folds < 2 { HELD_OUT_PART } else { plan.folds };
    if distinct.len() < parts {
        return Err(Error::Folds { rows: distinct.len(), folds: parts });
    }
    let mut all = Vec::with_capacity(parts * plan.repeats);
    for repeat in 0..plan.repeats.max(1) {
        let mut generator = ChaCha8Rng::seed_from_u64(seed.wrapping_add(repeat as u64));
        let mut order = distinct.clone();
        order.shuffle(&mut generator);
        let part_of: std::collections::HashMap<u64, usize> =
            order.into_iter().enumerate().map(|(place, key)| (key, place % parts)).collect();
        let rows_where = |wanted: &dyn Fn(usize) -> bool| -> Vec<usize> {
            let part = |key: &u64| part_of.get(key).copied().unwrap_or(0);
            keys.iter()
                .enumerate()
                .filter(|(_, key)| wanted(part(key)))
                .map(|(row, _)| row)
                .collect()
        };
        all.extend((0..parts).map(|fold| Fold {
            train: rows_where(&|of| of != fold),
            held_out: rows_where(&|of| of == fold),
        }));
        if plan.folds < 2 {
            all.truncate(1);
            break;
        }
    }
    Ok(all)
}

/// A fold with a share of its training rows, which keeps the classes' shares.
#[must_use]
pub fn thinned(task: Task, examples: &Examples, fold: &Fold, share: f64, seed: u64) -> Fold {
    let target: Vec<f64> =
        fold.train.iter().filter_map(|&row| examples.target.get(row).copied()).collect();
    let most = (target.len() as f64 * share).round() as usize;
    let kept = stratified_sample(task, &target, most.max(1), seed);
    let train = kept.iter().filter_map(|&place| fold.train.get(place).copied()).collect();
    Fold { train, held_out: fold.held_out.clone() }
}

/// Scores of an algorithm on folds.
#[derive(Debug, Clone, PartialEq)]
pub struct CrossValidation {
    /// Score of each fold.
    pub scores: Vec<f64>,
    /// Mean of the folds' scores.
    pub mean: f64,
    /// Standard deviation of the folds' scores, the squares divided by the number of folds.
    pub deviation: f64,
}

impl CrossValidation {
    /// Mean and deviation of folds' scores.
    #[must_use]
    pub fn from_scores(scores: Vec<f64>) -> Self {
        let count = scores.len().max(1) as f64;
        let mean = scores.iter().sum::<f64>() / count;
        let variance =
            scores.iter().map(|score| (score - mean) * (score - mean)).sum::<f64>() / count;
        Self { scores, mean, deviation: variance.sqrt() }
    }
}

/// What is cross-validated, and how.
#[derive(Clone, Copy)]
pub struct Validation<'a> {
    /// Algorithm that is fitted on each fold.
    pub algorithm: Algorithm,
    /// What is to be learned.
    pub task: Task,
    /// The rows that the folds divide.
    pub examples: &'a Examples,
    /// Folds, each held out once.
    pub folds: &'a [Fold],
    /// Hyperparameters by name; missing ones take their defaults.
    pub parameters: &'a Parameters,
    /// Metric of the scores.
    pub metric: Metric,
    /// Seed of the models.
    pub seed: u64,
    /// How folds are spread.
    pub workers: Workers,
    /// Whether growing should end with what is there.
    pub should_stop: &'a (dyn Fn() -> bool + Sync),
}

/// Fits and scores an algorithm on each fold.
///
/// # Errors
/// Where a fold cannot be fitted or measured.
pub fn cross_validate(validation: &Validation<'_>) -> Result<CrossValidation, Error> {
    let scores = validation.workers.each(validation.folds, &|fold| validation.score(fold));
    Ok(CrossValidation::from_scores(scores.into_iter().collect::<Result<_, _>>()?))
}

impl Validation<'_> {
    fn score(&self, fold: &Fold) -> Result<f64, Error> {
        let train = self.examples.take(&fold.train);
        let held_out = self.examples.take(&fold.held_out);
        let boosting = self.algorithm == Algorithm::GradientBoosting;
        let divided = if boosting { stopping_rows(self.task, &train, self.seed) } else { None };
        let (train, stopping) = match &divided {
            Some((train, stopping)) => (train, Some(stopping)),
            None => (&train, None),
        };
        let fitted = learner(self.algorithm).fit(&Fit {
            task: self.task,
            train,
            streamed: None,
            validation: stopping,
            iterations: None,
            parameters: self.parameters,
            seed: self.seed,
            threads: self.workers.threads,
            should_stop: self.should_stop,
        })?;
        let outputs = Outputs::new(self.task, fitted.model.predict(&held_out.features));
        measure::score(self.metric, &held_out.target, &outputs)
    }
}

/// Training rows divided into those to learn from and those to stop by; none where there are too few.
fn stopping_rows(task: Task, train: &Examples, seed: u64) -> Option<(Examples, Examples)> {
    let order = shuffled(task, &train.target, seed);
    let (stopping, learned) =
        order.split_at_checked((train.rows() as f64 * STOPPING_SHARE) as usize)?;
    let learned = train.take(learned);
    if stopping.is_empty() || learned.two_classes(task).is_err() {
        return None;
    }
    Some((learned, train.take(stopping)))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test")]
    use super::*;

    fn target(rows: usize) -> Vec<f64> {
        (0..rows).map(|row| f64::from(u8::from(row % 10 == 0))).collect()
    }

    #[test]
    fn each_row_is_held_out_once_and_classes_are_even() {
        let target = target(200);
        let folds = stratified_folds(Task::BINARY, &target, 3, 5).unwrap();
        let mut held: Vec<usize> = folds.iter().flat_map(|fold| fold.held_out.clone()).collect();
        held.sort_unstable();
        assert_eq!(held, (0..200).collect::<Vec<_>>());
        for fold in &folds {
            assert_eq!(fold.train.len() + fold.held_out.len(), 200);
            let positives = fold.held_out.iter().filter(|&&row| target[row] == 1.0).count();
            assert!((6..=7).contains(&positives), "{positives}");
        }
        assert_eq!(folds, stratified_folds(Task::BINARY, &target, 3, 5).unwrap());
        assert_ne!(folds, stratified_folds(Task::BINARY, &target, 3, 6).unwrap());
        assert!(stratified_folds(Task::BINARY, &target, 1, 5).is_err());
    }

    #[test]
    fn a_sample_keeps_the_shares() {
        let target = target(1_000);
        let sample = stratified_sample(Task::BINARY, &target, 100, 1);
        assert_eq!(sample.len(), 100);
        assert!(sample.is_sorted());
        assert_eq!(sample.iter().filter(|&&row| target[row] == 1.0).count(), 10);
        assert_eq!(stratified_sample(Task::BINARY, &target, 5_000, 1).len(), 1_000);
    }
}
