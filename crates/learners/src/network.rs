//! A feed-forward network, trained by AdamW on log loss or on what a regression minimises.
//!
//! ```text
//! numbers in bins, categories one-hot ──▶ layers of rectified units ──▶ margins ──▶ derivatives of the loss ──▶ AdamW
//! ```

mod columns;
mod gradient;
mod held_out;
mod layers;
mod product;

use rand::SeedableRng;
use rand::seq::SliceRandom;
use rand_chacha::ChaCha8Rng;
use scoring::{Model, NetworkLayer, NetworkModel};
use tabular::ProblemType;

use crate::algorithm::{shares, written};
use crate::trees::LOG_LINK;
use crate::{Algorithm, Error, Examples, Fit, FittedModel, Learner, ParameterRange, Task};
use columns::Columns;
use gradient::Target;
use held_out::HeldOut;
use layers::{Layer, Layers, Step};

const LEARNING_RATE: ParameterRange =
    ParameterRange::logarithmic("learning_rate", 3e-4, 0.02, 4e-3);
/// Units of each hidden layer.
const WIDTH: ParameterRange = ParameterRange::count("width", 16.0, 256.0, 128.0);
/// Hidden layers.
const LAYERS: ParameterRange = ParameterRange::count("layers", 1.0, 3.0, 2.0);
/// Bins that numbers are divided into.
const BINS: ParameterRange = ParameterRange::count("bins", 4.0, 48.0, 16.0);
/// Share of the units that a step leaves out.
const DROPOUT: ParameterRange = ParameterRange::linear("dropout", 0.0, 0.6, 0.1);
/// Share of a weight that a step of rate 1 takes off.
const WEIGHT_DECAY: ParameterRange = ParameterRange::logarithmic("weight_decay", 1e-3, 0.3, 0.03);
/// Times that each row is learned from, as far as [`MAX_WORK`] allows.
const EPOCHS: ParameterRange = ParameterRange::count("epochs", 5.0, 80.0, 40.0);

/// Most rows of a batch.
const MAX_BATCH: usize = 256;
/// Fewest rows of a batch.
const MIN_BATCH: usize = 32;
/// Batches that an epoch has at least, where batches are large enough.
const MIN_STEPS: usize = 16;
/// Share of the steps over which the rate rises; from there on it falls along a cosine.
const WARM_UP: f64 = 0.05;
/// Multiplications and additions of a fit at the most: some seconds of one processor. Epochs become fewer for it, then rows.
const MAX_WORK: f64 = 4e10;
/// Epochs that are made even where rows have to be left out for it.
const MIN_EPOCHS: f64 = 5.0;
/// Most encoded values that are kept in memory; larger tables are thinned out evenly.
const MAX_VALUES: usize = 16 << 20;
/// Rows whose explanations say what the network depends on.
const IMPORTANCE_ROWS: usize = 200;

/// A feed-forward network.
#[derive(Debug)]
pub(crate) struct NeuralNetwork;

/// The sizes of a network and of its training.
struct Plan {
    bins: usize,
    widths: Vec<usize>,
    epochs: usize,
    /// Most rows that it learns from.
    rows: usize,
}

impl Plan {
    /// It follows from sizes alone, never from a clock.
    fn new(request: &Fit<'_>) -> Self {
        // Whole numbers within their ranges.
        let whole = |range: &ParameterRange| request.parameter(range) as usize;
        let bins = whole(&BINS);
        let columns = columns::most_columns(request.train, bins).max(1);
        let widths = vec![whole(&WIDTH); whole(&LAYERS)];
        let mut per_row = 0.0;
        let mut inputs = columns;
        for units in widths.iter().copied().chain([margins(request.task)]) {
            per_row += inputs as f64 * units as f64;
            inputs = units;
        }
        // Forward, backward, and the gradients of the weights.
        let affordable = MAX_WORK / (3.0 * per_row);
        let rows = request.train.rows() as f64;
        let wanted = request.parameter(&EPOCHS);
        let epochs = (affordable / rows).clamp(MIN_EPOCHS.min(wanted), wanted).round();
        let most = (affordable / epochs).max(1.0) as usize;
        Self { bins, widths, epochs: epochs as usize, rows: most.min(MAX_VALUES / columns).max(1) }
    }
}

