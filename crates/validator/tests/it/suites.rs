//! Suites that cannot be used, and what is said of them.

use expectations::{ResultFormat, Suite, SuiteError};
use serde_json::{Value, json};

use crate::{one, result_of};

fn refused(suite: Value) -> SuiteError {
    Suite::parse(suite.to_string().as_bytes()).unwrap_err()
}

fn with(name: &str, kwargs: Value) -> SuiteError {
    refused(json!({"name": "s", "expectations": [{"type": name, "kwargs": kwargs}]}))
}

#[test]
fn what_is_no_suite_is_refused_with_its_place() {
    assert!(matches!(Suite::parse(b"{").unwrap_err(), SuiteError::NotJson(_)));
    for (suite, message) in [
        (json!([]), "the suite: expected an object with `expectations`, found a list"),
        (json!({}), "the suite, `expectations`: expected a list, found nothing"),
        (
            json!({"expectations": [5]}),
            "expectation 1: expected an object with `type` and `kwargs`, found a number",
        ),
        (
            json!({"expectations": [{}]}),
            "expectation 1, `type`: expected the type of an expectation, found nothing",
        ),
        (
            json!({"name": 5, "expectations": []}),
            "the suite, `name`: expected a text, found a number",
        ),
    ] {
        assert_eq!(refused(suite).to_string(), message);
    }
}

#[test]
fn unknown_expectations_and_arguments_are_named() {
    let error = with("expect_column_values_to_be_uniqe", json!({"column": "a"}));
    assert_eq!(
        error.to_string(),
        "expectation 1: there is no expectation `expect_column_values_to_be_uniqe`; `expect_column_values_to_be_unique` is the nearest"
    );
    let error = with("expect_column_values_to_be_unique", json!({"column": "a", "mostley": 0.9}));
    assert!(error.to_string().contains("it has no argument `mostley`; arguments are"), "{error}");
    for (name, kwargs, key) in [
        ("expect_column_values_to_be_unique", json!({}), "column"),
        ("expect_column_values_to_be_unique", json!({"column": 5}), "column"),
        ("expect_column_values_to_be_unique", json!({"column": "a", "mostly": 1.5}), "mostly"),
        ("expect_column_values_to_be_between", json!({"column": "a"}), "min_value"),
        (
            "expect_column_values_to_be_between",
            json!({"column": "a", "min_value": "x"}),
            "min_value",
        ),
        (
            "expect_column_values_to_be_in_set",
            json!({"column": "a", "value_set": "x"}),
            "value_set",
        ),
        (
            "expect_column_values_to_match_regex_list",
            json!({"column": "a", "regex_list": ["a"], "match_on": "some"}),
            "match_on",
        ),
        (
            "expect_column_quantile_values_to_be_between",
            json!({"column": "a", "quantile_ranges": {"quantiles": [2], "value_ranges": [[0, 1]]}}),
            "quantile_ranges",
        ),
        (
            "expect_column_pair_values_to_be_in_set",
            json!({"column_A": "a", "column_B": "b", "value_pairs_set": [[1]]}),
            "value_pairs_set",
        ),
        ("expect_compound_columns_to_be_unique", json!({"column_list": []}), "column_list"),
        ("expect_table_row_count_to_equal", json!({"value": "many"}), "value"),
    ] {
        match with(name, kwargs) {
            SuiteError::Form { place, .. } => assert_eq!(place.key.as_deref(), Some(key), "{name}"),
            other => panic!("{name}: {other}"),
        }
    }
    let pattern = with("expect_column_values_to_match_regex", json!({"column": "a", "regex": "("}));
    assert!(matches!(pattern, SuiteError::Pattern { .. }));
    let condition =
        with("expect_column_values_to_be_unique", json!({"column": "a", "row_condition": "b >"}));
    assert!(matches!(condition, SuiteError::RowCondition { .. }));
    let parameter = with("expect_table_row_count_to_equal", json!({"value": {"$PARAMETER": "n"}}));
    assert!(matches!(parameter, SuiteError::MissingParameter { .. }));
}

#[test]
fn what_the_table_does_not_have_is_an_exception_of_the_result() {
    let result = one("a\n1\n", "expect_column_values_to_be_unique", json!({"column": "b"}));
    assert_eq!(result["success"], false);
    assert_eq!(result["result"], json!({}));
    let message = "Error: The column \"b\" in BatchData does not exist.";
    assert_eq!(result["exception_info"]["exception_message"], message);
    let kwargs = json!({"column": "a", "row_condition": "b > 5", "condition_parser": "pandas"});
    let result = one("a\n1\n", "expect_column_values_to_be_unique", kwargs);
    assert_eq!(result["exception_info"]["exception_message"], "name 'b' is not defined");
}

