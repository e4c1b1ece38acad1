//! The table of the formats: which there are, and what reads each.
//!
//! A new format is a file below this one with a [`Reader`], and here its module, a row in `formats!` and one in `readers!`.

mod csv_text;
mod json_lines;
mod parquet_file;

use std::io::Read;

use arrow::array::RecordBatch;
use tabular::parse::MissingMarkers;
use tabular::{Field, Table};

use self::csv_text::Csv;
use self::json_lines::JsonLines;
use self::parquet_file::Parquet;
use crate::{Error, Examination, ScanOptions, Shape, Source};

pub use parquet_file::{FIELDS_KEY, read_parquet, write_parquet};

/// Bytes at the beginning of a file that tell its format.
const HEAD: u64 = 8;

macro_rules! formats {
    ($(
        $(#[$doc:meta])*
        $format:ident {
            title: $title:literal,
            names: [$name:literal $(, $alias:literal)*],
            endings: [$($ending:literal),*],
            magic: $magic:expr,
            knows_text: $knows_text:literal,
        }
    )*) => {
        /// Format of a table.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        pub enum Format {$(
            $(#[$doc])*
            $format,
        )*}

        impl Format {
            /// All formats.
            pub const ALL: [Self; [$($title),*].len()] = [$(Self::$format),*];

            /// Its name for people.
            #[must_use]
            pub const fn title(self) -> &'static str {
                match self {
                    $(Self::$format => $title,)*
                }
            }

            /// Its usual name in a catalogue.
            #[must_use]
            pub const fn name(self) -> &'static str {
                match self {
                    $(Self::$format => $name,)*
                }
            }

            /// The format of a name in a catalogue, in any case.
            #[must_use]
            pub fn by_name(name: &str) -> Option<Self> {
                match name.to_lowercase().as_str() {
                    $($name $(| $alias)* => Some(Self::$format),)*
                    _ => None,
                }
            }

            /// The endings of its files, without the dot.
            #[must_use]
            pub const fn endings(self) -> &'static [&'static str] {
                match self {
                    $(Self::$format => &[$($ending),*],)*
                }
            }

            /// The first bytes of every file of it, where they prove it; at most 8.
            #[must_use]
            pub const fn magic(self) -> Option<&'static [u8]> {
                match self {
                    $(Self::$format => $magic,)*
                }
            }

            /// Whether a file keeps text apart from numbers, such as codes that are written in digits.
            #[must_use]
            pub const fn knows_text(self) -> bool {
                match self {
                    $(Self::$format => $knows_text,)*
                }
            }
        }
    };
}

formats! {
    /// Values separated by a delimiter, with a header line.
    Csv {
        title: "CSV",
        names: ["csv"],
        endings: ["csv", "tsv", "tab"],
        magic: None,
        knows_text: false,
    }
    /// Parquet.
    Parquet {
        title: "Parquet",
        names: ["parquet"],
        endings: ["parquet", "pq", "parq"],
        magic: Some(b"PAR1"),
        knows_text: true,
    }
    /// One JSON object per line.
    JsonLines {
        title: "JSON Lines",
        names: ["jsonl", "json_lines", "ndjson"],
        endings: ["jsonl", "ndjson", "jsonlines"],
        magic: None,
        knows_text: true,
    }
}

impl Format {
    /// The format said by a file's name.
    #[must_use]
    pub fn of_name(name: &str) -> Option<Self> {
        let ending = name.rsplit_once('.')?.1.to_ascii_lowercase();
        Self::ALL.into_iter().find(|format| format.endings().contains(&ending.as_str()))
    }

    /// The formats, and the endings of their files, for a message that says which are read.
    #[must_use]
    pub fn known() -> String {
        let endings = Self::ALL.iter().flat_map(|format| format.endings());
        let endings: Vec<String> = endings.map(|ending| format!(".{ending}")).collect();
        format!("{}, by the endings {}", Self::ALL.map(Self::title).join(", "), endings.join(", "))
    }
}

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
                $(Format::$format => $format::scan(source, options),)*
            }
        }

        pub(crate) fn examine(
            format: Format,
            source: &Source,
            names: &[&str],
            markers: &MissingMarkers,
        ) -> Result<Examination, Error> {
            match format {
                $(Format::$format => $format::examine(source, names, markers),)*
            }
        }

        pub(crate) fn rows(
            format: Format,
            source: &Source,
            places: &[usize],
            wanted: &[Field],
            markers: &MissingMarkers,
            rows: &mut impl Rows,
        ) -> Result<(), Error> {
            match format {
                $(Format::$format => $format::rows(source, places, wanted, markers, rows),)*
            }
        }

        pub(crate) fn read(
            format: Format,
            source: &Source,
            options: &ScanOptions,
        ) -> Result<Table, Error> {
            match format {
                $(Format::$format => $format::read(source, options),)*
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
}

/// The format of a source: what its first bytes prove, else what was said, else what its name says. Blocking.
///
/// # Errors
/// An empty file, one compressed as a whole, and one whose format is neither said nor told by the name.
pub fn format_of(source: &Source, said: Option<Format>) -> Result<Format, Error> {
    if source.size() == 0 {
        return Err(Error::EmptyFile);
    }
    let mut head = Vec::new();
    source.reader()?.take(HEAD).read_to_end(&mut head).map_err(Error::Read)?;
    let proves = |format: &Format| format.magic().is_some_and(|magic| head.starts_with(magic));
    if let Some(proven) = Format::ALL.into_iter().find(proves) {
        return Ok(proven);
    }
    let codec = match head.as_slice() {
        [0x1f, 0x8b, ..] => "gzip",
        [0x28, 0xb5, 0x2f, 0xfd, ..] => "zstd",
        [b'P', b'K', 3, 4, ..] => "zip",
        [b'B', b'Z', b'h', ..] => "bzip2",
        [0xfd, b'7', b'z', b'X', ..] => "xz",
        _ => {
            return said
                .or_else(|| Format::of_name(source.name()))
                .ok_or_else(|| Error::UnknownFormat { uri: source.uri().to_owned() });
        }
    };
    Err(Error::Compressed { uri: source.uri().to_owned(), codec })
}
