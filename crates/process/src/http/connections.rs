//! Connections that are bounded in number, in the size and time of a head, and in the time of a body.
//!
//! Invariants:
//! - A connection beyond the bound takes the place of the one that is idle the longest; where none is idle, it is answered with
//!   503 and closed. So idle connections never shut a caller out, a probe least of all.
//! - A connection that sends no whole head in time is closed, and so is one between two requests.
//! - After `shutdown`, what has been asked is answered, and nothing more is read.

use std::collections::BTreeMap;
use std::convert::Infallible;
use std::io;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::extract::Request;
use axum::http::HeaderValue;
use axum::http::header::STRICT_TRANSPORT_SECURITY;
use axum::response::Response;
use futures::StreamExt as _;
use futures::stream::FuturesUnordered;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use tower::ServiceExt as _;

use super::listener::{Accepted, Connection, LATE_HEAD_TIMEOUT, Listener};

/// How long browsers ask a host by TLS alone, after they were told.
const ONE_YEAR: HeaderValue = HeaderValue::from_static("max-age=31536000");
/// Time in which an idle connection that is told to make room does so.
const ROOM_TIMEOUT: Duration = Duration::from_millis(200);

/// What the connections of a listener may take up.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ConnectionLimits {
    /// Connections at the same time, 1 or more.
    pub max_connections: usize,
    /// Longest head of a request, in bytes, 8192 or more; a longer one is answered with 431.
    pub max_head_bytes: usize,
    /// Longest time for the head of a request, and between two requests.
    pub head_timeout: Duration,
    /// Longest time for the whole body of a request; reading it fails afterwards.
    pub body_timeout: Duration,
    /// Bytes of a body that came, for which it gets another second.
    pub body_bytes_per_second: u64,
}

impl Default for ConnectionLimits {
    /// 256 connections, heads of 32 KiB in 15 s, bodies in 30 s, or as long as 1 MiB/s take: some 10 MiB where all are taken.
    fn default() -> Self {
        Self {
            max_connections: 256,
            max_head_bytes: 32 * 1024,
            head_timeout: Duration::from_secs(15),
            body_timeout: Duration::from_secs(30),
            body_bytes_per_second: 1 << 20,
        }
    }
}

/// The places of a listener's connections.
#[derive(Debug)]
pub(super) struct Places {
    free: Arc<Semaphore>,
    /// Counts the moments at which connections came or became idle, from 1 on.
    moment: AtomicU64,
    /// The connections that may be told to make room, by the moment at which they came.
    open: Mutex<BTreeMap<u64, Arc<Occupant>>>,
}

/// A connection, as the others of its listener see it.
#[derive(Debug)]
struct Occupant {
    /// The moment at which it became idle, or [`BUSY`].
    idle_since: AtomicU64,
    close: CancellationToken,
}

/// Of a connection that has a request which is not answered.
const BUSY: u64 = 0;

/// The place of a connection, free again when this is dropped.
#[derive(Debug)]
pub struct Place {
    places: Arc<Places>,
    came: u64,
    occupant: Arc<Occupant>,
    _permit: OwnedSemaphorePermit,
}

impl Places {
    /// Places for so many connections.
    #[must_use]
    pub(super) fn new(connections: usize) -> Arc<Self> {
        let free = Arc::new(Semaphore::new(connections));
        Arc::new(Self { free, moment: AtomicU64::new(BUSY), open: Mutex::default() })
    }

    /// A place, that of the connection which is idle the longest where none is free; none where all are busy.
    pub(super) async fn take(self: &Arc<Self>) -> Option<Place> {
        let permit = match Arc::clone(&self.free).try_acquire_owned() {
            Ok(permit) => permit,
            Err(_) => {
                self.close_longest_idle()?;
                let freed = Arc::clone(&self.free).acquire_owned();
                tokio::time::timeout(ROOM_TIMEOUT, freed).await.ok()?.ok()?
            }
        };
        let came = self.next_moment();
        let idle_since = AtomicU64::new(came);
        let occupant = Arc::new(Occupant { idle_since, close: CancellationToken::new() });
        self.open().insert(came, Arc::clone(&occupant));
        Some(Place { places: Arc::clone(self), came, occupant, _permit: permit })
    }

