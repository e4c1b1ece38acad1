//! Learning from feature matrices: algorithms behind one trait, cross-validation, and the search for hyperparameters.
//!
//! ```text
//! Examples ──▶ Learner::fit ──▶ FittedModel { scoring::Model, its text, importance }
//!     │              ▲
//!     │              │ parameters
//!     ├──▶ search ───┘   a portfolio first, then TPE, on folds, until the trials or the time are used up
//!     │      └──▶ combine ──▶ judged, refit   greedy ensemble of out-of-fold outputs, calibrated
//!     └──▶ cross_validate   stratified folds
//! ```
//!
//! Invariants:
//! - What a learner returns is scored by `scoring`, the code that serves: trained and served predictions are the same
//!   computation.
//! - No clock: budgets come in as closures. No global randomness: every random choice follows from a seed.
//! - The same examples, parameters, seed and number of trials give the same bytes, whatever the number of workers.
//! - A model is only ever judged by rows that it has not learned from.

mod algorithm;
mod category_statistics;
mod encoding;
mod ensemble;
mod error;
mod examples;
mod folds;
mod linear;
mod loss;
mod measure;
mod network;
mod portfolio;
mod prior;
mod search;
mod sparse;
mod trees;
mod workers;

pub use algorithm::{
    Algorithm, Fit, FittedModel, Learner, ParameterRange, Parameters, StreamedExamples, defaults,
    learner,
};
pub use ensemble::{
    Allotment, AllottedRows, Combination, CombinedModel, Refit, RowBudget, Share, allotted,
    combine, judged, kept, refit, seconds_for_all,
};
pub use error::Error;
pub use examples::{Examples, LOG_LINK_NAME, Task, WITHOUT_SUMS_NAME};
pub use folds::{
    CrossValidation, Fold, FoldPlan, Validation, cross_validate, grouped_folds, stratified_folds,
    stratified_sample, thinned,
};
pub use loss::Loss;
pub use measure::{NEUTRAL_THRESHOLD, Outputs, row_losses, score};
pub use portfolio::{Profile, portfolio};
pub use search::{
    Candidate, Cost, EndedBy, EvaluatedTrial, Executor, FitJob, FoldFit, Folds, HeldOut, Local,
    LocalFit, Outcome, PostSearchWork, SEARCHED, Search, Trial, search,
};
pub use workers::Workers;
