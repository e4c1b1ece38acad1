//! REST and gRPC over TLS, with certificates of an authority of the test's own.

use std::sync::Arc;
use std::time::{Duration, Instant};

use hyper_util::rt::TokioIo;
use model_server::testing::Serving;
use model_server::testing::inference::grpc_inference_service_client::GrpcInferenceServiceClient;
use process::ListenerTls;
use reqwest::{Certificate, Client};
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, ServerName};
use rustls::{ClientConfig, RootCertStore};
use tabular::ProblemType;
use tier0_tests::Certificates;
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;
use tonic::transport::{Channel, Endpoint, Uri};

use crate::grpc::typed;
use crate::support::{Running, close, endpoint, expected, read, tensors};

/// Requests and handshakes of which the cost is told.
const REQUESTS: usize = 2_000;
const HANDSHAKES: usize = 200;

pub(crate) fn settings(certificates: &Certificates) -> ListenerTls {
    ListenerTls {
        cert_file: Some(certificates.cert("server")),
        key_file: Some(certificates.key("server")),
        ..ListenerTls::default()
    }
}

/// With the endpoint `churn` over TLS.
pub(crate) async fn serving(tls: ListenerTls) -> Running {
    let serving = Serving { tls, ..Serving::default() };
    let running = Running::with(serving, None).await;
    running.server.model_catalogue.put("churn", endpoint(2, &[1], ProblemType::Binary));
    running
}

fn client(certificates: &Certificates, authority: &str) -> Client {
    let pem = std::fs::read(certificates.cert(authority)).unwrap();
    let builder = Client::builder().no_proxy().tls_built_in_root_certs(false);
    builder.add_root_certificate(Certificate::from_pem(&pem).unwrap()).build().unwrap()
}

/// A connection that trusts this authority and speaks these protocols.
async fn connect(
    certificates: &Certificates,
    authority: &str,
    protocols: &[&[u8]],
    address: &str,
) -> std::io::Result<TlsStream<TcpStream>> {
    let mut roots = RootCertStore::empty();
    roots.add(CertificateDer::from_pem_file(certificates.cert(authority)).unwrap()).unwrap();
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let mut config = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_root_certificates(roots)
        .with_no_client_auth();
    config.alpn_protocols = protocols.iter().map(|name| name.to_vec()).collect();
    let name = ServerName::try_from("127.0.0.1").unwrap();
    TlsConnector::from(Arc::new(config)).connect(name, TcpStream::connect(address).await?).await
}

async fn channel(
    certificates: &Arc<Certificates>,
    authority: &'static str,
    url: &str,
) -> Result<Channel, tonic::transport::Error> {
    let address = url.trim_start_matches("https://").to_owned();
    let certificates = Arc::clone(certificates);
    let connector = tower::service_fn(move |_: Uri| {
        let (certificates, address) = (Arc::clone(&certificates), address.clone());
        async move { connect(&certificates, authority, &[b"h2"], &address).await.map(TokioIo::new) }
    });
    // The connector speaks TLS, of which tonic is not told.
    let plain = url.replacen("https://", "http://", 1);
    Endpoint::from_shared(plain).unwrap().connect_with_connector(connector).await
}

#[tokio::test(flavor = "multi_thread")]
async fn rest_and_grpc_answer_by_tls_to_who_trusts_the_authority() {
    let certificates = Arc::new(Certificates::new());
    let running = serving(settings(&certificates)).await;
    assert!(running.url.starts_with("https://") && running.grpc.starts_with("https://"));
    let url = format!("{}/v2/models/churn/infer", running.url);
    let body = serde_json::json!({ "inputs": tensors() });
    let answer = client(&certificates, "ca").post(&url).json(&body).send().await.unwrap();
    let (status, answer) = read(answer).await;
    assert_eq!(status, 200, "{answer}");
    let probability =
        answer["outputs"].as_array().unwrap().iter().find(|one| one["name"] == "probability_Yes");
    close(&probability.unwrap()["data"], expected(2));
    assert!(client(&certificates, "stranger").post(&url).json(&body).send().await.is_err());

    let trusted = channel(&certificates, "ca", &running.grpc).await.unwrap();
    let answer = GrpcInferenceServiceClient::new(trusted).model_infer(typed()).await.unwrap();
    assert_eq!(answer.into_inner().model_version, "2");
    assert!(channel(&certificates, "stranger", &running.grpc).await.is_err());
    // Who speaks no TLS is refused, and so is who speaks HTTP/1.1 where gRPC is spoken.
    let plain = running.grpc.replacen("https://", "http://", 1);
    let plain = Endpoint::from_shared(plain).unwrap().connect().await;
    let asked = match plain {
        Ok(channel) => GrpcInferenceServiceClient::new(channel).model_infer(typed()).await.is_ok(),
        Err(_) => false,
    };
    assert!(!asked, "gRPC is answered without TLS");
    let address = running.grpc.trim_start_matches("https://");
    assert!(connect(&certificates, "ca", &[b"http/1.1"], address).await.is_err());
    let http = connect(
        &certificates,
        "ca",
        &[b"h2", b"http/1.1"],
        running.url.trim_start_matches("https://"),
    );
    assert_eq!(http.await.unwrap().get_ref().1.alpn_protocol(), Some(b"http/1.1".as_slice()));
}

