//! Values that look personal are told only where they are asked for.

use std::fmt::Write as _;

use serde_json::{Value, json};
use validator::Options;

use crate::{options, with_options};

fn table() -> String {
    let mut table = "id,reach,age,bsn\n".to_owned();
    for row in 0..60_usize {
        // A Dutch number: the last digit makes the weighted sum one of 11s.
        let number = (0..200).map(|step| format!("{:09}", 123_456_700 + row * 1_000 + step)).find(
            |number| {
                let digits: Vec<i64> =
                    number.bytes().map(|digit| i64::from(digit - b'0')).collect();
                let weights = [9, 8, 7, 6, 5, 4, 3, 2, -1];
                digits.iter().zip(weights).map(|(a, b)| a * b).sum::<i64>() % 11 == 0
            },
        );
        let number = number.unwrap();
        writeln!(table, "r{row},p{row}@mail.example,{},{number}", 20 + row).unwrap();
    }
    table
}

fn result(show_personal: bool, format: &str) -> Value {
    let suite = json!({"name": "s", "expectations": [
        {"type": "expect_column_values_to_match_regex", "kwargs": {"column": "reach", "regex": "^x"}},
        {"type": "expect_column_max_to_be_between", "kwargs": {"column": "reach", "max_value": 3}},
        {"type": "expect_column_values_to_be_between", "kwargs": {"column": "age", "max_value": 30}},
        {"type": "expect_column_max_to_be_between", "kwargs": {"column": "bsn", "max_value": 3}},
        {"type": "expect_column_values_to_be_unique",
         "kwargs": {"column": "age", "row_condition": "reach == 'x'", "condition_parser": "pandas"}},
    ]});
    let file = tempfile::Builder::new().suffix(".csv").tempfile().unwrap();
    std::fs::write(file.path(), table()).unwrap();
    let telling = format.parse().unwrap();
    with_options(file.path(), &suite, Options { telling, show_personal, ..options() })
}

#[test]
fn values_are_withheld_and_counts_are_told() {
    let rows = r#"{"result_format": "COMPLETE", "include_unexpected_rows": true}"#;
    let index = r#"{"result_format": "SUMMARY", "unexpected_index_column_names": ["reach", "id"]}"#;
    for format in ["SUMMARY", "COMPLETE", rows, index] {
        let result = result(false, format);
        let text = result.to_string();
        assert!(!text.contains("@mail.example") && !text.contains("1234567"), "{format}: {text}");
        let of = |column: &str| {
            let all = result["results"].as_array().unwrap();
            let of = |one: &&Value| one["expectation_config"]["kwargs"]["column"] == column;
            all.iter().find(of).unwrap().clone()
        };
        let reach = of("reach");
        assert_eq!(reach["result"]["unexpected_count"], 60);
        let told = &reach["meta"]["withheld"];
        assert_eq!(told["columns"], json!(["reach"]));
        assert!(told["reason"].as_str().unwrap().contains("--show-personal"), "{told}");
        assert!(of("bsn")["meta"]["withheld"]["reason"].as_str().unwrap().contains("Dutch"));
        // Of the others nothing is lost.
        assert_eq!(of("age")["result"]["partial_unexpected_list"][0], 31);
    }
    let shown = result(true, rows).to_string();
    assert!(shown.contains("p7@mail.example") && !shown.contains("withheld"));
}
