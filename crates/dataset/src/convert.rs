//! Between Arrow arrays and the columns of [`tabular`].
//!
//! Two physical forms stand for all types, as in `tabular`: `Float64` for numbers, booleans (0, 1), dates and instants
//! (microseconds since 1970 UTC), and `Utf8` for text. A missing value is null in Arrow and NaN in a number column.

use std::sync::Arc;

use arrow::array::{
    Array, ArrayRef, AsArray, Float64Array, RecordBatch, StringArray, StringBuilder,
};
use arrow::compute::cast;
use arrow::datatypes::{DataType, Field as ArrowField, Float64Type, Int64Type, Schema, TimeUnit};
use tabular::parse::{self, MissingMarkers};
use tabular::{Column, ColumnType, Field, Table, TextBuilder};

use crate::Error;

const DAY_MICROSECONDS: f64 = 86_400_000_000.0;

/// The type that a column of an Arrow type has here.
///
/// # Errors
/// [`Error::NestedColumn`] and [`Error::UnsupportedColumn`].
pub fn column_type(name: &str, data_type: &DataType) -> Result<ColumnType, Error> {
    match data_type {
        DataType::Int8
        | DataType::Int16
        | DataType::Int32
        | DataType::Int64
        | DataType::UInt8
        | DataType::UInt16
        | DataType::UInt32
        | DataType::UInt64 => Ok(ColumnType::Integer),
        DataType::Float16
        | DataType::Float32
        | DataType::Float64
        | DataType::Decimal32(..)
        | DataType::Decimal64(..)
        | DataType::Decimal128(..)
        | DataType::Decimal256(..) => Ok(ColumnType::Number),
        DataType::Boolean => Ok(ColumnType::Boolean),
        DataType::Null | DataType::Utf8 | DataType::LargeUtf8 | DataType::Utf8View => {
            Ok(ColumnType::Text)
        }
        DataType::Dictionary(_, values) => column_type(name, values),
        DataType::RunEndEncoded(_, values) => column_type(name, values.data_type()),
        DataType::Date32 | DataType::Date64 => Ok(ColumnType::Date),
        DataType::Timestamp(..) => Ok(ColumnType::Timestamp),
        nested if nested.is_nested() => {
            Err(Error::NestedColumn { column: name.to_owned(), kind: kind_name(nested) })
        }
        other => Err(Error::UnsupportedColumn { column: name.to_owned(), kind: kind_name(other) }),
    }
}

fn kind_name(data_type: &DataType) -> String {
    match data_type {
        DataType::List(_)
        | DataType::LargeList(_)
        | DataType::ListView(_)
        | DataType::LargeListView(_) => "a list".to_owned(),
        DataType::FixedSizeList(..) => "a list of fixed size".to_owned(),
        DataType::Struct(_) => "a structure".to_owned(),
        DataType::Map(..) => "a map".to_owned(),
        DataType::Union(..) => "a union".to_owned(),
        DataType::Binary
        | DataType::LargeBinary
        | DataType::BinaryView
        | DataType::FixedSizeBinary(_) => "binary".to_owned(),
        other => other.to_string().to_lowercase(),
    }
}

/// An array of any readable type as one of the two physical forms.
///
/// Texts are trimmed; markers and what does not read as the type become null, as do infinite numbers.
///
/// # Errors
/// When Arrow can't convert between the types.
pub fn canonical(
    array: &ArrayRef,
    column_type: ColumnType,
    markers: &MissingMarkers,
) -> Result<ArrayRef, Error> {
    let texts = match array.data_type() {
        DataType::Utf8 => Some(Arc::clone(array)),
        DataType::LargeUtf8 | DataType::Utf8View | DataType::Null => {
            Some(cast(array, &DataType::Utf8)?)
        }
        DataType::Dictionary(_, values) if is_text(values) => Some(cast(array, &DataType::Utf8)?),
        DataType::RunEndEncoded(_, values) if is_text(values.data_type()) => {
            Some(cast(array, &DataType::Utf8)?)
        }
        _ => None,
    };
    match (texts, column_type) {
        (Some(texts), ColumnType::Text) => {
            Ok(Arc::new(present_texts(texts.as_string::<i32>(), markers)))
        }
        (Some(texts), column_type) => {
            let value = |text: &str| {
                if markers.is_missing(text) { None } else { parse::value(text, column_type) }
            };
            let numbers: Float64Array =
                texts.as_string::<i32>().iter().map(|text| text.and_then(value)).collect();
            Ok(Arc::new(numbers))
        }
        (None, ColumnType::Text) => Ok(cast(array, &DataType::Utf8)?),
        (None, _) => numbers(array),
    }
}

/// The columns of a batch in their physical forms.
pub(crate) fn canonical_batch(
    batch: &RecordBatch,
    types: &[ColumnType],
    markers: &MissingMarkers,
) -> Result<RecordBatch, Error> {
    let columns: Vec<ArrayRef> = batch
        .columns()
        .iter()
        .zip(types)
        .map(|(array, column_type)| canonical(array, *column_type, markers))
        .collect::<Result<_, _>>()?;
    let fields: Vec<ArrowField> = batch
        .schema()
        .fields()
        .iter()
        .zip(&columns)
        .map(|(field, array)| ArrowField::new(field.name(), array.data_type().clone(), true))
        .collect();
    Ok(RecordBatch::try_new(Arc::new(Schema::new(fields)), columns)?)
}

