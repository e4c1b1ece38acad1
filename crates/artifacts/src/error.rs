//! What can go wrong with an artifact.

use std::path::PathBuf;

/// Why an artifact could not be stored or read.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The store's address is not understood.
    #[error("`{uri}` is no artifact store: {expected}")]
    Address {
        /// The address, without credentials.
        uri: String,
        /// What would be right.
        expected: &'static str,
    },
    /// The store is not there or cannot be opened.
    #[error("cannot open the artifact store {store}")]
    Open {
        /// URI of the store.
        store: String,
        /// Error of the store's client.
        #[source]
        source: BackendError,
    },
    /// The store does not say what it has.
    #[error("the artifact store {store} cannot be listed")]
    List {
        /// URI of the store.
        store: String,
        /// Error of the store's client.
        #[source]
        source: BackendError,
    },
    /// The reference breaks the contract.
    #[error("the reference to the artifact breaks the contract")]
    Reference(#[from] contracts::ContractError),
    /// The reference leads to another store.
    #[error("artifact {uri} is not in the store {store}: configure the same store for every agent")]
    OtherStore {
        /// Where the reference leads.
        uri: String,
        /// The store that is configured.
        store: String,
    },
    /// Nothing has this digest.
    #[error("artifact {sha256} is not in the store {store}")]
    NotFound {
        /// SHA-256 of the artifact, 64 lower-case hexadecimal digits.
        sha256: String,
        /// URI of the store.
        store: String,
    },
    /// What is stored has another digest than its name says.
    #[error("artifact {sha256} is damaged: its bytes have the digest {found}")]
    DigestMismatch {
        /// The digest that it should have.
        sha256: String,
        /// The one it has.
        found: String,
    },
    /// What is stored has another size than the reference says.
    #[error("artifact {sha256} has {found} bytes where {expected} were expected")]
    SizeMismatch {
        /// SHA-256 of the artifact, 64 lower-case hexadecimal digits.
        sha256: String,
        /// The size in the reference.
        expected: u64,
        /// The size found, or that part of it that was read.
        found: u64,
    },
    /// Some of its parts are gone from the store, or cannot be read there any more.
    #[error(
        "artifact {sha256} is damaged: the store has {found} of its {expected} parts. Restore it from a backup, or make it anew"
    )]
    Incomplete {
        /// SHA-256 of the artifact, 64 lower-case hexadecimal digits.
        sha256: String,
        /// Number of parts that are there.
        found: usize,
        /// Number of parts that were written.
        expected: usize,
    },
    /// Larger than this process accepts.
    #[error("artifact of {bytes} bytes is larger than the {limit} bytes that are accepted")]
    TooLarge {
        /// Size of the artifact in bytes.
        bytes: u64,
        /// Greatest size that the caller reads, in bytes.
        limit: u64,
    },
    /// Not done in time.
    #[error("artifact {sha256} could not be {operation} within {seconds} s")]
    TimedOut {
        /// What was tried: `written` or `read`.
        operation: &'static str,
        /// SHA-256 of the artifact, 64 lower-case hexadecimal digits.
        sha256: String,
        /// Time limit that was exceeded, in seconds.
        seconds: u64,
    },
    /// The store refused or broke off.
    #[error("artifact {sha256} could not be {operation}")]
    Store {
        /// What was tried: `written` or `read`.
        operation: &'static str,
        /// SHA-256 of the artifact, 64 lower-case hexadecimal digits.
        sha256: String,
        /// Error of the store's client.
        #[source]
        source: BackendError,
    },
    /// The broker, which keeps the artifacts, has no room.
    #[error("artifact {sha256} could not be written")]
    Full {
        /// SHA-256 of the artifact, 64 lower-case hexadecimal digits.
        sha256: String,
        /// What the broker says, and what to do.
        #[source]
        source: Box<bus::Error>,
    },
    /// What was to be stored could not be read.
    #[error("cannot read what is to be stored: {0}")]
    Unread(#[source] std::io::Error),
    /// A large artifact could not be put aside.
    #[error("artifacts of more than 16 MiB are put into `{}`, which cannot be written; make room there, or name another directory with TMPDIR", directory.display())]
    Aside {
        /// The system's directory for temporary files.
        directory: PathBuf,
        /// Error of the operating system.
        #[source]
        source: std::io::Error,
    },
    /// A local file could not be written.
    #[error("cannot write {}", path.display())]
    File {
        /// Path of the file.
        path: PathBuf,
        /// Error of the operating system.
        #[source]
        source: std::io::Error,
    },
}

impl Error {
    /// Whether the same call may succeed later without any change by a person.
    #[must_use]
    pub const fn is_transient(&self) -> bool {
        match self {
            Self::Open { .. }
            | Self::List { .. }
            | Self::TimedOut { .. }
            | Self::Store { .. }
            | Self::Full { .. }
            | Self::Unread(_)
            | Self::Aside { .. }
            | Self::File { .. } => true,
            Self::Address { .. }
            | Self::Reference(_)
            | Self::OtherStore { .. }
            | Self::NotFound { .. }
            | Self::DigestMismatch { .. }
            | Self::SizeMismatch { .. }
            | Self::Incomplete { .. }
            | Self::TooLarge { .. } => false,
        }
    }

    /// Stable identifier of the kind, as in a failure.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Address { .. } => "artifact_store_address",
            Self::Open { .. } | Self::List { .. } => "artifact_store_unavailable",
            Self::Reference(_) => "artifact_reference",
            Self::OtherStore { .. } => "artifact_in_other_store",
            Self::NotFound { .. } => "artifact_missing",
            Self::DigestMismatch { .. } | Self::SizeMismatch { .. } | Self::Incomplete { .. } => {
                "artifact_damaged"
            }
            Self::TooLarge { .. } => "artifact_too_large",
            Self::TimedOut { .. } => "artifact_timed_out",
            Self::Store { .. } => "artifact_store_failed",
            Self::Full { .. } => "artifact_store_full",
            Self::Unread(_) | Self::Aside { .. } | Self::File { .. } => "local_file",
        }
    }
}

/// What a store said.
#[derive(Debug, thiserror::Error)]
#[error(transparent)]
#[non_exhaustive]
pub enum BackendError {
    /// Error of the NATS client.
    Nats(async_nats::Error),
    /// Error of the object store's client.
    ObjectStore(#[from] object_store::Error),
    /// A stream of bytes.
    Io(#[from] std::io::Error),
}

pub(crate) const WRITTEN: &str = "written";
pub(crate) const READ: &str = "read";
