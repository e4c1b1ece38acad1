//! `tier0-bench prepare`: from a CSV to checked, cleaned and split tables, as the data-preparer does it, and what it takes.

use std::fs::File;
use std::io::BufWriter;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Instant;

use contracts::stages::Scope;
use data_preparer::{Cleaning, Input, Settings, SplitContent, TableChecks, Unprepared};
use dataset::{FileTable, Source, TableSource};
use serde::Serialize;
use tables::LoadOptions;
use tabular::ProblemType;
use terminal::{Console, table};

use crate::Error;
use crate::cli::BenchPrepare;
use crate::registry::peak_rss_mib;
use crate::serving::cpu_seconds;

/// Seed of the generated table and of the split.
const SEED: u64 = 1;
const MIB: f64 = 1024.0 * 1024.0;

/// What was found.
#[derive(Debug, Serialize)]
struct Report {
    rows: u64,
    columns: usize,
    /// Bytes of the table.
    source_mib: f64,
    /// Bytes of the splits.
    splits_mib: f64,
    threads: usize,
    /// The digest, which is taken before, as the stage does.
    fingerprint_seconds: f64,
    /// Types of all rows; then values, cohort, repeats.
    load_seconds: f64,
    /// Quality, splits, leakage, cleaning, profile, Parquet.
    prepare_seconds: f64,
    wall_seconds: f64,
    /// Whole hundredths of a second.
    cpu_seconds: f64,
    peak_rss_mib: f64,
    /// Quality score, from 0 to 1.
    score: f64,
}

/// Runs `tier0-bench prepare`: returns the exit code.
pub(crate) fn prepare(arguments: &BenchPrepare, console: &Console) -> Result<u8, Error> {
    let progress = console.progress("preparing a table");
    let report = tokio::task::block_in_place(|| {
        let directory =
            tempfile::tempdir().map_err(|source| Error::Io { what: "make a directory", source })?;
        let path = match &arguments.data {
            Some(path) => path.clone(),
            None => generated(arguments, directory.path())?,
        };
        measure(&path, arguments)
    })?;
    drop(progress);
    console.answer(&report, || render(&report))?;
    Ok(0)
}

/// A generated table, where it is to be kept or in the directory.
fn generated(arguments: &BenchPrepare, directory: &Path) -> Result<PathBuf, Error> {
    let io = |source| Error::Io { what: "write the table", source };
    let path = arguments.write.clone().unwrap_or_else(|| directory.join("table.csv"));
    let file = File::create(&path).map_err(io)?;
    sample::wide::write_wide(arguments.rows, SEED, BufWriter::new(file)).map_err(io)?;
    Ok(path)
}

fn measure(path: &Path, arguments: &BenchPrepare) -> Result<Report, Error> {
    let cpu = || {
        cpu_seconds(std::process::id())
            .map_err(|source| Error::Io { what: "read CPU times", source })
    };
    let source = Source::open_local(path)?;
    let bytes = source.size();
    let source: Arc<dyn TableSource> = Arc::new(FileTable::new(source, None));
    let scope = Scope {
        target: arguments.target.clone(),
        problem_type: ProblemType::Binary,
        classes: sample::wide::CLASSES.map(str::to_owned).to_vec(),
        positive_class: sample::wide::CLASSES
            .map(str::to_owned)
            .into_iter()
            .nth(1)
            .unwrap_or_default(),
        min_rows: 100,
        seed: SEED,
        ..Scope::default()
    };
    // As of a table without an entity.
    let options = LoadOptions { drop_duplicates: false, ..LoadOptions::default() };
    let (begun, cpu_before) = (Instant::now(), cpu()?);
    source.fingerprint()?;
    let fingerprint_seconds = begun.elapsed().as_secs_f64();
    let loaded = tables::load(&source, &options)?;
    let load_seconds = begun.elapsed().as_secs_f64() - fingerprint_seconds;
    let input = Input {
        table: &loaded.table,
        row_numbers: &loaded.row_numbers,
        rows_read: loaded.rows_read,
        duplicates: 0,
        removed: &[],
        source_sha256: &loaded.source_sha256,
        as_of: f64::MAX,
        markers: options.markers.clone(),
        checks: &TableChecks::default(),
    };
    let settings = Settings {
        min_score: 0.0,
        max_association: 1.0,
        told_association: 1.0,
        cleaning: Cleaning::default(),
        directory: &options.spill_directory,
        threads: options.threads,
    };
    let prepared =
        data_preparer::prepare(&input, &scope, settings).map_err(|error| match error {
            Unprepared::Failed(error) => Error::Prepare(Box::new(error)),
            Unprepared::Rejected(rejected) => Error::Rejected {
                reason: rejected
                    .report
                    .issues
                    .into_iter()
                    .find(|issue| issue.blocking)
                    .map_or_else(|| "its score is too low".to_owned(), |issue| issue.message),
            },
        })?;
    let wall_seconds = begun.elapsed().as_secs_f64();
    let cpu_seconds = cpu()? - cpu_before;
    let bytes_of = |content: &SplitContent| match content {
        SplitContent::Memory(bytes) => bytes.len() as u64,
        SplitContent::File(file) => file.metadata().map_or(0, |metadata| metadata.len()),
    };
    let splits_bytes: u64 = prepared.splits.iter().map(|split| bytes_of(&split.content)).sum();
    Ok(Report {
        rows: loaded.rows_read,
        columns: loaded.shape.fields.len(),
        source_mib: bytes as f64 / MIB,
        splits_mib: splits_bytes as f64 / MIB,
        threads: options.threads,
        fingerprint_seconds,
        load_seconds,
        prepare_seconds: wall_seconds - fingerprint_seconds - load_seconds,
        wall_seconds,
        cpu_seconds,
        peak_rss_mib: peak_rss_mib()?,
        score: prepared.report.score,
    })
}

fn render(report: &Report) -> String {
    let seconds = |value: f64| format!("{value:.2} s");
    let rows = vec![
        vec!["rows".to_owned(), report.rows.to_string()],
        vec!["columns".to_owned(), report.columns.to_string()],
        vec!["table".to_owned(), format!("{:.1} MiB", report.source_mib)],
        vec!["splits".to_owned(), format!("{:.1} MiB", report.splits_mib)],
        vec!["digest".to_owned(), seconds(report.fingerprint_seconds)],
        vec!["read".to_owned(), seconds(report.load_seconds)],
        vec!["judged and written".to_owned(), seconds(report.prepare_seconds)],
        vec!["in all".to_owned(), seconds(report.wall_seconds)],
        vec!["CPU".to_owned(), seconds(report.cpu_seconds)],
        vec!["peak memory".to_owned(), format!("{:.1} MiB", report.peak_rss_mib)],
    ];
    table(&["", ""], &rows)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test")]

    use super::*;

    #[test]
    fn a_generated_table_is_prepared() {
        let directory = tempfile::tempdir().unwrap();
        let arguments = BenchPrepare {
            rows: 5000,
            data: None,
            target: sample::wide::TARGET.to_owned(),
            write: None,
        };
        let path = generated(&arguments, directory.path()).unwrap();
        let report = measure(&path, &arguments).unwrap();
        assert_eq!((report.rows, report.columns), (5000, 30));
        assert!(report.score > 0.9 && report.splits_mib > 0.0);
    }
}
