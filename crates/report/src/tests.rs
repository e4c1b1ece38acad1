#![allow(clippy::unwrap_used, reason = "a test stops at the first surprise")]

use serde_json::{Value, json};

use super::*;

const HOSTILE: &str = "</pre><script>alert(1)</script>";

fn run(status: &str, model: &Value) -> RunView {
    serde_json::from_value(json!({
        "run_id": "churn-1", "name": "churn", "status": status, "failed_stage": null, "reason": null,
        "model": model, "endpoint": null, "created_at": "2026-11-25T12:00:00Z", "ended_at": null,
        "seconds": 12.5, "text": HOSTILE,
        "metrics": {"test": {"roc_auc": 0.87}, "test_interval_95": {"roc_auc": [0.85, 0.89]},
                    "baseline": {"roc_auc": 0.5}},
        "stages": [{"agent": "model-trainer", "status": "succeeded", "seconds": 10.0, "attempts": 1}],
        "warnings": [{"code": "few_rows", "message": "few rows", "agent": "data-preparer"}],
    }))
    .unwrap()
}

fn timeline() -> TimelineDocument {
    serde_json::from_value(json!({"run_id": "churn-1", "omitted": 2, "timeline": [
        {"at": "2026-11-25T12:00:10Z", "stream": "TIER0", "sequence": 9, "epoch": 0, "kind": "settled",
         "agent": "model-trainer", "attempt": 1, "seconds": 10.0,
         "times": {"waiting": 0.5, "reading": 1.25, "computing": 8.0, "writing": 0.0}},
    ]}))
    .unwrap()
}

fn leaderboard() -> LeaderboardDocument {
    let contributions = json!([
        {"input": "tenure", "mean_absolute": 0.75, "cells": [
            {"value": "1", "rows": 140, "low": 0.5, "mean": 0.625, "high": 0.875},
            {"value": "9", "rows": 150, "low": -0.9375, "mean": -0.8125, "high": -0.5},
            {"value": null, "rows": 10, "low": 0.0, "mean": 0.0, "high": 0.0}]},
        {"input": HOSTILE, "mean_absolute": 0.25, "cells": [
            {"value": "value 1", "rows": 300, "low": 0.125, "mean": 0.25, "high": 0.375}]},
    ]);
    let entry = |trial: u32, score: f64| {
        json!({"rank": trial + 1, "trial": trial, "algorithm": "lightgbm", "profile": "search", "score": score,
               "score_std": 0.01, "fold_scores": [score], "log_loss": 0.4, "iterations": 10, "fit_seconds": 1.0,
               "predict_microseconds": 2.0, "bytes": 100, "weight": 0.5, "pruned": false,
               "parameters": {"num_leaves": 31.0}})
    };
    serde_json::from_value(json!({
        "run_id": "churn-1", "selection": null,
        "leaderboard": {
            "metric": "roc_auc", "greater_is_better": true, "best_trial": 1, "folds": 5, "repeats": 1,
            "ended_by": "time_budget", "budget_seconds": 10.0, "search_seconds": 9.9, "refit_seconds": 0.5,
            "served": {
                "algorithm": "ensemble", "calibration": "platt", "threshold": 0.4, "trained_rows": 800,
                "judged_rows": 600, "refitted": true,
                "segments": [{"column": "region", "value": "", "rows": 20, "metrics": {"roc_auc": 0.8}}],
                "explanation": {
                    "summary": "Predictions depend on tenure.", "rows": 100,
                    "effects": [
                        {"input": "tenure", "effect": 0.1, "direction": "falls",
                         "points": [{"value": "1", "output": 0.6}, {"value": "9", "output": 0.2}]},
                        {"input": HOSTILE, "effect": 0.05, "direction": null,
                         "points": [{"value": "a", "output": 0.3}, {"value": "b", "output": 0.4}]},
                    ],
                    "interactions": [{"first": "a", "second": "b", "strength": 0.3}], "segments": [],
                    "contribution_rows": 300,
                    "contributions": contributions,
                },
            },
            "entries": [entry(0, 0.80), entry(1, 0.86), entry(2, 0.84)],
            "ensemble": [{"trial": 1, "algorithm": "lightgbm", "weight": 0.7, "models": 5}],
            "learning_curve": [{"rows": 100, "score": 0.7, "score_std": 0.02},
                               {"rows": 800, "score": 0.86, "score_std": 0.01}],
        },
    }))
    .unwrap()
}

fn evaluation() -> EvaluationDocument {
    serde_json::from_value(json!({
        "model": "churn", "version": 1, "target": "churned", "positive_class": "yes", "threshold": 0.4,
        "baseline": {}, "card": HOSTILE, "inputs": [],
        "calibration_curve": [{"predicted": 0.1, "observed": 0.0, "rows": 50},
                              {"predicted": 0.8, "observed": 0.5, "rows": 50}],
        "roc_curve": [{"x": 0.0, "y": 0.0}, {"x": 0.3, "y": 1.0}, {"x": 1.0, "y": 1.0}],
        "precision_recall_curve": [{"x": 0.0, "y": 1.0}, {"x": 1.0, "y": 0.25}],
        "confusion": {"true_positive": 25, "false_positive": 25, "false_negative": 0, "true_negative": 50},
        "importance": [{"feature": "tenure", "share": 0.9}],
    }))
    .unwrap()
}

