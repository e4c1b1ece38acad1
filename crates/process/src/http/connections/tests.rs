#![allow(clippy::unwrap_used, reason = "a test")]

use std::net::SocketAddr;

use axum::routing::{get, post};
use tls::ListenerTls;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

use super::*;
use crate::http::{Bind, HTTP1};

const GET: &[u8] = b"GET / HTTP/1.1\r\nhost: localhost\r\n\r\n";

async fn start(limits: ConnectionLimits) -> (SocketAddr, CancellationToken) {
    let router = Router::new()
        .route("/", get(|| async { "here" }))
        .route("/slow", get(|| async { tokio::time::sleep(Duration::from_secs(2)).await }))
        .route("/body", post(|body: axum::body::Bytes| async move { body.len().to_string() }));
    let listener = Listener::bind(Bind {
        name: "test",
        listen: "127.0.0.1:0",
        is_guarded: false,
        token_key: "test.token_file",
        tls: &ListenerTls::default(),
        tls_key: "test.tls",
        protocols: HTTP1,
    })
    .await
    .unwrap();
    let address = listener.address();
    let shutdown = CancellationToken::new();
    tokio::spawn(serve(listener, router, limits, shutdown.clone()));
    (address, shutdown)
}

/// What comes back until the other side has been silent for `wait` or has closed.
async fn answer(stream: &mut TcpStream, wait: Duration) -> (String, bool) {
    let mut all = Vec::new();
    let mut part = [0; 4096];
    loop {
        match tokio::time::timeout(wait, stream.read(&mut part)).await {
            Err(_) => return (String::from_utf8(all).unwrap(), false),
            Ok(Ok(0) | Err(_)) => return (String::from_utf8(all).unwrap(), true),
            Ok(Ok(read)) => all.extend_from_slice(&part[..read]),
        }
    }
}

async fn ask(address: SocketAddr, request: &[u8]) -> String {
    let mut stream = TcpStream::connect(address).await.unwrap();
    stream.write_all(request).await.unwrap();
    answer(&mut stream, Duration::from_secs(1)).await.0
}

#[tokio::test]
async fn room_is_made_by_the_connection_that_is_idle_the_longest() {
    let places = Places::new(3);
    let first = places.take().await.unwrap();
    let second = places.take().await.unwrap();
    let third = places.take().await.unwrap();
    for place in [&first, &second] {
        place.busy();
    }
    assert!(first.is_busy() && second.is_busy() && !third.is_busy());
    for place in [&second, &first] {
        place.idle();
    }
    for place in [third, second, first] {
        let (closing, asked) = (place.closing(), Arc::clone(&places));
        let taking = tokio::spawn(async move { asked.take().await });
        closing.cancelled().await;
        drop(place);
        let taken = taking.await.unwrap().unwrap();
        taken.busy();
        // It keeps its place until the end of the test.
        std::mem::forget(taken);
    }
    assert!(places.take().await.is_none(), "all are busy");
}

#[tokio::test]
async fn idle_connections_shut_nobody_out_and_busy_ones_keep_their_places() {
    let limits = ConnectionLimits { max_connections: 4, ..ConnectionLimits::default() };
    let (address, _shutdown) = start(limits).await;
    // Some have asked before, some have not, some have sent half a head.
    let mut held = Vec::new();
    for first in [b"".as_slice(), GET, b"GET / HTT", GET] {
        let mut stream = TcpStream::connect(address).await.unwrap();
        stream.write_all(first).await.unwrap();
        if first == GET {
            let (text, closed) = answer(&mut stream, Duration::from_millis(200)).await;
            assert!(text.ends_with("here") && !closed, "{text}");
        }
        held.push(stream);
    }
    for _ in 0..8 {
        assert!(ask(address, GET).await.starts_with("HTTP/1.1 200"));
    }
    drop(held);
    let slow = b"GET /slow HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n";
    let busy: Vec<_> = (0..4)
        .map(|_| {
            tokio::spawn(async move {
                let mut stream = TcpStream::connect(address).await.unwrap();
                stream.write_all(slow).await.unwrap();
                answer(&mut stream, Duration::from_secs(5)).await.0
            })
        })
        .collect();
    tokio::time::sleep(Duration::from_millis(500)).await;
    assert!(ask(address, GET).await.starts_with("HTTP/1.1 503"));
    for task in busy {
        assert!(task.await.unwrap().starts_with("HTTP/1.1 200"));
    }
    assert!(ask(address, GET).await.starts_with("HTTP/1.1 200"));
}

#[tokio::test]
async fn heads_and_bodies_have_a_time_and_heads_a_size() {
    let limits = ConnectionLimits {
        head_timeout: Duration::from_millis(300),
        body_timeout: Duration::from_millis(300),
        body_bytes_per_second: 4,
        ..ConnectionLimits::default()
    };
    let (address, _shutdown) = start(limits).await;
    let mut half = TcpStream::connect(address).await.unwrap();
    half.write_all(b"GET / HTTP/1.1\r\nhost:").await.unwrap();
    assert!(answer(&mut half, Duration::from_secs(3)).await.1, "half a head is closed");

    let post = b"POST /body HTTP/1.1\r\nhost: localhost\r\ncontent-length: 3\r\n\r\n";
    let whole = [post.as_slice(), b"abc"].concat();
    assert!(ask(address, &whole).await.ends_with('3'));
    let late = [post.as_slice(), b"ab"].concat();
    assert!(ask(address, &late).await.starts_with("HTTP/1.1 400"), "the body is never whole");

    let mut steady = TcpStream::connect(address).await.unwrap();
    steady.write_all(post).await.unwrap();
    for byte in [b"a", b"b", b"c"] {
        tokio::time::sleep(Duration::from_millis(200)).await;
        steady.write_all(byte).await.unwrap();
    }
    let (text, _) = answer(&mut steady, Duration::from_secs(3)).await;
    assert!(text.ends_with('3'), "what came has given it more time: {text}");

    let long = format!("GET / HTTP/1.1\r\nhost: localhost\r\nx: {}\r\n\r\n", "y".repeat(70_000));
    assert!(ask(address, long.as_bytes()).await.starts_with("HTTP/1.1 431"));
}

#[tokio::test]
async fn what_was_asked_before_the_end_is_answered() {
    let (address, shutdown) = start(ConnectionLimits::default()).await;
    let slow = tokio::spawn(async move {
        ask(address, b"GET /slow HTTP/1.1\r\nhost: localhost\r\n\r\n").await;
        let mut stream = TcpStream::connect(address).await;
        stream.as_mut().map(|_| ()).is_err()
    });
    let mut asked = TcpStream::connect(address).await.unwrap();
    asked.write_all(b"GET /slow HTTP/1.1\r\nhost: localhost\r\n\r\n").await.unwrap();
    tokio::time::sleep(Duration::from_millis(300)).await;
    shutdown.cancel();
    let (text, closed) = answer(&mut asked, Duration::from_secs(4)).await;
    assert!(text.starts_with("HTTP/1.1 200") && closed, "{text}");
    assert!(slow.await.unwrap(), "the listener is gone");
}
