//! A version in memory: verified, and ready to score.

use std::sync::Arc;

use scoring::bundle::{self, Bundle};
use scoring::{BundleError, Limits, ScoreError, Scorer, Signature};
use tabular::ProblemType;

use crate::frame::Frame;
use crate::pace::Pace;
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

/// A version that can answer.
#[derive(Debug)]
pub struct LoadedVersion {
    /// Its number.
    pub number: u32,
    /// SHA-256 of its bundle.
    pub digest: String,
    /// The algorithm that made it.
    pub algorithm: String,
    /// Its inputs.
    pub frame: Frame,
    /// What evaluates it.
    pub scorer: Scorer,
    /// Names of its outputs: `prediction`, then one `probability_<class>` per class.
    pub outputs: Vec<Arc<str>>,
    /// How long a byte of a request takes.
    pub pace: Pace,
    /// Its counters.
    pub meters: Meters,
    problem_type: ProblemType,
}

impl LoadedVersion {
    /// Reads and verifies a bundle, whose digest has been checked, and scores a row of missing values with it, so that
    /// a bundle that cannot be evaluated is found here and not by the first request.
    pub fn read(
        endpoint: &str,
        number: u32,
        digest: &str,
        bytes: &[u8],
        limits: &Limits,
    ) -> Result<Self, VersionError> {
        Self::new(endpoint, number, digest, bundle::read(bytes, limits)?)
    }

    /// A version of a bundle that has been read.
    pub fn new(
        endpoint: &str,
        number: u32,
        digest: &str,
        bundle: Bundle,
    ) -> Result<Self, VersionError> {
        let signature: &Signature = &bundle.signature;
        let mut outputs = vec![Arc::from("prediction")];
        if signature.problem_type.is_classification() {
            let names = signature.classes.iter().map(|class| format!("probability_{class}"));
            outputs.extend(names.map(Arc::from));
        }
        let (problem_type, inputs) = (signature.problem_type, signature.inputs.clone());
        let algorithm = bundle.manifest.algorithm.clone();
        let version = Self {
            number,
            digest: digest.to_owned(),
            algorithm,
            frame: Frame::new(inputs),
            outputs,
            pace: Pace::default(),
            meters: Meters::new(endpoint, number),
            problem_type,
            scorer: Scorer::from_bundle(bundle)?,
        };
        version.scorer.score(&version.frame.missing_row()?)?;
        Ok(version)
    }

    /// The classes in the order of the probabilities; empty for regression.
    pub fn classes(&self) -> &[String] {
        &self.scorer.signature().classes
    }

    /// Whether classes are predicted.
    pub fn is_classifier(&self) -> bool {
        self.problem_type.is_classification()
    }

    /// The type of problem, as in JSON.
    pub fn problem_type(&self) -> &'static str {
        self.problem_type.as_str()
    }
}
