//! The handoff: artifacts in, bundle and measures out.

use std::time::Instant;

use agent_runtime::{Resources, Stage, StageContext, StageResult, StartError};
use artifacts::media_type;
use bytes::Bytes;
use contracts::steps::Dependencies;
use contracts::v1::stage_output::Output;
use contracts::{Agent, At, ContractError, FieldProblem, ValidHandoff, v1};
use statistics::{Profile, QualityReport};
use tabular::FeaturePlan;
use tracing::Instrument as _;

use crate::config::TrainingConfig;
use crate::material::Material;
use crate::output::search_report;
use crate::pack::Packed;
use crate::train::{Order, Trained, train};
use crate::{Config, Error};

/// The agent.
#[derive(Debug)]
pub struct ModelTrainer {
    config: Config,
}

/// Bytes of everything that is trained on.
struct Fetched {
    plan: Bytes,
    profile: Bytes,
    train: Bytes,
    validation: Bytes,
    test: Bytes,
    hold_out: Bytes,
}

impl Stage for ModelTrainer {
    const AGENT: Agent = Agent::ModelTrainer;
    type Config = Config;
    type Error = Error;

    async fn new(config: Config, _resources: &Resources) -> Result<Self, StartError> {
        Ok(Self { config })
    }

    async fn dependencies(
        &self,
        input: &ValidHandoff,
        _: &StageContext,
    ) -> Result<Option<Dependencies>, Error> {
        let dependencies = Dependencies::new()
            .on_message(&input.scope()?.of_the_search())
            .on_message(input.prepared_data()?)
            .on_message(input.feature_set()?);
        Ok(Some(match input.selection() {
            Ok(selection) => dependencies.on_message(selection),
            Err(_) => dependencies,
        }))
    }

    async fn handle(&self, input: &ValidHandoff, cx: &StageContext) -> Result<StageResult, Error> {
        let scope = input.scope()?.clone();
        // A run may leave the selection out.
        let selection = input.selection().ok().cloned();
        let fetched = fetch_all(cx, input).await?;
        let training = self.config.training;
        let inner = cx.clone();
        let (trained, packed) = {
            let scope = scope.clone();
            cx.blocking(move || work(fetched, &scope, selection.as_ref(), &training, &inner))
                .instrument(tracing::info_span!("train"))
                .await??
        };
        cx.progress(0.98, "storing the bundle");
        let bundle = store(cx, "bundle", packed.bundle, media_type::BUNDLE, 0).await?;
        let rows = packed.rows as u64;
        let check_rows = store(cx, "check rows", packed.check_rows, media_type::JSON, rows).await?;
        let report = serde_json::to_vec(&search_report(&scope, &trained)).map_err(Error::Json)?;
        let report = store(cx, "search report", report, media_type::JSON, 0).await?;
        let held = packed.held;
        let evaluation =
            store(cx, "evaluation rows", packed.evaluation_rows, media_type::JSON, held).await?;
        let drift_reference = store(
            cx,
            "drift reference",
            packed.drift_reference,
            statistics::reference::MEDIA_TYPE,
            0,
        )
        .await?;
        tracing::info!(
            algorithm = packed.output.algorithm,
            trials = trained.searched.trials.len(),
            ended_by = trained.searched.ended_by.name(),
            seconds = trained.searched.search_seconds,
            refit_seconds = trained.searched.refit_seconds,
            bundle = %bundle.sha256,
            "trained"
        );
        let warnings = trained.warnings.clone();
        let output = v1::TrainedModel {
            bundle: Some(bundle),
            check_rows: Some(check_rows),
            evaluation_rows: Some(evaluation),
            search_report: Some(report),
            drift_reference: Some(drift_reference),
            ..packed.output
        };
        Ok(StageResult::success(Output::TrainedModel(output)).with_warnings(warnings))
    }
}

fn work(
    fetched: Fetched,
    scope: &v1::Scope,
    selection: Option<&v1::Selection>,
    config: &TrainingConfig,
    cx: &StageContext,
) -> Result<(Trained, Packed), Error> {
    let start = Instant::now();
    let profile: Profile = serde_json::from_slice(&fetched.profile).map_err(Error::Profile)?;
    let material = Material {
        plan: FeaturePlan::from_json(&fetched.plan)?,
        train: dataset::read_parquet(fetched.train)?,
        validation: dataset::read_parquet(fetched.validation)?,
        test: dataset::read_parquet(fetched.test)?,
        hold_out: dataset::read_parquet(fetched.hold_out)?,
    };
    let order = Order {
        scope,
        selection,
        config,
        clock: &|| start.elapsed(),
        cancelled: &|| cx.cancelled(),
    };
    let material = material.of_scope(scope)?;
    train(&material, &order, &profile, &mut |share, detail| cx.progress(share, detail))
}

async fn fetch_all(cx: &StageContext, input: &ValidHandoff) -> Result<Fetched, Error> {
    let prepared = input.prepared_data()?;
    let splits = [
        ("train", &prepared.train),
        ("validation", &prepared.validation),
        ("test", &prepared.test),
        ("hold_out", &prepared.hold_out),
    ];
    let mut digests = Vec::new();
    for (name, split) in splits {
        digests.push((name, split.as_ref().ok_or_else(|| missing(name))?.sha256.as_str()));
    }
    let report = fetch(cx, "quality report", prepared.quality_report.as_ref()).await?;
    QualityReport::parse(&report)?.permits(digests)?;
    Ok(Fetched {
        plan: fetch(cx, "feature plan", input.feature_set()?.plan.as_ref()).await?,
        profile: fetch(cx, "profile", prepared.profile.as_ref()).await?,
        train: fetch(cx, "training split", prepared.train.as_ref()).await?,
        validation: fetch(cx, "validation split", prepared.validation.as_ref()).await?,
        test: fetch(cx, "test split", prepared.test.as_ref()).await?,
        hold_out: fetch(cx, "hold-out split", prepared.hold_out.as_ref()).await?,
    })
}

async fn fetch(
    cx: &StageContext,
    what: &'static str,
    artifact: Option<&v1::ArtifactRef>,
) -> Result<Bytes, Error> {
    let artifact = artifact.ok_or_else(|| missing(what))?;
    cx.artifacts
        .get(artifact)
        .await
        .map_err(|source| Error::Artifact { what, source: Box::new(source) })
}

async fn store(
    cx: &StageContext,
    what: &'static str,
    bytes: Vec<u8>,
    media_type: &str,
    rows: u64,
) -> Result<v1::ArtifactRef, Error> {
    let stored = cx.artifacts.put(Bytes::from(bytes), media_type, rows).await;
    stored.map_err(|source| Error::Artifact { what, source: Box::new(source) })
}

/// The contract has it that these are there.
fn missing(what: &'static str) -> ContractError {
    At::ROOT.field(what).refuse(FieldProblem::Missing { expected: "an artifact" })
}
