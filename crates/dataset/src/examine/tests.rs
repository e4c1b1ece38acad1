#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test")]

use std::io::Write;

use tabular::parse::MissingMarkers;
use tabular::{Column, ColumnType, Field, Table, TextColumn};

use crate::{
    Error, Format, Source, TargetExamination, examine, examine_target, format_of, write_parquet,
};

fn with<T>(suffix: &str, content: &[u8], look: impl FnOnce(&Source, Format) -> T) -> T {
    let mut file = tempfile::Builder::new().suffix(suffix).tempfile().unwrap();
    file.write_all(content).unwrap();
    let source = Source::open_local(file.path()).unwrap();
    let format = format_of(&source, None).unwrap();
    look(&source, format)
}

fn target(suffix: &str, content: &[u8], name: &str) -> Result<TargetExamination, Error> {
    with(suffix, content, |source, format| {
        examine_target(source, format, name, &MissingMarkers::default())
    })
}

#[test]
fn a_target_is_seen_though_the_rest_is_broken() {
    let found = target(".csv", b"y,x,x\nYes,1\nNo,2,3,4\nYes,caf\xe9,5\n?,1,1\n", "y").unwrap();
    assert_eq!(found.rows, 4);
    assert_eq!(found.target.missing, 1);
    assert_eq!(found.target.levels, [("Yes".to_owned(), 2), ("No".to_owned(), 1)]);
    assert_eq!(found.target.column_type, ColumnType::Text);
    assert!(!found.target.more_levels);
}

#[test]
fn numbers_are_the_same_however_they_are_written() {
    let found = target(".csv", b"y\n1\n1.0\n0\n0.50\n", "y").unwrap();
    assert_eq!(
        found.target.levels,
        [("1".to_owned(), 2), ("0".to_owned(), 1), ("0.5".to_owned(), 1)]
    );
    let many: String =
        std::iter::once("y\n".to_owned()).chain((0..1500).map(|i| format!("{i}.5\n"))).collect();
    let found = target(".csv", many.as_bytes(), "y").unwrap();
    assert!(found.target.more_levels);
    assert_eq!(found.target.column_type, ColumnType::Number);
}

#[test]
fn a_name_that_is_nearly_right_is_suggested() {
    match target(".csv", b"id,Churn\n1,Yes\n", "chrun") {
        Err(Error::NoSuchColumn { column, nearest }) => {
            assert_eq!((column.as_str(), nearest), ("chrun", vec!["Churn".to_owned()]))
        }
        other => panic!("{other:?}"),
    }
    assert!(matches!(target(".csv", b"y,y\n1,2\n", "y"), Err(Error::DuplicateColumn { .. })));
    assert!(matches!(target(".csv", b"y,x\n", "y"), Err(Error::HeaderOnly { columns: 2 })));
    assert!(matches!(target(".csv", b"y,x\n", "z"), Err(Error::HeaderOnly { columns: 2 })));
}

#[test]
fn json_and_parquet_give_the_same() {
    let json =
        target(".jsonl", b"{\"y\": 1, \"x\": [1]}\n{\"x\": 2}\n{\"y\": 0}\n{\"y\": 1}\n", "y")
            .unwrap();
    let table = Table::new(
        vec![Field::new("x", ColumnType::Text), Field::new("y", ColumnType::Integer)],
        vec![
            Column::Text(TextColumn::from_iter([Some("a"), None, Some("b"), Some("b")])),
            Column::Number(vec![1.0, f64::NAN, 0.0, 1.0]),
        ],
    )
    .unwrap();
    let bytes = write_parquet(&table).unwrap();
    let parquet = target(".parquet", &bytes, "y").unwrap();
    assert_eq!(json.target, parquet.target);
    let both = with(".parquet", &bytes, |source, format| {
        examine(source, format, &["y", "x"], &MissingMarkers::default())
    });
    let both = both.unwrap();
    assert_eq!(both.columns, ["x", "y"]);
    assert_eq!(both.examined[0].name, "y");
    assert_eq!(both.examined[1].rows_of("b"), Some(2));
    assert!(matches!(target(".parquet", &bytes, "z"), Err(Error::NoSuchColumn { .. })));
}
