//! The functions of the statistics in the table: a value, and the effect that is held against its limits.

use super::distribution::{Distribution, area_between};
use super::report::Statistic;
use super::shares;

/// Least share of a bin or a category, so that the stability index stays finite.
const MIN_SHARE: f64 = 1e-4;
/// The mean square of Kolmogorov's limit: π² / 12.
const KOLMOGOROV_SQUARE: f64 = std::f64::consts::PI * std::f64::consts::PI / 12.0;

/// Two sides of a column, as the functions see them.
pub(crate) struct Sides<'a> {
    /// The reference's shares of the rows, by bins or categories.
    pub(crate) reference: &'a [f64],
    /// The current shares of the rows, by the same ones.
    pub(crate) current: &'a [f64],
    /// What chance brings on average: `1 / m + 1 / n`, the unit of the variance of a difference of shares.
    pub(crate) scatter: f64,
    /// The same over all bins or categories: times one less than there are with rows.
    pub(crate) chance: f64,
    /// The numbers; none in a column of categories.
    pub(crate) numbers: Option<Numbers<'a>>,
}

/// Two sides of a numeric column.
pub(crate) struct Numbers<'a> {
    pub(crate) reference: &'a Distribution,
    pub(crate) current: &'a Distribution,
    /// Standard deviation of the reference.
    pub(crate) deviation: Option<f64>,
    /// Greatest distance of the cumulative shares.
    pub(crate) difference: f64,
}

/// What a statistic comes to.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Measured {
    /// As it is, before any correction.
    pub(crate) value: f64,
    /// Less what chance alone brings; none where it is not defined.
    pub(crate) effect: Option<f64>,
}

/// Every statistic of distributions that is defined for these sides, in the order of the table.
pub(crate) fn all(sides: &Sides<'_>) -> Vec<(Statistic, Measured)> {
    let measure = |statistic: &Statistic| Some((*statistic, statistic.measure(sides)?));
    Statistic::OF_DISTRIBUTIONS.iter().filter_map(measure).collect()
}

/// A value whose square is greater by `chance` than without drift.
fn rooted(value: f64, chance: f64) -> Measured {
    Measured { value, effect: Some((value * value - chance).max(0.0).sqrt()) }
}

pub(crate) fn psi(sides: &Sides<'_>) -> Option<Measured> {
    let floored = |of| shares::floored(of, MIN_SHARE);
    let value = shares::population_stability(&floored(sides.reference), &floored(sides.current));
    Some(Measured { value, effect: Some((value - sides.chance).max(0.0)) })
}

pub(crate) fn jensen_shannon(sides: &Sides<'_>) -> Option<Measured> {
    let value = shares::jensen_shannon(sides.reference, sides.current);
    Some(rooted(value, sides.chance / 8.0))
}

pub(crate) fn kolmogorov_smirnov(sides: &Sides<'_>) -> Option<Measured> {
    let numbers = sides.numbers.as_ref()?;
    Some(rooted(numbers.difference, KOLMOGOROV_SQUARE * sides.scatter))
}

pub(crate) fn wasserstein(sides: &Sides<'_>) -> Option<Measured> {
    let numbers = sides.numbers.as_ref()?;
    let value = area_between(numbers.reference, numbers.current);
    let normed = numbers.deviation.map(|deviation| value / deviation);
    let effect = normed.filter(|normed| normed.is_finite());
    value.is_finite().then_some(Measured { value, effect })
}

pub(crate) fn cramers_v(sides: &Sides<'_>) -> Option<Measured> {
    let value = shares::cramers_v(sides.reference, sides.current);
    Some(rooted(value, sides.chance / 4.0))
}
