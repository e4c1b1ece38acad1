//! Trees, by LightGBM.

use std::ops::ControlFlow;

use lightgbm::{Blocks, Observer, Progress, Rows, StreamedRows, Training};
use scoring::{CategoryEncoding, EncodedTrees, Limits, Model, ModelKind, ModelText};
use tabular::{FeatureMatrix, ProblemType};

use crate::algorithm::shares;
use crate::category_statistics::{MIN_CODES, cross_fit};
use crate::examples::{LOG_LINK_NAME, WITHOUT_SUMS_NAME};
use crate::loss::mean_loss;
use crate::{
    Algorithm, Error, Examples, Fit, FittedModel, Learner, Loss, ParameterRange, StreamedExamples,
    Task,
};

const LEARNING_RATE: ParameterRange = ParameterRange::logarithmic("learning_rate", 0.01, 0.3, 0.05);
const NUM_LEAVES: ParameterRange = ParameterRange::count("num_leaves", 3.0, 255.0, 16.0);
const MIN_DATA_IN_LEAF: ParameterRange =
    ParameterRange::count("min_data_in_leaf", 1.0, 200.0, 20.0);
const FEATURE_FRACTION: ParameterRange = ParameterRange::linear("feature_fraction", 0.3, 1.0, 0.8);
const BAGGING_FRACTION: ParameterRange = ParameterRange::linear("bagging_fraction", 0.5, 1.0, 0.8);
const LAMBDA_L2: ParameterRange = ParameterRange::logarithmic("lambda_l2", 1e-3, 100.0, 1.0);
/// Whether thresholds are drawn at random instead of searched for (Geurts, Ernst and Wehenkel, 2006).
const EXTRA_TREES: ParameterRange = ParameterRange::switch("extra_trees");
/// Whether categories are replaced by their target statistics instead of split by sets of codes.
const CATEGORY_STATISTICS: ParameterRange = ParameterRange::switch("category_statistics");
/// Whether the logarithm of the mean is learned, by the Poisson deviance, instead of the mean; see [`Examples::suits_log_link`].
pub(crate) const LOG_LINK: ParameterRange = ParameterRange::switch(LOG_LINK_NAME);
/// Whether no split uses a feature that is a sum of others: where single numbers decide, sums lead trees astray.
const WITHOUT_SUMS: ParameterRange = ParameterRange::switch(WITHOUT_SUMS_NAME);
/// By how much second derivatives of the Poisson deviance are raised, in logarithms, against steps that are too large;
/// LightGBM's 0.7 halves every step.
const POISSON_MAX_DELTA_STEP: f64 = 0.1;
/// Least sum of second derivatives in a leaf, of targets with a mean of 1; LightGBM's own.
const MIN_HESSIAN: f64 = 1e-3;
/// Rows by which statistics are drawn towards the mean.
const SMOOTHING: f64 = 10.0;

const FOREST_LEAVES: ParameterRange = ParameterRange::count("num_leaves", 8.0, 1_023.0, 255.0);
const FOREST_MIN_DATA: ParameterRange = ParameterRange::count("min_data_in_leaf", 1.0, 100.0, 5.0);
const FOREST_FEATURES: ParameterRange = ParameterRange::linear("feature_fraction", 0.1, 1.0, 0.5);
const FOREST_BAGGING: ParameterRange = ParameterRange::linear("bagging_fraction", 0.4, 0.95, 0.632);

