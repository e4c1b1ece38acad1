//! What an agent implements, and what it is given.

use std::fmt;
use std::fs::File;
use std::future::Future;
use std::sync::Arc;

use artifacts::{ArtifactStore, Meter, Metered};
use bus::Bus;
use bytes::Bytes;
use contracts::stages::{ArtifactRef, Output};
use contracts::steps::Dependencies;
use contracts::{Agent, RunId, ValidHandoff, failures, v1};
use futures::TryFutureExt as _;
use futures::future::BoxFuture;
use process::{BlockingError, CancellationToken, CheckConfig, Cpu, Resources, StartError};
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::events::Progress;
use crate::{Classify, Disposition};

/// A stage of the pipeline: everything that is particular to one agent.
pub trait Stage: Sized + Send + Sync + 'static {
    /// Which agent this is.
    const AGENT: Agent;
    /// Handoffs that one process works on at the same time, where its configuration does not say.
    const IN_FLIGHT: usize = 1;
    /// What can be configured besides [`process::CommonConfig`]; its keys stand beside the common ones.
    type Config: Default
        + Clone
        + Serialize
        + DeserializeOwned
        + Send
        + Sync
        + CheckConfig
        + 'static;
    /// What can go wrong.
    type Error: std::error::Error + Classify + Send + Sync + 'static;

    /// Makes the stage from its configuration, once at the start of the process.
    fn new(
        config: Self::Config,
        resources: &Resources,
    ) -> impl Future<Output = Result<Self, StartError>> + Send;

    /// Does the work of one handoff. May be called again for the same one, so its effects must bear repetition.
    fn handle(
        &self,
        input: &ValidHandoff,
        cx: &StageContext,
    ) -> impl Future<Output = Result<StageResult, Self::Error>> + Send;

    /// Everything that the work depends on beside this version of the agent and its configuration, where the work of one run may
    /// stand for that of another: finished work with the same dependencies is taken instead of being done again.
    ///
    /// Work that has effects outside the artifact store depends on nothing that could be named: `None`.
    fn dependencies(
        &self,
        input: &ValidHandoff,
        cx: &StageContext,
    ) -> impl Future<Output = Result<Option<Dependencies>, Self::Error>> + Send {
        let _ = (input, cx);
        async { Ok(None) }
    }

    /// What goes on beside the handoffs until `shutdown`, such as an intake. An error ends the process.
    fn background(
        &self,
        resources: &Resources,
        shutdown: CancellationToken,
    ) -> impl Future<Output = Result<(), StartError>> + Send {
        let _ = resources;
        async move {
            shutdown.cancelled().await;
            Ok(())
        }
    }
}

/// A stage behind a pointer, so that the loop is compiled once and not again for each agent.
pub(crate) trait AnyStage: Send + Sync {
    /// [`Stage::AGENT`].
    fn agent(&self) -> Agent;

    /// [`Stage::IN_FLIGHT`].
    fn in_flight(&self) -> usize;

    /// [`Stage::handle`].
    fn handle<'a>(
        &'a self,
        input: &'a ValidHandoff,
        cx: &'a StageContext,
    ) -> BoxFuture<'a, Result<StageResult, StageError>>;

    /// [`Stage::dependencies`].
    fn dependencies<'a>(
        &'a self,
        input: &'a ValidHandoff,
        cx: &'a StageContext,
    ) -> BoxFuture<'a, Result<Option<Dependencies>, StageError>>;

    /// [`Stage::background`].
    fn background<'a>(
        &'a self,
        resources: &'a Resources,
        shutdown: CancellationToken,
    ) -> BoxFuture<'a, Result<(), StartError>>;
}

impl<S: Stage> AnyStage for S {
    fn agent(&self) -> Agent {
        S::AGENT
    }

    fn in_flight(&self) -> usize {
        S::IN_FLIGHT
    }

    fn handle<'a>(
        &'a self,
        input: &'a ValidHandoff,
        cx: &'a StageContext,
    ) -> BoxFuture<'a, Result<StageResult, StageError>> {
        Box::pin(Stage::handle(self, input, cx).map_err(StageError::of))
    }

    fn dependencies<'a>(
        &'a self,
        input: &'a ValidHandoff,
        cx: &'a StageContext,
    ) -> BoxFuture<'a, Result<Option<Dependencies>, StageError>> {
        Box::pin(Stage::dependencies(self, input, cx).map_err(StageError::of))
    }

    fn background<'a>(
        &'a self,
        resources: &'a Resources,
        shutdown: CancellationToken,
    ) -> BoxFuture<'a, Result<(), StartError>> {
        Box::pin(Stage::background(self, resources, shutdown))
    }
}

/// What a stage's error comes to.
#[derive(Debug)]
pub(crate) struct StageError {
    /// What becomes of the message.
    pub(crate) disposition: Disposition,
    /// The error's text with those of its causes.
    pub(crate) message: String,
}

impl StageError {
    fn of(error: impl std::error::Error + Classify) -> Self {
        Self { disposition: error.disposition(), message: failures::with_causes(&error) }
    }
}

