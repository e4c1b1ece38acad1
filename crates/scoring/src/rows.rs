//! Rows as JSON: what callers send, and what a trainer leaves to be checked.

use serde::{Deserialize, Serialize};
use serde_json::Value as Json;
use tabular::column::TextBuilder;
use tabular::parse::{self, MissingMarkers};
use tabular::{Column, ColumnType, Field, Table, TableError};
use thiserror::Error;

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
        /// The column.
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
        /// Values given.
        found: usize,
        /// Values needed.
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

/// Builds a column from values of a request, one row after the other.
#[derive(Debug)]
pub struct ColumnBuilder<'a> {
    field: &'a Field,
    markers: &'a MissingMarkers,
    cells: Cells,
}

#[derive(Debug)]
enum Cells {
    Numbers(Vec<f64>),
    Texts(TextBuilder),
}

impl<'a> ColumnBuilder<'a> {
    /// An empty column. Texts that are markers are missing values.
    #[must_use]
    pub fn new(field: &'a Field, markers: &'a MissingMarkers) -> Self {
        let cells = if field.column_type.is_numeric() {
            Cells::Numbers(Vec::new())
        } else {
            Cells::Texts(TextBuilder::default())
        };
        Self { field, markers, cells }
    }

    /// Rows so far.
    #[must_use]
    pub fn len(&self) -> usize {
        match &self.cells {
            Cells::Numbers(values) => values.len(),
            Cells::Texts(texts) => texts.len(),
        }
    }

    /// Whether there are no rows yet.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Adds a missing value.
    ///
    /// # Errors
    /// When the column may not have any.
    pub fn push_missing(&mut self) -> Result<(), RowError> {
        if !self.field.nullable {
            return Err(self.error("no value"));
        }
        match &mut self.cells {
            Cells::Numbers(values) => values.push(f64::NAN),
            Cells::Texts(texts) => texts.push(None),
        }
        Ok(())
    }

    /// Adds a number. NaN is missing; a boolean is 0 or 1; a date or instant is in microseconds since 1970.
    ///
    /// # Errors
    /// When the column is text, or the number is infinite or not one of its type.
    pub fn push_number(&mut self, value: f64) -> Result<(), RowError> {
        if value.is_nan() {
            return self.push_missing();
        }
        let fits = match self.field.column_type {
            ColumnType::Text => return Err(self.error("a number")),
            ColumnType::Integer => value.is_finite() && value.fract() == 0.0,
            ColumnType::Boolean => value == 0.0 || value == 1.0,
            ColumnType::Number | ColumnType::Date | ColumnType::Timestamp => value.is_finite(),
        };
        if !fits {
            return Err(self.error("another number"));
        }
        if let Cells::Numbers(values) = &mut self.cells {
            values.push(value);
        }
        Ok(())
    }

    /// Adds a text, read as the column's type.
    ///
    /// # Errors
    /// When it cannot be read so.
    pub fn push_text(&mut self, text: &str) -> Result<(), RowError> {
        if self.markers.is_missing(text) {
            return self.push_missing();
        }
        match &mut self.cells {
            Cells::Texts(texts) => texts.push(Some(text)),
            Cells::Numbers(values) => match parse::value(text, self.field.column_type) {
                Some(value) => values.push(value),
                None => return Err(self.error("another text")),
            },
        }
        Ok(())
    }

    /// Adds a JSON value.
    ///
    /// # Errors
    /// When it is not of the column's type. Numbers are not taken for dates, nor booleans for numbers.
    pub fn push_json(&mut self, value: &Json) -> Result<(), RowError> {
        match value {
            Json::Null => self.push_missing(),
            Json::String(text) => self.push_text(text),
            Json::Bool(value) if self.field.column_type == ColumnType::Boolean => {
                self.push_number(f64::from(u8::from(*value)))
            }
            Json::Number(value) if !self.field.column_type.is_temporal() => match value.as_f64() {
                Some(value) => self.push_number(value),
                None => Err(self.error("a number out of range")),
            },
            other => Err(self.error(kind(other))),
        }
    }

    /// The column.
    #[must_use]
    pub fn finish(self) -> Column {
        match self.cells {
            Cells::Numbers(values) => Column::Number(values),
            Cells::Texts(texts) => Column::Text(texts.finish()),
        }
    }

    fn error(&self, found: &'static str) -> RowError {
        RowError::Value {
            column: self.field.name.clone(),
            row: self.len() + 1,
            expected: expected(self.field.column_type),
            found,
        }
    }
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
    let mut columns = Vec::with_capacity(fields.len());
    for (place, field) in fields.iter().enumerate() {
        let mut builder = ColumnBuilder::new(field, markers);
        for value in rows.iter().filter_map(|row| row.get(place)) {
            builder.push_json(value)?;
        }
        columns.push(builder.finish());
    }
    Ok(Table::new(fields.to_vec(), columns)?)
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
