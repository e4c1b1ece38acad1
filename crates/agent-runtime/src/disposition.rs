//! What becomes of an error.

use contracts::{ContractError, failures, v1};

/// What becomes of a message whose handling failed.
#[derive(Debug, Clone, PartialEq)]
pub enum Disposition {
    /// It may succeed later: it is delivered again after a while, a bounded number of times.
    Retry,
    /// It can never be handled: it is put aside with the reason and its original bytes, and the run fails.
    Reject,
    /// A decision: the run ends as failed with this reason.
    Fail(v1::Failure),
}

/// Tells what becomes of an error; implemented by one exhaustive `match` per agent.
pub trait Classify {
    /// What becomes of it.
    fn disposition(&self) -> Disposition;
}

impl Classify for bus::Error {
    fn disposition(&self) -> Disposition {
        if self.is_transient() {
            Disposition::Retry
        } else {
            Disposition::Fail(failures::failure("bus_error", failures::with_causes(self)))
        }
    }
}

impl Classify for artifacts::Error {
    fn disposition(&self) -> Disposition {
        if self.is_transient() {
            Disposition::Retry
        } else {
            Disposition::Fail(failures::failure(self.code(), failures::with_causes(self)))
        }
    }
}

impl Classify for ContractError {
    /// What the message lacks cannot come later.
    fn disposition(&self) -> Disposition {
        Disposition::Reject
    }
}

/// Why a process cannot start or go on.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum StartError {
    /// The broker.
    #[error(transparent)]
    Bus(#[from] bus::Error),
    /// A listener.
    #[error("cannot listen on {address}")]
    Listen {
        /// Where.
        address: String,
        /// Why.
        #[source]
        source: std::io::Error,
    },
    /// A listener that would be open to others without a token.
    #[error(
        "{address} can be reached from other machines; give a token file ({key}) or listen on 127.0.0.1"
    )]
    Unprotected {
        /// The address.
        address: String,
        /// The key of the token file.
        key: &'static str,
    },
    /// A file.
    #[error("cannot use the file {}", .path.display())]
    File {
        /// The file.
        path: std::path::PathBuf,
        /// Why.
        #[source]
        source: std::io::Error,
    },
    /// Anything else.
    #[error("{what}")]
    Other {
        /// What could not be done.
        what: String,
        /// Why.
        #[source]
        source: Box<dyn std::error::Error + Send + Sync>,
    },
}

impl StartError {
    /// What could not be done, and why.
    pub fn new(
        what: impl Into<String>,
        source: impl Into<Box<dyn std::error::Error + Send + Sync>>,
    ) -> Self {
        Self::Other { what: what.into(), source: source.into() }
    }

    /// The exit code: 3 where the broker cannot be reached, else 1.
    pub(crate) fn exit_code(&self) -> u8 {
        match self {
            Self::Bus(bus::Error::Connect { .. }) => 3,
            _ => 1,
        }
    }
}
