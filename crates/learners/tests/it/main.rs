//! The learners, on made data and on the real tables of the shared directory.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::print_stderr,
    reason = "a test"
)]

mod data;
mod real;

use std::num::NonZeroU16;

use learners::{
    Algorithm, Candidate, Examples, Fit, FittedModel, Outputs, Parameters, Search, Task,
    Validation, Workers, cross_validate, defaults, learner, score, search, stratified_folds,
};
use lightgbm::Output;
use tabular::metrics::Metric;

const ONE: NonZeroU16 = NonZeroU16::MIN;
const TWO: NonZeroU16 = NonZeroU16::MIN.saturating_add(1);

fn never() -> bool {
    false
}

fn request<'a>(task: Task, train: &'a Examples, parameters: &'a Parameters) -> Fit<'a> {
    Fit { task, train, validation: None, parameters, seed: 11, threads: ONE, should_stop: &never }
}

fn fit(algorithm: Algorithm, task: Task, train: &Examples) -> FittedModel {
    learner(algorithm).fit(&request(task, train, &Parameters::new())).unwrap()
}

fn measured(metric: Metric, task: Task, model: &FittedModel, on: &Examples) -> f64 {
    score(metric, &on.target, &Outputs::new(task, model.model.predict(&on.features))).unwrap()
}

#[test]
fn our_evaluator_gives_lightgbms_own_bits() {
    for (task, train) in [
        (Task::BINARY, data::binary(900, 1)),
        (Task::multiclass(3), data::multiclass(900, 2)),
        (Task::REGRESSION, data::regression(900, 3)),
    ] {
        for algorithm in [Algorithm::GradientBoosting, Algorithm::RandomForest] {
            let model = fit(algorithm, task, &train);
            let mut asked = train.features.clone();
            // Values that training did not have: unseen codes, infinities, missing everywhere.
            let width = asked.width;
            for (place, value) in asked.values.iter_mut().enumerate().take(width * 60) {
                match place % 11 {
                    0 => *value = f64::NAN,
                    3 => *value = 77.0,
                    5 => *value = -1.0,
                    7 => *value = 0.0,
                    9 => *value = f64::INFINITY,
                    _ => {}
                }
            }
            let theirs =
                lightgbm::predict(&model.text.text, &asked.values, width, Output::Transformed, ONE)
                    .unwrap();
            let ours = model.model.predict(&asked);
            let ours: Vec<u64> = if task == Task::BINARY {
                ours.iter().skip(1).step_by(2).map(|p| p.to_bits()).collect()
            } else {
                ours.iter().map(|p| p.to_bits()).collect()
            };
            let theirs: Vec<u64> = theirs.iter().map(|p| p.to_bits()).collect();
            assert_eq!(ours, theirs, "{algorithm} for {:?}", task.problem);
        }
    }
}

#[test]
fn what_is_written_is_what_was_fitted() {
    let train = data::multiclass(300, 2);
    for algorithm in Algorithm::ALL {
        if !learner(algorithm).applies_to(tabular::ProblemType::Multiclass) {
            continue;
        }
        let model = fit(algorithm, Task::multiclass(3), &train);
        let read =
            scoring::Model::parse(model.text.kind, &model.text.text, &scoring::Limits::default())
                .unwrap();
        assert_eq!(
            read.predict(&train.features),
            model.model.predict(&train.features),
            "{algorithm}"
        );
        let sum: f64 = model.importance.iter().sum();
        assert!((sum - 1.0).abs() < 1e-9 || algorithm == Algorithm::Prior, "{algorithm}: {sum}");
        for row in model.model.predict(&train.features).chunks(3) {
            assert!((row.iter().sum::<f64>() - 1.0).abs() < 1e-9);
        }
    }
}

