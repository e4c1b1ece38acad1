//! A seeded sample of rows, and numbers that look like chance.

use rand::SeedableRng;
use rand::seq::index;
use rand_chacha::ChaCha8Rng;

/// At most so many of these rows, in their order, each with the same chance; all of them where they are no more.
#[must_use]
pub fn sample(rows: &[usize], most: usize, seed: u64) -> Vec<usize> {
    if rows.len() <= most {
        return rows.to_vec();
    }
    let mut generator = ChaCha8Rng::seed_from_u64(seed);
    let mut places = index::sample(&mut generator, rows.len(), most).into_vec();
    places.sort_unstable();
    places.into_iter().filter_map(|place| rows.get(place).copied()).collect()
}

/// Spreads every bit of a number over all of them: what looks like chance, and is the same for the same number (the finalizer of
/// SplitMix64, Steele, Lea and Flood, 2014).
#[inline]
#[must_use]
pub fn mixed(number: u64) -> u64 {
    let mut mixed = number.wrapping_add(0x9E37_79B9_7F4A_7C15);
    mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    mixed ^ (mixed >> 31)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sample_is_bounded_and_repeatable_and_in_order() {
        let rows: Vec<usize> = (0..10_000).map(|row| row * 3).collect();
        let sampled = sample(&rows, 1000, 7);
        assert_eq!(sampled.len(), 1000);
        assert!(sampled.is_sorted() && sampled.iter().all(|row| row % 3 == 0));
        assert_eq!(sampled, sample(&rows, 1000, 7));
        assert_ne!(sampled, sample(&rows, 1000, 8));
        let mean = sampled.iter().sum::<usize>() as f64 / 1000.0;
        assert!((mean - 15_000.0).abs() < 1500.0, "{mean}");
        assert_eq!(sample(&rows, 10_000, 7), rows);
    }
}
