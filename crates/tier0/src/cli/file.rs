//! What is stated of a table's file, where its content and its name do not say it.

use clap::Args;
use dataset::{CsvDialect, DialectError, Format, Stated};

/// Format and dialect of a file; what is not stated is told from its content, and its name.
#[derive(Debug, Clone, Default, Args)]
pub struct FileArgs {
    /// Format of the table: csv, parquet, jsonl or arrow [default: by content and name]
    #[arg(long, value_name = "FORMAT", value_parser = format)]
    pub format: Option<Format>,
    /// What separates the values of a CSV: a character, or tab [default: by content]
    #[arg(long, value_name = "CHARACTER", value_parser = |text: &str| word("delimiter", text))]
    pub delimiter: Option<String>,
    /// What values of a CSV are quoted with: a character, or none [default: "]
    #[arg(long, value_name = "CHARACTER", value_parser = |text: &str| word("quote", text))]
    pub quote: Option<String>,
    /// What separates whole from fraction in the numbers of a CSV: . or , [default: by content]
    #[arg(long, value_name = "CHARACTER", value_parser = |text: &str| word("decimal", text))]
    pub decimal: Option<String>,
    /// What groups the digits of numbers in threes: . , ' _ or blank [default: by content]
    #[arg(long, value_name = "CHARACTER", value_parser = thousands)]
    pub thousands: Option<String>,
    /// The CSV has no line with the columns' names; they are column_1, column_2, …
    #[arg(long)]
    pub no_header: bool,
    /// What a line of a CSV begins with that is no row, such as #
    #[arg(long, value_name = "CHARACTER", value_parser = |text: &str| word("comment", text))]
    pub comment: Option<String>,
    /// Lines before the header of a CSV [default: by content]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(0..=1_000_000))]
    pub skip_lines: Option<u32>,
    /// Part that stands first in dates of figures, such as 01/02/2024: day, month or year [default: by content]
    #[arg(long, value_name = "PART", value_parser = |text: &str| word("date_order", text))]
    pub date_order: Option<String>,
    /// Encoding of a CSV: utf-8, utf-16le, utf-16be or windows-1252 [default: by content]
    #[arg(long, value_name = "ENCODING", value_parser = |text: &str| word("encoding", text))]
    pub encoding: Option<String>,
}

impl FileArgs {
    /// The dialect that the arguments state.
    ///
    /// # Errors
    /// Parts that contradict one another.
    pub fn csv(&self) -> Result<CsvDialect, DialectError> {
        let text = |word: &Option<String>| word.clone().unwrap_or_default();
        let words = [
            ("delimiter", text(&self.delimiter)),
            ("quote", text(&self.quote)),
            ("decimal", text(&self.decimal)),
            ("thousands", text(&self.thousands)),
            ("comment", text(&self.comment)),
            ("encoding", text(&self.encoding)),
            ("date_order", text(&self.date_order)),
        ];
        let words: Vec<(&'static str, &str)> =
            words.iter().map(|(field, word)| (*field, word.as_str())).collect();
        let stated = CsvDialect::parse(&words)?;
        let skip_lines = self.skip_lines.unwrap_or_default();
        Ok(CsvDialect { no_header: self.no_header, skip_lines, ..stated })
    }

    /// What the arguments state.
    ///
    /// # Errors
    /// Parts that contradict one another.
    pub fn stated(&self) -> Result<Stated, DialectError> {
        Ok(Stated { format: self.format, csv: self.csv()?, ..Stated::default() })
    }
}

fn word(field: &'static str, text: &str) -> Result<String, DialectError> {
    CsvDialect::parse(&[(field, text)]).map(|_| text.to_owned())
}

/// A point groups thousands beside a decimal comma alone, which is stated by another argument.
fn thousands(text: &str) -> Result<String, DialectError> {
    let decimal = if text == "." { "," } else { "." };
    CsvDialect::parse(&[("thousands", text), ("decimal", decimal)]).map(|_| text.to_owned())
}

fn format(text: &str) -> Result<Format, ParseFormatError> {
    Format::by_name(text).ok_or(ParseFormatError)
}

/// A word that names no format.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("expected one of {}", Format::ALL.map(Format::name).join(", "))]
pub struct ParseFormatError;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_checked_where_they_are_given() {
        assert_eq!(word("delimiter", "tab").as_deref(), Ok("tab"));
        assert!(word("delimiter", "::").is_err() && word("encoding", "x").is_err());
        assert!(thousands(".").is_ok() && thousands("x").is_err());
        assert_eq!(format("jsonl"), Ok(Format::JsonLines));
        assert_eq!(format("excel"), Err(ParseFormatError));
        let contradicting = FileArgs { thousands: Some(".".into()), ..FileArgs::default() };
        assert!(contradicting.csv().is_err());
    }
}
