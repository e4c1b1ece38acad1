//! Where tables, stores and targets are: what is allowed lies below an allowed root.

use std::path::Component;

use dataset::{Access, Location};
use outgoing::serves_credentials;
use url::Url;

const SCHEMES: [&str; 6] = ["file", "s3", "gs", "az", "https", "postgres"];
const ROOTS: [&str; 4] =
    ["/fuzz/data", "s3://bucket/in", "https://example.org/data", "postgres://db/sales"];

/// A location of a table, and the URL of a server.
pub(super) fn uri(input: &[u8]) {
    let Ok(text) = std::str::from_utf8(input) else { return };
    let refused = Url::parse(text).is_ok_and(|url| url.host_str().is_some_and(serves_credentials));
    assert!(!refused || outgoing::server(text).is_err(), "a server of credentials is allowed");
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
            let is_store = object_stores::schemes().any(|scheme| scheme == url.scheme());
            let in_bucket = url.host_str() == Some("bucket") && url.path().starts_with("/in/");
            let below = is_store && in_bucket;
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