#[test]
fn the_page_is_whole_and_loads_nothing() {
    let model = json!({"name": "churn", "version": 1, "digest": "ab", "algorithm": "ensemble"});
    let (run, timeline) = (run("succeeded", &model), timeline());
    let (leaderboard, evaluation) = (leaderboard(), evaluation());
    let verdicts = serde_json::from_value(json!({
        "run_id": "churn-1",
        "scope": {"target": "churned", "problem_type": "binary", "evidence": "two values", "positive_class": "yes",
                  "metric": "roc_auc", "rows_examined": 1000, "excluded_columns": {"id": "an identifier"}},
        "quality_gate": {"passed": true, "score": 0.98, "threshold": 0.9, "dimensions": {"completeness": 0.99},
                         "issues": [{"code": "few_rows", "blocking": false, "column": "", "message": "few", "rows": 3}],
                         "rows_read": 1000, "rows_kept": 999, "splits": {"train": 600}},
        "features": {"kept": 4, "rejected": 1, "validation_gain": 0.01},
        "criteria": [{"metric": "roc_auc", "threshold": 0.8, "value": 0.87, "met": true, "gate": true}],
        "deployment": {"strategy": "canary", "checked_rows": 200, "max_difference": 0.0, "servers": ["s1"]},
    }));
    let verdicts: VerdictsDocument = verdicts.unwrap();
    let data: DataDocument = serde_json::from_value(json!({
        "run_id": "churn-1", "rows": 600, "omitted": 3, "excluded_columns": {},
        "columns": [
            {"name": "tenure", "type": "integer", "count": 594, "missing": 6, "distinct": 72, "distinct_estimated": false,
             "spread": {"min": 0, "median": 29, "max": 72.5, "mean": 32.4, "std": 24.6, "histogram": []},
             "values": []},
            {"name": HOSTILE, "type": "text", "count": 600, "missing": 0, "distinct": 2, "distinct_estimated": true,
             "spread": null, "values": [{"value": HOSTILE, "rows": 450}]},
        ],
    }))
    .unwrap();
    let page = html(&RunReport {
        run: &run,
        timeline: &timeline,
        verdicts: Some(&verdicts),
        data: Some(&data),
        leaderboard: Some(&leaderboard),
        evaluation: Some(&evaluation),
    });
    assert!(page.starts_with("<!doctype html>") && page.ends_with("</html>\n"));
    assert!(!page.contains("<script") && !page.contains("<link") && !page.contains("url("));
    assert!(!page.contains("NaN") && !page.contains("http:"));
    assert_eq!(page.matches("<svg").count(), page.matches("</svg>").count());
    for told in [
        "[0.85, 0.89]",
        "1.25 s",
        "an identifier",
        "num_leaves 31",
        "ROC curve",
        "Would more rows help?",
        "region = missing",
        "Predictions depend on tenure.",
        "25 (25.0 %)",
        "the first 50 %",
        "2.00",
        "Shapley values on 300 rows that the model was not fitted on: by how much an input moves the log-odds of the positive class",
        "Mean size of the contribution by input",
        "Contribution of tenure by its value",
        "-0.9375 to -0.5",
        "value 1",
        "Columns of the 600 rows of the training split",
        "6 (1.0 %)",
        "0, 29, 72.5",
        "450 (75.0 %)",
        "about 2",
        "3 more columns are left out.",
        "2 earlier transitions are left out.",
    ] {
        assert!(page.contains(told), "{told}");
    }
    // The best so far never falls: 0.80, 0.86, 0.86.
    let best = page.split("best so far</title></path>").next().unwrap();
    let path = best.rsplit("d=\"M").next().unwrap();
    let heights: Vec<&str> = path
        .split('"')
        .next()
        .unwrap()
        .split('L')
        .map(|at| at.split_once(' ').unwrap().1)
        .collect();
    assert_eq!(heights.len(), 3);
    assert_eq!(heights.get(1), heights.get(2), "{heights:?}");
}

#[test]
fn what_is_not_there_is_said() {
    let failed = RunView {
        failed_stage: Some("data-preparer".into()),
        reason: Some("no such file".into()),
        suggestions: vec!["data/a.csv".into()],
        metrics: Default::default(),
        ..run("failed", &Value::Null)
    };
    let page = html(&RunReport {
        run: &failed,
        timeline: &timeline(),
        verdicts: None,
        data: None,
        leaderboard: None,
        evaluation: None,
    });
    assert!(page.contains("Failed at data-preparer: no such file"));
    assert!(page.contains("Instead: data/a.csv"));
    assert_eq!(page.matches(NO_MESSAGES).count(), 3);
    assert_eq!(page.matches(NO_VERSION).count(), 2);
    assert!(page.contains("Nothing was measured on the test split."));
}
