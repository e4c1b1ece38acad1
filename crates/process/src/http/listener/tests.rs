#![allow(clippy::unwrap_used, reason = "a test stops at the first surprise")]

use std::path::PathBuf;
use std::time::Instant;

use axum::Router;
use axum::extract::Extension;
use axum::http::StatusCode;
use axum::http::header::STRICT_TRANSPORT_SECURITY;
use axum::routing::get;
use metrics_exporter_prometheus::PrometheusBuilder;
use reqwest::{Certificate, Client, Identity};
use tier0_tests::Certificates;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

use super::*;
use crate::http::{ConnectionLimits, serve};
use tls::ClientCertificates;

struct Running {
    address: SocketAddr,
    shutdown: CancellationToken,
}

impl Drop for Running {
    fn drop(&mut self) {
        self.shutdown.cancel();
    }
}

fn settings(certificates: &Certificates) -> ListenerTls {
    ListenerTls {
        cert_file: Some(certificates.cert("server")),
        key_file: Some(certificates.key("server")),
        ..ListenerTls::default()
    }
}

async fn bind(listen: &str, tls: &ListenerTls) -> Result<Listener, StartError> {
    Listener::bind(Bind {
        name: "test",
        listen,
        is_guarded: true,
        token_key: "test.token_file",
        tls,
        tls_key: "test.tls",
        protocols: HTTP1,
    })
    .await
}

async fn start(listen: &str, tls: &ListenerTls, limits: ConnectionLimits) -> Running {
    let who = |peer: Option<Extension<PeerIdentity>>| async move {
        peer.map_or_else(|| "nobody".to_owned(), |Extension(peer)| peer.name().to_owned())
    };
    let router = Router::new().route("/who", get(who));
    let listener = bind(listen, tls).await.unwrap();
    let address = listener.address();
    let shutdown = CancellationToken::new();
    tokio::spawn(serve(listener, router, limits, shutdown.clone()));
    Running { address, shutdown }
}

fn client(certificates: &Certificates, authority: &str, shown: Option<&str>) -> Client {
    let pem = |path: PathBuf| std::fs::read(path).unwrap();
    let authority = Certificate::from_pem(&pem(certificates.cert(authority))).unwrap();
    let builder = Client::builder()
        .no_proxy()
        .tls_built_in_root_certs(false)
        .add_root_certificate(authority)
        .timeout(Duration::from_secs(15));
    let builder = match shown {
        None => builder,
        Some(name) => {
            let both = [pem(certificates.cert(name)), pem(certificates.key(name))].concat();
            builder.identity(Identity::from_pem(&both).unwrap())
        }
    };
    builder.build().unwrap()
}

async fn who(client: &Client, address: SocketAddr) -> Result<String, reqwest::Error> {
    let url = format!("https://127.0.0.1:{}/who", address.port());
    client.get(url).send().await?.text().await
}

#[tokio::test]
async fn only_who_trusts_the_authority_asks_by_tls() {
    let certificates = Certificates::new();
    let running = start("127.0.0.1:0", &settings(&certificates), ConnectionLimits::default()).await;
    assert_eq!(who(&client(&certificates, "ca", None), running.address).await.unwrap(), "nobody");
    assert!(who(&client(&certificates, "stranger", None), running.address).await.is_err());
    // Plain HTTP is told what is spoken.
    let plain = format!("http://{}/who", running.address);
    let told = reqwest::get(plain).await.unwrap();
    assert_eq!(told.status(), StatusCode::BAD_REQUEST);
    assert!(told.text().await.unwrap().contains("https://"));
}

#[tokio::test]
async fn callers_are_named_by_certificates_of_the_authority_alone() {
    let certificates = Certificates::new();
    let mut tls =
        ListenerTls { client_ca_file: Some(certificates.cert("ca")), ..settings(&certificates) };
    for (asked, nobody) in
        [(ClientCertificates::Required, None), (ClientCertificates::Optional, Some("nobody"))]
    {
        tls.client_certificates = asked;
        let running = start("127.0.0.1:0", &tls, ConnectionLimits::default()).await;
        let ask = async |shown| who(&client(&certificates, "ca", shown), running.address).await;
        assert_eq!(ask(Some("client")).await.unwrap(), "operator.example");
        assert_eq!(ask(None).await.ok().as_deref(), nobody, "{asked:?}");
        assert!(ask(Some("impostor")).await.is_err(), "{asked:?}");
    }
}

