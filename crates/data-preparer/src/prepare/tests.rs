#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic, reason = "a test")]

use std::collections::BTreeMap;
use std::io::{Read as _, Seek as _};

use tabular::{Column, ColumnType, ProblemType, Table};

use super::*;
use crate::write::SplitContent;

fn settings(directory: &Path) -> Settings<'_> {
    Settings {
        min_score: 0.8,
        max_association: 0.99,
        told_association: 0.9,
        cleaning: Cleaning { outliers: CapOutliers::Keep, missing: FillMissing::Keep },
        directory,
        threads: 2,
    }
}

fn strict(directory: &Path) -> Settings<'_> {
    Settings { min_score: 1.0, ..settings(directory) }
}

fn scope() -> Scope {
    Scope {
        target: "y".to_owned(),
        problem_type: ProblemType::Binary,
        classes: vec!["no".to_owned(), "yes".to_owned()],
        positive_class: "yes".to_owned(),
        min_rows: 100,
        seed: 7,
        ..Scope::default()
    }
}

/// 400 rows: an identifier, a constant, two features and the target.
fn table() -> Table {
    let rows = 400_usize;
    let ids: Vec<String> = (0..rows).map(|row| format!("c{row}")).collect();
    let columns: Vec<(&str, ColumnType, Column)> = vec![
        ("id", ColumnType::Text, Column::Text(ids.iter().map(|id| Some(id.as_str())).collect())),
        ("one", ColumnType::Integer, Column::Number(vec![1.0; rows])),
        (
            "x",
            ColumnType::Number,
            Column::Number(
                (0..rows)
                    .map(
                        |row| {
                            if row % 50 == 0 { f64::NAN } else { (row * 7919 % 101) as f64 / 3.0 }
                        },
                    )
                    .collect(),
            ),
        ),
        (
            "kind",
            ColumnType::Text,
            Column::Text((0..rows).map(|row| Some(["a", "b", "c"][row % 3])).collect()),
        ),
        (
            "y",
            ColumnType::Text,
            Column::Text(
                (0..rows).map(|row| Some(if row % 4 == 0 { "yes" } else { "no" })).collect(),
            ),
        ),
    ];
    let fields = columns.iter().map(|(name, kind, _)| Field::new(*name, *kind)).collect();
    Table::new(fields, columns.into_iter().map(|(_, _, column)| column).collect()).unwrap()
}

fn run(table: Table, scope: &Scope) -> Result<Prepared, RejectedData> {
    run_with(table, scope, &[], settings)
}

fn run_with(
    table: Table,
    scope: &Scope,
    removed: &[RowRemoval],
    settings: impl Fn(&Path) -> Settings<'_>,
) -> Result<Prepared, RejectedData> {
    let directory = tempfile::tempdir().unwrap();
    let row_numbers: Vec<u64> = (1..=table.rows() as u64).collect();
    let table = StoredTable::of_table(&table, directory.path()).unwrap();
    let input = Input {
        rows_read: table.rows() as u64 + removed.iter().map(|of| of.rows).sum::<u64>(),
        table: &table,
        row_numbers: &row_numbers,
        duplicates: removed.iter().map(|of| of.rows).sum(),
        removed,
        source_sha256: "ab",
        as_of: 0.0,
        markers: MissingMarkers::default(),
        checks: &TableChecks::default(),
    };
    prepare(&input, scope, settings(directory.path())).map_err(|error| match error {
        Unprepared::Rejected(rejected) => rejected,
        Unprepared::Failed(error) => panic!("{error}"),
    })
}

/// The splits, read back.
fn tables(prepared: &Prepared) -> Vec<Table> {
    let read = |split: &SplitFile| {
        let bytes = match &split.content {
            SplitContent::Memory(bytes) => bytes.clone(),
            SplitContent::File(file) => {
                let (mut file, mut bytes) = (file, Vec::new());
                file.rewind().unwrap();
                file.read_to_end(&mut bytes).unwrap();
                bytes
            }
        };
        let table = dataset::read_parquet(bytes).unwrap();
        assert_eq!(table.rows() as u64, split.rows);
        table
    };
    prepared.splits.iter().map(read).collect()
}

fn replaced(name: &str, column: Column) -> Table {
    let kind = table().field(name).unwrap().column_type;
    table().without(&[name]).with_column(Field::new(name, kind), column).unwrap()
}

