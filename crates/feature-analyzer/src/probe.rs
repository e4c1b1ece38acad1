//! A small ridge regression that tells whether one feature more helps.

use scoring::FeatureMatrix;
use tabular::ProblemType;
use tabular::metrics::{self, Metric, Outputs};
use tabular::target::Target;

/// Rows that are looked at, of each split.
const ROWS: usize = 5_000;
/// Columns of the linear model.
const COLUMNS: usize = 120;
/// Codes of a category that have a column of their own.
const CODES: u32 = 12;
/// Ridge penalty relative to the rows.
const PENALTY: f64 = 1e-3;

/// Every how-manieth row of so many is looked at.
pub(crate) fn step(rows: usize) -> usize {
    rows.div_ceil(ROWS).max(1)
}

/// Features of some rows, with their target.
pub(crate) struct Sample {
    matrix: FeatureMatrix,
    categories: Vec<Option<u32>>,
    problem: ProblemType,
    classes: usize,
    truth: Vec<f64>,
}

impl Sample {
    /// The features of the rows of a target.
    pub(crate) fn new(matrix: FeatureMatrix, categories: &[Option<u32>], target: &Target) -> Self {
        Self {
            matrix,
            categories: categories.to_vec(),
            problem: target.problem,
            classes: target.classes.len(),
            truth: target.values.clone(),
        }
    }
}

/// A linear model of the columns so far, and what one column more would gain.
///
/// Training columns `X` are kept beside the lower factor `L` of `X'X` with the ridge, and validation columns as `V L^-T`: a column
/// more then adds one term to each output, and nothing is fitted anew.
pub(crate) struct Probe<'a> {
    train: &'a Sample,
    validation: &'a Sample,
    /// Standardised columns of the training sample.
    columns: Vec<Vec<f64>>,
    /// Rows of the lower factor.
    factor: Vec<Vec<f64>>,
    /// Columns of the validation sample that the factor has been taken from.
    directions: Vec<Vec<f64>>,
    /// Of each response what it has of each direction.
    weights: Vec<Vec<f64>>,
    /// Centred responses: one, or one per class.
    responses: Vec<Vec<f64>>,
    /// Outputs on the validation sample, one per response.
    outputs: Vec<Vec<f64>>,
    /// Score on each half of the validation sample.
    scores: [f64; 2],
}

/// State of the probe with one more column.
struct Step {
    column: Vec<f64>,
    factor: Vec<f64>,
    direction: Vec<f64>,
    weights: Vec<f64>,
    outputs: Vec<Vec<f64>>,
    scores: [f64; 2],
}

impl<'a> Probe<'a> {
    /// A model of the features as they are, the most relevant ones where there are too many; none where there is nothing to
    /// measure.
    pub(crate) fn new(
        train: &'a Sample,
        validation: &'a Sample,
        relevance: &[f64],
    ) -> Option<Self> {
        let responses = centred(responses(train));
        let rows = validation.truth.len();
        let outputs: Vec<Vec<f64>> =
            (0..responses.len()).map(|place| vec![offset(train, place); rows]).collect();
        let scores = scores(train, validation, &outputs)?;
        let mut probe = Self {
            train,
            validation,
            columns: vec![],
            factor: vec![],
            directions: vec![],
            weights: vec![vec![]; responses.len()],
            responses,
            outputs,
            scores,
        };
        let of = |place: usize| relevance.get(place).copied().unwrap_or(0.0);
        let mut order: Vec<usize> = (0..train.categories.len()).collect();
        order.sort_by(|a, b| of(*b).total_cmp(&of(*a)).then(a.cmp(b)));
        for feature in order {
            let room = COLUMNS.saturating_sub(probe.columns.len());
            if room == 0 {
                break;
            }
            let columns = probe.columns_of(feature);
            for (train, validation) in columns.into_iter().flatten().take(room) {
                if let Some(step) = probe.step(train, &validation) {
                    probe.take(step);
                }
            }
        }
        Some(probe)
    }

    /// The columns that a feature becomes: itself, or one for each of its first codes.
    fn columns_of(&self, feature: usize) -> Vec<Option<(Vec<f64>, Vec<f64>)>> {
        let (of_train, of_validation) =
            (self.train.matrix.feature(feature), self.validation.matrix.feature(feature));
        match self.train.categories.get(feature) {
            Some(Some(count)) => (0..(*count).min(CODES))
                .map(|code| {
                    let is = |values: &[f64]| -> Vec<f64> {
                        values
                            .iter()
                            .map(|value| f64::from(u8::from(*value == f64::from(code))))
                            .collect()
                    };
                    standardised(&is(&of_train), &is(&of_validation))
                })
                .collect(),
            _ => vec![standardised(&of_train, &of_validation)],
        }
    }

