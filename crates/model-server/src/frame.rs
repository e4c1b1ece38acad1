//! Comparing a request's columns with the signature, and making the table that is scored.
//!
//! Invariants:
//! - A table has exactly the signature's columns in the signature's order, and the request's rows in their order.
//! - A refusal names the column, the row and what was expected, and holds no value.

use std::collections::HashMap;

use tabular::parse::{self, MissingMarkers};
use tabular::{Column, ColumnType, Field, Table, TextColumn};

use crate::error::InferError;
use crate::protocol::cell::Cell;
use crate::protocol::datatype::Datatype;
use crate::protocol::{Input, InputColumn, Values};

/// The inputs of a model, ready to be compared with requests.
#[derive(Debug)]
pub struct Frame {
    /// One row in which every value is missing: what tables of requests are made like.
    template: Table,
    index: HashMap<String, usize>,
    markers: MissingMarkers,
}

impl Frame {
    /// A frame of these inputs.
    ///
    /// # Errors
    /// When they make no table.
    pub fn new(fields: Vec<Field>) -> Result<Self, tabular::TableError> {
        let index = fields.iter().enumerate().map(|(at, field)| (field.name.clone(), at)).collect();
        let missing = fields.iter().map(|field| match field.column_type {
            ColumnType::Text => Column::Text(TextColumn::from_iter([None])),
            _ => Column::Number(vec![f64::NAN]),
        });
        let columns = missing.collect();
        let template = Table::new(fields, columns)?;
        Ok(Self { template, index, markers: MissingMarkers::default() })
    }

    /// The inputs.
    pub fn fields(&self) -> &[Field] {
        self.template.fields()
    }

    /// A row in which every value is missing.
    pub fn missing_row(&self) -> &Table {
        &self.template
    }

    /// The request as a table.
    pub fn table(&self, input: Input, most_rows: usize) -> Result<Table, InferError> {
        let rows = input.columns.first().map_or(0, |column| column.values.len());
        let mut found: Vec<Option<InputColumn>> = Vec::new();
        found.resize_with(self.fields().len(), || None);
        for column in input.columns {
            let slot = self.index.get(&column.name).and_then(|at| found.get_mut(*at));
            let Some(slot) = slot else {
                return Err(InferError::UnexpectedColumn {
                    column: column.name,
                    expected: self.names(),
                });
            };
            if slot.is_some() {
                return Err(InferError::DuplicateColumn { column: column.name });
            }
            if column.values.len() != rows {
                return Err(InferError::WrongRows {
                    column: column.name,
                    expected: rows,
                    found: column.values.len(),
                });
            }
            *slot = Some(column);
        }
        let mut columns = Vec::with_capacity(self.fields().len());
        for (field, column) in self.fields().iter().zip(found) {
            let Some(column) = column else {
                return Err(InferError::MissingColumn {
                    column: field.name.clone(),
                    expected: expected(field.column_type),
                });
            };
            if rows > most_rows {
                return Err(InferError::TooManyRows { limit: most_rows });
            }
            columns.push(self.column(field, column)?);
        }
        if rows == 0 {
            return Err(InferError::EmptyBatch);
        }
        self.template.with_columns(columns).map_err(InferError::Table)
    }

    fn names(&self) -> String {
        self.fields().iter().map(|field| field.name.as_str()).collect::<Vec<_>>().join(", ")
    }

    fn column(&self, field: &Field, column: InputColumn) -> Result<Column, InferError> {
        if let Some(datatype) = column.datatype {
            check_datatype(field, datatype)?;
        }
        let reader = Reader { field, datatype: column.datatype, markers: &self.markers };
        match (field.column_type, column.values) {
            (ColumnType::Text, Values::Texts(texts)) => {
                Ok(Column::Text(texts.iter().map(|text| Some(text.as_str())).collect()))
            }
            (ColumnType::Text, Values::Cells(cells)) => reader.texts(&cells).map(Column::Text),
            (ColumnType::Text, Values::Numbers(_)) => Err(reader.wrong(0)),
            (_, Values::Numbers(numbers)) => {
                reader.check_numbers(&numbers)?;
                Ok(Column::Number(numbers))
            }
            (_, Values::Texts(texts)) => texts
                .iter()
                .enumerate()
                .map(|(row, text)| reader.parsed(row, text))
                .collect::<Result<_, _>>()
                .map(Column::Number),
            (_, Values::Cells(cells)) => cells
                .iter()
                .enumerate()
                .map(|(row, cell)| reader.number(row, cell))
                .collect::<Result<_, _>>()
                .map(Column::Number),
        }
    }
}

/// What a column of a type takes, as a message says it.
pub fn expected(column_type: ColumnType) -> &'static str {
    match column_type {
        ColumnType::Integer | ColumnType::Number => {
            "numbers (FP64, FP32 or a whole-number datatype)"
        }
        ColumnType::Boolean => "true and false (BOOL), or 0 and 1",
        ColumnType::Text => "texts (BYTES)",
        ColumnType::Date => "dates as texts such as 2024-05-31 (BYTES)",
        ColumnType::Timestamp => "instants as texts such as 2024-05-31T10:00:00Z (BYTES)",
    }
}

