//! From trials to the model that is served: greedy selection, calibration, and a refit on more rows.
//!
//! ```text
//! out-of-fold outputs ──greedy selection──▶ weights ──▶ calibration ──▶ judged model: the folds' own models
//!                                              └──────────────────────▶ refitted model: the same configurations on all rows
//! ```

mod allotment;
mod calibrate;

pub use allotment::{Allotment, RowBudget};
use scoring::{Calibration, EnsembleModel, Limits, Member, Model, ModelText, add_weighted};
use tabular::ProblemType;
use tabular::metrics::Metric;

use crate::search::{EvaluatedTrial, HeldOut, Outcome, Trial, loss_of};
use crate::{
    Algorithm, Error, Examples, Fit, FittedModel, Outputs, StreamedExamples, Task, Workers,
    learner, measure,
};

/// Steps of the greedy selection: no weight is finer than one over it.
const STEPS: usize = 40;
/// Most members of an ensemble.
const MAX_MEMBERS: usize = 10;
/// A member with less weight is left out.
const MIN_WEIGHT: f64 = 0.02;
/// Most out-of-fold rows that the choice looks at.
const MAX_ROWS: usize = 20_000;

/// A configuration of an ensemble.
#[derive(Debug, Clone, PartialEq)]
pub struct Share {
    /// Number of its trial.
    pub trial: usize,
    /// Algorithm of the member.
    pub algorithm: Algorithm,
    /// Its weight; all add up to 1.
    pub weight: f64,
    /// Models that it stands for.
    pub models: usize,
    /// Rows that they learned from; of the folds' models, those that were searched on.
    pub rows: usize,
}

/// Which trials are combined, and how.
#[derive(Debug, Clone)]
pub struct Combination {
    /// The configurations, the weightiest first.
    pub shares: Vec<Share>,
    /// What is done to their mean.
    pub calibration: Calibration,
    /// The calibrated outputs of the held-out rows, row after row.
    pub outputs: Vec<f64>,
    /// The metric on them.
    pub score: f64,
    /// The loss on them.
    pub loss: f64,
}

/// A model made of a combination.
#[derive(Debug, Clone)]
pub struct CombinedModel {
    /// The model as it is served, made from [`Self::text`].
    pub model: Model,
    /// The model in the format of its library, as the bundle keeps it.
    pub text: ModelText,
    /// What it is made of, the weightiest first.
    pub shares: Vec<Share>,
    /// Share of each feature in what was learned, adding up to 1.
    pub importance: Vec<f64>,
    /// Rows that it learned from; of a member that learned from most, where they differ.
    pub rows: usize,
}

impl CombinedModel {
    /// The name of its algorithm: that of its only configuration, or `ensemble`.
    #[must_use]
    pub fn algorithm(&self) -> &'static str {
        match self.shares.as_slice() {
            [only] => only.algorithm.name(),
            _ => ENSEMBLE,
        }
    }
}

/// The algorithm of a model of several configurations.
const ENSEMBLE: &str = "ensemble";

/// Combines the leaders of a search by greedy selection with replacement (Caruana and others, "Ensemble Selection from
/// Libraries of Models", 2004) of what was minimised, and calibrates their mean.
///
/// # Errors
/// Where the outputs cannot be measured.
pub fn combine(
    task: Task,
    metric: Metric,
    outcome: &Outcome,
    max_members: usize,
    seed: u64,
) -> Result<Combination, Error> {
    let held_out = &outcome.held_out;
    let weights = weights_of(task, &outcome.leaders, held_out, max_members, MAX_ROWS);
    let mut shares: Vec<(usize, f64)> =
        weights.into_iter().enumerate().filter(|(_, weight)| *weight > 0.0).collect();
    shares.sort_by(|left, right| right.1.total_cmp(&left.1).then(left.0.cmp(&right.0)));
    let width = task.outputs();
    let mut outputs = vec![0.0; held_out.rows.len() * width];
    for (place, weight) in &shares {
        if let Some(leader) = outcome.leaders.get(*place) {
            add_weighted(&mut outputs, &leader.outputs, *weight);
        }
    }
    let calibration = calibrate::choose(task, &held_out.examples, &outputs, seed);
    outputs.chunks_exact_mut(width.max(1)).for_each(|row| calibration.apply(row));
    let score =
        measure::score(metric, &held_out.examples.target, &Outputs::new(task, outputs.clone()))?;
    let shares = shares
        .into_iter()
        .filter_map(|(place, weight)| {
            let leader = outcome.leaders.get(place)?;
            let (trial, algorithm) = (leader.trial.number, leader.trial.algorithm);
            let (models, rows) = (leader.models.len(), outcome.rows);
            Some(Share { trial, algorithm, weight, models, rows })
        })
        .collect();
    let loss = loss_of(task, &held_out.examples, &outputs);
    Ok(Combination { shares, calibration, outputs, score, loss })
}