#[tokio::test]
async fn slow_handshakes_hold_up_nobody() {
    let certificates = Certificates::new();
    let limits = ConnectionLimits { max_connections: 4, ..ConnectionLimits::default() };
    let running = start("127.0.0.1:0", &settings(&certificates), limits).await;
    // Some say nothing, some begin a handshake; together they have every place, and more come for each that goes.
    let mut held = Vec::new();
    for number in 0..12 {
        let mut stream = TcpStream::connect(running.address).await.unwrap();
        if number % 2 == 0 {
            stream.write_all(&[22, 3, 1, 2, 0, 1, 0]).await.unwrap();
        }
        held.push(stream);
    }
    for _ in 0..5 {
        let begun = Instant::now();
        let answer = who(&client(&certificates, "ca", None), running.address).await;
        assert_eq!(answer.unwrap(), "nobody");
        assert!(begun.elapsed() < Duration::from_secs(2), "{:?}", begun.elapsed());
    }
    // The first ones made room.
    let mut first = held.swap_remove(0);
    let mut byte = [0];
    let closed = tokio::time::timeout(Duration::from_secs(2), first.read(&mut byte)).await;
    assert!(matches!(closed, Ok(Ok(0) | Err(_))), "{closed:?}");
}

#[tokio::test]
async fn failed_handshakes_are_counted_by_reason() {
    let recorder = PrometheusBuilder::new().build_recorder();
    let shown = recorder.handle();
    let _installed = metrics::set_default_local_recorder(&recorder);
    let certificates = Certificates::new();
    let tls =
        ListenerTls { client_ca_file: Some(certificates.cert("ca")), ..settings(&certificates) };
    let running = start("127.0.0.1:0", &tls, ConnectionLimits::default()).await;
    // Closed without a word, as a probe of TCP does.
    drop(TcpStream::connect(running.address).await.unwrap());
    let _ = reqwest::get(format!("http://{}/who", running.address)).await;
    assert!(who(&client(&certificates, "ca", None), running.address).await.is_err());
    assert!(
        who(&client(&certificates, "stranger", Some("client")), running.address).await.is_err()
    );
    let _running = running;
    let line = |reason: &str, count: u32| {
        format!("tier0_http_refusals_total{{listener=\"test\",reason=\"{reason}\"}} {count}")
    };
    let expected = [line("tls_plaintext", 1), line("tls_certificate", 1), line("tls_handshake", 1)];
    let until = Instant::now() + Duration::from_secs(5);
    loop {
        let text = shown.render();
        if expected.iter().all(|line| text.contains(line.as_str())) {
            assert!(text.contains("tier0_tls_certificate_expiry_timestamp_seconds"), "{text}");
            break;
        }
        assert!(Instant::now() < until, "{text}");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

#[tokio::test]
async fn a_new_certificate_is_taken_up_without_a_restart() {
    let certificates = Certificates::new();
    let running = start("127.0.0.1:0", &settings(&certificates), ConnectionLimits::default()).await;
    let (old, new) = (client(&certificates, "ca", None), client(&certificates, "stranger", None));
    assert!(who(&old, running.address).await.is_ok());
    certificates.certify("server", "stranger", &["127.0.0.1"]);
    let until = Instant::now() + Duration::from_secs(10);
    // Each with a connection of its own.
    while who(&client(&certificates, "stranger", None), running.address).await.is_err() {
        assert!(Instant::now() < until, "the new certificate is not taken up");
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    assert_eq!(who(&new, running.address).await.unwrap(), "nobody");
    assert!(who(&old, running.address).await.is_ok(), "a connection that is kept goes on");
    assert!(who(&client(&certificates, "ca", None), running.address).await.is_err());
}

#[tokio::test]
async fn beyond_loopback_tls_is_spoken_or_done_without_on_purpose() {
    let certificates = Certificates::new();
    let refused = bind("0.0.0.0:0", &ListenerTls::default()).await.unwrap_err();
    assert!(matches!(refused, StartError::Plaintext { .. }), "{refused:?}");
    let said = refused.to_string();
    assert!(
        said.contains("test.tls.cert_file") && said.contains("test.tls.allow_plaintext"),
        "{said}"
    );
    let allowed = ListenerTls { allow_plaintext: true, ..ListenerTls::default() };
    assert_eq!(bind("0.0.0.0:0", &allowed).await.unwrap().scheme(), "http");
    let wrong =
        ListenerTls { key_file: Some(certificates.key("client")), ..settings(&certificates) };
    assert!(matches!(bind("127.0.0.1:0", &wrong).await, Err(StartError::Tls { .. })));
    // Browsers keep to TLS for a host of its own, and for this machine they do not.
    for (listen, pinned) in [("0.0.0.0:0", true), ("127.0.0.1:0", false)] {
        let running = start(listen, &settings(&certificates), ConnectionLimits::default()).await;
        let url = format!("https://127.0.0.1:{}/who", running.address.port());
        let answer = client(&certificates, "ca", None).get(url).send().await.unwrap();
        assert_eq!(answer.headers().contains_key(STRICT_TRANSPORT_SECURITY), pinned, "{listen}");
    }
}
