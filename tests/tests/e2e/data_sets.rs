//! Public tables that may lie beside this repository: quality, and clients written by others.

use serde_json::Value;
use std::path::Path;
use tier0_tests::{Fleet, Python, column, roc_auc, shared_data};

#[tokio::test(flavor = "multi_thread")]
async fn telco_churn_is_learned_and_served_to_any_client() {
    let (Some(train), Some(test)) = (shared_data("telco/train.csv"), shared_data("telco/test.csv"))
    else {
        return;
    };
    let fleet = Fleet::up().await;
    let run = train_on(&fleet, &train, "Churn", "Yes", "15s").await;
    let endpoint = run["endpoint"]["name"].as_str().unwrap();

    let served = fleet.predict(endpoint, &test).await;
    let truth: Vec<bool> = column(&test, "Churn").iter().map(|label| label == "Yes").collect();
    let auc = roc_auc(&truth, &served.probabilities["Yes"]);
    assert!(auc >= 0.84, "ROC AUC on the test file is {auc}");

    tritonclient_gets_the_same(&fleet, endpoint, &test, &served.probabilities["Yes"]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn adult_income_is_learned() {
    let (Some(train), Some(test)) = (shared_data("adult/train.csv"), shared_data("adult/test.csv"))
    else {
        return;
    };
    let meta: Value =
        serde_json::from_slice(&std::fs::read(shared_data("adult/meta.json").unwrap()).unwrap())
            .unwrap();
    let (target, positive) = (meta["target"].as_str().unwrap(), meta["positive"].as_str().unwrap());
    let fleet = Fleet::up().await;
    let run = train_on(&fleet, &train, target, positive, "25s").await;

    let served = fleet.predict(run["endpoint"]["name"].as_str().unwrap(), &test).await;
    let truth: Vec<bool> = column(&test, target).iter().map(|label| label == positive).collect();
    let auc = roc_auc(&truth, &served.probabilities[positive]);
    assert!(auc >= 0.92, "ROC AUC on the test file is {auc}");
}

async fn train_on(
    fleet: &Fleet,
    train: &Path,
    target: &str,
    positive: &str,
    budget: &str,
) -> Value {
    let data = train.to_str().unwrap();
    let arguments =
        ["--data", data, "--target", target, "--positive", positive, "--time-budget", budget];
    fleet.submit(arguments).await.succeeded()
}

/// Sends the first rows of a table over HTTP and gRPC, one tensor for each column that the model's metadata names.
const TRITONCLIENT: &str = r#"
import csv, json, sys
import numpy as np
import tritonclient.grpc as grpc
import tritonclient.http as http

http_url, grpc_url, model, path = sys.argv[1:5]
rows = list(csv.DictReader(open(path, newline="")))[:40]
rows = [row for row in rows if all(value.strip() for value in row.values())]
answers = {"rows": [row["customerID"] for row in rows] if "customerID" in rows[0] else len(rows)}
for name, module, url in (("http", http, http_url), ("grpc", grpc, grpc_url)):
    client = module.InferenceServerClient(url)
    assert client.is_server_live() and client.is_server_ready() and client.is_model_ready(model)
    metadata = client.get_model_metadata(model, **({"as_json": True} if name == "grpc" else {}))
    inputs = []
    for column in metadata["inputs"]:
        kind, values = column["datatype"], [row[column["name"]] for row in rows]
        if kind == "BYTES":
            array = np.array([value.encode() for value in values], dtype=object)
        elif kind in ("FP64", "FP32"):
            array = np.array(values, dtype=np.float64 if kind == "FP64" else np.float32)
        elif kind == "BOOL":
            array = np.array([value in ("true", "True", "TRUE") for value in values])
        else:
            array = np.array(values, dtype=np.int64 if kind == "INT64" else np.int32)
        tensor = module.InferInput(column["name"], list(array.shape), kind)
        tensor.set_data_from_numpy(array)
        inputs.append(tensor)
    result = client.infer(model, inputs)
    answers[name] = result.as_numpy("probability_Yes").reshape(-1).tolist()
    assert result.as_numpy("prediction").reshape(-1)[0] in (b"Yes", b"No", "Yes", "No")
answers["used"] = [index for index, row in enumerate(list(csv.DictReader(open(path, newline="")))[:40]) if all(value.strip() for value in row.values())]
print(json.dumps(answers))
"#;

async fn tritonclient_gets_the_same(fleet: &Fleet, endpoint: &str, test: &Path, expected: &[f64]) {
    let Some(python) = Python::with(&["tritonclient.http", "tritonclient.grpc"]).await else {
        return;
    };
    let address = |url: &str| url.rsplit('/').next().unwrap().to_owned();
    let (http, grpc) = (address(&fleet.file().serving_url), address(&fleet.file().grpc_url));
    let finished =
        python.run(TRITONCLIENT, &[&http, &grpc, endpoint, test.to_str().unwrap()]).await.success();
    let answers = finished.json();
    let used = answers["used"].as_array().unwrap();
    assert!(used.len() > 20);
    for protocol in ["http", "grpc"] {
        let served = answers[protocol].as_array().unwrap();
        assert_eq!(served.len(), used.len());
        for (value, row) in served.iter().zip(used) {
            let expected = expected[usize::try_from(row.as_u64().unwrap()).unwrap()];
            let difference = (value.as_f64().unwrap() - expected).abs();
            assert!(difference <= 1e-9, "{protocol}: row {row} differs by {difference}");
        }
    }
}
