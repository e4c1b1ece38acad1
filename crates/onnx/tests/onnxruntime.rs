//! What is written, evaluated by ONNX Runtime from the Python package index, predicts what tier0 predicts.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::print_stderr,
    reason = "a test"
)]

use std::collections::BTreeMap;
use std::fmt::Write as _;

use rand::rngs::StdRng;
use rand::{Rng, SeedableRng};
use scoring::bundle::{self, BundleParts};
use scoring::{
    Bundle, Calibration, CategoryEncoding, CategoryTable, EncodedTrees, Encoding, EnsembleModel,
    Limits, LinearEncoding, LinearModel, Link, Model, ModelKind, ModelText, PriorModel, Scorer,
    Signature,
};
use serde_json::{Value, json};
use tabular::cleaning::{Cap, ColumnCleaning, Impute};
use tabular::parse::MissingMarkers;
use tabular::plan::{DatePart, Feature, MISSING_LEVEL, TextMeasure, Transform};
use tabular::{CleaningPlan, Column, ColumnType, FeaturePlan, Field, ProblemType, Table};
use tier0_tests::Python;

const ROWS: usize = 1_000;
/// tier0's and ONNX Runtime's probabilities differ by the order in which trees are added.
const TOLERANCE: f64 = 1e-12;

/// Reads models and columns, checks the models by the rules of ONNX, and prints what ONNX Runtime answers.
const SCRIPT: &str = r#"
import json, sys
import numpy as np
import onnx, onnxruntime
columns = json.load(open(sys.argv[1]))
types = {"tensor(double)": np.float64, "tensor(int64)": np.int64, "tensor(bool)": bool, "tensor(string)": object}
answers = []
for path in sys.argv[2:]:
    onnx.checker.check_model(path, full_check=False)
    session = onnxruntime.InferenceSession(path, providers=["CPUExecutionProvider"])
    feed = {}
    for given in session.get_inputs():
        values = columns[given.name]
        if given.type == "tensor(double)":
            values = [float(value) for value in values]
        elif given.type != "tensor(string)":
            values = [int(float(value)) for value in values]
        feed[given.name] = np.array(values, dtype=types[given.type]).reshape([-1] + [1] * (len(given.shape) - 1))
    names = [output.name for output in session.get_outputs()]
    whole = {name: values.tolist() for name, values in zip(names, session.run(names, feed))}
    # One row at a time takes another way through the trees.
    for row in range(20):
        one = session.run(names, {name: values[row:row + 1] for name, values in feed.items()})
        for name, values in zip(names, one):
            assert np.array_equal(values[0], whole[name][row]) or abs(values[0] - whole[name][row]) < 1e-12
    answers.append(whole)
json.dump(answers, sys.stdout)
"#;

const LEVELS: [&str; 5] = ["Basel", "Bern", "Chur", "Genf", "Zug"];

