//! Scenario 13: a million rows with planted defects: all are found by name and number, and memory stays under the stated ceiling.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::Path;

use contracts::{RunId, v1};
use serde_json::json;
use statistics::QualityReport;
use tier0_tests::{Fleet, Submitted, peak_memory};

use crate::records::Records;

const ROWS: u64 = 1_000_000;
/// Most memory that the data-preparer may take for a million rows (docs/adr/0030), in bytes.
const CEILING: u64 = 512 << 20;

/// Rows at the end of the table that equal one of the beginning.
const REPEATED: u64 = 5_000;
/// Every how many rows a defect is planted, and where it begins.
const BLANK_TARGET: Planted = Planted { first: 11, every: 25_000 };
const LETTERS: Planted = Planted { first: 77_777, every: 111_111 };
const INFINITE: Planted = Planted { first: 5_001, every: 10_007 };
const NO_DAY: Planted = Planted { first: 123, every: 20_011 };
const CAPITALS: Planted = Planted { first: 31, every: 499 };
const LATE: Planted = Planted { first: 4_242, every: 40_009 };

/// Rows with a defect; they are counted from 1.
struct Planted {
    first: u64,
    every: u64,
}

impl Planted {
    const fn is(&self, row: u64) -> bool {
        row >= self.first && (row - self.first).is_multiple_of(self.every)
    }

    fn rows(&self) -> impl Iterator<Item = u64> {
        // The repeated rows are rows of the beginning once more.
        (1..=ROWS).filter(|row| self.is(original(*row)))
    }

    fn count(&self) -> u64 {
        self.rows().count() as u64
    }
}

const fn original(row: u64) -> u64 {
    if row > ROWS - REPEATED { row - (ROWS - REPEATED) } else { row }
}

#[tokio::test(flavor = "multi_thread")]
async fn s13_large_data() {
    let fleet = Fleet::up().await;
    let records = Records::open(&fleet).await;
    let table = fleet.path("large.csv");
    let yes = write(&table);

    // With a copy of the target the data must not be trained on.
    let leaking = submit(&fleet, &table, &[]).await;
    let reason = leaking.failed_at("data-preparer");
    assert!(reason.contains("`copy`") && reason.contains("`outcome`"), "{reason}");

    let run = submit(&fleet, &table, &["copy"]).await.succeeded();
    let run = RunId::new(run["run_id"].as_str().unwrap()).unwrap();
    let result = records.result(&run).await.unwrap();
    let data = result.prepared_data().unwrap().to_message();
    all_are_found(&records, &data, result.warnings()).await;
    columns_are_left_out(&data);
    rows_are_accounted_for(&data, yes);

    let peak = peak_memory(fleet.file().pids["data-preparer"]);
    eprintln!("the data-preparer took {} MiB at most", peak >> 20);
    assert!(peak < CEILING, "{peak} bytes");
}

async fn submit(fleet: &Fleet, table: &Path, excluded: &[&str]) -> Submitted {
    let request = fleet.path("request.json");
    let document = json!({
        "dataUri": table, "target": "outcome", "positiveClass": "yes", "timeColumn": "seen",
        "splitMethod": "SPLIT_METHOD_STRATIFIED", "excludeColumns": excluded, "until": "data-preparer", "name": "large",
    });
    std::fs::write(&request, document.to_string()).unwrap();
    fleet.submit(["--request-file", request.to_str().unwrap()]).await
}

/// Each planted defect: a finding of the report or a warning of the run that names the column and the number of rows.
async fn all_are_found(records: &Records, data: &v1::PreparedData, warnings: &[v1::Warning]) {
    let bytes = records.artifacts.get(data.quality_report.as_ref().unwrap()).await.unwrap();
    let report: QualityReport = serde_json::from_slice(&bytes).unwrap();
    assert!(report.passed && report.rows_read == ROWS);
    let finding = |code: &str, column: &str| {
        let found = report.issues.iter().find(|of| of.code == code && of.column == column);
        found.unwrap_or_else(|| panic!("no {code} of {column}: {:#?}", report.issues))
    };
    let letters = finding("mixed_types", "score");
    assert_eq!(letters.rows, LETTERS.count());
    for row in LETTERS.rows() {
        assert!(letters.message.contains(&row.to_string()), "row {row}: {}", letters.message);
    }
    assert_eq!(finding("inconsistent_spelling", "region").rows, CAPITALS.count());
    assert_eq!(finding("mostly_missing", "sparse").column, "sparse");
    let late = finding("future_time", "seen");
    assert_eq!(late.rows, LATE.count() - both(&LATE, &BLANK_TARGET), "{}", late.message);

    let told = |code: &str, words: &[&str]| {
        let all = |of: &&v1::Warning| {
            of.code == code && words.iter().all(|word| of.message.contains(word))
        };
        assert!(warnings.iter().any(|of| all(&of)), "{code} {words:?}: {warnings:#?}");
    };
    told("source_note", &["`ratio`", &INFINITE.count().to_string(), "infinite"]);
    told("source_note", &["`signed`", &NO_DAY.count().to_string()]);
    told("target_missing_rows", &[&BLANK_TARGET.count().to_string()]);
    // Without a target a row is left out, and so is its repetition.
    let unlabelled = (1..=REPEATED).filter(|row| BLANK_TARGET.is(*row)).count() as u64;
    told("repeated_rows", &[&(REPEATED - unlabelled).to_string()]);
}

