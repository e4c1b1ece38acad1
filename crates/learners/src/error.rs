//! What can go wrong while learning.

use crate::Algorithm;

/// An error of a learner or a search.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// Parts of the examples do not fit each other.
    #[error("the examples have {found} {what} where {expected} were expected")]
    Shape {
        /// Name of the argument.
        what: &'static str,
        /// Number of its rows.
        found: usize,
        /// The size that fits.
        expected: usize,
    },
    /// No rows, or no features.
    #[error("the examples have no rows or no features")]
    Empty,
    /// A target that is not a class index, or not finite.
    #[error("the target of row {row} is not a class from 0 to {classes} or not a finite number")]
    Target {
        /// The row, from 1.
        row: usize,
        /// The greatest class; 0 for regression.
        classes: usize,
    },
    /// A weight that is negative or not finite.
    #[error("the weight of row {row} is negative or not a finite number")]
    Weight {
        /// The row, from 1.
        row: usize,
    },
    /// Every row has the weight 0.
    #[error("every row has the weight 0; at least one has to count")]
    NoWeight,
    /// Only one class is there.
    #[error("the examples hold one class only, at least two are needed")]
    OneClass,
    /// An algorithm that does not solve this type of problem.
    #[error("{algorithm} does not solve {problem} problems")]
    Inapplicable {
        /// Algorithm of the fit.
        algorithm: Algorithm,
        /// The type of problem.
        problem: tabular::ProblemType,
    },
    /// The logistic regression did not get anywhere.
    #[error("the logistic regression could not be fitted: {reason}")]
    Logistic {
        /// What the solver says.
        reason: String,
    },
    /// Numbers grew without bound.
    #[error("{algorithm} gave coefficients that are not finite")]
    Diverged {
        /// Algorithm of the fit.
        algorithm: Algorithm,
    },
    /// LightGBM refused the table or the parameters.
    #[error("the trees could not be grown")]
    Trees(#[from] lightgbm::Error),
    /// Rows that are not in memory could not be read.
    #[error("the rows could not be read block by block")]
    Streamed(#[source] Box<dyn std::error::Error + Send + Sync>),
    /// A table without the columns that the feature plan needs.
    #[error("the feature plan cannot be executed on the table")]
    Features(#[from] scoring::ScoreError),
    /// A target column that cannot be learned.
    #[error("the target cannot be used")]
    TargetColumn(#[from] tabular::target::TargetError),
    /// The fitted model is not one that can be scored.
    #[error("the fitted model cannot be scored")]
    Model(#[from] scoring::ModelError),
    /// The predictions cannot be measured.
    #[error("the predictions cannot be measured")]
    Metric(#[from] tabular::metrics::MetricError),
    /// A range that the sampler does not take.
    #[error("the range of parameter `{name}` is empty or not finite")]
    Range {
        /// Name of the hyperparameter.
        name: &'static str,
    },
    /// There are no rows of some class in a fold, or fewer rows than folds.
    #[error("{rows} rows cannot be divided into {folds} folds")]
    Folds {
        /// Number of rows that there are.
        rows: usize,
        /// Number of folds that were asked for.
        folds: usize,
    },
    /// The search was given nothing to try.
    #[error("there is no algorithm to try")]
    NoCandidates,
    /// No trial of the search gave a model.
    #[error("none of the {trials} trials gave a model; the first error is its source")]
    NoModel {
        /// Number of trials that were made.
        trials: usize,
        /// Error of the first trial that failed.
        #[source]
        first: Box<Self>,
    },
    /// The caller wants no more.
    #[error("the work was cancelled")]
    Cancelled,
}
