//! The p-value of the two-sample Kolmogorov–Smirnov statistic.
//!
//! Up to [`EXACT_ROWS`] rows in the larger sample it is exact: the share of the orders of both samples' rows that part
//! as far. Beyond, the statistic is taken as that of one sample of `mn / (m + n)` rows, rounded, whose distribution is
//! computed as Simard and L'Ecuyer chose (2011, "Computing the Two-Sided Kolmogorov-Smirnov Distribution"): Durbin's
//! matrix, the expansion of Pelz and Good, and twice the one-sided distribution in the tail. SciPy does the same, so that
//! p-values are equal to its own.

use super::special::binomial_probability;

/// Most rows in a sample for which the p-value is exact.
pub(crate) const EXACT_ROWS: u64 = 10_000;
/// Rows up to which the one-sided distribution is summed; beyond, its limit with a correction of the first order.
const SUMMED_ROWS: f64 = 1_000_000.0;
/// Rows up to which a sample is small in the sense of Simard and L'Ecuyer.
const SMALL: u64 = 140;

/// P(D ≥ d) of two samples of `m` and `n` rows from the same continuous distribution. With ties it is conservative.
pub(crate) fn two_sample_p(d: f64, m: u64, n: u64) -> f64 {
    if m == 0 || n == 0 {
        return 1.0;
    }
    let exact = if m.max(n) <= EXACT_ROWS { exact_p(d, m, n) } else { None };
    exact.unwrap_or_else(|| {
        let (m, n) = (m as f64, n as f64);
        one_sample_sf(round_half_even(m * n / (m + n)), d)
    })
}

fn round_half_even(value: f64) -> u64 {
    value.round_ties_even() as u64
}

fn exact_p(d: f64, m: u64, n: u64) -> Option<f64> {
    let divisor = greatest_common_divisor(m, n);
    let multiple = m / divisor * n;
    // The statistic in whole steps of one over the least common multiple.
    let steps = (d * multiple as f64).round_ties_even() as u64;
    if steps == 0 {
        return Some(1.0);
    }
    let p = if m == n { equal_sizes(n, steps) } else { lattice(m, n, divisor, steps) };
    (0.0..=1.0).contains(&p).then_some(p)
}

fn greatest_common_divisor(mut a: u64, mut b: u64) -> u64 {
    while b > 0 {
        (a, b) = (b, a % b);
    }
    a
}

/// Both samples have `n` rows: Gnedenko and Korolyuk's alternating sum of reflected paths, in the form of Horner.
fn equal_sizes(n: u64, steps: u64) -> f64 {
    let size = n as f64;
    let mut sum = 0.0;
    for reflection in (0..=n / steps).rev() {
        let offset = (reflection * steps) as f64;
        let ratio = (0..steps).fold(1.0, |ratio, step| {
            let step = step as f64;
            (size - offset - step) * ratio / (size + offset + step + 1.0)
        });
        sum = ratio * (1.0 - sum);
    }
    2.0 * sum
}

/// The share of lattice paths from (0, 0) to (m, n) that leave the strip around the diagonal, by the recursion of
/// Viehmann (2021, "Numerically more stable computation of the p-values for the two-sample Kolmogorov-Smirnov test").
///
/// `outside[j]` is the share of the paths to (i, j) that have left it; only the columns' part inside the strip is kept.
fn lattice(m: u64, n: u64, divisor: u64, steps: u64) -> f64 {
    let (m, n) = (m.max(n), m.min(n));
    let (rise, run) = (m / divisor, n / divisor);
    let end_of = |x: u64| (run * x + steps).div_ceil(rise).min(n + 1);
    let start_of = |x: u64| match (run * x).checked_sub(steps) {
        None => 0,
        Some(above) => (above / rise + 1).min(n),
    };
    let index = |at: u64| usize::try_from(at).unwrap_or(usize::MAX);
    let mut outside: Vec<f64> = vec![0.0; index(end_of(0))];
    let mut start = 0;
    for x in 1..=m {
        let (next, end) = (start_of(x), end_of(x));
        if end <= next {
            return 1.0;
        }
        let width = index(end - next);
        let moved = index(next - start);
        // What lies above the strip of the column before has left it.
        let needed = moved + width;
        if outside.len() < needed {
            outside.resize(needed, 1.0);
        }
        let mut below = if next == 0 { 0.0 } else { 1.0 };
        let across = x as f64;
        for row in 0..width {
            let y = (next + row as u64) as f64;
            let Some(left) = outside.get(row + moved).copied() else { break };
            below = (left * across + below * y) / (across + y);
            if let Some(cell) = outside.get_mut(row) {
                *cell = below;
            }
        }
        outside.truncate(width);
        start = next;
    }
    outside.last().copied().unwrap_or(1.0)
}

