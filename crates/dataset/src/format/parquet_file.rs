//! Reading Parquet: any flat file of others, and our own.
//!
//! Types that Parquet has no word for (an integer column among doubles) stand as JSON under [`FIELDS_KEY`] in the
//! metadata of our files, and are believed when the column's own type allows. The types of others' columns are found in `types`.

mod pages;
mod types;

use arrow::array::RecordBatch;
use parquet::arrow::ProjectionMask;
use parquet::arrow::arrow_reader::{ParquetRecordBatchReaderBuilder, RowSelection};
use parquet::file::metadata::RowGroupMetaData;
use parquet::file::reader::ChunkReader;
use tabular::parse::{MissingMarkers, TypeInference};
use tabular::{Field, Table};

use self::pages::Paged;
use self::types::FileColumns;
use crate::convert::{TableBuilder, canonical_batch};
use crate::examine::{examiners, finish, observe_batch, positions};
use crate::format::parquet_writer::FIELDS_KEY;
use crate::format::{Reader, Rows};
use crate::guard::guarded;
use crate::held_file::HeldFile;
use crate::shape::{HashingReader, check_names};
use crate::{Error, Examination, Format, ScanOptions, Shape, Source};

/// Name of the decoder.
const NAME: &str = "Parquet";
/// Most bytes of a page of a file at hand, once it is unpacked.
const MOST_PAGE_BYTES: u64 = 256 << 20;
/// Rows of a batch.
const BATCH: usize = 8192;

/// A file at hand, whose pages are looked at before they are read.
fn at_hand(file: impl Into<HeldFile>) -> Paged<HeldFile> {
    Paged::new(file.into(), MOST_PAGE_BYTES)
}

/// The same of a source, by its own limit.
fn at_rest(source: &Source) -> Paged<Source> {
    Paged::new(source.clone(), source.limits().page_bytes)
}

/// Reads a Parquet file of any writer.
///
/// # Errors
/// A broken file, nested or unreadable columns, repeated names.
pub fn read_parquet(file: impl Into<HeldFile>) -> Result<Table, Error> {
    let markers = MissingMarkers::default();
    let fresh = TypeInference::new(markers.clone());
    guarded(NAME, || {
        read_from(at_hand(file), &markers, &fresh, usize::MAX, Unusable::Refused, |_| true, None)
    })
}

/// Reads one column of a Parquet file of any writer; nothing else of it is decoded.
/// The table has no column where the file has none of that name.
///
/// # Errors
/// As [`read_parquet`].
pub fn read_parquet_column(file: impl Into<HeldFile>, name: &str) -> Result<Table, Error> {
    let markers = MissingMarkers::default();
    let fresh = TypeInference::new(markers.clone());
    let is_it = |field: &Field| field.name == name;
    guarded(NAME, || {
        let file = at_hand(file);
        read_from(file, &markers, &fresh, usize::MAX, Unusable::LeftOut, is_it, None)
    })
}

/// Reads some rows of a Parquet file of any writer: those at these places, from 0 and ascending.
///
/// # Errors
/// As [`read_parquet`].
pub fn read_parquet_rows(file: impl Into<HeldFile>, rows: &[usize]) -> Result<Table, Error> {
    let markers = MissingMarkers::default();
    let fresh = TypeInference::new(markers.clone());
    let all = |_: &Field| true;
    guarded(NAME, || {
        read_from(at_hand(file), &markers, &fresh, usize::MAX, Unusable::Refused, all, Some(rows))
    })
}

/// Divides some rows of a Parquet file, given as [`read_parquet_rows`] takes them, into parts of at most `most` rows, at least 1, that are
/// read one by one: none reaches over an end of the file's row groups.
///
/// # Errors
/// A broken file.
pub fn parquet_parts(
    file: impl Into<HeldFile>,
    rows: &[usize],
    most: usize,
) -> Result<Vec<&[usize]>, Error> {
    let builder =
        guarded(NAME, || Ok::<_, Error>(ParquetRecordBatchReaderBuilder::try_new(at_hand(file))?))?;
    let (mut parts, mut rest) = (Vec::new(), rows);
    for end in group_ends(&builder) {
        let Some((group, behind)) = rest.split_at_checked(rest.partition_point(|row| *row < end))
        else {
            break;
        };
        parts.extend(group.chunks(most.max(1)));
        rest = behind;
    }
    Ok(parts)
}

/// Where the row groups of a file end, as places of rows.
fn group_ends<R: ChunkReader + 'static>(
    builder: &ParquetRecordBatchReaderBuilder<R>,
) -> Vec<usize> {
    let groups = builder.metadata().row_groups().iter();
    let ends = groups.scan(0_usize, |end, group| {
        *end = end.saturating_add(usize::try_from(group.num_rows()).unwrap_or(usize::MAX));
        Some(*end)
    });
    ends.collect()
}