    /// The mean score on the validation sample's halves: ROC AUC, accuracy or R².
    pub(crate) fn score(&self) -> f64 {
        self.scores.iter().sum::<f64>() / 2.0
    }

    /// What a column more gains in the half where it gains less.
    pub(crate) fn gain(&self, train: &[f64], validation: &[f64]) -> f64 {
        let step = standardised(train, validation)
            .and_then(|(train, validation)| self.step(train, &validation));
        let Some(Step { scores, .. }) = step else { return f64::NEG_INFINITY };
        let gains = scores.iter().zip(self.scores).map(|(after, before)| after - before);
        gains.fold(f64::INFINITY, f64::min)
    }

    /// Adds a column for good.
    pub(crate) fn add(&mut self, train: &[f64], validation: &[f64]) {
        let step = standardised(train, validation)
            .and_then(|(train, validation)| self.step(train, &validation));
        if let Some(step) = step {
            self.take(step);
        }
    }

    /// What a standardised column more changes; none where it is a sum of the others.
    fn step(&self, column: Vec<f64>, validation: &[f64]) -> Option<Step> {
        let mut factor: Vec<f64> = Vec::with_capacity(self.factor.len() + 1);
        for (other, row) in self.columns.iter().zip(&self.factor) {
            factor.push((dot(other, &column) - dot(row, &factor)) / row.last()?);
        }
        let square = dot(&column, &column) + PENALTY * column.len() as f64 + 1.0;
        let size = Some(square - dot(&factor, &factor)).filter(|rest| *rest > 0.0)?.sqrt();
        let mut direction = validation.to_vec();
        for (other, weight) in self.directions.iter().zip(&factor) {
            add(&mut direction, other, -weight);
        }
        direction.iter_mut().for_each(|value| *value /= size);
        let responses = self.responses.iter().zip(&self.weights);
        let weights: Vec<f64> = responses
            .map(|(response, weights)| (dot(response, &column) - dot(weights, &factor)) / size)
            .collect();
        let mut outputs = self.outputs.clone();
        for (output, weight) in outputs.iter_mut().zip(&weights) {
            add(output, &direction, *weight);
        }
        factor.push(size);
        let scores = scores(self.train, self.validation, &outputs)?;
        Some(Step { column, factor, direction, weights, outputs, scores })
    }

    fn take(&mut self, step: Step) {
        self.columns.push(step.column);
        self.factor.push(step.factor);
        self.directions.push(step.direction);
        for (weights, weight) in self.weights.iter_mut().zip(step.weights) {
            weights.push(weight);
        }
        (self.outputs, self.scores) = (step.outputs, step.scores);
    }
}

/// The mean of a response.
fn offset(train: &Sample, place: usize) -> f64 {
    let of = |truth: &f64| match train.problem {
        ProblemType::Multiclass => f64::from(u8::from(*truth as usize == place)),
        _ => *truth,
    };
    train.truth.iter().map(of).sum::<f64>() / train.truth.len().max(1) as f64
}

/// The score on each half of the validation sample: on every second row.
fn scores(train: &Sample, validation: &Sample, outputs: &[Vec<f64>]) -> Option<[f64; 2]> {
    let half = |which: usize| {
        let every_second = |values: &[f64]| -> Vec<f64> {
            values.iter().skip(which).step_by(2).copied().collect()
        };
        let truth = every_second(&validation.truth);
        let outputs: Vec<Vec<f64>> = outputs.iter().map(|output| every_second(output)).collect();
        let first = outputs.first()?;
        match train.problem {
            ProblemType::Binary => metrics::roc_auc(&truth, first),
            ProblemType::Regression => {
                metrics::score(Metric::R2, &truth, Outputs::Regression { values: first }).ok()
            }
            ProblemType::Multiclass => {
                let flat = (0..truth.len())
                    .flat_map(|row| outputs.iter().filter_map(move |output| output.get(row)));
                let margins: Vec<f64> = flat.copied().collect();
                let right = truth.iter().zip(margins.chunks_exact(train.classes.max(1)));
                let hits =
                    right.filter(|(truth, row)| metrics::argmax(row) == **truth as usize).count();
                (!truth.is_empty()).then(|| hits as f64 / truth.len() as f64)
            }
        }
    };
    Some([half(0)?, half(1)?])
}

