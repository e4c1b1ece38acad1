//! What every answer of every listener carries, and refusals that are counted.
//!
//! Invariants:
//! - An answer that says nothing else is not kept, not shown in a frame, not read as another type, and leads to no script.
//! - A refusal is counted by listener and reason; the log says so at most once a minute for each, without a value of the request.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use axum::Router;
use axum::extract::{Request, State};
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use axum::middleware::{self, Next};
use axum::response::Response;

const REFUSALS: &str = "tier0_http_refusals_total";
/// Least time between two lines of the log about refusals of the same listener and reason.
const LOG_INTERVAL: Duration = Duration::from_mins(1);

/// Why a listener refused a request, before what it asks for was looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Refusal {
    /// The token is missing or wrong (401).
    Token,
    /// The caller may not (403).
    Right,
    /// The body is too large (413).
    Size,
    /// It is meant for another host (421).
    Host,
    /// Too much is asked at a time (429).
    Rate,
    /// There is no room for another connection (503).
    Connections,
    /// It speaks plain HTTP where TLS is spoken.
    TlsPlaintext,
    /// Its certificate is missing, or of an authority that is not trusted.
    TlsCertificate,
    /// The handshake took too long.
    TlsTimeout,
    /// The handshake failed otherwise: no version or protocol in common, or the caller does not trust this listener.
    TlsHandshake,
}

impl Refusal {
    const ALL: [Self; 10] = [
        Self::Token,
        Self::Right,
        Self::Size,
        Self::Host,
        Self::Rate,
        Self::Connections,
        Self::TlsPlaintext,
        Self::TlsCertificate,
        Self::TlsTimeout,
        Self::TlsHandshake,
    ];

    const fn as_str(self) -> &'static str {
        match self {
            Self::Token => "token",
            Self::Right => "right",
            Self::Size => "size",
            Self::Host => "host",
            Self::Rate => "rate",
            Self::Connections => "connections",
            Self::TlsPlaintext => "tls_plaintext",
            Self::TlsCertificate => "tls_certificate",
            Self::TlsTimeout => "tls_timeout",
            Self::TlsHandshake => "tls_handshake",
        }
    }

    const fn of(status: StatusCode) -> Option<Self> {
        Some(match status {
            StatusCode::UNAUTHORIZED => Self::Token,
            StatusCode::FORBIDDEN => Self::Right,
            StatusCode::PAYLOAD_TOO_LARGE => Self::Size,
            StatusCode::MISDIRECTED_REQUEST => Self::Host,
            StatusCode::TOO_MANY_REQUESTS => Self::Rate,
            _ => return None,
        })
    }
}

/// Has the answers of a listener of this name carry what all do, and counts its refusals.
pub(super) fn guarded(router: Router, listener: &'static str) -> Router {
    begin(listener);
    router.layer(middleware::from_fn_with_state(listener, guard))
}

async fn guard(State(listener): State<&'static str>, request: Request, next: Next) -> Response {
    let mut response = next.run(request).await;
    finish(listener, response.status(), response.headers_mut());
    response
}

/// Begins the counts of a listener's refusals at 0: what an alert compares has to be there before the first one.
pub fn begin(listener: &'static str) {
    metrics::describe_counter!(REFUSALS, "Requests that a listener refused, by reason");
    for reason in Refusal::ALL {
        metrics::counter!(REFUSALS, "listener" => listener, "reason" => reason.as_str())
            .increment(0);
    }
}

