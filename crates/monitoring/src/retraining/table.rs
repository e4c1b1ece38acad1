//! Labelled rows with their inputs, as a table that a model can be trained on.

use contracts::v1::{EventColumn, Monitor, PredictionEvent};
use tabular::{Column, ColumnType, Field, ProblemType, Table, TableError, TextColumn};

use crate::feedback::LabelledRow;

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

/// The text of a row of an event's column; none where it is missing.
pub fn text(column: &EventColumn, row: u32) -> Option<&str> {
    let is_missing = column.missing.binary_search(&row).is_ok();
    column.texts.get(row as usize).map(String::as_str).filter(|_| !is_missing)
}
