//! Opens object stores: one client for all of them, which follows no redirect and asks no machine for credentials.
//!
//! Invariants:
//! - Credentials come from the environment of the process alone, never from a URI.
//! - A request goes to the host that the store's URI or its configured endpoint names, and is not led elsewhere.
//! - A store that accepts connections and never answers ends in an error within about a minute.

mod client;

use std::sync::Arc;
use std::time::Duration;

use object_store::aws::AmazonS3Builder;
use object_store::azure::MicrosoftAzureBuilder;
use object_store::gcp::GoogleCloudStorageBuilder;
use object_store::path::Path;
use object_store::{BackoffConfig, ObjectStore, Result, RetryConfig};
use url::Url;

use client::Connector;

/// Repetitions of a request that failed for a passing reason.
const MAX_RETRIES: usize = 2;
/// No repetition is begun later than this after the first attempt.
const RETRY_TIMEOUT: Duration = Duration::from_secs(30);
/// The variable that allows credentials of the machine, where it is `true`.
pub const INSTANCE_CREDENTIALS: &str = "TIER0_INSTANCE_CREDENTIALS";

type Open = fn(&str, Connector) -> Result<Arc<dyn ObjectStore>>;

/// Scheme, and what opens the store of a URI.
const STORES: [(&str, Open); 3] = [
    ("s3", |uri, client| {
        let builder = AmazonS3Builder::from_env().with_url(uri).with_retry(retry());
        Ok(Arc::new(builder.with_http_connector(client).build()?))
    }),
    ("gs", |uri, client| {
        let builder = GoogleCloudStorageBuilder::from_env().with_url(uri).with_retry(retry());
        Ok(Arc::new(builder.with_http_connector(client).build()?))
    }),
    ("az", |uri, client| {
        let builder = MicrosoftAzureBuilder::from_env().with_url(uri).with_retry(retry());
        Ok(Arc::new(builder.with_http_connector(client).build()?))
    }),
];

fn retry() -> RetryConfig {
    RetryConfig {
        backoff: BackoffConfig::default(),
        max_retries: MAX_RETRIES,
        retry_timeout: RETRY_TIMEOUT,
    }
}

/// The schemes of all stores: `s3`, `gs`, `az`.
pub fn schemes() -> impl Iterator<Item = &'static str> {
    STORES.into_iter().map(|(scheme, _)| scheme)
}

/// The store of a URI such as `s3://BUCKET/PREFIX`, and the path in it; none where no store has the scheme. Nothing is asked of it yet.
///
/// # Errors
/// Where the environment's settings cannot be used, or the path is none.
#[must_use]
pub fn open(uri: &Url) -> Option<Result<(Arc<dyn ObjectStore>, Path)>> {
    let allowed = std::env::var(INSTANCE_CREDENTIALS).is_ok_and(|value| value == "true");
    open_with(uri, allowed)
}

/// As [`open`]; `allows_instance_credentials` says whether the machine may be asked for credentials, whatever the environment says.
#[must_use]
pub fn open_with(
    uri: &Url,
    allows_instance_credentials: bool,
) -> Option<Result<(Arc<dyn ObjectStore>, Path)>> {
    let open = STORES.into_iter().find(|(scheme, _)| *scheme == uri.scheme())?.1;
    let opened = open(uri.as_str(), Connector { allows_instance_credentials });
    Some(opened.and_then(|store| Ok((store, Path::from_url_path(uri.path())?))))
}
