#![allow(clippy::unwrap_used, reason = "a test")]

use std::sync::Arc;

use arrow::array::{
    Array, AsArray, BooleanArray, Date32Array, Float32Array, Int32Array, StringArray,
};
use arrow::datatypes::{Float64Type, Int64Type};
use parquet::arrow::ArrowWriter;

use super::*;

fn opened(ending: &str, content: &[u8]) -> (tempfile::NamedTempFile, Result<AsWritten, Error>) {
    let file = tempfile::Builder::new().suffix(ending).tempfile().unwrap();
    std::fs::write(file.path(), content).unwrap();
    let source = Source::open_local(file.path()).unwrap();
    (file, AsWritten::open(source, &ScanOptions::default()))
}

/// The rows as words, and how often the file was read until it was read whole.
fn read(table: &mut AsWritten, places: &[usize]) -> (Vec<String>, usize) {
    for times in 1.. {
        let mut all = Vec::new();
        let read = table.batches(
            places,
            |batch| (0..batch.num_rows()).map(|row| told(&batch, row)).collect::<Vec<_>>(),
            |rows| {
                all.extend(rows);
                Ok(())
            },
        );
        if read.unwrap() == Read::Whole {
            return (all, times);
        }
    }
    unreachable!()
}

fn told(batch: &RecordBatch, row: usize) -> String {
    let value = |column: &ArrayRef| match column.data_type() {
        _ if column.is_null(row) => "Missing".to_owned(),
        DataType::Int64 => format!("Integer({})", column.as_primitive::<Int64Type>().value(row)),
        DataType::Float64 => {
            format!("Number({:?})", column.as_primitive::<Float64Type>().value(row))
        }
        DataType::Boolean => format!("Boolean({})", column.as_boolean().value(row)),
        _ => format!("Text({:?})", column.as_string::<i32>().value(row)),
    };
    batch.columns().iter().map(value).collect::<Vec<_>>().join(" ")
}

fn rows(table: &mut AsWritten, places: &[usize]) -> Vec<String> {
    let first = table.first(places).unwrap().unwrap();
    let (rows, _) = read(table, places);
    assert_eq!(rows.first(), Some(&told(&first, 0)));
    rows
}

#[test]
fn texts_are_as_they_stand() {
    let (_file, table) = opened(".csv", b"a,b,c\n 1 ,NA,x\n,\"q, r\", \n");
    let mut table = table.unwrap();
    let names: Vec<&str> = table.columns().iter().map(|column| column.name.as_str()).collect();
    assert_eq!(names, ["a", "b", "c"]);
    assert_eq!(rows(&mut table, &[0, 2]), [r#"Text(" 1 ") Text("x")"#, r#"Text("") Text(" ")"#]);
    assert_eq!(rows(&mut table, &[1]), [r#"Text("NA")"#, r#"Text("q, r")"#]);
}

#[test]
fn lines_of_json_may_lack_values() {
    let (_file, table) = opened(".jsonl", b"{\"a\": 1, \"b\": \"\"}\n{\"a\": null}\n");
    let mut table = table.unwrap();
    let missing: Vec<_> = table.columns().iter().map(|column| column.missing).collect();
    assert_eq!(missing.first(), Some(&Some(true)));
    assert_eq!(rows(&mut table, &[0, 1]), [r#"Text("1") Text("")"#, "Missing Missing"]);
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
    let mut table = table.unwrap();
    let missing: Vec<_> = table.columns().iter().map(|column| column.missing).collect();
    assert_eq!(missing, [Some(true), Some(false), Some(false), Some(false), Some(false)]);
    assert_eq!(
        rows(&mut table, &[0, 1, 2, 3, 4]),
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

/// Lines of two columns, in more bytes than are read at once.
fn many(line: &dyn Fn(usize) -> String) -> Vec<u8> {
    let mut content = String::from("a,b\n");
    let mut row = 0;
    while content.len() < 6 << 20 {
        content.push_str(&line(row));
        row += 1;
    }
    content.into_bytes()
}

#[test]
fn large_files_are_read_part_by_part_and_in_order() {
    let content = many(&|row| format!("{row}, x{} \n", row % 7));
    let (_file, table) = opened(".csv", &content);
    let mut table = table.unwrap();
    assert!(table.plain.is_some());
    let (rows, times) = read(&mut table, &[0, 1]);
    assert_eq!(times, 1);
    let whole: Vec<String> =
        (0..rows.len()).map(|row| format!("Text(\"{row}\") Text(\" x{} \")", row % 7)).collect();
    assert_eq!(rows, whole);
    let (seconds, _) = read(&mut table, &[1]);
    assert_eq!(seconds.len(), rows.len());
    assert_eq!(seconds.get(3).unwrap(), "Text(\" x3 \")");
}

/// A carriage return alone, far behind, ends a record for the reader in order.
#[test]
fn what_is_not_plain_is_read_again_in_order() {
    let content = many(&|row| match row {
        400_000 => "1,2\r3,4\n".to_owned(),
        _ => format!("{row},\"a\"\"b\"\n"),
    });
    let (_file, table) = opened(".csv", &content);
    let mut table = table.unwrap();
    let (rows, times) = read(&mut table, &[1]);
    assert_eq!(times, 2);
    assert_eq!(rows.get(400_000..400_002).unwrap(), ["Text(\"2\")", "Text(\"4\")"]);
    assert_eq!(rows.first().unwrap(), r#"Text("a\"b")"#);
}

#[test]
fn ragged_rows_of_large_files_are_told_with_their_line() {
    let content = many(&|row| if row == 500_000 { "x\n".to_owned() } else { format!("{row},b\n") });
    let (_file, table) = opened(".csv", &content);
    let mut table = table.unwrap();
    assert_eq!(table.batches(&[0], |_| (), |()| Ok(())).unwrap(), Read::Again);
    let error = table.batches(&[0], |_| (), |()| Ok(())).unwrap_err();
    assert!(matches!(error, Error::RaggedRow { line: 500_002, expected: 2, found: 1 }), "{error}");
}

#[test]
fn errors_of_what_takes_end_it() {
    let content = many(&|row| format!("{row},b\n"));
    let (_file, table) = opened(".csv", &content);
    let mut table = table.unwrap();
    let mut taken = 0;
    let ended = table.batches(
        &[0],
        |batch| batch.num_rows(),
        |_| {
            taken += 1;
            Err(Error::EmptyFile)
        },
    );
    assert!(matches!(ended, Err(Error::EmptyFile)));
    assert_eq!(taken, 1);
}
