//! Telling a dialect from the beginning of a text.
//!
//! Each decision needs evidence that speaks for nothing else: where a file can be read in two ways, it is read by the rule
//! (comma, double quote, decimal point, a header in the first line).

use csv::{ByteRecord, Position};
use schema::CsvDialect;

use super::numbers::is_number;
use super::{Dialect, ToldDialect, character_name, quote_of};
use crate::content::Sample;

/// What separates values, the likeliest first.
const DELIMITERS: [u8; 4] = [b',', b';', b'\t', b'|'];
/// Records that are looked at.
const MAX_RECORDS: usize = 2000;
/// Most lines before the header that are passed without being stated.
const MAX_PREAMBLE: usize = 20;

/// Records of a sample by one dialect.
struct Records(Vec<ByteRecord>);

impl Records {
    fn read(text: &[u8], dialect: &Dialect) -> Self {
        let mut reader = dialect.reader().from_reader(text);
        Self(reader.byte_records().filter_map(Result::ok).take(MAX_RECORDS).collect())
    }

    fn widths(&self) -> impl Iterator<Item = usize> {
        self.0.iter().map(ByteRecord::len)
    }

    /// The number of fields that all records have, where they are several.
    fn width(&self) -> Option<usize> {
        let first = self.0.first()?.len();
        (first > 1 && self.0.len() > 1 && self.widths().all(|width| width == first))
            .then_some(first)
    }

    /// Where the header stands, where lines of one field are before it, and rows of one width behind it, with a column of numbers
    /// that the header has none in.
    fn preamble(&self) -> Option<&ByteRecord> {
        let before = self.widths().take_while(|width| *width == 1).count();
        let header = self.0.get(before)?;
        let rows = self.0.get(before + 1..)?;
        let names_all = header.iter().all(|name| {
            let text = String::from_utf8_lossy(name);
            !text.trim().is_empty() && !is_number(&text)
        });
        let holds = (1..=MAX_PREAMBLE).contains(&before)
            && rows.len() > 1
            && rows.iter().all(|row| row.len() == header.len());
        let holds_number = |row: &ByteRecord, column: usize| {
            let text = row.get(column).map(String::from_utf8_lossy).unwrap_or_default();
            is_number(&text)
        };
        let numbers =
            || (0..header.len()).any(|column| rows.iter().all(|row| holds_number(row, column)));
        (holds && names_all && numbers()).then_some(header)
    }
}

/// Lines before a byte; line ends at it count.
fn lines_before(text: &[u8], byte: u64) -> u64 {
    let byte = usize::try_from(byte).unwrap_or(usize::MAX).min(text.len());
    let (before, after) = text.split_at(byte);
    let ends = after.iter().take_while(|byte| matches!(byte, b'\r' | b'\n'));
    let feeds = |bytes: &[u8]| bytes.iter().filter(|byte| **byte == b'\n').count() as u64;
    feeds(before) + ends.filter(|byte| **byte == b'\n').count() as u64
}

/// The text behind some lines.
fn behind(text: &[u8], lines: u64) -> &[u8] {
    let mut rest = text;
    for _ in 0..lines {
        match rest.iter().position(|byte| *byte == b'\n') {
            Some(end) => rest = rest.get(end + 1..).unwrap_or_default(),
            None => return &[],
        }
    }
    rest
}

fn first_line(text: &[u8]) -> &[u8] {
    let line = text.split(|byte| *byte == b'\n').next().unwrap_or_default();
    line.strip_suffix(b"\r").unwrap_or(line)
}

/// The delimiter that a spreadsheet writes into a line of its own, `sep=;`.
fn separator_line(text: &[u8]) -> Option<u8> {
    let line = first_line(text);
    let line = line.strip_prefix(b"\"").and_then(|line| line.strip_suffix(b"\"")).unwrap_or(line);
    match line {
        [b's' | b'S', b'e' | b'E', b'p' | b'P', b'=', delimiter] if *delimiter != b'"' => {
            Some(*delimiter)
        }
        _ => None,
    }
}

