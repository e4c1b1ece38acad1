//! Compares with LightGBM's own contributions. `fixtures/contributions.py` wrote them.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic, reason = "a test")]

use std::collections::BTreeMap;

use proptest::prelude::*;
use scoring::{ExplainError, Explanations, FeatureMatrix, Limits, Model, ModelKind};
use serde::Deserialize;

/// How far a contribution may be from LightGBM's, relative to the largest of the row.
const TOLERANCE: f64 = 1e-9;

#[derive(Deserialize)]
struct Rows {
    rows: Vec<Vec<Option<f64>>>,
}

#[derive(Deserialize)]
struct ExpectedAlias {
    contributions: Vec<Vec<f64>>,
    margins: Vec<Vec<f64>>,
}

fn model(text: &str) -> Model {
    Model::parse(ModelKind::Lightgbm, text, &Limits::default()).unwrap()
}

fn explain(model: &Model, matrix: &FeatureMatrix) -> Explanations {
    model.explain(matrix, || true).unwrap()
}

/// `trees`: by how much LightGBM's sums exceed the mean, for forests.
fn check(name: &str, text: &str, rows: &str, trees: f64) {
    let rows: Rows = serde_json::from_str(rows).unwrap();
    let all: BTreeMap<String, ExpectedAlias> =
        serde_json::from_str(include_str!("fixtures/contributions.json")).unwrap();
    let expected = &all[name];
    let width = rows.rows[0].len();
    let values = rows.rows.iter().flatten().map(|value| value.unwrap_or(f64::NAN)).collect();
    let matrix = FeatureMatrix::new(rows.rows.len(), width, values).unwrap();
    let found = explain(&model(text), &matrix);
    assert_eq!(found.rows, rows.rows.len());
    let close = |found: f64, wanted: f64, scale: f64, what: &str| {
        let wanted = wanted / trees;
        assert!((found - wanted).abs() <= TOLERANCE * scale.max(1.0), "{what}: {found}, {wanted}");
    };
    let margins = found.margins_per_row;
    for row in 0..found.rows {
        for margin in 0..margins {
            let wanted = &expected.contributions[row][margin * (width + 1)..][..=width];
            let scale = wanted.iter().fold(0.0_f64, |scale, value| scale.max(value.abs()));
            let at = (row * margins + margin) * width;
            let contributions = &found.contributions[at..at + width];
            for (feature, (found, wanted)) in contributions.iter().zip(wanted).enumerate() {
                close(*found, *wanted, scale, &format!("row {row}, feature {feature}"));
            }
            close(found.bases[margin], wanted[width], scale, &format!("base of margin {margin}"));
            let own = found.margins[row * margins + margin];
            close(own, expected.margins[row][margin], scale, &format!("margin of row {row}"));
            let sum = contributions.iter().sum::<f64>() + found.bases[margin];
            assert!(
                (sum - own).abs() <= TOLERANCE * scale.max(1.0),
                "row {row}: {sum} is not {own}"
            );
        }
    }
}

macro_rules! fixtures {
    ($($name:ident $trees:literal),*) => {$(
        #[test]
        fn $name() {
            check(
                stringify!($name),
                include_str!(concat!("fixtures/", stringify!($name), ".txt")),
                include_str!(concat!("fixtures/", stringify!($name), ".json")),
                $trees,
            );
        }
    )*};
}

fixtures!(
    binary 1.0,
    binary_zero_as_missing 1.0,
    binary_no_missing 1.0,
    random_forest 8.0,
    multiclass 1.0,
    multiclass_forest 8.0,
    regression 1.0,
    regression_l1 1.0,
    stump 1.0,
    deep 1.0
);

const DEEP: &str = include_str!("fixtures/deep.txt");