/// Rows from which on larger trees are worth starting with.
const MANY_ROWS: usize = 10_000;
/// Most iterations of boosting; early stopping ends it long before.
const MAX_ITERATIONS: u32 = 2_000;
/// Most trees of a model, all classes together.
const MAX_TREES: u32 = 10_000;
/// Iterations of boosting where there are no rows to stop early by.
const ITERATIONS_WITHOUT_VALIDATION: u32 = 200;
/// Iterations without a better loss before growing ends.
pub(crate) const STOPPING_ROUNDS: u32 = 50;
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

    fn search_space(&self, task: Task, rows: usize) -> Vec<ParameterRange> {
        let leaves = if rows >= MANY_ROWS { 31.0 } else { NUM_LEAVES.default };
        let mut space = vec![
            LEARNING_RATE,
            ParameterRange { default: leaves, ..NUM_LEAVES },
            MIN_DATA_IN_LEAF,
            FEATURE_FRACTION,
            BAGGING_FRACTION,
            LAMBDA_L2,
            EXTRA_TREES,
            CATEGORY_STATISTICS,
            WITHOUT_SUMS,
        ];
        if task.minimises_squares() {
            space.push(LOG_LINK);
        }
        space
    }

    fn fit(&self, request: &Fit<'_>) -> Result<FittedModel, Error> {
        let log_link = request.task.minimises_squares() && request.switched(&LOG_LINK);
        // Derivatives of the Poisson deviance grow with the target, so what they are compared with does too; but not the
        // smoothing of categories, which LightGBM also compares with counts of rows.
        let has_logarithm = |of: &dyn StreamedExamples| of.target().iter().all(|of| *of >= 0.0);
        let log_link = log_link && request.streamed.is_none_or(has_logarithm);
        let scale = log_link.then(|| request.train.mean_with_logarithm()).flatten();
        let mut parameters = parameters(request);
        if scale.is_some() {
            parameters = parameters
                .with("objective", "poisson")
                .with("poisson_max_delta_step", POISSON_MAX_DELTA_STEP);
        }
        let scale = scale.unwrap_or(1.0);
        let parameters = parameters
            .with("boosting", "gbdt")
            .with("min_sum_hessian_in_leaf", MIN_HESSIAN * scale)
            .with("learning_rate", request.parameter(&LEARNING_RATE))
            .with("num_leaves", whole(request.parameter(&NUM_LEAVES)))
            .with("min_data_in_leaf", whole(request.parameter(&MIN_DATA_IN_LEAF)))
            .with("feature_fraction", request.parameter(&FEATURE_FRACTION))
            .with("bagging_fraction", request.parameter(&BAGGING_FRACTION))
            .with("bagging_freq", 1_i64)
            .with("lambda_l2", request.parameter(&LAMBDA_L2) * scale)
            .with("extra_trees", request.switched(&EXTRA_TREES));
        let most = if request.validation.is_some() {
            MAX_ITERATIONS
        } else {
            request.iterations.unwrap_or(ITERATIONS_WITHOUT_VALIDATION).max(1)
        };
        // Of many classes each iteration has as many trees.
        let most =
            most.min(MAX_TREES / u32::try_from(request.task.outputs()).unwrap_or(1).max(1)).max(1);
        let iterations = request.iterations.map_or(most, |iterations| iterations.min(most));
        grow(self.algorithm(), request, &parameters, iterations, request.validation)
    }
}

/// Averaged trees, with thresholds searched for or drawn at random.
#[derive(Debug)]
pub(crate) struct Forest {
    /// Whether thresholds are drawn at random.
    pub(crate) extra: bool,
}

impl Learner for Forest {
    fn algorithm(&self) -> Algorithm {
        if self.extra { Algorithm::ExtraTrees } else { Algorithm::RandomForest }
    }

    fn applies_to(&self, _problem: ProblemType) -> bool {
        true
    }

    fn search_space(&self, _task: Task, _rows: usize) -> Vec<ParameterRange> {
        let features = if self.extra { 0.8 } else { FOREST_FEATURES.default };
        let bagging = if self.extra { 0.9 } else { FOREST_BAGGING.default };
        vec![
            FOREST_LEAVES,
            FOREST_MIN_DATA,
            ParameterRange { default: features, ..FOREST_FEATURES },
            ParameterRange { default: bagging, ..FOREST_BAGGING },
            CATEGORY_STATISTICS,
            WITHOUT_SUMS,
        ]
    }

    fn fit(&self, request: &Fit<'_>) -> Result<FittedModel, Error> {
        let space = self.search_space(request.task, request.train.rows());
        let of = |range: &ParameterRange| {
            let own = space.iter().find(|own| own.name == range.name).unwrap_or(range);
            request.parameter(own)
        };
        let parameters = parameters(request)
            .with("boosting", "rf")
            .with("num_leaves", whole(of(&FOREST_LEAVES)))
            .with("min_data_in_leaf", whole(of(&FOREST_MIN_DATA)))
            .with("feature_fraction", 1.0)
            .with("feature_fraction_bynode", of(&FOREST_FEATURES))
            .with("bagging_fraction", of(&FOREST_BAGGING))
            .with("bagging_freq", 1_i64)
            .with("extra_trees", self.extra);
        // A forest does not overfit by more trees, so nothing is held out to stop it.
        let trees =
            FOREST_TREES.min(MAX_TREES / u32::try_from(request.task.outputs()).unwrap_or(1).max(1));
        grow(self.algorithm(), request, &parameters, trees.max(1), None)
    }
}

