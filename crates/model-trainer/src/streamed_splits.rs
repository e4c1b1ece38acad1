//! Rows of the splits that are learned from without being in memory: they are read, made features of and handed on part by part.
//!
//! ```text
//! places of rows ──row groups──▶ parts ──threads──▶ table ──plan──▶ features ──in order──▶ learner
//! ```

use contracts::stages;
use dataset::HeldFile;
use learners::{StreamedExamples, Task, stratified_sample};
use scoring::FeatureEncoder;
use tabular::{FeatureMatrix, Table};

use crate::Error;
use crate::splits::Splits;
use crate::training_tables::weights;

/// Most cells of a part, so that wide tables take no more memory than others.
const MAX_PART_CELLS: usize = 2_000_000;

/// The rows that a refit may learn from: those of training and validation, and those of the test split that are judged by, one after
/// the other.
#[derive(Debug, Clone)]
pub struct StreamedSplits {
    /// Files of the splits.
    pub(crate) splits: Splits,
    /// A class index or a number per row.
    pub(crate) target: Vec<f64>,
    /// Rows of the training split.
    pub(crate) train_rows: usize,
    /// Rows of training and validation.
    pub(crate) learn_rows: usize,
    /// Places within the test split of the rows that follow them.
    pub(crate) judged: Vec<usize>,
    /// Places of the rows that are in memory; ascending.
    pub(crate) in_memory: Vec<usize>,
}

/// Rows of the splits behind those in memory.
pub struct StreamedRows {
    encoder: FeatureEncoder,
    /// A file with the places of its rows, ascending.
    files: Vec<(HeldFile, Vec<usize>)>,
    target: Vec<f64>,
    weights: Option<Vec<f64>>,
    threads: usize,
}

impl StreamedSplits {
    /// Number of rows, those in memory among them.
    #[must_use]
    pub fn rows(&self) -> usize {
        self.target.len()
    }

    /// The rows that make the ones in memory `rows` many, as a sample of the same seed has them; all others where there are no more.
    /// `factors` are what classes count more than one another, none where they do not.
    pub(crate) fn behind(
        &self,
        encoder: FeatureEncoder,
        scope: &stages::Scope,
        task: Task,
        rows: usize,
        factors: Option<&[f64]>,
        threads: usize,
    ) -> Result<StreamedRows, Error> {
        let chosen = stratified_sample(task, &self.target, rows, scope.seed);
        let mut in_memory = self.in_memory.iter().peekable();
        let chosen: Vec<usize> =
            chosen.into_iter().filter(|row| in_memory.next_if_eq(&row).is_none()).collect();
        let target: Vec<f64> =
            chosen.iter().filter_map(|&row| self.target.get(row).copied()).collect();
        let (learned, judged) =
            chosen.split_at(chosen.partition_point(|row| *row < self.learn_rows));
        let (train, validation) =
            learned.split_at(learned.partition_point(|row| *row < self.train_rows));
        let behind = |row: &usize| row - self.train_rows;
        let judged = judged.iter().filter_map(|row| self.judged.get(row - self.learn_rows));
        let files = vec![
            (self.splits.train.clone(), train.to_vec()),
            (self.splits.validation.clone(), validation.iter().map(behind).collect()),
            (self.splits.test.clone(), judged.copied().collect()),
        ];
        let mut weights = own_weights(scope, &files)?;
        if let Some(factors) = factors {
            let own = weights.get_or_insert_with(|| vec![1.0; target.len()]);
            for (weight, class) in own.iter_mut().zip(&target) {
                *weight *= factors.get(*class as usize).copied().unwrap_or(1.0);
            }
        }
        Ok(StreamedRows { encoder, files, target, weights, threads })
    }
}

/// Weights of rows of files; none where the scope has no weight column.
fn own_weights(
    scope: &stages::Scope,
    files: &[(HeldFile, Vec<usize>)],
) -> Result<Option<Vec<f64>>, Error> {
    if scope.weight_column.is_empty() {
        return Ok(None);
    }
    let mut all = Vec::new();
    for (file, rows) in files {
        let column = dataset::read_parquet_column(file.clone(), &scope.weight_column)?;
        let of = weights(scope, &column)?.unwrap_or_default();
        all.extend(rows.iter().filter_map(|&row| of.get(row).copied()));
    }
    Ok(Some(all))
}

impl StreamedRows {
    fn features(&self, table: &Table) -> Result<FeatureMatrix, Error> {
        let features = self.encoder.encode(table).map_err(scoring::ScoreError::from);
        Ok(features.map_err(learners::Error::from)?)
    }
}

impl StreamedExamples for StreamedRows {
    fn target(&self) -> &[f64] {
        &self.target
    }

    fn weights(&self) -> Option<&[f64]> {
        self.weights.as_deref()
    }

    fn each(
        &self,
        take: &mut dyn FnMut(&FeatureMatrix) -> Result<(), learners::Error>,
    ) -> Result<(), learners::Error> {
        let failed = |error: Error| learners::Error::Streamed(Box::new(error));
        let most = (MAX_PART_CELLS / self.encoder.width().max(1)).max(1);
        for (file, rows) in &self.files {
            let parts = dataset::parquet_parts(file.clone(), rows, most)
                .map_err(|error| failed(error.into()))?;
            let read = |part: &[usize]| {
                let table = dataset::read_parquet_rows(file.clone(), part).map_err(Error::from);
                table.and_then(|table| self.features(&table)).map_err(failed)
            };
            dataset::each_in_order(self.threads, parts.into_iter(), read, |block| take(&block))?;
        }
        Ok(())
    }
}
