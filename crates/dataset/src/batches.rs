//! Reading some columns of a table part by part, so that memory does not grow with its rows.

use tabular::{Field, Table};

use crate::convert::TableBuilder;
use crate::{Error, Format, ScanOptions, Shape, Source, csv_text, json_lines, parquet_file};

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
    let mut parts = Parts::new(wanted, rows, batch);
    match shape.format {
        Format::Csv => csv_text::rows(source, |record| {
            let texts = places.iter().map(|place| record.get(*place));
            parts.builder.push_texts(texts, &options.markers);
            parts.added(1)
        })?,
        Format::JsonLines => json_lines::rows(source, wanted, |values| {
            parts.builder.push_texts(values.iter().map(Option::as_deref), &options.markers);
            parts.added(1)
        })?,
        Format::Parquet => {
            parquet_file::batches(source, &places, wanted, &options.markers, |batch| {
                parts.builder.push(batch)?;
                parts.added(batch.num_rows())
            })?;
        }
    }
    parts.finish()?;
    source.check_unchanged()
}

/// Where the wanted columns stand in the file.
fn places(shape: &Shape, wanted: &[Field]) -> Result<Vec<usize>, Error> {
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
    builder: TableBuilder,
    gathered: usize,
    rows: usize,
    batch: F,
}

impl<'a, F: FnMut(Table) -> Result<(), Error>> Parts<'a, F> {
    fn new(fields: &'a [Field], rows: usize, batch: F) -> Self {
        let builder = TableBuilder::new(fields.to_vec());
        Self { fields, builder, gathered: 0, rows: rows.max(1), batch }
    }

    fn added(&mut self, rows: usize) -> Result<(), Error> {
        self.gathered += rows;
        if self.gathered < self.rows { Ok(()) } else { self.hand_over() }
    }

    fn hand_over(&mut self) -> Result<(), Error> {
        let fresh = TableBuilder::new(self.fields.to_vec());
        self.gathered = 0;
        (self.batch)(std::mem::replace(&mut self.builder, fresh).finish()?)
    }

    fn finish(mut self) -> Result<(), Error> {
        if self.gathered > 0 { self.hand_over() } else { Ok(()) }
    }
}

#[cfg(test)]
mod tests;
