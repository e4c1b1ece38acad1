//! The public keys of an issuer, by which its JWTs are checked.
//!
//! Invariants:
//! - An issuer that does not answer, or answers nonsense, leaves the keys that are known.
//! - A key that is not known has the keys fetched anew, at most once in [`UNKNOWN_KEY_INTERVAL`] for all callers.

use std::fmt;
use std::path::PathBuf;
use std::sync::{Arc, PoisonError, RwLock};
use std::time::{Duration, Instant};

use contracts::failures;
use jsonwebtoken::jwk::{Jwk, PublicKeyUse};
use jsonwebtoken::{Algorithm, DecodingKey};
use outgoing::Metadata;
use serde::Deserialize;
use serde_json::Value;

use crate::oidc::ALGORITHMS;

/// Least time between two looks for a key that is not known.
pub(crate) const UNKNOWN_KEY_INTERVAL: Duration = Duration::from_secs(5);
/// Longest time for an answer of the issuer.
const FETCH_TIMEOUT: Duration = Duration::from_secs(5);
/// Longest set of keys, in bytes.
const MAX_BYTES: usize = 1 << 20;
/// Most keys of an issuer.
const MAX_KEYS: usize = 100;

/// Why an issuer's keys are not there.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum KeysError {
    /// The file cannot be read.
    #[error("the issuer's keys cannot be read from {}", .path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// What the operating system says.
        #[source]
        source: std::io::Error,
    },
    /// The issuer does not answer.
    #[error("the issuer's keys cannot be fetched")]
    Fetch(#[source] reqwest::Error),
    /// The issuer answers with an error.
    #[error("the issuer answers {0} instead of its keys")]
    Status(u16),
    /// The answer is too long.
    #[error("the issuer's keys are more than {MAX_BYTES} bytes or {MAX_KEYS} keys")]
    TooLarge,
    /// What was read is no set of keys.
    #[error("what the issuer gives is no JWK set; expected {{\"keys\": [...]}}")]
    NoSet,
    /// No key of the set can be used.
    #[error("none of the issuer's keys can be used; expected RS256, ES256 or EdDSA (Ed25519)")]
    NoKey,
}

/// One key.
struct Key {
    id: Option<String>,
    algorithm: Algorithm,
    key: DecodingKey,
}

impl fmt::Debug for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { id, algorithm, .. } = self;
        f.debug_struct("Key").field("id", id).field("algorithm", algorithm).finish_non_exhaustive()
    }
}

/// Where keys come from.
#[derive(Debug)]
enum Source {
    File(PathBuf),
    Url { url: String, client: reqwest::Client },
}

/// The keys of an issuer.
#[derive(Debug)]
pub(crate) struct Jwks {
    source: Source,
    refresh: Duration,
    keys: RwLock<Arc<Vec<Key>>>,
    /// When they were read last, and when that was tried last.
    read: tokio::sync::Mutex<Looked>,
}

#[derive(Debug, Default)]
struct Looked {
    tried: Option<Instant>,
    read: Option<Instant>,
}

impl Jwks {
    /// The keys of a file.
    pub(crate) fn of_file(path: PathBuf, refresh: Duration) -> Result<Self, KeysError> {
        let keys = read_file(&path)?;
        let keys = Self::new(Source::File(path), refresh, keys);
        Ok(keys)
    }

    /// The keys at a URL, which are fetched when they are asked for.
    pub(crate) fn of_url(url: String, refresh: Duration) -> Result<Self, KeysError> {
        let client = outgoing::client(FETCH_TIMEOUT, Metadata::Refused).build();
        let client = client.map_err(KeysError::Fetch)?;
        Ok(Self::new(Source::Url { url, client }, refresh, Vec::new()))
    }

    fn new(source: Source, refresh: Duration, keys: Vec<Key>) -> Self {
        let read = (!keys.is_empty()).then(Instant::now);
        let looked = Looked { tried: None, read };
        Self { source, refresh, keys: RwLock::new(Arc::new(keys)), read: looked.into() }
    }

    /// The key of this identity and algorithm; without an identity, the one key of the algorithm.
    pub(crate) fn find(&self, id: Option<&str>, algorithm: Algorithm) -> Option<DecodingKey> {
        let keys = Arc::clone(&self.keys.read().unwrap_or_else(PoisonError::into_inner));
        let mut fitting = keys
            .iter()
            .filter(|key| key.algorithm == algorithm && (id.is_none() || key.id.as_deref() == id));
        let found = fitting.next()?;
        fitting.next().is_none().then(|| found.key.clone())
    }

