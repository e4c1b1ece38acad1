//! Evidently's own definitions (0.7), as far as they differ from SciPy's.

use super::distribution::Distribution;
use super::exact::Evidently;
use super::observed::Numbers;
use super::shares::{jensen_shannon, kullback_leibler, population_stability};

/// Most different values of the reference up to which each is a bin of its own.
const FEW_VALUES: usize = 20;
/// Put in the place of no rows, unless the least share is not greater.
const SMALL_SHARE: f64 = 1e-4;
/// Least standard deviation that a distance is divided by.
const MIN_DEVIATION: f64 = 0.001;

/// The statistics of a numeric column, neither side empty.
pub(crate) fn of_numbers(
    reference: &Numbers,
    current: &Numbers,
    ks: f64,
    distance: Option<f64>,
) -> Evidently {
    let (r, c) = (&reference.distribution, &current.distribution);
    let (r_rows, c_rows) = if r.knots().len() > FEW_VALUES {
        let whole = reference.whole && current.whole;
        let edges = pooled_edges(r, c, whole);
        (histogram(r, &edges), histogram(c, &edges))
    } else {
        by_value(r, c)
    };
    let share = |rows: Vec<f64>, of: f64| -> Vec<f64> { rows.iter().map(|x| x / of).collect() };
    let of_shares = of_shares(&share(r_rows, r.rows()), &share(c_rows, c.rows()), None);
    let norm = reference.deviation.map(|deviation| deviation.max(MIN_DEVIATION));
    Evidently {
        ks: Some(ks),
        wasserstein: distance.zip(norm).map(|(distance, norm)| distance / norm),
        ..of_shares
    }
}

/// The statistics of shares of bins or categories.
pub(crate) fn of_shares(reference: &[f64], current: &[f64], chisquare: Option<f64>) -> Evidently {
    let (r, c) = (filled(reference), filled(current));
    Evidently {
        psi: Some(population_stability(&r, &c)),
        jensenshannon: Some(jensen_shannon(reference, current)),
        kl_div: Some(kullback_leibler(&r, &c)),
        ks: None,
        wasserstein: None,
        chisquare,
    }
}

/// Shares with a small one in the place of none.
fn filled(shares: &[f64]) -> Vec<f64> {
    let least = shares.iter().copied().filter(|share| *share != 0.0).fold(f64::INFINITY, f64::min);
    let small = if least <= SMALL_SHARE { least / 1e6 } else { SMALL_SHARE };
    shares.iter().map(|share| if *share == 0.0 { small } else { *share }).collect()
}

/// Sturges' bins of equal width over both sides together, as numpy makes them.
fn pooled_edges(reference: &Distribution, current: &Distribution, whole: bool) -> Vec<f64> {
    let (Some((a, b)), Some((c, d))) = (reference.range(), current.range()) else {
        return Vec::new();
    };
    let (mut first, mut last) = (a.min(c), b.max(d));
    let mut width = (last - first) / ((reference.rows() + current.rows()).log2() + 1.0);
    if first == last {
        (first, last) = (first - 0.5, last + 0.5);
    }
    if whole && width > 0.0 {
        width = width.max(1.0);
    }
    let bins = if width > 0.0 { ((last - first) / width).ceil().max(1.0) } else { 1.0 };
    let step = (last - first) / bins;
    let mut edges: Vec<f64> = (0..bins as usize).map(|edge| edge as f64 * step + first).collect();
    edges.push(last);
    edges
}

/// Rows from each edge to the next, the last edge with the last bin.
fn histogram(of: &Distribution, edges: &[f64]) -> Vec<f64> {
    let ends = edges.len().saturating_sub(1);
    let upto: Vec<f64> = edges
        .iter()
        .enumerate()
        .map(|(edge, x)| if edge == ends { of.upto(*x) } else { of.below(*x) })
        .collect();
    upto.windows(2)
        .map(|pair| match pair {
            [from, to] => to - from,
            _ => 0.0,
        })
        .collect()
}

/// Rows of each value of either side.
fn by_value(reference: &Distribution, current: &Distribution) -> (Vec<f64>, Vec<f64>) {
    let mut values: Vec<f64> =
        reference.knots().iter().chain(current.knots()).map(|knot| knot.x).collect();
    values.sort_unstable_by(f64::total_cmp);
    values.dedup();
    let rows = |of: &Distribution| values.iter().map(|x| of.upto(*x) - of.below(*x)).collect();
    (rows(reference), rows(current))
}