/// The game's own definition: the mean over all orders of what a feature changes when it comes in.
fn shapley(model: &Model, row: &[f64], text: &str) -> Vec<f64> {
    let trees: Vec<Tree> = text.split("\nTree=").skip(1).map(Tree::read).collect();
    let value = |known: u32| trees.iter().map(|tree| tree.expect(0, row, known)).sum::<f64>();
    let features = model.width();
    let factorial = |n: usize| (1..=n).map(|n| n as f64).product::<f64>();
    (0..features)
        .map(|feature| {
            let bit = 1 << feature;
            (0..1_u32 << features)
                .filter(|known| known & bit == 0)
                .map(|known| {
                    let size = known.count_ones() as usize;
                    let weight =
                        factorial(size) * factorial(features - size - 1) / factorial(features);
                    weight * (value(known | bit) - value(known))
                })
                .sum()
        })
        .collect()
}

/// A tree without categories as its text says it, read a second way.
struct Tree {
    lists: BTreeMap<String, Vec<f64>>,
}

impl Tree {
    fn read(text: &str) -> Self {
        let lines = text.lines().filter_map(|line| line.split_once('='));
        let numbers = lines.filter_map(|(key, values)| {
            let values: Option<Vec<f64>> =
                values.split(' ').map(|value| value.parse().ok()).collect();
            Some((key.to_owned(), values?))
        });
        Self { lists: numbers.collect() }
    }

    fn number(&self, key: &str, at: i64) -> f64 {
        self.lists[key][usize::try_from(at).unwrap()]
    }

    fn count(&self, child: i64) -> f64 {
        if child < 0 {
            self.number("leaf_count", !child)
        } else {
            self.number("internal_count", child)
        }
    }

    fn expect(&self, child: i64, row: &[f64], known: u32) -> f64 {
        if child < 0 {
            return self.number("leaf_value", !child);
        }
        let feature = self.number("split_feature", child) as usize;
        let (left, right) =
            (self.number("left_child", child) as i64, self.number("right_child", child) as i64);
        if known >> feature & 1 == 1 {
            let goes_left = row[feature] <= self.number("threshold", child);
            return self.expect(if goes_left { left } else { right }, row, known);
        }
        let share = self.count(left) / self.count(child);
        share * self.expect(left, row, known) + (1.0 - share) * self.expect(right, row, known)
    }
}

/// Four features, of which two are split on twice along a path.
const SMALL: &str = "tree\nversion=v4\nnum_class=1\nnum_tree_per_iteration=1\nmax_feature_idx=3\n\
    objective=regression\ntree_sizes=1 1\n\n\
    Tree=0\nnum_leaves=5\nnum_cat=0\nsplit_feature=0 1 0 2\nthreshold=0.5 0.25 0.75 0.5\ndecision_type=0 0 0 0\n\
    left_child=1 -1 -3 -4\nright_child=2 -2 3 -5\nleaf_value=1 -2 3 0.5 8\nleaf_count=10 20 5 40 25\n\
    internal_count=100 30 70 65\n\n\
    Tree=1\nnum_leaves=4\nnum_cat=0\nsplit_feature=3 1 1\nthreshold=0.5 0.6 0.3\ndecision_type=0 0 0\n\
    left_child=1 2 -1\nright_child=-4 -3 -2\nleaf_value=0.25 4 -1 2\nleaf_count=1 2 3 94\n\
    internal_count=100 6 3\n\nend of trees\n";

proptest! {
    #[test]
    fn contributions_are_shapley_values(row in prop::collection::vec(0.0..1.0_f64, 4)) {
        let model = model(SMALL);
        let found = explain(&model, &FeatureMatrix::new(1, 4, row.clone()).unwrap());
        for (found, wanted) in found.contributions.iter().zip(shapley(&model, &row, SMALL)) {
            prop_assert!((found - wanted).abs() < 1e-12, "{found} is not {wanted}");
        }
    }

    #[test]
    fn contributions_and_base_add_up(
        values in prop::collection::vec(prop_oneof![4 => -4.0..40.0_f64, 1 => Just(f64::NAN)], 30)
    ) {
        let found = explain(&model(DEEP), &FeatureMatrix::new(10, 3, values).unwrap());
        for (row, contributions) in found.contributions.chunks(3).enumerate() {
            let sum = contributions.iter().sum::<f64>() + found.bases[0];
            prop_assert!((sum - found.margins[row]).abs() < 1e-9);
        }
    }
}

