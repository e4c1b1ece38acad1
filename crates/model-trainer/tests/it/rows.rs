//! Of a large table a run reads the rows that its time budget has work for, and streams the others.

use learners::StreamedExamples as _;
use tabular::{Column, Table};

use super::*;

const ROWS: usize = 40_000;

/// Rows of a table that is larger than what is refitted in memory by the seconds below.
const MANY_ROWS: usize = 120_000;
const MANY_ROWS_SECONDS: f64 = 2.5;

fn made() -> (Prepared, stages::Scope) {
    made_of(ROWS, 1.0)
}

fn made_of(rows: usize, seconds: f64) -> (Prepared, stages::Scope) {
    let label = |score: f64| Column0::Label(if score > 0.6 { "yes" } else { "no" });
    let (tables, classes) =
        prepared(&table(rows, label), "outcome", ProblemType::Binary, Some("yes"));
    let scope = scope("outcome", stages::ProblemType::Binary, classes, "roc_auc");
    (tables, stages::Scope { time_budget_seconds: seconds, ..scope })
}

fn numbers<'a>(table: &'a Table, column: &str) -> &'a [f64] {
    table.column(column).and_then(Column::numbers).unwrap()
}

/// The values of a column in these tables, one after the other.
fn values(tables: &[&Table], column: &str) -> Vec<f64> {
    tables.iter().flat_map(|table| numbers(table, column).to_vec()).collect()
}

#[test]
fn the_rows_that_are_read_are_those_of_the_samples() {
    let (tables, scope) = made();
    let read = tables.splits().read(tables.plan.clone(), &scope).unwrap();
    let learn = tables.train.rows() + tables.validation.rows();
    assert_eq!((read.learn_rows, read.test_rows), (learn, tables.test.rows()));
    let rows = read.train.rows() + read.validation.rows();
    assert!(read.folds.rows < rows && rows < learn, "{} {rows} {learn}", read.folds.rows);
    // The same rows as by a choice among rows that are all in memory.
    let all = values(&[&tables.train, &tables.validation, &tables.test], "x");
    let target = |table: &Table| {
        target::encode_with(table, "outcome", ProblemType::Binary, &scope.classes).unwrap().values
    };
    let targets =
        [target(&tables.train), target(&tables.validation), target(&tables.test)].concat();
    let chosen = |most: usize, of: usize| -> Vec<f64> {
        let task = learners::Task::BINARY;
        learners::stratified_sample(task, targets.get(..of).unwrap(), most, scope.seed)
            .into_iter()
            .map(|row| *all.get(row).unwrap())
            .collect()
    };
    let found = values(&[&read.train, &read.validation, &read.test], "x");
    let at = |places: &[usize]| -> Vec<f64> {
        places.iter().map(|&place| *found.get(place).unwrap()).collect()
    };
    assert!(at(&read.search) == chosen(read.folds.rows, learn), "the search's rows");
    assert!(at(&read.refit) == chosen(read.folds.refit_rows, all.len()), "the refit's rows");
    assert_eq!(read.test.rows(), tables.test.rows());
}

#[test]
fn boosting_learns_from_more_rows_than_are_in_memory_and_the_same_trials_repeat_it() {
    let (tables, scope) = made_of(MANY_ROWS, MANY_ROWS_SECONDS);
    let all = tables.train.rows() + tables.validation.rows() + tables.test.rows();
    let run = |cores, constraints| {
        let config =
            model_trainer::TrainingConfig { cores, max_trials: 2, ..Config::default().training };
        // The number of trials ends these searches, not time.
        let scope = stages::Scope { max_trials: 2, constraints, ..scope.clone() };
        run_with(&tables, &scope, &config).unwrap()
    };
    let in_memory = tables.splits().read(tables.plan.clone(), &scope).unwrap().refit.len();
    let (trained, packed) = run(1, None);
    assert!(in_memory < trained.served.rows, "{in_memory} {}", trained.served.rows);
    for share in &trained.served.shares {
        let boosts = share.algorithm == Algorithm::GradientBoosting;
        assert!(boosts || share.rows == in_memory, "{share:?}");
    }
    assert_eq!(packed.output.trained_rows, trained.served.rows as u64);
    let warned = |trained: &TrainingOutcome| {
        let warning = trained.warnings.iter().find(|of| of.code == "refit_on_sample");
        warning.map(|of| of.message.clone())
    };
    assert_eq!(warned(&trained).is_none(), trained.served.rows == all);
    let (_, again) = run(2, None);
    assert!(again.bundle == packed.bundle);
    // With little memory there are fewer, which is said.
    let little = stages::Constraints { max_memory_bytes: 5 << 20, ..Default::default() };
    let (limited, _) = run(2, Some(little));
    let message = warned(&limited).unwrap();
    let rows = format!("{} of {all} rows", limited.served.rows);
    assert!(message.contains(&rows) && message.contains("memory"), "{message}");
}