fn codes(rejected: &RejectedData) -> Vec<&str> {
    assert!(!rejected.report.passed);
    let blocking = rejected.report.issues.iter().filter(|issue| issue.blocking);
    blocking.map(|issue| issue.code.as_str()).collect()
}

#[test]
fn good_data_are_split_and_described() {
    let prepared = run(table(), &scope()).unwrap();
    let rows: Vec<u64> = prepared.splits.iter().map(|split| split.rows).collect();
    assert_eq!(rows, [240, 80, 60, 20]);
    let names: Vec<&str> = prepared.fields.iter().map(|field| field.name.as_str()).collect();
    assert_eq!(names, ["x", "kind", "y"]);
    assert!(prepared.fields[0].nullable && !prepared.fields[1].nullable);
    let excluded: Vec<(&str, bool)> = prepared
        .excluded
        .iter()
        .map(|excluded| (excluded.column.as_str(), excluded.reason.starts_with("identifier")))
        .collect();
    assert_eq!(excluded, [("id", true), ("one", false)]);
    assert_eq!(prepared.profile.rows, 240);
    assert_eq!(prepared.classes[1].rows, 100);
    assert!(prepared.report.passed && prepared.report.score > 0.99);
    assert!(prepared.cleaning.column("y").is_none(), "nothing is done to the target");
}

#[test]
fn the_same_seed_gives_the_same_splits() {
    let one = run(table(), &scope()).unwrap();
    let two = run(table(), &scope()).unwrap();
    assert_eq!(tables(&one), tables(&two));
    let other = run(table(), &Scope { seed: 8, ..scope() }).unwrap();
    assert_ne!(tables(&one), tables(&other));
}

#[test]
fn a_missing_target_value_blocks_and_names_the_row() {
    let y = (0..400)
        .map(|row| if row == 41 { None } else { Some(if row % 4 == 0 { "yes" } else { "no" }) });
    let rejected = run(replaced("y", Column::Text(y.collect())), &scope()).unwrap_err();
    assert_eq!(codes(&rejected), ["target_missing_values"]);
    assert!(rejected.report.issues.iter().any(|issue| issue.message.contains("row 42")));
}

#[test]
fn a_copy_of_the_target_blocks() {
    let copy: Vec<f64> = (0..400).map(|row| if row % 4 == 0 { 1.0 } else { 0.0 }).collect();
    let table =
        table().with_column(Field::new("copy", ColumnType::Integer), Column::Number(copy)).unwrap();
    let rejected = run(table, &scope()).unwrap_err();
    assert_eq!(codes(&rejected), ["target_leakage"]);
    assert!(rejected.report.issues.iter().any(|issue| issue.column == "copy"));
}

#[test]
fn too_few_rows_a_rare_class_and_a_missing_class_block() {
    let rejected = run(table(), &Scope { min_rows: 500, ..scope() }).unwrap_err();
    assert_eq!(codes(&rejected), ["too_few_rows"]);
    let y = (0..400).map(|row| Some(if row < 5 { "yes" } else { "no" }));
    let rejected = run(replaced("y", Column::Text(y.collect())), &scope()).unwrap_err();
    assert_eq!(codes(&rejected), ["class_too_rare"]);
    let y = (0..400).map(|_| Some("no"));
    let rejected = run(replaced("y", Column::Text(y.collect())), &scope()).unwrap_err();
    assert_eq!(codes(&rejected), ["class_missing"]);
}

#[test]
fn columns_that_are_required_have_to_be_there() {
    let scope = Scope { required_columns: vec!["tenure".to_owned()], ..scope() };
    let rejected = run(table(), &scope).unwrap_err();
    assert_eq!(codes(&rejected), ["column_missing"]);
}

#[test]
fn a_repeated_entity_is_never_in_two_splits() {
    let owner: Vec<f64> = (0..400).map(|row| f64::from(row / 2)).collect();
    let table = table()
        .with_column(Field::new("owner", ColumnType::Integer), Column::Number(owner))
        .unwrap();
    let scope = Scope { entity_column: "owner".to_owned(), ..scope() };
    let prepared = run(table, &scope).unwrap();
    assert!(prepared.warnings.iter().any(|warning| warning.code == "split_by_entity"));
    // The folds of the search are of owners as well; no feature is made of them.
    assert!(prepared.cleaning.columns.iter().all(|column| column.name != "owner"));
    let mut seen: Vec<std::collections::BTreeSet<u64>> = Vec::new();
    for table in tables(&prepared) {
        let owners = table.column("owner").unwrap().numbers().unwrap();
        seen.push(owners.iter().map(|owner| owner.to_bits()).collect());
    }
    let all: usize = seen.iter().map(std::collections::BTreeSet::len).sum();
    assert_eq!(all, 200, "each owner is in one split");
}

