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

/// The threshold that gives the best F1, MCC or accuracy. None for another metric, or where one class is missing.
///
/// Thresholds lie midway between neighbouring probabilities, so that rounding does not flip labels.
#[must_use]
pub fn best_threshold(truth: &[f64], positive: &[f64], metric: Metric) -> Option<Threshold> {
    let mut sorted: Vec<(f64, bool)> =
        positive.iter().copied().zip(truth.iter().map(|truth| *truth == 1.0)).collect();
    sorted.sort_by(|a, b| b.0.total_cmp(&a.0));
    let positives = sorted.iter().filter(|(_, hit)| *hit).count();
    let negatives = sorted.len() - positives;
    if positives == 0 || negatives == 0 {
        return None;
    }
    let (mut hits, mut false_alarms) = (0, 0);
    let mut best: Option<Threshold> = None;
    let following = sorted.iter().skip(1).map(|entry| Some(entry.0)).chain([None]);
    for ((score, hit), next) in sorted.iter().zip(following) {
        if *hit {
            hits += 1;
        } else {
            false_alarms += 1;
        }
        if next == Some(*score) {
            continue;
        }
        let mut confusion = Confusion::new(2);
        confusion.add(1, 1, f64::from(hits));
        confusion.add(0, 1, f64::from(false_alarms));
        confusion.add(1, 0, positives as f64 - f64::from(hits));
        confusion.add(0, 0, negatives as f64 - f64::from(false_alarms));
        let metrics = confusion.metrics();
        let value = match metric {
            Metric::F1 => metrics.f1,
            Metric::Mcc => metrics.mcc,
            Metric::Accuracy => metrics.accuracy,
            _ => return None,
        };
        if best.is_none_or(|best| value > best.value) {
            best = Some(Threshold {
                threshold: next.map_or(*score, |next| f64::midpoint(*score, next)),
                value,
            });
        }
    }
    best
}
