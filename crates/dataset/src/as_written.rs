//! Rows as they stand in a file: nothing is trimmed, and no text is taken for a missing value.
//!
//! This is for checks of the file itself; what learns from a table reads it by [`crate::read_batches`].

use std::sync::Arc;

use arrow::array::{Array, ArrayRef, AsArray, RecordBatch};
use arrow::compute::cast;
use arrow::datatypes::{DataType, Float64Type, Int64Type};
use tabular::parse::MissingMarkers;
use tabular::{ColumnType, Field};

use crate::convert::{seconds, texts_of};
use crate::format::{self, Rows};
use crate::guard::guarded;
use crate::{Error, Format, ScanOptions, Shape, Source};

/// A column of a file.
#[derive(Debug, Clone)]
pub struct WrittenColumn {
    /// Its name.
    pub name: String,
    /// Its type, where the file knows it; none of CSV, in which all is text.
    pub column_type: Option<ColumnType>,
    /// Whether a value is missing, where the file tells without a look at its rows.
    pub missing: Option<bool>,
}

/// A value as it stands in a file.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum WrittenValue<'a> {
    /// No value.
    Missing,
    /// True or false, of a file that has such.
    Boolean(bool),
    /// A whole number, of a file that has such.
    Integer(i64),
    /// A number, of a file that has such.
    Number(f64),
    /// A text; everything in CSV and JSON Lines.
    Text(&'a str),
}

/// A file whose rows are read as they stand.
#[derive(Debug, Clone)]
pub struct AsWritten {
    source: Source,
    format: Format,
    columns: Vec<WrittenColumn>,
}

impl AsWritten {
    /// Looks at the columns; of JSON Lines, where each line may have others, at all rows. Blocking.
    ///
    /// # Errors
    /// An unknown format, an empty table, names that cannot be used, nested columns.
    pub fn open(source: Source, options: &ScanOptions) -> Result<Self, Error> {
        let format = format::format_of(&source, None)?;
        let written = |field: Field, missing| WrittenColumn {
            name: field.name,
            column_type: Some(field.column_type),
            missing,
        };
        let columns = match format {
            Format::Csv => guarded("CSV", || format::csv_header(&source, options.max_columns))?
                .into_iter()
                .map(|name| WrittenColumn { name, column_type: None, missing: None })
                .collect(),
            Format::Parquet => {
                guarded("Parquet", || format::parquet_columns(&source, options.max_columns))?
                    .into_iter()
                    .map(|(field, missing)| written(field, missing))
                    .collect()
            }
            _ => {
                let shape = format::scan(format, &source, options)?;
                let missing: Vec<_> = shape.missing.iter().map(|missing| *missing > 0).collect();
                let fields = shape.fields.into_iter().enumerate();
                fields.map(|(place, field)| written(field, missing.get(place).copied())).collect()
            }
        };
        Ok(Self { source, format, columns })
    }

    /// The columns, in order.
    #[must_use]
    pub fn columns(&self) -> &[WrittenColumn] {
        &self.columns
    }

    /// Calls back with the values of each row in the columns at these places, which have to rise. Dates and instants are texts in ISO
    /// 8601. Blocking.
    ///
    /// # Errors
    /// What reading meets, and a source that changed since it was opened; the callback's errors end it.
    pub fn rows(
        &self,
        places: &[usize],
        row: &mut dyn FnMut(&mut dyn Iterator<Item = WrittenValue<'_>>) -> Result<(), Error>,
    ) -> Result<(), Error> {
        let mut taker = Taker { row };
        if self.format == Format::Parquet {
            guarded("Parquet", || {
                format::parquet_batches(&self.source, places, &mut |batch| taker.batch(batch))
            })?;
        } else {
            let fields: Vec<Field> = places
                .iter()
                .filter_map(|place| self.columns.get(*place))
                .map(|column| {
                    Field::new(&column.name, column.column_type.unwrap_or(ColumnType::Text))
                })
                .collect();
            let markers = MissingMarkers::only::<&str>(&[]);
            let shape = Shape { format: Some(self.format), ..Shape::default() };
            format::rows(self.format, &self.source, &shape, places, &fields, &markers, &mut taker)?;
        }
        self.source.check_unchanged()
    }
}

struct Taker<'t> {
    row: &'t mut dyn FnMut(&mut dyn Iterator<Item = WrittenValue<'_>>) -> Result<(), Error>,
}

impl Rows for Taker<'_> {
    fn texts<'a>(&mut self, row: impl Iterator<Item = Option<&'a str>>) -> Result<(), Error> {
        let mut values = row.map(|text| text.map_or(WrittenValue::Missing, WrittenValue::Text));
        guard::called_back(|| (self.row)(&mut values))
    }

    fn batch(&mut self, batch: &RecordBatch) -> Result<(), Error> {
        let columns: Vec<ArrayRef> = batch.columns().iter().map(plain).collect::<Result<_, _>>()?;
        for row in 0..batch.num_rows() {
            let mut values = columns.iter().map(|column| value(column, row));
            guard::called_back(|| (self.row)(&mut values))?;
        }
        Ok(())
    }
}

/// An array in one of four types.
fn plain(array: &ArrayRef) -> Result<ArrayRef, Error> {
    let to = match array.data_type() {
        DataType::Dictionary(_, values) => return plain(&cast(array, values)?),
        DataType::RunEndEncoded(_, values) => return plain(&cast(array, values.data_type())?),
        whole if whole.is_integer() => DataType::Int64,
        number if number.is_numeric() => DataType::Float64,
        DataType::Boolean => DataType::Boolean,
        DataType::Time32(_) | DataType::Time64(_) | DataType::Duration(_) => {
            return Ok(Arc::new(seconds(array)?));
        }
        DataType::FixedSizeBinary(_) => return texts_of(array),
        _ => DataType::Utf8,
    };
    Ok(cast(array, &to)?)
}

fn value(array: &ArrayRef, row: usize) -> WrittenValue<'_> {
    if array.is_null(row) {
        return WrittenValue::Missing;
    }
    match array.data_type() {
        DataType::Int64 => WrittenValue::Integer(array.as_primitive::<Int64Type>().value(row)),
        DataType::Float64 => WrittenValue::Number(array.as_primitive::<Float64Type>().value(row)),
        DataType::Boolean => WrittenValue::Boolean(array.as_boolean().value(row)),
        _ => WrittenValue::Text(array.as_string::<i32>().value(row)),
    }
}

#[cfg(test)]
mod tests;
