//! A test that may be looked at after every request.

use crate::evidence::Traffic;

/// Standard deviation of the difference that is looked for, in standard deviations of the loss.
const EFFECT: f64 = 0.1;
/// Fewest labelled rows of each version; below, the normal approximation is not to be trusted.
const LEAST: u64 = 30;

/// An always valid p value for the difference of two versions' mean losses: the inverse of the mixture likelihood ratio with a normal prior on the difference (Johari, Koomen, Pekelis and Walsh 2022, "Always Valid Inference"). With `before`, the smallest so far, its minimum stays valid however often it is looked at. None before there are 30 labelled rows of each.
#[must_use]
pub fn always_valid_p(candidate: &Traffic, baseline: &Traffic, before: Option<f64>) -> Option<f64> {
    if candidate.labelled < LEAST || baseline.labelled < LEAST {
        return None;
    }
    let ((mine, mine_variance), (base, base_variance)) = (candidate.losses()?, baseline.losses()?);
    let variance =
        mine_variance / candidate.labelled as f64 + base_variance / baseline.labelled as f64;
    if variance <= 0.0 {
        return None;
    }
    let difference = mine - base;
    let prior = EFFECT * EFFECT * (mine_variance + base_variance) / 2.0;
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

    fn add(traffic: &mut Traffic, loss: f64) {
        traffic.labelled += 1;
        traffic.loss += loss;
        traffic.loss_square += loss * loss;
    }

    /// Whether it declares a difference within so many rows each, looked at after every one.
    fn declares(seed: u64, better: f64, rows: usize) -> bool {
        let mut chance = Chance(seed);
        let (mut mine, mut base) = (Traffic::default(), Traffic::default());
        let mut smallest = None;
        for _ in 0..rows {
            add(&mut mine, chance.next() - better);
            add(&mut base, chance.next());
            smallest = always_valid_p(&mine, &base, smallest).or(smallest);
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
        let mut few = Traffic::default();
        for _ in 0..29 {
            add(&mut few, 1.0);
        }
        assert_eq!(always_valid_p(&few, &few.clone(), None), None);
    }
}
