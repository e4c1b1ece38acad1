//! Two models on the same rows: by how much they differ, and whether that may be chance.
//!
//! The rows are drawn once for both, so what makes a row hard is hard for both, and the difference varies less than either value.

use std::collections::BTreeMap;

use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;
use serde::{Deserialize, Serialize};

use super::bootstrap::PreparedMetric;
use super::{MetricError, Outputs, ROC_AUC, check};
use crate::cleaning::sorted_quantile;

/// A metric of two models on the same rows.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct PairedComparison {
    /// Value of the metric for the first model.
    pub first: f64,
    /// Value of the metric for the second model.
    pub second: f64,
    /// Value of the second model minus that of the first.
    pub difference: f64,
    /// The 2.5th percentile of the difference.
    pub low: f64,
    /// The 97.5th percentile of the difference.
    pub high: f64,
    /// Two-sided probability of a difference as great where the models are equally good.
    pub p_value: f64,
}

/// All metrics of two models with the interval of their difference, from `resamples` seeded resamples of the rows; metrics that have no value for one of them are left out.
///
/// The p-value is that of the interval that just holds 0. The ROC AUC of two classes has DeLong's interval and p-value, which need no resamples.
///
/// # Errors
/// When truth and predictions do not fit each other.
pub fn paired(
    truth: &[f64],
    first: Outputs<'_>,
    second: Outputs<'_>,
    seed: u64,
    resamples: usize,
) -> Result<BTreeMap<&'static str, PairedComparison>, MetricError> {
    check(truth, first)?;
    check(truth, second)?;
    let prepared = (PreparedMetric::new(truth, first), PreparedMetric::new(truth, second));
    let ones = vec![1.0; truth.len()];
    let values = (prepared.0.all(&ones), prepared.1.all(&ones));
    let mut differences: BTreeMap<&'static str, Vec<f64>> = BTreeMap::new();
    let mut generator = ChaCha8Rng::seed_from_u64(seed);
    let rows = u32::try_from(truth.len()).unwrap_or(u32::MAX);
    let mut counts = vec![0.0; truth.len()];
    for _ in 0..resamples {
        counts.fill(0.0);
        for _ in 0..truth.len() {
            let drawn = usize::try_from(generator.random_range(0..rows)).unwrap_or(0);
            if let Some(count) = counts.get_mut(drawn) {
                *count += 1.0;
            }
        }
        let of_first = prepared.0.all(&counts);
        for (name, value) in prepared.1.all(&counts) {
            if let Some(other) = of_first.get(name) {
                differences.entry(name).or_default().push(value - other);
            }
        }
    }
    let mut compared = BTreeMap::new();
    for (name, first) in values.0 {
        let Some(&second) = values.1.get(name) else { continue };
        let difference = second - first;
        let mut drawn = differences.remove(name).unwrap_or_default();
        drawn.retain(|difference| difference.is_finite());
        drawn.sort_by(f64::total_cmp);
        let at = |share| sorted_quantile(&drawn, share).unwrap_or(difference);
        let (low, high, p_value) = (at(0.025), at(0.975), chance(&drawn));
        compared.insert(name, PairedComparison { first, second, difference, low, high, p_value });
    }
    if let (Outputs::Binary { positive: a, .. }, Outputs::Binary { positive: b, .. }) =
        (first, second)
        && let Some(delong) = delong(truth, a, b)
    {
        compared.insert(ROC_AUC, delong);
    }
    Ok(compared)
}

