//! Compares with LightGBM's own predictions, bit for bit. `fixtures/make.py` wrote models and predictions.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic, reason = "a test")]

use scoring::{FeatureMatrix, Limits, Model, ModelError, ModelKind, TreeError, TreeModel};
use serde::Deserialize;

#[derive(Deserialize)]
struct ExpectedAlias {
    rows: Vec<Vec<Option<f64>>>,
    outputs: Vec<Vec<f64>>,
}

fn check(text: &str, expected: &str) {
    let expected: ExpectedAlias = serde_json::from_str(expected).unwrap();
    let model = Model::parse(ModelKind::Lightgbm, text, &Limits::default()).unwrap();
    let width = expected.rows[0].len();
    assert_eq!(model.width(), width);
    let values = expected.rows.iter().flatten().map(|value| value.unwrap_or(f64::NAN)).collect();
    let matrix = FeatureMatrix::new(expected.rows.len(), width, values).unwrap();
    let batch = model.predict(&matrix);
    let mut alone = vec![0.0; model.outputs()];
    for (row, wanted) in expected.outputs.iter().enumerate() {
        let found = &batch[row * model.outputs()..(row + 1) * model.outputs()];
        // LightGBM gives two classes as the probability of the second.
        let comparable = if wanted.len() == 1 && found.len() == 2 { &found[1..] } else { found };
        let bits = |values: &[f64]| values.iter().map(|value| value.to_bits()).collect::<Vec<_>>();
        assert_eq!(
            bits(comparable),
            bits(wanted),
            "row {row}: {comparable:?} instead of {wanted:?}"
        );
        model.predict_row(matrix.row(row), &mut alone);
        assert_eq!(bits(&alone), bits(found), "row {row} differs alone");
    }
}

macro_rules! fixtures {
    ($($name:ident),*) => {$(
        #[test]
        fn $name() {
            check(
                include_str!(concat!("fixtures/", stringify!($name), ".txt")),
                include_str!(concat!("fixtures/", stringify!($name), ".json")),
            );
        }
    )*};
}

fixtures!(
    binary,
    binary_zero_as_missing,
    binary_no_missing,
    random_forest,
    multiclass,
    multiclass_forest,
    regression,
    regression_l1,
    stump,
    deep
);

const BINARY: &str = include_str!("fixtures/binary.txt");

fn refused(text: &str) -> TreeError {
    TreeModel::parse(text, &Limits::default()).unwrap_err()
}

/// Replaces the value of the first line with this key.
fn with(key: &str, value: &str) -> String {
    let line = BINARY.lines().find(|line| line.starts_with(&format!("{key}="))).unwrap();
    BINARY.replacen(line, &format!("{key}={value}"), 1)
}

fn first(key: &str) -> Vec<&str> {
    let line = BINARY.lines().find(|line| line.starts_with(&format!("{key}="))).unwrap();
    line.split_once('=').unwrap().1.split(' ').collect()
}

fn with_first_value(key: &str, value: &str) -> String {
    let mut values = first(key);
    values[0] = value;
    with(key, &values.join(" "))
}

#[test]
fn linear_leaves_are_refused() {
    assert!(matches!(
        refused(include_str!("fixtures/linear_leaves.txt")),
        TreeError::Unsupported { .. }
    ));
}

#[test]
fn other_objectives_and_versions_are_refused() {
    assert!(matches!(refused(&with("objective", "lambdarank")), TreeError::Unsupported { .. }));
    assert!(matches!(
        refused(&with("objective", "regression sqrt")),
        TreeError::Unsupported { .. }
    ));
    assert!(matches!(refused(&with("objective", "binary sigmoid:-1")), TreeError::Value { .. }));
    assert!(matches!(refused(&with("version", "v3")), TreeError::Version));
    assert!(matches!(refused(&with("num_tree_per_iteration", "3")), TreeError::Range { .. }));
    assert!(matches!(refused(&with("num_tree_per_iteration", "0")), TreeError::Range { .. }));
    assert!(matches!(refused(""), TreeError::Text { .. }));
}

#[test]
fn truncated_text_is_refused() {
    let end = BINARY.find("end of trees").unwrap() + "end of trees".len();
    assert!(
        TreeModel::parse(&BINARY[..end], &Limits::default()).is_ok(),
        "nothing after the trees matters"
    );
    for cut in (0..end).step_by(37).chain([end - 1]) {
        assert!(TreeModel::parse(&BINARY[..cut], &Limits::default()).is_err(), "cut at {cut}");
    }
}

