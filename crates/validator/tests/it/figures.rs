//! Small tables with what Great Expectations 1.24.1 on pandas 3.1.1 and NumPy 2.4.6 answers.

use serde_json::{Value, json};

use crate::one;

const TABLE: &str = "i,f,fn,s,sn,b,bn,e,in_,k\n\
    1,1.5,2.25,abc,x,True,True,,5,1\n\
    2,2.5,,abd,,False,,,,1\n\
    3,3.5,1e10,Abc,y,True,False,,7,2\n\
    4,-4.5,0.1,éa,y,True,True,,7,2\n\
    5,0.0,,zz,z,False,,,8,3\n";

fn observed(column: &str, figure: &str) -> Value {
    let kwargs = json!({"column": column, "min_value": 0, "max_value": 10});
    let result = one(TABLE, &format!("expect_column_{figure}_to_be_between"), kwargs);
    assert_eq!(result["exception_info"]["raised_exception"], false, "{column} {figure}");
    result["result"]["observed_value"].clone()
}

#[test]
fn figures_are_those_of_pandas() {
    for (column, figure, expected) in [
        ("i", "mean", json!(3.0)),
        ("i", "median", json!(3.0)),
        ("i", "stdev", json!(1.581_138_830_084_189_8)),
        ("i", "sum", json!(15)),
        ("i", "min", json!(1)),
        ("i", "proportion_of_unique_values", json!(1.0)),
        ("fn", "mean", json!(3_333_333_334.116_667)),
        ("fn", "stdev", json!(5_773_502_691.217_871)),
        ("fn", "sum", json!(10_000_000_002.35)),
        ("fn", "unique_value_count", json!(3)),
        ("fn", "proportion_of_non_null_values", json!(0.6)),
        ("in_", "mean", json!(6.75)),
        ("in_", "stdev", json!(1.258_305_739_211_791_6)),
        ("in_", "sum", json!(27.0)),
        ("in_", "min", json!(5.0)),
        ("in_", "proportion_of_unique_values", json!(0.75)),
        ("b", "mean", json!(0.6)),
        ("b", "sum", json!(3)),
        ("b", "max", json!(true)),
        ("bn", "stdev", json!(0.577_350_269_189_625_8)),
        ("bn", "sum", json!(2)),
        ("bn", "min", json!(false)),
        ("e", "mean", Value::Null),
        ("e", "sum", json!(0.0)),
        ("e", "min", Value::Null),
        ("e", "unique_value_count", json!(0)),
        ("e", "proportion_of_unique_values", json!(0)),
        ("e", "proportion_of_non_null_values", json!(0.0)),
    ] {
        assert_eq!(observed(column, figure), expected, "{column} {figure}");
    }
}

#[test]
fn figures_of_texts_are_exceptions() {
    for (figure, message) in [
        ("mean", "Cannot perform reduction 'mean' with string dtype"),
        ("median", "Cannot perform reduction 'median' with string dtype"),
        ("stdev", "Cannot perform reduction 'std' with string dtype"),
        ("sum", "'>=' not supported between instances of 'str' and 'float'"),
        ("max", "'>=' not supported between instances of 'str' and 'float'"),
    ] {
        let kwargs = json!({"column": "s", "min_value": 0});
        let result = one(TABLE, &format!("expect_column_{figure}_to_be_between"), kwargs);
        assert_eq!(result["success"], false);
        assert_eq!(result["exception_info"]["exception_message"], message);
    }
}

fn unexpected(name: &str, kwargs: Value) -> Value {
    let result = one(TABLE, name, kwargs);
    assert_eq!(result["exception_info"]["raised_exception"], false, "{name}");
    result["result"]["unexpected_list"].clone()
}

