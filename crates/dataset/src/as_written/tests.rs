#![allow(clippy::unwrap_used, reason = "a test")]

use std::sync::Arc;

use arrow::array::{BooleanArray, Date32Array, Float32Array, Int32Array, StringArray};
use arrow::datatypes::{Field as ArrowField, Schema};
use parquet::arrow::ArrowWriter;

use super::*;

fn opened(ending: &str, content: &[u8]) -> (tempfile::NamedTempFile, Result<AsWritten, Error>) {
    let file = tempfile::Builder::new().suffix(ending).tempfile().unwrap();
    std::fs::write(file.path(), content).unwrap();
    let source = Source::open_local(file.path()).unwrap();
    (file, AsWritten::open(source, &ScanOptions::default()))
}

fn rows(table: &AsWritten, places: &[usize]) -> Vec<String> {
    let mut all = Vec::new();
    table
        .rows(places, &mut |row| {
            all.push(row.map(|value| format!("{value:?}")).collect::<Vec<_>>().join(" "));
            Ok(())
        })
        .unwrap();
    all
}

#[test]
fn texts_are_as_they_stand() {
    let (_file, table) = opened(".csv", b"a,b,c\n 1 ,NA,x\n,\"q, r\", \n");
    let table = table.unwrap();
    let names: Vec<&str> = table.columns().iter().map(|column| column.name.as_str()).collect();
    assert_eq!(names, ["a", "b", "c"]);
    assert_eq!(rows(&table, &[0, 2]), [r#"Text(" 1 ") Text("x")"#, r#"Text("") Text(" ")"#]);
    assert_eq!(rows(&table, &[1]), [r#"Text("NA")"#, r#"Text("q, r")"#]);
}

#[test]
fn lines_of_json_may_lack_values() {
    let (_file, table) = opened(".jsonl", b"{\"a\": 1, \"b\": \"\"}\n{\"a\": null}\n");
    let table = table.unwrap();
    let missing: Vec<_> = table.columns().iter().map(|column| column.missing).collect();
    assert_eq!(missing.first(), Some(&Some(true)));
    assert_eq!(rows(&table, &[0, 1]), [r#"Text("1") Text("")"#, "Missing Missing"]);
}

#[test]
fn values_of_parquet_have_their_types() {
    let schema = Arc::new(Schema::new(vec![
        ArrowField::new("i", DataType::Int32, true),
        ArrowField::new("f", DataType::Float32, false),
        ArrowField::new("b", DataType::Boolean, true),
        ArrowField::new("s", DataType::Utf8, true),
        ArrowField::new("d", DataType::Date32, true),
    ]));
    let columns: Vec<ArrayRef> = vec![
        Arc::new(Int32Array::from(vec![Some(1), None])),
        Arc::new(Float32Array::from(vec![0.5, 2.0])),
        Arc::new(BooleanArray::from(vec![true, false])),
        Arc::new(StringArray::from(vec![" NA", ""])),
        Arc::new(Date32Array::from(vec![19_727, 0])),
    ];
    let batch = RecordBatch::try_new(Arc::clone(&schema), columns).unwrap();
    let mut bytes = Vec::new();
    let mut writer = ArrowWriter::try_new(&mut bytes, schema, None).unwrap();
    writer.write(&batch).unwrap();
    writer.close().unwrap();
    let (_file, table) = opened(".parquet", &bytes);
    let table = table.unwrap();
    let missing: Vec<_> = table.columns().iter().map(|column| column.missing).collect();
    assert_eq!(missing, [Some(true), Some(false), Some(false), Some(false), Some(false)]);
    assert_eq!(
        rows(&table, &[0, 1, 2, 3, 4]),
        [
            r#"Integer(1) Number(0.5) Boolean(true) Text(" NA") Text("2024-01-05")"#,
            r#"Missing Number(2.0) Boolean(false) Text("") Text("1970-01-01")"#
        ]
    );
}

#[test]
fn what_has_no_rows_is_refused() {
    assert!(matches!(opened(".csv", b"a,b\n").1, Err(Error::HeaderOnly { columns: 2 })));
    assert!(matches!(opened(".csv", b"\n").1, Err(Error::EmptyFile)));
}
