//! Features as a network sees them: numbers divided into bins, categories one column each, every column about its mean.

use scoring::{Encoding, LinearEncoding};
use tabular::FeatureMatrix;

use crate::Examples;

/// Most columns of all numbers together; of many numbers each has fewer bins.
const MAX_BINS: usize = 1_024;
/// Most columns of all categories together; of many categories each has fewer, for its most frequent levels.
const MAX_ONE_HOT: usize = 1_024;
/// Every category has a column for at least so many of its levels.
const MIN_ONE_HOT: usize = 4;
/// Columns deviate by at least this much for a network, so that rare levels do not become large numbers.
const MIN_DEVIATION: f64 = 0.1;

/// Encoded rows about their means, divided by their deviations.
pub(super) struct Columns {
    pub(super) encoding: LinearEncoding,
    /// The mean of each column.
    pub(super) means: Vec<f64>,
    /// What each column is divided by.
    pub(super) scales: Vec<f64>,
    /// Row after row.
    pub(super) values: Vec<f32>,
}

impl Columns {
    /// Fits the encoding on the rows and encodes them.
    pub(super) fn fit(examples: &Examples, bins: usize) -> Self {
        let encoding = encoding(examples, bins);
        let width = encoding.width();
        let features = &examples.features;
        let rows = features.rows.max(1) as f64;
        let (mut sums, mut squares) = (vec![0.0; width], vec![0.0; width]);
        for row in features.iter_rows() {
            encoding.each(row, |column, value| {
                if let (Some(sum), Some(square)) = (sums.get_mut(column), squares.get_mut(column)) {
                    *sum += value;
                    *square += value * value;
                }
            });
        }
        let means: Vec<f64> = sums.into_iter().map(|sum| sum / rows).collect();
        let scale = |(square, mean): (f64, &f64)| {
            (square / rows - mean * mean).max(0.0).sqrt().max(MIN_DEVIATION)
        };
        let scales: Vec<f64> = squares.into_iter().zip(&means).map(scale).collect();
        let mut columns = Self { encoding, means, scales, values: Vec::new() };
        columns.values = columns.standardised(features);
        columns
    }

    /// Rows as the network sees them, one after the other.
    pub(super) fn standardised(&self, features: &FeatureMatrix) -> Vec<f32> {
        let width = self.means.len();
        let mut values = Vec::with_capacity(features.rows * width);
        let mut encoded = vec![0.0; width];
        for row in features.iter_rows() {
            self.encoding.encode_row(row, &mut encoded);
            let standard = encoded.iter().zip(&self.means).zip(&self.scales);
            values.extend(standard.map(|((value, mean), scale)| ((value - mean) / scale) as f32));
        }
        values
    }
}

/// Columns that an encoding of these examples has at most, before it is fitted.
pub(super) fn most_columns(examples: &Examples, bins: usize) -> usize {
    let numbers = examples.categories.iter().filter(|codes| codes.is_none()).count();
    let levels = most_levels(examples);
    let of_categories: usize =
        examples.categories.iter().flatten().map(|codes| (*codes).min(levels) as usize).sum();
    numbers * (bins_of(bins, numbers) + 1) + of_categories
}

fn bins_of(bins: usize, numbers: usize) -> usize {
    bins.min(MAX_BINS / numbers.max(1)).max(1)
}

fn most_levels(examples: &Examples) -> u32 {
    let categories = examples.categories.iter().flatten().count();
    u32::try_from((MAX_ONE_HOT / categories.max(1)).max(MIN_ONE_HOT)).unwrap_or(u32::MAX)
}

fn encoding(examples: &Examples, bins: usize) -> LinearEncoding {
    let numbers = examples.categories.iter().filter(|codes| codes.is_none()).count();
    let (bins, levels) = (bins_of(bins, numbers), most_levels(examples));
    let encode = |(feature, codes): (usize, &Option<u32>)| match codes {
        Some(codes) => Encoding::OneHot { width: (*codes).clamp(1, levels) },
        None => piecewise(&examples.features, feature, bins),
    };
    LinearEncoding { features: examples.categories.iter().enumerate().map(encode).collect() }
}

/// Bins between quantiles (piecewise linear encoding: Gorishniy, Rubachev and Babenko, "On Embeddings for Numerical Features in
/// Tabular Deep Learning", 2022): bounded, so that no value is far from all others. Where many rows share a value, further
/// edges are quantiles of the distinct ones.
fn piecewise(features: &FeatureMatrix, feature: usize, bins: usize) -> Encoding {
    let mut values = features.feature(feature);
    let all = values.len();
    values.retain(|value| value.is_finite());
    let indicator = values.len() < all;
    values.sort_by(f64::total_cmp);
    let mut edges = quantiles(&values, bins);
    if edges.len() <= bins / 2 {
        values.dedup();
        edges.extend(quantiles(&values, bins.div_ceil(2)));
        edges.sort_by(f64::total_cmp);
        edges.dedup();
    }
    match edges.as_slice() {
        [_, .., _] => Encoding::Piecewise { edges, indicator },
        // The same value wherever there is one: all that it can tell is that it is missing.
        other => {
            let mean = other.first().copied().unwrap_or(0.0);
            Encoding::Numeric { mean, scale: 1.0, impute: mean, indicator: true }
        }
    }
}

/// The values at the ends of so many parts of sorted ones, ascending and distinct.
fn quantiles(values: &[f64], parts: usize) -> Vec<f64> {
    let Some(last) = values.len().checked_sub(1) else { return Vec::new() };
    let mut edges: Vec<f64> =
        (0..=parts).filter_map(|part| values.get(last * part / parts.max(1)).copied()).collect();
    edges.dedup();
    edges
}
