#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test")]

use contracts::Validate;
use contracts::stages::ExcludedColumn;
use stage::{Classify, Disposition};
use tabular::{Column, ColumnType, Field, ProblemType, cleaning};

use super::*;

fn split(rows: usize) -> Table {
    let number = |of: fn(usize) -> f64| Column::Number((0..rows).map(of).collect());
    let texts: Vec<&str> =
        (0..rows).map(|row| if row % 3 == 0 { "gold" } else { "blue" }).collect();
    Table::new(
        vec![
            Field::new("customer", ColumnType::Integer),
            Field::new("months", ColumnType::Integer),
            Field::new("plan", ColumnType::Text),
            Field::new("leaves", ColumnType::Text),
        ],
        vec![
            number(|row| row as f64),
            number(|row| (row * 37 % 101) as f64),
            Column::Text(texts.into_iter().map(Some).collect()),
            Column::Text(
                (0..rows).map(|row| Some(if row * 37 % 101 < 40 { "Yes" } else { "No" })).collect(),
            ),
        ],
    )
    .unwrap()
}

fn files() -> Files {
    let train = split(600);
    let cleaning = CleaningPlan::fit(&train.without(&["leaves"]), &cleaning::Options::default());
    Files {
        train: dataset::write_parquet(&train).unwrap().into(),
        validation: dataset::write_parquet(&split(200)).unwrap().into(),
        cleaning: Bytes::from(serde_json::to_vec(&cleaning).unwrap()),
        profile: Bytes::from(serde_json::to_vec(&statistics::profile(&train)).unwrap()),
    }
}

fn scope() -> Scope {
    Scope {
        target: "leaves".into(),
        classes: vec!["No".into(), "Yes".into()],
        positive_class: "Yes".into(),
        problem_type: ProblemType::Binary,
        entity_column: "customer".into(),
        excluded_columns: vec![ExcludedColumn {
            column: "gone".into(),
            reason: "requested".into(),
        }],
        ..Scope::default()
    }
}

#[test]
fn splits_become_a_feature_set_that_keeps_the_contract() {
    let task = task(&scope(), &PreparedData::default());
    let analysis = files().analyse(&task, &Features::default()).unwrap();
    let again = files().analyse(&task, &Features::default()).unwrap();
    assert_eq!(analysis.plan.to_json().unwrap(), again.plan.to_json().unwrap());
    let names: Vec<String> = analysis.plan.inputs().into_iter().map(|field| field.name).collect();
    assert_eq!(names, ["months", "plan"], "neither the target nor the entity is an input");

    let plan = ArtifactRef {
        uri: "nats://TIER0_ARTIFACTS/x".into(),
        sha256: "0".repeat(64),
        bytes: 1,
        media_type: media_type::JSON.into(),
        rows: 0,
    };
    let set = feature_set(plan, analysis);
    set.validate().unwrap();
    let category = set.features.iter().find(|feature| feature.name == "plan").unwrap();
    assert!(category.categorical && category.categories == 3, "two levels, and any other");
    assert_eq!(set.rejected[0].name, "customer");
    assert_eq!(set.rejected.len(), 1, "columns that are not in the splits are not told again");
}

#[test]
fn the_time_of_a_split_by_time_is_the_prediction_point() {
    let scope =
        Scope { time_column: "day".into(), split_method: SplitMethod::Time.into(), ..scope() };
    let by_time = task(&scope, &PreparedData::default());
    assert_eq!(by_time.prediction_point.as_deref(), Some("day"));
    let at_random = task(
        &Scope { split_method: SplitMethod::Random.into(), ..scope },
        &PreparedData::default(),
    );
    assert_eq!(at_random.prediction_point, None);
}

#[test]
fn files_that_cannot_be_used_end_the_run() {
    let task = task(&scope(), &PreparedData::default());
    let code = |files: Files, task: &Task| {
        let refusal = files.analyse(task, &Features::default()).unwrap_err();
        match Error::from(refusal).disposition() {
            Disposition::Fail(failure) => failure.code,
            other => format!("{other:?}"),
        }
    };
    assert_eq!(
        code(Files { train: Bytes::from_static(b"PAR1").into(), ..files() }, &task),
        "prepared_data_unreadable"
    );
    assert_eq!(
        code(Files { cleaning: Bytes::from_static(b"[]"), ..files() }, &task),
        "prepared_data_unreadable"
    );
    assert_eq!(
        code(Files { profile: Bytes::from_static(b"[]"), ..files() }, &task),
        "prepared_data_unreadable"
    );
    let other = Task { classes: vec!["a".into(), "b".into()], ..task.clone() };
    assert_eq!(code(files(), &other), "target_unusable");
    let all =
        ["months", "plan", "customer"].map(|column| (column.to_owned(), "requested".to_owned()));
    let nothing = Task { excluded: all.into(), ..task };
    assert_eq!(code(files(), &nothing), "no_features");
}
