//! Result formats that are objects. What is expected is what Great Expectations 1.24.1 on pandas 3.1.1 answered.

use expectations::Telling;
use serde_json::{Value, json};

use crate::{one, result_of};

const TABLE: &str =
    "id,k,x,t\np0,0,0,a\np1,1,1,b\np2,2,2,a\np3,0,3,b\np4,1,4,a\np5,2,5,b\np6,0,6,a\np7,1,7,b\n";

fn told(format: &Value, expectation: &Value) -> Value {
    let suite = json!({"name": "s", "expectations": [expectation]});
    let telling: Telling = format.to_string().parse().unwrap();
    result_of(".csv", TABLE, &suite, telling)["results"][0].clone()
}

fn between() -> Value {
    json!({"type": "expect_column_values_to_be_between", "kwargs": {"column": "x", "max_value": 3}})
}

#[test]
fn columns_tell_rows() {
    let complete = json!({"result_format": "COMPLETE", "unexpected_index_column_names": ["id"]});
    let expected = json!({
        "element_count": 8, "unexpected_count": 4, "unexpected_percent": 50.0,
        "partial_unexpected_list": [4, 5, 6, 7], "unexpected_index_column_names": ["id"],
        "missing_count": 0, "missing_percent": 0.0, "unexpected_percent_total": 50.0,
        "unexpected_percent_nonmissing": 50.0,
        "partial_unexpected_counts": [
            {"value": 4, "count": 1}, {"value": 5, "count": 1}, {"value": 6, "count": 1}, {"value": 7, "count": 1}
        ],
        "partial_unexpected_index_list": [
            {"x": 4, "id": "p4"}, {"x": 5, "id": "p5"}, {"x": 6, "id": "p6"}, {"x": 7, "id": "p7"}
        ],
        "unexpected_list": [4, 5, 6, 7],
        "unexpected_index_list": [
            {"x": 4, "id": "p4"}, {"x": 5, "id": "p5"}, {"x": 6, "id": "p6"}, {"x": 7, "id": "p7"}
        ],
        "unexpected_index_query": "df.filter(items=[4, 5, 6, 7], axis=0)"
    });
    assert_eq!(told(&complete, &between())["result"], expected);
    // BASIC names the columns, and tells no rows.
    let basic = json!({"result_format": "BASIC", "unexpected_index_column_names": ["nope"]});
    let result = &told(&basic, &between())["result"];
    assert_eq!(result["unexpected_index_column_names"], json!(["nope"]));
    assert!(result.get("partial_unexpected_index_list").is_none());
    let none = json!({"result_format": "COMPLETE", "unexpected_index_column_names": ["nope"]});
    let result = told(&none, &between());
    assert_eq!(
        result["exception_info"]["exception_message"],
        "Error: The unexpected_index_column \"nope\" does not exist in Dataframe. Please check your configuration and try again."
    );
    // Of several columns, all of them.
    let unique = json!({"type": "expect_compound_columns_to_be_unique", "kwargs": {"column_list": ["k", "t"]}});
    let two = json!({"result_format": "SUMMARY", "unexpected_index_column_names": ["id"], "partial_unexpected_count": 2});
    let result = &told(&two, &unique)["result"];
    let expected = json!([{"k": 0, "id": "p0", "t": "a"}, {"k": 1, "id": "p1", "t": "b"}]);
    assert_eq!(result["partial_unexpected_index_list"], expected);
    assert_eq!(
        result["partial_unexpected_counts"],
        json!([{"value": [0, "a"], "count": 1}, {"value": [1, "b"], "count": 1}])
    );
}

#[test]
fn lists_have_the_length_that_is_asked_for() {
    let of = |format: &str, count: usize| {
        told(&json!({"result_format": format, "partial_unexpected_count": count}), &between())
            ["result"]
            .clone()
    };
    let two = of("COMPLETE", 2);
    assert_eq!(two["partial_unexpected_list"], json!([4, 5]));
    assert_eq!(two["partial_unexpected_index_list"], json!([4, 5]));
    assert_eq!(two["partial_unexpected_counts"].as_array().unwrap().len(), 2);
    assert_eq!(two["unexpected_list"], json!([4, 5, 6, 7]));
    let none = of("SUMMARY", 0);
    assert_eq!(none["partial_unexpected_list"], json!([]));
    for key in ["partial_unexpected_counts", "partial_unexpected_index_list"] {
        assert!(none.get(key).is_none(), "{key}");
    }
}

#[test]
fn rows_are_told_whole_and_values_are_left_out() {
    let rows = json!({"result_format": "BASIC", "include_unexpected_rows": true, "partial_unexpected_count": 2});
    assert_eq!(
        told(&rows, &between())["result"]["unexpected_rows"],
        json!([{"id": "p4", "k": 1, "x": 4, "t": "a"}, {"id": "p5", "k": 2, "x": 5, "t": "b"}])
    );
    let without = json!({"result_format": "COMPLETE", "exclude_unexpected_values": true, "return_unexpected_index_query": false});
    let result = &told(&without, &between())["result"];
    let keys: Vec<&String> = result.as_object().unwrap().keys().collect();
    let mut expected = [
        "element_count",
        "unexpected_count",
        "unexpected_percent",
        "missing_count",
        "missing_percent",
        "unexpected_percent_total",
        "unexpected_percent_nonmissing",
        "partial_unexpected_index_list",
        "unexpected_index_list",
    ];
    expected.sort_unstable();
    let mut keys: Vec<&str> = keys.into_iter().map(String::as_str).collect();
    keys.sort_unstable();
    assert_eq!(keys, expected);
    // What is asked of the table has no rows.
    let count = json!({"type": "expect_table_row_count_to_equal", "kwargs": {"value": 3}});
    assert_eq!(told(&rows, &count)["result"], json!({"observed_value": 8}));
}

#[test]
fn the_other_name_of_columns_that_are_unique_together() {
    let content = "a,b\n1,x\n1,x\n1,y\n";
    let kwargs = json!({"column_list": ["a", "b"]});
    let other = one(content, "expect_multicolumn_values_to_be_unique", kwargs.clone());
    let usual = one(content, "expect_compound_columns_to_be_unique", kwargs);
    assert_eq!(other["success"], false);
    assert_eq!(other["result"], usual["result"]);
}
