//! Listeners: where they may listen, who may ask, and the common one of health and metrics.
//!
//! Every listener of every process is guarded by this module, so that the rules are the same everywhere:
//! - an address that other machines reach needs a token, or another way to know its callers;
//! - a token is read from a file of at most 4096 bytes that its user alone can read, without surrounding blanks, and is not empty;
//! - a caller gives it as `Authorization: Bearer TOKEN`, with the scheme in any letter case (RFC 9110, 11.1), and it is compared
//!   in a time that does not depend on where the difference is;
//! - who is known may do what its role may, by the table of routes of the crate `auth` ([`Guard`]);
//! - where no token is asked for, the request is meant for this machine: its `Host` names loopback or is configured, so that a
//!   page whose name is made to lead here can neither read nor change anything;
//! - an address that other machines reach speaks TLS, unless it is said that something else protects the way to it ([`Listener`]);
//! - connections, heads and bodies have the bounds of [`ConnectionLimits`];
//! - answers carry what keeps browsers from keeping, framing or running them, and refusals are counted ([`guarded`]).

mod answers;
mod connections;
mod guard;
mod handshake;
mod listener;

use std::net::{IpAddr, SocketAddr};
use std::path::Path;
use std::sync::Arc;

use auth::{Authority, Surface};
use axum::Router;
use axum::extract::{MatchedPath, Request, State};
use axum::http::{StatusCode, header};
use axum::middleware::{self, Next};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use bus::Bus;
use bus::trace::TRACEPARENT;
use metrics_exporter_prometheus::PrometheusHandle;
use secret::SecretFileError;
use tls::ListenerTls;
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;
use tracing::Instrument as _;

use self::answers::guarded;
pub use self::answers::{Refusal, begin, finish, refused};
pub use self::connections::{ConnectionLimits, HeadLimits, Place, answer_on, serve};
pub use self::guard::{Admitted, Guard, Refused, SESSION_COOKIE, show_allowance};
pub use self::handshake::{SPEAK_TLS, Stream};
pub use self::listener::{Accepted, Bind, Connection, HTTP1, HTTP2, Listener};
use crate::telemetry::{self, spans};
use crate::{HttpConfig, Readiness, StartError};

/// Longest token file, in bytes.
const MAX_TOKEN_BYTES: u64 = 4096;

/// The token that callers of a listener have to give; [`Debug`](std::fmt::Debug) does not show it.
#[derive(Clone, PartialEq, Eq)]
pub struct BearerToken(Arc<str>);

impl std::fmt::Debug for BearerToken {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("[redacted]")
    }
}

impl BearerToken {
    /// A token without surrounding blanks; none where nothing is left.
    #[must_use]
    pub fn new(text: &str) -> Option<Self> {
        let token = text.trim();
        (!token.is_empty()).then(|| Self(token.into()))
    }

    /// Reads a token file.
    ///
    /// # Errors
    /// [`SecretFileError`] where the file cannot be read, can be read by others, is longer than 4096 bytes, or holds no token.
    pub fn read(path: &Path) -> Result<Self, SecretFileError> {
        let secret = secret::file::read(path, MAX_TOKEN_BYTES)?;
        Ok(Self(secret.expose().into()))
    }

    /// Whether a text is this token, in a time that depends on its length alone.
    #[must_use]
    pub fn is(&self, text: &str) -> bool {
        equal(text.as_bytes(), self.0.as_bytes())
    }

    /// The value of the `Authorization` header that carries it.
    pub fn header(&self) -> String {
        format!("Bearer {}", self.0)
    }
}

/// Whether two texts are equal, in a time that depends on their lengths alone.
fn equal(a: &[u8], b: &[u8]) -> bool {
    a.len() == b.len() && a.iter().zip(b).fold(0, |difference, (a, b)| difference | (a ^ b)) == 0
}

