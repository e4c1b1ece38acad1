//! Logistic regression, of two classes or more, by `argmin`'s L-BFGS.

use std::cell::RefCell;

use argmin::core::{CostFunction, Executor, Gradient};
use argmin::solver::linesearch::MoreThuenteLineSearch;
use argmin::solver::quasinewton::LBFGS;
use scoring::Link;
use tabular::ProblemType;

use super::{Weights, finish};
use crate::encoding::{BINS, EncodedRows, encoded};
use crate::examples::class_of;
use crate::sparse::Sparse;
use crate::{Algorithm, Error, Fit, FittedModel, Learner, ParameterRange, Task};

/// Strength of the L2 penalty on the sum of the rows' losses.
const PENALTY: ParameterRange = ParameterRange::logarithmic("penalty", 1e-3, 1e3, 1.0);
/// Steps of the solver; on standardised columns it needs fewer.
const MAX_STEPS: u64 = 100;
/// Steps that the solver remembers.
const MEMORY: usize = 10;
/// The solver ends where the gradient per row is smaller.
const TOLERANCE_PER_ROW: f64 = 1e-7;
/// Log odds of a class that training did not have.
const ABSENT_CLASS_LOG_ODDS: f64 = -30.0;

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

    fn search_space(&self, _task: Task, _rows: usize) -> Vec<ParameterRange> {
        vec![PENALTY, BINS]
    }

    fn fit(&self, request: &Fit<'_>) -> Result<FittedModel, Error> {
        let problem = request.task.problem;
        if !self.applies_to(problem) {
            return Err(Error::Inapplicable { algorithm: self.algorithm(), problem });
        }
        request.check()?;
        let encoded = encoded(request.train, request.bins());
        let binary = problem == ProblemType::Binary;
        let classes: Vec<usize> = encoded.target.iter().map(|&class| class_of(class)).collect();
        // A margin for each class that is there; of two classes the second has the only one.
        let mut present = vec![false; request.task.classes.max(2)];
        for &class in &classes {
            if let Some(present) = present.get_mut(class) {
                *present = true;
            }
        }
        let margin_of: Vec<Option<usize>> = if binary {
            vec![None, Some(0)]
        } else {
            let mut margins = 0..;
            present.iter().map(|present| present.then(|| margins.next()).flatten()).collect()
        };
        let objective = Objective {
            margins: margin_of.iter().flatten().count(),
            targets: classes.iter().map(|&class| margin_of.get(class).copied().flatten()).collect(),
            encoded: &encoded,
            penalty: request.parameter(&PENALTY),
            should_stop: request.should_stop,
            last: RefCell::default(),
            best: RefCell::default(),
        };
        let found = objective.minimise()?;
        let weights = objective.weights(&found, &margin_of);
        let link = if binary { Link::Logit } else { Link::Softmax };
        finish(self.algorithm(), encoded, weights, link)
    }
}

/// Coefficients, margin after margin, each followed by its intercept.
type Point = Vec<f64>;

/// What the objective is at a point.
#[derive(Clone, Default)]
struct ObjectiveValue {
    point: Point,
    cost: f64,
    gradient: Vec<f64>,
}

/// The weighted log loss of all rows, and half the penalty times the squares of the coefficients.
struct Objective<'a> {
    encoded: &'a EncodedRows,
    margins: usize,
    /// The margin of each row's class; none for the first of two classes.
    targets: Vec<Option<usize>>,
    penalty: f64,
    should_stop: &'a (dyn Fn() -> bool + Sync),
    /// The solver asks for cost and gradient of a point by turns.
    last: RefCell<ObjectiveValue>,
    /// The least cost so far.
    best: RefCell<Option<ObjectiveValue>>,
}

