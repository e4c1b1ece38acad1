#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test")]

use tabular::{Column, ColumnType, Field, cleaning};

use super::*;

/// A number between 0 and 1 that looks random.
fn noise(row: usize, salt: u64) -> f64 {
    let mixed = (row as u64 ^ (salt << 40)).wrapping_mul(0x9E37_79B9_7F4A_7C15);
    let mixed = (mixed ^ (mixed >> 29)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    (mixed ^ (mixed >> 32)) as f64 / u64::MAX as f64
}

/// Rows whose target depends on the ratio of two columns and on nothing else.
fn table(first: usize, rows: usize, problem: ProblemType) -> Table {
    let rows = first..first + rows;
    let spend = |row: usize| 10.0 + 90.0 * noise(row, 1);
    let visits = |row: usize| 1.0 + 9.0 * noise(row, 2);
    let target = |row: usize| {
        let ratio = spend(row) / visits(row) + 2.0 * noise(row, 3);
        match problem {
            ProblemType::Binary => f64::from(u8::from(ratio > 10.0)),
            ProblemType::Multiclass => f64::from(u8::from(ratio > 7.0) + u8::from(ratio > 14.0)),
            ProblemType::Regression => ratio,
        }
    };
    let number = |of: &dyn Fn(usize) -> f64| Column::Number(rows.clone().map(of).collect());
    let of_target =
        if problem == ProblemType::Regression { ColumnType::Number } else { ColumnType::Integer };
    Table::new(
        vec![
            Field::new("spend", ColumnType::Number),
            Field::new("visits", ColumnType::Number),
            Field::new("noise", ColumnType::Number),
            Field::new("y", of_target),
        ],
        vec![number(&spend), number(&visits), number(&|row| noise(row, 4)), number(&target)],
    )
    .unwrap()
}

fn analysed(problem: ProblemType, options: &Features) -> Analysis {
    let splits = Splits { train: table(0, 3000, problem), validation: table(3000, 1000, problem) };
    let classes = match problem {
        ProblemType::Binary => vec!["0".to_owned(), "1".to_owned()],
        ProblemType::Multiclass => vec!["0".to_owned(), "1".to_owned(), "2".to_owned()],
        ProblemType::Regression => vec![],
    };
    let task = Task { target: "y".into(), problem, classes, excluded: vec![] };
    let cleaning = CleaningPlan::fit(&splits.train.without(&["y"]), &cleaning::Options::default());
    analyse(&splits, &task, &cleaning, options).unwrap()
}

#[test]
fn a_ratio_that_helps_is_found_and_its_gain_is_told() {
    for problem in [ProblemType::Binary, ProblemType::Multiclass, ProblemType::Regression] {
        let analysis = analysed(problem, &Features::default());
        assert!(
            analysis.plan.names().contains(&"spend_per_visits"),
            "{problem}: {:?}",
            analysis.plan.names()
        );
        assert!(analysis.validation_gain > 0.005, "{problem}: {}", analysis.validation_gain);
        assert_eq!(analysis.plan.width(), analysis.summaries.len());
        assert!(analysis.plan.width() <= 6);
        let reasons: Vec<&str> =
            analysis.rejected.iter().map(|rejected| rejected.reason.as_str()).collect();
        assert!(reasons.iter().any(|reason| reason.contains("gains less")), "{reasons:?}");
        assert!(analysis.summaries.iter().all(|summary| (0.0..=1.0).contains(&summary.relevance)));
    }
}

#[test]
fn nothing_is_constructed_unless_wanted() {
    let options = Features { max_constructed: 0, ..Features::default() };
    let analysis = analysed(ProblemType::Binary, &options);
    assert_eq!(analysis.plan.names(), ["spend", "visits", "noise"]);
    assert_eq!(analysis.validation_gain, 0.0);
}

#[test]
fn the_same_data_give_the_same_plan() {
    let plan = || analysed(ProblemType::Binary, &Features::default()).plan.to_json().unwrap();
    assert_eq!(plan(), plan());
}
