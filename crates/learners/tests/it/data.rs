//! Made tables: two numbers with gaps, a category, and a number that is often 0.

use learners::Examples;
use rand::{Rng as _, SeedableRng as _};
use rand_chacha::ChaCha8Rng;
use tabular::FeatureMatrix;

fn table(rows: usize, seed: u64, target: impl Fn(f64, f64) -> f64) -> Examples {
    let mut generator = ChaCha8Rng::seed_from_u64(seed);
    let mut values = Vec::new();
    let mut targets = Vec::new();
    for _ in 0..rows {
        let a: f64 = generator.random_range(-2.0..2.0);
        let b: f64 = generator.random_range(0.0..10.0);
        let code = generator.random_range(0..12_u32);
        let c: f64 =
            if generator.random_bool(0.4) { 0.0 } else { generator.random_range(-5.0..5.0) };
        let pull = if [1, 4, 7, 11].contains(&code) { 1.2 } else { -0.6 };
        let noise: f64 = generator.random_range(-0.8..0.8);
        targets.push(target(1.5 * a + pull + 0.2 * b + 0.2 * c - 0.8, noise));
        let missing = generator.random_bool(0.1);
        values.extend([a, if missing { f64::NAN } else { b }, f64::from(code), c]);
        if generator.random_bool(0.05) {
            let last = values.len() - 2;
            values[last] = f64::NAN;
        }
    }
    let categories = vec![None, None, Some(12), None];
    Examples::new(FeatureMatrix::new(rows, 4, values).unwrap(), categories, targets)
}

pub(crate) fn binary(rows: usize, seed: u64) -> Examples {
    table(rows, seed, |score, noise| f64::from(u8::from(score + 2.0 * noise > 0.8)))
}

pub(crate) fn multiclass(rows: usize, seed: u64) -> Examples {
    table(rows, seed, |score, noise| match score + noise {
        low if low < -0.8 => 0.0,
        high if high > 1.2 => 2.0,
        _ => 1.0,
    })
}

pub(crate) fn regression(rows: usize, seed: u64) -> Examples {
    table(rows, seed, |score, noise| 1e4 + 300.0 * (score + noise))
}

/// Amounts that differ by factors: each point of the score multiplies the target.
pub(crate) fn amounts(rows: usize, seed: u64) -> Examples {
    table(rows, seed, |score, noise| (5.0 + score).exp() * (1.0 + noise))
}
