//! Distances between the shares of two sides, and chi-square tests of their counts.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::special::chi_square_sf;

/// Result of a Pearson chi-square test.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct ChiSquare {
    /// The statistic; none where it is infinite, as where rows are found that none were expected of.
    pub statistic: Option<f64>,
    /// P of a statistic at least as great; none where there is nothing to test.
    pub p_value: Option<f64>,
    /// Degrees of freedom.
    pub degrees: usize,
}

/// Rows as shares of their sum; none where there are no rows.
pub(crate) fn shares(rows: &[f64]) -> Option<Vec<f64>> {
    let total: f64 = rows.iter().sum();
    (total > 0.0).then(|| rows.iter().map(|rows| rows / total).collect())
}

/// Rows as shares of their sum, with `added` rows more in each cell, so that no share is 0.
#[must_use]
pub fn shares_with_added(rows: &[f64], added: f64) -> Vec<f64> {
    let total = rows.iter().sum::<f64>() + added * rows.len() as f64;
    rows.iter().map(|rows| (rows + added) / total).collect()
}

/// The population stability index of two sides' shares by cell: `Σ (r - c) ln(r / c)`; the same with the sides exchanged.
///
/// The caller smooths the shares: a cell that is empty on one side alone makes the index infinite.
#[must_use]
pub fn population_stability(reference: &[f64], current: &[f64]) -> f64 {
    reference.iter().zip(current).map(|(r, c)| (r - c) * (r / c).ln()).sum()
}

/// Shares with at least this in each.
pub(crate) fn floored(shares: &[f64], floor: f64) -> Vec<f64> {
    shares.iter().map(|share| share.max(floor)).collect()
}

/// `Σ p ln(p / q)`, where nothing times whatever is nothing.
fn relative_entropy(p: &[f64], q: impl Iterator<Item = f64>) -> f64 {
    p.iter().zip(q).map(|(p, q)| if *p > 0.0 { p * (p / q).ln() } else { 0.0 }).sum()
}

fn normalised(weights: &[f64]) -> Vec<f64> {
    let total: f64 = weights.iter().sum();
    weights.iter().map(|weight| weight / total).collect()
}

/// The Jensen-Shannon distance with the natural logarithm: the root of the divergence.
pub(crate) fn jensen_shannon(reference: &[f64], current: &[f64]) -> f64 {
    let (p, q) = (normalised(reference), normalised(current));
    let middle: Vec<f64> = p.iter().zip(&q).map(|(p, q)| (p + q) / 2.0).collect();
    let left = relative_entropy(&p, middle.iter().copied());
    let right = relative_entropy(&q, middle.iter().copied());
    ((left + right) / 2.0).max(0.0).sqrt()
}

/// The divergence of Kullback and Leibler of the reference from the current side, with the natural logarithm.
pub(crate) fn kullback_leibler(reference: &[f64], current: &[f64]) -> f64 {
    relative_entropy(&normalised(reference), normalised(current).into_iter())
}

/// Cramér's V of the table of both sides, as if both had as many rows: `√(½ Σ (r - c)² / (r + c))`, from 0 to 1.
pub(crate) fn cramers_v(reference: &[f64], current: &[f64]) -> f64 {
    let sum: f64 = reference
        .iter()
        .zip(current)
        .filter(|(r, c)| *r + *c > 0.0)
        .map(|(r, c)| (r - c) * (r - c) / (r + c))
        .sum();
    (0.5 * sum).sqrt()
}

