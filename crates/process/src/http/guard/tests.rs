#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::print_stderr,
    reason = "a test, which tells what it measured"
)]

use std::collections::BTreeMap;
use std::net::IpAddr;
use std::sync::LazyLock;

use auth::{Oidc, RateLimit, Role};
use axum::body::Body;
use axum::response::IntoResponse as _;
use axum::routing::{get, post};
use axum::{Extension, Router};
use tier0_tests::Certificates;
use tokio_rustls::rustls::pki_types::CertificateDer;
use tokio_rustls::rustls::pki_types::pem::PemObject as _;
use tower::ServiceExt as _;

use super::*;

const OPS: &str = "CN=ops";

/// A guard that knows a token of everything, and two certificates.
fn guard(limit: &RateLimit) -> Guard {
    let roles = [(OPS, Role::MlEngineer), ("CN=eye", Role::Viewer)];
    let roles: BTreeMap<String, Role> =
        roles.map(|(subject, role)| (subject.to_owned(), role)).into();
    let authority = Authority::open(None, &Oidc::default(), &roles, limit).unwrap();
    Guard::new(Surface::Api, BearerToken::new("s3cret"), Arc::new(authority))
}

fn router(guard: Guard) -> Router {
    let who = |caller: Option<Extension<Caller>>| async move {
        caller.map_or_else(|| "nobody".to_owned(), |Extension(caller)| caller.name.to_string())
    };
    let router = Router::new()
        .route("/api/v1/runs", get(who).post(who))
        .route("/api/v1/session", post(who))
        .route("/api/v1/unlisted", get(who));
    guard.protect(router, |refused| refused.to_string().into_response())
}

async fn ask(router: &Router, request: axum::http::request::Builder) -> (u16, HeaderMap, String) {
    let request = request.body(Body::empty()).unwrap();
    let answer = router.clone().oneshot(request).await.unwrap();
    let (status, headers) = (answer.status().as_u16(), answer.headers().clone());
    let body = axum::body::to_bytes(answer.into_body(), 1 << 20).await.unwrap();
    (status, headers, String::from_utf8(body.to_vec()).unwrap())
}

fn bearer_of(request: axum::http::request::Builder, token: &str) -> axum::http::request::Builder {
    request.header(header::AUTHORIZATION, format!("Bearer {token}"))
}

fn certificate(
    request: axum::http::request::Builder,
    subject: &str,
) -> axum::http::request::Builder {
    static IDENTITIES: LazyLock<BTreeMap<String, PeerIdentity>> = LazyLock::new(|| {
        let certificates = Certificates::new();
        let names = ["ops", "eye", "other"].into_iter().map(|name| {
            certificates.certify(name, "ca", &[]);
            let der = CertificateDer::from_pem_file(certificates.cert(name)).unwrap();
            (format!("CN={name}"), PeerIdentity::of(&der).unwrap())
        });
        names.collect()
    });
    request.extension(IDENTITIES[subject].clone())
}

#[tokio::test]
async fn a_caller_is_let_in_by_token_or_certificate_and_told_what_it_lacks() {
    let router = router(guard(&RateLimit::default()));
    let runs = || Request::get("/api/v1/runs");
    let (status, headers, _) = ask(&router, runs()).await;
    assert_eq!((status, headers[header::WWW_AUTHENTICATE].to_str().unwrap()), (401, "Bearer"));
    for wrong in ["s3cre", "", "s3cret s3cret"] {
        let (status, headers, body) = ask(&router, bearer_of(runs(), wrong)).await;
        assert_eq!(status, 401, "{wrong}");
        assert!(headers[header::WWW_AUTHENTICATE].to_str().unwrap().contains("invalid_token"));
        assert!(!body.contains("s3cre"), "{body}");
    }
    let basic = runs().header(header::AUTHORIZATION, "Basic s3cret");
    assert_eq!(ask(&router, basic).await.0, 401);
    let any_case = runs().header(header::AUTHORIZATION, "bEARER  s3cret");
    assert_eq!(ask(&router, any_case).await.2, "token");
    assert_eq!(ask(&router, certificate(runs(), OPS)).await.2, OPS);
    assert_eq!(ask(&router, certificate(runs(), "CN=other")).await.0, 401);
    // A token that is wrong is refused, certificate or not.
    assert_eq!(ask(&router, certificate(bearer_of(runs(), "x"), OPS)).await.0, 401);
    let submit = certificate(Request::post("/api/v1/runs"), "CN=eye");
    let (status, headers, body) = ask(&router, submit).await;
    assert_eq!(status, 403);
    assert!(headers[header::WWW_AUTHENTICATE].to_str().unwrap().contains("insufficient_scope"));
    assert!(body.contains("`submit_runs`") && body.contains("`data_scientist`"), "{body}");
    assert_eq!(ask(&router, certificate(Request::post("/api/v1/runs"), OPS)).await.0, 200);
}

#[tokio::test]
async fn a_route_without_a_row_is_for_administrators_and_an_open_one_for_all() {
    let router = router(guard(&RateLimit::default()));
    let unlisted = || Request::get("/api/v1/unlisted");
    assert_eq!(ask(&router, unlisted()).await.0, 401);
    assert_eq!(ask(&router, certificate(unlisted(), OPS)).await.0, 403);
    assert_eq!(ask(&router, bearer_of(unlisted(), "s3cret")).await.0, 200);
    assert_eq!(ask(&router, Request::post("/api/v1/session")).await.2, "nobody");
    assert_eq!(ask(&router, Request::get("/none")).await.0, 401);
    assert_eq!(ask(&router, certificate(Request::get("/none"), "CN=eye")).await.0, 404);
}

