//! Suites of expectations as JSON, compiled and applied to a table.

use expectations::{Batch, Day, Dtype, Suite, Telling, Validation, Values};

const COLUMNS: [(&str, Dtype); 4] = [
    ("id", Dtype::Int64),
    ("amount", Dtype::Float64),
    ("active", Dtype::Bool),
    ("name", Dtype::Str),
];

/// The values of a column, five rows.
fn values(column: &str) -> Option<Values> {
    match column {
        "id" => Values::of_integers(Dtype::Int64, [0, 1, 2, 3, 4].map(Some).into_iter()),
        "amount" => {
            let amounts = [Some(0.0), None, Some(2.0 / 3.0), Some(1.0), Some(4.0 / 3.0)];
            Values::of_numbers(Dtype::Float64, amounts.into_iter())
        }
        "active" => {
            let truths = [true, false, true, false, true].map(Some);
            Values::of_truths(Dtype::Bool, truths.into_iter())
        }
        _ => {
            let texts =
                [Some("2024-02-29"), Some("ana"), None, Some("{\"a\": [1.5]}"), Some("7 pm")];
            Values::of_texts(Dtype::Str, texts.into_iter())
        }
    }
}

/// A suite. One that is accepted is applied to a few rows, twice where it wants that.
pub(super) fn suite(input: &[u8]) {
    let Ok(suite) = Suite::parse(input) else { return };
    let names: Vec<String> = COLUMNS.iter().map(|(name, _)| (*name).to_owned()).collect();
    let dtype = |name: &str| {
        COLUMNS.iter().find(|(of, _)| *of == name).map_or(Dtype::Str, |(_, dtype)| *dtype)
    };
    let mut validation = Validation::new(&suite, &names, dtype, Telling::default(), Day::default());
    let columns: Option<Vec<Values>> = validation.needed().map(|(name, _)| values(name)).collect();
    assert!(columns.is_some(), "a value is none of its column's type");
    let batch = Batch { rows: 5, columns: columns.unwrap_or_default() };
    validation.add(&batch);
    if validation.next_pass() {
        validation.add(&batch);
    }
    let _ = validation.finish("fuzz", serde_json::Value::Null);
}
