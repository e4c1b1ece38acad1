//! What a file looks like as a table.

use std::path::Path;
use std::sync::Arc;

use dataset::{ContentLimits, FileTable, Format, Source, TableSource};
use profiler::{ColumnReport, ColumnReports};
use schemars::JsonSchema;
use serde::Serialize;
use tables::LoadOptions;
use tabular::{ColumnType, ProblemType, parse, target};

use crate::Error;

/// Most rows of a table that is sent.
pub const MAX_ROWS: u64 = 5_000_000;
/// Most examples of a column.
pub const MAX_EXAMPLES: usize = 5;
/// Most bytes that are unpacked, for each that is taken.
pub(crate) const MAX_RATIO: u64 = 16;
/// Most cells of a table that is sent.
const MAX_CELLS: u64 = 40 * MAX_ROWS;
/// Most bytes of one page or batch, once it is unpacked.
const MAX_PAGE_BYTES: u64 = 128 << 20;
/// Most bytes of one line, record or object.
const MAX_LINE_BYTES: usize = 4 << 20;
/// Most characters of an example.
const MAX_EXAMPLE: usize = 60;

/// A column of a table that was sent.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct PreviewedColumn {
    /// Its name.
    pub name: String,
    /// Its type: `integer`, `number`, `boolean`, `text`, `date` or `timestamp`.
    pub column_type: String,
    /// Rows without a value.
    pub missing: u64,
    /// Number of different values.
    pub distinct: u64,
    /// Why it is taken for personal data; then no value of it is told.
    pub personal: Option<String>,
    /// Its most frequent values, at most 5; none of personal data.
    pub examples: Vec<String>,
    /// The type of problem that it makes as target: `binary`, `multiclass` or `regression`; none where it cannot be one.
    pub problem_type: Option<String>,
    /// Rows that have a value.
    #[serde(skip)]
    pub(crate) present: u64,
}

/// A file as a table.
#[derive(Debug)]
pub(crate) struct Preview {
    pub(crate) data_format: String,
    pub(crate) rows: u64,
    pub(crate) notes: Vec<String>,
    pub(crate) columns: Vec<PreviewedColumn>,
}

/// Looks at a file, as far as it is unpacked to so many bytes. Blocking.
///
/// # Errors
/// What is no table, and more of it than is taken.
pub(crate) fn preview(
    file: &Path,
    format: Option<Format>,
    decoded_bytes: u64,
) -> Result<Preview, Error> {
    let limits = ContentLimits {
        decoded_bytes,
        line_bytes: MAX_LINE_BYTES,
        page_bytes: MAX_PAGE_BYTES,
        rows: MAX_ROWS,
        cells: MAX_CELLS,
        ..ContentLimits::default()
    };
    let source = Source::open_local(file).map_err(tables::Error::from)?.limited(limits);
    let table: Arc<dyn TableSource> = Arc::new(FileTable::new(source, format));
    // One column is held at a time.
    let options = LoadOptions { threads: 1, ..LoadOptions::default() };
    let ColumnReports { shape, columns } = profiler::columns(&table, &options)?;
    Ok(Preview {
        data_format: shape.format.map(request_name).unwrap_or_default(),
        rows: shape.rows,
        notes: shape.notes,
        columns: columns.into_iter().map(previewed).collect(),
    })
}

/// The name of a format in a request.
fn request_name(format: Format) -> String {
    contracts::v1::DataFormat::from(format).as_str_name().to_owned()
}

fn previewed(report: ColumnReport) -> PreviewedColumn {
    let problem_type = problem_type(&report);
    let examples = report.top_values.iter().take(MAX_EXAMPLES).map(|(value, _)| shortened(value));
    PreviewedColumn {
        examples: examples.collect(),
        column_type: report.column_type.to_string(),
        missing: report.missing,
        distinct: report.distinct,
        personal: report.personal,
        problem_type: problem_type.map(|of| of.as_str().to_owned()),
        present: report.count,
        name: report.name,
    }
}

/// The type of problem that a column makes as target; of personal data the numbers are not looked at.
fn problem_type(report: &ColumnReport) -> Option<ProblemType> {
    if report.distinct < 2 {
        return None;
    }
    let is_whole = |value: &str| parse::number(value).is_some_and(|value| value.fract() == 0.0);
    let are_listed = report.distinct == report.top_values.len() as u64;
    let are_whole = report.column_type == ColumnType::Integer
        || are_listed && report.top_values.iter().all(|(value, _)| is_whole(value));
    target::problem_type(report.column_type, report.distinct, report.count, are_whole)
}

fn shortened(value: &str) -> String {
    if value.chars().count() <= MAX_EXAMPLE {
        return value.to_owned();
    }
    value.chars().take(MAX_EXAMPLE - 1).chain(['…']).collect()
}
