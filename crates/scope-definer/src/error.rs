//! What can go wrong, and what becomes of it.

use contracts::messages::Failure;
use contracts::{ContractError, failures};
use process::BlockingError;
use stage::{Classify, Disposition};

use crate::catalogue::CatalogueError;

/// Why a request could not be made into a scope.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// A decision: the request can't be fulfilled as it stands.
    #[error(transparent)]
    Refused(#[from] RequestError),
    /// The table could not be read.
    #[error(transparent)]
    Dataset(#[from] dataset::Error),
    /// The catalogue can't be read.
    #[error(transparent)]
    Catalogue(#[from] CatalogueError),
    /// The handoff breaks the contract.
    #[error(transparent)]
    Contract(#[from] ContractError),
    /// The rows of an artifact could not be fetched.
    #[error("the table could not be fetched from the artifact store")]
    Artifact(#[from] artifacts::Error),
    /// The work could not be run.
    #[error(transparent)]
    Blocking(#[from] BlockingError),
}

/// A refusal with what would help.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct RequestError {
    /// Stable code in snake_case, for programs.
    pub code: &'static str,
    /// What was wrong and what would be right.
    pub message: String,
    /// The field, column or word concerned.
    pub subject: String,
    /// Names that the caller may have meant, the closest first.
    pub suggestions: Vec<String>,
}

impl RequestError {
    /// A refusal without suggestions.
    pub fn new(code: &'static str, subject: impl Into<String>, message: impl Into<String>) -> Self {
        Self { code, message: message.into(), subject: subject.into(), suggestions: Vec::new() }
    }

    /// The same as every failure is told.
    #[must_use]
    pub fn failure(&self) -> Failure {
        let failure = failures::failure(self.code, self.message.clone());
        failure.about(self.subject.clone()).suggesting(self.suggestions.iter().cloned())
    }

    /// The same with close alternatives.
    #[must_use]
    pub fn suggesting(mut self, suggestions: impl IntoIterator<Item = String>) -> Self {
        self.suggestions = suggestions.into_iter().collect();
        self
    }
}

impl Classify for Error {
    fn disposition(&self) -> Disposition {
        match self {
            Self::Refused(refused) => Disposition::Fail(refused.failure()),
            Self::Dataset(error) if error.is_transient() => Disposition::Retry,
            Self::Dataset(error) => Disposition::Fail(of_dataset(error)),
            Self::Artifact(error) if error.is_transient() => Disposition::Retry,
            Self::Artifact(error) => Disposition::Fail(
                failures::failure(error.code(), failures::with_causes(self)).about("data_uri"),
            ),
            Self::Catalogue(error) => Disposition::Fail(failures::failure(
                "catalogue_unreadable",
                failures::with_causes(error),
            )),
            Self::Contract(error) => error.disposition(),
            Self::Blocking(error) => error.disposition(),
        }
    }
}

pub(crate) fn of_dataset(error: &dataset::Error) -> Failure {
    let failure = failures::failure(error.code(), error.to_string());
    match error {
        // The target and the population columns are what is looked at here.
        dataset::Error::NoSuchColumn { column, nearest } => {
            let message = format!(
                "{error}, which is to be predicted or chooses the population{}",
                did_you_mean(nearest)
            );
            failures::failure("target_missing", message)
                .about(column.clone())
                .suggesting(nearest.iter().cloned())
        }
        dataset::Error::DuplicateColumn { column, .. }
        | dataset::Error::NestedColumn { column, .. }
        | dataset::Error::UnsupportedColumn { column, .. } => failure.about(column.clone()),
        dataset::Error::MissingFile { uri }
        | dataset::Error::NotAFile { uri }
        | dataset::Error::OutsideRoots { uri, .. } => failure.about(uri.clone()),
        _ => failure,
    }
}

/// `; did you mean a, b?`, or nothing.
pub(crate) fn did_you_mean(nearest: &[String]) -> String {
    if nearest.is_empty() {
        String::new()
    } else {
        format!("; did you mean {}?", nearest.join(", "))
    }
}
