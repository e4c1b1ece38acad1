//! PEM files, read and checked.

use std::fs::File;
use std::io::{self, Read as _};
use std::path::Path;
use std::sync::Arc;

use rustls::pki_types::pem::{self, PemObject as _};
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::sign::CertifiedKey;
use rustls::{InconsistentKeys, RootCertStore};
use x509_cert::der::Decode as _;

use crate::{Error, provider};

/// Longest file that is read, in bytes; a bundle of all public authorities has some 220 KiB.
const MAX_FILE_BYTES: u64 = 1 << 20;

/// The bytes of a file.
pub(crate) fn read(path: &Path) -> Result<Vec<u8>, Error> {
    let file = File::open(path).map_err(|source| Error::Read { path: path.to_owned(), source })?;
    content(path, file)
}

/// The bytes of a key's file, which is closed to others than the process's user as every secret's is.
pub(crate) fn read_key(path: &Path) -> Result<Vec<u8>, Error> {
    content(path, secret::file::open_closed(path)?)
}

fn content(path: &Path, file: File) -> Result<Vec<u8>, Error> {
    let failed = |source| Error::Read { path: path.to_owned(), source };
    let mut bytes = Vec::new();
    file.take(MAX_FILE_BYTES + 1).read_to_end(&mut bytes).map_err(failed)?;
    if bytes.len() as u64 > MAX_FILE_BYTES {
        let what = "it has more than 1 MiB, as no certificate or key does";
        return Err(failed(io::Error::new(io::ErrorKind::InvalidData, what)));
    }
    Ok(bytes)
}

/// The certificates of a file, at least one, each of which can be read.
pub(crate) fn certificates(
    path: &Path,
    bytes: &[u8],
) -> Result<Vec<CertificateDer<'static>>, Error> {
    let found: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(bytes).collect();
    let found = found.map_err(|source| Error::Pem { path: path.to_owned(), source })?;
    if found.is_empty() {
        return Err(Error::NoCertificate { path: path.to_owned() });
    }
    for certificate in &found {
        x509_cert::Certificate::from_der(certificate)
            .map_err(|source| Error::Certificate { path: path.to_owned(), source })?;
    }
    Ok(found)
}

/// The first key of a file.
fn key(path: &Path, bytes: &[u8]) -> Result<PrivateKeyDer<'static>, Error> {
    PrivateKeyDer::from_pem_slice(bytes).map_err(|source| match source {
        pem::Error::NoItemsFound => Error::NoKey { path: path.to_owned() },
        source => Error::Pem { path: path.to_owned(), source },
    })
}

/// A certificate with those above it, and the key that belongs to it.
pub(crate) fn identity(
    (cert_file, certificate): (&Path, &[u8]),
    (key_file, key_bytes): (&Path, &[u8]),
) -> Result<CertifiedKey, Error> {
    let chain = certificates(cert_file, certificate)?;
    let key = key(key_file, key_bytes)?;
    let (certificate, key_file) = (cert_file.to_owned(), key_file.to_owned());
    CertifiedKey::from_der(chain, key, &provider()).map_err(|source| match source {
        rustls::Error::InconsistentKeys(InconsistentKeys::KeyMismatch) => {
            Error::OtherKey { key: key_file, certificate }
        }
        source => Error::Identity { certificate, key: key_file, source },
    })
}

/// The authorities of a file.
pub(crate) fn authorities(path: &Path, bytes: &[u8]) -> Result<Arc<RootCertStore>, Error> {
    let mut roots = RootCertStore::empty();
    for certificate in certificates(path, bytes)? {
        roots.add(certificate).map_err(|source| Error::Authorities {
            path: path.to_owned(),
            source: source.into(),
        })?;
    }
    Ok(Arc::new(roots))
}
