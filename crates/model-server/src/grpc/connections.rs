//! Connections of gRPC, bounded in number: one beyond takes the place of the one that is without a call the longest.

use std::io;
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll};
use std::time::Duration;

use auth::PeerAddress;
use futures::Stream;
use process::CancellationToken;
use process::http::{Place, Places, Refusal, is_of_the_connection, refused};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::{TcpListener, TcpStream};
use tokio_util::sync::WaitForCancellationFutureOwned;
use tonic::transport::server::Connected;

use super::LISTENER;

/// Wait after a connection could not be taken for want of something, such as file descriptors.
const ACCEPT_RETRY_DELAY: Duration = Duration::from_millis(100);

/// A connection in its place.
pub(crate) struct Placed {
    stream: TcpStream,
    occupied: Occupied,
    closing: CancellationToken,
    closed: Pin<Box<WaitForCancellationFutureOwned>>,
}

/// The place of a connection, as its calls see it; idle while there is none.
#[derive(Debug, Clone)]
pub(crate) struct Occupied(Arc<Occupancy>);

#[derive(Debug)]
struct Occupancy {
    place: Place,
    peer: Option<PeerAddress>,
    calls: Mutex<usize>,
}

/// A call that is not answered.
#[derive(Debug)]
pub(crate) struct Call(Occupied);

/// The connections of a listener, at most so many at a time; those for which there is no place are closed.
pub(crate) fn incoming(
    listener: TcpListener,
    connections: usize,
) -> impl Stream<Item = io::Result<Placed>> {
    let places = Places::new(connections);
    futures::stream::unfold((listener, places), |(listener, places)| async move {
        loop {
            match listener.accept().await {
                Ok((stream, _)) => match places.take().await {
                    Some(place) => {
                        return Some((Ok(Placed::new(stream, place)), (listener, places)));
                    }
                    None => refused(LISTENER, Refusal::Connections),
                },
                Err(error) if is_of_the_connection(&error) => {}
                Err(error) => {
                    tracing::warn!(%error, "a connection could not be taken");
                    tokio::time::sleep(ACCEPT_RETRY_DELAY).await;
                }
            }
        }
    })
}

impl Placed {
    fn new(stream: TcpStream, place: Place) -> Self {
        if let Err(error) = stream.set_nodelay(true) {
            tracing::debug!(%error, "TCP_NODELAY could not be set");
        }
        let closing = place.closing();
        let closed = Box::pin(closing.clone().cancelled_owned());
        let peer = stream.peer_addr().ok().map(|peer| PeerAddress(peer.ip()));
        let occupied = Occupied(Arc::new(Occupancy { place, peer, calls: Mutex::new(0) }));
        Self { stream, occupied, closing, closed }
    }
}

impl Occupied {
    /// Where the connection comes from.
    pub(super) fn peer(&self) -> Option<PeerAddress> {
        self.0.peer
    }

    /// A call begins: until it ends, the place is the connection's own.
    pub(super) fn call(&self) -> Call {
        let mut calls = self.0.calls.lock().unwrap_or_else(PoisonError::into_inner);
        *calls += 1;
        if *calls == 1 {
            self.0.place.busy();
        }
        Call(self.clone())
    }
}

impl Drop for Call {
    fn drop(&mut self) {
        let occupancy = &self.0.0;
        let mut calls = occupancy.calls.lock().unwrap_or_else(PoisonError::into_inner);
        *calls = calls.saturating_sub(1);
        if *calls == 0 {
            occupancy.place.idle();
        }
    }
}

impl Connected for Placed {
    type ConnectInfo = Occupied;

    fn connect_info(&self) -> Occupied {
        self.occupied.clone()
    }
}

impl AsyncRead for Placed {
    /// A connection that has to make room has come to its end.
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        if self.closing.is_cancelled() || self.closed.as_mut().poll(context).is_ready() {
            return Poll::Ready(Ok(()));
        }
        Pin::new(&mut self.stream).poll_read(context, buffer)
    }
}

impl AsyncWrite for Placed {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write(context, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(context)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        parts: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write_vectored(context, parts)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }
}
