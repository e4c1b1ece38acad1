//! Suites of expectations as JSON, compiled and applied to a table.

use expectations::{Batch, Cell, Dtype, Suite, Telling, Validation, Values};

const COLUMNS: [(&str, Dtype); 4] = [
    ("id", Dtype::Int64),
    ("amount", Dtype::Float64),
    ("active", Dtype::Bool),
    ("name", Dtype::Str),
];

/// The values of a row, in the order of [`COLUMNS`].
fn cell(row: i64, column: &str) -> Cell<'static> {
    match column {
        "id" => Cell::Int(row),
        "amount" if row == 1 => Cell::Missing,
        "amount" => Cell::Float(row as f64 / 3.0),
        "active" => Cell::Bool(row % 2 == 0),
        _ if row == 2 => Cell::Missing,
        _ if row % 2 == 0 => Cell::Text("2024-02-29"),
        _ => Cell::Text("ana"),
    }
}

/// A suite. One that is accepted is applied to a few rows, twice where it wants that.
pub(super) fn suite(input: &[u8]) {
    let Ok(suite) = Suite::parse(input) else { return };
    let names: Vec<String> = COLUMNS.iter().map(|(name, _)| (*name).to_owned()).collect();
    let dtype = |name: &str| {
        COLUMNS.iter().find(|(of, _)| *of == name).map_or(Dtype::Str, |(_, dtype)| *dtype)
    };
    let mut validation = Validation::new(&suite, &names, dtype, Telling::default());
    let columns = validation.needed().map(|(name, dtype)| {
        let mut values = Values::of(dtype, 5);
        for row in 0..5 {
            assert!(values.push(dtype, cell(row, name)), "a value is none of its type");
        }
        values
    });
    let batch = Batch { rows: 5, columns: columns.collect() };
    validation.add(&batch);
    if validation.next_pass() {
        validation.add(&batch);
    }
    let _ = validation.finish("fuzz", serde_json::Value::Null);
}
