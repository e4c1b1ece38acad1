//! Models at rest: bundles, and the texts of models in them.

use bytes::Bytes;
use model_server::testing::LoadedVersion;
use scoring::bundle::{self, BundleParts};
use scoring::{Limits, Model, ModelKind, ModelText};
use serde_json::Value;
use tabular::{FeatureMatrix, FeaturePlan};

const KINDS: [ModelKind; 6] = [
    ModelKind::Prior,
    ModelKind::Linear,
    ModelKind::Lightgbm,
    ModelKind::EncodedLightgbm,
    ModelKind::Network,
    ModelKind::Ensemble,
];
/// What begins a part of a bundle that is written as one text.
const PART: &str = "=== ";

/// Far less than a server's limits: what grows with a limit is found by their own tests.
fn limits() -> Limits {
    Limits { features: 500, trees: 200, weights: 100_000, ..Limits::default() }
}

/// A kind, as a digit, and a model's text. What is accepted scores rows, in a batch as alone.
pub(super) fn model(input: &[u8]) {
    let Some((kind, text)) = input.split_first() else { return };
    let kind = KINDS.get(usize::from(kind.wrapping_sub(b'0')));
    let (Some(kind), Ok(text)) = (kind, std::str::from_utf8(text)) else { return };
    let Ok(model) = Model::parse(*kind, text, &limits()) else { return };
    let width = model.width();
    assert!(width <= limits().features, "a model takes more features than are allowed");
    let rows = [f64::NAN, 0.0, -1e300, 2.0, f64::INFINITY];
    let values = rows.iter().flat_map(|value| std::iter::repeat_n(*value, width)).collect();
    let Ok(matrix) = FeatureMatrix::new(rows.len(), width, values) else { return };
    let all = model.predict(&matrix);
    assert!(all.len() == rows.len() * model.outputs(), "rows without an output");
    let mut alone = vec![0.0; model.outputs()];
    for (row, batch) in matrix.iter_rows().zip(all.chunks_exact(model.outputs().max(1))) {
        model.predict_row(row, &mut alone);
        let equal = alone.iter().zip(batch).all(|(a, b)| a.to_bits() == b.to_bits() || a.is_nan());
        assert!(equal, "a row scores otherwise alone than in a batch");
    }
}

/// A bundle: the archive itself, or its parts as one text, which are put together with their digests.
pub(super) fn bundle(input: &[u8]) {
    match std::str::from_utf8(input) {
        Ok(text) if text.starts_with(PART) => of_parts(text),
        _ => loaded(input),
    }
}

fn loaded(bytes: &[u8]) {
    let digest = bundle::digest(bytes);
    let Ok(read) = bundle::read(bytes, &limits()) else { return };
    let _ = onnx::export(&read, &digest).map(|exported| exported.bytes.len());
    let Ok(version) = LoadedVersion::read("fuzz", 1, &digest, bytes, &limits()) else { return };
    let body = Bytes::from_static(b"[{}]");
    let form = model_server::testing::BodyForm::InvocationsJson;
    let _ = model_server::testing::scored_rows(&version, form, &body);
}

/// `=== NAME` and lines: `plan`, `signature`, `profile`, `metrics`, `card`, and the model's kind, such as `linear`.
fn of_parts(text: &str) {
    let parts: Vec<(&str, &str)> = text
        .split(PART)
        .filter_map(|part| part.split_once('\n'))
        .map(|(name, body)| (name.trim(), body))
        .collect();
    let part = |name: &str| parts.iter().find(|(of, _)| *of == name).map(|(_, body)| *body);
    let model = KINDS.iter().find_map(|kind| Some((*kind, part(kind.as_str())?)));
    let Some((kind, model)) = model else { return };
    let json = |name: &str| part(name).unwrap_or("{}");
    let Ok(plan) = FeaturePlan::from_json(json("plan").as_bytes()) else { return };
    let Ok(signature) = serde_json::from_str(json("signature")) else { return };
    let Ok(profile) = serde_json::from_str(json("profile")) else { return };
    let written = bundle::write(&BundleParts {
        algorithm: "fuzz".to_owned(),
        created_by: "fuzz".to_owned(),
        model: ModelText { kind, text: model.to_owned() },
        plan,
        signature,
        profile,
        metrics: serde_json::from_str(json("metrics")).unwrap_or(Value::Null),
        model_card: part("card").unwrap_or_default().to_owned(),
    });
    if let Ok(bytes) = written {
        loaded(&bytes);
    }
}
