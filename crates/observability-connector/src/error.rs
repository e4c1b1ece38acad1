//! What can go wrong, and what becomes of the run then.

use contracts::failures;
use stage::{Classify, Disposition};

/// Why a monitor was not registered.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The handoff lacks what is needed.
    #[error("the handoff lacks what is needed")]
    Contract(#[from] contracts::ContractError),
    /// The registry refused, or could not be reached.
    #[error("the registry failed")]
    Registry(#[from] registry::Error),
    /// The reference profile could not be fetched.
    #[error("the reference profile could not be fetched")]
    Artifact(#[from] artifacts::Error),
    /// The reference profile is not one.
    #[error("the reference profile {sha256} is not a profile")]
    Profile {
        /// SHA-256 of the artifact, 64 lower-case hexadecimal digits.
        sha256: String,
        /// Error of the JSON parser, with line and column.
        #[source]
        source: serde_json::Error,
    },
}

/// Why something was not stored, or not read.
#[derive(Debug, thiserror::Error)]
pub(crate) enum StoreError {
    /// The broker refused, or could not be reached.
    #[error("the store failed")]
    Bus(#[from] bus::Error),
    /// The registry refused, or could not be reached.
    #[error("the registry failed")]
    Registry(#[from] registry::Error),
    /// The artifact store failed.
    #[error("the artifact store failed")]
    Artifact(#[from] artifacts::Error),
    /// A document cannot be read or written.
    #[error("a stored document is damaged")]
    Json(#[from] serde_json::Error),
    /// A slice cannot be read.
    #[error("a stored slice is damaged")]
    Slice(#[from] monitoring::traffic::SliceError),
    /// Sketches do not fit each other.
    #[error("the sketches do not fit each other")]
    Sketch(#[from] statistics::drift::Error),
    /// Labelled rows cannot be read.
    #[error("stored labelled rows are damaged")]
    Labelled(#[from] monitoring::feedback::LabelledError),
    /// What outcomes are known cannot be read.
    #[error("the stored set of known rows is damaged")]
    KnownRows(#[from] monitoring::feedback::KnownRowsError),
    /// A segment of the index cannot be read.
    #[error("a segment of the index is damaged")]
    Segment(#[from] monitoring::feedback::SegmentError),
    /// Rows do not make a table.
    #[error("the rows do not make a table")]
    Table(#[from] tabular::TableError),
    /// A table cannot be written.
    #[error("the rows cannot be written")]
    Dataset(#[from] dataset::Error),
    /// Labelled rows cannot be measured.
    #[error("the labelled rows cannot be measured")]
    Measure(#[from] tabular::metrics::MetricError),
    /// A record breaks the contract.
    #[error("a record breaks the contract")]
    Contract(#[from] contracts::ContractError),
    /// Other writers were quicker at each attempt.
    #[error("the record was changed by others at each attempt")]
    Contended,
}

impl Classify for Error {
    fn disposition(&self) -> Disposition {
        let fail =
            |code: &str| Disposition::Fail(failures::failure(code, failures::with_causes(self)));
        match self {
            Self::Contract(_) => Disposition::Reject,
            Self::Registry(error) if error.is_transient() => Disposition::Retry,
            Self::Registry(_) => fail("registry_refused"),
            Self::Artifact(error) if error.is_transient() => Disposition::Retry,
            Self::Artifact(error) => fail(error.code()),
            // The message of a JSON error could hold a value of the profile.
            Self::Profile { .. } => {
                Disposition::Fail(failures::failure("profile_invalid", self.to_string()))
            }
        }
    }
}
