#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test")]

use super::*;
use crate::{FeatureMatrix, TextColumn, TextError};

fn table() -> Table {
    Table::new(
        vec![Field::new("n", ColumnType::Number), Field::new("t", ColumnType::Text)],
        vec![
            Column::Number(vec![1.0, f64::NAN, 3.0]),
            Column::Text([Some("a"), Some("b"), None].into_iter().collect()),
        ],
    )
    .unwrap()
}

#[test]
fn columns_that_are_no_table_are_refused() {
    let number = |name: &str| Field::new(name, ColumnType::Number);
    let column = |rows| Column::Number(vec![0.0; rows]);
    assert!(matches!(Table::new(vec![number("a")], vec![]), Err(TableError::FieldCount { .. })));
    assert!(matches!(
        Table::new(vec![number("a"), number("b")], vec![column(1), column(2)]),
        Err(TableError::Length { expected: 1, found: 2, .. })
    ));
    assert!(matches!(
        Table::new(vec![number("a"), number("a")], vec![column(1), column(1)]),
        Err(TableError::DuplicateColumn { .. })
    ));
    assert!(matches!(
        Table::new(vec![number("")], vec![column(1)]),
        Err(TableError::EmptyName { position: 1 })
    ));
    let text = Field::new("a", ColumnType::Text);
    assert!(matches!(Table::new(vec![text], vec![column(1)]), Err(TableError::Kind { .. })));
}

#[test]
fn parts_of_a_table() {
    let table = table();
    assert_eq!(table.select(&["t"]).unwrap().fields().len(), 1);
    assert!(matches!(table.select(&["x"]), Err(TableError::NoColumn { .. })));
    assert_eq!(table.select::<&str>(&[]).unwrap().rows(), 3);
    assert_eq!(table.without(&["t", "x"]), table.select(&["n"]).unwrap());
    let taken = table.take(&[2, 0, 9]);
    assert_eq!(taken.column("n").unwrap(), &Column::Number(vec![3.0, 1.0, f64::NAN]));
    assert_eq!(taken.column("t").unwrap().text().unwrap().get(1), Some("a"));
    let wider = table
        .clone()
        .with_column(Field::new("m", ColumnType::Boolean), Column::Number(vec![1.0; 3]))
        .unwrap();
    assert_eq!(wider.width(), 3);
    let replaced = wider
        .with_column(Field::new("n", ColumnType::Number), Column::Number(vec![9.0; 3]))
        .unwrap();
    assert_eq!((replaced.width(), replaced.column("n").unwrap().numbers().unwrap()[0]), (3, 9.0));
    assert!(
        table.with_column(Field::new("m", ColumnType::Number), Column::Number(vec![])).is_err()
    );
}

#[test]
fn texts_are_encoded_by_their_first_row() {
    let text: TextColumn = [Some("b"), None, Some("a"), Some("b")].into_iter().collect();
    assert_eq!(text.levels(), ["b", "a"]);
    assert_eq!(text.codes(), [0, TextColumn::MISSING, 1, 0]);
    assert_eq!(text.counts(), (vec![2, 1], 1));
    let mapped = text.map_levels(|level| (level == "a").then_some("c"));
    assert_eq!(mapped.iter().collect::<Vec<_>>(), [None, None, Some("c"), None]);
    assert!(matches!(
        TextColumn::new(vec![1], vec!["a".into()]),
        Err(TextError::CodeOutOfRange { row: 0, .. })
    ));
    assert!(matches!(
        TextColumn::new(vec![], vec!["a".into(), "a".into()]),
        Err(TextError::RepeatedLevel { first: 0, second: 1 })
    ));
}

#[test]
fn texts_keep_their_codes_however_many_there_are() {
    for count in [1, 7, 8, 9, 10, 300] {
        let texts: Vec<String> = (0..count).map(|level| format!("level {level}")).collect();
        // Each is met again at once, after some others, and after all of them.
        let places = (0..count).flat_map(|at| [at, at, at / 2]).chain((0..count).rev());
        let places: Vec<usize> = places.collect();
        let column: TextColumn = places.iter().map(|at| Some(texts[*at].as_str())).collect();
        assert_eq!(column.levels(), texts);
        let codes: Vec<usize> = column.codes().iter().map(|code| *code as usize).collect();
        assert_eq!(codes, places, "{count} levels");
    }
}

#[test]
fn matrices_have_a_shape() {
    let matrix = FeatureMatrix::new(2, 2, vec![1.0, 2.0, 3.0, 4.0]).unwrap();
    assert_eq!(matrix.row(1), [3.0, 4.0]);
    assert_eq!(matrix.feature(0), [1.0, 3.0]);
    assert_eq!(matrix.take(&[1, 5]).values, [3.0, 4.0]);
    assert!(matrix.get(2, 0).is_nan() && matrix.row(7).is_empty());
    assert!(FeatureMatrix::new(2, 2, vec![1.0]).is_err());
}