/// The mean losses of two models on the same rows, with the interval of their difference from `resamples` seeded resamples of the
/// rows; `weights` say how much each row counts. None where there are no rows or nothing counts.
#[must_use]
pub fn paired_means(
    first: &[f64],
    second: &[f64],
    weights: Option<&[f64]>,
    seed: u64,
    resamples: usize,
) -> Option<PairedComparison> {
    let weight = |row: usize| weights.map_or(1.0, |of| of.get(row).copied().unwrap_or(0.0));
    // Of each row: what it adds to the sums of both models and to the weights.
    let rows: Vec<[f64; 3]> = first
        .iter()
        .zip(second)
        .enumerate()
        .map(|(row, (a, b))| [weight(row) * a, weight(row) * b, weight(row)])
        .collect();
    let mean = |sums: [f64; 3]| {
        let [a, b, total] = sums;
        (total > 0.0).then_some((a / total, b / total))
    };
    let add = |sums: [f64; 3], row: &[f64; 3]| {
        let ([a, b, total], [x, y, weight]) = (sums, *row);
        [a + x, b + y, total + weight]
    };
    let (first, second) = mean(rows.iter().fold([0.0; 3], add))?;
    let mut generator = ChaCha8Rng::seed_from_u64(seed);
    let count = u32::try_from(rows.len()).unwrap_or(u32::MAX);
    let mut drawn: Vec<f64> = Vec::with_capacity(resamples);
    for _ in 0..resamples {
        let sums = (0..rows.len()).fold([0.0; 3], |sums, _| {
            let row = usize::try_from(generator.random_range(0..count)).unwrap_or(0);
            rows.get(row).map_or(sums, |row| add(sums, row))
        });
        drawn.extend(mean(sums).map(|(a, b)| b - a).filter(|difference| difference.is_finite()));
    }
    drawn.sort_by(f64::total_cmp);
    let difference = second - first;
    let at = |share| sorted_quantile(&drawn, share).unwrap_or(difference);
    let (low, high, p_value) = (at(0.025), at(0.975), chance(&drawn));
    Some(PairedComparison { first, second, difference, low, high, p_value })
}

/// Twice the share of differences on the rarer side of 0, and never less than one resample stands for.
fn chance(sorted: &[f64]) -> f64 {
    if sorted.is_empty() {
        return 1.0;
    }
    let below = sorted.iter().filter(|difference| **difference <= 0.0).count();
    let above = sorted.iter().filter(|difference| **difference >= 0.0).count();
    let rarer = below.min(above) as f64;
    (2.0 * (rarer + 1.0) / (sorted.len() as f64 + 1.0)).min(1.0)
}

/// DeLong's test of two ROC AUCs on the same rows (in its fast form, by ranks); none where a class has fewer than two rows.
#[must_use]
pub fn delong(truth: &[f64], first: &[f64], second: &[f64]) -> Option<PairedComparison> {
    let positives = truth.iter().filter(|truth| **truth == 1.0).count();
    let negatives = truth.len() - positives;
    if positives < 2 || negatives < 2 || first.len() != truth.len() || second.len() != truth.len() {
        return None;
    }
    let (a, b) = (placements(truth, first), placements(truth, second));
    let difference = b.auc - a.auc;
    let variance = spread(&a.of_positives, &b.of_positives) / positives as f64
        + spread(&a.of_negatives, &b.of_negatives) / negatives as f64;
    let error = variance.sqrt();
    let p_value = match (difference == 0.0, error > 0.0) {
        (true, _) => 1.0,
        (false, true) => libm::erfc((difference / error).abs() / std::f64::consts::SQRT_2),
        (false, false) => 0.0,
    };
    let reach = 1.959_963_984_540_054 * error;
    Some(PairedComparison {
        first: a.auc,
        second: b.auc,
        difference,
        low: difference - reach,
        high: difference + reach,
        p_value,
    })
}

/// For each row, the share of the other class that it is placed rightly against.
struct Placements {
    auc: f64,
    of_positives: Vec<f64>,
    of_negatives: Vec<f64>,
}

fn placements(truth: &[f64], scores: &[f64]) -> Placements {
    let of_class = |positive: bool| -> Vec<f64> {
        let rows = truth.iter().zip(scores).filter(|row| (*row.0 == 1.0) == positive);
        rows.map(|(_, score)| *score).collect()
    };
    let (positives, negatives) = (of_class(true), of_class(false));
    let together: Vec<f64> = positives.iter().chain(&negatives).copied().collect();
    let ranks = midranks(&together);
    let (m, n) = (positives.len() as f64, negatives.len() as f64);
    let own = |ranks: &[f64], own: &[f64], others: f64| -> Vec<f64> {
        ranks.iter().zip(own).map(|(all, own)| (all - own) / others).collect()
    };
    let (of_positives, of_negatives) = ranks.split_at(positives.len());
    let of_positives = own(of_positives, &midranks(&positives), n);
    let of_negatives = own(of_negatives, &midranks(&negatives), m);
    let of_negatives: Vec<f64> = of_negatives.into_iter().map(|share| 1.0 - share).collect();
    Placements { auc: of_positives.iter().sum::<f64>() / m, of_positives, of_negatives }
}

