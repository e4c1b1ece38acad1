//! Which features say the same, up to scale and offset, found without comparing all rows of all pairs.
//!
//! Each feature is standardised and its rows are added up, with signs that look random, into a few numbers: its sketch. The
//! cosine of two sketches is the features' correlation `r` with a standard error of `(1 - r²) / √128` (Charikar, Chen and
//! Farach-Colton, "Finding frequent items in data streams"), so that hardly a pair has to be looked at row by row.

use crate::association::pearson;

/// Numbers of a sketch.
const WIDTH: usize = 128;
/// What a sketch may be off by, near the limits that are asked for: more than five standard errors.
const SLACK: f64 = 0.05;
/// Rows times pairs that are looked at row by row; then sketches alone decide.
const WORK: usize = 300_000_000;
/// Most rows of which only one of two features is missing.
const DIFFERENTLY_MISSING: f64 = 0.05;

/// A standardised feature in few numbers.
#[derive(Clone, Debug, PartialEq)]
pub struct Sketch {
    /// Of length 1; none where the feature does not vary.
    direction: Option<Vec<f64>>,
}

impl Sketch {
    /// The sketch of a feature. Missing values count as its mean.
    #[must_use]
    pub fn from_values(values: &[f64]) -> Self {
        let mut sums = vec![0.0; WIDTH];
        let present = || values.iter().copied().filter(|value| value.is_finite());
        let count = present().count() as f64;
        // Each value is divided first where their sum is more than a double holds.
        let sum = present().sum::<f64>();
        let mean =
            if sum.is_finite() { sum / count } else { present().map(|value| value / count).sum() };
        let scale = present().fold(0.0_f64, |most, value| most.max((value - mean).abs()));
        for (row, value) in values.iter().enumerate().filter(|(_, value)| value.is_finite()) {
            let mixed = mixed(row as u64);
            let part = (value - mean) / scale;
            if let Some(sum) = sums.get_mut((mixed >> 1) as usize % WIDTH) {
                *sum += if mixed & 1 == 0 { part } else { -part };
            }
        }
        let length = dot(&sums, &sums).sqrt();
        if !(length.is_finite() && length > 0.0) {
            return Self { direction: None };
        }
        Self { direction: Some(sums.into_iter().map(|sum| sum / length).collect()) }
    }

    /// About the correlation of two features of the same rows; 0 where one does not vary.
    #[must_use]
    pub fn correlation(&self, other: &Self) -> f64 {
        match (&self.direction, &other.direction) {
            (Some(a), Some(b)) => dot(a, b),
            _ => 0.0,
        }
    }
}

/// Finds the feature that another one repeats.
#[derive(Debug)]
pub(super) struct Repeats<'a> {
    kept: Vec<(usize, &'a [f64], Sketch)>,
    work: usize,
}

impl Default for Repeats<'_> {
    fn default() -> Self {
        Self { kept: Vec::new(), work: WORK }
    }
}

impl<'a> Repeats<'a> {
    /// The first feature kept that these values repeat, whose |correlation| with them exceeds the limit and which is missing in
    /// the same rows; where there is none, they are kept under that place.
    pub(super) fn keep_or_find(
        &mut self,
        place: usize,
        values: &'a [f64],
        limit: f64,
    ) -> Option<usize> {
        let sketch = Sketch::from_values(values);
        for (other, kept, of_kept) in &self.kept {
            let about = sketch.correlation(of_kept).abs();
            if about <= limit - SLACK {
                continue;
            }
            let repeats = if self.work >= values.len() {
                self.work -= values.len();
                redundant(values, kept, limit)
            } else {
                about > limit
            };
            if repeats {
                return Some(*other);
            }
        }
        self.kept.push((place, values, sketch));
        None
    }
}

/// Whether two features say the same: they correlate, and are missing in the same rows.
fn redundant(a: &[f64], b: &[f64], limit: f64) -> bool {
    let differing = a.iter().zip(b).filter(|(a, b)| a.is_nan() != b.is_nan()).count();
    // Where one is there and the other is not, each says something of its own.
    differing as f64 <= DIFFERENTLY_MISSING * a.len() as f64
        && pearson(a, b).is_some_and(|r| r.abs() > limit)
}

/// A number that looks random (SplitMix64).
fn mixed(row: u64) -> u64 {
    let mut mixed = row.wrapping_add(1).wrapping_mul(0x9E37_79B9_7F4A_7C15);
    mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    mixed ^ (mixed >> 31)
}

/// A product of two lists of the same length, in eight sums side by side.
fn dot(a: &[f64], b: &[f64]) -> f64 {
    let mut sums = [0.0; 8];
    for (a, b) in a.chunks(8).zip(b.chunks(8)) {
        for ((sum, a), b) in sums.iter_mut().zip(a).zip(b) {
            *sum += a * b;
        }
    }
    sums.iter().sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn noise(row: usize, salt: u64) -> f64 {
        mixed(row as u64 * 1000 + salt) as f64 / u64::MAX as f64 - 0.5
    }

    fn numbers(rows: usize, of: impl Fn(usize) -> f64) -> Vec<f64> {
        (0..rows).map(of).collect()
    }

    #[test]
    fn sketches_have_the_correlation_of_their_features() {
        for rows in [300, 5000] {
            for share in [0.0, 0.5, 0.8, 0.95, 1.0] {
                for salt in 0..20 {
                    let a = numbers(rows, |row| noise(row, salt));
                    let rest = (1.0_f64 - share * share).sqrt();
                    let b = numbers(rows, |row| {
                        -3.0 * (share * noise(row, salt) + rest * noise(row, salt + 500)) + 7.0
                    });
                    let exact = pearson(&a, &b).unwrap_or(0.0);
                    let about = Sketch::from_values(&a).correlation(&Sketch::from_values(&b));
                    let error = (1.0 - exact * exact) / (WIDTH as f64).sqrt();
                    assert!((about - exact).abs() <= 5.0 * error + 1e-9, "{about} for {exact}");
                }
            }
        }
    }

    #[test]
    fn what_does_not_vary_repeats_nothing() {
        let (one, none) = ([1.0; 50], [f64::NAN; 50]);
        let a = numbers(50, |row| noise(row, 1));
        for still in [&one, &none] {
            assert_eq!(Sketch::from_values(still).correlation(&Sketch::from_values(&a)), 0.0);
        }
    }

    #[test]
    fn sparse_features_that_are_the_same_are_found() {
        let rare = |row: usize| if row % 977 == 5 { 1.0 + noise(row, 2) } else { 0.0 };
        let (a, b) = (numbers(5000, rare), numbers(5000, |row| 4.0 - 2.0 * rare(row)));
        let other = numbers(5000, |row| if row % 977 == 6 { 1.0 } else { 0.0 });
        let mut repeats = Repeats::default();
        assert_eq!(repeats.keep_or_find(0, &a, 0.95), None);
        assert_eq!(repeats.keep_or_find(1, &other, 0.95), None);
        assert_eq!(repeats.keep_or_find(2, &b, 0.95), Some(0));
    }

    #[test]
    fn what_is_missing_elsewhere_says_something_of_its_own() {
        let a = numbers(500, |row| noise(row, 1));
        let gaps = numbers(500, |row| if row % 9 == 0 { f64::NAN } else { noise(row, 1) });
        let mut repeats = Repeats::default();
        assert_eq!(repeats.keep_or_find(0, &a, 0.95), None);
        assert_eq!(repeats.keep_or_find(1, &gaps, 0.95), None);
        assert_eq!(repeats.keep_or_find(2, &a, 0.95), Some(0));
    }
}
