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

/// Evenly chosen rows of a split, with their target.
pub(crate) struct Sample {
    matrix: FeatureMatrix,
    categories: Vec<Option<u32>>,
    problem: ProblemType,
    classes: usize,
    truth: Vec<f64>,
    step: usize,
}

impl Sample {
    pub(crate) fn new(matrix: FeatureMatrix, categories: &[Option<u32>], target: &Target) -> Self {
        let step = matrix.rows.div_ceil(ROWS).max(1);
        let rows: Vec<usize> = (0..matrix.rows).step_by(step).collect();
        Self {
            matrix: matrix.take(&rows),
            categories: categories.to_vec(),
            problem: target.problem,
            classes: target.classes.len(),
            truth: target.values.iter().step_by(step).copied().collect(),
            step,
        }
    }

    fn thin(&self, values: &[f64]) -> Vec<f64> {
        values.iter().step_by(self.step).copied().collect()
    }
}

/// A linear model of the columns so far, and what one column more would gain.
pub(crate) struct Probe<'a> {
    train: &'a Sample,
    validation: &'a Sample,
    /// Standardised columns of both samples.
    columns: Vec<(Vec<f64>, Vec<f64>)>,
    /// Products of the training columns with each other, a row for each: the lower triangle.
    gram: Vec<Vec<f64>>,
    /// Products of the training columns with each centred response.
    moments: Vec<Vec<f64>>,
    /// Centred responses: one, or one per class.
    responses: Vec<Vec<f64>>,
    /// Score on each half of the validation sample.
    scores: [f64; 2],
}

impl<'a> Probe<'a> {
    /// A model of the features as they are; none where there is nothing to measure.
    pub(crate) fn new(train: &'a Sample, validation: &'a Sample) -> Option<Self> {
        let responses = responses(train);
        let mut probe = Self {
            train,
            validation,
            columns: vec![],
            gram: vec![],
            moments: vec![],
            responses,
            scores: [0.0; 2],
        };
        for (feature, categories) in train.categories.iter().enumerate() {
            let (of_train, of_validation) =
                (train.matrix.feature(feature), validation.matrix.feature(feature));
            let room = COLUMNS.saturating_sub(probe.columns.len());
            let columns = match categories {
                None => vec![standardised(&of_train, &of_validation)],
                Some(count) => (0..(*count).min(CODES))
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
            };
            columns.into_iter().flatten().take(room).for_each(|column| probe.push(column));
        }
        probe.scores = probe.measure()?;
        Some(probe)
    }

    /// The mean score on the validation sample's halves: ROC AUC, accuracy or R².
    pub(crate) fn score(&self) -> f64 {
        self.scores.iter().sum::<f64>() / 2.0
    }

    /// What a column more gains in the half where it gains less.
    pub(crate) fn gain(&mut self, train: &[f64], validation: &[f64]) -> f64 {
        let before = self.scores;
        let Some(column) = standardised(&self.train.thin(train), &self.validation.thin(validation))
        else {
            return f64::NEG_INFINITY;
        };
        self.push(column);
        let after = self.measure();
        self.columns.pop();
        self.gram.pop();
        self.moments.pop();
        let Some(after) = after else { return f64::NEG_INFINITY };
        after.iter().zip(before).map(|(after, before)| after - before).fold(f64::INFINITY, f64::min)
    }

    /// Adds a column for good.
    pub(crate) fn add(&mut self, train: &[f64], validation: &[f64]) {
        if let Some(column) =
            standardised(&self.train.thin(train), &self.validation.thin(validation))
        {
            self.push(column);
            self.scores = self.measure().unwrap_or(self.scores);
        }
    }

    fn push(&mut self, column: (Vec<f64>, Vec<f64>)) {
        let mut row: Vec<f64> =
            self.columns.iter().map(|(other, _)| dot(other, &column.0)).collect();
        row.push(dot(&column.0, &column.0) + PENALTY * column.0.len() as f64 + 1.0);
        self.gram.push(row);
        self.moments.push(self.responses.iter().map(|response| dot(response, &column.0)).collect());
        self.columns.push(column);
    }

    /// Fits the model and scores it on both halves of the validation sample.
    fn measure(&self) -> Option<[f64; 2]> {
        let factor = cholesky(&self.gram)?;
        let rows = self.validation.truth.len();
        let mut outputs = Vec::with_capacity(self.responses.len());
        for (place, _) in self.responses.iter().enumerate() {
            let moments: Vec<f64> =
                self.moments.iter().map(|row| row.get(place).copied().unwrap_or(0.0)).collect();
            let weights = solve(&factor, &moments)?;
            let mut output = vec![self.offset(place); rows];
            for ((_, column), weight) in self.columns.iter().zip(weights) {
                for (output, value) in output.iter_mut().zip(column) {
                    *output += weight * value;
                }
            }
            outputs.push(output);
        }
        Some([self.half(&outputs, 0)?, self.half(&outputs, 1)?])
    }

