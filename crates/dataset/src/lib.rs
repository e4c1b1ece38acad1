//! Tables at rest: where they are, what is wrong with them, and how they become a [`tabular::Table`].
//!
//! ```text
//! text ─ Location::parse ─▶ Location ─ open ─▶ TableSource    what the agents go through, file or not
//!                              └────── Access ─▶ Source ─┬─ scan ─────▶ Shape        structure, types, digest
//!                                                       ├─ examine ──▶ Examination  a few columns of any table
//!                                                       ├─ read_batches ▶ Table…    some columns of any table, part by part
//!                                                       └─ read_table ▶ Table       a small table, whole
//! Source ─ AsWritten::open ─▶ rows as they stand in the file, nothing trimmed or taken for missing
//! Table ─ write_parquet ─▶ bytes ─ read_parquet ─▶ Table       ParquetWriter: the same bytes, from tables as they come
//! ```
//!
//! Invariants: nothing is opened that the allow-list does not allow, links included; types are concluded from all rows;
//! the same table gives the same Parquet bytes; no message holds a value of a row; a decoder that panics makes an error ([`guarded`]). What several threads do ([`in_order`]) gives
//! what one would.

mod access;
mod as_written;
mod batches;
mod content;
mod convert;
mod dialect;
mod error;
mod examine;
mod fault;
mod format;
mod guard;
mod held_file;
mod in_order;
mod location;
mod names;
mod parts;
mod postgres;
mod shape;
mod source;
mod table_source;
mod web;

use std::path::Path;
use std::sync::Arc;

use arrow::datatypes::{DataType, Field as ArrowField, Schema, SchemaRef};

use object_stores as stores;

pub use self::guard::guarded;
pub use access::{Access, AccessConfig};
pub use as_written::{AsWritten, Read, WrittenColumn};
pub use batches::{read_batches, read_table};
pub use content::ContentLimits;
pub use convert::{TableBuilder, canonical, column_type};
pub use dialect::{Dialect, plain_number};
pub use error::Error;
pub use examine::{
    ColumnExamination, Examination, MAX_LEVELS, TargetExamination, examine, examine_target,
};
pub use format::{
    FIELDS_KEY, Format, ParquetSize, ParquetWriter, Plain, Stated, Storage, format_of,
    parquet_parts, parquet_size, read_parquet, read_parquet_column, read_parquet_rows,
    write_parquet,
};
pub use held_file::{HeldFile, HeldFileReader};
pub use in_order::{Ended, each_in_order, in_order, threads};
pub use location::Location;
pub use names::{edit_distance, nearest};
pub use parts::PartedTable;
pub use postgres::{DatabaseCredentials, DatabaseProblem, PostgresAddress, PostgresTable};
pub use schema::{CsvDialect, DialectError, Encoding, Quoting};
pub use shape::{ScanOptions, Shape, scan};
pub use source::{Source, SourceReader, Target};
pub use table_source::{FileTable, Part, TableSource, open};
pub use web::WebProblem;

/// Reads a file of this machine whole, or a directory or a pattern of files that are parts of one table; what it is, is
/// told by its bytes and its name. Blocking.
///
/// # Errors
/// Every structural defect: see [`Error`].
pub fn read_file(path: &Path) -> Result<tabular::Table, Error> {
    read_stated(path, &Stated::default())
}

/// As [`read_file`], by what is stated of the file. Blocking.
///
/// # Errors
/// Every structural defect: see [`Error`].
pub fn read_stated(path: &Path, stated: &Stated) -> Result<tabular::Table, Error> {
    if let Some(parts) = PartedTable::open_local(path, stated)? {
        return parts.read();
    }
    let source = Source::open_local(path)?.stating(Arc::new(stated.clone()));
    let format = format_of(&source, stated.format)?;
    read_table(&source, format, &ScanOptions::default())
}

/// Reads a file of this machine whole as texts, by what is stated of it: what a reader by a model's signature starts from. Only a blank text and a null
/// are missing. Blocking.
///
/// # Errors
/// Every structural defect: see [`Error`].
pub fn read_texts(path: &Path, stated: &Stated) -> Result<tabular::Table, Error> {
    if let Some(parts) = PartedTable::open_local(path, stated)? {
        return parts.read_texts();
    }
    let source = Source::open_local(path)?.stating(Arc::new(stated.clone()));
    let format = format_of(&source, stated.format)?;
    batches::read_as_texts(&source, format, &ScanOptions::default())
}

/// A table of texts with its columns as all their values say, by what is stated of numbers and dates: what a reader of the file itself comes to, without
/// another pass over it.
///
/// # Errors
/// Where the columns make no table.
pub fn concluded(texts: &tabular::Table, stated: &Stated) -> Result<tabular::Table, Error> {
    let markers = tabular::parse::MissingMarkers::default();
    let (mut fields, mut columns) = (Vec::new(), Vec::new());
    for (field, column) in texts.fields().iter().zip(texts.columns()) {
        let tabular::Column::Text(text) = column else {
            fields.push(field.clone());
            columns.push(column.clone());
            continue;
        };
        let mut inference = stated.inference(&markers);
        for value in text.iter() {
            match value {
                Some(value) => inference.observe(value),
                None => inference.observe_missing(),
            }
        }
        let field = inference.field(&field.name);
        let present = |value: &str| !markers.is_missing(value);
        columns.push(match field.column_type {
            tabular::ColumnType::Text => {
                let texts = text.iter().map(|value| value.map(str::trim).filter(|of| present(of)));
                tabular::Column::Text(texts.collect())
            }
            _ => tabular::Column::Number(
                text.iter()
                    .map(|value| match value.map(|of| tabular::parse::read(of, &field, &markers)) {
                        Some(tabular::parse::Reading::Value(value)) => value,
                        _ => f64::NAN,
                    })
                    .collect(),
            ),
        });
        fields.push(field);
    }
    Ok(tabular::Table::new(fields, columns)?)
}

/// The schema of a table whose values are all still text.
#[must_use]
pub fn text_schema(fields: &[tabular::Field]) -> SchemaRef {
    let fields: Vec<ArrowField> =
        fields.iter().map(|field| ArrowField::new(&field.name, DataType::Utf8, true)).collect();
    Arc::new(Schema::new(fields))
}

/// The schema of a table in its physical forms: `Utf8` for text, `Float64` for everything else.
#[must_use]
pub fn physical_schema(fields: &[tabular::Field]) -> SchemaRef {
    let physical = |field: &tabular::Field| {
        let is_text = field.column_type == tabular::ColumnType::Text;
        let data_type = if is_text { DataType::Utf8 } else { DataType::Float64 };
        ArrowField::new(&field.name, data_type, true)
    };
    Arc::new(Schema::new(fields.iter().map(physical).collect::<Vec<_>>()))
}
