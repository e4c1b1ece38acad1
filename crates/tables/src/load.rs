//! From a source to a table: scan, plan, gather.

use std::collections::HashSet;
use std::sync::Arc;

use arrow::array::{Array, AsArray, BooleanArray, RecordBatch};
use arrow::compute::filter_record_batch;
use arrow::row::{RowConverter, SortField};
use datafusion::common::Column as ColumnName;
use datafusion::execution::SendableRecordBatchStream;
use datafusion::logical_expr::Expr;
use dataset::{ScanOptions, Shape, TableBuilder, TableSource};
use futures::StreamExt;
use sha2::{Digest, Sha256};
use tabular::Table;
use tabular::parse::MissingMarkers;

use crate::predicate::{Predicate, expression};
use crate::value::value;
use crate::{Error, engine};

/// What to load and what to leave out.
#[derive(Debug, Clone)]
pub struct LoadOptions {
    /// Texts that mean a missing value.
    pub markers: MissingMarkers,
    /// Most columns taken.
    pub max_columns: usize,
    /// Rows have to fulfil all of these.
    pub inclusion: Vec<Predicate>,
    /// Rows must not fulfil any of these.
    pub exclusion: Vec<Predicate>,
    /// Whether a row that equals an earlier one in every column is left out.
    pub drop_duplicates: bool,
    /// Parts of a file that are read at once.
    pub partitions: usize,
}

impl Default for LoadOptions {
    fn default() -> Self {
        let partitions =
            std::thread::available_parallelism().map_or(1, std::num::NonZero::get).min(8);
        Self {
            markers: MissingMarkers::default(),
            max_columns: 2000,
            inclusion: Vec::new(),
            exclusion: Vec::new(),
            drop_duplicates: true,
            partitions,
        }
    }
}

/// A table, and what became of the rows of its source.
#[derive(Debug)]
pub struct LoadedTable {
    /// The rows that were kept, in the order of the source.
    pub table: Table,
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
    /// Reason in words.
    pub reason: String,
    /// Number of rows left out.
    pub rows: u64,
}

/// Loads a table. Blocking: the engine's threads live as long as this call.
///
/// # Errors
/// Every structural defect of the source, criteria that do not fit it, an empty cohort, a failing engine.
pub fn load(source: &Arc<dyn TableSource>, options: &LoadOptions) -> Result<LoadedTable, Error> {
    let scan = ScanOptions { markers: options.markers.clone(), max_columns: options.max_columns };
    let shape = source.schema(&scan)?;
    tracing::debug!(rows = shape.rows, columns = shape.fields.len(), "scanned");
    // The engine computes on its own threads, so that heartbeats of the process are not held up.
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(options.partitions)
        .thread_name("tables")
        .enable_all()
        .build()
        .map_err(Error::Runtime)?;
    let parts = runtime.block_on(read_parts(source, &shape, &scan, options))?;
    drop(runtime);
    if let Some(file) = source.file() {
        file.source().check_unchanged()?;
    }
    merge(parts, source.uri(), shape, options)
}

/// What one partition of the engine gave.
struct PartitionResult {
    table: TableBuilder,
    /// Rows of the partition, kept or not.
    rows: u64,
    /// Numbers within the partition, from 0.
    kept: Vec<u64>,
    /// Digest of each kept row; empty unless duplicates are looked for.
    digests: Vec<u128>,
    /// Rows left out by each criterion.
    removed: Vec<u64>,
}

async fn read_parts(
    source: &Arc<dyn TableSource>,
    shape: &Shape,
    scan: &ScanOptions,
    options: &LoadOptions,
) -> Result<Vec<PartitionResult>, Error> {
    let context = engine::session(options.partitions);
    let provider = engine::provider(&context, source, shape, scan).await?;
    let stored: Vec<String> =
        provider.schema().fields().iter().map(|field| field.name().clone()).collect();
    let name = |index: usize| format!("c{index}");
    let values: Vec<Expr> = shape
        .fields
        .iter()
        .zip(&stored)
        .enumerate()
        .map(|(index, (field, stored))| {
            let column = Expr::Column(ColumnName::new_unqualified(stored));
            value(column, field, &options.markers).alias(name(index))
        })
        .collect();
    let mut outputs: Vec<Expr> = (0..values.len())
        .map(|index| Expr::Column(ColumnName::new_unqualified(name(index))))
        .collect();
    for (index, predicate) in options.inclusion.iter().enumerate() {
        let removes = expression(predicate, &shape.fields, &options.markers, name)?.is_not_true();
        outputs.push(removes.alias(format!("inclusion{index}")));
    }
    for (index, predicate) in options.exclusion.iter().enumerate() {
        outputs.push(
            expression(predicate, &shape.fields, &options.markers, name)?
                .alias(format!("exclusion{index}")),
        );
    }
    let plan = context.read_table(provider)?.select(values)?.select(outputs)?;
    let mut tasks = Vec::new();
    for stream in plan.execute_stream_partitioned().await? {
        let part = PartitionResult {
            table: TableBuilder::new(shape.fields.clone()),
            rows: 0,
            kept: Vec::new(),
            digests: Vec::new(),
            removed: vec![0; options.inclusion.len() + options.exclusion.len()],
        };
        tasks.push(tokio::spawn(part.gather(stream, options.drop_duplicates)));
    }
    let mut parts = Vec::with_capacity(tasks.len());
    for task in tasks {
        let part = task.await.map_err(|error| Error::Runtime(std::io::Error::other(error)))?;
        parts.push(part?);
    }
    Ok(parts)
}

