//! The TLS of clients.

use std::io;
use std::net::TcpStream;
use std::path::Path;
use std::sync::Arc;

use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::client::{Resumption, WantsClientCert};
use rustls::crypto::CryptoProvider;
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::sign::SingleCertAndKey;
use rustls::{
    CertificateError, ClientConfig, ClientConnection, ConfigBuilder, DigitallySignedStruct,
    SignatureScheme, StreamOwned,
};

use crate::settings::ClientTls;
use crate::{Error, VERSIONS, files, provider};

/// The files of a client, checked, in PEM.
#[derive(Clone, Default)]
pub struct ClientFiles {
    /// Authorities that are trusted besides the system's.
    pub authorities: Option<Vec<u8>>,
    /// The certificate, with those above it, and its key.
    pub identity: Option<Vec<u8>>,
}

impl std::fmt::Debug for ClientFiles {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("[redacted]")
    }
}

/// What a client goes by; cheap to clone.
pub type Config = Arc<ClientConfig>;

/// A connection over TLS that waits.
pub type Stream = StreamOwned<ClientConnection, TcpStream>;

impl ClientTls {
    /// Reads and checks the files.
    ///
    /// # Errors
    /// Where a file cannot be used.
    pub fn read(&self) -> Result<ClientFiles, Error> {
        let mut found = ClientFiles::default();
        if let Some(path) = &self.ca_file {
            let bytes = files::read(path)?;
            files::authorities(path, &bytes)?;
            found.authorities = Some(bytes);
        }
        if let (Some(cert_file), Some(key_file)) = (&self.cert_file, &self.key_file) {
            let (mut certificate, key) = (files::read(cert_file)?, files::read_key(key_file)?);
            files::identity((cert_file, &certificate), (key_file, &key))?;
            certificate.push(b'\n');
            certificate.extend(key);
            found.identity = Some(certificate);
        }
        Ok(found)
    }
}

/// A client that trusts the authorities of `ca_file` alone, and shows the certificate of `identity` (its file and that of its key)
/// to a server that asks for one.
///
/// # Errors
/// Where a file cannot be used.
pub fn trusting(ca_file: &Path, identity: Option<(&Path, &Path)>) -> Result<Config, Error> {
    let roots = files::authorities(ca_file, &files::read(ca_file)?)?;
    shown(builder()?.with_root_certificates(roots), identity)
}

/// A client that trusts the first certificate of `cert_file` alone, whatever it is named and until when it holds: for a process that
/// asks itself. Shows it, with the key of `key_file`, to a server that asks for one.
///
/// # Errors
/// Where a file cannot be used.
pub fn pinned(cert_file: &Path, key_file: &Path) -> Result<Config, Error> {
    let certificates = files::certificates(cert_file, &files::read(cert_file)?)?;
    let certificate = certificates.into_iter().next();
    let certificate = certificate.ok_or_else(|| Error::NoCertificate { path: cert_file.into() })?;
    let verifier = Arc::new(Pinned { certificate, provider: provider() });
    let builder = builder()?.dangerous().with_custom_certificate_verifier(verifier);
    shown(builder, Some((cert_file, key_file)))
}

fn builder() -> Result<ConfigBuilder<ClientConfig, rustls::WantsVerifier>, Error> {
    ClientConfig::builder_with_provider(provider())
        .with_protocol_versions(VERSIONS)
        .map_err(Error::Configuration)
}

fn shown(
    builder: ConfigBuilder<ClientConfig, WantsClientCert>,
    identity: Option<(&Path, &Path)>,
) -> Result<Config, Error> {
    let mut config = match identity {
        None => builder.with_no_client_auth(),
        Some((cert_file, key_file)) => {
            let (certificate, key) = (files::read(cert_file)?, files::read_key(key_file)?);
            let identity = files::identity((cert_file, &certificate), (key_file, &key))?;
            builder.with_client_cert_resolver(Arc::new(SingleCertAndKey::from(identity)))
        }
    };
    config.resumption = Resumption::disabled();
    Ok(Arc::new(config))
}

/// Speaks TLS over a connection to `host`, a name or an address.
///
/// # Errors
/// Where `host` is neither.
pub fn connect(config: Config, host: &str, stream: TcpStream) -> io::Result<Stream> {
    let name = host.trim_matches(['[', ']']).to_owned();
    let name = ServerName::try_from(name)
        .map_err(|error| io::Error::new(io::ErrorKind::InvalidInput, error))?;
    let connection = ClientConnection::new(config, name).map_err(io::Error::other)?;
    Ok(StreamOwned::new(connection, stream))
}

/// Trusts one certificate.
#[derive(Debug)]
struct Pinned {
    certificate: CertificateDer<'static>,
    provider: Arc<CryptoProvider>,
}

impl ServerCertVerifier for Pinned {
    fn verify_server_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        _intermediates: &[CertificateDer<'_>],
        _server_name: &ServerName<'_>,
        _ocsp_response: &[u8],
        _now: UnixTime,
    ) -> Result<ServerCertVerified, rustls::Error> {
        if *end_entity == self.certificate {
            return Ok(ServerCertVerified::assertion());
        }
        Err(CertificateError::ApplicationVerificationFailure.into())
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        let algorithms = &self.provider.signature_verification_algorithms;
        rustls::crypto::verify_tls12_signature(message, cert, dss, algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        let algorithms = &self.provider.signature_verification_algorithms;
        rustls::crypto::verify_tls13_signature(message, cert, dss, algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.provider.signature_verification_algorithms.supported_schemes()
    }
}
