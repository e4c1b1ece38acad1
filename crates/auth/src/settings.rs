//! What can be configured.

use std::collections::BTreeMap;
use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use crate::Role;

/// JWTs of an OpenID Connect issuer; off while `issuer` is empty.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Oidc {
    /// The `iss` of its tokens, such as `https://issuer.example/realms/ml`; empty: no JWT is taken.
    pub issuer: String,
    /// The `aud` that its tokens need.
    pub audience: String,
    /// File with its keys (a JWK set).
    pub jwks_file: Option<PathBuf>,
    /// Where its keys are fetched from, by https, or by http from loopback.
    pub jwks_url: Option<String>,
    /// Seconds by which clocks may differ.
    pub leeway_seconds: u64,
    /// Seconds after which keys that were fetched are fetched again.
    pub refresh_seconds: u64,
    /// Claim with the roles: a text, or a list of texts; parts of its path are separated by `.`, as `realm_access.roles`.
    pub roles_claim: String,
    /// Which role a value of that claim gives; the greatest counts, and who has none is refused.
    pub roles: BTreeMap<String, Role>,
    /// Claim with the name of the caller, as `sub` or `email`.
    pub name_claim: String,
}

impl Default for Oidc {
    fn default() -> Self {
        Self {
            issuer: String::new(),
            audience: String::new(),
            jwks_file: None,
            jwks_url: None,
            leeway_seconds: 30,
            refresh_seconds: 3600,
            roles_claim: "roles".to_owned(),
            roles: BTreeMap::new(),
            name_claim: "sub".to_owned(),
        }
    }
}

impl Oidc {
    /// Whether JWTs are taken.
    #[must_use]
    pub fn is_on(&self) -> bool {
        !self.issuer.is_empty()
    }

    /// Everything that is wrong, each as `key: what is wrong; what would be right`.
    #[must_use]
    pub fn problems(&self) -> Vec<String> {
        if !self.is_on() {
            if *self == Self::default() {
                return Vec::new();
            }
            return vec!["issuer: is empty; expected the `iss` of the issuer's tokens".to_owned()];
        }
        let mut problems = Vec::new();
        if self.audience.is_empty() {
            problems.push("audience: is empty; expected the `aud` of the tokens".to_owned());
        }
        match (&self.jwks_file, &self.jwks_url) {
            (Some(_), Some(_)) | (None, None) => problems.push(
                "jwks_url: expected either jwks_url or jwks_file, where the issuer's keys are"
                    .to_owned(),
            ),
            (None, Some(url)) if !is_safe(url) => {
                problems.push("jwks_url: expected an https URL, or http of 127.0.0.1".to_owned())
            }
            _ => {}
        }
        for (key, value, least, most) in [
            ("leeway_seconds", self.leeway_seconds, 0, 600),
            ("refresh_seconds", self.refresh_seconds, 10, 7 * 86_400),
        ] {
            if !(least..=most).contains(&value) {
                problems.push(format!("{key}: is {value}; expected {least} to {most}"));
            }
        }
        if self.roles.is_empty() {
            problems.push(
                "roles: is empty; expected which role a value of the claim gives, such as {\"ml-team\" = \"ml_engineer\"}"
                    .to_owned(),
            );
        }
        for (key, value) in [("roles_claim", &self.roles_claim), ("name_claim", &self.name_claim)] {
            if value.is_empty() {
                problems.push(format!("{key}: is empty; expected the name of a claim"));
            }
        }
        problems
    }
}

/// Whether no machine in between can give other keys.
fn is_safe(url: &str) -> bool {
    let Ok(url) = reqwest::Url::parse(url) else { return false };
    let is_local = url.host_str().is_some_and(|host| {
        let host = host.trim_matches(['[', ']']);
        host == "localhost"
            || host.parse().is_ok_and(|address: std::net::IpAddr| address.is_loopback())
    });
    url.scheme() == "https" || (url.scheme() == "http" && is_local)
}

/// How much one caller may ask: a bucket that holds `burst` requests and is filled by `requests_per_second`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct RateLimit {
    /// Requests of one caller per second, in the long run; 0: no limit.
    pub requests_per_second: f64,
    /// Requests of one caller at once.
    pub burst: u32,
    /// Refused credentials of one address per minute, in the long run; 0: no limit.
    pub failures_per_minute: f64,
    /// Refused credentials of one address at once.
    pub failure_burst: u32,
}

impl Default for RateLimit {
    /// No limit for who is let in; one refused attempt per second and address, 60 at once.
    fn default() -> Self {
        Self { requests_per_second: 0.0, burst: 100, failures_per_minute: 60.0, failure_burst: 60 }
    }
}

impl RateLimit {
    /// Everything that is wrong, each as `key: what is wrong; what would be right`.
    #[must_use]
    pub fn problems(&self) -> Vec<String> {
        let mut problems = Vec::new();
        for (key, value) in [
            ("requests_per_second", self.requests_per_second),
            ("failures_per_minute", self.failures_per_minute),
        ] {
            if value != 0.0 && !(0.001..=1e6).contains(&value) {
                problems.push(format!("{key}: is {value}; expected 0, or 0.001 to 1000000"));
            }
        }
        for (key, value) in [("burst", self.burst), ("failure_burst", self.failure_burst)] {
            if !(1..=1_000_000).contains(&value) {
                problems.push(format!("{key}: is {value}; expected 1 to 1000000"));
            }
        }
        problems
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_defaults_have_no_problem_and_all_problems_are_told_at_once() {
        assert!(Oidc::default().problems().is_empty());
        assert!(RateLimit::default().problems().is_empty());
        let oidc = Oidc { issuer: "https://issuer.example".to_owned(), ..Oidc::default() };
        assert_eq!(oidc.problems().len(), 3, "{:?}", oidc.problems());
        let half = Oidc { audience: "tier0".to_owned(), ..Oidc::default() };
        assert_eq!(half.problems().len(), 1);
        let limit = RateLimit { requests_per_second: f64::NAN, burst: 0, ..RateLimit::default() };
        assert_eq!(limit.problems().len(), 2);
    }

    #[test]
    fn keys_come_by_https_or_from_this_machine() {
        for (url, safe) in [
            ("https://issuer.example/jwks", true),
            ("http://127.0.0.1:8080/jwks", true),
            ("http://[::1]/jwks", true),
            ("http://issuer.example/jwks", false),
            ("http://127.0.0.1.issuer.example/jwks", false),
            ("file:///etc/passwd", false),
            ("issuer", false),
        ] {
            assert_eq!(is_safe(url), safe, "{url}");
        }
    }
}
