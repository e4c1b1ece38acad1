//! Several versions' predictions become one. Pure.

use scoring::{Predictions, Scorer};

use crate::routing::Combination;

/// Probabilities are kept this far from 0 and 1 before their log odds are taken.
const CLIP: f64 = 1e-12;

/// Predictions of one member of an ensemble, with its weight.
#[derive(Debug)]
pub(crate) struct EnsembleVote {
    /// Number of the member's version, from 1.
    pub(crate) version: u32,
    /// Weight of the vote, relative to the other members'.
    pub(crate) weight: u32,
    /// The member's predictions of all rows of the request.
    pub(crate) predictions: Predictions,
}

/// The predictions of all members as one, in the form of `like`'s: members with other classes must have been left out.
///
/// The mean is weighted by the members' weights. Stacking adds the intercept to the members' log odds (of the second of two classes) or numbers, each times its coefficient; where a member is missing, the others' coefficients grow so that their sum stays. More than two classes are not stacked but averaged.
pub(crate) fn combine(
    votes: &[EnsembleVote],
    combination: &Combination,
    like: &Scorer,
) -> Option<Predictions> {
    let first = &votes.first()?.predictions;
    let (rows, classes) = (first.rows, first.classes.clone());
    if combination.stacked && classes.len() <= 2 {
        return stacked(votes, combination, like);
    }
    let total: f64 = votes.iter().map(|vote| f64::from(vote.weight)).sum();
    let share = |vote: &EnsembleVote| {
        if total > 0.0 { f64::from(vote.weight) / total } else { 1.0 / votes.len() as f64 }
    };
    let mut mean = vec![0.0; values(first).len()];
    for vote in votes {
        let share = share(vote);
        for (sum, value) in mean.iter_mut().zip(values(&vote.predictions)) {
            *sum += share * value;
        }
    }
    Some(predictions(rows, classes, mean, like))
}

fn stacked(
    votes: &[EnsembleVote],
    combination: &Combination,
    like: &Scorer,
) -> Option<Predictions> {
    let first = &votes.first()?.predictions;
    let (rows, classes) = (first.rows, first.classes.clone());
    let coefficient = |version: u32| {
        combination.coefficients.iter().find(|(of, _)| *of == version).map_or(0.0, |(_, c)| *c)
    };
    let all: f64 = combination.coefficients.iter().map(|(_, coefficient)| coefficient).sum();
    let here: f64 = votes.iter().map(|vote| coefficient(vote.version)).sum();
    let growth = if here.abs() > f64::EPSILON { all / here } else { 1.0 };
    let mut margins = vec![combination.intercept; rows];
    for vote in votes {
        let coefficient = coefficient(vote.version) * growth;
        for (row, margin) in margins.iter_mut().enumerate() {
            let value = vote.predictions.outputs(row).last().copied().unwrap_or_default();
            *margin += coefficient * if classes.is_empty() { value } else { log_odds(value) };
        }
    }
    let outputs = if classes.is_empty() {
        margins
    } else {
        margins
            .into_iter()
            .flat_map(|margin| {
                let second = 1.0 / (1.0 + (-margin).exp());
                [1.0 - second, second]
            })
            .collect()
    };
    Some(predictions(rows, classes, outputs, like))
}

fn log_odds(probability: f64) -> f64 {
    let clipped = probability.clamp(CLIP, 1.0 - CLIP);
    (clipped / (1.0 - clipped)).ln()
}

fn values(predictions: &Predictions) -> &[f64] {
    if predictions.classes.is_empty() { &predictions.values } else { &predictions.probabilities }
}

fn predictions(rows: usize, classes: Vec<String>, outputs: Vec<f64>, like: &Scorer) -> Predictions {
    if classes.is_empty() {
        return Predictions {
            rows,
            labels: Vec::new(),
            values: outputs,
            probabilities: Vec::new(),
            classes,
        };
    }
    let labels = outputs
        .chunks_exact(classes.len())
        .map(|row| classes.get(like.class_of(row)).cloned().unwrap_or_default())
        .collect();
    Predictions { rows, labels, values: Vec::new(), probabilities: outputs, classes }
}
