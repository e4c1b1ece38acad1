//! `tier0 drift`: whether the rows of one file are like those of another.
//!
//! ```text
//! files ─ scan ─▶ types and rows ─ agree ─▶ columns ─┬─ few rows ──▶ tables ───▶ exact statistics ─┬─▶ verdicts
//!                                                    └─ many rows ─▶ sketches ─▶ their statistics ─┘
//! ```

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::Instant;

use dataset::Stated;
use fleet::directory::write_atomically;
use serde::Serialize;
use statistics::drift::{
    self, EXACT_ROWS, PART_ROWS, Report, Settings, TableSketch, Verdict, exact,
};
use tabular::{ColumnType, Table};
use terminal::{Console, Progress};

use crate::cli::{Drift, DriftMethod};
use crate::error::FAILED;

mod columns;
mod error;
mod show;

pub use error::Error;

use columns::{ScannedFile, SharedColumn};

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
    changed: BTreeMap<String, OtherType>,
    read_as: BTreeMap<String, OtherType>,
    only_reference: Vec<String>,
    only_current: Vec<String>,
    seconds: f64,
}

/// A column of another type in the current file than in the reference.
#[derive(Debug, Clone, Serialize)]
struct OtherType {
    reference: String,
    current: String,
    /// As what it was compared; none where nothing of it could be.
    #[serde(skip_serializing_if = "Option::is_none")]
    compared: Option<String>,
}

impl OtherType {
    fn of(column: &SharedColumn) -> Self {
        let [reference, current] = column.held.map(|held| held.to_string());
        let compared = column.compared.map(|compared| compared.to_string());
        Self { reference, current, compared }
    }

    /// That nothing of the column could be compared.
    fn changed(column: &SharedColumn) -> Self {
        Self { compared: None, ..Self::of(column) }
    }
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
    #[serde(skip_serializing_if = "Option::is_none")]
    distributions: Option<drift::Distributions>,
}

/// Runs `tier0 drift`: returns the exit code.
pub(crate) fn run(arguments: &Drift, console: &Console) -> Result<u8, crate::Error> {
    let inputs =
        [Some(&arguments.reference), Some(&arguments.current), arguments.settings.as_ref()];
    let inputs: Vec<&Path> = inputs.into_iter().flatten().map(PathBuf::as_path).collect();
    crate::output::check(arguments.out.as_deref(), &inputs)?;
    let stated = arguments.file.stated().map_err(crate::Error::Dialect)?;
    let progress = console.progress("comparing the files");
    // Reading and counting is the only work of this process.
    let document = tokio::task::block_in_place(|| document(arguments, &stated, &progress))?;
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

fn document(
    arguments: &Drift,
    stated: &Stated,
    progress: &Progress,
) -> Result<ComparisonDocument, Error> {
    let started = Instant::now();
    let settings = settings(arguments.settings.as_deref())?;
    progress.now("looking at every row of the reference");
    let reference = ScannedFile::open(&arguments.reference, stated)?;
    progress.now("looking at every current row");
    let current = ScannedFile::open(&arguments.current, stated)?;
    let shared = columns::shared(&reference, &current, &arguments.columns)?;
    let rows = Rows { reference: reference.shape.rows, current: current.shape.rows };
    let exactly = match arguments.method {
        DriftMethod::Auto => rows.reference.max(rows.current) <= EXACT_ROWS,
        DriftMethod::Exact => true,
        DriftMethod::Sketch => false,
    };
    let (mut report, values) = if exactly {
        let reference = whole(&reference, &shared, 0)?;
        let current = whole(&current, &shared, 1)?;
        progress.now("comparing the columns");
        drift::compare_exactly(&reference, &current, &settings, cores())
    } else {
        let times: Vec<String> = shared
            .iter()
            .filter(|column| column.compared.is_some_and(ColumnType::is_temporal))
            .map(|column| column.name.clone())
            .collect();
        let reference = sketched(&reference, &shared, 0, progress)?;
        let current = sketched(&current, &shared, 1, progress)?;
        let is_time = |name: &str| times.iter().any(|time| time == name);
        let report = drift::compare_with_times(&reference, &current, &settings, is_time);
        (report, exact::sketched(&reference, &current))
    };
    let (changed, read_as) = other_types(&shared, &mut report);
    let only = |one: &ScannedFile, other: &ScannedFile| -> Vec<String> {
        one.names().filter(|name| other.field(name).is_none()).map(str::to_owned).collect()
    };
    let drifted: Vec<String> =
        report.drifted().map(|column| column.name.clone()).chain(changed.keys().cloned()).collect();
    Ok(ComparisonDocument {
        reference: arguments.reference.clone(),
        current: arguments.current.clone(),
        method: if exactly { "exact" } else { "sketch" },
        rows,
        verdict: if changed.is_empty() { report.verdict } else { Verdict::Critical },
        share_drifted: drifted.len() as f64 / (report.columns.len() + changed.len()).max(1) as f64,
        drifted,
        significance: report.significance,
        columns: joined(report, values),
        changed,
        read_as,
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
                distributions: of.distributions,
            };
            Some((of.name, column))
        })
        .collect()
}

/// The columns of other types in the current file: those of which nothing could be read as the reference has it, which are
/// taken out of the report, and those that were compared all the same.
fn other_types(
    shared: &[SharedColumn],
    report: &mut Report,
) -> (BTreeMap<String, OtherType>, BTreeMap<String, OtherType>) {
    let (mut changed, mut read_as) = (BTreeMap::new(), BTreeMap::new());
    for column in shared {
        let [one, other] = column.held;
        if one == other {
            continue;
        }
        let found = report.columns.iter().find(|of| of.name == column.name);
        let is_read = found.is_some_and(|of| of.values_reference > 0 && of.values_current > 0);
        if column.is_blank {
            continue;
        }
        if is_read {
            read_as.insert(column.name.clone(), OtherType::of(column));
            continue;
        }
        report.columns.retain(|of| of.name != column.name);
        changed.insert(column.name.clone(), OtherType::changed(column));
    }
    let worst = report.columns.iter().map(|column| column.verdict).max();
    report.verdict = worst.unwrap_or_default();
    (changed, read_as)
}

fn whole(file: &ScannedFile, shared: &[SharedColumn], side: usize) -> Result<Table, Error> {
    let mut table = None;
    file.parts(&columns::fields(shared, side), usize::MAX, |part| table = Some(part))?;
    // A file that was scanned has rows.
    let table = table.ok_or_else(|| file.unreadable(dataset::Error::EmptyFile))?;
    Ok(columns::as_compared(table, shared)?)
}

fn sketched(
    file: &ScannedFile,
    shared: &[SharedColumn],
    side: usize,
    progress: &Progress,
) -> Result<TableSketch, Error> {
    let mut sketch = TableSketch::default();
    let mut told = 0;
    let mut failed = None;
    file.parts(&columns::fields(shared, side), PART_ROWS, |part| {
        match columns::as_compared(part, shared) {
            Ok(part) => sketch.add_table(&part),
            Err(error) => failed = Some(error),
        }
        if sketch.rows / SIGN_ROWS > told {
            told = sketch.rows / SIGN_ROWS;
            let (of, name) = (file.shape.rows, file.path.display());
            progress.now(&format!("{} of {of} rows of {name}", sketch.rows));
        }
    })?;
    failed.map_or(Ok(sketch), |error| Err(error.into()))
}

#[cfg(test)]
mod tests;