#[test]
fn low_quality_fails_without_any_blocking_issue() {
    let removed = [RowRemoval { reason: "duplicate of an earlier row".to_owned(), rows: 400 }];
    let rejected = run_with(table(), &scope(), &removed, strict).unwrap_err();
    assert!(codes(&rejected).is_empty());
    assert!(rejected.report.score < 1.0);
}

#[test]
fn a_table_without_features_blocks() {
    let only = table().select(&["id", "one", "y"]).unwrap();
    assert_eq!(codes(&run(only, &scope()).unwrap_err()), ["no_features"]);
}

#[test]
fn weights_and_groups_stay_beside_the_inputs() {
    let weights = Column::Number((0..400).map(f64::from).collect());
    let table = table().with_column(Field::new("w", ColumnType::Number), weights).unwrap();
    let excluded = |column: &str| ExcludedColumn {
        column: column.to_owned(),
        reason: "sample weight".to_owned(),
    };
    let scope = Scope {
        weight_column: "w".to_owned(),
        group_columns: vec!["id".to_owned()],
        excluded_columns: vec![excluded("w")],
        ..scope()
    };
    let prepared = run(table.clone(), &scope).unwrap();
    assert!(prepared.fields.iter().all(|field| !["w", "id"].contains(&field.name.as_str())));
    for split in &tables(&prepared) {
        let (weights, ids) = (split.column("w").unwrap(), split.column("id").unwrap());
        let (weights, ids) = (weights.numbers().unwrap(), ids.text().unwrap());
        assert!(!weights.is_empty());
        for (row, weight) in weights.iter().enumerate() {
            assert_eq!(ids.get(row).unwrap(), format!("c{weight}"), "they belong to the same row");
        }
    }
    let mut values: Vec<f64> = (0..400).map(f64::from).collect();
    (values[3], values[9]) = (-1.0, f64::NAN);
    let wrong = table.without(&["w"]);
    let wrong = wrong.with_column(Field::new("w", ColumnType::Number), Column::Number(values));
    let rejected = run(wrong.unwrap(), &scope).unwrap_err();
    let issue = rejected.report.issues.iter().find(|of| of.code == "weights_unusable").unwrap();
    assert_eq!((issue.column.as_str(), issue.rows), ("w", 2));
    assert!(issue.message.contains("rows 4 and 10"), "{}", issue.message);
}

#[test]
fn splits_are_those_of_one_thread_and_hold_every_row_once() {
    let rows = 50_000_usize;
    let texts: Vec<String> = (0..rows).map(|row| format!("t{}", row % 301)).collect();
    let number = |of: fn(usize) -> f64| Column::Number((0..rows).map(of).collect());
    let columns: Vec<(&str, ColumnType, Column)> = vec![
        ("row", ColumnType::Number, number(|row| (row as f64).sqrt())),
        ("whole", ColumnType::Integer, number(|row| (row * 7919 % 10_007) as f64)),
        ("text", ColumnType::Text, Column::Text(texts.iter().map(|of| Some(&**of)).collect())),
        (
            "y",
            ColumnType::Text,
            Column::Text((0..rows).map(|row| Some(["no", "yes"][row % 5 / 4])).collect()),
        ),
    ];
    let fields = columns.iter().map(|(name, kind, _)| Field::new(*name, *kind)).collect();
    let table =
        Table::new(fields, columns.into_iter().map(|(_, _, column)| column).collect()).unwrap();
    let with = |threads| {
        run_with(table.clone(), &scope(), &[], |directory| Settings {
            threads,
            ..settings(directory)
        })
        .unwrap()
    };
    let (one, four) = (with(1), with(4));
    assert_eq!((&one.profile, &one.excluded), (&four.profile, &four.excluded));
    let (one, four) = (tables(&one), tables(&four));
    assert!(one == four);
    let numbers = |table: &Table| table.column("row").unwrap().numbers().unwrap().to_vec();
    let mut all: Vec<f64> = one.iter().flat_map(numbers).collect();
    all.sort_by(f64::total_cmp);
    assert!(all.iter().enumerate().all(|(row, value)| *value == (row as f64).sqrt()));
    assert_eq!(all.len(), rows);
}

