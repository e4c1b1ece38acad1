//! `tier0-bench validate`: a suite of twenty expectations on a generated file of twenty columns, as a whole process.

use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::{Duration, Instant};

use dataset::write_parquet;
use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;
use rand_distr::{Distribution, StandardNormal};
use serde::Serialize;
use serde_json::{Value, json};
use tabular::{Column, ColumnType, Field, Table, parse};
use terminal::{Console, table};
use tokio::process::Command;
use tokio::time::sleep;

use crate::Error;
use crate::cli::BenchValidate;
use crate::serving::cpu_seconds;
use crate::times::quantile;

/// Between two looks at a process's memory and CPU time.
const LOOK_INTERVAL: Duration = Duration::from_millis(5);
const SEED: u64 = 7;
/// File of the suite that is measured.
const SUITE: &str = "suite.json";
/// File of the suite that reads the same columns, and asks nothing of their rows.
const READING: &str = "reading.json";

/// What was found.
#[derive(Debug, Serialize)]
struct Report {
    rows: u64,
    columns: usize,
    expectations: usize,
    rounds: u16,
    csv: Measured,
    parquet: Measured,
}

/// What `tier0 validate` took, from its start to its end.
#[derive(Debug, Serialize)]
struct Measured {
    /// Size of the file in bytes.
    bytes: u64,
    /// The median of the rounds.
    wall_seconds: f64,
    /// The median of the rounds, as of a look at most 5 ms before the end.
    cpu_seconds: f64,
    /// The same of reading alone: the same columns brought into their types, and nothing asked of their rows.
    reading_cpu_seconds: f64,
    /// The greatest of the rounds, in the same way.
    peak_rss_mib: f64,
    /// Expectations that were met.
    met: u64,
}

/// Runs `tier0-bench validate`: returns the exit code.
pub(crate) async fn validate(arguments: &BenchValidate, console: &Console) -> Result<u8, Error> {
    let program = fleet::program("tier0")?;
    let progress = console.progress("generating a table");
    let own = tempfile::tempdir()?;
    let directory = arguments.write.as_deref().unwrap_or(own.path());
    let suite = suite(arguments.rows);
    let columns = tokio::task::block_in_place(|| files(arguments.rows, &suite, directory))?;
    progress.now("validating");
    let measured = async |file: &str| measured(&program, directory, file, arguments.rounds).await;
    let report = Report {
        rows: arguments.rows,
        columns,
        expectations: suite.get("expectations").and_then(Value::as_array).map_or(0, Vec::len),
        rounds: arguments.rounds,
        csv: measured("data.csv").await?,
        parquet: measured("data.parquet").await?,
    };
    drop(progress);
    console.answer(&report, || render(&report))?;
    Ok(0)
}

/// What a suite takes on a file, and what reading takes of it.
async fn measured(
    program: &Path,
    directory: &Path,
    file: &str,
    rounds: u16,
) -> Result<Measured, Error> {
    let whole = measure(program, directory, (file, SUITE), rounds).await?;
    let reading = measure(program, directory, (file, READING), rounds).await?;
    Ok(Measured { reading_cpu_seconds: reading.cpu_seconds, ..whole })
}

async fn measure(
    program: &Path,
    directory: &Path,
    (file, suite): (&str, &str),
    rounds: u16,
) -> Result<Measured, Error> {
    let io = |what| move |source| Error::Io { what, source };
    let data = directory.join(file);
    let bytes = std::fs::metadata(&data).map_err(io("look at a table"))?.len();
    let out = directory.join("result.json");
    let (mut walls, mut cpus, mut peak, mut met) = (Vec::new(), Vec::new(), 0.0_f64, 0);
    for _ in 0..rounds {
        let begun = Instant::now();
        let mut process = Command::new(program)
            .arg("validate")
            .arg("--data")
            .arg(&data)
            .arg("--suite")
            .arg(directory.join(suite))
            .arg("--out")
            .arg(&out)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .kill_on_drop(true)
            .spawn()
            .map_err(io("run tier0"))?;
        let pid = process.id().unwrap_or_default();
        let mut cpu = 0.0_f64;
        let status = loop {
            if let Some(status) = process.try_wait().map_err(io("wait for tier0"))? {
                break status;
            }
            // A process that has just ended has neither any more.
            cpu = cpu_seconds(pid).unwrap_or(cpu).max(cpu);
            peak = peak.max(peak_mib(pid).unwrap_or(0.0));
            sleep(LOOK_INTERVAL).await;
        };
        walls.push(begun.elapsed().as_secs_f64());
        cpus.push(cpu);
        let result: Value = std::fs::read(&out)
            .and_then(|bytes| serde_json::from_slice(&bytes).map_err(std::io::Error::from))
            .map_err(io("read the result of tier0 validate"))?;
        let statistics = result.get("statistics");
        let count = |key: &str| statistics.and_then(|counts| counts.get(key)?.as_u64());
        met = count("successful_expectations").unwrap_or(0);
        if status.code() != Some(0) {
            let said = format!("{met} of {:?} expectations met", count("evaluated_expectations"));
            return Err(io("have the suite met by its table")(std::io::Error::other(said)));
        }
    }
    Ok(Measured {
        bytes,
        wall_seconds: quantile(&mut walls, 0.5),
        cpu_seconds: quantile(&mut cpus, 0.5),
        reading_cpu_seconds: 0.0,
        peak_rss_mib: peak,
        met,
    })
}

