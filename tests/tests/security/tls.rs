//! TLS to the broker, with certificates of an authority of the test's own.

use std::path::PathBuf;
use std::process::Command;
use std::time::Instant;

use bus::{Bus, BusConfig, Error, Headers, SetupOptions, TlsConfig};
use identities::Identity;
use tempfile::TempDir;

use crate::Secured;

/// Messages of which the cost is told.
const MESSAGES: usize = 500;

/// An authority, what it certified, and an authority that nobody trusts.
struct Certificates {
    directory: TempDir,
}

impl Certificates {
    fn new() -> Self {
        let certificates = Self { directory: tempfile::tempdir().unwrap() };
        for authority in ["ca", "stranger"] {
            certificates.authority(authority);
        }
        certificates.certify("server", "ca", "subjectAltName=IP:127.0.0.1,DNS:localhost");
        certificates.certify("elsewhere", "ca", "subjectAltName=DNS:elsewhere.example");
        certificates.certify("client", "ca", "subjectAltName=DNS:model-trainer");
        certificates.certify("impostor", "stranger", "subjectAltName=DNS:model-trainer");
        certificates
    }

    fn path(&self, name: &str) -> PathBuf {
        self.directory.path().join(name)
    }

    fn authority(&self, name: &str) {
        self.openssl(&[
            "req",
            "-x509",
            "-newkey",
            "ec",
            "-pkeyopt",
            "ec_paramgen_curve:prime256v1",
            "-nodes",
            "-days",
            "2",
            "-subj",
            &format!("/CN={name}"),
            "-keyout",
            &format!("{name}.key"),
            "-out",
            &format!("{name}.pem"),
            "-addext",
            "basicConstraints=critical,CA:TRUE",
        ]);
    }

    fn certify(&self, name: &str, authority: &str, names: &str) {
        let (key, request) = (format!("{name}.key"), format!("{name}.csr"));
        self.openssl(&[
            "req",
            "-new",
            "-newkey",
            "ec",
            "-pkeyopt",
            "ec_paramgen_curve:prime256v1",
            "-nodes",
            "-subj",
            &format!("/CN={name}"),
            "-keyout",
            &key,
            "-out",
            &request,
        ]);
        std::fs::write(self.path("names"), names).unwrap();
        self.openssl(&[
            "x509",
            "-req",
            "-in",
            &request,
            "-CA",
            &format!("{authority}.pem"),
            "-CAkey",
            &format!("{authority}.key"),
            "-CAcreateserial",
            "-days",
            "2",
            "-extfile",
            "names",
            "-out",
            &format!("{name}.pem"),
        ]);
    }

    fn openssl(&self, arguments: &[&str]) {
        let mut command = Command::new("openssl");
        let output = command.args(arguments).current_dir(self.directory.path()).output().unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    }

    /// nats-server's block of TLS, with the certificate of this name.
    fn server(&self, name: &str, more: &str) -> String {
        let path = |file: String| self.path(&file).display().to_string();
        format!(
            "tls {{ cert_file: \"{}\", key_file: \"{}\", ca_file: \"{}\", {more} }}",
            path(format!("{name}.pem")),
            path(format!("{name}.key")),
            path("ca.pem".to_owned()),
        )
    }

    fn trusting(&self, authority: &str) -> TlsConfig {
        TlsConfig {
            required: true,
            ca_file: Some(self.path(&format!("{authority}.pem"))),
            ..TlsConfig::default()
        }
    }

    fn as_(&self, name: &str) -> TlsConfig {
        TlsConfig {
            cert_file: Some(self.path(&format!("{name}.pem"))),
            key_file: Some(self.path(&format!("{name}.key"))),
            ..self.trusting("ca")
        }
    }
}

async fn connect(secured: &Secured, tls: TlsConfig) -> Result<Bus, Error> {
    let config =
        BusConfig { tls, connect_timeout_seconds: 1.0, ..secured.config(Identity::Operator) };
    Bus::connect(&config, "operator").await
}

#[tokio::test]
async fn a_broker_is_believed_by_its_certificate() {
    let certificates = Certificates::new();
    let secured = Secured::start_with(&certificates.server("server", "")).await;
    let bus = connect(&secured, certificates.trusting("ca")).await.unwrap();
    bus.ping(std::time::Duration::from_secs(5)).await.unwrap();
    // Another authority, and none but the system's.
    assert!(connect(&secured, certificates.trusting("stranger")).await.is_err());
    assert!(connect(&secured, TlsConfig::default()).await.is_err());
    // The key is asked for all the same.
    let nobody =
        BusConfig { tls: certificates.trusting("ca"), ..BusConfig::new(secured.server.url()) };
    assert!(matches!(Bus::connect(&nobody, "x").await, Err(Error::Refused { .. })));
}

#[tokio::test]
async fn a_certificate_for_another_host_is_refused() {
    let certificates = Certificates::new();
    let secured = Secured::start_with(&certificates.server("elsewhere", "")).await;
    let error = connect(&secured, certificates.trusting("ca")).await.unwrap_err();
    assert!(matches!(error, Error::Connect { .. }), "{error:?}");
}

#[tokio::test]
async fn a_broker_without_tls_is_refused_where_tls_is_required() {
    let certificates = Certificates::new();
    let secured = Secured::start().await;
    assert!(connect(&secured, certificates.trusting("ca")).await.is_err());
    assert!(connect(&secured, TlsConfig::default()).await.is_ok());
}

#[tokio::test]
async fn a_broker_that_verifies_asks_for_a_certificate_of_its_authority() {
    let certificates = Certificates::new();
    let secured = Secured::start_with(&certificates.server("server", "verify: true")).await;
    assert!(connect(&secured, certificates.as_("client")).await.is_ok());
    assert!(connect(&secured, certificates.trusting("ca")).await.is_err());
    assert!(connect(&secured, certificates.as_("impostor")).await.is_err());
}

/// What a connection and a stored message of 2 KiB cost, side by side; the figures are for docs/security.md.
#[tokio::test]
async fn what_tls_costs_is_told() {
    let certificates = Certificates::new();
    let plain = Secured::start().await;
    let secured = Secured::start_with(&certificates.server("server", "")).await;
    let set_up = BusConfig { tls: certificates.trusting("ca"), ..secured.config(Identity::SetUp) };
    let set_up = Bus::connect(&set_up, "set-up").await.unwrap();
    set_up.setup(&SetupOptions::default()).await.unwrap();
    for (name, of, tls) in [
        ("without TLS", &plain, TlsConfig::default()),
        ("with TLS", &secured, certificates.trusting("ca")),
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
