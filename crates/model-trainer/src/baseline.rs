//! The baseline, and whether the model is better than it beyond chance.
//!
//! Chance is judged on the test split, row by row, on both at once: what makes a row hard is hard for both.
//!
//! | problem | what is compared | test |
//! | --- | --- | --- |
//! | two classes | ROC AUC | DeLong's |
//! | several classes | mean log loss | paired bootstrap |
//! | numbers | mean of the loss that is minimised | paired bootstrap |
//!
//! A model is better where the 95 % interval of the difference lies on its side of 0: by chance alone, one in forty is.

use std::collections::BTreeMap;

use learners::{
    Algorithm, Examples, Fit, Loss, NEUTRAL_THRESHOLD, Outputs, Parameters, Task, Workers, learner,
    row_losses,
};
use tabular::ProblemType;
use tabular::metrics::{self, PairedComparison};

use crate::Error;

/// Fewest test rows on which a missing difference says anything; on fewer it is told and does not gate.
pub(crate) const MIN_GATED_ROWS: usize = 50;

/// The baseline's metrics on the test split, and how the model compares.
#[derive(Debug, Clone, PartialEq)]
pub struct Baseline {
    /// The baseline's metrics on the test split.
    pub metrics: BTreeMap<&'static str, f64>,
    /// The model beside it; none where nothing can be said, as where the test split has one class.
    pub comparison: Option<Comparison>,
}

/// A model and the baseline on the same rows.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Comparison {
    /// What is compared, in words.
    pub measure: &'static str,
    /// The baseline first, the model second.
    pub paired: PairedComparison,
    /// Whether the model is better beyond chance.
    pub better: bool,
    /// Rows of the test split.
    pub rows: usize,
}

/// What is compared on the test split.
#[derive(Clone, Copy)]
pub(crate) struct Judged<'a> {
    pub(crate) task: Task,
    /// The model's outputs for the test rows.
    pub(crate) outputs: &'a Outputs,
    /// Rows that it learned from.
    pub(crate) learn: &'a Examples,
    pub(crate) test: &'a Examples,
    /// Whether classes were made to count the same.
    pub(crate) balanced: bool,
    pub(crate) seed: u64,
    pub(crate) resamples: usize,
}

/// Measures the baseline and compares.
///
/// # Errors
/// Where it cannot be fitted or measured.
pub(crate) fn measure(judged: Judged<'_>) -> Result<Baseline, Error> {
    let Judged { task, outputs, learn, test, .. } = judged;
    let prior = learner(Algorithm::Prior).fit(&Fit {
        task,
        train: learn,
        streamed: None,
        validation: None,
        iterations: None,
        parameters: &Parameters::new(),
        seed: 0,
        threads: Workers::ONE.threads,
        should_stop: &|| false,
    })?;
    let of_prior = Outputs::new(task, prior.model.predict(&test.features));
    let mut metrics = metrics::evaluate(&test.target, of_prior.as_measured(NEUTRAL_THRESHOLD))?;
    metrics.retain(|_, value| value.is_finite());
    let rows = test.rows();
    let comparison = match (outputs.positive(), task.problem) {
        (Some(positive), _) => {
            metrics::delong(&test.target, &vec![0.5; rows], positive).map(|paired| Comparison {
                measure: "ROC AUC",
                paired,
                better: paired.low > 0.0,
                rows,
            })
        }
        (None, problem) => {
            let constant = constant(judged, of_prior);
            let (first, second) =
                (row_losses(&test.target, &constant), row_losses(&test.target, outputs));
            let measure =
                if problem == ProblemType::Regression { "mean loss" } else { "mean log loss" };
            metrics::paired_means(
                &first,
                &second,
                test.weights.as_deref(),
                judged.seed,
                judged.resamples,
            )
            .map(|paired| Comparison {
                measure,
                paired,
                better: paired.high < 0.0,
                rows,
            })
        }
    };
    Ok(Baseline { metrics, comparison })
}

