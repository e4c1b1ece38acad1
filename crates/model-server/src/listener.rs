//! HTTP/1.1 for REST: connections that live on threads of their own ([`crate::threads`]), bounded as `process` bounds those of
//! every listener.

use std::io;
use std::sync::Arc;
use std::time::Duration;

use axum::extract::Request;
use axum::http::{HeaderValue, header};
use process::http::{Accepted, HeadLimits, Listener, answer_on, finish};
use process::{CancellationToken, spans};
use tokio_util::task::TaskTracker;
use tracing::Instrument as _;

use crate::error::InferError;
use crate::server::Server;
use crate::telemetry::{self, RequestLabels};
use crate::threads::Threads;

/// Name of the listener in metrics and logs.
pub(crate) const LISTENER: &str = "rest";

/// Answers until `shutdown`, then what has been asked by then.
///
/// # Errors
/// When no threads can be had for the connections.
pub(crate) async fn serve(
    listener: Listener,
    server: Arc<Server>,
    shutdown: CancellationToken,
) -> io::Result<()> {
    let mut threads = Threads::start(server.serving.threads())?;
    let router = crate::rest::router(Arc::clone(&server));
    let open = telemetry::connections();
    let tracker = TaskTracker::new();
    let (connections, until) = (server.serving.max_connections, shutdown.clone());
    let take = |accepted: Accepted| {
        let accepted = match accepted.detach() {
            Ok(accepted) => accepted,
            Err(error) => {
                tracing::warn!(%error, "a connection could not be given to its thread");
                return;
            }
        };
        let (router, server, open) = (router.clone(), Arc::clone(&server), open.clone());
        let (tracked, shutdown) = (tracker.token(), shutdown.clone());
        let begun = threads.begin(move || {
            tokio::spawn(async move {
                open.increment(1);
                match accepted.attach() {
                    Ok(accepted) => connection(accepted, router, server, shutdown).await,
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
    listener.accept(connections, until, turned_away, take).await;
    tracker.close();
    tracker.wait().await;
    Ok(())
}

/// The answer to a connection for which there is no place, counted as one to a request.
fn turned_away() -> String {
    let error = InferError::Overloaded;
    telemetry::refused(RequestLabels::default(), error.kind());
    let body = serde_json::json!({ "error": error.to_string() }).to_string();
    format!(
        "HTTP/1.1 503 Service Unavailable\r\ncontent-type: application/json\r\ncontent-length: {}\r\n\
         retry-after: {}\r\nconnection: close\r\n\r\n{body}",
        body.len(),
        error.retry_after().unwrap_or(1),
    )
}

async fn connection(
    accepted: Accepted,
    router: axum::Router,
    server: Arc<Server>,
    shutdown: CancellationToken,
) {
    let Some(connection) = accepted.secured(&shutdown).await else { return };
    let idle = Duration::from_secs(server.serving.idle_seconds);
    let answer = move |request: Request| {
        let (router, server) = (router.clone(), Arc::clone(&server));
        async move {
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
            response
        }
    };
    answer_on(connection, HeadLimits { timeout: idle, max_bytes: None }, shutdown, answer).await;
}
