//! What the model is worth: metrics with intervals, the baseline's, and the criteria.

use std::collections::BTreeMap;

use contracts::{messages, stages};
use learners::{Examples, NEUTRAL_THRESHOLD, Outputs, Task};
use tabular::metrics::{self, Interval, Metric, ThresholdObjective};

use crate::baseline::{self, Baseline, Judged, MIN_GATED_ROWS};
use crate::training_tables::TrainingTables;
use crate::{Error, segments};

/// Metrics of a model and of the baseline, on each split.
#[derive(Debug, Clone, PartialEq)]
pub struct Evaluation {
    /// Decision threshold on the positive class's probability; none where it does not apply.
    pub threshold: Option<f64>,
    /// Metrics of the rows that were held out of the fits, by models that had not seen them.
    pub validation: BTreeMap<&'static str, f64>,
    /// Metrics of the test split with their intervals.
    pub test: BTreeMap<&'static str, Interval>,
    /// The baseline on the test split, and how the model compares.
    pub baseline: Baseline,
    /// Metrics of the test split within the groups that the scope names.
    pub segments: Vec<stages::SegmentMetrics>,
    /// How often what was predicted came true on the test split, by ten bins of about as many rows each: the mean
    /// probability of the positive class, the share of positives, and the rows. Empty for other problems.
    pub calibration_curve: Vec<CalibrationPoint>,
}

/// A bin of the calibration curve.
#[derive(Debug, Clone, Copy, PartialEq, serde::Serialize)]
pub struct CalibrationPoint {
    /// Mean probability of the positive class.
    pub predicted: f64,
    /// Share of positive rows.
    pub observed: f64,
    /// Number of rows in the bin.
    pub rows: usize,
}

/// A model to be judged, with what it says of rows that it has not learned from.
#[derive(Clone, Copy)]
pub struct EvaluatedModel<'a> {
    /// Problem type and classes that the model was fitted for.
    pub task: Task,
    /// Model that gave the predictions.
    pub model: &'a scoring::Model,
    /// Its outputs for [`Self::held_out`], each by models that had not seen the row.
    pub outputs: &'a [f64],
    /// The rows that were held out of the fits.
    pub held_out: &'a Examples,
    /// All rows that it learned from.
    pub learn: &'a Examples,
}

/// Measures a model: the threshold on rows held out of the fits, everything else on test rows.
///
/// # Errors
/// Where predictions cannot be measured, or a group column is not there.
pub fn evaluate(
    judged: &EvaluatedModel<'_>,
    test: &Examples,
    material: &TrainingTables,
    scope: &stages::Scope,
    resamples: usize,
) -> Result<Evaluation, Error> {
    let EvaluatedModel { task, model, held_out, learn, .. } = *judged;
    let outputs = Outputs::new(task, judged.outputs.to_vec());
    let objective = objective(scope.threshold.as_ref(), test.rows(), held_out.rows());
    let threshold = outputs.positive().map(|positive| {
        metrics::choose_threshold(&held_out.target, positive, objective)
            .map_or(NEUTRAL_THRESHOLD, |best| best.threshold)
            .clamp(0.0, 1.0)
    });
    let at = threshold.unwrap_or(NEUTRAL_THRESHOLD);
    let validation = metrics::evaluate(&held_out.target, outputs.as_measured(at))?;
    let outputs = Outputs::new(task, model.predict(&test.features));
    // Classes that were made to count the same are measured as they are.
    let weights = test
        .weights
        .as_deref()
        .filter(|_| !scope.weight_column.is_empty() && !scope.balance_classes);
    let mut measured = metrics::bootstrap_weighted(
        &test.target,
        outputs.as_measured(at),
        weights,
        scope.seed,
        resamples,
    )?;
    measured.retain(|_, of| of.value.is_finite() && of.low.is_finite() && of.high.is_finite());
    Ok(Evaluation {
        threshold,
        validation: finite(validation),
        test: measured,
        baseline: baseline::measure(Judged {
            task,
            outputs: &outputs,
            learn,
            test,
            balanced: scope.balance_classes,
            seed: scope.seed,
            resamples,
        })?,
        segments: segments::measure(material, scope, test, &outputs, at)?,
        calibration_curve: outputs
            .positive()
            .map(|positive| calibration_curve(&test.target, positive))
            .unwrap_or_default(),
    })
}

