//! An opened place: size, version, and readers that any number of passes may ask for.
//!
//! Readers are blocking, so that scanning stays plain code; ask for them off the async threads. A reader of an object
//! fetches ranges through the runtime that opened the source.

use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::SystemTime;

use bytes::Bytes;
use object_store::memory::InMemory;
use object_store::{ObjectMeta, ObjectStore, ObjectStoreExt};
use parquet::file::reader::{ChunkReader, Length};
use tempfile::{TempDir, TempPath};
use tokio::runtime::Handle;
use url::Url;

use crate::content::ContentLimits;
use crate::{Access, Error, Location, Stated, stores, web};

/// Bytes that one request to an object store asks for.
const OBJECT_CHUNK: u64 = 8 * 1024 * 1024;

/// A table's bytes, opened.
#[derive(Debug, Clone)]
pub struct Source {
    uri: String,
    name: String,
    size: u64,
    version: Version,
    place: SourceKind,
    stated: Arc<Stated>,
    limits: ContentLimits,
    /// The file or the directory that was made for it, and goes with its last reader.
    #[expect(dead_code, reason = "it is held for its end alone")]
    fetched: Option<Arc<dyn std::fmt::Debug + Send + Sync>>,
}

#[derive(Debug, Clone)]
enum SourceKind {
    File(PathBuf),
    Object {
        store: Arc<dyn ObjectStore>,
        root: Url,
        path: object_store::path::Path,
        runtime: Handle,
    },
}

/// What changes when the bytes change.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Version {
    File { size: u64, modified: Option<SystemTime> },
    Object { size: u64, e_tag: Option<String>, modified: i64 },
}

/// Where an engine finds the source: an object store with the URL it answers to, or a file.
#[derive(Debug, Clone)]
pub enum Target {
    /// A file, its links resolved.
    File(PathBuf),
    /// An object of an object store.
    Object {
        /// Client of the object store.
        store: Arc<dyn ObjectStore>,
        /// URL of the bucket: that of the object with the path `/`.
        root: Url,
        /// The object in it.
        path: object_store::path::Path,
    },
}

/// An object store, and a path in it.
pub(crate) struct OpenStore {
    pub(crate) store: Arc<dyn ObjectStore>,
    pub(crate) path: object_store::path::Path,
}

impl Source {
    /// Opens a location that the list allows. Links are resolved, and where they lead has to be allowed as well.
    ///
    /// # Errors
    /// What the list refuses, what is not there, what is no file, and an object store that fails.
    pub async fn open(location: &Location, access: &Access) -> Result<Self, Error> {
        access.check(location)?;
        match location {
            Location::File(path) => Self::open_file(path, Some(access)),
            Location::Object(url) => Self::open_object(url, access.limits()).await,
            Location::Web(url) => web::fetch(url, access).await,
            _ => Err(Error::BadLocation {
                uri: location.to_string(),
                reason: "it is neither a file, an object nor a document",
            }),
        }
    }

    /// The bytes of a table that the caller has in memory; within an async runtime.
    ///
    /// # Errors
    /// Where they cannot be held.
    pub async fn of_bytes(location: &Location, bytes: Bytes) -> Result<Self, Error> {
        let uri = location.to_string();
        let store_error = |source| Error::Store { uri: uri.clone(), source };
        let path = object_store::path::Path::from(location.file_name());
        let store = InMemory::new();
        let size = bytes.len() as u64;
        store.put(&path, bytes.into()).await.map_err(store_error)?;
        let meta = store.head(&path).await.map_err(store_error)?;
        let root = Url::parse("memory:///").map_err(|_| Error::BadLocation {
            uri: uri.clone(),
            reason: "it has no place in memory",
        })?;
        Ok(Self {
            name: location.file_name().to_owned(),
            size,
            version: Version::Object {
                size,
                e_tag: meta.e_tag,
                modified: meta.last_modified.timestamp_micros(),
            },
            place: SourceKind::Object {
                store: Arc::new(store),
                root,
                path,
                runtime: Handle::current(),
            },
            stated: Arc::default(),
            limits: ContentLimits::default(),
            fetched: None,
            uri,
        })
    }

    /// Opens a file without an allow-list, for a person's own command line.
    ///
    /// # Errors
    /// What is not there, and what is no file.
    pub fn open_local(path: &Path) -> Result<Self, Error> {
        Self::open_file(path, None)
    }

