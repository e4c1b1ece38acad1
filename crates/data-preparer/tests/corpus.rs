//! A corpus of planted defects: each is found, and the clean twin of the table has no finding.
//!
//! The table, its twin and the defects are made here; they go through the readers, the suite, the rules and the gate as in a run.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test stops at the first surprise"
)]

use std::path::Path;
use std::sync::Arc;

use contracts::stages::{IntegrityRule, ProblemType, Scope, SplitMethod, TableReference};
use data_preparer::{Cleaning, Input, Settings, TableChecks, Unprepared, prepare};
use dataset::{FileTable, Source, Stated, TableSource};
use expectations::Suite;
use serde_json::{Value as Json, json};
use tables::LoadOptions;
use tabular::parse::MissingMarkers;

const ROWS: usize = 600;
const HEADER: [&str; 14] = [
    "age", "income", "region", "joined", "seen", "active", "price", "quantity", "total", "started",
    "ended", "code", "comment", "y",
];

/// Rows of cells, the header first.
type Cells = Vec<Vec<String>>;

/// A number from 0 up to, and without, 1 that looks random.
fn noise(row: usize, salt: u64) -> f64 {
    let mut mixed = (row as u64 * 64 + salt).wrapping_mul(0x9E37_79B9_7F4A_7C15);
    mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    (mixed ^ (mixed >> 31)) as f64 / u64::MAX as f64
}

fn day(row: usize) -> usize {
    1 + row % 28
}

fn clean() -> Cells {
    let mut cells: Cells = vec![HEADER.map(str::to_owned).to_vec()];
    for row in 0..ROWS {
        let age = 18 + (noise(row, 1) * 60.0) as usize;
        let income = 1000.0 + noise(row, 2) * 4000.0;
        let (price, quantity) = (1.0 + (noise(row, 3) * 400.0).round() / 4.0, 1 + row % 9);
        let score = age as f64 / 78.0 + income / 5000.0 + noise(row, 4) * 1.5;
        cells.push(vec![
            age.to_string(),
            format!("{income:.2}"),
            ["north", "south", "east", "west"][(noise(row, 5) * 4.0) as usize % 4].to_owned(),
            format!("2021-{:02}-{:02}", 1 + row % 12, day(row)),
            format!("2022-{:02}-{:02}T{:02}:30:00", 1 + row % 12, day(row), row % 24),
            (noise(row, 6) < 0.5).to_string(),
            format!("{price}"),
            quantity.to_string(),
            format!("{}", price * quantity as f64),
            format!("2022-01-{:02}", day(row)),
            format!("2022-02-{:02}", day(row)),
            format!("{}{:03}", ["A", "B"][row % 2], (noise(row, 7) * 40.0) as usize),
            ["fine", "as usual", "soon again"][row % 3].to_owned(),
            if score > 1.9 { "yes" } else { "no" }.to_owned(),
        ]);
    }
    cells
}

fn place(name: &str) -> usize {
    HEADER.iter().position(|known| *known == name).unwrap()
}

/// Puts values into a column: `of(row)` is the new one, none where it stays.
fn put(cells: &mut Cells, name: &str, of: impl Fn(usize) -> Option<String>) {
    let place = place(name);
    for (row, line) in cells.iter_mut().skip(1).enumerate() {
        if let Some(value) = of(row) {
            line[place] = value;
        }
    }
}

/// Puts one value into one row.
fn one(name: &'static str, value: &'static str) -> Box<dyn Fn(&mut Cells)> {
    Box::new(move |cells| put(cells, name, |row| (row == 41).then(|| value.to_owned())))
}

/// Adds a column behind the others.
fn add(cells: &mut Cells, name: &str, of: impl Fn(usize, &[String]) -> String) {
    let header = cells[0].len();
    for (line, cells) in cells.iter_mut().enumerate() {
        let value = match line.checked_sub(1) {
            None => name.to_owned(),
            Some(row) => of(row, &cells[..header]),
        };
        cells.insert(0, value);
    }
}

fn expectation(name: &str, kwargs: Json) -> Json {
    json!({"type": name, "kwargs": kwargs, "severity": "warning"})
}

