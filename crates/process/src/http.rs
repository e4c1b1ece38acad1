//! Listeners: where they may listen, who may ask, and the common one of health and metrics.

use std::net::{IpAddr, SocketAddr};
use std::path::Path;
use std::sync::Arc;

use axum::Router;
use axum::extract::{MatchedPath, Request, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::middleware::{self, Next};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use bus::Bus;
use bus::trace::TRACEPARENT;
use metrics_exporter_prometheus::PrometheusHandle;
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;
use tracing::Instrument as _;

use crate::telemetry::{self, spans};
use crate::{HttpConfig, Ready, StartError};

/// Longest token file.
const LONGEST_TOKEN: u64 = 4096;

/// What a caller has to show.
#[derive(Clone)]
pub struct BearerToken(Arc<str>);

impl std::fmt::Debug for BearerToken {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("[redacted]")
    }
}

impl BearerToken {
    /// Reads a token file; surrounding blanks do not count.
    pub fn read(path: &Path) -> Result<Self, StartError> {
        let failed = |source| StartError::File { path: path.to_owned(), source };
        let bad =
            |what: &'static str| failed(std::io::Error::new(std::io::ErrorKind::InvalidData, what));
        if std::fs::metadata(path).map_err(failed)?.len() > LONGEST_TOKEN {
            return Err(bad("a token has at most 4096 bytes"));
        }
        let text = std::fs::read_to_string(path).map_err(failed)?;
        let token = text.trim();
        if token.is_empty() {
            return Err(bad("the token is empty"));
        }
        Ok(Self(token.into()))
    }

    /// Whether the request carries this token.
    pub fn admits(&self, headers: &HeaderMap) -> bool {
        let given = headers.get(header::AUTHORIZATION).and_then(|value| value.to_str().ok());
        let given = given.and_then(|value| value.split_once(' '));
        given.is_some_and(|(scheme, token)| {
            scheme.eq_ignore_ascii_case("bearer")
                && equal(token.trim().as_bytes(), self.0.as_bytes())
        })
    }

    /// The value of the `Authorization` header that carries it.
    pub fn header(&self) -> String {
        format!("Bearer {}", self.0)
    }
}

/// In a time that does not tell where the difference is.
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

/// Listens there; refuses an address that other machines reach where there is no token. `key` names the setting of
/// the token file in the refusal.
pub async fn bind(
    listen: &str,
    token: Option<&BearerToken>,
    key: &'static str,
) -> Result<TcpListener, StartError> {
    let failed = |source| StartError::Listen { address: listen.to_owned(), source };
    let address = parse(listen).ok_or_else(|| {
        failed(std::io::Error::new(
            std::io::ErrorKind::InvalidInput,
            "expected ADDRESS:PORT such as 127.0.0.1:0",
        ))
    })?;
    if !address.ip().is_loopback() && token.is_none() {
        return Err(StartError::Unprotected { address: listen.to_owned(), key });
    }
    TcpListener::bind(address).await.map_err(failed)
}

/// Lets only requests through that carry the token; without a token, all.
pub fn authorized(router: Router, token: Option<BearerToken>) -> Router {
    match token {
        Some(token) => router.layer(middleware::from_fn_with_state(token, authorize)),
        None => router,
    }
}

async fn authorize(State(token): State<BearerToken>, request: Request, next: Next) -> Response {
    if token.admits(request.headers()) {
        return next.run(request).await;
    }
    let challenge = [(header::WWW_AUTHENTICATE, "Bearer")];
    (StatusCode::UNAUTHORIZED, challenge, "a bearer token is needed\n").into_response()
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
const UPKEEP: std::time::Duration = std::time::Duration::from_secs(5);

#[derive(Clone)]
struct Probes {
    ready: Ready,
    bus: Option<Bus>,
    metrics: PrometheusHandle,
}

/// The common listener, bound.
#[derive(Debug)]
pub(crate) struct Listener {
    listener: TcpListener,
    token: Option<BearerToken>,
    pub(crate) address: SocketAddr,
}

impl Listener {
    pub(crate) async fn bind(config: &HttpConfig) -> Result<Self, StartError> {
        let token = config.token_file.as_deref().map(BearerToken::read).transpose()?;
        let listener = bind(&config.listen, token.as_ref(), "http.token_file").await?;
        let address = listener
            .local_addr()
            .map_err(|source| StartError::Listen { address: config.listen.clone(), source })?;
        Ok(Self { listener, token, address })
    }

    /// Serves health and metrics until `shutdown`.
    pub(crate) async fn serve(
        self,
        ready: Ready,
        bus: Option<Bus>,
        metrics: PrometheusHandle,
        shutdown: CancellationToken,
    ) {
        let metrics_router = authorized(
            Router::new().route("/metrics", get(show_metrics)).with_state(Probes {
                ready: ready.clone(),
                bus: bus.clone(),
                metrics: metrics.clone(),
            }),
            self.token,
        );
        // What histograms have recorded lies in memory until it is put into their buckets, asked for or not.
        let (handle, until) = (metrics.clone(), shutdown.clone());
        let upkeep = async move {
            let mut every = tokio::time::interval(UPKEEP);
            loop {
                tokio::select! {
                    () = until.cancelled() => break,
                    _ = every.tick() => handle.run_upkeep(),
                }
            }
        };
        tokio::spawn(upkeep);
        // Probes tell nothing but yes and no, and an orchestrator's prober carries no token.
        let router = Router::new()
            .route("/healthz", get(|| async { "ok\n" }))
            .route("/readyz", get(show_ready))
            .with_state(Probes { ready, bus, metrics })
            .merge(metrics_router);
        let served = axum::serve(self.listener, router)
            .with_graceful_shutdown(async move { shutdown.cancelled().await });
        if let Err(error) = served.await {
            tracing::error!(%error, "the listener of health and metrics ended");
        }
    }
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
    fn a_token_admits_only_itself() {
        let token = BearerToken("s3cret".into());
        let with = |value: &str| {
            let mut headers = HeaderMap::new();
            headers.insert(header::AUTHORIZATION, value.parse().unwrap());
            token.admits(&headers)
        };
        assert!(with("Bearer s3cret") && with("bearer  s3cret"));
        assert!(
            !with("Bearer s3cre")
                && !with("Bearer s3creT")
                && !with("Basic s3cret")
                && !with("s3cret")
        );
        assert!(!token.admits(&HeaderMap::new()));
        assert!(!format!("{token:?}").contains("s3cret"));
    }

    #[tokio::test]
    async fn an_open_address_needs_a_token() {
        let refused = bind("0.0.0.0:0", None, "http.token_file").await.unwrap_err();
        assert!(refused.to_string().contains("http.token_file"), "{refused}");
        assert!(bind("0.0.0.0:0", Some(&BearerToken("x".into())), "http.token_file").await.is_ok());
        assert!(bind("localhost:0", None, "http.token_file").await.is_ok());
        assert!(bind("nowhere", None, "http.token_file").await.is_err());
    }
}