fn both(one: &Planted, other: &Planted) -> u64 {
    one.rows().filter(|row| other.is(original(*row))).count() as u64
}

fn columns_are_left_out(data: &v1::PreparedData) {
    let left_out: BTreeMap<&str, &str> =
        data.excluded_columns.iter().map(|of| (of.column.as_str(), of.reason.as_str())).collect();
    for (column, reason) in [
        ("copy", "request"),
        ("empty", "missing"),
        ("fixed", "constant"),
        ("account", "identifier"),
        ("reach", "mail"),
    ] {
        let said = left_out.get(column).unwrap_or_else(|| panic!("{column}: {left_out:#?}"));
        assert!(said.contains(reason), "{column}: {said}");
    }
    let kept: Vec<&str> = data.columns.iter().map(|column| column.name.as_str()).collect();
    for column in ["amount_0", "amount_7", "region", "score", "ratio", "signed", "sparse"] {
        assert!(kept.contains(&column), "{column} is used: {kept:?}");
    }
    let of = |name: &str| data.columns.iter().find(|column| column.name == name).unwrap();
    assert_eq!(of("ratio").r#type(), v1::ColumnType::Number);
    assert_eq!(of("signed").r#type(), v1::ColumnType::Date);
}

fn rows_are_accounted_for(data: &v1::PreparedData, yes: u64) {
    let rows = data.rows.as_ref().unwrap();
    assert_eq!((rows.read, rows.kept), (ROWS, ROWS - BLANK_TARGET.count()));
    let splits = [&data.train, &data.validation, &data.test, &data.hold_out];
    let split: u64 = splits.iter().map(|split| split.as_ref().unwrap().rows).sum();
    assert_eq!(split, rows.kept);
    let classes: BTreeMap<&str, u64> =
        data.classes.iter().map(|class| (class.class.as_str(), class.rows)).collect();
    assert_eq!(classes, BTreeMap::from([("no", rows.kept - yes), ("yes", yes)]));
}

/// Writes the table; gives the rows whose target is `yes`.
fn write(path: &Path) -> u64 {
    let mut into = BufWriter::with_capacity(1 << 20, File::create(path).unwrap());
    let amounts: Vec<String> =
        (0..4096).map(|number| format!("{}.{:03},", number / 7, number * 37 % 1000)).collect();
    let names: Vec<String> = (0..8).map(|number| format!("amount_{number}")).collect();
    writeln!(
        into,
        "{},region,score,ratio,signed,seen,empty,fixed,account,reach,sparse,copy,outcome",
        names.join(",")
    )
    .unwrap();
    let mut state = 0x9e37_79b9_7f4a_7c15_u64;
    let mut random = || {
        // Xorshift of 64 bits.
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        usize::try_from(state >> 32).unwrap()
    };
    let mut line = Vec::with_capacity(256);
    let (mut beginning, mut yes) = (Vec::new(), 0);
    for row in 1..=ROWS {
        if row > ROWS - REPEATED {
            let (line, is_yes): &(Vec<u8>, bool) =
                &beginning[usize::try_from(original(row) - 1).unwrap()];
            into.write_all(line).unwrap();
            yes += u64::from(*is_yes);
            continue;
        }
        line.clear();
        let mut sum = 0;
        for _ in 0..8 {
            let amount = random() % amounts.len();
            sum += amount;
            line.extend_from_slice(amounts[amount].as_bytes());
        }
        let number = |planted: &Planted, otherwise: &'static str, defect: &'static str| {
            if planted.is(row) { defect } else { otherwise }
        };
        let (day, noise) = (random() % 28 + 1, random() % 12_000);
        let region = ["south,", "east,", "west,"][random() % 3];
        line.extend_from_slice(number(&CAPITALS, region, "SOUTH,").as_bytes());
        let score = amounts[random() % amounts.len()].as_bytes();
        line.extend_from_slice(if LETTERS.is(row) { b"n/k," } else { score });
        let ratio = amounts[random() % amounts.len()].as_bytes();
        line.extend_from_slice(if INFINITE.is(row) { b"-inf," } else { ratio });
        let signed = if NO_DAY.is(row) {
            "0000-00-00,".to_owned()
        } else {
            format!("2023-0{}-{day:02},", day % 9 + 1)
        };
        line.extend_from_slice(signed.as_bytes());
        let year = if LATE.is(row) { 2999 } else { 2022 };
        let sparse = if row % 5 == 0 { "z" } else { "" };
        let is_yes = sum + noise > 23_000;
        let class = if is_yes { "yes" } else { "no" };
        let target = number(&BLANK_TARGET, class, "");
        writeln!(
            line,
            "{year}-06-{day:02},,same,{},u{row}@example.org,{sparse},{class},{target}",
            9_100_000_000_000_000_000 + row
        )
        .unwrap();
        let is_yes = is_yes && !BLANK_TARGET.is(row);
        yes += u64::from(is_yes);
        if row <= REPEATED {
            beginning.push((line.clone(), is_yes));
        }
        into.write_all(&line).unwrap();
    }
    into.flush().unwrap();
    yes
}
