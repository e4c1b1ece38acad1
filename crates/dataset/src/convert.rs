//! Between Arrow arrays and the columns of [`tabular`].
//!
//! Two physical forms stand for all types, as in `tabular`: `Float64` for numbers, booleans (0, 1), dates and instants
//! (microseconds since 1970 UTC), and `Utf8` for text. A missing value is null in Arrow and NaN in a number column.
//! Times of day and durations are numbers of seconds, and UUIDs are texts, as those of CSV are.

mod clock;
mod uuid;

use std::sync::Arc;

use arrow::array::{
    Array, ArrayRef, AsArray, Float64Array, RecordBatch, RecordBatchOptions, StringArray,
    StringBuilder,
};
use arrow::compute::cast;
use arrow::datatypes::{
    DataType, Field as ArrowField, Float32Type, Float64Type, Int32Type, Int64Type, Schema, TimeUnit,
};
use tabular::parse::{self, MissingMarkers, Reading};
use tabular::{Column, ColumnType, Field, Table, TextBuilder, TextForm};

pub(crate) use self::clock::seconds;
pub(crate) use self::uuid::is_uuid;
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
        | DataType::Decimal256(..)
        | DataType::Time32(_)
        | DataType::Time64(_)
        | DataType::Duration(_) => Ok(ColumnType::Number),
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

/// The field that a stored column has here, told by its type alone. `is_uuid` says that its 16 bytes are UUIDs.
///
/// # Errors
/// As [`column_type`].
pub(crate) fn field_of(name: &str, stored: &ArrowField, is_uuid: bool) -> Result<Field, Error> {
    let column_type =
        if is_uuid { ColumnType::Text } else { column_type(name, stored.data_type())? };
    let form = match value_type(stored.data_type()) {
        DataType::Time32(_) | DataType::Time64(_) => TextForm::TimeOfDay,
        DataType::Duration(_) => TextForm::Duration,
        _ => TextForm::Plain,
    };
    let field = Field::new(name, column_type).with_form(form);
    Ok(Field { nullable: stored.is_nullable(), ..field })
}

/// What is to be said of a stored column that is read as something else.
pub(crate) fn note_of(field: &Field) -> Option<String> {
    let what = match field.form {
        TextForm::TimeOfDay => "its times of day are read as seconds since midnight",
        TextForm::Duration => "its durations are read as seconds",
        _ => return None,
    };
    Some(format!("column `{}`: {what}", field.name))
}

