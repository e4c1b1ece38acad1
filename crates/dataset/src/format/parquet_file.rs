//! Parquet: any flat file of others is read, and our own are written so that the same table gives the same bytes.
//!
//! Types that Parquet has no word for (an integer column among doubles) stand as JSON under [`FIELDS_KEY`] in the
//! file's metadata, and are believed when the column's own type allows. The types of others' columns are found in `types`.

mod types;

use std::sync::Arc;

use arrow::array::{
    ArrayRef, BooleanArray, Date32Array, Float64Array, Int64Array, RecordBatch, StringArray,
    TimestampMicrosecondArray,
};
use arrow::datatypes::{DataType, Field as ArrowField, Schema, TimeUnit};
use bytes::Bytes;
use parquet::arrow::ArrowWriter;
use parquet::arrow::ProjectionMask;
use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;
use parquet::arrow::arrow_writer::ArrowWriterOptions;
use parquet::basic::{Compression, ZstdLevel};
use parquet::file::metadata::KeyValue;
use parquet::file::properties::WriterProperties;
use parquet::file::reader::ChunkReader;
use tabular::parse::MissingMarkers;
use tabular::{Column, ColumnType, Field, Table};

use self::types::FileColumns;
use crate::convert::{TableBuilder, canonical_batch};
use crate::examine::{examiners, finish, observe_batch, positions};
use crate::format::{Reader, Rows};
use crate::shape::{HashingReader, check_names};
use crate::{Error, Examination, Format, ScanOptions, Shape, Source};

/// Key of the fields in the metadata of files that we write.
pub const FIELDS_KEY: &str = "tier0.fields";

const DAY_MICROSECONDS: f64 = 86_400_000_000.0;
/// Rows of a row group and of a batch.
const ROW_GROUP: usize = 128 * 1024;
const BATCH: usize = 8192;
/// Microseconds of an instant that fit into 64 bits.
const MAX_INSTANT: f64 = 9.2e18;
/// Greatest whole number up to which every whole number is a double.
const EXACT: f64 = 9_007_199_254_740_992.0;

/// Reads a Parquet file of any writer.
///
/// # Errors
/// A broken file, nested or unreadable columns, repeated names.
pub fn read_parquet(bytes: Bytes) -> Result<Table, Error> {
    read_from(bytes, &MissingMarkers::default(), usize::MAX, Unusable::Refused)
}

fn read_from<R: ChunkReader + Clone + 'static>(
    source: R,
    markers: &MissingMarkers,
    max_columns: usize,
    unusable: Unusable,
) -> Result<Table, Error> {
    let builder = ParquetRecordBatchReaderBuilder::try_new(source.clone())?;
    let found = all_columns(&source, &builder, markers, max_columns, &mut Vec::new())?;
    if let (Unusable::Refused, Some(error)) = (unusable, found.unusable.into_iter().next()) {
        return Err(error);
    }
    let (places, fields): (Vec<usize>, Vec<Field>) = found.usable.into_iter().unzip();
    let mask = ProjectionMask::roots(builder.parquet_schema(), places);
    let reader = builder.with_projection(mask).with_batch_size(BATCH).build()?;
    let mut table = TableBuilder::new(fields.clone());
    for batch in reader {
        table.push(&canonical_batch(&batch?, &fields, markers)?)?;
    }
    table.finish()
}

/// What becomes of columns of a type that is not read.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Unusable {
    Refused,
    LeftOut,
}

/// The names of a file's columns: trimmed, present, each once.
fn names<R: ChunkReader + 'static>(
    builder: &ParquetRecordBatchReaderBuilder<R>,
    max_columns: usize,
    notes: &mut Vec<String>,
) -> Result<Vec<String>, Error> {
    let fields = builder.schema().fields();
    check_names(fields.len(), fields.iter().map(|field| field.name().as_str()), max_columns, notes)
}

/// All columns of a file.
fn all_columns<R: ChunkReader + Clone + 'static>(
    source: &R,
    builder: &ParquetRecordBatchReaderBuilder<R>,
    markers: &MissingMarkers,
    max_columns: usize,
    notes: &mut Vec<String>,
) -> Result<FileColumns, Error> {
    let names = names(builder, max_columns, notes)?;
    let places: Vec<usize> = (0..names.len()).collect();
    types::columns(source, builder, &names, &places, markers)
}