/// Trees up to which configurations are learned with several seeds: a row then costs less than a millisecond.
const MAX_TREES_OF_COPIES: f64 = 4_000.0;
/// Most trees of the configurations together, but for a single one.
const MAX_TREES: f64 = 8_000.0;

/// Trees that a row takes as long for as for a network.
const TREES_OF_A_NETWORK: f64 = 400.0;

/// Trees of a trial's model that has so many times its iterations; of a network, as many as take as long.
fn trees_of(task: Task, trial: &Trial, growth: f64) -> f64 {
    if trial.algorithm == Algorithm::NeuralNetwork {
        return TREES_OF_A_NETWORK;
    }
    let each = if trial.algorithm.interpretable() { 0 } else { task.outputs() };
    f64::from(trial.iterations) * growth * each as f64
}

/// Models that each configuration of trees is fitted to, at most `copies`; fewer where the trees of all would be too many for
/// one row. `growth` is how many times their iterations they get.
pub(crate) fn copies_within<'a>(
    task: Task,
    members: impl Iterator<Item = &'a Trial>,
    growth: f64,
    copies: usize,
) -> usize {
    let trees: f64 = members.map(|trial| trees_of(task, trial, growth)).sum();
    // At least 1 and at most `copies`.
    ((MAX_TREES_OF_COPIES / trees.max(1.0)) as usize).clamp(1, copies.max(1))
}

/// The weight of each leader, chosen by at most `most_rows` out-of-fold rows.
pub(crate) fn weights_of(
    task: Task,
    leaders: &[EvaluatedTrial],
    held_out: &HeldOut,
    max_members: usize,
    most_rows: usize,
) -> Vec<f64> {
    let max_members = max_members.clamp(1, MAX_MEMBERS);
    let step = held_out.rows.len().div_ceil(most_rows).max(1);
    let width = task.outputs().max(1);
    let thin = |outputs: &[f64]| -> Vec<f64> {
        outputs.chunks_exact(width).step_by(step).flatten().copied().collect()
    };
    let rows: Vec<usize> = (0..held_out.rows.len()).step_by(step).collect();
    let examples = held_out.examples.take(&rows);
    let outputs: Vec<Vec<f64>> = leaders.iter().map(|leader| thin(&leader.outputs)).collect();
    let trees: Vec<f64> = leaders.iter().map(|leader| trees_of(task, &leader.trial, 1.0)).collect();
    let mut sums = vec![0.0; rows.len() * width];
    let mut counts = vec![0_usize; leaders.len()];
    let (mut best_counts, mut best_loss) = (counts.clone(), f64::INFINITY);
    for chosen in 0..STEPS {
        let full = counts.iter().filter(|count| **count > 0).count() >= max_members;
        let mut next: Option<(usize, f64)> = None;
        let chosen_trees: f64 = counts
            .iter()
            .zip(&trees)
            .filter(|(count, _)| **count > 0)
            .map(|(_, trees)| trees)
            .sum();
        for (place, (own, trees)) in outputs.iter().zip(&trees).enumerate() {
            let is_new = counts.get(place).copied().unwrap_or(0) == 0;
            let too_many = full || (chosen > 0 && chosen_trees + trees > MAX_TREES);
            if is_new && too_many {
                continue;
            }
            let share = 1.0 / (chosen + 1) as f64;
            let mean: Vec<f64> =
                sums.iter().zip(own).map(|(sum, own)| (sum + own) * share).collect();
            let loss = loss_of(task, &examples, &mean);
            if next.is_none_or(|(_, least)| loss < least) {
                next = Some((place, loss));
            }
        }
        let Some((place, loss)) = next else { break };
        if let (Some(count), Some(own)) = (counts.get_mut(place), outputs.get(place)) {
            *count += 1;
            add_weighted(&mut sums, own, 1.0);
        }
        if loss < best_loss || best_loss.is_infinite() {
            (best_counts, best_loss) = (counts.clone(), loss);
        }
    }
    shares_of(&best_counts)
}

