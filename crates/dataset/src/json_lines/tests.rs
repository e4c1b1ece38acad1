#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test")]

use std::io::Write;

use tabular::ColumnType;

use crate::{
    Error, Format, ScanOptions, Shape, Source, format_of, read_json_batches, read_table, scan,
};

fn source(content: &str) -> (tempfile::NamedTempFile, Source) {
    let mut file = tempfile::Builder::new().suffix(".jsonl").tempfile().unwrap();
    file.write_all(content.as_bytes()).unwrap();
    let source = Source::open_local(file.path()).unwrap();
    (file, source)
}

fn shape(content: &str) -> Result<Shape, Error> {
    let (_file, source) = source(content);
    scan(&source, format_of(&source, None)?, &ScanOptions::default())
}

const ROWS: &str = r#"{"b": 1, "a": "x", "zip": "02134", "d": "2024-05-01"}

{"a": null, "b": 2.5, "c": true, "d": "2024-05-02", "zip": "1"}
"#;

#[test]
fn columns_are_those_of_all_lines_in_the_order_of_their_first() {
    let shape = shape(ROWS).unwrap();
    let found: Vec<_> =
        shape.fields.iter().map(|field| (field.name.as_str(), field.column_type)).collect();
    assert_eq!(
        found,
        [
            ("b", ColumnType::Number),
            ("a", ColumnType::Text),
            ("zip", ColumnType::Text),
            ("d", ColumnType::Date),
            ("c", ColumnType::Boolean)
        ]
    );
    assert_eq!(shape.missing, [0, 1, 0, 0, 1]);
    assert_eq!(shape.rows, 2);
}

#[test]
fn rows_are_read() {
    let (_file, source) = source(ROWS);
    let table = read_table(&source, Format::JsonLines, &ScanOptions::default()).unwrap();
    assert_eq!(table.column("b").unwrap().numbers().unwrap(), [1.0, 2.5]);
    assert_eq!(table.column("zip").unwrap().text().unwrap().get(0), Some("02134"));
    assert!(table.column("c").unwrap().is_missing(0));
    let mut rows = 0;
    read_json_batches(&source, table.fields(), 1, |batch| {
        rows += batch.num_rows();
        Ok(())
    })
    .unwrap();
    assert_eq!(rows, 2);
}

#[test]
fn what_is_wrong_is_named_by_its_line() {
    match shape("{\"a\": 1}\n{\"a\": [1]}\n") {
        Err(Error::NestedColumn { column, kind }) => {
            assert_eq!((column.as_str(), kind.as_str()), ("a", "an array in line 2"))
        }
        other => panic!("{other:?}"),
    }
    assert!(matches!(shape("{\"a\": 1}\n{\"a\": secret}\n"), Err(Error::BadJson { line: 2, .. })));
    assert!(matches!(
        shape("{\"a\": 1}\n{\"a\": 1, \"a\": 2}\n"),
        Err(Error::BadJson { line: 2, .. })
    ));
    assert!(matches!(shape("{\"a\": 1}\n[1]\n"), Err(Error::BadJson { line: 2, .. })));
    assert!(matches!(shape("{\"a\": 1}\n\n{\"a\""), Err(Error::BadJson { line: 3, .. })));
    assert!(matches!(shape("\n"), Err(Error::EmptyFile)));
    assert!(!shape("{\"a\": secret}\n").unwrap_err().to_string().contains("secret"));
}
