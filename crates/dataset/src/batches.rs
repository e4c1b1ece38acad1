//! Reading some columns of a table part by part, so that memory does not grow with its rows.

use std::sync::Arc;

use arrow::array::{ArrayRef, RecordBatch, RecordBatchOptions, StringBuilder};
use arrow::datatypes::SchemaRef;
use tabular::parse::MissingMarkers;
use tabular::{Field, Table};

use crate::convert::TableBuilder;
use crate::format::{self, Rows};
use crate::{Error, Format, ScanOptions, Shape, Source};

/// Reads columns of a table that was scanned, calling back with up to `rows` rows at a time, in the order of the file.
///
/// The columns are those of `wanted`, in its order, read as the types that it says: a value that is none of its type is
/// missing. Blocking.
///
/// # Errors
/// [`Error::NoSuchColumn`] for a column that the scan did not find, what reading meets, and a source that changed since it
/// was opened; the callback's errors end it.
pub fn read_batches(
    source: &Source,
    shape: &Shape,
    wanted: &[Field],
    options: &ScanOptions,
    rows: usize,
    batch: impl FnMut(Table) -> Result<(), Error>,
) -> Result<(), Error> {
    let places = places(shape, wanted)?;
    let mut parts = Parts::new(wanted, &options.markers, rows, batch);
    let format = shape.format.map_or_else(|| format::format_of(source, None), Ok)?;
    format::rows(format, source, shape, &places, wanted, &options.markers, &mut parts)?;
    parts.finish()?;
    source.check_unchanged()
}

/// Reads a table of any format whole, after looking at all its rows: for the command line and for small files. Blocking.
///
/// # Errors
/// Every structural defect: see [`Error`].
pub fn read_table(source: &Source, format: Format, options: &ScanOptions) -> Result<Table, Error> {
    format::read(format, source, options)
}

/// Reads all columns of a table that was scanned as one.
pub(crate) fn read_whole(
    source: &Source,
    shape: &Shape,
    options: &ScanOptions,
) -> Result<Table, Error> {
    let mut whole = None;
    read_batches(source, shape, &shape.fields, options, usize::MAX, |table| {
        whole = Some(table);
        Ok(())
    })?;
    whole.map_or_else(|| TableBuilder::new(shape.fields.clone()).finish(), Ok)
}

/// Reads all columns of a table whole as texts, whatever their types.
pub(crate) fn read_as_texts(
    source: &Source,
    format: Format,
    options: &ScanOptions,
) -> Result<Table, Error> {
    let shape = format::scan(format, source, options)?;
    let text = |field: &Field| Field::new(&field.name, tabular::ColumnType::Text);
    let fields = shape.fields.iter().map(text).collect();
    let options = ScanOptions { markers: MissingMarkers::none(), ..options.clone() };
    read_whole(source, &Shape { fields, ..shape }, &options)
}

/// Reads columns of a table that was scanned as Arrow batches of up to `rows` rows: texts as they stand in the file, or
/// physical forms, as [`stored_schema`] says.
pub(crate) fn arrow_batches(
    source: &Source,
    shape: &Shape,
    wanted: &[Field],
    options: &ScanOptions,
    rows: usize,
    batch: &mut dyn FnMut(RecordBatch) -> Result<(), Error>,
) -> Result<(), Error> {
    let places = places(shape, wanted)?;
    let format = shape.format.map_or_else(|| format::format_of(source, None), Ok)?;
    let schema = stored_schema(format, wanted);
    let mut texts = Texts::new(schema, rows, batch);
    format::rows(format, source, shape, &places, wanted, &options.markers, &mut texts)?;
    texts.finish()
}

/// The schema of [`arrow_batches`].
pub(crate) fn stored_schema(format: Format, fields: &[Field]) -> SchemaRef {
    if format::is_physical(format) {
        crate::physical_schema(fields)
    } else {
        crate::text_schema(fields)
    }
}

/// Where the wanted columns stand in the file.
pub(crate) fn places(shape: &Shape, wanted: &[Field]) -> Result<Vec<usize>, Error> {
    let names = || shape.fields.iter().map(|field| field.name.as_str());
    wanted
        .iter()
        .map(|field| {
            names().position(|name| name == field.name).ok_or_else(|| Error::NoSuchColumn {
                column: field.name.clone(),
                nearest: crate::nearest(&field.name, names()),
            })
        })
        .collect()
}

