//! Labelled rows with their inputs, as a table that a model can be trained on.

use contracts::v1::{EventColumn, Monitor, PredictionEvent};
use tabular::split::{self, Method, Split};
use tabular::{Column, ColumnType, Field, ProblemType, Table, TableError, TextColumn};

use crate::feedback::LabelledRow;

/// Microseconds of a millisecond.
const MICROSECONDS: f64 = 1000.0;

/// A labelled row with its event.
pub type RowWithEvent<'a> = (&'a LabelledRow, &'a PredictionEvent);

/// The rows as a table: the inputs of the signature in their order, then the target.
///
/// # Errors
/// Where columns do not make a table.
pub fn table(monitor: &Monitor, rows: &[RowWithEvent<'_>]) -> Result<Table, TableError> {
    let (mut fields, mut columns) = (Vec::new(), Vec::new());
    for input in &monitor.signature_inputs {
        let column_type = Option::from(input.r#type()).unwrap_or(ColumnType::Text);
        let cells = rows.iter().map(|(row, event)| {
            let column = event.inputs.iter().find(|column| column.name == input.name);
            (column, row.row)
        });
        columns.push(if column_type == ColumnType::Text {
            let texts: Vec<Option<&str>> =
                cells.map(|(column, row)| column.and_then(|column| text(column, row))).collect();
            Column::Text(texts.into_iter().collect::<TextColumn>())
        } else {
            let number = |column: &EventColumn, row: u32| {
                column.numbers.get(row as usize).copied().unwrap_or(f64::NAN)
            };
            Column::Number(
                cells
                    .map(|(column, row)| column.map_or(f64::NAN, |column| number(column, row)))
                    .collect(),
            )
        });
        fields.push(Field::new(&input.name, column_type));
    }
    let outcomes = rows.iter().map(|(row, _)| row.outcome);
    let (column_type, column) = if monitor.problem() == Some(ProblemType::Regression) {
        (ColumnType::Number, Column::Number(outcomes.collect()))
    } else {
        let class = |outcome: f64| monitor.classes.get(outcome as usize).map(String::as_str);
        let texts: Vec<Option<&str>> = outcomes.map(class).collect();
        (ColumnType::Text, Column::Text(texts.into_iter().collect::<TextColumn>()))
    };
    fields.push(Field { nullable: false, ..Field::new(&monitor.target, column_type) });
    columns.push(column);
    Table::new(fields, columns)
}

/// What a column of times is called where no input or target has that name.
const TIME_COLUMN: &str = "predicted_at";
/// Fewest rows by which champion and challenger are compared.
const MIN_HOLD_OUT: usize = 30;

/// The table of [`table`] with a column that says when each row was predicted, and its name, so that the newest rows judge
/// what is learned from those before; none where the times are too few for that, such as of rows that one request had.
///
/// # Errors
/// Where columns do not make a table.
pub fn with_times(
    table: &Table,
    rows: &[RowWithEvent<'_>],
) -> Result<Option<(Table, String)>, TableError> {
    let times: Vec<f64> = rows.iter().map(|(row, _)| row.at as f64 * MICROSECONDS).collect();
    let held_out = split::assign(Method::Time { times: &times }, 0)
        .map(|splits| split::rows_of(&splits, Split::HoldOut).len());
    if held_out.is_ok_and(|rows| rows >= MIN_HOLD_OUT) {
        let mut name = TIME_COLUMN.to_owned();
        while table.field(&name).is_some() {
            name.push('_');
        }
        let field = Field { nullable: false, ..Field::new(&name, ColumnType::Timestamp) };
        let table = table.clone().with_column(field, Column::Number(times))?;
        return Ok(Some((table, name)));
    }
    Ok(None)
}

/// The text of a row of an event's column; none where it is missing.
pub fn text(column: &EventColumn, row: u32) -> Option<&str> {
    let is_missing = column.missing.binary_search(&row).is_ok();
    column.texts.get(row as usize).map(String::as_str).filter(|_| !is_missing)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test")]

    use super::*;

    fn rows(count: u32, at: impl Fn(u32) -> u64) -> Vec<LabelledRow> {
        let row = |row| LabelledRow {
            sequence: 1,
            row,
            at: at(row),
            outcome: 1.0,
            outputs: vec![0.5, 0.5],
        };
        (0..count).map(row).collect()
    }

    fn timed(rows: &[LabelledRow], name: &str) -> Option<(Table, String)> {
        let event = PredictionEvent::default();
        let rows: Vec<RowWithEvent<'_>> = rows.iter().map(|row| (row, &event)).collect();
        let values = Column::Number(vec![1.0; rows.len()]);
        let table = Table::new(vec![Field::new(name, ColumnType::Number)], vec![values]).unwrap();
        with_times(&table, &rows).unwrap()
    }

    #[test]
    fn rows_of_many_times_say_when_they_were_predicted() {
        let many = rows(1000, |row| 1_700_000_000_000 + u64::from(row));
        let (table, name) = timed(&many, "age").unwrap();
        assert_eq!(name, "predicted_at");
        assert_eq!(table.field(&name).unwrap().column_type, ColumnType::Timestamp);
        let times = table.column(&name).and_then(Column::numbers).unwrap();
        assert_eq!(times.get(1).copied(), Some(1_700_000_000_001_000.0));
        assert_eq!(timed(&many, "predicted_at").unwrap().1, "predicted_at_");
        assert!(timed(&rows(1000, |_| 5), "age").is_none(), "one request");
        assert!(timed(&rows(100, u64::from), "age").is_none(), "5 rows would judge");
    }
}