/// 1,200 rows of answers with few levels, as of a survey: most rows equal another.
fn survey() -> Table {
    let rows = 1200_usize;
    let of = |values: &'static [&'static str], every: usize| -> Column {
        Column::Text((0..rows).map(|row| values.get(row / every % values.len()).copied()).collect())
    };
    let text = |name| Field::new(name, ColumnType::Text);
    let answers = (0..rows).map(|row| Some(if row * 7919 % 101 < 20 { "yes" } else { "no" }));
    Table::new(
        vec![text("a"), text("b"), text("c"), text("d"), text("y")],
        vec![
            of(&["p", "q", "r"], 1),
            of(&["w", "x", "y", "z"], 3),
            of(&["low", "mid", "high"], 12),
            of(&["m", "f"], 36),
            Column::Text(answers.collect()),
        ],
    )
    .unwrap()
}

#[test]
fn equal_rows_are_kept_and_on_one_side() {
    let prepared = run(survey(), &scope()).unwrap();
    let rows: u64 = prepared.splits.iter().map(|split| split.rows).sum();
    assert_eq!(rows, 1200);
    let told = prepared.warnings.iter().find(|of| of.code == "repeated_rows").unwrap();
    assert!(told.message.contains("--drop-duplicates"), "{}", told.message);
    assert!(prepared.report.issues.iter().any(|of| of.code == "repeated_rows" && of.rows > 1000));
    assert!(prepared.report.dimensions["uniqueness"] == 1.0, "frequencies are no defect");
    let mut side: BTreeMap<Vec<String>, Split> = BTreeMap::new();
    for (split, table) in Split::ALL.iter().zip(&tables(&prepared)) {
        for row in 0..table.rows() {
            let of = |name: &&str| {
                table.column(name).unwrap().text().unwrap().get(row).unwrap().to_owned()
            };
            let inputs: Vec<String> = ["a", "b", "c", "d"].iter().map(of).collect();
            assert_eq!(side.entry(inputs).or_insert(*split), split);
        }
    }
    assert_eq!(side.len(), 72);
}

#[test]
fn equal_rows_that_cannot_be_kept_together_are_told() {
    let few = survey().select(&["a", "y"]).unwrap();
    let prepared = run(few, &scope()).unwrap();
    assert!(prepared.warnings.iter().any(|of| of.code == "equal_rows_divided"));
}

#[test]
fn what_left_rows_out_is_told_where_too_few_are_left() {
    let of = |reason: &str, rows| RowRemoval { reason: reason.to_owned(), rows };
    let removed = [of("not included: x > 1", 0), of("duplicate of an earlier row", 5600)];
    let few = Scope { min_rows: 500, ..scope() };
    let rejected = run_with(table(), &few, &removed, settings).unwrap_err();
    let message =
        &rejected.report.issues.iter().find(|of| of.code == "too_few_rows").unwrap().message;
    assert!(
        message.contains("400 rows are left of 6000 (left out: 5600 duplicate of an earlier row)"),
        "{message}"
    );
    assert!(message.contains("--min-rows"));
}

#[test]
fn every_column_that_is_left_out_is_a_warning() {
    let prepared = run(table(), &scope()).unwrap();
    let told: Vec<&str> = prepared
        .warnings
        .iter()
        .filter(|of| of.code == "column_left_out")
        .map(|of| of.message.as_str())
        .collect();
    assert_eq!(told.len(), 2);
    assert!(told.iter().any(|message| message.contains("`one`")));
    assert!(
        told.iter().any(|message| message.contains("`id`") && message.contains("--keep-column"))
    );
    let kept = Scope { required_columns: vec!["id".to_owned()], ..scope() };
    let prepared = run(table(), &kept).unwrap();
    assert!(prepared.fields.iter().any(|field| field.name == "id"));
}

#[test]
fn leakage_is_allowed_by_name() {
    let copy: Vec<f64> = (0..400).map(|row| if row % 4 == 0 { 1.0 } else { 0.0 }).collect();
    let table =
        table().with_column(Field::new("copy", ColumnType::Integer), Column::Number(copy)).unwrap();
    let allowed = Scope { allow_leakage: vec!["copy".to_owned()], ..scope() };
    let prepared = run(table, &allowed).unwrap();
    assert!(prepared.warnings.iter().any(|of| of.code == "target_leakage"));
    assert!(prepared.fields.iter().any(|field| field.name == "copy"));
}

