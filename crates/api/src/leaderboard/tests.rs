#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test")]

use contracts::v1::{EnsembleMember, LearningCurvePoint, SearchReport, TrainedModel, TrialRecord};
use serde_json::json;

use super::*;

fn trial(number: u32, score: Option<f64>, pruned: bool) -> TrialRecord {
    TrialRecord {
        number,
        algorithm: "gradient_boosting".to_owned(),
        score,
        pruned,
        ..TrialRecord::default()
    }
}

fn report(metric: &str) -> SearchReport {
    SearchReport {
        metric: metric.to_owned(),
        best: 1,
        trials: vec![
            trial(0, Some(0.7), false),
            trial(1, Some(0.9), false),
            trial(2, None, false),
            trial(3, Some(0.95), true),
            trial(4, Some(0.9), false),
        ],
        ..SearchReport::default()
    }
}

fn ranked(metric: &str) -> Vec<(Option<u32>, u32)> {
    let board = Leaderboard::new(&report(metric), &TrainedModel::default());
    board.entries.iter().map(|entry| (entry.rank, entry.trial)).collect()
}

#[test]
fn the_best_come_first_and_the_pruned_have_no_rank() {
    let pruned_and_unfitted = [(None, 3), (None, 2)];
    let greater = [(Some(1), 1), (Some(2), 4), (Some(3), 0)];
    assert_eq!(ranked("roc_auc"), [&greater[..], &pruned_and_unfitted].concat());
    let smaller = [(Some(1), 0), (Some(2), 1), (Some(3), 4)];
    assert_eq!(ranked("rmse"), [&smaller[..], &pruned_and_unfitted].concat());
}

#[test]
fn what_an_earlier_build_did_not_record_is_null() {
    let board = Leaderboard::new(&report("roc_auc"), &TrainedModel::default());
    let json = serde_json::to_value(&board).unwrap();
    for key in ["folds", "repeats", "ended_by", "budget_seconds", "search_seconds", "refit_seconds"]
    {
        assert_eq!(json[key], json!(null), "{key}");
    }
    for key in ["profile", "score_std", "log_loss", "fit_seconds", "predict_microseconds", "bytes"]
    {
        assert_eq!(json["entries"][0][key], json!(null), "{key}");
    }
    assert_eq!(json["entries"][0]["weight"], json!(0.0));
    for key in ["calibration", "threshold", "trained_rows", "judged_rows"] {
        assert_eq!(json["served"][key], json!(null), "{key}");
    }
    let back: Leaderboard = serde_json::from_value(json).unwrap();
    assert_eq!(back, board);
}