/// The address of `ADDRESS:PORT`; `localhost` is 127.0.0.1.
pub fn parse(listen: &str) -> Option<SocketAddr> {
    match listen.strip_prefix("localhost:") {
        Some(port) => Some(SocketAddr::new(IpAddr::from([127, 0, 0, 1]), port.parse().ok()?)),
        None => listen.parse().ok(),
    }
}

/// What is wrong with a listener that is configured at `address` under `key`: other machines reach it, and neither a file under
/// `token_key` nor what all listeners know of callers protects it.
#[must_use]
pub fn unprotected(
    key: &str,
    address: SocketAddr,
    token_key: &str,
    token_file: Option<&Path>,
    http: &HttpConfig,
) -> Option<String> {
    (!address.ip().is_loopback() && token_file.is_none() && !http.knows_callers()).then(|| {
        format!(
            "{key}: is {address}, beyond loopback; give http.tokens_file, http.oidc or {token_key}, or listen on 127.0.0.1"
        )
    })
}

/// What is wrong with a listener that is configured at `address` under `key`: other machines reach it without TLS, and `tls_key`
/// does not say that they may.
#[must_use]
pub fn unencrypted(
    key: &str,
    address: SocketAddr,
    tls_key: &str,
    tls: &ListenerTls,
) -> Option<String> {
    let is_open = !address.ip().is_loopback() && !tls.is_on() && !tls.allow_plaintext;
    is_open.then(|| {
        format!(
            "{key}: is {address}, beyond loopback without TLS; give {tls_key}.cert_file and {tls_key}.key_file, listen on 127.0.0.1, \
             or, where something else protects the way to it, set {tls_key}.allow_plaintext"
        )
    })
}

/// Listens at `ADDRESS:PORT`, and gives the listener with its address, whose port is not 0. `key` names the setting of the token
/// file.
///
/// # Errors
/// [`StartError::Unprotected`] where other machines reach the address and everybody is let in; [`StartError::Listen`].
async fn bind(
    listen: &str,
    is_guarded: bool,
    key: &'static str,
) -> Result<(TcpListener, SocketAddr), StartError> {
    let failed = |source| StartError::Listen { address: listen.to_owned(), source };
    let address = parse(listen).ok_or_else(|| {
        failed(std::io::Error::new(
            std::io::ErrorKind::InvalidInput,
            "expected ADDRESS:PORT such as 127.0.0.1:0",
        ))
    })?;
    if !address.ip().is_loopback() && !is_guarded {
        return Err(StartError::Unprotected { address: listen.to_owned(), key });
    }
    let listener = TcpListener::bind(address).await.map_err(failed)?;
    let address = listener.local_addr().map_err(failed)?;
    Ok((listener, address))
}

/// Lets only requests through whose `Host` is a name of loopback or one of `hosts`, without its port; others are answered with 421
/// (RFC 9110, 15.5.20) and the body of `refusal`. For listeners without a token.
pub fn addressed<S: Clone + Send + Sync + 'static>(
    router: Router<S>,
    hosts: Vec<String>,
    refusal: fn() -> Response,
) -> Router<S> {
    let addressee = Addressee { hosts: hosts.into(), refusal };
    router.layer(middleware::from_fn_with_state(addressee, check_host))
}

#[derive(Clone)]
struct Addressee {
    hosts: Arc<[String]>,
    refusal: fn() -> Response,
}

async fn check_host(
    State(Addressee { hosts, refusal }): State<Addressee>,
    request: Request,
    next: Next,
) -> Response {
    if is_addressed(&request, &hosts) {
        return next.run(request).await;
    }
    let mut response = refusal();
    *response.status_mut() = StatusCode::MISDIRECTED_REQUEST;
    response
}

/// Whether a request names loopback or one of `hosts`, or names no host.
#[must_use]
pub fn is_addressed<B>(request: &Request<B>, hosts: &[String]) -> bool {
    requested_host(request).is_none_or(|host| {
        host.eq_ignore_ascii_case("localhost")
            || host.parse::<IpAddr>().is_ok_and(|address| address.is_loopback())
            || hosts.iter().any(|own| own.eq_ignore_ascii_case(host))
    })
}