#[test]
fn streamed_rows_are_the_others_each_once_with_their_weights() {
    let (mut tables, scope) = made();
    for split in [&mut tables.train, &mut tables.validation, &mut tables.test] {
        let (mut fields, mut columns) = (split.fields().to_vec(), split.columns().to_vec());
        fields.push(Field::new("weight", ColumnType::Number));
        let x = numbers(split, "x").to_vec();
        columns.push(Column::Number(x.iter().map(|x| x.abs() + 0.5).collect()));
        *split = Table::new(fields, columns).unwrap();
    }
    let task = learners::Task::BINARY;
    for (weight_column, balance_classes) in
        [("", false), ("weight", false), ("", true), ("weight", true)]
    {
        let scope = stages::Scope {
            weight_column: weight_column.to_owned(),
            balance_classes,
            ..scope.clone()
        };
        let read = tables.splits().read(tables.plan.clone(), &scope).unwrap();
        let splits = [&read.train, &read.validation, &read.test];
        let in_memory = read.examples_at(&scope, task, &splits, &read.refit).unwrap();
        // All rows by another way: as if there were time to have them in memory.
        let long = stages::Scope { time_budget_seconds: 60.0, ..scope.clone() };
        let whole = tables.splits().read(tables.plan.clone(), &long).unwrap();
        let splits = [&whole.train, &whole.validation, &whole.test];
        let whole = whole.examples_at(&long, task, &splits, &whole.refit).unwrap();
        for rows in [usize::MAX, 20_000, in_memory.rows()] {
            let behind = read.streamed_rows(&scope, task, &in_memory, rows, 2).unwrap().unwrap();
            let mut found: Vec<(Vec<u64>, u64, u64)> = Vec::new();
            let mut seen = Vec::new();
            behind
                .each(&mut |block| {
                    seen.extend(block.iter_rows().map(<[f64]>::to_vec));
                    Ok(())
                })
                .unwrap();
            assert_eq!(seen.len(), behind.target().len());
            assert_eq!(seen.len() + in_memory.rows(), rows.min(whole.rows()));
            let bits = |row: &[f64]| -> Vec<u64> { row.iter().map(|of| of.to_bits()).collect() };
            // Sums of weights in another order differ in their last digits.
            let weight = |weights: Option<&[f64]>, row: usize| {
                weights.map_or(0, |weights| (weights[row] * 1e3).round() as u64)
            };
            for (row, values) in seen.iter().enumerate() {
                found.push((
                    bits(values),
                    behind.target()[row] as u64,
                    weight(behind.weights(), row),
                ));
            }
            for (row, values) in in_memory.features.iter_rows().enumerate() {
                let weights = in_memory.weights.as_deref();
                found.push((bits(values), in_memory.target[row] as u64, weight(weights, row)));
            }
            found.sort();
            if rows == usize::MAX {
                let weights = whole.weights.as_deref();
                let mut expected: Vec<(Vec<u64>, u64, u64)> = (0..whole.rows())
                    .zip(whole.features.iter_rows())
                    .map(|(row, values)| {
                        (bits(values), whole.target[row] as u64, weight(weights, row))
                    })
                    .collect();
                expected.sort();
                let off = |one: &(Vec<u64>, u64, u64), other: &(Vec<u64>, u64, u64)| {
                    one.0 != other.0 || one.1 != other.1 || one.2.abs_diff(other.2) > 10
                };
                let wrong = found.iter().zip(&expected).filter(|(one, other)| off(one, other));
                assert_eq!(wrong.count(), 0, "{weight_column} {balance_classes}");
            } else {
                let before = found.len();
                found.dedup();
                assert_eq!(found.len(), before);
            }
        }
    }
}

#[test]
fn a_longer_budget_reads_all_of_them() {
    let (tables, scope) = made();
    let scope = stages::Scope { time_budget_seconds: 60.0, ..scope };
    let read = tables.splits().read(tables.plan.clone(), &scope).unwrap();
    let of = |train: &Table, validation: &Table| values(&[train, validation], "x");
    assert!(of(&read.train, &read.validation) == of(&tables.train, &tables.validation));
    assert_eq!(read.search.len(), read.learn_rows);
    assert_eq!(read.refit.len(), read.learn_rows + read.test_rows);
}

#[test]
fn a_sample_keeps_later_rows_and_entities_apart() {
    let (mut tables, scope) = made();
    let later = stages::Scope {
        split_method: Some(stages::SplitMethod::Time),
        time_column: "x".to_owned(),
        ..scope.clone()
    };
    let read = tables.splits().read(tables.plan.clone(), &later).unwrap();
    let task = learners::Task::BINARY;
    let splits = [&read.train, &read.validation];
    let searched = read.examples_at(&later, task, &splits, &read.search).unwrap();
    assert!(searched.rows() < read.learn_rows);
    let folds = read.folds(&later, task, &searched).unwrap();
    let own = read.search.iter().filter(|place| **place < read.train.rows()).count();
    let fold = folds.first().unwrap();
    assert_eq!((fold.train.len(), fold.held_out.len()), (own, searched.rows() - own));

    // Ten rows each belong to an entity; none is both learned from and held out.
    for split in [&mut tables.train, &mut tables.validation, &mut tables.test] {
        let (mut fields, mut columns) = (split.fields().to_vec(), split.columns().to_vec());
        fields.push(Field::new("who", ColumnType::Number));
        columns.push(Column::Number((0..split.rows()).map(|row| (row / 10) as f64).collect()));
        *split = Table::new(fields, columns).unwrap();
    }
    let grouped = stages::Scope {
        split_method: Some(stages::SplitMethod::Entity),
        entity_column: "who".to_owned(),
        ..scope
    };
    let read = tables.splits().read(tables.plan.clone(), &grouped).unwrap();
    let splits = [&read.train, &read.validation];
    let searched = read.examples_at(&grouped, task, &splits, &read.search).unwrap();
    assert!(searched.rows() < read.learn_rows, "{}", searched.rows());
    let who = values(&splits, "who");
    let entities = |rows: &[usize]| -> std::collections::BTreeSet<u64> {
        rows.iter().map(|&row| who[read.search[row]].to_bits()).collect()
    };
    for fold in read.folds(&grouped, task, &searched).unwrap() {
        assert!(!fold.held_out.is_empty());
        assert!(entities(&fold.train).is_disjoint(&entities(&fold.held_out)));
    }
}
