//! The handoff: artifacts in, bundle and measures out.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use artifacts::{ArtifactStore, media_type};
use bytes::Bytes;
use contracts::steps::Dependencies;
use contracts::{Agent, ContractError, ValidHandoff, names, stages};
use learners::{Executor, Local};
use process::{CancellationToken, Resources, StartError};
use stage::{Stage, StageContext, StageResult};
use statistics::{Profile, QualityReport, Subject};
use tabular::FeaturePlan;
use tracing::Instrument as _;

use crate::config::TrainingConfig;
use crate::output::search_report;
use crate::pack::PackedModel;
use crate::sharing::{self, Leader, help};
use crate::splits::Splits;
use crate::train::{Order, TrainingOutcome, train};
use crate::training_tables::TrainingTables;
use crate::{Config, Error};

/// State that all handoffs of the agent share.
#[derive(Debug)]
pub struct ModelTrainer {
    config: Config,
    /// Number of handoffs that this process works on.
    busy: Arc<AtomicUsize>,
}

/// Everything that is trained on.
pub(crate) struct FetchedArtifacts {
    plan: Bytes,
    profile: Bytes,
    splits: Splits,
}

impl Stage for ModelTrainer {
    const AGENT: Agent = Agent::ModelTrainer;
    type Config = Config;
    type Error = Error;

    async fn new(config: Config, _resources: &Resources) -> Result<Self, StartError> {
        Ok(Self { config, busy: Arc::default() })
    }

    async fn background(
        &self,
        resources: &Resources,
        shutdown: CancellationToken,
    ) -> Result<(), StartError> {
        help(self.config, Arc::clone(&self.busy), resources, shutdown).await
    }

    async fn dependencies(
        &self,
        input: &ValidHandoff,
        _: &StageContext,
    ) -> Result<Option<Dependencies>, Error> {
        Ok(Some(dependencies(input)?))
    }

    async fn handle(&self, input: &ValidHandoff, cx: &StageContext) -> Result<StageResult, Error> {
        let scope = input.divided_scope()?;
        // A run may leave the selection out.
        let selection = input.selection().ok().cloned();
        let _busy = InFlightGuard::with(&self.busy);
        let fetched = fetch_all(&cx.artifacts, input).await?;
        let training = self.config.training;
        let leader = self.lead(input, cx).await?;
        let inner = cx.clone();
        let (trained, packed) = {
            let scope = scope.clone();
            let leader = leader.clone();
            let work = move || {
                work(fetched, &scope, selection.as_ref(), &training, leader.as_deref(), &inner)
            };
            cx.blocking(work).instrument(tracing::info_span!("train")).await??
        };
        if let Some(note) = leader.as_ref().and_then(|leader| leader.note()) {
            cx.note(&note);
        }
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
            refit_seconds = trained.refit_seconds,
            bundle = %bundle.sha256,
            "trained"
        );
        let warnings = trained.warnings.clone();
        let output = stages::TrainedModel {
            bundle,
            check_rows,
            evaluation_rows: Some(evaluation),
            search_report: Some(report),
            drift_reference: Some(drift_reference),
            ..packed.output
        };
        Ok(StageResult::success(output).with_warnings(warnings))
    }
}

/// What the work on a handoff depends on.
pub(crate) fn dependencies(input: &ValidHandoff) -> Result<Dependencies, ContractError> {
    let dependencies = Dependencies::new()
        .on_message(&input.divided_scope()?.of_the_search())
        .on_message(&input.prepared_data()?.to_message())
        .on_message(&input.feature_set()?.to_message());
    Ok(match input.selection() {
        Ok(selection) => dependencies.on_message(selection),
        Err(_) => dependencies,
    })
}

