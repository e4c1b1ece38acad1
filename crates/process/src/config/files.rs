//! The files that a configuration names, opened to see whether they can be used.

use std::error::Error;
use std::path::{Path, PathBuf};

use auth::{Authority, Oidc, RateLimit};
use contracts::failures;
use secret::MAX_SECRET_BYTES;
use tls::{ClientTls, ListenerTls};

use super::{CommonConfig, HttpConfig};
use crate::http::BearerToken;

/// What is wrong with the files of a configuration, each as `key: what is wrong`.
#[derive(Debug, Default)]
pub struct FileProblems(Vec<String>);

impl FileProblems {
    /// Notes what is wrong with the file of a setting, with its causes.
    pub fn add(&mut self, key: &str, error: &dyn Error) {
        self.0.push(format!("{key}: {}", failures::with_causes(error)));
    }

    /// Checks a file with a secret of at most 64 KiB, where one is named.
    pub fn secret(&mut self, key: &str, path: Option<&PathBuf>) {
        let read = path.map(|path| secret::file::read(path, MAX_SECRET_BYTES));
        if let Some(Err(error)) = read {
            self.add(key, &error);
        }
    }

    /// Checks a file with the bearer token of a listener, where one is named.
    pub fn bearer_token(&mut self, key: &str, path: Option<&PathBuf>) {
        if let Some(Err(error)) = path.map(|path| BearerToken::read(path)) {
            self.add(key, &error);
        }
    }

    /// Checks the files of a listener's TLS, whose settings stand under `key`.
    pub fn listener_tls(&mut self, key: &str, settings: &ListenerTls) {
        self.tls(key, settings.file_errors());
    }

    /// Checks the files of a client's TLS, whose settings stand under `key`.
    pub fn client_tls(&mut self, key: &str, settings: &ClientTls) {
        self.tls(key, settings.file_errors());
    }

    fn tls(&mut self, key: &str, errors: Vec<(&'static str, tls::Error)>) {
        for (name, error) in errors {
            self.add(&format!("{key}.{name}"), &error);
        }
    }

    /// Checks that a file that is to be written, where one is named, has a directory.
    pub fn written(&mut self, key: &str, path: Option<&PathBuf>) {
        let parent = path.and_then(|path| path.parent());
        if let Some(parent) = parent.filter(|parent| *parent != Path::new("") && !parent.is_dir()) {
            self.0.push(format!(
                "{key}: is in {}, which is no directory; expected one that is there",
                parent.display()
            ));
        }
    }

    /// All of them, in the order of the checks.
    #[must_use]
    pub fn into_problems(self) -> Vec<String> {
        self.0
    }
}

impl CommonConfig {
    pub(super) fn opened(&self) -> FileProblems {
        let of_bus = self.nats.file_problems().into_iter();
        let mut files = FileProblems(of_bus.map(|problem| format!("nats.{problem}")).collect());
        let broker = &self.nats.tls;
        let broker = ClientTls {
            ca_file: broker.ca_file.clone(),
            cert_file: broker.cert_file.clone(),
            key_file: broker.key_file.clone(),
        };
        files.client_tls("nats.tls", &broker);
        self.http.check_files(&mut files);
        files.written("ready_file", self.ready_file.as_ref());
        files
    }
}

impl HttpConfig {
    fn check_files(&self, files: &mut FileProblems) {
        files.bearer_token("http.token_file", self.token_file.as_ref());
        files.listener_tls("http.tls", &self.tls);
        // Each by itself, so that one that cannot be used does not hide the other.
        let no_issuer = Oidc::default();
        let open = |tokens_file, oidc| {
            Authority::open(tokens_file, oidc, &self.certificate_roles, &RateLimit::default())
        };
        if let Err(error) = open(self.tokens_file.as_ref(), &no_issuer) {
            files.add("http.tokens_file", &error);
        }
        if let Err(error) = open(None, &self.oidc) {
            files.add("http.oidc.jwks_file", &error);
        }
    }
}
