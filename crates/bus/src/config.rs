//! How to reach the broker.

use std::fmt;
use std::path::PathBuf;
use std::time::Duration;

use secret::{Secret, SecretUrl, shown_url};
use serde::{Deserialize, Serialize, Serializer};

use crate::{credentials, durability};

/// How to reach the broker and who this process is to it.
///
/// At most one kind of credentials is given: user and password, token, nkey seed file or credentials file.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct BusConfig {
    /// One URL such as `nats://127.0.0.1:4222`, or several of one cluster divided by commas.
    #[serde(serialize_with = "without_credentials")]
    pub url: String,
    /// User name; needs `password` or `password_file`.
    pub user: Option<String>,
    /// Password of `user`; `password_file` must not be given besides.
    pub password: Option<Secret>,
    /// File that holds the password of `user`.
    pub password_file: Option<PathBuf>,
    /// Token for the broker, read from a file or the environment.
    pub token: Option<Secret>,
    /// File that holds the token.
    pub token_file: Option<PathBuf>,
    /// File that holds the seed of the nkey of this process's identity; readable for its owner alone.
    pub nkey_file: Option<PathBuf>,
    /// Credentials file (JWT and seed).
    pub credentials_file: Option<PathBuf>,
    /// Certificates of TLS connections.
    pub tls: TlsConfig,
    /// Monitoring port of the broker, such as `http://127.0.0.1:8222`, or of several divided by commas; where it is given, a
    /// broker that confirms before it writes to its disk is refused.
    pub monitoring_url: Option<SecretUrl>,
    /// Longest wait for a connection at the start, in seconds.
    pub connect_timeout_seconds: f64,
}

/// TLS to the broker.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct TlsConfig {
    /// Whether a connection without TLS is refused.
    pub required: bool,
    /// PEM file of the authorities that are trusted besides the system's.
    pub ca_file: Option<PathBuf>,
    /// PEM file of this process's certificate, for a broker that asks for one; needs `key_file`.
    pub cert_file: Option<PathBuf>,
    /// PEM file of the key of `cert_file`.
    pub key_file: Option<PathBuf>,
}

impl Default for BusConfig {
    fn default() -> Self {
        Self {
            url: "nats://127.0.0.1:4222".to_owned(),
            user: None,
            password: None,
            password_file: None,
            token: None,
            token_file: None,
            nkey_file: None,
            credentials_file: None,
            tls: TlsConfig::default(),
            monitoring_url: None,
            connect_timeout_seconds: 10.0,
        }
    }
}

impl BusConfig {
    /// A configuration with this URL and nothing else changed.
    pub fn new(url: impl Into<String>) -> Self {
        Self { url: url.into(), ..Self::default() }
    }

    /// Everything that is wrong with the configuration, key by key.
    pub fn problems(&self) -> Vec<String> {
        let mut problems = Vec::new();
        if self.urls().next().is_none() {
            problems.push("url: is empty; expected one such as nats://127.0.0.1:4222".to_owned());
        }
        for url in self.urls() {
            if url.contains(char::is_whitespace) || url.parse::<async_nats::ServerAddr>().is_err() {
                problems.push(format!(
                    "url: {:?} is no URL; expected one such as nats://127.0.0.1:4222",
                    shown_url(url)
                ));
            }
        }
        let kinds = [
            self.user.is_some(),
            self.token.is_some() || self.token_file.is_some(),
            self.nkey_file.is_some(),
            self.credentials_file.is_some(),
        ];
        if kinds.iter().filter(|&&given| given).count() > 1 {
            problems.push(
                "user, token, nkey_file, credentials_file: more than one kind of credentials; give one".to_owned(),
            );
        }
        if self.user.is_some() != (self.password.is_some() || self.password_file.is_some()) {
            problems.push(
                "user: needs a password (password or password_file), and a password needs a user"
                    .to_owned(),
            );
        }
        if self.password.is_some() && self.password_file.is_some() {
            problems
                .push("password: given twice (password and password_file); give one".to_owned());
        }
        if self.token.is_some() && self.token_file.is_some() {
            problems.push("token: given twice (token and token_file); give one".to_owned());
        }
        if self.tls.cert_file.is_some() != self.tls.key_file.is_some() {
            problems.push(
                "tls.cert_file: needs tls.key_file, and tls.key_file needs tls.cert_file"
                    .to_owned(),
            );
        }
        problems.extend(self.monitoring_urls().filter_map(durability::problem));
        if !(self.connect_timeout_seconds > 0.0 && self.connect_timeout_seconds <= 3600.0) {
            problems.push(format!(
                "connect_timeout_seconds: is {}; expected more than 0 and at most 3600",
                self.connect_timeout_seconds
            ));
        }
        problems
    }

