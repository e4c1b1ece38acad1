//! From a source to a stored table: schema, parts, rows that stay.

use std::path::PathBuf;
use std::sync::Arc;

use dataset::{Ended, ScanOptions, Shape, TableSource, in_order};
use schema::Predicate;
use tabular::parse::MissingMarkers;

use crate::cohort::{Cohort, Window};
use crate::digest::SeenRows;
use crate::gather::{Gathered, gather};
use crate::stored::StoredTableBuilder;
use crate::{Error, StoredTable};

/// Rows of a batch of a source that does not come in parts of its own.
const BATCH_ROWS: usize = 8192;
/// Most rows of a table: they are counted by 32 bits.
const MAX_ROWS: u64 = u32::MAX as u64 - 1;

/// What to load and what to leave out.
#[derive(Debug, Clone)]
pub struct LoadOptions {
    /// Texts that mean a missing value.
    pub markers: MissingMarkers,
    /// Greatest accepted number of columns.
    pub max_columns: usize,
    /// Rows have to fulfil all of these.
    pub inclusion: Vec<Predicate>,
    /// Rows must not fulfil any of these.
    pub exclusion: Vec<Predicate>,
    /// Rows have to have these times before and behind them.
    pub windows: Vec<Window>,
    /// Whether a row that equals an earlier one in every column is left out.
    pub drop_duplicates: bool,
    /// Threads that read values; the result does not depend on it.
    pub threads: usize,
    /// Where values are put that are too many for memory.
    pub spill_directory: PathBuf,
}

impl Default for LoadOptions {
    fn default() -> Self {
        Self {
            markers: MissingMarkers::default(),
            max_columns: 2000,
            inclusion: Vec::new(),
            exclusion: Vec::new(),
            windows: Vec::new(),
            drop_duplicates: true,
            threads: dataset::threads(),
            spill_directory: std::env::temp_dir(),
        }
    }
}

/// A table, and what became of the rows of its source.
#[derive(Debug)]
pub struct LoadedTable {
    /// The rows that were kept, in the order of the source.
    pub table: StoredTable,
    /// For each kept row, its number in the source: from 1, the header not counted.
    pub row_numbers: Vec<u64>,
    /// Rows of the source.
    pub rows_read: u64,
    /// Rows left out by each criterion, in order, and as duplicates at last.
    pub removed: Vec<Removal>,
    /// SHA-256 of the source's bytes, hexadecimal.
    pub source_sha256: String,
    /// What the source is made of.
    pub shape: Shape,
}

/// Rows left out for a reason.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Removal {
    /// Reason in words, such as `duplicate of an earlier row`.
    pub reason: String,
    /// Number of rows left out.
    pub rows: u64,
}

/// Loads a table in two passes: one for the types, one for the values. Blocking; its threads live as long as this call.
///
/// # Errors
/// Every structural defect of the source, criteria that do not fit it, an empty cohort, a disk that is full.
pub fn load(source: &Arc<dyn TableSource>, options: &LoadOptions) -> Result<LoadedTable, Error> {
    let scan = ScanOptions { markers: options.markers.clone(), max_columns: options.max_columns };
    let shape = source.schema(&scan)?;
    if shape.rows > MAX_ROWS {
        return Err(Error::TooManyRows { found: shape.rows, limit: MAX_ROWS });
    }
    let LoadOptions { inclusion, exclusion, windows, markers, .. } = options;
    let cohort = Cohort::new(inclusion, exclusion, windows, &shape.fields, markers)?;
    let mut rows = Rows {
        table: StoredTableBuilder::new(&shape.fields, &options.spill_directory),
        numbers: Vec::new(),
        read: 0,
        removed: vec![0; cohort.len()],
        seen: options.drop_duplicates.then(SeenRows::default),
        repeated: 0,
    };
    in_order(
        options.threads,
        |part| {
            let mut hand_over = |next| part(next).map_err(|Ended| ended());
            Ok(source.parts(&shape, &shape.fields, &scan, BATCH_ROWS, &mut hand_over)?)
        },
        |part| gather(part, &cohort, options.drop_duplicates),
        |gathered| rows.push(gathered),
    )?;
    source.check_unchanged()?;
    if rows.read != shape.rows {
        return Err(dataset::Error::ChangedWhileRead { uri: source.uri().to_owned() }.into());
    }
    if rows.numbers.is_empty() {
        return Err(Error::EmptyCohort { read: rows.read });
    }
    let removed = removals(&rows, options);
    Ok(LoadedTable {
        table: rows.table.finish()?,
        row_numbers: rows.numbers,
        rows_read: rows.read,
        removed,
        source_sha256: shape.sha256.clone(),
        shape,
    })
}

/// Tells a source to end, because its rows are not taken any more; the error before it is the one that is given.
fn ended() -> dataset::Error {
    let kind = std::io::ErrorKind::BrokenPipe;
    dataset::Error::Read(std::io::Error::new(kind, "the reading has ended"))
}

fn removals(rows: &Rows, options: &LoadOptions) -> Vec<Removal> {
    let included = options.inclusion.iter().map(|criterion| format!("not included: {criterion}"));
    let excluded = options.exclusion.iter().map(|criterion| format!("excluded: {criterion}"));
    let windows = options.windows.iter().map(|window| format!("not eligible: {window}"));
    let criteria = included.chain(excluded).chain(windows).zip(&rows.removed);
    let mut removed: Vec<Removal> =
        criteria.map(|(reason, rows)| Removal { reason, rows: *rows }).collect();
    if options.drop_duplicates {
        let reason = "duplicate of an earlier row".to_owned();
        removed.push(Removal { reason, rows: rows.repeated });
    }
    removed
}

/// The rows so far.
struct Rows {
    table: StoredTableBuilder,
    numbers: Vec<u64>,
    read: u64,
    removed: Vec<u64>,
    /// The rows before, where repeats are left out.
    seen: Option<SeenRows>,
    repeated: u64,
}

impl Rows {
    fn push(&mut self, part: Gathered) -> Result<(), Error> {
        let Gathered { columns, rows, kept, removed, digests } = part;
        for (count, of_part) in self.removed.iter_mut().zip(removed) {
            *count += of_part;
        }
        let first = self.read + 1;
        self.read += rows;
        let number = |row: &usize| first + *row as u64;
        let Some(seen) = &mut self.seen else {
            self.numbers.extend(kept.iter().map(number));
            return self.table.push(columns, kept.len(), None);
        };
        let is_first = |(_, digest): &(usize, u128)| seen.is_first(*digest);
        let fresh: Vec<usize> =
            digests.into_iter().enumerate().filter(is_first).map(|(row, _)| row).collect();
        self.repeated += (kept.len() - fresh.len()) as u64;
        self.numbers.extend(fresh.iter().filter_map(|row| kept.get(*row)).map(number));
        let chosen = (fresh.len() < kept.len()).then_some(fresh.as_slice());
        self.table.push(columns, kept.len(), chosen)
    }
}

#[cfg(test)]
mod tests;
