//! What can be wrong with a table and with the place where it is.

use std::path::PathBuf;

use parquet::errors::ParquetError;

use crate::content::ContentError;
use crate::{DatabaseProblem, WebProblem};

/// Why a table could not be read or written.
///
/// Messages say where and what would be right, and never hold a value of a row.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The text is neither a path nor a URI that is understood.
    #[error("`{uri}` is not a location of a table: {reason}")]
    BadLocation {
        /// The text as given.
        uri: String,
        /// What is wrong with it.
        reason: &'static str,
    },
    /// The scheme is not on the allow-list.
    #[error("locations of scheme `{scheme}` are not allowed here; allowed: {allowed}")]
    SchemeNotAllowed {
        /// The scheme as given.
        scheme: String,
        /// The allowed ones, separated by commas.
        allowed: String,
    },
    /// The place is under none of the allowed roots.
    #[error(
        "`{uri}` is outside the places that tables may be read from; allowed: {allowed}; to allow it, start the fleet with `tier0 up --data-root`, or set data.allowed_roots of the scope-definer and the data-preparer, to `{root}`"
    )]
    OutsideRoots {
        /// Location of the table.
        uri: String,
        /// The allowed roots, separated by commas.
        allowed: String,
        /// The narrowest root that would allow it.
        root: String,
    },
    /// A configured limit that nothing keeps.
    #[error("{name} has to be 1 or more")]
    BadLimit {
        /// Name of the setting.
        name: &'static str,
    },
    /// There is no such file or object.
    #[error("there is no table at `{uri}`")]
    MissingFile {
        /// Location of the table.
        uri: String,
    },
    /// The location is a directory or something else that is no file.
    #[error("`{uri}` is not a file; one file holds one table")]
    NotAFile {
        /// Location of the table.
        uri: String,
    },
    /// The file changed between two passes over it.
    #[error("`{uri}` changed while it was read; give a file that stays as it is")]
    ChangedWhileRead {
        /// Location of the table.
        uri: String,
    },
    /// The format can't be told from the name or the first bytes.
    #[error("the format of `{uri}` is not known; these are read: {}", crate::Format::known())]
    UnknownFormat {
        /// Location of the table.
        uri: String,
    },
    /// The file is compressed as a whole, in a way that is not read.
    #[error(
        "`{uri}` is compressed with {codec}; give it uncompressed, with gzip or zstd if it is text, or as Parquet"
    )]
    Compressed {
        /// Location of the table.
        uri: String,
        /// What it is compressed with.
        codec: &'static str,
    },
    /// A compressed file without its end.
    #[error("the file ends within its {codec} stream: it was cut off; write or copy it again")]
    Truncated {
        /// What it is compressed with.
        codec: &'static str,
    },
    /// A compressed file that cannot be unpacked.
    #[error(
        "the file's {codec} stream is damaged, or has something else behind it; write it again"
    )]
    Damaged {
        /// What it is compressed with.
        codec: &'static str,
    },
    /// A compressed file that unpacks to more than the limit.
    #[error(
        "the {codec} file unpacks to more than {limit} bytes (data.max_decoded_bytes); divide it into parts, or allow more"
    )]
    TooLarge {
        /// What it is compressed with.
        codec: &'static str,
        /// Most bytes that are unpacked.
        limit: u64,
    },
    /// A compressed file that unpacks to so many times its size that it is no table.
    #[error(
        "the {codec} file unpacks to more than {ratio} times its size (data.max_decoded_ratio); give it uncompressed if it is a table"
    )]
    TooDense {
        /// What it is compressed with.
        codec: &'static str,
        /// Most bytes that are unpacked for one at rest.
        ratio: u64,
    },
    /// A directory or a pattern without a file of a table.
    #[error(
        "`{uri}` holds no file of a table; files whose names begin with `_` or `.` do not count, nor do empty ones"
    )]
    NoParts {
        /// Location of the table.
        uri: String,
    },
    /// A directory or a pattern of more files than the limit.
    #[error("`{uri}` holds more than {limit} files; a table has at most so many parts")]
    TooManyParts {
        /// Location of the table.
        uri: String,
        /// Most parts of a table.
        limit: usize,
    },
    /// A part of a table whose columns are not those of the parts before it.
    #[error("part `{part}` {reason}; the parts of a table have the same columns")]
    PartMismatch {
        /// Name of the part within the table.
        part: String,
        /// What differs.
        reason: String,
    },
    /// A part of a table has a defect.
    #[error("part `{part}`: {source}")]
    Part {
        /// Name of the part within the table.
        part: String,
        /// The defect.
        source: Box<Self>,
    },
    /// Zero bytes, or blank lines only.
    #[error("the table has no content: not even a header line")]
    EmptyFile,
    /// A header, or a schema, and no row.
    #[error("the table has a header of {columns} columns and no row")]
    HeaderOnly {
        /// Columns in the header.
        columns: usize,
    },
    /// A row whose number of fields is not that of the header.
    #[error(
        "line {line} has {found} fields where the header has {expected}; a delimiter inside a value or an unclosed quote is a usual cause"
    )]
    RaggedRow {
        /// The line, counted from 1, the header included.
        line: u64,
        /// Fields in the header.
        expected: u64,
        /// Fields in the row.
        found: u64,
    },
    /// Bytes that are not UTF-8.
    #[error(
        "line {line} is not UTF-8 (field {field}, byte {byte} of the field); save the table as UTF-8, or state its encoding"
    )]
    NotUtf8 {
        /// The line, counted from 1, the header included.
        line: u64,
        /// The field in the line, counted from 1.
        field: usize,
        /// The first wrong byte within the field, counted from 0.
        byte: usize,
    },
    /// Bytes that are not of the encoding that the text has.
    #[error("line {line} is not {encoding}; save the table as UTF-8, or state its encoding")]
    NotEncoded {
        /// The encoding.
        encoding: schema::Encoding,
        /// About the line, counted from 1: the bytes are in it or in one that follows closely.
        line: u64,
    },
    /// Two columns of the same name.
    #[error(
        "the column name `{column}` stands twice in the header (columns {first} and {second}); names have to differ"
    )]
    DuplicateColumn {
        /// Name of the column.
        column: String,
        /// Where it stands first, counted from 1.
        first: usize,
        /// Where it stands again.
        second: usize,
    },
    /// More columns than the limit.
    #[error("the table has {found} columns; at most {limit} are taken")]
    TooManyColumns {
        /// Number of columns of the table.
        found: usize,
        /// Greatest accepted number of columns, or of bytes in a line.
        limit: usize,
    },
    /// A column that is not asked for by its right name.
    #[error("there is no column `{column}`")]
    NoSuchColumn {
        /// The name asked for.
        column: String,
        /// The nearest names that there are.
        nearest: Vec<String>,
    },
    /// A column whose values are lists, structures, maps or otherwise nested.
    #[error(
        "column `{column}` is nested ({kind}); give one flat value per row, for example a column per part"
    )]
    NestedColumn {
        /// Name of the column.
        column: String,
        /// Its type in the file.
        kind: String,
    },
    /// A column of a type that is not read.
    #[error(
        "column `{column}` is of type {kind}, which is not read; numbers, booleans, text, dates and timestamps are"
    )]
    UnsupportedColumn {
        /// Name of the column.
        column: String,
        /// Its type in the file.
        kind: String,
    },
    /// A line that is no JSON object.
    #[error("line {line} is not a JSON object: {reason}")]
    BadJson {
        /// The line, counted from 1.
        line: u64,
        /// What is wrong, without any value.
        reason: String,
    },
    /// A line or a record beyond the limit.
    #[error(
        "line {line} is longer than {limit} bytes (data.max_line_bytes); a quote that is not closed is a usual cause"
    )]
    LineTooLong {
        /// The line, counted from 1.
        line: u64,
        /// Greatest accepted number of columns, or of bytes in a line.
        limit: usize,
    },
    /// A decoder gave the bytes up.
    #[error(
        "the file can't be read as {decoder}: its decoder broke off at what the format does not allow; write the file again"
    )]
    Undecodable {
        /// Name of the decoder, such as `Parquet`.
        decoder: &'static str,
    },
    /// A page of Parquet or a batch of Arrow IPC that unpacks to more than the limit.
    #[error(
        "a {part} of the file unpacks to {found} bytes; at most {limit} are taken (data.max_page_bytes); write smaller ones, or allow more"
    )]
    PageTooLarge {
        /// Which part it is: a page or a batch.
        part: &'static str,
        /// Bytes that it says that it unpacks to.
        found: u64,
        /// Most bytes of such a part.
        limit: u64,
    },
    /// More rows than the limit.
    #[error(
        "the table has {found} rows or more; at most {limit} are taken (data.max_rows); take fewer, or allow more"
    )]
    TooManyRows {
        /// Rows of the table, as far as they were counted.
        found: u64,
        /// Most rows of a table.
        limit: u64,
    },
    /// More cells than the limit.
    #[error(
        "the table has {rows} rows or more of {columns} columns; at most {limit} cells are taken (data.max_cells); take fewer, or allow more"
    )]
    TooManyCells {
        /// Rows of the table, as far as they were counted.
        rows: u64,
        /// Columns of the table.
        columns: u64,
        /// Most cells of a table.
        limit: u64,
    },
    /// The Parquet file is broken.
    #[error("the file is not a readable Parquet file: {0}")]
    Parquet(#[source] ParquetError),
    /// The Arrow IPC file or stream is broken.
    #[error("the file is not readable Arrow IPC: {0}")]
    Ipc(#[source] arrow::error::ArrowError),
    /// Arrow could not convert.
    #[error("the values can't be converted: {0}")]
    Arrow(#[source] arrow::error::ArrowError),
    /// The columns do not make a table.
    #[error("the columns don't make a table: {0}")]
    Table(#[source] tabular::TableError),
    /// The file could not be read.
    #[error("`{}` can't be read: {source}", path.display())]
    Io {
        /// Path of the file.
        path: PathBuf,
        /// Error of the operating system.
        source: std::io::Error,
    },
    /// The bytes could not be read to their end.
    #[error("the table can't be read to its end: {0}")]
    Read(#[source] std::io::Error),
    /// The database refused or failed.
    #[error("the database of `{uri}` {problem}")]
    Database {
        /// Location of the table.
        uri: String,
        /// What is wrong.
        problem: DatabaseProblem,
    },
    /// The web server refused or failed.
    #[error("the web server of `{uri}` {problem}")]
    Web {
        /// Location of the table.
        uri: String,
        /// What is wrong.
        problem: WebProblem,
    },
    /// The object store refused or failed.
    #[error("the object store could not give `{uri}`: {source}")]
    Store {
        /// Location of the table.
        uri: String,
        /// Error that caused this one.
        source: object_store::Error,
    },
}

impl Error {
    /// A failure of reading: what is wrong with the content, where that is known, else that the bytes can't be had.
    pub(crate) fn of_read(error: std::io::Error) -> Self {
        match error.downcast::<ContentError>() {
            Err(other) => Self::Read(other),
            Ok(ContentError::Truncated(codec)) => Self::Truncated { codec },
            Ok(ContentError::Damaged(codec)) => Self::Damaged { codec },
            Ok(ContentError::TooLarge { codec, limit }) => Self::TooLarge { codec, limit },
            Ok(ContentError::TooDense { codec, ratio }) => Self::TooDense { codec, ratio },
            Ok(ContentError::NotEncoded { encoding, line }) => Self::NotEncoded { encoding, line },
            // Whoever reads lines knows which it is.
            Ok(ContentError::LineTooLong(limit)) => Self::LineTooLong { line: 0, limit },
        }
    }

    /// Whether the same attempt may succeed later: the place was unreachable, nothing is known about the data.
    #[must_use]
    pub fn is_transient(&self) -> bool {
        match self {
            Self::Part { source, .. } => source.is_transient(),
            Self::Read(_) => true,
            Self::Database { problem, .. } => problem.is_transient(),
            Self::Web { problem, .. } => problem.is_transient(),
            Self::Store { source, .. } => matches!(
                source,
                object_store::Error::Generic { .. } | object_store::Error::JoinError { .. }
            ),
            _ => false,
        }
    }

    /// A stable identifier of what is wrong.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::BadLocation { .. } | Self::BadLimit { .. } => "source_location_invalid",
            Self::SchemeNotAllowed { .. } | Self::OutsideRoots { .. } => "source_not_allowed",
            Self::MissingFile { .. } | Self::NotAFile { .. } => "source_not_found",
            Self::ChangedWhileRead { .. } => "source_changed",
            Self::UnknownFormat { .. } | Self::Compressed { .. } => "source_format_unknown",
            Self::Truncated { .. } | Self::Damaged { .. } => "source_damaged",
            Self::TooLarge { .. }
            | Self::TooDense { .. }
            | Self::PageTooLarge { .. }
            | Self::TooManyRows { .. }
            | Self::TooManyCells { .. } => "source_too_large",
            Self::TooManyParts { .. } | Self::PartMismatch { .. } => "source_parts",
            Self::Part { source, .. } => source.code(),
            Self::EmptyFile | Self::HeaderOnly { .. } | Self::NoParts { .. } => "source_empty",
            Self::RaggedRow { .. } => "source_ragged_row",
            Self::NotUtf8 { .. } | Self::NotEncoded { .. } => "source_not_utf8",
            Self::DuplicateColumn { .. } => "source_duplicate_column",
            Self::TooManyColumns { .. } => "source_too_many_columns",
            Self::NoSuchColumn { .. } => "column_missing",
            Self::NestedColumn { .. } => "source_nested_column",
            Self::UnsupportedColumn { .. } => "source_unsupported_column",
            Self::BadJson { .. }
            | Self::LineTooLong { .. }
            | Self::Undecodable { .. }
            | Self::Parquet(_)
            | Self::Ipc(_)
            | Self::Arrow(_)
            | Self::Table(_) => "source_malformed",
            Self::Database { problem, .. } => problem.code(),
            Self::Web { problem, .. } => problem.code(),
            Self::Io { .. } | Self::Read(_) | Self::Store { .. } => "source_unreadable",
        }
    }
}

impl From<tabular::TableError> for Error {
    fn from(source: tabular::TableError) -> Self {
        Self::Table(source)
    }
}

impl From<arrow::error::ArrowError> for Error {
    fn from(source: arrow::error::ArrowError) -> Self {
        Self::Arrow(source)
    }
}

impl From<ParquetError> for Error {
    /// What the source itself met is told as such, so that a place that is out of reach is no defect of the file.
    fn from(source: ParquetError) -> Self {
        match source {
            ParquetError::External(cause) => match cause.downcast::<Self>() {
                Ok(own) => *own,
                // What a reader met comes through the decoder as a failure of reading.
                Err(other) => match other.downcast::<std::io::Error>() {
                    Ok(read) => read.downcast::<Self>().unwrap_or_else(|read| {
                        Self::Parquet(ParquetError::External(Box::new(read)))
                    }),
                    Err(other) => Self::Parquet(ParquetError::External(other)),
                },
            },
            source => Self::Parquet(source),
        }
    }
}