/// What the clean table meets.
fn suite() -> Vec<Json> {
    let of = expectation;
    vec![
        of("expect_table_row_count_to_be_between", json!({"min_value": 500, "max_value": 600})),
        of("expect_table_columns_to_match_set", json!({"column_set": HEADER})),
        of("expect_column_values_to_not_be_null", json!({"column": "income"})),
        of(
            "expect_column_values_to_be_between",
            json!({"column": "age", "min_value": 18, "max_value": 100}),
        ),
        of(
            "expect_column_values_to_be_in_set",
            json!({"column": "region", "value_set": ["north", "south", "east", "west"]}),
        ),
        of(
            "expect_column_values_to_not_be_in_set",
            json!({"column": "comment", "value_set": ["test"]}),
        ),
        of(
            "expect_column_values_to_match_regex",
            json!({"column": "code", "regex": "^[AB][0-9]{3}$"}),
        ),
        of(
            "expect_column_values_to_not_match_regex",
            json!({"column": "comment", "regex": "[<>]"}),
        ),
        of(
            "expect_column_values_to_match_like_pattern",
            json!({"column": "joined", "like_pattern": "2021-%"}),
        ),
        of("expect_column_value_lengths_to_equal", json!({"column": "code", "value": 4})),
        of(
            "expect_column_value_lengths_to_be_between",
            json!({"column": "comment", "max_value": 12}),
        ),
        of(
            "expect_column_values_to_match_strftime_format",
            json!({"column": "started", "strftime_format": "%Y-%m-%d"}),
        ),
        of("expect_column_values_to_be_of_type", json!({"column": "quantity", "type_": "int64"})),
        of("expect_column_min_to_be_between", json!({"column": "income", "min_value": 900})),
        of("expect_column_max_to_be_between", json!({"column": "income", "max_value": 5100})),
        of(
            "expect_column_mean_to_be_between",
            json!({"column": "age", "min_value": 40, "max_value": 55}),
        ),
        of(
            "expect_column_median_to_be_between",
            json!({"column": "quantity", "min_value": 4, "max_value": 6}),
        ),
        of(
            "expect_column_stdev_to_be_between",
            json!({"column": "income", "min_value": 1000, "max_value": 1300}),
        ),
        of(
            "expect_column_sum_to_be_between",
            json!({"column": "quantity", "min_value": 2900, "max_value": 3100}),
        ),
        of(
            "expect_column_unique_value_count_to_be_between",
            json!({"column": "region", "max_value": 4}),
        ),
        of(
            "expect_column_most_common_value_to_be_in_set",
            json!({"column": "quantity", "value_set": [1, 2, 3, 4, 5, 6], "ties_okay": true}),
        ),
        of(
            "expect_column_distinct_values_to_contain_set",
            json!({"column": "region", "value_set": ["north", "west"]}),
        ),
        of(
            "expect_column_quantile_values_to_be_between",
            json!({"column": "age", "quantile_ranges": {"quantiles": [0.5], "value_ranges": [[40, 55]]}}),
        ),
        of(
            "expect_column_pair_values_a_to_be_greater_than_b",
            json!({"column_A": "total", "column_B": "price", "or_equal": true}),
        ),
        of("expect_column_values_to_not_be_outliers", json!({"column": "price", "method": "iqr"})),
        of(
            "expect_column_value_z_scores_to_be_less_than",
            json!({"column": "income", "threshold": 4, "double_sided": true}),
        ),
        of(
            "unexpected_rows_expectation",
            json!({"unexpected_rows_query": "SELECT * FROM {batch} WHERE quantity > 20 OR price <= 0"}),
        ),
    ]
}