/// P(D ≥ d) of one sample of `n` rows against a given continuous distribution.
pub(crate) fn one_sample_sf(n: u64, d: f64) -> f64 {
    let size = n as f64;
    let steps = size * d;
    if n == 0 || d <= 0.0 || steps <= 0.5 {
        return 1.0;
    }
    if d >= 1.0 {
        return 0.0;
    }
    if steps <= 1.0 {
        return (1.0 - shortest(n, 2.0 * steps - 1.0)).clamp(0.0, 1.0);
    }
    if steps >= size - 1.0 {
        return (2.0 * (size * libm::log1p(-d)).exp()).clamp(0.0, 1.0);
    }
    let spread = steps * d;
    // Where both one-sided events cannot happen together, or hardly do.
    let tail = if n <= SMALL { spread > 4.0 } else { spread >= 2.2 };
    if d >= 0.5 || tail {
        if n > SMALL && d < 0.5 && spread >= 370.0 {
            return 0.0;
        }
        return (2.0 * one_sided_sf(n, d)).clamp(0.0, 1.0);
    }
    let cdf = if n <= SMALL || (n <= 100_000 && size * d.powf(1.5) <= 1.4) {
        durbin_cdf(n, d)
    } else {
        pelz_good_cdf(size, d)
    };
    (1.0 - cdf).clamp(0.0, 1.0)
}

/// P(D ≤ d) where every row has a step of its own: `n! (part / n)^n`.
fn shortest(n: u64, part: f64) -> f64 {
    (1..=n).fold(1.0, |product, row| product * (row as f64 / n as f64) * part)
}

/// P(D⁺ ≥ d) of one sample, by the sum of Smirnov and Dwass, each term a binomial probability.
fn one_sided_sf(n: u64, d: f64) -> f64 {
    let size = n as f64;
    if size > SUMMED_ROWS {
        let exponent = -(6.0 * size * d + 1.0).powi(2) / (18.0 * size);
        return exponent.exp();
    }
    let last = (size * (1.0 - d)).floor() as u64;
    let mut sum = 0.0;
    for row in 0..=last {
        let row = row as f64;
        let place = d + row / size;
        if place >= 1.0 {
            break;
        }
        sum += binomial_probability(row, size, place) * d / place;
    }
    sum.clamp(0.0, 1.0)
}

/// P(D ≤ d), by the power of Durbin's matrix (Marsaglia, Tsang and Wang 2003).
fn durbin_cdf(n: u64, d: f64) -> f64 {
    const LARGE: f64 = 1e140;
    let steps = n as f64 * d;
    let middle = steps.ceil();
    let rest = middle - steps;
    let side = 2 * middle as usize - 1;
    let mut matrix = Square::new(side);
    for row in 0..side {
        for column in 0..side.min(row + 2) {
            matrix.set(row, column, 1.0);
        }
    }
    for row in 0..side {
        let power = rest.powi(row as i32 + 1);
        matrix.set(row, 0, matrix.get(row, 0) - power);
        let mirrored = rest.powi((side - row) as i32);
        matrix.set(side - 1, row, matrix.get(side - 1, row) - mirrored);
    }
    if 2.0 * rest > 1.0 {
        let corner = matrix.get(side - 1, 0) + (2.0 * rest - 1.0).powi(side as i32);
        matrix.set(side - 1, 0, corner);
    }
    for row in 0..side {
        for column in 0..side.min(row + 1) {
            let factorial = (1..=row - column + 1).fold(1.0, |product, of| product * of as f64);
            matrix.set(row, column, matrix.get(row, column) / factorial);
        }
    }
    let (power, mut exponent) = matrix.power(n);
    let centre = middle as usize - 1;
    let mut probability = power.get(centre, centre);
    for row in 1..=n {
        probability *= row as f64 / n as f64;
        if probability < 1.0 / LARGE {
            probability *= LARGE;
            exponent -= 140;
        }
    }
    probability * 10_f64.powi(exponent)
}

