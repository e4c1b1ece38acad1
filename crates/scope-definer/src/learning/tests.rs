#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test")]

use contracts::Validate;
use contracts::messages::Warning;
use contracts::stages::{MonotoneDirection, Scope, ThresholdObjective};
use dataset::{Examination, Format};

use super::*;
use crate::catalogue::{Catalogue, Entry};
use crate::config::Defaults;
use crate::define::{TableFindings, define};

fn column(name: &str, column_type: ColumnType, levels: &[(&str, u64)]) -> ColumnExamination {
    ColumnExamination {
        name: name.to_owned(),
        column_type,
        missing: 0,
        levels: levels.iter().map(|(level, rows)| ((*level).to_owned(), *rows)).collect(),
        more_levels: false,
    }
}

fn binary() -> ColumnExamination {
    column("y", ColumnType::Text, &[("no", 700), ("yes", 300)])
}

fn amounts(levels: &[(&str, u64)]) -> ColumnExamination {
    ColumnExamination { more_levels: true, ..column("y", ColumnType::Number, levels) }
}

fn weights() -> ColumnExamination {
    column("w", ColumnType::Number, &[("1", 600), ("0", 200), ("2.5", 200)])
}

fn request() -> ScopeRequest {
    ScopeRequest {
        data_uri: "/data/a.csv".to_owned(),
        target: "y".to_owned(),
        ..ScopeRequest::default()
    }
}

fn monotone(column: &str) -> Vec<MonotoneConstraint> {
    vec![MonotoneConstraint { column: column.to_owned(), direction: MonotoneDirection::Increasing }]
}

fn scope(
    request: &ScopeRequest,
    examined: Vec<ColumnExamination>,
) -> Result<(Scope, Vec<Warning>), RequestError> {
    let catalogue = Catalogue::default();
    let task = Task::new(request, &catalogue).unwrap();
    let columns = ["id", "email", "x", "name", "group", "w", "y"].map(str::to_owned).to_vec();
    let examination = Examination { rows: 1000, columns, examined };
    define(
        &task,
        &TableFindings { format: Some(Format::Csv), examination },
        "run1",
        &Defaults::default(),
    )
}

#[track_caller]
fn refused(
    request: &ScopeRequest,
    examined: Vec<ColumnExamination>,
    code: &str,
    words: &str,
) -> RequestError {
    let refusal = scope(request, examined).unwrap_err();
    assert_eq!(refusal.code, code, "{refusal}");
    assert!(refusal.message.contains(words), "{refusal}");
    refusal
}

#[test]
fn every_option_is_carried_into_the_scope() {
    let request = ScopeRequest {
        max_trials: 12,
        keep_judged_model: true,
        weight_column: "w".to_owned(),
        monotone_constraints: monotone("x"),
        threshold: Some(ThresholdObjective {
            metric: "f_beta".to_owned(),
            beta: 2.0,
            ..ThresholdObjective::default()
        }),
        group_columns: vec!["group".to_owned(), "email".to_owned()],
        balance_classes: true,
        ..request()
    };
    let x = column("x", ColumnType::Integer, &[("1", 1000)]);
    let (scope, warnings) = scope(&request, vec![binary(), weights(), x]).unwrap();
    scope.validate().unwrap();
    assert_eq!(
        (scope.max_trials, scope.keep_judged_model, scope.balance_classes),
        (12, true, true)
    );
    assert_eq!(scope.weight_column, "w");
    assert_eq!(scope.monotone_constraints, request.monotone_constraints);
    assert_eq!(scope.threshold, request.threshold);
    assert_eq!(scope.group_columns, ["group", "email"]);
    assert_eq!(scope.required_columns, ["y", "w"]);
    let out: Vec<_> = scope
        .excluded_columns
        .iter()
        .map(|out| (out.column.as_str(), out.reason.as_str()))
        .collect();
    assert_eq!(out, [("email", "personal data"), ("name", "personal data"), ("w", SAMPLE_WEIGHT)]);
    let codes: Vec<&str> = warnings.iter().map(|warning| warning.code.as_str()).collect();
    assert_eq!(codes, ["personal_data_left_out", "personal_data_left_out"]);
}

#[test]
fn a_regression_takes_a_loss() {
    let request = ScopeRequest { loss: "quantile".to_owned(), quantile: 0.9, ..request() };
    let (scope, _) = scope(&request, vec![amounts(&[("-1.5", 1), ("3.25", 1)])]).unwrap();
    scope.validate().unwrap();
    assert_eq!((scope.loss.as_str(), scope.quantile), ("quantile", 0.9));
}