/// What the threshold is chosen for. `k` counts rows of the validation split, which is a third larger than the test split;
/// on other held-out rows it is the same share of them.
fn objective(
    wanted: Option<&stages::ThresholdObjective>,
    test_rows: usize,
    held_out_rows: usize,
) -> ThresholdObjective {
    use contracts::learning::threshold as name;
    let Some(wanted) = wanted else { return ThresholdObjective::F1 };
    match wanted.metric.as_str() {
        name::F_BETA => ThresholdObjective::FBeta { beta: wanted.beta },
        name::COST => ThresholdObjective::Cost {
            false_positive: wanted.false_positive_cost,
            false_negative: wanted.false_negative_cost,
        },
        name::PRECISION_AT_K => {
            let validation_rows = test_rows as f64 * 4.0 / 3.0;
            let share = wanted.k as f64 / validation_rows.max(1.0);
            let k = (share * held_out_rows as f64).round().max(1.0);
            ThresholdObjective::PrecisionAtK { k: k as usize }
        }
        name::MCC => ThresholdObjective::Mcc,
        name::ACCURACY => ThresholdObjective::Accuracy,
        _ => ThresholdObjective::F1,
    }
}

fn calibration_curve(truth: &[f64], positive: &[f64]) -> Vec<CalibrationPoint> {
    const BINS: usize = 10;
    let mut rows: Vec<(f64, f64)> = positive.iter().copied().zip(truth.iter().copied()).collect();
    rows.sort_by(|left, right| left.0.total_cmp(&right.0));
    let of_bin = |bin: &[(f64, f64)]| {
        let count = bin.len() as f64;
        CalibrationPoint {
            predicted: bin.iter().map(|row| row.0).sum::<f64>() / count,
            observed: bin.iter().map(|row| row.1).sum::<f64>() / count,
            rows: bin.len(),
        }
    };
    rows.chunks(rows.len().div_ceil(BINS).max(1)).map(of_bin).collect()
}

fn finite(mut values: BTreeMap<&'static str, f64>) -> BTreeMap<&'static str, f64> {
    values.retain(|_, value| value.is_finite());
    values
}

/// The criteria with what was reached, and warnings for targets that were missed.
///
/// # Errors
/// [`Error::CriterionMissed`] or [`Error::CriterionUnmeasured`] for a gate; [`Error::BaselineNotBeaten`] where that gates.
pub fn judge(
    scope: &stages::Scope,
    evaluation: &Evaluation,
) -> Result<(Vec<stages::CriterionResult>, Vec<messages::Warning>), Error> {
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
        results.push(stages::CriterionResult {
            criterion: criterion.clone(),
            value: of.value,
            met,
        });
    }
    warnings.extend(beyond_chance(scope, evaluation)?);
    warnings.extend(lift_warning(scope, evaluation));
    let disparities = segments::disparities(&evaluation.segments);
    warnings.extend(disparities.into_iter().map(|message| warning("group_disparity", message)));
    Ok((results, warnings))
}

/// Whether the model is better than the baseline beyond chance: a gate where the scope says so, else a warning. On few rows
/// hardly anything is, and it warns as well.
fn beyond_chance(
    scope: &stages::Scope,
    evaluation: &Evaluation,
) -> Result<Option<messages::Warning>, Error> {
    let Some(of) = evaluation.baseline.comparison.filter(|of| !of.better) else { return Ok(None) };
    let missed = Error::BaselineNotBeaten {
        measure: of.measure,
        value: of.paired.second,
        baseline: of.paired.first,
        difference: of.paired.difference,
        low: of.paired.low,
        high: of.paired.high,
        rows: of.rows,
    };
    if scope.gate_on_baseline && of.rows >= MIN_GATED_ROWS {
        return Err(missed);
    }
    Ok(Some(warning("baseline_not_beaten", missed.to_string())))
}

