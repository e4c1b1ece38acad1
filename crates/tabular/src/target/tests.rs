#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test")]

use super::*;

fn numeric(column_type: ColumnType, values: &[f64]) -> Table {
    Table::new(vec![Field::new("y", column_type)], vec![Column::Number(values.to_vec())]).unwrap()
}

fn text(values: &[Option<&str>]) -> Table {
    Table::new(
        vec![Field::new("y", ColumnType::Text)],
        vec![Column::Text(values.iter().copied().collect())],
    )
    .unwrap()
}

#[test]
fn the_positive_class_comes_second() {
    let table = text(&[Some("Yes"), Some("No"), Some("Yes")]);
    let target = encode(&table, "y", ProblemType::Binary, None).unwrap();
    assert_eq!(target.classes, ["No", "Yes"]);
    assert_eq!(target.values, [1.0, 0.0, 1.0]);
    let target = encode(&table, "y", ProblemType::Binary, Some("No")).unwrap();
    assert_eq!(target.classes, ["Yes", "No"]);
    assert_eq!(target.values, [0.0, 1.0, 0.0]);
    assert!(matches!(
        encode(&table, "y", ProblemType::Binary, Some("yes")),
        Err(TargetError::PositiveClass { .. })
    ));
}

#[test]
fn booleans_and_numbers_have_classes_too() {
    let table = numeric(ColumnType::Boolean, &[1.0, 0.0]);
    let target = encode(&table, "y", ProblemType::Binary, Some("True")).unwrap();
    assert_eq!(target.classes, ["false", "true"]);
    let target =
        encode_with(&table, "y", ProblemType::Binary, &["FALSE".into(), "TRUE".into()]).unwrap();
    assert_eq!(target.values, [1.0, 0.0]);
    let table = numeric(ColumnType::Integer, &[10.0, 2.0, 1.0]);
    let target = encode(&table, "y", ProblemType::Multiclass, None).unwrap();
    assert_eq!(target.classes, ["1", "2", "10"]);
    assert_eq!(target.values, [2.0, 1.0, 0.0]);
    let table = numeric(ColumnType::Integer, &[1.0, 0.0]);
    assert_eq!(encode(&table, "y", ProblemType::Binary, Some("0.0")).unwrap().values, [0.0, 1.0]);
}

#[test]
fn targets_that_cannot_be_learned_are_refused() {
    let missing = text(&[Some("a"), None]);
    assert!(matches!(
        encode_with(&missing, "y", ProblemType::Binary, &["a".into(), "b".into()]),
        Err(TargetError::Missing { rows: 1, .. })
    ));
    let constant = text(&[Some("a"), Some("a")]);
    assert!(matches!(
        encode(&constant, "y", ProblemType::Binary, None),
        Err(TargetError::ClassCount { found: 1, .. })
    ));
    assert!(matches!(
        encode(&constant, "y", ProblemType::Regression, None),
        Err(TargetError::NotNumeric { .. })
    ));
    assert!(matches!(
        encode(&constant, "z", ProblemType::Binary, None),
        Err(TargetError::Table(_))
    ));
    assert!(matches!(
        encode_with(&constant, "y", ProblemType::Binary, &["b".into(), "c".into()]),
        Err(TargetError::UnknownClass { row: 1, classes: 2, .. })
    ));
    let numbers = numeric(ColumnType::Number, &[1.5, -2.0]);
    assert_eq!(encode(&numbers, "y", ProblemType::Regression, None).unwrap().values, [1.5, -2.0]);
}

#[test]
fn negative_zero_is_zero() {
    let table = numeric(ColumnType::Number, &[0.0, -0.0, 1.0]);
    assert_eq!(class_counts(&table.fields()[0], &table.columns()[0]).len(), 2);
    assert_eq!(encode(&table, "y", ProblemType::Binary, None).unwrap().values, [0.0, 0.0, 1.0]);
}

#[test]
fn rows_are_chosen_evenly_within_each_class() {
    let values: Vec<f64> = (0..100_000).map(|row| f64::from(u8::from(row % 1_000 == 7))).collect();
    let target = Target {
        problem: ProblemType::Binary,
        classes: vec!["no".into(), "yes".into()],
        values: values.clone(),
    };
    assert_eq!(target.evenly_chosen(100_000).len(), 100_000);
    let chosen = target.evenly_chosen(10_000);
    assert!(chosen.is_sorted_by(|one, next| one < next));
    let rare = chosen.iter().filter(|row| values[**row] == 1.0).count();
    assert_eq!((rare, chosen.len()), (100, 100 + 9_990), "all of a rare class");
    let halves = chosen.iter().filter(|row| **row < 50_000).count();
    assert!((5_000..5_100).contains(&halves), "{halves}");
    let numbers = Target { problem: ProblemType::Regression, classes: vec![], values };
    let expected: Vec<usize> = (0..100_000).filter(|row| row % 10 == 9).collect();
    assert_eq!(numbers.evenly_chosen(10_000), expected);
}
