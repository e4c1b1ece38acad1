#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test")]

use serde_json::json;
use tabular::{Column, ColumnType, Field, TextColumn};

use super::*;

fn metadata() -> Metadata {
    serde_json::from_value(json!({"name": "m", "inputs": [
        {"name": "plan", "datatype": "BYTES", "shape": [-1]},
        {"name": "age", "datatype": "INT64", "shape": [-1]},
        {"name": "since", "datatype": "BYTES", "shape": [-1]},
        {"name": "active", "datatype": "BOOL", "shape": [-1]},
    ]}))
    .unwrap()
}

fn table() -> Table {
    let field = |name: &str, column_type| Field::new(name, column_type);
    Table::new(
        vec![
            field("id", ColumnType::Integer),
            field("since", ColumnType::Date),
            field("age", ColumnType::Integer),
            field("active", ColumnType::Boolean),
            field("plan", ColumnType::Integer),
        ],
        vec![
            Column::Number(vec![1.0, 2.0]),
            Column::Number(vec![tabular::parse::date("2024-05-01").unwrap(), f64::NAN]),
            Column::Number(vec![41.0, f64::NAN]),
            Column::Number(vec![1.0, 0.0]),
            Column::Number(vec![7.0, 8.0]),
        ],
    )
    .unwrap()
}

#[test]
fn values_are_sent_as_the_signature_wants_them() {
    let (fitted, ignored) = fit(table(), &metadata(), "m").unwrap();
    assert_eq!(ignored, ["id"]);
    let request =
        serde_json::to_value(v2::encode(&fitted, &metadata(), None, 0..2).unwrap()).unwrap();
    let data = |at: usize| request["inputs"][at]["data"].clone();
    assert_eq!(data(0), json!(["7", "8"]));
    assert_eq!(data(1), json!([41, null]));
    assert_eq!(data(2), json!(["2024-05-01", null]));
    assert_eq!(data(3), json!([true, false]));
    assert_eq!(request["inputs"][1]["shape"], json!([2]));
    assert!(request.get("parameters").is_none(), "{request}");
}

#[test]
fn entities_go_with_their_rows() {
    let entities = batch::texts(&table(), "since").unwrap();
    assert_eq!(entities, ["2024-05-01", ""]);
    assert_eq!(batch::texts(&table(), "id").unwrap(), ["1", "2"]);
    assert_eq!(batch::texts(&table(), "nobody"), None);
    let (fitted, _) = fit(table(), &metadata(), "m").unwrap();
    let entities = ["a".to_owned(), "b".to_owned()];
    let request = v2::encode(&fitted, &metadata(), Some(&entities), 1..2).unwrap();
    let request = serde_json::to_value(request).unwrap();
    assert_eq!(request["parameters"]["entity_ids"], json!(["b"]));
}

#[test]
fn rows_tell_their_request_where_that_is_asked_for() {
    let answer: InferResponse =
        serde_json::from_value(json!({"id": "r1", "model_version": "3", "outputs": [
            {"name": "prediction", "datatype": "FP64", "shape": [2], "data": [0.5, 1.5]},
        ]}))
        .unwrap();
    let mut answers = Answers::new(None, true).unwrap();
    answers.take(2, answer, None).unwrap();
    let text = String::from_utf8(answers.finish().unwrap()).unwrap();
    assert_eq!(text, "prediction,model_version,request_id,row\n0.5,3,r1,0\n1.5,3,r1,1\n");
}

#[test]
fn a_missing_column_is_named() {
    let error = fit(table().without(&["age"]), &metadata(), "m").unwrap_err();
    assert!(error.to_string().contains("`age`"), "{error}");
    assert_eq!(error.exit_code(), USAGE);
}

#[test]
fn a_wrong_value_is_named_by_its_place_and_not_shown() {
    let field = |name: &str| Field { nullable: false, ..Field::new(name, ColumnType::Text) };
    let texts = |values: &[&str]| {
        Column::Text(TextColumn::from_iter(values.iter().map(|text| Some(*text))))
    };
    let table = Table::new(vec![field("age")], vec![texts(&["41", "secret"])]).unwrap();
    let metadata: Metadata =
        serde_json::from_value(json!({"inputs": [{"name": "age", "datatype": "FP64"}]})).unwrap();
    let error = v2::encode(&table, &metadata, None, 0..2).unwrap_err().to_string();
    assert_eq!(error, "column `age`, row 2: expected a number");
}

#[test]
fn answers_become_lines_in_order() {
    let answer = |version: &str, label: &str| -> InferResponse {
        serde_json::from_value(json!({"model_version": version, "outputs": [
            {"name": "prediction", "datatype": "BYTES", "shape": [1], "data": [label]},
            {"name": "probability_a,b", "datatype": "FP64", "shape": [1], "data": [0.25]},
        ]}))
        .unwrap()
    };
    let mut answers = Answers::new(None, false).unwrap();
    answers.take(1, answer("3", "x"), None).unwrap();
    answers.take(1, answer("4", "y\""), None).unwrap();
    assert!(matches!(
        answers.take(2, answer("4", "z"), None),
        Err(Error::Answer { found: 1, expected: 2, .. })
    ));
    assert_eq!((answers.rows(), answers.versions()), (2, vec!["3".to_owned(), "4".to_owned()]));
    let text = String::from_utf8(answers.finish().unwrap()).unwrap();
    assert_eq!(text, "prediction,\"probability_a,b\",model_version\nx,0.25,3\n\"y\"\"\",0.25,4\n");
}

