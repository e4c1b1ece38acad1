//! What is to be stored: bytes in memory, or a file that is read part by part.

use std::fs::File;
use std::os::unix::fs::FileExt as _;
use std::sync::Arc;

use bytes::Bytes;
use contracts::v1::ArtifactRef;
use sha2::{Digest as _, Sha256};

use crate::Error;

/// Bytes that are read at once.
const BUFFER: usize = 1 << 20;

/// What is to be stored. It can be read again from its beginning.
#[derive(Debug, Clone)]
pub(crate) enum Content {
    Bytes(Bytes),
    File(Arc<File>),
}

impl Content {
    pub(crate) fn parts(&self) -> ContentParts {
        ContentParts { content: self.clone(), position: 0 }
    }
}

/// Reads a content from its beginning.
#[derive(Debug)]
pub(crate) struct ContentParts {
    content: Content,
    position: u64,
}

impl ContentParts {
    /// The next bytes, so many unless the content ends before; none at its end.
    pub(crate) async fn next(&mut self, most: usize) -> std::io::Result<Option<Bytes>> {
        let part = match &mut self.content {
            Content::Bytes(rest) => rest.split_to(most.min(rest.len())),
            Content::File(file) => {
                let (file, from) = (Arc::clone(file), self.position);
                let read = tokio::task::spawn_blocking(move || read_at(&file, from, most));
                read.await.map_err(std::io::Error::other)??
            }
        };
        self.position += part.len() as u64;
        Ok(Some(part).filter(|part| !part.is_empty()))
    }

    /// Checks at the end that there were as many bytes as the reference says.
    pub(crate) fn check_size(&self, artifact: &ArtifactRef) -> Result<(), Error> {
        if self.position == artifact.bytes {
            return Ok(());
        }
        Err(Error::SizeMismatch {
            sha256: artifact.sha256.clone(),
            expected: artifact.bytes,
            found: self.position,
        })
    }
}

fn read_at(file: &File, from: u64, most: usize) -> std::io::Result<Bytes> {
    let mut buffer = vec![0; most];
    let mut filled = 0;
    while let Some(rest) = buffer.get_mut(filled..).filter(|rest| !rest.is_empty()) {
        match file.read_at(rest, from + filled as u64) {
            Ok(0) => break,
            Ok(read) => filled += read,
            Err(error) if error.kind() == std::io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    buffer.truncate(filled);
    Ok(buffer.into())
}

/// SHA-256 of a file, hexadecimal, and its size in bytes.
pub(crate) async fn digest(file: Arc<File>) -> Result<(String, u64), Error> {
    let digest = move || -> std::io::Result<(String, u64)> {
        let (mut hash, mut size) = (Sha256::new(), 0);
        loop {
            let part = read_at(&file, size, BUFFER)?;
            if part.is_empty() {
                return Ok((hex::encode(hash.finalize()), size));
            }
            hash.update(&part);
            size += part.len() as u64;
        }
    };
    let digested = tokio::task::spawn_blocking(digest).await.map_err(std::io::Error::other);
    digested.and_then(|digested| digested).map_err(Error::Unread)
}
