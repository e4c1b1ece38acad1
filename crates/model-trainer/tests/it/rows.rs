//! Of a large table a run reads the rows that its time budget has work for.

use tabular::{Column, Table};

use super::*;

const ROWS: usize = 40_000;

fn made() -> (Prepared, stages::Scope) {
    let label = |score: f64| Column0::Label(if score > 0.6 { "yes" } else { "no" });
    let (tables, classes) =
        prepared(&table(ROWS, label), "outcome", ProblemType::Binary, Some("yes"));
    let scope = scope("outcome", stages::ProblemType::Binary, classes, "roc_auc");
    (tables, stages::Scope { time_budget_seconds: 1.0, ..scope })
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
