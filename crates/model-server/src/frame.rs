//! Comparing a request's columns with the signature, and making the table that is scored.
//!
//! Invariants:
//! - A table has exactly the signature's columns in the signature's order, and the request's rows in their order.
//! - A refusal names the column, the row and what was expected, and holds no value.

use std::collections::HashMap;

use scoring::{Leniency, ValueError, ValueReader};
use tabular::cleaning::ColumnCleaning;
use tabular::parse::MissingMarkers;
use tabular::{CleaningPlan, Column, ColumnType, Field, Table, TextBuilder, TextColumn};

use crate::error::InferError;
use crate::protocol::cell::Cell;
use crate::protocol::datatype::Datatype;
use crate::protocol::{Input, InputColumn, Naming, Values};

/// The rows of a request as a model takes them.
#[derive(Debug)]
pub(crate) struct FramedRows {
    /// The signature's columns.
    pub(crate) table: Table,
    /// Columns of the request that are no inputs and were left out.
    pub(crate) ignored: usize,
}

/// The inputs of a model, ready to be compared with requests.
#[derive(Debug)]
pub(crate) struct Frame {
    /// One row in which every value is missing: what tables of requests are made like.
    template: Table,
    index: HashMap<String, usize>,
    /// Of each column, what means a missing value.
    markers: Vec<MissingMarkers>,
}

impl Frame {
    /// A frame of these inputs, read with what meant a missing value in training.
    ///
    /// # Errors
    /// When they make no table.
    pub(crate) fn new(
        fields: Vec<Field>,
        cleaning: &CleaningPlan,
    ) -> Result<Self, tabular::TableError> {
        let markers = fields.iter().map(|field| {
            cleaning.column(&field.name).map(ColumnCleaning::markers).unwrap_or_default()
        });
        let markers = markers.collect();
        let index = fields.iter().enumerate().map(|(at, field)| (field.name.clone(), at)).collect();
        let missing = fields.iter().map(|field| match field.column_type {
            ColumnType::Text => Column::Text(TextColumn::from_iter([None])),
            _ => Column::Number(vec![f64::NAN]),
        });
        let columns = missing.collect();
        let template = Table::new(fields, columns)?;
        Ok(Self { template, index, markers })
    }

    /// Names and types of the inputs, in the signature's order.
    pub(crate) fn fields(&self) -> &[Field] {
        self.template.fields()
    }

    /// What means a missing value of each input, in the signature's order.
    pub(crate) fn markers(&self) -> &[MissingMarkers] {
        &self.markers
    }

    /// A row in which every value is missing.
    pub(crate) fn missing_row(&self) -> &Table {
        &self.template
    }

