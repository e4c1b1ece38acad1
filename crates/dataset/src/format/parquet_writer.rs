//! Writing Parquet: the same table gives the same bytes, whole or as it comes, by one thread or several.
//!
//! A row group is encoded when all its rows are there, each column by itself, so that neither where a table was cut nor how many
//! threads encode shows in the bytes. Memory holds one row group.

use std::io::Write;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use arrow::array::{
    Array, ArrayRef, BooleanArray, Date32Array, Float64Array, Int64Array, RecordBatch, StringArray,
    TimestampMicrosecondArray,
};
use arrow::compute::concat;
use arrow::datatypes::{DataType, Field as ArrowField, Schema, SchemaRef, TimeUnit};
use parquet::arrow::ArrowWriter;
use parquet::arrow::arrow_writer::{
    ArrowColumnChunk, ArrowColumnWriter, ArrowRowGroupWriterFactory, ArrowWriterOptions,
    compute_leaves,
};
use parquet::basic::{Compression, ZstdLevel};
use parquet::errors::ParquetError;
use parquet::file::metadata::KeyValue;
use parquet::file::properties::WriterProperties;
use parquet::file::writer::SerializedFileWriter;
use tabular::{Column, ColumnType, Field, Table};

use crate::Error;

/// Key of the fields in the metadata of files that we write.
pub const FIELDS_KEY: &str = "tier0.fields";

const DAY_MICROSECONDS: f64 = 86_400_000_000.0;
/// Rows of a row group.
const ROW_GROUP: usize = 128 * 1024;
/// Values of a row group from which on several threads encode it.
const MANY_VALUES: usize = 256 * 1024;
/// Microseconds of an instant that fit into 64 bits.
const MAX_INSTANT: f64 = 9.2e18;
/// Greatest whole number up to which every whole number is a double.
const EXACT: f64 = 9_007_199_254_740_992.0;

/// How Parquet holds a column.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Storage {
    /// Whole numbers of 64 bits.
    Whole,
    /// True and false.
    Truth,
    /// Days.
    Day,
    /// Microseconds of UTC.
    Instant,
    /// Doubles.
    Double,
    /// Texts in UTF-8.
    Text,
}

impl Storage {
    /// The narrowest that holds every value of a column exactly, as its type says.
    #[must_use]
    pub fn of(field: &Field, column: &Column) -> Self {
        column.numbers().map_or(Self::Text, |values| Self::of_numbers(field.column_type, values))
    }

    /// The narrowest that holds every one of these numbers exactly, NaN being missing.
    #[must_use]
    pub fn of_numbers(column_type: ColumnType, values: &[f64]) -> Self {
        // Moments far from 1970 are more than 2^53 microseconds away, and multiples of what a double holds there.
        let whole = |unit: f64, most: f64| {
            values.iter().all(|value| {
                value.is_nan() || ((value / unit).fract() == 0.0 && (value / unit).abs() <= most)
            })
        };
        let truth = || values.iter().all(|value| value.is_nan() || *value == 0.0 || *value == 1.0);
        match column_type {
            ColumnType::Integer if whole(1.0, EXACT) => Self::Whole,
            ColumnType::Boolean if truth() => Self::Truth,
            ColumnType::Date if whole(DAY_MICROSECONDS, f64::from(i32::MAX)) => Self::Day,
            ColumnType::Date | ColumnType::Timestamp if whole(1.0, MAX_INSTANT) => Self::Instant,
            _ => Self::Double,
        }
    }