/// A warning where the model is hardly better than the baseline.
fn lift_warning(scope: &stages::Scope, evaluation: &Evaluation) -> Option<messages::Warning> {
    let metric = Metric::by_name(&scope.metric)?;
    let reached = evaluation.test.get(metric.name())?.value;
    let baseline = *evaluation.baseline.metrics.get(metric.name())?;
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

pub(crate) fn warning(code: &str, message: String) -> messages::Warning {
    messages::Warning {
        code: code.to_owned(),
        message,
        agent: contracts::Agent::ModelTrainer.as_str().to_owned(),
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test")]
    use tabular::metrics::PairedComparison;

    use super::*;
    use crate::baseline::Comparison;

    fn evaluation(auc: f64) -> Evaluation {
        let interval = Interval { value: auc, low: auc - 0.02, high: auc + 0.02 };
        Evaluation {
            threshold: Some(0.4),
            validation: BTreeMap::new(),
            test: BTreeMap::from([
                ("roc_auc", interval),
                ("log_loss", Interval { value: 0.5, low: 0.4, high: 0.6 }),
            ]),
            baseline: Baseline {
                metrics: BTreeMap::from([("roc_auc", 0.5)]),
                comparison: Some(Comparison {
                    measure: "ROC AUC",
                    paired: PairedComparison {
                        first: 0.5,
                        second: auc,
                        difference: auc - 0.5,
                        low: auc - 0.52,
                        high: auc - 0.48,
                        p_value: 0.01,
                    },
                    better: auc > 0.52,
                    rows: 200,
                }),
            },
            segments: Vec::new(),
            calibration_curve: Vec::new(),
        }
    }

    fn scope(criteria: &[(&str, f64, bool)]) -> stages::Scope {
        let criterion = |&(metric, threshold, gate): &(&str, f64, bool)| stages::Criterion {
            metric: metric.to_owned(),
            threshold,
            gate,
        };
        stages::Scope {
            metric: "roc_auc".to_owned(),
            min_lift: 0.1,
            criteria: criteria.iter().map(criterion).collect(),
            ..stages::Scope::default()
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
    fn a_model_that_is_not_better_than_the_baseline_ends_the_run_or_warns() {
        let gated = stages::Scope { gate_on_baseline: true, ..scope(&[]) };
        assert!(judge(&gated, &evaluation(0.6)).unwrap().1.is_empty());
        let error = judge(&gated, &evaluation(0.51)).unwrap_err();
        assert_eq!(
            error.to_string(),
            "the model is not better than the baseline beyond chance: ROC AUC on the 200 rows of the test split is 0.5100, the baseline's 0.5000 (difference 0.0100, 95 % interval -0.0100 to 0.0300)"
        );
        let codes = |scope: &stages::Scope, evaluation: &Evaluation| -> Vec<String> {
            let (_, warnings) = judge(scope, evaluation).unwrap();
            warnings.into_iter().map(|warning| warning.code).collect()
        };
        assert_eq!(codes(&scope(&[]), &evaluation(0.51)), ["baseline_not_beaten", "low_lift"]);
        // On a handful of rows nothing can be told apart from chance.
        let mut few = evaluation(0.51);
        few.baseline.comparison.as_mut().unwrap().rows = 9;
        assert_eq!(codes(&gated, &few), ["baseline_not_beaten", "low_lift"]);
    }

    #[test]
    fn hardly_better_than_nothing_warns() {
        let (_, warnings) = judge(&scope(&[]), &evaluation(0.53)).unwrap();
        assert_eq!(warnings.first().map(|warning| warning.code.as_str()), Some("low_lift"));
        assert!(judge(&scope(&[]), &evaluation(0.56)).unwrap().1.is_empty());
    }
}
