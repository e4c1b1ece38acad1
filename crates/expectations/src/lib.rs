//! Suites of expectations on a table, as Great Expectations has them: a suite over rows gives a result.
//!
//! ```text
//! suite.json ─ Suite::parse ─▶ Suite ─ columns ─▶ what has to be read
//!                                └─ Validation::new ─▶ add (Batch)… ─ next_pass ─▶ add (Batch)… ─ finish ─▶ SuiteResult
//!                                       └─ look ─▶ Look::at (Batch), on any thread ─▶ take
//! ```
//!
//! What an expectation means is what Great Expectations 1.x does on pandas, down to roundings and the order of lists.
//!
//! Invariants: no I/O, no clock, no randomness. Rows are seen batch by batch and not kept, except for up to [`MAX_HELD`] numbers,
//! hashes of up to [`MAX_DISTINCT`] distinct values of a column, and up to [`MAX_KEPT`] distinct values where they are told; beyond
//! these an expectation says so in its result. What depends on all rows (repeated values, outliers) takes a second pass over the same
//! rows. An expectation that is not evaluated fails by name.

mod check;
mod condition;
mod dates;
mod dateutil;
mod digits;
mod distinct;
mod divergence;
mod error;
mod expectation;
mod figures;
mod frame;
mod json;
mod json_schema;
mod kind;
mod kwargs;
mod look;
mod numeric;
mod pattern;
mod result;
mod sql;
mod strptime;
mod suggest;
mod suite;
mod telling;
mod unexpected;
mod validation;
mod value;
mod withheld;

pub use dateutil::Day;
pub use error::{Place, SuiteError};
pub use expectation::NAMES;
pub use figures::{MAX_DISTINCT, MAX_HELD, MAX_KEPT};
pub use frame::{Batch, Dtype, Inference, MissingTexts, Texts, Values};
pub use look::{Look, Seen};
pub use result::{
    ExceptionInfo, ExpectationResult, ParseResultFormatError, ResultFormat, Statistics, SuiteResult,
};
pub use sql::{Expression, ExpressionError, Term};
pub use suggest::{SUGGESTION_VERSION, Suggestion};
pub use suite::{Configuration, MAX_EXPECTATIONS, Suite};
pub use telling::{Telling, TellingError};
pub use validation::Validation;
pub use value::{Cell, Value, ValueSet};
