//! Who a caller is, and how much it may ask.

use std::collections::BTreeMap;
use std::net::IpAddr;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Instant;

use jiff::Timestamp;

use crate::buckets::{Allowance, Buckets, network};
use crate::caller::{Caller, Means};
use crate::jwks::KeysError;
use crate::oidc::Verifier;
use crate::token_file::Tokens;
use crate::{Oidc, RateLimit, Right, Role, TokenFileError};

/// What a process knows of callers, for all of its listeners.
#[derive(Debug)]
pub struct Authority {
    tokens: Option<Tokens>,
    oidc: Option<Verifier>,
    certificates: BTreeMap<String, Role>,
    callers: Option<Buckets<Arc<str>>>,
    failures: Option<Buckets<Option<IpAddr>>>,
}

/// Why an authority cannot begin.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// The file of tokens cannot be used.
    #[error(transparent)]
    Tokens(#[from] TokenFileError),
    /// The issuer's keys cannot be used.
    #[error(transparent)]
    Keys(#[from] KeysError),
}

/// What a request shows of its caller.
#[derive(Debug, Clone, Copy, Default)]
pub struct Credentials<'a> {
    /// The token or JWT, without `Bearer `.
    pub bearer: Option<&'a str>,
    /// Whether a cookie carried it.
    pub by_cookie: bool,
    /// The subject of the verified client certificate of the connection, such as `CN=ci,O=example`.
    pub certificate: Option<&'a str>,
    /// Where the connection comes from.
    pub address: Option<IpAddr>,
}

/// Why a request was not let in; its text is for the caller, and holds nothing of what the caller sent.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Denied {
    /// It shows nothing of its caller.
    #[error("give a token as `Authorization: Bearer TOKEN`")]
    Missing,
    /// What it shows is not taken.
    #[error("the token is not taken: {0}")]
    Refused(String),
    /// The caller may not.
    #[error("this needs the right `{right}`, which `{least}` has; `{name}` is {has}", least = .right.least_role())]
    Forbidden {
        /// The right that is needed.
        right: Right,
        /// Name of the caller.
        name: Arc<str>,
        /// The role that it has.
        has: Role,
    },
    /// The caller asks too much; the allowance says when it may ask again.
    #[error("too many requests; ask again in {} s", .0.reset_seconds.max(1))]
    Limited(Allowance),
}

impl Authority {
    /// An authority that knows no caller and limits nothing.
    #[must_use]
    pub fn none() -> Self {
        Self {
            tokens: None,
            oidc: None,
            certificates: BTreeMap::new(),
            callers: None,
            failures: None,
        }
    }

    /// An authority as configured: the file of tokens, the issuer, the roles of subjects of client certificates, and limits.
    ///
    /// # Errors
    /// Where a file cannot be used. An issuer that does not answer is asked again when a JWT comes.
    pub fn open(
        tokens_file: Option<&PathBuf>,
        oidc: &Oidc,
        certificates: &BTreeMap<String, Role>,
        limit: &RateLimit,
    ) -> Result<Self, StartError> {
        Ok(Self {
            tokens: tokens_file.map(|path| Tokens::open(path)).transpose()?,
            oidc: oidc.is_on().then(|| Verifier::new(oidc.clone())).transpose()?,
            certificates: certificates.clone(),
            callers: Buckets::new(limit.requests_per_second, limit.burst),
            failures: Buckets::new(limit.failures_per_minute / 60.0, limit.failure_burst),
        })
    }

    /// Whether it knows anybody: then who shows nothing is not let in.
    #[must_use]
    pub fn is_on(&self) -> bool {
        self.tokens.is_some() || self.oidc.is_some() || !self.certificates.is_empty()
    }

    /// Who the caller is.
    ///
    /// # Errors
    /// [`Denied`], where it shows nothing, or what is not taken.
    pub async fn identify(&self, shown: Credentials<'_>) -> Result<Caller, Denied> {
        let Some(bearer) = shown.bearer else {
            let of_certificate = shown.certificate.and_then(|subject| self.of_certificate(subject));
            return of_certificate.ok_or(Denied::Missing);
        };
        let by_cookie = shown.by_cookie;
        let found = match self.oidc.as_ref().filter(|_| is_jwt(bearer)) {
            Some(oidc) => match oidc.known(bearer) {
                Some(caller) => Ok(caller),
                None => {
                    // Checking a signature is dear: not for an address that showed many that were wrong.
                    self.is_patient_with(shown.address)?;
                    let verified = oidc.verify(bearer).await;
                    verified.map_err(|error| Denied::Refused(error.to_string()))
                }
            },
            None => self.of_token(bearer),
        };
        match found {
            Ok(caller) => Ok(Caller { by_cookie, ..caller }),
            Err(denied) => Err(self.failed(shown.address).unwrap_or(denied)),
        }
    }

    /// Takes a request out of the caller's bucket, or that of its address where it did not show who it is; what is left of it.
    ///
    /// # Errors
    /// [`Denied::Limited`], where there is none left.
    pub fn charge(
        &self,
        caller: &Caller,
        address: Option<IpAddr>,
    ) -> Result<Option<Allowance>, Denied> {
        let Some(buckets) = &self.callers else { return Ok(None) };
        let key: Arc<str> = match (caller.means, address) {
            (Means::Nothing, Some(address)) => network(address).to_string().into(),
            (Means::Nothing, None) => "".into(),
            (means, _) => format!("{}/{}", means.as_str(), caller.name).into(),
        };
        buckets.take(&key, Instant::now()).map(Some).map_err(Denied::Limited)
    }

