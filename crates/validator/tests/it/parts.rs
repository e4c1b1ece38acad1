//! Files that are read part by part, by several threads.

use expectations::ResultFormat;
use serde_json::{Value, json};

use crate::result_of;

/// A table of more than 4 MiB: a number, the same for all rows but the last, and a text.
fn table(last: &str) -> String {
    let mut content = String::from("n,k,t\n");
    let mut row = 0;
    while content.len() < 5 << 20 {
        content.push_str(&format!("{row},7,text of row {}\n", row % 1000));
        row += 1;
    }
    content + last
}

fn results(content: &str, expectations: Value) -> Vec<Value> {
    let suite = json!({"name": "s", "expectations": expectations});
    let found = result_of(".csv", content, &suite, ResultFormat::Complete);
    found["results"].as_array().unwrap().clone()
}

#[test]
fn rows_are_told_by_their_numbers_and_repeated_values_in_a_second_pass() {
    let content = table("0,8,\n");
    let rows = content.lines().count() - 1;
    let unique = json!({"type": "expect_column_values_to_be_unique", "kwargs": {"column": "n"}});
    let set = json!({"type": "expect_column_values_to_be_in_set", "kwargs": {"column": "k", "value_set": [7]}});
    let found = results(&content, json!([unique, set]));
    assert_eq!(found[0]["result"]["element_count"], rows);
    assert_eq!(found[0]["result"]["unexpected_index_list"], json!([0, rows - 1]));
    assert_eq!(found[1]["result"]["unexpected_index_list"], json!([rows - 1]));
}

/// The last row decides on the types of all.
#[test]
fn a_late_row_of_another_type_has_all_rows_read_again() {
    let type_of = |last: &str| {
        let of = |column: &str| json!({"type": "expect_column_values_to_be_of_type", "kwargs": {"column": column, "type_": "x"}});
        let found = results(&table(last), json!([of("n"), of("k")]));
        let told = |one: &Value| one["result"]["observed_value"].as_str().unwrap().to_owned();
        [told(&found[0]), told(&found[1])]
    };
    assert_eq!(type_of("1,2,x\n"), ["int64", "int64"]);
    assert_eq!(type_of("1.5,,x\n"), ["float64", "float64"]);
    assert_eq!(type_of("x,True,x\n"), ["str", "str"]);
}

/// A carriage return alone is read in order, and the rows before it once.
#[test]
fn a_file_that_is_not_plain_is_looked_at_once() {
    let content = table("1,2,x\r3,4,y\n");
    let rows = content.lines().count();
    let count = json!({"type": "expect_table_row_count_to_equal", "kwargs": {"value": rows}});
    let found = results(&content, json!([count]));
    assert_eq!(found[0]["result"]["observed_value"], rows);
}