    /// Everything that is wrong with the files of credentials, each as `key: what is wrong`; those of TLS are not looked at.
    /// Blocking.
    #[must_use]
    pub fn file_problems(&self) -> Vec<String> {
        credentials::file_problems(self)
    }

    /// Whether they say who this process is, by themselves or by files that are read at each connection.
    pub(crate) const fn names_a_user(&self) -> bool {
        self.user.is_some()
            || self.token.is_some()
            || self.token_file.is_some()
            || self.nkey_file.is_some()
    }

    /// The URLs, one by one.
    pub(crate) fn urls(&self) -> impl Iterator<Item = &str> {
        self.url.split(',').map(str::trim).filter(|url| !url.is_empty())
    }

    /// The monitoring ports, one by one.
    pub(crate) fn monitoring_urls(&self) -> impl Iterator<Item = &str> {
        self.monitoring_url.iter().flat_map(|urls| urls.expose().split(',').map(str::trim))
    }

    /// The URLs as they may be shown.
    pub(crate) fn shown_url(&self) -> String {
        shown_url(&self.url)
    }

    pub(crate) fn connect_timeout(&self) -> Duration {
        Duration::try_from_secs_f64(self.connect_timeout_seconds).unwrap_or(Duration::from_secs(10))
    }
}

impl fmt::Debug for BusConfig {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("BusConfig")
            .field("url", &self.shown_url())
            .field("user", &self.user)
            .field("password", &self.password)
            .field("password_file", &self.password_file)
            .field("token", &self.token)
            .field("token_file", &self.token_file)
            .field("nkey_file", &self.nkey_file)
            .field("credentials_file", &self.credentials_file)
            .field("tls", &self.tls)
            .field("monitoring_url", &self.monitoring_url)
            .field("connect_timeout_seconds", &self.connect_timeout_seconds)
            .finish()
    }
}

fn without_credentials<S: Serializer>(url: &str, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(&shown_url(url))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test")]

    use super::*;

    #[test]
    fn secrets_are_shown_nowhere() {
        let config = BusConfig {
            url: "nats://joe:hunter2@example.org:4222,nats://t0ken@b:4222".to_owned(),
            user: Some("joe".to_owned()),
            password: Some(Secret::new("hunter2")),
            token: Some(Secret::new("t0ken")),
            ..BusConfig::default()
        };
        for text in [format!("{config:?}"), serde_json::to_string(&config).unwrap()] {
            assert!(!text.contains("hunter2") && !text.contains("t0ken"), "{text}");
            assert!(text.contains("example.org:4222"), "{text}");
        }
    }

    #[test]
    fn every_problem_is_named() {
        let config = BusConfig {
            url: "not a url".to_owned(),
            user: Some("joe".to_owned()),
            token: Some(Secret::new("x")),
            tls: TlsConfig { cert_file: Some("c.pem".into()), ..TlsConfig::default() },
            monitoring_url: Some("nats:8222".into()),
            connect_timeout_seconds: f64::NAN,
            ..BusConfig::default()
        };
        let problems = config.problems().join("\n");
        for part in [
            "url:",
            "more than one kind",
            "needs a password",
            "tls.cert_file",
            "monitoring_url",
            "connect_timeout_seconds",
        ] {
            assert!(problems.contains(part), "{part} is missing in {problems}");
        }
        assert!(BusConfig::default().problems().is_empty());
        assert!(BusConfig::new("localhost:4222, tls://user:word@b:1").problems().is_empty());
        assert!(BusConfig::new(" ").problems().join("").contains("url: is empty"));
    }
}