fn rules() -> Vec<IntegrityRule> {
    let named = |name: &str| IntegrityRule {
        name: name.to_owned(),
        warns: true,
        ..IntegrityRule::default()
    };
    let expression = |name: &str, text: &str, tolerance| IntegrityRule {
        expression: text.to_owned(),
        tolerance,
        ..named(name)
    };
    vec![
        IntegrityRule {
            unique: ["age", "income", "price"].map(str::to_owned).to_vec(),
            ..named("key")
        },
        IntegrityRule {
            reference: Some(TableReference {
                columns: vec!["region".to_owned()],
                uri: "regions.csv".to_owned(),
                key: vec!["name".to_owned()],
            }),
            ..named("known_region")
        },
        expression("total", "total = price * quantity", 0.001),
        expression("order", "ended >= started", 0.0),
        expression("span", "ended - started <= interval '40' day", 0.0),
        expression("adults", "age >= 18 or comment = 'guardian'", 0.0),
        expression("positive", "price > 0 and quantity > 0", 0.0),
        expression("seen_later", "seen >= joined", 0.0),
    ]
}

/// What was found of a table: code and message of each finding.
fn found(directory: &Path, cells: &[Vec<String>], scope: &Scope) -> Vec<(String, String)> {
    let text: String = cells.iter().map(|line| line.join(",") + "\n").collect();
    found_in(directory, text.as_bytes(), scope)
}

fn found_in(directory: &Path, bytes: &[u8], scope: &Scope) -> Vec<(String, String)> {
    let open = |path: &Path| -> Arc<dyn TableSource> {
        Arc::new(FileTable::new(Source::open_local(path).unwrap(), Stated::default()))
    };
    let path = directory.join("table.csv");
    std::fs::write(&path, bytes).unwrap();
    let regions = directory.join("regions.csv");
    std::fs::write(&regions, "name,land\nnorth,x\nsouth,x\neast,y\nwest,y\n").unwrap();
    let options = LoadOptions { drop_duplicates: false, threads: 2, ..LoadOptions::default() };
    let loaded = match tables::load(&open(&path), &options) {
        Ok(loaded) => loaded,
        Err(error) => return vec![(error.code().to_owned(), error.to_string())],
    };
    let suite = json!({"name": "corpus", "expectations": suite()}).to_string();
    let checks = TableChecks {
        suite: Some(Suite::parse(suite.as_bytes()).unwrap()),
        references: vec![("known_region".to_owned(), open(&regions))],
        rules: rules(),
    };
    let input = Input {
        table: &loaded.table,
        row_numbers: &loaded.row_numbers,
        rows_read: loaded.rows_read,
        duplicates: 0,
        removed: &[],
        source_sha256: &loaded.source_sha256,
        // The first of January 2023.
        as_of: 1_672_531_200.0 * 1e6,
        markers: MissingMarkers::default(),
        checks: &checks,
    };
    let settings = Settings {
        min_score: 0.0,
        max_association: 0.99,
        told_association: 0.90,
        cleaning: Cleaning::default(),
        directory,
        threads: 2,
    };
    let report = match prepare(&input, scope, settings) {
        Ok(prepared) => prepared.report,
        Err(Unprepared::Rejected(rejected)) => *rejected.report,
        Err(Unprepared::Failed(error)) => panic!("{error}"),
    };
    report.issues.into_iter().map(|issue| (issue.code, issue.message)).collect()
}

fn scope() -> Scope {
    Scope {
        target: "y".to_owned(),
        problem_type: ProblemType::Binary,
        classes: vec!["no".to_owned(), "yes".to_owned()],
        positive_class: "yes".to_owned(),
        time_column: "seen".to_owned(),
        split_method: Some(SplitMethod::Stratified),
        min_rows: 500,
        seed: 3,
        ..Scope::default()
    }
}

/// A defect, and the finding that tells it: its code, and a part of its message.
struct Defect {
    name: &'static str,
    plant: Box<dyn Fn(&mut Cells)>,
    code: &'static str,
    part: &'static str,
}

fn defect(
    name: &'static str,
    code: &'static str,
    part: &'static str,
    plant: impl Fn(&mut Cells) + 'static,
) -> Defect {
    Defect { name, plant: Box::new(plant), code, part }
}

fn set(
    name: &'static str,
    (column, value): (&'static str, &'static str),
    code: &'static str,
    part: &'static str,
) -> Defect {
    Defect { name, plant: one(column, value), code, part }
}