    /// Tells the connection that is idle the longest to make room, once; none where all are busy.
    fn close_longest_idle(&self) -> Option<()> {
        let mut open = self.open();
        let idle = open.iter().filter_map(|(came, occupant)| {
            let since = occupant.idle_since.load(Ordering::Acquire);
            (since != BUSY).then_some((since, *came))
        });
        let (_, longest) = idle.min()?;
        open.remove(&longest)?.close.cancel();
        Some(())
    }

    fn next_moment(&self) -> u64 {
        self.moment.fetch_add(1, Ordering::Relaxed) + 1
    }

    fn open(&self) -> MutexGuard<'_, BTreeMap<u64, Arc<Occupant>>> {
        self.open.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Place {
    /// The connection waits for a request: its place may be given to another one.
    pub fn idle(&self) {
        self.occupant.idle_since.store(self.places.next_moment(), Ordering::Release);
    }

    /// The connection has a request: its place is its own.
    pub fn busy(&self) {
        self.occupant.idle_since.store(BUSY, Ordering::Release);
    }

    /// Whether the connection has a request that is not answered.
    #[must_use]
    pub fn is_busy(&self) -> bool {
        self.occupant.idle_since.load(Ordering::Acquire) == BUSY
    }

    /// Waits until the connection has to make room.
    pub async fn taken(&self) {
        self.occupant.close.cancelled().await;
    }

    /// Is cancelled when the connection has to make room.
    #[must_use]
    pub fn closing(&self) -> CancellationToken {
        self.occupant.close.clone()
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        self.places.open().remove(&self.came);
    }
}

/// Answers with `router` until `shutdown`, then what has been asked by then.
pub async fn serve(
    listener: Listener,
    router: Router,
    limits: ConnectionLimits,
    shutdown: CancellationToken,
) {
    let router = super::guarded(router, listener.name());
    let tracker = TaskTracker::new();
    let head = HeadLimits { timeout: limits.head_timeout, max_bytes: Some(limits.max_head_bytes) };
    let until = shutdown.clone();
    let take = |accepted: Accepted| {
        let (router, shutdown) = (router.clone(), shutdown.clone());
        tracker.spawn(async move {
            let answer = move |request: Request| {
                let request = request
                    .map(|body| within(body, limits.body_timeout, limits.body_bytes_per_second));
                let router = router.clone();
                async move {
                    match router.oneshot(request).await {
                        Ok(response) => response,
                        Err(never) => match never {},
                    }
                }
            };
            if let Some(connection) = accepted.secured(&shutdown).await {
                answer_on(connection, head, shutdown, answer).await;
            }
        });
    };
    listener.accept(limits.max_connections, until, turned_away, take).await;
    tracker.close();
    tracker.wait().await;
}

/// The answer to a connection for which there is no place.
fn turned_away() -> String {
    "HTTP/1.1 503 Service Unavailable\r\ncontent-length: 0\r\nretry-after: 1\r\nconnection: close\r\n\r\n".to_owned()
}

/// What the head of a request may take.
#[derive(Debug, Clone, Copy)]
pub struct HeadLimits {
    /// Longest time for the head of a request, and between two requests.
    pub timeout: Duration,
    /// Longest head in bytes, 8192 or more; as hyper has it where none is given.
    pub max_bytes: Option<usize>,
}

/// Answers the requests of a connection over HTTP/1.1: until it ends, until its place is taken while it is idle, or until what had
/// been asked before `shutdown` is answered. Requests carry where they come from, [`PeerAddress`](auth::PeerAddress), and whom the
/// caller's certificate names, [`PeerIdentity`](tls::PeerIdentity), where there is one.
pub async fn answer_on<A, F>(
    connection: Connection,
    head: HeadLimits,
    shutdown: CancellationToken,
    answer: A,
) where
    A: Fn(Request) -> F,
    F: Future<Output = Response>,
{
    let Connection { stream, place, address, peer, is_late, is_pinned_to_tls } = connection;
    let place = Arc::new(place);
    let of_requests = Arc::clone(&place);
    let service = service_fn(move |request: hyper::Request<hyper::body::Incoming>| {
        let place = Arc::clone(&of_requests);
        place.busy();
        let mut request = request.map(Body::new);
        request.extensions_mut().insert(address);
        if let Some(peer) = &peer {
            request.extensions_mut().insert(peer.clone());
        }
        let answered = answer(request);
        async move {
            let mut response = answered.await;
            if is_pinned_to_tls {
                let headers = response.headers_mut();
                headers.entry(STRICT_TRANSPORT_SECURITY).or_insert(ONE_YEAR);
            }
            place.idle();
            Ok::<_, Infallible>(response)
        }
    });
    // Who had connected before the end is answered once.
    let (timeout, shutdown) = if is_late {
        (LATE_HEAD_TIMEOUT, CancellationToken::new())
    } else {
        (head.timeout, shutdown)
    };
    let mut builder = http1::Builder::new();
    builder.timer(TokioTimer::new()).header_read_timeout(timeout);
    if let Some(bytes) = head.max_bytes {
        builder.max_buf_size(bytes);
    }
    see_through(builder.serve_connection(TokioIo::new(stream), service), &place, shutdown).await;
}

/// Why a connection ends.
enum Ending {
    /// Its caller closed it, or it failed.
    Itself(hyper::Result<()>),
    /// Its place was taken.
    Taken,
    Shutdown,
}

/// Sees a connection through: to its end, until its place is taken while it is idle, or to the answer of what has been asked before
/// `shutdown`.
async fn see_through<I, S>(
    connection: http1::Connection<I, S>,
    place: &Place,
    shutdown: CancellationToken,
) where
    I: hyper::rt::Read + hyper::rt::Write + Unpin,
    S: hyper::service::HttpService<hyper::body::Incoming, ResBody = Body>,
    S::Error: Into<Box<dyn std::error::Error + Send + Sync>>,
{
    tokio::pin!(connection);
    // The connection is woken for every request: what may end it is asked only when it has something to say.
    let ending = async {
        tokio::select! {
            () = place.taken() => Ending::Taken,
            () = shutdown.cancelled() => Ending::Shutdown,
        }
    };
    let mut endings = FuturesUnordered::from_iter([ending]);
    let ending = tokio::select! {
        ended = connection.as_mut() => Ending::Itself(ended),
        Some(ending) = endings.next() => ending,
    };
    let ended = match ending {
        Ending::Itself(ended) => ended,
        Ending::Taken => {
            connection.as_mut().graceful_shutdown();
            // An answer that is being written is written; what sends half a head has no claim to its place.
            match tokio::time::timeout(ROOM_TIMEOUT / 2, connection.as_mut()).await {
                Ok(ended) => ended,
                Err(_) if place.is_busy() => connection.await,
                Err(_) => return,
            }
        }
        Ending::Shutdown => {
            connection.as_mut().graceful_shutdown();
            connection.await
        }
    };
    if let Err(error) = ended {
        tracing::debug!(%error, "a connection ended early");
    }
}

/// The same body, whose reading fails with [`io::ErrorKind::TimedOut`] where it is not whole in time: so long, and a second more for
/// each `bytes_per_second` that came.
fn within(body: Body, time: Duration, bytes_per_second: u64) -> Body {
    if axum::body::HttpBody::is_end_stream(&body) {
        return body;
    }
    let end = Box::pin(tokio::time::sleep(time));
    let parts = futures::stream::unfold(
        Some((body.into_data_stream(), end)),
        move |reading| async move {
            let (mut parts, mut end) = reading?;
            tokio::select! {
                biased;
                () = &mut end => {
                    let late = io::Error::new(io::ErrorKind::TimedOut, "the body was not whole in time");
                    Some((Err(axum::Error::new(late)), None))
                }
                part = parts.next() => part.map(|part| {
                    let came = part.as_ref().map_or(0, |part| part.len());
                    let more = came as f64 / bytes_per_second.max(1) as f64;
                    let until = end.deadline() + Duration::from_secs_f64(more);
                    end.as_mut().reset(until);
                    (part, Some((parts, end)))
                }),
            }
        },
    );
    Body::from_stream(parts)
}

#[cfg(test)]
mod tests;
