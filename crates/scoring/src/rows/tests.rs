#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test")]

use proptest::prelude::*;
use serde_json::json;

use super::*;

fn fields() -> Vec<Field> {
    [
        ColumnType::Integer,
        ColumnType::Number,
        ColumnType::Boolean,
        ColumnType::Text,
        ColumnType::Date,
        ColumnType::Timestamp,
    ]
    .into_iter()
    .map(|of| Field::new(of.as_str(), of))
    .collect()
}

fn read(row: Json) -> Result<Table, RowError> {
    rows_to_table(&fields(), &[row.as_array().unwrap().clone()], &MissingMarkers::default())
}

#[test]
fn values_are_read_by_their_column() {
    let table = read(json!([3, 1.5, true, "a", "1970-01-02", "1970-01-01T00:00:01Z"])).unwrap();
    let numbers = |name: &str| table.column(name).unwrap().numbers().unwrap()[0];
    assert_eq!((numbers("integer"), numbers("number"), numbers("boolean")), (3.0, 1.5, 1.0));
    assert_eq!((numbers("date"), numbers("timestamp")), (86_400e6, 1e6));
    let texts = read(json!(["3", " 1.5", "TRUE", "", "NA", "1970-01-02 00:00"])).unwrap();
    assert_eq!(texts.column("integer"), table.column("integer"));
    assert!(
        texts.column("text").unwrap().is_missing(0) && texts.column("date").unwrap().is_missing(0)
    );
    assert!(read(json!([null, null, null, null, null, null])).is_ok());
}

#[test]
fn values_of_another_type_are_refused_without_repeating_them() {
    let good = json!([3, 1.5, true, "a", "1970-01-02", "1970-01-01T00:00:01Z"]);
    for (place, wrong) in [
        (0, json!(1.5)),
        (0, json!("secret")),
        (0, json!(true)),
        (1, json!("secret")),
        (1, json!([1])),
        (1, json!("inf")),
        (2, json!(2)),
        (2, json!("yes")),
        (3, json!(7)),
        (3, json!({"secret": 1})),
        (4, json!(12)),
        (4, json!("01/02/1970")),
        (5, json!("secret")),
    ] {
        let mut row = good.clone();
        row[place] = wrong.clone();
        let error = read(row).unwrap_err();
        let RowError::Value { column, row, .. } = &error else { unreachable!("{error}") };
        assert_eq!((column.as_str(), *row), (fields()[place].name.as_str(), 1));
        assert!(!error.to_string().contains("secret"), "{error}");
    }
    assert!(matches!(read(json!([1])), Err(RowError::Width { row: 1, found: 1, expected: 6 })));
}

#[test]
fn columns_that_need_values_get_them() {
    let field = Field { nullable: false, ..Field::new("n", ColumnType::Number) };
    let markers = MissingMarkers::default();
    let read = |value: Json| rows_to_table(std::slice::from_ref(&field), &[vec![value]], &markers);
    assert!(read(Json::Null).is_err() && read(json!("?")).is_err());
    let table = read(json!(2.0)).unwrap();
    assert_eq!(table.column("n"), Some(&Column::Number(vec![2.0])));
    let reader = ValueReader { field: &field, leniency: Leniency::default(), markers: &markers };
    assert!(reader.number(f64::NAN).is_err() && reader.number(f64::INFINITY).is_err());
}

proptest! {
    #[test]
    fn tables_become_rows_and_rows_tables(
        whole in prop::collection::vec(prop_oneof![Just(f64::NAN), (-1_000_000_i64..1_000_000).prop_map(|v| v as f64)], 1..20),
        text in prop::option::of("[a-z]{1,5}"),
    ) {
        let of = |field: &Field| match field.column_type {
            ColumnType::Text => Column::Text(whole.iter().map(|_| text.as_deref()).collect()),
            ColumnType::Boolean => Column::Number(whole.iter().map(|v| if v.is_nan() { *v } else { f64::from(u8::from(*v > 0.0)) }).collect()),
            ColumnType::Number => Column::Number(whole.iter().map(|v| v / 7.0).collect()),
            ColumnType::Date => Column::Number(whole.iter().map(|v| v % 10_000.0 * parse::DAY_MICROSECONDS).collect()),
            ColumnType::Integer | ColumnType::Timestamp => Column::Number(whole.clone()),
        };
        prop_assume!(!text.as_deref().is_some_and(|text| MissingMarkers::default().is_missing(text)));
        let columns = fields().iter().map(of).collect();
        let table = Table::new(fields(), columns).unwrap();
        let rows = table_to_rows(&table, &fields()).unwrap();
        let check = CheckRows { fields: fields(), rows, outputs: vec![] };
        let json = serde_json::to_string(&check).unwrap();
        let back: CheckRows = serde_json::from_str(&json).unwrap();
        prop_assert_eq!(rows_to_table(&back.fields, &back.rows, &MissingMarkers::default()).unwrap(), table);
    }
}
