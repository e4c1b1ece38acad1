//! The Open Inference Protocol over REST.

use model_server::testing::Serving;
use serde_json::{Value, json};
use tabular::ProblemType;

use crate::support::{Running, close, endpoint, expected, tensors};

const INFER: &str = "/v2/models/churn/infer";

#[tokio::test]
async fn rows_are_predicted_in_their_order_by_the_live_version() {
    let running = Running::churn().await;
    let (status, answer) = running.post(INFER, &json!({ "id": "r1", "inputs": tensors() })).await;
    assert_eq!(status, 200, "{answer}");
    assert_eq!(answer["model_name"], "churn");
    assert_eq!(answer["model_version"], "2");
    assert_eq!(answer["id"], "r1");
    let outputs = answer["outputs"].as_array().unwrap();
    let names: Vec<&str> = outputs.iter().map(|output| output["name"].as_str().unwrap()).collect();
    assert_eq!(names, ["prediction", "probability_No", "probability_Yes"]);
    assert_eq!(outputs[0]["datatype"], "BYTES");
    assert_eq!(outputs[2]["shape"], json!([2]));
    close(&outputs[2]["data"], expected(2));
    let flags = json!({ "missing.charges": 1, "unseen.contract": 1 });
    assert_eq!(answer["parameters"], flags, "a column that no feature uses is not flagged");
    let labels: Vec<&str> =
        expected(2).iter().map(|p| if *p >= 0.4 { "Yes" } else { "No" }).collect();
    assert_eq!(outputs[0]["data"], json!(labels));
}

#[tokio::test]
async fn a_version_can_be_named_and_outputs_chosen() {
    let running = Running::churn().await;
    let request = json!({ "inputs": tensors(), "outputs": [{ "name": "probability_Yes" }] });
    let (status, answer) = running.post("/v2/models/churn/versions/1/infer", &request).await;
    assert_eq!(status, 200, "{answer}");
    assert_eq!(answer["model_version"], "1");
    assert_eq!(answer["outputs"].as_array().unwrap().len(), 1);
    close(&answer["outputs"][0]["data"], expected(1));
    let (_, other) = running.post("/v2/models/churn/versions/1/infer", &request).await;
    let id = |answer: &Value| uuid::Uuid::parse_str(answer["id"].as_str().unwrap()).unwrap();
    assert_eq!(id(&answer).get_version_num(), 7, "an identity is made");
    assert_ne!(id(&answer), id(&other));
}

#[tokio::test]
async fn a_row_alone_is_answered_as_among_others_whatever_the_order_of_its_columns() {
    let running = Running::churn().await;
    let (_, together) = running.post(INFER, &json!({ "inputs": tensors() })).await;
    for row in 0..2 {
        let alone = tensors();
        let mut alone = alone.as_array().unwrap().clone();
        for tensor in &mut alone {
            tensor["data"] = json!([tensor["data"][row]]);
            tensor["shape"] = json!([1, 1]);
        }
        for _ in 0..alone.len() {
            alone.rotate_left(1);
            let (status, answer) = running.post(INFER, &json!({ "inputs": alone })).await;
            assert_eq!(status, 200, "{answer}");
            for output in 0..3 {
                let (found, expected) = (&answer["outputs"][output], &together["outputs"][output]);
                assert_eq!(found["data"], json!([expected["data"][row]]));
            }
        }
    }
}

#[tokio::test]
async fn a_regression_answers_a_number() {
    let running = Running::with(Serving::default(), None).await;
    running.server.model_catalogue.put("churn", endpoint(1, &[], ProblemType::Regression));
    let (status, answer) = running.post(INFER, &json!({ "inputs": tensors() })).await;
    assert_eq!(status, 200, "{answer}");
    assert_eq!(answer["outputs"].as_array().unwrap().len(), 1);
    assert_eq!(answer["outputs"][0]["datatype"], "FP64");
}

#[tokio::test]
async fn metadata_and_readiness_are_told() {
    let running = Running::churn().await;
    let (status, server) = running.get("/v2").await;
    assert_eq!((status, &server["name"]), (200, &json!("tier0-model-server")));
    let (_, model) = running.get("/v2/models/churn").await;
    assert_eq!(model["versions"], json!(["1", "2"]));
    assert_eq!(model["inputs"][0], json!({ "name": "tenure", "datatype": "FP64", "shape": [-1] }));
    assert_eq!(model["outputs"][2]["name"], "probability_Yes");
    for path in [
        "/v2/health/live",
        "/v2/health/ready",
        "/v2/models/churn/ready",
        "/v2/models/churn/versions/1/ready",
        "/ping",
        "/health",
        "/version",
    ] {
        assert_eq!(running.get(path).await.0, 200, "{path}");
    }
    for path in ["/v2/models/other", "/v2/models/churn/versions/9", "/nothing"] {
        let (status, answer) = running.get(path).await;
        assert_eq!(status, 404, "{path}");
        assert!(answer["error"].is_string(), "{path}");
    }
    assert_eq!(running.get(INFER).await.0, 405);
    let index = running.http.post(format!("{}/v2/repository/index", running.url)).send().await;
    let index: Value = index.unwrap().json().await.unwrap();
    assert_eq!(index.as_array().unwrap().len(), 2);
}

