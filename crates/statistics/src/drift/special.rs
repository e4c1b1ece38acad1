//! Tails of the distributions that the tests need.

use statrs::distribution::{ChiSquared, ContinuousCDF};
use statrs::function::gamma::ln_gamma;

/// Smallest number of expected rows in every cell of a 2×2 table for which the normal approximation is used.
const NORMAL_FROM: f64 = 10.0;
/// Terms of a hypergeometric tail that are summed at most.
const MAX_TERMS: u64 = 100_000;

/// P(X ≥ statistic) of a chi-square variable.
///
/// None without degrees of freedom, where there is nothing to test.
pub(crate) fn chi_square_sf(statistic: f64, degrees: usize) -> Option<f64> {
    if degrees == 0 || statistic.is_nan() {
        return None;
    }
    if statistic <= 0.0 {
        return Some(1.0);
    }
    if statistic.is_infinite() {
        return Some(0.0);
    }
    let distribution = ChiSquared::new(degrees as f64).ok()?;
    Some(distribution.sf(statistic).clamp(0.0, 1.0))
}

/// What remains of `ln n!` after Stirling's formula: `ln n! - (n + ½) ln n + n - ½ ln 2π`.
fn stirling_rest(n: f64) -> f64 {
    if n < 16.0 {
        let half_ln_two_pi = 0.5 * (2.0 * std::f64::consts::PI).ln();
        return ln_gamma(n + 1.0) - (n + 0.5) * n.ln() + n - half_ln_two_pi;
    }
    let square = n * n;
    (1.0 / 12.0
        - (1.0 / 360.0
            - (1.0 / 1260.0 - (1.0 / 1680.0 - 1.0 / (1188.0 * square)) / square) / square)
            / square)
        / n
}

/// `x ln(x / mean) + mean - x`, without the cancellation where both are near to each other.
fn deviance(x: f64, mean: f64) -> f64 {
    if (x - mean).abs() < 0.1 * (x + mean) {
        let ratio = (x - mean) / (x + mean);
        let mut sum = (x - mean) * ratio;
        let mut term = 2.0 * x * ratio;
        let square = ratio * ratio;
        for odd in 1..1000 {
            term *= square;
            let next = sum + term / f64::from(2 * odd + 1);
            if next == sum {
                return sum;
            }
            sum = next;
        }
    }
    x * (x / mean).ln() + mean - x
}

/// P(X = k) of a binomial variable, by Loader's saddle-point expansion: precise to some units in the 14th figure even
/// far out in the tails and for millions of trials.
pub(crate) fn binomial_probability(k: f64, n: f64, p: f64) -> f64 {
    let q = 1.0 - p;
    if k <= 0.0 {
        return (n * libm::log1p(-p)).exp();
    }
    if k >= n {
        return (n * p.ln()).exp();
    }
    let exponent = stirling_rest(n)
        - stirling_rest(k)
        - stirling_rest(n - k)
        - deviance(k, n * p)
        - deviance(n - k, n * q);
    exponent.exp() * (n / (2.0 * std::f64::consts::PI * k * (n - k))).sqrt()
}

fn ln_binomial(n: u64, k: u64) -> f64 {
    ln_gamma(n as f64 + 1.0) - ln_gamma(k as f64 + 1.0) - ln_gamma((n - k) as f64 + 1.0)
}

