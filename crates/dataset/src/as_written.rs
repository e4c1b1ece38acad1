//! Rows as they stand in a file: nothing is trimmed, and no text is taken for a missing value.
//!
//! This is for checks of the file itself; what learns from a table reads it by [`crate::read_batches`].

use std::sync::Arc;

use arrow::array::{ArrayRef, RecordBatch, RecordBatchOptions};
use arrow::compute::cast;
use arrow::datatypes::{DataType, Field as ArrowField, Schema, SchemaRef};
use tabular::parse::MissingMarkers;
use tabular::{ColumnType, Field};

use crate::batches::{Texts, stored_schema};
use crate::convert::{seconds, texts_of};
use crate::format::csv_parallel::Written;
use crate::format::{self, Plain};
use crate::guard::guarded;
use crate::in_order::{Ended, in_order, threads};
use crate::{Error, Format, ScanOptions, Shape, Source};

/// Rows of a batch, where they are read in order.
const ROWS: usize = 8192;

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

/// What became of reading a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Read {
    /// All rows were read.
    Whole,
    /// Some part cannot be read by itself: what was taken is to be forgotten, and the file to be read again, which goes in order then.
    Again,
}

/// A file whose rows are read as they stand.
#[derive(Debug)]
pub struct AsWritten {
    source: Source,
    format: Format,
    columns: Vec<WrittenColumn>,
    /// How it is read by several threads, where it is CSV that can be.
    plain: Option<Plain>,
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
        let columns: Vec<WrittenColumn> = match format {
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
        let plain = match format {
            Format::Csv => guarded("CSV", || format::csv_plain(&source, columns.len()))?,
            _ => None,
        };
        Ok(Self { source, format, columns, plain })
    }

    /// The columns, in order.
    #[must_use]
    pub fn columns(&self) -> &[WrittenColumn] {
        &self.columns
    }

    /// The first rows of the columns at these places, which have to rise, as [`Self::batches`] gives them; none where there is no row.
    /// Blocking.
    ///
    /// # Errors
    /// What reading meets.
    pub fn first(&mut self, places: &[usize]) -> Result<Option<RecordBatch>, Error> {
        if let Some(plain) = self.plain {
            let schema = crate::text_schema(&self.fields(places));
            let first = self.written(plain, places, &schema).first()?;
            if first.is_some() {
                return Ok(first);
            }
            self.plain = None;
        }
        let mut first = None;
        let read = self.in_order(places, &mut |batch| {
            first = Some(batch);
            Err(enough())
        });
        match (first, read) {
            (None, Err(error)) => Err(error),
            (None, Ok(())) => Ok(None),
            (Some(batch), _) => plain_batch(&batch).map(Some),
        }
    }

    /// Works on rows, of the columns at these places, which have to rise, by several threads, and takes the results in the order of the
    /// rows. Columns are texts, and of files that have types whole numbers of 64 bits, doubles and truth values besides; dates and
    /// instants are texts in ISO 8601. A batch has some thousands of rows. Blocking.
    ///
    /// # Errors
    /// What reading meets, and a source that changed since it was opened; errors of `take` end it.
    pub fn batches<T: Send>(
        &mut self,
        places: &[usize],
        work: impl Fn(RecordBatch) -> T + Sync,
        mut take: impl FnMut(T) -> Result<(), Error>,
    ) -> Result<Read, Error> {
        let read = match self.plain {
            Some(plain) => {
                let schema = crate::text_schema(&self.fields(places));
                self.written(plain, places, &schema).each(work, take)?
            }
            None => {
                in_order(
                    threads(),
                    |part| {
                        self.in_order(places, &mut |batch| part(batch).map_err(|Ended| enough()))
                    },
                    |batch| Ok(work(plain_batch(&batch)?)),
                    &mut take,
                )?;
                true
            }
        };
        if !read {
            self.plain = None;
            return Ok(Read::Again);
        }
        self.source.check_unchanged()?;
        Ok(Read::Whole)
    }

    /// That the file is not the one that it was.
    #[must_use]
    pub fn changed(&self) -> Error {
        Error::ChangedWhileRead { uri: self.source.uri().to_owned() }
    }

    fn written<'s>(
        &'s self,
        plain: Plain,
        places: &'s [usize],
        schema: &'s SchemaRef,
    ) -> Written<'s> {
        Written { source: &self.source, plain, width: self.columns.len(), places, schema }
    }

    /// The columns at these places.
    fn fields(&self, places: &[usize]) -> Vec<Field> {
        let columns = places.iter().filter_map(|place| self.columns.get(*place));
        let field = |column: &WrittenColumn| {
            Field::new(&column.name, column.column_type.unwrap_or(ColumnType::Text))
        };
        columns.map(field).collect()
    }

    /// Hands over all rows batch by batch.
    fn in_order(
        &self,
        places: &[usize],
        batch: &mut dyn FnMut(RecordBatch) -> Result<(), Error>,
    ) -> Result<(), Error> {
        if self.format == Format::Parquet {
            return guarded("Parquet", || {
                format::parquet_batches(&self.source, places, &mut |read| {
                    guard::called_back(|| batch(read))
                })
            });
        }
        let fields = self.fields(places);
        let markers = MissingMarkers::only::<&str>(&[]);
        let shape = Shape { format: Some(self.format), ..Shape::default() };
        let mut texts = Texts::new(stored_schema(self.format, &fields), ROWS, batch);
        format::rows(self.format, &self.source, &shape, places, &fields, &markers, &mut texts)?;
        texts.finish()
    }
}

/// Ends reading where no more rows are wanted; it is not told.
fn enough() -> Error {
    Error::Read(std::io::Error::other("no more rows are wanted"))
}

/// A batch whose columns are in four types.
fn plain_batch(batch: &RecordBatch) -> Result<RecordBatch, Error> {
    guarded("Arrow", || {
        let columns: Vec<ArrayRef> = batch.columns().iter().map(plain).collect::<Result<_, _>>()?;
        let fields = batch.schema_ref().fields().iter().zip(&columns);
        let fields: Vec<ArrowField> = fields
            .map(|(field, column)| ArrowField::new(field.name(), column.data_type().clone(), true))
            .collect();
        let rows = RecordBatchOptions::new().with_row_count(Some(batch.num_rows()));
        Ok(RecordBatch::try_new_with_options(Arc::new(Schema::new(fields)), columns, &rows)?)
    })
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

#[cfg(test)]
mod tests;