#[test]
fn a_model_without_counts_is_scored_and_not_explained() {
    let one = FeatureMatrix::new(1, 4, vec![0.0; 4]).unwrap();
    for text in [
        SMALL.replace("leaf_count=10 20 5 40 25\n", ""),
        SMALL.replace("leaf_count=10 20", "leaf_count=0 20"),
    ] {
        let model = model(&text);
        assert_eq!(model.predict(&one).len(), 1);
        assert!(matches!(model.explain(&one, || true), Err(ExplainError::NoCounts)));
    }
    let odd = SMALL.replace("leaf_count=10 20", "leaf_count=10");
    assert!(Model::parse(ModelKind::Lightgbm, &odd, &Limits::default()).is_err());
}

/// A tree in which every left child is a node, as deep as it has leaves.
fn chain(leaves: usize) -> String {
    let list = |of: &dyn Fn(usize) -> String, count: usize| {
        (0..count).map(of).collect::<Vec<_>>().join(" ")
    };
    let nodes = leaves - 1;
    format!(
        "tree\nversion=v4\nnum_class=1\nnum_tree_per_iteration=1\nmax_feature_idx=0\nobjective=regression\ntree_sizes=1\n\n\
         Tree=0\nnum_leaves={leaves}\nnum_cat=0\nsplit_feature={}\nthreshold={}\ndecision_type={}\nleft_child={}\n\
         right_child={}\nleaf_value={}\nleaf_count={}\n\nend of trees\n",
        list(&|_| "0".to_owned(), nodes),
        list(&|node| (nodes - node).to_string(), nodes),
        list(&|_| "0".to_owned(), nodes),
        list(
            &|node| if node + 1 < nodes { (node + 1).to_string() } else { "-1".to_owned() },
            nodes
        ),
        list(&|node| (-(node as i64) - 2).to_string(), nodes),
        list(&|leaf| leaf.to_string(), leaves),
        list(&|_| "1".to_owned(), leaves),
    )
}

#[test]
fn a_tree_that_is_too_deep_is_refused_and_a_deep_one_is_not() {
    let one = FeatureMatrix::new(1, 1, vec![3.5]).unwrap();
    let found = explain(&model(&chain(500)), &one);
    assert!((found.contributions[0] + found.bases[0] - found.margins[0]).abs() < 1e-9);
    let deep = model(&chain(60_000)).explain(&one, || true);
    assert!(matches!(deep, Err(ExplainError::TooDeep { .. })), "{deep:?}");
}

#[test]
fn a_caller_can_stop_it() {
    let rows = FeatureMatrix::new(3, 4, vec![0.0; 12]).unwrap();
    let mut left = 2;
    let stopped = model(SMALL).explain(&rows, || {
        left -= 1;
        left >= 0
    });
    assert!(matches!(stopped, Err(ExplainError::Stopped)));
}

#[test]
fn a_linear_model_and_a_prior_are_explained() {
    let text = r#"{"encoding":[{"kind":"numeric","mean":1.0,"scale":2.0,"impute":1.0,"indicator":true},
        {"kind":"one_hot","width":2}],"coefficients":[[1.0,2.0,3.0,4.0]],"intercepts":[0.5],"link":"logit"}"#;
    let linear = Model::parse(ModelKind::Linear, text, &Limits::default()).unwrap();
    let rows = FeatureMatrix::new(2, 2, vec![5.0, 1.0, f64::NAN, 9.0]).unwrap();
    let found = explain(&linear, &rows);
    assert_eq!(found.contributions, [2.0, 4.0, 2.0, 0.0]);
    assert_eq!((found.bases, found.margins), (vec![0.5], vec![6.5, 2.5]));

    let prior = |text: &str| Model::parse(ModelKind::Prior, text, &Limits::default()).unwrap();
    let two = explain(&prior(r#"{"width":2,"outputs":[0.2,0.8]}"#), &rows);
    assert!((two.bases[0] - 4.0_f64.ln()).abs() < 1e-12 && two.margins == [two.bases[0]; 2]);
    assert_eq!(two.contributions, [0.0; 4]);
    let certain = prior(r#"{"width":2,"outputs":[0.0,1.0]}"#).explain(&rows, || true);
    assert!(matches!(certain, Err(ExplainError::NotFinite)));
}
