//! `tier0-bench drift`: every statistic of twenty columns, what it takes, and that memory does not grow with rows.

use std::io::BufWriter;
use std::path::Path;
use std::time::{Duration, Instant};

use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;
use rand_distr::{Distribution, Exp1, StandardNormal};
use serde::Serialize;
use statistics::drift::{
    EXACT_ROWS, PART_ROWS, Report as Drift, Settings, TableSketch, compare, compare_exactly, exact,
};
use tabular::{Column, ColumnType, Field, Table, TextColumn};
use terminal::{Console, table};

use crate::Error;
use crate::cli::BenchDrift;
use crate::registry::peak_rss_mib;
use crate::serving::cpu_seconds;
use crate::times::quantile;

/// Numeric columns; the others are categories.
const NUMERIC: usize = 16;
const CATEGORICAL: usize = 4;
/// Every fifth column is moved by so many standard deviations, or its first level is so much more frequent.
const MOVED: f64 = 0.5;

/// Results of `tier0-bench drift`, as they are printed.
#[derive(Debug, Serialize)]
struct Report {
    rows: u64,
    columns: usize,
    method: &'static str,
    rounds: u16,
    /// The median of the rounds.
    wall_seconds: f64,
    /// Of all rounds, divided by their number; whole hundredths of a second in all.
    cpu_seconds: f64,
    /// Rows of both sides taken into sketches in a second.
    #[serde(skip_serializing_if = "Option::is_none")]
    sketched_rows_per_s: Option<f64>,
    /// Bytes of a table's sketch.
    #[serde(skip_serializing_if = "Option::is_none")]
    sketch_bytes: Option<usize>,
    drifted: Vec<String>,
    /// Of this process, the generated tables included.
    peak_rss_mib: f64,
}

/// Runs `tier0-bench drift`: returns the exit code.
pub(crate) fn drift(arguments: &BenchDrift, console: &Console) -> Result<u8, Error> {
    let progress = console.progress("comparing generated tables");
    let report = tokio::task::block_in_place(|| {
        if arguments.rows <= EXACT_ROWS || arguments.write.is_some() {
            exactly(arguments)
        } else {
            by_sketches(arguments, &|what| progress.now(what))
        }
    })?;
    drop(progress);
    console.answer(&report, || render(&report))?;
    Ok(0)
}

fn exactly(arguments: &BenchDrift) -> Result<Report, Error> {
    let rows = usize::try_from(arguments.rows).unwrap_or(usize::MAX);
    let (reference, current) = (draw(rows, 1, 0.0)?, draw(rows, 2, MOVED)?);
    if let Some(directory) = &arguments.write {
        for (name, table) in [("reference.csv", &reference), ("current.csv", &current)] {
            write(table, &directory.join(name))?;
        }
    }
    let settings = Settings::default();
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    let mut times = Vec::new();
    let before = own_cpu_seconds()?;
    let mut report = Drift::default();
    for _ in 0..arguments.rounds {
        let begun = Instant::now();
        let (found, values) = compare_exactly(&reference, &current, &settings, cores);
        std::hint::black_box(&values);
        times.push(begun.elapsed().as_secs_f64());
        report = found;
    }
    let cpu = own_cpu_seconds()? - before;
    concluded(arguments, &report, "exact", &mut times, cpu)
}

fn by_sketches(arguments: &BenchDrift, tell: &dyn Fn(&str)) -> Result<Report, Error> {
    let settings = Settings::default();
    let mut times = Vec::new();
    let (mut drift, mut bytes) = (Drift::default(), 0);
    for round in 0..arguments.rounds {
        let mut busy = Duration::ZERO;
        let mut side = |seed: u64, moved: f64| -> Result<TableSketch, Error> {
            let mut sketch = TableSketch::default();
            while sketch.rows < arguments.rows {
                let left = usize::try_from(arguments.rows - sketch.rows).unwrap_or(PART_ROWS);
                let part = draw(left.min(PART_ROWS), seed ^ (sketch.rows << 8), moved)?;
                let begun = Instant::now();
                sketch.add_table(&part);
                busy += begun.elapsed();
                if sketch.rows % (64 * PART_ROWS as u64) == 0 {
                    tell(&format!("round {round}: {} of {} rows", sketch.rows, arguments.rows));
                }
            }
            Ok(sketch)
        };
        let (reference, current) = (side(1, 0.0)?, side(2, MOVED)?);
        let begun = Instant::now();
        drift = compare(&reference, &current, &settings);
        std::hint::black_box(exact::sketched(&reference, &current));
        busy += begun.elapsed();
        times.push(busy.as_secs_f64());
        bytes = reference.encode().len();
    }
    // One thread does it all, so that what is not waited for is CPU time.
    let cpu = times.iter().sum();
    let report = concluded(arguments, &drift, "sketch", &mut times, cpu)?;
    let rate = 2.0 * arguments.rows as f64 / report.wall_seconds;
    Ok(Report { sketched_rows_per_s: Some(rate), sketch_bytes: Some(bytes), ..report })
}

fn concluded(
    arguments: &BenchDrift,
    drift: &Drift,
    method: &'static str,
    times: &mut [f64],
    cpu: f64,
) -> Result<Report, Error> {
    Ok(Report {
        rows: arguments.rows,
        columns: drift.columns.len(),
        method,
        rounds: arguments.rounds,
        wall_seconds: quantile(times, 0.5),
        cpu_seconds: cpu / f64::from(arguments.rounds),
        sketched_rows_per_s: None,
        sketch_bytes: None,
        drifted: drift.drifted().map(|column| column.name.clone()).collect(),
        peak_rss_mib: peak_rss_mib()?,
    })
}

