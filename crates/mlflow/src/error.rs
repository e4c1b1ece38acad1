//! What can go wrong with an MLflow server.

use std::path::PathBuf;

/// Why something could not be told to an MLflow server.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The configuration was not checked.
    #[error("mlflow.tracking_uri {0}")]
    Address(&'static str),
    /// A file with a secret cannot be used.
    #[error(transparent)]
    SecretFile(#[from] secret::SecretFileError),
    /// A secret has characters that no header can have.
    #[error("the MLflow credentials in {} have characters that no header can have", path.display())]
    Credentials {
        /// Path of the file.
        path: PathBuf,
    },
    /// It did not answer.
    #[error("MLflow did not answer {call}")]
    Unreachable {
        /// Function of MLflow's REST API that was called, such as `runs/create`, or a description
        /// such as `an upload`.
        call: String,
        /// Error of the HTTP client.
        #[source]
        source: reqwest::Error,
    },
    /// It cannot do it now.
    #[error("MLflow answered {call} with {status}: {message}")]
    Busy {
        /// Function of MLflow's REST API that was called, such as `runs/create`, or a description
        /// such as `an upload`.
        call: String,
        /// HTTP status of the answer.
        status: u16,
        /// The beginning of its answer.
        message: String,
    },
    /// It will not do it.
    #[error("MLflow refused {call} with {status} {code}: {message}")]
    Refused {
        /// Function of MLflow's REST API that was called, such as `runs/create`, or a description
        /// such as `an upload`.
        call: String,
        /// HTTP status of the answer.
        status: u16,
        /// MLflow's own code, such as `RESOURCE_DOES_NOT_EXIST`.
        code: String,
        /// The beginning of its message.
        message: String,
    },
    /// An answer that is too long.
    #[error("MLflow's answer to {call} has more than {limit} bytes")]
    TooLong {
        /// Function of MLflow's REST API that was called, such as `runs/create`, or a description
        /// such as `an upload`.
        call: String,
        /// Longest answer that is read, in bytes.
        limit: usize,
    },
    /// An answer that is not of the known form.
    #[error("MLflow's answer to {call} is not of the known form")]
    Answer {
        /// Function of MLflow's REST API that was called, such as `runs/create`, or a description
        /// such as `an upload`.
        call: String,
        /// Error of the JSON parser, with line and column.
        #[source]
        source: serde_json::Error,
    },
    /// Artifacts that do not go through the server.
    #[error(
        "MLflow keeps artifacts in {scheme}:, beside its server; start it with --serve-artifacts, so that they go through it"
    )]
    Artifacts {
        /// The scheme of the place.
        scheme: String,
    },
}

impl Error {
    /// Whether it may be well the next time.
    #[must_use]
    pub fn is_transient(&self) -> bool {
        match self {
            Self::Unreachable { .. } | Self::Busy { .. } => true,
            // An operator may yet put the right secret into its file, or grant the right to use it.
            Self::SecretFile(_) | Self::Credentials { .. } => true,
            Self::Refused { status, .. } => matches!(status, 401 | 403),
            Self::Address(_)
            | Self::TooLong { .. }
            | Self::Answer { .. }
            | Self::Artifacts { .. } => false,
        }
    }

    /// Whether it was refused with this code.
    pub(crate) fn is_code(&self, expected: &str) -> bool {
        matches!(self, Self::Refused { code, .. } if code == expected)
    }
}
