//! The bytes of a file that does not change: in memory, or in a file that several readers read at any place.

use std::fs::File;
use std::io::{self, BufReader, Read};
use std::os::unix::fs::FileExt as _;
use std::sync::Arc;

use bytes::{Buf as _, Bytes};
use parquet::errors::Result;
use parquet::file::reader::{ChunkReader, Length};

/// Bytes that a reader takes from a file at a time.
const BUFFER: usize = 256 * 1024;

/// All bytes of a file. Cheap to clone; a clone reads the same bytes.
#[derive(Debug, Clone)]
pub enum HeldFile {
    /// In memory.
    Bytes(Bytes),
    /// On disk; nothing writes to it any more.
    File(Arc<File>),
}

impl From<Bytes> for HeldFile {
    fn from(bytes: Bytes) -> Self {
        Self::Bytes(bytes)
    }
}

impl From<Vec<u8>> for HeldFile {
    fn from(bytes: Vec<u8>) -> Self {
        Self::Bytes(bytes.into())
    }
}

impl From<File> for HeldFile {
    fn from(file: File) -> Self {
        Self::File(Arc::new(file))
    }
}

impl Length for HeldFile {
    fn len(&self) -> u64 {
        match self {
            Self::Bytes(bytes) => bytes.len() as u64,
            // A file whose size is not known has no end that a reader finds, which it says.
            Self::File(file) => file.metadata().map_or(0, |metadata| metadata.len()),
        }
    }
}

impl ChunkReader for HeldFile {
    type T = BufReader<HeldFileReader>;

    fn get_read(&self, start: u64) -> Result<Self::T> {
        Ok(BufReader::with_capacity(BUFFER, HeldFileReader { of: self.clone(), position: start }))
    }

    fn get_bytes(&self, start: u64, length: usize) -> Result<Bytes> {
        match self {
            Self::Bytes(bytes) => bytes.get_bytes(start, length),
            Self::File(file) => {
                let mut buffer = vec![0; length];
                file.read_exact_at(&mut buffer, start)?;
                Ok(buffer.into())
            }
        }
    }
}

/// Reads on from a place.
#[derive(Debug)]
pub struct HeldFileReader {
    of: HeldFile,
    position: u64,
}

impl Read for HeldFileReader {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let read = match &self.of {
            HeldFile::Bytes(bytes) => {
                let start = usize::try_from(self.position).unwrap_or(usize::MAX);
                let mut rest = bytes.get(start..).unwrap_or_default();
                let read = into.len().min(rest.remaining());
                if let Some(into) = into.get_mut(..read) {
                    rest.copy_to_slice(into);
                }
                read
            }
            HeldFile::File(file) => file.read_at(into, self.position)?,
        };
        self.position += read as u64;
        Ok(read)
    }
}