/// Rows that become tables of a size.
struct Parts<'a, F> {
    fields: &'a [Field],
    markers: &'a MissingMarkers,
    builder: TableBuilder,
    gathered: usize,
    rows: usize,
    batch: F,
}

impl<'a, F: FnMut(Table) -> Result<(), Error>> Parts<'a, F> {
    fn new(fields: &'a [Field], markers: &'a MissingMarkers, rows: usize, batch: F) -> Self {
        let builder = TableBuilder::new(fields.to_vec());
        Self { fields, markers, builder, gathered: 0, rows: rows.max(1), batch }
    }

    fn added(&mut self, rows: usize) -> Result<(), Error> {
        self.gathered += rows;
        if self.gathered < self.rows { Ok(()) } else { self.hand_over() }
    }

    fn hand_over(&mut self) -> Result<(), Error> {
        let fresh = TableBuilder::new(self.fields.to_vec());
        self.gathered = 0;
        let table = std::mem::replace(&mut self.builder, fresh).finish()?;
        guard::called_back(|| (self.batch)(table))
    }

    fn finish(mut self) -> Result<(), Error> {
        if self.gathered > 0 { self.hand_over() } else { Ok(()) }
    }
}

impl<F: FnMut(Table) -> Result<(), Error>> Rows for Parts<'_, F> {
    fn texts<'a>(&mut self, row: impl Iterator<Item = Option<&'a str>>) -> Result<(), Error> {
        self.builder.push_texts(row, self.markers);
        self.added(1)
    }

    fn batch(&mut self, batch: &RecordBatch) -> Result<(), Error> {
        self.builder.push(batch)?;
        self.added(batch.num_rows())
    }
}

/// Rows of texts that become Arrow batches of a size; physical ones are passed on as they are.
pub(crate) struct Texts<'a> {
    schema: SchemaRef,
    columns: Vec<StringBuilder>,
    gathered: usize,
    rows: usize,
    batch: &'a mut dyn FnMut(RecordBatch) -> Result<(), Error>,
}

impl<'a> Texts<'a> {
    pub(crate) fn new(
        schema: SchemaRef,
        rows: usize,
        batch: &'a mut dyn FnMut(RecordBatch) -> Result<(), Error>,
    ) -> Self {
        let columns = Self::builders(&schema);
        Self { schema, columns, gathered: 0, rows: rows.max(1), batch }
    }

    fn builders(schema: &SchemaRef) -> Vec<StringBuilder> {
        schema.fields().iter().map(|_| StringBuilder::default()).collect()
    }

    fn hand_over(&mut self) -> Result<(), Error> {
        let rows = RecordBatchOptions::new().with_row_count(Some(self.gathered));
        self.gathered = 0;
        let columns = std::mem::replace(&mut self.columns, Self::builders(&self.schema));
        let arrays =
            columns.into_iter().map(|mut column| Arc::new(column.finish()) as ArrayRef).collect();
        let batch = RecordBatch::try_new_with_options(Arc::clone(&self.schema), arrays, &rows)?;
        guard::called_back(|| (self.batch)(batch))
    }

    pub(crate) fn finish(mut self) -> Result<(), Error> {
        if self.gathered > 0 { self.hand_over() } else { Ok(()) }
    }
}

impl Rows for Texts<'_> {
    fn texts<'a>(&mut self, row: impl Iterator<Item = Option<&'a str>>) -> Result<(), Error> {
        for (column, value) in self.columns.iter_mut().zip(row) {
            column.append_option(value);
        }
        self.gathered += 1;
        if self.gathered < self.rows { Ok(()) } else { self.hand_over() }
    }

    fn batch(&mut self, batch: &RecordBatch) -> Result<(), Error> {
        let columns = batch.columns().to_vec();
        let rows = RecordBatchOptions::new().with_row_count(Some(batch.num_rows()));
        let batch = RecordBatch::try_new_with_options(Arc::clone(&self.schema), columns, &rows)?;
        guard::called_back(|| (self.batch)(batch))
    }
}

#[cfg(test)]
mod tests;
