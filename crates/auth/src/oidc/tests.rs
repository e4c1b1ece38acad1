//! JWTs of an issuer that this test starts: an HTTP server on loopback with keys of its own.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test")]

use std::process::Command;
use std::sync::Mutex as StdMutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use ring::rand::SystemRandom;
use ring::signature::{
    ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, Ed25519KeyPair, KeyPair as _, RSA_PKCS1_SHA256,
    RsaKeyPair,
};
use serde_json::json;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpListener;

use super::*;
use crate::jwks::UNKNOWN_KEY_INTERVAL;

const ISSUER: &str = "https://issuer.example";
const AUDIENCE: &str = "tier0";

fn b64(bytes: impl AsRef<[u8]>) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}

/// A key of the issuer.
enum Signing {
    Ed(Ed25519KeyPair),
    Ec(EcdsaKeyPair),
    Rsa(Box<RsaKeyPair>),
}

impl Signing {
    fn ed() -> Self {
        let document = Ed25519KeyPair::generate_pkcs8(&SystemRandom::new()).unwrap();
        Self::Ed(Ed25519KeyPair::from_pkcs8(document.as_ref()).unwrap())
    }

    fn ec() -> Self {
        let (random, kind) = (SystemRandom::new(), &ECDSA_P256_SHA256_FIXED_SIGNING);
        let document = EcdsaKeyPair::generate_pkcs8(kind, &random).unwrap();
        Self::Ec(EcdsaKeyPair::from_pkcs8(kind, document.as_ref(), &random).unwrap())
    }

    fn rsa() -> Self {
        let made = Command::new("openssl")
            .args(["genpkey", "-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:2048"])
            .args(["-outform", "DER"])
            .output()
            .unwrap();
        assert!(made.status.success(), "{made:?}");
        // PKCS #8 by some versions, and PKCS #1 by others.
        let pair = RsaKeyPair::from_pkcs8(&made.stdout);
        Self::Rsa(Box::new(pair.or_else(|_| RsaKeyPair::from_der(&made.stdout)).unwrap()))
    }

    fn algorithm(&self) -> &'static str {
        match self {
            Self::Ed(_) => "EdDSA",
            Self::Ec(_) => "ES256",
            Self::Rsa(_) => "RS256",
        }
    }

    fn jwk(&self, id: &str) -> Value {
        let mut jwk = match self {
            Self::Ed(pair) => {
                json!({"kty": "OKP", "crv": "Ed25519", "x": b64(pair.public_key())})
            }
            Self::Ec(pair) => {
                let (x, y) = pair.public_key().as_ref().split_at(1).1.split_at(32);
                json!({"kty": "EC", "crv": "P-256", "x": b64(x), "y": b64(y)})
            }
            Self::Rsa(pair) => {
                let components = ring::rsa::PublicKeyComponents::<Vec<u8>>::from(pair.public());
                json!({
                    "kty": "RSA",
                    "n": b64(&components.n),
                    "e": b64(&components.e),
                })
            }
        };
        jwk["kid"] = id.into();
        jwk["alg"] = self.algorithm().into();
        jwk["use"] = "sig".into();
        jwk
    }

    fn jwt(&self, id: &str, claims: &Value) -> String {
        self.jwt_as(&json!({"alg": self.algorithm(), "typ": "JWT", "kid": id}), claims)
    }

    fn jwt_as(&self, header: &Value, claims: &Value) -> String {
        let message = format!("{}.{}", b64(header.to_string()), b64(claims.to_string()));
        let (bytes, random) = (message.as_bytes(), SystemRandom::new());
        let signature = match self {
            Self::Ed(pair) => pair.sign(bytes).as_ref().to_vec(),
            Self::Ec(pair) => pair.sign(&random, bytes).unwrap().as_ref().to_vec(),
            Self::Rsa(pair) => {
                let mut signature = vec![0; pair.public().modulus_len()];
                pair.sign(&RSA_PKCS1_SHA256, &random, bytes, &mut signature).unwrap();
                signature
            }
        };
        format!("{message}.{}", b64(signature))
    }
}

/// An issuer that answers with a set of keys, or with an error.
struct Issuer {
    url: String,
    keys: Arc<StdMutex<Option<Value>>>,
    asked: Arc<AtomicUsize>,
}

impl Issuer {
    async fn start(keys: Value) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/jwks", listener.local_addr().unwrap());
        let keys = Arc::new(StdMutex::new(Some(keys)));
        let asked = Arc::new(AtomicUsize::new(0));
        let (shown, counted) = (Arc::clone(&keys), Arc::clone(&asked));
        tokio::spawn(async move {
            loop {
                let (mut stream, _) = listener.accept().await.unwrap();
                let mut head = [0; 4096];
                let _ = stream.read(&mut head).await;
                counted.fetch_add(1, Ordering::SeqCst);
                let body = shown.lock().unwrap().as_ref().map(Value::to_string);
                let (status, body) = body
                    .map_or(("503 Service Unavailable", String::new()), |body| ("200 OK", body));
                let answer = format!(
                    "HTTP/1.1 {status}\r\ncontent-type: application/json\r\ncontent-length: {}\r\nconnection: close\r\n\r\n{body}",
                    body.len()
                );
                let _ = stream.write_all(answer.as_bytes()).await;
            }
        });
        Self { url, keys, asked }
    }

    fn show(&self, keys: Option<Value>) {
        *self.keys.lock().unwrap() = keys;
    }

    fn verifier(&self) -> Verifier {
        Verifier::new(settings(&self.url)).unwrap()
    }
}

