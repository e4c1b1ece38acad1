#![allow(clippy::unwrap_used, reason = "a test")]

use std::collections::BTreeMap;

use tabular::{ColumnType, Field, ProblemType};

use super::*;

fn text(text: &str) -> String {
    text.to_owned()
}

fn numbers(values: &[(&str, f64)]) -> BTreeMap<String, f64> {
    values.iter().map(|(name, value)| (text(name), *value)).collect()
}

fn scope() -> stages::Scope {
    stages::Scope {
        name: text("churn"),
        problem_type: stages::ProblemType::Binary,
        target: text("churned"),
        classes: vec![text("No"), text("Yes")],
        positive_class: text("Yes"),
        metric: text("roc_auc"),
        seed: 7,
        ..stages::Scope::default()
    }
}

fn signature() -> Signature {
    Signature {
        inputs: vec![Field::new("calls", ColumnType::Integer), Field::new("a|b", ColumnType::Text)],
        problem_type: ProblemType::Binary,
        classes: vec![text("No"), text("Yes")],
        positive_class: Some(text("Yes")),
        threshold: Some(0.25),
        target: text("churned"),
    }
}

fn model() -> stages::TrainedModel {
    let estimate = |value| stages::MetricEstimate { value, low: value - 0.02, high: value + 0.02 };
    stages::TrainedModel {
        algorithm: text("gradient_boosting"),
        parameters: numbers(&[("leaves", 31.0), ("learning_rate", 0.05)]),
        threshold: 0.25,
        test_metrics: BTreeMap::from([
            (text("roc_auc"), estimate(0.875)),
            (text("f1"), estimate(0.5)),
        ]),
        baseline_metrics: numbers(&[("roc_auc", 0.5)]),
        trials: 12,
        feature_importance: numbers(&[("calls", 0.75), ("a|b", 0.25)]),
        classes: vec![text("No"), text("Yes")],
        problem_type: stages::ProblemType::Binary,
        ..stages::TrainedModel::default()
    }
}

const CURVE: [CalibrationPoint; 1] =
    [CalibrationPoint { predicted: 0.25, observed: 0.5, rows: 40 }];

fn segment(column: &str, value: &str, roc_auc: f64) -> stages::SegmentMetrics {
    stages::SegmentMetrics {
        column: text(column),
        value: text(value),
        rows: 50,
        metrics: numbers(&[("roc_auc", roc_auc)]),
    }
}

/// A card of a run that asked for everything.
fn complete() -> String {
    let predicate = |column: &str, values: &[&str]| stages::Predicate {
        column: text(column),
        operator: stages::Operator::In,
        values: values.iter().map(|value| text(value)).collect(),
    };
    let scope = stages::Scope {
        entity_column: text("hcp_id"),
        prediction_horizon: text("3 months"),
        inclusion: vec![predicate("brand", &["Kisqali", "Other"])],
        exclusion: vec![predicate("region", &["South"])],
        excluded_columns: vec![stages::ExcludedColumn {
            column: text("email"),
            reason: text("personal data"),
        }],
        weight_column: text("panel"),
        monotone_constraints: vec![stages::MonotoneConstraint {
            column: text("calls"),
            direction: stages::MonotoneDirection::Decreasing,
        }],
        threshold: Some(stages::ThresholdObjective {
            metric: text("cost"),
            false_positive_cost: 1.0,
            false_negative_cost: 12.5,
            ..stages::ThresholdObjective::default()
        }),
        balance_classes: true,
        ..scope()
    };
    let member = |trial, algorithm: &str, weight, models| stages::EnsembleMember {
        trial,
        algorithm: text(algorithm),
        weight,
        models,
        trained_rows: 900,
    };
    let model = stages::TrainedModel {
        algorithm: text("ensemble"),
        ensemble: vec![member(4, "gradient_boosting", 0.75, 5), member(0, "extra_trees", 0.25, 1)],
        calibration: text("platt"),
        trained_rows: 900,
        judged_rows: 700,
        refitted: true,
        criteria: vec![stages::CriterionResult {
            criterion: stages::Criterion { metric: text("f1"), threshold: 0.7, gate: false },
            value: 0.5,
            met: false,
        }],
        segments: vec![segment("region", "North", 0.9), segment("region", "", 0.7)],
        ..model()
    };
    write(&scope, &model, &signature(), &CURVE)
}

#[test]
fn a_card_of_everything_says_it_all() {
    let card = complete();
    for line in [
        "tags: [\"tabular\", \"ensemble\", \"extra_trees\", \"gradient_boosting\"]",
        "metrics: [\"f1\", \"roc_auc\"]",
        "Predicts the class of `churned` (`No`, `Yes`) with an ensemble of 6 models of 2 recipes.",
        "It learned from 900 rows: the recipe of the judged model was fitted again after the judgement. Every metric below is \
         that of the judged model, which learned from 700 rows and had not seen the test rows.",
        "- For rows of the population that it was trained on (`brand` in `Kisqali`, `Other` and not (`region` in `South`)), with \
         the inputs below.",
        "- Horizon: 3 months.",
        "- One row is about one `hcp_id`.",
        "- `roc_auc` is known to lie between 0.8550 and 0.8950 with a confidence of 95 %, by the number of test rows.",
        "- `f1` is 0.5000 and misses its target of 0.7.",
        "- `roc_auc` differs with `region`: 0.7000 where it is missing (50 test rows), 0.9000 where it is `North` (50 test rows).",
        "- It does not use `email` (personal data).",
        "|roc_auc|0.8750|0.8550 to 0.8950|0.5000|",
        "|f1|0.5000|0.4800 to 0.5200|–|",
        "|column|value|rows|roc_auc|",
        "|region|missing|50|0.7000|",
        "A row is labelled `Yes` from a probability of 0.2500 on. The threshold was chosen for the least cost, a false `Yes` \
         costing 1 and a missed one 12.5, on rows that the model did not learn from.",
        "A logistic function of the score (Platt)",
        "|4|gradient_boosting|0.7500|5|",
        "- Chosen by `roc_auc` among 12 trials, seed 7.",
        "- Each row counts as much as its `panel` says, in fits and in metrics.",
        "- Each class counts as much as any other, however rare it is.",
        "- The prediction only falls with `calls`.",
        "|a\\|b|text|",
    ] {
        assert!(card.contains(line), "{line}\n\n{card}");
    }
    assert!(card.contains("|0.2500|0.5000|40|"), "{card}");
    assert_eq!(complete(), card);
}

