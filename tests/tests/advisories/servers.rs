//! URIs that have a server ask another one for the caller.

use dataset::{Access, Location};

const METADATA: [&str; 6] = [
    "http://169.254.169.254/latest/",
    "http://[::ffff:169.254.169.254]/latest/",
    "http://[fd00:ec2::254]/latest/",
    "http://metadata.google.internal/computeMetadata/",
    // The address as one number.
    "http://2852039166/latest/",
    "http://0xa9fea9fe/latest/",
];

/// Webhooks, lineage and tracking servers: none of them is a service that gives credentials of the machine.
#[test]
fn server_side_requests_by_configured_uris() {
    for uri in METADATA {
        assert!(outgoing::server(uri).is_err(), "{uri}");
    }
    for uri in ["file:///etc/passwd", "gopher://127.0.0.1/", "ftp://127.0.0.1/", "//example.org/"] {
        assert!(outgoing::server(uri).is_err(), "{uri}");
    }
    // A user before the host does not make it another host.
    let disguised = outgoing::server("http://localhost@example.org/").unwrap();
    assert!(!outgoing::is_loopback(&disguised));
}

/// Tables of requests: a server needs a root that the operator gave, and metadata services are refused whatever roots there are.
#[test]
fn server_side_requests_by_tables() {
    let roots =
        ["http://169.254.169.254", "http://metadata.google.internal", "https://example.org"];
    let access = Access::new(&["http", "https"], &roots).unwrap();
    let allowed = |uri: &str| Location::parse(uri).and_then(|place| access.check(&place));
    for uri in METADATA {
        assert!(allowed(&format!("{uri}t.csv")).is_err(), "{uri}");
    }
    for uri in [
        "http://127.0.0.1/t.csv",
        "https://example.org.evil.test/t.csv",
        "http://example.org/t.csv",
    ] {
        assert!(allowed(uri).is_err(), "{uri}");
    }
    allowed("https://example.org/t.csv").unwrap();
}