#[test]
fn values_are_judged_as_in_pandas() {
    let set = json!([1, "abc", 2.5, true, "1"]);
    for (column, expected) in [
        ("i", json!([2, 3, 4, 5])),
        ("f", json!([1.5, 3.5, -4.5, 0.0])),
        ("b", json!([false, false])),
        ("sn", json!(["x", "y", "y", "z"])),
        ("e", json!([])),
    ] {
        let kwargs = json!({"column": column, "value_set": set});
        assert_eq!(unexpected("expect_column_values_to_be_in_set", kwargs), expected, "{column}");
    }
    for (column, expected) in [
        ("sn", json!(["y", "y"])),
        ("in_", json!([7.0, 7.0])),
        ("b", json!([true, false, true, true, false])),
        ("bn", json!([true, true])),
    ] {
        let kwargs = json!({"column": column});
        assert_eq!(unexpected("expect_column_values_to_be_unique", kwargs), expected, "{column}");
    }
    let lengths = json!({"column": "fn", "min_value": 2, "max_value": 3});
    let found = unexpected("expect_column_value_lengths_to_be_between", lengths);
    assert_eq!(found, json!([2.25, 10_000_000_000.0]));
    let scores = json!({"column": "in_", "threshold": 1, "double_sided": true});
    assert_eq!(unexpected("expect_column_value_z_scores_to_be_less_than", scores), json!([5.0]));
    let outliers = json!({"column": "in_", "method": "iqr", "multiplier": 1});
    assert_eq!(unexpected("expect_column_values_to_not_be_outliers", outliers), json!([5.0]));
    let falling = json!({"column": "b", "strictly": true});
    let found = unexpected("expect_column_values_to_be_decreasing", falling);
    assert_eq!(found, json!([false, true, true, false]));
    let rising = json!({"column": "bn"});
    assert_eq!(unexpected("expect_column_values_to_be_increasing", rising), json!([false]));
}

#[test]
fn rows_are_judged_as_in_pandas() {
    let pair = json!({"column_A": "i", "column_B": "fn"});
    let greater = "expect_column_pair_values_a_to_be_greater_than_b";
    let expected = json!([[1, 2.25], [2, null], [3, 10_000_000_000.0], [5, null]]);
    assert_eq!(unexpected(greater, pair), expected);
    // Equally frequent pairs of a text and of nothing have no order: there are no counts then.
    let result = one(
        TABLE,
        "expect_column_pair_values_to_be_equal",
        json!({"column_A": "sn", "column_B": "s"}),
    );
    assert_eq!(result["result"]["unexpected_count"], 5);
    assert!(result["result"].get("partial_unexpected_counts").is_none());
    let result = one(
        TABLE,
        "expect_column_pair_values_to_be_equal",
        json!({"column_A": "in_", "column_B": "fn", "ignore_row_if": "neither"}),
    );
    let values: Vec<&Value> = result["result"]["partial_unexpected_counts"]
        .as_array()
        .unwrap()
        .iter()
        .map(|it| &it["value"])
        .collect();
    assert_eq!(
        json!(values),
        json!([[5.0, 2.25], [null, null], [7.0, 0.1], [7.0, 10_000_000_000.0], [8.0, null]])
    );
    let compound = json!({"column_list": ["k", "sn"]});
    let expected = json!([{"k": 2, "sn": "y"}, {"k": 2, "sn": "y"}]);
    assert_eq!(unexpected("expect_compound_columns_to_be_unique", compound), expected);
    let compound = json!({"column_list": ["e", "fn"], "ignore_row_if": "never"});
    let expected = json!([{"e": null, "fn": null}, {"e": null, "fn": null}]);
    assert_eq!(unexpected("expect_compound_columns_to_be_unique", compound), expected);
    let sum = json!({"column_list": ["i", "k"], "sum_total": 2});
    let found = unexpected("expect_multicolumn_sum_to_equal", sum);
    assert_eq!(found.as_array().unwrap().len(), 4);
    let different = json!({"column_list": ["i", "b", "sn"]});
    let found = unexpected("expect_select_column_values_to_be_unique_within_record", different);
    assert_eq!(found, json!([{"i": 1, "b": true, "sn": "x"}]));
}