/// The datatype under which a column of a type is described.
pub fn datatype(column_type: ColumnType) -> Datatype {
    match column_type {
        ColumnType::Integer | ColumnType::Number => Datatype::Fp64,
        ColumnType::Boolean => Datatype::Bool,
        ColumnType::Text | ColumnType::Date | ColumnType::Timestamp => Datatype::Bytes,
    }
}

fn check_datatype(field: &Field, datatype: Datatype) -> Result<(), InferError> {
    let fits = match field.column_type {
        ColumnType::Integer | ColumnType::Number => datatype.is_number(),
        ColumnType::Boolean => datatype != Datatype::Bytes,
        ColumnType::Text | ColumnType::Date | ColumnType::Timestamp => datatype == Datatype::Bytes,
    };
    if fits {
        return Ok(());
    }
    Err(InferError::WrongDatatype {
        column: field.name.clone(),
        expected: expected(field.column_type),
        found: datatype.as_str(),
    })
}

struct Reader<'a> {
    field: &'a Field,
    datatype: Option<Datatype>,
    markers: &'a MissingMarkers,
}

impl Reader<'_> {
    fn wrong(&self, row: usize) -> InferError {
        InferError::WrongValue {
            column: self.field.name.clone(),
            row,
            expected: expected(self.field.column_type),
        }
    }

    fn check_numbers(&self, numbers: &[f64]) -> Result<(), InferError> {
        for (row, number) in numbers.iter().enumerate() {
            if number.is_infinite() {
                return Err(InferError::NotFinite { column: self.field.name.clone(), row });
            }
            if self.field.column_type == ColumnType::Boolean && !is_boolean(*number) {
                return Err(self.wrong(row));
            }
        }
        Ok(())
    }

    /// A text in a column that is held as numbers: an instant, or any value in the forms without datatypes.
    fn parsed(&self, row: usize, text: &str) -> Result<f64, InferError> {
        if self.markers.is_missing(text) {
            return Ok(f64::NAN);
        }
        let column_type = match self.field.column_type {
            // Whole in training; a fraction is as good for the model.
            ColumnType::Integer => ColumnType::Number,
            other => other,
        };
        parse::value(text, column_type).ok_or_else(|| self.wrong(row))
    }

    fn number(&self, row: usize, cell: &Cell) -> Result<f64, InferError> {
        let temporal = self.field.column_type.is_temporal();
        match cell {
            Cell::Missing => Ok(f64::NAN),
            Cell::Text(text) if temporal || self.datatype.is_none() => self.parsed(row, text),
            Cell::Text(_) => Err(self.wrong(row)),
            _ if temporal => Err(self.wrong(row)),
            Cell::Boolean(value) if self.field.column_type == ColumnType::Boolean => {
                Ok(f64::from(u8::from(*value)))
            }
            Cell::Boolean(_) => Err(self.wrong(row)),
            Cell::Integer(value) => self.checked(row, *value as f64, true),
            Cell::Number(value) => self.checked(row, *value, value.fract() == 0.0),
        }
    }

    fn checked(&self, row: usize, number: f64, whole: bool) -> Result<f64, InferError> {
        if !number.is_finite() {
            return Err(InferError::NotFinite { column: self.field.name.clone(), row });
        }
        if self.field.column_type == ColumnType::Boolean && !is_boolean(number) {
            return Err(self.wrong(row));
        }
        let needs_whole = self
            .datatype
            .is_some_and(|datatype| !matches!(datatype, Datatype::Fp32 | Datatype::Fp64));
        if needs_whole && !whole {
            return Err(InferError::WrongValue {
                column: self.field.name.clone(),
                row,
                expected: "whole numbers, as its datatype says",
            });
        }
        Ok(number)
    }

    fn texts(&self, cells: &[Cell]) -> Result<TextColumn, InferError> {
        // Text columns take texts; the forms without datatypes may write a code such as 42 as a number.
        let lenient = self.datatype.is_none();
        let written: Vec<Option<String>> = cells
            .iter()
            .enumerate()
            .map(|(row, cell)| match cell {
                Cell::Missing | Cell::Text(_) => Ok(None),
                Cell::Integer(number) if lenient => Ok(Some(number.to_string())),
                _ => Err(self.wrong(row)),
            })
            .collect::<Result<_, _>>()?;
        Ok(cells
            .iter()
            .zip(&written)
            .map(|(cell, written)| match cell {
                Cell::Text(text) => Some(&**text),
                _ => written.as_deref(),
            })
            .collect())
    }
}

fn is_boolean(number: f64) -> bool {
    number.is_nan() || number == 0.0 || number == 1.0
}