pub(super) fn dialect(sample: &Sample, stated: &CsvDialect) -> ToldDialect {
    let mut told = ToldDialect {
        dialect: Dialect {
            encoding: sample.told.encoding,
            compressed: sample.codec.is_some(),
            header: !stated.no_header,
            comment: stated.comment,
            quote: quote_of(stated.quoting).unwrap_or(Some(b'"')),
            skip_lines: u64::from(stated.skip_lines),
            ..Dialect::default()
        },
        ..ToldDialect::default()
    };
    let by_lines = find_lines(&sample.text, stated, &mut told);
    let body = behind(&sample.text, told.dialect.skip_lines);
    match stated.delimiter.or(by_lines) {
        Some(delimiter) if by_lines.is_some() => told.dialect.delimiter = delimiter,
        said => find_delimiter(body, said, stated, &mut told),
    }
    let body = behind(&sample.text, told.dialect.skip_lines);
    if stated.quoting.is_none() {
        find_quote(body, &mut told);
    }
    // What is not stated is told from each column by itself (`tabular::parse`).
    told.dialect.decimal = stated.decimal.unwrap_or(b'.');
    told.dialect.thousands = stated.thousands;
    told
}

pub(super) fn is_delimited(text: &[u8], is_whole: bool, stated: &CsvDialect) -> bool {
    if text.iter().any(|byte| *byte < b' ' && !matches!(byte, b'\t' | b'\n' | b'\r' | 0x0c)) {
        return false;
    }
    if stated.delimiter.is_some() || separator_line(text).is_some() {
        return true;
    }
    let hashes = u64::try_from(comment_lines(text)).unwrap_or(0);
    let body = behind(text, u64::from(stated.skip_lines).max(hashes));
    // A quote that is not closed takes in everything behind it.
    let whole = if is_whole { body } else { first_lines(body) };
    DELIMITERS.into_iter().any(|delimiter| {
        let records = Records::read(whole, &Dialect { delimiter, ..Dialect::default() });
        records.width().is_some() || records.preamble().is_some()
    })
}

/// So much of a text as surely holds whole records.
fn first_lines(text: &[u8]) -> &[u8] {
    let half = text.get(..text.len() / 2).unwrap_or_default();
    let end = half.iter().rposition(|byte| *byte == b'\n').map_or(half.len(), |end| end + 1);
    half.get(..end).unwrap_or_default()
}

/// Lines at the beginning that start with `#`.
fn comment_lines(text: &[u8]) -> usize {
    text.split(|byte| *byte == b'\n').take_while(|line| line.starts_with(b"#")).count()
}

/// Passes lines that are neither header nor row: `sep=;`, and those that start with `#`. Gives the delimiter that one says.
fn find_lines(text: &[u8], stated: &CsvDialect, told: &mut ToldDialect) -> Option<u8> {
    if stated.skip_lines > 0 {
        return None;
    }
    if let Some(delimiter) = separator_line(text) {
        told.dialect.skip_lines = 1;
        let name = character_name(delimiter);
        told.notes.push(format!("the first line says that values are separated by {name}"));
        return Some(delimiter);
    }
    let comments = comment_lines(text);
    if comments == 0 || stated.comment.is_some() {
        return None;
    }
    let comments = comments as u64;
    let last = first_line(behind(text, comments - 1));
    let holds_names = !stated.no_header && is_header(last, behind(text, comments));
    let passed = comments - u64::from(holds_names);
    if passed > 0 {
        told.dialect.skip_lines = passed;
        told.notes.push(format!("the first {passed} lines are passed: they begin with `#`"));
    }
    None
}

