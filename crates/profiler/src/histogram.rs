//! Histograms of equal width.

use serde::Serialize;

/// Bins at most.
const BINS: usize = 30;

/// Rows by value, in bins of equal width.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Histogram {
    /// The bins, in order; none where there is no value.
    pub bins: Vec<Bin>,
}

/// Values from the lower end, included, up to the upper one, which is included in the last bin alone.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Bin {
    /// Lower end.
    pub low: f64,
    /// Upper end.
    pub high: f64,
    /// Number of values.
    pub count: u64,
}

impl Histogram {
    /// Of sorted finite values; by Freedman and Diaconis' rule, in 30 bins at most; whole numbers that lie close together have one each.
    #[must_use]
    pub fn of_sorted(sorted: &[f64], whole: bool) -> Self {
        let (Some(low), Some(high)) = (sorted.first().copied(), sorted.last().copied()) else {
            return Self::default();
        };
        if low >= high {
            return Self { bins: vec![Bin { low, high, count: sorted.len() as u64 }] };
        }
        let at = |share: f64| sorted.get((share * (sorted.len() - 1) as f64) as usize);
        let spread = at(0.75).zip(at(0.25)).map_or(0.0, |(upper, lower)| upper - lower);
        let width = 2.0 * spread / (sorted.len() as f64).cbrt();
        // Halves, because the difference of the ends may be more than a double holds.
        let half_range = high / 2.0 - low / 2.0;
        let wanted = half_range / (width / 2.0);
        let mut bins =
            if wanted.is_finite() { (wanted.ceil() as usize).clamp(1, BINS) } else { BINS };
        if whole && high - low < BINS as f64 {
            // A bin of each number that can be.
            bins = (high - low) as usize + 1;
        }
        let edge = |bin: usize| {
            let share = bin as f64 / bins as f64;
            low * (1.0 - share) + high * share
        };
        let mut from = 0;
        let bins = (0..bins).map(|bin| {
            let upper = edge(bin + 1);
            let to = if bin + 1 == bins {
                sorted.len()
            } else {
                sorted.partition_point(|value| *value < upper)
            };
            let count = (to - from) as u64;
            from = to;
            Bin { low: edge(bin), high: upper, count }
        });
        Self { bins: bins.collect() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_value_is_in_one_bin() {
        let values: Vec<f64> = (0..1000).map(|value| f64::from(value % 97)).collect();
        let mut sorted = values;
        sorted.sort_by(f64::total_cmp);
        let histogram = Histogram::of_sorted(&sorted, true);
        assert!(histogram.bins.len() > 5 && histogram.bins.len() <= BINS);
        assert_eq!(histogram.bins.iter().map(|bin| bin.count).sum::<u64>(), 1000);
        assert_eq!(Histogram::of_sorted(&[2.0, 2.0], false).bins.len(), 1);
        assert!(Histogram::of_sorted(&[], false).bins.is_empty());
        assert_eq!(Histogram::of_sorted(&[f64::MIN, f64::MAX], false).bins.len(), BINS);
        assert_eq!(Histogram::of_sorted(&[0.0, 1.0, 1.0], true).bins.len(), 2);
    }
}
