//! JWTs of an OpenID Connect issuer.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jsonwebtoken::{Algorithm, Validation, decode, decode_header};
use serde_json::{Map, Value};

use crate::caller::{Caller, Means};
use crate::jwks::{Jwks, KeysError};
use crate::token::{DIGEST_BYTES, digest_of};
use crate::{Oidc, Role};

/// The algorithms that are taken: none without a signature, and none whose key both sides know.
pub(crate) const ALGORITHMS: [Algorithm; 3] =
    [Algorithm::RS256, Algorithm::ES256, Algorithm::EdDSA];
/// Most JWTs that are remembered as checked.
const MAX_CHECKED: usize = 1024;
/// Longest time in seconds for which a JWT is remembered as checked.
const MAX_CHECKED_SECONDS: u64 = 300;
/// Longest JWT, in bytes.
const MAX_JWT_BYTES: usize = 16 * 1024;
/// Longest name of a caller, in bytes.
const MAX_SUBJECT_BYTES: usize = 100;

/// Why a JWT is not taken; names no value of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(crate) enum JwtError {
    #[error("the JWT cannot be read")]
    Unreadable,
    #[error("the JWT is signed by an algorithm that is not taken; expected RS256, ES256 or EdDSA")]
    Algorithm,
    #[error(
        "the JWT names extensions that have to be understood (`crit`), and none is understood here (RFC 7515, 4.1.11)"
    )]
    Critical,
    #[error("the JWT is signed by a key that the issuer does not show")]
    UnknownKey,
    #[error("the signature of the JWT is wrong")]
    Signature,
    #[error("the JWT has expired")]
    Expired,
    #[error("the JWT is not valid yet")]
    NotYet,
    #[error("the JWT is of another issuer")]
    Issuer,
    #[error("the JWT is for another audience")]
    Audience,
    #[error("the JWT lacks a claim that it needs, such as exp, iss, aud or the name of the caller")]
    Claim,
    #[error("the claim with the roles gives none of the roles that are configured")]
    NoRole,
}

/// Checks JWTs of one issuer.
#[derive(Debug)]
pub(crate) struct Verifier {
    settings: Oidc,
    keys: Arc<Jwks>,
    checked: Mutex<HashMap<[u8; DIGEST_BYTES], (Caller, u64)>>,
}

impl Verifier {
    /// A verifier as configured; keys of a URL are fetched when the first JWT comes.
    pub(crate) fn new(settings: Oidc) -> Result<Self, KeysError> {
        let refresh = Duration::from_secs(settings.refresh_seconds);
        let keys = match (&settings.jwks_file, &settings.jwks_url) {
            (Some(path), _) => Jwks::of_file(path.clone(), refresh)?,
            (None, url) => Jwks::of_url(url.clone().unwrap_or_default(), refresh)?,
        };
        Ok(Self { settings, keys: Arc::new(keys), checked: Mutex::default() })
    }

    /// Who a JWT says its bearer is, where it was checked a short time ago.
    pub(crate) fn known(&self, jwt: &str) -> Option<Caller> {
        let checked = self.checked.lock().unwrap_or_else(PoisonError::into_inner);
        let (caller, until) = checked.get(&digest_of(jwt))?;
        (now() < *until).then(|| caller.clone())
    }

    /// Who a JWT says its bearer is.
    pub(crate) async fn verify(&self, jwt: &str) -> Result<Caller, JwtError> {
        if jwt.len() > MAX_JWT_BYTES {
            return Err(JwtError::Unreadable);
        }
        let header = decode_header(jwt).map_err(|_| JwtError::Algorithm)?;
        if !ALGORITHMS.contains(&header.alg) {
            return Err(JwtError::Algorithm);
        }
        if has_critical(jwt)? {
            return Err(JwtError::Critical);
        }
        let id = header.kid.as_deref();
        let mut key = self.keys.find(id, header.alg);
        if key.is_none() && self.keys.refresh(true).await {
            self.forget();
        }
        if key.is_some() && self.keys.is_old() {
            self.refresh_behind();
        }
        key = key.or_else(|| self.keys.find(id, header.alg));
        let key = key.ok_or(JwtError::UnknownKey)?;
        let mut validation = Validation::new(header.alg);
        validation.leeway = self.settings.leeway_seconds;
        validation.validate_nbf = true;
        validation.set_audience(&[&self.settings.audience]);
        validation.set_issuer(&[&self.settings.issuer]);
        validation.set_required_spec_claims(&["exp", "iss", "aud"]);
        let decoded = decode::<Map<String, Value>>(jwt, &key, &validation);
        let claims = decoded.map_err(|error| reason(error.kind()))?.claims;
        self.is_begun(&claims)?;
        let caller = self.caller(&claims)?;
        self.remember(jwt, &caller, &claims);
        Ok(caller)
    }

