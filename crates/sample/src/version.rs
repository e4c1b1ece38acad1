//! A version of a model as the trainer registers one, for what measures and tests the registry.

use contracts::{names, v1};

/// The metrics of its test split, which all have the same value.
const METRICS: [&str; 8] =
    ["roc_auc", "pr_auc", "log_loss", "accuracy", "precision", "recall", "f1", "brier_score"];

/// A version with twenty columns and eight metrics, which `run` alone decides: its number in hexadecimal is the digest of the
/// bundle, and its last three decimal digits are the value of every metric in thousandths.
#[must_use]
pub fn version(model: &str, run: u32) -> v1::ModelVersion {
    let digest = format!("{run:064x}");
    let columns = (0..20).map(|column| v1::ColumnSchema {
        name: format!("column_{column}"),
        r#type: v1::ColumnType::Number.into(),
        nullable: true,
    });
    let value = f64::from(run % 1000) / 1000.0;
    let metric = v1::MetricEstimate { value, low: value - 0.01, high: value + 0.01 };
    v1::ModelVersion {
        model: model.to_owned(),
        bundle: Some(v1::ArtifactRef {
            uri: format!("nats://{}/{digest}", names::ARTIFACTS_STORE),
            sha256: digest.clone(),
            bytes: 100_000,
            media_type: "application/vnd.tier0.bundle+tar".to_owned(),
            rows: 0,
        }),
        data_sha256: digest,
        algorithm: "gradient_boosting".to_owned(),
        signature_inputs: columns.collect(),
        test_metrics: METRICS.map(|name| (name.to_owned(), metric)).into(),
        problem_type: v1::ProblemType::Binary.into(),
        classes: vec!["no".to_owned(), "yes".to_owned()],
        ..v1::ModelVersion::default()
    }
}
