//! Parquet: any flat file of others is read, and our own are written so that the same table gives the same bytes.
//!
//! Types that Parquet has no word for (an integer column among doubles) stand as JSON under [`FIELDS_KEY`] in the
//! file's metadata, and are believed when the column's own type allows.

use std::sync::Arc;

use arrow::array::{
    ArrayRef, BooleanArray, Date32Array, Float64Array, Int64Array, RecordBatch, StringArray,
    TimestampMicrosecondArray,
};
use arrow::datatypes::{DataType, Field as ArrowField, Schema, SchemaRef, TimeUnit};
use bytes::Bytes;
use parquet::arrow::ArrowWriter;
use parquet::arrow::ProjectionMask;
use parquet::arrow::arrow_reader::{ParquetRecordBatchReader, ParquetRecordBatchReaderBuilder};
use parquet::arrow::arrow_writer::ArrowWriterOptions;
use parquet::basic::{Compression, ZstdLevel};
use parquet::file::metadata::KeyValue;
use parquet::file::properties::WriterProperties;
use parquet::file::reader::ChunkReader;
use tabular::parse::MissingMarkers;
use tabular::{Column, ColumnType, Field, Table};

use crate::convert::{TableBuilder, canonical_batch, column_type};
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
/// Greatest whole number up to which every whole number is a double.
const EXACT: f64 = 9_007_199_254_740_992.0;

/// Reads a Parquet file of any writer.
///
/// # Errors
/// A broken file, nested or unreadable columns, repeated names.
pub fn read_parquet(bytes: Bytes) -> Result<Table, Error> {
    read_from(bytes, &MissingMarkers::default(), usize::MAX)
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
            multiline: false,
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

/// The columns as the file's schema has them, each with whether a value of it is missing, where the file says so.
pub(crate) fn written(
    source: &Source,
    max_columns: usize,
) -> Result<Vec<(Field, Option<bool>)>, Error> {
    let builder = ParquetRecordBatchReaderBuilder::try_new(source.clone())?;
    let fields = fields(&builder, max_columns, &mut Vec::new())?;
    if builder.metadata().file_metadata().num_rows() == 0 {
        return Err(Error::HeaderOnly { columns: fields.len() });
    }
    let groups = builder.metadata().row_groups();
    let is_missing = |place: usize| {
        let nulls = groups.iter().map(|group| {
            group.columns().get(place)?.statistics()?.null_count_opt().map(|nulls| nulls > 0)
        });
        nulls.collect::<Option<Vec<bool>>>().map(|groups| groups.contains(&true))
    };
    Ok(fields
        .into_iter()
        .enumerate()
        .map(|(place, field)| {
            let missing = if field.nullable { is_missing(place) } else { Some(false) };
            (field, missing)
        })
        .collect())
}

/// Calls back with columns at these places, in the order of the file, as the file has them.
pub(crate) fn written_batches(
    source: &Source,
    places: &[usize],
    batch: &mut dyn FnMut(&RecordBatch) -> Result<(), Error>,
) -> Result<(), Error> {
    let builder = ParquetRecordBatchReaderBuilder::try_new(source.clone())?;
    let mask = ProjectionMask::roots(builder.parquet_schema(), places.iter().copied());
    for read in builder.with_projection(mask).with_batch_size(BATCH).build()? {
        batch(&read?)?;
    }
    Ok(())
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
    let whole = |scale: f64| {
        values
            .iter()
            .all(|value| value.is_nan() || ((value / scale).fract() == 0.0 && value.abs() <= EXACT))
    };
    let array: ArrayRef = match field.column_type {
        ColumnType::Integer if whole(1.0) => {
            Arc::new(present().map(|v| v.map(|v| v as i64)).collect::<Int64Array>())
        }
        ColumnType::Boolean if values.iter().all(|v| v.is_nan() || *v == 0.0 || *v == 1.0) => {
            Arc::new(
                present().map(|value| value.map(|value| value != 0.0)).collect::<BooleanArray>(),
            )
        }
        ColumnType::Date if whole(DAY_MICROSECONDS) => Arc::new(
            present()
                .map(|value| value.map(|value| (value / DAY_MICROSECONDS) as i32))
                .collect::<Date32Array>(),
        ),
        ColumnType::Date | ColumnType::Timestamp if whole(1.0) => {
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
