//! Reading part by part, checked.

use std::time::Duration;

use bytes::Bytes;
use contracts::v1::ArtifactRef;
use futures::StreamExt as _;
use futures::stream::BoxStream;
use sha2::{Digest as _, Sha256};

use crate::Error;
use crate::error::READ;

/// The parts as a store gives them.
pub(crate) type Parts = BoxStream<'static, Result<Bytes, Error>>;

/// An artifact, part by part. A part is given only when the next one is there or the whole was checked.
pub struct ArtifactReader {
    parts: Parts,
    hash: Option<Sha256>,
    held: Option<Bytes>,
    read: u64,
    expected: u64,
    sha256: String,
    longest_pause: Duration,
}

impl ArtifactReader {
    pub(crate) fn new(parts: Parts, artifact: &ArtifactRef, longest_pause: Duration) -> Self {
        Self {
            parts,
            hash: Some(Sha256::new()),
            held: None,
            read: 0,
            expected: artifact.bytes,
            sha256: artifact.sha256.clone(),
            longest_pause,
        }
    }

    /// The next part; `None` after the last, when size and digest were right.
    ///
    /// # Errors
    /// [`Error::SizeMismatch`], [`Error::DigestMismatch`], [`Error::TimedOut`] where nothing comes, or the store's error.
    pub async fn next(&mut self) -> Result<Option<Bytes>, Error> {
        while self.hash.is_some() {
            let next = tokio::time::timeout(self.longest_pause, self.parts.next()).await;
            let next = next.map_err(|_| Error::TimedOut {
                operation: READ,
                sha256: self.sha256.clone(),
                seconds: self.longest_pause.as_secs(),
            })?;
            let Some(part) = next else {
                self.finish()?;
                break;
            };
            let part = part?;
            self.read = self.read.saturating_add(u64::try_from(part.len()).unwrap_or(u64::MAX));
            if self.read > self.expected {
                return Err(self.wrong_size());
            }
            if let Some(hash) = &mut self.hash {
                hash.update(&part);
            }
            if let Some(earlier) = self.held.replace(part) {
                return Ok(Some(earlier));
            }
        }
        Ok(self.held.take())
    }

    fn finish(&mut self) -> Result<(), Error> {
        if self.read != self.expected {
            return Err(self.wrong_size());
        }
        let found = self.hash.take().map(|hash| hex::encode(hash.finalize())).unwrap_or_default();
        if found == self.sha256 {
            return Ok(());
        }
        self.held = None;
        Err(Error::DigestMismatch { sha256: self.sha256.clone(), found })
    }

    fn wrong_size(&self) -> Error {
        Error::SizeMismatch {
            sha256: self.sha256.clone(),
            expected: self.expected,
            found: self.read,
        }
    }
}