/// Whether a request names a host of one label, such as the name of a service in the network of its containers. Pages of the web
/// have names with a dot, so that no page can have a browser send such a name to an address of its choice.
#[must_use]
pub fn names_a_service<B>(request: &Request<B>) -> bool {
    requested_host(request).is_some_and(|host| !host.is_empty() && !host.contains(['.', ':']))
}

/// The host that a request names, without its port and the brackets of an IPv6 address.
fn requested_host<B>(request: &Request<B>) -> Option<&str> {
    let given = request.headers().get(header::HOST).and_then(|value| value.to_str().ok());
    // HTTP/1.1 may name the host in the target, and then that goes before the header.
    let given = request.uri().authority().map(|authority| authority.as_str()).or(given)?;
    let given = given.rsplit_once('@').map_or(given, |(_, host)| host);
    match given.strip_prefix('[').and_then(|rest| rest.split_once(']')) {
        Some((address, _)) => Some(address),
        None => given.split(':').next(),
    }
}

/// Makes a span of every request whose caller sent a trace that is recorded.
pub fn traced(router: Router) -> Router {
    router.layer(middleware::from_fn(trace))
}

async fn trace(request: Request, next: Next) -> Response {
    let given = request.headers().get(TRACEPARENT).and_then(|value| value.to_str().ok());
    let Some(parent) = telemetry::recorded(given) else { return next.run(request).await };
    let route = request.extensions().get::<MatchedPath>();
    let route = route.map_or("{unknown}", MatchedPath::as_str);
    let span = spans::http_request(request.method().as_str(), route, request.uri().path());
    telemetry::continue_from(&span, parent);
    let response = next.run(request).instrument(span.clone()).await;
    spans::http_answered(&span, response.status().as_u16());
    response
}

/// How often what histograms have recorded is put into their buckets.
const UPKEEP_INTERVAL: std::time::Duration = std::time::Duration::from_secs(5);

/// What probes and scrapes need, and nothing beyond.
const LIMITS: ConnectionLimits = ConnectionLimits {
    max_connections: 64,
    max_head_bytes: 16 * 1024,
    head_timeout: std::time::Duration::from_secs(10),
    body_timeout: std::time::Duration::from_secs(10),
    body_bytes_per_second: 1 << 20,
};

#[derive(Clone)]
struct Probes {
    ready: Readiness,
    bus: Option<Bus>,
    metrics: PrometheusHandle,
}

/// The common listener, bound.
#[derive(Debug)]
pub(crate) struct ProbeListener {
    listener: Listener,
    guard: Guard,
}

impl ProbeListener {
    pub(crate) async fn bind(
        config: &HttpConfig,
        authority: Arc<Authority>,
    ) -> Result<Self, StartError> {
        let token = config.token_file.as_deref().map(BearerToken::read).transpose()?;
        let guard = Guard::new(Surface::Process, token, authority);
        let listener = Listener::bind(Bind {
            name: "http",
            listen: &config.listen,
            is_guarded: !guard.is_open(),
            token_key: "http.token_file",
            tls: &config.tls,
            tls_key: "http.tls",
            protocols: HTTP1,
        });
        Ok(Self { listener: listener.await?, guard })
    }

    /// Where it can be reached.
    pub(crate) fn location(&self) -> String {
        self.listener.location()
    }

    /// Serves health and metrics until `shutdown`.
    pub(crate) async fn serve(
        self,
        ready: Readiness,
        bus: Option<Bus>,
        metrics: PrometheusHandle,
        shutdown: CancellationToken,
    ) {
        // What histograms have recorded lies in memory until it is put into their buckets, asked for or not.
        let (handle, until) = (metrics.clone(), shutdown.clone());
        let upkeep = async move {
            let mut every = tokio::time::interval(UPKEEP_INTERVAL);
            loop {
                tokio::select! {
                    () = until.cancelled() => break,
                    _ = every.tick() => handle.run_upkeep(),
                }
            }
        };
        tokio::spawn(upkeep);
        let router = routes(self.guard, Probes { ready, bus, metrics });
        serve(self.listener, router, LIMITS, shutdown).await;
    }
}