/// The type of the values, where an array keeps each value once.
fn value_type(data_type: &DataType) -> &DataType {
    match data_type {
        DataType::Dictionary(_, values) => values,
        DataType::RunEndEncoded(_, values) => values.data_type(),
        plain => plain,
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
/// Texts are trimmed; markers and what does not read as the type in the field's form become null, as do infinite numbers and
/// numbers that are markers.
///
/// # Errors
/// When Arrow can't convert between the types.
pub fn canonical(
    array: &ArrayRef,
    field: &Field,
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
    match (texts, field.column_type) {
        (Some(texts), ColumnType::Text) => {
            Ok(Arc::new(present_texts(texts.as_string::<i32>(), markers)))
        }
        (Some(texts), _) => {
            let value = |text: &str| number_of(text, field, markers);
            let numbers: Float64Array =
                texts.as_string::<i32>().iter().map(|text| text.and_then(value)).collect();
            Ok(Arc::new(numbers))
        }
        (None, ColumnType::Text) => {
            let texts = texts_of(array)?;
            Ok(Arc::new(present_texts(texts.as_string::<i32>(), markers)))
        }
        (None, _) => numbers(array, field, markers),
    }
}

/// A text as a value of a column that is none of texts; none where it is missing or does not read as the type.
fn number_of(text: &str, field: &Field, markers: &MissingMarkers) -> Option<f64> {
    match parse::read(text, field, markers) {
        Reading::Value(value) => Some(value),
        Reading::Missing | Reading::Misfit => None,
    }
}

/// Values of any readable type as texts that [`parse`] reads back: whole numbers and decimals with all their digits,
/// instants in UTC, times of day and durations in seconds.
///
/// # Errors
/// When Arrow can't convert between the types.
pub(crate) fn texts_of(array: &ArrayRef) -> Result<ArrayRef, Error> {
    let array = &plain_values(array)?;
    match array.data_type() {
        DataType::Float16 | DataType::Float32 | DataType::Float64 => {
            let wide = cast(array, &DataType::Float64)?;
            let wide = wide.as_primitive::<Float64Type>();
            let texts: StringArray =
                wide.iter().map(|value| value.map(|value| format!("{value}"))).collect();
            Ok(Arc::new(texts))
        }
        DataType::Timestamp(..) | DataType::Date32 | DataType::Date64 => {
            let column_type = column_type("", array.data_type())?;
            let moments = numbers(array, &Field::new("", column_type), &MissingMarkers::none())?;
            let texts: StringArray = moments
                .as_primitive::<Float64Type>()
                .iter()
                .map(|moment| moment.map(|moment| parse::format(moment, column_type)))
                .collect();
            Ok(Arc::new(texts))
        }
        DataType::Time32(_) | DataType::Time64(_) | DataType::Duration(_) => {
            let texts: StringArray =
                seconds(array)?.iter().map(|value| value.map(|value| format!("{value}"))).collect();
            Ok(Arc::new(texts))
        }
        DataType::FixedSizeBinary(uuid::BYTES) => Ok(Arc::new(uuid::texts(array))),
        _ => Ok(cast(array, &DataType::Utf8)?),
    }
}

/// The values themselves, where an array keeps each value once.
fn plain_values(array: &ArrayRef) -> Result<ArrayRef, Error> {
    match value_type(array.data_type()) {
        same if same == array.data_type() => Ok(Arc::clone(array)),
        values => Ok(cast(array, values)?),
    }
}

/// The columns of a batch in their physical forms.
pub(crate) fn canonical_batch(
    batch: &RecordBatch,
    fields: &[Field],
    markers: &MissingMarkers,
) -> Result<RecordBatch, Error> {
    let columns: Vec<ArrayRef> = batch
        .columns()
        .iter()
        .zip(fields)
        .map(|(array, field)| canonical(array, field, markers))
        .collect::<Result<_, _>>()?;
    let fields: Vec<ArrowField> = batch
        .schema()
        .fields()
        .iter()
        .zip(&columns)
        .map(|(field, array)| ArrowField::new(field.name(), array.data_type().clone(), true))
        .collect();
    let rows = RecordBatchOptions::new().with_row_count(Some(batch.num_rows()));
    Ok(RecordBatch::try_new_with_options(Arc::new(Schema::new(fields)), columns, &rows)?)
}

pub(crate) fn is_text(data_type: &DataType) -> bool {
    matches!(data_type, DataType::Utf8 | DataType::LargeUtf8 | DataType::Utf8View)
}

fn present_texts(texts: &StringArray, markers: &MissingMarkers) -> StringArray {
    let mut builder = StringBuilder::with_capacity(texts.len(), texts.value_data().len());
    for text in texts {
        builder.append_option(text.filter(|text| !markers.is_missing(text)).map(str::trim));
    }
    builder.finish()
}

fn numbers(array: &ArrayRef, field: &Field, markers: &MissingMarkers) -> Result<ArrayRef, Error> {
    let array = &plain_values(array)?;
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
        DataType::Time32(_) | DataType::Time64(_) | DataType::Duration(_) => seconds(array)?,
        // By their digits, so that the double is the nearest one, as in a CSV file.
        DataType::Decimal32(..)
        | DataType::Decimal64(..)
        | DataType::Decimal128(..)
        | DataType::Decimal256(..) => {
            let texts = cast(array, &DataType::Utf8)?;
            texts.as_string::<i32>().iter().map(|text| text.and_then(parse::number)).collect()
        }
        // The usual ones are converted here, where loops over values are compiled for speed.
        DataType::Int64 => array.as_primitive::<Int64Type>().unary(|value| value as f64),
        DataType::Int32 => array.as_primitive::<Int32Type>().unary(f64::from),
        DataType::Float32 => array.as_primitive::<Float32Type>().unary(f64::from),
        _ => cast(array, &DataType::Float64)?.as_primitive::<Float64Type>().clone(),
    };
    let is_number = matches!(field.column_type, ColumnType::Integer | ColumnType::Number);
    let counts =
        |value: &f64| value.is_finite() && !(is_number && markers.is_missing_number(*value));
    if values.iter().flatten().all(|value| counts(&value)) {
        return Ok(Arc::new(values));
    }
    Ok(Arc::new(values.iter().map(|value| value.filter(counts)).collect::<Float64Array>()))
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
            match gathered {
                ColumnBuffer::Number(values) => {
                    let value = text.and_then(|text| number_of(text, field, markers));
                    values.push(value.unwrap_or(f64::NAN));
                }
                ColumnBuffer::Text(column) => {
                    let text = text.filter(|text| !markers.is_missing(text));
                    column.push(text.map(str::trim));
                }
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

#[cfg(test)]
mod tests;
