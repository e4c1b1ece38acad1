//! Who is let in to gRPC, and how much may be on its way, settled before a message is read.
//!
//! ```text
//! head of a call ─▶ caller and right ─▶ a place among the calls ─▶ body, with room for its bytes as they come ─▶ message
//! ```
//!
//! Invariants:
//! - A call whose caller is not known, or may not, is refused by its head: of its body nothing is kept.
//! - Unfinished messages take room as bodies over REST do; where there is none, the call is refused.
//! - Probes need no right, and their messages are all but empty.

use std::future::Future;
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll};

use auth::{Denied, Need, Surface};
use axum::http::{Request, Response};
use bytes::Bytes;
use futures::StreamExt as _;
use http_body_util::{BodyStream, Limited, StreamBody};
use process::http::{Refusal, Refused, refused};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tonic::body::Body;
use tonic::metadata::MetadataValue;
use tonic::{Code, Status};
use tower::{Layer, Service};

use super::connections::{Call, Occupied};
use super::{LISTENER, refuse};
use crate::error::InferError;
use crate::load::BodyRoom;
use crate::server::Server;
use crate::telemetry::RequestLabels;

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
    async fn admit(&self, mut request: Request<Body>) -> Result<(Request<Body>, Held), Status> {
        let occupied = request.extensions().get::<Occupied>().cloned();
        let call = occupied.as_ref().map(Occupied::call);
        if let Some(occupied) = &occupied {
            occupied.name_caller(request.extensions_mut());
        }
        let method = request.method().as_str();
        let Need::Right(right) = auth::need(Surface::Grpc, method, request.uri().path()) else {
            let request = request.map(|body| Body::new(Limited::new(body, MAX_PROBE_BYTES)));
            return Ok((request, Held { _permit: None, _call: call }));
        };
        let (mut parts, body) = request.into_parts();
        let guard = &self.server.grpc_guard;
        let admitted = guard.admit(right, &parts.method, &parts.headers, &parts.extensions).await;
        admitted.map_err(|denied| status(&denied))?;
        let permit = Arc::clone(&self.calls).try_acquire_owned().map_err(|_| {
            refused(LISTENER, Refusal::Rate);
            refuse(&InferError::Overloaded, RequestLabels::default())
        })?;
        let arriving = Arriving(Arc::new(Mutex::new(Some(self.server.body_room()))));
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

/// A refusal as gRPC has it, counted.
fn status(denied: &Refused) -> Status {
    let (code, reason) = match denied {
        Refused::Denied(Denied::Missing | Denied::Refused(_)) => {
            (Code::Unauthenticated, Refusal::Token)
        }
        Refused::Denied(Denied::Limited(_)) => (Code::ResourceExhausted, Refusal::Rate),
        Refused::Denied(Denied::Forbidden { .. }) | Refused::ForeignOrigin => {
            (Code::PermissionDenied, Refusal::Right)
        }
    };
    refused(LISTENER, reason);
    let mut status = Status::new(code, denied.to_string());
    if let Refused::Denied(Denied::Limited(allowance)) = denied {
        let seconds = MetadataValue::from(allowance.reset_seconds.max(1));
        status.metadata_mut().insert("retry-after", seconds);
    }
    status
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
    S: Service<Request<Body>, Response = Response<Body>> + Clone + Send + 'static,
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
        let admissions = self.admissions.clone();
        // The one that is ready goes with the call.
        let ready = self.inner.clone();
        let mut inner = std::mem::replace(&mut self.inner, ready);
        Box::pin(async move {
            match admissions.admit(request).await {
                Ok((request, held)) => {
                    let answer = inner.call(request).await;
                    drop(held);
                    answer
                }
                Err(status) => Ok(status.into_http()),
            }
        })
    }
}
