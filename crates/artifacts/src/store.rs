//! The store as the agents see it.

use std::fs::File;
use std::future::Future;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use bus::Bus;
use bus::backoff::Backoff;
use bytes::{Bytes, BytesMut};
use contracts::v1::ArtifactRef;
use contracts::{Validate as _, is_digest, names};
use sha2::{Digest as _, Sha256};
use tokio::io::AsyncWriteExt as _;
use tokio::time::Instant;

use crate::content::Content;
use crate::error::{READ, WRITTEN};
use crate::nats::NatsObjects;
use crate::objects::Objects;
use crate::reader::ArtifactReader;
use crate::{BackendError, Error};

/// How long a writer waits for room.
const ROOM_TIMEOUT: Duration = Duration::from_secs(60 * 60);
const ROOM_BACKOFF: Backoff = Backoff::new(Duration::from_secs(1), Duration::from_secs(15));

/// What bounds an operation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Largest artifact that is written or read, in bytes.
    pub max_bytes: u64,
    /// Time that every operation gets, however small.
    pub base: Duration,
    /// Bytes for which it gets another second.
    pub bytes_per_second: u64,
}

impl Default for Limits {
    fn default() -> Self {
        Self { max_bytes: 4 << 30, base: Duration::from_secs(30), bytes_per_second: 2 << 20 }
    }
}

impl Limits {
    pub(crate) fn time_for(&self, bytes: u64) -> Duration {
        self.base + Duration::from_secs(bytes / self.bytes_per_second.max(1))
    }

    fn accept(&self, bytes: u64) -> Result<(), Error> {
        if bytes > self.max_bytes {
            return Err(Error::TooLarge { bytes, limit: self.max_bytes });
        }
        Ok(())
    }
}

#[derive(Debug)]
pub(crate) enum Backend {
    Nats(Box<NatsObjects>),
    Objects(Objects),
}

/// Bytes beyond which [`ArtifactStore::get_large`] holds an artifact in a file.
pub const MAX_BYTES_IN_MEMORY: u64 = 16 * 1024 * 1024;

/// Artifacts by the digest of their bytes. Cheap to clone.
#[derive(Debug, Clone)]
pub struct ArtifactStore {
    backend: Arc<Backend>,
    /// Its address without a slash at the end; an artifact's URI is this, a slash and the digest.
    root: Arc<str>,
    limits: Limits,
    observer: Option<crate::Observer>,
    meter: Option<crate::Meter>,
    /// How long a writer waits for room.
    room_timeout: Duration,
}

impl ArtifactStore {
    /// Opens a store: `nats://BUCKET` on the bus, or `file:///dir`, `s3://bucket/prefix`, `gs://…`, `az://…`, the last three with the credentials of the environment that their tools use.
    ///
    /// # Errors
    /// [`Error::Address`] where it is none of these, [`Error::Open`] where it cannot be opened.
    pub async fn open(uri: &str, bus: &Bus) -> Result<Self, Error> {
        Self::open_with(uri, bus, Limits::default()).await
    }

    /// As [`ArtifactStore::open`], with other limits.
    ///
    /// # Errors
    /// As [`ArtifactStore::open`].
    pub async fn open_with(uri: &str, bus: &Bus, limits: Limits) -> Result<Self, Error> {
        let root = uri.trim_end_matches('/');
        let backend = match root.strip_prefix("nats://") {
            Some(bucket) => Backend::Nats(Box::new(NatsObjects::open(bucket, bus).await?)),
            None => Backend::Objects(Objects::open(root)?),
        };
        Ok(Self {
            backend: Arc::new(backend),
            root: root.into(),
            limits,
            observer: None,
            meter: None,
            room_timeout: ROOM_TIMEOUT,
        })
    }

    /// The same store, which tells of each writing before it begins and after it has succeeded.
    #[must_use]
    pub fn observed(self, observer: crate::Observer) -> Self {
        Self { observer: Some(observer), ..self }
    }

    /// The same store, which adds the time of its operations to the meter; that of [`ArtifactStore::reader`] is its caller's.
    #[must_use]
    pub fn metered(self, meter: crate::Meter) -> Self {
        Self { meter: Some(meter), ..self }
    }