#[test]
fn a_mostly_blank_table_passes_and_a_request_may_ask_for_less() {
    let mut sparse = table();
    for item in 0..30 {
        let values = (0..400)
            .map(|row| if (row * 13 + item) % 20 == 0 { (row % 5) as f64 } else { f64::NAN });
        sparse = sparse
            .with_column(
                Field::new(format!("item{item}"), ColumnType::Integer),
                Column::Number(values.collect()),
            )
            .unwrap();
    }
    let prepared = run(sparse, &scope()).unwrap();
    assert!(
        prepared
            .warnings
            .iter()
            .any(|of| of.code == "mostly_missing" && of.message.starts_with("30 columns"))
    );
    assert!(prepared.fields.iter().any(|field| field.name == "item7"));
    assert!(run_with(table(), &scope(), &[], strict).is_err());
    let lower = Scope { min_quality_score: Some(0.5), ..scope() };
    let prepared = run_with(table(), &lower, &[], strict).unwrap();
    assert_eq!(prepared.report.threshold, 0.5);
}

#[test]
fn a_number_that_is_the_same_in_every_row_that_is_left_is_refused() {
    let table = replaced("y", Column::Text((0..400).map(|_| Some("no")).collect()));
    let table = table
        .without(&["y"])
        .with_column(Field::new("y", ColumnType::Number), Column::Number(vec![2.5; 400]))
        .unwrap();
    let scope = Scope { problem_type: ProblemType::Regression, classes: Vec::new(), ..scope() };
    let removed = [RowRemoval { reason: "criterion: age > 3".to_owned(), rows: 90 }];
    let rejected = run_with(table, &scope, &removed, settings).unwrap_err();
    assert_eq!(codes(&rejected), ["target_constant"]);
    let words =
        "the same value in all 400 rows that are left of 490 (left out: 90 criterion: age > 3)";
    assert!(rejected.report.issues.iter().any(|issue| issue.message.contains(words)));
}

/// A table with two flags whose exclusive or is the target.
fn with_flags() -> Table {
    let first = |row: usize| (row * 7919 % 101) % 2 == 1;
    let second = |row: usize| first(row) != row.is_multiple_of(4);
    let with = |table: Table, name: &str, flag: &dyn Fn(usize) -> bool| {
        let values = (0..400).map(|row| f64::from(u8::from(flag(row)))).collect();
        table.with_column(Field::new(name, ColumnType::Boolean), Column::Number(values)).unwrap()
    };
    with(with(table(), "first", &first), "second", &second)
}

#[test]
fn a_pair_that_gives_the_target_away_blocks_unless_one_of_the_two_is_named() {
    let rejected = run(with_flags(), &scope()).unwrap_err();
    assert_eq!(codes(&rejected), ["pair_leakage"]);
    for name in ["first", "second"] {
        let allowed = Scope { allow_leakage: vec![name.to_owned()], ..scope() };
        let prepared = run(with_flags(), &allowed).unwrap();
        assert!(prepared.warnings.iter().any(|warning| warning.code == "pair_leakage"), "{name}");
    }
}

#[test]
fn values_of_a_personal_column_that_was_asked_to_stay_are_in_no_report() {
    let mails: Vec<String> = (0..400).map(|row| format!("p{}@mail.example", row % 40)).collect();
    let mails = Column::Text(mails.iter().map(|mail| Some(mail.as_str())).collect());
    let cards = Column::Number((0..400).map(|row| f64::from(row % 7) + 4.0e15).collect());
    let table = table()
        .with_column(Field::new("reach", ColumnType::Text), mails)
        .unwrap()
        .with_column(Field::new("card_number", ColumnType::Integer), cards)
        .unwrap();
    let required = ["reach", "card_number"].map(str::to_owned).to_vec();
    let prepared = run(table, &Scope { required_columns: required, ..scope() }).unwrap();
    for name in ["reach", "card_number"] {
        let column = prepared.profile.column(name).unwrap();
        assert!(column.top_values.is_empty() && column.numeric.is_none() && column.distinct > 1);
    }
    let told = serde_json::to_string(&(&prepared.profile, &prepared.report)).unwrap();
    assert!(!told.contains("mail.example") && !told.contains("400000000000"), "{told}");
}
