#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test")]

use learners::{Algorithm, Examples, Fit, FoldPlan, Parameters, Task, Workers, learner};
use tabular::{CleaningPlan, ColumnType, ProblemType, cleaning, plan, target};

use super::*;

const ROWS: usize = 1_200;

/// Three numbers, of which the third says nothing, and a category.
fn measured(outcome: impl Fn(f64, f64, bool) -> f64) -> stages::Explanation {
    let place = |row: usize, step: usize| ((row * step) % 997) as f64 / 997.0 * 4.0 - 2.0;
    let (x, y, z): (Vec<f64>, Vec<f64>, Vec<f64>) =
        (0..ROWS).map(|row| (place(row, 619), place(row, 757), place(row, 401))).collect();
    let north = |row: usize| row % 7 < 3;
    let values: Vec<f64> = (0..ROWS).map(|row| outcome(x[row], y[row], north(row))).collect();
    let side = (0..ROWS).map(|row| Some(if north(row) { "north" } else { "south" }));
    let names = ["x", "y", "z", "side", "outcome"];
    let kinds = [
        ColumnType::Number,
        ColumnType::Number,
        ColumnType::Number,
        ColumnType::Text,
        ColumnType::Number,
    ];
    let fields = names.into_iter().zip(kinds).map(|(name, kind)| Field::new(name, kind)).collect();
    let columns = vec![
        Column::Number(x),
        Column::Number(y),
        Column::Number(z),
        Column::Text(side.collect()),
        Column::Number(values),
    ];
    let table = Table::new(fields, columns).unwrap();
    let features = table.without(&["outcome"]);
    let cleaning = CleaningPlan::fit(&features, &cleaning::Options::default());
    let target = target::encode(&table, "outcome", ProblemType::Regression, None).unwrap();
    let plan = plan::fit(&features, &target, &cleaning, &plan::Options::default()).unwrap().plan;
    let examples =
        Examples::of_table(&plan, &table, ProblemType::Regression, "outcome", &[]).unwrap();
    let fitted = learner(Algorithm::GradientBoosting)
        .fit(&Fit {
            task: Task::REGRESSION,
            train: &examples,
            streamed: None,
            validation: None,
            iterations: Some(150),
            parameters: &Parameters::new(),
            seed: 1,
            threads: Workers::ONE.threads,
            should_stop: &|| false,
        })
        .unwrap();
    let names = plan.names().into_iter().map(str::to_owned);
    let importance = names.zip(fitted.importance).collect();
    let material = TrainingTables {
        folds: FoldPlan::for_budget(Task::REGRESSION, 0, plan.features.len(), 1.0),
        plan,
        train: table.clone(),
        streamed: None,
        validation: table.clone(),
        test: table.clone(),
        hold_out: table,
        search: Vec::new(),
        refit: Vec::new(),
        learn_rows: 0,
        test_rows: 0,
    };
    let scope = stages::Scope {
        target: "outcome".to_owned(),
        problem_type: stages::ProblemType::Regression,
        group_columns: vec!["side".to_owned()],
        ..stages::Scope::default()
    };
    let explanation = measure(&material, &scope, &fitted.model, &importance).unwrap().unwrap();
    contracts::Validate::validate(&explanation).unwrap();
    explanation
}

fn strength(explanation: &stages::Explanation, one: &str, other: &str) -> f64 {
    let pair = |of: &&stages::Interaction| {
        [of.first.as_str(), of.second.as_str()] == [one, other]
            || [of.first.as_str(), of.second.as_str()] == [other, one]
    };
    explanation.interactions.iter().find(pair).map_or(0.0, |of| of.strength)
}

#[test]
fn effects_have_their_size_and_direction_and_do_not_interact_where_they_add_up() {
    let explanation = measured(|x, y, _| 3.0 * x - y);
    let [first, second] = [&explanation.effects[0], &explanation.effects[1]];
    assert_eq!((first.input.as_str(), first.direction.as_str()), ("x", "rises"));
    assert_eq!((second.input.as_str(), second.direction.as_str()), ("y", "falls"));
    // Two independent values of a uniform number of width w differ by w / 3 on average.
    assert!((first.effect - 4.0).abs() < 0.4, "{}", first.effect);
    assert!((second.effect - 4.0 / 3.0).abs() < 0.2, "{}", second.effect);
    assert_eq!(first.points.len(), MAX_POINTS);
    assert!(strength(&explanation, "x", "y") < 0.1, "{:?}", explanation.interactions);
    let text = &explanation.summary;
    assert!(text.starts_with("What changes the predicted outcome most: x (by "), "{text}");
    assert!(text.contains("It falls with y") && text.contains("not what causes what"), "{text}");
}

#[test]
fn contributions_of_held_out_rows_follow_the_values() {
    let explanation = measured(|x, y, north| 3.0 * x - y + if north { 3.0 } else { 0.0 });
    let names: Vec<&str> = explanation.contributions.iter().map(|of| of.input.as_str()).collect();
    assert_eq!(names[..3], ["x", "side", "y"], "{names:?}");
    assert_eq!(explanation.contribution_rows, 300);
    let x = &explanation.contributions[0];
    // The mean distance of a uniform number of width w from its middle is w / 4: three times that of 4.
    assert!((x.mean_absolute - 3.0).abs() < 0.4, "{}", x.mean_absolute);
    assert_eq!((x.cells.len(), x.cells.iter().map(|cell| cell.rows).sum::<u64>()), (10, 300));
    assert!(x.cells.windows(2).all(|pair| pair[0].mean < pair[1].mean), "{:?}", x.cells);
    assert!(x.cells.iter().all(|cell| cell.low <= cell.mean && cell.mean <= cell.high));
    let y = &explanation.contributions[2];
    assert!(y.cells.windows(2).all(|pair| pair[0].mean > pair[1].mean - 0.05), "{:?}", y.cells);
    let side = &explanation.contributions[1];
    let of = |value: &str| side.cells.iter().find(|cell| cell.value == value).unwrap().mean;
    assert!((of("north") - of("south") - 3.0).abs() < 0.4, "{:?}", side.cells);
}

#[test]
fn what_depends_on_each_other_interacts_and_segments_differ() {
    let explanation = measured(|x, y, north| x * y + if north { 2.0 * x } else { 0.0 });
    assert!(strength(&explanation, "x", "y") > 0.4, "{:?}", explanation.interactions);
    assert!(explanation.summary.contains("act together"), "{}", explanation.summary);
    let of = |side: &str| {
        let segment = explanation.segments.iter().find(|of| of.value == side).unwrap();
        segment.effects.iter().find(|effect| effect.input == "x").unwrap().effect
    };
    assert!(of("north") > 1.4 * of("south"), "{} {}", of("north"), of("south"));
}

#[test]
fn directions_and_digits() {
    assert_eq!(direction(&[0.1, 0.2, 0.19, 1.0]), "rises");
    assert_eq!(direction(&[3.0, 2.0, 1.0]), "falls");
    assert_eq!(direction(&[1.0, 2.0, 1.0]), "varies");
    assert_eq!(direction(&[1.0, 1.0]), "varies");
    assert_eq!(
        [0.0, 0.012_345, 1.234_5, 54_321.0].map(rounded),
        ["0.00", "0.0123", "1.23", "54321"]
    );
}
