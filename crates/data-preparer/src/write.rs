//! The splits as Parquet: cleaned, divided and written block by block.

use std::fs::File;
use std::io::BufWriter;
use std::sync::Arc;

use arrow::array::{ArrayRef, StringBuilder};
use contracts::stages::Scope;
use dataset::{ParquetWriter, Storage};
use tables::StoredTable;
use tabular::cleaning::ColumnCleaning;
use tabular::split::Split;
use tabular::{Field, TextColumn};
use tempfile::SpooledData;

use crate::assess::{KeptColumn, storages};
use crate::error::Error;
use crate::prepare::{Settings, Unprepared};

/// Bytes that are gathered before they are written to a file.
const BUFFER: usize = 1024 * 1024;

/// Bytes of a split that are held in memory; one that has more is in a file.
const MEMORY: usize = 8 * 1024 * 1024;

/// A split as Parquet.
#[derive(Debug)]
pub struct SplitFile {
    /// Which split.
    pub split: Split,
    /// The bytes.
    pub content: SplitContent,
    /// Number of rows.
    pub rows: u64,
}

/// Where the bytes of a split are.
#[derive(Debug)]
pub enum SplitContent {
    /// In memory.
    Memory(Vec<u8>),
    /// In a file that has no name and is gone when it is dropped; at any place of it.
    File(File),
}

/// What is written.
pub(crate) struct Output<'a> {
    pub(crate) table: &'a StoredTable,
    /// The split of each row.
    pub(crate) splits: &'a [Split],
    /// Columns by their places in the table.
    pub(crate) kept: &'a [(usize, Box<KeptColumn>)],
    pub(crate) scope: &'a Scope,
    pub(crate) settings: Settings<'a>,
}

/// A column of the files.
struct OutputColumn<'a> {
    place: usize,
    field: &'a Field,
    cleaning: Option<&'a ColumnCleaning>,
    storages: [Storage; 4],
    /// The cleaned text of each code; none of a numeric column.
    texts: Option<Vec<Option<&'a str>>>,
}

impl<'a> OutputColumn<'a> {
    fn new(
        table: &'a StoredTable,
        place: usize,
        field: &'a Field,
        cleaning: Option<&'a ColumnCleaning>,
        storages: [Storage; 4],
    ) -> Self {
        let cleaned = |text: &'a str| match cleaning {
            Some(cleaning) => cleaning.text(Some(text)),
            None => Some(text),
        };
        let texts = table.levels(place).map(|levels| levels.iter().map(cleaned).collect());
        Self { place, field, cleaning, storages, texts }
    }

    /// The rows of a block that are in each split.
    fn arrays(
        &self,
        table: &StoredTable,
        block: usize,
        rows: &[Vec<usize>; 4],
    ) -> Result<[ArrayRef; 4], Error> {
        if let Some(texts) = &self.texts {
            let mut codes = Vec::new();
            table.read_codes(self.place, block, &mut codes)?;
            let missing = self.cleaning.and_then(|cleaning| cleaning.text(None));
            let text = |row: &usize| {
                let code = codes.get(*row).copied().unwrap_or(TextColumn::MISSING);
                match usize::try_from(code).ok().and_then(|code| texts.get(code)) {
                    Some(text) => *text,
                    None => missing,
                }
            };
            return Ok(rows.each_ref().map(|rows| {
                let mut array = StringBuilder::with_capacity(rows.len(), rows.len() * 8);
                for row in rows {
                    array.append_option(text(row));
                }
                Arc::new(array.finish()) as ArrayRef
            }));
        }
        let mut values = Vec::new();
        table.read_numbers(self.place, block, &mut values)?;
        if let Some(cleaning) = self.cleaning {
            for value in &mut values {
                *value = cleaning.number(*value);
            }
        }
        let mut storages = self.storages.iter();
        Ok(rows.each_ref().map(|rows| {
            let value = |row: &usize| values.get(*row).copied().unwrap_or(f64::NAN);
            let of_split: Vec<f64> = rows.iter().map(value).collect();
            storages.next().copied().unwrap_or(Storage::Double).numbers(&of_split)
        }))
    }
}

