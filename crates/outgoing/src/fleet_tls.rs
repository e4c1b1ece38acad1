//! TLS to the fleet's own servers: whom to trust, what to show, and what is wrong where it fails.

use std::error::Error as StdError;
use std::io;

use reqwest::{Certificate, ClientBuilder, Identity};
use rustls::{AlertDescription, CertificateError, InvalidMessage};
use tls::ClientTls;

/// TLS of the clients of the fleet's own servers, from its files; cheap to clone. By default the system's authorities are trusted
/// and no certificate is shown.
#[derive(Debug, Clone, Default)]
pub struct FleetTls {
    authorities: Vec<Certificate>,
    identity: Option<Identity>,
}

/// Why the files of a client cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum FleetTlsError {
    /// A file cannot be used.
    #[error(transparent)]
    File(#[from] Box<tls::Error>),
    /// The client refuses what could be read.
    #[error("the certificates cannot be used")]
    Client(#[from] reqwest::Error),
}

/// What is wrong with TLS to a server, and what would be right.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TlsTrouble {
    /// No known authority has signed the server's certificate.
    #[error(
        "its certificate is of an authority that is not trusted here; name the file of the right authority's certificate (CA)"
    )]
    UnknownAuthority,
    /// The certificate names other hosts.
    #[error(
        "its certificate is for other names than the one that it was asked by; ask by a name of the certificate, or renew it with \
         this name"
    )]
    OtherName,
    /// The certificate holds no more.
    #[error("its certificate has expired; renew it")]
    Expired,
    /// The certificate cannot be trusted otherwise.
    #[error("its certificate is not trusted: {0}")]
    Untrusted(String),
    /// The server speaks no TLS.
    #[error("it speaks no TLS; ask by http://, or give the server a certificate")]
    NoTls,
    /// The server answers a request without TLS with what is no HTTP.
    #[error("it speaks TLS; ask by https://")]
    TlsNeeded,
    /// The server wants to know who asks.
    #[error(
        "it asks for a certificate of an authority that it trusts; name the files of one and of its key"
    )]
    CertificateNeeded,
    /// The handshake failed otherwise.
    #[error("TLS failed: {0}")]
    Failed(String),
}

impl FleetTls {
    /// Reads the files.
    ///
    /// # Errors
    /// Where a file cannot be used.
    pub fn read(settings: &ClientTls) -> Result<Self, FleetTlsError> {
        let files = settings.read().map_err(Box::new)?;
        let authorities = files.authorities.as_deref().map(Certificate::from_pem_bundle);
        let identity = files.identity.as_deref().map(Identity::from_pem);
        Ok(Self {
            authorities: authorities.transpose()?.unwrap_or_default(),
            identity: identity.transpose()?,
        })
    }

    /// The same trust, showing no certificate.
    #[must_use]
    pub fn anonymous(&self) -> Self {
        Self { identity: None, ..self.clone() }
    }

    /// A client that trusts and shows this.
    pub fn on(&self, mut builder: ClientBuilder) -> ClientBuilder {
        for authority in &self.authorities {
            builder = builder.add_root_certificate(authority.clone());
        }
        match &self.identity {
            Some(identity) => builder.identity(identity.clone()),
            None => builder,
        }
    }
}

/// What is wrong with TLS, where that is why there is no answer.
#[must_use]
pub fn tls_trouble(error: &reqwest::Error) -> Option<TlsTrouble> {
    // A server of TLS answers what is not its own with an alert, whose first bytes are no HTTP.
    let is_plain = error.url().is_some_and(|url| url.scheme() == "http");
    let mut at: Option<&(dyn StdError + 'static)> = Some(error);
    while let Some(error) = at {
        if let Some(error) = error.downcast_ref::<rustls::Error>() {
            return Some(trouble(error));
        }
        if is_plain && error.downcast_ref::<hyper::Error>().is_some_and(hyper::Error::is_parse) {
            return Some(TlsTrouble::TlsNeeded);
        }
        // An error of the system tells of what it stands for beside its sources.
        let within = error.downcast_ref::<io::Error>().and_then(io::Error::get_ref);
        at = match within {
            Some(within) => Some(within),
            None => error.source(),
        };
    }
    None
}

fn trouble(error: &rustls::Error) -> TlsTrouble {
    use AlertDescription as Alert;
    match error {
        rustls::Error::InvalidCertificate(why) => match why {
            CertificateError::UnknownIssuer => TlsTrouble::UnknownAuthority,
            CertificateError::NotValidForName | CertificateError::NotValidForNameContext { .. } => {
                TlsTrouble::OtherName
            }
            CertificateError::Expired | CertificateError::ExpiredContext { .. } => {
                TlsTrouble::Expired
            }
            other => TlsTrouble::Untrusted(other.to_string()),
        },
        rustls::Error::InvalidMessage(InvalidMessage::InvalidContentType) => TlsTrouble::NoTls,
        rustls::Error::AlertReceived(
            Alert::CertificateRequired
            | Alert::UnknownCA
            | Alert::BadCertificate
            | Alert::CertificateUnknown
            | Alert::CertificateExpired
            | Alert::AccessDenied
            | Alert::DecryptError,
        ) => TlsTrouble::CertificateNeeded,
        other => TlsTrouble::Failed(other.to_string()),
    }
}
