#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test")]

use contracts::v1::{
    Candidate, EnsembleMember, Explanation, InputContribution, LearningCurvePoint, SearchReport,
    SegmentMetrics, Selection, TrainedModel, TrialRecord,
};

use super::*;

fn record(number: u32, score: f64) -> TrialRecord {
    TrialRecord {
        number,
        algorithm: "random_forest".to_owned(),
        score: Some(score),
        ..TrialRecord::default()
    }
}

fn chosen(report: &SearchReport, model: &TrainedModel) -> ModelSelection {
    ModelSelection {
        leaderboard: Some(Leaderboard::new(report, model)),
        ..ModelSelection::default()
    }
}

#[test]
fn a_leaderboard_is_a_table_with_what_is_served() {
    let trials = vec![
        TrialRecord {
            number: 0,
            algorithm: "logistic_regression".to_owned(),
            profile: "default".to_owned(),
            score: Some(0.81),
            score_std: 0.02,
            fold_scores: vec![0.79, 0.83],
            fit_seconds: 0.25,
            predict_microseconds: 1.5,
            bytes: 900,
            weight: 0.25,
            parameters: [("c".to_owned(), 0.5)].into(),
            ..TrialRecord::default()
        },
        TrialRecord {
            number: 1,
            algorithm: "gradient_boosting".to_owned(),
            profile: "search".to_owned(),
            score: Some(0.88),
            score_std: 0.01,
            fold_scores: vec![0.87, 0.89],
            fit_seconds: 4.5,
            predict_microseconds: 12.5,
            bytes: 2_500_000,
            weight: 0.75,
            parameters: [("learning_rate".to_owned(), 1e-9), ("leaves".to_owned(), 31.0)].into(),
            ..TrialRecord::default()
        },
        TrialRecord { pruned: true, ..record(2, 0.6) },
        TrialRecord { score: None, ..record(3, 0.0) },
    ];
    let member = |trial, algorithm: &str, weight| EnsembleMember {
        trial,
        algorithm: algorithm.to_owned(),
        weight,
        models: 2,
        trained_rows: 0,
    };
    let report = SearchReport {
        metric: "roc_auc".to_owned(),
        trials,
        best: 1,
        folds: 2,
        repeats: 3,
        ended_by: "max_trials".to_owned(),
        budget_seconds: 30.0,
        search_seconds: 12.0,
        refit_seconds: 1.5,
        ensemble: vec![
            member(1, "gradient_boosting", 0.75),
            member(0, "logistic_regression", 0.25),
        ],
        calibration: "platt".to_owned(),
        learning_curve: vec![
            LearningCurvePoint { rows: 100, score: 0.8, score_std: 0.03 },
            LearningCurvePoint { rows: 200, score: 0.88, score_std: 0.01 },
        ],
    };
    let model = TrainedModel {
        algorithm: "ensemble".to_owned(),
        calibration: "platt".to_owned(),
        trained_rows: 900,
        judged_rows: 700,
        refitted: true,
        segments: vec![SegmentMetrics {
            column: "region".to_owned(),
            value: "South".to_owned(),
            rows: 50,
            metrics: [("recall".to_owned(), 0.75)].into(),
        }],
        ..TrainedModel::default()
    };
    let text = chosen(&report, &model).shown(true);
    let expected = "\
search by roc_auc: 4 trials in 2 folds, drawn 3 times, 12.0 s of 30.0 s and 1.5 s for the last fits; ended by its number of trials
served    ensemble, calibrated by platt, learned from 900 rows
judged    the same recipe before the last fit, which learned from 700 rows; the metrics are its
member    75.0 % of the prediction: trial 1, gradient_boosting (2 models)
member    25.0 % of the prediction: trial 0, logistic_regression (2 models)
rank  trial  algorithm            profile  score            fit     predict  size    weight  note
1     1      gradient_boosting    search   0.8800 ± 0.0100  4.50 s  12.5 µs  2.5 MB  75.0 %  best
2     0      logistic_regression  default  0.8100 ± 0.0200  0.25 s  1.5 µs   900 B   25.0 %
-     2      random_forest        -        0.6000           -       -        -       -       pruned
-     3      random_forest        -        -                -       -        -       -       not fitted

trial 1  gradient_boosting: learning_rate 1e-9, leaves 31
trial 0  logistic_regression: c 0.5
trial 2  random_forest: -
trial 3  random_forest: -

rows learned from  score
100                0.8000 ± 0.0300
200                0.8800 ± 0.0100

segment  value  test rows  metrics
region   South  50         recall 0.75";
    assert_eq!(text, expected);
}

