//! The dialect of a CSV file: what is stated of it, and what its content shows.
//!
//! Everything that is not stated is told from the first 256 KiB, each with its evidence as a note. What is stated is never
//! guessed against.

mod detect;
mod numbers;

pub use numbers::plain_number;

use schema::{CsvDialect, Encoding, Quoting};

use crate::content::{self, Sample};
use crate::{Error, Source};

/// The dialect that a CSV file is read by.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Dialect {
    /// What separates values.
    pub delimiter: u8,
    /// What values are quoted with; none where a quote is a character like another.
    pub quote: Option<u8>,
    /// What separates whole from fraction in numbers: `.` or `,`.
    pub decimal: u8,
    /// What groups the digits of numbers in threes.
    pub thousands: Option<u8>,
    /// Whether the first line that is read holds the columns' names.
    pub header: bool,
    /// What a line begins with that is no row.
    pub comment: Option<u8>,
    /// Lines before the header, or before the first row.
    pub skip_lines: u64,
    /// Encoding of the text.
    pub encoding: Encoding,
    /// Whether the file is compressed as a whole.
    pub compressed: bool,
}

impl Default for Dialect {
    /// Comma-separated UTF-8 with a header.
    fn default() -> Self {
        Self {
            delimiter: b',',
            quote: Some(b'"'),
            decimal: b'.',
            thousands: None,
            header: true,
            comment: None,
            skip_lines: 0,
            encoding: Encoding::Utf8,
            compressed: false,
        }
    }
}

/// A dialect, and what it was told by.
#[derive(Debug, Clone, Default)]
pub(crate) struct ToldDialect {
    pub(crate) dialect: Dialect,
    pub(crate) notes: Vec<String>,
    /// Whether bytes behind the sample may show another encoding.
    pub(crate) encoding_is_open: bool,
}

impl Dialect {
    /// Whether a reader that knows delimiters, doubled double quotes and a header reads the file alike.
    #[must_use]
    pub fn is_plain(&self) -> bool {
        let Self { delimiter, .. } = *self;
        *self == Self { delimiter, ..Self::default() }
    }

    /// Whether numbers are written as in code, so that no text of one changes.
    pub(crate) const fn has_plain_numbers(&self) -> bool {
        self.decimal == b'.' && self.thousands.is_none()
    }

    /// The dialect of a file. Blocking: reads the file's beginning.
    pub(crate) fn of(source: &Source) -> Result<ToldDialect, Error> {
        let sample = content::sample(source)?;
        let mut told = detect::dialect(&sample, &source.stated().csv);
        if sample.told.encoding != Encoding::Utf8 && source.stated().csv.encoding.is_none() {
            told.notes.push(encoding_note(sample.told.encoding));
        }
        told.encoding_is_open = sample.told.is_open;
        Ok(told)
    }

    /// Whether the text of a file of unknown format looks like delimited values.
    pub(crate) fn is_delimited(sample: &Sample, stated: &CsvDialect) -> bool {
        detect::is_delimited(&sample.text, sample.is_whole, stated)
    }

    pub(crate) fn reader(&self) -> csv::ReaderBuilder {
        let mut builder = csv::ReaderBuilder::new();
        builder
            .delimiter(self.delimiter)
            .quoting(self.quote.is_some())
            .quote(self.quote.unwrap_or(b'"'))
            .comment(self.comment)
            .has_headers(false)
            .flexible(true);
        builder
    }
}

/// How the encoding was told, for a person.
pub(crate) fn encoding_note(encoding: Encoding) -> String {
    let evidence = match encoding {
        Encoding::Windows1252 => {
            "no byte beyond ASCII is UTF-8, and all are letters of Windows-1252; state the encoding if it is another"
        }
        _ => "its bytes are pairs",
    };
    format!("the text is read as {encoding}: {evidence}")
}

/// The characters of a dialect that a quoting states.
const fn quote_of(quoting: Option<Quoting>) -> Option<Option<u8>> {
    match quoting {
        None => None,
        Some(Quoting::None) => Some(None),
        Some(Quoting::By(quote)) => Some(Some(quote)),
    }
}

/// A character, for a person.
pub(crate) fn character_name(character: u8) -> String {
    match character {
        b',' => "commas".to_owned(),
        b';' => "semicolons".to_owned(),
        b'\t' => "tabs".to_owned(),
        b'|' => "bars".to_owned(),
        b' ' => "blanks".to_owned(),
        other => format!("`{}`", char::from(other)),
    }
}
