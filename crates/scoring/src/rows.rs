//! Rows as JSON: what callers send, and what a trainer leaves to be checked.

use serde::{Deserialize, Serialize};
use serde_json::Value as Json;
use tabular::parse::{self, MissingMarkers};
use tabular::{Column, ColumnType, Field, Table, TableError};
use thiserror::Error;

use crate::values::{Leniency, ValueReader};

/// Rows with the trainer's own predictions, which the deployer compares with a server's.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CheckRows {
    /// The columns of the rows, in order.
    pub fields: Vec<Field>,
    /// Raw values: null, number, true or false, text; dates and instants as ISO text.
    pub rows: Vec<Vec<Json>>,
    /// The outputs of each row: one probability per class, or one number.
    pub outputs: Vec<Vec<f64>>,
}

/// Rows of the hold-out split with their outcomes, on which versions are compared.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EvaluationRows {
    /// The columns of the rows, in order.
    pub fields: Vec<Field>,
    /// Raw values, as in [`CheckRows`].
    pub rows: Vec<Vec<Json>>,
    /// The classes in the order of their numbers; empty for numbers.
    pub classes: Vec<String>,
    /// The outcome of each row: the number of its class, from 0, or the number itself.
    pub outcomes: Vec<f64>,
}

/// Rows that are no table of the wanted columns. Values are never repeated.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum RowError {
    /// A value is not of the column's type.
    #[error("column {column:?}, row {row}: expected {expected}, found {found}")]
    Value {
        /// Name of the column.
        column: String,
        /// The row, from 1.
        row: usize,
        /// What would be right.
        expected: &'static str,
        /// The kind of what was given.
        found: &'static str,
    },
    /// A row has too few or too many values.
    #[error("row {row} has {found} values instead of {expected}")]
    Width {
        /// The row, from 1.
        row: usize,
        /// Number of values that the caller gave.
        found: usize,
        /// Number of values that the plan needs.
        expected: usize,
    },
    /// The columns are no table.
    #[error(transparent)]
    Table(#[from] TableError),
}

/// What a column of a type takes.
#[must_use]
pub(crate) fn expected(column_type: ColumnType) -> &'static str {
    match column_type {
        ColumnType::Integer => "integer (a whole number or null)",
        ColumnType::Number => "number (a finite number or null)",
        ColumnType::Boolean => "boolean (true, false or null)",
        ColumnType::Text => "text (a string or null)",
        ColumnType::Date => "date (such as \"2024-05-01\", or null)",
        ColumnType::Timestamp => "timestamp (such as \"2024-05-01T10:00:00Z\", or null)",
    }
}

/// A column of JSON values, one per row. Texts are read as the column's type; numbers are not taken for dates, nor booleans for numbers.
fn column<'a>(
    field: &Field,
    values: impl Iterator<Item = &'a Json>,
    markers: &MissingMarkers,
) -> Result<Column, RowError> {
    let error = |row: usize, found| RowError::Value {
        column: field.name.clone(),
        row: row + 1,
        expected: expected(field.column_type),
        found,
    };
    let given = values.enumerate().map(|(row, value)| {
        let marker = value.as_str().is_some_and(|text| markers.is_missing(text));
        let value = Some(value).filter(|value| !value.is_null() && !marker);
        if value.is_none() && !field.nullable {
            return Err(error(row, "no value"));
        }
        Ok((row, value))
    });
    if field.column_type == ColumnType::Text {
        let texts = given.map(|value| match value? {
            (_, None) => Ok(None),
            (_, Some(Json::String(text))) => Ok(Some(text.as_str())),
            (row, Some(other)) => Err(error(row, kind(other))),
        });
        return texts.collect::<Result<_, _>>().map(Column::Text);
    }
    let leniency = Leniency { fractions: false, texts: true };
    let reader = ValueReader { field, leniency, markers };
    let numbers = given.map(|value| {
        let (row, value) = value?;
        let (read, found) = match value {
            None => return Ok(f64::NAN),
            Some(Json::Bool(value)) => (reader.boolean(*value), "a boolean"),
            Some(Json::Number(value)) => {
                let found =
                    if field.column_type.is_temporal() { "a number" } else { "another number" };
                (reader.number(value.as_f64().unwrap_or(f64::INFINITY)), found)
            }
            Some(Json::String(text)) => (reader.text(text), "another text"),
            Some(other) => return Err(error(row, kind(other))),
        };
        read.map_err(|_| error(row, found))
    });
    numbers.collect::<Result<_, _>>().map(Column::Number)
}

fn kind(value: &Json) -> &'static str {
    match value {
        Json::Null => "no value",
        Json::Bool(_) => "a boolean",
        Json::Number(_) => "a number",
        Json::String(_) => "a text",
        Json::Array(_) => "a list",
        Json::Object(_) => "an object",
    }
}

/// A table of rows of JSON values, each as long as `fields`.
///
/// # Errors
/// When a row has another length or a value is not of its column's type.
pub fn rows_to_table(
    fields: &[Field],
    rows: &[Vec<Json>],
    markers: &MissingMarkers,
) -> Result<Table, RowError> {
    for (row, values) in rows.iter().enumerate() {
        if values.len() != fields.len() {
            return Err(RowError::Width {
                row: row + 1,
                found: values.len(),
                expected: fields.len(),
            });
        }
    }
    let columns = fields
        .iter()
        .enumerate()
        .map(|(place, field)| column(field, rows.iter().filter_map(|row| row.get(place)), markers));
    Ok(Table::new(fields.to_vec(), columns.collect::<Result<_, _>>()?)?)
}

/// The rows of some columns as JSON values that [`rows_to_table`] reads back.
///
/// # Errors
/// When a column is not there.
pub fn table_to_rows(table: &Table, fields: &[Field]) -> Result<Vec<Vec<Json>>, RowError> {
    let columns: Vec<_> =
        fields.iter().map(|field| table.require(&field.name)).collect::<Result<_, _>>()?;
    let rows = (0..table.rows())
        .map(|row| columns.iter().map(|(field, column)| cell(field, column, row)).collect());
    Ok(rows.collect())
}

fn cell(field: &Field, column: &Column, row: usize) -> Json {
    let value = match column {
        Column::Text(text) => return text.get(row).map_or(Json::Null, Json::from),
        Column::Number(values) => values.get(row).copied().filter(|value| value.is_finite()),
    };
    match (value, field.column_type) {
        (None, _) => Json::Null,
        (Some(value), ColumnType::Boolean) => Json::from(value != 0.0),
        (Some(value), column_type) if column_type.is_temporal() => {
            Json::from(parse::format(value, column_type))
        }
        (Some(value), ColumnType::Integer) if value.abs() <= 9_007_199_254_740_992.0 => {
            Json::from(value as i64)
        }
        (Some(value), _) => Json::from(value),
    }
}

#[cfg(test)]
mod tests;