fn plan() -> FeaturePlan {
    let column = |name: &str, of| ColumnCleaning::new(name, of, &MissingMarkers::default());
    let feature = |name: String, transform| Feature { name, transform };
    let levels = |count: usize| LEVELS[..count].iter().map(|level| (*level).to_owned()).collect();
    let mut columns = vec![
        column("x", ColumnType::Number),
        column("y", ColumnType::Integer),
        column("count", ColumnType::Integer),
        column("flag", ColumnType::Boolean),
        column("maybe", ColumnType::Boolean),
        column("day", ColumnType::Date),
        column("at", ColumnType::Timestamp),
        column("city", ColumnType::Text),
        column("town", ColumnType::Text),
        column("unused", ColumnType::Text),
        column("since", ColumnType::Date),
        column("remark", ColumnType::Text),
        column("note", ColumnType::Text),
    ];
    columns[0].cap = Some(Cap { low: -2.0, high: 2.5 });
    columns[1].impute = Some(Impute::Number(7.0));
    columns[8].impute = Some(Impute::Text("Bern".into()));
    columns[12].impute = Some(Impute::Text("no note, 1 or 2".into()));
    let text = str::to_owned;
    let mut with_missing: Vec<String> = levels(2);
    with_missing.push(MISSING_LEVEL.into());
    let mut features = vec![
        feature(text("x"), Transform::Identity { input: text("x") }),
        feature(text("x_missing"), Transform::MissingIndicator { input: text("x") }),
        feature(text("y"), Transform::Identity { input: text("y") }),
        feature(text("count"), Transform::Identity { input: text("count") }),
        feature(text("flag"), Transform::Identity { input: text("flag") }),
        feature(text("maybe"), Transform::Identity { input: text("maybe") }),
        feature(
            text("city"),
            Transform::Category { input: text("city"), levels: levels(5), other: true },
        ),
        feature(text("city_missing"), Transform::MissingIndicator { input: text("city") }),
        feature(
            text("town"),
            Transform::Category { input: text("town"), levels: levels(3), other: false },
        ),
        feature(
            text("ratio"),
            Transform::Ratio { numerator: text("x"), denominator: text("count") },
        ),
        feature(text("product"), Transform::Product { left: text("x"), right: text("y") }),
        feature(text("difference"), Transform::Difference { left: text("y"), right: text("x") }),
        feature(
            text("city_or_none"),
            Transform::Category { input: text("city"), levels: with_missing, other: true },
        ),
        feature(text("age"), Transform::DaysBetween { from: text("since"), to: text("at") }),
        feature(
            text("city_frequency"),
            Transform::Frequency {
                input: text("city"),
                levels: levels(4),
                shares: vec![0.4, 0.3, 0.2, 0.05],
            },
        ),
        feature(
            text("x_of_city"),
            Transform::GroupMean {
                input: text("city"),
                of: text("x"),
                levels: levels(3),
                means: vec![0.5, -0.25, 1.5],
                overall: 0.125,
            },
        ),
        feature(
            text("x_in_town"),
            Transform::GroupDifference {
                input: text("x"),
                group: text("town"),
                levels: levels(2),
                means: vec![0.75, -1.0],
                overall: 0.25,
            },
        ),
        feature(text("remark_missing"), Transform::MissingIndicator { input: text("remark") }),
    ];
    for input in ["remark", "note"] {
        for measure in TextMeasure::ALL {
            let transform = Transform::TextMeasure { input: text(input), measure };
            features.push(feature(format!("{input}_{}", measure.as_str()), transform));
        }
        for word in ["rückruf", "4g", "st", "don", "ok\u{307}"] {
            let transform = Transform::HasWord { input: text(input), word: text(word) };
            features.push(feature(format!("{input}_{word}"), transform));
        }
    }
    for input in ["day", "at"] {
        for part in DatePart::ALL {
            let transform = Transform::DatePart { input: text(input), part };
            features.push(feature(format!("{input}_{}", part.as_str()), transform));
        }
    }
    FeaturePlan::new(CleaningPlan { columns }, features).unwrap()
}

/// Rows of all kinds: missing, capped, infinite, unseen, with blanks around them, of far times.
fn table(rng: &mut StdRng) -> Table {
    let plan = plan();
    let mut fields = Vec::new();
    let mut columns = Vec::new();
    for cleaning in &plan.cleaning.columns {
        let nullable = !matches!(cleaning.name.as_str(), "count" | "flag");
        fields.push(Field { nullable, ..Field::new(&cleaning.name, cleaning.column_type) });
        columns.push(match cleaning.column_type {
            ColumnType::Text if matches!(cleaning.name.as_str(), "remark" | "note") => {
                let texts: Vec<String> = (0..ROWS).map(|_| some_remark(rng)).collect();
                Column::Text(texts.iter().map(|text| Some(text.as_str())).collect())
            }
            ColumnType::Text => {
                let texts: Vec<Option<&str>> = (0..ROWS).map(|_| some_text(rng)).collect();
                Column::Text(texts.into_iter().collect())
            }
            column_type => {
                let missing = if nullable { 0.15 } else { 0.0 };
                let mut one = || {
                    if rng.random_bool(missing) { f64::NAN } else { some_number(rng, column_type) }
                };
                Column::Number((0..ROWS).map(|_| one()).collect())
            }
        });
    }
    Table::new(fields, columns).unwrap()
}

fn some_text(rng: &mut StdRng) -> Option<&'static str> {
    const TEXTS: [&str; 12] = [
        "Basel", "Bern", "Chur", "Genf", "Zug", " Bern", "Zug  ", "Uri", "zug", "NA", "\t",
        "Ba sel",
    ];
    rng.random_bool(0.9).then(|| TEXTS[rng.random_range(0..TEXTS.len())])
}

/// Remarks: empty and blank ones, markers, words in any case and between any separators, and some longer than is counted.
fn some_remark(rng: &mut StdRng) -> String {
    const PARTS: [&str; 24] = [
        "Rückruf",
        "RÜCKRUF",
        "rückrufe",
        "4G",
        "4g5",
        "st",
        "ST.",
        "\u{fb06}",
        "don't",
        "DON",
        "ok\u{307}",
        "OK\u{307}",
        "漢字",
        "😀",
        "12",
        "a1b2",
        "…",
        "NA",
        "\u{3000}",
        "\u{a0}",
        "\t",
        "\n",
        "İ",
        "-",
    ];
    const BETWEEN: [&str; 8] = [" ", " ", "\n", "\u{a0}", "-", "", ", ", "\u{2003}"];
    const WHOLE: [&str; 6] = ["", " ", "\t\n", "NA", "\u{a0}NA\t", " null "];
    if rng.random_bool(0.1) {
        return WHOLE[rng.random_range(0..WHOLE.len())].to_owned();
    }
    let parts = if rng.random_bool(0.05) { 300 } else { rng.random_range(1..20) };
    let mut remark = String::new();
    for _ in 0..parts {
        remark.push_str(PARTS[rng.random_range(0..PARTS.len())]);
        remark.push_str(BETWEEN[rng.random_range(0..BETWEEN.len())]);
    }
    remark
}

