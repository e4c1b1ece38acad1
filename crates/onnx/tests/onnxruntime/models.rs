//! Random models of every kind.

use std::fmt::Write as _;

use rand::Rng;
use rand::rngs::StdRng;
use scoring::{
    Calibration, CategoryEncoding, CategoryTable, EncodedTrees, Encoding, EnsembleModel,
    LinearEncoding, LinearModel, Link, Model, ModelKind, ModelText, NetworkLayer, NetworkLink,
    NetworkModel, PriorModel,
};
use tabular::ProblemType;

use crate::rows::plan;

/// Trees as LightGBM writes them, with splits by threshold and by category, and missing values to both sides.
pub(crate) fn trees(
    rng: &mut StdRng,
    objective: &str,
    margins: usize,
    averaged: bool,
) -> ModelText {
    let text = trees_of(rng, &plan().categories(), objective, margins, averaged);
    ModelText { kind: ModelKind::Lightgbm, text }
}

/// Trees of features that are numbers, or codes of so many levels.
fn trees_of(
    rng: &mut StdRng,
    features: &[Option<u32>],
    objective: &str,
    margins: usize,
    averaged: bool,
) -> String {
    let count = 40 * margins;
    let mut text = format!(
        "tree\nversion=v4\nnum_class={margins}\nnum_tree_per_iteration={margins}\nlabel_index=0\nmax_feature_idx={}\n\
         objective={objective}\n{}tree_sizes={}\n\n",
        features.len() - 1,
        if averaged { "average_output\n" } else { "" },
        vec!["1"; count].join(" ")
    );
    for index in 0..count {
        writeln!(text, "Tree={index}").unwrap();
        let leaves = if index % 13 == 5 { 1 } else { rng.random_range(2..32) };
        tree(rng, &mut text, leaves, features);
    }
    text.push_str("end of trees\n");
    text
}

/// Trees that see two statistics for each category.
pub(crate) fn encoded(rng: &mut StdRng, objective: &str, margins: usize) -> ModelText {
    let mut table = |codes: u32| {
        let values = (0..(codes + 2) * 2).map(|_| rng.random_range(-2.0..2.0)).collect();
        CategoryTable { width: 2, values }
    };
    let encoding = CategoryEncoding {
        features: plan().categories().into_iter().map(|codes| codes.map(&mut table)).collect(),
    };
    let text = trees_of(rng, &vec![None; encoding.width()], objective, margins, false);
    let text = EncodedTrees::write(&encoding, &text).unwrap();
    ModelText { kind: ModelKind::EncodedLightgbm, text }
}

fn ensemble(members: &[(f64, ModelText)], calibration: &Calibration) -> ModelText {
    let members: Vec<(f64, &str, &ModelText)> =
        members.iter().map(|(weight, text)| (*weight, text.kind.as_str(), text)).collect();
    EnsembleModel::write(&members, calibration).unwrap()
}

/// Ensembles of every kind of member, with every calibration.
pub(crate) fn ensembles(rng: &mut StdRng) -> Vec<(ModelText, ProblemType)> {
    use ProblemType::{Binary, Multiclass, Regression};
    let two = |rng: &mut StdRng| {
        vec![
            (0.5, trees(rng, "binary sigmoid:1", 1, false)),
            (0.2, encoded(rng, "binary sigmoid:1", 1)),
            (0.1, linear(rng, 1, Link::Logit)),
            (0.1, network(rng, 1, NetworkLink::Logit)),
            (0.1, prior(&[0.6, 0.4])),
        ]
    };
    let calibrations = [
        Calibration::None,
        Calibration::Platt { slope: 1.7, intercept: -0.4 },
        Calibration::Isotonic {
            inputs: vec![0.2, 0.4, 0.45, 0.7],
            outputs: vec![0.05, 0.3, 0.6, 0.9],
        },
        Calibration::Isotonic { inputs: vec![0.5], outputs: vec![0.4] },
        Calibration::Temperature { exponent: 1.2 },
    ];
    let mut all: Vec<(ModelText, ProblemType)> =
        calibrations.iter().map(|of| (ensemble(&two(rng), of), Binary)).collect();
    let many = [
        (0.7, trees(rng, "multiclass num_class:3", 3, false)),
        (0.2, encoded(rng, "multiclass num_class:3", 3)),
        (0.1, linear(rng, 3, Link::Softmax)),
    ];
    all.push((ensemble(&many, &Calibration::Temperature { exponent: 0.7 }), Multiclass));
    let numbers = [
        (0.25, trees(rng, "tweedie tweedie_variance_power:1.5", 1, false)),
        (0.25, encoded(rng, "quantile", 1)),
        (0.5, linear(rng, 1, Link::Identity)),
    ];
    all.push((ensemble(&numbers, &Calibration::None), Regression));
    all
}