/// A square matrix, row after row.
#[derive(Clone)]
struct Square {
    side: usize,
    cells: Vec<f64>,
}

impl Square {
    fn new(side: usize) -> Self {
        Self { side, cells: vec![0.0; side * side] }
    }

    fn get(&self, row: usize, column: usize) -> f64 {
        self.cells.get(row * self.side + column).copied().unwrap_or(0.0)
    }

    fn set(&mut self, row: usize, column: usize, value: f64) {
        if let Some(cell) = self.cells.get_mut(row * self.side + column) {
            *cell = value;
        }
    }

    fn times(&self, other: &Self) -> Self {
        let mut product = Self::new(self.side);
        for (row, into) in self.cells.chunks(self.side).zip(product.cells.chunks_mut(self.side)) {
            for (factor, line) in row.iter().zip(other.cells.chunks(self.side)) {
                for (cell, value) in into.iter_mut().zip(line) {
                    *cell += factor * value;
                }
            }
        }
        product
    }

    /// The matrix to a power, divided by ten to the exponent that stands beside it.
    fn power(&self, power: u64) -> (Self, i32) {
        if power <= 1 {
            return (self.clone(), 0);
        }
        let (half, exponent) = self.power(power / 2);
        let mut result = half.times(&half);
        let mut exponent = 2 * exponent;
        if power % 2 == 1 {
            result = result.times(self);
        }
        let centre = self.side / 2;
        if result.get(centre, centre) > 1e140 {
            result.cells.iter_mut().for_each(|cell| *cell *= 1e-140);
            exponent += 140;
        }
        (result, exponent)
    }
}

/// P(D ≤ d), by the expansion of Pelz and Good (1976) in powers of `1 / √n`.
fn pelz_good_cdf(n: f64, d: f64) -> f64 {
    use std::f64::consts::PI;
    let z = n.sqrt() * d;
    let (z2, z4, z6) = (z * z, z.powi(4), z.powi(6));
    let (pi2, pi4, pi6) = (PI.powi(2), PI.powi(4), PI.powi(6));
    if pi2 / (8.0 * z2) > 708.0 {
        return 0.0;
    }
    let terms = (16.0 * z / PI).ceil().max(1.0) as u32;
    let mut sums = [0.0_f64; 4];
    // Over the halves of odd numbers.
    for term in (1..=terms).rev() {
        let odd = f64::from(2 * term - 1);
        let (m2, m4, m6) = (odd.powi(2), odd.powi(4), odd.powi(6));
        let weight = (-m2 * pi2 / (8.0 * z2)).exp();
        let parts = [
            1.0,
            pi2 / 4.0 * m2 - z2,
            6.0 * z6
                + 2.0 * z4
                + pi2 / 4.0 * (2.0 * z4 - 5.0 * z2) * m2
                + pi4 / 16.0 * (1.0 - 2.0 * z2) * m4,
            -30.0 * z6 - 90.0 * z.powi(8)
                + pi2 / 4.0 * (135.0 * z4 - 96.0 * z6) * m2
                + pi4 / 16.0 * (212.0 * z4 - 60.0 * z2) * m4
                + pi6 / 64.0 * (5.0 - 30.0 * z2) * m6,
        ];
        for (sum, part) in sums.iter_mut().zip(parts) {
            *sum += weight * part;
        }
    }
    // Over whole numbers.
    let mut whole = [0.0_f64; 2];
    for term in (1..=terms).rev() {
        let k2 = f64::from(term).powi(2);
        let weight = (-k2 * pi2 / (2.0 * z2)).exp();
        let [second, third] = &mut whole;
        *second += k2 * weight;
        *third += (3.0 * z2 - pi2 * k2) * k2 * weight;
    }
    let root = (2.0 * PI).sqrt();
    let [k0, k1, k2, k3] = sums;
    let [second, third] = whole;
    root * k0 / z
        + root * k1 / (6.0 * z4) / n.sqrt()
        + (root * k2 / (72.0 * z.powi(7)) - pi2 * root * second / (36.0 * z.powi(3))) / n
        + (root * k3 / (6480.0 * z.powi(10)) + pi2 * root * third / (216.0 * z6)) / n.powf(1.5)
}

#[cfg(test)]
mod tests;