impl PartitionResult {
    async fn gather(
        mut self,
        mut stream: SendableRecordBatchStream,
        digests: bool,
    ) -> Result<Self, Error> {
        let width = stream.schema().fields().len() - self.removed.len();
        let mut converter = None;
        while let Some(batch) = stream.next().await {
            let batch = batch?;
            let kept = self.cohort(&batch, width);
            let values = batch.project(&(0..width).collect::<Vec<_>>())?;
            let values = filter_record_batch(&values, &kept)?;
            if digests {
                let converter = match &mut converter {
                    Some(converter) => converter,
                    none => none.insert(RowConverter::new(
                        values
                            .schema()
                            .fields()
                            .iter()
                            .map(|field| SortField::new(field.data_type().clone()))
                            .collect(),
                    )?),
                };
                let rows = converter.convert_columns(values.columns())?;
                self.digests.extend(rows.iter().map(|row| digest(row.as_ref())));
            }
            self.table.push(&values)?;
        }
        Ok(self)
    }

    /// Which rows of a batch stay; counts the others by the first criterion that removes them.
    fn cohort(&mut self, batch: &RecordBatch, width: usize) -> BooleanArray {
        let criteria: Vec<&BooleanArray> = batch
            .columns()
            .iter()
            .skip(width)
            .filter_map(|column| column.as_boolean_opt())
            .collect();
        let first = self.rows;
        self.rows += batch.num_rows() as u64;
        (0..batch.num_rows())
            .map(|row| {
                let removing =
                    criteria.iter().position(|removes| removes.is_valid(row) && removes.value(row));
                match removing.and_then(|criterion| self.removed.get_mut(criterion)) {
                    Some(count) => *count += 1,
                    None => self.kept.push(first + row as u64),
                }
                Some(removing.is_none())
            })
            .collect()
    }
}

/// The first 128 bits of the SHA-256 of a row: two different rows of one table do not share them.
fn digest(row: &[u8]) -> u128 {
    let digest = Sha256::digest(row);
    digest.iter().take(16).fold(0, |number, byte| number << 8 | u128::from(*byte))
}

fn merge(
    parts: Vec<PartitionResult>,
    uri: &str,
    shape: Shape,
    options: &LoadOptions,
) -> Result<LoadedTable, Error> {
    let criteria = options.inclusion.iter().map(|criterion| format!("not included: {criterion}"));
    let criteria =
        criteria.chain(options.exclusion.iter().map(|criterion| format!("excluded: {criterion}")));
    let mut removed: Vec<Removal> = criteria.map(|reason| Removal { reason, rows: 0 }).collect();
    let mut rows_read = 0;
    let mut row_numbers = Vec::new();
    let mut digests = Vec::new();
    let mut table: Option<TableBuilder> = None;
    for part in parts {
        row_numbers.extend(part.kept.iter().map(|row| rows_read + row + 1));
        rows_read += part.rows;
        digests.extend(part.digests);
        for (removal, rows) in removed.iter_mut().zip(part.removed) {
            removal.rows += rows;
        }
        match &mut table {
            None => table = Some(part.table),
            Some(table) => table.append(part.table),
        }
    }
    if rows_read != shape.rows {
        return Err(dataset::Error::ChangedWhileRead { uri: uri.to_owned() }.into());
    }
    if row_numbers.is_empty() {
        return Err(Error::EmptyCohort { read: rows_read });
    }
    let mut table = table.unwrap_or_else(|| TableBuilder::new(shape.fields.clone())).finish()?;
    if options.drop_duplicates {
        let mut seen = HashSet::with_capacity(digests.len());
        let first: Vec<usize> = digests
            .iter()
            .enumerate()
            .filter(|(_, digest)| seen.insert(**digest))
            .map(|(row, _)| row)
            .collect();
        let duplicates = row_numbers.len() - first.len();
        if duplicates > 0 {
            table = table.take(&first);
            row_numbers = first.iter().filter_map(|row| row_numbers.get(*row).copied()).collect();
        }
        removed.push(Removal {
            reason: "duplicate of an earlier row".to_owned(),
            rows: duplicates as u64,
        });
    }
    let source_sha256 = shape.sha256.clone();
    Ok(LoadedTable { table, row_numbers, rows_read, removed, source_sha256, shape })
}

#[cfg(test)]
mod tests;
