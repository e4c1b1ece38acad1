//! What a request may ask of training, and tables that are hard to learn from.

use std::time::{Duration, Instant};

use contracts::stages;
use model_trainer::Error;
use rand::{Rng as _, SeedableRng as _};
use rand_chacha::ChaCha8Rng;
use tabular::{Column, ColumnType, Field, ProblemType, Table, TextColumn};

use crate::{Column0, binary, prepared, run, run_for, scope, scorer, table};

#[test]
fn a_run_that_time_ended_is_repeated_by_its_count() {
    let (material, scope) = binary();
    let timed = stages::Scope { time_budget_seconds: 4.0, ..scope };
    let (trained, packed) = run_for(&material, &timed).unwrap();
    assert_eq!(trained.searched.ended_by.name(), "time_budget");
    let count = u32::try_from(trained.searched.trials.len()).unwrap();
    assert!(count >= 2);
    let counted = stages::Scope { max_trials: count, ..timed };
    let (again, repeated) = run_for(&material, &counted).unwrap();
    assert_eq!(again.searched.ended_by.name(), "max_trials");
    assert!(repeated.bundle == packed.bundle, "another bundle of {count} trials");
}

#[test]
fn the_served_model_learns_from_all_but_the_hold_out_unless_the_judged_one_is_kept() {
    let (material, scope) = binary();
    let (trained, packed) = run(&material, &scope, 4).unwrap();
    let learned = material.train.rows() + material.validation.rows();
    assert!(trained.refitted);
    assert_eq!(trained.judged_rows, learned);
    assert_eq!(trained.served.rows, learned + material.test.rows());
    assert_eq!(packed.output.trained_rows, trained.served.rows as u64);
    let kept = stages::Scope { keep_judged_model: true, ..scope };
    let (trained, _) = run(&material, &kept, 4).unwrap();
    assert!(!trained.refitted);
    assert_eq!(trained.served.rows, learned);
}

#[test]
fn a_limit_is_met_by_a_smaller_ensemble() {
    let (material, scope) = binary();
    let (whole, packed) = run(&material, &scope, 8).unwrap();
    assert!(whole.served.shares.len() > 1, "{:?}", whole.served.shares);
    let limit = packed.bundle.len() as u64 / 2;
    let limited = stages::Constraints { max_model_bytes: limit, ..stages::Constraints::default() };
    let limited = stages::Scope { constraints: Some(limited), ..scope };
    let (smaller, packed) = run(&material, &limited, 8).unwrap();
    assert!(packed.bundle.len() as u64 <= limit);
    let codes: Vec<&str> = smaller.warnings.iter().map(|of| of.code.as_str()).collect();
    assert!(codes.contains(&"smaller_ensemble"), "{codes:?}");
}

#[test]
fn a_threshold_serves_its_objective() {
    let (material, scope) = binary();
    let threshold = |metric: &str, objective: stages::ThresholdObjective| {
        let objective = stages::ThresholdObjective { metric: metric.to_owned(), ..objective };
        let asked = stages::Scope { threshold: Some(objective), ..scope.clone() };
        run(&material, &asked, 2).unwrap().0.evaluation.threshold.unwrap()
    };
    let cost = |false_positive_cost, false_negative_cost| stages::ThresholdObjective {
        false_positive_cost,
        false_negative_cost,
        ..stages::ThresholdObjective::default()
    };
    let (careful, eager) = (threshold("cost", cost(10.0, 1.0)), threshold("cost", cost(1.0, 10.0)));
    assert!(careful > 0.6 && eager < 0.3, "{careful} and {eager}");
    let beta = |beta| stages::ThresholdObjective { beta, ..stages::ThresholdObjective::default() };
    assert!(threshold("f_beta", beta(0.3)) > threshold("f_beta", beta(3.0)));
}

#[test]
fn a_limit_of_memory_is_kept_by_fewer_rows_or_refused() {
    let (material, scope) = binary();
    let limited = |max_memory_bytes| stages::Scope {
        constraints: Some(stages::Constraints {
            max_memory_bytes,
            ..stages::Constraints::default()
        }),
        ..scope.clone()
    };
    let error = run(&material, &limited(10_000), 2).unwrap_err();
    let (needed, rows) = match error {
        Error::TooLittleMemory { needed, rows, .. } => (needed, rows),
        other => unreachable!("{other}"),
    };
    assert_eq!(rows, 500);
    let all = material.train.rows() + material.validation.rows();
    let (trained, _) = run(&material, &limited(needed), 2).unwrap();
    assert_eq!(trained.judged_rows, 500);
    assert!(all > 500 && trained.warnings.iter().any(|of| of.code == "search_on_sample"));
    assert_eq!(run(&material, &limited(1 << 40), 2).unwrap().0.judged_rows, all);
}

