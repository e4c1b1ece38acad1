//! The table of the formats: which there are, and what reads each.
//!
//! A new format is a file below this one with a [`Reader`], here its module and a row in `readers!`, and a row in `formats!` of the crate
//! `schema`.

mod arrow_ipc;
pub(crate) mod csv_parallel;
mod csv_text;
mod json_lines;
mod parquet_file;
mod parquet_writer;

use std::io::Read;

use arrow::array::RecordBatch;
use schema::DecimalSign;
use tabular::parse::{MissingMarkers, TypeInference};
use tabular::{Field, Table};

use self::arrow_ipc::ArrowIpc;
use self::csv_text::Csv;
use self::json_lines::JsonLines;
use self::parquet_file::Parquet;
use crate::content::{self, Codec, unpacked_name};
use crate::guard::guarded;
use crate::{Dialect, Error, Examination, ScanOptions, Shape, Source};

pub use csv_parallel::Plain;
pub(crate) use csv_text::{header as csv_header, plain as csv_plain};
pub use parquet_file::{
    ParquetSize, parquet_parts, parquet_size, read_parquet, read_parquet_column, read_parquet_rows,
};
pub(crate) use parquet_file::{written as parquet_columns, written_batches as parquet_batches};
pub use parquet_writer::{FIELDS_KEY, ParquetWriter, Storage, write_parquet};
pub use schema::Format;

/// What is stated of a file; what is not stated is told from its content and its name.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Stated {
    /// Its format, where the bytes do not prove another.
    pub format: Option<Format>,
    /// The dialect of a CSV.
    pub csv: schema::CsvDialect,
    /// The query that gives the table, where its location is a database.
    pub query: String,
}

impl Stated {
    /// What concludes a column's type, by what is stated of numbers and dates.
    pub(crate) fn inference(&self, markers: &MissingMarkers) -> TypeInference {
        let decimal = self.csv.decimal.map(|sign| match sign {
            b',' => DecimalSign::Comma,
            _ => DecimalSign::Point,
        });
        TypeInference::new(markers.clone())
            .with_decimal(decimal)
            .with_date_order(self.csv.date_order)
    }
}

impl From<Option<Format>> for Stated {
    fn from(format: Option<Format>) -> Self {
        Self { format, ..Self::default() }
    }
}

/// Bytes at the beginning of a file that tell its format.
const HEAD: u64 = 8;

/// What reads a format. Blocking.
pub(crate) trait Reader {
    /// Whether rows are handed over as [`Rows::batch`], in their physical forms; else as [`Rows::texts`].
    const PHYSICAL: bool = false;

    /// Looks at every row.
    fn scan(source: &Source, options: &ScanOptions) -> Result<Shape, Error>;

    /// Looks at some columns of a table that may be broken elsewhere.
    fn examine(
        source: &Source,
        names: &[&str],
        markers: &MissingMarkers,
    ) -> Result<Examination, Error>;

    /// Hands over every row of a table that was scanned: the columns at these places, as the types that are wanted.
    fn rows(
        source: &Source,
        shape: &Shape,
        places: &[usize],
        wanted: &[Field],
        markers: &MissingMarkers,
        rows: &mut impl Rows,
    ) -> Result<(), Error>;

    /// Reads a small table whole.
    fn read(source: &Source, options: &ScanOptions) -> Result<Table, Error> {
        crate::batches::read_whole(source, &Self::scan(source, options)?, options)
    }
}

/// Takes the rows of a table.
pub(crate) trait Rows {
    /// Takes a row as it stands in the file: a text for each column, none where it is missing.
    fn texts<'a>(&mut self, row: impl Iterator<Item = Option<&'a str>>) -> Result<(), Error>;

    /// Takes rows whose columns are in the physical forms of [`crate::canonical`].
    fn batch(&mut self, batch: &RecordBatch) -> Result<(), Error>;
}