fn of_expectations() -> Vec<Defect> {
    const NOT_MET: &str = "expectation_not_met";
    let whole = |name, column: &'static str, value: fn(usize) -> String, part| {
        defect(name, NOT_MET, part, move |cells| put(cells, column, |row| Some(value(row))))
    };
    vec![
        defect("too few rows for the suite", NOT_MET, "row_count", |cells| cells.truncate(481)),
        defect("a column more", NOT_MET, "columns_to_match_set", |cells| {
            add(cells, "more", |row, _| (row % 7).to_string());
        }),
        set("a gap", ("income", ""), NOT_MET, "not_be_null of `income`"),
        set("an age below the range", ("age", "7"), NOT_MET, "to_be_between of `age`"),
        set("an age beyond the range", ("age", "1200"), NOT_MET, "to_be_between of `age`"),
        set("an unknown region", ("region", "nowhere"), NOT_MET, "to_be_in_set of `region`"),
        set("a forbidden word", ("comment", "test"), NOT_MET, "not_be_in_set of `comment`"),
        set("a code of another form", ("code", "AX12"), NOT_MET, "to_match_regex of `code`"),
        set("a forbidden sign", ("comment", "<b>"), NOT_MET, "not_match_regex of `comment`"),
        set(
            "a date of another year",
            ("joined", "2020-05-05"),
            NOT_MET,
            "like_pattern of `joined`",
        ),
        set("a code of another length", ("code", "A12"), NOT_MET, "lengths_to_equal of `code`"),
        set(
            "a long text",
            ("comment", "much too long a comment"),
            NOT_MET,
            "lengths_to_be_between",
        ),
        set("fractions of pieces", ("quantity", "2.5"), NOT_MET, "be_of_type of `quantity`"),
        set("a small income", ("income", "12.5"), NOT_MET, "column_min"),
        set("a great income", ("income", "99000"), NOT_MET, "column_max"),
        whole("another mean", "age", |row| (70 + row % 9).to_string(), "column_mean"),
        whole("another median", "quantity", |row| (8 + row % 2).to_string(), "column_median"),
        whole("another spread", "income", |row| format!("{}.5", 2000 + row % 100), "column_stdev"),
        whole("another sum", "quantity", |_| "9".to_owned(), "column_sum"),
        set("one region more", ("region", "centre"), NOT_MET, "unique_value_count"),
        whole(
            "another frequent value",
            "quantity",
            |row| ["8", "9"][row % 2].to_owned(),
            "most_common",
        ),
        defect("a region that is gone", NOT_MET, "distinct_values_to_contain", |cells| {
            put(cells, "region", |_| Some("east".to_owned()));
        }),
        whole("another quantile", "age", |row| (20 + row % 5).to_string(), "quantile_values"),
        set("a total below the price", ("total", "0.1"), NOT_MET, "a_to_be_greater_than_b"),
        set("a price far out", ("price", "9000"), NOT_MET, "not_be_outliers"),
        set("an income far out", ("income", "500000"), NOT_MET, "z_scores"),
        set("a row that a query finds", ("quantity", "21"), NOT_MET, "unexpected_rows"),
        set(
            "a text among numbers cannot be evaluated",
            ("income", "much"),
            "expectation_not_evaluated",
            "`income`",
        ),
    ]
}

fn of_rules() -> Vec<Defect> {
    vec![
        defect("a key twice", "key_repeated", "row 42", |cells| {
            let first = cells[5].clone();
            for name in ["age", "income", "price", "total"] {
                cells[42][place(name)] = first[place(name)].clone();
            }
            cells[42][place("quantity")] = first[place("quantity")].clone();
        }),
        set("a region that is in no table", ("region", "elsewhere"), "reference_missing", "row 42"),
        set("a wrong total", ("total", "1234.5"), "rule_broken", "`total`"),
        set("an end before the start", ("ended", "2021-12-31"), "rule_broken", "`order`"),
        set("too long a span", ("ended", "2022-12-31"), "rule_broken", "`span`"),
        set("a minor without a guardian", ("age", "12"), "rule_broken", "`adults`"),
        set("a negative price", ("price", "-3"), "rule_broken", "`positive`"),
        set("seen before joined", ("seen", "2001-01-01T00:00:00"), "rule_broken", "`seen_later`"),
        set("a text where a number is compared", ("quantity", "many"), "rule_unusable", "`total`"),
        defect("a column of a rule that is gone", "rule_unusable", "no column `ended`", |cells| {
            let place = place("ended");
            for line in cells {
                line.remove(place);
            }
        }),
    ]
}

