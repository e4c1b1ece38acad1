//! Why files of TLS cannot be used.

use std::path::PathBuf;

use rustls::pki_types::pem;
use secret::SecretFileError;

/// Why a file of TLS, or two together, cannot be used.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The file cannot be read.
    #[error("cannot read {}", .path.display())]
    Read {
        /// Path of the file.
        path: PathBuf,
        /// Error of the operating system.
        #[source]
        source: std::io::Error,
    },
    /// The file is no PEM.
    #[error("{} is not in PEM form", .path.display())]
    Pem {
        /// Path of the file.
        path: PathBuf,
        /// What the reader of PEM says.
        #[source]
        source: pem::Error,
    },
    /// The file has no certificate.
    #[error("{} has no certificate; expected `-----BEGIN CERTIFICATE-----`", .path.display())]
    NoCertificate {
        /// Path of the file.
        path: PathBuf,
    },
    /// A certificate of the file cannot be read.
    #[error("{} has a certificate that cannot be read", .path.display())]
    Certificate {
        /// Path of the file.
        path: PathBuf,
        /// What the reader of X.509 says.
        #[source]
        source: x509_cert::der::Error,
    },
    /// The file has no key.
    #[error("{} has no private key; expected `-----BEGIN PRIVATE KEY-----`", .path.display())]
    NoKey {
        /// Path of the file.
        path: PathBuf,
    },
    /// The key cannot be read, or can be read or changed by others.
    #[error(transparent)]
    KeyFile(#[from] SecretFileError),
    /// The key is of another certificate.
    #[error(
        "the key in {} is not that of the certificate in {}; the first certificate has to be the key's own",
        .key.display(), .certificate.display()
    )]
    OtherKey {
        /// Path of the key.
        key: PathBuf,
        /// Path of the certificate.
        certificate: PathBuf,
    },
    /// The certificate and the key cannot be used.
    #[error("the certificate in {} and its key in {} cannot be used", .certificate.display(), .key.display())]
    Identity {
        /// Path of the certificate.
        certificate: PathBuf,
        /// Path of the key.
        key: PathBuf,
        /// What rustls says.
        #[source]
        source: rustls::Error,
    },
    /// The authorities cannot be used.
    #[error("the authorities in {} cannot be used", .path.display())]
    Authorities {
        /// Path of the file.
        path: PathBuf,
        /// What rustls says.
        #[source]
        source: Box<dyn std::error::Error + Send + Sync>,
    },
    /// The parts do not make a configuration.
    #[error("TLS cannot be configured")]
    Configuration(#[source] rustls::Error),
}
