//! TLS to the broker, with certificates of an authority of the test's own.

use std::time::Instant;

use bus::{Bus, BusConfig, Error, Headers, SetupOptions, TlsConfig};
use identities::Identity;
use tier0_tests::Certificates;

use crate::Secured;

/// Messages of which the cost is told.
const MESSAGES: usize = 500;

/// The authorities of the tests, with a server's certificate for another host.
fn certificates() -> Certificates {
    let certificates = Certificates::new();
    certificates.certify("elsewhere", "ca", &["elsewhere.example"]);
    certificates
}

/// nats-server's block of TLS, with the certificate of this name.
fn server(certificates: &Certificates, name: &str, more: &str) -> String {
    format!(
        "tls {{ cert_file: \"{}\", key_file: \"{}\", ca_file: \"{}\", {more} }}",
        certificates.cert(name).display(),
        certificates.key(name).display(),
        certificates.cert("ca").display(),
    )
}

fn trusting(certificates: &Certificates, authority: &str) -> TlsConfig {
    TlsConfig {
        required: true,
        ca_file: Some(certificates.cert(authority)),
        ..TlsConfig::default()
    }
}

fn known_as(certificates: &Certificates, name: &str) -> TlsConfig {
    TlsConfig {
        cert_file: Some(certificates.cert(name)),
        key_file: Some(certificates.key(name)),
        ..trusting(certificates, "ca")
    }
}

async fn connect(secured: &Secured, tls: TlsConfig) -> Result<Bus, Error> {
    let config =
        BusConfig { tls, connect_timeout_seconds: 1.0, ..secured.config(Identity::Operator) };
    Bus::connect(&config, "operator").await
}

#[tokio::test]
async fn a_broker_is_believed_by_its_certificate() {
    let certificates = certificates();
    let secured = Secured::start_with(&server(&certificates, "server", "")).await;
    let bus = connect(&secured, trusting(&certificates, "ca")).await.unwrap();
    bus.ping(std::time::Duration::from_secs(5)).await.unwrap();
    // Another authority, and none but the system's.
    assert!(connect(&secured, trusting(&certificates, "stranger")).await.is_err());
    assert!(connect(&secured, TlsConfig::default()).await.is_err());
    // The key is asked for all the same.
    let nobody =
        BusConfig { tls: trusting(&certificates, "ca"), ..BusConfig::new(secured.server.url()) };
    assert!(matches!(Bus::connect(&nobody, "x").await, Err(Error::Refused { .. })));
}

#[tokio::test]
async fn a_certificate_for_another_host_is_refused() {
    let certificates = certificates();
    let secured = Secured::start_with(&server(&certificates, "elsewhere", "")).await;
    let error = connect(&secured, trusting(&certificates, "ca")).await.unwrap_err();
    assert!(matches!(error, Error::Connect { .. }), "{error:?}");
}

#[tokio::test]
async fn a_broker_without_tls_is_refused_where_tls_is_required() {
    let certificates = certificates();
    let secured = Secured::start().await;
    assert!(connect(&secured, trusting(&certificates, "ca")).await.is_err());
    assert!(connect(&secured, TlsConfig::default()).await.is_ok());
}

#[tokio::test]
async fn a_broker_that_verifies_asks_for_a_certificate_of_its_authority() {
    let certificates = certificates();
    let secured = Secured::start_with(&server(&certificates, "server", "verify: true")).await;
    assert!(connect(&secured, known_as(&certificates, "client")).await.is_ok());
    assert!(connect(&secured, trusting(&certificates, "ca")).await.is_err());
    assert!(connect(&secured, known_as(&certificates, "impostor")).await.is_err());
}

/// What a connection and a stored message of 2 KiB cost, side by side; the figures are for docs/security.md.
#[tokio::test]
async fn what_tls_costs_is_told() {
    let certificates = certificates();
    let plain = Secured::start().await;
    let secured = Secured::start_with(&server(&certificates, "server", "")).await;
    let set_up =
        BusConfig { tls: trusting(&certificates, "ca"), ..secured.config(Identity::SetUp) };
    let set_up = Bus::connect(&set_up, "set-up").await.unwrap();
    set_up.setup(&SetupOptions::default()).await.unwrap();
    for (name, of, tls) in [
        ("without TLS", &plain, TlsConfig::default()),
        ("with TLS", &secured, trusting(&certificates, "ca")),
    ] {
        let begun = Instant::now();
        let bus = connect(of, tls).await.unwrap();
        let connected = begun.elapsed();
        let mut taken = Vec::new();
        for _ in 0..MESSAGES {
            let begun = Instant::now();
            let body = vec![b'x'; 2048];
            bus.publish("tier0.v1.feedback.churn", Headers::new(), body.into()).await.unwrap();
            taken.push(begun.elapsed());
        }
        taken.sort_unstable();
        println!(
            "{name}: {:.1} ms to connect, {:.2} ms for a stored message (p50), {:.2} ms (p99)",
            connected.as_secs_f64() * 1e3,
            taken[MESSAGES / 2].as_secs_f64() * 1e3,
            taken[MESSAGES * 99 / 100].as_secs_f64() * 1e3
        );
    }
}