/// Reader of Parquet files.
pub(crate) struct Parquet;

impl Reader for Parquet {
    const PHYSICAL: bool = true;

    fn scan(source: &Source, options: &ScanOptions) -> Result<Shape, Error> {
        let builder = ParquetRecordBatchReaderBuilder::try_new(source.clone())?;
        let mut notes = Vec::new();
        let found =
            all_columns(source, &builder, &options.markers, options.max_columns, &mut notes)?;
        notes.extend(found.notes);
        notes.extend(found.unusable.iter().map(|error| format!("{error}; it is left out")));
        let all = found.usable.len() + found.unusable.len();
        let fields: Vec<Field> = found.usable.into_iter().map(|(_, field)| field).collect();
        let rows = u64::try_from(builder.metadata().file_metadata().num_rows()).unwrap_or(0);
        if all == 0 {
            return Err(Error::EmptyFile);
        }
        if rows == 0 {
            return Err(Error::HeaderOnly { columns: all });
        }
        if fields.is_empty() {
            return Err(found.unusable.into_iter().next().unwrap_or(Error::EmptyFile));
        }
        let sha256 = HashingReader::new(source.reader()?).finish().map_err(Error::Read)?;
        Ok(Shape {
            format: Some(Format::Parquet),
            fields,
            rows,
            missing: Vec::new(),
            sha256,
            delimiter: None,
            multiline: false,
            notes,
        })
    }

    fn examine(
        source: &Source,
        names: &[&str],
        markers: &MissingMarkers,
    ) -> Result<Examination, Error> {
        let builder = ParquetRecordBatchReaderBuilder::try_new(source.clone())?;
        let stored = builder.schema().fields().iter();
        let header: Vec<String> = stored.map(|field| field.name().trim().to_owned()).collect();
        let places = positions(&header, names)?;
        let mut found = types::columns(source, &builder, &header, &places, markers)?;
        if !found.unusable.is_empty() {
            return Err(found.unusable.swap_remove(0));
        }
        let (places, fields): (Vec<usize>, Vec<Field>) = found.usable.into_iter().unzip();
        let mut rows = 0_u64;
        let mut examiners = examiners(names, markers);
        read_columns(builder, &places, &fields, markers, |batch| {
            rows += batch.num_rows() as u64;
            observe_batch(&mut examiners, &fields, batch);
            Ok(())
        })?;
        finish(rows, header, examiners)
    }

    fn rows(
        source: &Source,
        _places: &[usize],
        wanted: &[Field],
        markers: &MissingMarkers,
        rows: &mut impl Rows,
    ) -> Result<(), Error> {
        let builder = ParquetRecordBatchReaderBuilder::try_new(source.clone())?;
        // By name: columns that are not read have places of their own in the file.
        let names = names(&builder, usize::MAX, &mut Vec::new())?;
        let wanted_names: Vec<&str> = wanted.iter().map(|field| field.name.as_str()).collect();
        let places = positions(&names, &wanted_names)?;
        read_columns(builder, &places, wanted, markers, |batch| rows.batch(batch))
    }

    /// Without a pass for the digest; a table without rows is read.
    fn read(source: &Source, options: &ScanOptions) -> Result<Table, Error> {
        read_from(source.clone(), &options.markers, options.max_columns, Unusable::LeftOut)
    }
}

/// Reads the columns of these places batch by batch, as these fields, in their order.
fn read_columns<R: ChunkReader + 'static>(
    builder: ParquetRecordBatchReaderBuilder<R>,
    places: &[usize],
    fields: &[Field],
    markers: &MissingMarkers,
    mut batch: impl FnMut(&RecordBatch) -> Result<(), Error>,
) -> Result<(), Error> {
    // A projection keeps the order of the file; what is wanted may have another.
    let mut order: Vec<usize> = places.to_vec();
    order.sort_unstable();
    let positions: Vec<usize> =
        places.iter().filter_map(|place| order.iter().position(|other| other == place)).collect();
    let mask = ProjectionMask::roots(builder.parquet_schema(), order);
    for read in builder.with_projection(mask).with_batch_size(BATCH).build()? {
        batch(&canonical_batch(&read?.project(&positions)?, fields, markers)?)?;
    }
    Ok(())
}