#[test]
fn groups_are_measured_and_disparity_is_said() {
    let (material, scope) = binary();
    let grouped = stages::Scope { group_columns: vec!["region".to_owned()], ..scope.clone() };
    let (trained, _) = run(&material, &grouped, 2).unwrap();
    let segments = &trained.evaluation.segments;
    let values: Vec<&str> = segments.iter().map(|of| of.value.as_str()).collect();
    assert_eq!(values.len(), 4, "{values:?}");
    let rows: u64 = segments.iter().map(|of| of.rows).sum();
    assert_eq!(rows, material.test.rows() as u64);
    assert!(segments.iter().all(|of| of.metrics.contains_key("selection_rate")));
    // The south is positive more often by the way that the table is made.
    let disparity = trained.warnings.iter().find(|of| of.code == "group_disparity").unwrap();
    assert!(disparity.message.contains("\"south\""), "{}", disparity.message);
    let unknown = stages::Scope { group_columns: vec!["country".to_owned()], ..scope };
    assert!(matches!(run(&material, &unknown, 2), Err(Error::Column { .. })));
}

#[test]
fn a_monotone_constraint_holds_in_the_served_model() {
    let number = |score: f64| Column0::Number(200.0 + 10.0 * score);
    let (material, classes) =
        prepared(&table(900, number), "outcome", ProblemType::Regression, None);
    let constraint = stages::MonotoneConstraint {
        column: "x".to_owned(),
        direction: stages::MonotoneDirection::Increasing,
    };
    let scope = stages::Scope {
        monotone_constraints: vec![constraint],
        ..scope("outcome", stages::ProblemType::Regression, classes, "rmse")
    };
    let (trained, packed) = run(&material, &scope, 4).unwrap();
    assert!(trained.searched.trials.iter().all(|trial| !trial.algorithm.interpretable()));
    let steps: Vec<f64> = (0..120).map(|step| -3.0 + f64::from(step) / 20.0).collect();
    let fields = vec![
        Field::new("x", ColumnType::Number),
        Field::new("region", ColumnType::Text),
        Field::new("gaps", ColumnType::Number),
    ];
    let columns = vec![
        Column::Number(steps.clone()),
        Column::Text(steps.iter().map(|_| Some("west")).collect()),
        Column::Number(vec![0.5; steps.len()]),
    ];
    let asked = Table::new(fields, columns).unwrap();
    let predicted = scorer(&packed).score(&asked).unwrap().values;
    assert!(predicted.is_sorted(), "{predicted:?}");
    assert!(predicted.last().unwrap() > predicted.first().unwrap());
}

#[test]
fn weights_count_and_wrong_ones_are_refused() {
    let (mut material, scope) = binary();
    let weighted = stages::Scope { weight_column: "w".to_owned(), ..scope };
    assert!(matches!(run(&material, &weighted, 2), Err(Error::Weights { .. })));
    let put = |table: &Table, value: f64| {
        let weights = Column::Number(vec![value; table.rows()]);
        table.clone().with_column(Field::new("w", ColumnType::Number), weights).unwrap()
    };
    let plain = material.clone();
    for table in [&mut material.train, &mut material.validation, &mut material.test] {
        *table = put(table, 2.0);
    }
    let (trained, _) = run(&material, &weighted, 2).unwrap();
    assert!(trained.evaluation.test.get("roc_auc").unwrap().value > 0.85);
    material.train = put(&plain.train, -2.0);
    let error = run(&material, &weighted, 2).unwrap_err();
    assert!(
        error.to_string().contains("is missing, negative or not finite in 720 rows"),
        "{error}"
    );
}

#[test]
fn a_loss_of_counts_refuses_targets_below_zero() {
    let number = |score: f64| Column0::Number(score);
    let (material, classes) =
        prepared(&table(600, number), "outcome", ProblemType::Regression, None);
    let counts = stages::Scope {
        loss: "poisson".to_owned(),
        ..scope("outcome", stages::ProblemType::Regression, classes, "rmse")
    };
    assert!(matches!(run(&material, &counts, 2), Err(Error::NegativeTarget { .. })));
}

#[test]
fn one_second_is_enough_for_a_model() {
    let (material, scope) = binary();
    let hasty = stages::Scope { time_budget_seconds: 1.0, ..scope };
    let (trained, _) = run_for(&material, &hasty).unwrap();
    assert!(trained.evaluation.test.get("roc_auc").unwrap().value > 0.8);
}

