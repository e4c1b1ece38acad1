//! What is written, evaluated by ONNX Runtime from the Python package index, predicts what tier0 predicts.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::print_stderr,
    reason = "a test"
)]

mod models;
mod rows;

use std::collections::BTreeMap;

use rand::SeedableRng;
use rand::rngs::StdRng;
use scoring::bundle::{self, BundleParts};
use scoring::{Bundle, Limits, Link, ModelText, NetworkLink, Scorer, Signature};
use serde_json::{Value, json};
use tabular::{Column, Field, ProblemType, Table};
use tier0_tests::Python;

use models::{encoded, ensembles, linear, network, only, prior, trees};
use rows::{plan, table};

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
    onnx.checker.check_model(path, full_check=True)
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
        (network(rng, 1, NetworkLink::Logit), Binary),
        (network(rng, 3, NetworkLink::Softmax), Multiclass),
        (network(rng, 1, NetworkLink::Identity), Regression),
        (network(rng, 1, NetworkLink::Exponential), Regression),
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
