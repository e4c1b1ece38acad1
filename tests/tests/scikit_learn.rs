//! Metrics of random predictions, measured by scikit-learn from the Python package index as well.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::print_stderr,
    reason = "a test"
)]

use std::collections::BTreeMap;

use rand::rngs::StdRng;
use rand::{Rng, SeedableRng};
use serde_json::{Value, json};
use tabular::metrics::{self, Interval, Outputs};
use tier0_tests::Python;

const TOLERANCE: f64 = 1e-12;
const CASES: u64 = 120;

/// Reads cases and prints the metrics of each; those that scikit-learn calls undefined are left out.
const SCRIPT: &str = r#"
import json, math, sys, warnings
import numpy as np
from sklearn import metrics as m
warnings.simplefilter("ignore")

def binary(truth, p, at, w):
    label = (p >= at).astype(int)
    yield "roc_auc", lambda: m.roc_auc_score(truth, p, sample_weight=w)
    yield "pr_auc", lambda: m.average_precision_score(truth, p, sample_weight=w) if len(set(truth)) == 2 else math.nan
    yield "log_loss", lambda: m.log_loss(truth, p, labels=[0, 1], sample_weight=w)
    yield "brier_score", lambda: m.brier_score_loss(truth, p, labels=[0, 1], sample_weight=w)
    yield "accuracy", lambda: m.accuracy_score(truth, label, sample_weight=w)
    yield "precision", lambda: m.precision_score(truth, label, zero_division=0, sample_weight=w)
    yield "recall", lambda: m.recall_score(truth, label, zero_division=0, sample_weight=w)
    yield "f1", lambda: m.f1_score(truth, label, zero_division=0, sample_weight=w)
    yield "mcc", lambda: m.matthews_corrcoef(truth, label, sample_weight=w)

def multiclass(truth, p, classes, w):
    label = p.argmax(axis=1)
    mean = dict(average="macro", zero_division=0, sample_weight=w)
    yield "roc_auc", lambda: m.roc_auc_score(truth, p, multi_class="ovr", labels=range(classes), sample_weight=w)
    yield "log_loss", lambda: m.log_loss(truth, p, labels=range(classes), sample_weight=w)
    yield "accuracy", lambda: m.accuracy_score(truth, label, sample_weight=w)
    yield "precision", lambda: m.precision_score(truth, label, **mean)
    yield "recall", lambda: m.recall_score(truth, label, **mean)
    yield "f1", lambda: m.f1_score(truth, label, **mean)
    yield "mcc", lambda: m.matthews_corrcoef(truth, label, sample_weight=w)

def regression(truth, values, w):
    yield "rmse", lambda: m.root_mean_squared_error(truth, values, sample_weight=w)
    yield "mae", lambda: m.mean_absolute_error(truth, values, sample_weight=w)
    yield "r2", lambda: m.r2_score(truth, values, sample_weight=w) if len(set(truth)) > 1 else math.nan
    yield "mape", lambda: m.mean_absolute_percentage_error(truth, values, sample_weight=w)
    if w is None:
        yield "median_absolute_error", lambda: m.median_absolute_error(truth, values)

answers = []
for case in json.load(open(sys.argv[1])):
    truth, outputs = np.array(case["truth"]), np.array(case["outputs"])
    weights = None if case["weights"] is None else np.array(case["weights"])
    if case["problem"] == "binary":
        wanted = binary(truth.astype(int), outputs, case["threshold"], weights)
    elif case["problem"] == "multiclass":
        wanted = multiclass(truth.astype(int), outputs.reshape(len(truth), -1), case["classes"], weights)
    else:
        wanted = regression(truth, outputs, weights)
    answer = {}
    for name, measure in wanted:
        try:
            value = float(measure())
        except ValueError:
            continue
        if math.isfinite(value):
            answer[name] = value
    answers.append(answer)
json.dump(answers, sys.stdout)
"#;

/// Random truth and predictions, some with ties, with one class only, or with weights.
struct Case {
    truth: Vec<f64>,
    outputs: Vec<f64>,
    weights: Option<Vec<f64>>,
    classes: usize,
    threshold: f64,
}

