//! The decision threshold of two classes.

use serde::{Deserialize, Serialize};

use super::Metric;
use super::classes::Confusion;

/// A decision threshold and what it reaches.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Threshold {
    /// A row is labelled positive from this probability on.
    pub threshold: f64,
    /// The metric at this threshold.
    pub value: f64,
}

/// What a decision threshold is chosen for.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum ThresholdObjective {
    /// Harmonic mean of precision and recall.
    F1,
    /// `(1 + beta²) precision · recall / (beta² precision + recall)` (van Rijsbergen, 1979).
    FBeta {
        /// Above 0: how many times as much recall counts.
        beta: f64,
    },
    /// Least cost of wrong decisions.
    Cost {
        /// Of a negative row that is taken for a positive one, at least 0.
        false_positive: f64,
        /// Of a positive row that is taken for a negative one, at least 0.
        false_negative: f64,
    },
    /// The rows of the greatest probability are positive.
    PrecisionAtK {
        /// Number of rows that are labelled positive.
        k: usize,
    },
    /// Matthews correlation coefficient.
    Mcc,
    /// Share of right decisions.
    Accuracy,
}

/// How many rows a threshold decides in which way.
#[derive(Clone, Copy)]
struct Counts {
    hits: f64,
    false_alarms: f64,
    missed: f64,
    rejected: f64,
}

impl ThresholdObjective {
    /// What is to be as great as possible.
    fn value(self, counts: Counts) -> f64 {
        let Counts { hits, false_alarms, missed, rejected } = counts;
        let metrics = || {
            let mut confusion = Confusion::new(2);
            confusion.add(1, 1, hits);
            confusion.add(0, 1, false_alarms);
            confusion.add(1, 0, missed);
            confusion.add(0, 0, rejected);
            confusion.metrics()
        };
        match self {
            Self::F1 => metrics().f1,
            Self::FBeta { beta } => {
                let squared = beta * beta;
                (1.0 + squared) * hits / ((1.0 + squared) * hits + squared * missed + false_alarms)
            }
            Self::Cost { false_positive, false_negative } => {
                -(false_positive * false_alarms + false_negative * missed)
            }
            // Every place up to the k-th is better than the one before, none behind it.
            Self::PrecisionAtK { k } => {
                let positive = hits + false_alarms;
                if positive <= k as f64 { positive } else { -positive }
            }
            Self::Mcc => metrics().mcc,
            Self::Accuracy => metrics().accuracy,
        }
    }
}

/// The threshold that gives the best F1, MCC or accuracy. None for another metric, or where one class is missing.
///
/// Thresholds lie midway between neighbouring probabilities, so that rounding does not flip labels.
#[must_use]
pub fn best_threshold(truth: &[f64], positive: &[f64], metric: Metric) -> Option<Threshold> {
    let objective = match metric {
        Metric::F1 => ThresholdObjective::F1,
        Metric::Mcc => ThresholdObjective::Mcc,
        Metric::Accuracy => ThresholdObjective::Accuracy,
        _ => return None,
    };
    choose_threshold(truth, positive, objective)
}

/// The threshold that serves an objective best; its value is the metric, the negative cost, or the number of positive rows
/// for precision at k. None where one class is missing. Thresholds lie midway between neighbouring probabilities.
#[must_use]
pub fn choose_threshold(
    truth: &[f64],
    positive: &[f64],
    objective: ThresholdObjective,
) -> Option<Threshold> {
    let mut sorted: Vec<(f64, bool)> =
        positive.iter().copied().zip(truth.iter().map(|truth| *truth == 1.0)).collect();
    sorted.sort_by(|a, b| b.0.total_cmp(&a.0));
    let positives = sorted.iter().filter(|(_, hit)| *hit).count();
    let negatives = sorted.len() - positives;
    if positives == 0 || negatives == 0 {
        return None;
    }
    let mut counts = Counts {
        hits: 0.0,
        false_alarms: 0.0,
        missed: positives as f64,
        rejected: negatives as f64,
    };
    // Where wrong decisions cost, calling no row positive may cost least.
    let none = |counts| Threshold { threshold: 1.0, value: objective.value(counts) };
    let mut best: Option<Threshold> =
        matches!(objective, ThresholdObjective::Cost { .. }).then(|| none(counts));
    let following = sorted.iter().skip(1).map(|entry| Some(entry.0)).chain([None]);
    for ((score, hit), next) in sorted.iter().zip(following) {
        if *hit {
            counts.hits += 1.0;
            counts.missed -= 1.0;
        } else {
            counts.false_alarms += 1.0;
            counts.rejected -= 1.0;
        }
        if next == Some(*score) {
            continue;
        }
        let value = objective.value(counts);
        if best.is_none_or(|best| value > best.value) {
            best = Some(Threshold {
                threshold: next.map_or(*score, |next| f64::midpoint(*score, next)),
                value,
            });
        }
    }
    best
}