fn own_cpu_seconds() -> Result<f64, Error> {
    cpu_seconds(std::process::id()).map_err(|source| Error::Io { what: "read CPU times", source })
}

/// Numbers of four shapes, some missing, and categories of 3 to 300 levels.
fn draw(rows: usize, seed: u64, moved: f64) -> Result<Table, Error> {
    let mut random = ChaCha8Rng::seed_from_u64(seed);
    let fields = (0..NUMERIC + CATEGORICAL).map(|column| {
        let numeric = column < NUMERIC;
        let (kind, of) =
            if numeric { ("number", ColumnType::Number) } else { ("text", ColumnType::Text) };
        Field::new(format!("{kind}_{column:02}"), of)
    });
    let columns = (0..NUMERIC + CATEGORICAL).map(|column| {
        let moved = if column % 5 == 0 { moved } else { 0.0 };
        if column < NUMERIC {
            Column::Number((0..rows).map(|_| number(column, &mut random, moved)).collect())
        } else {
            Column::Text(levels(column - NUMERIC, rows, &mut random))
        }
    });
    Ok(Table::new(fields.collect(), columns.collect())?)
}

fn number(column: usize, random: &mut ChaCha8Rng, moved: f64) -> f64 {
    if column % 4 == 3 && random.random_bool(0.05) {
        return f64::NAN;
    }
    let normal: f64 = StandardNormal.sample(random);
    match column % 4 {
        0 => 100.0 + 15.0 * (normal + moved),
        1 => (normal + moved).exp(),
        2 => ((normal + moved) * 10.0).round(),
        _ => Distribution::<f64>::sample(&Exp1, random) + moved,
    }
}

fn levels(column: usize, rows: usize, random: &mut ChaCha8Rng) -> TextColumn {
    let count = [3_u32, 10, 40, 300].get(column).copied().unwrap_or(3);
    // Products of two draws favour the first levels.
    let texts: Vec<String> = (0..rows)
        .map(|_| random.random::<f64>() * random.random::<f64>() * f64::from(count))
        .map(|level| format!("level {}", level.floor()))
        .collect();
    texts.iter().map(|text| Some(text.as_str())).collect()
}

fn write(table: &Table, path: &Path) -> Result<(), Error> {
    let io = |source| Error::Io { what: "write a table", source };
    let file = std::fs::File::create(path).map_err(io)?;
    let mut writer = csv::Writer::from_writer(BufWriter::new(file));
    let broken = |error: csv::Error| io(std::io::Error::other(error));
    let names = table.fields().iter().map(|field| field.name.as_str());
    writer.write_record(names).map_err(broken)?;
    for row in 0..table.rows() {
        let fields = table.columns().iter().map(|column| match column {
            Column::Number(values) => values
                .get(row)
                .filter(|value| !value.is_nan())
                .map(f64::to_string)
                .unwrap_or_default(),
            Column::Text(texts) => texts.get(row).unwrap_or_default().to_owned(),
        });
        writer.write_record(fields).map_err(broken)?;
    }
    writer.flush().map_err(io)
}

fn render(report: &Report) -> String {
    let mut rows = vec![
        vec!["rows".to_owned(), format!("{} against {}", report.rows, report.rows)],
        vec!["columns".to_owned(), report.columns.to_string()],
        vec!["method".to_owned(), report.method.to_owned()],
        vec!["all statistics".to_owned(), format!("{:.3} s", report.wall_seconds)],
        vec!["CPU".to_owned(), format!("{:.3} s", report.cpu_seconds)],
    ];
    if let Some((rate, bytes)) = report.sketched_rows_per_s.zip(report.sketch_bytes) {
        rows.push(vec!["rows sketched".to_owned(), format!("{:.2} M/s", rate / 1e6)]);
        rows.push(vec!["a table's sketch".to_owned(), format!("{:.1} kB", bytes as f64 / 1e3)]);
    }
    rows.push(vec!["peak memory".to_owned(), format!("{:.1} MiB", report.peak_rss_mib)]);
    rows.push(vec!["drifted".to_owned(), report.drifted.join(", ")]);
    table(&["", ""], &rows)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test")]

    use super::*;

    #[test]
    fn both_methods_find_what_was_moved() {
        let arguments = |rows| BenchDrift { rows, rounds: 1, write: None };
        let exact = exactly(&arguments(5000)).unwrap();
        let sketch = by_sketches(&arguments(5000), &|_| ()).unwrap();
        assert_eq!(exact.drifted, ["number_00", "number_05", "number_10", "number_15"]);
        assert_eq!(sketch.drifted, exact.drifted);
        assert_eq!((exact.columns, sketch.columns), (20, 20));
    }

    #[test]
    fn written_tables_are_read_back() {
        let directory = tempfile::tempdir().unwrap();
        let drawn = draw(300, 5, 0.0).unwrap();
        let path = directory.path().join("a.csv");
        write(&drawn, &path).unwrap();
        let read = dataset::read_file(&path).unwrap();
        for (field, column) in drawn.iter() {
            assert_eq!(read.column(&field.name), Some(column));
        }
    }
}
