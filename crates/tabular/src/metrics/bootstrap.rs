//! All metrics for any weights of the rows, and bootstrap intervals made of them.
//!
//! A resample is a vector of counts, one per row. Everything that depends on the rows alone (sorted scores, losses,
//! bins) is prepared once, so that a resample costs a few linear passes and no sort.

use std::collections::BTreeMap;

use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;
use serde::{Deserialize, Serialize};

use super::classes::{Calibration, Confusion};
use super::curves::{Curve, row_loss};
use super::regression::Numbers;
use super::{
    ACCURACY, BRIER_SCORE, EXPECTED_CALIBRATION_ERROR, F1, LOG_LOSS, MCC, MetricError, Outputs,
    PR_AUC, PRECISION, RECALL, ROC_AUC, check,
};
use crate::cleaning::sorted_quantile;

/// A value with its 95 % interval.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Interval {
    /// The value on the rows as they are.
    pub value: f64,
    /// The 2.5th percentile over the resamples.
    pub low: f64,
    /// The 97.5th percentile over the resamples.
    pub high: f64,
}

/// All metrics with 95 % percentile intervals from `resamples` seeded resamples of the rows.
///
/// The calibration error is a mean of absolute values, which resampling makes greater: its interval is moved back by the
/// mean difference between the resamples and the rows as they are (Efron and Tibshirani, "An Introduction to the
/// Bootstrap", 1993, chapter 10).
///
/// # Errors
/// When truth and predictions do not fit each other.
pub fn bootstrap(
    truth: &[f64],
    outputs: Outputs<'_>,
    seed: u64,
    resamples: usize,
) -> Result<BTreeMap<&'static str, Interval>, MetricError> {
    bootstrap_weighted(truth, outputs, None, seed, resamples)
}

/// As [`bootstrap`], where each row counts as much as its weight (at least 0, one per row).
///
/// # Errors
/// When truth and predictions do not fit each other.
pub fn bootstrap_weighted(
    truth: &[f64],
    outputs: Outputs<'_>,
    weights: Option<&[f64]>,
    seed: u64,
    resamples: usize,
) -> Result<BTreeMap<&'static str, Interval>, MetricError> {
    check(truth, outputs)?;
    let prepared = PreparedMetric::new(truth, outputs);
    let own = weights.map_or_else(|| vec![1.0; truth.len()], <[f64]>::to_vec);
    let values = prepared.all(&own);
    let mut samples: BTreeMap<&'static str, Vec<f64>> = BTreeMap::new();
    let mut generator = ChaCha8Rng::seed_from_u64(seed);
    let mut counts = vec![0.0; truth.len()];
    let rows = u32::try_from(truth.len()).unwrap_or(u32::MAX);
    for _ in 0..resamples {
        counts.fill(0.0);
        for _ in 0..truth.len() {
            let drawn = usize::try_from(generator.random_range(0..rows)).unwrap_or(0);
            if let (Some(count), Some(weight)) = (counts.get_mut(drawn), own.get(drawn)) {
                *count += weight;
            }
        }
        for (name, value) in prepared.all(&counts) {
            samples.entry(name).or_default().push(value);
        }
    }
    let interval = |(name, value): (&'static str, f64)| {
        let mut drawn = samples.remove(name).unwrap_or_default();
        drawn.sort_by(f64::total_cmp);
        let at = |share| sorted_quantile(&drawn, share).unwrap_or(value);
        let (low, high) = (at(0.025), at(0.975));
        if name != EXPECTED_CALIBRATION_ERROR {
            return (name, Interval { value, low, high });
        }
        let bias = drawn.iter().sum::<f64>() / drawn.len().max(1) as f64 - value;
        let moved = |end: f64| (end - bias).clamp(0.0, 1.0);
        (name, Interval { value, low: moved(low).min(value), high: moved(high).max(value) })
    };
    Ok(values.into_iter().map(interval).collect())
}

/// Everything about truth and predictions that does not depend on weights.
pub(super) enum PreparedMetric {
    Binary(Binary),
    Multiclass(Multiclass),
    Regression(Numbers),
}

pub(super) struct Binary {
    curve: Curve,
    labels: Labels,
    squared_errors: Vec<f64>,
}

pub(super) struct Multiclass {
    /// One class against the rest, for each class.
    curves: Vec<Curve>,
    labels: Labels,
}

struct Labels {
    classes: usize,
    /// True and predicted class.
    pairs: Vec<(usize, usize)>,
    losses: Vec<f64>,
    calibration: Calibration,
}