macro_rules! readers {
    ($($format:ident;)*) => {
        pub(crate) fn scan(
            format: Format,
            source: &Source,
            options: &ScanOptions,
        ) -> Result<Shape, Error> {
            match format {
                $(Format::$format => {
                    let shape = guarded(Format::$format.title(), || $format::scan(source, options))?;
                    // Rows without a column, such as empty objects, make no table.
                    if shape.fields.is_empty() {
                        return Err(Error::EmptyFile);
                    }
                    source.limits().admit(shape.rows, shape.fields.len())?;
                    Ok(shape)
                })*
            }
        }

        pub(crate) fn examine(
            format: Format,
            source: &Source,
            names: &[&str],
            markers: &MissingMarkers,
        ) -> Result<Examination, Error> {
            match format {
                $(Format::$format => {
                    let found = guarded(Format::$format.title(), || $format::examine(source, names, markers))?;
                    source.limits().admit(found.rows, found.columns.len())?;
                    Ok(found)
                })*
            }
        }

        pub(crate) fn rows(
            format: Format,
            source: &Source,
            shape: &Shape,
            places: &[usize],
            wanted: &[Field],
            markers: &MissingMarkers,
            rows: &mut impl Rows,
        ) -> Result<(), Error> {
            match format {
                $(Format::$format => guarded(Format::$format.title(), || {
                    $format::rows(source, shape, places, wanted, markers, rows)
                }),)*
            }
        }

        pub(crate) fn read(
            format: Format,
            source: &Source,
            options: &ScanOptions,
        ) -> Result<Table, Error> {
            match format {
                $(Format::$format => guarded(Format::$format.title(), || $format::read(source, options)),)*
            }
        }

        /// Whether the reader hands over physical forms, and not texts.
        pub(crate) const fn is_physical(format: Format) -> bool {
            match format {
                $(Format::$format => $format::PHYSICAL,)*
            }
        }
    };
}

// Each format is read by the type of its own name.
readers! {
    Csv;
    Parquet;
    JsonLines;
    ArrowIpc;
}

/// The format of a source: what its first bytes prove, else what was said, else what its name says, else what its text looks
/// like. Blocking.
///
/// # Errors
/// An empty file, one compressed as a whole in a way that is not read, and one whose format is neither said nor told.
pub fn format_of(source: &Source, said: Option<Format>) -> Result<Format, Error> {
    if source.size() == 0 {
        return Err(Error::EmptyFile);
    }
    let mut head = Vec::new();
    source.reader()?.take(HEAD).read_to_end(&mut head).map_err(Error::Read)?;
    if let Some(proven) = proven(&head) {
        return Ok(proven);
    }
    let compressed =
        |codec: Codec| Err(Error::Compressed { uri: source.uri().to_owned(), codec: codec.name() });
    match Codec::of(&head) {
        Some(codec @ Codec::Other(_)) => return compressed(codec),
        // What is read from place to place can't be unpacked as it streams.
        Some(codec) if proven(&sample(source)?.text).is_some() => {
            return compressed(codec);
        }
        _ => {}
    }
    if let Some(format) = said.or_else(|| Format::of_name(unpacked_name(source.name()))) {
        return Ok(format);
    }
    let sample = sample(source)?;
    let begin = sample.text.iter().find(|byte| !byte.is_ascii_whitespace());
    let brackets = |byte: &u8| matches!(byte, b'{' | b'[');
    if begin.is_some_and(brackets) && source.stated().csv.is_open() {
        Ok(Format::JsonLines)
    } else if Dialect::is_delimited(&sample, &source.stated().csv) {
        Ok(Format::Csv)
    } else {
        Err(Error::UnknownFormat { uri: source.uri().to_owned() })
    }
}

fn sample(source: &Source) -> Result<content::Sample, Error> {
    guarded("text", || content::sample(source))
}

fn proven(head: &[u8]) -> Option<Format> {
    let proves = |format: &Format| format.magic().is_some_and(|magic| head.starts_with(magic));
    Format::ALL.into_iter().find(proves)
}
