use rand::seq::SliceRandom;
use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;
use rand_distr::{Distribution as _, LogNormal, Normal};

use super::*;

fn of(values: &[f64]) -> Digest {
    let mut digest = Digest::default();
    values.iter().for_each(|value| digest.add(*value));
    digest
}

/// The greatest distance of the cumulative shares of a digest from those of its values.
fn distance(digest: &Digest, values: &[f64]) -> f64 {
    let mut sorted = values.to_vec();
    sorted.sort_unstable_by(f64::total_cmp);
    let exact = Distribution::of_sorted(&sorted);
    super::super::distribution::largest_difference(&digest.distribution(), &exact)
}

fn columns(rows: usize) -> Vec<(&'static str, Vec<f64>)> {
    let mut random = ChaCha8Rng::seed_from_u64(7);
    let normal = Normal::new(1e6, 3.0).unwrap();
    let skewed = LogNormal::new(0.0, 2.0).unwrap();
    let mut draw = |of: &mut dyn FnMut(&mut ChaCha8Rng) -> f64| -> Vec<f64> {
        (0..rows).map(|_| of(&mut random)).collect()
    };
    vec![
        ("normal", draw(&mut |random| normal.sample(random))),
        ("skewed", draw(&mut |random| skewed.sample(random))),
        (
            "zeros",
            draw(&mut |random| if random.random_bool(0.4) { 0.0 } else { skewed.sample(random) }),
        ),
        ("whole", draw(&mut |random| f64::from(random.random_range(0..2000)))),
        ("two", draw(&mut |random| f64::from(random.random_range(0..2)) * 1e300)),
        ("rising", (0..rows).map(|row| row as f64).collect()),
        ("falling", (0..rows).rev().map(|row| row as f64).collect()),
    ]
}

#[test]
fn cumulative_shares_are_as_near_as_is_said() {
    for (name, values) in columns(200_000) {
        let digest = of(&values);
        let digest = digest.gathered();
        let (found, said) = (distance(&digest, &values), digest.error());
        assert!(found <= 0.75 * said, "{name}: {found} of {said}");
        assert!(said < 0.0125, "{name}: {said}");
        assert!(digest.groups().len() <= KEPT + 1, "{name}: {} groups", digest.groups().len());
    }
}

#[test]
fn merged_digests_are_as_near_as_is_said_in_any_order() {
    let mut random = ChaCha8Rng::seed_from_u64(8);
    for (name, values) in columns(100_000) {
        let mut parts: Vec<Digest> = values.chunks(999).map(of).collect();
        for _ in 0..3 {
            parts.shuffle(&mut random);
            let mut whole = Digest::default();
            parts.iter().for_each(|part| whole.merge(part));
            // Two by two, as replicas are merged.
            let mut halves = parts.clone();
            while halves.len() > 1 {
                halves = halves
                    .chunks(2)
                    .map(|pair| {
                        let mut merged = pair[0].clone();
                        pair[1..].iter().for_each(|other| merged.merge(other));
                        merged
                    })
                    .collect();
            }
            for merged in [&whole, &halves[0]] {
                let (found, said) = (distance(merged, &values), merged.error());
                assert!(found <= said, "{name}: {found} > {said}");
                assert!(said < 0.0125, "{name}: {said}");
                assert_eq!(merged.rows(), values.len() as u64);
                assert!(merged.groups().len() <= KEPT + 1);
            }
        }
    }
}

#[test]
fn few_values_are_exact_and_merge_in_any_order() {
    let values: Vec<f64> = (0..50_000).map(|row| f64::from(row % 200) - 20.5).collect();
    let whole = of(&values);
    assert_eq!(whole.gathered().error(), 0.0);
    assert_eq!(distance(&whole, &values), 0.0);
    let mut backwards = Digest::default();
    values.chunks(777).rev().map(of).for_each(|part| backwards.merge(&part));
    assert_eq!(backwards.gathered().groups(), whole.gathered().groups());
}

#[test]
fn a_frequent_value_stays_a_step() {
    let (_, zeros) = columns(100_000).swap_remove(2);
    let digest = of(&zeros);
    let distribution = digest.distribution();
    let share = zeros.iter().filter(|value| **value == 0.0).count() as f64;
    assert_eq!(distribution.upto(0.0) - distribution.below(0.0), share);
}

#[test]
fn zero_has_one_sign_and_great_numbers_do_not_overflow() {
    let digest = of(&[-0.0, 0.0]);
    assert_eq!(digest.gathered().groups().len(), 1);
    let mut digest = Digest::default();
    for row in 0..5000 {
        digest.add(if row % 2 == 0 { f64::MAX } else { f64::MIN } / (1.0 + f64::from(row)));
    }
    assert!(digest.gathered().groups().iter().all(|group| group.mean.is_finite()));
    assert!(digest.distribution().quantile(0.5).unwrap().is_finite());
}

/// Greatest distance of the shares up to a thousand of the values from those that a function says.
fn farthest(values: &[f64], mut said: impl FnMut(f64) -> f64) -> f64 {
    let mut sorted = values.to_vec();
    sorted.sort_unstable_by(f64::total_cmp);
    let exact = Distribution::of_sorted(&sorted);
    let places = (0..1000).map(|place| sorted[place * sorted.len() / 1000]);
    places.map(|x| (exact.upto(x) / exact.rows() - said(x)).abs()).fold(0.0, f64::max)
}

/// What speaks for a digest of our own: the ones of Apache DataSketches on the same columns, in 50 parts that are merged.
#[test]
fn ties_are_kept_better_than_by_the_library() {
    use datasketches::common::SearchCriteria;
    use datasketches::kll::{KllFloat, KllSketch};
    use datasketches::tdigest::TDigestMut;

    for (name, values) in columns(200_000) {
        let parts = || values.chunks(4000);
        let mut ours = Digest::default();
        parts().map(of).for_each(|part| ours.merge(&part));
        let distribution = ours.distribution();
        let ours = farthest(&values, |x| distribution.upto(x) / distribution.rows());
        let mut digest = TDigestMut::new(200).unwrap();
        let mut kll = KllSketch::<KllFloat<f64>>::new(200).unwrap();
        for part in parts() {
            let (mut of_digest, mut of_kll) = (TDigestMut::new(200).unwrap(), kll.clone());
            of_kll.reset();
            for value in part {
                of_digest.update(*value);
                of_kll.update(KllFloat::<f64>::new(*value).unwrap());
            }
            digest.merge(&of_digest);
            kll.merge(&of_kll).unwrap();
        }
        // Its rank counts half of the rows that are equal, so it is asked just above.
        let library = farthest(&values, |x| digest.rank(x.next_up()).unwrap().unwrap());
        let kll = farthest(&values, |x| {
            kll.rank(&KllFloat::<f64>::new(x).unwrap(), SearchCriteria::Inclusive).unwrap()
        });
        println!("{name}: ours {ours:.5}, t-digest {library:.5}, KLL {kll:.5}");
        assert!(ours < 0.0085, "{name}: {ours}");
        if ["zeros", "whole", "two"].contains(&name) {
            assert!(ours <= library, "{name}: {ours}, the library {library}");
        }
    }
}