    /// The same store, whose writers do not wait where it is full: for callers that are told at once.
    #[must_use]
    pub fn without_waiting(self) -> Self {
        Self { room_timeout: Duration::ZERO, ..self }
    }

    pub(crate) fn backend(&self) -> &Backend {
        &self.backend
    }

    /// The address of the default store.
    #[must_use]
    pub fn default_uri() -> String {
        format!("nats://{}", names::ARTIFACTS_STORE)
    }

    /// URI of the store: `nats://BUCKET`, `file:///DIRECTORY`, `s3://…`, `gs://…` or `az://…`.
    #[must_use]
    pub fn uri(&self) -> &str {
        &self.root
    }

    /// What refers to an artifact of this store with this digest and size; whether it is there is not looked at.
    #[must_use]
    pub fn reference(&self, sha256: &str, bytes: u64, media_type: &str) -> ArtifactRef {
        ArtifactRef {
            uri: format!("{}/{sha256}", self.root),
            sha256: sha256.to_owned(),
            bytes,
            media_type: media_type.to_owned(),
            rows: 0,
        }
    }

    /// Stores bytes under their digest; where they are already, nothing is written, but that what is old becomes as new.
    ///
    /// # Errors
    /// [`Error::TooLarge`], [`Error::TimedOut`], [`Error::Store`], and [`Error::Full`] where there was no room for an hour.
    pub async fn put(
        &self,
        bytes: Bytes,
        media_type: &str,
        rows: u64,
    ) -> Result<ArtifactRef, Error> {
        let artifact = self.named(&bytes, media_type, rows)?;
        self.store(artifact, Content::Bytes(bytes)).await
    }

    async fn store(&self, artifact: ArtifactRef, content: Content) -> Result<ArtifactRef, Error> {
        crate::Observer::notify(self.observer.as_ref(), crate::Moment::Before);
        self.write(&artifact, &content).await?;
        let size = artifact.bytes;
        crate::Observer::notify(self.observer.as_ref(), crate::Moment::After);
        tracing::debug!(sha256 = %artifact.sha256, bytes = size, "artifact stored");
        Ok(artifact)
    }

    /// Stores a file under the digest of its bytes, part by part; where they are already, nothing is written.
    ///
    /// The file is read from its beginning, twice, and must not change meanwhile.
    ///
    /// # Errors
    /// As [`ArtifactStore::put`], and [`Error::Unread`] where the file can't be read or has changed.
    pub async fn put_file(
        &self,
        file: File,
        media_type: &str,
        rows: u64,
    ) -> Result<ArtifactRef, Error> {
        let file = Arc::new(file);
        let (sha256, bytes) = crate::content::digest(Arc::clone(&file)).await?;
        let artifact = self.reference_to(sha256, bytes, media_type, rows)?;
        self.store(artifact, Content::File(file)).await
    }

    /// Writes a few unique bytes, reads them back and removes them.
    ///
    /// # Errors
    /// As [`ArtifactStore::put`] and [`ArtifactStore::get`], and [`Error::Full`] at once.
    pub async fn probe(&self) -> Result<(), Error> {
        let bytes = Bytes::from(format!("probe {}", uuid::Uuid::new_v4()));
        let artifact = self.named(&bytes, "text/plain", 0)?;
        let content = Content::Bytes(bytes);
        let probed = async {
            match &*self.backend {
                Backend::Nats(objects) => objects.put(&artifact, content.parts()).await?,
                Backend::Objects(objects) => objects.put(&artifact, content.parts()).await?,
            }
            self.get(&artifact).await
        };
        let probed = self.within(WRITTEN, &artifact, probed).await;
        let erased = match &*self.backend {
            Backend::Nats(objects) => objects.erase(&artifact).await,
            Backend::Objects(objects) => objects.erase(&artifact).await,
        };
        // What is read is checked against its digest.
        probed.and(erased)
    }