/// What is to be explained of each row of a sample: the target itself, or an indicator for each class.
pub(crate) type Responses = Vec<Vec<f64>>;

/// The responses of a sample.
pub(crate) fn responses(sample: &Sample) -> Responses {
    let indicator = |class: usize| {
        sample.truth.iter().map(|truth| f64::from(u8::from(*truth as usize == class))).collect()
    };
    match sample.problem {
        ProblemType::Multiclass => (0..sample.classes).map(indicator).collect(),
        ProblemType::Binary | ProblemType::Regression => vec![sample.truth.clone()],
    }
}

fn centred(responses: Responses) -> Responses {
    let centred = |values: Vec<f64>| {
        let mean = values.iter().sum::<f64>() / values.len().max(1) as f64;
        values.into_iter().map(|value| value - mean).collect()
    };
    responses.into_iter().map(centred).collect()
}

/// Both columns with the training one's mean taken off and divided by its deviation; missing values become the mean.
/// None where the training column does not vary.
fn standardised(train: &[f64], validation: &[f64]) -> Option<(Vec<f64>, Vec<f64>)> {
    let present = || train.iter().copied().filter(|value| value.is_finite());
    let count = present().count() as f64;
    let mean = present().sum::<f64>() / count;
    let deviation =
        (present().map(|value| (value - mean) * (value - mean)).sum::<f64>() / count).sqrt();
    // A few extreme values (of ratios, say) would outweigh all others.
    let scale = |value: &f64| {
        if value.is_finite() { ((value - mean) / deviation).clamp(-5.0, 5.0) } else { 0.0 }
    };
    let scaled = |values: &[f64]| values.iter().map(scale).collect();
    (deviation > 0.0 && deviation.is_finite()).then(|| (scaled(train), scaled(validation)))
}

/// A product of two lists, as long as the shorter one, in eight sums side by side.
fn dot(a: &[f64], b: &[f64]) -> f64 {
    let mut sums = [0.0; 8];
    for (a, b) in a.chunks(8).zip(b.chunks(8)) {
        for ((sum, a), b) in sums.iter_mut().zip(a).zip(b) {
            *sum += a * b;
        }
    }
    sums.iter().sum()
}

/// Adds a multiple of a list to another one.
fn add(to: &mut [f64], values: &[f64], factor: f64) {
    for (to, value) in to.iter_mut().zip(values) {
        *to += factor * value;
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test")]

    use super::*;

    fn noise(row: usize, salt: u64) -> f64 {
        let mut mixed = (row as u64 * 16 + salt).wrapping_mul(0x9E37_79B9_7F4A_7C15);
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        (mixed ^ (mixed >> 31)) as f64 / u64::MAX as f64 - 0.5
    }

    /// Two features that overlap, a third one, and a number that is a sum of all.
    fn sample(first: usize, rows: usize) -> (Sample, Vec<f64>) {
        let of = |row: usize| {
            let (a, b, c) = (noise(row, 1), noise(row, 2), noise(row, 3));
            ([a, a + b], c, 3.0 * a - 2.0 * b + c)
        };
        let made: Vec<_> = (first..first + rows).map(of).collect();
        let values = made.iter().flat_map(|(features, _, _)| *features).collect();
        let target = Target {
            problem: ProblemType::Regression,
            classes: vec![],
            values: made.iter().map(|(_, _, sum)| *sum).collect(),
        };
        let matrix = FeatureMatrix::new(rows, 2, values).unwrap();
        let third = made.iter().map(|(_, third, _)| *third).collect();
        (Sample::new(matrix, &[None, None], &target), third)
    }

    #[test]
    fn the_model_is_the_one_of_all_columns() {
        let ((train, of_train), (validation, of_validation)) = (sample(0, 1000), sample(1000, 500));
        let mut probe = Probe::new(&train, &validation, &[0.2, 0.5]).unwrap();
        // The variance of 3a - 2b + c is that of c times 14, and two columns leave c.
        assert!((probe.score() - 13.0 / 14.0).abs() < 0.02, "{}", probe.score());
        let gain = probe.gain(&of_train, &of_validation);
        assert!((gain - 1.0 / 14.0).abs() < 0.02, "{gain}");
        let before = probe.score();
        probe.add(&of_train, &of_validation);
        assert!(probe.score() > 0.999 && probe.score() - before >= gain);
        assert!(probe.gain(&of_train, &of_validation) < 1e-3, "it is there already");
        assert_eq!(probe.gain(&[1.0; 1000], &[1.0; 500]), f64::NEG_INFINITY);
    }
}
