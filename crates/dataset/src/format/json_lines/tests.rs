#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test")]

use std::io::Write;

use tabular::ColumnType;

use crate::{Error, Format, ScanOptions, Shape, Source, format_of, read_table, scan};

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
    let options = ScanOptions::default();
    let shape = scan(&source, Format::JsonLines, &options).unwrap();
    crate::batches::arrow_batches(&source, &shape, table.fields(), &options, 1, &mut |batch| {
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

#[test]
fn the_words_of_python_are_missing() {
    let content = "{\"a\": 1.5, \"t\": \"NaN or Infinity\"}\n{\"a\": NaN, \"t\": \"x \\\" NaN\"}\n{\"a\": -Infinity, \"t\": null}\n{\"a\": Infinity}\n";
    let found = shape(content).unwrap();
    assert_eq!(found.fields[0].column_type, ColumnType::Number);
    assert_eq!(found.missing, [3, 2]);
    assert!(found.notes.iter().any(|note| note.starts_with("2 values")), "{:?}", found.notes);
    let (_file, source) = source(content);
    let table = read_table(&source, Format::JsonLines, &ScanOptions::default()).unwrap();
    let text = table.column("t").unwrap().text().unwrap();
    assert_eq!((text.get(0), text.get(1)), (Some("NaN or Infinity"), Some("x \" NaN")));
    assert!(matches!(shape("{\"a\": nan}\n"), Err(Error::BadJson { line: 1, .. })));
}

#[test]
fn an_array_of_objects_is_a_table() {
    let lines = ROWS.lines().filter(|line| !line.is_empty()).collect::<Vec<_>>();
    for content in [
        format!("[{}]", lines.join(",")),
        format!("\u{feff}\n [\n{}\n]\n", lines.join("\n,\n")),
        format!("[{}]", lines.join(",").replace(": ", ":\n  ")),
    ] {
        let (array, plain) = (shape(&content).unwrap(), shape(ROWS).unwrap());
        assert_eq!(
            (array.fields, array.rows, array.missing),
            (plain.fields, plain.rows, plain.missing)
        );
    }
    let braces = shape("[{\"a\": \"}{][\\\"\"}, {\"a\": \"\\\\\"}]").unwrap();
    assert_eq!(braces.rows, 2);
    for (content, line) in [
        ("[{\"a\": 1},\n 2]", 2),
        ("[{\"a\": 1}\n {\"a\": 2}]", 2),
        ("[{\"a\": 1},\n", 2),
        ("[{\"a\": 1}]\nx", 2),
        ("[\n{\"a\":\n secret}]", 3),
        ("[{\"a\": 1},\n{\"a\": 2", 2),
    ] {
        match shape(content) {
            Err(Error::BadJson { line: found, .. }) => assert_eq!(found, line, "{content:?}"),
            other => panic!("{content:?}: {other:?}"),
        }
    }
    assert!(matches!(shape("[]"), Err(Error::EmptyFile)));
}

/// A pass over the rows and a reading of them have to count alike; rows without a column cannot.
#[test]
fn objects_without_a_key_make_no_table() {
    for content in ["{}", "{}\n{}\n", "[{}, {}]"] {
        let refused = shape(content);
        assert!(matches!(refused, Err(Error::EmptyFile)), "{content}: {refused:?}");
    }
    let shape = shape("{}\n{\"a\": 1}\n").unwrap();
    assert_eq!((shape.rows, shape.fields.len()), (2, 1));
}