fn settings(url: &str) -> Oidc {
    let roles = [("ml-team", Role::MlEngineer), ("everybody", Role::Viewer)];
    Oidc {
        issuer: ISSUER.to_owned(),
        audience: AUDIENCE.to_owned(),
        jwks_url: Some(url.to_owned()),
        leeway_seconds: 5,
        roles_claim: "realm_access.roles".to_owned(),
        roles: roles.map(|(value, role)| (value.to_owned(), role)).into(),
        ..Oidc::default()
    }
}

fn claims() -> Value {
    json!({
        "iss": ISSUER, "aud": AUDIENCE, "sub": "ana", "exp": now() + 600,
        "realm_access": {"roles": ["everybody", "ml-team", "other"]},
    })
}

/// The claims with one of them changed, or without it.
fn but(name: &str, value: Option<Value>) -> Value {
    let mut claims = claims();
    match value {
        Some(value) => claims[name] = value,
        None => {
            claims.as_object_mut().unwrap().remove(name);
        }
    }
    claims
}

#[tokio::test]
async fn jwts_of_each_algorithm_say_who_asks() {
    let keys = [("ed", Signing::ed()), ("ec", Signing::ec()), ("rsa", Signing::rsa())];
    let mut shown: Vec<Value> = keys.iter().map(|(id, key)| key.jwk(id)).collect();
    // What cannot be used does not keep the others from being used.
    shown.push(json!({"kty": "oct", "k": "c2VjcmV0", "kid": "shared"}));
    shown.push(json!({"kty": "EC", "crv": "P-521", "x": "AA", "y": "AA", "kid": "far"}));
    shown.push(json!({"nonsense": true}));
    let issuer = Issuer::start(json!({"keys": shown})).await;
    let verifier = issuer.verifier();
    for (id, key) in &keys {
        let jwt = key.jwt(id, &claims());
        assert_eq!(verifier.known(&jwt), None);
        let caller = verifier.verify(&jwt).await.unwrap();
        assert_eq!((caller.role, caller.actor().as_deref()), (Role::MlEngineer, Some("oidc/ana")));
        assert_eq!(verifier.known(&jwt), Some(caller), "{id}: it is checked once");
        let (message, _) = jwt.rsplit_once('.').unwrap();
        let forged = format!("{message}.{}", b64([7; 64]));
        assert_eq!(verifier.verify(&forged).await, Err(JwtError::Signature), "{id}");
    }
    assert_eq!(issuer.asked.load(Ordering::SeqCst), 1, "keys are kept");
}

#[tokio::test]
async fn what_is_wrong_with_a_jwt_is_told() {
    let (key, other) = (Signing::ed(), Signing::ed());
    let issuer = Issuer::start(json!({"keys": [key.jwk("one")]})).await;
    let verifier = issuer.verifier();
    let role = |value: Value| but("realm_access", Some(json!({"roles": value})));
    for (claims, expected) in [
        (but("exp", Some((now() - 6).into())), JwtError::Expired),
        (but("exp", Some("never".into())), JwtError::Claim),
        (but("exp", None), JwtError::Claim),
        (but("nbf", Some((now() + 60).into())), JwtError::NotYet),
        (but("nbf", Some("never".into())), JwtError::Claim),
        (but("nbf", Some(1e30.into())), JwtError::NotYet),
        (but("aud", Some("other".into())), JwtError::Audience),
        (but("aud", Some(json!(["other", "more"]))), JwtError::Audience),
        (but("aud", None), JwtError::Claim),
        (but("iss", Some("https://other.example".into())), JwtError::Issuer),
        (but("iss", None), JwtError::Claim),
        (but("sub", None), JwtError::Claim),
        (but("sub", Some("a\nb".into())), JwtError::Claim),
        (but("sub", Some("x".repeat(101).into())), JwtError::Claim),
        (role(json!(["other"])), JwtError::NoRole),
        (role(json!("other")), JwtError::NoRole),
        (but("realm_access", None), JwtError::NoRole),
    ] {
        assert_eq!(verifier.verify(&key.jwt("one", &claims)).await, Err(expected), "{claims}");
    }
    for good in [
        role(json!("ml-team")),
        but("aud", Some(json!(["other", AUDIENCE]))),
        but("exp", Some((now() - 2).into())),
        but("nbf", Some((now() + 2).into())),
    ] {
        verifier.verify(&key.jwt("one", &good)).await.unwrap();
    }
    // Another key under a name that is known, and one without a name where there is one key alone.
    let forged = other.jwt("one", &claims());
    assert_eq!(verifier.verify(&forged).await, Err(JwtError::Signature));
    let unnamed = key.jwt_as(&json!({"alg": "EdDSA"}), &claims());
    verifier.verify(&unnamed).await.unwrap();
}