    /// Whether it is valid already; jsonwebtoken 9 takes an `nbf` that it cannot read for none.
    fn is_begun(&self, claims: &Map<String, Value>) -> Result<(), JwtError> {
        let Some(nbf) = claims.get("nbf") else { return Ok(()) };
        let nbf = nbf.as_f64().ok_or(JwtError::Claim)?;
        #[allow(clippy::cast_precision_loss, reason = "seconds since 1970 are exact in a float")]
        let latest = (now() + self.settings.leeway_seconds) as f64;
        if nbf <= latest { Ok(()) } else { Err(JwtError::NotYet) }
    }

    fn caller(&self, claims: &Map<String, Value>) -> Result<Caller, JwtError> {
        let name = claims.get(&self.settings.name_claim).and_then(Value::as_str);
        let is_good = |name: &&str| {
            !name.is_empty() && name.len() <= MAX_SUBJECT_BYTES && !name.contains(char::is_control)
        };
        let name = name.filter(is_good).ok_or(JwtError::Claim)?;
        let role = self.role(claims).ok_or(JwtError::NoRole)?;
        Ok(Caller { name: name.into(), role, means: Means::Oidc, by_cookie: false })
    }

    /// The greatest of the roles that the claim gives.
    fn role(&self, claims: &Map<String, Value>) -> Option<Role> {
        let path = &self.settings.roles_claim;
        // A claim may have dots in its name, as URLs have.
        let found = claims.get(path).or_else(|| {
            let mut segments = path.split('.');
            let first = claims.get(segments.next()?)?;
            segments.try_fold(first, |value, segment| value.get(segment))
        })?;
        let role = |value: &Value| self.settings.roles.get(value.as_str()?).copied();
        match found {
            Value::Array(values) => values.iter().filter_map(role).max(),
            value => role(value),
        }
    }

    fn remember(&self, jwt: &str, caller: &Caller, claims: &Map<String, Value>) {
        let Some(expires) = claims.get("exp").and_then(Value::as_u64) else { return };
        let until = expires
            .saturating_add(self.settings.leeway_seconds)
            .min(now().saturating_add(MAX_CHECKED_SECONDS));
        let mut checked = self.checked.lock().unwrap_or_else(PoisonError::into_inner);
        if checked.len() >= MAX_CHECKED {
            let now = now();
            checked.retain(|_, (_, until)| *until > now);
        }
        if checked.len() < MAX_CHECKED {
            checked.insert(digest_of(jwt), (caller.clone(), until));
        }
    }

    /// Forgets what was checked with keys that may be gone.
    fn forget(&self) {
        self.checked.lock().unwrap_or_else(PoisonError::into_inner).clear();
    }

    /// Reads the keys again while requests go on with those that are known. What was checked before is forgotten within
    /// [`MAX_CHECKED_SECONDS`] anyhow.
    fn refresh_behind(&self) {
        let keys = Arc::clone(&self.keys);
        tokio::spawn(async move { keys.refresh(false).await });
    }
}

/// Whether the header says that some of its members have to be understood, in whatever form; jsonwebtoken 9 does not read it.
fn has_critical(jwt: &str) -> Result<bool, JwtError> {
    let header = jwt.split('.').next().unwrap_or_default();
    let bytes = URL_SAFE_NO_PAD.decode(header).map_err(|_| JwtError::Unreadable)?;
    let members: Map<String, Value> =
        serde_json::from_slice(&bytes).map_err(|_| JwtError::Unreadable)?;
    Ok(members.contains_key("crit"))
}

fn reason(kind: &jsonwebtoken::errors::ErrorKind) -> JwtError {
    use jsonwebtoken::errors::ErrorKind;
    match kind {
        ErrorKind::InvalidSignature => JwtError::Signature,
        ErrorKind::ExpiredSignature => JwtError::Expired,
        ErrorKind::ImmatureSignature => JwtError::NotYet,
        ErrorKind::InvalidIssuer => JwtError::Issuer,
        ErrorKind::InvalidAudience => JwtError::Audience,
        ErrorKind::InvalidAlgorithm => JwtError::Algorithm,
        ErrorKind::MissingRequiredClaim(_) => JwtError::Claim,
        _ => JwtError::Unreadable,
    }
}

/// Seconds since 1970 in UTC, as JWTs have them.
fn now() -> u64 {
    jsonwebtoken::get_current_timestamp()
}

#[cfg(test)]
mod tests;
