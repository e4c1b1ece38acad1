//! The words that tables, models and messages share, each once.
//!
//! Invariants:
//! - Plain data: no I/O, no clock, no wire format, and nothing is computed from rows.
//! - No value means "not said": where something may be left open, that is an `Option` of its holder.
//! - Names in JSON never change, because feature plans, bundles and reports hold them.

mod cleaning;
mod column;
mod dialect;
mod form;
mod format;
mod problem;
mod quality;
mod table;

pub use cleaning::{
    CleaningRules, ColumnRules, MissingRule, OutlierRule, OutlierTreatment, ValueRules,
};
pub use column::{ColumnType, Field};
pub use dialect::{CsvDialect, DialectError, Encoding, Quoting, ascii_character};
pub use form::{DateOrder, DecimalSign, NumberForm, TextForm};
pub use format::Format;
pub use problem::{MonotoneConstraint, MonotoneDirection, ProblemType, SplitMethod};
pub use quality::{Finding, Severity};
pub use table::{Operator, Predicate};