/// The row groups between the first and the last of these rows, and which rows of the groups they are.
fn selected(ends: &[usize], rows: &[usize]) -> (Vec<usize>, RowSelection) {
    let group_of = |row: &usize| ends.partition_point(|end| end <= row);
    let groups = match (rows.first(), rows.last()) {
        (Some(first), Some(last)) => group_of(first)..(group_of(last) + 1).min(ends.len()),
        _ => 0..0,
    };
    let end_of = |groups: usize| groups.checked_sub(1).and_then(|last| ends.get(last)).copied();
    let (before, behind) = (end_of(groups.start).unwrap_or(0), end_of(groups.end).unwrap_or(0));
    let ranges = rows.chunk_by(|row, next| row + 1 == *next).filter_map(|run| {
        let (first, last) = (*run.first()?, *run.last()?);
        Some(first - before..last + 1 - before)
    });
    let selection = RowSelection::from_consecutive_ranges(ranges, behind - before);
    (groups.collect(), selection)
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
pub fn parquet_size(file: impl Into<HeldFile>) -> Result<ParquetSize, Error> {
    let builder =
        guarded(NAME, || Ok::<_, Error>(ParquetRecordBatchReaderBuilder::try_new(at_hand(file))?))?;
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

fn read_from<R: ChunkReader + Clone + 'static>(
    source: R,
    markers: &MissingMarkers,
    fresh: &TypeInference,
    max_columns: usize,
    unusable: Unusable,
    wanted: impl Fn(&Field) -> bool,
    rows: Option<&[usize]>,
) -> Result<Table, Error> {
    let builder = ParquetRecordBatchReaderBuilder::try_new(source.clone())?;
    let found = all_columns(&source, &builder, fresh, max_columns, &mut Vec::new())?;
    if let (Unusable::Refused, Some(error)) = (unusable, found.unusable.into_iter().next()) {
        return Err(error);
    }
    let (places, fields): (Vec<usize>, Vec<Field>) =
        found.usable.into_iter().filter(|(_, field)| wanted(field)).unzip();
    let mask = ProjectionMask::roots(builder.parquet_schema(), places);
    let mut builder = builder.with_projection(mask).with_batch_size(BATCH);
    if let Some(rows) = rows {
        let (groups, selection) = selected(&group_ends(&builder), rows);
        builder = builder.with_row_groups(groups).with_row_selection(selection);
    }
    let reader = builder.build()?;
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
    fresh: &TypeInference,
    max_columns: usize,
    notes: &mut Vec<String>,
) -> Result<FileColumns, Error> {
    let names = names(builder, max_columns, notes)?;
    let places: Vec<usize> = (0..names.len()).collect();
    types::columns(source, builder, &names, &places, fresh)
}

/// A file within the limits of its source, as its metadata say before anything is decoded.
fn opened(source: &Source) -> Result<ParquetRecordBatchReaderBuilder<Paged<Source>>, Error> {
    let builder = ParquetRecordBatchReaderBuilder::try_new(at_rest(source))?;
    let rows = builder.metadata().file_metadata().num_rows();
    let columns = builder.parquet_schema().num_columns();
    source.limits().admit(u64::try_from(rows).unwrap_or(u64::MAX), columns)?;
    Ok(builder)
}

/// Reader of Parquet files.
pub(crate) struct Parquet;

impl Reader for Parquet {
    const PHYSICAL: bool = true;

    fn scan(source: &Source, options: &ScanOptions) -> Result<Shape, Error> {
        let builder = opened(source)?;
        let mut notes = Vec::new();
        let fresh = source.stated().inference(&options.markers);
        let found =
            all_columns(&at_rest(source), &builder, &fresh, options.max_columns, &mut notes)?;
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
            notes,
            ..Shape::default()
        })
    }

    fn examine(
        source: &Source,
        names: &[&str],
        markers: &MissingMarkers,
    ) -> Result<Examination, Error> {
        let builder = opened(source)?;
        let stored = builder.schema().fields().iter();
        let header: Vec<String> = stored.map(|field| field.name().trim().to_owned()).collect();
        let places = positions(&header, names)?;
        let fresh = source.stated().inference(markers);
        let mut found = types::columns(&at_rest(source), &builder, &header, &places, &fresh)?;
        if !found.unusable.is_empty() {
            return Err(found.unusable.swap_remove(0));
        }
        let (places, fields): (Vec<usize>, Vec<Field>) = found.usable.into_iter().unzip();
        let mut rows = 0_u64;
        let mut examiners = examiners(names, source, markers);
        read_columns(builder, &places, &fields, markers, |batch| {
            rows += batch.num_rows() as u64;
            observe_batch(&mut examiners, &fields, batch);
            Ok(())
        })?;
        finish(rows, header, examiners)
    }

    fn rows(
        source: &Source,
        _shape: &Shape,
        _places: &[usize],
        wanted: &[Field],
        markers: &MissingMarkers,
        rows: &mut impl Rows,
    ) -> Result<(), Error> {
        let builder = opened(source)?;
        // By name: columns that are not read have places of their own in the file.
        let names = names(&builder, usize::MAX, &mut Vec::new())?;
        let wanted_names: Vec<&str> = wanted.iter().map(|field| field.name.as_str()).collect();
        let places = positions(&names, &wanted_names)?;
        read_columns(builder, &places, wanted, markers, |batch| rows.batch(batch))
    }

    /// Without a pass for the digest; a table without rows is read.
    fn read(source: &Source, options: &ScanOptions) -> Result<Table, Error> {
        let fresh = source.stated().inference(&options.markers);
        let (markers, most) = (&options.markers, options.max_columns);
        opened(source)?;
        read_from(at_rest(source), markers, &fresh, most, Unusable::LeftOut, |_| true, None)
    }
}

/// The columns as the file's schema has them, each with whether a value of it is missing, where the file says so.
pub(crate) fn written(
    source: &Source,
    max_columns: usize,
) -> Result<Vec<(Field, Option<bool>)>, Error> {
    let builder = opened(source)?;
    let names = names(&builder, max_columns, &mut Vec::new())?;
    let fields =
        names.iter().enumerate().map(|(place, name)| types::stored_field(&builder, name, place));
    let fields = fields.collect::<Result<Vec<Field>, Error>>()?;
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
    batch: &mut dyn FnMut(RecordBatch) -> Result<(), Error>,
) -> Result<(), Error> {
    let builder = opened(source)?;
    let mask = ProjectionMask::roots(builder.parquet_schema(), places.iter().copied());
    for read in builder.with_projection(mask).with_batch_size(BATCH).build()? {
        batch(read?)?;
    }
    Ok(())
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

#[cfg(test)]
mod tests;
