//! What the model is worth: metrics with intervals, the baseline's, and the criteria.

use std::collections::BTreeMap;

use contracts::v1;
use learners::{
    Algorithm, Examples, Fit, NEUTRAL_THRESHOLD, Outputs, Parameters, Task, Workers, learner,
};
use tabular::metrics::{self, Interval, Metric};

use crate::Error;

/// What was measured.
#[derive(Debug, Clone, PartialEq)]
pub struct Evaluation {
    /// Decision threshold on the positive class's probability; none where it does not apply.
    pub threshold: Option<f64>,
    /// Metrics of the validation split.
    pub validation: BTreeMap<&'static str, f64>,
    /// Metrics of the test split with their intervals.
    pub test: BTreeMap<&'static str, Interval>,
    /// The baseline's metrics on the test split.
    pub baseline: BTreeMap<&'static str, f64>,
}

/// Measures a model: the threshold on validation rows, everything else on test rows.
///
/// # Errors
/// Where predictions cannot be measured.
pub fn evaluate(
    task: Task,
    model: &scoring::Model,
    train: &Examples,
    validation: &Examples,
    test: &Examples,
    seed: u64,
    resamples: usize,
) -> Result<Evaluation, Error> {
    let outputs = Outputs::new(task, model.predict(&validation.features));
    let threshold = outputs.positive().map(|positive| {
        metrics::best_threshold(&validation.target, positive, Metric::F1)
            .map_or(NEUTRAL_THRESHOLD, |best| best.threshold)
            .clamp(0.0, 1.0)
    });
    let at = threshold.unwrap_or(NEUTRAL_THRESHOLD);
    let validation_metrics = metrics::evaluate(&validation.target, outputs.as_measured(at))?;
    let outputs = Outputs::new(task, model.predict(&test.features));
    let mut measured = metrics::bootstrap(&test.target, outputs.as_measured(at), seed, resamples)?;
    measured.retain(|_, of| of.value.is_finite() && of.low.is_finite() && of.high.is_finite());
    Ok(Evaluation {
        threshold,
        validation: finite(validation_metrics),
        test: measured,
        baseline: baseline(task, train, test)?,
    })
}

/// The prior's metrics.
fn baseline(
    task: Task,
    train: &Examples,
    test: &Examples,
) -> Result<BTreeMap<&'static str, f64>, Error> {
    let prior = learner(Algorithm::Prior).fit(&Fit {
        task,
        train,
        validation: None,
        parameters: &Parameters::new(),
        seed: 0,
        threads: Workers::ONE.threads,
        should_stop: &|| false,
    })?;
    let outputs = Outputs::new(task, prior.model.predict(&test.features));
    Ok(finite(metrics::evaluate(&test.target, outputs.as_measured(NEUTRAL_THRESHOLD))?))
}

