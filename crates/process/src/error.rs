//! Why a process ends before it is told to.

/// Why a process cannot start or go on.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum StartError {
    /// The broker refused, or could not be reached.
    #[error(transparent)]
    Bus(#[from] bus::Error),
    /// The listener could not be bound.
    #[error("cannot listen on {address}")]
    Listen {
        /// Address to listen on.
        address: String,
        /// Error of the operating system.
        #[source]
        source: std::io::Error,
    },
    /// A listener that would be open to others without a token.
    #[error(
        "{address} can be reached from other machines; give a file of tokens (http.tokens_file), an issuer (http.oidc) or a token file ({key}), or listen on 127.0.0.1"
    )]
    Unprotected {
        /// Address from the configuration, `ADDRESS:PORT`.
        address: String,
        /// The key of the token file.
        key: &'static str,
    },
    /// A listener that others would reach without TLS.
    #[error(
        "{address} can be reached from other machines without TLS; give {key}.cert_file and {key}.key_file, listen on 127.0.0.1, \
         or, where something else protects the way to it, set {key}.allow_plaintext"
    )]
    Plaintext {
        /// Address from the configuration, `ADDRESS:PORT`.
        address: String,
        /// The settings of the listener's TLS, such as `api.tls`.
        key: &'static str,
    },
    /// A file of TLS cannot be used.
    #[error("TLS cannot be spoken on {address}")]
    Tls {
        /// Address from the configuration, `ADDRESS:PORT`.
        address: String,
        /// Which file, and what is wrong with it.
        #[source]
        source: Box<tls::Error>,
    },
    /// A file that the process needs could not be read or written.
    #[error("cannot use the file {}", .path.display())]
    File {
        /// Path of the file.
        path: std::path::PathBuf,
        /// Error of the operating system.
        #[source]
        source: std::io::Error,
    },
    /// A file with a token that cannot be used, as where others can read it.
    #[error(transparent)]
    SecretFile(#[from] secret::SecretFileError),
    /// Another part of the process could not start.
    #[error("{what}")]
    Other {
        /// What could not be done.
        what: String,
        /// Error that caused this one.
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
