//! Logistic regression, of two classes or more, by `linfa-logistic`.

use linfa::Dataset;
use linfa::traits::Fit as _;
use linfa_logistic::{LogisticRegression as Binomial, MultiLogisticRegression as Multinomial};
use ndarray::{Array1, Array2, Ix1};
use scoring::Link;
use tabular::ProblemType;

use super::{Weights, finish};
use crate::encoding::{BINS, encoded};
use crate::examples::class_of;
use crate::{Algorithm, Error, Fit, FittedModel, Learner, ParameterRange};

/// Strength of the L2 penalty on the sum of the rows' losses.
const PENALTY: ParameterRange = ParameterRange::logarithmic("penalty", 1e-3, 1e3, 1.0);
/// Steps of the solver; on standardised columns it needs fewer.
const MOST_STEPS: u64 = 100;
/// The solver ends where the gradient per row is smaller.
const TOLERANCE_PER_ROW: f64 = 1e-7;
/// Log odds of a class that training did not have.
const NEVER: f64 = -30.0;

/// Linear model of the log odds.
#[derive(Debug)]
pub(crate) struct LogisticRegression;

impl Learner for LogisticRegression {
    fn algorithm(&self) -> Algorithm {
        Algorithm::LogisticRegression
    }

    fn applies_to(&self, problem: ProblemType) -> bool {
        problem.is_classification()
    }

    fn search_space(&self, _rows: usize) -> Vec<ParameterRange> {
        vec![PENALTY, BINS]
    }

    fn fit(&self, request: &Fit<'_>) -> Result<FittedModel, Error> {
        let problem = request.task.problem;
        if !self.applies_to(problem) {
            return Err(Error::Inapplicable { algorithm: self.algorithm(), problem });
        }
        request.check()?;
        let encoded = encoded(request.train, request.bins());
        let shape = (encoded.columns.rows, encoded.columns.width);
        let (found, expected) = (encoded.columns.values.len(), shape.0 * shape.1);
        let records = Array2::from_shape_vec(shape, encoded.columns.values.clone())
            .map_err(|_| Error::Shape { what: "encoded values", found, expected })?;
        let classes: Array1<usize> = encoded.target.iter().map(|&class| class_of(class)).collect();
        let data = Dataset::new(records, classes);
        let penalty = request.parameter(&PENALTY);
        let (weights, link) = match problem {
            ProblemType::Binary => (binomial(&data, penalty)?, Link::Logit),
            _ => (multinomial(&data, penalty, request.task.classes)?, Link::Softmax),
        };
        finish(self.algorithm(), encoded.encoding, &encoded.columns, weights, link)
    }
}

fn binomial(data: &Dataset<f64, usize, Ix1>, penalty: f64) -> Result<Weights, Error> {
    let fitted = Binomial::default()
        .alpha(penalty)
        .max_iterations(MOST_STEPS)
        .gradient_tolerance(TOLERANCE_PER_ROW * data.targets.len() as f64)
        .fit(data)?;
    // The library calls the more frequent class positive; ours is class 1.
    let sign = if fitted.labels().pos.class == 1 { 1.0 } else { -1.0 };
    let coefficients = vec![fitted.params().iter().map(|weight| sign * weight).collect()];
    Ok(Weights { coefficients, intercepts: vec![sign * fitted.intercept()] })
}

fn multinomial(
    data: &Dataset<f64, usize, Ix1>,
    penalty: f64,
    classes: usize,
) -> Result<Weights, Error> {
    let fitted = Multinomial::default()
        .alpha(penalty)
        .max_iterations(MOST_STEPS)
        .gradient_tolerance(TOLERANCE_PER_ROW * data.targets.len() as f64)
        .fit(data)?;
    let mut coefficients = vec![vec![0.0; fitted.params().nrows()]; classes];
    let mut intercepts = vec![NEVER; classes];
    for ((&class, column), &intercept) in
        fitted.classes().iter().zip(fitted.params().columns()).zip(fitted.intercept())
    {
        if let (Some(weights), Some(place)) =
            (coefficients.get_mut(class), intercepts.get_mut(class))
        {
            *weights = column.to_vec();
            *place = intercept;
        }
    }
    Ok(Weights { coefficients, intercepts })
}