    /// How bytes are named here.
    fn named(&self, bytes: &Bytes, media_type: &str, rows: u64) -> Result<ArtifactRef, Error> {
        let size = u64::try_from(bytes.len()).unwrap_or(u64::MAX);
        self.limits.accept(size)?;
        self.reference_to(hex::encode(Sha256::digest(bytes)), size, media_type, rows)
    }

    fn reference_to(
        &self,
        sha256: String,
        size: u64,
        media_type: &str,
        rows: u64,
    ) -> Result<ArtifactRef, Error> {
        self.limits.accept(size)?;
        let artifact = ArtifactRef {
            uri: format!("{}/{sha256}", self.root),
            sha256,
            bytes: size,
            media_type: media_type.to_owned(),
            rows,
        };
        artifact.validate()?;
        Ok(artifact)
    }

    /// Writes when there is room: work that took long must not be done again because the store was full when it was done.
    async fn write(&self, artifact: &ArtifactRef, content: &Content) -> Result<(), Error> {
        let (begun, mut refused) = (Instant::now(), 0);
        loop {
            let written = async {
                match &*self.backend {
                    Backend::Nats(objects) => objects.put(artifact, content.parts()).await,
                    Backend::Objects(objects) => objects.put(artifact, content.parts()).await,
                }
            };
            match self.within(WRITTEN, artifact, written).await {
                Err(error @ Error::Full { .. }) if begun.elapsed() < self.room_timeout => {
                    refused += 1;
                    let wait = ROOM_BACKOFF.after(refused);
                    tracing::warn!(%error, refused, wait_ms = wait.as_millis(), "waiting for room");
                    tokio::time::sleep(wait).await;
                }
                ended => return ended,
            }
        }
    }

    /// Whether an artifact is here, with its size. Who asks relies on it, so that one that is old becomes as new. Its bytes are checked
    /// when they are read.
    ///
    /// # Errors
    /// [`Error::TooLarge`], [`Error::TimedOut`], [`Error::OtherStore`], [`Error::Store`].
    pub async fn holds(&self, artifact: &ArtifactRef) -> Result<bool, Error> {
        self.check(artifact)?;
        let looked = async {
            match &*self.backend {
                Backend::Nats(objects) => {
                    let is_there = objects.size_of(artifact).await? == Some(artifact.bytes);
                    if is_there {
                        objects.renew(artifact).await?;
                    }
                    Ok(is_there)
                }
                Backend::Objects(objects) => {
                    let is_there = objects.size_of(artifact).await? == Some(artifact.bytes);
                    if is_there {
                        objects.renew(artifact)?;
                    }
                    Ok(is_there)
                }
            }
        };
        self.within(READ, artifact, looked).await
    }

    /// All bytes of an artifact, checked.
    ///
    /// # Errors
    /// [`Error::NotFound`], [`Error::DigestMismatch`], [`Error::SizeMismatch`], [`Error::TooLarge`], [`Error::TimedOut`], [`Error::OtherStore`], [`Error::Store`].
    pub async fn get(&self, artifact: &ArtifactRef) -> Result<Bytes, Error> {
        let read = async {
            let mut reader = self.reader(artifact).await?;
            let mut bytes = BytesMut::new();
            while let Some(part) = reader.next().await? {
                bytes.extend_from_slice(&part);
            }
            Ok(bytes.freeze())
        };
        self.within(READ, artifact, read).await
    }