/// Writes a table: the same table gives the same bytes.
///
/// # Errors
/// When a column can't be encoded.
pub fn write_parquet(table: &Table) -> Result<Vec<u8>, Error> {
    let described = table.fields().iter().map(|field| {
        serde_json::json!({
            "name": field.name, "column_type": field.column_type, "nullable": field.nullable
        })
    });
    let described = serde_json::Value::Array(described.collect()).to_string();
    let properties = WriterProperties::builder()
        .set_compression(Compression::ZSTD(ZstdLevel::try_new(3)?))
        .set_max_row_group_row_count(Some(ROW_GROUP))
        .set_created_by("tier0".to_owned())
        .set_key_value_metadata(Some(vec![KeyValue::new(FIELDS_KEY.to_owned(), described)]))
        .build();
    let (fields, columns): (Vec<ArrowField>, Vec<ArrayRef>) = table
        .fields()
        .iter()
        .zip(table.columns())
        .map(|(field, column)| encode(field, column))
        .unzip();
    let batch = RecordBatch::try_new_with_options(
        Arc::new(Schema::new(fields)),
        columns,
        &arrow::array::RecordBatchOptions::new().with_row_count(Some(table.rows())),
    )?;
    let mut bytes = Vec::new();
    // The Arrow schema would only repeat what the Parquet types and our own metadata say.
    let options =
        ArrowWriterOptions::new().with_properties(properties).with_skip_arrow_metadata(true);
    let mut writer = ArrowWriter::try_new_with_options(&mut bytes, batch.schema(), options)?;
    writer.write(&batch)?;
    writer.close()?;
    Ok(bytes)
}

fn encode(field: &Field, column: &Column) -> (ArrowField, ArrayRef) {
    let values = match column {
        Column::Text(text) => {
            let array: StringArray = text.iter().collect();
            return (ArrowField::new(&field.name, DataType::Utf8, true), Arc::new(array));
        }
        Column::Number(values) => values,
    };
    let present = || values.iter().map(|value| Some(*value).filter(|value| !value.is_nan()));
    let whole = || values.iter().all(|v| v.is_nan() || (v.fract() == 0.0 && v.abs() <= EXACT));
    // Moments far from 1970 are more than 2^53 microseconds away, and multiples of what a double holds there.
    let moments = |unit: f64, most: f64| {
        values.iter().all(|value| {
            value.is_nan() || ((value / unit).fract() == 0.0 && (value / unit).abs() <= most)
        })
    };
    let days = moments(DAY_MICROSECONDS, f64::from(i32::MAX));
    let instants = moments(1.0, MAX_INSTANT);
    let array: ArrayRef = match field.column_type {
        ColumnType::Integer if whole() => {
            Arc::new(present().map(|v| v.map(|v| v as i64)).collect::<Int64Array>())
        }
        ColumnType::Boolean if values.iter().all(|v| v.is_nan() || *v == 0.0 || *v == 1.0) => {
            Arc::new(
                present().map(|value| value.map(|value| value != 0.0)).collect::<BooleanArray>(),
            )
        }
        ColumnType::Date if days => Arc::new(
            present()
                .map(|value| value.map(|value| (value / DAY_MICROSECONDS) as i32))
                .collect::<Date32Array>(),
        ),
        ColumnType::Date | ColumnType::Timestamp if instants => {
            let ticks: TimestampMicrosecondArray =
                present().map(|value| value.map(|value| value as i64)).collect();
            Arc::new(ticks.with_timezone("UTC"))
        }
        _ => Arc::new(present().collect::<Float64Array>()),
    };
    let data_type = match array.data_type() {
        DataType::Timestamp(..) => DataType::Timestamp(TimeUnit::Microsecond, Some("UTC".into())),
        other => other.clone(),
    };
    (ArrowField::new(&field.name, data_type, true), array)
}

#[cfg(test)]
mod tests;
