#![allow(clippy::unwrap_used, reason = "a test")]

use std::fmt::Write as _;
use std::io::Write as _;

use super::*;
use crate::{FileTable, Format, ScanOptions, Shape, TableSource, scan};

/// Rows of numbers, texts, dates and missing values, with what `special` gives for some of them, of more bytes than are read in order.
fn csv(line_end: &str, special: impl Fn(usize) -> Option<String>) -> String {
    let mut text = format!("\u{feff}id,\"a \"\"name\"\"\",kind,day{line_end}");
    for row in 0..160_000_usize {
        let value = special(row).unwrap_or_else(|| format!("text {}", row % 977));
        let number =
            if row % 13 == 0 { String::new() } else { format!("{}.{}", row % 31, row % 7) };
        write!(text, "{row},{number},{value},2024-{:02}-11{line_end}", 1 + row % 12).unwrap();
    }
    assert!(text.len() as u64 > SMALL);
    text
}

fn source(content: &str) -> (tempfile::NamedTempFile, Source) {
    let mut file = tempfile::Builder::new().suffix(".csv").tempfile().unwrap();
    file.write_all(content.as_bytes()).unwrap();
    let source = Source::open_local(file.path()).unwrap();
    (file, source)
}

/// All rows, through the parts and through the batches, as one table each.
fn both_ways(source: &Source, shape: &Shape) -> (tabular::Table, tabular::Table) {
    let options = ScanOptions::default();
    let table = FileTable::new(source.clone(), Some(Format::Csv));
    let mut by_parts = crate::TableBuilder::new(shape.fields.clone());
    table.parts(shape, &shape.fields, &options, 8192, &mut |part| by_parts.push(&part()?)).unwrap();
    let mut in_order = crate::TableBuilder::new(shape.fields.clone());
    crate::read_batches(source, shape, &shape.fields, &options, usize::MAX, |table| {
        for (index, column) in table.columns().iter().enumerate() {
            assert!(index < shape.fields.len() && !column.is_empty());
        }
        let arrays = table.columns().iter().map(|column| match column {
            tabular::Column::Text(text) => {
                Arc::new(text.iter().collect::<arrow::array::StringArray>()) as ArrayRef
            }
            tabular::Column::Number(values) => Arc::new(arrow::array::Float64Array::from_iter(
                values.iter().map(|value| Some(*value).filter(|value| !value.is_nan())),
            )) as ArrayRef,
        });
        let batch = RecordBatch::try_new(crate::physical_schema(&shape.fields), arrays.collect());
        in_order.push(&batch.unwrap())
    })
    .unwrap();
    (by_parts.finish().unwrap(), in_order.finish().unwrap())
}

#[test]
fn plain_files_are_read_in_parts_as_they_are_in_order() {
    for line_end in ["\n", "\r\n"] {
        for (name, special) in [
            ("plain", (|_| None) as fn(usize) -> Option<String>),
            ("quoted", |row| (row % 97 == 0).then(|| "\"a, b\"".to_owned())),
            ("two lines", |row| (row % 97 == 0).then(|| "\"two\r\nlines \"\"x\"\"\"".to_owned())),
            ("a lone quote", |row| (row % 97 == 0).then(|| "5\" pipe".to_owned())),
            ("after a quote", |row| (row % 97 == 0).then(|| "\"a\"b\"".to_owned())),
            ("beyond ascii", |row| (row % 5 == 0).then(|| "Zürich – 東京".to_owned())),
        ] {
            let (_file, source) = source(&csv(line_end, special));
            let shape = scan(&source, Format::Csv, &ScanOptions::default()).unwrap();
            assert!(shape.plain.is_some(), "{name}");
            assert_eq!(shape.rows, 160_000, "{name}");
            assert_eq!(shape.sha256, source.sha256().unwrap());
            let (by_parts, in_order) = both_ways(&source, &shape);
            assert!(by_parts == in_order, "{name}");
            assert_eq!(by_parts.rows(), 160_000);
        }
    }
}

#[test]
fn what_is_not_plain_is_left_to_the_reader_in_order() {
    let lone_return = csv("\n", |row| (row == 150_000).then(|| "x\r9,1.5,y".to_owned()));
    let (_file, found) = source(&lone_return);
    let shape = scan(&found, Format::Csv, &ScanOptions::default());
    assert!(matches!(shape, Err(Error::RaggedRow { .. }) | Ok(Shape { plain: None, .. })));
    let ragged = csv("\n", |row| (row == 150_000).then(|| "x,y".to_owned()));
    let (_file, found) = source(&ragged);
    assert!(matches!(
        scan(&found, Format::Csv, &ScanOptions::default()),
        Err(Error::RaggedRow { line: 150_002, expected: 4, found: 5 })
    ));
    // A quote that is never closed takes all the rest.
    let open = csv("\n", |row| (row == 100).then(|| "\"x".to_owned()));
    let (_file, found) = source(&open);
    assert!(scan(&found, Format::Csv, &ScanOptions::default()).is_err());
}

#[test]
fn a_record_may_be_longer_than_a_part() {
    let long = format!("\"{}\"", "x\n".repeat(PART));
    let content = csv("\n", |row| (row % 50_000 == 7).then(|| long.clone()));
    let (_file, source) = source(&content);
    let shape = scan(&source, Format::Csv, &ScanOptions::default()).unwrap();
    assert!(shape.plain.is_some());
    let (by_parts, in_order) = both_ways(&source, &shape);
    assert!(by_parts == in_order);
}

#[test]
fn a_file_that_is_cut_between_two_readings_is_refused() {
    let content = csv("\n", |_| None);
    let (file, source) = source(&content);
    let shape = scan(&source, Format::Csv, &ScanOptions::default()).unwrap();
    let end = content.len() as u64 / 2;
    file.as_file().set_len(end).unwrap();
    let table = FileTable::new(source, Some(Format::Csv));
    let options = ScanOptions::default();
    let read = table
        .parts(&shape, &shape.fields, &options, 8192, &mut |part| part().map(drop))
        .and_then(|()| table.check_unchanged());
    assert!(matches!(read, Err(Error::ChangedWhileRead { .. })), "{read:?}");
}
