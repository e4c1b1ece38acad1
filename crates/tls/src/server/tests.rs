#![allow(clippy::unwrap_used, clippy::panic, reason = "a test stops at the first surprise")]

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::PathBuf;
use std::time::{Duration, SystemTime};

use secret::SecretFileError;
use tier0_tests::Certificates;

use super::*;
use crate::ClientTls;

fn settings(certificates: &Certificates, name: &str) -> ListenerTls {
    ListenerTls {
        cert_file: Some(certificates.cert(name)),
        key_file: Some(certificates.key(name)),
        ..ListenerTls::default()
    }
}

fn failure(settings: &ListenerTls) -> Error {
    ServerTls::load(settings, &[]).unwrap_err()
}

#[test]
fn files_that_cannot_be_used_are_named_with_what_is_wrong() {
    let certificates = Certificates::new();
    let good = settings(&certificates, "server");
    assert!(ServerTls::load(&good, &[b"h2"]).unwrap().is_some());
    assert!(ServerTls::load(&ListenerTls::default(), &[]).unwrap().is_none());

    let garbage = certificates.path("garbage.pem");
    fs::write(&garbage, "no certificate at all\n").unwrap();
    let broken = certificates.path("broken.pem");
    fs::write(&broken, "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n").unwrap();
    let with_cert = |path: &PathBuf| ListenerTls { cert_file: Some(path.clone()), ..good.clone() };
    let error = failure(&with_cert(&garbage));
    assert!(matches!(&error, Error::NoCertificate { path } if *path == garbage), "{error:?}");
    assert!(matches!(failure(&with_cert(&broken)), Error::Certificate { .. }));
    assert!(matches!(failure(&with_cert(&certificates.path("none"))), Error::Read { .. }));

    let key = |path: PathBuf| ListenerTls { key_file: Some(path), ..good.clone() };
    let other = failure(&key(certificates.key("client")));
    assert!(matches!(&other, Error::OtherKey { .. }), "{other:?}");
    assert!(other.to_string().contains("server.pem"), "{other}");
    fs::set_permissions(&garbage, fs::Permissions::from_mode(0o600)).unwrap();
    assert!(matches!(failure(&key(garbage)), Error::NoKey { .. }));
    let authorities = ListenerTls { client_ca_file: Some(broken), ..good };
    assert!(matches!(failure(&authorities), Error::Certificate { .. }));
}

#[test]
fn a_key_that_others_may_read_is_refused() {
    // Of root its group may read it, where the process is not root: `secret` has the whole rule.
    let certificates = Certificates::new();
    let settings = settings(&certificates, "server");
    let key = certificates.key("server");
    for (mode, refused) in [
        (0o600, false),
        (0o400, false),
        (0o440, true),
        (0o604, true),
        (0o640, true),
        (0o660, true),
        (0o644, true),
    ] {
        fs::set_permissions(&key, fs::Permissions::from_mode(mode)).unwrap();
        match ServerTls::load(&settings, &[]) {
            Ok(_) => assert!(!refused, "{mode:o}"),
            Err(Error::KeyFile(SecretFileError::OpenToOthers { mode: found, path })) => {
                assert!(refused && found == mode && path == key);
            }
            Err(error) => panic!("{mode:o}: {error}"),
        }
    }
    // Of clients as well.
    let client =
        ClientTls { cert_file: settings.cert_file, key_file: settings.key_file, ca_file: None };
    assert!(matches!(client.read(), Err(Error::KeyFile(SecretFileError::OpenToOthers { .. }))));
}

#[test]
fn changed_files_are_taken_up_and_what_cannot_be_used_is_told_once() {
    let certificates = Certificates::new();
    certificates.certify("other", "ca", &["localhost"]);
    let tls = ServerTls::load(&settings(&certificates, "server"), &[]).unwrap().unwrap();
    let first = tls.config();
    assert!(!tls.reload().unwrap());
    assert!(Arc::ptr_eq(&first, &tls.config()));
    // Between the two files of a rotation they do not belong together.
    fs::copy(certificates.cert("other"), certificates.cert("server")).unwrap();
    assert!(matches!(tls.reload(), Err(Error::OtherKey { .. })));
    assert!(!tls.reload().unwrap(), "told once");
    assert!(Arc::ptr_eq(&first, &tls.config()), "the old one goes on");
    fs::copy(certificates.key("other"), certificates.key("server")).unwrap();
    assert!(tls.reload().unwrap());
    assert!(!Arc::ptr_eq(&first, &tls.config()));
    fs::remove_file(certificates.cert("server")).unwrap();
    assert!(matches!(tls.reload(), Err(Error::Read { .. })));
    assert!(!tls.reload().unwrap(), "told once");
}

#[test]
fn the_end_of_a_certificate_is_known() {
    let certificates = Certificates::new();
    certificates.expired("late", "ca", &["localhost"]);
    let now = SystemTime::now();
    let expiry =
        |name| ServerTls::load(&settings(&certificates, name), &[]).unwrap().unwrap().expiry();
    assert_eq!(expiry("late").left(now), None);
    let left = expiry("server").left(now).unwrap();
    assert!(left > Duration::from_hours(1), "{left:?}");
    assert!(expiry("late").unix_seconds() < expiry("server").unix_seconds());
}

#[test]
fn a_certificate_names_its_owner() {
    use rustls::pki_types::CertificateDer;
    use rustls::pki_types::pem::PemObject as _;
    let certificates = Certificates::new();
    certificates.certify("named", "ca", &["spiffe://example/trainer", "trainer.example"]);
    let identity = |name| {
        let certificate = CertificateDer::from_pem_file(certificates.cert(name)).unwrap();
        crate::PeerIdentity::of(&certificate).unwrap()
    };
    let named = identity("named");
    assert_eq!(named.common_name(), Some("named"));
    assert_eq!(named.subject(), "CN=named");
    assert_eq!(named.alternatives(), ["spiffe://example/trainer", "trainer.example"]);
    assert_eq!(named.name(), "spiffe://example/trainer");
    assert_eq!(identity("ca").name(), "ca");
}