/// Sample variance of the differences.
fn spread(a: &[f64], b: &[f64]) -> f64 {
    let differences: Vec<f64> = a.iter().zip(b).map(|(a, b)| b - a).collect();
    let count = differences.len() as f64;
    let mean = differences.iter().sum::<f64>() / count;
    differences.iter().map(|d| (d - mean) * (d - mean)).sum::<f64>() / (count - 1.0)
}

/// Ranks from 1; equal values share the mean of theirs.
fn midranks(values: &[f64]) -> Vec<f64> {
    let mut order: Vec<(f64, usize)> =
        values.iter().enumerate().map(|(row, value)| (*value, row)).collect();
    order.sort_by(|a, b| a.0.total_cmp(&b.0));
    let mut ranks = vec![0.0; values.len()];
    let mut before = 0;
    for tie in order.chunk_by(|a, b| a.0 == b.0) {
        let rank = before as f64 + (tie.len() as f64 + 1.0) / 2.0;
        for (_, row) in tie {
            if let Some(place) = ranks.get_mut(*row) {
                *place = rank;
            }
        }
        before += tie.len();
    }
    ranks
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test")]

    use super::*;
    use crate::metrics::{LOG_LOSS, roc_auc};

    const TRUTH: [f64; 12] = [0., 1., 1., 0., 1., 0., 0., 1., 1., 0., 1., 0.];
    const FIRST: [f64; 12] = [0.1, 0.4, 0.35, 0.8, 0.4, 0.4, 0.2, 0.9, 0.55, 0.05, 0.2, 0.35];
    const SECOND: [f64; 12] = [0.2, 0.7, 0.3, 0.4, 0.8, 0.35, 0.1, 0.95, 0.6, 0.3, 0.45, 0.2];

    /// The variance by its definition: every pair of a positive and a negative row.
    fn by_pairs(truth: &[f64], first: &[f64], second: &[f64]) -> (f64, f64) {
        let wins = |scores: &[f64], p: usize, n: usize| match scores[p].total_cmp(&scores[n]) {
            std::cmp::Ordering::Greater => 1.0,
            std::cmp::Ordering::Equal => 0.5,
            std::cmp::Ordering::Less => 0.0,
        };
        let rows = |class: f64| -> Vec<usize> {
            (0..truth.len()).filter(|row| truth[*row] == class).collect()
        };
        let (positives, negatives) = (rows(1.0), rows(0.0));
        let mean = |values: &[f64]| values.iter().sum::<f64>() / values.len() as f64;
        let variance = |values: &[f64]| {
            let mean = mean(values);
            values.iter().map(|v| (v - mean).powi(2)).sum::<f64>() / (values.len() as f64 - 1.0)
        };
        let difference = |p: usize, n: usize| wins(second, p, n) - wins(first, p, n);
        let of_positives: Vec<f64> = positives
            .iter()
            .map(|p| mean(&negatives.iter().map(|n| difference(*p, *n)).collect::<Vec<_>>()))
            .collect();
        let of_negatives: Vec<f64> = negatives
            .iter()
            .map(|n| mean(&positives.iter().map(|p| difference(*p, *n)).collect::<Vec<_>>()))
            .collect();
        let spread = variance(&of_positives) / positives.len() as f64
            + variance(&of_negatives) / negatives.len() as f64;
        (mean(&of_positives), spread.sqrt())
    }

    #[test]
    fn delong_is_as_by_its_definition() {
        let found = delong(&TRUTH, &FIRST, &SECOND).unwrap();
        assert!((found.first - roc_auc(&TRUTH, &FIRST).unwrap()).abs() < 1e-12);
        assert!((found.second - roc_auc(&TRUTH, &SECOND).unwrap()).abs() < 1e-12);
        let (difference, error) = by_pairs(&TRUTH, &FIRST, &SECOND);
        assert!((found.difference - difference).abs() < 1e-12);
        assert!(((found.high - found.low) / 2.0 / 1.959_963_984_540_054 - error).abs() < 1e-12);
        // Twice the upper tail of the normal distribution.
        let z = difference / error;
        assert!((found.p_value - libm::erfc(z / 2.0_f64.sqrt())).abs() < 1e-12);
        assert!(found.p_value > 0.05 && found.p_value < 1.0, "twelve rows prove nothing");
    }

    #[test]
    fn the_same_model_twice_does_not_differ() {
        let outputs = Outputs::Binary { positive: &FIRST, threshold: 0.5 };
        for (name, of) in paired(&TRUTH, outputs, outputs, 1, 200).unwrap() {
            assert_eq!((of.difference, of.low, of.high), (0.0, 0.0, 0.0), "{name}");
            assert!(of.p_value >= 1.0 - 1e-12, "{name}: {of:?}");
        }
    }

    #[test]
    fn a_model_that_is_clearly_better_is_found_to_be() {
        let truth: Vec<f64> = (0..400).map(|row| f64::from(u8::from(row % 3 == 0))).collect();
        let noise = |row: usize| ((row * 7919) % 101) as f64 / 101.0;
        let scores = |weight: f64| -> Vec<f64> {
            truth
                .iter()
                .enumerate()
                .map(|(row, t)| (weight * t + (1.0 - weight) * noise(row)).clamp(0.01, 0.99))
                .collect()
        };
        let (weak, strong) = (scores(0.1), scores(0.5));
        let of = |positive| Outputs::Binary { positive, threshold: 0.5 };
        let found = paired(&truth, of(&weak), of(&strong), 7, 300).unwrap();
        let auc = found[ROC_AUC];
        assert!(auc.difference > 0.1 && auc.low > 0.0 && auc.p_value < 1e-6, "{auc:?}");
        let loss = found[LOG_LOSS];
        assert!(loss.difference < 0.0 && loss.high < 0.0 && loss.p_value < 0.01, "{loss:?}");
        assert_eq!(found, paired(&truth, of(&weak), of(&strong), 7, 300).unwrap());
    }

    #[test]
    fn mean_losses_are_compared_on_the_same_rows() {
        let first: Vec<f64> = (0..200).map(|row| f64::from(row % 10)).collect();
        let better: Vec<f64> = first.iter().map(|loss| loss * 0.9).collect();
        let found = paired_means(&first, &better, None, 7, 300).unwrap();
        assert!((found.first - 4.5).abs() < 1e-12 && (found.difference + 0.45).abs() < 1e-9);
        assert!(found.high < 0.0 && found.p_value < 0.01, "{found:?}");
        assert_eq!(Some(found), paired_means(&first, &better, None, 7, 300));
        // As good on half the rows and as bad on the others: chance.
        let other: Vec<f64> = first
            .iter()
            .enumerate()
            .map(|(row, loss)| loss + if row % 4 < 2 { 1.0 } else { -1.0 })
            .collect();
        let found = paired_means(&first, &other, None, 7, 300).unwrap();
        assert!(found.low < 0.0 && found.high > 0.0, "{found:?}");
        // Only what counts counts.
        let weights: Vec<f64> = (0..200).map(|row| f64::from(u8::from(row % 4 >= 2))).collect();
        let found = paired_means(&first, &other, Some(&weights), 7, 300).unwrap();
        assert!((found.difference + 1.0).abs() < 1e-9 && found.high < 0.0, "{found:?}");
        assert!(paired_means(&[], &[], None, 7, 300).is_none());
        assert!(paired_means(&first, &other, Some(&[0.0; 200]), 7, 300).is_none());
    }

    #[test]
    fn one_class_alone_has_no_delong() {
        assert!(delong(&[1.0, 1.0, 0.0], &[0.1, 0.2, 0.3], &[0.1, 0.2, 0.3]).is_none());
        assert!(delong(&[1.0; 4], &[0.1; 4], &[0.1; 4]).is_none());
    }
}