impl PreparedMetric {
    pub(super) fn new(truth: &[f64], outputs: Outputs<'_>) -> Self {
        match outputs {
            Outputs::Binary { positive, threshold } => {
                Self::Binary(Binary::new(truth, positive, threshold))
            }
            Outputs::Multiclass { probabilities, classes } => {
                Self::Multiclass(Multiclass::new(truth, probabilities, classes))
            }
            Outputs::Regression { values } => Self::Regression(Numbers::new(truth, values)),
        }
    }

    pub(super) fn all(&self, weights: &[f64]) -> BTreeMap<&'static str, f64> {
        match self {
            Self::Binary(binary) => binary.all(weights),
            Self::Multiclass(multiclass) => multiclass.all(weights),
            Self::Regression(numbers) => numbers.all(weights),
        }
    }
}

impl Binary {
    fn new(truth: &[f64], positive: &[f64], threshold: f64) -> Self {
        let hit = |truth: &f64| *truth == 1.0;
        let of_truth = |(truth, p): (&f64, &f64)| if hit(truth) { *p } else { 1.0 - *p };
        Self {
            curve: Curve::new(positive.iter().copied(), truth.iter().map(hit)),
            squared_errors: truth
                .iter()
                .zip(positive)
                .map(|(truth, p)| (truth - p) * (truth - p))
                .collect(),
            labels: Labels {
                classes: 2,
                pairs: truth
                    .iter()
                    .zip(positive)
                    .map(|(truth, p)| (*truth as usize, usize::from(*p >= threshold)))
                    .collect(),
                losses: truth.iter().zip(positive).map(of_truth).map(row_loss).collect(),
                calibration: Calibration::new(positive.iter().copied().zip(truth.iter().map(hit))),
            },
        }
    }

    fn all(&self, weights: &[f64]) -> BTreeMap<&'static str, f64> {
        let mut metrics = self.labels.all(weights);
        metrics.insert(BRIER_SCORE, mean(&self.squared_errors, weights));
        if let Some((roc_auc, pr_auc)) = self.curve.areas(weights) {
            metrics.insert(ROC_AUC, roc_auc);
            metrics.insert(PR_AUC, pr_auc);
        }
        metrics
    }
}

impl Multiclass {
    fn new(truth: &[f64], probabilities: &[f64], classes: usize) -> Self {
        let rows = || truth.iter().zip(probabilities.chunks_exact(classes));
        let at = |row: &[f64], class: usize| row.get(class).copied().unwrap_or(0.0);
        let curve = |class: usize| {
            let scores = probabilities.chunks_exact(classes).map(move |row| at(row, class));
            Curve::new(scores, truth.iter().map(move |truth| *truth as usize == class))
        };
        Self {
            curves: (0..classes).map(curve).collect(),
            labels: Labels {
                classes,
                pairs: rows().map(|(truth, row)| (*truth as usize, argmax(row))).collect(),
                losses: rows().map(|(truth, row)| row_loss(at(row, *truth as usize))).collect(),
                calibration: Calibration::new(
                    rows()
                        .map(|(truth, row)| (at(row, argmax(row)), argmax(row) == *truth as usize)),
                ),
            },
        }
    }

    fn all(&self, weights: &[f64]) -> BTreeMap<&'static str, f64> {
        let mut metrics = self.labels.all(weights);
        // As scikit-learn, one-versus-rest has a value only where every class is there.
        let areas: Option<Vec<f64>> =
            self.curves.iter().map(|curve| curve.areas(weights).map(|areas| areas.0)).collect();
        if let Some(areas) = areas {
            metrics.insert(ROC_AUC, areas.iter().sum::<f64>() / areas.len() as f64);
        }
        metrics
    }
}

impl Labels {
    fn all(&self, weights: &[f64]) -> BTreeMap<&'static str, f64> {
        let mut confusion = Confusion::new(self.classes);
        for ((truth, label), weight) in self.pairs.iter().zip(weights) {
            confusion.add(*truth, *label, *weight);
        }
        let labels = confusion.metrics();
        BTreeMap::from([
            (LOG_LOSS, mean(&self.losses, weights)),
            (ACCURACY, labels.accuracy),
            (PRECISION, labels.precision),
            (RECALL, labels.recall),
            (F1, labels.f1),
            (MCC, labels.mcc),
            (EXPECTED_CALIBRATION_ERROR, self.calibration.error(weights)),
        ])
    }
}

fn mean(values: &[f64], weights: &[f64]) -> f64 {
    let (sum, total) = values
        .iter()
        .zip(weights)
        .fold((0.0, 0.0), |sum, (value, weight)| (sum.0 + value * weight, sum.1 + weight));
    sum / total
}

/// The most probable class; the first of equal ones.
#[must_use]
pub fn argmax(row: &[f64]) -> usize {
    let mut best = (0, f64::NEG_INFINITY);
    for (class, probability) in row.iter().enumerate() {
        if *probability > best.1 {
            best = (class, *probability);
        }
    }
    best.0
}