/// What all answers carry.
const CARRIED: [(HeaderName, HeaderValue); 5] = [
    (header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff")),
    (header::CACHE_CONTROL, HeaderValue::from_static("no-store")),
    (header::REFERRER_POLICY, HeaderValue::from_static("no-referrer")),
    (header::X_FRAME_OPTIONS, HeaderValue::from_static("DENY")),
    (
        header::CONTENT_SECURITY_POLICY,
        HeaderValue::from_static("default-src 'none'; frame-ancestors 'none'"),
    ),
];

/// Puts what all answers carry on one, where it says nothing else, and counts it where it is a refusal.
pub fn finish(listener: &'static str, status: StatusCode, headers: &mut HeaderMap) {
    headers.reserve(CARRIED.len());
    for (name, value) in CARRIED {
        headers.entry(name).or_insert(value);
    }
    if let Some(reason) = Refusal::of(status) {
        refused(listener, reason);
    }
}

/// Counts a refusal, and says so where that was not said for some time.
pub fn refused(listener: &'static str, reason: Refusal) {
    metrics::counter!(REFUSALS, "listener" => listener, "reason" => reason.as_str()).increment(1);
    if let Some(requests) = SAID.note(listener, reason, Instant::now()) {
        tracing::warn!(listener, reason = reason.as_str(), requests, "requests are refused");
    }
}

static SAID: Said = Said(Mutex::new(BTreeMap::new()));

/// When refusals were told last, and how many there were since.
struct Said(Mutex<BTreeMap<Kind, (Instant, u64)>>);

/// A listener's name, and why it refuses.
type Kind = (&'static str, Refusal);

impl Said {
    /// The refusals since they were told last, where it is time to tell them.
    fn note(&self, listener: &'static str, reason: Refusal, now: Instant) -> Option<u64> {
        let mut said = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let Some((last, untold)) = said.get_mut(&(listener, reason)) else {
            said.insert((listener, reason), (now, 0));
            return Some(1);
        };
        *untold += 1;
        if now.saturating_duration_since(*last) < LOG_INTERVAL {
            return None;
        }
        *last = now;
        Some(std::mem::take(untold))
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test")]

    use axum::body::Body;
    use axum::routing::get;
    use tower::ServiceExt as _;

    use super::*;

    #[tokio::test]
    async fn every_answer_carries_what_all_do_unless_it_says_otherwise() {
        let router = Router::new()
            .route("/plain", get(|| async { "x" }))
            .route("/kept", get(|| async { ([(header::CACHE_CONTROL, "no-cache")], "x") }));
        let router = guarded(router, "test");
        for (path, status, kept) in
            [("/plain", 200, "no-store"), ("/kept", 200, "no-cache"), ("/none", 404, "no-store")]
        {
            let request = Request::get(path).body(Body::empty()).unwrap();
            let answer = router.clone().oneshot(request).await.unwrap();
            assert_eq!(answer.status(), status, "{path}");
            let headers = answer.headers();
            assert_eq!(headers[header::CACHE_CONTROL], kept, "{path}");
            assert_eq!(headers[header::X_CONTENT_TYPE_OPTIONS], "nosniff");
            assert_eq!(headers[header::REFERRER_POLICY], "no-referrer");
            assert_eq!(headers[header::X_FRAME_OPTIONS], "DENY");
            assert!(headers.contains_key(header::CONTENT_SECURITY_POLICY));
        }
    }

    #[test]
    fn refusals_are_told_once_a_minute_with_their_number() {
        let said = Said(Mutex::default());
        let begun = Instant::now();
        let at = |seconds| begun + Duration::from_secs(seconds);
        assert_eq!(said.note("x", Refusal::Token, at(0)), Some(1));
        assert_eq!(said.note("x", Refusal::Host, at(1)), Some(1), "another reason");
        for second in 2..60 {
            assert_eq!(said.note("x", Refusal::Token, at(second)), None);
        }
        assert_eq!(said.note("x", Refusal::Token, at(60)), Some(59));
        assert_eq!(said.note("x", Refusal::Token, at(61)), None);
    }

    #[test]
    fn refusals_have_the_reason_of_their_status() {
        for (status, reason) in [
            (StatusCode::UNAUTHORIZED, Some(Refusal::Token)),
            (StatusCode::FORBIDDEN, Some(Refusal::Right)),
            (StatusCode::PAYLOAD_TOO_LARGE, Some(Refusal::Size)),
            (StatusCode::MISDIRECTED_REQUEST, Some(Refusal::Host)),
            (StatusCode::TOO_MANY_REQUESTS, Some(Refusal::Rate)),
            (StatusCode::NOT_FOUND, None),
            (StatusCode::OK, None),
        ] {
            assert_eq!(Refusal::of(status), reason, "{status}");
        }
    }
}