/// Counts as shares, without those that hardly count.
fn shares_of(counts: &[usize]) -> Vec<f64> {
    let total: usize = counts.iter().sum();
    let share = |count: usize| count as f64 / total.max(1) as f64;
    let kept: Vec<f64> = counts
        .iter()
        .map(|&count| if share(count) < MIN_WEIGHT { 0.0 } else { count as f64 })
        .collect();
    let sum: f64 = kept.iter().sum();
    kept.into_iter().map(|count| count / sum.max(1.0)).collect()
}

/// The judged model: the folds' own models, none of which has seen the rows that it was chosen by.
///
/// # Errors
/// Where the models cannot be combined.
pub fn judged(outcome: &Outcome, combination: &Combination) -> Result<Model, Error> {
    let members = of_folds(outcome, combination);
    if let ([(_, only)], Calibration::None) = (members.as_slice(), &combination.calibration) {
        return Ok(only.model.clone());
    }
    let members = members.into_iter().map(|(weight, fitted)| Member {
        weight,
        algorithm: fitted.algorithm.name().to_owned(),
        model: fitted.model.clone(),
    });
    Ok(Model::Ensemble(EnsembleModel::new(members.collect(), combination.calibration.clone())?))
}

/// The judged model as it is served where it is not learned anew.
///
/// # Errors
/// Where the models cannot be combined.
pub fn kept(outcome: &Outcome, combination: &Combination) -> Result<CombinedModel, Error> {
    let members = of_folds(outcome, combination);
    written(&members, &combination.calibration, combination.shares.clone())
}

/// The models of a combination's trials with their weights.
fn of_folds<'a>(outcome: &'a Outcome, combination: &Combination) -> Vec<(f64, &'a FittedModel)> {
    let mut members = Vec::new();
    for share in &combination.shares {
        let Some(leader) = leader(outcome, share) else { continue };
        let weight = share.weight / leader.models.len().max(1) as f64;
        members.extend(leader.models.iter().map(|model| (weight, model)));
    }
    members
}

/// The trials of a combination, the weightiest first.
fn trials<'a>(
    outcome: &'a Outcome,
    combination: &'a Combination,
) -> impl Iterator<Item = &'a Trial> {
    combination.shares.iter().filter_map(|share| leader(outcome, share)).map(|of| &of.trial)
}

/// What each configuration of a combination learns from in a refit that streams.
#[must_use]
pub fn allotted(
    task: Task,
    outcome: &Outcome,
    combination: &Combination,
    budget: &RowBudget,
) -> Vec<Allotment> {
    budget.allot(task, trials(outcome, combination))
}

/// Seconds of [`RowBudget::seconds`] in which the weightiest configuration that boosts would learn from all rows; none where none boosts.
#[must_use]
pub fn seconds_for_all(
    task: Task,
    outcome: &Outcome,
    combination: &Combination,
    budget: &RowBudget,
) -> Option<f64> {
    let boosts = |trial: &&Trial| trial.algorithm == Algorithm::GradientBoosting;
    trials(outcome, combination).find(boosts).map(|trial| budget.seconds_for_all(task, trial))
}

fn leader<'a>(outcome: &'a Outcome, share: &Share) -> Option<&'a EvaluatedTrial> {
    outcome.leaders.iter().find(|leader| leader.trial.number == share.trial)
}

/// How a combination is learned anew.
#[derive(Clone, Copy)]
pub struct Refit<'a> {
    /// What is to be learned.
    pub task: Task,
    /// Rows to learn from, in memory.
    pub examples: &'a Examples,
    /// Rows that boosting learns from as well; none where all are in memory.
    pub allotted: Option<AllottedRows<'a>>,
    /// Rows that the trials learned from at a time.
    pub fold_rows: usize,
    /// Most models that each configuration of trees is fitted to, each with a seed of its own, at least 1; fewer where they
    /// would have more than 4,000 trees together.
    pub copies: usize,
    /// Seed of every random choice.
    pub seed: u64,
    /// How fits are spread.
    pub workers: Workers,
    /// Whether the result is no longer wanted.
    pub cancelled: &'a (dyn Fn() -> bool + Sync),
}

/// Rows that are not in memory, and which configurations learn from them.
#[derive(Clone, Copy)]
pub struct AllottedRows<'a> {
    /// What each configuration of the combination learns from ([`RowBudget::allot`]).
    pub allotted: &'a [Allotment],
    /// The rows behind those in memory.
    pub streamed: &'a dyn StreamedExamples,
    /// How a fit that streams is made, one at a time.
    pub workers: Workers,
}

/// A fit of a refit.
struct Piece<'a> {
    weight: f64,
    trial: &'a Trial,
    copy: u64,
    iterations: u32,
    streamed: Option<&'a dyn StreamedExamples>,
}