/// The tensors with one member of one of them replaced.
fn with(at: usize, member: &str, value: Value) -> Value {
    let mut inputs = tensors();
    inputs[at][member] = value;
    json!({ "inputs": inputs })
}

#[tokio::test]
async fn what_does_not_fit_is_refused_by_name_and_without_values() {
    let running = Running::churn().await;
    let mut missing = tensors();
    missing.as_array_mut().unwrap().remove(1);
    let mut twice = tensors();
    let copy = twice[1].clone();
    twice.as_array_mut().unwrap().push(copy);
    let cases = [
        (json!({ "inputs": missing }), "tenure is missing"),
        (json!({ "inputs": twice }), "tenure is given more than once"),
        (with(1, "name", json!("extra")), "extra is not an input"),
        (with(0, "datatype", json!("BYTES")), "charges has datatype BYTES"),
        (with(2, "datatype", json!("FP64")), "contract has datatype FP64"),
        (with(0, "datatype", json!("STRING")), "datatype that is not known"),
        (with(0, "shape", json!([2, 2])), "shape [2, 2]"),
        (with(0, "shape", json!([-1])), "shape [-1]"),
        (with(0, "shape", json!([3])), "charges has 2 values: expected 3"),
        (with(0, "data", json!(["s3cret", 1.0])), "charges has a value that does not fit in row 0"),
        (with(1, "data", json!([1.5, 2])), "tenure has a value that does not fit in row 0"),
        (with(3, "data", json!([7, 0])), "active has a value that does not fit in row 0"),
        (with(4, "data", json!(["s3cret", null])), "joined has a value that does not fit in row 0"),
        (with(2, "data", json!([{ "s3cret": 1 }, 2])), "the body has another form"),
        (json!({ "inputs": [] }), "is missing"),
        (json!({}), "missing field `inputs`"),
        (json!({ "inputs": "s3cret" }), "the body has another form"),
        (json!({ "inputs": tensors(), "outputs": [{ "name": "x" }] }), "output x is not known"),
    ];
    for (body, told) in cases {
        let (status, answer) = running.post(INFER, &body).await;
        let error = answer["error"].as_str().unwrap();
        assert_eq!(status, 400, "{error}");
        assert!(error.contains(told), "`{error}` does not say `{told}`");
        assert!(!error.contains("s3cret"), "`{error}` holds a value");
    }
}

#[tokio::test]
async fn what_is_no_request_is_refused() {
    let running = Running::churn().await;
    for (content_type, body, expected) in [
        ("application/json", "", 400),
        ("application/json", "{\"inputs\": [", 400),
        ("application/json", "{\"inputs\": [{\"name\":\"tenure\",\"data\":[NaN]}]}", 400),
        ("text/csv", "a,b", 415),
        ("application/json; charset=latin1", "{}", 415),
    ] {
        let (status, answer) = running.post_text(INFER, content_type, body).await;
        assert_eq!(status, expected, "{content_type} {body} {answer}");
        assert!(answer["error"].is_string());
    }
    let deep = format!("{{\"inputs\": {}", "[".repeat(100_000));
    assert_eq!(running.post_text(INFER, "application/json", &deep).await.0, 400);
    let empty: Vec<Value> = tensors()
        .as_array()
        .unwrap()
        .iter()
        .map(|tensor| json!({ "name": tensor["name"], "datatype": tensor["datatype"], "shape": [0], "data": [] }))
        .collect();
    let (status, answer) = running.post(INFER, &json!({ "inputs": empty })).await;
    assert_eq!(status, 400);
    assert!(answer["error"].as_str().unwrap().contains("no row"), "{answer}");
    let (status, _) = running.post("/v2/models/other/infer", &json!({ "inputs": [] })).await;
    assert_eq!(status, 404);
}

#[tokio::test]
async fn bounds_on_bytes_rows_and_work_hold() {
    let serving = Serving { max_body_bytes: 2000, max_rows: 1, ..Serving::default() };
    let running = Running::with(serving, None).await;
    running.server.model_catalogue.put("churn", endpoint(1, &[], ProblemType::Binary));
    let (status, answer) = running.post(INFER, &json!({ "inputs": tensors() })).await;
    assert_eq!(status, 400);
    assert!(answer["error"].as_str().unwrap().contains("more than 1 rows"), "{answer}");
    let (status, _) = running.post_text(INFER, "application/json", &" ".repeat(3000)).await;
    assert_eq!(status, 413);

    let _one = running.server.admit(1).unwrap();
    let all: Vec<_> = (0..10_000).map_while(|_| running.server.admit(1).ok()).collect();
    let response = running.http.post(format!("{}{INFER}", running.url)).body("{}").send().await;
    let response = response.unwrap();
    assert_eq!(response.status(), 429);
    assert_eq!(response.headers()["retry-after"], "1");
    drop(all);
}

