//! `tier0 models`: what the registry keeps.

use contracts::v1::{ModelStage, ModelVersion};
use registry::Registry;
use serde_json::{Value, json};

use crate::Error;
use crate::cli::{Global, ShowCommand};
use crate::connect::Address;
use crate::console::{Console, table};

/// `tier0 models`.
pub(crate) async fn models(
    command: &ShowCommand,
    global: &Global,
    console: &Console,
) -> Result<u8, Error> {
    let bus = Address::find(global)?.connect().await?;
    let registry = Registry::new(&bus).await?;
    match command {
        ShowCommand::List => {
            let models = registry.models().await?;
            let rows: Vec<Vec<String>> = models
                .iter()
                .map(|model| {
                    let production = match model.production_version {
                        0 => "-".to_owned(),
                        version => version.to_string(),
                    };
                    vec![model.model.clone(), model.latest_version.to_string(), production]
                })
                .collect();
            let document: Vec<Value> = models
                .iter()
                .map(|model| {
                    json!({"name": model.model, "latest_version": model.latest_version,
                           "production_version": Some(model.production_version).filter(|version| *version > 0)})
                })
                .collect();
            console.answer(&json!({"models": document}), || {
                or_none("no models", &["model", "latest", "production"], &rows)
            })?;
        }
        ShowCommand::Show { name } => {
            let versions = registry.versions(name).await?;
            if versions.is_empty() {
                let known = registry.models().await?.into_iter().map(|model| model.model).collect();
                return Err(Error::Unknown { kind: "model", name: name.clone(), known });
            }
            let rows: Vec<Vec<String>> = versions.iter().map(version_line).collect();
            let document: Vec<Value> = versions.iter().map(version_document).collect();
            console.answer(&json!({"name": name, "versions": document}), || {
                table(&["version", "stage", "algorithm", "run", "digest"], &rows)
            })?;
        }
    }
    Ok(0)
}

fn stage(version: &ModelVersion) -> &'static str {
    match version.stage() {
        ModelStage::Unspecified | ModelStage::None => "none",
        ModelStage::Staging => "staging",
        ModelStage::Shadow => "shadow",
        ModelStage::Production => "production",
        ModelStage::Archived => "archived",
    }
}

fn digest(version: &ModelVersion) -> String {
    version.bundle.as_ref().map(|bundle| bundle.sha256.clone()).unwrap_or_default()
}

fn version_line(version: &ModelVersion) -> Vec<String> {
    vec![
        version.version.to_string(),
        stage(version).to_owned(),
        version.algorithm.clone(),
        version.run_id.clone(),
        digest(version),
    ]
}

fn version_document(version: &ModelVersion) -> Value {
    let metrics: serde_json::Map<String, Value> = version
        .test_metrics
        .iter()
        .map(|(name, estimate)| (name.clone(), estimate.value.into()))
        .collect();
    json!({
        "version": version.version,
        "stage": stage(version),
        "algorithm": version.algorithm,
        "digest": digest(version),
        "run_id": version.run_id,
        "data_sha256": version.data_sha256,
        "parent_version": Some(version.parent_version).filter(|parent| *parent > 0),
        "metrics": {"test": metrics},
    })
}

/// A table, or a line that says that there is nothing.
pub(crate) fn or_none(none: &str, head: &[&str], rows: &[Vec<String>]) -> String {
    if rows.is_empty() { none.to_owned() } else { table(head, rows) }
}
