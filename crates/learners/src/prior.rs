//! The baseline: what is known before looking at a row.

use scoring::{Model, PriorModel};
use tabular::ProblemType;

use crate::algorithm::written;
use crate::{Algorithm, Error, Fit, FittedModel, Learner, ParameterRange, Task};

/// Gives every row the shares of the classes, or the mean.
#[derive(Debug)]
pub(crate) struct Prior;

impl Learner for Prior {
    fn algorithm(&self) -> Algorithm {
        Algorithm::Prior
    }

    fn applies_to(&self, _problem: ProblemType) -> bool {
        true
    }

    fn search_space(&self, _task: Task, _rows: usize) -> Vec<ParameterRange> {
        Vec::new()
    }

    fn fit(&self, request: &Fit<'_>) -> Result<FittedModel, Error> {
        request.train.check(request.task)?;
        let rows = request.train.rows() as f64;
        let outputs: Vec<f64> = match request.task.problem {
            ProblemType::Regression => vec![request.train.target.iter().sum::<f64>() / rows],
            _ => {
                let counts = request.train.class_counts(request.task.classes);
                counts.into_iter().map(|count| count as f64 / rows).collect()
            }
        };
        let width = request.train.features.width;
        written(Algorithm::Prior, Model::Prior(PriorModel { width, outputs }), vec![0.0; width])
    }
}