impl Case {
    fn of(seed: u64) -> Self {
        let mut rng = StdRng::seed_from_u64(seed);
        let rows = rng.random_range(2..400);
        let classes = [2, 2, 3, 7, 0][seed as usize % 5];
        let present = if seed.is_multiple_of(11) { 1 } else { classes };
        // Every third case has few different predictions, and so many ties.
        let steps = if seed.is_multiple_of(3) { 8.0 } else { 1e9 };
        let mut probability = || ((rng.random::<f64>() * steps).round() / steps).clamp(0.0, 1.0);
        let outputs: Vec<f64> = match classes {
            0 => (0..rows).map(|_| 20.0 * probability() - 10.0).collect(),
            2 => (0..rows).map(|_| probability()).collect(),
            _ => (0..rows)
                .flat_map(|_| {
                    let row: Vec<f64> = (0..classes).map(|_| probability() + 0.01).collect();
                    let sum: f64 = row.iter().sum();
                    row.into_iter().map(move |value| value / sum)
                })
                .collect(),
        };
        let truth = (0..rows)
            .map(|_| match classes {
                0 => rng.random_range(-10.0..10.0),
                _ => f64::from(u32::try_from(rng.random_range(0..present)).unwrap()),
            })
            .collect();
        let weights =
            (seed % 4 == 1).then(|| (0..rows).map(|_| rng.random_range(0.1..3.0)).collect());
        Self { truth, outputs, weights, classes, threshold: rng.random_range(0.2..0.8) }
    }

    fn outputs(&self) -> Outputs<'_> {
        match self.classes {
            0 => Outputs::Regression { values: &self.outputs },
            2 => Outputs::Binary { positive: &self.outputs, threshold: self.threshold },
            classes => Outputs::Multiclass { probabilities: &self.outputs, classes },
        }
    }

    fn measured(&self) -> BTreeMap<&'static str, f64> {
        let weights = self.weights.as_deref();
        let all = metrics::bootstrap_weighted(&self.truth, self.outputs(), weights, 1, 0).unwrap();
        let mut all: BTreeMap<&str, f64> =
            all.into_iter().map(|(name, Interval { value, .. })| (name, value)).collect();
        if weights.is_none() {
            assert_eq!(all, metrics::evaluate(&self.truth, self.outputs()).unwrap());
        }
        // scikit-learn has no such metric, and none of it where rows count differently.
        all.remove("expected_calibration_error");
        if weights.is_some() {
            all.remove("median_absolute_error");
        }
        all
    }

    fn json(&self) -> Value {
        let problem = match self.classes {
            0 => "regression",
            2 => "binary",
            _ => "multiclass",
        };
        json!({
            "problem": problem, "truth": self.truth, "outputs": self.outputs, "weights": self.weights,
            "classes": self.classes, "threshold": self.threshold,
        })
    }
}

#[tokio::test]
async fn metrics_equal_those_of_scikit_learn() {
    let Some(python) = Python::with_mlflow(&["numpy", "sklearn"]).await else { return };
    let cases: Vec<Case> = (0..CASES).map(Case::of).collect();
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("cases.json");
    let written: Vec<Value> = cases.iter().map(Case::json).collect();
    std::fs::write(&path, serde_json::to_vec(&written).unwrap()).unwrap();
    let finished = python.run(SCRIPT, &[path.to_str().unwrap()]).await;
    assert!(finished.status.success(), "{}", finished.stderr);
    let answers: Vec<BTreeMap<String, f64>> = serde_json::from_str(&finished.stdout).unwrap();
    assert_eq!(answers.len(), cases.len());
    let (mut compared, mut undefined) = (0, 0);
    for (seed, (case, expected)) in cases.iter().zip(&answers).enumerate() {
        let found = case.measured();
        let names: Vec<&str> = expected.keys().map(String::as_str).collect();
        assert_eq!(found.keys().copied().collect::<Vec<_>>(), names, "case {seed}");
        for (name, expected) in expected {
            let value = found[name.as_str()];
            let allowed = TOLERANCE * expected.abs().max(1.0);
            assert!(
                (value - expected).abs() <= allowed,
                "case {seed}: {name} is {value}, not {expected}"
            );
            compared += 1;
        }
        undefined += usize::from(!expected.contains_key("roc_auc") && case.classes > 0);
    }
    assert!(compared > 700 && undefined > 5, "{compared} compared, {undefined} undefined");
}