#[test]
fn a_card_says_what_each_input_contributes() {
    let cell = |value: &str, mean| stages::ContributionCell {
        value: text(value),
        rows: 150,
        low: mean - 0.1,
        mean,
        high: mean + 0.1,
    };
    let explained = |problem_type| stages::TrainedModel {
        problem_type,
        explanation: Some(stages::Explanation {
            contributions: vec![
                stages::InputContribution {
                    input: text("calls"),
                    mean_absolute: 0.75,
                    cells: vec![cell("1", -0.5), cell("9", 1.0), cell("", 0.0)],
                },
                stages::InputContribution {
                    input: text("a|b"),
                    mean_absolute: 0.25,
                    cells: vec![cell("value 1", 0.25)],
                },
            ],
            contribution_rows: 300,
            ..stages::Explanation::default()
        }),
        ..model()
    };
    let card = write(&scope(), &explained(stages::ProblemType::Binary), &signature(), &[]);
    for line in [
        "## What each input contributes (SHAP)\n\nShapley values on 300 rows that the model was not fitted on: by how much an input \
         moves the log-odds of the positive class of a row away from that of all rows together.\n\n|input|mean size|mean \
         contribution by value|\n",
        "|calls|0.7500|1: -0.5000, 9: +1.0000, missing: +0.0000|\n",
        "|a\\|b|0.2500|value 1: +0.2500|\n",
    ] {
        assert!(card.contains(line), "{line}\n\n{card}");
    }
    let several = write(&scope(), &explained(stages::ProblemType::Multiclass), &signature(), &[]);
    assert!(
        several.contains("the score of the first class") && several.contains("over all classes")
    );
    let number = write(&scope(), &explained(stages::ProblemType::Regression), &signature(), &[]);
    assert!(number.contains("moves the predicted number of a row"), "{number}");
    // A model that cannot be explained has no such section.
    assert!(!complete().contains("SHAP"));
}

#[test]
fn a_card_of_one_model_says_that_it_was_judged_itself() {
    let model = stages::TrainedModel { trained_rows: 700, judged_rows: 700, ..model() };
    let card = write(&scope(), &model, &signature(), &[]);
    assert!(card.contains("with `gradient_boosting`."), "{card}");
    assert!(card.contains("It learned from 700 rows and is the judged model itself"), "{card}");
    assert!(card.contains("chosen for the greatest F1"), "{card}");
    for absent in ["## Ensemble", "## Segments", "## Calibration", "license"] {
        assert!(!card.contains(absent), "{absent}\n\n{card}");
    }
}

#[test]
fn a_regression_has_no_classes_and_no_threshold() {
    let scope = stages::Scope {
        problem_type: stages::ProblemType::Regression,
        classes: Vec::new(),
        positive_class: String::new(),
        loss: text("quantile"),
        quantile: 0.9,
        ..scope()
    };
    let signature =
        Signature { classes: Vec::new(), positive_class: None, threshold: None, ..signature() };
    let card = write(&scope, &model(), &signature, &[]);
    assert!(card.contains("pipeline_tag: tabular-regression\n"), "{card}");
    assert!(card.contains("Predicts the number `churned`"), "{card}");
    assert!(card.contains("It predicts the 0.9 quantile"), "{card}");
    assert!(card.contains("- Loss: `quantile`."), "{card}");
    assert!(!card.contains("## Decision threshold"), "{card}");
}

#[test]
fn numbers_are_numbers_of_yaml_too() {
    for (value, expected) in [
        (0.875, "0.875"),
        (1.0, "1.0"),
        (1e-7, "1.0e-7"),
        (-1.5e-9, "-1.5e-9"),
        (1e300, "1.0e+300"),
    ] {
        assert_eq!(number(value), expected);
        let json: f64 = serde_json::from_str(expected).unwrap();
        assert_eq!(json.to_bits(), value.to_bits());
    }
}

#[test]
fn names_stay_what_they_are() {
    assert_eq!(code("a"), "`a`");
    assert_eq!(code("a`b"), "``a`b``");
    assert_eq!(code("`a"), "`` `a ``");
    assert_eq!(cell("a|b\nc"), "a\\|b c");
    let scope = stages::Scope { name: text("on"), ..scope() };
    let card = write(&scope, &model(), &signature(), &[]);
    assert!(card.contains("model-index: [{\"name\": \"on\", "), "{card}");
}