#[tokio::test(flavor = "multi_thread")]
async fn grpc_goes_on_beside_slow_handshakes_and_asks_for_certificates() {
    let certificates = Arc::new(Certificates::new());
    let tls = settings(&certificates);
    let bounded = Serving { tls: tls.clone(), max_connections: 3, ..Serving::default() };
    let running = Running::with(bounded, None).await;
    running.server.model_catalogue.put("churn", endpoint(1, &[], ProblemType::Binary));
    let mut held = Vec::new();
    for _ in 0..6 {
        held.push(TcpStream::connect(running.grpc.trim_start_matches("https://")).await.unwrap());
    }
    let begun = Instant::now();
    let trusted = channel(&certificates, "ca", &running.grpc).await.unwrap();
    GrpcInferenceServiceClient::new(trusted).model_infer(typed()).await.unwrap();
    assert!(begun.elapsed() < Duration::from_secs(3), "{:?}", begun.elapsed());

    let asking = ListenerTls { client_ca_file: Some(certificates.cert("ca")), ..tls };
    let running = serving(asking).await;
    // The server refuses after the client's side of the handshake is done.
    let asked = match channel(&certificates, "ca", &running.grpc).await {
        Ok(channel) => GrpcInferenceServiceClient::new(channel).model_infer(typed()).await.is_ok(),
        Err(_) => false,
    };
    assert!(!asked, "gRPC is answered without a certificate");
}

/// What a one-row request on a kept connection costs, and a new connection, side by side; the figures are for docs/security.md.
#[tokio::test(flavor = "multi_thread")]
async fn what_tls_costs_is_told() {
    let certificates = Certificates::new();
    let row = serde_json::json!({ "inputs": [
        { "name": "charges", "datatype": "FP64", "shape": [1], "data": [20.5] },
        { "name": "tenure", "datatype": "INT64", "shape": [1], "data": [3] },
        { "name": "contract", "datatype": "BYTES", "shape": [1], "data": ["month"] },
        { "name": "active", "datatype": "BOOL", "shape": [1], "data": [true] },
        { "name": "joined", "datatype": "BYTES", "shape": [1], "data": ["2024-05-01"] },
    ] });
    for (name, tls) in
        [("without TLS", ListenerTls::default()), ("with TLS", settings(&certificates))]
    {
        let is_on = tls.is_on();
        let running = serving(tls).await;
        let kept = client(&certificates, "ca");
        let url = format!("{}/v2/models/churn/infer", running.url);
        let mut taken = Vec::new();
        for _ in 0..REQUESTS {
            let begun = Instant::now();
            let answer = kept.post(&url).json(&row).send().await.unwrap();
            assert!(answer.bytes().await.is_ok());
            taken.push(begun.elapsed());
        }
        taken.sort_unstable();
        let address = running.url.rsplit_once("//").unwrap().1;
        let begun = Instant::now();
        for _ in 0..HANDSHAKES {
            if is_on {
                connect(&certificates, "ca", &[b"http/1.1"], address).await.unwrap();
            } else {
                TcpStream::connect(address).await.unwrap();
            }
        }
        let connected = begun.elapsed().as_secs_f64() * 1e3 / HANDSHAKES as f64;
        println!(
            "{name}: {:.0} us for a row on a kept connection (p50), {:.0} us (p99), {connected:.2} ms for a connection",
            taken[REQUESTS / 2].as_secs_f64() * 1e6,
            taken[REQUESTS * 99 / 100].as_secs_f64() * 1e6,
        );
    }
}
