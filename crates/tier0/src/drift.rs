//! `tier0 drift`: whether the rows of one file are like those of another.
//!
//! ```text
//! files ─ scan ─▶ types and rows ─ agree ─▶ columns ─┬─ few rows ──▶ tables ───▶ exact statistics ─┬─▶ verdicts
//!                                                    └─ many rows ─▶ sketches ─▶ their statistics ─┘
//! ```

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::Instant;

use fleet::directory::write_atomically;
use serde::Serialize;
use statistics::drift::{
    self, EXACT_ROWS, PART_ROWS, Report, Settings, TableSketch, Verdict, exact,
};
use tabular::{Field, Table};
use terminal::{Console, Progress};

use crate::cli::{Drift, DriftMethod};
use crate::error::FAILED;

mod columns;
mod error;
mod show;

pub use error::Error;

use columns::ScannedFile;

/// Rows between two signs of progress.
const SIGN_ROWS: u64 = 1 << 20;

/// What was found, for `--json`.
#[derive(Debug, Serialize)]
pub(crate) struct ComparisonDocument {
    reference: PathBuf,
    current: PathBuf,
    method: &'static str,
    rows: Rows,
    verdict: Verdict,
    drifted: Vec<String>,
    share_drifted: f64,
    significance: f64,
    columns: BTreeMap<String, Column>,
    only_reference: Vec<String>,
    only_current: Vec<String>,
    seconds: f64,
}

#[derive(Debug, Clone, Copy, Serialize)]
struct Rows {
    reference: u64,
    current: u64,
}

/// A verdict with what it is made of, and every definition's value under the name that it has elsewhere.
#[derive(Debug, Serialize)]
struct Column {
    #[serde(flatten)]
    values: exact::Values,
    verdict: Verdict,
    statistic: Option<drift::Statistic>,
    effect: f64,
    p_value: f64,
    adjusted_p_value: f64,
    reasons: Vec<String>,
    statistics: drift::Statistics,
    tests: Vec<drift::Test>,
}

/// Runs `tier0 drift`: returns the exit code.
pub(crate) fn run(arguments: &Drift, console: &Console) -> Result<u8, crate::Error> {
    let progress = console.progress("comparing the files");
    // Reading and counting is the only work of this process.
    let document = tokio::task::block_in_place(|| document(arguments, &progress))?;
    drop(progress);
    if let Some(out) = &arguments.out {
        let mut bytes = serde_json::to_vec_pretty(&document).map_err(std::io::Error::from)?;
        bytes.push(b'\n');
        write_atomically(out, &bytes).map_err(|source| crate::Error::File {
            what: "write",
            path: out.clone(),
            source,
        })?;
    }
    console.answer(&document, || show::document(&document))?;
    Ok(if document.verdict == Verdict::None { 0 } else { FAILED })
}

fn document(arguments: &Drift, progress: &Progress) -> Result<ComparisonDocument, Error> {
    let started = Instant::now();
    let settings = settings(arguments.settings.as_deref())?;
    progress.now("looking at every row of the reference");
    let reference = ScannedFile::open(&arguments.reference)?;
    progress.now("looking at every current row");
    let current = ScannedFile::open(&arguments.current)?;
    let fields = columns::agreed(&reference, &current, &arguments.columns)?;
    let rows = Rows { reference: reference.shape.rows, current: current.shape.rows };
    let exactly = match arguments.method {
        DriftMethod::Auto => rows.reference.max(rows.current) <= EXACT_ROWS,
        DriftMethod::Exact => true,
        DriftMethod::Sketch => false,
    };
    let (report, values) = if exactly {
        let reference = whole(&reference, &fields)?;
        let current = whole(&current, &fields)?;
        progress.now("comparing the columns");
        drift::compare_exactly(&reference, &current, &settings, cores())
    } else {
        let reference = sketched(&reference, &fields, progress)?;
        let current = sketched(&current, &fields, progress)?;
        (drift::compare(&reference, &current, &settings), exact::sketched(&reference, &current))
    };
    let only = |one: &ScannedFile, other: &ScannedFile| -> Vec<String> {
        one.names().filter(|name| other.field(name).is_none()).map(str::to_owned).collect()
    };
    Ok(ComparisonDocument {
        reference: arguments.reference.clone(),
        current: arguments.current.clone(),
        method: if exactly { "exact" } else { "sketch" },
        rows,
        verdict: report.verdict,
        drifted: report.drifted().map(|column| column.name.clone()).collect(),
        share_drifted: report.share_drifted,
        significance: report.significance,
        columns: joined(report, values),
        only_reference: only(&reference, &current),
        only_current: only(&current, &reference),
        seconds: started.elapsed().as_secs_f64(),
    })
}

fn settings(path: Option<&Path>) -> Result<Settings, Error> {
    let Some(path) = path else { return Ok(Settings::default()) };
    let unreadable = |source| Error::SettingsFile { path: path.to_owned(), source };
    let bytes = std::fs::read(path).map_err(unreadable)?;
    let settings: Settings =
        serde_json::from_slice(&bytes).map_err(|source| unreadable(source.into()))?;
    settings.check()?;
    Ok(settings)
}

fn cores() -> usize {
    std::thread::available_parallelism().map_or(1, usize::from)
}

fn joined(report: Report, mut values: BTreeMap<String, exact::Values>) -> BTreeMap<String, Column> {
    report
        .columns
        .into_iter()
        .filter_map(|of| {
            let column = Column {
                values: values.remove(&of.name)?,
                verdict: of.verdict,
                statistic: of.statistic,
                effect: of.effect,
                p_value: of.p_value,
                adjusted_p_value: of.adjusted_p_value,
                reasons: of.reasons,
                statistics: of.statistics,
                tests: of.tests,
            };
            Some((of.name, column))
        })
        .collect()
}

fn whole(file: &ScannedFile, fields: &[Field]) -> Result<Table, Error> {
    let mut table = None;
    file.parts(fields, usize::MAX, |part| table = Some(part))?;
    // A file that was scanned has rows.
    table.ok_or_else(|| file.unreadable(dataset::Error::EmptyFile))
}

fn sketched(
    file: &ScannedFile,
    fields: &[Field],
    progress: &Progress,
) -> Result<TableSketch, Error> {
    let mut sketch = TableSketch::default();
    let mut told = 0;
    file.parts(fields, PART_ROWS, |part| {
        sketch.add_table(&part);
        if sketch.rows / SIGN_ROWS > told {
            told = sketch.rows / SIGN_ROWS;
            let (of, name) = (file.shape.rows, file.path.display());
            progress.now(&format!("{} of {of} rows of {name}", sketch.rows));
        }
    })?;
    Ok(sketch)
}

#[cfg(test)]
mod tests;
