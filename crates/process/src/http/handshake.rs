//! The TLS of a listener: handshakes, and certificates that change while it listens.

use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::{Duration, SystemTime};

use tls::{ListenerTls, PeerIdentity, ServerTls};
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _, ReadBuf};
use tokio::net::TcpStream;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls;
use tokio_rustls::server::TlsStream;

use super::Refusal;

const EXPIRY: &str = "tier0_tls_certificate_expiry_timestamp_seconds";
const RELOADS: &str = "tier0_tls_reloads_total";

/// How often the files are looked at.
const RELOAD_INTERVAL: Duration = Duration::from_secs(2);
/// How long before its end a certificate is warned of.
const EXPIRES_SOON: Duration = Duration::from_hours(7 * 24);
/// How often such a warning is said again.
const WARN_INTERVAL: Duration = Duration::from_hours(24);
/// The first byte of a handshake.
const HANDSHAKE_RECORD: u8 = 22;
/// Most bytes that are read of a caller that is refused, so that it sees why, and the time for them.
const LINGER: (u64, Duration) = (64 * 1024, Duration::from_millis(500));
/// What plain HTTP is answered with where a listener speaks TLS, with status 400.
pub const SPEAK_TLS: &str = "this port speaks TLS alone: ask by https://\n";

/// The TLS of a listener.
#[derive(Debug)]
pub(super) struct Secured {
    listener: &'static str,
    tls: ServerTls,
}

/// Why there is no connection after a handshake.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum HandshakeEnd {
    /// The caller closed it before it said anything, as probes of TCP do.
    Closed,
    /// It was refused, or failed.
    Refused(Refusal),
}

impl Secured {
    pub(super) fn load(
        listener: &'static str,
        settings: &ListenerTls,
        protocols: &[&[u8]],
    ) -> Result<Option<Self>, tls::Error> {
        let loaded = ServerTls::load(settings, protocols)?;
        Ok(loaded.map(|tls| Self { listener, tls }))
    }

    /// Takes up files that change, for as long as this is polled.
    pub(super) async fn follow(self: Arc<Self>) {
        let listener = self.listener;
        metrics::describe_gauge!(
            EXPIRY,
            "Until when a listener's certificate holds, in seconds since 1970"
        );
        metrics::describe_counter!(RELOADS, "Changed files of TLS, by whether they could be used");
        for outcome in ["taken", "refused"] {
            metrics::counter!(RELOADS, "listener" => listener, "outcome" => outcome).increment(0);
        }
        let mut every = tokio::time::interval(RELOAD_INTERVAL);
        let mut warned = self.tell_expiry();
        loop {
            every.tick().await;
            let looked = Arc::clone(&self);
            let outcome = match tokio::task::spawn_blocking(move || looked.tls.reload()).await {
                Ok(Ok(false)) | Err(_) => {
                    if warned.is_some_and(|at| at.elapsed().unwrap_or_default() > WARN_INTERVAL) {
                        warned = self.tell_expiry();
                    }
                    continue;
                }
                Ok(Ok(true)) => {
                    tracing::info!(listener, "the files of TLS have changed; they are taken up");
                    warned = self.tell_expiry();
                    "taken"
                }
                Ok(Err(error)) => {
                    let error = contracts::failures::with_causes(&error);
                    tracing::error!(
                        listener,
                        error,
                        "the files of TLS have changed and cannot be used; the listener goes on with the old ones"
                    );
                    "refused"
                }
            };
            metrics::counter!(RELOADS, "listener" => listener, "outcome" => outcome).increment(1);
        }
    }

    /// Shows until when the certificate holds, and warns where that is soon or over; gives when it looked.
    fn tell_expiry(&self) -> Option<SystemTime> {
        let (listener, expiry, now) = (self.listener, self.tls.expiry(), SystemTime::now());
        metrics::gauge!(EXPIRY, "listener" => listener).set(expiry.unix_seconds() as f64);
        let file = self.tls.cert_file().display();
        match expiry.left(now) {
            None => {
                tracing::warn!(listener, %file, "the certificate has expired: callers will refuse it")
            }
            Some(left) if left < EXPIRES_SOON => {
                let hours = left.as_secs() / 3600;
                tracing::warn!(listener, %file, hours, "the certificate expires soon");
            }
            Some(_) => {}
        }
        Some(now)
    }
}