fn tree(rng: &mut StdRng, text: &mut String, leaves: usize, features: &[Option<u32>]) {
    let list = |values: &[String]| values.join(" ");
    let values: Vec<String> =
        (0..leaves).map(|_| format!("{:e}", rng.random_range(-0.2..0.2))).collect();
    if leaves == 1 {
        writeln!(text, "num_leaves=1\nnum_cat=0\nleaf_value={}\n\n", list(&values)).unwrap();
        return;
    }
    // A leaf is split in two until there are enough: node n takes the place of a leaf, and makes leaf n + 1.
    let (mut left, mut right) = (vec![-1_i32], vec![-2_i32]);
    for node in 1..leaves - 1 {
        let leaf = i32::try_from(rng.random_range(0..=node)).unwrap();
        let parents = left.iter_mut().chain(right.iter_mut());
        for child in parents.filter(|child| **child == !leaf) {
            *child = i32::try_from(node).unwrap();
        }
        left.push(!leaf);
        right.push(!i32::try_from(node + 1).unwrap());
    }
    let (mut splits, mut thresholds, mut types) = (Vec::new(), Vec::new(), Vec::new());
    let (mut boundaries, mut words) = (vec!["0".to_owned()], Vec::new());
    for _ in 0..leaves - 1 {
        let feature = rng.random_range(0..features.len());
        splits.push(feature.to_string());
        let missing = [0_u8, 8][rng.random_range(0..2)] + if rng.random_bool(0.5) { 2 } else { 0 };
        if let Some(codes) = features[feature] {
            thresholds.push(words.len().to_string());
            words.push(rng.random_range(1..1_u32 << codes).to_string());
            boundaries.push(words.len().to_string());
            types.push("1".to_owned());
        } else {
            let scale = [2.0, 30.0, 3_000.0, 20_000.0][rng.random_range(0..4)];
            let threshold = match rng.random_range(0..10) {
                0 => "1e+300".to_owned(),
                1 => "inf".to_owned(),
                _ => format!("{:e}", rng.random_range(-scale..scale)),
            };
            thresholds.push(threshold);
            types.push(missing.to_string());
        }
    }
    let children = |children: &[i32]| children.iter().map(ToString::to_string).collect::<Vec<_>>();
    writeln!(
        text,
        "num_leaves={leaves}\nnum_cat={}\nsplit_feature={}\nthreshold={}\ndecision_type={}\nleft_child={}\nright_child={}\nleaf_value={}",
        words.len(),
        list(&splits),
        list(&thresholds),
        list(&types),
        list(&children(&left)),
        list(&children(&right)),
        list(&values),
    )
    .unwrap();
    if !words.is_empty() {
        writeln!(text, "cat_boundaries={}\ncat_threshold={}", list(&boundaries), list(&words))
            .unwrap();
    }
    text.push_str("is_linear=0\n\n\n");
}

pub(crate) fn linear(rng: &mut StdRng, margins: usize, link: Link) -> ModelText {
    let encode = |codes: Option<u32>, rng: &mut StdRng| match codes {
        Some(codes) => Encoding::OneHot { width: codes },
        None if rng.random_bool(0.3) => Encoding::Piecewise {
            edges: vec![-1.5, 0.0, rng.random_range(1.0..20.0), 15_000.0],
            indicator: rng.random_bool(0.5),
        },
        None => Encoding::Numeric {
            mean: rng.random_range(-1.0..1.0),
            scale: rng.random_range(500.0..5_000.0),
            impute: rng.random_range(-1.0..1.0),
            indicator: rng.random_bool(0.5),
        },
    };
    let features: Vec<Encoding> =
        plan().categories().into_iter().map(|codes| encode(codes, rng)).collect();
    let encoding = LinearEncoding { features };
    let width = encoding.width();
    let mut numbers =
        |count: usize| (0..count).map(|_| rng.random_range(-0.5..0.5)).collect::<Vec<f64>>();
    let model = LinearModel {
        encoding,
        coefficients: (0..margins).map(|_| numbers(width)).collect(),
        intercepts: numbers(margins),
        link,
    };
    Model::Linear(model).to_text().unwrap().unwrap()
}

/// A network whose numbers are in bins, as learned ones are: then no margin is far from the others.
pub(crate) fn network(rng: &mut StdRng, margins: usize, link: NetworkLink) -> ModelText {
    let encode = |codes: Option<u32>, rng: &mut StdRng| match codes {
        Some(codes) => Encoding::OneHot { width: codes },
        None => Encoding::Piecewise {
            edges: vec![-1.5, 0.0, rng.random_range(1.0..20.0), 15_000.0],
            indicator: rng.random_bool(0.5),
        },
    };
    let features: Vec<Encoding> =
        plan().categories().into_iter().map(|codes| encode(codes, rng)).collect();
    let encoding = LinearEncoding { features };
    let width = encoding.width();
    let mut layer = |inputs: usize, units: usize| NetworkLayer {
        weights: (0..inputs * units).map(|_| rng.random_range(-0.5..0.5)).collect(),
        biases: (0..units).map(|_| rng.random_range(-0.5..0.5)).collect(),
    };
    let layers = vec![layer(width, 12), layer(12, 8), layer(8, margins)];
    let reference = vec![0.25; width];
    Model::Network(NetworkModel { encoding, reference, layers, link }).to_text().unwrap().unwrap()
}

pub(crate) fn prior(outputs: &[f64]) -> ModelText {
    let model = PriorModel { width: plan().width(), outputs: outputs.to_vec() };
    Model::Prior(model).to_text().unwrap().unwrap()
}

/// A model whose output is one feature: its number, -7777 where it is missing; of a category its code and one, and 0.
pub(crate) fn only(feature: usize) -> ModelText {
    let features: Vec<Encoding> = plan()
        .categories()
        .into_iter()
        .map(|codes| match codes {
            Some(width) => Encoding::OneHot { width },
            None => Encoding::Numeric { mean: 0.0, scale: 1.0, impute: -7777.0, indicator: false },
        })
        .collect();
    let mut coefficients = Vec::new();
    for (place, encoding) in features.iter().enumerate() {
        let width = match encoding {
            Encoding::OneHot { width } => *width,
            Encoding::Numeric { .. } | Encoding::Piecewise { .. } => 1,
        };
        for code in 0..width {
            coefficients.push(if place == feature { f64::from(code) + 1.0 } else { 0.0 });
        }
    }
    let model = LinearModel {
        encoding: LinearEncoding { features },
        coefficients: vec![coefficients],
        intercepts: vec![0.0],
        link: Link::Identity,
    };
    Model::Linear(model).to_text().unwrap().unwrap()
}
