//! A load on an HTTP server, as light as it can be: connections that are kept, one request after another on each,
//! all on one thread.
//!
//! Invariants:
//! - A connection has one request under way; the number of connections is the concurrency.
//! - With a rate, requests have times of their own, and one that had to wait for its connection has waited: the server
//!   is not spared by being slow.
//! - An answer other than 200 is an error, and so is a connection that ends.

use std::io;
use std::net::SocketAddr;
use std::time::{Duration, Instant};

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

use super::latencies::Latencies;

/// Longest wait for an answer.
const ANSWER_TIMEOUT: Duration = Duration::from_secs(60);
/// Errors after which a connection gives up.
const MAX_ERRORS: u64 = 100;
/// Largest head of an answer.
const MAX_HEAD_BYTES: usize = 64 << 10;

/// Whom to ask, and what: the bytes of whole requests, which take turns.
#[derive(Debug, Clone)]
pub(super) struct Target {
    address: SocketAddr,
    requests: Vec<Vec<u8>>,
}

/// How much to ask.
#[derive(Debug, Clone, Copy)]
pub(super) struct Load {
    pub(super) connections: usize,
    pub(super) time: Duration,
    /// Requests per second over all connections; as many as there can be without.
    pub(super) rate: Option<f64>,
}

/// What came of it.
#[derive(Debug, Default)]
pub(super) struct LoadResult {
    pub(super) latencies: Latencies,
    pub(super) errors: u64,
    /// What the first error said.
    pub(super) first_error: Option<String>,
    pub(super) seconds: f64,
}

impl LoadResult {
    pub(super) fn per_second(&self) -> f64 {
        self.latencies.count() as f64 / self.seconds.max(1e-9)
    }
}

impl Target {
    /// `url` is `http://HOST:PORT/PATH`; each body makes a request.
    pub(super) fn new(
        url: &str,
        content_type: &str,
        headers: &[(&str, String)],
        bodies: &[Vec<u8>],
    ) -> io::Result<Self> {
        let wrong = |what| io::Error::new(io::ErrorKind::InvalidInput, what);
        let rest =
            url.strip_prefix("http://").ok_or_else(|| wrong("expected http://HOST:PORT/PATH"))?;
        let (host, path) = rest.split_once('/').unwrap_or((rest, ""));
        let mut addresses = std::net::ToSocketAddrs::to_socket_addrs(host)?;
        let address = addresses.next().ok_or_else(|| wrong("the host has no address"))?;
        let more: String =
            headers.iter().map(|(name, value)| format!("{name}: {value}\r\n")).collect();
        let requests = bodies.iter().map(|body| {
            let head = format!(
                "POST /{path} HTTP/1.1\r\nhost: {host}\r\ncontent-type: {content_type}\r\n{more}content-length: {}\r\n\r\n",
                body.len()
            );
            [head.as_bytes(), body].concat()
        });
        Ok(Self { address, requests: requests.collect() })
    }
}

/// Puts the load on, on a thread of its own, and waits for it.
pub(super) async fn run(target: &Target, load: Load) -> io::Result<LoadResult> {
    let target = target.clone();
    let (sender, receiver) = tokio::sync::oneshot::channel();
    std::thread::Builder::new().name("load".to_owned()).spawn(move || {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
        let measured = runtime.map(|runtime| runtime.block_on(all(&target, load)));
        let _gone = sender.send(measured);
    })?;
    receiver.await.map_err(|_| io::Error::other("the load's thread ended early"))?
}

async fn all(target: &Target, load: Load) -> LoadResult {
    let begun = Instant::now();
    let connections = (0..load.connections).map(|number| connection(target, load, number, begun));
    let mut measured = LoadResult::default();
    for one in futures::future::join_all(connections).await {
        measured.latencies.merge(&one.latencies);
        measured.errors += one.errors;
        measured.first_error = measured.first_error.take().or(one.first_error);
    }
    measured.seconds = begun.elapsed().as_secs_f64();
    measured
}

