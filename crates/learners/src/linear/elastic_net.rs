//! Linear regression with L1 and L2 penalties.

use scoring::Link;
use tabular::{FeatureMatrix, ProblemType};

use super::descent::{Columns, Penalty, descend};
use super::{Weights, finish};
use crate::encoding::{BINS, encoded};
use crate::{Algorithm, Error, Fit, FittedModel, Learner, ParameterRange};

/// Strength of both penalties, for a target of deviation 1.
const PENALTY: ParameterRange = ParameterRange::logarithmic("penalty", 1e-5, 1.0, 1e-3);
/// Share of the L1 penalty.
const L1_RATIO: ParameterRange = ParameterRange::linear("l1_ratio", 0.0, 1.0, 0.5);

/// Linear regression.
#[derive(Debug)]
pub(crate) struct ElasticNet;

impl Learner for ElasticNet {
    fn algorithm(&self) -> Algorithm {
        Algorithm::ElasticNet
    }

    fn applies_to(&self, problem: ProblemType) -> bool {
        problem == ProblemType::Regression
    }

    fn search_space(&self, _rows: usize) -> Vec<ParameterRange> {
        vec![PENALTY, L1_RATIO, BINS]
    }

    fn fit(&self, request: &Fit<'_>) -> Result<FittedModel, Error> {
        let problem = request.task.problem;
        if !self.applies_to(problem) {
            return Err(Error::Inapplicable { algorithm: self.algorithm(), problem });
        }
        request.check()?;
        let mut encoded = encoded(request.train, request.bins());
        let (columns, means) = centred(&encoded.columns);
        let (mean, deviation) = standardise(&mut encoded.target);
        let (penalty, l1_ratio) = (request.parameter(&PENALTY), request.parameter(&L1_RATIO));
        let penalty = Penalty { l1: penalty * l1_ratio, l2: penalty * (1.0 - l1_ratio) };
        let coefficients: Vec<f64> =
            descend(&columns, &encoded.target, &penalty, request.should_stop)
                .into_iter()
                .map(|weight| weight * deviation)
                .collect();
        let offset: f64 = coefficients.iter().zip(&means).map(|(weight, mean)| weight * mean).sum();
        let weights = Weights { coefficients: vec![coefficients], intercepts: vec![mean - offset] };
        finish(self.algorithm(), encoded.encoding, &encoded.columns, weights, Link::Identity)
    }
}

/// Row-major values as centred columns, with the means that were taken away.
fn centred(matrix: &FeatureMatrix) -> (Columns, Vec<f64>) {
    let mut columns =
        Columns { rows: matrix.rows, values: Vec::with_capacity(matrix.values.len()) };
    let mut means = Vec::with_capacity(matrix.width);
    for column in 0..matrix.width {
        let values = matrix.feature(column);
        let mean = values.iter().sum::<f64>() / matrix.rows as f64;
        columns.values.extend(values.iter().map(|value| value - mean));
        means.push(mean);
    }
    (columns, means)
}

/// Takes mean and deviation away and returns them.
fn standardise(values: &mut [f64]) -> (f64, f64) {
    let count = values.len() as f64;
    let mean = values.iter().sum::<f64>() / count;
    let variance = values.iter().map(|value| (value - mean) * (value - mean)).sum::<f64>() / count;
    let deviation = if variance > 0.0 { variance.sqrt() } else { 1.0 };
    for value in values {
        *value = (*value - mean) / deviation;
    }
    (mean, deviation)
}