/// The best that can be said of every row alike, for the loss that the model minimised.
fn constant(judged: Judged<'_>, prior: Outputs) -> Outputs {
    let Judged { task, learn, test, balanced, .. } = judged;
    let share = match task.loss {
        _ if task.problem != ProblemType::Regression => {
            // Where classes count the same, none is more probable than another before a row is looked at.
            let equal = 1.0 / task.classes.max(1) as f64;
            let all = vec![equal; task.classes * test.rows()];
            return if balanced { Outputs::new(task, all) } else { prior };
        }
        Loss::Absolute | Loss::Huber { .. } => 0.5,
        Loss::Quantile { alpha } => alpha,
        Loss::Squared | Loss::Poisson | Loss::Tweedie { .. } => return prior,
    };
    let mut sorted = learn.target.clone();
    sorted.sort_by(f64::total_cmp);
    let last = sorted.len().saturating_sub(1) as f64;
    let quantile = sorted.get((share * last).round() as usize).copied().unwrap_or_default();
    Outputs::new(task, vec![quantile; test.rows()])
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test")]

    use tabular::FeatureMatrix;

    use super::*;

    fn examples(target: Vec<f64>) -> Examples {
        let features = FeatureMatrix::new(target.len(), 1, vec![0.0; target.len()]).unwrap();
        Examples::new(features, vec![None], target)
    }

    fn compared(task: Task, target: Vec<f64>, outputs: Vec<f64>) -> Comparison {
        let (test, outputs) = (examples(target), Outputs::new(task, outputs));
        let judged = Judged {
            task,
            outputs: &outputs,
            learn: &test,
            test: &test,
            balanced: false,
            seed: 7,
            resamples: 300,
        };
        measure(judged).unwrap().comparison.unwrap()
    }

    /// Looks random.
    fn noise(row: usize) -> f64 {
        ((row * 7919) % 101) as f64 / 101.0
    }

    #[test]
    fn a_weak_signal_is_better_and_noise_is_not() {
        let target: Vec<f64> = (0..600).map(|row| f64::from(u8::from(row % 3 == 0))).collect();
        let said = |weight: f64| -> Vec<f64> {
            let positive = |(row, y): (usize, &f64)| weight * y + (1.0 - weight) * noise(row);
            let both = |positive: f64| [1.0 - positive, positive];
            target.iter().enumerate().map(positive).flat_map(both).collect()
        };
        assert!(compared(Task::BINARY, target.clone(), said(0.2)).better);
        assert!(!compared(Task::BINARY, target.clone(), said(0.0)).better);
    }

    #[test]
    fn numbers_are_compared_by_the_loss_that_is_minimised() {
        let target: Vec<f64> = (0..400).map(|row| 100.0 * noise(row)).collect();
        let near: Vec<f64> = target.iter().map(|y| 0.3 * y + 35.0).collect();
        let other: Vec<f64> = (0..400).map(|row| 100.0 * noise(row * 13 + 5)).collect();
        assert!(compared(Task::REGRESSION, target.clone(), near).better);
        assert!(!compared(Task::REGRESSION, target.clone(), other).better);
        // A constant 90 % quantile is the baseline of a model of that quantile: the mean would be a weak one.
        let task = Task { loss: Loss::Quantile { alpha: 0.9 }, ..Task::REGRESSION };
        assert!(!compared(task, target.clone(), vec![90.0; 400]).better);
        let high: Vec<f64> = target.iter().map(|y| 0.8 * y + 18.0).collect();
        assert!(compared(task, target, high).better);
    }

    #[test]
    fn several_classes_are_compared_by_their_log_loss() {
        let task = Task::new(ProblemType::Multiclass, 3);
        let target: Vec<f64> = (0..300).map(|row| (row % 3) as f64).collect();
        let of = |right: f64| -> Vec<f64> {
            (0..300)
                .flat_map(|row| {
                    (0..3).map(
                        move |class| if class == row % 3 { right } else { (1.0 - right) / 2.0 },
                    )
                })
                .collect()
        };
        assert!(compared(task, target.clone(), of(0.4)).better);
        assert!(!compared(task, target, of(0.3)).better);
    }
}
