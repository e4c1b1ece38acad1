//! What is told of a trained model: the stage's output without its artifacts, and the report of the search.

use std::collections::BTreeMap;

use contracts::stages;
use learners::{Share, Trial};
use scoring::Calibration;
use tabular::metrics::Metric;

use crate::train::TrainingOutcome;

/// The output of the stage; its artifacts are put in where they are stored.
pub(crate) fn output(
    scope: &stages::Scope,
    trained: &TrainingOutcome,
    signature: &scoring::Signature,
) -> stages::TrainedModel {
    let named = |values: &BTreeMap<&'static str, f64>| {
        values.iter().map(|(name, value)| ((*name).to_owned(), *value)).collect()
    };
    let estimate = |of: &tabular::metrics::Interval| stages::MetricEstimate {
        value: of.value,
        low: of.low.min(of.high),
        high: of.high.max(of.low),
    };
    let evaluation = &trained.evaluation;
    let heaviest = trained.heaviest();
    stages::TrainedModel {
        algorithm: trained.served.algorithm().to_owned(),
        parameters: heaviest
            .map(|trial| trial.parameters.clone())
            .unwrap_or_default()
            .into_iter()
            .collect(),
        threshold: evaluation.threshold.unwrap_or_default(),
        validation_metrics: named(&evaluation.validation),
        test_metrics: evaluation
            .test
            .iter()
            .map(|(name, of)| ((*name).to_owned(), estimate(of)))
            .collect(),
        baseline_metrics: named(&evaluation.baseline.metrics),
        criteria: trained.criteria.clone(),
        trials: number(trained.searched.trials.len()),
        search_seconds: trained.searched.search_seconds,
        feature_importance: trained.importance.clone().into_iter().collect(),
        signature_inputs: signature.inputs.clone(),
        classes: scope.classes.clone(),
        problem_type: scope.problem_type,
        ensemble: members(&trained.served.shares),
        calibration: calibration(scope, &trained.combination.calibration),
        trained_rows: trained.served.rows as u64,
        judged_rows: trained.judged_rows as u64,
        refitted: trained.refitted,
        segments: evaluation.segments.clone(),
        explanation: trained.explanation.clone(),
        ..stages::TrainedModel::default()
    }
}

/// Members with their weights; none where one configuration alone is served.
fn members(shares: &[Share]) -> Vec<stages::EnsembleMember> {
    if shares.len() < 2 {
        return Vec::new();
    }
    let member = |share: &Share| stages::EnsembleMember {
        trial: number(share.trial),
        algorithm: share.algorithm.name().to_owned(),
        weight: share.weight,
        models: number(share.models),
        trained_rows: share.rows as u64,
    };
    shares.iter().map(member).collect()
}

fn calibration(scope: &stages::Scope, calibration: &Calibration) -> String {
    if scope.classes.is_empty() { String::new() } else { calibration.name().to_owned() }
}

/// How the search went: every trial, the ensemble and the learning curve.
pub(crate) fn search_report(
    scope: &stages::Scope,
    trained: &TrainingOutcome,
) -> stages::SearchReport {
    let searched = &trained.searched;
    let weight = |trial: &Trial| {
        let own = |share: &&Share| share.trial == trial.number;
        trained.combination.shares.iter().find(own).map_or(0.0, |share| share.weight)
    };
    let finite = |value: Option<f64>| value.filter(|value| value.is_finite());
    let record = |trial: &Trial| stages::TrialRecord {
        number: number(trial.number),
        algorithm: trial.algorithm.name().to_owned(),
        parameters: trial.parameters.clone().into_iter().collect(),
        score: finite(trial.score),
        iterations: trial.iterations,
        score_std: deviation(&trial.fold_scores),
        fit_seconds: trial.cost.fit_seconds,
        predict_microseconds: trial.cost.predict_microseconds,
        bytes: trial.cost.bytes,
        log_loss: finite(trial.loss).filter(|_| !scope.classes.is_empty()),
        fold_scores: trial.fold_scores.clone(),
        pruned: trial.pruned,
        weight: weight(trial),
        profile: trial.profile.clone(),
    };
    // These members are the judged model's, of the rows that the search looked at; readers of earlier versions refuse fields that they
    // do not know.
    let mut judged = members(&trained.combination.shares);
    judged.iter_mut().for_each(|member| member.trained_rows = 0);
    stages::SearchReport {
        metric: scope.metric.clone(),
        trials: searched.trials.iter().map(record).collect(),
        best: number(best(scope, &searched.trials)),
        folds: number(searched.folds),
        repeats: number(searched.repeats),
        ended_by: searched.ended_by.name().to_owned(),
        budget_seconds: searched.budget_seconds,
        search_seconds: searched.search_seconds,
        refit_seconds: trained.refit_seconds,
        ensemble: judged,
        calibration: calibration(scope, &trained.combination.calibration),
        learning_curve: searched.learning_curve.clone(),
    }
}

/// Number of the trial with the best score, the first of equal ones.
fn best(scope: &stages::Scope, trials: &[Trial]) -> usize {
    let metric = Metric::by_name(&scope.metric);
    let scored = trials.iter().filter(|trial| trial.score.is_some() && !trial.pruned);
    let best = scored.reduce(|best, trial| match (metric, trial.score, best.score) {
        (Some(metric), Some(score), Some(than)) if metric.is_better(score, than) => trial,
        _ => best,
    });
    best.map_or(0, |trial| trial.number)
}

/// The standard deviation of the folds' scores; 0 of fewer than two.
fn deviation(scores: &[f64]) -> f64 {
    learners::CrossValidation::from_scores(scores.to_vec()).deviation
}

fn number(value: usize) -> u32 {
    u32::try_from(value).unwrap_or(u32::MAX)
}