#[test]
fn what_inputs_contribute_is_a_table() {
    let report = SearchReport { trials: vec![record(0, 0.8)], ..SearchReport::default() };
    let contribution = |input: &str, mean_absolute| InputContribution {
        input: input.to_owned(),
        mean_absolute,
        ..InputContribution::default()
    };
    let model = TrainedModel {
        explanation: Some(Explanation {
            summary: "Predictions depend on tenure.".to_owned(),
            contributions: vec![contribution("tenure", 0.75), contribution("age", 0.125)],
            contribution_rows: 300,
            ..Explanation::default()
        }),
        ..TrainedModel::default()
    };
    let text = chosen(&report, &model).shown(false);
    let expected = "
input   contributes (SHAP, mean of 300 rows)
tenure  0.750
age     0.125";
    assert!(text.ends_with(expected), "{text}");
}

#[test]
fn a_long_search_is_cut_but_for_the_ensemble() {
    let mut report = SearchReport {
        metric: "rmse".to_owned(),
        trials: (0..30).map(|number| record(number, f64::from(number))).collect(),
        ..SearchReport::default()
    };
    report.trials[29].weight = 0.5;
    let document = chosen(&report, &TrainedModel::default());
    let text = document.shown(false);
    assert!(text.contains("\n20    19 "), "{text}");
    assert!(!text.contains("\n21 ") && text.contains("\n30    29 "), "{text}");
    assert!(text.ends_with("9 more trials: --trials"), "{text}");
    assert!(document.shown(true).contains("\n21    20 "));
}

#[test]
fn a_record_of_an_earlier_build_is_shown_without_what_it_lacks() {
    let report = SearchReport {
        metric: "roc_auc".to_owned(),
        trials: vec![record(0, 0.8)],
        ..SearchReport::default()
    };
    let model = TrainedModel { algorithm: "random_forest".to_owned(), ..TrainedModel::default() };
    let text = chosen(&report, &model).shown(false);
    let expected = "\
search by roc_auc: 1 trials
served    random_forest
rank  trial  algorithm      profile  score   fit  predict  size  weight  note
1     0      random_forest  -        0.8000  -    -        -     -       best";
    assert_eq!(text, expected);
}

#[test]
fn a_selection_and_a_problem_are_told() {
    let selection = Selection {
        candidates: vec![Candidate {
            algorithm: "random_forest".to_owned(),
            score: 0.8,
            score_std: 0.01,
            fit_seconds: 0.5,
            rationale: "best mean score".to_owned(),
            ..Candidate::default()
        }],
        baseline_score: 0.5,
        metric: "roc_auc".to_owned(),
        sample_rows: 100,
        folds: 3,
        ..Selection::default()
    };
    let document = ModelSelection {
        selection: Some((&selection).into()),
        problem: Some("the run kept no report of its search".to_owned()),
        ..ModelSelection::default()
    };
    let expected = "\
selection by roc_auc on 100 rows in 3 folds; always the base rate: 0.5000
algorithm      score            fit     rationale
random_forest  0.8000 ± 0.0100  0.50 s  best mean score

leaderboard: the run kept no report of its search";
    assert_eq!(document.shown(false), expected);
    assert_eq!(ModelSelection::default().shown(true), "");
    let json = serde_json::to_value(&document).unwrap();
    assert_eq!(json["leaderboard_problem"], "the run kept no report of its search");
    assert_eq!(json["selection"]["candidates"][0]["algorithm"], "random_forest");
}