/// `rows` of `width` numbers, some of which tell the class.
fn wide(rows: usize, width: usize, classes: usize) -> Table {
    let mut generator = ChaCha8Rng::seed_from_u64(11);
    let names: Vec<String> = (0..classes).map(|class| format!("class {class:03}")).collect();
    let mut columns = vec![Vec::with_capacity(rows); width];
    let mut labels = Vec::with_capacity(rows);
    for row in 0..rows {
        let class = row % classes;
        labels.push(names.get(class).map(String::as_str));
        for (place, column) in columns.iter_mut().enumerate() {
            let tells = if place < 5 { (class * (place + 1) % classes) as f64 } else { 0.0 };
            column.push(tells + generator.random_range(-1.5..1.5) * classes as f64 / 20.0);
        }
    }
    let mut fields: Vec<Field> =
        (0..width).map(|place| Field::new(format!("x{place}"), ColumnType::Number)).collect();
    fields.push(Field::new("outcome", ColumnType::Text));
    let mut columns: Vec<Column> = columns.into_iter().map(Column::Number).collect();
    columns.push(Column::Text(labels.into_iter().collect::<TextColumn>()));
    Table::new(fields, columns).unwrap()
}

#[test]
fn two_thousand_columns_of_five_hundred_rows_are_learned_in_time() {
    let table = wide(500, 2_000, 2);
    let (material, classes) = prepared(&table, "outcome", ProblemType::Binary, Some("class 001"));
    let scope = stages::Scope {
        time_budget_seconds: 10.0,
        ..scope("outcome", stages::ProblemType::Binary, classes, "roc_auc")
    };
    let start = Instant::now();
    let (trained, _) = run_for(&material, &scope).unwrap();
    eprintln!(
        "2,000 columns: search {:.1} s, refit {:.1} s, all {:.1} s, {} trials",
        trained.searched.search_seconds,
        trained.refit_seconds,
        start.elapsed().as_secs_f64(),
        trained.searched.trials.len()
    );
    assert!(trained.evaluation.test.get("roc_auc").unwrap().value > 0.8);
}

#[test]
fn four_hundred_classes_are_learned() {
    let (material, classes) =
        prepared(&wide(8_000, 6, 400), "outcome", ProblemType::Multiclass, None);
    assert_eq!(classes.len(), 400);
    let scope = stages::Scope {
        time_budget_seconds: 10.0,
        ..scope("outcome", stages::ProblemType::Multiclass, classes, "log_loss")
    };
    let (trained, _) = run_for(&material, &scope).unwrap();
    let (reached, baseline) = (
        trained.evaluation.test.get("log_loss").unwrap().value,
        trained.evaluation.baseline.metrics["log_loss"],
    );
    assert!(reached < baseline, "{reached} and {baseline}");
}

#[test]
fn a_feature_that_a_fold_does_not_have_is_no_obstacle() {
    let label = |score: f64| Column0::Label(if score > 0.5 { "Yes" } else { "No" });
    let table = table(600, label);
    let rows = table.rows();
    let sparse: Vec<f64> =
        (0..rows).map(|row| if row == 7 || row == 300 { 1.0 } else { f64::NAN }).collect();
    let table =
        table.with_column(Field::new("rare", ColumnType::Number), Column::Number(sparse)).unwrap();
    let (material, classes) = prepared(&table, "outcome", ProblemType::Binary, Some("Yes"));
    let scope = scope("outcome", stages::ProblemType::Binary, classes, "roc_auc");
    let (trained, _) = run(&material, &scope, 4).unwrap();
    assert!(trained.searched.trials.iter().all(|trial| trial.score.is_some()));
    assert!(Duration::from_secs_f64(trained.searched.search_seconds) < Duration::from_secs(60));
}

#[test]
fn one_in_a_thousand_is_found_in_every_fold() {
    let label = |score: f64| Column0::Label(if score > 4.93 { "Yes" } else { "No" });
    let table = table(30_000, label);
    let (material, classes) = prepared(&table, "outcome", ProblemType::Binary, Some("Yes"));
    let scope = scope("outcome", stages::ProblemType::Binary, classes, "roc_auc");
    let (trained, _) = run(&material, &scope, 4).unwrap();
    let positives =
        trained.evaluation.calibration_curve.iter().map(|bin| bin.observed * bin.rows as f64);
    let (positives, rows) = (positives.sum::<f64>().round(), material.test.rows() as f64);
    assert!(positives >= 1.0 && positives < rows / 500.0, "{positives} of {rows}");
    assert!(trained.searched.trials.iter().all(|trial| trial.score.is_some()));
    assert!(trained.evaluation.test.get("roc_auc").unwrap().value > 0.95);
}

#[test]
fn sixty_rows_make_a_model_that_says_how_little_is_known() {
    let label = |score: f64| Column0::Label(if score > 0.5 { "Yes" } else { "No" });
    let (material, classes) =
        prepared(&table(60, label), "outcome", ProblemType::Binary, Some("Yes"));
    let scope = scope("outcome", stages::ProblemType::Binary, classes, "roc_auc");
    let (trained, packed) = run(&material, &scope, 6).unwrap();
    assert!(trained.searched.trials.iter().all(|trial| trial.score.is_some()));
    let reached = trained.evaluation.test.get("roc_auc").unwrap();
    assert!(reached.low <= reached.value && reached.value <= reached.high, "{reached:?}");
    assert!(packed.rows > 0 && packed.rows <= 60);
}
