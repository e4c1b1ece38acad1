//! The floor: a bare axum handler that parses the same JSON and answers the same JSON, and does nothing else.

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;

use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::post;
use serde_json::Value;

/// Threads of a server on two cores.
const THREADS: usize = 2;

/// A running handler; ends when dropped.
pub(super) struct BareServer {
    pub(super) address: SocketAddr,
    runtime: Option<tokio::runtime::Runtime>,
}

impl BareServer {
    /// Starts one that answers `answer` to whatever is JSON.
    pub(super) fn start(answer: Value) -> io::Result<Self> {
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(THREADS)
            .thread_name("bare")
            .enable_all()
            .build()?;
        let listener = std::net::TcpListener::bind("127.0.0.1:0")?;
        listener.set_nonblocking(true)?;
        let address = listener.local_addr()?;
        let router = Router::new()
            .route("/v2/models/{model}/infer", post(infer))
            .with_state(Arc::new(answer));
        runtime.spawn(async move {
            let listener = tokio::net::TcpListener::from_std(listener)?;
            let listener = axum::serve::ListenerExt::tap_io(listener, |stream| {
                let _as_it_was = stream.set_nodelay(true);
            });
            axum::serve(listener, router).await
        });
        Ok(Self { address, runtime: Some(runtime) })
    }
}

impl Drop for BareServer {
    fn drop(&mut self) {
        if let Some(runtime) = self.runtime.take() {
            runtime.shutdown_background();
        }
    }
}

async fn infer(State(answer): State<Arc<Value>>, body: Bytes) -> Response {
    let request: Value = match serde_json::from_slice(&body) {
        Ok(request) => request,
        Err(error) => return (StatusCode::BAD_REQUEST, error.to_string()).into_response(),
    };
    if request.get("inputs").is_none() {
        return StatusCode::BAD_REQUEST.into_response();
    }
    ([(header::CONTENT_TYPE, "application/json")], answer.to_string()).into_response()
}
