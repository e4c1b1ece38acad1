//! The learners, on made data and on the real tables of the shared directory.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::print_stderr,
    reason = "a test"
)]

mod data;
mod log_link;
mod network;
mod random_models;
mod real;
mod searches;
mod streamed;
mod sums;

use std::num::NonZeroU16;

use learners::{
    Algorithm, Examples, Fit, FittedModel, Loss, Outputs, Parameters, Task, Validation, Workers,
    cross_validate, learner, score, stratified_folds,
};
use lightgbm::Output;
use tabular::metrics::Metric;

const ONE: NonZeroU16 = NonZeroU16::MIN;
const TWO: NonZeroU16 = NonZeroU16::MIN.saturating_add(1);

fn never() -> bool {
    false
}

fn request<'a>(task: Task, train: &'a Examples, parameters: &'a Parameters) -> Fit<'a> {
    Fit {
        task,
        train,
        streamed: None,
        validation: None,
        iterations: None,
        parameters,
        seed: 11,
        threads: ONE,
        should_stop: &never,
    }
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
        for algorithm in
            [Algorithm::GradientBoosting, Algorithm::RandomForest, Algorithm::ExtraTrees]
        {
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

fn with(pairs: &[(&str, f64)]) -> Parameters {
    pairs.iter().map(|(name, value)| ((*name).to_owned(), *value)).collect()
}

#[test]
fn statistics_of_categories_help_and_are_served() {
    for (task, train, test) in [
        (Task::BINARY, data::binary(900, 1), data::binary(600, 4)),
        (Task::multiclass(3), data::multiclass(900, 2), data::multiclass(600, 5)),
        (Task::REGRESSION, data::regression(900, 3), data::regression(600, 6)),
    ] {
        let parameters = with(&[("category_statistics", 1.0)]);
        for algorithm in [Algorithm::GradientBoosting, Algorithm::RandomForest] {
            let model = learner(algorithm).fit(&request(task, &train, &parameters)).unwrap();
            assert!(matches!(model.model, scoring::Model::EncodedTrees(_)));
            assert_eq!(model.importance.len(), 4);
            let metric = if task == Task::REGRESSION { Metric::R2 } else { Metric::RocAuc };
            let reached = measured(metric, task, &model, &test);
            assert!(reached > 0.75, "{algorithm} reached {reached} for {:?}", task.problem);
            let again = learner(algorithm)
                .fit(&Fit { threads: TWO, ..request(task, &train, &parameters) })
                .unwrap();
            assert_eq!(again.text, model.text, "the number of threads changes nothing");
        }
    }
}

#[test]
fn lines_that_bend_are_learned_by_bins() {
    let mut train = data::regression(900, 3);
    for (row, target) in train.target.iter_mut().enumerate() {
        *target = train.features.get(row, 0).abs();
    }
    let fit = |bins: f64| {
        let parameters = with(&[("bins", bins), ("penalty", 1e-4)]);
        let model = learner(Algorithm::ElasticNet)
            .fit(&request(Task::REGRESSION, &train, &parameters))
            .unwrap();
        measured(Metric::R2, Task::REGRESSION, &model, &train)
    };
    let (straight, bent) = (fit(0.0), fit(8.0));
    assert!(straight < 0.2 && bent > 0.95, "{straight} and {bent}");
}

#[test]
fn each_loss_predicts_its_own_location() {
    // One feature that says nothing: what is predicted is the location that the loss asks for.
    let rows = 1_000;
    let target: Vec<f64> = (0..rows).map(|row| f64::from(row).powi(2) / 1e3).collect();
    let values = (0..rows).map(|row| f64::from(row % 2)).collect();
    let train =
        Examples::new(tabular::FeatureMatrix::new(1_000, 1, values).unwrap(), vec![None], target);
    let predicted = |loss: Loss| {
        let task = Task::REGRESSION.with_loss(loss);
        let model = fit(Algorithm::GradientBoosting, task, &train);
        model.model.predict(&train.features)[0]
    };
    let close = |found: f64, expected: f64| {
        assert!((found - expected).abs() < 0.05 * expected, "{found} for {expected}");
    };
    close(predicted(Loss::Squared), 333.0);
    close(predicted(Loss::Absolute), 250.0);
    close(predicted(Loss::Quantile { alpha: 0.9 }), 810.0);
    close(predicted(Loss::Poisson), 333.0);
    close(predicted(Loss::Tweedie { power: 1.5 }), 333.0);
}

#[test]
fn a_monotone_constraint_holds_everywhere() {
    let mut train = data::regression(900, 3);
    train.monotone = vec![-1, 0, 0, 0];
    for parameters in [with(&[]), with(&[("category_statistics", 1.0)])] {
        let model = learner(Algorithm::GradientBoosting)
            .fit(&request(Task::REGRESSION, &train, &parameters))
            .unwrap();
        let mut row = train.features.row(5).to_vec();
        let mut last = f64::INFINITY;
        for step in 0..80 {
            row[0] = -2.0 + f64::from(step) / 20.0;
            let mut out = [0.0];
            model.model.predict_row(&row, &mut out);
            assert!(out[0] <= last, "it rises at {}", row[0]);
            last = out[0];
        }
    }
}

#[test]
fn weights_of_zero_are_rows_that_are_not_there() {
    let all = data::binary(600, 1);
    let kept: Vec<usize> = (0..600).filter(|row| row % 3 != 0).collect();
    let mut weighted = all.clone();
    weighted.weights = Some((0..600).map(|row| f64::from(u8::from(row % 3 != 0))).collect());
    let statistics = with(&[("category_statistics", 1.0)]);
    let auc = |train: &Examples| {
        let model = learner(Algorithm::GradientBoosting)
            .fit(&request(Task::BINARY, train, &statistics))
            .unwrap();
        measured(Metric::RocAuc, Task::BINARY, &model, &data::binary(900, 8))
    };
    assert!((auc(&weighted) - auc(&all.take(&kept))).abs() < 0.03);
    let refused = |weight: f64| {
        let mut train = all.clone();
        let mut weights = vec![1.0; 600];
        weights[4] = weight;
        train.weights = Some(weights);
        learner(Algorithm::GradientBoosting)
            .fit(&request(Task::BINARY, &train, &Parameters::new()))
            .unwrap_err()
            .to_string()
    };
    let expected = "the weight of row 5 is negative or not a finite number";
    assert_eq!(refused(-1.0), expected);
    assert_eq!(refused(f64::NAN), expected);
}