    /// Writes an artifact to a file, part by part; the file appears only when all of it was checked.
    ///
    /// # Errors
    /// As [`ArtifactStore::get`], and [`Error::File`].
    pub async fn get_to_file(&self, artifact: &ArtifactRef, path: &Path) -> Result<(), Error> {
        let failed = |source: std::io::Error| Error::File { path: path.to_owned(), source };
        let directory = path.parent().filter(|parent| !parent.as_os_str().is_empty());
        let mut builder = tempfile::Builder::new();
        builder.prefix(".partial-");
        // As any new file: what the umask leaves open.
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt as _;
            builder.permissions(std::fs::Permissions::from_mode(0o666));
        }
        let partial = builder.tempfile_in(directory.unwrap_or(Path::new("."))).map_err(failed)?;
        let file = partial.reopen().map_err(failed)?;
        let file = self.copied(artifact, file, failed).await?;
        file.sync_all().await.map_err(failed)?;
        partial.persist(path).map_err(|error| failed(error.error))?;
        Ok(())
    }

    /// Reads all of an artifact as [`ArtifactStore::get`] does; what has more than [`MAX_BYTES_IN_MEMORY`] is put into a file
    /// without a name, in the system's directory for temporary files, which is gone with its last handle.
    ///
    /// # Errors
    /// As [`ArtifactStore::get`], and [`Error::Aside`].
    pub async fn get_large<T: From<Bytes> + From<File>>(
        &self,
        artifact: &ArtifactRef,
    ) -> Result<T, Error> {
        if artifact.bytes <= MAX_BYTES_IN_MEMORY {
            return Ok(self.get(artifact).await?.into());
        }
        let directory = std::env::temp_dir();
        let failed = |source| Error::Aside { directory: directory.clone(), source };
        let file = tempfile::tempfile_in(&directory).map_err(failed)?;
        Ok(self.copied(artifact, file, failed).await?.into_std().await.into())
    }

    /// The artifact, checked and written to a file.
    async fn copied(
        &self,
        artifact: &ArtifactRef,
        file: File,
        failed: impl Fn(std::io::Error) -> Error,
    ) -> Result<tokio::fs::File, Error> {
        let read = async {
            let mut file = tokio::fs::File::from_std(file);
            let mut reader = self.reader(artifact).await?;
            while let Some(part) = reader.next().await? {
                file.write_all(&part).await.map_err(&failed)?;
            }
            file.flush().await.map_err(&failed)?;
            Ok(file)
        };
        self.within(READ, artifact, read).await
    }

    /// The artifact part by part. Its last part is given only when the whole was checked, so a caller that stops at an error has never seen all of something damaged; what it made of the earlier parts it has to throw away then.
    ///
    /// # Errors
    /// As [`ArtifactStore::get`].
    pub async fn reader(&self, artifact: &ArtifactRef) -> Result<ArtifactReader, Error> {
        self.check(artifact)?;
        let parts = match &*self.backend {
            Backend::Nats(objects) => objects.parts(artifact).await?,
            Backend::Objects(objects) => objects.parts(artifact).await?,
        };
        Ok(ArtifactReader::new(parts, artifact, self.limits.base))
    }

    /// The reference is well formed, of this store, and not too large.
    pub(crate) fn check(&self, artifact: &ArtifactRef) -> Result<(), Error> {
        artifact.validate()?;
        self.limits.accept(artifact.bytes)?;
        let name = artifact.uri.rsplit_once('/').filter(|(root, _)| *root == &*self.root);
        match name {
            Some((_, name)) if name == artifact.sha256 && is_digest(name) => Ok(()),
            _ => Err(Error::OtherStore {
                uri: artifact.uri.clone(),
                store: self.root.as_ref().to_owned(),
            }),
        }
    }

    async fn within<T>(
        &self,
        operation: &'static str,
        artifact: &ArtifactRef,
        work: impl Future<Output = Result<T, Error>>,
    ) -> Result<T, Error> {
        let allowed = self.limits.time_for(artifact.bytes);
        let _metered = self.meter.as_ref().map(|meter| match operation {
            WRITTEN => meter.writing(),
            _ => meter.reading(),
        });
        tokio::time::timeout(allowed, work).await.unwrap_or_else(|_| {
            Err(Error::TimedOut {
                operation,
                sha256: artifact.sha256.clone(),
                seconds: allowed.as_secs(),
            })
        })
    }
}

/// An artifact could not be written.
pub(crate) fn not_written(artifact: &ArtifactRef, source: impl Into<BackendError>) -> Error {
    Error::Store { operation: WRITTEN, sha256: artifact.sha256.clone(), source: source.into() }
}

/// An artifact could not be read.
pub(crate) fn not_read(artifact: &ArtifactRef, source: impl Into<BackendError>) -> Error {
    Error::Store { operation: READ, sha256: artifact.sha256.clone(), source: source.into() }
}
