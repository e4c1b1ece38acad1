//! Connections of gRPC, bounded in number: one beyond takes the place of the one that is without a call the longest.

use std::io;
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll};

use auth::PeerAddress;
use axum::http::Extensions;
use futures::Stream;
use process::http::{Accepted, Connection, Listener, Place};
use process::{CancellationToken, PeerIdentity};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::sync::mpsc;
use tokio_util::sync::WaitForCancellationFutureOwned;
use tonic::transport::server::Connected;

/// Connections after their handshakes that wait to be taken.
const WAITING: usize = 64;

/// A connection in its place.
pub(crate) struct Placed {
    stream: process::http::Stream,
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
    address: PeerAddress,
    peer: Option<PeerIdentity>,
    calls: Mutex<usize>,
}

/// A call that is not answered.
#[derive(Debug)]
pub(crate) struct Call(Occupied);

/// The connections of a listener after their handshakes, at most so many at a time, until this is dropped; those for which there is
/// no place are closed.
pub(crate) fn incoming(
    listener: Listener,
    connections: usize,
) -> impl Stream<Item = io::Result<Placed>> {
    let (sender, receiver) = mpsc::channel(WAITING);
    let end = CancellationToken::new();
    let until = end.clone();
    tokio::spawn(async move {
        let shutdown = until.clone();
        let take = |accepted: Accepted| {
            let (sender, shutdown) = (sender.clone(), shutdown.clone());
            tokio::spawn(async move {
                if let Some(connection) = accepted.secured(&shutdown).await {
                    // Where the listener has ended meanwhile, the connection is closed.
                    let _ = sender.send(Placed::new(connection)).await;
                }
            });
        };
        listener.accept(connections, until, String::new, take).await;
    });
    futures::stream::unfold((receiver, end.drop_guard()), |(mut receiver, end)| async move {
        let placed = receiver.recv().await?;
        Some((Ok(placed), (receiver, end)))
    })
}

impl Placed {
    fn new(Connection { stream, place, address, peer, .. }: Connection) -> Self {
        let closing = place.closing();
        let closed = Box::pin(closing.clone().cancelled_owned());
        let occupied = Occupied(Arc::new(Occupancy { place, address, peer, calls: Mutex::new(0) }));
        Self { stream, occupied, closing, closed }
    }
}

impl Occupied {
    /// A call begins: until it ends, the place is the connection's own.
    pub(super) fn call(&self) -> Call {
        let mut calls = self.0.calls.lock().unwrap_or_else(PoisonError::into_inner);
        *calls += 1;
        if *calls == 1 {
            self.0.place.busy();
        }
        Call(self.clone())
    }

    /// Puts where the connection comes from, and whom the caller's certificate names, into the extensions of a request.
    pub(super) fn name_caller(&self, extensions: &mut Extensions) {
        extensions.insert(self.0.address);
        if let Some(peer) = &self.0.peer {
            extensions.insert(peer.clone());
        }
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
