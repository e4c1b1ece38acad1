#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test")]

use tabular::cleaning::ColumnCleaning;
use tabular::parse::MissingMarkers;
use tabular::plan::{Feature, Transform};
use tabular::{CleaningPlan, Column, ColumnType, FeaturePlan};

use super::*;
use crate::{Encoding, LinearEncoding, LinearModel, Link, PriorModel, Value};

fn encoder() -> FeatureEncoder {
    let cleaning = CleaningPlan {
        columns: vec![ColumnCleaning::new("x", ColumnType::Number, &MissingMarkers::default())],
    };
    let feature =
        Feature { name: "x".into(), transform: Transform::Identity { input: "x".into() } };
    FeatureEncoder::new(&FeaturePlan::new(cleaning, vec![feature]).unwrap()).unwrap()
}

fn signature(problem_type: ProblemType, classes: &[&str], threshold: Option<f64>) -> Signature {
    Signature {
        inputs: vec![Field::new("x", ColumnType::Number)],
        problem_type,
        classes: classes.iter().map(|class| (*class).to_owned()).collect(),
        positive_class: None,
        threshold,
        target: "y".into(),
    }
}

fn linear(slopes: &[f64], link: Link) -> Model {
    Model::Linear(LinearModel {
        encoding: LinearEncoding {
            features: vec![Encoding::Numeric {
                mean: 0.0,
                scale: 1.0,
                impute: 0.0,
                indicator: false,
            }],
        },
        coefficients: slopes.iter().map(|slope| vec![*slope]).collect(),
        intercepts: vec![0.0; slopes.len()],
        link,
    })
}

fn rows(values: &[f64]) -> Table {
    Table::new(vec![Field::new("x", ColumnType::Number)], vec![Column::Number(values.to_vec())])
        .unwrap()
}

#[test]
fn two_classes_are_labelled_by_the_threshold() {
    let label = |threshold| {
        let signature = signature(ProblemType::Binary, &["no", "yes"], threshold);
        let scorer = Scorer::from_parts(encoder(), linear(&[1.0], Link::Logit), signature).unwrap();
        scorer.score(&rows(&[-3.0, 0.5, 3.0])).unwrap()
    };
    assert_eq!(label(None).labels, ["no", "yes", "yes"]);
    let strict = label(Some(0.9));
    assert_eq!(strict.labels, ["no", "no", "yes"]);
    assert_eq!(strict.outputs(1).len(), 2);
    assert_eq!(strict.probabilities_of(1)[1], strict.outputs(1)[1]);
    assert!(
        strict.outputs(3).is_empty()
            && strict.values.is_empty()
            && strict.probabilities_of(2).is_empty()
    );
}

#[test]
fn more_classes_are_labelled_by_the_greatest_probability() {
    let signature = signature(ProblemType::Multiclass, &["a", "b", "c"], None);
    let scorer =
        Scorer::from_parts(encoder(), linear(&[-1.0, 0.0, 1.0], Link::Softmax), signature).unwrap();
    let predictions = scorer.score(&rows(&[-2.0, 0.0, 2.0])).unwrap();
    assert_eq!(predictions.labels, ["a", "a", "c"]);
    let (mut features, mut alone) = ([f64::NAN], [0.0; 3]);
    scorer.encoder.encode_row(&[Value::Number(2.0)], &mut features).unwrap();
    scorer.model.predict_row(&features, &mut alone);
    assert_eq!(predictions.outputs(2), alone);
}

#[test]
fn numbers_are_given_as_they_are() {
    let scorer = Scorer::from_parts(
        encoder(),
        linear(&[2.0], Link::Identity),
        signature(ProblemType::Regression, &[], None),
    )
    .unwrap();
    let predictions = scorer.score(&rows(&[1.5, f64::NAN])).unwrap();
    assert_eq!(predictions.values, [3.0, 0.0]);
    assert_eq!(predictions.outputs(0), [3.0]);
    assert!(predictions.labels.is_empty() && predictions.probabilities.is_empty());
}

#[test]
fn parts_have_to_fit() {
    let prior = Model::Prior(PriorModel { width: 2, outputs: vec![0.3, 0.7] });
    let binary = || signature(ProblemType::Binary, &["no", "yes"], None);
    assert!(matches!(
        Scorer::from_parts(encoder(), prior, binary()),
        Err(ScoreError::Misfit { .. })
    ));
    let prior = Model::Prior(PriorModel { width: 1, outputs: vec![0.3, 0.7] });
    let scorer = Scorer::from_parts(encoder(), prior, binary()).unwrap();
    assert_eq!(scorer.score(&rows(&[f64::NAN])).unwrap().labels, ["yes"]);
}
