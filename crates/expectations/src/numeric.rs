//! Sums, deviations and quantiles with the roundings of NumPy and pandas.

use crate::kind::Interpolation;

/// Values that are added one after another; more are added by halves.
const BLOCK: usize = 128;

/// The sum of numbers as NumPy adds them: by halves down to blocks of 128, and eight at a time within.
pub(crate) fn sum(values: &[f64]) -> f64 {
    if values.len() <= BLOCK {
        return block(values);
    }
    let half = values.len() / 2;
    let (left, right) = values.split_at(half - half % 8);
    sum(left) + sum(right)
}

fn block(values: &[f64]) -> f64 {
    let (eights, rest) = values.as_chunks::<8>();
    let first = match eights.split_first() {
        None => 0.0,
        Some((first, eights)) => {
            let mut sums = *first;
            for values in eights {
                for (sum, value) in sums.iter_mut().zip(values) {
                    *sum += value;
                }
            }
            let [a, b, c, d, e, f, g, h] = sums;
            ((a + b) + (c + d)) + ((e + f) + (g + h))
        }
    };
    rest.iter().fold(first, |sum, value| sum + value)
}

/// Moments of numbers of which `present` are no zeros that stand for missing values.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(crate) struct Moments {
    pub(crate) present: u64,
    pub(crate) sum: f64,
    /// Sum of the squared distances from the mean.
    squares: f64,
}

impl Moments {
    /// Of a column in order, NaN where a value is missing. The sums are taken over all rows, with zeros for missing values.
    pub(crate) fn of(values: &[f64]) -> Self {
        let present = values.iter().filter(|value| !value.is_nan()).count() as u64;
        let filled: Vec<f64> =
            values.iter().map(|value| if value.is_nan() { 0.0 } else { *value }).collect();
        let total = sum(&filled);
        let mean = total / present as f64;
        let squares: Vec<f64> = values
            .iter()
            .map(|value| if value.is_nan() { 0.0 } else { (mean - value) * (mean - value) })
            .collect();
        Self { present, sum: total, squares: sum(&squares) }
    }

    /// Of both parts.
    pub(crate) fn merged(self, other: Self) -> Self {
        if self.present == 0 || other.present == 0 {
            return if self.present == 0 { other } else { self };
        }
        let present = self.present + other.present;
        let apart = other.mean().unwrap_or(0.0) - self.mean().unwrap_or(0.0);
        let weight = self.present as f64 * other.present as f64 / present as f64;
        Self {
            present,
            sum: self.sum + other.sum,
            squares: self.squares + other.squares + apart * apart * weight,
        }
    }

    /// The mean; none of nothing.
    pub(crate) fn mean(self) -> Option<f64> {
        (self.present > 0).then(|| self.sum / self.present as f64)
    }

    /// The standard deviation of a sample, by n - 1; none of fewer than two values, or where it is no number.
    pub(crate) fn deviation(self) -> Option<f64> {
        let degrees = self.present.checked_sub(1).filter(|degrees| *degrees > 0)?;
        Some((self.squares / degrees as f64).sqrt()).filter(|deviation| !deviation.is_nan())
    }
}

/// A quantile of sorted numbers, for a share from 0 to 1; none of nothing.
pub(crate) fn quantile(sorted: &[f64], share: f64, interpolation: Interpolation) -> Option<f64> {
    let last = sorted.len().checked_sub(1)?;
    let place = last as f64 * share;
    let at = |place: f64| sorted.get((place as usize).min(last)).copied();
    let between = |part: f64| {
        let (below, above) = (at(place.floor())?, at(place.ceil())?);
        let distance = above - below;
        Some(if part >= 0.5 { above - distance * (1.0 - part) } else { below + distance * part })
    };
    match interpolation {
        Interpolation::Nearest => at(place.round_ties_even()),
        Interpolation::Lower => at(place.floor()),
        Interpolation::Higher => at(place.ceil()),
        Interpolation::Linear => between(place.fract()),
        Interpolation::Midpoint => between(if place.fract() == 0.0 { 0.0 } else { 0.5 }),
    }
}

/// The middle of sorted numbers, or the mean of the two in the middle.
pub(crate) fn median(sorted: &[f64]) -> Option<f64> {
    let above = sorted.get(sorted.len() / 2)?;
    if sorted.len() % 2 == 1 {
        return Some(*above);
    }
    let below = sorted.get(sorted.len() / 2 - 1)?;
    Some((below + above) / 2.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Of NumPy 2.4.6: `numpy.sum([0.1 * i for i in range(1000)])` and the like.
    #[test]
    fn sums_are_those_of_numpy() {
        let values: Vec<f64> = (0..1000).map(|i| 0.1 * f64::from(i)).collect();
        assert_eq!(sum(&values), 49950.0);
        let moments = Moments::of(&values);
        assert_eq!(moments.mean(), Some(49.95));
        let parts = values.chunks(77).map(Moments::of).fold(Moments::default(), Moments::merged);
        assert!((parts.deviation().unwrap() - moments.deviation().unwrap()).abs() < 1e-12);
    }

    /// Of pandas 3.1.1: `Series([1, 2, 3, 4]).quantile(q, interpolation=…)`.
    #[test]
    fn quantiles_are_those_of_pandas() {
        let sorted = [1.0, 2.0, 3.0, 4.0];
        for (share, interpolation, expected) in [
            (0.5, Interpolation::Nearest, 3.0),
            (0.1, Interpolation::Nearest, 1.0),
            (0.5, Interpolation::Linear, 2.5),
            (0.5, Interpolation::Lower, 2.0),
            (1.0 / 3.0, Interpolation::Lower, 2.0),
            (0.5, Interpolation::Higher, 3.0),
            (0.4, Interpolation::Midpoint, 2.5),
            (1.0, Interpolation::Linear, 4.0),
        ] {
            assert_eq!(
                quantile(&sorted, share, interpolation),
                Some(expected),
                "{share} {interpolation:?}"
            );
        }
        assert_eq!(quantile(&[], 0.5, Interpolation::Nearest), None);
        assert_eq!(median(&sorted), Some(2.5));
    }
}
