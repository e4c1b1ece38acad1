//! The table of the object stores: how the URIs of each begin, and what opens it.
//!
//! A new one is a row here, and a feature of `object_store` in the workspace's manifest. Credentials come from the
//! environment of the process alone.

use std::sync::Arc;

use object_store::aws::AmazonS3Builder;
use object_store::azure::MicrosoftAzureBuilder;
use object_store::gcp::GoogleCloudStorageBuilder;
use object_store::{ObjectStore, Result};
use url::Url;

type Open = fn(&str) -> Result<Arc<dyn ObjectStore>>;

/// Scheme, and what opens the store of a URI.
const STORES: [(&str, Open); 3] = [
    ("s3", |uri| Ok(Arc::new(AmazonS3Builder::from_env().with_url(uri).build()?))),
    ("gs", |uri| Ok(Arc::new(GoogleCloudStorageBuilder::from_env().with_url(uri).build()?))),
    ("az", |uri| Ok(Arc::new(MicrosoftAzureBuilder::from_env().with_url(uri).build()?))),
];

/// The schemes of all stores.
pub(crate) fn schemes() -> impl Iterator<Item = &'static str> {
    STORES.into_iter().map(|(scheme, _)| scheme)
}

/// The store of an object's URI; none where no store has the scheme.
pub(crate) fn open(uri: &Url) -> Option<Result<Arc<dyn ObjectStore>>> {
    let open = STORES.into_iter().find(|(scheme, _)| *scheme == uri.scheme())?.1;
    Some(open(uri.as_str()))
}