/// What a stage gives back.
#[derive(Debug, Clone)]
pub struct StageResult {
    /// Output that the next stage gets.
    pub output: Output,
    /// SUCCESS, or PARTIAL where it is usable with warnings.
    pub status: v1::HandoffStatus,
    /// What a person should know.
    pub warnings: Vec<v1::Warning>,
    /// What the work turned out to depend on, where that is known better than [`Stage::dependencies`] could before, as with a
    /// table that may have changed in between; the work is kept under this.
    pub dependencies: Option<Dependencies>,
}

impl StageResult {
    /// A result without warnings.
    pub fn new(output: impl Into<Output>, status: v1::HandoffStatus) -> Self {
        Self { output: output.into(), status, warnings: Vec::new(), dependencies: None }
    }

    /// A success without warnings.
    pub fn success(output: impl Into<Output>) -> Self {
        Self::new(output, v1::HandoffStatus::Success)
    }

    /// The same result, kept under these dependencies.
    #[must_use]
    pub fn depending_on(self, dependencies: Dependencies) -> Self {
        Self { dependencies: Some(dependencies), ..self }
    }

    /// The same result with warnings.
    #[must_use]
    pub fn with_warnings(mut self, warnings: Vec<v1::Warning>) -> Self {
        self.warnings.extend(warnings);
        self
    }
}

/// An artifact could not be read.
#[derive(Debug, thiserror::Error)]
#[error("the {what} could not be read")]
pub struct ArtifactError {
    /// What the artifact holds, such as `training split`.
    pub what: &'static str,
    /// What the store met.
    #[source]
    pub source: Box<artifacts::Error>,
}

impl Classify for ArtifactError {
    /// As the store's error: repeated where it may pass, else the end of the run under its code.
    fn disposition(&self) -> Disposition {
        if self.source.is_transient() {
            Disposition::Retry
        } else {
            Disposition::Fail(failures::failure(self.source.code(), failures::with_causes(self)))
        }
    }
}

/// What a stage may use while it works on one handoff; cheap to clone.
#[derive(Clone)]
pub struct StageContext {
    /// Identifier of the run.
    pub run_id: RunId,
    /// How often the run has been driven through this stage, from 0.
    pub epoch: u32,
    /// Which delivery this is, from 1.
    pub attempt: u32,
    /// Artifact store that the configuration names.
    pub artifacts: ArtifactStore,
    /// Connection to the broker; clones share it.
    pub bus: Bus,
    /// This process among its like.
    pub replica: Arc<str>,
    pub(crate) cpu: Cpu,
    pub(crate) cancellation: CancellationToken,
    pub(crate) progress: Progress,
    /// What the times of the artifact store's operations are added to.
    pub(crate) meter: Meter,
}

impl StageContext {
    /// Says how far the work is (from 0 to 1) and what is being done. Never waits; what comes too fast is left out.
    pub fn progress(&self, share: f64, detail: &str) {
        self.progress.report(share, detail);
    }

    /// Notes something in the run's history, where its timeline shows it: a decision with what it was based on. Never waits.
    pub fn note(&self, text: &str) {
        self.progress.note(text);
    }

    /// Counts as reading until what it gives is dropped, as the artifact store's operations do by themselves.
    #[must_use]
    pub fn reading(&self) -> Metered {
        self.meter.reading()
    }

    /// Whether the work is no longer wanted: the run was cancelled or has ended, its time is over, or the process
    /// ends. Long work looks here now and then.
    pub fn cancelled(&self) -> bool {
        self.cancellation.is_cancelled()
    }

    /// The token behind [`cancelled`](Self::cancelled), for closures and for waiting.
    pub fn cancellation(&self) -> CancellationToken {
        self.cancellation.clone()
    }

    /// Reads an artifact; `what` names it in the error.
    pub async fn artifact(
        &self,
        artifact: &ArtifactRef,
        what: &'static str,
    ) -> Result<Bytes, ArtifactError> {
        let found = self.artifacts.get(artifact).await;
        found.map_err(|source| ArtifactError { what, source: Box::new(source) })
    }

    /// Reads an artifact that may be larger than memory: from 16 MiB on it is in a file without a name; `what` names it in the
    /// error.
    pub async fn large_artifact<T: From<Bytes> + From<File>>(
        &self,
        artifact: &ArtifactRef,
        what: &'static str,
    ) -> Result<T, ArtifactError> {
        let found = self.artifacts.get_large(artifact).await;
        found.map_err(|source| ArtifactError { what, source: Box::new(source) })
    }

    /// Runs CPU-bound work off the async threads; as many at a time as `stage.cpu_tasks` says.
    pub async fn blocking<T, F>(&self, work: F) -> Result<T, BlockingError>
    where
        T: Send + 'static,
        F: FnOnce() -> T + Send + 'static,
    {
        self.cpu.run(work).await
    }
}

impl fmt::Debug for StageContext {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("StageContext")
            .field("run_id", &self.run_id)
            .field("epoch", &self.epoch)
            .field("attempt", &self.attempt)
            .finish_non_exhaustive()
    }
}
