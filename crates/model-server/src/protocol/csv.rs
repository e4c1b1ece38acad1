//! CSV bodies of `/invocations`: a header line, then the rows, in the dialects that `tier0 predict` takes.

use std::collections::HashSet;

use dataset::{CsvDialect, Quoting};
use tabular::{ColumnType, Field};

use super::cell::MAX_CELLS;
use super::{Input, InputColumn, Naming, Values};
use crate::error::InferError;

const BOM: &[u8] = b"\xef\xbb\xbf";
/// Delimiters that are understood, the most usual first.
const DELIMITERS: [u8; 4] = [b',', b';', b'\t', b'|'];

/// Reads a body; `fields` are the inputs of the model, by whose names the delimiter is found where it is not stated.
pub(crate) fn read(
    body: &[u8],
    fields: &[Field],
    stated: &CsvDialect,
) -> Result<Input, InferError> {
    dataset::guarded("CSV", || read_records(body, fields, stated))
}

fn read_records(body: &[u8], fields: &[Field], stated: &CsvDialect) -> Result<Input, InferError> {
    let body = body.strip_prefix(BOM).unwrap_or(body);
    let (body, delimiter) = match (separator_line(body), stated.delimiter) {
        (Some((named, rest)), stated) => (rest, stated.unwrap_or(named)),
        (None, Some(stated)) => (body, stated),
        (None, None) => (body, delimiter(body, fields)),
    };
    let mut builder = csv::ReaderBuilder::new();
    match stated.quoting {
        None => {}
        Some(Quoting::None) => {
            builder.quoting(false);
        }
        Some(Quoting::By(quote)) => {
            builder.quote(quote);
        }
    }
    let mut reader = builder.delimiter(delimiter).flexible(true).from_reader(body);
    let header: Vec<String> = reader
        .headers()
        .map_err(|error| problem(&error))?
        .iter()
        .map(|name| name.trim().to_owned())
        .collect();
    let mut columns: Vec<Vec<String>> = header.iter().map(|_| Vec::new()).collect();
    let is_number = |name: &String| {
        let field = fields.iter().find(|field| field.name == *name);
        field.is_some_and(|of| matches!(of.column_type, ColumnType::Integer | ColumnType::Number))
    };
    let has_signs = stated.decimal.is_some() || stated.thousands.is_some();
    let rewritten: Vec<bool> = header.iter().map(|name| has_signs && is_number(name)).collect();
    let mut cells = 0_usize;
    for (number, record) in reader.records().enumerate() {
        let record = record.map_err(|error| problem(&error))?;
        if record.len() != header.len() {
            return Err(InferError::WrongWidth {
                row: number,
                expected: header.len(),
                found: record.len(),
            });
        }
        cells = cells.saturating_add(record.len());
        if cells > MAX_CELLS {
            return Err(InferError::Malformed {
                problem: "too many values in one request".to_owned(),
            });
        }
        for ((column, rewritten), text) in columns.iter_mut().zip(&rewritten).zip(&record) {
            column.push(match rewritten {
                true => dataset::plain_number(stated, text).into_owned(),
                false => text.to_owned(),
            });
        }
    }
    let columns = header
        .into_iter()
        .zip(columns)
        .map(|(name, texts)| InputColumn { name, datatype: None, values: Values::Texts(texts) })
        .collect();
    Ok(Input { columns, naming: Naming::Lenient })
}

/// The delimiter that a first line such as `sep=;` names, as Excel writes it, and what follows the line.
fn separator_line(body: &[u8]) -> Option<(u8, &[u8])> {
    let rest = body.strip_prefix(b"sep=").or_else(|| body.strip_prefix(b"\"sep="))?;
    let (delimiter, rest) = rest.split_first()?;
    let rest = rest.strip_prefix(b"\"").unwrap_or(rest);
    let rest = rest.strip_prefix(b"\r\n").or_else(|| rest.strip_prefix(b"\n"))?;
    DELIMITERS.contains(delimiter).then_some((*delimiter, rest))
}

/// The delimiter by which the header has most of the inputs; the first of equals.
fn delimiter(body: &[u8], fields: &[Field]) -> u8 {
    let inputs: HashSet<&str> = fields.iter().map(|field| field.name.as_str()).collect();
    let found = |delimiter: u8| {
        let mut reader =
            csv::ReaderBuilder::new().delimiter(delimiter).flexible(true).from_reader(body);
        reader
            .headers()
            .map_or(0, |header| header.iter().filter(|name| inputs.contains(name.trim())).count())
    };
    let [comma, others @ ..] = DELIMITERS;
    let mut best = (comma, found(comma));
    if best.1 < inputs.len() {
        for other in others {
            let count = found(other);
            if count > best.1 {
                best = (other, count);
            }
        }
    }
    best.0
}

fn problem(error: &csv::Error) -> InferError {
    let line = error.position().map_or(1, csv::Position::line);
    let problem = match error.kind() {
        csv::ErrorKind::Utf8 { .. } => format!("the CSV is not UTF-8 in the record at line {line}"),
        _ => format!("the body is not CSV with a header line at line {line}"),
    };
    InferError::Malformed { problem }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test")]
mod tests {
    use super::*;

    fn read_text(text: &str) -> Vec<(String, Values)> {
        let fields = ["amount", "plan", "a;b"].map(|name| Field::new(name, ColumnType::Text));
        let input = read(text.as_bytes(), &fields, &CsvDialect::default()).unwrap();
        input.columns.into_iter().map(|column| (column.name, column.values)).collect()
    }

    #[test]
    fn every_dialect_gives_the_same_columns() {
        let texts = |one: &str| Values::Texts(vec![one.to_owned()]);
        let expected = [("amount".to_owned(), texts("1.5")), ("plan".to_owned(), texts("x,y"))];
        for text in [
            "amount,plan\n1.5,\"x,y\"\n",
            "\u{feff}amount,plan\r\n1.5,\"x,y\"\r\n",
            "amount;plan\n1.5;x,y\n",
            "sep=;\namount;plan\n1.5;x,y\n",
            "\"sep=|\"\r\namount|plan\r\n1.5|x,y\r\n",
            "amount\tplan\n1.5\tx,y\n",
            "amount|plan\n1.5|x,y",
            "\n\namount;  plan \n\n1.5;x,y\n",
        ] {
            assert_eq!(read_text(text), expected, "{text:?}");
        }
        assert_eq!(read_text("\"a;b\",id\n1,2\n")[0].0, "a;b", "the inputs decide");
        assert_eq!(read_text("plan\nx\n").len(), 1);
    }

    #[test]
    fn what_is_stated_of_numbers_is_read_so() {
        let fields =
            [Field::new("amount", ColumnType::Number), Field::new("plan", ColumnType::Text)];
        let words = [("delimiter", ";"), ("decimal", ","), ("thousands", "."), ("quote", "'")];
        let stated = CsvDialect::parse(&words).unwrap();
        let input = read(b"plan;amount\n'1,5;';1.234,5\n", &fields, &stated).unwrap();
        let found: Vec<_> = input.columns.into_iter().map(|column| column.values).collect();
        let texts = |one: &str| Values::Texts(vec![one.to_owned()]);
        assert_eq!(found, [texts("1,5;"), texts("1234.5")]);
    }

    #[test]
    fn a_ragged_row_is_refused_with_its_number() {
        let error = read(b"amount,plan\n1,2\n3\n", &[], &CsvDialect::default()).unwrap_err();
        assert!(matches!(error, InferError::WrongWidth { row: 1, expected: 2, found: 1 }));
    }
}