#[test]
fn everything_that_was_recorded_is_told() {
    let report = SearchReport {
        folds: 5,
        repeats: 2,
        ended_by: "max_trials".to_owned(),
        budget_seconds: 30.0,
        search_seconds: 12.5,
        refit_seconds: 1.5,
        ensemble: vec![EnsembleMember {
            trial: 1,
            algorithm: "extra_trees".to_owned(),
            weight: 1.0,
            models: 5,
            trained_rows: 900,
        }],
        calibration: "platt".to_owned(),
        learning_curve: vec![LearningCurvePoint { rows: 100, score: 0.8, score_std: 0.02 }],
        trials: vec![TrialRecord {
            number: 1,
            algorithm: "extra_trees".to_owned(),
            parameters: [("leaves".to_owned(), 31.0)].into(),
            score: Some(0.9),
            iterations: 40,
            score_std: 0.01,
            fit_seconds: 2.0,
            predict_microseconds: 8.5,
            bytes: 1000,
            log_loss: Some(0.3),
            fold_scores: vec![0.89, 0.91],
            pruned: false,
            weight: 1.0,
            profile: "extra_trees_wide".to_owned(),
        }],
        ..report("roc_auc")
    };
    let model = TrainedModel {
        algorithm: "ensemble".to_owned(),
        calibration: "platt".to_owned(),
        threshold: 0.4,
        trained_rows: 900,
        judged_rows: 700,
        refitted: true,
        segments: vec![v1::SegmentMetrics {
            column: "region".to_owned(),
            value: "South".to_owned(),
            rows: 50,
            metrics: [("recall".to_owned(), 0.7)].into(),
        }],
        explanation: Some(explanation()),
        ..TrainedModel::default()
    };
    let json = serde_json::to_value(Leaderboard::new(&report, &model)).unwrap();
    assert_eq!(
        json,
        json!({
            "metric": "roc_auc", "greater_is_better": true, "best_trial": 1, "folds": 5, "repeats": 2,
            "ended_by": "max_trials", "budget_seconds": 30.0, "search_seconds": 12.5, "refit_seconds": 1.5,
            "served": {
                "algorithm": "ensemble", "calibration": "platt", "threshold": 0.4, "trained_rows": 900,
                "judged_rows": 700, "refitted": true,
                "segments": [{"column": "region", "value": "South", "rows": 50, "metrics": {"recall": 0.7}}],
                "explanation": {
                    "summary": "tenure matters", "rows": 90,
                    "effects": [{
                        "input": "tenure", "effect": 0.2, "direction": "falls",
                        "points": [{"value": "3", "output": 0.4}],
                    }],
                    "interactions": [{"first": "tenure", "second": "plan", "strength": 0.3}],
                    "contribution_rows": 80,
                    "contributions": [{
                        "input": "tenure", "mean_absolute": 0.7,
                        "cells": [{"value": null, "rows": 4, "mean": 0.5, "low": 0.0, "high": 0.0}],
                    }],
                    "segments": [{
                        "column": "region", "value": "South", "rows": 12,
                        "effects": [{"input": "tenure", "effect": 0.2, "direction": "falls", "points": [{"value": "3", "output": 0.4}]}],
                    }],
                },
            },
            "entries": [{
                "rank": 1, "trial": 1, "algorithm": "extra_trees", "profile": "extra_trees_wide", "score": 0.9,
                "score_std": 0.01, "fold_scores": [0.89, 0.91], "log_loss": 0.3, "iterations": 40,
                "fit_seconds": 2.0, "predict_microseconds": 8.5, "bytes": 1000, "weight": 1.0, "pruned": false,
                "parameters": {"leaves": 31.0},
            }],
            "ensemble": [{"trial": 1, "algorithm": "extra_trees", "weight": 1.0, "models": 5}],
            "learning_curve": [{"rows": 100, "score": 0.8, "score_std": 0.02}],
        })
    );
}

fn explanation() -> v1::Explanation {
    let effect = v1::InputEffect {
        input: "tenure".to_owned(),
        effect: 0.2,
        direction: "falls".to_owned(),
        points: vec![v1::EffectPoint { value: "3".to_owned(), output: 0.4 }],
    };
    v1::Explanation {
        rows: 90,
        effects: vec![effect.clone()],
        interactions: vec![v1::Interaction {
            first: "tenure".to_owned(),
            second: "plan".to_owned(),
            strength: 0.3,
        }],
        segments: vec![v1::SegmentEffects {
            column: "region".to_owned(),
            value: "South".to_owned(),
            rows: 12,
            effects: vec![effect],
        }],
        summary: "tenure matters".to_owned(),
        contributions: vec![v1::InputContribution {
            input: "tenure".to_owned(),
            mean_absolute: 0.7,
            cells: vec![v1::ContributionCell {
                rows: 4,
                mean: 0.5,
                ..v1::ContributionCell::default()
            }],
        }],
        contribution_rows: 80,
    }
}

#[test]
fn a_selection_is_told_with_what_it_left_out() {
    let selection = v1::Selection {
        candidates: vec![v1::Candidate {
            algorithm: "random_forest".to_owned(),
            score: 0.8,
            score_std: 0.1,
            fit_seconds: 0.5,
            fold_scores: vec![0.7, 0.9],
            ..v1::Candidate::default()
        }],
        baseline_score: 0.5,
        metric: "roc_auc".to_owned(),
        sample_rows: 100,
        folds: 2,
        rejected: vec![v1::RejectedAlgorithm {
            algorithm: "elastic_net".to_owned(),
            reason: "regression only".to_owned(),
        }],
        seconds: 0.0,
        warm_starts: vec![],
    };
    let json = serde_json::to_value(SelectionView::from(&selection)).unwrap();
    assert_eq!(json["seconds"], json!(null));
    assert_eq!(json["candidates"][0]["fold_scores"], json!([0.7, 0.9]));
    assert_eq!(json["rejected"][0]["reason"], json!("regression only"));
}