fn parameters(request: &Fit<'_>) -> lightgbm::Parameters {
    let parameters = lightgbm::Parameters::new().with("seed", seed(request.seed));
    match request.task.problem {
        ProblemType::Binary => parameters.with("objective", "binary"),
        ProblemType::Multiclass => parameters
            .with("objective", "multiclass")
            .with("num_class", i64::try_from(request.task.classes).unwrap_or(i64::MAX)),
        ProblemType::Regression => match request.task.loss {
            Loss::Squared => parameters.with("objective", "regression"),
            Loss::Absolute => parameters.with("objective", "regression_l1"),
            Loss::Huber { delta } => parameters.with("objective", "huber").with("alpha", delta),
            Loss::Quantile { alpha } => {
                parameters.with("objective", "quantile").with("alpha", alpha)
            }
            Loss::Poisson => parameters.with("objective", "poisson"),
            Loss::Tweedie { power } => {
                parameters.with("objective", "tweedie").with("tweedie_variance_power", power)
            }
        },
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

fn rows<'a>(examples: &'a Examples, features: &'a FeatureMatrix) -> Rows<'a> {
    Rows {
        values: &features.values,
        width: features.width,
        labels: &examples.target,
        weights: examples.weights.as_deref(),
    }
}

/// The rows as the trees see them.
struct BoosterInput {
    encoding: Option<CategoryEncoding>,
    train: Option<FeatureMatrix>,
    validation: Option<FeatureMatrix>,
    categories: Vec<Option<u32>>,
    monotone: Vec<i8>,
    /// Columns that no split uses.
    unused: Vec<usize>,
}

impl BoosterInput {
    fn new(request: &Fit<'_>, validation: Option<&Examples>) -> Self {
        let train = request.train;
        let sums = if request.switched(&WITHOUT_SUMS) { train.sums.as_slice() } else { &[] };
        let many = |codes: &Option<u32>| codes.is_some_and(|codes| codes >= MIN_CODES);
        if !request.switched(&CATEGORY_STATISTICS) || !train.categories.iter().any(many) {
            return Self {
                encoding: None,
                train: None,
                validation: None,
                categories: train.categories.clone(),
                monotone: train.monotone.clone(),
                unused: sums.to_vec(),
            };
        }
        let fitted = cross_fit(request.task, train, SMOOTHING, MIN_CODES, request.seed);
        // Encoded categories have several columns, which stand where the category stood.
        let column =
            |feature: &usize| fitted.encoding.features.iter().take(*feature).map(columns).sum();
        Self {
            unused: sums.iter().map(column).collect(),
            validation: validation.map(|held| fitted.encoding.encode(&held.features)),
            encoding: Some(fitted.encoding),
            train: Some(fitted.train),
            categories: fitted.categories,
            monotone: fitted.monotone,
        }
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
    let seen = BoosterInput::new(request, validation);
    let categorical: Vec<usize> = seen
        .categories
        .iter()
        .enumerate()
        .filter(|(_, codes)| codes.is_some())
        .map(|(feature, _)| feature)
        .collect();
    let streamed = request.streamed.filter(|_| algorithm == Algorithm::GradientBoosting);
    let streamed = streamed.map(|examples| EncodedBlocks {
        examples,
        encoding: seen.encoding.as_ref(),
        width: request.train.features.width,
        should_stop: request.should_stop,
    });
    let training = Training {
        train: rows(request.train, seen.train.as_ref().unwrap_or(&request.train.features)),
        streamed: streamed.as_ref().map(EncodedBlocks::rows),
        validation: validation
            .map(|held| rows(held, seen.validation.as_ref().unwrap_or(&held.features))),
        categorical: &categorical,
        monotone: &seen.monotone,
        unused: &seen.unused,
        parameters,
        iterations,
        threads: request.threads,
    };
    let mut early = EarlyStopping {
        task: request.task,
        validation,
        should_stop: request.should_stop,
        best: f64::INFINITY,
        best_iterations: 0,
    };
    let grown = lightgbm::train(&training, &mut early)?;
    let (kind, text) = match &seen.encoding {
        None => (ModelKind::Lightgbm, grown.text),
        Some(encoding) => (ModelKind::EncodedLightgbm, EncodedTrees::write(encoding, &grown.text)?),
    };
    let model = Model::parse(kind, &text, &Limits::default())?;
    Ok(FittedModel {
        algorithm,
        model,
        text: ModelText { kind, text },
        iterations: grown.iterations,
        importance: shares(by_feature(seen.encoding.as_ref(), grown.gains)),
    })
}

/// Rows that are not in memory, as the trees see them. The statistics of their categories are those of the rows in memory: they are not
/// among these, so that no row's own target is in them.
struct EncodedBlocks<'a> {
    examples: &'a dyn StreamedExamples,
    encoding: Option<&'a CategoryEncoding>,
    /// Number of features.
    width: usize,
    should_stop: &'a (dyn Fn() -> bool + Sync),
}

impl EncodedBlocks<'_> {
    fn rows(&self) -> StreamedRows<'_> {
        let (labels, weights) = (self.examples.target(), self.examples.weights());
        StreamedRows { blocks: self, labels, weights }
    }

    fn encoded(
        &self,
        block: &FeatureMatrix,
        take: &mut dyn FnMut(&[f64]) -> Result<(), lightgbm::Error>,
    ) -> Result<(), Error> {
        if (self.should_stop)() {
            return Err(Error::Cancelled);
        }
        let (found, expected) = (block.width, self.width);
        if found != expected {
            return Err(Error::Shape { what: "features", found, expected });
        }
        match self.encoding {
            None => take(&block.values)?,
            Some(encoding) => take(&encoding.encode(block).values)?,
        }
        Ok(())
    }
}

