//! A version in memory: verified, and ready to score.

use std::ops::Deref;
use std::sync::Arc;

use scoring::bundle::{self, Bundle};
use scoring::{BundleError, Limits, ScoreError, Scorer, Signature};
use tabular::ProblemType;

use crate::frame::Frame;
use crate::latency::LatencyModel;
use crate::telemetry::Meters;

/// Why a bundle is no version that can answer.
#[derive(Debug, thiserror::Error)]
pub enum VersionError {
    /// The bundle is not accepted.
    #[error("the bundle is not accepted")]
    Bundle(#[from] BundleError),
    /// It cannot be evaluated.
    #[error("the bundle cannot be evaluated")]
    Score(#[from] ScoreError),
    /// Its inputs make no table.
    #[error("the inputs of the bundle make no table")]
    Table(#[from] tabular::TableError),
}

/// A bundle in memory: what versions of any endpoint that have it share.
#[derive(Debug)]
pub struct LoadedBundle {
    /// SHA-256 of the bundle, 64 lower-case hexadecimal digits.
    pub(crate) digest: String,
    /// Size of the bundle in bytes.
    pub bytes: u64,
    /// The algorithm that made it.
    pub(crate) algorithm: String,
    /// Names and types of the bundle's inputs.
    pub(crate) frame: Frame,
    /// Feature plan and model that compute the predictions.
    pub(crate) scorer: Scorer,
    /// Names of its outputs: `prediction`, then one `probability_<class>` per class.
    pub(crate) outputs: Vec<Arc<str>>,
    /// How long a byte of a request takes.
    pub(crate) latency_model: LatencyModel,
    problem_type: ProblemType,
}

/// A version that can answer: a number and counters for a bundle, whose members are its own.
#[derive(Debug)]
pub struct LoadedVersion {
    /// Number of the version, from 1.
    pub(crate) number: u32,
    /// Counters of the version's requests and rows.
    pub(crate) meters: Meters,
    bundle: Arc<LoadedBundle>,
}

impl Deref for LoadedVersion {
    type Target = LoadedBundle;

    fn deref(&self) -> &LoadedBundle {
        &self.bundle
    }
}

impl LoadedVersion {
    /// A version of an endpoint.
    pub(crate) fn new(endpoint: &str, number: u32, bundle: Arc<LoadedBundle>) -> Self {
        Self { number, meters: Meters::new(endpoint, number), bundle }
    }

    /// Reads and verifies a bundle, as [`LoadedBundle::read`].
    pub fn read(
        endpoint: &str,
        number: u32,
        digest: &str,
        bytes: &[u8],
        limits: &Limits,
    ) -> Result<Self, VersionError> {
        Ok(Self::new(endpoint, number, Arc::new(LoadedBundle::read(digest, bytes, limits)?)))
    }
}

impl LoadedBundle {
    /// Reads and verifies a bundle, whose digest has been checked, and scores a row of missing values with it, so that
    /// a bundle that cannot be evaluated is found here and not by the first request.
    pub fn read(digest: &str, bytes: &[u8], limits: &Limits) -> Result<Self, VersionError> {
        Self::new(digest, bytes.len() as u64, bundle::read(bytes, limits)?)
    }

    fn new(digest: &str, bytes: u64, bundle: Bundle) -> Result<Self, VersionError> {
        let signature: &Signature = &bundle.signature;
        let mut outputs = vec![Arc::from("prediction")];
        if signature.problem_type.is_classification() {
            let names = signature.classes.iter().map(|class| format!("probability_{class}"));
            outputs.extend(names.map(Arc::from));
        }
        let (problem_type, inputs) = (signature.problem_type, signature.inputs.clone());
        let algorithm = bundle.manifest.algorithm.clone();
        let loaded = Self {
            digest: digest.to_owned(),
            bytes,
            algorithm,
            frame: Frame::new(inputs, &bundle.plan.cleaning)?,
            outputs,
            latency_model: LatencyModel::default(),
            problem_type,
            scorer: Scorer::from_bundle(bundle)?,
        };
        loaded.scorer.score(loaded.frame.missing_row())?;
        Ok(loaded)
    }

    /// The classes in the order of the probabilities; empty for regression.
    pub(crate) fn classes(&self) -> &[String] {
        &self.scorer.signature().classes
    }

    /// Whether classes are predicted.
    pub(crate) fn is_classifier(&self) -> bool {
        self.problem_type.is_classification()
    }

    /// The type of problem, as in JSON.
    pub(crate) fn problem_type(&self) -> &'static str {
        self.problem_type.as_str()
    }
}
