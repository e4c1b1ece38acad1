//! Reading a whole table at once, without an engine: for the command line and for small files.

use tabular::Table;

use crate::convert::TableBuilder;
use crate::{Error, Format, ScanOptions, Source, csv_text, json_lines, parquet_file, scan};

/// Reads a table of any format whole, after looking at all its rows. Blocking.
///
/// # Errors
/// Every structural defect: see [`Error`].
pub fn read_table(source: &Source, format: Format, options: &ScanOptions) -> Result<Table, Error> {
    if format == Format::Parquet {
        return parquet_file::read_from(source.clone(), &options.markers, options.max_columns);
    }
    let shape = scan(source, format, options)?;
    let fields = shape.fields.clone();
    let mut table = TableBuilder::new(shape.fields);
    let markers = &options.markers;
    if format == Format::Csv {
        csv_text::rows(source, |record| {
            table.push_texts(record.iter().map(Some), markers);
            Ok(())
        })?;
    } else {
        json_lines::rows(source, &fields, |values| {
            table.push_texts(values.iter().map(Option::as_deref), markers);
            Ok(())
        })?;
    }
    source.check_unchanged()?;
    table.finish()
}

/// Reads rows of a table of text as batches of `Utf8` columns, for an engine that has no reader of its own. Blocking.
///
/// # Errors
/// What reading the rows meets; the callback's errors end it.
pub fn read_json_batches(
    source: &Source,
    fields: &[tabular::Field],
    batch_rows: usize,
    mut batch: impl FnMut(arrow::array::RecordBatch) -> Result<(), Error>,
) -> Result<(), Error> {
    let schema = crate::text_schema(fields);
    let builders = || -> Vec<arrow::array::StringBuilder> {
        fields.iter().map(|_| Default::default()).collect()
    };
    let finish = |columns: Vec<arrow::array::StringBuilder>| {
        let arrays = columns
            .into_iter()
            .map(|mut column| std::sync::Arc::new(column.finish()) as arrow::array::ArrayRef);
        arrow::array::RecordBatch::try_new(std::sync::Arc::clone(&schema), arrays.collect())
    };
    let mut columns = builders();
    let mut rows = 0;
    json_lines::rows(source, fields, |values| {
        for (column, value) in columns.iter_mut().zip(values) {
            column.append_option(value.as_deref());
        }
        rows += 1;
        if rows < batch_rows {
            return Ok(());
        }
        rows = 0;
        batch(finish(std::mem::replace(&mut columns, builders()))?)
    })?;
    if rows > 0 {
        batch(finish(columns)?)?;
    }
    Ok(())
}