/// Margins of a task: one for two classes or a number, one per class for more.
fn margins(task: Task) -> usize {
    if task.problem == ProblemType::Multiclass { task.classes } else { 1 }
}

impl Learner for NeuralNetwork {
    fn algorithm(&self) -> Algorithm {
        Algorithm::NeuralNetwork
    }

    fn applies_to(&self, _problem: ProblemType) -> bool {
        true
    }

    fn search_space(&self, task: Task, _rows: usize) -> Vec<ParameterRange> {
        let mut space = vec![LEARNING_RATE, WIDTH, LAYERS, BINS, DROPOUT, WEIGHT_DECAY, EPOCHS];
        if task.minimises_squares() {
            space.push(LOG_LINK);
        }
        space
    }

    fn fit(&self, request: &Fit<'_>) -> Result<FittedModel, Error> {
        request.check()?;
        let plan = Plan::new(request);
        let step = request.train.rows().div_ceil(plan.rows).max(1);
        let thinned = (step > 1).then(|| {
            let kept: Vec<usize> = (0..request.train.rows()).step_by(step).collect();
            request.train.take(&kept)
        });
        let train = thinned.as_ref().unwrap_or(request.train);
        let target = Target::new(request.task, train, request.switched(&LOG_LINK));
        let columns = Columns::fit(train, plan.bins);
        let (layers, epochs) = learn(request, train, &plan, &columns, &target);
        let model = finish(self.algorithm(), columns, layers, &target)?;
        let importance = importance(&model, train);
        let fitted = written(self.algorithm(), Model::Network(model), importance)?;
        Ok(FittedModel { iterations: epochs, ..fitted })
    }
}

/// The layers after the epoch that was best on the rows that tell when to stop, or after as many as are asked for or as there was
/// time for; and their number.
fn learn(
    request: &Fit<'_>,
    train: &Examples,
    plan: &Plan,
    columns: &Columns,
    target: &Target,
) -> (Vec<Layer>, u32) {
    let mut generator = ChaCha8Rng::seed_from_u64(request.seed);
    let mut layers = Layers::new(drawn(plan, columns, target, &mut generator));
    let mut held_out = request.validation.map(|examples| HeldOut::new(examples, columns));
    let rows = train.rows();
    let batch_rows = (rows / MIN_STEPS).clamp(MIN_BATCH, MAX_BATCH);
    let all = (plan.epochs * rows.div_ceil(batch_rows)).max(1);
    // The rate falls as over all epochs, even where it is known that fewer are best.
    let last = match (&held_out, request.iterations) {
        (None, Some(best)) => plan.epochs.min(best.max(1) as usize),
        _ => plan.epochs,
    };
    let dropped = request.parameter(&DROPOUT) as f32;
    let (rate, decay) = (request.parameter(&LEARNING_RATE), request.parameter(&WEIGHT_DECAY));
    let mut order: Vec<usize> = (0..rows).collect();
    let (mut margins, mut by_margin) = (Vec::new(), Vec::new());
    let mut number = 0_u32;
    // An epoch is a number of at most two digits.
    let counted = |epoch: usize| u32::try_from(epoch).unwrap_or(u32::MAX);
    let mut done = 0;
    'epochs: for epoch in 1..=last {
        order.shuffle(&mut generator);
        for batch in order.chunks(batch_rows) {
            if (request.should_stop)() {
                break 'epochs;
            }
            number += 1;
            let step = Step {
                rate: (rate * scheduled(f64::from(number) / all as f64)) as f32,
                decay: decay as f32,
                number,
            };
            layers.forward(&columns.values, batch, dropped, &mut generator, &mut margins);
            target.derivatives(batch, &margins, &mut by_margin);
            layers.backward(&columns.values, batch, &by_margin, step);
        }
        done = epoch;
        if let Some(held_out) = &mut held_out
            && !held_out.goes_on(&mut layers, target, epoch, plan.epochs)
        {
            break;
        }
    }
    match held_out.and_then(|held_out| held_out.best) {
        Some((epoch, best)) => {
            layers.restore(best);
            (layers.layers, counted(epoch))
        }
        None => (layers.layers, counted(done.max(1))),
    }
}

