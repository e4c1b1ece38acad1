//! How good predictions are: one name per metric everywhere, with bootstrap intervals.

mod bootstrap;
mod classes;
mod curves;
mod paired;
mod regression;
mod threshold;

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use thiserror::Error;

pub use bootstrap::{Interval, argmax, bootstrap, bootstrap_weighted};
pub use classes::confusion_matrix;
pub use curves::{log_loss, pr_auc, roc_auc};
pub use paired::{PairedComparison, delong, paired, paired_means};
pub use threshold::{Threshold, ThresholdObjective, best_threshold, choose_threshold};

use crate::ProblemType;

/// Area under the ROC curve; of several classes the mean of one-versus-rest.
pub const ROC_AUC: &str = "roc_auc";
/// Area under the precision-recall curve, as average precision.
pub const PR_AUC: &str = "pr_auc";
/// Mean negative log likelihood.
pub const LOG_LOSS: &str = "log_loss";
/// Mean squared error of the positive class's probability.
pub const BRIER_SCORE: &str = "brier_score";
/// Share of right labels.
pub const ACCURACY: &str = "accuracy";
/// Share of right ones among those predicted positive; of several classes the mean.
pub const PRECISION: &str = "precision";
/// Share of the positives that were found; of several classes the mean.
pub const RECALL: &str = "recall";
/// Harmonic mean of precision and recall; of several classes the mean.
pub const F1: &str = "f1";
/// Matthews correlation coefficient.
pub const MCC: &str = "mcc";
/// Mean difference of confidence and accuracy over ten bins.
pub const EXPECTED_CALIBRATION_ERROR: &str = "expected_calibration_error";
/// Root mean squared error.
pub const RMSE: &str = "rmse";
/// Mean absolute error.
pub const MAE: &str = "mae";
/// Share of the variance that is explained.
pub const R2: &str = "r2";
/// Mean absolute error relative to the truth.
pub const MAPE: &str = "mape";
/// Median absolute error.
pub const MEDIAN_ABSOLUTE_ERROR: &str = "median_absolute_error";

/// Metric of predictions against the truth.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[expect(missing_docs, reason = "each is described at the constant of its name")]
pub enum Metric {
    RocAuc,
    PrAuc,
    LogLoss,
    BrierScore,
    Accuracy,
    Precision,
    Recall,
    F1,
    Mcc,
    ExpectedCalibrationError,
    Rmse,
    Mae,
    R2,
    Mape,
    MedianAbsoluteError,
}

impl Metric {
    /// All metrics, in the order of their table in the documentation.
    pub const ALL: [Self; 15] = [
        Self::RocAuc,
        Self::PrAuc,
        Self::LogLoss,
        Self::BrierScore,
        Self::Accuracy,
        Self::Precision,
        Self::Recall,
        Self::F1,
        Self::Mcc,
        Self::ExpectedCalibrationError,
        Self::Rmse,
        Self::Mae,
        Self::R2,
        Self::Mape,
        Self::MedianAbsoluteError,
    ];

