//! How good outputs are, in the one metric that a search optimises.

use tabular::ProblemType;
use tabular::metrics::{self, Metric};

use crate::loss::row_loss;
use crate::{Error, Task};

/// The threshold on probabilities before one has been chosen.
pub const NEUTRAL_THRESHOLD: f64 = 0.5;

/// A model's outputs with the meaning that the task gives them.
#[derive(Debug, Clone, PartialEq)]
pub struct Outputs {
    task: Task,
    values: Vec<f64>,
}

impl Outputs {
    /// Takes what [`scoring::Model::predict`] gives: row by row, one probability per class or one number.
    #[must_use]
    pub fn new(task: Task, predicted: Vec<f64>) -> Self {
        let values = match task.problem {
            ProblemType::Binary => predicted.into_iter().skip(1).step_by(2).collect(),
            ProblemType::Multiclass | ProblemType::Regression => predicted,
        };
        Self { task, values }
    }

    /// The outputs of the given rows, in the given order; rows that do not exist are left out.
    #[must_use]
    pub fn take(&self, rows: &[usize]) -> Self {
        let width = match self.task.problem {
            ProblemType::Multiclass => self.task.classes,
            ProblemType::Binary | ProblemType::Regression => 1,
        };
        let row = |row: &usize| self.values.get(row * width..(row + 1) * width).unwrap_or(&[]);
        let values = rows.iter().flat_map(row).copied().collect();
        Self { task: self.task, values }
    }

    /// As metrics want them, with a threshold for two classes.
    #[must_use]
    pub fn as_measured(&self, threshold: f64) -> metrics::Outputs<'_> {
        match self.task.problem {
            ProblemType::Binary => metrics::Outputs::Binary { positive: &self.values, threshold },
            ProblemType::Multiclass => metrics::Outputs::Multiclass {
                probabilities: &self.values,
                classes: self.task.classes,
            },
            ProblemType::Regression => metrics::Outputs::Regression { values: &self.values },
        }
    }

    /// Probabilities of the positive class; none for other problems.
    #[must_use]
    pub fn positive(&self) -> Option<&[f64]> {
        (self.task.problem == ProblemType::Binary).then_some(self.values.as_slice())
    }
}

/// The loss of each row: the log loss of classes, or what the task's regression minimises.
#[must_use]
pub fn row_losses(truth: &[f64], outputs: &Outputs) -> Vec<f64> {
    let task = outputs.task;
    // Of two classes there is one value for each row, that of the positive one; of a regression the number.
    let width = if task.problem == ProblemType::Multiclass { task.classes.max(1) } else { 1 };
    truth
        .iter()
        .zip(outputs.values.chunks(width))
        .map(|(truth, row)| {
            row_loss(task, *truth, |class| row.get(class).copied().unwrap_or(f64::NAN))
        })
        .collect()
}

/// A metric of outputs. Labels of two classes are judged at the best threshold where the metric depends on one.
///
/// # Errors
/// Where the metric does not apply or has no value for these rows.
pub fn score(metric: Metric, truth: &[f64], outputs: &Outputs) -> Result<f64, Error> {
    let threshold = match (outputs.positive(), metric) {
        (Some(positive), Metric::F1 | Metric::Precision | Metric::Recall) => {
            metrics::best_threshold(truth, positive, Metric::F1).map(|best| best.threshold)
        }
        (Some(positive), Metric::Mcc | Metric::Accuracy) => {
            metrics::best_threshold(truth, positive, metric).map(|best| best.threshold)
        }
        _ => None,
    };
    Ok(metrics::score(metric, truth, outputs.as_measured(threshold.unwrap_or(NEUTRAL_THRESHOLD)))?)
}