/// Probes, which tell nothing but yes and no and need no token, and metrics.
fn routes(guard: Guard, probes: Probes) -> Router {
    let is_open = guard.is_open();
    let router = Router::new()
        .route("/healthz", get(|| async { "ok\n" }))
        .route("/readyz", get(show_ready))
        .route("/metrics", get(show_metrics))
        .with_state(probes);
    let router = guard.protect(router, |refused| format!("{refused}\n").into_response());
    if is_open {
        return addressed(router, Vec::new(), || {
            "ask by a name of loopback, such as 127.0.0.1\n".into_response()
        });
    }
    router
}

async fn show_ready(State(probes): State<Probes>) -> Response {
    match probes.ready.reason() {
        None => match probes.ready.warning() {
            None => "ready\n".into_response(),
            Some(warning) => format!("ready, but {warning}\n").into_response(),
        },
        Some(reason) => {
            (StatusCode::SERVICE_UNAVAILABLE, format!("not ready: {reason}\n")).into_response()
        }
    }
}

async fn show_metrics(State(probes): State<Probes>) -> Response {
    let bus = probes.bus.as_ref();
    let text = crate::metrics::render(
        &probes.metrics,
        bus.is_some_and(Bus::is_connected),
        bus.and_then(Bus::storage_full).is_some(),
    );
    ([(header::CONTENT_TYPE, "text/plain; version=0.0.4")], text).into_response()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test")]

    use super::*;

    #[test]
    fn a_token_is_only_itself() {
        let token = BearerToken("s3cret".into());
        assert!(token.is("s3cret"));
        for wrong in ["", "s3", "s3cre", "s3creu", "s3creT", "s3crets"] {
            assert!(!token.is(wrong), "{wrong}");
        }
        assert!(!format!("{token:?}").contains("s3cret"));
    }

    #[test]
    fn a_host_names_loopback_or_is_configured() {
        let hosts = ["tier0.example".to_owned()];
        let of = |host: &str| Request::builder().header(header::HOST, host).body(()).unwrap();
        for meant in [
            "localhost",
            "LOCALHOST:8080",
            "127.0.0.1:1",
            "127.1.2.3",
            "[::1]:80",
            "Tier0.example:8",
        ] {
            assert!(is_addressed(&of(meant), &hosts), "{meant}");
        }
        for other in ["", "page.example:8080", "127.0.0.1.page.example", "10.0.0.1", "[fe80::1]:1"]
        {
            assert!(!is_addressed(&of(other), &hosts), "{other}");
            assert!(!names_a_service(&of(other)), "{other}");
        }
        assert!(names_a_service(&of("model-server:8080")));
    }

    #[test]
    fn a_token_file_holds_a_token_of_bounded_length() {
        use std::os::unix::fs::PermissionsExt as _;
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("token");
        assert!(BearerToken::read(&path).is_err(), "there is no file");
        for (text, expected) in [
            (" s3cret\n".to_owned(), BearerToken::new("s3cret")),
            (" \n".to_owned(), None),
            ("x".repeat(4096), BearerToken::new(&"x".repeat(4096))),
            ("x".repeat(4097), None),
        ] {
            std::fs::write(&path, text).unwrap();
            assert!(BearerToken::read(&path).is_err(), "others can read it");
            std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o600)).unwrap();
            assert_eq!(BearerToken::read(&path).ok(), expected);
            std::fs::remove_file(&path).unwrap();
        }
    }

    #[tokio::test]
    async fn an_open_address_needs_a_token() {
        let refused = bind("0.0.0.0:0", false, "http.token_file").await.unwrap_err();
        assert!(refused.to_string().contains("http.token_file"), "{refused}");
        assert!(bind("0.0.0.0:0", true, "http.token_file").await.is_ok());
        assert!(bind("localhost:0", false, "http.token_file").await.is_ok());
        assert!(bind("nowhere", false, "http.token_file").await.is_err());
    }
}