/// Layers before they have learned.
fn drawn(
    plan: &Plan,
    columns: &Columns,
    target: &Target,
    generator: &mut ChaCha8Rng,
) -> Vec<Layer> {
    let mut layers = Vec::with_capacity(plan.widths.len() + 1);
    let mut inputs = columns.means.len();
    for units in &plan.widths {
        layers.push(Layer::drawn(inputs, *units, 2.0, generator));
        inputs = *units;
    }
    // Margins are close to those of the prior at first.
    let mut last = Layer::drawn(inputs, target.margins(), 0.01, generator);
    last.biases.copy_from_slice(&target.prior());
    layers.push(last);
    layers
}

/// The rate at a share of the steps, as a share of the greatest.
fn scheduled(share: f64) -> f64 {
    if share < WARM_UP {
        share / WARM_UP
    } else {
        let fallen = (share - WARM_UP) / (1.0 - WARM_UP);
        0.5 * (1.0 + (std::f64::consts::PI * fallen).cos())
    }
}

/// The network as it is served: what was done to its columns is in its first layer, what was done to the target in its last.
fn finish(
    algorithm: Algorithm,
    columns: Columns,
    layers: Vec<Layer>,
    target: &Target,
) -> Result<NetworkModel, Error> {
    let Columns { encoding, means, scales, .. } = columns;
    let mut served: Vec<NetworkLayer> = layers
        .into_iter()
        .map(|layer| NetworkLayer {
            biases: layer.biases.iter().copied().map(f64::from).collect(),
            weights: layer.weights,
        })
        .collect();
    if let Some(first) = served.first_mut() {
        let units = first.units().max(1);
        let rows = first.weights.chunks_exact_mut(units);
        for ((weights, mean), scale) in rows.zip(&means).zip(&scales) {
            for (weight, bias) in weights.iter_mut().zip(&mut first.biases) {
                *weight = (f64::from(*weight) / scale) as f32;
                *bias -= mean * f64::from(*weight);
            }
        }
    }
    if let Some(last) = served.last_mut() {
        let (scale, offset) = target.unit();
        last.weights.iter_mut().for_each(|weight| *weight = (f64::from(*weight) * scale) as f32);
        last.biases.iter_mut().for_each(|bias| *bias = *bias * scale + offset);
    }
    let numbers = served.iter().flat_map(|layer| {
        layer.weights.iter().copied().map(f64::from).chain(layer.biases.iter().copied())
    });
    if numbers.into_iter().any(|number| !number.is_finite()) {
        return Err(Error::Diverged { algorithm });
    }
    Ok(NetworkModel { encoding, reference: means, layers: served, link: target.link() })
}

/// Share of each feature: what it contributes to the margins, on average over some of the rows.
fn importance(model: &NetworkModel, train: &Examples) -> Vec<f64> {
    let width = train.features.width;
    let step = train.rows().div_ceil(IMPORTANCE_ROWS).max(1);
    let rows: Vec<usize> = (0..train.rows()).step_by(step).collect();
    let mut sums = vec![0.0; width];
    let model = Model::Network(model.clone());
    if let Ok(explained) = model.explain(&train.features.take(&rows), || true) {
        for contributions in explained.contributions.chunks_exact(width.max(1)) {
            sums.iter_mut().zip(contributions).for_each(|(sum, value)| *sum += value.abs());
        }
    }
    shares(sums)
}