/// What tells the target together, afterwards, or twice.
fn of_leakage() -> Vec<Defect> {
    let more = |name, column: &'static str, value: fn(usize, &[String]) -> String, code, part| {
        defect(name, code, part, move |cells| add(cells, column, value))
    };
    const PAIR: &str = "pair_leakage";
    // The month and the day of the row's own time.
    let moment = |row: usize| (1 + row % 12, day(row));
    vec![
        defect("two flags and their exclusive or", PAIR, "`second` and `first`", |cells| {
            add(cells, "first", |row, _| (noise(row, 30) < 0.5).to_string());
            add(cells, "second", |_, cells| (is_yes(cells) != (cells[0] == "true")).to_string());
        }),
        defect("one number above another", PAIR, "`asked` and `offered`", |cells| {
            add(cells, "offered", |row, _| format!("{:.2}", 500.0 * noise(row, 31)));
            add(cells, "asked", |row, cells| {
                let step = 1.0 + 200.0 * noise(row, 32);
                let offered: f64 = cells[0].parse().unwrap();
                format!("{:.2}", offered + if is_yes(cells) { step } else { -step })
            });
        }),
        defect("two texts that are equal", PAIR, "`given` and `booked`", |cells| {
            add(cells, "booked", |row, _| format!("room {}", (noise(row, 33) * 5.0) as usize));
            add(cells, "given", |row, cells| {
                let other = (noise(row, 33) * 5.0) as usize + 1 + (noise(row, 34) * 4.0) as usize;
                if is_yes(cells) { cells[0].clone() } else { format!("room {}", other % 5) }
            });
        }),
        defect("when it ended", "time_leakage", "`closed`", move |cells| {
            add(cells, "closed", move |row, cells| {
                let (month, day) = moment(row);
                if is_yes(cells) {
                    format!("2022-{month:02}-28")
                } else {
                    format!("2023-{month:02}-{day:02}")
                }
            });
        }),
        defect("that it ended", "time_leakage", "`left_on`", move |cells| {
            add(cells, "left_on", move |row, cells| {
                let happens = noise(row, 35) < if is_yes(cells) { 0.7 } else { 0.05 };
                if happens {
                    format!("2023-{:02}-{:02}", moment(row).0, 1 + row % 27)
                } else {
                    String::new()
                }
            });
        }),
        defect("a plan", "later_time", "`due`", move |cells| {
            add(cells, "due", move |row, _| {
                format!("2023-{:02}-{:02}", moment(row).0, 1 + (noise(row, 36) * 27.0) as usize)
            });
        }),
        defect("rows that are equal but for a little", "near_duplicate_rows", "of the", |cells| {
            for row in 1..=60 {
                let mut like = cells[row].clone();
                let income: f64 = like[place("income")].parse().unwrap();
                like[place("income")] = format!("{:.3}", income + 0.004);
                like[place("comment")] = format!("{}.", like[place("comment")].to_uppercase());
                cells[540 + row] = like;
            }
        }),
        more(
            "an identifier that predicts",
            "account_no",
            |row, cells| {
                let number = (row * 7919) % 100_003 * 3;
                (number + if is_yes(cells) { 400_000 } else { 0 }).to_string()
            },
            "predictive_identifier",
            "`account_no`",
        ),
        defect("gaps that cost points", "score_lost", "`income` (120)", |cells| {
            put(cells, "income", |row| row.is_multiple_of(5).then(String::new));
        }),
        more(
            "addresses of networks",
            "from",
            |row, _| format!("203.0.{}.{}", 113 + row % 5, row % 250),
            "column_left_out",
            "addresses of networks",
        ),
        more("identity numbers", "holder", |row, _| spanish(row), "column_left_out", "Spanish"),
    ]
}