    /// Numbers as this storage holds them; NaN is missing. Those that it cannot hold are rounded.
    #[must_use]
    pub fn numbers(self, values: &[f64]) -> ArrayRef {
        let present = values.iter().map(|value| Some(*value).filter(|value| !value.is_nan()));
        match self {
            Self::Whole => Arc::new(
                present.map(|value| value.map(|value| value as i64)).collect::<Int64Array>(),
            ),
            Self::Truth => Arc::new(
                present.map(|value| value.map(|value| value != 0.0)).collect::<BooleanArray>(),
            ),
            Self::Day => Arc::new(
                present
                    .map(|value| value.map(|value| (value / DAY_MICROSECONDS) as i32))
                    .collect::<Date32Array>(),
            ),
            Self::Instant => {
                let ticks: TimestampMicrosecondArray =
                    present.map(|value| value.map(|value| value as i64)).collect();
                Arc::new(ticks.with_timezone("UTC"))
            }
            Self::Double | Self::Text => Arc::new(present.collect::<Float64Array>()),
        }
    }

    fn data_type(self) -> DataType {
        match self {
            Self::Whole => DataType::Int64,
            Self::Truth => DataType::Boolean,
            Self::Day => DataType::Date32,
            Self::Instant => DataType::Timestamp(TimeUnit::Microsecond, Some("UTC".into())),
            Self::Double => DataType::Float64,
            Self::Text => DataType::Utf8,
        }
    }
}

/// Writes a table: the same table gives the same bytes.
///
/// # Errors
/// When a column can't be encoded.
pub fn write_parquet(table: &Table) -> Result<Vec<u8>, Error> {
    let storages: Vec<Storage> =
        table.iter().map(|(field, column)| Storage::of(field, column)).collect();
    let mut writer = ParquetWriter::new(Vec::new(), table.fields(), &storages)?;
    let arrays = table.columns().iter().zip(&storages).map(|(column, storage)| match column {
        Column::Text(text) => Arc::new(text.iter().collect::<StringArray>()) as ArrayRef,
        Column::Number(values) => storage.numbers(values),
    });
    writer.push(arrays.collect())?;
    writer.finish()
}

/// Writes a table that comes in parts.
pub struct ParquetWriter<W: Write + Send> {
    file: SerializedFileWriter<W>,
    columns: ArrowRowGroupWriterFactory,
    schema: SchemaRef,
    /// Parts of the row group that is not full yet.
    waiting: Vec<RecordBatch>,
    rows: usize,
    groups: usize,
}

impl<W: Write + Send> std::fmt::Debug for ParquetWriter<W> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("ParquetWriter").field("schema", &self.schema).finish_non_exhaustive()
    }
}