/// Whether `b` of `n` is more than `a` of `m`: the p-value, one-sided.
///
/// Fisher's exact test where few rows are expected in a cell, the normal approximation of the pooled two-proportion test
/// elsewhere.
pub(crate) fn more_in_second(a: u64, m: u64, b: u64, n: u64) -> f64 {
    if m == 0 || n == 0 || a + b == 0 || a + b == m + n {
        return 1.0;
    }
    let (hits, rows) = (a + b, m + n);
    let share = hits as f64 / rows as f64;
    let smallest = share.min(1.0 - share) * m.min(n) as f64;
    let highest = hits.min(n);
    if smallest >= NORMAL_FROM || highest.saturating_sub(b) > MAX_TERMS {
        let (m, n) = (m as f64, n as f64);
        let deviation = (share * (1.0 - share) * (1.0 / m + 1.0 / n)).sqrt();
        let z = (b as f64 / n - a as f64 / m) / deviation;
        return (0.5 * libm::erfc(z / std::f64::consts::SQRT_2)).clamp(0.0, 1.0);
    }
    let all = ln_binomial(rows, hits);
    let lowest = b.max(hits.saturating_sub(m));
    let tail: f64 = (lowest..=highest)
        .map(|hit| (ln_binomial(n, hit) + ln_binomial(m, hits - hit) - all).exp())
        .sum();
    tail.clamp(0.0, 1.0)
}

/// Whether the share of `b` of `n` is other than that of `a` of `m`: the p-value, two-sided.
pub(crate) fn other_share(a: u64, m: u64, b: u64, n: u64) -> f64 {
    let more = more_in_second(a, m, b, n);
    let fewer = more_in_second(m.saturating_sub(a), m, n.saturating_sub(b), n);
    (2.0 * more.min(fewer)).min(1.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn close(found: f64, expected: f64, relative: f64) {
        assert!((found - expected).abs() <= relative * expected.abs(), "{found} for {expected}");
    }

    #[test]
    fn tails_of_chi_square_are_those_of_scipy() {
        // scipy.stats.chi2.sf
        for (statistic, degrees, expected) in [
            (3.1742301885215403, 2, 0.20451476732243748),
            (289.5263310942215, 2, 1.3494475837905382e-63),
            (55.10462695512924, 6, 4.415372012238525e-10),
            (0.5, 9, 0.9999695662588389),
            (1200.0, 9, 1.2126417776311672e-252),
        ] {
            close(chi_square_sf(statistic, degrees).unwrap(), expected, 1e-9);
        }
        assert_eq!(chi_square_sf(0.0, 3), Some(1.0));
        assert_eq!(chi_square_sf(f64::INFINITY, 3), Some(0.0));
        assert_eq!(chi_square_sf(1.0, 0), None);
        assert_eq!(chi_square_sf(f64::NAN, 2), None);
    }

    #[test]
    fn binomial_probabilities_hold_far_out() {
        // scipy.stats.binom.pmf, and by hand at the ends
        close(binomial_probability(3.0, 10.0, 0.5), 0.1171875, 1e-13);
        close(binomial_probability(0.0, 10.0, 0.5), 0.5_f64.powi(10), 1e-13);
        close(binomial_probability(10.0, 10.0, 0.25), 0.25_f64.powi(10), 1e-13);
        let total: f64 = (0..=400).map(|k| binomial_probability(f64::from(k), 400.0, 0.37)).sum();
        close(total, 1.0, 1e-12);
    }

    #[test]
    fn shares_are_compared_exactly_where_rows_are_few() {
        // scipy.stats.fisher_exact([[b, n - b], [a, m - a]], alternative="greater")
        close(more_in_second(0, 1000, 3, 200), 0.004571839916680707, 1e-9);
        close(more_in_second(1, 10, 8, 9), 0.0009850830284266817, 1e-9);
        assert_eq!(more_in_second(0, 10, 0, 10), 1.0);
        assert_eq!(more_in_second(10, 10, 10, 10), 1.0);
        assert_eq!(more_in_second(0, 0, 3, 10), 1.0);
    }

    #[test]
    fn shares_of_many_rows_are_compared_by_the_normal_law() {
        let two_sided = other_share(1000, 10_000, 1200, 10_000);
        let (p, q) = (0.11_f64, 0.89);
        let z = 0.02 / (p * q * 2.0 / 10_000.0).sqrt();
        close(two_sided, libm::erfc(z / std::f64::consts::SQRT_2), 1e-12);
        assert_eq!(other_share(500, 1000, 500, 1000), 1.0);
    }
}