#[test]
fn the_ending_says_the_format() {
    let answer = || -> InferResponse {
        serde_json::from_value(json!({"id": "r", "model_version": "3", "outputs": [
            {"name": "prediction", "data": ["x", null]},
            {"name": "probability_x", "data": [0.25, 1]},
            {"name": "empty", "data": [null, null]},
        ]}))
        .unwrap()
    };
    let written = |out: &str| {
        let mut answers = Answers::new(Some(Path::new(out)), true)?;
        answers.take(2, answer(), None)?;
        answers.finish()
    };
    let lines = String::from_utf8(written("p.JSONL").unwrap()).unwrap();
    let lines: Vec<serde_json::Value> =
        lines.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(
        lines[1],
        json!({"prediction": null, "probability_x": 1, "empty": null, "model_version": "3", "request_id": "r", "row": 1})
    );
    let table = dataset::read_parquet(written("p.parquet").unwrap()).unwrap();
    let types: Vec<ColumnType> = table.fields().iter().map(|field| field.column_type).collect();
    use ColumnType::{Integer, Number, Text};
    assert_eq!(types[..3], [Text, Number, Number]);
    assert_eq!(types[5], Integer);
    assert_eq!(table.column("probability_x").unwrap().numbers().unwrap(), [0.25, 1.0]);
    assert!(table.column("prediction").unwrap().is_missing(1));
    assert!(written("p.txt").unwrap().starts_with(b"prediction,probability_x,empty,"));
    for refused in ["p.arrow", "p.csv.gz"] {
        let error = written(refused).unwrap_err();
        assert!(matches!(error, Error::Unwritten { .. }), "{error}");
        assert_eq!(error.exit_code(), USAGE);
    }
}

/// The texts of a CSV file, as they are read to be predicted.
fn texts(csv: &str) -> Table {
    let file = tempfile::Builder::new().suffix(".csv").tempfile().unwrap();
    std::fs::write(file.path(), csv).unwrap();
    dataset::read_texts(file.path(), &dataset::Stated::default()).unwrap()
}

#[test]
fn a_row_is_read_by_the_signature_and_not_by_the_other_rows() {
    let metadata: Metadata = serde_json::from_value(json!({
        "inputs": [
            {"name": "active", "datatype": "BYTES"},
            {"name": "since", "datatype": "BYTES"},
            {"name": "amount", "datatype": "FP64"},
            {"name": "member", "datatype": "BOOL"},
        ],
        "parameters": {"signature": [
            {"name": "active", "column_type": "text"},
            {"name": "since", "column_type": "date", "form": {"date": "day_first"}},
            {"name": "amount", "column_type": "number", "form": {"number": {"unit": "$", "decimal": "point"}},
             "missing_markers": ["", "-999"]},
            {"name": "member", "column_type": "boolean"},
        ]},
    }))
    .unwrap();
    let sent = |csv: &str| {
        let (table, _) = fit(texts(csv), &metadata, "m").unwrap();
        let table = typed(&table, &metadata.readers(), &dataset::CsvDialect::default()).unwrap();
        let request = v2::encode(&table, &metadata, None, 0..1).unwrap();
        let request = serde_json::to_value(request).unwrap();
        (0..4).map(|at| request["inputs"][at]["data"][0].clone()).collect::<Vec<_>>()
    };
    let header = "active,since,amount,member\n";
    let alone = sent(&format!("{header}True,01/02/2024,\"$1,234.50\",1\n"));
    assert_eq!(alone, [json!("True"), json!("2024-02-01"), json!(1234.5), json!(true)]);
    let others = format!("{header}True,01/02/2024,\"$1,234.50\",1\nUnknown,,-999,false\n");
    assert_eq!(sent(&others), alone);
    let midnight = format!("{header}False,2024-02-01T00:00:00,-999.0,True\n");
    assert_eq!(sent(&midnight), [json!("False"), json!("2024-02-01"), json!(null), json!(true)]);
    let (table, _) =
        fit(texts(&format!("{header}a,01/02/2024,$1,1\nb,secret,$1,1\n")), &metadata, "m").unwrap();
    let error = typed(&table, &metadata.readers(), &dataset::CsvDialect::default()).unwrap_err();
    assert_eq!(error.to_string(), "column `since`, row 2: expected a date such as 2024-05-31");
    assert_eq!(error.exit_code(), USAGE);
}

#[test]
fn identities_keep_their_digits() {
    let table = texts("id\n1234567890123456789\n7.0\n007\n\"\"\nNA\n");
    let identities = batch::identities(&table, "id").unwrap();
    let found: Vec<&str> =
        identities.iter().map(String::as_str).filter(|id| !id.is_empty()).collect();
    assert_eq!(found, ["1234567890123456789", "7", "007"]);
}