fn finite(mut values: BTreeMap<&'static str, f64>) -> BTreeMap<&'static str, f64> {
    values.retain(|_, value| value.is_finite());
    values
}

/// The criteria with what was reached, and warnings for targets that were missed.
///
/// # Errors
/// [`Error::CriterionMissed`] or [`Error::CriterionUnmeasured`] for a gate.
pub fn judge(
    scope: &v1::Scope,
    evaluation: &Evaluation,
) -> Result<(Vec<v1::CriterionResult>, Vec<v1::Warning>), Error> {
    let mut results = Vec::new();
    let mut warnings = Vec::new();
    for criterion in &scope.criteria {
        let name = criterion.metric.as_str();
        let (Some(metric), Some(of)) = (Metric::by_name(name), evaluation.test.get(name)) else {
            if criterion.gate {
                return Err(Error::CriterionUnmeasured { metric: name.to_owned() });
            }
            warnings.push(warning(
                "criterion_unmeasured",
                format!("{name} has no value on the test split"),
            ));
            continue;
        };
        let greater = metric.greater_is_better();
        let met =
            if greater { of.value >= criterion.threshold } else { of.value <= criterion.threshold };
        let asked = if greater { "at least" } else { "at most" };
        if !met && criterion.gate {
            return Err(Error::CriterionMissed {
                metric: name.to_owned(),
                value: of.value,
                low: of.low,
                high: of.high,
                asked,
                threshold: criterion.threshold,
            });
        }
        if !met {
            let message = format!(
                "{name} on the test split is {:.4} ({:.4} to {:.4}), the target is {asked} {}",
                of.value, of.low, of.high, criterion.threshold
            );
            warnings.push(warning("criterion_missed", message));
        }
        results.push(v1::CriterionResult {
            criterion: Some(criterion.clone()),
            value: of.value,
            met,
        });
    }
    warnings.extend(lift_warning(scope, evaluation));
    Ok((results, warnings))
}

/// A warning where the model is hardly better than the baseline.
fn lift_warning(scope: &v1::Scope, evaluation: &Evaluation) -> Option<v1::Warning> {
    let metric = Metric::by_name(&scope.metric)?;
    let reached = evaluation.test.get(metric.name())?.value;
    let baseline = *evaluation.baseline.get(metric.name())?;
    let lift = lift(metric, reached, baseline)?;
    (lift < scope.min_lift).then(|| {
        let message = format!(
            "{metric} on the test split is {reached:.4}, the baseline's {baseline:.4}: a relative lift of {lift:.3}, where {} is wanted",
            scope.min_lift
        );
        warning("low_lift", message)
    })
}

/// How much better a value is than the baseline's, relative to it; none where the baseline is 0.
fn lift(metric: Metric, value: f64, baseline: f64) -> Option<f64> {
    let gained = if metric.greater_is_better() { value - baseline } else { baseline - value };
    let lift = gained / baseline.abs();
    lift.is_finite().then_some(lift)
}

fn warning(code: &str, message: String) -> v1::Warning {
    v1::Warning {
        code: code.to_owned(),
        message,
        agent: contracts::Agent::ModelTrainer.as_str().to_owned(),
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test")]
    use super::*;

    fn evaluation(auc: f64) -> Evaluation {
        let interval = Interval { value: auc, low: auc - 0.02, high: auc + 0.02 };
        Evaluation {
            threshold: Some(0.4),
            validation: BTreeMap::new(),
            test: BTreeMap::from([
                ("roc_auc", interval),
                ("log_loss", Interval { value: 0.5, low: 0.4, high: 0.6 }),
            ]),
            baseline: BTreeMap::from([("roc_auc", 0.5)]),
        }
    }

    fn scope(criteria: &[(&str, f64, bool)]) -> v1::Scope {
        let criterion = |&(metric, threshold, gate): &(&str, f64, bool)| v1::Criterion {
            metric: metric.to_owned(),
            threshold,
            gate,
        };
        v1::Scope {
            metric: "roc_auc".to_owned(),
            min_lift: 0.1,
            criteria: criteria.iter().map(criterion).collect(),
            ..v1::Scope::default()
        }
    }

    #[test]
    fn a_gate_ends_the_run_and_a_target_warns() {
        let criteria = [("roc_auc", 0.75, true), ("log_loss", 0.45, false)];
        let (results, warnings) = judge(&scope(&criteria), &evaluation(0.8)).unwrap();
        assert_eq!(results.iter().map(|result| result.met).collect::<Vec<_>>(), [true, false]);
        assert_eq!(
            warnings.iter().map(|warning| warning.code.as_str()).collect::<Vec<_>>(),
            ["criterion_missed"]
        );
        let error = judge(&scope(&criteria), &evaluation(0.7)).unwrap_err();
        assert_eq!(
            error.to_string(),
            "roc_auc on the test split is 0.7000 (95 % interval 0.6800 to 0.7200), the gate asks for at least 0.75"
        );
        assert!(matches!(
            judge(&scope(&[("f1", 0.5, true)]), &evaluation(0.8)),
            Err(Error::CriterionUnmeasured { .. })
        ));
    }

    #[test]
    fn hardly_better_than_nothing_warns() {
        let (_, warnings) = judge(&scope(&[]), &evaluation(0.52)).unwrap();
        assert_eq!(warnings.first().map(|warning| warning.code.as_str()), Some("low_lift"));
        assert!(judge(&scope(&[]), &evaluation(0.56)).unwrap().1.is_empty());
    }
}