fn peak_mib(pid: u32) -> Option<f64> {
    let status = std::fs::read_to_string(format!("/proc/{pid}/status")).ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    line.split_whitespace().next()?.parse::<f64>().ok().map(|kib| kib / 1024.0)
}

/// Writes the table in both formats, and the suites; gives the number of columns.
fn files(rows: u64, suite: &Value, directory: &Path) -> Result<usize, Error> {
    let io = |source| Error::Io { what: "write a table", source };
    let table = draw(usize::try_from(rows).unwrap_or(usize::MAX))?;
    let path = |name: &str| -> PathBuf { directory.join(name) };
    let broken = |error: csv::Error| io(std::io::Error::other(error));
    let mut writer = csv::Writer::from_path(path("data.csv")).map_err(broken)?;
    writer.write_record(table.fields().iter().map(|field| &field.name)).map_err(broken)?;
    for row in 0..table.rows() {
        let cells = table.iter().map(|(field, column)| match column {
            Column::Number(values) => values
                .get(row)
                .filter(|value| !value.is_nan())
                .map(|value| parse::format(*value, field.column_type))
                .unwrap_or_default(),
            Column::Text(texts) => texts.get(row).unwrap_or_default().to_owned(),
        });
        writer.write_record(cells).map_err(broken)?;
    }
    writer.flush().map_err(io)?;
    let parquet = write_parquet(&table).map_err(|error| io(std::io::Error::other(error)))?;
    std::fs::write(path("data.parquet"), parquet).map_err(io)?;
    std::fs::write(path(SUITE), suite.to_string()).map_err(io)?;
    std::fs::write(path(READING), reading(suite, table.fields()).to_string()).map_err(io)?;
    Ok(table.fields().len())
}

/// Keys, counts, amounts of which some are missing, levels, codes and days: twenty columns.
fn draw(rows: usize) -> Result<Table, Error> {
    let mut random = ChaCha8Rng::seed_from_u64(SEED);
    let mut fields = vec![Field::new("id", ColumnType::Integer)];
    let mut columns = vec![Column::Number((0..rows).map(|row| row as f64).collect())];
    for place in 0..4 {
        fields.push(Field::new(format!("count_{place}"), ColumnType::Integer));
        let values = (0..rows).map(|_| f64::from(random.random_range(0..100_u32)));
        columns.push(Column::Number(values.collect()));
    }
    for place in 0..8 {
        fields.push(Field::new(format!("amount_{place}"), ColumnType::Number));
        let values = (0..rows).map(|_| {
            if place % 4 == 3 && random.random_bool(0.02) {
                return f64::NAN;
            }
            let normal: f64 = StandardNormal.sample(&mut random);
            ((100.0 + 15.0 * normal) * 1e4).round() / 1e4
        });
        columns.push(Column::Number(values.collect()));
    }
    let mut texts = |name: String, text: &mut dyn FnMut(usize, &mut ChaCha8Rng) -> String| {
        fields.push(Field::new(name, ColumnType::Text));
        let texts: Vec<String> = (0..rows).map(|row| text(row, &mut random)).collect();
        columns.push(Column::Text(texts.iter().map(|text| Some(text.as_str())).collect()));
    };
    for (place, levels) in [3_u32, 10, 40, 300].into_iter().enumerate() {
        let name = format!("level_{place}");
        texts(name, &mut |_, random| format!("level {}", random.random_range(0..levels)));
    }
    texts("code".to_owned(), &mut |row, _| format!("K{row:07}-AB"));
    texts("day".to_owned(), &mut |_, random| {
        let (month, day) = (random.random_range(1..=12), random.random_range(1..=28));
        format!("day 2024-{month:02}-{day:02}")
    });
    texts("word".to_owned(), &mut |_, random| "w".repeat(random.random_range(1..12)));
    Ok(Table::new(fields, columns)?)
}