    /// Finds a metric by its name.
    #[must_use]
    pub fn by_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|metric| metric.name() == name)
    }

    /// Name of the metric in requests and reports, such as `roc_auc`.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::RocAuc => ROC_AUC,
            Self::PrAuc => PR_AUC,
            Self::LogLoss => LOG_LOSS,
            Self::BrierScore => BRIER_SCORE,
            Self::Accuracy => ACCURACY,
            Self::Precision => PRECISION,
            Self::Recall => RECALL,
            Self::F1 => F1,
            Self::Mcc => MCC,
            Self::ExpectedCalibrationError => EXPECTED_CALIBRATION_ERROR,
            Self::Rmse => RMSE,
            Self::Mae => MAE,
            Self::R2 => R2,
            Self::Mape => MAPE,
            Self::MedianAbsoluteError => MEDIAN_ABSOLUTE_ERROR,
        }
    }

    /// Whether greater values are better.
    #[must_use]
    pub fn greater_is_better(self) -> bool {
        !matches!(
            self,
            Self::LogLoss
                | Self::BrierScore
                | Self::ExpectedCalibrationError
                | Self::Rmse
                | Self::Mae
                | Self::Mape
                | Self::MedianAbsoluteError
        )
    }

    /// The least and the greatest value that it can have; either may be infinite.
    #[must_use]
    pub const fn range(self) -> (f64, f64) {
        match self {
            Self::RocAuc
            | Self::PrAuc
            | Self::BrierScore
            | Self::Accuracy
            | Self::Precision
            | Self::Recall
            | Self::F1
            | Self::ExpectedCalibrationError => (0.0, 1.0),
            Self::Mcc => (-1.0, 1.0),
            Self::R2 => (f64::NEG_INFINITY, 1.0),
            Self::LogLoss | Self::Rmse | Self::Mae | Self::Mape | Self::MedianAbsoluteError => {
                (0.0, f64::INFINITY)
            }
        }
    }

    /// Refuses a threshold that no model can be held against.
    ///
    /// # Errors
    /// Where it is not finite or out of the [range](Self::range).
    pub fn check_threshold(self, threshold: f64) -> Result<(), ThresholdError> {
        let (least, greatest) = self.range();
        if threshold.is_finite() && (least..=greatest).contains(&threshold) {
            return Ok(());
        }
        Err(ThresholdError { metric: self, threshold })
    }

    /// Whether it is measured for this type of problem.
    #[must_use]
    pub fn applies_to(self, problem: ProblemType) -> bool {
        match self {
            Self::PrAuc | Self::BrierScore => problem == ProblemType::Binary,
            Self::RocAuc
            | Self::LogLoss
            | Self::Accuracy
            | Self::Precision
            | Self::Recall
            | Self::F1
            | Self::Mcc
            | Self::ExpectedCalibrationError => problem.is_classification(),
            Self::Rmse | Self::Mae | Self::R2 | Self::Mape | Self::MedianAbsoluteError => {
                problem == ProblemType::Regression
            }
        }
    }

    /// Whether the first value is better than the second. NaN is never better.
    #[must_use]
    pub fn is_better(self, value: f64, than: f64) -> bool {
        if than.is_nan() {
            return !value.is_nan();
        }
        if self.greater_is_better() { value > than } else { value < than }
    }
}

impl std::fmt::Display for Metric {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.name())
    }
}

/// Predictions of a model, in the form of its problem type.
#[derive(Clone, Copy, Debug)]
pub enum Outputs<'a> {
    /// Probabilities of the positive class.
    Binary {
        /// Probability of the positive class (index 1) of each row.
        positive: &'a [f64],
        /// From which probability on a row is labelled positive.
        threshold: f64,
    },
    /// Three classes or more; the most probable one is the label.
    Multiclass {
        /// One probability per class, row after row.
        probabilities: &'a [f64],
        /// Number of classes.
        classes: usize,
    },
    /// One predicted number for each row.
    Regression {
        /// The number of each row.
        values: &'a [f64],
    },
}

impl Outputs<'_> {
    /// The type of problem.
    #[must_use]
    pub fn problem(&self) -> ProblemType {
        match self {
            Self::Binary { .. } => ProblemType::Binary,
            Self::Multiclass { .. } => ProblemType::Multiclass,
            Self::Regression { .. } => ProblemType::Regression,
        }
    }

    fn rows(&self) -> Option<usize> {
        match self {
            Self::Binary { positive, .. } => Some(positive.len()),
            Self::Multiclass { probabilities, classes } => (*classes >= 2
                && probabilities.len() % classes == 0)
                .then(|| probabilities.len() / classes),
            Self::Regression { values } => Some(values.len()),
        }
    }

    fn values(&self) -> &[f64] {
        match self {
            Self::Binary { positive: values, .. }
            | Self::Multiclass { probabilities: values, .. }
            | Self::Regression { values } => values,
        }
    }
}