#[test]
fn every_learner_learns() {
    let cases = [
        (Task::BINARY, Metric::RocAuc, 0.8, data::binary(900, 1), data::binary(600, 4)),
        (
            Task::multiclass(3),
            Metric::RocAuc,
            0.8,
            data::multiclass(900, 2),
            data::multiclass(600, 5),
        ),
        (Task::REGRESSION, Metric::R2, 0.7, data::regression(900, 3), data::regression(600, 6)),
    ];
    for (task, metric, least, train, test) in cases {
        for algorithm in
            Algorithm::ALL.into_iter().filter(|algorithm| *algorithm != Algorithm::Prior)
        {
            if !learner(algorithm).applies_to(task.problem) {
                continue;
            }
            let reached = measured(metric, task, &fit(algorithm, task, &train), &test);
            assert!(reached > least, "{algorithm} reached {reached} for {:?}", task.problem);
        }
    }
}

#[test]
fn the_positive_class_is_class_1_whichever_is_more_frequent() {
    for flip in [false, true] {
        let mut train = data::binary(600, 1);
        for value in &mut train.target {
            *value = if flip { 1.0 - *value } else { *value };
        }
        for algorithm in
            [Algorithm::LogisticRegression, Algorithm::GradientBoosting, Algorithm::RandomForest]
        {
            let reached = measured(
                Metric::RocAuc,
                Task::BINARY,
                &fit(algorithm, Task::BINARY, &train),
                &train,
            );
            assert!(reached > 0.85, "{algorithm}, flipped {flip}: {reached}");
        }
    }
}

#[test]
fn the_prior_knows_the_shares_only() {
    let train = data::binary(400, 1);
    let positive = train.target.iter().sum::<f64>() / 400.0;
    let model = fit(Algorithm::Prior, Task::BINARY, &train);
    assert_eq!(model.model.predict(&train.take(&[0]).features), [1.0 - positive, positive]);
    assert_eq!(measured(Metric::RocAuc, Task::BINARY, &model, &train), 0.5);
}

#[test]
fn a_class_that_is_not_there_is_never_predicted() {
    let mut train = data::multiclass(300, 2);
    for value in &mut train.target {
        *value = if *value == 1.0 { 2.0 } else { *value };
    }
    let model = fit(Algorithm::LogisticRegression, Task::multiclass(4), &train);
    for row in model.model.predict(&train.features).chunks(4) {
        assert!(row[1] < 1e-6 && row[3] < 1e-6, "{row:?}");
    }
}

#[test]
fn early_stopping_keeps_the_best_iteration() {
    let (train, validation) = (data::binary(600, 1), data::binary(400, 4));
    let parameters =
        Parameters::from([("learning_rate".to_owned(), 0.2), ("num_leaves".to_owned(), 40.0)]);
    let with = learner(Algorithm::GradientBoosting)
        .fit(&Fit { validation: Some(&validation), ..request(Task::BINARY, &train, &parameters) })
        .unwrap();
    let without = learner(Algorithm::GradientBoosting)
        .fit(&request(Task::BINARY, &train, &parameters))
        .unwrap();
    assert!(with.iterations < without.iterations, "{} and {}", with.iterations, without.iterations);
    let loss = |model: &FittedModel| measured(Metric::LogLoss, Task::BINARY, model, &validation);
    assert!(loss(&with) < loss(&without));
}

#[test]
fn unusable_examples_are_refused() {
    let refusal = |change: &dyn Fn(&mut Examples)| {
        let mut train = data::binary(50, 1);
        change(&mut train);
        learner(Algorithm::GradientBoosting)
            .fit(&request(Task::BINARY, &train, &Parameters::new()))
            .unwrap_err()
            .to_string()
    };
    assert_eq!(
        refusal(&|e| e.target[3] = 2.0),
        "the target of row 4 is not a class from 0 to 1 or not a finite number"
    );
    assert_eq!(
        refusal(&|e| e.target.fill(1.0)),
        "the examples hold one class only, at least two are needed"
    );
    assert_eq!(
        refusal(&|e| _ = e.target.pop()),
        "the examples have 49 targets where 50 were expected"
    );
    assert_eq!(
        refusal(&|e| _ = e.categories.pop()),
        "the examples have 3 category counts where 4 were expected"
    );
    let train = data::regression(50, 1);
    let error = learner(Algorithm::LogisticRegression)
        .fit(&request(Task::REGRESSION, &train, &Parameters::new()))
        .unwrap_err();
    assert_eq!(error.to_string(), "logistic_regression does not solve regression problems");
}

