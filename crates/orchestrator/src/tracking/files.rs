//! The files of a run: what its stages have stored, and its model as others load it.

use api::leaderboard::understood;
use artifacts::ArtifactStore;
use bytes::Bytes;
use contracts::failures;
use contracts::v1::{ArtifactRef, SearchReport};
use mlflow::{ModelDescription, ModelDirectory};
use onnx::ExportedModel;
use scoring::Limits;

use super::mapping::{BUNDLE, MODEL};
use crate::outputs::Outputs;

/// Largest bundle that is written as ONNX, in bytes.
const MAX_BUNDLE_BYTES: u64 = 128 << 20;

/// The files of a run.
#[derive(Debug, Default)]
pub(super) struct Files {
    /// By their paths among the artifacts.
    pub(super) artifacts: Vec<(String, Bytes)>,
    /// How the search went.
    pub(super) report: Option<SearchReport>,
    /// The model in ONNX.
    pub(super) model: Option<ExportedModel>,
    /// Why there is no model in ONNX, or a file is missing.
    pub(super) problems: Vec<String>,
}

/// Reads the files of a run. What is not there any more is left out, and told.
///
/// # Errors
/// Where the store does not answer.
pub(super) async fn read(
    store: &ArtifactStore,
    outputs: Outputs<'_>,
) -> Result<Files, artifacts::Error> {
    let mut files = Files::default();
    let prepared = outputs.prepared;
    let trained = outputs.trained;
    let wanted = [
        ("quality_report.json", prepared.and_then(|prepared| prepared.quality_report.as_ref())),
        ("feature_plan.json", outputs.features.and_then(|features| features.plan.as_ref())),
        ("search_report.json", trained.and_then(|trained| trained.search_report.as_ref())),
        ("check_rows.json", trained.and_then(|trained| trained.check_rows.as_ref())),
    ];
    for (path, artifact) in wanted {
        let Some(artifact) = artifact else { continue };
        let Some(bytes) = files.get(store, path, artifact).await? else { continue };
        if path == "search_report.json" {
            files.report = understood(&bytes).ok();
        }
        files.artifacts.push((path.to_owned(), bytes));
    }
    if let Some(bundle) = trained.and_then(|trained| trained.bundle.as_ref())
        && let Some(bytes) = files.get(store, "bundle.tar", bundle).await?
    {
        files.add_model(bundle, bytes).await;
    }
    Ok(files)
}

impl Files {
    async fn get(
        &mut self,
        store: &ArtifactStore,
        path: &str,
        artifact: &ArtifactRef,
    ) -> Result<Option<Bytes>, artifacts::Error> {
        if artifact.bytes > MAX_BUNDLE_BYTES {
            self.problems.push(format!("{path} has more than {MAX_BUNDLE_BYTES} bytes"));
            return Ok(None);
        }
        match store.get(artifact).await {
            Ok(bytes) => Ok(Some(bytes)),
            Err(error) if error.is_transient() => Err(error),
            Err(error) => {
                self.problems.push(format!("{path}: {}", failures::with_causes(&error)));
                Ok(None)
            }
        }
    }

    async fn add_model(&mut self, artifact: &ArtifactRef, bytes: Bytes) {
        let (tar, digest) = (bytes.clone(), artifact.sha256.clone());
        let exported = tokio::task::spawn_blocking(move || {
            let bundle = scoring::bundle::read(&tar, &Limits::default())
                .map_err(|error| failures::with_causes(&error))?;
            let card = Bytes::from(bundle.model_card.clone());
            let model =
                onnx::export(&bundle, &digest).map_err(|error| failures::with_causes(&error));
            Ok::<_, String>((card, model))
        });
        self.artifacts.push((format!("{BUNDLE}/bundle.tar"), bytes));
        match exported.await {
            Ok(Ok((card, model))) => {
                self.artifacts.push(("model_card.md".to_owned(), card));
                match model {
                    Ok(model) => self.model = Some(model),
                    Err(problem) => self.problems.push(problem),
                }
            }
            Ok(Err(problem)) => self.problems.push(problem),
            Err(_) => self.problems.push("the model could not be written as ONNX".to_owned()),
        }
    }

    /// Adds the directory of the model, where there is one; answers where the version's files are.
    pub(super) fn add_directory(
        &mut self,
        digest: &str,
        run_id: &str,
        ended_at: i64,
    ) -> &'static str {
        let Some(model) = &self.model else { return BUNDLE };
        let at = jiff::Timestamp::from_millisecond(ended_at).unwrap_or_default();
        let about = ModelDescription {
            digest: digest.to_owned(),
            run_id: run_id.to_owned(),
            artifact_path: MODEL.to_owned(),
            created_at: at.strftime("%Y-%m-%d %H:%M:%S.%6f").to_string(),
        };
        let directory = ModelDirectory::new(model, &about);
        let files = directory.files().map(|(name, content)| (format!("{MODEL}/{name}"), content));
        self.artifacts.extend(files);
        MODEL
    }
}
