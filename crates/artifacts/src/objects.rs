//! Files and cloud object stores, through the `object_store` crate.

use std::path::PathBuf;
use std::sync::{Arc, LazyLock};
use std::time::SystemTime;

use contracts::v1::ArtifactRef;
use futures::{StreamExt as _, TryStreamExt as _};
use object_store::local::LocalFileSystem;
use object_store::path::Path;
use object_store::{
    GetOptions, ObjectStore, ObjectStoreExt as _, PutMode, PutOptions, PutPayload, WriteMultipart,
};
use url::Url;

use crate::content::ContentParts;
use crate::listing::{Listed, RENEWED_AFTER, is_renewed};
use crate::reader::Parts;
use crate::store::{not_read, not_written};
use crate::{BackendError, Error};

/// The addresses of stores, for a message that says which there are.
static EXPECTED: LazyLock<String> = LazyLock::new(|| {
    let objects = object_stores::schemes().map(|scheme| format!("{scheme}://BUCKET/PREFIX"));
    format!("expected nats://BUCKET, file:///DIRECTORY, {}", objects.collect::<Vec<_>>().join(", "))
});

/// Part of a single write's payload.
const PART: usize = 1 << 20;
/// Greatest object that is written at once; one that is greater is written in parts.
const SINGLE: u64 = 16 << 20;
/// Part of a greater object, at least the 5 MiB that S3 asks for; 10,000 of them are more than an artifact may have.
const UPLOAD_PART: usize = 8 << 20;
/// Parts that are on their way at the same time.
const UPLOADS: usize = 2;

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
            .map_err(|_| Error::Address { uri: uri.to_owned(), expected: &EXPECTED })?;
        let name = without_credentials(&url);
        let refused = || Error::Address { uri: name.clone(), expected: &EXPECTED };
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
            _ => {
                let opened = object_stores::open(&url).ok_or_else(refused)?;
                let (store, prefix) = opened.map_err(|error| failed(error.into()))?;
                Ok(Self { store, prefix, name, directory: None })
            }
        }
    }

    fn path(&self, artifact: &ArtifactRef) -> Path {
        self.prefix.clone().join(artifact.sha256.as_str())
    }

    pub(crate) async fn put(
        &self,
        artifact: &ArtifactRef,
        parts: ContentParts,
    ) -> Result<(), Error> {
        if artifact.bytes > SINGLE {
            self.put_in_parts(artifact, parts).await?;
        } else {
            self.put_at_once(artifact, parts).await?;
        }
        self.make_durable(artifact).await.map_err(|error| not_written(artifact, error))
    }

    async fn put_at_once(
        &self,
        artifact: &ArtifactRef,
        mut parts: ContentParts,
    ) -> Result<(), Error> {
        let mut all = Vec::new();
        while let Some(part) = parts.next(PART).await.map_err(Error::Unread)? {
            all.push(part);
        }
        parts.check_size(artifact)?;
        let payload: PutPayload = all.into_iter().collect();
        let create = PutOptions { mode: PutMode::Create, ..PutOptions::default() };
        match self.store.put_opts(&self.path(artifact), payload, create).await {
            Ok(_) => Ok(()),
            Err(object_store::Error::AlreadyExists { .. }) => self.confirm(artifact).await,
            Err(error) => Err(not_written(artifact, error)),
        }
    }

    /// The object appears when all its parts are there. Where another writer is at it too, the later one puts the same bytes in the
    /// place of the earlier's.
    async fn put_in_parts(
        &self,
        artifact: &ArtifactRef,
        mut parts: ContentParts,
    ) -> Result<(), Error> {
        if self.size_of(artifact).await?.is_some() {
            return self.confirm(artifact).await;
        }
        let failed = |error: object_store::Error| not_written(artifact, error);
        let upload = self.store.put_multipart(&self.path(artifact)).await.map_err(failed)?;
        let mut upload = WriteMultipart::new_with_chunk_size(upload, UPLOAD_PART);
        let written = async {
            while let Some(part) = parts.next(UPLOAD_PART).await.map_err(Error::Unread)? {
                upload.wait_for_capacity(UPLOADS).await.map_err(failed)?;
                upload.put(part);
            }
            parts.check_size(artifact)
        };
        match written.await {
            Ok(()) => upload.finish().await.map(|_| ()).map_err(failed),
            Err(error) => {
                // What is left of it takes room and nothing else.
                if let Err(error) = upload.abort().await {
                    tracing::warn!(%error, "parts of an unfinished artifact were left behind");
                }
                Err(error)
            }
        }
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

    /// Removes the artifact's object from the store.
    pub(crate) async fn erase(&self, artifact: &ArtifactRef) -> Result<(), Error> {
        let path = self.path(artifact);
        match self.store.delete(&path).await {
            Ok(()) | Err(object_store::Error::NotFound { .. }) => Ok(()),
            Err(error) => Err(not_written(artifact, error)),
        }
    }

    /// All objects.
    pub(crate) async fn list(&self) -> Result<Vec<Listed>, Error> {
        let failed = |error: object_store::Error| Error::List {
            store: self.name.clone(),
            source: error.into(),
        };
        let prefix = Some(&self.prefix).filter(|prefix| !prefix.as_ref().is_empty());
        let found = self.store.list(prefix).map_ok(|object| Listed {
            sha256: object.location.filename().unwrap_or_default().to_owned(),
            bytes: object.size,
            media_type: crate::media_type::UNKNOWN.to_owned(),
            put_at: object.last_modified.into(),
        });
        found.try_collect().await.map_err(failed)
    }

    /// Whether the objects are files of this machine.
    pub(crate) const fn is_directory(&self) -> bool {
        self.directory.is_some()
    }

    /// Has a file be as new, where it is old.
    pub(crate) fn renew(&self, artifact: &ArtifactRef) -> Result<(), Error> {
        let Some(directory) = &self.directory else { return Ok(()) };
        let renewed = || {
            let file = std::fs::File::open(directory.join(&artifact.sha256))?;
            let now = SystemTime::now();
            let is_old = |put_at| now.duration_since(put_at).is_ok_and(|age| age > RENEWED_AFTER);
            if file.metadata()?.modified().is_ok_and(is_old) {
                file.set_modified(now)?;
            }
            Ok(())
        };
        renewed().map_err(|error: std::io::Error| not_written(artifact, error))
    }

    /// Removes an object that was not put again since `put_at`.
    pub(crate) async fn remove_old(
        &self,
        artifact: &ArtifactRef,
        put_at: SystemTime,
    ) -> Result<bool, Error> {
        let options = GetOptions { head: true, ..GetOptions::default() };
        match self.store.get_opts(&self.path(artifact), options).await {
            Ok(found) if is_renewed(put_at, found.meta.last_modified.into()) => Ok(false),
            Ok(_) => self.erase(artifact).await.map(|()| true),
            Err(object_store::Error::NotFound { .. }) => Ok(false),
            Err(error) => Err(not_read(artifact, error)),
        }
    }

    /// What is there under this digest has at least its size; its bytes are checked when they are read.
    async fn confirm(&self, artifact: &ArtifactRef) -> Result<(), Error> {
        let missing = || not_written(artifact, std::io::Error::from(std::io::ErrorKind::NotFound));
        let found = self.size_of(artifact).await?.ok_or_else(missing)?;
        if found == artifact.bytes {
            return self.renew(artifact);
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
