//! Moments, quantiles and histograms of sorted numbers.

use super::{HistogramBin, NumericProfile, QUANTILE_SHARES};

/// Bins of a histogram, where the values allow that many.
const BINS: usize = 10;

/// Magnitude above which cubes of numbers, or their sums, may be more than a double holds, so that they are scaled.
const HUGE: f64 = 1e90;

/// Describes sorted finite numbers; none where there are none. All that it says is finite, however great the numbers.
pub(super) fn describe(sorted: &[f64]) -> Option<NumericProfile> {
    let (min, max) = (*sorted.first()?, *sorted.last()?);
    let Moments { mean, std, skewness } = moments(sorted);
    Some(NumericProfile {
        mean,
        std,
        min,
        max,
        zeros: zeros(sorted),
        quantiles: QUANTILE_SHARES
            .into_iter()
            .filter_map(|share| Some((share, quantile(sorted, share)?)))
            .collect(),
        skewness,
        histogram: histogram(sorted),
    })
}

fn zeros(sorted: &[f64]) -> u64 {
    let below = sorted.partition_point(|value| *value < 0.0);
    let up_to = sorted.partition_point(|value| *value <= 0.0);
    (up_to - below) as u64
}

struct Moments {
    mean: f64,
    std: f64,
    skewness: f64,
}

fn moments(sorted: &[f64]) -> Moments {
    let greatest = sorted.iter().fold(0.0_f64, |greatest, value| greatest.max(value.abs()));
    if greatest > HUGE {
        // A power of two, so that nothing is rounded but what is too small to count.
        let scale = 2_f64.powi((greatest.log2().floor() as i32).min(f64::MAX_EXP - 1));
        let scaled: Vec<f64> = sorted.iter().map(|value| value / scale).collect();
        let of = moments(&scaled);
        let whole = |value: f64| (value * scale).clamp(f64::MIN, f64::MAX);
        return Moments { mean: whole(of.mean), std: whole(of.std), skewness: of.skewness };
    }
    let count = sorted.len() as f64;
    // Deviations are taken from a value in the middle, so that large offsets (times) cost no precision.
    let origin = sorted.get(sorted.len() / 2).copied().unwrap_or(0.0);
    let shift = sorted.iter().map(|value| value - origin).sum::<f64>() / count;
    let mean = origin + shift;
    let (mut second, mut third) = (0.0, 0.0);
    for value in sorted {
        let deviation = (value - origin) - shift;
        second += deviation * deviation;
        third += deviation * deviation * deviation;
    }
    let std = if sorted.len() > 1 { (second / (count - 1.0)).sqrt() } else { 0.0 };
    let spread = (second / count).sqrt();
    let skewness = if spread > 0.0 { third / count / spread.powi(3) } else { 0.0 };
    Moments { mean, std, skewness: if skewness.is_finite() { skewness } else { 0.0 } }
}

/// A quantile of sorted values, interpolated between neighbours.
pub(super) fn quantile(sorted: &[f64], share: f64) -> Option<f64> {
    let last = sorted.len().checked_sub(1)?;
    let place = share.clamp(0.0, 1.0) * last as f64;
    let (below, above) = (sorted.get(place.floor() as usize)?, sorted.get(place.ceil() as usize)?);
    let (share, reach) = (place.fract(), above - below);
    // Neighbours of opposite signs near the greatest doubles differ by more than there is.
    Some(if reach.is_finite() {
        below + reach * share
    } else {
        below * (1.0 - share) + above * share
    })
}

/// Bins of about equally many values; fewer where values repeat much. The ends are open.
fn histogram(sorted: &[f64]) -> Vec<HistogramBin> {
    let mut edges: Vec<f64> = (1..BINS)
        .filter_map(|bin| sorted.get((bin * sorted.len() / BINS).saturating_sub(1)).copied())
        .collect();
    edges.dedup();
    edges.retain(|edge| Some(edge) != sorted.last());
    let mut below = 0;
    let mut bins = Vec::with_capacity(edges.len() + 1);
    for edge in edges {
        let up_to = sorted.partition_point(|value| *value <= edge);
        bins.push(HistogramBin { upper: Some(edge), count: (up_to - below) as u64 });
        below = up_to;
    }
    bins.push(HistogramBin { upper: None, count: (sorted.len() - below) as u64 });
    bins
}