#[test]
fn indices_out_of_range_are_refused() {
    assert!(matches!(refused(&with_first_value("split_feature", "6")), TreeError::Range { .. }));
    assert!(matches!(refused(&with_first_value("split_feature", "-1")), TreeError::Value { .. }));
    assert!(matches!(refused(&with_first_value("left_child", "8")), TreeError::Range { .. }));
    assert!(matches!(refused(&with_first_value("left_child", "-99")), TreeError::Range { .. }));
    assert!(matches!(
        refused(&with_first_value("left_child", "-2147483648")),
        TreeError::Range { .. }
    ));
    assert!(matches!(refused(&with_first_value("cat_boundaries", "1")), TreeError::Range { .. }));
    assert!(matches!(refused(&with("cat_boundaries", "0 6 3 9")), TreeError::Range { .. }));
    assert!(matches!(refused(&with("cat_boundaries", "0 3 6 10")), TreeError::Range { .. }));
    let mut thresholds = first("threshold");
    thresholds[1] = "3"; // the second split is by category, and there are sets 0 to 2
    assert!(matches!(refused(&with("threshold", &thresholds.join(" "))), TreeError::Range { .. }));
}

#[test]
fn cycles_are_refused() {
    assert!(matches!(refused(&with_first_value("left_child", "0")), TreeError::NotATree { .. }));
    assert!(matches!(refused(&with_first_value("left_child", "1")), TreeError::NotATree { .. }));
    assert!(matches!(refused(&with_first_value("left_child", "-1")), TreeError::NotATree { .. }));
}

#[test]
fn counts_that_disagree_are_refused() {
    assert!(matches!(refused(&with("num_leaves", "10")), TreeError::Count { .. }));
    assert!(matches!(refused(&with("num_leaves", "0")), TreeError::Range { .. }));
    assert!(matches!(refused(&with("num_leaves", "99999999999")), TreeError::TooLarge { .. }));
    assert!(matches!(refused(&with("num_cat", "2")), TreeError::Count { .. }));
    assert!(matches!(refused(&with("num_cat", "4000000000")), TreeError::TooLarge { .. }));
    assert!(matches!(refused(&with("tree_sizes", "1 1 1")), TreeError::Text { .. }));
    assert!(matches!(refused(&with("tree_sizes", "1 1 1 1 1 1 1 1 1")), TreeError::Text { .. }));
    assert!(matches!(refused(&with("tree_sizes", "")), TreeError::Count { .. }));
}

#[test]
fn numbers_that_are_not_finite_are_refused() {
    for value in ["nan", "inf", "-inf", "1e999"] {
        assert!(
            matches!(refused(&with_first_value("leaf_value", value)), TreeError::NotFinite { .. }),
            "{value}"
        );
    }
    // LightGBM itself writes infinite thresholds, where a split only tells missing values apart.
    assert!(matches!(refused(&with_first_value("threshold", "nan")), TreeError::NotFinite { .. }));
    assert!(TreeModel::parse(&with_first_value("threshold", "inf"), &Limits::default()).is_ok());
    assert!(matches!(refused(&with_first_value("leaf_value", "x")), TreeError::Value { .. }));
}

#[test]
fn limits_are_kept() {
    let limit = |limits: Limits| TreeModel::parse(BINARY, &limits).unwrap_err();
    let standard = Limits::default();
    for limits in [
        Limits { bytes: 100, ..standard },
        Limits { features: 5, ..standard },
        Limits { trees: 7, ..standard },
        Limits { leaves: 8, ..standard },
        Limits { total_leaves: 30, ..standard },
        Limits { category_words: 5, ..standard },
    ] {
        assert!(matches!(limit(limits), TreeError::TooLarge { .. }), "{limits:?}");
    }
}

#[test]
fn linear_models_are_read_only_when_they_are_sound() {
    let read = |text: &str| Model::parse(ModelKind::Linear, text, &Limits::default());
    let sound = r#"{"encoding":[{"kind":"numeric","mean":1.0,"scale":2.0,"impute":1.0,"indicator":true},
        {"kind":"one_hot","width":2}],"coefficients":[[1.0,2.0,3.0,4.0]],"intercepts":[0.5],"link":"logit"}"#;
    let model = read(sound).unwrap();
    let mut out = [0.0; 2];
    model.predict_row(&[5.0, 1.0], &mut out);
    assert_eq!(out[1], 1.0 / (1.0 + (-6.5_f64).exp()));
    model.predict_row(&[f64::NAN, 9.0], &mut out);
    assert_eq!(out[1], 1.0 / (1.0 + (-2.5_f64).exp()));
    for (from, to) in [
        ("[0.5]", "[NaN]"),
        ("[0.5]", "[1e999]"),
        ("[0.5]", "[null]"),
        ("[0.5]", "[0.5,0.5]"),
        ("\"scale\":2.0", "\"scale\":0.0"),
        ("[1.0,2.0,3.0,4.0]", "[1.0,2.0,3.0]"),
        ("\"width\":2", "\"width\":4000000000"),
        ("logit", "softmax"),
        ("\"link\"", "\"extra\":1,\"link\""),
    ] {
        assert!(read(&sound.replace(from, to)).is_err(), "{from} → {to}");
    }
    let mut unsound: scoring::LinearModel = serde_json::from_str(sound).unwrap();
    unsound.coefficients[0][1] = f64::NAN;
    assert!(matches!(unsound.check(&Limits::default()), Err(ModelError::NotFinite { .. })));
}
