//! Tensors whose sizes do not agree with their bytes.

use std::sync::LazyLock;

use model_server::testing::{BodyForm, LoadedVersion, inference, scored_rows};
use prost::Message as _;
use scoring::bundle::{self, BundleParts};
use scoring::{Limits, ModelKind, ModelText};
use serde_json::json;

/// A version with one input, `x`.
static VERSION: LazyLock<LoadedVersion> = LazyLock::new(|| {
    let plan = json!({
        "version": 2,
        "cleaning": {"columns": [{"name": "x", "column_type": "number", "missing_markers": []}]},
        "features": [{"name": "x", "transform": {"kind": "identity", "input": "x"}}],
    });
    let bytes = bundle::write(&BundleParts {
        algorithm: "prior".to_owned(),
        created_by: "test".to_owned(),
        model: ModelText {
            kind: ModelKind::Prior,
            text: r#"{"width": 1, "outputs": [1.5]}"#.into(),
        },
        plan: serde_json::from_value(plan).unwrap(),
        signature: serde_json::from_value(json!({
            "inputs": [{"name": "x", "column_type": "number", "nullable": true}],
            "problem_type": "regression", "classes": [], "target": "y",
        }))
        .unwrap(),
        profile: serde_json::from_value(json!({"rows": 0, "columns": []})).unwrap(),
        metrics: json!({}),
        model_card: String::new(),
    })
    .unwrap();
    LoadedVersion::read("m", 1, &bundle::digest(&bytes), &bytes, &Limits::default()).unwrap()
});

fn grpc(shape: Vec<i64>, raw: Vec<Vec<u8>>) -> Result<usize, String> {
    let tensor = inference::model_infer_request::InferInputTensor {
        name: "x".to_owned(),
        datatype: "FP64".to_owned(),
        shape,
        ..Default::default()
    };
    let request = inference::ModelInferRequest {
        model_name: "m".to_owned(),
        inputs: vec![tensor],
        raw_input_contents: raw,
        ..Default::default()
    };
    scored_rows(&VERSION, BodyForm::Grpc, &request.encode_to_vec())
}

/// Raw bytes that are more or fewer than the shape says, and other numbers of tensors.
#[test]
fn raw_contents_that_do_not_fit_their_shape() {
    let bytes = |count: usize| vec![0; 8 * count];
    assert_eq!(grpc(vec![2], vec![bytes(2)]), Ok(2));
    for (shape, raw) in [
        (vec![2], vec![bytes(1)]),
        (vec![2], vec![bytes(3)]),
        (vec![2], vec![bytes(2), bytes(2)]),
        (vec![2], vec![vec![0; 15]]),
        (vec![1_000_000], vec![bytes(1)]),
    ] {
        assert!(grpc(shape.clone(), raw).is_err(), "{shape:?}");
    }
}

/// Shapes below zero, beyond every memory, and whose product overflows.
#[test]
fn shapes_that_are_negative_or_too_large() {
    for shape in [
        vec![-1],
        vec![i64::MIN],
        vec![i64::MAX],
        vec![i64::MAX, i64::MAX],
        vec![1 << 32, 1 << 32],
        vec![],
        vec![0],
        vec![1; 10_000],
    ] {
        assert!(grpc(shape.clone(), vec![vec![0; 8]]).is_err(), "{:?}", shape.first());
        let body =
            json!({"inputs": [{"name": "x", "datatype": "FP64", "shape": shape, "data": [1.0]}]});
        let form = BodyForm::V2 { header_length: None };
        assert!(scored_rows(&VERSION, form, body.to_string().as_bytes()).is_err());
    }
}

/// Lengths in a body that lead out of it.
#[test]
fn lengths_that_lead_out_of_a_body() {
    let tensor = |size: i64| {
        json!({"inputs": [{"name": "x", "datatype": "FP64", "shape": [1],
                           "parameters": {"binary_data_size": size}}]})
        .to_string()
    };
    let read = |json: &str, header_length: usize| {
        let body = [json.as_bytes(), &[0; 8]].concat();
        scored_rows(&VERSION, BodyForm::V2 { header_length: Some(header_length) }, &body)
    };
    let fitting = tensor(8);
    assert_eq!(read(&fitting, fitting.len()), Ok(1));
    for size in [-8, 0, 7, 9, 1 << 40, i64::MAX] {
        let json = tensor(size);
        assert!(read(&json, json.len()).is_err(), "{size}");
    }
    for length in [0, fitting.len() + 9, usize::MAX] {
        assert!(read(&fitting, length).is_err(), "{length}");
    }
}

/// Memory that the server shares with callers: there is none, and a tensor that names a region has no data.
#[test]
fn shared_memory_that_a_request_names() {
    let body = json!({"inputs": [{"name": "x", "datatype": "FP64", "shape": [1],
        "parameters": {"shared_memory_region": "region", "shared_memory_byte_size": 8}}]});
    let form = BodyForm::V2 { header_length: None };
    assert!(scored_rows(&VERSION, form, body.to_string().as_bytes()).is_err());
}