fn some_number(rng: &mut StdRng, column_type: ColumnType) -> f64 {
    match column_type {
        ColumnType::Boolean => f64::from(u8::from(rng.random_bool(0.5))),
        ColumnType::Integer => f64::from(rng.random_range(-3..20)),
        ColumnType::Date => f64::from(rng.random_range(-800_000..2_900_000)) * 86_400e6,
        ColumnType::Timestamp => match rng.random_range(0..10) {
            // Beside what any calendar has, and a microsecond before midnight.
            0 => 1e18,
            1 => f64::from(rng.random_range(0..30_000)) * 86_400e6 - 1.0,
            _ => rng.random_range(-62e15_f64..253e15).round(),
        },
        ColumnType::Number | ColumnType::Text => match rng.random_range(0..20) {
            0 => f64::INFINITY,
            1 => 0.0,
            _ => rng.random_range(-4.0..4.0),
        },
    }
}

/// Trees as LightGBM writes them, with splits by threshold and by category, and missing values to both sides.
fn trees(rng: &mut StdRng, objective: &str, margins: usize, averaged: bool) -> ModelText {
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
fn encoded(rng: &mut StdRng, objective: &str, margins: usize) -> ModelText {
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
fn ensembles(rng: &mut StdRng) -> Vec<(ModelText, ProblemType)> {
    use ProblemType::{Binary, Multiclass, Regression};
    let two = |rng: &mut StdRng| {
        vec![
            (0.5, trees(rng, "binary sigmoid:1", 1, false)),
            (0.2, encoded(rng, "binary sigmoid:1", 1)),
            (0.2, linear(rng, 1, Link::Logit)),
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

fn linear(rng: &mut StdRng, margins: usize, link: Link) -> ModelText {
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

fn prior(outputs: &[f64]) -> ModelText {
    let model = PriorModel { width: plan().width(), outputs: outputs.to_vec() };
    Model::Prior(model).to_text().unwrap().unwrap()
}

fn bundle(model: ModelText, problem_type: ProblemType, table: &Table) -> Bundle {
    let classes: &[&str] = match problem_type {
        ProblemType::Binary => &["no", "yes"],
        ProblemType::Multiclass => &["high", "low", "middle"],
        ProblemType::Regression => &[],
    };
    let parts = BundleParts {
        algorithm: model.kind.as_str().to_owned(),
        created_by: "test".into(),
        model,
        plan: plan(),
        signature: Signature {
            inputs: table.fields().to_vec(),
            problem_type,
            classes: classes.iter().map(|class| (*class).to_owned()).collect(),
            positive_class: None,
            threshold: (problem_type == ProblemType::Binary).then_some(0.45),
            target: "target".into(),
        },
        profile: statistics::Profile::default(),
        metrics: json!({}),
        model_card: String::new(),
    };
    bundle::read(&bundle::write(&parts).unwrap(), &Limits::default()).unwrap()
}

/// Columns as they are given to ONNX: numbers as texts, because JSON has neither NaN nor infinity.
fn columns(table: &Table) -> Value {
    let column = |(field, column): (&Field, &Column)| {
        let values: Vec<String> = match column {
            Column::Number(values) => values.iter().map(|value| format!("{value}")).collect(),
            Column::Text(texts) => {
                texts.iter().map(|text| text.unwrap_or_default().to_owned()).collect()
            }
        };
        (field.name.clone(), json!(values))
    };
    table.iter().map(column).collect::<BTreeMap<_, _>>().into_iter().collect()
}

#[tokio::test]
async fn onnx_runtime_predicts_what_tier0_does() {
    let Some(python) = Python::with_mlflow(&["numpy", "onnx", "onnxruntime"]).await else { return };
    let mut rng = StdRng::seed_from_u64(4);
    let rng = &mut rng;
    let table = table(rng);
    use ProblemType::{Binary, Multiclass, Regression};
    let models = [
        (trees(rng, "binary sigmoid:1.3", 1, false), Binary),
        (trees(rng, "binary sigmoid:1", 1, true), Binary),
        (trees(rng, "multiclass num_class:3", 3, false), Multiclass),
        (trees(rng, "regression", 1, false), Regression),
        (linear(rng, 1, Link::Logit), Binary),
        (linear(rng, 3, Link::Softmax), Multiclass),
        (linear(rng, 1, Link::Identity), Regression),
        (prior(&[0.7, 0.3]), Binary),
        (prior(&[12.5]), Regression),
        (trees(rng, "poisson", 1, false), Regression),
        (encoded(rng, "binary sigmoid:1", 1), Binary),
    ];
    let models: Vec<(ModelText, ProblemType)> = models.into_iter().chain(ensembles(rng)).collect();
    let directory = tempfile::tempdir().unwrap();
    let path = |name: &str| directory.path().join(name).to_str().unwrap().to_owned();
    std::fs::write(path("columns.json"), columns(&table).to_string()).unwrap();
    let mut arguments = vec![path("columns.json")];
    let mut expected = Vec::new();
    for (number, (model, problem)) in models.into_iter().enumerate() {
        let bundle = bundle(model, problem, &table);
        let exported = onnx::export(&bundle, "digest").unwrap();
        let file = path(&format!("{number}.onnx"));
        std::fs::write(&file, exported.bytes).unwrap();
        arguments.push(file);
        expected.push((problem, Scorer::new(&bundle).unwrap().score(&table).unwrap()));
    }
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let answers: Vec<BTreeMap<String, Value>> =
        python.run(SCRIPT, &arguments).await.success().json_as();
    assert_eq!(answers.len(), expected.len());
    for (number, (answer, (problem, expected))) in answers.iter().zip(&expected).enumerate() {
        let numbers = |name: &str| -> Vec<f64> {
            answer[name].as_array().unwrap().iter().map(|value| value.as_f64().unwrap()).collect()
        };
        let same = |found: &[f64], expected: &[f64], what: &str| {
            assert_eq!(found.len(), ROWS, "model {number}, {what}");
            for (row, (found, expected)) in found.iter().zip(expected).enumerate() {
                let difference = (found - expected).abs();
                let allowed = TOLERANCE * expected.abs().max(1.0);
                assert!(
                    difference <= allowed,
                    "model {number}, {what}, row {row}: {found} is not {expected}"
                );
            }
        };
        if *problem == Regression {
            same(&numbers("prediction"), &expected.values, "prediction");
            continue;
        }
        for (place, class) in expected.classes.iter().enumerate() {
            let name = format!("probability_{class}");
            same(&numbers(&name), &expected.probabilities_of(place), &name);
        }
        let labels: Vec<&str> = answer["prediction"]
            .as_array()
            .unwrap()
            .iter()
            .map(|label| label.as_str().unwrap())
            .collect();
        assert_eq!(labels, expected.labels, "model {number}");
    }
    // The models are no constants, or the comparison would say nothing.
    let distinct: std::collections::BTreeSet<u64> =
        expected[0].1.probabilities.iter().map(|probability| probability.to_bits()).collect();
    assert!(distinct.len() > ROWS / 2, "{}", distinct.len());
}

/// A model whose output is one feature: its number, -7777 where it is missing; of a category its code and one, and 0.
fn only(feature: usize) -> ModelText {
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

#[tokio::test]
async fn every_feature_is_the_encoders_to_the_bit() {
    let Some(python) = Python::with_mlflow(&["numpy", "onnx", "onnxruntime"]).await else { return };
    let mut rng = StdRng::seed_from_u64(9);
    let table = table(&mut rng);
    let directory = tempfile::tempdir().unwrap();
    let path = |name: &str| directory.path().join(name).to_str().unwrap().to_owned();
    std::fs::write(path("columns.json"), columns(&table).to_string()).unwrap();
    let mut arguments = vec![path("columns.json")];
    for feature in 0..plan().width() {
        let bundle = bundle(only(feature), ProblemType::Regression, &table);
        let file = path(&format!("{feature}.onnx"));
        std::fs::write(&file, onnx::export(&bundle, "digest").unwrap().bytes).unwrap();
        arguments.push(file);
    }
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let answers: Vec<BTreeMap<String, Value>> =
        python.run(SCRIPT, &arguments).await.success().json_as();
    let expected = scoring::transform(&plan(), &table).unwrap();
    assert_eq!(answers.len(), plan().width());
    for (place, (answer, feature)) in answers.iter().zip(plan().features).enumerate() {
        let category = feature.transform.categories().is_some();
        let found = answer["prediction"].as_array().unwrap();
        let mut distinct = std::collections::BTreeSet::new();
        for (row, (found, expected)) in found.iter().zip(expected.feature(place)).enumerate() {
            let expected = match (category, expected.is_nan()) {
                (true, true) => 0.0,
                (true, false) => expected + 1.0,
                (false, true) => -7777.0,
                (false, false) => expected,
            };
            let found = found.as_f64().unwrap();
            assert!(found == expected, "{}, row {row}: {found} is not {expected}", feature.name);
            distinct.insert(found.to_bits());
        }
        assert!(distinct.len() > 1, "{} is the same in every row", feature.name);
    }
}