impl<W: Write + Send> ParquetWriter<W> {
    /// A file of these columns, held as the storages say.
    ///
    /// # Errors
    /// When the beginning of the file can't be written.
    pub fn new(into: W, fields: &[Field], storages: &[Storage]) -> Result<Self, Error> {
        let described = fields.iter().map(|field| {
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
        // The Arrow schema would only repeat what the Parquet types and our own metadata say.
        let options =
            ArrowWriterOptions::new().with_properties(properties).with_skip_arrow_metadata(true);
        let columns: Vec<ArrowField> = fields
            .iter()
            .zip(storages)
            .map(|(field, storage)| ArrowField::new(&field.name, storage.data_type(), true))
            .collect();
        let schema: SchemaRef = Arc::new(Schema::new(columns));
        let writer = ArrowWriter::try_new_with_options(into, Arc::clone(&schema), options)?;
        let (file, columns) = writer.into_serialized_writer()?;
        Ok(Self { file, columns, schema, waiting: Vec::new(), rows: 0, groups: 0 })
    }

    /// Adds rows: an array for each column, as [`Storage::numbers`] gives it or of texts.
    ///
    /// # Errors
    /// When an array is of another type or length, and when the file can't be written.
    pub fn push(&mut self, arrays: Vec<ArrayRef>) -> Result<(), Error> {
        if arrays.first().is_none_or(|first| first.is_empty()) {
            return Ok(());
        }
        let mut rest = RecordBatch::try_new(Arc::clone(&self.schema), arrays)?;
        loop {
            let room = ROW_GROUP - self.rows;
            let taken = rest.num_rows().min(room);
            self.waiting.push(rest.slice(0, taken));
            self.rows += taken;
            if self.rows < ROW_GROUP {
                return Ok(());
            }
            self.write_group()?;
            rest = rest.slice(taken, rest.num_rows() - taken);
            if rest.num_rows() == 0 {
                return Ok(());
            }
        }
    }

    /// Writes what is left and the end of the file.
    ///
    /// # Errors
    /// When it can't be written.
    pub fn finish(mut self) -> Result<W, Error> {
        if self.rows > 0 {
            self.write_group()?;
        }
        Ok(self.file.into_inner()?)
    }

    fn write_group(&mut self) -> Result<(), Error> {
        let parts = std::mem::take(&mut self.waiting);
        let values = self.rows * self.schema.fields().len();
        self.rows = 0;
        let writers = self.columns.create_column_writers(self.groups)?;
        self.groups += 1;
        let threads = if values < MANY_VALUES { 1 } else { crate::threads() };
        let chunks = encode(writers, &self.schema, &parts, threads)?;
        drop(parts);
        let mut group = self.file.next_row_group()?;
        for chunk in chunks {
            chunk.append_to_row_group(&mut group)?;
        }
        group.close()?;
        Ok(())
    }
}

/// What the threads take columns from and put the encoded ones into.
struct Encoding<'a> {
    writers: Vec<Mutex<Option<ArrowColumnWriter>>>,
    chunks: Vec<Mutex<Option<Result<ArrowColumnChunk, Error>>>>,
    next: AtomicUsize,
    schema: &'a Schema,
    parts: &'a [RecordBatch],
}

/// The columns of a row group, each encoded by one of the threads.
fn encode(
    writers: Vec<ArrowColumnWriter>,
    schema: &Schema,
    parts: &[RecordBatch],
    threads: usize,
) -> Result<Vec<ArrowColumnChunk>, Error> {
    let encoding = Encoding {
        chunks: writers.iter().map(|_| Mutex::new(None)).collect(),
        writers: writers.into_iter().map(|writer| Mutex::new(Some(writer))).collect(),
        next: AtomicUsize::new(0),
        schema,
        parts,
    };
    std::thread::scope(|scope| {
        for _ in 1..threads {
            scope.spawn(|| encoding.work());
        }
        encoding.work();
    });
    let lost = || Error::Parquet(ParquetError::General("a column was not encoded".to_owned()));
    let chunk = |slot: Mutex<Option<Result<ArrowColumnChunk, Error>>>| {
        slot.into_inner().unwrap_or_else(PoisonError::into_inner).unwrap_or_else(|| Err(lost()))
    };
    encoding.chunks.into_iter().map(chunk).collect()
}

impl Encoding<'_> {
    fn work(&self) {
        loop {
            let column = self.next.fetch_add(1, Ordering::Relaxed);
            let (Some(writer), Some(slot)) = (self.writers.get(column), self.chunks.get(column))
            else {
                return;
            };
            let Some(writer) = writer.lock().unwrap_or_else(PoisonError::into_inner).take() else {
                return;
            };
            let encoded = self.encode_column(column, writer);
            *slot.lock().unwrap_or_else(PoisonError::into_inner) = Some(encoded);
        }
    }

    fn encode_column(
        &self,
        column: usize,
        mut writer: ArrowColumnWriter,
    ) -> Result<ArrowColumnChunk, Error> {
        let arrays: Vec<&dyn Array> = self
            .parts
            .iter()
            .filter_map(|part| part.columns().get(column).map(AsRef::as_ref))
            .collect();
        let whole = concat(&arrays)?;
        if let Some(field) = self.schema.fields().get(column) {
            for leaf in compute_leaves(field, &whole)? {
                writer.write(&leaf)?;
            }
        }
        Ok(writer.close()?)
    }
}

#[cfg(test)]
mod tests;
