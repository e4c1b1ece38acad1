//! Where tables, stores and targets are: what is allowed lies below an allowed root.

use std::path::Component;

use dataset::{Access, Location};
use url::Url;

const SCHEMES: [&str; 6] = ["file", "s3", "gs", "az", "https", "postgres"];
const ROOTS: [&str; 4] =
    ["/fuzz/data", "s3://bucket/in", "https://example.org/data", "postgres://db/sales"];

/// A location of a table, and the host of a URL.
pub(super) fn uri(input: &[u8]) {
    let Ok(text) = std::str::from_utf8(input) else { return };
    if let Ok(url) = Url::parse(text) {
        let _ = object_stores::open_with(&url, false).map(|opened| opened.is_ok());
        let _ = url.host_str().map(outgoing::serves_credentials);
    }
    let Ok(location) = Location::parse(text) else { return };
    let Ok(access) = Access::new(&SCHEMES, &ROOTS) else { return };
    let _ = (location.file_name().len(), location.root(), location.to_string());
    if access.check(&location).is_err() {
        return;
    }
    match &location {
        Location::File(path) => {
            assert!(path.starts_with("/fuzz/data"), "a file outside the roots is allowed");
            let upwards = path.components().any(|part| part == Component::ParentDir);
            assert!(!upwards, "a path that goes upwards is allowed");
        }
        Location::Object(url) => {
            let below = url.host_str() == Some("bucket") && url.path().starts_with("/in/");
            assert!(below, "an object outside the roots is allowed");
        }
        Location::Web(url) => {
            let below = url.scheme() == "https"
                && url.host_str() == Some("example.org")
                && url.path().starts_with("/data/");
            assert!(below, "a document outside the roots is allowed");
        }
        Location::Postgres(address) => {
            assert!(address.host() == "db", "a database outside the roots is allowed");
        }
        Location::Artifact { sha256, .. } => assert!(contracts::is_digest(sha256)),
    }
}