/// Learns the configurations of a combination on all rows, with the iterations that the folds found.
///
/// # Errors
/// Where a model cannot be fitted, or the work was cancelled.
pub fn refit(
    outcome: &Outcome,
    combination: &Combination,
    refit: &Refit<'_>,
) -> Result<CombinedModel, Error> {
    let rows = refit.examples.rows();
    let growth = (rows as f64 / refit.fold_rows.max(1) as f64).max(1.0).sqrt();
    let mut shares = combination.shares.clone();
    shares.retain(|share| leader(outcome, share).is_some());
    let trials = || trials(outcome, combination);
    let copies = copies_within(refit.task, trials(), growth, refit.copies);
    let in_memory = RowBudget::in_memory(rows, refit.fold_rows).allot(refit.task, trials());
    let allotted = refit.allotted.as_ref().map_or(in_memory.as_slice(), |of| of.allotted);
    let (mut pieces, mut streaming) = (Vec::new(), Vec::new());
    for ((share, trial), of) in shares.iter_mut().zip(trials()).zip(allotted) {
        let streamed = refit.allotted.filter(|_| of.rows > rows).map(|of| of.streamed);
        let found = streamed.map_or(rows, |streamed| rows + streamed.target().len());
        if found != of.rows {
            return Err(Error::Shape { what: "rows", found, expected: of.rows });
        }
        share.rows = of.rows;
        // A linear model does not depend on its seed.
        share.models =
            if trial.algorithm.interpretable() || streamed.is_some() { 1 } else { copies };
        let weight = share.weight / share.models as f64;
        let fits = if streamed.is_some() { &mut streaming } else { &mut pieces };
        fits.extend((0..share.models as u64).map(|copy| Piece {
            weight,
            trial,
            copy,
            iterations: of.iterations,
            streamed,
        }));
    }
    let mut fitted = refit.fit(&pieces, refit.workers)?;
    if let Some(of) = refit.allotted {
        fitted.extend(refit.fit(&streaming, Workers { parallel: 1, ..of.workers })?);
    }
    let members: Vec<(f64, &FittedModel)> =
        fitted.iter().map(|(weight, model)| (*weight, model)).collect();
    written(&members, &combination.calibration, shares)
}

impl Refit<'_> {
    fn fit(
        &self,
        pieces: &[Piece<'_>],
        workers: Workers,
    ) -> Result<Vec<(f64, FittedModel)>, Error> {
        let fitted = workers.each(pieces, &|piece| {
            if (self.cancelled)() {
                return Err(Error::Cancelled);
            }
            let model = learner(piece.trial.algorithm).fit(&Fit {
                task: self.task,
                train: self.examples,
                streamed: piece.streamed,
                validation: None,
                iterations: Some(piece.iterations),
                parameters: &piece.trial.parameters,
                seed: self.seed.wrapping_add(1_000).wrapping_add(piece.copy),
                threads: workers.threads,
                should_stop: self.cancelled,
            })?;
            Ok((piece.weight, model))
        });
        if (self.cancelled)() { Err(Error::Cancelled) } else { fitted.into_iter().collect() }
    }
}

/// A combined model of members with their weights; a single one without calibration stays what it is.
fn written(
    members: &[(f64, &FittedModel)],
    calibration: &Calibration,
    shares: Vec<Share>,
) -> Result<CombinedModel, Error> {
    let rows = shares.iter().map(|share| share.rows).max().unwrap_or(0);
    let width = members.iter().map(|(_, model)| model.importance.len()).max().unwrap_or(0);
    let mut importance = vec![0.0; width];
    for (weight, model) in members {
        add_weighted(&mut importance, &model.importance, *weight);
    }
    let importance = crate::algorithm::shares(importance);
    if let ([(_, only)], Calibration::None) = (members, calibration) {
        let (model, text) = (only.model.clone(), only.text.clone());
        return Ok(CombinedModel { model, text, shares, importance, rows });
    }
    let texts: Vec<(f64, &str, &ModelText)> = members
        .iter()
        .map(|(weight, model)| (*weight, model.algorithm.name(), &model.text))
        .collect();
    let text = EnsembleModel::write(&texts, calibration)?;
    let model = Model::parse(text.kind, &text.text, &Limits::default())?;
    Ok(CombinedModel { model, text, shares, importance, rows })
}

/// Whether a task has probabilities.
fn is_classification(task: Task) -> bool {
    task.problem != ProblemType::Regression
}
