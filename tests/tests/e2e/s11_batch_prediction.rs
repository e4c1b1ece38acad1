//! Scenario 11: batches are predicted as single rows are, in their order; scenario 15: what prediction events cost.

use std::collections::BTreeMap;
use std::path::Path;

use bus::{Bus, Scan};
use contracts::{encoding, names, subjects, v1};
use serde_json::Value;
use tier0_tests::{
    Fleet, FleetOptions, Python, column, eventually, read_predictions, tier0_bench, write_table,
};

use crate::replicas::small_table;

/// Rows that are predicted: several batches, and one that is not full.
const ROWS: u32 = 230;

#[tokio::test(flavor = "multi_thread")]
async fn s11_batch_prediction() {
    let environment = tier0_tests::pipeline::FAST
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .to_vec();
    let fleet = Fleet::up_with(FleetOptions { environment, ..FleetOptions::default() }).await;
    let train = fleet.path("train.csv");
    write_table(&train, small_table(900));
    let source = train.display().to_string();
    let submit = ["--data", &source, "--target", "left", "--positive", "yes", "--name", "batch"];
    fleet
        .submit(submit.into_iter().chain(["--seed", "3", "--time-budget", "8s"]))
        .await
        .succeeded();

    // Rows that training did not see, some of them with nothing in a column, or a region that is new.
    let rows = fleet.path("rows.csv");
    let lines = small_table(900 + ROWS).into_iter().enumerate().filter_map(|(number, line)| {
        let (features, _) = line.rsplit_once(',').unwrap();
        let features = match number {
            0 => return Some(features.to_owned()),
            1..=900 => return None,
            number if number % 7 == 0 => features
                .replacen(',', ",,", 1)
                .rsplit_once(',')
                .map(|(kept, _)| kept.to_owned())
                .unwrap(),
            number if number % 11 == 0 => features.replace("north", "beyond"),
            _ => features.to_owned(),
        };
        Some(features)
    });
    write_table(&rows, lines);

    let predict = async |batch: &'static str, more: &'static [&'static str]| {
        let out = fleet.path(&format!("out-{batch}-{}.csv", more.len()));
        let (rows, path) = (rows.display().to_string(), out.display().to_string());
        let arguments = ["predict", "batch", "--data", &rows, "--out", &path, "--batch", batch];
        fleet.tier0(arguments.into_iter().chain(more.iter().copied())).await.success();
        std::fs::read_to_string(out).unwrap()
    };
    let alone = predict("1", &[]).await;
    assert_eq!(alone.lines().count(), ROWS as usize + 1);
    for batch in ["100", "1000"] {
        assert_eq!(predict(batch, &[]).await, alone, "batches of {batch}");
    }
    let explained = predict("100", &["--explain"]).await;
    for (line, plain) in explained.lines().zip(alone.lines()) {
        assert!(line.starts_with(plain), "the predictions come first, as they are without");
    }
    adds_up(&fleet.path("out-100-1.csv"));
    are_read_by_others(&fleet, &rows).await;
    predict("100", &["--ids", "--entity-column", "region"]).await;
    events_have_the_ids(&fleet, &rows, &fleet.path("out-100-3.csv")).await;
}

/// Predictions in each format that they are written in are the same rows to the readers that people use.
async fn are_read_by_others(fleet: &Fleet, rows: &Path) {
    let modules = ["duckdb", "fastparquet", "pandas", "polars", "pyarrow"];
    let Some(python) = Python::of("tables", &modules).await else { return };
    let directory = tempfile::tempdir().unwrap();
    for ending in ["csv", "jsonl", "parquet"] {
        let out = directory.path().join(format!("predictions.{ending}"));
        let arguments =
            ["predict", "batch", "--explain", "--data", rows.to_str().unwrap(), "--out"];
        fleet.tier0(arguments.into_iter().chain([out.to_str().unwrap()])).await.success();
    }
    let script = include_str!("../clients/read_tables.py");
    let read = python.run(script, &[directory.path().to_str().unwrap()]).await.success();
    let read: BTreeMap<String, usize> = read.json_as();
    assert_eq!(read.len(), 4 + 4 + 5, "{read:?}");
    assert!(read.values().all(|rows| *rows == ROWS as usize), "{read:?}");
}

