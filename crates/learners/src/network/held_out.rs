//! Rows that tell after which epoch a network was best.

use rand::SeedableRng;
use rand_chacha::ChaCha8Rng;

use super::columns::Columns;
use super::gradient::Target;
use super::layers::{Layers, Weights};
use crate::Examples;

/// Most rows that are looked at after each epoch; of more, evenly chosen ones.
const MAX_ROWS: usize = 5_000;
/// Rows that are put forward at a time.
const BATCH: usize = 512;
/// Epochs without a better loss before training ends: this part of all epochs.
const PATIENCE: usize = 3;
/// Fewest epochs of that kind.
const MIN_PATIENCE: usize = 6;

/// The rows, and the weights that were best on them.
pub(super) struct HeldOut {
    examples: Examples,
    values: Vec<f32>,
    least: f64,
    /// The number of the best epoch, and the weights after it.
    pub(super) best: Option<(usize, Vec<Weights>)>,
}

impl HeldOut {
    pub(super) fn new(examples: &Examples, columns: &Columns) -> Self {
        let step = examples.rows().div_ceil(MAX_ROWS).max(1);
        let rows: Vec<usize> = (0..examples.rows()).step_by(step).collect();
        let examples = examples.take(&rows);
        let values = columns.standardised(&examples.features);
        Self { examples, values, least: f64::INFINITY, best: None }
    }

    /// Looks at the network after an epoch of so many, and says whether there is hope for a better one.
    pub(super) fn goes_on(
        &mut self,
        layers: &mut Layers,
        target: &Target,
        epoch: usize,
        epochs: usize,
    ) -> bool {
        // Nothing is dropped, so nothing is drawn.
        let mut generator = ChaCha8Rng::seed_from_u64(0);
        let rows: Vec<usize> = (0..self.examples.rows()).collect();
        let (mut all, mut margins) = (Vec::with_capacity(rows.len()), Vec::new());
        for batch in rows.chunks(BATCH) {
            layers.forward(&self.values, batch, 0.0, &mut generator, &mut margins);
            all.extend_from_slice(&margins);
        }
        let loss = target.loss(&self.examples, &all);
        if loss < self.least {
            self.least = loss;
            self.best = Some((epoch, layers.weights()));
        }
        let best = self.best.as_ref().map_or(0, |(epoch, _)| *epoch);
        epoch - best < (epochs / PATIENCE).max(MIN_PATIENCE)
    }
}
