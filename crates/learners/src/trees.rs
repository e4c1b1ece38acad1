//! Trees, by LightGBM.

use std::ops::ControlFlow;

use lightgbm::{Observer, Progress, Rows, Training};
use scoring::{Limits, Model, ModelKind, ModelText};
use tabular::ProblemType;

use crate::algorithm::shares;
use crate::examples::class_of;
use crate::{Algorithm, Error, Examples, Fit, FittedModel, Learner, ParameterRange, Task};

const LEARNING_RATE: ParameterRange = ParameterRange::logarithmic("learning_rate", 0.01, 0.2, 0.05);
const NUM_LEAVES: ParameterRange = ParameterRange::count("num_leaves", 4.0, 63.0, 12.0);
const MIN_DATA_IN_LEAF: ParameterRange =
    ParameterRange::count("min_data_in_leaf", 5.0, 200.0, 30.0);
const FEATURE_FRACTION: ParameterRange = ParameterRange::linear("feature_fraction", 0.4, 1.0, 0.8);
const BAGGING_FRACTION: ParameterRange = ParameterRange::linear("bagging_fraction", 0.5, 1.0, 0.8);
const LAMBDA_L2: ParameterRange = ParameterRange::logarithmic("lambda_l2", 1e-3, 30.0, 1.0);

const FOREST_LEAVES: ParameterRange = ParameterRange::count("num_leaves", 8.0, 255.0, 63.0);
const FOREST_MIN_DATA: ParameterRange = ParameterRange::count("min_data_in_leaf", 2.0, 100.0, 10.0);
const FOREST_FEATURES: ParameterRange = ParameterRange::linear("feature_fraction", 0.2, 0.9, 0.5);
const FOREST_BAGGING: ParameterRange = ParameterRange::linear("bagging_fraction", 0.4, 0.9, 0.632);

/// Rows from which on larger trees are worth starting with.
const MANY_ROWS: usize = 10_000;
/// Most iterations of boosting; early stopping ends it long before.
const MOST_ITERATIONS: u32 = 1_500;
/// Iterations of boosting where there are no rows to stop early by.
const ITERATIONS_WITHOUT_VALIDATION: u32 = 200;
/// Iterations without a better loss before growing ends.
const PATIENCE: u32 = 50;
/// Trees of a forest.
const FOREST_TREES: u32 = 200;

/// Trees that correct each other.
#[derive(Debug)]
pub(crate) struct GradientBoosting;

impl Learner for GradientBoosting {
    fn algorithm(&self) -> Algorithm {
        Algorithm::GradientBoosting
    }

    fn applies_to(&self, _problem: ProblemType) -> bool {
        true
    }

    fn search_space(&self, rows: usize) -> Vec<ParameterRange> {
        let leaves = if rows >= MANY_ROWS { 24.0 } else { NUM_LEAVES.default };
        vec![
            LEARNING_RATE,
            ParameterRange { default: leaves, ..NUM_LEAVES },
            MIN_DATA_IN_LEAF,
            FEATURE_FRACTION,
            BAGGING_FRACTION,
            LAMBDA_L2,
        ]
    }

    fn fit(&self, request: &Fit<'_>) -> Result<FittedModel, Error> {
        let parameters = parameters(request)
            .with("boosting", "gbdt")
            .with("learning_rate", request.parameter(&LEARNING_RATE))
            .with("num_leaves", whole(request.parameter(&NUM_LEAVES)))
            .with("min_data_in_leaf", whole(request.parameter(&MIN_DATA_IN_LEAF)))
            .with("feature_fraction", request.parameter(&FEATURE_FRACTION))
            .with("bagging_fraction", request.parameter(&BAGGING_FRACTION))
            .with("bagging_freq", 1_i64)
            .with("lambda_l2", request.parameter(&LAMBDA_L2));
        let iterations = if request.validation.is_some() {
            MOST_ITERATIONS
        } else {
            ITERATIONS_WITHOUT_VALIDATION
        };
        grow(self.algorithm(), request, &parameters, iterations, request.validation)
    }
}

/// Averaged trees.
#[derive(Debug)]
pub(crate) struct RandomForest;

impl Learner for RandomForest {
    fn algorithm(&self) -> Algorithm {
        Algorithm::RandomForest
    }

    fn applies_to(&self, _problem: ProblemType) -> bool {
        true
    }

    fn search_space(&self, _rows: usize) -> Vec<ParameterRange> {
        vec![FOREST_LEAVES, FOREST_MIN_DATA, FOREST_FEATURES, FOREST_BAGGING]
    }

