//! What learning minimises.

use tabular::ProblemType;
use tabular::metrics::Metric;

use crate::examples::class_of;
use crate::{Examples, Task};

/// Probabilities are kept this far from 0 before their logarithm is taken.
const MIN_PROBABILITY: f64 = 1e-15;

/// What a regression minimises.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub enum Loss {
    /// Squared errors: the mean is predicted.
    #[default]
    Squared,
    /// Absolute errors: the median is predicted.
    Absolute,
    /// Squared errors within this many units of the target, absolute ones beyond (Huber, 1964).
    Huber {
        /// Above 0, in units of the target's deviation.
        delta: f64,
    },
    /// The pinball loss: the quantile is predicted.
    Quantile {
        /// Between 0 and 1.
        alpha: f64,
    },
    /// Counts of at least 0, whose variance is their mean.
    Poisson,
    /// Amounts of at least 0 with many zeros, whose variance is a power of their mean.
    Tweedie {
        /// The power, between 1 and 2.
        power: f64,
    },
}

impl Loss {
    /// The loss that a metric of regressions asks for.
    #[must_use]
    pub fn of_metric(metric: Metric) -> Self {
        match metric {
            Metric::Mae => Self::Absolute,
            _ => Self::Squared,
        }
    }

    /// Whether targets below 0 are impossible.
    #[must_use]
    pub fn needs_positive(self) -> bool {
        matches!(self, Self::Poisson | Self::Tweedie { .. })
    }

    /// The loss of one prediction.
    fn pointwise_loss(self, truth: f64, predicted: f64) -> f64 {
        let error = truth - predicted;
        match self {
            Self::Squared => error * error,
            Self::Absolute => error.abs(),
            Self::Huber { delta } if error.abs() <= delta => error * error / 2.0,
            Self::Huber { delta } => delta * (error.abs() - delta / 2.0),
            Self::Quantile { alpha } => (alpha * error).max((alpha - 1.0) * error),
            Self::Poisson => {
                let mean = predicted.max(MIN_PROBABILITY);
                mean - truth * mean.ln()
            }
            Self::Tweedie { power } => {
                let mean = predicted.max(MIN_PROBABILITY);
                mean.powf(2.0 - power) / (2.0 - power)
                    - truth * mean.powf(1.0 - power) / (1.0 - power)
            }
        }
    }
}

/// The weighted mean loss of outputs, summed in the order of the rows. `output` gives the value of a row for a class: the
/// positive class's probability for two classes at class 0, a probability per class for more, or the number at class 0.
pub(crate) fn mean_loss(
    task: Task,
    examples: &Examples,
    output: impl Fn(usize, usize) -> f64,
) -> f64 {
    let (mut sum, mut total) = (0.0, 0.0);
    for (row, &truth) in examples.target.iter().enumerate() {
        let weight = examples.weight(row);
        sum += weight * row_loss(task, truth, |class| output(row, class));
        total += weight;
    }
    if total > 0.0 { sum / total } else { f64::NAN }
}

/// The loss of one row.
pub(crate) fn row_loss(task: Task, truth: f64, output: impl Fn(usize) -> f64) -> f64 {
    match task.problem {
        ProblemType::Binary => {
            let positive = output(0);
            -(if truth == 1.0 { positive } else { 1.0 - positive }).max(MIN_PROBABILITY).ln()
        }
        ProblemType::Multiclass => -output(class_of(truth)).max(MIN_PROBABILITY).ln(),
        ProblemType::Regression => task.loss.pointwise_loss(truth, output(0)),
    }
}