    pub(crate) fn open_file(path: &Path, access: Option<&Access>) -> Result<Self, Error> {
        let uri = path.display().to_string();
        let io_error = |source: io::Error| match source.kind() {
            io::ErrorKind::NotFound | io::ErrorKind::NotADirectory => {
                Error::MissingFile { uri: uri.clone() }
            }
            _ => Error::Io { path: path.to_owned(), source },
        };
        let resolved = path.canonicalize().map_err(io_error)?;
        if let Some(access) = access {
            access.check_resolved(&resolved)?;
        }
        let metadata = std::fs::metadata(&resolved).map_err(io_error)?;
        if !metadata.is_file() {
            return Err(Error::NotAFile { uri });
        }
        let name = path.file_name().and_then(|name| name.to_str()).unwrap_or("").to_owned();
        let version = Version::File { size: metadata.len(), modified: metadata.modified().ok() };
        Ok(Self {
            uri,
            name,
            size: metadata.len(),
            version,
            place: SourceKind::File(resolved),
            stated: Arc::default(),
            limits: access.map_or(ContentLimits::default().of_any_size(), Access::limits),
            fetched: None,
        })
    }

    /// A document that was fetched into a file.
    pub(crate) fn of_download(url: &Url, file: Arc<TempPath>) -> Result<Self, Error> {
        let name = url.path().rsplit('/').next().unwrap_or("").to_owned();
        let source = Self::open_file(&file, None)?;
        Ok(Self { uri: url.to_string(), name, fetched: Some(file as Arc<_>), ..source })
    }

    /// A table that was fetched into a directory of its own.
    pub(crate) fn of_fetched(
        location: &Location,
        directory: TempDir,
        file: &Path,
    ) -> Result<Self, Error> {
        let name = location.file_name().to_owned();
        let source = Self::open_file(file, None)?;
        let fetched = Some(Arc::new(directory) as Arc<_>);
        Ok(Self { uri: location.to_string(), name, fetched, ..source })
    }

    async fn open_object(url: &Url, limits: ContentLimits) -> Result<Self, Error> {
        let uri = url.to_string();
        let store_error = |source| match source {
            object_store::Error::NotFound { .. } => Error::MissingFile { uri: uri.clone() },
            source => Error::Store { uri: uri.clone(), source },
        };
        let OpenStore { store, path } = Self::store_of(url)?;
        let meta = store.head(&path).await.map_err(store_error)?;
        Ok(Self { uri: uri.clone(), ..Self::of_object(&store, url, meta, limits) })
    }

    /// The store that a URI names, and the path in it.
    pub(crate) fn store_of(url: &Url) -> Result<OpenStore, Error> {
        let uri = url.to_string();
        let opened = stores::open(url).ok_or_else(|| Error::SchemeNotAllowed {
            scheme: url.scheme().to_owned(),
            allowed: stores::schemes().collect::<Vec<_>>().join(", "),
        })?;
        match opened {
            Ok((store, path)) => Ok(OpenStore { store, path }),
            Err(object_store::Error::InvalidPath { .. }) => {
                Err(Error::BadLocation { uri, reason: "its path is not a key of an object" })
            }
            Err(source) => Err(Error::Store { uri, source }),
        }
    }

    /// An object that its store has told of; within an async runtime.
    pub(crate) fn of_object(
        store: &Arc<dyn ObjectStore>,
        url: &Url,
        meta: ObjectMeta,
        limits: ContentLimits,
    ) -> Self {
        let mut root = url.clone();
        root.set_path("/");
        let mut uri = root.clone();
        uri.set_path(meta.location.as_ref());
        Self {
            name: meta.location.filename().unwrap_or("").to_owned(),
            size: meta.size,
            version: Version::Object {
                size: meta.size,
                e_tag: meta.e_tag,
                modified: meta.last_modified.timestamp_micros(),
            },
            place: SourceKind::Object {
                store: Arc::clone(store),
                root,
                path: meta.location,
                runtime: Handle::current(),
            },
            stated: Arc::default(),
            limits,
            fetched: None,
            uri: uri.to_string(),
        }
    }

    /// The source, read by what is stated of it.
    #[must_use]
    pub fn stating(self, stated: Arc<Stated>) -> Self {
        Self { stated, ..self }
    }

    /// What is stated of the file.
    #[must_use]
    pub fn stated(&self) -> &Stated {
        &self.stated
    }

    /// The source with other limits on what is unpacked and held of it.
    #[must_use]
    pub fn limited(self, limits: ContentLimits) -> Self {
        Self { limits, ..self }
    }

    /// Limits on what is unpacked and held of it.
    #[must_use]
    pub fn limits(&self) -> ContentLimits {
        self.limits
    }

    /// The location as given.
    #[must_use]
    pub fn uri(&self) -> &str {
        &self.uri
    }

    /// File name at the end of the location; of an artifact, its digest.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Size of the source in bytes, when it was opened.
    #[must_use]
    pub fn size(&self) -> u64 {
        self.size
    }