/// Each row is written with its request and its place there, as its prediction event has them, entity included; and its outcome
/// is told by both.
async fn events_have_the_ids(fleet: &Fleet, rows: &Path, out: &Path) {
    let ids: Vec<(String, usize)> = column(out, "request_id")
        .into_iter()
        .zip(column(out, "row"))
        .map(|(id, row)| (id, row.parse().unwrap()))
        .collect();
    let entities = column(rows, "region");
    assert_eq!((ids.len(), entities.len()), (ROWS as usize, ROWS as usize));
    assert_eq!((ids[99].1, ids[100].1), (99, 0), "batches of 100");
    let wanted: BTreeMap<(String, usize), String> = ids.into_iter().zip(entities).collect();
    let bus = Bus::connect(&fleet.broker(), "test").await.unwrap();
    let found = eventually("the events have been published", || async {
        let mut found = BTreeMap::new();
        let stream = names::PREDICTIONS_STREAM;
        let take = |message: bus::StoredMessage| {
            let event: v1::PredictionEvent =
                encoding::from_protobuf("PredictionEvent", &message.payload).unwrap();
            for answer in event.answers {
                for (index, entity) in answer.entity_ids.into_iter().enumerate() {
                    let row = answer.first_row as usize + index;
                    found.insert((answer.request_id.clone(), row), entity);
                }
            }
            Ok::<_, bus::Error>(())
        };
        bus.scan(stream, subjects::ALL_PREDICTIONS, Scan::All, take).await.unwrap();
        (found.len() >= ROWS as usize).then_some(found)
    });
    assert_eq!(found.await, wanted);

    let outcomes = fleet.path("outcomes.csv");
    let lines =
        wanted.keys().filter(|(_, row)| row % 3 == 0).map(|(id, row)| format!("{id},{row},yes"));
    let lines: Vec<String> = lines.collect();
    write_table(
        &outcomes,
        std::iter::once("request_id,row,left").chain(lines.iter().map(String::as_str)),
    );
    let path = outcomes.display().to_string();
    let tell = ["feedback", "batch", "--data", &path, "--outcome-column", "left", "--json"];
    let told = fleet.tier0(tell).await.success().json();
    assert_eq!(
        (&told["messages"], &told["published"]),
        (&Value::from(3), &Value::from(3)),
        "{told}"
    );
}

/// Of each row, contributions and base are the log-odds of the probability.
fn adds_up(explained: &Path) {
    let predictions = read_predictions(explained);
    let numbers = |name: &str| -> Vec<f64> {
        column(explained, name).iter().map(|value| value.parse().unwrap()).collect()
    };
    let (base, margin) = (numbers("base"), numbers("margin"));
    let parts: Vec<Vec<f64>> = ["age", "visits", "region"]
        .iter()
        .map(|name| numbers(&format!("contribution_{name}")))
        .collect();
    let probabilities = &predictions.probabilities["yes"];
    assert_eq!(probabilities.len(), ROWS as usize);
    for (row, probability) in probabilities.iter().enumerate() {
        let sum = base[row] + parts.iter().map(|part| part[row]).sum::<f64>();
        assert!((sum - margin[row]).abs() < 1e-9, "row {row}: {sum} is not {}", margin[row]);
        let odds = (probability / (1.0 - probability)).ln();
        assert!((odds - margin[row]).abs() < 1e-9, "row {row}: {odds} is not {}", margin[row]);
    }
}

/// The benchmark in its shortest form: its figures are there and hold together. Their size is a matter of a quiet
/// machine, which a test run is not; only what noise cannot do is asserted of it.
#[tokio::test(flavor = "multi_thread")]
async fn s15_monitoring_overhead() {
    let bench = ["serving", "--seconds", "1", "--rounds", "3", "--time-budget", "5", "--json"];
    let report: Value = tier0_bench(bench).await.success().json();
    let number =
        |name: &str| report[name].as_f64().unwrap_or_else(|| panic!("no {name}: {report}"));
    assert!(number("p50_ms") <= number("p99_ms"));
    let ratio = number("requests_per_s") / number("bare_requests_per_s");
    assert!((number("ratio_to_bare_http") / ratio - 1.0).abs() < 1e-9, "{report}");
    assert!(number("batch_rows_per_s") >= 20_000.0, "scenario 11's figure: {report}");
    assert!(number("cpu_ms_per_request") < 0.5, "{report}");
    let ratio = number("logging_on_p99_ms") / number("logging_off_p99_ms");
    assert!((number("logging_p99_ratio") / ratio - 1.0).abs() < 1e-9, "{report}");
    // Publishing is beside the answer: it takes cores from it, and never a round trip to the broker.
    assert!(number("logging_on_p99_ms") < 25.0, "{report}");
}

/// A short soak: no error, and memory that stays.
#[tokio::test(flavor = "multi_thread")]
async fn a_short_soak_has_no_error_and_no_growth() {
    let soak = ["soak", "--seconds", "30", "--time-budget", "5", "--json"];
    let finished = tier0_bench(soak).await;
    let report = finished.json();
    assert_eq!(finished.code(), 0, "{report}");
    assert_eq!((&report["errors"], &report["is_flat"]), (&Value::from(0), &Value::from(true)));
    assert!(report["requests"].as_u64().unwrap() > 1_000, "{report}");
}