/// A threshold that a metric never has.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ThresholdError {
    /// The metric.
    pub metric: Metric,
    /// The threshold.
    pub threshold: f64,
}

impl std::error::Error for ThresholdError {}

impl std::fmt::Display for ThresholdError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { metric, threshold } = self;
        write!(f, "the threshold {threshold} is out of the range of {metric}; expected ")?;
        match metric.range() {
            (least, greatest) if greatest.is_infinite() => write!(f, "{least} or more"),
            (least, greatest) if least.is_infinite() => write!(f, "at most {greatest}"),
            (least, greatest) => write!(f, "{least} to {greatest}"),
        }
    }
}

/// Predictions that cannot be measured.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum MetricError {
    /// There is no row to measure.
    #[error("there are no rows to measure")]
    Empty,
    /// Truth and predictions differ in number.
    #[error("there are {truth} rows of truth but {predicted} of predictions")]
    Rows {
        /// Number of true outcomes.
        truth: usize,
        /// Number of predicted rows.
        predicted: usize,
    },
    /// Probabilities that do not fill whole rows.
    #[error("the probabilities do not fill whole rows of the classes")]
    Shape,
    /// A prediction or a truth that is not a finite number, or no class index.
    #[error("row {row} has a truth or a prediction that is not usable")]
    NotFinite {
        /// The row, from 1.
        row: usize,
    },
    /// The metric says nothing about this type of problem.
    #[error("metric {} does not apply to {problem} problems", metric.name())]
    Inapplicable {
        /// Metric that was asked for.
        metric: Metric,
        /// The type of problem.
        problem: ProblemType,
    },
    /// The metric has no value for these rows, such as the ROC AUC where only one class is there.
    #[error("metric {} has no value here: only one class or value is there", metric.name())]
    Undefined {
        /// Metric that was asked for.
        metric: Metric,
    },
}

/// All metrics of the type of problem. Those that have no value here (such as the ROC AUC of one class) are left out.
///
/// # Errors
/// When truth and predictions do not fit each other.
pub fn evaluate(
    truth: &[f64],
    outputs: Outputs<'_>,
) -> Result<BTreeMap<&'static str, f64>, MetricError> {
    check(truth, outputs)?;
    let prepared = bootstrap::PreparedMetric::new(truth, outputs);
    Ok(prepared.all(&vec![1.0; truth.len()]))
}

/// One metric.
///
/// # Errors
/// When truth and predictions do not fit each other, or the metric does not apply or has no value here.
pub fn score(metric: Metric, truth: &[f64], outputs: Outputs<'_>) -> Result<f64, MetricError> {
    let problem = outputs.problem();
    if !metric.applies_to(problem) {
        return Err(MetricError::Inapplicable { metric, problem });
    }
    evaluate(truth, outputs)?.get(metric.name()).copied().ok_or(MetricError::Undefined { metric })
}

fn check(truth: &[f64], outputs: Outputs<'_>) -> Result<(), MetricError> {
    let predicted = outputs.rows().ok_or(MetricError::Shape)?;
    if predicted != truth.len() {
        return Err(MetricError::Rows { truth: truth.len(), predicted });
    }
    if truth.is_empty() {
        return Err(MetricError::Empty);
    }
    let classes = match outputs {
        Outputs::Binary { .. } => Some(2),
        Outputs::Multiclass { classes, .. } => Some(classes),
        Outputs::Regression { .. } => None,
    };
    let sound = |value: f64| match classes {
        Some(classes) => value >= 0.0 && value.fract() == 0.0 && value < classes as f64,
        None => value.is_finite(),
    };
    if let Some(row) = truth.iter().position(|value| !sound(*value)) {
        return Err(MetricError::NotFinite { row: row + 1 });
    }
    let width = outputs.values().len() / predicted;
    if let Some(place) = outputs.values().iter().position(|value| !value.is_finite()) {
        return Err(MetricError::NotFinite { row: place / width.max(1) + 1 });
    }
    Ok(())
}

#[cfg(test)]
mod tests;