/// Twenty expectations that the table meets.
fn suite(rows: u64) -> Value {
    let of =
        |name: &str, kwargs: Value| json!({"type": format!("expect_{name}"), "kwargs": kwargs});
    let levels: Vec<String> = (0..10).map(|level| format!("level {level}")).collect();
    json!({
        "name": "bench",
        "meta": {"great_expectations_version": "1.24.1"},
        "expectations": [
            of("table_row_count_to_equal", json!({"value": rows})),
            of("table_column_count_to_equal", json!({"value": 20})),
            of("column_values_to_be_unique", json!({"column": "id"})),
            of("column_values_to_not_be_null", json!({"column": "count_0"})),
            of("column_values_to_be_between", json!({"column": "count_1", "min_value": 0, "max_value": 99})),
            of("column_values_to_be_of_type", json!({"column": "count_2", "type_": "int64"})),
            of("column_most_common_value_to_be_in_set", json!({"column": "count_3", "value_set": (0..100).collect::<Vec<_>>(), "ties_okay": true})),
            of("column_mean_to_be_between", json!({"column": "amount_0", "min_value": 90, "max_value": 110})),
            of("column_stdev_to_be_between", json!({"column": "amount_1", "min_value": 5, "max_value": 25})),
            of("column_quantile_values_to_be_between", json!({"column": "amount_2", "quantile_ranges": {
                "quantiles": [0.25, 0.5, 0.75], "value_ranges": [[80, 100], [90, 110], [100, 120]]}})),
            of("column_values_to_not_be_null", json!({"column": "amount_3", "mostly": 0.5})),
            of("column_values_to_be_between", json!({"column": "amount_4", "min_value": 0, "max_value": 200, "mostly": 0.99})),
            of("column_max_to_be_between", json!({"column": "amount_5", "max_value": 300})),
            of("column_values_to_be_in_set", json!({"column": "level_1", "value_set": levels})),
            of("column_unique_value_count_to_be_between", json!({"column": "level_2", "min_value": 1, "max_value": 40})),
            of("column_values_to_match_regex", json!({"column": "code", "regex": r"^K\d{7}-AB$"})),
            of("column_value_lengths_to_be_between", json!({"column": "word", "min_value": 1, "max_value": 11})),
            of("column_values_to_match_strftime_format", json!({"column": "day", "strftime_format": "day %Y-%m-%d"})),
            of("column_pair_values_a_to_be_greater_than_b", json!({"column_A": "id", "column_B": "count_0", "or_equal": true, "mostly": 0.5})),
            of("compound_columns_to_be_unique", json!({"column_list": ["id", "level_0"]})),
        ],
    })
}

/// A suite that has the columns of another one read, and asks for their types, which are known then.
fn reading(suite: &Value, fields: &[Field]) -> Value {
    let told = suite.to_string();
    let is_read = |field: &&Field| told.contains(&format!("\"{}\"", field.name));
    let expectations = fields.iter().filter(is_read).map(|field| {
        let type_ = match field.column_type {
            ColumnType::Integer => "int64",
            ColumnType::Text => "str",
            _ => "float64",
        };
        json!({"type": "expect_column_values_to_be_of_type", "kwargs": {"column": field.name, "type_": type_}})
    });
    json!({
        "name": "reading",
        "meta": {"great_expectations_version": "1.24.1"},
        "expectations": expectations.collect::<Vec<_>>(),
    })
}

fn render(report: &Report) -> String {
    let row = |name: &str, of: &Measured| {
        vec![
            name.to_owned(),
            format!("{:.1} MB", of.bytes as f64 / 1e6),
            format!("{:.2} s", of.wall_seconds),
            format!("{:.2} s", of.cpu_seconds),
            format!("{:.2} s", of.reading_cpu_seconds),
            format!("{:.0} MiB", of.peak_rss_mib),
        ]
    };
    let rows = [row("CSV", &report.csv), row("Parquet", &report.parquet)];
    format!(
        "{}\n\n{} rows of {} columns, {} expectations",
        table(&["format", "size", "time", "CPU", "CPU of reading", "peak memory"], &rows),
        report.rows,
        report.columns,
        report.expectations
    )
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test")]

    use super::*;

    #[test]
    fn the_table_and_its_suite_have_twenty_each() {
        let directory = tempfile::tempdir().unwrap();
        let suite = suite(300);
        let expectations = |suite: &Value| suite["expectations"].as_array().unwrap().len();
        assert_eq!(expectations(&suite), 20);
        assert_eq!(files(300, &suite, directory.path()).unwrap(), 20);
        let csv = dataset::read_file(&directory.path().join("data.csv")).unwrap();
        let parquet = dataset::read_file(&directory.path().join("data.parquet")).unwrap();
        assert_eq!(csv.rows(), 300);
        assert_eq!(parquet.rows(), 300);
        let reading = std::fs::read(directory.path().join(READING)).unwrap();
        let reading: Value = serde_json::from_slice(&reading).unwrap();
        assert_eq!(expectations(&reading), 17, "the columns that the suite names");
    }
}
