//! Listeners, bound and guarded: the loop that takes the connections of every one of them.
//!
//! ```text
//! accept ─▶ a place ─▶ handshake, in the connection's own task ─▶ requests
//!    │         └ none: turned away
//!    └ after the end: those that had connected already, each once
//! ```
//!
//! Invariants:
//! - Nothing but a place is waited for between two connections: a handshake holds up its own connection alone.
//! - A connection in its handshake is idle: another one may have its place.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use auth::PeerAddress;
use futures::FutureExt as _;
use tls::{ListenerTls, PeerIdentity};
use tokio::net::{TcpListener, TcpStream};
use tokio_util::sync::CancellationToken;
use tokio_util::task::AbortOnDropHandle;

use super::connections::{Place, Places};
use super::handshake::{self, HandshakeEnd, Secured, Stream};
use super::{Refusal, refused};
use crate::StartError;

/// The protocols of a listener of HTTP/1.1 over TLS.
pub const HTTP1: &[&[u8]] = &[b"http/1.1"];
/// The protocols of a listener of gRPC over TLS.
pub const HTTP2: &[&[u8]] = &[b"h2"];

/// Wait after a connection could not be taken for want of something, such as file descriptors.
const ACCEPT_RETRY_DELAY: Duration = Duration::from_millis(100);
/// Longest time for a handshake.
const HANDSHAKE_TIMEOUT: Duration = Duration::from_secs(10);
/// Longest time for a handshake, and for the head of a request, on a connection that was taken at the very end.
pub(super) const LATE_HEAD_TIMEOUT: Duration = Duration::from_secs(1);

/// What a listener is to be.
#[derive(Debug, Clone, Copy)]
pub struct Bind<'a> {
    /// Its name in metrics and logs.
    pub name: &'static str,
    /// Where it listens, `ADDRESS:PORT`; port 0 takes a free one.
    pub listen: &'a str,
    /// Whether its callers have to show who they are; needed for an address that other machines reach.
    pub is_guarded: bool,
    /// The setting of the file of its token.
    pub token_key: &'static str,
    /// Its TLS.
    pub tls: &'a ListenerTls,
    /// The settings of its TLS, such as `api.tls`.
    pub tls_key: &'static str,
    /// What is spoken over TLS, such as [`HTTP1`].
    pub protocols: &'static [&'static [u8]],
}

/// A listener that is bound.
#[derive(Debug)]
pub struct Listener {
    name: &'static str,
    tcp: TcpListener,
    address: SocketAddr,
    tls: Option<Arc<Secured>>,
}

/// A connection in its place, before its handshake.
#[derive(Debug)]
pub struct Accepted<S = TcpStream> {
    stream: S,
    place: Place,
    address: PeerAddress,
    name: &'static str,
    tls: Option<Arc<Secured>>,
    is_late: bool,
    is_pinned_to_tls: bool,
}

/// A connection by which requests come.
#[derive(Debug)]
pub struct Connection {
    /// Its bytes.
    pub stream: Stream,
    /// Its place among the connections of its listener.
    pub place: Place,
    /// Where it comes from.
    pub address: PeerAddress,
    /// Whom the caller's certificate names, where it gave one.
    pub peer: Option<PeerIdentity>,
    /// Whether it was taken after the end, to be answered once.
    pub is_late: bool,
    /// Whether browsers are told to come by TLS alone.
    pub(super) is_pinned_to_tls: bool,
}

impl Listener {
    /// Listens; reads the files of TLS.
    ///
    /// # Errors
    /// [`StartError::Unprotected`] and [`StartError::Plaintext`] where other machines reach the address and no caller is asked, or
    /// neither TLS nor leave to do without; [`StartError::Tls`]; [`StartError::Listen`].
    pub async fn bind(to: Bind<'_>) -> Result<Self, StartError> {
        let is_open =
            |address: SocketAddr| super::unencrypted("", address, to.tls_key, to.tls).is_some();
        if super::parse(to.listen).is_some_and(is_open) {
            return Err(StartError::Plaintext { address: to.listen.to_owned(), key: to.tls_key });
        }
        let tls = Secured::load(to.name, to.tls, to.protocols)
            .map_err(Box::new)
            .map_err(|source| StartError::Tls { address: to.listen.to_owned(), source })?;
        let (tcp, address) = super::bind(to.listen, to.is_guarded, to.token_key).await?;
        Ok(Self { name: to.name, tcp, address, tls: tls.map(Arc::new) })
    }