#[test]
fn quantiles_and_sets_are_those_of_pandas() {
    let ranges = json!({"quantiles": [0.1, 0.5], "value_ranges": [[0, 5], [null, 3]]});
    let quantiles = |column: &str, more: &str| {
        let mut kwargs = json!({"column": column, "quantile_ranges": ranges});
        if !more.is_empty() {
            kwargs["allow_relative_error"] = json!(more);
        }
        let result = one(TABLE, "expect_column_quantile_values_to_be_between", kwargs);
        (result["success"].clone(), result["result"]["observed_value"]["values"].clone())
    };
    assert_eq!(quantiles("i", ""), (json!(true), json!([1, 3])));
    assert_eq!(quantiles("i", "linear"), (json!(true), json!([1.4, 3.0])));
    assert_eq!(quantiles("in_", ""), (json!(false), json!([5.0, 7.0])));
    assert_eq!(quantiles("b", ""), (json!(true), json!([false, true])));
    assert_eq!(quantiles("e", ""), (json!(false), json!([null, null])));
    let common = |column: &str| {
        let kwargs = json!({"column": column, "value_set": ["y", 7]});
        let result = one(TABLE, "expect_column_most_common_value_to_be_in_set", kwargs);
        (result["success"].clone(), result["result"]["observed_value"].clone())
    };
    assert_eq!(common("sn"), (json!(true), json!(["y"])));
    assert_eq!(common("in_"), (json!(true), json!([7.0])));
    assert_eq!(common("s"), (json!(false), json!(["Abc", "abc", "abd", "zz", "éa"])));
    assert_eq!(common("e"), (json!(false), json!([])));
    let kwargs = json!({"column": "in_", "value_set": ["y", 7, 1, "b"]});
    let result = one(TABLE, "expect_column_distinct_values_to_equal_set", kwargs);
    let expected = json!({
        "observed_value": null, "unexpected_count": 2, "missing_count": 3,
        "partial_unexpected_list": [5.0, 8.0], "partial_missing_list": ["y", 1, "b"],
    });
    assert_eq!(result["result"], expected);
}

#[test]
fn types_are_those_of_pandas() {
    let is_of = |column: &str, name: &str| {
        let kwargs = json!({"column": column, "type_": name});
        let result = one(TABLE, "expect_column_values_to_be_of_type", kwargs);
        (result["success"].as_bool().unwrap(), result["result"].clone())
    };
    for (column, names) in [
        ("i", vec!["int64", "int", "long"]),
        ("f", vec!["float64", "float", "double"]),
        ("s", vec!["str"]),
        ("b", vec!["bool", "bool_"]),
        ("bn", vec!["object", "object_", "bool", "int", "long"]),
    ] {
        for name in [
            "int64", "int", "long", "float64", "float", "double", "str", "bool", "bool_", "object",
            "object_",
        ] {
            assert_eq!(is_of(column, name).0, names.contains(&name), "{column} {name}");
        }
    }
    assert_eq!(is_of("s", "object").1, json!({"observed_value": "str"}));
    assert_eq!(is_of("bn", "str").1["unexpected_count"], 3);
}

/// Of Great Expectations 1.24.1 on pandas 3.1.1 with pyarrow, which holds texts then: success, or none where it has an exception.
#[test]
fn what_cannot_be_computed_is_an_exception_where_it_is_one_of_pandas() {
    let found = |content: &str, name: &str, kwargs: Value| {
        let result = one(content, name, kwargs);
        let raised = result["exception_info"]["raised_exception"].as_bool().unwrap();
        (!raised).then(|| result["success"].as_bool().unwrap())
    };
    let rising = "expect_column_values_to_be_increasing";
    // Texts have no difference, not even one alone.
    assert_eq!(found("t,z\nx,1\n", rising, json!({"column": "t"})), None);
    let greater = "expect_column_pair_values_a_to_be_greater_than_b";
    let pair = json!({"column_A": "t", "column_B": "u"});
    // Nor are texts compared with numbers, not even where these are missing.
    assert_eq!(found("t,u\nx,\ny,\n", greater, pair.clone()), None);
    assert_eq!(found("t,u\nx,a\n,b\n", greater, pair), Some(false));
    let sum = "expect_multicolumn_sum_to_equal";
    let of = |columns: [&str; 2]| json!({"column_list": columns, "sum_total": 3, "ignore_row_if": "never"});
    let table = "s,t,f,n\nx,y,1.5,1.5\nx,,,1.5\n";
    assert_eq!(found(table, sum, of(["s", "t"])), Some(false));
    assert_eq!(found(table, sum, of(["t", "f"])), None);
    assert_eq!(found(table, sum, of(["f", "n"])), Some(false));
    assert_eq!(found("f,s\n1.5,\n,x\n", sum, of(["f", "s"])), Some(false));
    let flags = "b,z\nTrue,1\nFalse,2\nTrue,3\n";
    let outliers = "expect_column_values_to_not_be_outliers";
    assert_eq!(found(flags, outliers, json!({"column": "b"})), None);
    assert_eq!(found(flags, outliers, json!({"column": "b", "method": "std"})), Some(true));
    let listed = "expect_column_values_to_be_in_type_list";
    assert_eq!(found("t\nx\n", listed, json!({"column": "t", "type_list": ["str"]})), Some(false));
}