fn candidates(rows: usize) -> Vec<Candidate> {
    [Algorithm::GradientBoosting, Algorithm::LogisticRegression, Algorithm::RandomForest]
        .map(|algorithm| Candidate { algorithm, space: learner(algorithm).search_space(rows) })
        .into()
}

fn searching<'a>(
    candidates: &'a [Candidate],
    train: &'a Examples,
    validation: &'a Examples,
) -> Search<'a> {
    Search {
        task: Task::BINARY,
        metric: Metric::RocAuc,
        candidates,
        train,
        validation,
        seed: 3,
        max_trials: 14,
        patience: 14,
        workers: Workers::ONE,
        expired: &never,
        cancelled: &never,
    }
}

#[test]
fn a_search_is_the_same_for_any_number_of_workers_and_after_an_interruption() {
    let (train, validation) = (data::binary(500, 1), data::binary(300, 4));
    let candidates = candidates(500);
    let whole = searching(&candidates, &train, &validation);
    let expected = search(&whole, Vec::new(), &mut |_| {}).unwrap();
    assert_eq!(expected.trials.len(), 14);
    assert_eq!(expected.trials[0].parameters, defaults(&candidates[0].space));
    let best = expected.trials.iter().filter_map(|trial| trial.score).fold(0.0, f64::max);
    assert_eq!(expected.best.score, Some(best));
    assert_eq!(measured(Metric::RocAuc, Task::BINARY, &expected.model, &validation), best);

    let parallel = Workers { parallel: 2, threads: ONE };
    let threaded = Workers { parallel: 1, threads: TWO };
    for workers in [parallel, threaded] {
        let again = search(&Search { workers, ..whole }, Vec::new(), &mut |_| {}).unwrap();
        assert_eq!(again.trials, expected.trials);
        assert_eq!(again.model.text, expected.model.text);
    }
    for done in [5, 9, 14] {
        let mut new = 0;
        let resumed = search(&whole, expected.trials[..done].to_vec(), &mut |_| new += 1).unwrap();
        assert_eq!(resumed.trials, expected.trials);
        assert_eq!(resumed.model.text, expected.model.text);
        assert_eq!(new, 14 - (done - done % 2));
    }
}

#[test]
fn a_search_ends_when_told_to_and_when_nothing_gets_better() {
    let (train, validation) = (data::binary(300, 1), data::binary(200, 4));
    let candidates = candidates(300);
    let whole = searching(&candidates, &train, &validation);
    let expired = || true;
    let outcome = search(&Search { expired: &expired, ..whole }, Vec::new(), &mut |_| {}).unwrap();
    assert_eq!(outcome.trials.len(), 2);
    let error =
        search(&Search { cancelled: &expired, ..whole }, Vec::new(), &mut |_| {}).unwrap_err();
    assert!(matches!(error, learners::Error::Cancelled));
    let impatient = Search { max_trials: 100, patience: 4, ..whole };
    assert!(search(&impatient, Vec::new(), &mut |_| {}).unwrap().trials.len() < 60);
}

#[test]
fn cross_validation_does_not_depend_on_workers() {
    let examples = data::binary(450, 1);
    let folds = stratified_folds(Task::BINARY, &examples.target, 3, 5).unwrap();
    let run = |workers| {
        cross_validate(&Validation {
            algorithm: Algorithm::GradientBoosting,
            task: Task::BINARY,
            examples: &examples,
            folds: &folds,
            parameters: &Parameters::new(),
            metric: Metric::RocAuc,
            seed: 5,
            workers,
            should_stop: &never,
        })
        .unwrap()
    };
    let one = run(Workers::ONE);
    assert_eq!(one, run(Workers { parallel: 2, threads: ONE }));
    assert_eq!(one.scores.len(), 3);
    assert!(one.mean > 0.8 && one.deviation < 0.1, "{one:?}");
}
