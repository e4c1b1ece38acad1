//! The weights of a network while it learns: forward, backward, and steps of AdamW.

use rand::{Rng as _, RngCore as _};
use rand_chacha::ChaCha8Rng;

use super::product::{Packed, Sizes, across, along, multiply};

/// How fast the mean of the gradients forgets.
const MOMENTUM: f32 = 0.9;
/// How fast the mean of their squares forgets.
const SECOND_MOMENTUM: f32 = 0.95;
/// Keeps steps finite where gradients vanish.
const EPSILON: f32 = 1e-8;

/// A layer while it learns.
pub(super) struct Layer {
    pub(super) inputs: usize,
    pub(super) units: usize,
    /// Input after input.
    pub(super) weights: Vec<f32>,
    pub(super) biases: Vec<f32>,
    weight_moments: Moments,
    bias_moments: Moments,
}

/// The running means that AdamW's steps follow from.
struct Moments {
    first: Vec<f32>,
    second: Vec<f32>,
}

impl Moments {
    fn new(count: usize) -> Self {
        Self { first: vec![0.0; count], second: vec![0.0; count] }
    }
}

/// One step of AdamW (Loshchilov and Hutter, "Decoupled Weight Decay Regularization", 2019).
#[derive(Debug, Clone, Copy)]
pub(super) struct Step {
    pub(super) rate: f32,
    /// Share of each weight that a step of rate 1 takes off.
    pub(super) decay: f32,
    /// Its number, from 1.
    pub(super) number: u32,
}

impl Step {
    fn take(self, moments: &mut Moments, gradients: &[f32], values: &mut [f32], decay: f32) {
        // A number of steps is far below what a 32-bit number holds.
        let number = i32::try_from(self.number).unwrap_or(i32::MAX);
        let first_share = 1.0 - MOMENTUM.powi(number);
        let second_share = 1.0 - SECOND_MOMENTUM.powi(number);
        let kept = 1.0 - self.rate * decay;
        let moments = moments.first.iter_mut().zip(&mut moments.second);
        for ((value, gradient), (first, second)) in values.iter_mut().zip(gradients).zip(moments) {
            *first = MOMENTUM * *first + (1.0 - MOMENTUM) * gradient;
            *second = SECOND_MOMENTUM * *second + (1.0 - SECOND_MOMENTUM) * gradient * gradient;
            let step = (*first / first_share) / ((*second / second_share).sqrt() + EPSILON);
            *value = *value * kept - self.rate * step;
        }
    }
}

impl Layer {
    /// Weights drawn evenly, with the deviation `sqrt(gain / inputs)`.
    pub(super) fn drawn(
        inputs: usize,
        units: usize,
        gain: f32,
        generator: &mut ChaCha8Rng,
    ) -> Self {
        let limit = (3.0 * gain / inputs.max(1) as f32).sqrt();
        let draw = |_| limit * (2.0 * generator.random::<f32>() - 1.0);
        Self {
            inputs,
            units,
            weights: (0..inputs * units).map(draw).collect(),
            biases: vec![0.0; units],
            weight_moments: Moments::new(inputs * units),
            bias_moments: Moments::new(units),
        }
    }
}

/// The weights and biases of a layer.
pub(super) struct Weights {
    weights: Vec<f32>,
    biases: Vec<f32>,
}

/// Layers one after the other, with room for a batch.
pub(super) struct Layers {
    pub(super) layers: Vec<Layer>,
    /// The activations of each hidden layer.
    active: Vec<Vec<f32>>,
    /// What each activation moves by with the sum that it is made of: 0 where the unit is off or dropped.
    slopes: Vec<Vec<f32>>,
    packed: Packed,
    gradient: Vec<f32>,
    next: Vec<f32>,
    weight_gradient: Vec<f32>,
}

impl Layers {
    pub(super) fn new(layers: Vec<Layer>) -> Self {
        let hidden = layers.len().saturating_sub(1);
        Self {
            layers,
            active: vec![Vec::new(); hidden],
            slopes: vec![Vec::new(); hidden],
            packed: Packed::default(),
            gradient: Vec::new(),
            next: Vec::new(),
            weight_gradient: Vec::new(),
        }
    }

    /// The weights as they are.
    pub(super) fn weights(&self) -> Vec<Weights> {
        let of = |layer: &Layer| Weights {
            weights: layer.weights.clone(),
            biases: layer.biases.clone(),
        };
        self.layers.iter().map(of).collect()
    }

    /// Goes back to earlier weights.
    pub(super) fn restore(&mut self, weights: Vec<Weights>) {
        for (layer, Weights { weights, biases }) in self.layers.iter_mut().zip(weights) {
            (layer.weights, layer.biases) = (weights, biases);
        }
    }