/// Writes the splits.
pub(crate) fn write(output: &Output<'_>) -> Result<Vec<SplitFile>, Unprepared> {
    let directory = output.settings.directory;
    let unwritable =
        |source: dataset::Error| Error::Splits { directory: directory.to_owned(), source };
    let columns = columns(output)?;
    let fields: Vec<Field> = columns.iter().map(|column| column.field.clone()).collect();
    let mut writers = Vec::with_capacity(Split::ALL.len());
    for (index, split) in Split::ALL.into_iter().enumerate() {
        let file = tempfile::spooled_tempfile_in(MEMORY, directory);
        let storages: Vec<Storage> =
            columns.iter().filter_map(|column| column.storages.get(index).copied()).collect();
        let buffered = BufWriter::with_capacity(BUFFER, file);
        let writer = ParquetWriter::new(buffered, &fields, &storages).map_err(unwritable)?;
        writers.push((split, writer, 0_u64));
    }
    let mut starts = Vec::with_capacity(output.table.blocks().len());
    let mut rows = 0;
    for of_block in output.table.blocks() {
        starts.push((starts.len(), rows, *of_block));
        rows += of_block;
    }
    dataset::in_order(
        output.settings.threads,
        |part| {
            // A receiver that is gone has an error of its own, which is the one that is told.
            let _ = starts.iter().try_for_each(|block| part(*block));
            Ok(())
        },
        |(block, start, rows)| {
            let of_block = output.splits.get(start..start + rows).unwrap_or_default();
            let rows = Split::ALL.map(|split| tabular::split::rows_of(of_block, split));
            let mut arrays: [Vec<ArrayRef>; 4] = Default::default();
            for column in &columns {
                let of_column = column.arrays(output.table, block, &rows)?;
                for (all, array) in arrays.iter_mut().zip(of_column) {
                    all.push(array);
                }
            }
            Ok((arrays, rows.map(|rows| rows.len() as u64)))
        },
        |(arrays, rows)| {
            for ((writer, arrays), rows) in writers.iter_mut().zip(arrays).zip(rows) {
                writer.1.push(arrays).map_err(unwritable)?;
                writer.2 += rows;
            }
            Ok::<(), Unprepared>(())
        },
    )?;
    let mut files = Vec::with_capacity(writers.len());
    for (split, writer, rows) in writers {
        let buffered = writer.finish().map_err(unwritable)?;
        let spooled = buffered.into_inner().map_err(|error| tables::Error::Spill {
            directory: directory.to_owned(),
            source: error.into_error(),
        })?;
        let content = match spooled.into_inner() {
            SpooledData::InMemory(bytes) => SplitContent::Memory(bytes.into_inner()),
            SpooledData::OnDisk(file) => SplitContent::File(file),
        };
        files.push(SplitFile { split, content, rows });
    }
    Ok(files)
}

/// The inputs and the target, and behind them what is no input and training needs: what makes the groups that metrics are told of,
/// and the weights of the rows.
fn columns<'a>(output: &Output<'a>) -> Result<Vec<OutputColumn<'a>>, Unprepared> {
    let Output { table, splits, kept, scope, .. } = *output;
    let mut columns: Vec<OutputColumn<'a>> = kept
        .iter()
        .filter_map(|(place, column)| {
            let field = table.fields().get(*place)?;
            let cleaning = column.cleaning.as_ref();
            Some(OutputColumn::new(table, *place, field, cleaning, column.storages))
        })
        .collect();
    for name in scope.group_columns.iter().chain([&scope.weight_column]) {
        if name.is_empty() || columns.iter().any(|column| column.field.name == *name) {
            continue;
        }
        let place = table.position(name);
        if let Some((place, field)) =
            place.and_then(|place| Some((place, table.fields().get(place)?)))
        {
            let storages = storages(field, &table.column(place)?, None, splits);
            columns.push(OutputColumn::new(table, place, field, None, storages));
        }
    }
    Ok(columns)
}
