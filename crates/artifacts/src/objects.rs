//! Files and cloud object stores, through the `object_store` crate.

use std::path::PathBuf;
use std::sync::Arc;

use bytes::Bytes;
use contracts::v1::ArtifactRef;
use futures::StreamExt as _;
use object_store::local::LocalFileSystem;
use object_store::path::Path;
use object_store::{GetOptions, ObjectStore, ObjectStoreExt as _, PutMode, PutOptions, PutPayload};
use url::Url;

use crate::reader::Parts;
use crate::store::{not_read, not_written};
use crate::{BackendError, Error};

const EXPECTED: &str = "expected nats://BUCKET, file:///DIRECTORY, s3://BUCKET/PREFIX, gs://BUCKET/PREFIX or az://CONTAINER/PREFIX";

/// Part of a single write's payload.
const PART: usize = 1 << 20;

#[derive(Debug)]
pub(crate) struct Objects {
    store: Arc<dyn ObjectStore>,
    prefix: Path,
    name: String,
    /// Where the files are, for a directory.
    directory: Option<PathBuf>,
}

impl Objects {
    pub(crate) fn open(uri: &str) -> Result<Self, Error> {
        let url = Url::parse(uri)
            .map_err(|_| Error::Address { uri: uri.to_owned(), expected: EXPECTED })?;
        let name = without_credentials(&url);
        let refused = || Error::Address { uri: name.clone(), expected: EXPECTED };
        let failed = |source: BackendError| Error::Open { store: name.clone(), source };
        if has_credentials(&url) {
            return Err(Error::Address {
                uri: name,
                expected: "credentials belong in the environment, not in the address",
            });
        }
        match url.scheme() {
            "file" => {
                let directory = url.to_file_path().map_err(|()| refused())?;
                std::fs::create_dir_all(&directory).map_err(|error| failed(error.into()))?;
                let store = LocalFileSystem::new_with_prefix(&directory)
                    .map_err(|error| failed(error.into()))?;
                Ok(Self {
                    store: Arc::new(store),
                    prefix: Path::default(),
                    name,
                    directory: Some(directory),
                })
            }
            "s3" | "gs" | "az" => {
                // Names that the store does not know are passed over by it.
                let (store, prefix) = object_store::parse_url_opts(&url, std::env::vars())
                    .map_err(|error| failed(error.into()))?;
                Ok(Self { store: Arc::from(store), prefix, name, directory: None })
            }
            _ => Err(refused()),
        }
    }

    fn path(&self, artifact: &ArtifactRef) -> Path {
        self.prefix.clone().join(artifact.sha256.as_str())
    }

    pub(crate) async fn put(&self, artifact: &ArtifactRef, bytes: Bytes) -> Result<(), Error> {
        let path = self.path(artifact);
        let mut rest = bytes;
        let mut parts = Vec::with_capacity(rest.len() / PART + 1);
        while !rest.is_empty() {
            parts.push(rest.split_to(PART.min(rest.len())));
        }
        let payload: PutPayload = parts.into_iter().collect();
        let create = PutOptions { mode: PutMode::Create, ..PutOptions::default() };
        match self.store.put_opts(&path, payload, create).await {
            Ok(_) => {}
            Err(object_store::Error::AlreadyExists { .. }) => {
                self.confirm(artifact).await?;
            }
            Err(error) => return Err(not_written(artifact, error)),
        }
        self.make_durable(artifact).await.map_err(|error| not_written(artifact, error))
    }

    /// A handoff that names a file outlives a power failure, so the file has to; also one that another writer has only just made.
    async fn make_durable(&self, artifact: &ArtifactRef) -> Result<(), std::io::Error> {
        let Some(directory) = &self.directory else { return Ok(()) };
        tokio::fs::File::open(directory.join(&artifact.sha256)).await?.sync_all().await?;
        tokio::fs::File::open(directory).await?.sync_all().await
    }

    /// The size of an object, where it is there.
    pub(crate) async fn size_of(&self, artifact: &ArtifactRef) -> Result<Option<u64>, Error> {
        let options = GetOptions { head: true, ..GetOptions::default() };
        match self.store.get_opts(&self.path(artifact), options).await {
            Ok(found) => Ok(Some(found.meta.size)),
            Err(object_store::Error::NotFound { .. }) => Ok(None),
            Err(error) => Err(not_read(artifact, error)),
        }
    }

    /// Removes an object.
    pub(crate) async fn erase(&self, artifact: &ArtifactRef) -> Result<(), Error> {
        let path = self.path(artifact);
        self.store.delete(&path).await.map_err(|error| not_written(artifact, error))
    }

    /// What is there under this digest has at least its size; its bytes are checked when they are read.
    async fn confirm(&self, artifact: &ArtifactRef) -> Result<(), Error> {
        let missing = || not_written(artifact, std::io::Error::from(std::io::ErrorKind::NotFound));
        let found = self.size_of(artifact).await?.ok_or_else(missing)?;
        if found == artifact.bytes {
            return Ok(());
        }
        let (sha256, expected) = (artifact.sha256.clone(), artifact.bytes);
        Err(Error::SizeMismatch { sha256, expected, found })
    }

    pub(crate) async fn parts(&self, artifact: &ArtifactRef) -> Result<Parts, Error> {
        let got = self.store.get_opts(&self.path(artifact), GetOptions::default()).await;
        let got = got.map_err(|error| match error {
            object_store::Error::NotFound { .. } => {
                Error::NotFound { sha256: artifact.sha256.clone(), store: self.name.clone() }
            }
            error => not_read(artifact, error),
        })?;
        if got.meta.size != artifact.bytes {
            return Err(Error::SizeMismatch {
                sha256: artifact.sha256.clone(),
                expected: artifact.bytes,
                found: got.meta.size,
            });
        }
        let artifact = artifact.clone();
        Ok(got
            .into_stream()
            .map(move |part| part.map_err(|error| not_read(&artifact, error)))
            .boxed())
    }
}

fn has_credentials(url: &Url) -> bool {
    !url.username().is_empty() || url.password().is_some()
}

fn without_credentials(url: &Url) -> String {
    let mut url = url.clone();
    // Both fail only for addresses that cannot hold any.
    let _ = url.set_username("");
    let _ = url.set_password(None);
    url.to_string().trim_end_matches('/').to_owned()
}