    /// The margins of a batch, row after row, with units dropped at random. `batch` names rows of `values`.
    pub(super) fn forward(
        &mut self,
        values: &[f32],
        batch: &[usize],
        dropped: f32,
        generator: &mut ChaCha8Rng,
        margins: &mut Vec<f32>,
    ) {
        let hidden = self.active.len();
        for (place, layer) in self.layers.iter().enumerate() {
            let sizes = Sizes { lines: batch.len(), inner: layer.inputs, columns: layer.units };
            let weights = along(&layer.weights, layer.units);
            match place.checked_sub(1).and_then(|before| self.active.get(before)) {
                None => {
                    let rows = picked_across(values, layer.inputs, batch);
                    multiply(sizes, rows, weights, &mut self.packed, margins);
                }
                Some(before) => {
                    let rows = across(before, layer.inputs);
                    multiply(sizes, rows, weights, &mut self.packed, margins);
                }
            }
            for row in margins.chunks_exact_mut(layer.units.max(1)) {
                row.iter_mut().zip(&layer.biases).for_each(|(sum, bias)| *sum += bias);
            }
            if place == hidden {
                return;
            }
            if let (Some(active), Some(slopes)) =
                (self.active.get_mut(place), self.slopes.get_mut(place))
            {
                activate(margins, dropped, generator, active, slopes);
            }
        }
    }

    /// Learns from the derivative of the loss by each margin of the batch that was put forward last.
    pub(super) fn backward(
        &mut self,
        values: &[f32],
        batch: &[usize],
        by_margin: &[f32],
        step: Step,
    ) {
        self.gradient.clear();
        self.gradient.extend_from_slice(by_margin);
        for place in (0..self.layers.len()).rev() {
            let before = place.checked_sub(1);
            let Some(layer) = self.layers.get_mut(place) else { return };
            let sizes = Sizes { lines: layer.inputs, inner: batch.len(), columns: layer.units };
            let gradient = along(&self.gradient, layer.units);
            let (packed, out) = (&mut self.packed, &mut self.weight_gradient);
            match before.and_then(|before| self.active.get(before)) {
                None => {
                    let inputs = picked_along(values, layer.inputs, batch);
                    multiply(sizes, inputs, gradient, packed, out);
                }
                Some(before) => {
                    multiply(sizes, along(before, layer.inputs), gradient, packed, out);
                }
            }
            let mut bias_gradient = vec![0.0; layer.units];
            for row in self.gradient.chunks_exact(layer.units.max(1)) {
                bias_gradient.iter_mut().zip(row).for_each(|(sum, value)| *sum += value);
            }
            if let Some(slopes) = before.and_then(|before| self.slopes.get(before)) {
                let sizes = Sizes { lines: batch.len(), inner: layer.units, columns: layer.inputs };
                let (rows, weights) =
                    (across(&self.gradient, layer.units), across(&layer.weights, layer.units));
                multiply(sizes, rows, weights, &mut self.packed, &mut self.next);
                self.next.iter_mut().zip(slopes).for_each(|(value, slope)| *value *= slope);
            }
            let Layer { weights, biases, weight_moments, bias_moments, .. } = layer;
            step.take(weight_moments, &self.weight_gradient, weights, step.decay);
            step.take(bias_moments, &bias_gradient, biases, 0.0);
            std::mem::swap(&mut self.gradient, &mut self.next);
        }
    }
}

/// Rectifies sums, drops some of the units and makes up for them with the others.
fn activate(
    sums: &[f32],
    dropped: f32,
    generator: &mut ChaCha8Rng,
    active: &mut Vec<f32>,
    slopes: &mut Vec<f32>,
) {
    active.clear();
    slopes.clear();
    let kept = 1.0 / (1.0 - dropped);
    // A draw of sixteen bits below this drops a unit.
    let below = (dropped * 65_536.0) as u32;
    let mut bits = 0_u32;
    for (place, sum) in sums.iter().enumerate() {
        let draw = match place % 2 {
            0 if below > 0 => {
                bits = generator.next_u32();
                bits >> 16
            }
            _ => bits & 0xffff,
        };
        let on = *sum > 0.0 && draw >= below;
        slopes.push(if on { kept } else { 0.0 });
        active.push(if on { sum * kept } else { 0.0 });
    }
}

/// As [`across`], of the rows that a batch names.
fn picked_across<'a>(
    matrix: &'a [f32],
    width: usize,
    batch: &'a [usize],
) -> impl Fn(usize, usize, &mut [f32]) + 'a {
    move |first, place, block| {
        for (slot, row) in block.iter_mut().zip(batch.iter().skip(first)) {
            *slot = matrix.get(row * width + place).copied().unwrap_or(0.0);
        }
    }
}

/// As [`along`], of the rows that a batch names.
fn picked_along<'a>(
    matrix: &'a [f32],
    width: usize,
    batch: &'a [usize],
) -> impl Fn(usize, usize, &mut [f32]) + 'a {
    move |first, place, block| {
        let start = batch.get(place).map_or(usize::MAX, |row| row * width + first);
        if let Some(from) = matrix.get(start..start.saturating_add(block.len())) {
            block.copy_from_slice(from);
        }
    }
}