#[test]
fn a_query_that_filters_rows_is_evaluated() {
    for (limit, unexpected) in [(5, 0), (1, 2)] {
        let kwargs =
            json!({"unexpected_rows_query": format!("SELECT * FROM {{batch}} WHERE a > {limit}")});
        let result = one("a\n1\n2\n3\n", "unexpected_rows_expectation", kwargs);
        assert_eq!(result["success"], unexpected == 0);
        assert_eq!(result["result"]["observed_value"], unexpected);
    }
}

#[test]
fn what_is_not_evaluated_fails_by_name() {
    for query in [
        "SELECT a, COUNT(*) FROM {batch} WHERE a > 0 GROUP BY a",
        "SELECT * FROM {batch} b JOIN other ON other.a = b.a WHERE b.a > 0",
    ] {
        let result =
            one("a\n1\n", "unexpected_rows_expectation", json!({"unexpected_rows_query": query}));
        assert_eq!(result["success"], false);
        let message = result["exception_info"]["exception_message"].as_str().unwrap();
        assert!(message.starts_with("unexpected_rows_expectation is not evaluated: "), "{message}");
    }
}

/// Of Great Expectations 1.24.1: what is no JSON has no schema, and numbers are no texts.
#[test]
fn documents_are_held_against_a_schema() {
    let kwargs = json!({"column": "a", "json_schema": {"required": ["k"]}});
    let name = "expect_column_values_to_match_json_schema";
    let result = one("a,b\n\"{\"\"k\"\": 1}\",1\n{},2\n,3\n", name, kwargs.clone());
    assert_eq!(result["result"]["unexpected_list"], json!(["{}"]));
    assert_eq!(result["result"]["missing_count"], 1);
    assert_eq!(result["expectation_config"]["kwargs"]["json_schema"], kwargs["json_schema"]);
    for content in ["a,b\n{},1\nx,2\n", "a,b\n5,1\n"] {
        assert_eq!(one(content, name, kwargs.clone())["exception_info"]["raised_exception"], true);
    }
    let wrong =
        with(name, json!({"column": "a", "json_schema": {"properties": {"k": {"type": "text"}}}}));
    let message = wrong.to_string();
    assert!(
        message.contains("`json_schema`: at `#/properties/k/type`, expected array"),
        "{message}"
    );
    let kwargs = json!({"column": "a", "json_schema": {"$ref": "https://example.org/s"}});
    let result = one("a,b\n{},1\n", name, kwargs);
    let message = result["exception_info"]["exception_message"].as_str().unwrap();
    assert!(message.contains("is not evaluated: a `$ref`"), "{message}");
}

#[test]
fn dates_of_any_form_are_read() {
    let name = "expect_column_values_to_be_dateutil_parseable";
    let result = one("a,b\n5 Jan 2024,1\nsoon,2\n2024-02-30,3\n", name, json!({"column": "a"}));
    assert_eq!(result["result"]["unexpected_list"], json!(["soon", "2024-02-30"]));
    let result = one("a,b\n20240105,1\n", name, json!({"column": "a"}));
    assert_eq!(result["exception_info"]["raised_exception"], true);
}

/// A suite as Great Expectations 0.18 writes it, with a parameter.
#[test]
fn suites_of_earlier_versions_are_read() {
    let suite = json!({
        "expectation_suite_name": "old", "ge_cloud_id": null, "data_asset_type": null,
        "evaluation_parameters": {"rows": 2},
        "expectations": [
            {"expectation_type": "expect_table_row_count_to_equal", "kwargs": {"value": {"$PARAMETER": "rows"}}, "meta": {}},
            {"expectation_type": "expect_column_values_to_be_between", "kwargs": {"column": "a", "min_value": 1, "max_value": null}, "meta": {"n": 1}},
        ],
        "meta": {"great_expectations_version": "0.18.22"},
    });
    let result = result_of(".csv", "a\n1\n2\n", &suite, ResultFormat::Basic);
    assert_eq!(result["success"], true);
    assert_eq!(result["suite_name"], "old");
    assert_eq!(result["suite_parameters"], json!({"rows": 2}));
    let second = &result["results"][1]["expectation_config"];
    assert_eq!(second["kwargs"], json!({"column": "a", "min_value": 1.0, "batch_id": "b"}));
    assert_eq!(second["meta"], json!({"n": 1}));
    assert_eq!(second["severity"], "critical");
}