    fn fit(&self, request: &Fit<'_>) -> Result<FittedModel, Error> {
        let parameters = parameters(request)
            .with("boosting", "rf")
            .with("num_leaves", whole(request.parameter(&FOREST_LEAVES)))
            .with("min_data_in_leaf", whole(request.parameter(&FOREST_MIN_DATA)))
            .with("feature_fraction", 1.0)
            .with("feature_fraction_bynode", request.parameter(&FOREST_FEATURES))
            .with("bagging_fraction", request.parameter(&FOREST_BAGGING))
            .with("bagging_freq", 1_i64);
        // A forest does not overfit by more trees, so nothing is held out to stop it.
        grow(self.algorithm(), request, &parameters, FOREST_TREES, None)
    }
}

fn parameters(request: &Fit<'_>) -> lightgbm::Parameters {
    let parameters = lightgbm::Parameters::new().with("seed", seed(request.seed));
    match request.task.problem {
        ProblemType::Binary => parameters.with("objective", "binary"),
        ProblemType::Multiclass => parameters
            .with("objective", "multiclass")
            .with("num_class", i64::try_from(request.task.classes).unwrap_or(i64::MAX)),
        ProblemType::Regression => parameters.with("objective", "regression"),
    }
}

/// LightGBM's seeds are positive 32-bit numbers.
fn seed(seed: u64) -> i64 {
    i64::try_from((seed ^ (seed >> 31)) & 0x7fff_ffff).unwrap_or_default()
}

#[expect(clippy::cast_possible_truncation, reason = "a whole number within a parameter's range")]
fn whole(value: f64) -> i64 {
    value as i64
}

fn rows(examples: &Examples) -> Rows<'_> {
    Rows {
        values: &examples.features.values,
        width: examples.features.width,
        labels: &examples.target,
        weights: None,
    }
}

fn grow(
    algorithm: Algorithm,
    request: &Fit<'_>,
    parameters: &lightgbm::Parameters,
    iterations: u32,
    validation: Option<&Examples>,
) -> Result<FittedModel, Error> {
    request.check()?;
    let categorical: Vec<usize> = request
        .train
        .categories
        .iter()
        .enumerate()
        .filter(|(_, codes)| codes.is_some())
        .map(|(feature, _)| feature)
        .collect();
    let training = Training {
        train: rows(request.train),
        validation: validation.map(rows),
        categorical: &categorical,
        parameters,
        iterations,
        threads: request.threads,
    };
    let mut early = EarlyStopping {
        task: request.task,
        truth: validation.map(|examples| examples.target.as_slice()),
        should_stop: request.should_stop,
        best: f64::INFINITY,
        best_iterations: 0,
    };
    let grown = lightgbm::train(&training, &mut early)?;
    let model = Model::parse(ModelKind::Lightgbm, &grown.text, &Limits::default())?;
    Ok(FittedModel {
        algorithm,
        model,
        text: ModelText { kind: ModelKind::Lightgbm, text: grown.text },
        iterations: grown.iterations,
        importance: shares(grown.gains),
    })
}

/// Ends the growth when the loss on held-out rows no longer gets better.
struct EarlyStopping<'a> {
    task: Task,
    truth: Option<&'a [f64]>,
    should_stop: &'a (dyn Fn() -> bool + Sync),
    best: f64,
    best_iterations: u32,
}

impl Observer for EarlyStopping<'_> {
    fn observe(&mut self, progress: Progress<'_>) -> ControlFlow<()> {
        if let (Some(truth), Some(outputs)) = (self.truth, progress.outputs) {
            let loss = loss(self.task, truth, outputs);
            if loss < self.best || self.best_iterations == 0 {
                self.best = loss;
                self.best_iterations = progress.iterations;
            } else if progress.iterations - self.best_iterations >= PATIENCE {
                return ControlFlow::Break(());
            }
        }
        if (self.should_stop)() { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    }

    fn keep(&self, iterations: u32) -> u32 {
        if self.best_iterations == 0 { iterations } else { self.best_iterations }
    }
}

/// Mean log loss or mean squared error, summed in the order of the rows.
fn loss(task: Task, truth: &[f64], outputs: &[f64]) -> f64 {
    const LEAST: f64 = 1e-15;
    let rows = truth.len();
    let of_class =
        |row: usize, class: usize| outputs.get(class * rows + row).copied().unwrap_or(LEAST);
    let of_row = |(row, &truth): (usize, &f64)| match task.problem {
        ProblemType::Binary => {
            let positive = of_class(row, 0);
            -(if truth == 1.0 { positive } else { 1.0 - positive }).max(LEAST).ln()
        }
        ProblemType::Multiclass => -of_class(row, class_of(truth)).max(LEAST).ln(),
        ProblemType::Regression => (truth - of_class(row, 0)).powi(2),
    };
    truth.iter().enumerate().map(of_row).sum::<f64>() / rows.max(1) as f64
}
