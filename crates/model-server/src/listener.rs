//! HTTP/1.1 for REST: connections that are bounded in number and in the time they may hold up the server.
//!
//! Invariants:
//! - A connection that sends no whole head in time is closed, so that slow ones do not fill the places of others.
//! - A connection beyond the bound takes the place of the one that is idle the longest; where none is idle, it is answered with
//!   503 and closed. So idle connections shut no caller out.
//! - After `shutdown`, what has been asked is answered, and nothing more is read.

use std::convert::Infallible;
use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use auth::PeerAddress;
use axum::body::Body;
use axum::http::{HeaderValue, Request, header};
use futures::FutureExt as _;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use process::http::{Place, Places, Refusal, finish, is_of_the_connection, refused, see_through};
use process::{CancellationToken, spans};
use tokio::net::{TcpListener, TcpStream};
use tokio_util::task::TaskTracker;
use tracing::Instrument as _;

use crate::error::InferError;
use crate::server::Server;
use crate::telemetry::{self, RequestLabels};
use crate::threads::Threads;

/// Name of the listener in metrics and logs.
pub(crate) const LISTENER: &str = "rest";
/// Wait after a connection could not be taken for want of something, such as file descriptors.
const ACCEPT_RETRY_DELAY: Duration = Duration::from_millis(100);
/// Time for the head of a request on a connection that was taken at the very end.
const LATE_HEAD_TIMEOUT: Duration = Duration::from_secs(1);

/// Answers until `shutdown`, then what has been asked by then.
///
/// # Errors
/// When no threads can be had for the connections.
pub(crate) async fn serve(
    listener: TcpListener,
    server: Arc<Server>,
    shutdown: CancellationToken,
) -> io::Result<()> {
    let mut threads = Threads::start(server.serving.threads())?;
    let router = crate::rest::router(Arc::clone(&server));
    let places = Places::new(server.serving.max_connections);
    let open = telemetry::connections();
    let tracker = TaskTracker::new();
    let idle = Duration::from_secs(server.serving.idle_seconds);
    let mut take = |stream: TcpStream, peer: SocketAddr, place: Option<Place>, idle, until| {
        let Some(place) = place else {
            turn_away(&stream);
            return;
        };
        // Answers are small and awaited: they must not wait for the next packet.
        if let Err(error) = stream.set_nodelay(true) {
            tracing::debug!(%error, "TCP_NODELAY could not be set");
        }
        let stream = match stream.into_std() {
            Ok(stream) => stream,
            Err(error) => {
                tracing::warn!(%error, "a connection could not be given to its thread");
                return;
            }
        };
        let (router, server, open) = (router.clone(), Arc::clone(&server), open.clone());
        let tracked = tracker.token();
        let begun = threads.begin(move || {
            tokio::spawn(async move {
                open.increment(1);
                match TcpStream::from_std(stream) {
                    Ok(stream) => {
                        connection(stream, peer, router, server, place, idle, until).await
                    }
                    Err(error) => tracing::warn!(%error, "a connection was lost to its thread"),
                }
                open.decrement(1);
                drop(tracked);
            });
        });
        if !begun {
            tracing::warn!("a connection is closed: its thread is too far behind");
        }
    };
    loop {
        let accepted = tokio::select! {
            () = shutdown.cancelled() => break,
            accepted = listener.accept() => accepted,
        };
        let (stream, peer) = match accepted {
            Ok(accepted) => accepted,
            Err(error) if is_of_the_connection(&error) => continue,
            Err(error) => {
                tracing::warn!(%error, "a connection could not be taken");
                tokio::time::sleep(ACCEPT_RETRY_DELAY).await;
                continue;
            }
        };
        let place = places.take().await;
        take(stream, peer, place, idle, shutdown.clone());
    }
    // Who has connected already is answered once; from then on connections are refused.
    while let Some(Ok((stream, peer))) = listener.accept().now_or_never() {
        let place = places.take().await;
        take(stream, peer, place, LATE_HEAD_TIMEOUT, CancellationToken::new());
    }
    drop(listener);
    tracker.close();
    tracker.wait().await;
    Ok(())
}

/// Answers a connection for which there is no place, without waiting for anything.
fn turn_away(stream: &TcpStream) {
    let error = InferError::Overloaded;
    telemetry::refused(RequestLabels::default(), error.kind());
    refused(LISTENER, Refusal::Connections);
    let body = serde_json::json!({ "error": error.to_string() }).to_string();
    let answer = format!(
        "HTTP/1.1 503 Service Unavailable\r\ncontent-type: application/json\r\ncontent-length: {}\r\n\
         retry-after: {}\r\nconnection: close\r\n\r\n{body}",
        body.len(),
        error.retry_after().unwrap_or(1),
    );
    // A fresh socket has room for this; if it has not, the caller sees the connection closed.
    let _ = stream.try_write(answer.as_bytes());
}

async fn connection(
    stream: TcpStream,
    peer: SocketAddr,
    router: axum::Router,
    server: Arc<Server>,
    place: Place,
    idle: Duration,
    shutdown: CancellationToken,
) {
    let place = Arc::new(place);
    let of_requests = Arc::clone(&place);
    let service = service_fn(move |request: Request<hyper::body::Incoming>| {
        let (router, server, place) =
            (router.clone(), Arc::clone(&server), Arc::clone(&of_requests));
        async move {
            place.busy();
            let mut request = request.map(Body::new);
            request.extensions_mut().insert(PeerAddress(peer.ip()));
            let span = crate::trace::request(&request);
            let answer = crate::rest::answer(&server, router, request);
            let mut response = answer.instrument(span.clone()).await;
            let status = response.status();
            spans::http_answered(&span, status.as_u16());
            finish(LISTENER, status, response.headers_mut());
            if server.is_draining() {
                response
                    .headers_mut()
                    .insert(header::CONNECTION, HeaderValue::from_static("close"));
            }
            place.idle();
            Ok::<_, Infallible>(response)
        }
    });
    let connection = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(idle)
        .serve_connection(TokioIo::new(stream), service);
    see_through(connection, &place, shutdown).await;
}
