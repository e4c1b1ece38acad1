#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic, reason = "a test")]

use super::*;
use crate::cleaning;
use crate::{ColumnType, ProblemType};

const ROWS: usize = 1000;

fn target() -> Target {
    let values = (0..ROWS).map(|row| f64::from(u8::from(row % 3 == 0))).collect();
    Target { problem: ProblemType::Binary, classes: vec!["no".into(), "yes".into()], values }
}

fn numbers(of: impl Fn(usize) -> f64) -> Column {
    Column::Number((0..ROWS).map(of).collect())
}

fn texts(of: impl Fn(usize) -> Option<String>) -> Column {
    let texts: Vec<Option<String>> = (0..ROWS).map(of).collect();
    Column::Text(texts.iter().map(Option::as_deref).collect())
}

fn fitted(columns: Vec<(&str, ColumnType, Column)>) -> Result<FittedPlan, FitError> {
    let (fields, columns): (Vec<_>, Vec<_>) =
        columns.into_iter().map(|(name, of, column)| (Field::new(name, of), column)).unzip();
    let table = Table::new(fields, columns).unwrap();
    let cleaning = CleaningPlan::fit(&table, &cleaning::Options::default());
    fit(&table, &target(), &cleaning, &Options::default())
}

fn scattered(row: usize) -> f64 {
    ((row * 7919) % 1009) as f64
}

#[test]
fn each_type_gets_its_transform() {
    let day = crate::parse::DAY_MICROSECONDS;
    let fitted = fitted(vec![
        ("age", ColumnType::Integer, numbers(scattered)),
        (
            "kind",
            ColumnType::Text,
            texts(|row| Some(if row % 3 == 0 { "b" } else { "a" }.to_owned())),
        ),
        ("flag", ColumnType::Boolean, numbers(|row| (row % 2) as f64)),
        ("joined", ColumnType::Date, numbers(|row| scattered(row) * day)),
        ("same", ColumnType::Number, numbers(|_| 4.0)),
        ("void", ColumnType::Text, texts(|_| None)),
        ("id", ColumnType::Text, texts(|row| Some(format!("id{row}")))),
    ])
    .unwrap();
    let names = fitted.plan.names();
    assert_eq!(&names[..3], ["age", "kind", "flag"]);
    assert!(
        names.contains(&"joined_day_of_week") && names.contains(&"joined_day_of_month"),
        "{names:?}"
    );
    // The month and the day of the year say the same; the more relevant one stays.
    assert!(names.contains(&"joined_month") != names.contains(&"joined_day_of_year"), "{names:?}");
    assert_eq!(fitted.plan.categories()[1], Some(2));
    let Transform::Category { levels, other, .. } = &fitted.plan.features[1].transform else {
        panic!()
    };
    assert_eq!((levels.as_slice(), *other), (["a".to_owned(), "b".to_owned()].as_slice(), false));
    assert!(fitted.summaries[1].relevance > 0.95);
    let reasons: Vec<&str> =
        fitted.rejected.iter().map(|rejected| rejected.name.as_str()).collect();
    assert!(["same", "void", "id"].iter().all(|name| reasons.contains(name)), "{reasons:?}");
    assert_eq!(fitted.plan.inputs().len(), 4, "only the columns that are used are asked for");
}

#[test]
fn rare_levels_are_pooled() {
    let fitted = fitted(vec![(
        "city",
        ColumnType::Text,
        texts(|row| Some(if row < 4 { format!("rare{row}") } else { format!("c{}", row % 150) })),
    )])
    .unwrap();
    let Transform::Category { levels, other, .. } = &fitted.plan.features[0].transform else {
        panic!()
    };
    assert!(*other);
    assert_eq!(levels.len(), 150);
    assert!(levels.iter().all(|level| level.starts_with('c')));
}

#[test]
fn what_repeats_another_feature_goes() {
    let fitted = fitted(vec![
        ("a", ColumnType::Number, numbers(|row| scattered(row) + (row % 3) as f64 * 900.0)),
        (
            "twice",
            ColumnType::Number,
            numbers(|row| -2.0 * (scattered(row) + (row % 3) as f64 * 900.0) + 5.0),
        ),
        ("other", ColumnType::Number, numbers(|row| ((row * 31) % 97) as f64)),
    ])
    .unwrap();
    assert_eq!(fitted.plan.names(), ["a", "other"]);
    assert_eq!(fitted.rejected[0].name, "twice");
}

#[test]
fn missing_values_that_say_something_are_marked() {
    let holes = |tell: bool| {
        move |row: usize| {
            let gap = if tell { row.is_multiple_of(3) } else { row.is_multiple_of(7) };
            if gap { f64::NAN } else { scattered(row) }
        }
    };
    let fitted = fitted(vec![
        ("told", ColumnType::Number, numbers(holes(true))),
        ("by_chance", ColumnType::Number, numbers(holes(false))),
    ])
    .unwrap();
    assert_eq!(fitted.plan.names(), ["told", "told_missing", "by_chance"]);
}

#[test]
fn derived_names_give_way_to_columns() {
    let fitted = fitted(vec![
        (
            "told",
            ColumnType::Number,
            numbers(|row| if row % 3 == 0 { f64::NAN } else { scattered(row) }),
        ),
        ("told_missing", ColumnType::Number, numbers(|row| ((row * 31) % 97) as f64)),
    ])
    .unwrap();
    assert_eq!(fitted.plan.names(), ["told", "told_missing_2", "told_missing"]);
}

#[test]
fn nothing_to_learn_from_is_an_error() {
    assert!(matches!(
        fitted(vec![("same", ColumnType::Number, numbers(|_| 1.0))]),
        Err(FitError::NoFeatures { columns: 1 })
    ));
}

#[test]
fn wide_tables_are_thinned_out_evenly() {
    let candidates: Vec<Candidate> = (0..3)
        .map(|place| Candidate {
            feature: Feature {
                name: place.to_string(),
                transform: Transform::Identity { input: "x".into() },
            },
            values: numbers(scattered),
            relevance: 0.0,
        })
        .collect();
    assert_eq!(sample(&candidates)[0].as_ref().unwrap().len(), ROWS);
}