#[tokio::test]
async fn a_token_is_asked_for_where_one_is_set() {
    let running = Running::with(Serving::default(), Some("s3cret")).await;
    running.server.model_catalogue.put("churn", endpoint(1, &[], ProblemType::Binary));
    assert_eq!(running.get("/v2/models/churn").await.0, 401);
    assert_eq!(running.get("/v2/health/live").await.0, 200);
    let url = format!("{}/v2/models/churn", running.url);
    for (token, expected) in [("wrong", 401), ("s3cret", 200)] {
        let response = running.http.get(&url).bearer_auth(token).send().await.unwrap();
        assert_eq!(response.status().as_u16(), expected);
    }
}

/// Binary data for the tensors, as Triton's client sends them.
fn binary() -> (Value, Vec<u8>) {
    let texts = |texts: [&str; 2]| {
        let mut bytes = Vec::new();
        for text in texts {
            bytes.extend_from_slice(&u32::try_from(text.len()).unwrap().to_le_bytes());
            bytes.extend_from_slice(text.as_bytes());
        }
        bytes
    };
    let parts: [(&str, &str, Vec<u8>); 5] = [
        ("tenure", "INT32", [3_i32, 40].iter().flat_map(|v| v.to_le_bytes()).collect()),
        ("charges", "FP64", [20.5_f64, f64::NAN].iter().flat_map(|v| v.to_le_bytes()).collect()),
        ("contract", "BYTES", texts(["month", "unseen"])),
        ("active", "BOOL", vec![1, 0]),
        ("joined", "BYTES", texts(["2024-05-01", ""])),
    ];
    let mut body = Vec::new();
    let inputs: Vec<Value> = parts
        .iter()
        .map(|(name, datatype, bytes)| {
            body.extend_from_slice(bytes);
            json!({ "name": name, "datatype": datatype, "shape": [2],
                    "parameters": { "binary_data_size": bytes.len() } })
        })
        .collect();
    (json!({ "inputs": inputs, "parameters": { "binary_data_output": true } }), body)
}

#[tokio::test]
async fn binary_tensors_go_in_and_out() {
    let running = Running::churn().await;
    let (header, data) = binary();
    let header = header.to_string();
    let body = [header.as_bytes(), &data].concat();
    let post = |length: usize, body: Vec<u8>| {
        let url = format!("{}{INFER}", running.url);
        let request = running.http.post(url).header("Inference-Header-Content-Length", length);
        request.body(body).send()
    };
    let response = post(header.len(), body.clone()).await.unwrap();
    assert_eq!(response.status(), 200);
    let length: usize =
        response.headers()["inference-header-content-length"].to_str().unwrap().parse().unwrap();
    let answer = response.bytes().await.unwrap();
    let (json, binary) = answer.split_at(length);
    let json: Value = serde_json::from_slice(json).unwrap();
    let sizes: Vec<u64> = json["outputs"]
        .as_array()
        .unwrap()
        .iter()
        .map(|output| output["parameters"]["binary_data_size"].as_u64().unwrap())
        .collect();
    assert_eq!(sizes.iter().sum::<u64>(), binary.len() as u64);
    let last = binary[binary.len() - 16..].chunks_exact(8);
    let probabilities: Vec<f64> =
        last.map(|bytes| f64::from_le_bytes(bytes.try_into().unwrap())).collect();
    close(&json!(probabilities), expected(2));

    for (length, body) in [
        (header.len() + 10_000, body.clone()),
        (header.len() - 1, body.clone()),
        (header.len(), body[..body.len() - 1].to_vec()),
        (header.len(), [&body[..], &[0]].concat()),
    ] {
        assert_eq!(post(length, body).await.unwrap().status(), 400);
    }
}

/// An answer of so many outputs would be one of gigabytes.
#[tokio::test]
async fn an_output_is_answered_once() {
    let running = Running::churn().await;
    for (path, name) in [
        ("/v2/models/churn/infer", "prediction"),
        ("/v2/models/churn/explain", "contributions"),
        ("/v2/models/churn/versions/1/infer", "probability_Yes"),
    ] {
        for binary in [false, true] {
            let output = json!({ "name": name, "parameters": { "binary_data": binary } });
            let outputs = vec![output; 50_000];
            let request = json!({ "inputs": tensors(), "outputs": outputs });
            let (status, answer) = running.post(path, &request).await;
            assert_eq!(status, 400, "{path}: {answer}");
            let error = answer["error"].as_str().unwrap();
            assert_eq!(
                error,
                format!("output {name} is asked for more than once: expected each output once")
            );
        }
    }
}
