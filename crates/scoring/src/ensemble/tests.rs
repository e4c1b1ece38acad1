#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic, reason = "a test")]

use proptest::prelude::*;
use tabular::FeatureMatrix;

use super::*;
use crate::{
    CategoryEncoding, CategoryTable, EncodedTrees, Encoding, LinearEncoding, LinearModel, Link,
};

/// A tree on two features: by a threshold of the first, then by another of the second.
fn trees(objective: &str, margins: usize, scale: f64) -> ModelText {
    let tree = |margin: usize| {
        let leaf = |place: usize| scale * (place as f64 - 1.0 + 0.3 * margin as f64);
        format!(
            "Tree={margin}\nnum_leaves=3\nnum_cat=0\nsplit_feature=0 1\nthreshold=0.5 -0.25\n\
             decision_type=2 10\nleft_child=1 -1\nright_child=-2 -3\nleaf_value={} {} {}\nleaf_count=5 9 6\n\
             is_linear=0\n\n\n",
            leaf(0),
            leaf(1),
            leaf(2)
        )
    };
    let trees: String = (0..margins).map(tree).collect();
    let text = format!(
        "tree\nversion=v4\nnum_class={margins}\nnum_tree_per_iteration={margins}\nlabel_index=0\nmax_feature_idx=1\n\
         objective={objective}\ntree_sizes={}\n\n{trees}end of trees\n",
        vec!["1"; margins].join(" ")
    );
    ModelText { kind: ModelKind::Lightgbm, text }
}

fn linear(margins: usize, link: Link) -> ModelText {
    let features = vec![
        Encoding::Piecewise { edges: vec![-1.0, 0.0, 2.0], indicator: true },
        Encoding::Numeric { mean: 0.1, scale: 2.0, impute: 0.1, indicator: false },
    ];
    let row = |margin: usize| vec![0.4, -0.7 + margin as f64, 0.2, 0.5];
    let model = LinearModel {
        encoding: LinearEncoding { features },
        coefficients: (0..margins).map(row).collect(),
        intercepts: (0..margins).map(|margin| 0.1 * margin as f64).collect(),
        link,
    };
    Model::Linear(model).to_text().unwrap().unwrap()
}

fn encoded() -> ModelText {
    let table = CategoryTable { width: 1, values: vec![0.9, -0.6, 0.1, 0.4] };
    let encoding = CategoryEncoding { features: vec![None, Some(table)] };
    let text = EncodedTrees::write(&encoding, &trees("binary sigmoid:1", 1, 1.0).text).unwrap();
    ModelText { kind: ModelKind::EncodedLightgbm, text }
}

fn ensemble(members: &[(f64, ModelText)], calibration: &Calibration) -> Model {
    let members: Vec<(f64, &str, &ModelText)> =
        members.iter().map(|(weight, text)| (*weight, text.kind.as_str(), text)).collect();
    let text = EnsembleModel::write(&members, calibration).unwrap();
    Model::parse(text.kind, &text.text, &Limits::default()).unwrap()
}

fn binary(calibration: &Calibration) -> Model {
    let members =
        [(0.5, trees("binary sigmoid:1", 1, 1.0)), (0.3, linear(1, Link::Logit)), (0.2, encoded())];
    ensemble(&members, calibration)
}

fn calibrations() -> Vec<Calibration> {
    vec![
        Calibration::None,
        Calibration::Platt { slope: 1.4, intercept: -0.3 },
        Calibration::Isotonic { inputs: vec![0.2, 0.5, 0.9], outputs: vec![0.1, 0.55, 0.8] },
        Calibration::Temperature { exponent: 1.3 },
    ]
}

/// A number, sometimes missing, and a code or a number.
fn value() -> impl Strategy<Value = f64> {
    prop_oneof![8 => -3.0..3.0_f64, 1 => Just(f64::NAN), 2 => (0..4_u8).prop_map(f64::from)]
}

