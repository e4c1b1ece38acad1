//! Explanations over REST.

use model_server::testing::Serving;
use serde_json::{Value, json};
use tabular::ProblemType;

use crate::support::{Running, endpoint, expected, tensors};

const EXPLAIN: &str = "/v2/models/churn/explain";

fn output<'a>(answer: &'a Value, name: &str) -> &'a Value {
    let outputs = answer["outputs"].as_array().unwrap();
    outputs.iter().find(|output| output["name"] == name).unwrap()
}

fn numbers(answer: &Value, name: &str) -> Vec<f64> {
    serde_json::from_value(output(answer, name)["data"].clone()).unwrap()
}

#[tokio::test]
async fn contributions_and_base_add_up_to_the_margin_of_the_prediction() {
    let running = Running::churn().await;
    for (path, version) in [(EXPLAIN, 2), ("/v2/models/churn/versions/1/explain", 1)] {
        let (status, answer) =
            running.post(path, &json!({ "id": "r1", "inputs": tensors() })).await;
        assert_eq!(status, 200, "{answer}");
        assert_eq!(answer["model_version"], version.to_string());
        assert_eq!((&answer["id"], &answer["model_name"]), (&json!("r1"), &json!("churn")));
        assert_eq!(answer["parameters"]["margin_of"], "log-odds of Yes");
        let names = &output(&answer, "names")["data"];
        assert_eq!(*names, json!(["tenure", "charges", "contract", "active"]));
        assert_eq!(output(&answer, "contributions")["shape"], json!([2, 4]));
        let (contributions, margins) =
            (numbers(&answer, "contributions"), numbers(&answer, "margin"));
        let base = numbers(&answer, "base");
        assert_eq!(base, [f64::from(version)]);
        for (row, probability) in expected(version).into_iter().enumerate() {
            let sum = contributions[row * 4..row * 4 + 4].iter().sum::<f64>() + base[0];
            assert!((sum - margins[row]).abs() < 1e-12);
            let own = 1.0 / (1.0 + (-margins[row]).exp());
            assert!((own - probability).abs() < 1e-12, "{own} is not {probability}");
        }
    }
}

#[tokio::test]
async fn features_outputs_and_binary_data_can_be_asked_for() {
    let running = Running::churn().await;
    let request = json!({
        "inputs": tensors(),
        "parameters": { "explain_by": "feature", "binary_data_output": true },
        "outputs": [{ "name": "contributions" }, { "name": "names", "parameters": { "binary_data": false } }],
    });
    let url = format!("{}{EXPLAIN}", running.url);
    let response = running.http.post(url).json(&request).send().await.unwrap();
    let length = response.headers()["inference-header-content-length"].to_str().unwrap();
    let length: usize = length.parse().unwrap();
    let body = response.bytes().await.unwrap();
    let (header, binary) = body.split_at(length);
    let header: Value = serde_json::from_slice(header).unwrap();
    assert_eq!(header["outputs"].as_array().unwrap().len(), 2);
    assert_eq!(header["outputs"][0]["parameters"]["binary_data_size"], json!(binary.len()));
    assert_eq!(binary.len(), 2 * 4 * 8);
    assert!(output(&header, "names")["data"].is_array());
}

#[tokio::test]
async fn a_regression_is_explained_and_what_cannot_be_is_refused() {
    let serving = Serving { max_explained_rows: 1, ..Serving::default() };
    let running = Running::with(serving, None).await;
    running.server.model_catalogue.put("churn", endpoint(1, &[], ProblemType::Regression));
    let one: Vec<Value> = tensors()
        .as_array()
        .unwrap()
        .iter()
        .map(|tensor| {
            json!({ "name": tensor["name"], "datatype": tensor["datatype"], "shape": [1], "data": [tensor["data"][0]] })
        })
        .collect();
    let (status, answer) = running.post(EXPLAIN, &json!({ "inputs": one })).await;
    assert_eq!(status, 200, "{answer}");
    assert_eq!(answer["parameters"]["margin_of"], "churn");

    let by = json!({ "inputs": one, "parameters": { "explain_by": "s3cret" } });
    let unknown = json!({ "inputs": one, "outputs": [{ "name": "prediction" }] });
    for (path, body, expected, told) in [
        (EXPLAIN, json!({ "inputs": tensors() }), 400, "more than 1 rows to be explained"),
        (EXPLAIN, by, 400, "explain_by is not known"),
        (EXPLAIN, unknown, 400, "expected names, contributions, base, margin"),
        (EXPLAIN, json!({ "inputs": [] }), 400, "is missing"),
        ("/v2/models/churn/versions/9/explain", json!({ "inputs": one }), 404, "version 9"),
        ("/v2/models/other/explain", json!({ "inputs": one }), 404, "model other"),
    ] {
        let (status, answer) = running.post(path, &body).await;
        let error = answer["error"].as_str().unwrap();
        assert_eq!(status, expected, "{error}");
        assert!(error.contains(told) && !error.contains("s3cret"), "{error}");
    }
}