    /// Where an engine finds it.
    #[must_use]
    pub fn target(&self) -> Target {
        match &self.place {
            SourceKind::File(path) => Target::File(path.clone()),
            SourceKind::Object { store, root, path, .. } => {
                Target::Object { store: Arc::clone(store), root: root.clone(), path: path.clone() }
            }
        }
    }

    /// Checks that the bytes are still those that were opened. Blocking.
    ///
    /// # Errors
    /// [`Error::ChangedWhileRead`].
    pub fn check_unchanged(&self) -> Result<(), Error> {
        let now = match &self.place {
            SourceKind::File(path) => std::fs::metadata(path).ok().map(|metadata| Version::File {
                size: metadata.len(),
                modified: metadata.modified().ok(),
            }),
            SourceKind::Object { store, path, runtime, .. } => {
                runtime.block_on(store.head(path)).ok().map(|meta| Version::Object {
                    size: meta.size,
                    e_tag: meta.e_tag,
                    modified: meta.last_modified.timestamp_micros(),
                })
            }
        };
        if now.as_ref() == Some(&self.version) {
            Ok(())
        } else {
            Err(Error::ChangedWhileRead { uri: self.uri.clone() })
        }
    }

    /// Whether size, time and version are those of the other one.
    pub(crate) fn has_version_of(&self, other: &Self) -> bool {
        self.version == other.version
    }

    /// SHA-256 of the bytes, hexadecimal. Blocking: reads all of them once.
    ///
    /// # Errors
    /// What cannot be read, and a source that changed in the meantime.
    pub fn sha256(&self) -> Result<String, Error> {
        let digest =
            crate::shape::HashingReader::new(self.reader()?).finish().map_err(Error::Read)?;
        self.check_unchanged()?;
        Ok(digest)
    }

    /// A reader of all bytes from the first on. Blocking.
    ///
    /// # Errors
    /// When the file can't be opened.
    pub fn reader(&self) -> Result<SourceReader, Error> {
        self.reader_at(0)
    }

    fn reader_at(&self, start: u64) -> Result<SourceReader, Error> {
        let inner = match &self.place {
            SourceKind::File(path) => {
                let open = || {
                    let mut file = File::open(path)?;
                    file.seek(SeekFrom::Start(start))?;
                    Ok(file)
                };
                Inner::File(open().map_err(|source| Error::Io { path: path.clone(), source })?)
            }
            SourceKind::Object { store, path, runtime, .. } => Inner::Object(ObjectReader {
                store: Arc::clone(store),
                path: path.clone(),
                runtime: runtime.clone(),
                position: start,
                size: self.size,
                chunk: Bytes::new(),
            }),
        };
        Ok(SourceReader(inner))
    }
}

/// Blocking reader of a [`Source`].
#[derive(Debug)]
pub struct SourceReader(Inner);

#[derive(Debug)]
enum Inner {
    File(File),
    Object(ObjectReader),
}

#[derive(Debug)]
struct ObjectReader {
    store: Arc<dyn ObjectStore>,
    path: object_store::path::Path,
    runtime: Handle,
    position: u64,
    size: u64,
    chunk: Bytes,
}

impl Read for SourceReader {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        match &mut self.0 {
            Inner::File(file) => file.read(into),
            Inner::Object(object) => object.read(into),
        }
    }
}

impl ObjectReader {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        if self.chunk.is_empty() {
            if self.position >= self.size {
                return Ok(0);
            }
            let end = self.size.min(self.position + OBJECT_CHUNK);
            let range = self.position..end;
            self.chunk = self
                .runtime
                .block_on(self.store.get_range(&self.path, range))
                .map_err(io::Error::other)?;
            self.position = end;
        }
        let taken = self.chunk.split_to(into.len().min(self.chunk.len()));
        let (head, _) = into.split_at_mut(taken.len());
        head.copy_from_slice(&taken);
        Ok(taken.len())
    }
}

impl Length for Source {
    fn len(&self) -> u64 {
        self.size
    }
}

impl ChunkReader for Source {
    type T = io::BufReader<SourceReader>;

    fn get_read(&self, start: u64) -> parquet::errors::Result<Self::T> {
        let reader = self
            .reader_at(start)
            .map_err(|error| parquet::errors::ParquetError::External(Box::new(error)))?;
        Ok(io::BufReader::with_capacity(256 * 1024, reader))
    }

    fn get_bytes(&self, start: u64, length: usize) -> parquet::errors::Result<Bytes> {
        let external = |error: Error| parquet::errors::ParquetError::External(Box::new(error));
        let mut reader = self.reader_at(start).map_err(external)?;
        let mut buffer = vec![0; length];
        reader.read_exact(&mut buffer).map_err(|source| external(Error::Read(source)))?;
        Ok(buffer.into())
    }
}

#[cfg(test)]
mod tests;