#[tokio::test]
async fn without_any_way_to_know_callers_all_are_local() {
    let open = Guard::of_token(Surface::Api, None);
    assert!(open.is_open() && !guard(&RateLimit::default()).is_open());
    let router = router(open);
    assert_eq!(ask(&router, Request::post("/api/v1/runs")).await.2, "unauthenticated");
    assert_eq!(ask(&router, Request::get("/api/v1/unlisted")).await.0, 200);
}

#[tokio::test]
async fn a_cookie_changes_nothing_for_a_page_of_another_origin() {
    let router = router(guard(&RateLimit::default()));
    let with = |request: axum::http::request::Builder| {
        request
            .header(header::HOST, "fleet.example")
            .header(header::COOKIE, "a=b; tier0_session=s3cret")
    };
    let post = || with(Request::post("/api/v1/runs"));
    assert_eq!(ask(&router, with(Request::get("/api/v1/runs"))).await.2, "token");
    for (name, value, status) in [
        ("x-none", "", 403),
        (SEC_FETCH_SITE, "cross-site", 403),
        (SEC_FETCH_SITE, "same-site", 403),
        (SEC_FETCH_SITE, "none", 403),
        (SEC_FETCH_SITE, "same-origin", 200),
        ("origin", "https://fleet.example", 200),
        ("origin", "https://page.example", 403),
        ("origin", "null", 403),
    ] {
        assert_eq!(ask(&router, post().header(name, value)).await.0, status, "{name}: {value}");
    }
    // A token in the header is not sent by a browser by itself.
    assert_eq!(ask(&router, bearer_of(Request::post("/api/v1/runs"), "s3cret")).await.0, 200);
    let wrong = Request::get("/api/v1/runs").header(header::COOKIE, "tier0_session=x");
    assert_eq!(ask(&router, wrong).await.0, 401);
    // The model server knows no cookies.
    let rest = Guard::of_token(Surface::Rest, BearerToken::new("s3cret"));
    let headers =
        HeaderMap::from_iter([(header::COOKIE, HeaderValue::from_static("tier0_session=s3cret"))]);
    assert_eq!(rest.caller(&headers, &Extensions::new()).await, Err(Denied::Missing));
}

#[tokio::test]
async fn who_asks_too_much_is_told_when_to_ask_again() {
    let limit = RateLimit {
        requests_per_second: 0.5,
        burst: 2,
        failures_per_minute: 1.0,
        failure_burst: 2,
    };
    let router = router(guard(&limit));
    let ask_as = |token: &'static str, address: &str| {
        let peer = PeerAddress(address.parse::<IpAddr>().unwrap());
        let request = bearer_of(Request::get("/api/v1/runs"), token).extension(peer);
        let router = router.clone();
        async move { ask(&router, request).await }
    };
    let (status, headers, _) = ask_as("s3cret", "10.0.0.1").await;
    assert_eq!((status, headers["ratelimit"].to_str().unwrap()), (200, "\"caller\";r=1;t=2"));
    assert_eq!(ask_as("s3cret", "10.0.0.2").await.0, 200, "the bucket is the caller's");
    let (status, headers, _) = ask_as("s3cret", "10.0.0.1").await;
    assert_eq!(status, 429);
    assert!((1..=2).contains(&headers[header::RETRY_AFTER].to_str().unwrap().parse().unwrap()));
    assert_eq!(headers["ratelimit-policy"].to_str().unwrap(), "\"caller\";q=2;w=4");
    // Probes and other open routes go on.
    assert_eq!(ask(&router, Request::post("/api/v1/session")).await.0, 200);
    let guesses = ["10.0.0.3"; 3].map(|address| ask_as("guess", address));
    let mut found = Vec::new();
    for guess in guesses {
        found.push(guess.await.0);
    }
    assert_eq!(found, [401, 401, 429]);
    assert_eq!(ask_as("guess", "10.0.0.4").await.0, 401, "another address");
}

/// What the guard takes of a request: the token is looked up by its digest, the bucket and the right by a table each. The bound is
/// generous; the figure is printed, and stands in docs/security.md.
#[tokio::test]
async fn a_guard_takes_little_of_a_request() {
    const REQUESTS: u32 = 20_000;
    let directory = tempfile::tempdir().unwrap();
    let file = auth::TokenFile::new(directory.path().join("tokens"));
    let now = "2026-01-01T00:00:00Z".parse().unwrap();
    let mut token = String::new();
    for number in 0..100 {
        token = file.create(&format!("t{number}"), Role::DataScientist, now, None).unwrap().text;
    }
    let limit = RateLimit { requests_per_second: 1e6, burst: 1_000_000, ..RateLimit::default() };
    let path = file.path().to_owned();
    let authority = Authority::open(Some(&path), &Oidc::default(), &BTreeMap::new(), &limit);
    let guard = Guard::new(Surface::Rest, None, Arc::new(authority.unwrap()));
    let request = bearer_of(Request::post("/v2/models/x/infer"), &token);
    let request = request.extension(PeerAddress("10.0.0.1".parse().unwrap())).body(()).unwrap();
    let begun = std::time::Instant::now();
    for _ in 0..REQUESTS {
        let (method, headers) = (request.method(), request.headers());
        guard.admit(Right::Predict, method, headers, request.extensions()).await.unwrap();
    }
    let each = begun.elapsed() / REQUESTS;
    eprintln!("a guard with a token of 100 and a limit takes {each:?} of a request");
    assert!(each < std::time::Duration::from_micros(200), "{each:?}");
}
