//! Requests for predictions, in every form that the model server takes.

use std::sync::LazyLock;

use model_server::testing::{BodyForm, LoadedVersion, scored_rows};
use scoring::bundle::{self, BundleParts};
use scoring::{Limits, ModelKind, ModelText};
use serde_json::{Value, json};
use tabular::FeaturePlan;

/// A version with an input of each type.
static VERSION: LazyLock<Option<LoadedVersion>> = LazyLock::new(|| {
    let parts = include_str!("../../corpus/bundle/linear.txt");
    let part = |name: &str| {
        let begin = format!("=== {name}\n");
        let rest = parts.split(&begin).nth(1).unwrap_or_default();
        rest.split("=== ").next().unwrap_or_default()
    };
    let bytes = bundle::write(&BundleParts {
        algorithm: "fuzz".to_owned(),
        created_by: "fuzz".to_owned(),
        model: ModelText { kind: ModelKind::Linear, text: part("linear").to_owned() },
        plan: FeaturePlan::from_json(part("plan").as_bytes()).ok()?,
        signature: serde_json::from_str(part("signature")).ok()?,
        profile: serde_json::from_value(json!({"rows": 0, "columns": []})).ok()?,
        metrics: Value::Null,
        model_card: String::new(),
    });
    let bytes = bytes.ok()?;
    LoadedVersion::read("fuzz", 1, &bundle::digest(&bytes), &bytes, &Limits::default()).ok()
});

fn score(form: BodyForm, body: &[u8]) {
    assert!(VERSION.is_some(), "the version of the requests cannot be read");
    let Some(version) = VERSION.as_ref() else { return };
    let _ = scored_rows(version, form, body);
}

/// A body of REST. The first zero byte stands where its JSON ends and binary data begin.
pub(super) fn v2_rest(input: &[u8]) {
    match input.iter().position(|byte| *byte == 0) {
        None => score(BodyForm::V2 { header_length: None }, input),
        Some(end) => {
            let (json, binary) = input.split_at(end);
            let binary = binary.get(1..).unwrap_or_default();
            let form = BodyForm::V2 { header_length: Some(end) };
            score(form, &[json, binary].concat());
        }
    }
}

/// A message of gRPC.
pub(super) fn v2_grpc(input: &[u8]) {
    score(BodyForm::Grpc, input);
}

/// A body of `/invocations`: JSON where it begins with a brace, Parquet where it begins with its magic word, else CSV.
pub(super) fn invocations(input: &[u8]) {
    let form = match input {
        [b'{' | b'[', ..] => BodyForm::InvocationsJson,
        [b'P', b'A', b'R', b'1', ..] => BodyForm::InvocationsParquet,
        _ => BodyForm::InvocationsCsv,
    };
    score(form, input);
}
