//! Tables at rest: where they are, what is wrong with them, and how they become a [`tabular::Table`].
//!
//! ```text
//! text ─ Location::parse ─▶ Location ─ Access ─▶ Source ─┬─ scan ─────▶ Shape        structure, types, digest
//!                                                       ├─ examine ──▶ Examination  a few columns of any table
//!                                                       ├─ read_batches ▶ Table…    some columns of any table, part by part
//!                                                       └─ read_table ▶ Table       a small table, whole
//! Table ─ write_parquet ─▶ bytes ─ read_parquet ─▶ Table
//! ```
//!
//! Invariants: nothing is opened that the allow-list does not allow, links included; types are concluded from all rows;
//! the same table gives the same Parquet bytes; no message holds a value of a row. There is no engine in here: linking
//! this crate does not link DataFusion.

mod batches;
mod convert;
mod csv_text;
mod error;
mod examine;
mod format;
mod json_lines;
mod location;
mod names;
mod parquet_file;
mod read;
mod shape;
mod source;

use std::path::Path;
use std::sync::Arc;

use arrow::datatypes::{DataType, Field as ArrowField, Schema, SchemaRef};

pub use batches::read_batches;
pub use convert::{TableBuilder, canonical, column_type};
pub use error::Error;
pub use examine::{
    ColumnExamination, Examination, MAX_LEVELS, TargetExamination, examine, examine_target,
};
pub use format::{Format, format_of};
pub use location::{Access, AccessConfig, Location};
pub use names::{edit_distance, nearest};
pub use parquet_file::{FIELDS_KEY, read_parquet, write_parquet};
pub use read::{read_json_batches, read_table};
pub use shape::{ScanOptions, Shape, scan};
pub use source::{Source, SourceReader, Target};

/// Reads a file of this machine whole, its format told by its bytes and its name. Blocking.
///
/// # Errors
/// Every structural defect: see [`Error`].
pub fn read_file(path: &Path) -> Result<tabular::Table, Error> {
    let source = Source::open_local(path)?;
    let format = format_of(&source, None)?;
    read_table(&source, format, &ScanOptions::default())
}

/// The schema of a table whose values are all still text.
#[must_use]
pub fn text_schema(fields: &[tabular::Field]) -> SchemaRef {
    let fields: Vec<ArrowField> =
        fields.iter().map(|field| ArrowField::new(&field.name, DataType::Utf8, true)).collect();
    Arc::new(Schema::new(fields))
}
