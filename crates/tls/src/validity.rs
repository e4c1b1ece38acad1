//! Until when certificates hold.

use std::path::Path;
use std::time::{Duration, SystemTime};

use x509_cert::Certificate;
use x509_cert::der::Decode as _;

use crate::{Error, files};

/// Until when a certificate holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Expiry(pub(crate) SystemTime);

impl Expiry {
    /// Seconds since 1970 in UTC.
    #[must_use]
    pub fn unix_seconds(self) -> u64 {
        self.0.duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default().as_secs()
    }

    /// The time that is left at `now`; none where it has expired.
    #[must_use]
    pub fn left(self, now: SystemTime) -> Option<Duration> {
        self.0.duration_since(now).ok()
    }
}

/// A certificate, by whom it names, and until when it holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Validity {
    /// The whole subject, as RFC 4514 writes it, such as `CN=model-trainer,O=Example`.
    pub subject: String,
    /// Until when it holds.
    pub expiry: Expiry,
}

impl Validity {
    /// Of a certificate in DER; none where it cannot be read.
    #[must_use]
    pub fn of_der(der: &[u8]) -> Option<Self> {
        let certificate = Certificate::from_der(der).ok()?.tbs_certificate;
        let expiry = Expiry(certificate.validity.not_after.to_system_time());
        Some(Self { subject: certificate.subject.to_string(), expiry })
    }

    /// Of each certificate of a PEM file, in its order; at least one. Blocking.
    ///
    /// # Errors
    /// Where the file cannot be read or has no certificate.
    pub fn of_file(path: &Path) -> Result<Vec<Self>, Error> {
        let certificates = files::certificates(path, &files::read(path)?)?;
        Ok(certificates.iter().filter_map(|der| Self::of_der(der)).collect())
    }
}