async fn connection(target: &Target, load: Load, number: usize, begun: Instant) -> LoadResult {
    let mut measured = LoadResult::default();
    let end = begun + load.time;
    // Requests of this connection are so far apart, and begin where those of its neighbours leave room.
    let step = load.rate.map(|rate| Duration::from_secs_f64(load.connections as f64 / rate));
    let mut due = step.map(|step| begun + step.mul_f64(number as f64 / load.connections as f64));
    let mut stream = None;
    let mut buffer = Vec::with_capacity(16 << 10);
    let requests = target.requests.iter().cycle().skip(number);
    for request in requests {
        let now = Instant::now();
        let asked = match due {
            Some(at) if at > now => {
                if at >= end {
                    break;
                }
                tokio::time::sleep_until(at.into()).await;
                // Waking late is this program's fault and not the server's.
                Instant::now()
            }
            Some(at) => at,
            None => now,
        };
        if now >= end {
            break;
        }
        due = due.zip(step).map(|(due, step)| due + step);
        match tokio::time::timeout(
            ANSWER_TIMEOUT,
            ask(&mut stream, target.address, request, &mut buffer),
        )
        .await
        .unwrap_or_else(|_| Err(io::ErrorKind::TimedOut.into()))
        {
            Ok(()) => measured.latencies.record(asked.elapsed()),
            Err(error) => {
                stream = None;
                measured.errors += 1;
                measured.first_error.get_or_insert_with(|| error.to_string());
                if measured.errors >= MAX_ERRORS {
                    break;
                }
            }
        }
    }
    measured
}

/// One request and its whole answer, on a connection that is opened where there is none.
async fn ask(
    stream: &mut Option<TcpStream>,
    address: SocketAddr,
    request: &[u8],
    buffer: &mut Vec<u8>,
) -> io::Result<()> {
    let open = match stream {
        Some(open) => open,
        None => {
            let fresh = TcpStream::connect(address).await?;
            fresh.set_nodelay(true)?;
            stream.insert(fresh)
        }
    };
    open.write_all(request).await?;
    buffer.clear();
    let (head, length) = loop {
        if open.read_buf(buffer).await? == 0 {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        if let Some(head) = buffer.windows(4).position(|end| end == b"\r\n\r\n") {
            break (head + 4, content_length(buffer.get(..head).unwrap_or_default())?);
        }
        if buffer.len() > MAX_HEAD_BYTES {
            return Err(io::Error::other("the head of the answer has no end"));
        }
    };
    let status = buffer.get(9..12).unwrap_or_default().to_owned();
    while buffer.len() < head + length {
        if open.read_buf(buffer).await? == 0 {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
    }
    if status != b"200" {
        let body = String::from_utf8_lossy(buffer.get(head..).unwrap_or_default()).into_owned();
        let status = String::from_utf8_lossy(&status).into_owned();
        return Err(io::Error::other(format!("status {status}: {body}")));
    }
    Ok(())
}

fn content_length(head: &[u8]) -> io::Result<usize> {
    head.split(|byte| *byte == b'\n')
        .filter_map(|line| line.split_at_checked(15))
        .find(|(name, _)| name.eq_ignore_ascii_case(b"content-length:"))
        .and_then(|(_, value)| std::str::from_utf8(value).ok()?.trim().parse().ok())
        .ok_or_else(|| io::Error::other("the answer has no content-length"))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test")]

    use super::*;

    #[test]
    fn a_length_is_found_whatever_its_letters() {
        let head = b"HTTP/1.1 200 OK\r\nServer: x\r\nContent-Length: 42\r\n";
        assert_eq!(content_length(head).unwrap(), 42);
        assert_eq!(content_length(b"HTTP/1.1 200 OK\r\ncontent-length:7").unwrap(), 7);
        assert!(content_length(b"HTTP/1.1 200 OK\r\n").is_err());
    }

    #[tokio::test]
    async fn answers_and_errors_are_counted() {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/x", listener.local_addr().unwrap());
        let router = axum::Router::new().route(
            "/x",
            axum::routing::post(|body: String| async move {
                let status = if body == "bad" { 400 } else { 200 };
                (axum::http::StatusCode::from_u16(status).unwrap(), "answer")
            }),
        );
        let serving = tokio::spawn(async move { axum::serve(listener, router).await });
        let load = Load { connections: 2, time: Duration::from_millis(300), rate: Some(100.0) };
        let good = Target::new(&url, "text/plain", &[], &[b"good".to_vec()]).unwrap();
        let measured = run(&good, load).await.unwrap();
        assert_eq!(measured.errors, 0, "{:?}", measured.first_error);
        assert!((20..=31).contains(&measured.latencies.count()), "{}", measured.latencies.count());
        let bad = Target::new(&url, "text/plain", &[], &[b"bad".to_vec()]).unwrap();
        let measured = run(&bad, load).await.unwrap();
        assert!(measured.errors > 0 && measured.latencies.count() == 0);
        assert_eq!(measured.first_error.as_deref(), Some("status 400: answer"));
        serving.abort();
    }
}
