//! The metric, and the thresholds that the trained model has to meet.
//!
//! Thresholds that a request or the catalogue names gate or warn as they say. Without any, what gates is that the model is better
//! than the baseline beyond chance, and the default thresholds warn; the strict form lets the one on the metric that is
//! optimised gate.

use contracts::stages::{Criterion, ProblemType};
use tabular::metrics::Metric;

use crate::config::Defaults;
use crate::error::{RequestError, did_you_mean};

/// The metric asked for, or the type's own: `roc_auc`, `log_loss`, `rmse`.
pub(crate) fn metric(asked: &str, problem_type: ProblemType) -> Result<String, RequestError> {
    if asked.is_empty() {
        let default = match problem_type {
            ProblemType::Multiclass => Metric::LogLoss,
            ProblemType::Regression => Metric::Rmse,
            ProblemType::Binary => Metric::RocAuc,
        };
        return Ok(default.name().to_owned());
    }
    check("metric", asked, problem_type)?;
    Ok(asked.to_owned())
}

fn check(subject: &str, name: &str, problem_type: ProblemType) -> Result<(), RequestError> {
    let fitting: Vec<String> = Metric::ALL
        .iter()
        .filter(|metric| metric.applies_to(problem_type))
        .map(|metric| metric.name().to_owned())
        .collect();
    match Metric::by_name(name) {
        None => {
            let nearest = dataset::nearest(name, fitting.iter().map(String::as_str));
            let message = format!("there is no metric `{name}`{}", did_you_mean(&nearest));
            Err(RequestError::new("metric_unknown", subject, message)
                .suggesting(if nearest.is_empty() { fitting } else { nearest }))
        }
        Some(metric) if !metric.applies_to(problem_type) => {
            let message = format!(
                "the metric `{name}` does not apply to a {problem_type} problem; {} do",
                fitting.join(", ")
            );
            Err(RequestError::new("metric_not_applicable", subject, message).suggesting(fitting))
        }
        Some(_) => Ok(()),
    }
}

/// Refuses thresholds that no model can be held against; metrics that are not known are left to what knows the type of problem.
pub(crate) fn check_thresholds(asked: &[Criterion]) -> Result<(), RequestError> {
    for Criterion { metric, threshold, .. } in asked {
        let checked = Metric::by_name(metric).map(|metric| metric.check_threshold(*threshold));
        if let Some(Err(error)) = checked {
            return Err(RequestError::new("threshold_out_of_range", "criteria", error.to_string()));
        }
    }
    Ok(())
}

/// The criteria asked for, or the defaults of the type; `strict` lets a default on the metric gate.
pub(crate) fn criteria(
    asked: Vec<Criterion>,
    metric: &str,
    problem_type: ProblemType,
    strict: bool,
    defaults: &Defaults,
) -> Result<Vec<Criterion>, RequestError> {
    if !asked.is_empty() {
        for criterion in &asked {
            check("criteria", &criterion.metric, problem_type)?;
        }
        check_thresholds(&asked)?;
        return Ok(asked);
    }
    let thresholds: &[(Metric, f64)] = match problem_type {
        ProblemType::Binary => &[
            (Metric::RocAuc, defaults.roc_auc),
            (Metric::Precision, defaults.precision),
            (Metric::Recall, defaults.recall),
            (Metric::F1, defaults.f1),
        ],
        ProblemType::Regression => &[(Metric::R2, defaults.r2)],
        ProblemType::Multiclass => &[],
    };
    let criterion = |(of, threshold): &(Metric, f64)| Criterion {
        metric: of.name().to_owned(),
        threshold: *threshold,
        gate: strict && of.name() == metric,
    };
    Ok(thresholds.iter().map(criterion).collect())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test")]

    use super::*;

    #[test]
    fn metrics_are_checked() {
        assert_eq!(metric("", ProblemType::Binary).unwrap(), "roc_auc");
        assert_eq!(metric("", ProblemType::Multiclass).unwrap(), "log_loss");
        assert_eq!(metric("", ProblemType::Regression).unwrap(), "rmse");
        assert_eq!(metric("mae", ProblemType::Regression).unwrap(), "mae");
        assert_eq!(metric("rmse", ProblemType::Binary).unwrap_err().code, "metric_not_applicable");
        let unknown = metric("roc-auc", ProblemType::Binary).unwrap_err();
        assert_eq!(
            (unknown.code, unknown.suggestions),
            ("metric_unknown", vec!["roc_auc".to_owned()])
        );
    }

    #[test]
    fn a_default_gates_in_the_strict_form_and_on_the_metric_alone() {
        let usual =
            criteria(Vec::new(), "roc_auc", ProblemType::Binary, false, &Defaults::default());
        assert!(usual.unwrap().iter().all(|criterion| !criterion.gate));
        let gates = |metric: &str, problem_type| -> Vec<String> {
            let criteria =
                criteria(Vec::new(), metric, problem_type, true, &Defaults::default()).unwrap();
            criteria
                .into_iter()
                .filter(|criterion| criterion.gate)
                .map(|criterion| criterion.metric)
                .collect()
        };
        assert_eq!(gates("roc_auc", ProblemType::Binary), ["roc_auc"]);
        assert!(gates("rmse", ProblemType::Regression).is_empty());
        assert_eq!(gates("r2", ProblemType::Regression), ["r2"]);
        assert!(gates("log_loss", ProblemType::Multiclass).is_empty());
        let beyond = vec![Criterion { metric: "roc_auc".to_owned(), threshold: 2.0, gate: false }];
        let refused = criteria(beyond, "roc_auc", ProblemType::Binary, false, &Defaults::default());
        assert_eq!(refused.unwrap_err().code, "threshold_out_of_range");
        let asked = vec![Criterion { metric: "auc".to_owned(), threshold: 0.8, gate: true }];
        assert_eq!(
            criteria(asked, "roc_auc", ProblemType::Binary, false, &Defaults::default())
                .unwrap_err()
                .code,
            "metric_unknown"
        );
    }
}
