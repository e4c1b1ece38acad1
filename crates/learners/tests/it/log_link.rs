//! Boosting that learns the logarithm of the mean.

use learners::{Algorithm, Examples, LOG_LINK_NAME, Loss, Parameters, Task, learner, portfolio};
use tabular::metrics::Metric;

use crate::{data, measured, request};

fn predictions(train: &Examples, log_link: f64) -> Vec<f64> {
    let parameters = Parameters::from([(LOG_LINK_NAME.to_owned(), log_link)]);
    let request = request(Task::REGRESSION, train, &parameters);
    let fitted = learner(Algorithm::GradientBoosting).fit(&request).unwrap();
    fitted.model.predict(&train.features)
}

#[test]
fn amounts_that_differ_by_factors_are_learned_better() {
    let (train, test) = (data::amounts(2_000, 1), data::amounts(2_000, 2));
    let rmse = |log_link: f64| {
        let parameters = Parameters::from([(LOG_LINK_NAME.to_owned(), log_link)]);
        let model = learner(Algorithm::GradientBoosting)
            .fit(&request(Task::REGRESSION, &train, &parameters))
            .unwrap();
        measured(Metric::Rmse, Task::REGRESSION, &model, &test)
    };
    let (mean, logarithm) = (rmse(0.0), rmse(1.0));
    assert!(logarithm < 0.97 * mean, "{logarithm} with it, {mean} without");
}

#[test]
fn the_unit_of_the_target_does_not_matter() {
    let mut train = data::amounts(600, 3);
    train.categories = vec![None; 4];
    let here = predictions(&train, 1.0);
    for factor in [1e-6, 1e6] {
        let mut scaled = train.clone();
        scaled.target.iter_mut().for_each(|target| *target *= factor);
        for (there, here) in predictions(&scaled, 1.0).iter().zip(&here) {
            assert!(
                (there / factor / here - 1.0).abs() < 1e-3,
                "{there} for {here} times {factor}"
            );
        }
    }
}

#[test]
fn what_has_no_logarithm_is_learned_without_it() {
    let mut train = data::amounts(600, 4);
    train.target[17] = -1.0;
    assert_eq!(predictions(&train, 1.0), predictions(&train, 0.0));
    train.target.fill(0.0);
    assert_eq!(predictions(&train, 1.0), vec![0.0; 600]);
}

#[test]
fn it_is_tried_where_targets_suit_it() {
    let suits = |examples: &Examples, task| examples.suits_log_link(task);
    let mut amounts = data::amounts(600, 5);
    assert!(suits(&amounts, Task::REGRESSION));
    assert!(!suits(&amounts, Task::REGRESSION.with_loss(Loss::Absolute)));
    // A thousand, give or take a few: the factors are near 1.
    assert!(!suits(&data::regression(600, 5), Task::REGRESSION));
    amounts.target[0] = -1e-9;
    assert!(!suits(&amounts, Task::REGRESSION));
    for rows in [500, 50_000] {
        let logarithms = |log_link| {
            let profiles = portfolio(Task::REGRESSION, &Algorithm::ALL, rows, log_link, false);
            profiles.iter().filter(|of| of.parameters.contains_key(LOG_LINK_NAME)).count()
        };
        assert_eq!(logarithms(false), 0);
        assert!(logarithms(true) >= 3);
    }
}
