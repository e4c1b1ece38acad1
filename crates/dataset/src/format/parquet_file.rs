//! Reading Parquet: any flat file of others, and our own.
//!
//! Types that Parquet has no word for (an integer column among doubles) stand as JSON under [`FIELDS_KEY`] in the
//! metadata of our files, and are believed when the column's own type allows.

use std::sync::Arc;

use arrow::array::RecordBatch;
use arrow::datatypes::SchemaRef;
use bytes::Bytes;
use parquet::arrow::ProjectionMask;
use parquet::arrow::arrow_reader::{ParquetRecordBatchReader, ParquetRecordBatchReaderBuilder};
use parquet::file::metadata::RowGroupMetaData;
use parquet::file::reader::ChunkReader;
use tabular::parse::MissingMarkers;
use tabular::{ColumnType, Field, Table};

use crate::convert::{TableBuilder, canonical_batch, column_type};
use crate::examine::{examiners, finish, observe_batch, positions};
use crate::format::parquet_writer::FIELDS_KEY;
use crate::format::{Reader, Rows};
use crate::shape::{HashingReader, check_names};
use crate::{Error, Examination, Format, ScanOptions, Shape, Source};

/// Rows of a batch.
const BATCH: usize = 8192;

/// Reads a Parquet file of any writer.
///
/// # Errors
/// A broken file, nested or unreadable columns, repeated names.
pub fn read_parquet(bytes: Bytes) -> Result<Table, Error> {
    read_from(bytes, &MissingMarkers::default(), usize::MAX)
}

/// How large a Parquet file is, as its metadata say.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ParquetSize {
    /// Number of rows.
    pub rows: u64,
    /// Number of columns, those of nested ones each for itself.
    pub columns: u64,
    /// Bytes of all columns once they are decompressed.
    pub decoded_bytes: u64,
}

/// Reads the size of a Parquet file from its metadata alone, before anything is decoded.
///
/// # Errors
/// A broken file.
pub fn parquet_size(bytes: Bytes) -> Result<ParquetSize, Error> {
    let builder = ParquetRecordBatchReaderBuilder::try_new(bytes)?;
    let groups = builder.metadata().row_groups();
    let count = |number: i64| u64::try_from(number).unwrap_or(u64::MAX);
    let sum = |of: &dyn Fn(&RowGroupMetaData) -> i64| {
        groups.iter().fold(0_u64, |sum, group| sum.saturating_add(count(of(group))))
    };
    Ok(ParquetSize {
        rows: sum(&RowGroupMetaData::num_rows),
        columns: builder.parquet_schema().num_columns() as u64,
        decoded_bytes: sum(&RowGroupMetaData::total_byte_size),
    })
}

fn read_from<R: ChunkReader + 'static>(
    source: R,
    markers: &MissingMarkers,
    max_columns: usize,
) -> Result<Table, Error> {
    let builder = ParquetRecordBatchReaderBuilder::try_new(source)?;
    let fields = fields(&builder, max_columns, &mut Vec::new())?;
    let reader = builder.with_batch_size(BATCH).build()?;
    gather(reader, fields, markers)
}

fn gather(
    reader: ParquetRecordBatchReader,
    fields: Vec<Field>,
    markers: &MissingMarkers,
) -> Result<Table, Error> {
    let types: Vec<ColumnType> = fields.iter().map(|field| field.column_type).collect();
    let mut table = TableBuilder::new(fields);
    for batch in reader {
        table.push(&canonical_batch(&batch?, &types, markers)?)?;
    }
    table.finish()
}

/// The fields that a file's schema and our own metadata say.
fn fields<R: ChunkReader + 'static>(
    builder: &ParquetRecordBatchReaderBuilder<R>,
    max_columns: usize,
    notes: &mut Vec<String>,
) -> Result<Vec<Field>, Error> {
    let schema: &SchemaRef = builder.schema();
    let names = check_names(
        schema.fields().len(),
        schema.fields().iter().map(|field| field.name().as_str()),
        max_columns,
        notes,
    )?;
    let metadata = builder.metadata().file_metadata().key_value_metadata();
    let own = metadata
        .and_then(|pairs| pairs.iter().find(|pair| pair.key == FIELDS_KEY))
        .and_then(|pair| pair.value.as_deref());
    let said: Vec<Field> = own.and_then(|json| serde_json::from_str(json).ok()).unwrap_or_default();
    names
        .into_iter()
        .zip(schema.fields())
        .map(|(name, field)| {
            let found = column_type(&name, field.data_type())?;
            // Text and numbers are held differently: our word counts only where it does not contradict the file.
            let column_type = said
                .iter()
                .find(|said| said.name == name)
                .map(|said| said.column_type)
                .filter(|said| {
                    said.is_numeric() == found.is_numeric()
                        && said.is_temporal() == found.is_temporal()
                })
                .unwrap_or(found);
            Ok(Field { name, column_type, nullable: field.is_nullable() })
        })
        .collect()
}

