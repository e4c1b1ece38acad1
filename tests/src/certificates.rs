//! Certificates of authorities of a test's own.

use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};

use rcgen::{BasicConstraints, CertificateParams, DnType, IsCa, Issuer, KeyPair, date_time_ymd};
use tempfile::TempDir;

/// Two authorities, `ca` and `stranger`, and what they certified: of each NAME the files `NAME.pem` and `NAME.key`.
#[derive(Debug)]
pub struct Certificates {
    directory: TempDir,
    authorities: BTreeMap<&'static str, Issuer<'static, KeyPair>>,
}

impl Certificates {
    /// Authorities with `server` (of 127.0.0.1 and localhost) and `client` (of the DNS name `operator.example`) from `ca`, and
    /// `impostor`, with the client's name, from `stranger`.
    #[must_use]
    pub fn new() -> Self {
        let mut made =
            Self { directory: tempfile::tempdir().unwrap(), authorities: BTreeMap::new() };
        for name in ["ca", "stranger"] {
            let mut params = params(name, &[]);
            params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
            let key = KeyPair::generate().unwrap();
            let certificate = params.self_signed(&key).unwrap();
            made.write(name, &certificate.pem(), &key);
            made.authorities.insert(name, Issuer::new(params, key));
        }
        made.certify("server", "ca", &["127.0.0.1", "localhost"]);
        made.certify("client", "ca", &["operator.example"]);
        made.certify("impostor", "stranger", &["operator.example"]);
        made
    }

    /// Path of a file of this name beside the certificates.
    #[must_use]
    pub fn path(&self, name: &str) -> PathBuf {
        self.directory.path().join(name)
    }

    /// Path of a certificate.
    #[must_use]
    pub fn cert(&self, name: &str) -> PathBuf {
        self.path(&format!("{name}.pem"))
    }

    /// Path of a key.
    #[must_use]
    pub fn key(&self, name: &str) -> PathBuf {
        self.path(&format!("{name}.key"))
    }

    /// A certificate of this common name and these further names: addresses, DNS names and, with `://`, URIs.
    pub fn certify(&self, name: &str, authority: &str, names: &[&str]) {
        self.sign(name, authority, params(name, names));
    }

    /// The same, of the past.
    pub fn expired(&self, name: &str, authority: &str, names: &[&str]) {
        let mut params = params(name, names);
        (params.not_before, params.not_after) =
            (date_time_ymd(2020, 1, 1), date_time_ymd(2021, 1, 1));
        self.sign(name, authority, params);
    }

    fn sign(&self, name: &str, authority: &str, params: CertificateParams) {
        let key = KeyPair::generate().unwrap();
        let certificate = params.signed_by(&key, &self.authorities[authority]).unwrap();
        self.write(name, &certificate.pem(), &key);
    }

    fn write(&self, name: &str, certificate: &str, key: &KeyPair) {
        fs::write(self.cert(name), certificate).unwrap();
        write_key(&self.key(name), &key.serialize_pem());
    }
}

impl Default for Certificates {
    fn default() -> Self {
        Self::new()
    }
}

fn params(common_name: &str, names: &[&str]) -> CertificateParams {
    let (uris, names): (Vec<&str>, Vec<&str>) = names.iter().partition(|name| name.contains("://"));
    let names: Vec<String> = names.into_iter().map(str::to_owned).collect();
    let mut params = CertificateParams::new(names).unwrap();
    let uris = uris.into_iter().map(|uri| rcgen::SanType::URI(uri.try_into().unwrap()));
    params.subject_alt_names.splice(0..0, uris);
    params.distinguished_name = rcgen::DistinguishedName::new();
    params.distinguished_name.push(DnType::CommonName, common_name);
    (params.not_before, params.not_after) = (date_time_ymd(2020, 1, 1), date_time_ymd(2100, 1, 1));
    params
}

fn write_key(path: &Path, pem: &str) {
    fs::write(path, pem).unwrap();
    fs::set_permissions(path, fs::Permissions::from_mode(0o600)).unwrap();
}
