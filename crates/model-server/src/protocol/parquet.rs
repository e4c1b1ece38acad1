//! Parquet bodies of `/invocations`, as `pandas.DataFrame.to_parquet` writes them.

use bytes::Bytes;
use tabular::{Column, ColumnType, Table, parse};

use super::cell::{Cell, MAX_CELLS};
use super::{Input, InputColumn, Naming, Values};
use crate::error::InferError;

/// Most bytes that the columns of a body may have once they are decompressed.
const MAX_DECODED_BYTES: u64 = 256 << 20;

/// Reads a body. Its rows and its size in memory are bounded before they are decoded.
pub(crate) fn read(body: Bytes) -> Result<Input, InferError> {
    let refused = |error: dataset::Error| InferError::Malformed {
        problem: format!("the body is not Parquet that can be read: {error}"),
    };
    let size = dataset::parquet_size(body.clone()).map_err(refused)?;
    let is_too_large = size.decoded_bytes > MAX_DECODED_BYTES
        || size.rows.saturating_mul(size.columns) > MAX_CELLS as u64;
    if is_too_large {
        return Err(InferError::Malformed {
            problem: format!(
                "the Parquet body has {} rows of {} columns: expected at most {MAX_CELLS} values and {} MiB decompressed; send the rows in several requests",
                size.rows,
                size.columns,
                MAX_DECODED_BYTES >> 20
            ),
        });
    }
    dataset::read_parquet(body).map(|table| input(&table)).map_err(refused)
}

/// The columns as the JSON forms would have them.
fn input(table: &Table) -> Input {
    let columns = table
        .iter()
        .map(|(field, column)| {
            let cells = match column {
                Column::Text(texts) => texts
                    .iter()
                    .map(|text| text.map_or(Cell::Missing, |text| Cell::Text(text.into())))
                    .collect(),
                Column::Number(numbers) => {
                    numbers.iter().map(|number| cell(*number, field.column_type)).collect()
                }
            };
            InputColumn { name: field.name.clone(), datatype: None, values: Values::Cells(cells) }
        })
        .collect();
    Input { columns, naming: Naming::Lenient }
}

fn cell(number: f64, column_type: ColumnType) -> Cell {
    match column_type {
        _ if number.is_nan() => Cell::Missing,
        ColumnType::Boolean => Cell::Boolean(number != 0.0),
        ColumnType::Integer if number.is_finite() => Cell::Integer(number as i64),
        ColumnType::Date | ColumnType::Timestamp => {
            Cell::Text(parse::format(number, column_type).into())
        }
        _ => Cell::Number(number),
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test")]
mod tests {
    use tabular::{Field, TextColumn};

    use super::*;

    #[test]
    fn columns_come_as_json_would_have_them() {
        let day = parse::date("2024-05-31").unwrap();
        let table = Table::new(
            vec![
                Field::new("visits", ColumnType::Integer),
                Field::new("amount", ColumnType::Number),
                Field::new("active", ColumnType::Boolean),
                Field::new("since", ColumnType::Date),
                Field::new("plan", ColumnType::Text),
            ],
            vec![
                Column::Number(vec![3.0, f64::NAN]),
                Column::Number(vec![0.5, f64::NAN]),
                Column::Number(vec![1.0, f64::NAN]),
                Column::Number(vec![day, f64::NAN]),
                Column::Text(TextColumn::from_iter([Some("a"), None])),
            ],
        )
        .unwrap();
        let read = read(dataset::write_parquet(&table).unwrap().into()).unwrap();
        let first: Vec<Cell> = read
            .columns
            .iter()
            .map(|column| match &column.values {
                Values::Cells(cells) => {
                    assert_eq!(cells.get(1), Some(&Cell::Missing), "{}", column.name);
                    cells.first().cloned().unwrap()
                }
                other => panic!("{other:?}"),
            })
            .collect();
        assert_eq!(
            first,
            [
                Cell::Integer(3),
                Cell::Number(0.5),
                Cell::Boolean(true),
                Cell::Text("2024-05-31".into()),
                Cell::Text("a".into()),
            ]
        );
        assert_eq!(read.naming, Naming::Lenient);
    }

    #[test]
    fn what_is_no_parquet_is_refused() {
        for body in [&b""[..], b"PAR1", b"PAR1 and then something else PAR1"] {
            let error = read(Bytes::copy_from_slice(body)).unwrap_err();
            assert!(error.to_string().contains("not Parquet"), "{error}");
        }
    }
}
