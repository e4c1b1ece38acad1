//! What can be configured of TLS.

use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use crate::{Error, files};

/// TLS of a listener.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct ListenerTls {
    /// PEM file of the listener's certificate, with those between it and its authority after it; needs `key_file`.
    pub cert_file: Option<PathBuf>,
    /// PEM file of the key of `cert_file`, which its user alone may read.
    pub key_file: Option<PathBuf>,
    /// PEM file of the authorities whose certificates callers may show.
    pub client_ca_file: Option<PathBuf>,
    /// Whether callers have to show one, where there is `client_ca_file`.
    pub client_certificates: ClientCertificates,
    /// Whether the listener may be reached from other machines without TLS, since something else protects the way to it: a mesh, a
    /// sidecar, a proxy, or a network of the fleet's own.
    pub allow_plaintext: bool,
}

/// Whether callers have to show a certificate.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ClientCertificates {
    /// Who shows none is refused.
    #[default]
    Required,
    /// Who shows none has no identity; one of another authority is refused.
    Optional,
}

/// TLS of a client.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct ClientTls {
    /// PEM file of the authorities that are trusted besides the system's.
    pub ca_file: Option<PathBuf>,
    /// PEM file of this client's certificate, for a server that asks for one; needs `key_file`.
    pub cert_file: Option<PathBuf>,
    /// PEM file of the key of `cert_file`, which its user alone may read.
    pub key_file: Option<PathBuf>,
}

impl ListenerTls {
    /// Whether the listener speaks TLS.
    #[must_use]
    pub fn is_on(&self) -> bool {
        self.cert_file.is_some()
    }

    /// Everything that is wrong with the settings under `key`, such as `api.tls`. The files are not looked at.
    #[must_use]
    pub fn problems(&self, key: &str) -> Vec<String> {
        let mut problems = pair(key, self.cert_file.is_some(), self.key_file.is_some());
        if self.client_ca_file.is_some() && !self.is_on() {
            problems.push(format!(
                "{key}.client_ca_file: has no effect without {key}.cert_file and {key}.key_file"
            ));
        }
        if self.client_ca_file.is_none()
            && self.client_certificates != ClientCertificates::default()
        {
            problems.push(format!(
                "{key}.client_certificates: has no effect without {key}.client_ca_file"
            ));
        }
        if self.allow_plaintext && self.is_on() {
            problems.push(format!(
                "{key}.allow_plaintext: is true beside {key}.cert_file; leave one of them out"
            ));
        }
        problems
    }
}

impl ClientTls {
    /// Everything that is wrong with the settings under `key`, such as `deploy.tls`. The files are not looked at.
    #[must_use]
    pub fn problems(&self, key: &str) -> Vec<String> {
        pair(key, self.cert_file.is_some(), self.key_file.is_some())
    }
}

impl ListenerTls {
    /// Everything that is wrong with the files, each with the name of its setting, such as `cert_file`. Blocking.
    #[must_use]
    pub fn file_errors(&self) -> Vec<(&'static str, Error)> {
        let mut errors = identity_errors(self.cert_file.as_deref(), self.key_file.as_deref());
        errors.extend(authorities_error("client_ca_file", self.client_ca_file.as_deref()));
        errors
    }
}

impl ClientTls {
    /// Everything that is wrong with the files, each with the name of its setting, such as `ca_file`. Blocking.
    #[must_use]
    pub fn file_errors(&self) -> Vec<(&'static str, Error)> {
        let mut errors = identity_errors(self.cert_file.as_deref(), self.key_file.as_deref());
        errors.extend(authorities_error("ca_file", self.ca_file.as_deref()));
        errors
    }
}

/// What is wrong with a certificate and its key: each by itself, and the two together where each can be read.
fn identity_errors(
    cert_file: Option<&Path>,
    key_file: Option<&Path>,
) -> Vec<(&'static str, Error)> {
    let (mut errors, mut read) = (Vec::new(), Vec::new());
    for (name, path, reads) in [
        ("cert_file", cert_file, files::read as fn(&Path) -> Result<Vec<u8>, Error>),
        ("key_file", key_file, files::read_key),
    ] {
        match path.map(|path| (path, reads(path))) {
            Some((path, Ok(bytes))) => read.push((path, bytes)),
            Some((_, Err(error))) => errors.push((name, error)),
            None => {}
        }
    }
    if let [(cert_file, certificate), (key_file, key)] = read.as_slice()
        && let Err(error) = files::identity((cert_file, certificate), (key_file, key))
    {
        errors.push(("cert_file", error));
    }
    errors
}

fn authorities_error(name: &'static str, path: Option<&Path>) -> Option<(&'static str, Error)> {
    let path = path?;
    let read = files::read(path).and_then(|bytes| files::authorities(path, &bytes));
    read.err().map(|error| (name, error))
}

fn pair(key: &str, certificate: bool, own_key: bool) -> Vec<String> {
    let text = || {
        format!("{key}.cert_file: needs {key}.key_file, and {key}.key_file needs {key}.cert_file")
    };
    (certificate != own_key).then(text).into_iter().collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_has_no_effect_is_refused() {
        let file = || Some(PathBuf::from("x.pem"));
        let whole = ListenerTls { cert_file: file(), key_file: file(), ..ListenerTls::default() };
        let optional = ClientCertificates::Optional;
        for (settings, wrong) in [
            (ListenerTls::default(), None),
            (whole.clone(), None),
            (ListenerTls { client_ca_file: file(), ..whole.clone() }, None),
            (ListenerTls { key_file: None, ..whole.clone() }, Some("x.tls.cert_file")),
            (ListenerTls { cert_file: None, ..whole.clone() }, Some("x.tls.cert_file")),
            (
                ListenerTls { client_ca_file: file(), ..ListenerTls::default() },
                Some("x.tls.client_ca_file"),
            ),
            (
                ListenerTls { client_certificates: optional, ..whole.clone() },
                Some("x.tls.client_certificates"),
            ),
            (ListenerTls { allow_plaintext: true, ..whole }, Some("x.tls.allow_plaintext")),
            (ListenerTls { allow_plaintext: true, ..ListenerTls::default() }, None),
        ] {
            let problems = settings.problems("x.tls");
            assert_eq!(problems.len(), usize::from(wrong.is_some()), "{problems:?}");
            assert!(problems.iter().zip(wrong).all(|(problem, wrong)| problem.starts_with(wrong)));
        }
    }
}
