//! The TLS of a listener, and its files as they change.

use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError, RwLock};

use rustls::ServerConfig;
use rustls::server::WebPkiClientVerifier;
use rustls::server::danger::ClientCertVerifier;
use rustls::sign::SingleCertAndKey;
use x509_cert::Certificate;
use x509_cert::der::Decode as _;

use crate::settings::{ClientCertificates, ListenerTls};
use crate::{Error, Expiry, VERSIONS, files, provider};

/// The TLS of a listener: its certificate, its key and whom it trusts, as their files are now.
#[derive(Debug)]
pub struct ServerTls {
    settings: ListenerTls,
    protocols: Vec<Vec<u8>>,
    current: RwLock<Arc<Loaded>>,
    /// The files that were looked at last, used or not; none where they could not be read.
    seen: Mutex<Option<Bytes>>,
}

#[derive(Debug)]
struct Loaded {
    config: Arc<ServerConfig>,
    expiry: Expiry,
}

/// The bytes of the files: certificate, key, authorities.
#[derive(PartialEq, Eq)]
struct Bytes([Vec<u8>; 3]);

impl std::fmt::Debug for Bytes {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("[redacted]")
    }
}

impl ServerTls {
    /// Reads the files of a listener that speaks these protocols over TLS (ALPN), such as `h2`; none where it is not to speak TLS.
    ///
    /// # Errors
    /// Where a file cannot be used.
    pub fn load(settings: &ListenerTls, protocols: &[&[u8]]) -> Result<Option<Self>, Error> {
        let Some((certificate, key)) = pair(settings) else { return Ok(None) };
        let protocols: Vec<Vec<u8>> = protocols.iter().map(|name| name.to_vec()).collect();
        let bytes = Bytes::read(settings, certificate, key)?;
        let loaded = Loaded::new(settings, certificate, key, &bytes, &protocols)?;
        Ok(Some(Self {
            settings: settings.clone(),
            protocols,
            current: RwLock::new(Arc::new(loaded)),
            seen: Mutex::new(Some(bytes)),
        }))
    }

    /// What the next connection is answered with.
    #[must_use]
    pub fn config(&self) -> Arc<ServerConfig> {
        Arc::clone(&self.current().config)
    }

    /// Until when the certificate in use holds.
    #[must_use]
    pub fn expiry(&self) -> Expiry {
        self.current().expiry
    }

    /// Path of the certificate's file.
    #[must_use]
    pub fn cert_file(&self) -> &Path {
        self.settings.cert_file.as_deref().unwrap_or(Path::new(""))
    }

    /// Looks at the files again, and takes them up where they have changed; gives whether they were taken up. Sessions of before
    /// cannot be resumed then, so that whom the listener does not trust any more is asked again.
    ///
    /// # Errors
    /// Where a changed file cannot be used, once for each change; the listener goes on with what it has.
    pub fn reload(&self) -> Result<bool, Error> {
        let Some((certificate, key)) = pair(&self.settings) else { return Ok(false) };
        let read = Bytes::read(&self.settings, certificate, key);
        let mut seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        let bytes = match read {
            Ok(bytes) => bytes,
            Err(error) => return if seen.take().is_some() { Err(error) } else { Ok(false) },
        };
        if seen.as_ref() == Some(&bytes) {
            return Ok(false);
        }
        let loaded = Loaded::new(&self.settings, certificate, key, &bytes, &self.protocols);
        *seen = Some(bytes);
        *self.current.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(loaded?);
        Ok(true)
    }

    fn current(&self) -> Arc<Loaded> {
        Arc::clone(&self.current.read().unwrap_or_else(PoisonError::into_inner))
    }
}

fn pair(settings: &ListenerTls) -> Option<(&Path, &Path)> {
    settings.cert_file.as_deref().zip(settings.key_file.as_deref())
}

impl Bytes {
    fn read(settings: &ListenerTls, certificate: &Path, key: &Path) -> Result<Self, Error> {
        let authorities = settings.client_ca_file.as_deref().map(files::read).transpose()?;
        Ok(Self([
            files::read(certificate)?,
            files::read_key(key)?,
            authorities.unwrap_or_default(),
        ]))
    }
}

impl Loaded {
    fn new(
        settings: &ListenerTls,
        cert_file: &Path,
        key_file: &Path,
        Bytes([certificate, key, authorities]): &Bytes,
        protocols: &[Vec<u8>],
    ) -> Result<Self, Error> {
        let identity = files::identity((cert_file, certificate), (key_file, key))?;
        let own =
            identity.cert.first().ok_or_else(|| Error::NoCertificate { path: cert_file.into() })?;
        let own = Certificate::from_der(own)
            .map_err(|source| Error::Certificate { path: cert_file.into(), source })?;
        let expiry = Expiry(own.tbs_certificate.validity.not_after.to_system_time());
        let builder = ServerConfig::builder_with_provider(provider())
            .with_protocol_versions(VERSIONS)
            .map_err(Error::Configuration)?;
        let builder = match &settings.client_ca_file {
            None => builder.with_no_client_auth(),
            Some(path) => {
                let verifier = verifier(path, authorities, settings.client_certificates)?;
                builder.with_client_cert_verifier(verifier)
            }
        };
        let mut config = builder.with_cert_resolver(Arc::new(SingleCertAndKey::from(identity)));
        config.alpn_protocols = protocols.to_vec();
        Ok(Self { config: Arc::new(config), expiry })
    }
}

fn verifier(
    path: &Path,
    bytes: &[u8],
    asked: ClientCertificates,
) -> Result<Arc<dyn ClientCertVerifier>, Error> {
    let roots = files::authorities(path, bytes)?;
    let builder = WebPkiClientVerifier::builder_with_provider(roots, provider());
    let builder = match asked {
        ClientCertificates::Required => builder,
        ClientCertificates::Optional => builder.allow_unauthenticated(),
    };
    builder
        .build()
        .map_err(|source| Error::Authorities { path: path.to_owned(), source: source.into() })
}

#[cfg(test)]
mod tests;
