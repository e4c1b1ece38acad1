#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test")]

use contracts::stages::TableReference;
use dataset::{FileTable, Source, Stated};
use tabular::{Column, Field, Table};

use super::*;

const DAY: f64 = 86_400.0 * 1e6;

fn table() -> StoredTable {
    let number = |of: &dyn Fn(u32) -> f64| Column::Number((0..50).map(of).collect());
    let brands: Vec<String> = (0..50).map(|row| ["a", "b", "z"][row % 3].to_owned()).collect();
    let fields = vec![
        Field::new("id", ColumnType::Integer),
        Field::new("month", ColumnType::Integer),
        Field::new("price", ColumnType::Number),
        Field::new("quantity", ColumnType::Integer),
        Field::new("total", ColumnType::Number),
        Field::new("started", ColumnType::Date),
        Field::new("ended", ColumnType::Timestamp),
        Field::new("brand", ColumnType::Text),
    ];
    let columns = vec![
        number(&|row| f64::from(row / 2)),
        number(&|row| if row == 49 { f64::NAN } else { f64::from(row % 2) }),
        number(&|row| f64::from(row) * 0.1),
        number(&|row| f64::from(row % 7)),
        number(&|row| f64::from(row) * 0.1 * f64::from(row % 7) + if row == 8 { 5.0 } else { 0.0 }),
        number(&|row| f64::from(row) * DAY),
        number(&|row| (f64::from(row) + if row == 3 { -1.0 } else { 0.5 }) * DAY),
        Column::Text(brands.iter().map(|text| Some(text.as_str())).collect()),
    ];
    let table = Table::new(fields, columns).unwrap();
    StoredTable::of_table(&table, &std::env::temp_dir()).unwrap()
}

fn found(rule: IntegrityRule, references: Vec<(String, Arc<dyn TableSource>)>) -> Option<Finding> {
    let rule = IntegrityRule { name: "r".to_owned(), ..rule };
    let checks = TableChecks { suite: None, references, rules: vec![rule] };
    let numbers: Vec<u64> = (1..=50).collect();
    let found = check(&table(), &numbers, &checks, &MissingMarkers::default(), 2);
    found.unwrap_or_else(|_| unreachable!("nothing fails")).pop()
}

fn expression(text: &str, tolerance: f64) -> Option<Finding> {
    let rule = IntegrityRule { expression: text.to_owned(), tolerance, ..Default::default() };
    found(rule, Vec::new())
}

#[test]
fn keys_are_unique_alone_and_together() {
    let unique = |names: &[&str]| {
        let unique = names.iter().map(|name| (*name).to_owned()).collect();
        found(IntegrityRule { unique, ..Default::default() }, Vec::new())
    };
    assert_eq!(unique(&["id", "month"]), None);
    let repeated = unique(&["id"]).unwrap();
    assert!(repeated.blocking && repeated.rows == 25 && repeated.column == "id");
    assert!(repeated.message.contains("rows 2, 4, 6"), "{}", repeated.message);
    assert!(unique(&["idd"]).unwrap().message.contains("the nearest are `id`"));
}

#[test]
fn expressions_are_held_against_every_row() {
    assert_eq!(expression("total = price * quantity or id = 4", 1e-9), None);
    let broken = expression("total = price * quantity", 1e-9).unwrap();
    assert!(broken.rows == 1 && broken.message.contains("row 9"), "{}", broken.message);
    let order = expression("ended >= started", 0.0).unwrap();
    assert!(order.rows == 1 && order.message.contains("row 4"), "{}", order.message);
    assert_eq!(expression("month >= 0", 0.0), None, "a missing value contradicts nothing");
    for (text, part) in [
        ("brand > 1", "a text is compared with a number"),
        ("total >", "at character"),
        ("price * x > 0", "no column `x`"),
    ] {
        let unusable = expression(text, 0.0).unwrap();
        assert_eq!(unusable.code, "rule_unusable");
        assert!(unusable.blocking && unusable.message.contains(part), "{}", unusable.message);
    }
}

#[test]
fn another_table_has_the_values() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("brands.csv");
    std::fs::write(&path, "name,since\na,2001\nb,2002\n,2003\n").unwrap();
    let open = || -> Arc<dyn TableSource> {
        Arc::new(FileTable::new(Source::open_local(&path).unwrap(), Stated::default()))
    };
    let reference = |key: &str| TableReference {
        columns: vec!["brand".to_owned()],
        uri: "brands.csv".to_owned(),
        key: vec![key.to_owned()],
    };
    let of = |key: &str, warns| {
        let rule = IntegrityRule { reference: Some(reference(key)), warns, ..Default::default() };
        found(rule, vec![("r".to_owned(), open())]).unwrap()
    };
    let unknown = of("name", true);
    assert!(!unknown.blocking && unknown.rows == 16 && unknown.code == "reference_missing");
    assert!(of("none", true).blocking);
}
