//! What a table looks like: figures of its columns, how they go together, which values are missing, as JSON and as a page.
//!
//! ```text
//! TableSource ─ tables::load ─▶ stored columns ─┬ one column after another ─▶ ColumnReport (exact)
//!                                               ├ one block after another ──▶ repeated rows, patterns of missing values (exact)
//!                                               └ a seeded sample of rows ──▶ associations of columns
//!                                                                                   └─▶ TableReport ─ html ─▶ a page
//! ```
//!
//! Invariants:
//! - No table is in memory: what is held grows by 8 bytes a row (keys of rows), and by a column for each thread.
//! - Values of columns that are personal data are in no report: their counts are, and their lengths.
//! - The same table gives the same report.

mod associations;
mod column;
mod histogram;
pub mod html;
mod missing;
mod svg;

use std::sync::Arc;

use dataset::{Shape, TableSource};
use serde::Serialize;
use tables::{LoadOptions, LoadedTable, StoredTable};

pub use associations::{Associations, Measure, Pair};
pub use column::{ColumnReport, Moments, TextLengths};
pub use histogram::{Bin, Histogram};
pub use missing::Pattern;

/// Version of the report's form.
pub const FORMAT_VERSION: u32 = 1;
/// Seed of the sample that associations are measured on.
const SEED: u64 = 0;

/// What a table looks like.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct TableReport {
    /// Version of the form.
    pub format_version: u32,
    /// Location of the table as given.
    pub uri: String,
    /// SHA-256 of its bytes, hexadecimal.
    pub sha256: String,
    /// Number of rows.
    pub rows: u64,
    /// Rows that equal an earlier one in every column.
    pub repeated_rows: u64,
    /// Cells without a value.
    pub missing_cells: u64,
    /// What was told from the content of the file, such as its delimiter.
    pub notes: Vec<String>,
    /// The columns, in order.
    pub columns: Vec<ColumnReport>,
    /// Which columns are missing together, the most frequent first.
    pub missing_patterns: Vec<Pattern>,
    /// How columns go together.
    pub associations: Associations,
}

/// The columns of a table, without how they go together.
#[derive(Clone, Debug, PartialEq)]
pub struct ColumnReports {
    /// What the table is made of: format, rows, digest, and what was told from its content.
    pub shape: Shape,
    /// The columns, in order.
    pub columns: Vec<ColumnReport>,
}

/// Looks at the columns of a table, each by itself. Blocking.
///
/// # Errors
/// As [`profile`].
pub fn columns(
    source: &Arc<dyn TableSource>,
    options: &LoadOptions,
) -> Result<ColumnReports, tables::Error> {
    let loaded = load(source, options)?;
    Ok(ColumnReports { columns: reports(&loaded.table, options)?, shape: loaded.shape })
}

/// Looks at a table. Blocking.
///
/// # Errors
/// What reading meets, and a disk that is full.
pub fn profile(
    source: &Arc<dyn TableSource>,
    options: &LoadOptions,
) -> Result<TableReport, tables::Error> {
    let LoadedTable { table, rows_read, source_sha256, shape, .. } = load(source, options)?;
    let columns = reports(&table, options)?;
    let (missing_patterns, repeated_rows) = missing::look(&table)?;
    let associations = associations::measure(&table, &columns, SEED)?;
    Ok(TableReport {
        format_version: FORMAT_VERSION,
        uri: source.uri().to_owned(),
        sha256: source_sha256,
        rows: rows_read,
        repeated_rows,
        missing_cells: columns.iter().map(|column| column.missing).sum(),
        notes: shape.notes,
        columns,
        missing_patterns,
        associations,
    })
}

/// All rows of a table, repeated ones included.
fn load(
    source: &Arc<dyn TableSource>,
    options: &LoadOptions,
) -> Result<LoadedTable, tables::Error> {
    tables::load(source, &LoadOptions { drop_duplicates: false, ..options.clone() })
}

fn reports(table: &StoredTable, options: &LoadOptions) -> Result<Vec<ColumnReport>, tables::Error> {
    let mut columns = Vec::with_capacity(table.fields().len());
    dataset::each_in_order(
        options.threads,
        0..table.fields().len(),
        |place| column::report(table, place),
        |report| {
            columns.extend(report);
            Ok::<(), tables::Error>(())
        },
    )?;
    Ok(columns)
}
