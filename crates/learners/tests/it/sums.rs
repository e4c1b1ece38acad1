//! Trees that do without the sums of other features.

use learners::{Algorithm, Parameters, Task, WITHOUT_SUMS_NAME, learner, portfolio};

use crate::{data, request};

#[test]
fn trees_do_without_sums_where_a_trial_says_so() {
    let train = data::binary(800, 5);
    // The last feature stands behind the category, which becomes several columns by its statistics.
    for (sums, statistics) in [(vec![0], 0.0), (vec![3], 0.0), (vec![3], 1.0), (vec![0, 3], 1.0)] {
        let train = learners::Examples { sums: sums.clone(), ..train.clone() };
        for algorithm in [Algorithm::GradientBoosting, Algorithm::ExtraTrees] {
            let importance = |without: f64| {
                let parameters = Parameters::from([
                    (WITHOUT_SUMS_NAME.to_owned(), without),
                    ("category_statistics".to_owned(), statistics),
                ]);
                let request = request(Task::BINARY, &train, &parameters);
                learner(algorithm).fit(&request).unwrap().importance
            };
            let (with, without) = (importance(0.0), importance(1.0));
            assert!(with.iter().all(|share| *share > 0.0), "{algorithm}: {with:?}");
            for (feature, share) in without.iter().enumerate() {
                let unused = sums.contains(&feature);
                assert_eq!(*share == 0.0, unused, "{algorithm}, {sums:?}: {without:?}");
            }
        }
    }
}

#[test]
fn boosting_is_tried_both_ways_where_there_are_sums() {
    for rows in [1_000, 50_000] {
        let plain = |sums| {
            let profiles = portfolio(Task::BINARY, &Algorithm::ALL, rows, false, sums);
            profiles.iter().filter(|of| of.parameters.contains_key(WITHOUT_SUMS_NAME)).count()
        };
        assert!(plain(true) >= 3, "{rows} rows");
        assert_eq!(plain(false), 0);
    }
}
