//! Feed-forward networks: an encoding of the features, layers of weights, and a link.
//!
//! ```text
//! features ──LinearEncoding──▶ columns ──weights, ReLU──▶ units ──weights, ReLU──▶ … ──weights──▶ margins ──link──▶ outputs
//! ```

mod explain;

use serde::{Deserialize, Serialize};

use crate::linear::{logit, softmax};
use crate::{Limits, LinearEncoding, ModelError};

pub(crate) use explain::NetworkPaths;

/// Most layers of a network.
const MAX_LAYERS: usize = 16;

/// From the margins of a network to its outputs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum NetworkLink {
    /// Two classes: one margin, two probabilities.
    Logit,
    /// A margin and a probability per class.
    Softmax,
    /// The margin is the output.
    Identity,
    /// The margin is the logarithm of the output.
    Exponential,
}

impl NetworkLink {
    /// Number of outputs of that many margins; none where they do not fit.
    #[must_use]
    pub fn outputs(self, margins: usize) -> Option<usize> {
        match self {
            Self::Logit => (margins == 1).then_some(2),
            Self::Softmax => (margins >= 2).then_some(margins),
            Self::Identity | Self::Exponential => (margins == 1).then_some(1),
        }
    }
}

/// A layer: what it is given times its weights, and its biases.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NetworkLayer {
    /// A weight per input and unit: those of the first input, then those of the second, and so on. They are calculated with
    /// in doubles.
    pub weights: Vec<f32>,
    /// A bias per unit.
    pub biases: Vec<f64>,
}

impl NetworkLayer {
    /// Units that the layer has.
    #[must_use]
    pub fn units(&self) -> usize {
        self.biases.len()
    }

    /// Values that the layer is given.
    #[must_use]
    pub fn inputs(&self) -> usize {
        self.weights.len() / self.units().max(1)
    }

    /// The weights of an input, one per unit.
    fn of_input(&self, input: usize) -> &[f32] {
        let units = self.units();
        let start = input.saturating_mul(units);
        self.weights.get(start..start.saturating_add(units)).unwrap_or(&[])
    }

    /// Adds what an input of this value adds to each unit.
    fn add(&self, input: usize, value: f64, out: &mut [f64]) {
        for (out, weight) in out.iter_mut().zip(self.of_input(input)) {
            *out += value * f64::from(*weight);
        }
    }

    /// What the units have before their activation, from the activations of the layer before; those of 0 add nothing.
    fn forward(&self, before: &[f64], out: &mut Vec<f64>) {
        out.clear();
        out.extend_from_slice(&self.biases);
        for (input, value) in before.iter().enumerate() {
            if *value != 0.0 {
                self.add(input, *value, out);
            }
        }
    }
}

/// A feed-forward network with rectified linear units: the units of every layer but the last are `max(0, ·)` of their sums.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NetworkModel {
    /// How features become the inputs of the first layer.
    pub encoding: LinearEncoding,
    /// The mean of each encoded column over the training rows, from which explanations start.
    pub reference: Vec<f64>,
    /// The layers, at least one; the units of the last are the margins.
    pub layers: Vec<NetworkLayer>,
    /// From margins to outputs.
    pub link: NetworkLink,
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
        if self.weights() > limits.weights {
            return Err(ModelError::TooLarge { what: "weights", limit: limits.weights });
        }
        if self.margins() > limits.classes {
            return Err(ModelError::TooLarge { what: "classes", limit: limits.classes });
        }
        let mut inputs = self.encoding.width();
        if self.reference.len() != inputs {
            return Err(ModelError::Encoding);
        }
        for (place, layer) in self.layers.iter().enumerate() {
            if layer.units() == 0 || inputs.checked_mul(layer.units()) != Some(layer.weights.len())
            {
                return Err(ModelError::Layer { layer: place + 1 });
            }
            inputs = layer.units();
        }
        if self.link.outputs(self.margins()).is_none() {
            return Err(ModelError::Encoding);
        }
        let weights = self.layers.iter().flat_map(|layer| &layer.weights);
        let others = self.layers.iter().flat_map(|layer| &layer.biases).chain(&self.reference);
        if weights.into_iter().any(|weight| !weight.is_finite())
            || others.into_iter().any(|value| !value.is_finite())
        {
            return Err(ModelError::NotFinite { what: "a weight, bias or mean of the network" });
        }
        Ok(())
    }

    /// Weights of all layers, without biases.
    #[must_use]
    pub fn weights(&self) -> usize {
        self.layers.iter().map(|layer| layer.weights.len()).sum()
    }

    /// Margins of a row.
    #[must_use]
    pub fn margins(&self) -> usize {
        self.layers.last().map_or(0, NetworkLayer::units)
    }

    /// Number of outputs.
    #[must_use]
    pub fn outputs(&self) -> usize {
        self.link.outputs(self.margins()).unwrap_or(0)
    }

    /// The margins of one row.
    pub(crate) fn margins_row(&self, row: &[f64], room: &mut Room, out: &mut [f64]) {
        let Some((first, others)) = self.layers.split_first() else { return };
        room.units.clear();
        room.units.extend_from_slice(&first.biases);
        self.encoding.each(row, |column, value| first.add(column, value, &mut room.units));
        for layer in others {
            room.units.iter_mut().for_each(|unit| *unit = unit.max(0.0));
            layer.forward(&room.units, &mut room.next);
            std::mem::swap(&mut room.units, &mut room.next);
        }
        for (out, margin) in out.iter_mut().zip(&room.units) {
            *out = *margin;
        }
    }

    /// The outputs of one row; `out` is as long as [`Self::outputs`].
    pub(crate) fn predict_row(&self, row: &[f64], room: &mut Room, out: &mut [f64]) {
        let margins = self.margins().min(out.len());
        self.margins_row(row, room, out);
        match self.link {
            NetworkLink::Logit => logit(1.0, out),
            NetworkLink::Softmax => softmax(out.get_mut(..margins).unwrap_or(&mut [])),
            NetworkLink::Identity => {}
            NetworkLink::Exponential => out.iter_mut().for_each(|out| *out = out.exp()),
        }
    }
}

/// Room for the units of two layers, so that rows after the first allocate nothing.
#[derive(Debug, Default)]
pub(crate) struct Room {
    units: Vec<f64>,
    next: Vec<f64>,
}

#[cfg(test)]
mod tests;
