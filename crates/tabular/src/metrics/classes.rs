//! Metrics of labels: everything that follows from a confusion matrix, and calibration.

/// Weights of rows by true class (rows) and predicted class (columns).
#[derive(Clone, Debug)]
pub(super) struct Confusion {
    classes: usize,
    cells: Vec<f64>,
}

/// Metrics that follow from a confusion matrix.
#[derive(Clone, Copy, Debug)]
pub(super) struct LabelMetrics {
    pub(super) accuracy: f64,
    pub(super) precision: f64,
    pub(super) recall: f64,
    pub(super) f1: f64,
    pub(super) mcc: f64,
}

impl Confusion {
    pub(super) fn new(classes: usize) -> Self {
        Self { classes, cells: vec![0.0; classes * classes] }
    }

    pub(super) fn add(&mut self, truth: usize, label: usize, weight: f64) {
        if let Some(cell) = self.cells.get_mut(truth * self.classes + label) {
            *cell += weight;
        }
    }

    fn cell(&self, truth: usize, label: usize) -> f64 {
        self.cells.get(truth * self.classes + label).copied().unwrap_or(0.0)
    }

    /// Of two classes the figures of the positive one, of more the mean over the classes that are there.
    pub(super) fn metrics(&self) -> LabelMetrics {
        let all = 0..self.classes;
        let right: Vec<f64> = all.clone().map(|class| self.cell(class, class)).collect();
        let true_of: Vec<f64> = all
            .clone()
            .map(|class| all.clone().map(|label| self.cell(class, label)).sum())
            .collect();
        let labelled: Vec<f64> = all
            .clone()
            .map(|label| all.clone().map(|class| self.cell(class, label)).sum())
            .collect();
        let (total, correct): (f64, f64) = (true_of.iter().sum(), right.iter().sum());
        let (mut precision, mut recall, mut f1, mut counted) = (0.0, 0.0, 0.0, 0.0);
        for (class, ((right, truly), labelled)) in
            right.iter().zip(&true_of).zip(&labelled).enumerate()
        {
            let wanted = if self.classes == 2 { class == 1 } else { truly + labelled > 0.0 };
            if wanted {
                precision += share(*right, *labelled);
                recall += share(*right, *truly);
                f1 += share(2.0 * right, truly + labelled);
                counted += 1.0;
            }
        }
        let agreement: f64 =
            true_of.iter().zip(&labelled).map(|(truly, labelled)| truly * labelled).sum();
        let spread =
            |of: &[f64]| total * total - of.iter().map(|weight| weight * weight).sum::<f64>();
        LabelMetrics {
            accuracy: share(correct, total),
            precision: share(precision, counted),
            recall: share(recall, counted),
            f1: share(f1, counted),
            mcc: share(correct * total - agreement, (spread(&true_of) * spread(&labelled)).sqrt()),
        }
    }
}

/// A share; zero of nothing.
fn share(part: f64, whole: f64) -> f64 {
    if whole > 0.0 { part / whole } else { 0.0 }
}

/// Rows by true class (outer) and predicted class (inner).
#[must_use]
pub fn confusion_matrix(truth: &[f64], labels: &[usize], classes: usize) -> Vec<Vec<u64>> {
    let mut matrix = vec![vec![0; classes]; classes];
    for (truth, label) in truth.iter().zip(labels) {
        if let Some(cell) = matrix.get_mut(*truth as usize).and_then(|row| row.get_mut(*label)) {
            *cell += 1;
        }
    }
    matrix
}

/// Confidence and outcome of rows, for the expected calibration error over ten bins of equal width.
#[derive(Clone, Debug)]
pub(super) struct Calibration {
    /// Bin, confidence, and whether the event came true.
    rows: Vec<(usize, f64, f64)>,
}

const BINS: usize = 10;

impl Calibration {
    pub(super) fn new(rows: impl Iterator<Item = (f64, bool)>) -> Self {
        let bin = |confidence: f64| ((confidence * BINS as f64) as usize).min(BINS - 1);
        Self {
            rows: rows
                .map(|(confidence, hit)| (bin(confidence), confidence, f64::from(u8::from(hit))))
                .collect(),
        }
    }

    pub(super) fn error(&self, weights: &[f64]) -> f64 {
        let mut gaps = [0.0; BINS];
        let mut total = 0.0;
        for ((bin, confidence, hit), weight) in self.rows.iter().zip(weights) {
            if let Some(gap) = gaps.get_mut(*bin) {
                *gap += weight * (confidence - hit);
            }
            total += weight;
        }
        share(gaps.iter().map(|gap| gap.abs()).sum(), total)
    }
}