    /// The request as a table; `is_spare` says which names a strict request may have beside the inputs.
    pub(crate) fn table(
        &self,
        input: Input,
        most_rows: usize,
        is_spare: impl Fn(&str) -> bool,
    ) -> Result<FramedRows, InferError> {
        let rows = input.columns.first().map_or(0, |column| column.values.len());
        let mut found: Vec<Option<InputColumn>> = Vec::new();
        found.resize_with(self.fields().len(), || None);
        if input.naming == Naming::Places && input.columns.len() != found.len() {
            return Err(InferError::WrongWidth {
                row: 0,
                expected: found.len(),
                found: input.columns.len(),
            });
        }
        let mut ignored = 0;
        for (place, column) in input.columns.into_iter().enumerate() {
            let place = match input.naming {
                Naming::Places => Some(place),
                Naming::Strict | Naming::Lenient => self.place(&column.name, place),
            };
            let Some(slot) = place.and_then(|place| found.get_mut(place)) else {
                if input.naming == Naming::Lenient || is_spare(&column.name) {
                    ignored += 1;
                    continue;
                }
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
        for ((field, markers), column) in self.fields().iter().zip(&self.markers).zip(found) {
            let Some(column) = column else {
                return Err(InferError::MissingColumn {
                    column: field.name.clone(),
                    expected: expected(field.column_type),
                });
            };
            if rows > most_rows {
                return Err(InferError::TooManyRows { limit: most_rows });
            }
            columns.push(read_column(field, markers, column)?);
        }
        if rows == 0 {
            return Err(InferError::EmptyBatch);
        }
        let table = self.template.with_columns(columns).map_err(InferError::Table)?;
        Ok(FramedRows { table, ignored })
    }

    /// The place of a column, which is mostly that in the request.
    fn place(&self, name: &str, in_request: usize) -> Option<usize> {
        let is_there = self.fields().get(in_request).is_some_and(|field| field.name == name);
        if is_there { Some(in_request) } else { self.index.get(name).copied() }
    }

    fn names(&self) -> String {
        self.fields().iter().map(|field| field.name.as_str()).collect::<Vec<_>>().join(", ")
    }
}

fn read_column(
    field: &Field,
    markers: &MissingMarkers,
    column: InputColumn,
) -> Result<Column, InferError> {
    if let Some(datatype) = column.datatype {
        check_datatype(field, datatype)?;
    }
    let reader = Reader::new(field, column.datatype, markers);
    match (field.column_type, column.values) {
        (ColumnType::Text, Values::Texts(texts)) => {
            Ok(Column::Text(texts.iter().map(|text| Some(text.as_str())).collect()))
        }
        (ColumnType::Text, Values::Cells(cells)) => reader.texts(&cells).map(Column::Text),
        (ColumnType::Text, Values::Numbers(numbers)) => {
            // Only whole numbers of 32 bits and less come so: their datatype was checked.
            let texts: Vec<String> = numbers.iter().map(|number| format!("{number}")).collect();
            Ok(Column::Text(texts.iter().map(|text| Some(text.as_str())).collect()))
        }
        (ColumnType::Text, Values::Integers(numbers)) => {
            let texts: Vec<String> = numbers.iter().map(i128::to_string).collect();
            Ok(Column::Text(texts.iter().map(|text| Some(text.as_str())).collect()))
        }
        (_, Values::Integers(numbers)) => {
            reader.numbers(numbers.into_iter().map(|number| number as f64)).map(Column::Number)
        }
        (_, Values::Numbers(numbers)) => reader.numbers(numbers.into_iter()).map(Column::Number),
        (_, Values::Texts(texts)) => texts
            .iter()
            .enumerate()
            .map(|(row, text)| reader.text(row, text))
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

/// What a column of a type takes, as a message says it.
pub(crate) fn expected(column_type: ColumnType) -> &'static str {
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
pub(crate) fn datatype(column_type: ColumnType) -> Datatype {
    match column_type {
        ColumnType::Integer | ColumnType::Number => Datatype::Fp64,
        ColumnType::Boolean => Datatype::Bool,
        ColumnType::Text | ColumnType::Date | ColumnType::Timestamp => Datatype::Bytes,
    }
}

fn check_datatype(field: &Field, datatype: Datatype) -> Result<(), InferError> {
    let fits = match field.column_type {
        // BOOL are the numbers 0 and 1; texts are in the form that training read: amounts with a currency, times of day.
        ColumnType::Integer | ColumnType::Number => {
            datatype != Datatype::Bytes || !field.form.is_plain()
        }
        ColumnType::Boolean => datatype != Datatype::Bytes,
        // Identifiers of 64 bits are texts, because a double does not keep their digits.
        ColumnType::Text => datatype == Datatype::Bytes || datatype.is_whole(),
        ColumnType::Date | ColumnType::Timestamp => datatype == Datatype::Bytes,
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

/// How pandas writes a date or an instant that is missing.
const NO_TIME: &str = "NaT";

/// Reads the values of one column of a request.
struct Reader<'a> {
    field: &'a Field,
    datatype: Option<Datatype>,
    values: ValueReader<'a>,
}

impl<'a> Reader<'a> {
    /// The forms without datatypes may write numbers as texts.
    fn new(field: &'a Field, datatype: Option<Datatype>, markers: &'a MissingMarkers) -> Self {
        let texts = datatype.is_none_or(|datatype| datatype == Datatype::Bytes);
        let leniency = Leniency { fractions: true, texts };
        Self { field, datatype, values: ValueReader { field, leniency, markers } }
    }

    fn wrong(&self, row: usize, expected: &'static str) -> InferError {
        InferError::WrongValue { column: self.field.name.clone(), row, expected }
    }

    fn checked(&self, row: usize, read: Result<f64, ValueError>) -> Result<f64, InferError> {
        read.map_err(|error| match error {
            ValueError::NotFinite => InferError::NotFinite { column: self.field.name.clone(), row },
            ValueError::Mismatch => self.wrong(row, expected(self.field.column_type)),
        })
    }

    fn text(&self, row: usize, text: &str) -> Result<f64, InferError> {
        if self.field.column_type.is_temporal() && text.trim() == NO_TIME {
            return Ok(f64::NAN);
        }
        self.checked(row, self.values.text(text))
    }

    /// NaN is a missing value where numbers come as such.
    fn numbers(&self, numbers: impl Iterator<Item = f64>) -> Result<Vec<f64>, InferError> {
        let read = |(row, number): (usize, f64)| {
            if number.is_nan() {
                return Ok(number);
            }
            self.checked(row, self.values.number(number))
        };
        numbers.enumerate().map(read).collect()
    }

    fn number(&self, row: usize, cell: &Cell) -> Result<f64, InferError> {
        let read = match cell {
            Cell::Missing => return Ok(f64::NAN),
            Cell::Text(text) => return self.text(row, text),
            // In a column of numbers they are 0 and 1, as MLflow takes them.
            Cell::Boolean(value) => match self.field.column_type {
                ColumnType::Integer | ColumnType::Number => Ok(f64::from(u8::from(*value))),
                _ => self.values.boolean(*value),
            },
            Cell::Integer(value) => self.values.number(*value as f64),
            Cell::Unsigned(value) => self.values.number(*value as f64),
            Cell::Number(value) => self.values.number(*value),
        };
        let number = self.checked(row, read)?;
        let needs_whole =
            self.datatype.is_some_and(|datatype| datatype == Datatype::Bool || datatype.is_whole());
        if needs_whole && number.fract() != 0.0 {
            return Err(self.wrong(row, "whole numbers, as its datatype says"));
        }
        Ok(number)
    }

    /// Text columns take texts; whole-number datatypes, and the forms without datatypes, may write a code such as 42 as a number.
    fn texts(&self, cells: &[Cell]) -> Result<TextColumn, InferError> {
        let lenient = self.datatype.is_none_or(Datatype::is_whole);
        let mut texts = TextBuilder::with_capacity(cells.len());
        for (row, cell) in cells.iter().enumerate() {
            match cell {
                Cell::Missing => texts.push(None),
                Cell::Text(text) => texts.push(Some(text)),
                Cell::Integer(number) if lenient => texts.push(Some(&number.to_string())),
                Cell::Unsigned(number) if lenient => texts.push(Some(&number.to_string())),
                _ => return Err(self.wrong(row, expected(self.field.column_type))),
            }
        }
        Ok(texts.finish())
    }
}