#[test]
fn options_that_the_problem_does_not_take_are_refused() {
    let loss = ScopeRequest { loss: "huber".to_owned(), ..request() };
    let refusal = refused(&loss, vec![binary()], "loss_not_applicable", "`huber`");
    assert_eq!(refusal.subject, "loss");
    let poisson = ScopeRequest { loss: "poisson".to_owned(), ..request() };
    refused(
        &poisson,
        vec![amounts(&[("-1.5", 1), ("3.25", 1)])],
        "loss_not_applicable",
        "0 or more",
    );
    assert!(scope(&poisson, vec![amounts(&[("0", 1), ("3.25", 1)])]).is_ok());
    let threshold = Some(ThresholdObjective { metric: "mcc".to_owned(), ..Default::default() });
    let threshold = ScopeRequest { threshold, ..request() };
    refused(&threshold, vec![amounts(&[])], "threshold_not_applicable", "regression");
    let three = column("y", ColumnType::Text, &[("a", 400), ("b", 300), ("c", 300)]);
    refused(&threshold, vec![three.clone()], "threshold_not_applicable", "multiclass");
    let constrained = ScopeRequest { monotone_constraints: monotone("x"), ..request() };
    refused(&constrained, vec![three], "monotone_not_applicable", "`x`");
    let balanced = ScopeRequest { balance_classes: true, ..request() };
    refused(&balanced, vec![amounts(&[])], "balance_not_applicable", "weight_column");
}

#[test]
fn columns_that_do_not_serve_are_refused() {
    let constrained =
        |column: &str| ScopeRequest { monotone_constraints: monotone(column), ..request() };
    let text = |name: &str| column(name, ColumnType::Text, &[("a", 500), ("b", 500)]);
    let number = |name: &str| column(name, ColumnType::Integer, &[("1", 500), ("2", 500)]);
    let refusal =
        refused(&constrained("x"), vec![binary(), text("x")], "column_type", "column of numbers");
    assert_eq!(refusal.subject, "x");
    refused(&constrained("y"), vec![binary()], "column_role", "the target");
    refused(&constrained("email"), vec![binary(), number("email")], "column_role", "personal data");
    let requested = ScopeRequest { exclude_columns: vec!["x".to_owned()], ..constrained("x") };
    refused(&requested, vec![binary(), number("x")], "column_role", "requested");
    let entity = ScopeRequest { entity_column: "id".to_owned(), ..constrained("id") };
    refused(&entity, vec![binary(), number("id")], "column_role", "the entity");

    let weighted = ScopeRequest { weight_column: "w".to_owned(), ..request() };
    refused(&weighted, vec![binary(), text("w")], "column_type", "weight_column");
    let negative = column("w", ColumnType::Number, &[("1", 990), ("-0.5", 10)]);
    refused(&weighted, vec![binary(), negative], "weight_values", "negative in 10 rows");
    let gaps = ColumnExamination { missing: 3, ..weights() };
    refused(&weighted, vec![binary(), gaps], "weight_values", "missing in 3 rows");
    let nothing = column("w", ColumnType::Integer, &[("0", 1000)]);
    refused(&weighted, vec![binary(), nothing], "weight_values", "0 in all rows");
    let target = ScopeRequest { weight_column: "y".to_owned(), ..request() };
    refused(&target, vec![amounts(&[("1", 1)])], "column_role", "the target");

    let groups = ScopeRequest { group_columns: vec!["groups".to_owned()], ..request() };
    let refusal = refused(&groups, vec![binary()], "column_missing", "group_columns");
    assert_eq!(refusal.suggestions, ["group"]);
    let groups = ScopeRequest { group_columns: vec!["y".to_owned()], ..request() };
    refused(&groups, vec![binary()], "column_role", "group_columns");
}

#[test]
fn columns_of_options_explain_no_words_of_a_text() {
    let request = ScopeRequest {
        text: "HCP churn in South".to_owned(),
        monotone_constraints: monotone("x"),
        ..ScopeRequest::default()
    };
    let catalogue = Catalogue {
        entries: vec![Entry {
            name: "hcp_churn".to_owned(),
            aliases: vec!["HCP".to_owned()],
            uri: "/data/hcp.csv".to_owned(),
            target: "y".to_owned(),
            population_columns: vec!["region".to_owned()],
            ..Entry::default()
        }],
    };
    let task = Task::new(&request, &catalogue).unwrap();
    let region = column("region", ColumnType::Text, &[("South", 500), ("North", 500)]);
    let x = ColumnExamination { more_levels: true, ..column("x", ColumnType::Number, &[]) };
    let examination = Examination {
        rows: 1000,
        columns: ["region", "x", "y"].map(str::to_owned).to_vec(),
        examined: vec![binary(), region, x],
    };
    let found = TableFindings { format: Some(Format::Csv), examination };
    let (scope, _) = define(&task, &found, "run1", &Defaults::default()).unwrap();
    assert_eq!(scope.inclusion[0].column, "region");
}

#[test]
fn fewer_rows_than_usual_are_allowed_and_warned_of() {
    let defaults = Defaults { min_rows_binary: 2000, ..Defaults::default() };
    let decide = |min_rows| {
        let request = ScopeRequest { min_rows, ..request() };
        let catalogue = Catalogue::default();
        let task = Task::new(&request, &catalogue).unwrap();
        let examination = Examination {
            rows: 1000,
            columns: vec!["x".to_owned(), "y".to_owned()],
            examined: vec![binary()],
        };
        define(&task, &TableFindings { format: Some(Format::Csv), examination }, "run1", &defaults)
            .unwrap()
    };
    let (scope, warnings) = decide(50);
    assert_eq!(scope.min_rows, 50);
    assert_eq!(warnings[0].code, "few_rows");
    assert!(warnings[0].message.contains("1000 rows") && warnings[0].message.contains("2000"));
    let (scope, warnings) = decide(0);
    assert_eq!((scope.min_rows, warnings.len()), (2000, 0));
}
