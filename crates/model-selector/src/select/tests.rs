#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test")]

use std::sync::atomic::{AtomicU64, Ordering};

use rand::{Rng as _, SeedableRng as _};
use rand_chacha::ChaCha8Rng;
use tabular::FeatureMatrix;

use super::*;

/// A number and a category; the target depends on both, the number's part is not linear.
fn examples(rows: usize, classes: Option<usize>) -> Examples {
    let mut generator = ChaCha8Rng::seed_from_u64(9);
    let (mut values, mut target) = (Vec::new(), Vec::new());
    for _ in 0..rows {
        let x: f64 = generator.random_range(-3.0..3.0);
        let code = generator.random_range(0..4_u32);
        let noise: f64 = generator.random_range(-0.5..0.5);
        let score = x * x / 3.0 + if code == 2 { 1.5 } else { 0.0 } + noise;
        values.extend([x, f64::from(code)]);
        target.push(match classes {
            None => score,
            Some(2) => f64::from(u8::from(score > 1.5)),
            Some(_) => score.clamp(0.0, 2.9).floor(),
        });
    }
    Examples::new(FeatureMatrix::new(rows, 2, values).unwrap(), vec![None, Some(4)], target)
}

fn request(task: Task, metric: Metric, clock: &(dyn Fn() -> Duration + Sync)) -> Request<'_> {
    Request {
        task,
        metric,
        interpretable: false,
        seed: 4,
        folds: 3,
        rows: 900,
        budget: Duration::from_secs(60),
        cores: 2,
        clock,
        cancelled: &|| false,
    }
}

fn stopped() -> Duration {
    Duration::ZERO
}

fn names(selection: &Selection) -> Vec<&str> {
    selection.candidates.iter().map(|candidate| candidate.algorithm.as_str()).collect()
}

fn check(request: &Request<'_>, train: &Examples) -> Selection {
    let selection = select(request, train, &mut |_, _| {}).unwrap();
    contracts::Validate::validate(&selection).unwrap();
    selection
}

#[test]
fn the_best_comes_first_and_every_algorithm_is_accounted_for() {
    let train = examples(600, Some(2));
    let selection = check(&request(Task::BINARY, Metric::RocAuc, &stopped), &train);
    assert_ne!(names(&selection)[0], "logistic_regression", "the process is not linear");
    assert_eq!(selection.candidates.len(), 5);
    assert!(selection.candidates.is_sorted_by(|left, right| left.score >= right.score));
    assert!((selection.baseline_score - 0.5).abs() < 1e-9);
    assert_eq!((selection.sample_rows, selection.folds), (600, 3));
    assert_eq!(selection.rejected.len(), 1);
    assert_eq!(selection.rejected[0].algorithm, "elastic_net");
    assert!(selection.candidates[0].rationale.contains("the best of those measured"));
    let again = select(
        &Request { cores: 1, ..request(Task::BINARY, Metric::RocAuc, &stopped) },
        &train,
        &mut |_, _| {},
    );
    assert_eq!(again.unwrap(), selection, "the number of processors changes nothing");
}

#[test]
fn numbers_and_many_classes_are_measured_in_their_metrics() {
    let selection = check(&request(Task::REGRESSION, Metric::Rmse, &stopped), &examples(600, None));
    assert!(names(&selection).contains(&"elastic_net"));
    assert!(selection.candidates.is_sorted_by(|left, right| left.score <= right.score));
    let selection =
        check(&request(Task::multiclass(3), Metric::Accuracy, &stopped), &examples(600, Some(3)));
    assert_eq!(selection.candidates.len(), 5);
}

#[test]
fn an_interpretable_model_is_linear() {
    let request =
        Request { interpretable: true, ..request(Task::BINARY, Metric::RocAuc, &stopped) };
    let selection = check(&request, &examples(600, Some(2)));
    assert_eq!(names(&selection), ["logistic_regression"]);
    assert!(selection.rejected.iter().any(|r| r.reason == "an interpretable model is asked for"));
}

#[test]
fn without_time_everything_is_still_measured_and_says_so() {
    let ticks = AtomicU64::new(0);
    let clock = || Duration::from_secs(ticks.fetch_add(100, Ordering::Relaxed));
    let selection = check(&request(Task::BINARY, Metric::RocAuc, &clock), &examples(600, Some(2)));
    assert_eq!(selection.candidates.len(), 5);
    assert!(selection.candidates.iter().all(|candidate| candidate.rationale.contains("cut short")));
}

#[test]
fn a_cancelled_selection_ends() {
    let request =
        Request { cancelled: &|| true, ..request(Task::BINARY, Metric::RocAuc, &stopped) };
    let error = select(&request, &examples(300, Some(2)), &mut |_, _| {}).unwrap_err();
    assert!(matches!(error, Error::Learners(learners::Error::Cancelled)));
}

#[test]
fn who_was_cut_short_is_not_passed_over() {
    let measured = |algorithm, mean, cut_short| MeasuredCandidate {
        algorithm,
        scores: CrossValidation { scores: vec![mean], mean, deviation: 0.0 },
        fit_seconds: 1.0,
        cut_short,
    };
    let order = |mut all: Vec<MeasuredCandidate>| -> Vec<Algorithm> {
        rank(Metric::RocAuc, &mut all);
        all.iter().map(|of| of.algorithm).collect()
    };
    use Algorithm::{GradientBoosting, LogisticRegression, RandomForest};
    let all = |cut_short| {
        vec![
            measured(GradientBoosting, 0.86, cut_short),
            measured(LogisticRegression, 0.90, false),
            measured(RandomForest, 0.88, false),
        ]
    };
    assert_eq!(order(all(false)), [LogisticRegression, RandomForest, GradientBoosting]);
    assert_eq!(order(all(true)), [LogisticRegression, GradientBoosting, RandomForest]);
}

#[test]
fn what_is_hopeless_on_a_part_of_the_rows_is_not_measured_on_all() {
    let mut train = examples(7_000, Some(2));
    for (row, target) in train.target.iter_mut().enumerate() {
        *target = f64::from(u8::from(train.features.get(row, 0).abs() > 1.5));
    }
    let asked = Request { rows: 7_000, ..request(Task::BINARY, Metric::RocAuc, &stopped) };
    let selection = check(&asked, &train);
    assert!(!names(&selection).contains(&"logistic_regression"), "{:?}", names(&selection));
    let passed =
        selection.rejected.iter().find(|of| of.algorithm == "logistic_regression").unwrap();
    assert!(passed.reason.contains("on 1750 rows"), "{}", passed.reason);
    assert_eq!(selection.candidates.len() + selection.rejected.len(), 6);
    // A line that does as well as the others stays.
    for (row, target) in train.target.iter_mut().enumerate() {
        *target = f64::from(u8::from(train.features.get(row, 0) > 0.2));
    }
    let selection = check(&asked, &train);
    assert!(names(&selection).contains(&"logistic_regression"), "{:?}", selection.rejected);
}