    /// Notes that an address showed what is not taken; the refusal where that was too often.
    pub fn failed(&self, address: Option<IpAddr>) -> Option<Denied> {
        let buckets = self.failures.as_ref()?;
        buckets.take(&address.map(network), Instant::now()).err().map(Denied::Limited)
    }

    fn is_patient_with(&self, address: Option<IpAddr>) -> Result<(), Denied> {
        let Some(buckets) = &self.failures else { return Ok(()) };
        let left = buckets.left(&address.map(network), Instant::now());
        if left.remaining == 0 { Err(Denied::Limited(left)) } else { Ok(()) }
    }

    fn of_token(&self, text: &str) -> Result<Caller, Denied> {
        let refused = |why: &str| Denied::Refused(why.to_owned());
        let found = self.tokens.as_ref().and_then(|tokens| tokens.find(text));
        let token = found.ok_or_else(|| refused("it is not known"))?;
        if token.revoked.is_some() {
            return Err(refused("it was revoked"));
        }
        if !token.is_valid(Timestamp::now()) {
            return Err(refused("it has expired"));
        }
        Ok(Caller {
            name: token.name.as_str().into(),
            role: token.role,
            means: Means::Token,
            by_cookie: false,
        })
    }

    fn of_certificate(&self, subject: &str) -> Option<Caller> {
        let role = self.certificates.get(subject).copied()?;
        Some(Caller { name: subject.into(), role, means: Means::Certificate, by_cookie: false })
    }
}

impl Caller {
    /// Whether the caller has a right.
    ///
    /// # Errors
    /// [`Denied::Forbidden`].
    pub fn needs(&self, right: Right) -> Result<(), Denied> {
        if self.role.has(right) {
            return Ok(());
        }
        Err(Denied::Forbidden { right, name: Arc::clone(&self.name), has: self.role })
    }
}

/// Whether a text has the three parts of a signed JWT.
fn is_jwt(text: &str) -> bool {
    text.bytes().filter(|byte| *byte == b'.').count() == 2
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test")]

    use super::*;
    use crate::TokenFile;

    #[tokio::test]
    async fn callers_are_known_by_their_tokens_and_certificates() {
        let directory = tempfile::tempdir().unwrap();
        let file = TokenFile::new(directory.path().join("tokens"));
        let now = Timestamp::now();
        let ci = file.create("ci", Role::MlEngineer, now, None).unwrap();
        let old = file.create("old", Role::Admin, now, Some(now)).unwrap();
        let gone = file.create("gone", Role::Admin, now, None).unwrap();
        file.revoke("gone", now).unwrap();
        let certificates = BTreeMap::from([("CN=ops".to_owned(), Role::Admin)]);
        let path = file.path().to_owned();
        let authority =
            Authority::open(Some(&path), &Oidc::default(), &certificates, &RateLimit::default());
        let authority = authority.unwrap();
        assert!(authority.is_on() && !Authority::none().is_on());
        let shown = |text| Credentials { bearer: Some(text), ..Credentials::default() };
        let caller = authority.identify(shown(&ci.text)).await.unwrap();
        assert_eq!((caller.role, caller.actor().as_deref()), (Role::MlEngineer, Some("token/ci")));
        for (text, why) in [
            (old.text.as_str(), "expired"),
            (&gone.text, "revoked"),
            ("tier0_x", "not known"),
            ("a.b.c", "not known"),
        ] {
            let denied = authority.identify(shown(text)).await.unwrap_err();
            assert!(denied.to_string().contains(why), "{denied}");
        }
        let shown = |subject| Credentials { certificate: Some(subject), ..Credentials::default() };
        let caller = authority.identify(shown("CN=ops")).await.unwrap();
        assert_eq!(caller.actor().as_deref(), Some("certificate/CN=ops"));
        assert_eq!(authority.identify(shown("CN=other")).await, Err(Denied::Missing));
        assert_eq!(authority.identify(Credentials::default()).await, Err(Denied::Missing));
        let denied = Caller { role: Role::Viewer, ..caller }.needs(Right::SubmitRuns).unwrap_err();
        assert_eq!(
            denied.to_string(),
            "this needs the right `submit_runs`, which `data_scientist` has; `CN=ops` is viewer"
        );
    }

    #[tokio::test]
    async fn who_asks_too_much_waits_and_so_does_who_guesses() {
        let limit = RateLimit {
            requests_per_second: 1.0,
            burst: 2,
            failures_per_minute: 1.0,
            failure_burst: 3,
        };
        let authority = Authority::open(None, &Oidc::default(), &BTreeMap::new(), &limit).unwrap();
        let here: Option<IpAddr> = Some("10.0.0.1".parse().unwrap());
        let there = Some("10.0.0.2".parse().unwrap());
        let local = Caller::local();
        let charged = [here, here, here, there].map(|at| authority.charge(&local, at).is_ok());
        assert_eq!(charged, [true, true, false, true], "each address has a bucket");
        let token = Caller { means: Means::Token, ..local };
        assert!(authority.charge(&token, here).is_ok(), "who is known has its own");
        let shown = Credentials { bearer: Some("x"), address: here, ..Credentials::default() };
        for _ in 0..3 {
            assert!(matches!(authority.identify(shown).await, Err(Denied::Refused(_))));
        }
        assert!(matches!(authority.identify(shown).await, Err(Denied::Limited(_))));
        let shown = Credentials { address: there, ..shown };
        assert!(matches!(authority.identify(shown).await, Err(Denied::Refused(_))));
    }
}