    /// Reads the keys again where they are old, or for a key that is not known; tells whether they were.
    pub(crate) async fn refresh(&self, for_unknown: bool) -> bool {
        let mut looked = self.read.lock().await;
        let is_old = looked.read.is_none_or(|at| at.elapsed() >= self.refresh);
        let is_tried = looked.tried.is_some_and(|at| at.elapsed() < UNKNOWN_KEY_INTERVAL);
        if !(is_old || for_unknown) || is_tried {
            return false;
        }
        looked.tried = Some(Instant::now());
        match self.fetch().await {
            Ok(keys) => {
                *self.keys.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(keys);
                looked.read = Some(Instant::now());
                true
            }
            Err(error) => {
                tracing::warn!(
                    error = failures::with_causes(&error),
                    "the issuer's keys were not read; those that are known stay"
                );
                false
            }
        }
    }

    /// Whether the keys are old, without waiting.
    pub(crate) fn is_old(&self) -> bool {
        let looked = self.read.try_lock();
        looked.is_ok_and(|looked| looked.read.is_none_or(|at| at.elapsed() >= self.refresh))
    }

    async fn fetch(&self) -> Result<Vec<Key>, KeysError> {
        match &self.source {
            Source::File(path) => read_file(path),
            Source::Url { url, client } => {
                let mut answer = client.get(url).send().await.map_err(failed)?;
                if !answer.status().is_success() {
                    return Err(KeysError::Status(answer.status().as_u16()));
                }
                let mut bytes = Vec::new();
                while let Some(part) = answer.chunk().await.map_err(failed)? {
                    bytes.extend_from_slice(&part);
                    if bytes.len() > MAX_BYTES {
                        return Err(KeysError::TooLarge);
                    }
                }
                parse(&bytes)
            }
        }
    }
}

/// A URL may hold what is not to be shown.
fn failed(error: reqwest::Error) -> KeysError {
    KeysError::Fetch(error.without_url())
}

fn read_file(path: &std::path::Path) -> Result<Vec<Key>, KeysError> {
    let failed = |source| KeysError::File { path: path.to_owned(), source };
    let bytes = std::fs::read(path).map_err(failed)?;
    if bytes.len() > MAX_BYTES {
        return Err(KeysError::TooLarge);
    }
    parse(&bytes)
}

#[derive(Deserialize)]
struct Set {
    keys: Vec<Value>,
}

/// The keys of a JWK set (RFC 7517) that can be used; others are left out, as the RFC has it.
fn parse(bytes: &[u8]) -> Result<Vec<Key>, KeysError> {
    let set: Set = serde_json::from_slice(bytes).map_err(|_| KeysError::NoSet)?;
    if set.keys.len() > MAX_KEYS {
        return Err(KeysError::TooLarge);
    }
    let keys: Vec<Key> = set.keys.into_iter().filter_map(key).collect();
    if keys.is_empty() { Err(KeysError::NoKey) } else { Ok(keys) }
}

fn key(mut value: Value) -> Option<Key> {
    let text = |name: &str| value.get(name).and_then(Value::as_str).map(str::to_owned);
    let (kind, curve) = (text("kty")?, text("crv"));
    let algorithm = match (kind.as_str(), curve.as_deref()) {
        ("RSA", _) => Algorithm::RS256,
        ("EC", Some("P-256")) => Algorithm::ES256,
        ("OKP", Some("Ed25519")) => Algorithm::EdDSA,
        _ => return None,
    };
    let stated = text("alg");
    let of_algorithm = |stated: &str| {
        ALGORITHMS.contains(&algorithm)
            && (stated.parse().is_ok_and(|named: Algorithm| named == algorithm)
                || (stated == "Ed25519" && algorithm == Algorithm::EdDSA))
    };
    if stated.as_deref().is_some_and(|stated| !of_algorithm(stated)) {
        return None;
    }
    // It is told; jsonwebtoken does not know every name of it.
    value.as_object_mut()?.remove("alg");
    let jwk: Jwk = serde_json::from_value(value).ok()?;
    let is_for_signatures =
        jwk.common.public_key_use.as_ref().is_none_or(|of| *of == PublicKeyUse::Signature);
    let key = DecodingKey::from_jwk(&jwk).ok().filter(|_| is_for_signatures)?;
    Some(Key { id: jwk.common.key_id, algorithm, key })
}