    /// Its name in metrics and logs.
    #[must_use]
    pub fn name(&self) -> &'static str {
        self.name
    }

    /// Where it listens; the port is not 0.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// `https` or `http`.
    #[must_use]
    pub fn scheme(&self) -> &'static str {
        if self.tls.is_some() { "https" } else { "http" }
    }

    /// Where it can be reached, as the ready file has it: `https://ADDRESS:PORT`, or `ADDRESS:PORT` without TLS.
    #[must_use]
    pub fn location(&self) -> String {
        match &self.tls {
            Some(_) => format!("https://{}", self.address),
            None => self.address.to_string(),
        }
    }

    /// Takes connections until `shutdown`, at most so many at a time, then those that had connected by then. One for which there is
    /// no place is counted, and given `turned_away` where it speaks no TLS.
    pub async fn accept(
        self,
        connections: usize,
        shutdown: CancellationToken,
        turned_away: impl Fn() -> String,
        mut take: impl FnMut(Accepted),
    ) {
        let following = self.tls.clone().map(|tls| tokio::spawn(tls.follow()));
        let _following = following.map(AbortOnDropHandle::new);
        let places = Places::new(connections);
        let mut place =
            async |(stream, from): (TcpStream, SocketAddr), is_late| match places.take().await {
                Some(place) => take(self.accepted(stream, PeerAddress(from.ip()), place, is_late)),
                None => {
                    refused(self.name, Refusal::Connections);
                    let answer = turned_away();
                    if self.tls.is_none() {
                        // A fresh socket has room for this; if it has not, the caller sees the connection closed.
                        let _ = stream.try_write(answer.as_bytes());
                    }
                }
            };
        loop {
            let accepted = tokio::select! {
                () = shutdown.cancelled() => break,
                accepted = self.tcp.accept() => accepted,
            };
            match accepted {
                Ok(accepted) => place(accepted, false).await,
                Err(error) if is_of_the_connection(&error) => {}
                Err(error) => {
                    tracing::warn!(%error, "a connection could not be taken");
                    tokio::time::sleep(ACCEPT_RETRY_DELAY).await;
                }
            }
        }
        // From then on connections are refused.
        while let Some(Ok(accepted)) = self.tcp.accept().now_or_never() {
            place(accepted, true).await;
        }
    }

    fn accepted(
        &self,
        stream: TcpStream,
        address: PeerAddress,
        place: Place,
        is_late: bool,
    ) -> Accepted {
        // Answers are small and awaited: they must not wait for the next packet.
        if let Err(error) = stream.set_nodelay(true) {
            tracing::debug!(%error, "TCP_NODELAY could not be set");
        }
        let tls = self.tls.clone();
        // A browser knows no ports here: on this machine, other servers speak plain HTTP under the same names.
        let is_pinned_to_tls = tls.is_some() && !self.address.ip().is_loopback();
        Accepted { stream, place, address, name: self.name, tls, is_late, is_pinned_to_tls }
    }
}

impl<S> Accepted<S> {
    fn with<T>(self, stream: impl FnOnce(S) -> std::io::Result<T>) -> std::io::Result<Accepted<T>> {
        let Self { stream: from, place, address, name, tls, is_late, is_pinned_to_tls } = self;
        Ok(Accepted { stream: stream(from)?, place, address, name, tls, is_late, is_pinned_to_tls })
    }
}

impl Accepted<std::net::TcpStream> {
    /// Goes on within the event loop that this is called in.
    ///
    /// # Errors
    /// Where that cannot take it.
    pub fn attach(self) -> std::io::Result<Accepted> {
        self.with(TcpStream::from_std)
    }
}

impl Accepted {
    /// Leaves this event loop, for another one.
    ///
    /// # Errors
    /// Where this one cannot give it up.
    pub fn detach(self) -> std::io::Result<Accepted<std::net::TcpStream>> {
        self.with(TcpStream::into_std)
    }

    /// The connection after its handshake, at once where the listener speaks no TLS; none where it fails, which is counted by its
    /// reason, where its place is taken meanwhile, or where `shutdown` comes first.
    pub async fn secured(self, shutdown: &CancellationToken) -> Option<Connection> {
        let Self { stream, place, address, name, tls, is_late, is_pinned_to_tls } = self;
        let Some(tls) = tls else {
            let stream = Stream::Plain(stream);
            return Some(Connection {
                stream,
                place,
                address,
                peer: None,
                is_late,
                is_pinned_to_tls,
            });
        };
        let timeout = if is_late { LATE_HEAD_TIMEOUT } else { HANDSHAKE_TIMEOUT };
        let ended = tokio::select! {
            () = place.taken() => return None,
            () = shutdown.cancelled(), if !is_late => return None,
            ended = tokio::time::timeout(timeout, handshake::shake(&tls, stream)) => ended,
        };
        match ended.unwrap_or(Err(HandshakeEnd::Refused(Refusal::TlsTimeout))) {
            Ok((stream, peer)) => {
                Some(Connection { stream, place, address, peer, is_late, is_pinned_to_tls })
            }
            Err(HandshakeEnd::Closed) => None,
            Err(HandshakeEnd::Refused(reason)) => {
                refused(name, reason);
                None
            }
        }
    }
}

/// Whether accepting failed for the sake of one connection, so that the next can be taken at once.
fn is_of_the_connection(error: &std::io::Error) -> bool {
    use std::io::ErrorKind;
    matches!(
        error.kind(),
        ErrorKind::ConnectionRefused | ErrorKind::ConnectionAborted | ErrorKind::ConnectionReset
    )
}

#[cfg(test)]
mod tests;