/// The connection after its handshake, and whom the caller's certificate names.
pub(super) async fn shake(
    secured: &Secured,
    stream: TcpStream,
) -> Result<(Stream, Option<PeerIdentity>), HandshakeEnd> {
    let mut first = [0];
    match stream.peek(&mut first).await {
        Ok(0) | Err(_) => return Err(HandshakeEnd::Closed),
        Ok(_) if first != [HANDSHAKE_RECORD] => {
            end(stream, &speak_tls()).await;
            return Err(HandshakeEnd::Refused(Refusal::TlsPlaintext));
        }
        Ok(_) => {}
    }
    let acceptor = TlsAcceptor::from(secured.tls.config());
    match acceptor.accept(stream).into_fallible().await {
        Ok(stream) => {
            let certificates = stream.get_ref().1.peer_certificates();
            let peer = certificates.and_then(<[_]>::first).and_then(PeerIdentity::of);
            Ok((Stream::Tls(Box::new(stream)), peer))
        }
        Err((error, stream)) => {
            tracing::debug!(listener = secured.listener, %error, "a handshake failed");
            // The alert has been sent.
            end(stream, "").await;
            Err(HandshakeEnd::Refused(reason(&error)))
        }
    }
}

/// The answer to plain HTTP.
fn speak_tls() -> String {
    format!(
        "HTTP/1.1 400 Bad Request\r\ncontent-type: text/plain\r\ncontent-length: {}\r\nconnection: close\r\n\r\n{SPEAK_TLS}",
        SPEAK_TLS.len()
    )
}

/// Ends a connection with these last words. What its caller has sent is read: the system would reset the connection otherwise, and
/// with it what the caller has not taken yet.
async fn end(mut stream: TcpStream, words: &str) {
    let ending = async {
        stream.write_all(words.as_bytes()).await?;
        stream.shutdown().await?;
        tokio::io::copy(&mut stream.take(LINGER.0), &mut tokio::io::sink()).await
    };
    // Who does not take them in time goes without.
    let _: Result<io::Result<u64>, _> = tokio::time::timeout(LINGER.1, ending).await;
}

fn reason(error: &io::Error) -> Refusal {
    match error.get_ref().and_then(|error| error.downcast_ref::<rustls::Error>()) {
        Some(rustls::Error::NoCertificatesPresented | rustls::Error::InvalidCertificate(_)) => {
            Refusal::TlsCertificate
        }
        _ => Refusal::TlsHandshake,
    }
}

/// The bytes of a connection, with TLS or without.
#[derive(Debug)]
pub enum Stream {
    /// As they are.
    Plain(TcpStream),
    /// Encrypted.
    Tls(Box<TlsStream<TcpStream>>),
}

impl AsyncRead for Stream {
    fn poll_read(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        match self.get_mut() {
            Self::Plain(stream) => Pin::new(stream).poll_read(context, buffer),
            Self::Tls(stream) => Pin::new(stream).poll_read(context, buffer),
        }
    }
}

impl AsyncWrite for Stream {
    fn poll_write(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        match self.get_mut() {
            Self::Plain(stream) => Pin::new(stream).poll_write(context, bytes),
            Self::Tls(stream) => Pin::new(stream).poll_write(context, bytes),
        }
    }

    fn poll_flush(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        match self.get_mut() {
            Self::Plain(stream) => Pin::new(stream).poll_flush(context),
            Self::Tls(stream) => Pin::new(stream).poll_flush(context),
        }
    }

    fn poll_shutdown(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        match self.get_mut() {
            Self::Plain(stream) => Pin::new(stream).poll_shutdown(context),
            Self::Tls(stream) => Pin::new(stream).poll_shutdown(context),
        }
    }

    fn poll_write_vectored(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        match self.get_mut() {
            Self::Plain(stream) => Pin::new(stream).poll_write_vectored(context, bytes),
            Self::Tls(stream) => Pin::new(stream).poll_write_vectored(context, bytes),
        }
    }

    fn is_write_vectored(&self) -> bool {
        match self {
            Self::Plain(stream) => stream.is_write_vectored(),
            Self::Tls(stream) => stream.is_write_vectored(),
        }
    }
}
