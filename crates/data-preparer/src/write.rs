//! The splits as Parquet: cleaned, divided and written block by block.

use std::collections::{HashMap, HashSet};
use std::fs::File;
use std::io::BufWriter;
use std::sync::Arc;

use arrow::array::{ArrayRef, StringBuilder};
use contracts::stages::Scope;
use dataset::{ParquetWriter, Storage};
use tables::StoredTable;
use tabular::cleaning::{CleaningReport, ColumnCleaning, ColumnReport};
use tabular::split::Split;
use tabular::{Field, TextColumn};
use tempfile::SpooledData;

use crate::assess::{KeptColumn, storages};
use crate::carry::Carried;
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
    /// Rows of the training split that cleaning leaves out, by their places in the table, in order.
    pub(crate) dropped: &'a [usize],
}

/// What was written, and what cleaning changed on the way.
pub(crate) struct Written {
    pub(crate) files: Vec<SplitFile>,
    /// In the order of [`Split::ALL`]; columns of which nothing was changed are left out.
    pub(crate) changes: [CleaningReport; 4],
}

/// A column of the files.
struct OutputColumn<'a> {
    place: usize,
    field: &'a Field,
    cleaning: Option<&'a ColumnCleaning>,
    carried: Option<&'a Carried>,
    storages: [Storage; 4],
    /// The text of each code without markers of missing ones; none of a numeric column.
    texts: Option<Vec<Option<&'a str>>>,
}

impl<'a> OutputColumn<'a> {
    fn new(
        table: &'a StoredTable,
        place: usize,
        field: &'a Field,
        cleaning: Option<&'a ColumnCleaning>,
        carried: Option<&'a Carried>,
        storages: [Storage; 4],
    ) -> Self {
        let freed = |text: &'a str| match cleaning {
            Some(cleaning) => cleaning.present(text),
            None => Some(text),
        };
        let texts = table.levels(place).map(|levels| levels.iter().map(freed).collect());
        Self { place, field, cleaning, carried, storages, texts }
    }

    /// The value that texts are filled with; none where they stay missing, or where a feature is to say which were.
    fn fill(&self) -> Option<&'a str> {
        let cleaning = self.cleaning.filter(|cleaning| !cleaning.indicator)?;
        cleaning.text(None)
    }

    /// The rows of a block that are in each split, and what was changed in them. `start` is the place of the block's first row.
    fn arrays(
        &self,
        table: &StoredTable,
        (block, start): (usize, usize),
        rows: &[Vec<usize>; 4],
    ) -> Result<([ArrayRef; 4], [ColumnReport; 4]), Error> {
        let mut changes: [ColumnReport; 4] = Default::default();
        let Some(texts) = &self.texts else {
            let arrays = self.numbers(table, (block, start), rows, &mut changes)?;
            return Ok((arrays, changes));
        };
        let mut codes = Vec::new();
        table.read_codes(self.place, block, &mut codes)?;
        let carried: HashMap<usize, u32> =
            self.carried.map(|of| of.codes(start, codes.len()).collect()).unwrap_or_default();
        let fill = self.fill();
        let mut of_splits = changes.iter_mut();
        let arrays = rows.each_ref().map(|rows| {
            let mut counted = ColumnReport::default();
            let mut array = StringBuilder::with_capacity(rows.len(), rows.len() * 8);
            for row in rows {
                let own = codes.get(*row).copied().unwrap_or(TextColumn::MISSING);
                let code = carried.get(row).copied().unwrap_or(own);
                counted.carried += u64::from(code != own);
                let known = usize::try_from(code).ok().and_then(|code| texts.get(code));
                counted.marked_missing += u64::from(known == Some(&None));
                let text = known.copied().flatten();
                counted.imputed += u64::from(text.is_none() && fill.is_some());
                array.append_option(text.or(fill));
            }
            if let Some(of_split) = of_splits.next() {
                *of_split = counted;
            }
            Arc::new(array.finish()) as ArrayRef
        });
        Ok((arrays, changes))
    }

    fn numbers(
        &self,
        table: &StoredTable,
        (block, start): (usize, usize),
        rows: &[Vec<usize>; 4],
        changes: &mut [ColumnReport; 4],
    ) -> Result<[ArrayRef; 4], Error> {
        let mut values = Vec::new();
        table.read_numbers(self.place, block, &mut values)?;
        let mut carried = HashSet::new();
        let length = values.len();
        for (place, value) in self.carried.into_iter().flat_map(|of| of.numbers(start, length)) {
            if let Some(slot) = values.get_mut(place) {
                *slot = value;
                carried.insert(place);
            }
        }
        let cleaning = self.cleaning.map(ColumnCleaning::of_tables);
        let mut storages = self.storages.iter().zip(changes);
        Ok(rows.each_ref().map(|rows| {
            let mut counted = ColumnReport::default();
            let value = |row: &usize| {
                let value = values.get(*row).copied().unwrap_or(f64::NAN);
                counted.carried += u64::from(carried.contains(row));
                cleaning.as_ref().map_or(value, |cleaning| counted.number(cleaning, value))
            };
            let of_split: Vec<f64> = rows.iter().map(value).collect();
            let (storage, of_changes) = match storages.next() {
                Some((storage, of_changes)) => (*storage, Some(of_changes)),
                None => (Storage::Double, None),
            };
            if let Some(of_changes) = of_changes {
                *of_changes = counted;
            }
            storage.numbers(&of_split)
        }))
    }
}

