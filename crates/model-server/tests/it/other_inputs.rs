//! A version beside the live one that takes other inputs costs no caller an answer.

use std::sync::Arc;

use contracts::ALL_SHARES;
use contracts::v1::{Routing, RoutingMode, Share};
use model_server::testing::{Endpoint, Router, Serving};
use serde_json::{Value, json};
use tabular::{ColumnType, ProblemType};

use crate::support::{
    INPUTS, Running, bundle_of, close, expected, loaded, plain, tensors, version,
};

/// Version 1 live, and version 2 with other inputs as a canary that gets all requests.
async fn canary(inputs: &[(&str, ColumnType)]) -> Running {
    let running = Running::with(Serving::default(), None).await;
    let one = version("churn", 1, ProblemType::Binary);
    let two = loaded("churn", 2, &bundle_of(ProblemType::Binary, 2.0, plain(inputs)));
    let shares = [(2, ALL_SHARES - 1), (1, 1)]
        .map(|(version, weight)| Share { version, weight, coefficient: 0.0 })
        .to_vec();
    let routing = Routing { mode: RoutingMode::Split.into(), shares, ..Routing::default() };
    let endpoint = Endpoint {
        live: Some(Arc::clone(&one)),
        versions: [(1, one), (2, two)].into(),
        router: Router::new(&routing, |_| true),
        is_observed: true,
        ..Endpoint::default()
    };
    running.server.model_catalogue.put("churn", endpoint);
    running
}

/// Requests and errors that are counted of a version.
fn counted(running: &Running, version: u32) -> (u64, u64) {
    let catalogue = running.server.model_catalogue.snapshot();
    let report =
        catalogue.endpoints["churn"].counts[&version].report(version, running.server.now());
    (report.requests, report.errors)
}

fn with(extra: &str, datatype: &str, data: Value) -> Value {
    let mut inputs = tensors();
    let tensor = json!({ "name": extra, "datatype": datatype, "shape": [2], "data": data });
    inputs.as_array_mut().unwrap().push(tensor);
    json!({ "inputs": inputs })
}

const INFER: &str = "/v2/models/churn/infer";

#[tokio::test]
async fn rows_that_lack_what_the_canary_needs_are_answered_by_the_stable_version() {
    let mut inputs = INPUTS.to_vec();
    inputs.push(("extra", ColumnType::Number));
    let running = canary(&inputs).await;
    for _ in 0..3 {
        let (status, answer) = running.post(INFER, &json!({ "inputs": tensors() })).await;
        assert_eq!((status, answer["model_version"].as_str()), (200, Some("1")), "{answer}");
        close(&answer["outputs"][2]["data"], expected(1));
    }
    let (canary, errors) = counted(&running, 2);
    assert!(canary >= 1 && errors == canary, "what it could not take is counted against it");
    assert_eq!(counted(&running, 1).1, 0);

    // What fits the canary is its own to answer; by MLflow's forms as well, whose rows by place have one value more.
    let (status, answer) = running.post(INFER, &with("extra", "FP64", json!([1.0, 2.0]))).await;
    assert_eq!((status, answer["model_version"].as_str()), (200, Some("2")), "{answer}");
    let by_place =
        json!([[3, 20.5, "month", true, "2024-05-01"], [40, null, "unseen", false, null]]);
    for body in [
        json!({ "instances": by_place }),
        json!({ "dataframe_split": {
            "columns": ["tenure", "charges", "contract", "active", "joined"], "data": by_place } }),
    ] {
        let response = running
            .http
            .post(format!("{}/invocations", running.url))
            .json(&body)
            .send()
            .await
            .unwrap();
        assert_eq!(response.status(), 200);
        assert_eq!(response.headers()["x-model-version"], "1");
        assert_eq!(response.headers()["x-fallback-from"], "2");
    }

    // What fits neither is refused in the words of the version that callers know, and speaks against none.
    let before = counted(&running, 2);
    let (status, answer) = running.post(INFER, &with("tenures", "FP64", json!([1, 2]))).await;
    assert_eq!(status, 400);
    assert!(answer["error"].as_str().unwrap().contains("tenures is not an input"), "{answer}");
    assert_eq!(counted(&running, 2), before);
}

#[tokio::test]
async fn rows_of_another_type_are_answered_by_the_stable_version() {
    let mut inputs = INPUTS.to_vec();
    inputs[4] = ("joined", ColumnType::Boolean);
    let running = canary(&inputs).await;
    let (status, answer) = running.post(INFER, &json!({ "inputs": tensors() })).await;
    assert_eq!((status, answer["model_version"].as_str()), (200, Some("1")), "{answer}");
}

#[tokio::test]
async fn an_input_that_a_version_no_longer_takes_is_left_out_and_counted() {
    let running = canary(&INPUTS[..4]).await;
    let response = running
        .http
        .post(format!("{}{INFER}", running.url))
        .json(&json!({ "inputs": tensors() }))
        .send()
        .await
        .unwrap();
    assert_eq!(response.headers()["x-ignored-columns"], "1");
    let answer: Value = response.json().await.unwrap();
    assert_eq!(answer["model_version"], "2", "{answer}");
    assert_eq!(answer["parameters"]["ignored_columns"], 1);
    close(&answer["outputs"][2]["data"], expected(2));

    // As the only version, with the name in its record.
    let alone = loaded("churn", 3, &bundle_of(ProblemType::Binary, 3.0, plain(&INPUTS[..4])));
    let endpoint = Endpoint {
        live: Some(Arc::clone(&alone)),
        versions: [(3, alone)].into(),
        earlier_inputs: ["joined".to_owned()].into(),
        ..Endpoint::default()
    };
    running.server.model_catalogue.put("churn", endpoint);
    let (status, _) = running.post(INFER, &json!({ "inputs": tensors() })).await;
    assert_eq!(status, 200);
    let (status, answer) = running.post(INFER, &with("joined_at", "FP64", json!([1, 2]))).await;
    assert_eq!(status, 400);
    assert!(answer["error"].as_str().unwrap().contains("joined_at is not an input"), "{answer}");
}
