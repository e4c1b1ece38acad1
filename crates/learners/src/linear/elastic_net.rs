//! Linear regression with L1 and L2 penalties.

use scoring::Link;
use tabular::ProblemType;

use super::descent::{Penalty, descend};
use super::{Weights, finish};
use crate::encoding::{BINS, encoded};
use crate::{Algorithm, Error, Fit, FittedModel, Learner, ParameterRange, Task};

/// Strength of both penalties, for a target of deviation 1.
const PENALTY: ParameterRange = ParameterRange::logarithmic("penalty", 1e-5, 1.0, 1e-3);
/// Share of the L1 penalty.
const L1_RATIO: ParameterRange = ParameterRange::linear("l1_ratio", 0.0, 1.0, 0.5);

/// Linear regression with L1 and L2 penalties.
#[derive(Debug)]
pub(crate) struct ElasticNet;

impl Learner for ElasticNet {
    fn algorithm(&self) -> Algorithm {
        Algorithm::ElasticNet
    }

    fn applies_to(&self, problem: ProblemType) -> bool {
        problem == ProblemType::Regression
    }

    fn search_space(&self, _task: Task, _rows: usize) -> Vec<ParameterRange> {
        vec![PENALTY, L1_RATIO, BINS]
    }

    fn fit(&self, request: &Fit<'_>) -> Result<FittedModel, Error> {
        let problem = request.task.problem;
        if !self.applies_to(problem) {
            return Err(Error::Inapplicable { algorithm: self.algorithm(), problem });
        }
        request.check()?;
        let mut encoded = encoded(request.train, request.bins());
        let (mean, deviation) = standardise(&mut encoded.target, &encoded.weights);
        let (penalty, l1_ratio) = (request.parameter(&PENALTY), request.parameter(&L1_RATIO));
        let penalty = Penalty { l1: penalty * l1_ratio, l2: penalty * (1.0 - l1_ratio) };
        let (mut coefficients, means) = descend(
            &encoded.rows.transposed(),
            &encoded.target,
            &encoded.weights,
            &penalty,
            request.should_stop,
        );
        coefficients.iter_mut().for_each(|coefficient| *coefficient *= deviation);
        let offset: f64 = coefficients.iter().zip(&means).map(|(weight, mean)| weight * mean).sum();
        let weights = Weights { coefficients: vec![coefficients], intercepts: vec![mean - offset] };
        finish(self.algorithm(), encoded, weights, Link::Identity)
    }
}

/// Takes weighted mean and deviation away and returns them.
fn standardise(values: &mut [f64], weights: &[f64]) -> (f64, f64) {
    let total: f64 = weights.iter().sum();
    let mean =
        values.iter().zip(weights).map(|(value, weight)| weight * value).sum::<f64>() / total;
    let square = |(value, weight): (&f64, &f64)| weight * (value - mean) * (value - mean);
    let variance = values.iter().zip(weights).map(square).sum::<f64>() / total;
    let deviation = if variance > 0.0 { variance.sqrt() } else { 1.0 };
    for value in values {
        *value = (*value - mean) / deviation;
    }
    (mean, deviation)
}
