//! The quality score of a table.

use serde::{Deserialize, Serialize};

/// The dimensions of quality, each from 0 to 1.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Dimensions {
    /// Share of the cells that hold a value.
    pub completeness: f64,
    /// Share of the cells that are what their column's type and expectations say.
    pub validity: f64,
    /// Share of the checks across columns and splits that hold.
    pub consistency: f64,
    /// Share of the rows that are no repetition.
    pub uniqueness: f64,
    /// How current the data are; 1 where no time is known.
    pub timeliness: f64,
}

impl Dimensions {
    /// Name and weight of each dimension.
    pub const WEIGHTS: [(&'static str, f64); 5] = [
        ("completeness", 0.25),
        ("validity", 0.25),
        ("consistency", 0.20),
        ("uniqueness", 0.15),
        ("timeliness", 0.15),
    ];

    /// Name and value of each dimension.
    #[must_use]
    pub fn named(&self) -> [(&'static str, f64); 5] {
        let Self { completeness, validity, consistency, uniqueness, timeliness } = *self;
        let values = [completeness, validity, consistency, uniqueness, timeliness];
        let mut named = Self::WEIGHTS;
        for (pair, value) in named.iter_mut().zip(values) {
            pair.1 = value;
        }
        named
    }
}

/// The weighted mean of the dimensions. A dimension outside 0 to 1 counts as the nearer end, NaN as 0.
#[must_use]
pub fn score(dimensions: &Dimensions) -> f64 {
    let bounded = |value: f64| if value.is_nan() { 0.0 } else { value.clamp(0.0, 1.0) };
    let weighted = dimensions.named().into_iter().zip(Dimensions::WEIGHTS);
    weighted.map(|((_, value), (_, weight))| bounded(value) * weight).sum()
}

/// Share of the cells that hold a value.
#[must_use]
pub fn completeness(profile: &crate::Profile) -> f64 {
    let (count, missing) = profile
        .columns
        .iter()
        .fold((0, 0), |sum, column| (sum.0 + column.count, sum.1 + column.missing));
    if count + missing == 0 { 0.0 } else { count as f64 / (count + missing) as f64 }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn weights_add_up_and_bad_values_do_not_help() {
        let all = |value| Dimensions {
            completeness: value,
            validity: value,
            consistency: value,
            uniqueness: value,
            timeliness: value,
        };
        assert!((score(&all(1.0)) - 1.0).abs() < 1e-12);
        assert!((score(&all(7.0)) - 1.0).abs() < 1e-12);
        assert!(score(&all(f64::NAN)).abs() < 1e-12);
        let half = Dimensions { completeness: 0.5, ..all(1.0) };
        assert!((score(&half) - 0.875).abs() < 1e-12);
    }
}
