//! What can go wrong in the stage.

use std::path::PathBuf;

use contracts::ContractError;
use contracts::failures::{failure, with_causes};
use contracts::messages::Failure;
use process::BlockingError;
use stage::{Classify, Disposition};

/// Why no data were prepared.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The handoff lacks the scope.
    #[error(transparent)]
    Contract(#[from] ContractError),
    /// The table could not be read.
    #[error(transparent)]
    Data(#[from] dataset::Error),
    /// The table could not be loaded.
    #[error(transparent)]
    Load(#[from] tables::Error),
    /// The splits could not be written.
    #[error("the splits can't be written in `{}`: {source}; make room there, or name another directory with spill_directory (TIER0_DATA_PREPARER__SPILL_DIRECTORY)", directory.display())]
    Splits {
        /// Directory of the files.
        directory: PathBuf,
        /// Error that caused this one.
        source: dataset::Error,
    },
    /// The computation gave no result.
    #[error("the preparation gave no result")]
    Blocking(#[from] BlockingError),
    /// The alert about the data could not be sent.
    #[error("the alert about the data could not be sent")]
    Alert(#[from] bus::Error),
    /// An artifact could not be stored or fetched.
    #[error("an artifact could not be stored or fetched")]
    Artifact(#[from] artifacts::Error),
    /// A document could not be written as JSON.
    #[error("a document could not be written")]
    Json(#[from] serde_json::Error),
    /// More missing values than are filled from other rows.
    #[error(
        "more than {limit} missing values are to be filled from the row before or behind, which are not held; fill some columns with their median, or leave columns out"
    )]
    TooManyFilled {
        /// Most values.
        limit: usize,
    },
    /// The suite of expectations could not be read.
    #[error("the suite of expectations {uri} can't be used: {reason}")]
    Suite {
        /// Where it is; empty where it stood in the request.
        uri: String,
        /// Reason in words.
        reason: String,
    },
    /// The gate did not pass.
    #[error("{}", .0.message)]
    Gate(Box<Failure>),
}

impl Classify for Error {
    fn disposition(&self) -> Disposition {
        match self {
            Self::Contract(error) => error.disposition(),
            Self::Data(error) if error.is_transient() => Disposition::Retry,
            Self::Data(error) => Disposition::Fail(of_data(error)),
            Self::Load(tables::Error::Dataset(error)) if !error.is_transient() => {
                Disposition::Fail(of_data(error))
            }
            Self::Load(error) if error.is_transient() => Disposition::Retry,
            Self::Load(
                error @ (tables::Error::Spill { .. } | tables::Error::TooManyRows { .. }),
            ) => Disposition::Fail(failure(error.code(), error.to_string()).about("data_uri")),
            Self::Splits { .. } => {
                Disposition::Fail(failure("spill_failed", self.to_string()).about("data_uri"))
            }
            Self::Load(error) => {
                Disposition::Fail(failure(error.code(), error.to_string()).about("inclusion"))
            }
            Self::Blocking(error) => error.disposition(),
            Self::Alert(error) => error.disposition(),
            Self::Artifact(error) if error.is_transient() => Disposition::Retry,
            Self::Artifact(error) => {
                Disposition::Fail(failure(error.code(), with_causes(self)).about("data_uri"))
            }
            Self::Json(error) => {
                Disposition::Fail(failure("document_unwritable", with_causes(error)))
            }
            Self::TooManyFilled { .. } => {
                Disposition::Fail(failure("cleaning_too_large", self.to_string()).about("cleaning"))
            }
            Self::Suite { .. } => {
                Disposition::Fail(failure("suite_unusable", self.to_string()).about("checks.suite"))
            }
            Self::Gate(refusal) => Disposition::Fail((**refusal).clone()),
        }
    }
}

fn of_data(error: &dataset::Error) -> Failure {
    let refusal = failure(error.code(), error.to_string());
    match error {
        dataset::Error::NoSuchColumn { column, nearest } => {
            refusal.about(column.clone()).suggesting(nearest.iter().cloned())
        }
        dataset::Error::DuplicateColumn { column, .. }
        | dataset::Error::NestedColumn { column, .. }
        | dataset::Error::UnsupportedColumn { column, .. } => refusal.about(column.clone()),
        _ => refusal.about("data_uri"),
    }
}