/// A Spanish identity number with its letter.
fn spanish(row: usize) -> String {
    let number = 10_000_000 + row * 79_193;
    format!("{number:08}{}", char::from(b"TRWAGMYFPDXBNJZSQVHLCKE"[number % 23]))
}

fn is_yes(cells: &[String]) -> bool {
    cells.last().is_some_and(|class| class == "yes")
}

fn of_the_gate() -> Vec<Defect> {
    let more = |name, column: &'static str, value: fn(usize, &[String]) -> String, code, part| {
        defect(name, code, part, move |cells| add(cells, column, value))
    };
    const OUT: &str = "column_left_out";
    vec![
        set("a target that is missing", ("y", ""), "target_missing_values", "row 42"),
        defect("one class alone", "class_missing", "`yes`", |cells| {
            put(cells, "y", |_| Some("no".to_owned()));
        }),
        defect("a class of a few rows", "class_too_rare", "`yes`", |cells| {
            put(cells, "y", |row| Some(if row < 5 { "yes" } else { "no" }.to_owned()));
        }),
        defect("the target is gone", "column_missing", "`y`", |cells| {
            for line in cells {
                line.pop();
            }
        }),
        defect("too few rows", "too_few_rows", "at least 500", |cells| cells.truncate(301)),
        set("a number with a unit", ("price", "3 eggs"), "rule_broken", "row 42"),
        defect("two spellings", "inconsistent_spelling", "`region`", |cells| {
            put(cells, "region", |row| (row < 9).then(|| "North".to_owned()));
        }),
        set("a time to come", ("seen", "2031-05-05T00:00:00"), "future_time", "row 42"),
        defect("mostly blank", "mostly_missing", "`comment`", |cells| {
            put(cells, "comment", |row| (row % 5 > 0).then(String::new));
        }),
        defect("repeated rows", "repeated_rows", "3 of", |cells| {
            let lines: Vec<_> = cells[10..13].to_vec();
            cells.truncate(590);
            cells.extend(lines);
        }),
        more(
            "a copy of the target",
            "copy",
            |_, cells| if is_yes(cells) { "1" } else { "0" }.to_owned(),
            "target_leakage",
            "`copy`",
        ),
        more(
            "the target in other words",
            "words",
            |_, cells| if is_yes(cells) { "gone" } else { "stays" }.to_owned(),
            "target_leakage",
            "`words`",
        ),
        more(
            "a near copy",
            "near",
            |row, cells| {
                format!("{:.3}", f64::from(u8::from(is_yes(cells))) + noise(row, 20) * 0.9)
            },
            "target_leakage",
            "`near`",
        ),
        more(
            "gaps that tell the target",
            "gaps",
            |row, cells| if is_yes(cells) { String::new() } else { (row % 13).to_string() },
            "missingness_leakage",
            "`gaps`",
        ),
        more(
            "a strong one",
            "strong",
            |row, cells| {
                format!("{:.3}", f64::from(u8::from(is_yes(cells))) + noise(row, 21) * 1.22)
            },
            "strong_association",
            "`strong`",
        ),
        more("a constant", "same", |_, _| "7".to_owned(), OUT, "constant"),
        more("nothing at all", "none", |_, _| String::new(), OUT, "all missing"),
        more(
            "a running number",
            "number",
            |row, _| (row + 1000).to_string(),
            OUT,
            "running number",
        ),
        more(
            "an identifier",
            "customer_id",
            |row, _| format!("c{}", (row * 7919) % 100_003),
            OUT,
            "identifier",
        ),
        more(
            "free text",
            "story",
            |row, _| format!("story {} of many", (row * 31) % 401),
            OUT,
            "free text",
        ),
        more(
            "mail addresses",
            "reach",
            |row, _| format!("p{row}@mail.example"),
            OUT,
            "addresses of mail",
        ),
        more(
            "telephone numbers",
            "line",
            |row, _| format!("+41 44 668 {:04}", row % 500),
            OUT,
            "telephone",
        ),
        more(
            "social security numbers",
            "person",
            |row, _| format!("{:03}-{:02}-{:04}", 100 + row % 500, 10 + row % 80, 1000 + row),
            OUT,
            "social security",
        ),
        more("account numbers", "pays_to", |row, _| iban(row), OUT, "bank account"),
        more("card numbers", "pays_by", |row, _| card(row), OUT, "card numbers"),
    ]
}