    /// The mean of a response.
    fn offset(&self, place: usize) -> f64 {
        let of = |truth: &f64| match self.train.problem {
            ProblemType::Multiclass => f64::from(u8::from(*truth as usize == place)),
            _ => *truth,
        };
        self.train.truth.iter().map(of).sum::<f64>() / self.train.truth.len().max(1) as f64
    }

    /// The score on every second row.
    fn half(&self, outputs: &[Vec<f64>], which: usize) -> Option<f64> {
        let every_second = |values: &[f64]| -> Vec<f64> {
            values.iter().skip(which).step_by(2).copied().collect()
        };
        let truth = every_second(&self.validation.truth);
        let outputs: Vec<Vec<f64>> = outputs.iter().map(|output| every_second(output)).collect();
        let first = outputs.first()?;
        match self.train.problem {
            ProblemType::Binary => metrics::roc_auc(&truth, first),
            ProblemType::Regression => {
                metrics::score(Metric::R2, &truth, Outputs::Regression { values: first }).ok()
            }
            ProblemType::Multiclass => {
                let classes = self.train.classes;
                let flat = (0..truth.len())
                    .flat_map(|row| outputs.iter().filter_map(move |output| output.get(row)));
                let margins: Vec<f64> = flat.copied().collect();
                let right = truth.iter().zip(margins.chunks_exact(classes.max(1)));
                let hits =
                    right.filter(|(truth, row)| metrics::argmax(row) == **truth as usize).count();
                (!truth.is_empty()).then(|| hits as f64 / truth.len() as f64)
            }
        }
    }
}

/// Centred responses: the target itself, or an indicator for each class.
fn responses(train: &Sample) -> Vec<Vec<f64>> {
    let centred = |values: Vec<f64>| {
        let mean = values.iter().sum::<f64>() / values.len().max(1) as f64;
        values.into_iter().map(|value| value - mean).collect()
    };
    let indicator = |class: usize| {
        train.truth.iter().map(|truth| f64::from(u8::from(*truth as usize == class))).collect()
    };
    match train.problem {
        ProblemType::Multiclass => (0..train.classes).map(indicator).map(centred).collect(),
        ProblemType::Binary | ProblemType::Regression => vec![centred(train.truth.clone())],
    }
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

fn dot(a: &[f64], b: &[f64]) -> f64 {
    a.iter().zip(b).map(|(a, b)| a * b).sum()
}

/// The lower factor of a positive definite matrix that is given by its lower triangle.
fn cholesky(matrix: &[Vec<f64>]) -> Option<Vec<Vec<f64>>> {
    let mut lower: Vec<Vec<f64>> = Vec::with_capacity(matrix.len());
    for (place, row) in matrix.iter().enumerate() {
        let mut current: Vec<f64> = Vec::with_capacity(place + 1);
        for value in row {
            let next = match lower.get(current.len()) {
                Some(other) => (value - dot(&current, other)) / other.last()?,
                None => {
                    Some(value - dot(&current, &current)).filter(|square| *square > 0.0)?.sqrt()
                }
            };
            current.push(next);
        }
        lower.push(current);
    }
    Some(lower)
}

/// Solves the equations of a factor's matrix.
fn solve(lower: &[Vec<f64>], right: &[f64]) -> Option<Vec<f64>> {
    let mut solution: Vec<f64> = Vec::with_capacity(right.len());
    for (row, value) in lower.iter().zip(right) {
        solution.push((value - dot(row, &solution)) / row.last()?);
    }
    for (place, row) in lower.iter().enumerate().rev() {
        let solved = solution.get(place)? / row.last()?;
        *solution.get_mut(place)? = solved;
        // What this one contributes is taken off the ones before it.
        for (before, weight) in solution.iter_mut().zip(row).take(place) {
            *before -= weight * solved;
        }
    }
    Some(solution)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test")]

    use super::*;

    #[test]
    fn equations_are_solved() {
        let matrix = [vec![4.0], vec![2.0, 5.0], vec![1.0, -1.0, 6.0]];
        let solution = solve(&cholesky(&matrix).unwrap(), &[11.0, 9.0, 17.0]).unwrap();
        let [x, y, z] = solution.try_into().unwrap();
        assert!((4.0 * x + 2.0 * y + z - 11.0).abs() < 1e-12);
        assert!((2.0 * x + 5.0 * y - z - 9.0).abs() < 1e-12);
        assert!((x - y + 6.0 * z - 17.0).abs() < 1e-12);
        assert_eq!(cholesky(&[vec![1.0], vec![2.0, 1.0]]), None);
    }
}