impl Blocks for EncodedBlocks<'_> {
    fn each(
        &self,
        take: &mut dyn FnMut(&[f64]) -> Result<(), lightgbm::Error>,
    ) -> Result<(), lightgbm::Error> {
        self.examples.each(&mut |block| self.encoded(block, take)).map_err(|error| match error {
            Error::Trees(error) => error,
            other => lightgbm::Error::Blocks(Box::new(other)),
        })
    }
}

/// Gains of the features that the encoded numbers come from.
fn by_feature(encoding: Option<&CategoryEncoding>, gains: Vec<f64>) -> Vec<f64> {
    let Some(encoding) = encoding else { return gains };
    let mut rest = gains.into_iter();
    encoding.features.iter().map(|table| rest.by_ref().take(columns(table)).sum()).collect()
}

/// Columns that a feature becomes.
fn columns(table: &Option<scoring::CategoryTable>) -> usize {
    table.as_ref().map_or(1, |of| of.width)
}

/// Ends the growth when the loss on held-out rows no longer gets better.
struct EarlyStopping<'a> {
    task: Task,
    validation: Option<&'a Examples>,
    should_stop: &'a (dyn Fn() -> bool + Sync),
    best: f64,
    best_iterations: u32,
}

impl Observer for EarlyStopping<'_> {
    fn observe(&mut self, progress: Progress<'_>) -> ControlFlow<()> {
        if let (Some(validation), Some(outputs)) = (self.validation, progress.outputs) {
            let rows = validation.rows();
            let loss = mean_loss(self.task, validation, |row, class| {
                outputs.get(class * rows + row).copied().unwrap_or(0.0)
            });
            if loss < self.best || self.best_iterations == 0 {
                self.best = loss;
                self.best_iterations = progress.iterations;
            } else if progress.iterations - self.best_iterations >= STOPPING_ROUNDS {
                return ControlFlow::Break(());
            }
        }
        if (self.should_stop)() { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    }

    fn keep(&self, iterations: u32) -> u32 {
        if self.best_iterations == 0 { iterations } else { self.best_iterations }
    }
}