/// A card number with its check digit (ISO/IEC 7812).
fn card(row: usize) -> String {
    let body = format!("4539{:011}", row * 7919 + 12_345);
    let sum: u32 = body
        .bytes()
        .rev()
        .enumerate()
        .map(|(place, digit)| {
            let digit = u32::from(digit - b'0');
            let digit = if place % 2 == 0 { digit * 2 } else { digit };
            digit / 10 + digit % 10
        })
        .sum();
    format!("{body}{}", (10 - sum % 10) % 10)
}

/// A Swiss account number with its check digits (ISO 13616).
fn iban(row: usize) -> String {
    let body = format!("{:017}", 762_000_000_000_u64 + row as u64 * 7919);
    // C is 12 and H is 17.
    let digits = format!("{body}121700");
    let rest = digits.bytes().fold(0_u64, |rest, digit| (rest * 10 + u64::from(digit - b'0')) % 97);
    format!("CH{:02}{body}", 98 - rest)
}

/// Defects of the file itself, as bytes.
fn of_the_file() -> Vec<(&'static str, Vec<u8>, &'static str)> {
    let lines: Vec<String> = clean().iter().map(|line| line.join(",")).collect();
    let text = lines.join("\n") + "\n";
    let with = |line: usize, new: &str| {
        let mut lines = lines.clone();
        lines[line] = new.to_owned();
        (lines.join("\n") + "\n").into_bytes()
    };
    vec![
        ("a short row", with(20, "1,2,3"), "source_ragged_row"),
        ("a long row", with(20, &format!("{},9", lines[20])), "source_ragged_row"),
        ("a column twice", with(0, &lines[0].replace("price", "age")), "source_duplicate_column"),
        ("a quote that is never closed", with(20, &format!("\"{}", lines[20])), ""),
        ("nothing", Vec::new(), "source_empty"),
        ("a header alone", format!("{}\n", lines[0]).into_bytes(), ""),
        ("a cut gzip", vec![0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 3, 1, 2], ""),
        ("a damaged Parquet file", b"PAR1 and no more PAR1".to_vec(), ""),
        ("a name that is none", with(0, &lines[0].replace("price", "")), "rule_unusable"),
    ]
    .into_iter()
    .chain([("clean", text.into_bytes(), "clean")])
    .collect()
}

#[test]
fn planted_defects_are_found_and_the_clean_twin_has_none() {
    let directory = tempfile::tempdir().unwrap();
    let twin = found(directory.path(), &clean(), &scope());
    assert!(twin.is_empty(), "the clean twin: {twin:?}");
    let defects: Vec<Defect> = of_expectations()
        .into_iter()
        .chain(of_rules())
        .chain(of_the_gate())
        .chain(of_leakage())
        .collect();
    let mut missed = Vec::new();
    let count = defects.len();
    for Defect { name, plant, code, part } in defects {
        let mut cells = clean();
        plant(&mut cells);
        assert_ne!(cells, clean(), "{name} changes nothing");
        let findings = found(directory.path(), &cells, &scope());
        if !findings.iter().any(|(of, message)| of == code && message.contains(part)) {
            missed.push((name, code, part, findings));
        }
    }
    let mut of_files = 0;
    for (name, bytes, code) in of_the_file() {
        let findings = found_in(directory.path(), &bytes, &scope());
        // A file that cannot be read has one reason; a name that is none is found by all that ask for it.
        let refused = match code {
            "" => findings.len() == 1,
            code => findings.iter().any(|(of, _)| of == code),
        };
        if code == "clean" {
            assert!(findings.is_empty(), "{findings:?}");
        } else {
            of_files += 1;
            if !refused {
                missed.push((name, code, "", findings));
            }
        }
    }
    assert!(missed.is_empty(), "{} of {} missed: {missed:#?}", missed.len(), count + of_files);
    assert!(count + of_files >= 80, "{}", count + of_files);
}
