//! Areas under the ROC and the precision-recall curve, over scores that were sorted once.

/// Scores in descending order with their ties, ready for any weights of the rows.
#[derive(Clone, Debug)]
pub(super) struct Curve {
    entries: Vec<Entry>,
}

#[derive(Clone, Copy, Debug)]
struct Entry {
    row: u32,
    positive: bool,
    /// Whether the next score is another one.
    last_of_tie: bool,
}

impl Curve {
    pub(super) fn new(
        scores: impl Iterator<Item = f64>,
        positives: impl Iterator<Item = bool>,
    ) -> Self {
        let mut sorted: Vec<(f64, u32, bool)> = scores
            .zip(positives)
            .zip(0_u32..)
            .map(|((score, positive), row)| (score, row, positive))
            .collect();
        sorted.sort_by(|a, b| b.0.total_cmp(&a.0).then(a.1.cmp(&b.1)));
        let following = sorted.iter().skip(1).map(|entry| Some(entry.0)).chain([None]);
        let entries = sorted
            .iter()
            .zip(following)
            .map(|(entry, next)| Entry {
                row: entry.1,
                positive: entry.2,
                last_of_tie: next != Some(entry.0),
            })
            .collect();
        Self { entries }
    }

    /// ROC AUC and average precision; none where one class has no weight.
    pub(super) fn areas(&self, weights: &[f64]) -> Option<(f64, f64)> {
        let (mut above, mut below) = (0.0, 0.0); // weight of positives and negatives so far
        let (mut tied_positives, mut tied_negatives) = (0.0, 0.0);
        let (mut concordant, mut precision_sum) = (0.0, 0.0);
        for entry in &self.entries {
            let weight = usize::try_from(entry.row)
                .ok()
                .and_then(|row| weights.get(row))
                .copied()
                .unwrap_or(0.0);
            if entry.positive {
                tied_positives += weight;
            } else {
                tied_negatives += weight;
            }
            if !entry.last_of_tie {
                continue;
            }
            concordant += tied_negatives * (above + tied_positives / 2.0);
            above += tied_positives;
            below += tied_negatives;
            if tied_positives > 0.0 {
                precision_sum += tied_positives * above / (above + below);
            }
            (tied_positives, tied_negatives) = (0.0, 0.0);
        }
        (above > 0.0 && below > 0.0).then(|| (concordant / (above * below), precision_sum / above))
    }
}

fn areas_of(truth: &[f64], positive: &[f64]) -> Option<(f64, f64)> {
    Curve::new(positive.iter().copied(), truth.iter().map(|truth| *truth == 1.0)).areas(&vec![
        1.0;
        truth
            .len(
            )
    ])
}

/// Area under the ROC curve; ties count half. None where only one class is there.
#[must_use]
pub fn roc_auc(truth: &[f64], positive: &[f64]) -> Option<f64> {
    areas_of(truth, positive).map(|areas| areas.0)
}

/// Average precision as scikit-learn defines it. None where only one class is there.
#[must_use]
pub fn pr_auc(truth: &[f64], positive: &[f64]) -> Option<f64> {
    areas_of(truth, positive).map(|areas| areas.1)
}

/// Mean negative log likelihood of the positive class's probabilities, clipped at 2^-52 as scikit-learn does it. None without rows.
#[must_use]
pub fn log_loss(truth: &[f64], positive: &[f64]) -> Option<f64> {
    let rows = truth.len().min(positive.len());
    let sum: f64 = truth
        .iter()
        .zip(positive)
        .map(|(truth, p)| row_loss(if *truth == 1.0 { *p } else { 1.0 - *p }))
        .sum();
    (rows > 0).then(|| sum / rows as f64)
}

/// Negative log likelihood of one row, given the probability of its true class.
pub(super) fn row_loss(probability: f64) -> f64 {
    -probability.clamp(f64::EPSILON, 1.0 - f64::EPSILON).ln()
}