fn find_delimiter(body: &[u8], said: Option<u8>, stated: &CsvDialect, told: &mut ToldDialect) {
    let by = |delimiter| {
        let quote = told.dialect.quote;
        Records::read(
            body,
            &Dialect { delimiter, quote, comment: stated.comment, ..Dialect::default() },
        )
    };
    let (delimiter, records) = match said {
        Some(delimiter) => (delimiter, by(delimiter)),
        None => {
            let all = DELIMITERS.map(|delimiter| (delimiter, by(delimiter)));
            let (delimiter, note) = choose(&all);
            told.notes.extend(note);
            let chosen = all.into_iter().find(|(other, _)| *other == delimiter);
            (delimiter, chosen.map_or(Records(Vec::new()), |(_, records)| records))
        }
    };
    told.dialect.delimiter = delimiter;
    if stated.skip_lines > 0 || stated.no_header {
        return;
    }
    let Some(header) = records.preamble() else { return };
    let lines =
        told.dialect.skip_lines + lines_before(body, header.position().map_or(0, Position::byte));
    told.dialect.skip_lines = lines;
    told.notes.push(format!(
        "the first {lines} lines are passed: they are no rows of {} values, as all lines behind them; state the lines to be passed if this is wrong",
        header.len()
    ));
}

/// Whether the last of the lines that start with `#` is the header: it alone has no number, and is as wide as the rows.
fn is_header(line: &[u8], body: &[u8]) -> bool {
    DELIMITERS.into_iter().any(|delimiter| {
        let dialect = Dialect { delimiter, ..Dialect::default() };
        let (names, rows) = (Records::read(line, &dialect), Records::read(body, &dialect));
        let (Some(names), Some(row)) = (names.0.first(), rows.0.first()) else { return false };
        let has_number = |record: &ByteRecord| {
            record.iter().any(|field| is_number(&String::from_utf8_lossy(field)))
        };
        names.len() > 1 && names.len() == row.len() && !has_number(names) && has_number(row)
    })
}

/// A comma, unless the header has none outside quotes, or another delimiter alone divides all lines alike.
fn choose(all: &[(u8, Records); 4]) -> (u8, Option<String>) {
    let header = |records: &Records| records.0.first().map_or(0, ByteRecord::len);
    let [(_, commas), others @ ..] = all;
    let note = |delimiter: u8, evidence: &str| {
        let name = character_name(delimiter);
        (delimiter, Some(format!("{evidence}; values are separated by {name}")))
    };
    if header(commas) > 1 {
        if commas.width().is_some() || commas.preamble().is_some() {
            return (b',', None);
        }
        let widest = others
            .iter()
            .filter(|(_, records)| records.width().is_some() || records.preamble().is_some())
            .max_by_key(|(_, records)| records.width());
        return match widest {
            Some((delimiter, _)) => {
                note(*delimiter, "commas divide the first lines into different numbers of values")
            }
            None => (b',', None),
        };
    }
    // The first of equals, so that the choice depends on nothing but the text.
    let most = others.iter().rev().max_by_key(|(_, records)| header(records));
    match most.filter(|(_, records)| header(records) > 1) {
        Some((delimiter, _)) => note(*delimiter, "the header has no comma"),
        None => match all.iter().find(|(_, records)| records.preamble().is_some()) {
            Some((b',', _)) | None => (b',', None),
            Some((delimiter, _)) => note(*delimiter, "the header has no comma"),
        },
    }
}

/// Single quotes, where a column has all its values in them and nothing is in double quotes.
fn find_quote(body: &[u8], told: &mut ToldDialect) {
    if body.contains(&b'"') || !body.contains(&b'\'') {
        return;
    }
    let single = Dialect { quote: Some(b'\''), ..told.dialect.clone() };
    let plain = Records::read(body, &told.dialect);
    let Some(width) = Records::read(body, &single).width() else { return };
    let rows = plain.0.get(1..).unwrap_or_default();
    let quoted = |field: &[u8]| matches!(field, [b'\'', .., b'\'']);
    let all_quoted = |column: usize| {
        let values =
            rows.iter().filter_map(|row| row.get(column)).filter(|value| !value.is_empty());
        let (mut count, mut all) = (0, true);
        for value in values {
            count += 1;
            all &= quoted(value);
        }
        count > 1 && all
    };
    // With the quotes all lines are divided alike, and without them they are not; or no value of a column is without.
    if plain.width().is_none() || (0..width).any(all_quoted) {
        told.dialect.quote = Some(b'\'');
        told.notes.push("values stand in single quotes, which are taken off".to_owned());
    }
}

#[cfg(test)]
mod tests;
