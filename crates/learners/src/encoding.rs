//! Features as a linear model sees them: numbers standardised, categories one column each.
//!
//! The encoding is `scoring`'s, so that training and serving encode alike; here it is fitted.

use scoring::{Encoding, LinearEncoding};
use tabular::FeatureMatrix;

use crate::sparse::Sparse;
use crate::{Examples, ParameterRange};

/// Most encoded values, zeros aside, that a linear model is fitted on; larger tables are thinned out evenly.
const MAX_VALUES: usize = 6_000_000;

/// Encoded rows to fit on, and what they should give.
pub(crate) struct EncodedRows {
    pub(crate) encoding: LinearEncoding,
    pub(crate) rows: Sparse,
    pub(crate) target: Vec<f64>,
    /// How much each row counts.
    pub(crate) weights: Vec<f64>,
}

/// Most bins of all features together; of many features each has fewer.
const MAX_BINS: usize = 2_000;

/// Most columns of all categories together; of many categories each has fewer, for its most frequent levels.
const MAX_ONE_HOT: usize = 4_000;
/// Every category has a column for at least so many of its levels.
const MIN_ONE_HOT: usize = 4;

/// Numbers are divided into this many bins of about as many rows each; into none where it is below 2.
pub(crate) const BINS: ParameterRange =
    ParameterRange { name: "bins", low: 0.0, high: 24.0, log: false, integer: true, default: 0.0 };

/// Fits the encoding on all rows and encodes them, or every n-th where all would take too much memory.
pub(crate) fn encoded(examples: &Examples, bins: usize) -> EncodedRows {
    let numbers = examples.categories.iter().filter(|codes| codes.is_none()).count();
    let bins = bins.min(MAX_BINS / numbers.max(1));
    let encoding = fit(examples, bins);
    // A category has one value in a row, a number one or up to as many as there are bins.
    let per_row = examples.categories.len() - numbers + numbers * bins.max(2);
    let most = (MAX_VALUES / per_row.max(1)).max(1);
    let step = examples.rows().div_ceil(most).max(1);
    let kept: Vec<usize> = (0..examples.rows()).step_by(step).collect();
    let thinned = if step == 1 { None } else { Some(examples.take(&kept)) };
    let examples = thinned.as_ref().unwrap_or(examples);
    EncodedRows {
        rows: Sparse::encoded(&encoding, &examples.features),
        encoding,
        target: examples.target.clone(),
        weights: (0..examples.rows()).map(|row| examples.weight(row)).collect(),
    }
}

fn fit(examples: &Examples, bins: usize) -> LinearEncoding {
    let categories = examples.categories.iter().flatten().count();
    let levels = (MAX_ONE_HOT / categories.max(1)).max(MIN_ONE_HOT);
    let levels = u32::try_from(levels).unwrap_or(u32::MAX);
    let encode = |(feature, categories): (usize, &Option<u32>)| match categories {
        Some(codes) => Encoding::OneHot { width: (*codes).min(levels) },
        None => piecewise(&examples.features, feature, bins)
            .unwrap_or_else(|| numeric(&examples.features, feature)),
    };
    LinearEncoding { features: examples.categories.iter().enumerate().map(encode).collect() }
}

/// Bins between quantiles; none where there would be fewer than two.
fn piecewise(features: &FeatureMatrix, feature: usize, bins: usize) -> Option<Encoding> {
    if bins < 2 {
        return None;
    }
    let mut values: Vec<f64> = features.feature(feature);
    let all = values.len();
    values.retain(|value| value.is_finite());
    let indicator = values.len() < all;
    values.sort_by(f64::total_cmp);
    let last = values.len().checked_sub(1)?;
    let mut edges: Vec<f64> =
        (0..=bins).filter_map(|bin| values.get(last * bin / bins).copied()).collect();
    edges.dedup();
    (edges.len() > 2).then_some(Encoding::Piecewise { edges, indicator })
}

/// Magnitude above which squares of numbers may be more than a double holds.
const HUGE: f64 = 1e150;

fn numeric(features: &FeatureMatrix, feature: usize) -> Encoding {
    let values = features.iter_rows().filter_map(|row| row.get(feature).copied());
    let finite = values.filter(|value| value.is_finite());
    let greatest = finite.fold(0.0_f64, |greatest, value| greatest.max(value.abs()));
    let unit = if greatest > HUGE { greatest } else { 1.0 };
    let mut count = 0.0;
    let mut mean = 0.0;
    let mut squares = 0.0;
    let mut missing = false;
    for row in features.iter_rows() {
        let value = row.get(feature).copied().unwrap_or(f64::NAN) / unit;
        missing |= value.is_nan();
        if value.is_finite() {
            count += 1.0;
            let off = value - mean;
            mean += off / count;
            squares += off * (value - mean);
        }
    }
    let deviation = if count > 0.0 { (squares / count).sqrt() } else { 0.0 };
    let scale = if deviation > 0.0 && deviation.is_finite() { deviation } else { 1.0 };
    let mean = if mean.is_finite() { mean } else { 0.0 };
    let scale = if unit > 1.0 { (scale * unit).min(f64::MAX) } else { scale };
    let mean = mean * unit;
    // A feature that is always missing has nothing that its indicator could tell apart.
    Encoding::Numeric { mean, scale, impute: mean, indicator: missing && count > 0.0 }
}

/// Values of the columns, summed up for each feature.
pub(crate) fn sum_by_feature(encoding: &LinearEncoding, columns: &[f64]) -> Vec<f64> {
    let mut rest = columns.iter();
    encoding.features.iter().map(|feature| rest.by_ref().take(feature.width()).sum()).collect()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test")]
    use super::*;

    #[test]
    fn numbers_are_standardised_and_categories_spread() {
        let nan = f64::NAN;
        let examples = Examples::new(
            FeatureMatrix::new(3, 3, vec![1.0, 0.0, 5.0, 3.0, 2.0, 5.0, nan, nan, 5.0]).unwrap(),
            vec![None, Some(3), None],
            vec![0.0; 3],
        );
        let encoded = encoded(&examples, 0);
        let rows: Vec<Vec<(usize, f64)>> =
            encoded.rows.lines().map(|line| line.iter().collect()).collect();
        assert_eq!(
            rows,
            [vec![(0, -1.0), (2, 1.0)], vec![(0, 1.0), (4, 1.0)], vec![(1, 1.0)]],
            "what is missing has the mean, which is 0, and an indicator"
        );
        let columns = encoded.rows.transposed();
        assert_eq!((columns.len(), columns.width()), (6, 3));
        let first: Vec<(usize, f64)> = columns.lines().next().unwrap().iter().collect();
        assert_eq!(first, [(0, -1.0), (1, 1.0)]);
        assert_eq!(columns.transposed(), encoded.rows);
        assert_eq!(
            sum_by_feature(&encoded.encoding, &[1.0, 2.0, 3.0, 4.0, 5.0, 6.0]),
            [3.0, 12.0, 6.0]
        );
    }
}
