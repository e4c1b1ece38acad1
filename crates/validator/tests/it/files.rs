//! Reading: types that change late, formats, and suggestions.

use dataset::Source;
use expectations::{MissingTexts, ResultFormat};
use serde_json::json;

use crate::{result_of, result_of_file};

/// Rows enough for several batches, of which the last contradicts what the first ones show.
fn long(last: &str) -> String {
    let mut text = String::from("a,b\n");
    for row in 0..20_000 {
        text.push_str(&format!("{row},{}\n", row % 7));
    }
    text + last
}

#[test]
fn types_are_those_of_all_rows() {
    let suite = json!({"name": "s", "expectations": [
        {"type": "expect_column_values_to_be_of_type", "kwargs": {"column": "a", "type_": "int64"}},
        {"type": "expect_column_values_to_be_unique", "kwargs": {"column": "a"}},
        {"type": "expect_column_values_to_be_in_set", "kwargs": {"column": "b", "value_set": [0, 1, 2, 3, 4, 5, 6]}},
    ]});
    let found = |last: &str| {
        let result = result_of(".csv", &long(last), &suite, ResultFormat::Complete);
        let results = &result["results"];
        (
            results[0]["result"]["observed_value"].clone(),
            results[1]["result"]["unexpected_list"].clone(),
            results[2]["result"]["unexpected_list"].clone(),
        )
    };
    assert_eq!(found(""), (json!("int64"), json!([]), json!([])));
    assert_eq!(found("5,0.5\n"), (json!("int64"), json!([5, 5]), json!([0.5])));
    assert_eq!(found(",0\n"), (json!("float64"), json!([]), json!([])));
    assert_eq!(found("5.0,0\n"), (json!("float64"), json!([5.0, 5.0]), json!([])));
    let (kind, repeated, _) = found("x,0\n5,0\n");
    assert_eq!((kind, repeated), (json!("str"), json!(["5", "5"])));
}

#[test]
fn formats_agree() {
    let suite = json!({"name": "s", "expectations": [
        {"type": "expect_column_values_to_be_between", "kwargs": {"column": "n", "min_value": 2}},
        {"type": "expect_column_values_to_not_be_null", "kwargs": {"column": "t"}},
        {"type": "expect_column_mean_to_be_between", "kwargs": {"column": "n", "max_value": 5, "row_condition": "t == \"x\"", "condition_parser": "pandas"}},
    ]});
    let csv = result_of(".csv", "n,t\n1,x\n5,\n9,x\n", &suite, ResultFormat::Complete);
    let lines = "{\"n\": 1, \"t\": \"x\"}\n{\"n\": 5}\n{\"n\": 9, \"t\": \"x\"}\n";
    let json_lines = result_of(".jsonl", lines, &suite, ResultFormat::Complete);
    assert_eq!(csv, json_lines);
    assert_eq!(csv["results"][0]["result"]["unexpected_index_list"], json!([0]));
    // Results of a column stand together.
    assert_eq!(csv["results"][1]["result"]["observed_value"], json!(5.0));
}

#[test]
fn suggested_suites_are_met() {
    let mut text = String::from("id,level,amount,note,flag\n");
    for row in 0..500 {
        let note = if row % 9 == 0 { String::new() } else { format!("note {row}") };
        text.push_str(&format!(
            "K{row:04},{},{},{note},True\n",
            ["a", "b"][row % 2],
            row as f64 / 4.0
        ));
    }
    let file = tempfile::Builder::new().suffix(".csv").tempfile().unwrap();
    std::fs::write(file.path(), text).unwrap();
    let source = Source::open_local(file.path()).unwrap();
    let suite = validator::suggest(source, "orders", &MissingTexts::default(), &|_| ()).unwrap();
    let kinds: Vec<(&str, &str)> = suite["expectations"]
        .as_array()
        .unwrap()
        .iter()
        .map(|it| (it["kwargs"]["column"].as_str().unwrap_or(""), it["type"].as_str().unwrap()))
        .collect();
    for expected in [
        ("", "expect_table_columns_to_match_ordered_list"),
        ("id", "expect_column_values_to_be_unique"),
        ("id", "expect_column_value_lengths_to_be_between"),
        ("level", "expect_column_values_to_be_in_set"),
        ("amount", "expect_column_values_to_be_between"),
        ("note", "expect_column_values_to_not_be_null"),
        ("flag", "expect_column_values_to_be_in_set"),
    ] {
        assert!(kinds.contains(&expected), "{expected:?} in {kinds:?}");
    }
    let result = result_of_file(file.path(), &suite, ResultFormat::Basic);
    assert_eq!(result["success"], true, "{result}");
}