#[tokio::test]
async fn no_signature_and_no_shared_secret_is_taken() {
    let key = Signing::ec();
    let issuer = Issuer::start(json!({"keys": [key.jwk("one")]})).await;
    let verifier = issuer.verifier();
    for algorithm in ["none", "None", "HS256", "HS512", "ES384", "RS512", "PS256", ""] {
        let jwt = key.jwt_as(&json!({"alg": algorithm, "kid": "one"}), &claims());
        let refused = verifier.verify(&jwt).await.unwrap_err();
        assert_eq!(refused, JwtError::Algorithm, "{algorithm}");
        let (message, _) = jwt.rsplit_once('.').unwrap();
        assert!(verifier.verify(&format!("{message}.")).await.is_err(), "{algorithm}");
    }
    // The public key as the secret of an HMAC, and another algorithm's name over a key of this one.
    let confused = key.jwt_as(&json!({"alg": "EdDSA", "kid": "one"}), &claims());
    assert_eq!(verifier.verify(&confused).await, Err(JwtError::UnknownKey));
    for jwt in ["a.b.c", "..", "e30.e30.", &format!("{}.e30.e30", "x".repeat(20_000))] {
        assert!(verifier.verify(jwt).await.is_err());
    }
}

#[tokio::test]
async fn extensions_that_have_to_be_understood_are_refused() {
    let key = Signing::ed();
    let issuer = Issuer::start(json!({"keys": [key.jwk("one")]})).await;
    let verifier = issuer.verifier();
    let mut header = json!({"alg": "EdDSA", "kid": "one"});
    for critical in [
        json!(["exp"]),
        json!(["b64", "https://issuer.example/ext"]),
        json!([]),
        json!("exp"),
        Value::Null,
    ] {
        header["crit"] = critical.clone();
        let jwt = key.jwt_as(&header, &claims());
        assert_eq!(verifier.verify(&jwt).await, Err(JwtError::Critical), "{critical}");
        assert_eq!(verifier.known(&jwt), None);
    }
    // Members that need not be understood are no reason to refuse.
    let other = json!({"alg": "EdDSA", "kid": "one", "https://issuer.example/ext": true});
    verifier.verify(&key.jwt_as(&other, &claims())).await.unwrap();
}

#[tokio::test]
async fn keys_are_rotated_and_an_issuer_may_be_away() {
    let (old, new) = (Signing::ed(), Signing::ec());
    let issuer = Issuer::start(json!({"keys": [old.jwk("old")]})).await;
    let verifier = issuer.verifier();
    verifier.verify(&old.jwt("old", &claims())).await.unwrap();
    // A key that is not known asks the issuer, but not for each JWT.
    let begun = std::time::Instant::now();
    for _ in 0..20 {
        let unknown = new.jwt("new", &claims());
        assert_eq!(verifier.verify(&unknown).await, Err(JwtError::UnknownKey));
    }
    assert!(begun.elapsed() < UNKNOWN_KEY_INTERVAL, "the machine is too slow for this test");
    assert_eq!(issuer.asked.load(Ordering::SeqCst), 1);
    // Away: what is known stays usable.
    issuer.show(None);
    tokio::time::sleep(UNKNOWN_KEY_INTERVAL).await;
    assert_eq!(verifier.verify(&new.jwt("new", &claims())).await, Err(JwtError::UnknownKey));
    assert_eq!(issuer.asked.load(Ordering::SeqCst), 2);
    verifier.verify(&old.jwt("old", &but("sub", Some("ben".into())))).await.unwrap();
    // Back, with another key: the old one is taken no more, though it was checked.
    issuer.show(Some(json!({"keys": [new.jwk("new")]})));
    tokio::time::sleep(UNKNOWN_KEY_INTERVAL).await;
    let checked = old.jwt("old", &claims());
    verifier.verify(&checked).await.unwrap();
    verifier.verify(&new.jwt("new", &claims())).await.unwrap();
    assert_eq!(verifier.known(&checked), None);
    assert_eq!(verifier.verify(&checked).await, Err(JwtError::UnknownKey));
}

#[tokio::test]
async fn keys_of_a_file_are_read_at_the_start() {
    let key = Signing::ed();
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("jwks.json");
    let file = |path: &std::path::Path| Oidc {
        jwks_url: None,
        jwks_file: Some(path.to_owned()),
        ..settings("")
    };
    assert!(Verifier::new(file(&path)).is_err(), "there is no file");
    for wrong in ["", "{}", r#"{"keys": []}"#, r#"{"keys": [{"kty": "oct", "k": "AA"}]}"#] {
        std::fs::write(&path, wrong).unwrap();
        assert!(Verifier::new(file(&path)).is_err(), "{wrong}");
    }
    std::fs::write(&path, json!({"keys": [key.jwk("one")]}).to_string()).unwrap();
    let verifier = Verifier::new(file(&path)).unwrap();
    verifier.verify(&key.jwt("one", &claims())).await.unwrap();
}
