//! Who is let in to gRPC, and how much may be on its way, settled before a message is read.
//!
//! ```text
//! head of a call ─▶ token ─▶ a place among the calls ─▶ body, with room for its bytes as they come ─▶ message
//! ```
//!
//! Invariants:
//! - A call without the token is refused by its head: of its body nothing is kept.
//! - Unfinished messages take room as bodies over REST do; where there is none, the call is refused.
//! - Probes need no token, and their messages are all but empty.

use std::future::{Future, ready};
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll};

use axum::http::{Request, Response};
use bytes::Bytes;
use futures::StreamExt as _;
use http_body_util::{BodyStream, Limited, StreamBody};
use process::http::{Refusal, refused};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tonic::Status;
use tonic::body::Body;
use tower::{Layer, Service};

use super::connections::{Call, Occupied};
use super::{LISTENER, refuse};
use crate::error::InferError;
use crate::load::BodyRoom;
use crate::server::Server;
use crate::telemetry::RequestLabels;

/// Calls that need no token: they say nothing beyond whether the process is up.
const PROBES: [&str; 2] =
    ["/inference.GRPCInferenceService/ServerLive", "/inference.GRPCInferenceService/ServerReady"];
/// Longest message of a probe, in bytes.
const MAX_PROBE_BYTES: usize = 1024;

/// Lets calls in; cheap to clone.
#[derive(Debug, Clone)]
pub(crate) struct Admissions {
    server: Arc<Server>,
    calls: Arc<Semaphore>,
}

/// A service behind [`Admissions`].
#[derive(Debug, Clone)]
pub(crate) struct Admitted<S> {
    admissions: Admissions,
    inner: S,
}

/// Room for the message that a call brings; the call itself takes it over.
#[derive(Debug, Clone)]
pub(super) struct Arriving(Arc<Mutex<Option<BodyRoom>>>);

/// What a call holds until it is answered.
#[derive(Debug)]
struct Held {
    _permit: Option<OwnedSemaphorePermit>,
    _call: Option<Call>,
}

impl Admissions {
    pub(crate) fn new(server: Arc<Server>) -> Self {
        let most = server.serving.max_in_flight.min(Semaphore::MAX_PERMITS);
        Self { server, calls: Arc::new(Semaphore::new(most)) }
    }

    #[allow(clippy::result_large_err, reason = "a status is what gRPC answers")]
    fn admit(&self, mut request: Request<Body>) -> Result<(Request<Body>, Held), Status> {
        let occupied = request.extensions().get::<Occupied>().cloned();
        let call = occupied.as_ref().map(Occupied::call);
        if let Some(peer) = occupied.as_ref().and_then(Occupied::peer) {
            request.extensions_mut().insert(peer.clone());
        }
        if PROBES.contains(&request.uri().path()) {
            let request = request.map(|body| Body::new(Limited::new(body, MAX_PROBE_BYTES)));
            return Ok((request, Held { _permit: None, _call: call }));
        }
        let token = self.server.token.as_ref();
        if !token.is_none_or(|token| token.admits(request.headers())) {
            refused(LISTENER, Refusal::Token);
            return Err(Status::unauthenticated("the bearer token is missing or wrong"));
        }
        let permit = Arc::clone(&self.calls).try_acquire_owned().map_err(|_| {
            refused(LISTENER, Refusal::Rate);
            refuse(&InferError::Overloaded, RequestLabels::default())
        })?;
        let arriving = Arriving(Arc::new(Mutex::new(Some(self.server.body_room()))));
        let (mut parts, body) = request.into_parts();
        parts.extensions.insert(arriving.clone());
        let counted = BodyStream::new(body).map(move |frame| {
            let frame = frame?;
            arriving.grow(frame.data_ref().map_or(0, Bytes::len))?;
            Ok::<_, Status>(frame)
        });
        let request = Request::from_parts(parts, Body::new(StreamBody::new(counted)));
        Ok((request, Held { _permit: Some(permit), _call: call }))
    }
}

impl Arriving {
    /// The room that the message has taken; none where the call has taken it over before.
    pub(super) fn take(&self) -> Option<BodyRoom> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).take()
    }

    #[allow(clippy::result_large_err, reason = "a status is what gRPC answers")]
    fn grow(&self, bytes: usize) -> Result<(), Status> {
        match self.0.lock().unwrap_or_else(PoisonError::into_inner).as_mut() {
            Some(room) => room.grow(bytes).map_err(|error| {
                refused(LISTENER, Refusal::Rate);
                refuse(&error, RequestLabels::default())
            }),
            None => Ok(()),
        }
    }
}

impl<S> Layer<S> for Admissions {
    type Service = Admitted<S>;

    fn layer(&self, inner: S) -> Admitted<S> {
        Admitted { admissions: self.clone(), inner }
    }
}

impl<S> Service<Request<Body>> for Admitted<S>
where
    S: Service<Request<Body>, Response = Response<Body>>,
    S::Error: Send + 'static,
    S::Future: Send + 'static,
{
    type Response = Response<Body>;
    type Error = S::Error;
    type Future = Pin<Box<dyn Future<Output = Result<Response<Body>, S::Error>> + Send>>;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.inner.poll_ready(context)
    }

    fn call(&mut self, request: Request<Body>) -> Self::Future {
        match self.admissions.admit(request) {
            Ok((request, held)) => {
                let answer = self.inner.call(request);
                Box::pin(async move {
                    let answer = answer.await;
                    drop(held);
                    answer
                })
            }
            Err(status) => Box::pin(ready(Ok(status.into_http()))),
        }
    }
}
