//! What can go wrong with the registry.

use contracts::v1::ModelStage;

/// Why the registry refused or failed.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The bus failed.
    #[error("the registry's store failed")]
    Bus(#[from] bus::Error),
    /// What was to be written breaks the contract.
    #[error("the record breaks the contract")]
    Contract(#[from] contracts::ContractError),
    /// What is stored cannot be read or breaks the contract.
    #[error("the record `{key}` in {bucket} is damaged")]
    Damaged {
        /// The bucket.
        bucket: String,
        /// The key.
        key: String,
        /// Why.
        #[source]
        source: contracts::ContractError,
    },
    /// No such version.
    #[error("model `{model}` has no version {version}")]
    UnknownVersion {
        /// The model.
        model: String,
        /// The version.
        version: u32,
    },
    /// A step that a version may not take.
    #[error(
        "version {version} of `{model}` cannot go from {from} to {to}: legal are {legal}",
        from = from.as_str_name(),
        to = to.as_str_name(),
        legal = crate::models::legal_from(*from)
    )]
    IllegalTransition {
        /// The model.
        model: String,
        /// The version.
        version: u32,
        /// Where it stands.
        from: ModelStage,
        /// Where it was to go.
        to: ModelStage,
    },
    /// Others changed the record every time.
    #[error("the record `{key}` in {bucket} was changed by others at each of {attempts} attempts")]
    Contended {
        /// The bucket.
        bucket: String,
        /// The key.
        key: String,
        /// How often it was tried.
        attempts: u64,
    },
}

impl Error {
    /// Whether the same call may succeed later without anybody having done anything.
    #[must_use]
    pub const fn is_transient(&self) -> bool {
        match self {
            Self::Bus(_) | Self::Contended { .. } => true,
            Self::Contract(_)
            | Self::Damaged { .. }
            | Self::UnknownVersion { .. }
            | Self::IllegalTransition { .. } => false,
        }
    }
}

/// Why a change was not made.
#[derive(Debug, thiserror::Error)]
pub enum ChangeError<E: std::error::Error + 'static> {
    /// The registry refused or failed.
    #[error(transparent)]
    Registry(#[from] Error),
    /// The change itself decided against it, seeing the record as it is.
    #[error("the change does not fit the record as it is")]
    Refused(#[source] E),
}
