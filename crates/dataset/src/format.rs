//! The table of the formats: which there are, and what reads each.
//!
//! A new format is a file with a [`Reader`], and a row in `formats!`.

use std::io::Read;

use arrow::array::RecordBatch;
use tabular::parse::MissingMarkers;
use tabular::{Field, Table};

use crate::csv_text::Csv;
use crate::json_lines::JsonLines;
use crate::parquet_file::Parquet;
use crate::{Error, Examination, ScanOptions, Shape, Source};

/// Bytes at the beginning of a file that tell its format.
const HEAD: u64 = 8;

/// What reads a format. Blocking.
pub(crate) trait Reader {
    /// The format's name for people.
    const TITLE: &'static str;
    /// Names in a catalogue, the usual one first.
    const NAMES: &'static [&'static str];
    /// Endings of files.
    const ENDINGS: &'static [&'static str];
    /// The first bytes of every file, where they prove the format.
    const MAGIC: Option<&'static [u8]> = None;
    /// Whether text is kept apart from numbers, and not concluded from the values.
    const KNOWS_TEXT: bool = true;
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

macro_rules! formats {
    ($($(#[$doc:meta])* $format:ident;)*) => {
        /// Format of a table.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        pub enum Format {$(
            $(#[$doc])*
            $format,
        )*}

        impl Format {
            /// All formats.
            pub const ALL: [Self; [$(stringify!($format)),*].len()] = [$(Self::$format),*];

            const fn traits(self) -> Traits {
                match self {
                    $(Self::$format => Traits::of::<$format>(),)*
                }
            }

            pub(crate) fn scan(
                self,
                source: &Source,
                options: &ScanOptions,
            ) -> Result<Shape, Error> {
                match self {
                    $(Self::$format => $format::scan(source, options),)*
                }
            }

            pub(crate) fn examine(
                self,
                source: &Source,
                names: &[&str],
                markers: &MissingMarkers,
            ) -> Result<Examination, Error> {
                match self {
                    $(Self::$format => $format::examine(source, names, markers),)*
                }
            }

            pub(crate) fn rows(
                self,
                source: &Source,
                places: &[usize],
                wanted: &[Field],
                markers: &MissingMarkers,
                rows: &mut impl Rows,
            ) -> Result<(), Error> {
                match self {
                    $(Self::$format => $format::rows(source, places, wanted, markers, rows),)*
                }
            }

            pub(crate) fn read(
                self,
                source: &Source,
                options: &ScanOptions,
            ) -> Result<Table, Error> {
                match self {
                    $(Self::$format => $format::read(source, options),)*
                }
            }
        }
    };
}

// Each is read by the type of its own name.
formats! {
    /// Values separated by a delimiter, with a header line.
    Csv;
    /// Parquet.
    Parquet;
    /// One JSON object per line.
    JsonLines;
}

/// The constants of a [`Reader`].
struct Traits {
    title: &'static str,
    names: &'static [&'static str],
    endings: &'static [&'static str],
    magic: Option<&'static [u8]>,
    knows_text: bool,
    physical: bool,
}

impl Traits {
    const fn of<R: Reader>() -> Self {
        Self {
            title: R::TITLE,
            names: R::NAMES,
            endings: R::ENDINGS,
            magic: R::MAGIC,
            knows_text: R::KNOWS_TEXT,
            physical: R::PHYSICAL,
        }
    }
}

impl Format {
    /// The format said by a file's name.
    #[must_use]
    pub fn of_name(name: &str) -> Option<Self> {
        let ending = name.rsplit_once('.')?.1.to_ascii_lowercase();
        Self::ALL.into_iter().find(|format| format.traits().endings.contains(&ending.as_str()))
    }

    /// The format of a name in a catalogue, in any case.
    #[must_use]
    pub fn by_name(name: &str) -> Option<Self> {
        let name = name.to_lowercase();
        Self::ALL.into_iter().find(|format| format.traits().names.contains(&name.as_str()))
    }

    /// Its usual name in a catalogue.
    #[must_use]
    pub fn name(self) -> &'static str {
        self.traits().names.first().copied().unwrap_or_default()
    }

    /// Whether a file keeps text apart from numbers, such as codes that are written in digits.
    #[must_use]
    pub const fn knows_text(self) -> bool {
        self.traits().knows_text
    }

    /// Whether its reader hands over physical forms, and not texts.
    pub(crate) const fn is_physical(self) -> bool {
        self.traits().physical
    }

    /// The format of a source: what its first bytes prove, else what was said, else what its name says. Blocking.
    ///
    /// # Errors
    /// An empty file, one compressed as a whole, and one whose format is neither said nor told by the name.
    pub fn of(source: &Source, said: Option<Self>) -> Result<Self, Error> {
        if source.size() == 0 {
            return Err(Error::EmptyFile);
        }
        let mut head = Vec::new();
        source.reader()?.take(HEAD).read_to_end(&mut head).map_err(Error::Read)?;
        let proves =
            |format: &Self| format.traits().magic.is_some_and(|magic| head.starts_with(magic));
        if let Some(proven) = Self::ALL.into_iter().find(proves) {
            return Ok(proven);
        }
        let codec = match head.as_slice() {
            [0x1f, 0x8b, ..] => "gzip",
            [0x28, 0xb5, 0x2f, 0xfd, ..] => "zstd",
            [b'P', b'K', 3, 4, ..] => "zip",
            [b'B', b'Z', b'h', ..] => "bzip2",
            [0xfd, b'7', b'z', b'X', ..] => "xz",
            _ => {
                return said.or_else(|| Self::of_name(source.name())).ok_or_else(|| {
                    Error::UnknownFormat { uri: source.uri().to_owned(), known: known() }
                });
            }
        };
        Err(Error::Compressed { uri: source.uri().to_owned(), codec })
    }
}

/// The formats that are read, and the endings of their files.
fn known() -> String {
    let titles: Vec<&str> = Format::ALL.into_iter().map(|format| format.traits().title).collect();
    let endings: Vec<String> = Format::ALL
        .into_iter()
        .flat_map(|format| format.traits().endings)
        .map(|ending| format!(".{ending}"))
        .collect();
    format!("{} are read, by the endings {}", titles.join(", "), endings.join(", "))
}