impl ModelTrainer {
    /// Begins to lead the search of a handoff, where searches are shared.
    async fn lead(
        &self,
        input: &ValidHandoff,
        cx: &StageContext,
    ) -> Result<Option<Arc<Leader>>, Error> {
        if !self.config.training.share {
            return Ok(None);
        }
        let digest = sharing::digest(input, &self.config)?;
        let leading = names::token(&format!("{digest:.16}-{}-{}", cx.replica, cx.attempt));
        Ok(Some(Arc::new(Leader::begin(&cx.bus, input, digest, leading).await)))
    }
}

/// Counts a handoff as in work for as long as it lives.
struct InFlightGuard(Arc<AtomicUsize>);

impl InFlightGuard {
    fn with(count: &Arc<AtomicUsize>) -> Self {
        count.fetch_add(1, Ordering::Relaxed);
        Self(Arc::clone(count))
    }
}

impl Drop for InFlightGuard {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}

fn work(
    fetched: FetchedArtifacts,
    scope: &stages::Scope,
    selection: Option<&stages::Selection>,
    config: &TrainingConfig,
    leader: Option<&Leader>,
    cx: &StageContext,
) -> Result<(TrainingOutcome, PackedModel), Error> {
    let start = Instant::now();
    let credit = || leader.map_or(Duration::ZERO, Leader::credit);
    let profile: Profile = serde_json::from_slice(&fetched.profile).map_err(Error::Profile)?;
    let material = fetched.material(scope)?;
    let order = Order {
        scope,
        selection,
        config,
        executor: leader.map_or(&Local as &dyn Executor, |leader| leader),
        clock: &|| start.elapsed() + credit(),
        cancelled: &|| cx.cancelled(),
    };
    train(&material, &order, &profile, &mut |share, detail| cx.progress(share, detail))
}

impl FetchedArtifacts {
    /// Reads what was fetched.
    pub(crate) fn material(self, scope: &stages::Scope) -> Result<TrainingTables, Error> {
        self.splits.read(FeaturePlan::from_json(&self.plan)?, scope)
    }
}

/// Fetches everything that is trained on, where the quality report permits it.
pub(crate) async fn fetch_all(
    artifacts: &ArtifactStore,
    input: &ValidHandoff,
) -> Result<FetchedArtifacts, Error> {
    let prepared = input.prepared_data()?;
    let splits = [
        ("train", &prepared.train),
        ("validation", &prepared.validation),
        ("test", &prepared.test),
        ("hold_out", &prepared.hold_out),
    ];
    let unread = |what| move |source| Error::Artifact { what, source: Box::new(source) };
    let get = async |what, artifact| artifacts.get(artifact).await.map_err(unread(what));
    let split = async |what, artifact| artifacts.get_large(artifact).await.map_err(unread(what));
    let report = get("quality report", &prepared.quality_report).await?;
    let scope = input.scope()?;
    let subject = Subject {
        target: &scope.target,
        cohort_sha256: &scope.cohort_sha256,
        source_sha256: &prepared.source_sha256,
    };
    let profile = [("profile", prepared.profile.sha256.as_str())];
    let digests = splits.map(|(name, split)| (name, split.sha256.as_str()));
    QualityReport::parse(&report)?.permits(subject, digests.into_iter().chain(profile))?;
    Ok(FetchedArtifacts {
        plan: get("feature plan", &input.feature_set()?.plan).await?,
        profile: get("profile", &prepared.profile).await?,
        splits: Splits {
            train: split("training split", &prepared.train).await?,
            validation: split("validation split", &prepared.validation).await?,
            test: split("test split", &prepared.test).await?,
            hold_out: split("hold-out split", &prepared.hold_out).await?,
        },
    })
}

async fn store(
    cx: &StageContext,
    what: &'static str,
    bytes: Vec<u8>,
    media_type: &str,
    rows: u64,
) -> Result<stages::ArtifactRef, Error> {
    let stored = cx.artifacts.put(Bytes::from(bytes), media_type, rows).await;
    stored.map_err(|source| Error::Artifact { what, source: Box::new(source) })
}
