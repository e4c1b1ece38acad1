//! Small neural networks: an encoding of the features, dense layers and a link.

use serde::{Deserialize, Serialize};

use crate::linear::{logit, softmax};
use crate::{Limits, LinearEncoding, Link, ModelError};

/// Most layers of a network.
const MAX_LAYERS: usize = 8;
/// Most numbers of all layers.
const MAX_WEIGHTS: usize = 16 << 20;

/// A dense layer: `weights · x + biases`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DenseLayer {
    /// Row after row, one row per output, one number per input.
    pub weights: Vec<f64>,
    /// One per output.
    pub biases: Vec<f64>,
}

impl DenseLayer {
    /// Number of inputs.
    #[must_use]
    pub fn inputs(&self) -> usize {
        self.weights.len() / self.biases.len().max(1)
    }

    fn apply(&self, input: &[f64]) -> Vec<f64> {
        let rows = self.weights.chunks_exact(self.inputs().max(1));
        rows.zip(&self.biases).map(|(row, bias)| dot(row, input) + bias).collect()
    }
}

fn dot(left: &[f64], right: &[f64]) -> f64 {
    left.iter().zip(right).map(|(left, right)| left * right).sum()
}

/// A feed-forward network with rectified linear units between its layers.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NetworkModel {
    /// How features become the numbers of the first layer.
    pub encoding: LinearEncoding,
    /// The layers in order, at least one; the last one gives the margins.
    pub layers: Vec<DenseLayer>,
    /// From margins to outputs.
    pub link: Link,
}

impl NetworkModel {
    /// Checks sizes and that everything is finite.
    ///
    /// # Errors
    /// When sizes do not agree, a number is not finite or a limit is exceeded.
    pub fn check(&self, limits: &Limits) -> Result<(), ModelError> {
        self.encoding.check(limits)?;
        if self.layers.len() > MAX_LAYERS {
            return Err(ModelError::TooLarge { what: "layers", limit: MAX_LAYERS });
        }
        let weights = self.layers.iter().map(|layer| layer.weights.len());
        if weights.fold(0, usize::saturating_add) > MAX_WEIGHTS {
            return Err(ModelError::TooLarge { what: "weights", limit: MAX_WEIGHTS });
        }
        let mut inputs = self.encoding.width();
        for layer in &self.layers {
            let expected = layer.biases.len().checked_mul(inputs);
            if layer.biases.is_empty() || expected != Some(layer.weights.len()) {
                return Err(ModelError::Encoding);
            }
            if layer.weights.iter().chain(&layer.biases).any(|value| !value.is_finite()) {
                return Err(ModelError::NotFinite { what: "a weight of the network" });
            }
            inputs = layer.biases.len();
        }
        if self.layers.is_empty() || self.link.outputs(inputs).is_none() {
            return Err(ModelError::Encoding);
        }
        Ok(())
    }

    /// Margins of a row.
    #[must_use]
    pub fn margins(&self) -> usize {
        self.layers.last().map_or(0, |layer| layer.biases.len())
    }

    /// Number of outputs of a row.
    #[must_use]
    pub fn outputs(&self) -> usize {
        self.link.outputs(self.margins()).unwrap_or(0)
    }

    fn input(&self, row: &[f64]) -> Vec<f64> {
        let mut input = vec![0.0; self.encoding.width()];
        self.encoding.encode_row(row, &mut input);
        input
    }

    /// What each layer gives before its units are rectified; the margins are the last.
    fn forward(&self, input: &[f64]) -> Vec<Vec<f64>> {
        let mut all: Vec<Vec<f64>> = Vec::with_capacity(self.layers.len());
        for layer in &self.layers {
            let next = match all.last() {
                None => layer.apply(input),
                Some(before) => {
                    layer.apply(&before.iter().map(|value| value.max(0.0)).collect::<Vec<_>>())
                }
            };
            all.push(next);
        }
        all
    }

    /// The margins of one row.
    pub(crate) fn margins_row(&self, row: &[f64], out: &mut [f64]) {
        if let Some(margins) = self.forward(&self.input(row)).pop() {
            for (out, margin) in out.iter_mut().zip(margins) {
                *out = margin;
            }
        }
    }

    /// The outputs of one row; `out` is as long as [`Self::outputs`].
    pub(crate) fn predict_row(&self, row: &[f64], out: &mut [f64]) {
        self.margins_row(row, out);
        match self.link {
            Link::Logit => logit(1.0, out),
            Link::Softmax => softmax(out),
            Link::Identity => {}
        }
    }

    /// The margins where every encoded number is zero: numbers at their mean, no known category.
    pub(crate) fn bases(&self) -> Vec<f64> {
        self.forward(&vec![0.0; self.encoding.width()]).pop().unwrap_or_default()
    }

    /// What each feature adds to each margin against [`Self::bases`]; `out` holds a value per margin and feature.
    ///
    /// The rescale rule of DeepLIFT (Shrikumar, Greenside and Kundaje, 2017): a unit passes on what it gained in the
    /// proportion in which its input gained. Contributions add up to the margin less its base.
    pub(crate) fn contributions(&self, row: &[f64], out: &mut [f64]) {
        let input = self.input(row);
        let (found, base) = (self.forward(&input), self.forward(&vec![0.0; input.len()]));
        let features = self.encoding.features.len().max(1);
        for (margin, out) in out.chunks_exact_mut(features).enumerate() {
            let mut multipliers: Vec<f64> =
                (0..self.margins()).map(|place| f64::from(u8::from(place == margin))).collect();
            for (place, layer) in self.layers.iter().enumerate().rev() {
                let width = layer.inputs();
                let mut back = vec![0.0; width];
                for (row, multiplier) in layer.weights.chunks_exact(width.max(1)).zip(&multipliers)
                {
                    for (back, weight) in back.iter_mut().zip(row) {
                        *back += multiplier * weight;
                    }
                }
                // The units in front of this layer: none in front of the first.
                let before = place.checked_sub(1);
                let units = before.and_then(|place| Some((found.get(place)?, base.get(place)?)));
                if let Some((found, base)) = units {
                    for ((back, found), base) in back.iter_mut().zip(found).zip(base) {
                        *back *= slope(*found, *base);
                    }
                }
                multipliers = back;
            }
            let moved: Vec<f64> = multipliers
                .iter()
                .zip(&input)
                .map(|(multiplier, value)| multiplier * value)
                .collect();
            self.encoding.sum_by_feature(&moved, out);
        }
    }
}

/// What a rectified linear unit passes on of a change from `base` to `found`.
fn slope(found: f64, base: f64) -> f64 {
    let change = found - base;
    if change.abs() > 1e-12 {
        (found.max(0.0) - base.max(0.0)) / change
    } else {
        f64::from(u8::from(found > 0.0))
    }
}
