//! Learning from feature matrices: algorithms behind one trait, cross-validation, and the search for hyperparameters.
//!
//! ```text
//! Examples ──▶ Learner::fit ──▶ FittedModel { scoring::Model, its text, importance }
//!     │              ▲
//!     │              │ parameters
//!     ├──▶ search ───┘   defaults first, then TPE, until the trials or the time are used up
//!     └──▶ cross_validate   stratified folds
//! ```
//!
//! Invariants:
//! - What a learner returns is scored by `scoring`, the code that serves: trained and served predictions are the same
//!   computation.
//! - No clock: budgets come in as closures. No global randomness: every random choice follows from a seed.
//! - The same examples, parameters, seed and number of trials give the same bytes, whatever the number of workers.
//! - The linear model always takes part in a search, so the result is never worse than it on the validation rows.

mod algorithm;
mod encoding;
mod error;
mod examples;
mod folds;
mod linear;
mod measure;
mod prior;
mod search;
mod trees;
mod workers;

pub use algorithm::{
    Algorithm, Fit, FittedModel, Learner, ParameterRange, Parameters, defaults, learner,
};
pub use error::Error;
pub use examples::{Examples, Task};
pub use folds::{
    CrossValidation, Fold, Validation, cross_validate, stratified_folds, stratified_sample,
};
pub use measure::{NEUTRAL_THRESHOLD, Outputs, score};
pub use search::{Candidate, Outcome, Search, Trial, search};
pub use workers::Workers;