/// Reader of Parquet files.
pub(crate) struct Parquet;

impl Reader for Parquet {
    const PHYSICAL: bool = true;

    fn scan(source: &Source, options: &ScanOptions) -> Result<Shape, Error> {
        let builder = ParquetRecordBatchReaderBuilder::try_new(source.clone())?;
        let mut notes = Vec::new();
        let fields = fields(&builder, options.max_columns, &mut notes)?;
        let rows = u64::try_from(builder.metadata().file_metadata().num_rows()).unwrap_or(0);
        if fields.is_empty() {
            return Err(Error::EmptyFile);
        }
        if rows == 0 {
            return Err(Error::HeaderOnly { columns: fields.len() });
        }
        let sha256 = HashingReader::new(source.reader()?).finish().map_err(Error::Read)?;
        Ok(Shape {
            format: Some(Format::Parquet),
            fields,
            rows,
            missing: Vec::new(),
            sha256,
            delimiter: None,
            plain: None,
            notes,
        })
    }

    fn examine(
        source: &Source,
        names: &[&str],
        markers: &MissingMarkers,
    ) -> Result<Examination, Error> {
        let mut rows = 0_u64;
        let mut examiners = examiners(names, markers);
        let wanted = |header: &[String]| positions(header, names);
        let header = columns(source, wanted, markers, |fields, batch| {
            rows += batch.num_rows() as u64;
            observe_batch(&mut examiners, fields, batch);
            Ok(())
        })?;
        finish(rows, header, examiners)
    }

    fn rows(
        source: &Source,
        places: &[usize],
        wanted: &[Field],
        markers: &MissingMarkers,
        rows: &mut impl Rows,
    ) -> Result<(), Error> {
        let builder = ParquetRecordBatchReaderBuilder::try_new(source.clone())?;
        // A projection keeps the order of the file; what is wanted may have another.
        let mut order: Vec<usize> = places.to_vec();
        order.sort_unstable();
        let positions: Vec<usize> = places
            .iter()
            .filter_map(|place| order.iter().position(|other| other == place))
            .collect();
        let types: Vec<ColumnType> = wanted.iter().map(|field| field.column_type).collect();
        let mask = ProjectionMask::roots(builder.parquet_schema(), order);
        for read in builder.with_projection(mask).with_batch_size(BATCH).build()? {
            rows.batch(&canonical_batch(&read?.project(&positions)?, &types, markers)?)?;
        }
        Ok(())
    }

    /// Without a pass for the digest; a table without rows is read.
    fn read(source: &Source, options: &ScanOptions) -> Result<Table, Error> {
        read_from(source.clone(), &options.markers, options.max_columns)
    }
}

/// Reads some columns, by name, batch by batch, in their physical forms; first gives the fields of all columns.
fn columns(
    source: &Source,
    wanted: impl Fn(&[String]) -> Result<Vec<usize>, Error>,
    markers: &MissingMarkers,
    mut batch: impl FnMut(&[Field], &RecordBatch) -> Result<(), Error>,
) -> Result<Vec<String>, Error> {
    let builder = ParquetRecordBatchReaderBuilder::try_new(source.clone())?;
    let schema = Arc::clone(builder.schema());
    let names: Vec<String> =
        schema.fields().iter().map(|field| field.name().trim().to_owned()).collect();
    let chosen = wanted(&names)?;
    let mut fields = Vec::new();
    for field in chosen.iter().filter_map(|index| schema.fields().get(*index)) {
        fields.push(Field::new(field.name().trim(), column_type(field.name(), field.data_type())?));
    }
    // A projection keeps the order of the file.
    let mut order: Vec<usize> = (0..chosen.len()).collect();
    order.sort_by_key(|position| chosen.get(*position));
    let fields: Vec<Field> =
        order.iter().filter_map(|position| fields.get(*position).cloned()).collect();
    let types: Vec<ColumnType> = fields.iter().map(|field| field.column_type).collect();
    let mask = ProjectionMask::roots(builder.parquet_schema(), chosen);
    for read in builder.with_projection(mask).with_batch_size(BATCH).build()? {
        batch(&fields, &canonical_batch(&read?, &types, markers)?)?;
    }
    Ok(names)
}

#[cfg(test)]
mod tests;