proptest! {
    #[test]
    fn a_row_has_the_same_outputs_alone_and_in_a_batch(rows in prop::collection::vec((value(), value()), 1..20)) {
        let values: Vec<f64> = rows.iter().flat_map(|(left, right)| [*left, *right]).collect();
        let matrix = FeatureMatrix::new(rows.len(), 2, values).unwrap();
        for calibration in calibrations() {
            let model = binary(&calibration);
            let all = model.predict(&matrix);
            for (row, expected) in matrix.iter_rows().zip(all.chunks(2)) {
                let mut out = [0.0, 0.0];
                model.predict_row(row, &mut out);
                prop_assert_eq!(&out[..], expected);
                prop_assert!((out[0] + out[1] - 1.0).abs() < 1e-12 && out[1] > 0.0 && out[1] < 1.0);
            }
        }
    }

    #[test]
    fn contributions_and_the_base_add_up_to_the_margin(left in value(), right in value()) {
        let matrix = FeatureMatrix::new(1, 2, vec![left, right]).unwrap();
        let multiclass = ensemble(
            &[(0.6, trees("multiclass num_class:3", 3, 1.0)), (0.4, linear(3, Link::Softmax))],
            &Calibration::Temperature { exponent: 0.8 },
        );
        let regression = ensemble(
            &[(0.25, trees("poisson", 1, 1.0)), (0.75, linear(1, Link::Identity))],
            &Calibration::None,
        );
        let mut models: Vec<Model> = calibrations().iter().map(binary).collect();
        models.extend([multiclass, regression]);
        for model in models {
            let explained = model.explain(&matrix, || true).unwrap();
            let margins = explained.margins_per_row;
            for margin in 0..margins {
                let sum: f64 = explained.contributions[margin * 2..margin * 2 + 2].iter().sum();
                let (base, own) = (explained.bases[margin], explained.margins[margin]);
                prop_assert!((base + sum - own).abs() < 1e-7, "{base} + {sum} is not {own}");
            }
            // The margins are those of the outputs.
            let outputs = model.predict(&matrix);
            match outputs.as_slice() {
                [_, positive] => {
                    let margin = (positive / (1.0 - positive)).ln();
                    prop_assert!((explained.margins[0] - margin).abs() < 1e-9);
                }
                [number] => prop_assert!((explained.margins[0] - number).abs() < 1e-12),
                outputs => {
                    let mut softmaxed = explained.margins.clone();
                    crate::linear::softmax(&mut softmaxed);
                    for (found, expected) in softmaxed.iter().zip(outputs) {
                        prop_assert!((found - expected).abs() < 1e-12);
                    }
                }
            }
        }
    }
}

#[test]
fn the_mean_is_weighted() {
    let (trees, linear) = (trees("binary sigmoid:1", 1, 1.0), linear(1, Link::Logit));
    let alone = |text: &ModelText| {
        let model = Model::parse(text.kind, &text.text, &Limits::default()).unwrap();
        let mut out = [0.0; 2];
        model.predict_row(&[0.7, 0.2], &mut out);
        out[1]
    };
    let expected = 0.25 * alone(&trees) + 0.75 * alone(&linear);
    let model = ensemble(&[(0.25, trees), (0.75, linear)], &Calibration::None);
    let mut out = [0.0; 2];
    model.predict_row(&[0.7, 0.2], &mut out);
    assert!((out[1] - expected).abs() < 1e-15);
}

#[test]
fn what_does_not_hold_together_is_refused() {
    let tree = || trees("binary sigmoid:1", 1, 1.0);
    let refused = |members: &[(f64, ModelText)], calibration: &Calibration| {
        let members: Vec<(f64, &str, &ModelText)> =
            members.iter().map(|(weight, text)| (*weight, "x", text)).collect();
        let text = EnsembleModel::write(&members, calibration).unwrap();
        Model::parse(text.kind, &text.text, &Limits::default()).unwrap_err().to_string()
    };
    let none = Calibration::None;
    assert_eq!(refused(&[], &none), "the model has no outputs");
    assert_eq!(
        refused(&[(0.5, tree()), (0.4, tree())], &none),
        "the weights of the ensemble add up to 0.9; each has to be above 0, and all together 1"
    );
    assert!(refused(&[(1.5, tree()), (-0.5, tree())], &none).contains("above 0"));
    assert_eq!(
        refused(&[(0.5, tree()), (0.5, trees("regression", 1, 1.0))], &none),
        "the members of the ensemble differ in their numbers of features or outputs"
    );
    let steep = Calibration::Platt { slope: -1.0, intercept: 0.0 };
    assert!(refused(&[(1.0, tree())], &steep).contains("calibration platt"));
    let falling = Calibration::Isotonic { inputs: vec![0.1, 0.5], outputs: vec![0.6, 0.2] };
    assert!(refused(&[(1.0, tree())], &falling).contains("calibration isotonic"));
    let inner = EnsembleModel::write(&[(1.0, "x", &tree())], &none).unwrap();
    assert!(refused(&[(1.0, inner)], &none).contains("an ensemble itself"));
    let many = vec![(1.0 / 300.0, tree()); 300];
    assert_eq!(refused(&many, &none), "the model has more than 256 members");
}

#[test]
fn limits_hold_for_all_members_together() {
    let tree = trees("binary sigmoid:1", 1, 1.0);
    let members = [(0.5, "x", &tree), (0.5, "x", &tree)];
    let text = EnsembleModel::write(&members, &Calibration::None).unwrap();
    let limits = |trees| Limits { trees, ..Limits::default() };
    assert!(Model::parse(text.kind, &text.text, &limits(2)).is_ok());
    assert!(Model::parse(text.kind, &text.text, &limits(1)).is_err());
}

#[test]
fn statistics_stand_in_for_codes_missing_values_and_unseen_ones() {
    let table = CategoryTable { width: 2, values: (0..8).map(f64::from).collect() };
    assert_eq!(table.codes(), 2);
    let of = |value: f64| table.value_of(value).to_vec();
    assert_eq!(of(0.0), [0.0, 1.0]);
    assert_eq!(of(1.0), [2.0, 3.0]);
    assert_eq!(of(f64::NAN), [4.0, 5.0]);
    for unseen in [2.0, 77.0, -1.0, f64::INFINITY] {
        assert_eq!(of(unseen), [6.0, 7.0], "{unseen}");
    }
}