/// Writes the splits.
pub(crate) fn write(output: &Output<'_>) -> Result<Written, Unprepared> {
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
    let mut all_changes: Vec<[ColumnReport; 4]> = vec![Default::default(); columns.len()];
    let mut starts = Vec::with_capacity(output.table.blocks().len());
    let mut rows = 0;
    for of_block in output.table.blocks() {
        starts.push((starts.len(), rows, *of_block));
        rows += of_block;
    }
    dataset::each_in_order(
        output.settings.threads,
        starts.iter().copied(),
        |(block, start, rows)| {
            let of_block = output.splits.get(start..start + rows).unwrap_or_default();
            let rows = Split::ALL.map(|split| {
                let mut rows = tabular::split::rows_of(of_block, split);
                if split == Split::Train && !output.dropped.is_empty() {
                    rows.retain(|row| output.dropped.binary_search(&(start + row)).is_err());
                }
                rows
            });
            let mut arrays: [Vec<ArrayRef>; 4] = Default::default();
            let mut changes = Vec::with_capacity(columns.len());
            for column in &columns {
                let (of_column, of_changes) = column.arrays(output.table, (block, start), &rows)?;
                for (all, array) in arrays.iter_mut().zip(of_column) {
                    all.push(array);
                }
                changes.push(of_changes);
            }
            Ok((arrays, changes, rows.map(|rows| rows.len() as u64)))
        },
        |(arrays, changes, rows)| {
            for (all, of_block) in all_changes.iter_mut().zip(changes) {
                for (all, of_block) in all.iter_mut().zip(of_block) {
                    all.add(&of_block);
                }
            }
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
    let mut changes: [CleaningReport; 4] = Default::default();
    for (column, of_column) in columns.iter().zip(all_changes) {
        for (report, of_split) in changes.iter_mut().zip(of_column) {
            if !of_split.is_empty() {
                let name = column.field.name.clone();
                report.columns.push(ColumnReport { name, ..of_split });
            }
        }
    }
    Ok(Written { files, changes })
}

/// The inputs and the target, and behind them what is no input and training needs: what makes the groups that metrics are told of,
/// and the weights of the rows.
fn columns<'a>(output: &Output<'a>) -> Result<Vec<OutputColumn<'a>>, Unprepared> {
    let Output { table, splits, kept, scope, .. } = *output;
    let mut columns: Vec<OutputColumn<'a>> = kept
        .iter()
        .filter_map(|(place, column)| {
            let field = table.fields().get(*place)?;
            let (cleaning, carried) = (column.cleaning.as_ref(), column.carried.as_ref());
            Some(OutputColumn::new(table, *place, field, cleaning, carried, column.storages))
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
            columns.push(OutputColumn::new(table, place, field, None, None, storages));
        }
    }
    Ok(columns)
}