impl Objective<'_> {
    /// The point of the least cost that the solver comes by until it converges, has had its steps, or should stop.
    fn minimise(&self) -> Result<Point, Error> {
        let rows: &Sparse = &self.encoded.rows;
        let tolerance = TOLERANCE_PER_ROW * self.encoded.weights.iter().sum::<f64>();
        let failed = |error: argmin::core::Error| Error::Logistic { reason: format!("{error:#}") };
        let solver = LBFGS::new(MoreThuenteLineSearch::new(), MEMORY)
            .with_tolerance_grad(tolerance)
            .map_err(failed)?;
        let begin = vec![0.0; self.margins * (rows.width() + 1)];
        let result = Executor::new(self, solver)
            .configure(|state| state.param(begin).max_iters(MAX_STEPS))
            .ctrlc(false)
            .run();
        // A line search that finds no descent any more, or was told to stop, leaves the best point behind.
        match (self.best.take(), result) {
            (Some(best), _) => Ok(best.point),
            (None, Err(error)) => Err(failed(error)),
            (None, Ok(_)) => Err(Error::Diverged { algorithm: Algorithm::LogisticRegression }),
        }
    }

    /// Puts the margins of the classes that were there in their places.
    fn weights(&self, point: &[f64], margin_of: &[Option<usize>]) -> Weights {
        let width = self.encoded.rows.width();
        let mut of_margin = point.chunks_exact(width + 1).filter_map(<[f64]>::split_last);
        let binary = self.margins == 1;
        let mut weights = Weights { coefficients: vec![], intercepts: vec![] };
        for margin in margin_of {
            let (intercept, coefficients) = match margin {
                Some(_) => of_margin
                    .next()
                    .map_or((ABSENT_CLASS_LOG_ODDS, vec![0.0; width]), |(last, others)| {
                        (*last, others.to_vec())
                    }),
                None if binary => continue,
                None => (ABSENT_CLASS_LOG_ODDS, vec![0.0; width]),
            };
            weights.coefficients.push(coefficients);
            weights.intercepts.push(intercept);
        }
        weights
    }

    fn evaluate(&self, point: &[f64]) -> Result<(), argmin::core::Error> {
        if self.last.borrow().point == point {
            return Ok(());
        }
        if (self.should_stop)() && self.best.borrow().is_some() {
            return Err(argmin::argmin_error!(ImpossibleError, "told to stop"));
        }
        let width = self.encoded.rows.width();
        let stride = width + 1;
        let mut gradient = vec![0.0; point.len()];
        let mut cost = 0.0;
        let mut outputs = vec![0.0; self.margins];
        let rows = self.encoded.rows.lines().zip(&self.encoded.weights).zip(&self.targets);
        for ((row, &row_weight), &target) in rows {
            for (output, weights) in outputs.iter_mut().zip(point.chunks_exact(stride)) {
                *output = row.dot(weights) + weights.last().copied().unwrap_or(0.0);
            }
            cost += row_weight * log_loss(&mut outputs, target);
            for (difference, gradient) in outputs.iter().zip(gradient.chunks_exact_mut(stride)) {
                let factor = row_weight * difference;
                row.add_to(gradient, factor);
                if let Some(intercept) = gradient.last_mut() {
                    *intercept += factor;
                }
            }
        }
        for (weights, gradient) in point.chunks_exact(stride).zip(gradient.chunks_exact_mut(stride))
        {
            for (weight, gradient) in weights.iter().zip(gradient).take(width) {
                cost += 0.5 * self.penalty * weight * weight;
                *gradient += self.penalty * weight;
            }
        }
        let evaluated = ObjectiveValue { point: point.to_vec(), cost, gradient };
        let mut best = self.best.borrow_mut();
        if cost.is_finite() && best.as_ref().is_none_or(|best| cost < best.cost) {
            *best = Some(evaluated.clone());
        }
        *self.last.borrow_mut() = evaluated;
        Ok(())
    }
}

/// The log loss of a row by its margins, which become its derivatives: probabilities less the truth.
fn log_loss(margins: &mut [f64], target: Option<usize>) -> f64 {
    if let [margin] = margins {
        // log(1 + exp(-|m|)) never overflows.
        let truth = if target.is_some() { 1.0 } else { 0.0 };
        let loss = margin.max(0.0) - *margin * truth + (-margin.abs()).exp().ln_1p();
        *margin = 1.0 / (1.0 + (-*margin).exp()) - truth;
        return loss;
    }
    let greatest = margins.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    let own = target.and_then(|target| margins.get(target)).copied().unwrap_or(greatest);
    let sum: f64 = margins.iter().map(|margin| (margin - greatest).exp()).sum();
    let loss = sum.ln() + greatest - own;
    for (class, margin) in margins.iter_mut().enumerate() {
        *margin = (*margin - greatest).exp() / sum - f64::from(u8::from(target == Some(class)));
    }
    loss
}

impl CostFunction for &Objective<'_> {
    type Param = Point;
    type Output = f64;

    fn cost(&self, point: &Point) -> Result<f64, argmin::core::Error> {
        self.evaluate(point)?;
        Ok(self.last.borrow().cost)
    }
}

impl Gradient for &Objective<'_> {
    type Param = Point;
    type Gradient = Vec<f64>;

    fn gradient(&self, point: &Point) -> Result<Vec<f64>, argmin::core::Error> {
        self.evaluate(point)?;
        Ok(self.last.borrow().gradient.clone())
    }
}
