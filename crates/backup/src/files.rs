//! Files that are hashed while they are written or read.

use std::fs::{self, File};
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};

use sha2::{Digest as _, Sha256};

use crate::{Error, FileDigest};

/// Bytes that are held of a file.
const BUFFER: usize = 1 << 20;

pub(crate) fn failed(what: &'static str, path: &Path) -> impl FnOnce(io::Error) -> Error {
    let path = path.to_owned();
    move |source| Error::File { what, path, source }
}

/// A file that is being written, with the digest of what was written so far.
pub(crate) struct Hashed {
    file: File,
    path: PathBuf,
    hash: Sha256,
    bytes: u64,
}

impl Hashed {
    pub(crate) fn create(path: &Path) -> Result<Self, Error> {
        let file = File::create_new(path).map_err(failed("create", path))?;
        Ok(Self { file, path: path.to_owned(), hash: Sha256::new(), bytes: 0 })
    }

    pub(crate) fn write(&mut self, part: &[u8]) -> Result<(), Error> {
        self.file.write_all(part).map_err(failed("write", &self.path))?;
        self.hash.update(part);
        self.bytes = self.bytes.saturating_add(u64::try_from(part.len()).unwrap_or(u64::MAX));
        Ok(())
    }

    pub(crate) const fn bytes(&self) -> u64 {
        self.bytes
    }

    /// Writes through to the disk; gives what was written.
    pub(crate) fn finish(self) -> Result<FileDigest, Error> {
        self.file.sync_all().map_err(failed("write", &self.path))?;
        Ok(FileDigest { bytes: self.bytes, sha256: hex::encode(self.hash.finalize()) })
    }
}

/// The size and digest of a file; `None` where it is not there.
pub(crate) fn digest(path: &Path) -> Result<Option<FileDigest>, Error> {
    let mut file = match File::open(path) {
        Ok(file) => file,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(failed("open", path)(error)),
    };
    let (mut hash, mut bytes, mut buffer) = (Sha256::new(), 0_u64, vec![0; BUFFER]);
    loop {
        let count = file.read(&mut buffer).map_err(failed("read", path))?;
        if count == 0 {
            return Ok(Some(FileDigest { bytes, sha256: hex::encode(hash.finalize()) }));
        }
        hash.update(buffer.get(..count).unwrap_or_default());
        bytes = bytes.saturating_add(u64::try_from(count).unwrap_or(u64::MAX));
    }
}

/// Writes a whole file through to the disk.
pub(crate) fn write(path: &Path, bytes: &[u8]) -> Result<FileDigest, Error> {
    let mut file = Hashed::create(path)?;
    file.write(bytes)?;
    file.finish()
}

/// Has the names in a directory outlive a power failure.
pub(crate) fn sync_directory(path: &Path) -> Result<(), Error> {
    File::open(path).and_then(|directory| directory.sync_all()).map_err(failed("write", path))
}

/// Makes a directory of its owner alone.
pub(crate) fn make_directory(path: &Path) -> Result<(), Error> {
    fs::create_dir(path).map_err(failed("create", path))
}
