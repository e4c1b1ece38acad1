//! What is learned from, and what is to be learned.

use tabular::plan::{Feature, Transform};
use tabular::{FeatureMatrix, FeaturePlan, ProblemType, Table, target};

use crate::{Error, Loss};

/// What is to be learned.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Task {
    /// The type of problem.
    pub problem: ProblemType,
    /// Number of classes; 0 for regression.
    pub classes: usize,
    /// What a regression minimises; classes are always learned by their log loss.
    pub loss: Loss,
}

impl Task {
    /// A task by its type and its number of classes; a regression minimises squared errors.
    #[must_use]
    pub const fn new(problem: ProblemType, classes: usize) -> Self {
        Self { problem, classes, loss: Loss::Squared }
    }

    /// One of two classes.
    pub const BINARY: Self = Self::new(ProblemType::Binary, 2);
    /// Regression: the target is a number.
    pub const REGRESSION: Self = Self::new(ProblemType::Regression, 0);

    /// One of `classes` classes.
    #[must_use]
    pub const fn multiclass(classes: usize) -> Self {
        Self::new(ProblemType::Multiclass, classes)
    }

    /// The task with another loss.
    #[must_use]
    pub const fn with_loss(self, loss: Loss) -> Self {
        Self { loss, ..self }
    }

    /// Whether a number is predicted by its mean, which may be learned through its logarithm.
    #[must_use]
    pub fn minimises_squares(&self) -> bool {
        self.problem == ProblemType::Regression && self.loss == Loss::Squared
    }

    /// Values that a model gives per row.
    #[must_use]
    pub const fn outputs(&self) -> usize {
        if self.classes == 0 { 1 } else { self.classes }
    }
}

/// The hyperparameter that says whether boosting learns the logarithm of the mean.
pub const LOG_LINK_NAME: &str = "log_link";

/// The hyperparameter that says whether trees do without the sums that were constructed.
pub const WITHOUT_SUMS_NAME: &str = "without_sums";

/// Least deviation of targets, in means, from which on their logarithms are worth learning.
const MIN_SPREAD: f64 = 0.3;

/// Rows of features with what should be predicted for them.
#[derive(Debug, Clone, PartialEq)]
pub struct Examples {
    /// The features; NaN is missing.
    pub features: FeatureMatrix,
    /// Number of codes of each categorical feature; `None` for a numeric one.
    pub categories: Vec<Option<u32>>,
    /// A class index or a number per row.
    pub target: Vec<f64>,
    /// How much each row counts, at least 0; none where all count the same.
    pub weights: Option<Vec<f64>>,
    /// Whether the prediction may only rise (1) or only fall (-1) with each feature, or either (0); empty where it is free
    /// in all of them.
    pub monotone: Vec<i8>,
    /// Positions of the features that are sums of others; a trial may do without them.
    pub sums: Vec<usize>,
}

impl Examples {
    /// Examples that all count the same, without constraints.
    #[must_use]
    pub fn new(features: FeatureMatrix, categories: Vec<Option<u32>>, target: Vec<f64>) -> Self {
        Self { features, categories, target, weights: None, monotone: Vec::new(), sums: Vec::new() }
    }

    /// What a plan makes of a table, with the target column as `classes` order it (none for regression).
    ///
    /// # Errors
    /// Where the table does not have the plan's columns, or the target is missing somewhere or has another class.
    pub fn of_table(
        plan: &FeaturePlan,
        table: &Table,
        problem: ProblemType,
        target: &str,
        classes: &[String],
    ) -> Result<Self, Error> {
        let is_sum = |feature: &Feature| matches!(feature.transform, Transform::Sum { .. });
        let features = plan.features.iter().enumerate();
        Ok(Self {
            sums: features.filter(|(_, of)| is_sum(of)).map(|(place, _)| place).collect(),
            ..Self::new(
                scoring::transform(plan, table)?,
                plan.categories(),
                target::encode_with(table, target, problem, classes)?.values,
            )
        })
    }

    /// Whether the logarithm of the mean is worth learning: none of the targets is below 0, and they differ by factors rather
    /// than by amounts, so that their deviation is at least three tenths of their mean.
    #[must_use]
    pub fn suits_log_link(&self, task: Task) -> bool {
        let Some(mean) = self.mean_with_logarithm().filter(|_| task.minimises_squares()) else {
            return false;
        };
        let squares = self.target.iter().map(|target| (target - mean).powi(2)).sum::<f64>();
        (squares / self.target.len() as f64).sqrt() >= MIN_SPREAD * mean
    }

