//! Files of pandas, Polars, DuckDB, fastparquet, pyarrow and Spark are read as the plain spelling of their rows is.

use std::collections::BTreeMap;

use tabular::{Column, ColumnType, Table};
use tier0_tests::Python;

const MODULES: [&str; 5] = ["duckdb", "fastparquet", "pandas", "polars", "pyarrow"];

/// A column by its type, and its values to the bit. A midnight is that of a date, however it is spelled.
fn said(table: &Table, name: &str) -> (String, Vec<Option<String>>) {
    let field = table.field(name).unwrap();
    let kind = match field.column_type {
        ColumnType::Timestamp | ColumnType::Date if name == "midnight" => "midnight".to_owned(),
        other => other.to_string(),
    };
    let values = match table.column(name).unwrap() {
        Column::Number(values) => values
            .iter()
            .map(|value| (!value.is_nan()).then(|| format!("{value} ({:x})", value.to_bits())))
            .collect(),
        Column::Text(texts) => texts.iter().map(|text| text.map(str::to_owned)).collect(),
    };
    (kind, values)
}

#[tokio::test]
async fn files_of_every_writer_are_read_as_their_rows_are() {
    let Some(python) = Python::of("tables", &MODULES).await else { return };
    let directory = tempfile::tempdir().unwrap();
    let script = include_str!("write_tables.py");
    let written = python.run(script, &[directory.path().to_str().unwrap()]).await.success();
    let files: BTreeMap<String, Vec<String>> = written.json_as();
    let plain = dataset::read_file(&directory.path().join("plain.csv")).unwrap();
    are_the_types_of_the_document(&plain);
    let mut compared = 0;
    let mut different = Vec::new();
    for (file, columns) in &files {
        let table = dataset::read_file(&directory.path().join(file))
            .unwrap_or_else(|error| panic!("{file}: {error}"));
        for column in columns {
            let (expected, found) = (said(&plain, column), said(&table, column));
            if expected.0 != found.0 {
                different.push(format!("{file}, {column}: {} is not {}", found.0, expected.0));
            }
            let differs = expected.1.iter().zip(&found.1).position(|(one, other)| one != other);
            if let Some(row) = differs {
                let (expected, found) = (&expected.1[row], &found.1[row]);
                different
                    .push(format!("{file}, {column}, row {row}: {found:?} is not {expected:?}"));
            }
            assert_eq!(expected.1.len(), found.1.len(), "{file}, {column}");
            compared += 1;
        }
    }
    assert!(different.is_empty(), "{}", different.join("\n"));
    eprintln!("{} files, {compared} columns, all equal", files.len());
    assert!(files.len() >= 25 && compared > 300, "{}: {compared}", files.len());
}

/// docs/data.md says what becomes of each type.
fn are_the_types_of_the_document(plain: &Table) {
    use ColumnType::{Boolean, Date, Integer, Number, Text, Timestamp};
    for (name, expected) in [
        ("whole", Integer),
        ("gaps", Integer),
        ("big", Text),
        ("ratio", Number),
        ("flag", Boolean),
        ("unsure", Boolean),
        ("price", Number),
        ("day", Date),
        ("midnight", Date),
        ("instant", Timestamp),
        ("zoned", Timestamp),
        ("clock", Number),
        ("took", Number),
        ("identity", Text),
        ("level", Text),
        ("note", Text),
    ] {
        assert_eq!(plain.field(name).unwrap().column_type, expected, "{name}");
    }
    let first = |name: &str| plain.column(name).unwrap().numbers().unwrap()[1];
    assert_eq!((first("clock"), first("took")), (3_690.001, 3_601.5));
}

/// What is written here is read by all of them alike: the sample as `tier0 sample` writes it, and every type as splits have it.
/// Predictions are in scenario 11.
#[tokio::test]
async fn what_is_written_is_read_by_all() {
    let Some(python) = Python::of("tables", &MODULES).await else { return };
    let directory = tempfile::tempdir().unwrap();
    let path = |name: &str| directory.path().join(name).to_str().unwrap().to_owned();
    for ending in ["csv", "parquet"] {
        let out = path(&format!("sample.{ending}"));
        let arguments = ["sample", "churn", "--rows", "300", "--seed", "7", "--out", &out];
        tier0_tests::tier0(arguments).await.success();
    }
    let rows = tempfile::tempdir().unwrap();
    let script = include_str!("write_tables.py");
    python.run(script, &[rows.path().to_str().unwrap()]).await.success();
    let plain = dataset::read_file(&rows.path().join("plain.csv")).unwrap();
    std::fs::write(path("types.parquet"), dataset::write_parquet(&plain).unwrap()).unwrap();
    let arguments = [directory.path().to_str().unwrap()];
    let read = python.run(include_str!("read_tables.py"), &arguments).await.success();
    let read: BTreeMap<String, usize> = read.json_as();
    assert_eq!(read.len(), 4 + 5 + 5, "{read:?}");
    assert_eq!(read["sample.csv by polars"], 300);
    assert_eq!(read["types.parquet by fastparquet"], plain.rows());
}
