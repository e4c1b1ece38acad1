//! What each feature contributes to the margins of a network.
//!
//! The rescale rule of DeepLIFT (Shrikumar, Greenside and Kundaje, "Learning Important Features Through Propagating Activation
//! Differences", 2017): what a unit's sum moved by, against the reference, is carried on in the proportion in which its
//! activation moved with it. Differences are exact at every layer, so the contributions add up to the margin less its base.

use super::{NetworkLayer, NetworkModel, Room};

/// Changes below this are infinitesimal: the slope of the unit stands in for the quotient of two changes.
const INFINITESIMAL: f64 = 1e-9;

/// What a network needs to explain rows.
pub(crate) struct NetworkPaths {
    /// The margins of the reference.
    pub(crate) bases: Vec<f64>,
    /// The sums of the units of each hidden layer, at the reference.
    reference: Vec<Vec<f64>>,
    /// The same of the row, and room for the units.
    sums: Vec<Vec<f64>>,
    columns: Vec<f64>,
    slopes: Vec<f64>,
    next: Vec<f64>,
}

impl NetworkModel {
    /// Makes ready to explain rows.
    pub(crate) fn paths(&self) -> NetworkPaths {
        let (reference, bases) = self.forward(&self.reference);
        NetworkPaths {
            bases,
            sums: Vec::with_capacity(reference.len()),
            reference,
            columns: vec![0.0; self.encoding.width()],
            slopes: Vec::new(),
            next: Vec::new(),
        }
    }

    /// The sums of the hidden layers, and the margins, of encoded columns.
    fn forward(&self, columns: &[f64]) -> (Vec<Vec<f64>>, Vec<f64>) {
        let mut sums: Vec<Vec<f64>> = Vec::with_capacity(self.layers.len());
        let mut units = columns.to_vec();
        for layer in &self.layers {
            let mut out = Vec::with_capacity(layer.units());
            layer.forward(&units, &mut out);
            units = out.iter().map(|sum| sum.max(0.0)).collect();
            sums.push(out);
        }
        let margins = sums.pop().unwrap_or_default();
        (sums, margins)
    }

    /// What each feature adds to each margin, and the margins; `out` holds a value per margin and feature.
    pub(crate) fn contributions(
        &self,
        row: &[f64],
        paths: &mut NetworkPaths,
        out: &mut [f64],
        margins: &mut [f64],
    ) {
        // The margins are those of a prediction, to the bit.
        self.margins_row(row, &mut Room::default(), margins);
        self.encoding.encode_row(row, &mut paths.columns);
        (paths.sums, _) = self.forward(&paths.columns);
        let features = self.encoding.features.len().max(1);
        let Some((first, others)) = self.layers.split_first() else { return };
        for (margin, out) in out.chunks_exact_mut(features).enumerate() {
            // How much the margin moves with each unit of a layer, from the last layer to the first.
            paths.slopes.clear();
            paths.slopes.resize(self.margins(), 0.0);
            if let Some(slope) = paths.slopes.get_mut(margin) {
                *slope = 1.0;
            }
            let hidden = paths.sums.iter().zip(&paths.reference).rev();
            for (layer, (sums, reference)) in others.iter().rev().zip(hidden) {
                backward(layer, &paths.slopes, &mut paths.next);
                for (slope, (sum, from)) in paths.next.iter_mut().zip(sums.iter().zip(reference)) {
                    *slope *= moved(*sum, *from);
                }
                std::mem::swap(&mut paths.slopes, &mut paths.next);
            }
            backward(first, &paths.slopes, &mut paths.next);
            let mut columns = paths
                .columns
                .iter()
                .zip(&self.reference)
                .zip(&paths.next)
                .map(|((value, from), slope)| (value - from) * slope);
            for (out, feature) in out.iter_mut().zip(&self.encoding.features) {
                *out = columns.by_ref().take(feature.width()).sum();
            }
        }
    }
}

/// How much a margin moves with each input of a layer, from how much it moves with each unit.
fn backward(layer: &NetworkLayer, slopes: &[f64], out: &mut Vec<f64>) {
    out.clear();
    out.extend((0..layer.inputs()).map(|input| -> f64 {
        let weights = layer.of_input(input).iter().zip(slopes);
        weights.map(|(weight, slope)| f64::from(*weight) * slope).sum()
    }));
}

/// How much a rectified unit moved for what its sum moved; where that did not move, its slope.
fn moved(sum: f64, from: f64) -> f64 {
    let change = sum - from;
    if change.abs() > INFINITESIMAL {
        (sum.max(0.0) - from.max(0.0)) / change
    } else {
        f64::from(u8::from(sum > 0.0))
    }
}