    /// The mean of the targets where its logarithm can be learned: none is below 0, and not all are 0.
    pub(crate) fn mean_with_logarithm(&self) -> Option<f64> {
        let mean = self.target.iter().sum::<f64>() / self.target.len() as f64;
        let learnable = mean > 0.0 && mean.is_finite();
        (learnable && self.target.iter().all(|target| *target >= 0.0)).then_some(mean)
    }

    /// Number of rows.
    #[must_use]
    pub fn rows(&self) -> usize {
        self.features.rows
    }

    /// The given rows, in the given order; rows that do not exist are left out.
    #[must_use]
    pub fn take(&self, rows: &[usize]) -> Self {
        Self {
            features: self.features.take(rows),
            categories: self.categories.clone(),
            target: picked(&self.target, rows),
            weights: self.weights.as_ref().map(|weights| picked(weights, rows)),
            monotone: self.monotone.clone(),
            sums: self.sums.clone(),
        }
    }

    /// These rows and others with the same features, the others behind.
    #[must_use]
    pub fn followed_by(mut self, other: Self) -> Self {
        self.features.values.extend(other.features.values);
        self.features.rows += other.features.rows;
        self.target.extend(other.target);
        if let (Some(weights), Some(more)) = (&mut self.weights, other.weights) {
            weights.extend(more);
        }
        self
    }

    /// How much a row counts.
    pub(crate) fn weight(&self, row: usize) -> f64 {
        self.weights.as_ref().and_then(|weights| weights.get(row)).copied().unwrap_or(1.0)
    }

    /// Checks that the parts fit each other and the task.
    ///
    /// # Errors
    /// Where a length is wrong or a target is not possible.
    pub fn check(&self, task: Task) -> Result<(), Error> {
        let FeatureMatrix { rows, width, .. } = self.features;
        if rows == 0 || width == 0 {
            return Err(Error::Empty);
        }
        let cells = rows.saturating_mul(width);
        if self.features.values.len() != cells {
            return Err(Error::Shape {
                what: "values",
                found: self.features.values.len(),
                expected: cells,
            });
        }
        if self.target.len() != rows {
            return Err(Error::Shape { what: "targets", found: self.target.len(), expected: rows });
        }
        if self.categories.len() != width {
            return Err(Error::Shape {
                what: "category counts",
                found: self.categories.len(),
                expected: width,
            });
        }
        if !matches!(self.monotone.len(), 0) && self.monotone.len() != width {
            let found = self.monotone.len();
            return Err(Error::Shape { what: "monotone constraints", found, expected: width });
        }
        check_rows(task, &self.target, self.weights.as_deref())?;
        let unweighted = |weights: &Vec<f64>| weights.iter().all(|&weight| weight == 0.0);
        if self.weights.as_ref().is_some_and(unweighted) { Err(Error::NoWeight) } else { Ok(()) }
    }

    /// Rows of each class.
    pub(crate) fn class_counts(&self, classes: usize) -> Vec<usize> {
        let mut counts = vec![0; classes];
        for &value in &self.target {
            if let Some(count) = counts.get_mut(class_of(value)) {
                *count += 1;
            }
        }
        counts
    }

    /// Whether each class has a row, where there are classes.
    pub(crate) fn two_classes(&self, task: Task) -> Result<(), Error> {
        let present =
            self.class_counts(task.classes).into_iter().filter(|&count| count > 0).count();
        if task.problem.is_classification() && present < 2 { Err(Error::OneClass) } else { Ok(()) }
    }
}

/// Checks that weights fit their rows, and targets the task.
pub(crate) fn check_rows(task: Task, target: &[f64], weights: Option<&[f64]>) -> Result<(), Error> {
    if let Some(weights) = weights {
        let (found, expected) = (weights.len(), target.len());
        if found != expected {
            return Err(Error::Shape { what: "weights", found, expected });
        }
        let usable = |weight: &f64| *weight >= 0.0 && weight.is_finite();
        if let Some(row) = weights.iter().position(|weight| !usable(weight)) {
            return Err(Error::Weight { row: row + 1 });
        }
    }
    let possible = |&value: &f64| match task.problem {
        ProblemType::Regression => value.is_finite(),
        _ => value >= 0.0 && value.fract() == 0.0 && value < task.classes as f64,
    };
    match target.iter().position(|value| !possible(value)) {
        Some(row) => Err(Error::Target { row: row + 1, classes: task.classes.saturating_sub(1) }),
        None => Ok(()),
    }
}

/// The values of the given rows; rows that do not exist are left out.
fn picked(values: &[f64], rows: &[usize]) -> Vec<f64> {
    rows.iter().filter_map(|&row| values.get(row).copied()).collect()
}

/// A target as a class index.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "`check` found a whole number from 0"
)]
pub(crate) fn class_of(value: f64) -> usize {
    value as usize
}
