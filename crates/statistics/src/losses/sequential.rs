//! A test that stays valid when it is repeated after every request.

/// Standard deviation of the difference that is looked for, in standard deviations of the loss.
const EFFECT: f64 = 0.1;
/// Fewest labelled rows of each version; below, the normal approximation is not to be trusted.
const MIN_ROWS: u64 = 30;

/// The losses of a model's labelled rows.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Losses {
    /// Number of labelled rows.
    pub rows: u64,
    /// Mean of the losses.
    pub mean: f64,
    /// Their variance, with `rows - 1` degrees of freedom; at least 0.
    pub variance: f64,
}

impl Losses {
    /// From the sum and the sum of squares of the rows' losses; none below two rows.
    #[must_use]
    pub fn from_sums(rows: u64, sum: f64, squares: f64) -> Option<Self> {
        if rows < 2 {
            return None;
        }
        let n = rows as f64;
        let mean = sum / n;
        Some(Self { rows, mean, variance: ((squares - n * mean * mean) / (n - 1.0)).max(0.0) })
    }
}

/// An always valid p value for the difference of two models' mean losses: the inverse of the mixture likelihood ratio with a normal prior on the difference (Johari, Koomen, Pekelis and Walsh 2022, "Always Valid Inference"). With `before`, the smallest so far, its minimum stays valid however often it is computed. None before there are 30 rows of each.
#[must_use]
pub fn always_valid_p(candidate: Losses, baseline: Losses, before: Option<f64>) -> Option<f64> {
    if candidate.rows < MIN_ROWS || baseline.rows < MIN_ROWS {
        return None;
    }
    let variance =
        candidate.variance / candidate.rows as f64 + baseline.variance / baseline.rows as f64;
    if variance <= 0.0 {
        return None;
    }
    let difference = candidate.mean - baseline.mean;
    let prior = EFFECT * EFFECT * (candidate.variance + baseline.variance) / 2.0;
    let exponent = prior * difference * difference / (2.0 * variance * (variance + prior));
    let log_ratio = 0.5 * (variance / (variance + prior)).ln() + exponent;
    let p = (-log_ratio).exp().min(1.0);
    Some(before.map_or(p, |before| before.min(p)))
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test")]
mod tests {
    use super::*;

    /// A stream of numbers that look like chance.
    struct Chance(u64);

    impl Chance {
        fn next(&mut self) -> f64 {
            self.0 = self
                .0
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1_442_695_040_888_963_407);
            (self.0 >> 11) as f64 / (1_u64 << 53) as f64
        }
    }

    #[derive(Default)]
    struct Sums {
        rows: u64,
        loss: f64,
        square: f64,
    }

    impl Sums {
        fn add(&mut self, loss: f64) {
            self.rows += 1;
            self.loss += loss;
            self.square += loss * loss;
        }

        fn losses(&self) -> Option<Losses> {
            Losses::from_sums(self.rows, self.loss, self.square)
        }
    }

    /// Whether it declares a difference within so many rows each, looked at after every one.
    fn declares(seed: u64, better: f64, rows: usize) -> bool {
        let mut chance = Chance(seed);
        let (mut mine, mut base) = (Sums::default(), Sums::default());
        let mut smallest = None;
        for _ in 0..rows {
            mine.add(chance.next() - better);
            base.add(chance.next());
            let p = mine.losses().zip(base.losses());
            smallest = p.and_then(|(mine, base)| always_valid_p(mine, base, smallest)).or(smallest);
        }
        smallest.is_some_and(|p| p <= 0.05)
    }

    #[test]
    fn equal_versions_are_seldom_declared_different_however_often_one_looks() {
        let wrong = (0..400).filter(|seed| declares(seed * 7919 + 1, 0.0, 1_000)).count();
        assert!(wrong <= 20, "{wrong} of 400 is more than 5 per cent");
    }

    #[test]
    fn a_difference_is_found() {
        let found = (0..100).filter(|seed| declares(seed * 7919 + 1, 0.08, 2_000)).count();
        assert!(found >= 95, "{found} of 100");
    }

    #[test]
    fn few_rows_say_nothing() {
        let mut few = Sums::default();
        for _ in 0..29 {
            few.add(1.0);
        }
        assert_eq!(always_valid_p(few.losses().unwrap(), few.losses().unwrap(), None), None);
    }
}