/// The test of independence of the 2 × k table of both sides, without correction. Cells without any row do not count.
pub(crate) fn contingency(reference: &[f64], current: &[f64]) -> Option<ChiSquare> {
    let (m, n): (f64, f64) = (reference.iter().sum(), current.iter().sum());
    if m <= 0.0 || n <= 0.0 {
        return None;
    }
    let (mut statistic, mut cells) = (0.0, 0_usize);
    for (r, c) in reference.iter().zip(current) {
        let both = r + c;
        if both > 0.0 {
            cells += 1;
            let (expected_r, expected_c) = (both * m / (m + n), both * n / (m + n));
            statistic += (r - expected_r).powi(2) / expected_r;
            statistic += (c - expected_c).powi(2) / expected_c;
        }
    }
    let degrees = cells.saturating_sub(1);
    // A single cell leaves nothing that could differ.
    let p_value = if degrees == 0 { Some(1.0) } else { chi_square_sf(statistic, degrees) };
    Some(ChiSquare { statistic: Some(statistic), p_value, degrees })
}

/// The test of the current counts against the reference's shares, which are taken as known.
pub(crate) fn against_reference(reference: &[f64], current: &[f64]) -> Option<ChiSquare> {
    let (m, n): (f64, f64) = (reference.iter().sum(), current.iter().sum());
    if m <= 0.0 || n <= 0.0 {
        return None;
    }
    let statistic: f64 = reference
        .iter()
        .zip(current)
        .map(|(r, c)| {
            let expected = r * n / m;
            (c - expected).powi(2) / expected
        })
        .sum();
    let degrees = reference.len().saturating_sub(1);
    let p_value = chi_square_sf(statistic, degrees);
    Some(ChiSquare {
        statistic: Some(statistic).filter(|value| value.is_finite()),
        p_value,
        degrees,
    })
}

/// Neighbouring cells as one until each side expects at least `least` rows in it: `χ²` is not to be trusted below.
pub(crate) fn pooled(reference: &[f64], current: &[f64], least: f64) -> (Vec<f64>, Vec<f64>) {
    let (m, n): (f64, f64) = (reference.iter().sum(), current.iter().sum());
    let smaller = m.min(n) / (m + n).max(1.0);
    let mut cells: Vec<(f64, f64)> = Vec::new();
    let mut open = (0.0, 0.0);
    for (r, c) in reference.iter().zip(current) {
        open = (open.0 + r, open.1 + c);
        if (open.0 + open.1) * smaller >= least {
            cells.push(std::mem::take(&mut open));
        }
    }
    match cells.last_mut() {
        Some(last) => *last = (last.0 + open.0, last.1 + open.1),
        None => cells.push(open),
    }
    cells.into_iter().unzip()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_sided_cells_are_borne() {
        let (r, c) = ([5.0, 5.0, 0.0], [7.0, 0.0, 3.0]);
        // scipy.stats.chi2_contingency and chisquare
        let both = contingency(&r, &c).unwrap();
        assert!((both.statistic.unwrap() - 8.333333333333334).abs() < 1e-12);
        assert_eq!(both.degrees, 2);
        let one = against_reference(&r, &c).unwrap();
        assert_eq!((one.statistic, one.p_value), (None, Some(0.0)));
        assert!(jensen_shannon(&[1.0, 0.0], &[0.0, 1.0]) - 2.0_f64.ln().sqrt() < 1e-15);
        assert_eq!(cramers_v(&[1.0, 0.0], &[0.0, 1.0]), 1.0);
    }

    #[test]
    fn a_single_category_has_nothing_to_differ_in() {
        assert_eq!(contingency(&[5.0], &[6.0]).unwrap().p_value, Some(1.0));
        assert_eq!(against_reference(&[5.0], &[6.0]).unwrap().p_value, None);
        assert_eq!(contingency(&[0.0], &[6.0]), None);
    }

    #[test]
    fn cells_are_pooled_until_enough_is_expected() {
        let (r, c) = pooled(&[3.0, 3.0, 10.0, 1.0], &[3.0, 3.0, 10.0, 1.0], 5.0);
        assert_eq!((r, c), (vec![6.0, 11.0], vec![6.0, 11.0]));
        assert_eq!(pooled(&[1.0], &[1.0], 5.0), (vec![1.0], vec![1.0]));
        assert_eq!(pooled(&[], &[], 5.0), (vec![0.0], vec![0.0]));
    }
}
