//! Performance without outcomes, estimated from the confidence of the predictions (CBPE).
//!
//! Where the probability `p` of a class is calibrated, a row that is labelled positive is so with probability `p`: it adds `p` to
//! the expected true positives and `1 − p` to the false ones. Metrics of the expected confusion matrix estimate the real
//! ones (confidence-based performance estimation; NannyML, "Estimation of Performance", 2022). The expected ROC AUC is that of
//! rows which count as positive with weight `p` and as negative with `1 − p`.
//!
//! The error that is stated is that of sampling: twice the standard error, with the rows drawn independently. It does not
//! tell of probabilities that are no longer calibrated, as after a change of what the inputs mean; only outcomes do.

use std::collections::BTreeMap;

use contracts::v1::MetricEstimate;
use tabular::metrics::{ACCURACY, F1, PRECISION, RECALL, ROC_AUC};

/// Standard errors on each side of an estimate.
const STANDARD_ERRORS: f64 = 2.0;

/// A probability of the positive class, and how many rows have about it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct WeightedProbability {
    /// From 0 to 1.
    pub probability: f64,
    /// Number of rows with about this probability.
    pub rows: f64,
}

/// Estimates for two classes, of rows labelled positive from `threshold` on. Metrics without a value are left out.
pub fn binary(rows: &[WeightedProbability], threshold: f64) -> BTreeMap<String, MetricEstimate> {
    let mut sorted: Vec<WeightedProbability> = rows
        .iter()
        .copied()
        .filter(|row| row.probability.is_finite() && row.rows > 0.0)
        .map(|row| WeightedProbability { probability: row.probability.clamp(0.0, 1.0), ..row })
        .collect();
    sorted.sort_by(|a, b| a.probability.total_cmp(&b.probability));
    let total: f64 = sorted.iter().map(|row| row.rows).sum();
    let mut estimates = BTreeMap::new();
    if total <= 0.0 {
        return estimates;
    }
    let sum = |take: &dyn Fn(&WeightedProbability) -> f64| -> f64 {
        sorted.iter().map(|row| row.rows * take(row)).sum()
    };
    let is_positive = |row: &WeightedProbability| row.probability >= threshold;
    let chosen = |row: &WeightedProbability, value: f64| if is_positive(row) { value } else { 0.0 };
    let labelled = sum(&|row| chosen(row, 1.0));
    let true_positives = sum(&|row| chosen(row, row.probability));
    let positives = sum(&|row| row.probability);
    let negatives = total - positives;
    let variance = sum(&|row| row.probability * (1.0 - row.probability));
    let hit = |row: &WeightedProbability| {
        if is_positive(row) { row.probability } else { 1.0 - row.probability }
    };
    let mut put = |name: &str, value: f64, error: f64| {
        if value.is_finite() && error.is_finite() {
            let (low, high) = ((value - error).max(0.0), (value + error).min(1.0));
            estimates.insert(name.to_owned(), MetricEstimate { value, low, high });
        }
    };
    let error = |variance: f64, rows: f64| STANDARD_ERRORS * variance.max(0.0).sqrt() / rows;
    put(ACCURACY, sum(&hit) / total, error(variance, total));
    let of_labelled = sum(&|row| chosen(row, row.probability * (1.0 - row.probability)));
    put(PRECISION, true_positives / labelled, error(of_labelled, labelled));
    let recall = true_positives / positives;
    let of_recall = recall * (1.0 - recall) / positives;
    put(RECALL, recall, STANDARD_ERRORS * of_recall.max(0.0).sqrt());
    let f1 = 2.0 * true_positives / (labelled + positives);
    put(F1, f1, error(variance, (labelled + positives) / 2.0));
    let area = area(&sorted) / (positives * negatives);
    put(ROC_AUC, area, STANDARD_ERRORS * area_error(area, positives, negatives));
    estimates
}

/// Expected pairs of a positive row above a negative one, ties half. The rows ascend.
fn area(sorted: &[WeightedProbability]) -> f64 {
    let mut below = 0.0;
    let mut area = 0.0;
    for ties in sorted.chunk_by(|a, b| a.probability == b.probability) {
        let positive: f64 = ties.iter().map(|row| row.rows * row.probability).sum();
        let negative: f64 = ties.iter().map(|row| row.rows * (1.0 - row.probability)).sum();
        area += positive * (below + negative / 2.0);
        below += negative;
    }
    area
}

/// Standard error of an area under the curve (Hanley and McNeil, Radiology 143, 1982).
fn area_error(area: f64, positives: f64, negatives: f64) -> f64 {
    let one = area / (2.0 - area);
    let two = 2.0 * area * area / (1.0 + area);
    let square = area * area;
    let variance = area * (1.0 - area)
        + (positives - 1.0).max(0.0) * (one - square)
        + (negatives - 1.0).max(0.0) * (two - square);
    (variance.max(0.0) / (positives * negatives)).sqrt()
}

#[cfg(test)]
mod tests {
    use rand::{Rng, SeedableRng};
    use tabular::metrics::{Outputs, evaluate};

    use super::*;

    #[test]
    fn calibrated_probabilities_are_estimated_within_the_stated_error() {
        let mut inside = 0;
        let mut all = 0;
        for seed in 0..40 {
            let mut random = rand_chacha::ChaCha8Rng::seed_from_u64(seed);
            let probabilities: Vec<f64> =
                (0..2000).map(|_| random.random::<f64>().powi(2)).collect();
            let truth: Vec<f64> = probabilities
                .iter()
                .map(|p| f64::from(u8::from(random.random::<f64>() < *p)))
                .collect();
            let rows: Vec<WeightedProbability> = probabilities
                .iter()
                .map(|&probability| WeightedProbability { probability, rows: 1.0 })
                .collect();
            let estimated = binary(&rows, 0.4);
            let outputs = Outputs::Binary { positive: &probabilities, threshold: 0.4 };
            let real = evaluate(&truth, outputs).unwrap();
            for name in [ACCURACY, PRECISION, RECALL, F1, ROC_AUC] {
                let estimate = &estimated[name];
                all += 1;
                inside += usize::from((estimate.low..=estimate.high).contains(&real[name]));
                assert!((estimate.value - real[name]).abs() < 0.06, "{name} of {seed}");
            }
        }
        // Two standard errors hold about 95 of 100.
        assert!(inside * 100 >= all * 90, "{inside} of {all}");
    }

    #[test]
    fn without_rows_nothing_is_estimated() {
        assert!(binary(&[], 0.5).is_empty());
        let one = [WeightedProbability { probability: 1.0, rows: 5.0 }];
        let estimated = binary(&one, 0.5);
        assert_eq!(estimated[ACCURACY].value, 1.0);
        assert!(!estimated.contains_key(ROC_AUC), "there are no negatives");
    }
}
