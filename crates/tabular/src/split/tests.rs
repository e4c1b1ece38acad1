#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test")]

use proptest::prelude::*;

use super::*;

fn shares(splits: &[Split]) -> [f64; 4] {
    Split::ALL.map(|split| rows_of(splits, split).len() as f64 / splits.len() as f64)
}

#[test]
fn the_same_seed_gives_the_same_splits() {
    let first = assign(Method::Random { rows: 1000 }, 7).unwrap();
    assert_eq!(first, assign(Method::Random { rows: 1000 }, 7).unwrap());
    assert_ne!(first, assign(Method::Random { rows: 1000 }, 8).unwrap());
    assert_eq!(shares(&first), [0.6, 0.2, 0.15, 0.05]);
}

#[test]
fn rare_classes_and_few_rows_are_refused() {
    assert_eq!(assign(Method::Random { rows: 1 }, 0), Err(SplitError::TooFewRows { rows: 1 }));
    let mut classes = vec![0.0; 100];
    classes.extend([1.0; 3]);
    assert_eq!(
        assign(Method::Stratified { classes: &classes }, 0),
        Err(SplitError::RareClass { class: 1, rows: 3 })
    );
    classes[0] = f64::NAN;
    assert_eq!(
        assign(Method::Stratified { classes: &classes }, 0),
        Err(SplitError::NoClass { row: 1 })
    );
    let keys: Vec<u64> = (0..100).map(|row| row % 5).collect();
    assert_eq!(
        assign(Method::Entity { keys: &keys }, 0),
        Err(SplitError::TooFewEntities { entities: 5 })
    );
    let mut keys: Vec<u64> = (0..100).collect();
    keys[..40].fill(1);
    assert!(assign(Method::Entity { keys: &keys }, 0).is_ok());
    keys[..80].fill(1);
    assert!(matches!(
        assign(Method::Entity { keys: &keys }, 0),
        Err(SplitError::Unbalanced { .. })
    ));
    assert_eq!(
        assign(Method::Time { times: &[f64::NAN; 20] }, 0),
        Err(SplitError::NoTime { rows: 20 })
    );
}

#[test]
fn time_goes_forward() {
    let times: Vec<f64> = (0..1000).map(|row| f64::from((row * 37) % 200)).collect();
    let splits = assign(Method::Time { times: &times }, 0).unwrap();
    let span = |split| {
        let of: Vec<f64> = rows_of(&splits, split).into_iter().map(|row| times[row]).collect();
        (
            of.iter().copied().fold(f64::INFINITY, f64::min),
            of.iter().copied().fold(f64::NEG_INFINITY, f64::max),
        )
    };
    assert!(span(Split::Train).1 < span(Split::Validation).0);
    assert!(span(Split::Validation).1 < span(Split::Test).0);
    assert!(span(Split::Test).1 < span(Split::HoldOut).0);
}

#[test]
fn rows_of_one_time_are_never_torn_apart() {
    for groups in [&[1, 1, 1, 1, 16][..], &[200, 200, 200, 200, 200], &[300, 5, 5, 90, 100, 500, 1]]
    {
        let times: Vec<f64> =
            groups.iter().enumerate().flat_map(|(time, count)| vec![time as f64; *count]).collect();
        let splits = match assign(Method::Time { times: &times }, 0) {
            Ok(splits) => splits,
            Err(SplitError::Unbalanced { .. }) => continue,
            Err(other) => panic!("{other}"),
        };
        for (row, time) in times.iter().enumerate() {
            let first = times.iter().position(|other| other == time).unwrap();
            assert_eq!(splits[row], splits[first], "{groups:?}");
        }
        assert!(Split::ALL.iter().all(|split| splits.contains(split)), "{groups:?}");
    }
    let days: Vec<f64> = (0..1000).map(|row| f64::from(row / 200)).collect();
    let splits = assign(Method::Time { times: &days }, 0).unwrap();
    assert_eq!(rows_of(&splits, Split::HoldOut).len(), 200, "the last day as a whole");
    let three: Vec<f64> = (0..999).map(|row| f64::from(row / 333)).collect();
    let error = assign(Method::Time { times: &three }, 0).unwrap_err();
    assert_eq!(error, SplitError::FewTimes { times: 3 });
}

#[test]
fn keys_follow_values() {
    let text = Column::Text([Some("a"), None, Some("a"), None].into_iter().collect());
    let keys = entity_keys(&text);
    assert_eq!(keys[0], keys[2]);
    assert_ne!(keys[1], keys[3]);
    let keys = entity_keys(&Column::Number(vec![0.0, -0.0, f64::NAN, f64::NAN, 1.0]));
    assert_eq!(keys[0], keys[1]);
    assert!(keys[2] != keys[3] && keys[0] != keys[4]);
}

proptest! {
    #[test]
    fn every_class_is_in_every_split_within_tolerance(
        counts in prop::collection::vec(MIN_CLASS_ROWS..200, 2..12), seed in any::<u64>(),
    ) {
        let classes: Vec<f64> =
            counts.iter().enumerate().flat_map(|(class, count)| vec![class as f64; *count]).collect();
        let splits = assign(Method::Stratified { classes: &classes }, seed).unwrap();
        for class in 0..counts.len() {
            for split in Split::ALL {
                prop_assert!(rows_of(&splits, split).iter().any(|row| classes[*row] == class as f64));
            }
        }
    }

    #[test]
    fn entities_are_never_torn_apart(keys in prop::collection::vec(0_u64..400, 600..1200), seed in any::<u64>()) {
        let splits = assign(Method::Entity { keys: &keys }, seed).unwrap();
        let mut of_key = std::collections::BTreeMap::new();
        for (key, split) in keys.iter().zip(&splits) {
            prop_assert_eq!(of_key.entry(*key).or_insert(*split), split);
        }
    }

    #[test]
    fn random_and_time_keep_their_shares(rows in MIN_ROWS..3000, seed in any::<u64>(), step in 1_usize..50) {
        assign(Method::Random { rows }, seed).unwrap();
        let times: Vec<f64> = (0..rows).map(|row| (row / step.min(rows / 10)) as f64).collect();
        let splits = assign(Method::Time { times: &times }, seed).unwrap();
        prop_assert!(Split::ALL.iter().all(|split| splits.contains(split)));
    }
}
