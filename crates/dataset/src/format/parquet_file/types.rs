//! The types of a Parquet file's columns: what the file says, and where that leaves it open, what all values say.
//!
//! A text column is concluded from its texts, as one of CSV is. A column of 64-bit integers is text where one of them is
//! beyond 2^53, because a double would make neighbours the same. A column of a type that is not read is left out.

use arrow::array::AsArray;
use arrow::datatypes::{DataType, SchemaRef};
use parquet::arrow::ProjectionMask;
use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;
use parquet::basic::LogicalType;
use parquet::file::metadata::ParquetMetaData;
use parquet::file::reader::ChunkReader;
use parquet::file::statistics::Statistics;
use tabular::Field;
use tabular::parse::TypeInference;

use super::{BATCH, FIELDS_KEY};
use crate::Error;
use crate::convert::{field_of, is_text, is_uuid, note_of, texts_of};

/// Greatest whole number up to which every whole number is a double.
const EXACT: u64 = 1 << 53;
/// Digits of a decimal up to which its whole numbers are doubles.
const EXACT_DIGITS: u8 = 15;

/// Columns of a file.
#[derive(Debug, Default)]
pub(super) struct FileColumns {
    /// Those that are read, with their places in the file.
    pub(super) usable: Vec<(usize, Field)>,
    /// Why others are not.
    pub(super) unusable: Vec<Error>,
    /// What was concluded from values.
    pub(super) notes: Vec<String>,
}

/// The columns of these places, whose names are given in the order of the file.
pub(super) fn columns<R: ChunkReader + Clone + 'static>(
    source: &R,
    builder: &ParquetRecordBatchReaderBuilder<R>,
    names: &[String],
    places: &[usize],
    fresh: &TypeInference,
) -> Result<FileColumns, Error> {
    let schema: &SchemaRef = builder.schema();
    let said = said(builder.metadata());
    let mut columns = FileColumns::default();
    let mut open = Vec::new();
    for place in places {
        let (Some(name), Some(stored)) = (names.get(*place), schema.fields().get(*place)) else {
            continue;
        };
        let field = match stored_field(builder, name, *place) {
            Ok(field) => field,
            Err(error) => {
                columns.unusable.push(error);
                continue;
            }
        };
        // Text and numbers are held differently: our word counts only where it does not contradict the file.
        let own = said.iter().find(|said| said.name == *name).map(|said| said.column_type).filter(
            |said| {
                let found = field.column_type;
                said.is_numeric() == found.is_numeric() && said.is_temporal() == found.is_temporal()
            },
        );
        if own.is_none() && is_open(stored.data_type(), builder.metadata(), *place) {
            open.push(*place);
        }
        columns.notes.extend(note_of(&field));
        let column_type = own.unwrap_or(field.column_type);
        let field = Field { column_type, ..field };
        columns.usable.push((*place, field));
    }
    if !open.is_empty() {
        conclude(source, &open, fresh, &mut columns)?;
    }
    Ok(columns)
}

/// The field of the column at a place, as the file's schema has it.
///
/// # Errors
/// A type that is not read.
pub(super) fn stored_field<R: ChunkReader + 'static>(
    builder: &ParquetRecordBatchReaderBuilder<R>,
    name: &str,
    place: usize,
) -> Result<Field, Error> {
    let stored = builder.schema().field(place);
    let roots = builder.parquet_schema().root_schema().get_fields();
    let logical = roots.get(place).and_then(|root| root.get_basic_info().logical_type_ref());
    let is_uuid = is_uuid(stored) || logical == Some(&LogicalType::Uuid);
    field_of(name, stored, is_uuid)
}

/// Concludes the types of columns from all their values, in one pass over them alone.
fn conclude<R: ChunkReader + Clone + 'static>(
    source: &R,
    open: &[usize],
    fresh: &TypeInference,
    columns: &mut FileColumns,
) -> Result<(), Error> {
    let builder = ParquetRecordBatchReaderBuilder::try_new(source.clone())?;
    let mut inferences: Vec<(usize, TypeInference)> =
        open.iter().map(|place| (*place, fresh.clone())).collect();
    // A projection keeps the order of the file.
    inferences.sort_by_key(|(place, _)| *place);
    let mask = ProjectionMask::roots(builder.parquet_schema(), open.iter().copied());
    for batch in builder.with_projection(mask).with_batch_size(BATCH).build()? {
        for ((_, inference), array) in inferences.iter_mut().zip(batch?.columns()) {
            for text in texts_of(array)?.as_string::<i32>() {
                match text {
                    Some(text) => inference.observe(text),
                    None => inference.observe_missing(),
                }
            }
        }
    }
    for (place, inference) in inferences {
        let Some((_, field)) = columns.usable.iter_mut().find(|(known, _)| *known == place) else {
            continue;
        };
        if inference.finish().2.present() == 0 {
            continue;
        }
        columns.notes.extend(inference.remarks(&field.name));
        *field = Field { nullable: field.nullable, ..inference.field(&field.name) };
    }
    Ok(())
}

/// The fields that our own files say.
fn said(metadata: &ParquetMetaData) -> Vec<Field> {
    let pairs = metadata.file_metadata().key_value_metadata();
    let own = pairs.and_then(|pairs| pairs.iter().find(|pair| pair.key == FIELDS_KEY));
    let json = own.and_then(|pair| pair.value.as_deref());
    json.and_then(|json| serde_json::from_str(json).ok()).unwrap_or_default()
}

/// Whether values have to be looked at for the type of a column.
fn is_open(data_type: &DataType, metadata: &ParquetMetaData, place: usize) -> bool {
    match data_type {
        DataType::Dictionary(_, values) => is_open(values, metadata, place),
        DataType::RunEndEncoded(_, values) => is_open(values.data_type(), metadata, place),
        DataType::Int64 | DataType::UInt64 => {
            !is_exact(metadata, place, *data_type == DataType::UInt64)
        }
        DataType::Decimal32(digits, scale)
        | DataType::Decimal64(digits, scale)
        | DataType::Decimal128(digits, scale)
        | DataType::Decimal256(digits, scale) => *scale <= 0 && *digits > EXACT_DIGITS,
        other => is_text(other),
    }
}

/// Whether the statistics of the file say that all whole numbers of a column are doubles.
fn is_exact(metadata: &ParquetMetaData, place: usize, unsigned: bool) -> bool {
    let schema = metadata.file_metadata().schema_descr();
    let leaf = (0..schema.num_columns()).find(|leaf| schema.get_column_root_idx(*leaf) == place);
    let Some(leaf) = leaf else { return false };
    metadata.row_groups().iter().all(|group| {
        let column = group.columns().get(leaf);
        if group.num_rows() == 0 {
            return true;
        }
        match column.and_then(|column| column.statistics()) {
            Some(Statistics::Int64(found)) => {
                let all_missing = found.null_count_opt() == u64::try_from(group.num_rows()).ok();
                let fits = |value: &i64| match u64::try_from(*value) {
                    Ok(value) => value <= EXACT,
                    Err(_) => !unsigned && value.unsigned_abs() <= EXACT,
                };
                all_missing
                    || (found.min_opt().is_some_and(fits) && found.max_opt().is_some_and(fits))
            }
            _ => false,
        }
    })
}