fn is_text(data_type: &DataType) -> bool {
    matches!(data_type, DataType::Utf8 | DataType::LargeUtf8 | DataType::Utf8View)
}

fn present_texts(texts: &StringArray, markers: &MissingMarkers) -> StringArray {
    let mut builder = StringBuilder::with_capacity(texts.len(), texts.value_data().len());
    for text in texts {
        builder.append_option(text.filter(|text| !markers.is_missing(text)).map(str::trim));
    }
    builder.finish()
}

fn numbers(array: &ArrayRef) -> Result<ArrayRef, Error> {
    let values: Float64Array = match array.data_type() {
        DataType::Float64 => array.as_primitive::<Float64Type>().clone(),
        DataType::Date32 | DataType::Date64 => {
            let days = cast(&cast(array, &DataType::Date32)?, &DataType::Int32)?;
            let days = cast(&days, &DataType::Float64)?;
            days.as_primitive::<Float64Type>().unary(|days| days * DAY_MICROSECONDS)
        }
        DataType::Timestamp(unit, _) => {
            let (factor, divisor) = match unit {
                TimeUnit::Second => (1_000_000.0, 1),
                TimeUnit::Millisecond => (1000.0, 1),
                TimeUnit::Microsecond => (1.0, 1),
                TimeUnit::Nanosecond => (1.0, 1000),
            };
            let ticks = cast(array, &DataType::Int64)?;
            ticks
                .as_primitive::<Int64Type>()
                .unary(|ticks| ticks.div_euclid(divisor) as f64 * factor)
        }
        _ => cast(array, &DataType::Float64)?.as_primitive::<Float64Type>().clone(),
    };
    if values.iter().flatten().all(f64::is_finite) {
        return Ok(Arc::new(values));
    }
    Ok(Arc::new(
        values
            .iter()
            .map(|value| value.filter(|value| value.is_finite()))
            .collect::<Float64Array>(),
    ))
}

/// Gathers batches of physical columns into a table.
#[derive(Debug)]
pub struct TableBuilder {
    fields: Vec<Field>,
    columns: Vec<ColumnBuffer>,
}

#[derive(Debug)]
enum ColumnBuffer {
    Number(Vec<f64>),
    Text(TextBuilder),
}

impl TableBuilder {
    /// A table of these fields and no rows.
    #[must_use]
    pub fn new(fields: Vec<Field>) -> Self {
        let columns = fields
            .iter()
            .map(|field| match field.column_type {
                ColumnType::Text => ColumnBuffer::Text(TextBuilder::default()),
                _ => ColumnBuffer::Number(Vec::new()),
            })
            .collect();
        Self { fields, columns }
    }

    /// Adds a batch whose columns are those of the fields, in order, in the physical forms of [`canonical`].
    ///
    /// # Errors
    /// When a column is not in its physical form.
    pub fn push(&mut self, batch: &RecordBatch) -> Result<(), Error> {
        for (gathered, array) in self.columns.iter_mut().zip(batch.columns()) {
            match gathered {
                ColumnBuffer::Number(values) => {
                    let array =
                        array.as_primitive_opt::<Float64Type>().ok_or_else(not_canonical)?;
                    values.extend(array.iter().map(|value| value.unwrap_or(f64::NAN)));
                }
                ColumnBuffer::Text(text) => {
                    let array = array.as_string_opt::<i32>().ok_or_else(not_canonical)?;
                    array.iter().for_each(|value| text.push(value));
                }
            }
        }
        Ok(())
    }

    /// Adds the rows of another builder of the same fields.
    pub fn append(&mut self, other: Self) {
        for (gathered, more) in self.columns.iter_mut().zip(other.columns) {
            match (gathered, more) {
                (ColumnBuffer::Number(values), ColumnBuffer::Number(more)) => values.extend(more),
                (ColumnBuffer::Text(text), ColumnBuffer::Text(more)) => {
                    more.finish().iter().for_each(|value| text.push(value))
                }
                // The same fields have the same physical forms.
                _ => {}
            }
        }
    }

    /// Adds a row of texts, as they stand in a file.
    pub(crate) fn push_texts<'a>(
        &mut self,
        row: impl Iterator<Item = Option<&'a str>>,
        markers: &MissingMarkers,
    ) {
        for ((gathered, field), text) in self.columns.iter_mut().zip(&self.fields).zip(row) {
            let text = text.filter(|text| !markers.is_missing(text));
            match gathered {
                ColumnBuffer::Number(values) => {
                    values.push(
                        text.and_then(|text| parse::value(text, field.column_type))
                            .unwrap_or(f64::NAN),
                    );
                }
                ColumnBuffer::Text(column) => column.push(text.map(str::trim)),
            }
        }
    }

    /// The table.
    ///
    /// # Errors
    /// When the columns do not make a table.
    pub fn finish(self) -> Result<Table, Error> {
        let columns: Vec<Column> = self
            .columns
            .into_iter()
            .map(|gathered| match gathered {
                ColumnBuffer::Number(values) => Column::Number(values),
                ColumnBuffer::Text(text) => Column::Text(text.finish()),
            })
            .collect();
        let fields = self
            .fields
            .into_iter()
            .zip(&columns)
            .map(|(field, column)| Field { nullable: column.missing() > 0, ..field });
        Ok(Table::new(fields.collect(), columns)?)
    }
}

fn not_canonical() -> Error {
    Error::Arrow(arrow::error::ArrowError::CastError(
        "a column is not in its physical form".to_owned(),
    ))
}
