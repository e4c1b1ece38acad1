//! Bytes that are written once, read at any place by any thread, and gone with their owner.

use std::fs::File;
use std::io::Write as _;
use std::os::unix::fs::FileExt as _;
use std::path::{Path, PathBuf};

use crate::Error;

/// Bytes that are held in memory: a table that is this small needs no disk.
const MEMORY: usize = 32 * 1024 * 1024;

/// Where bytes are.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Place {
    begin: u64,
    bytes: usize,
}

/// The bytes: in memory while they are few, then in a file that has no name.
#[derive(Debug)]
pub(crate) struct Spill {
    directory: PathBuf,
    memory: Vec<u8>,
    file: Option<File>,
    end: u64,
}

impl Spill {
    /// Nothing yet; the file will be made in this directory.
    pub(crate) fn in_directory(directory: &Path) -> Self {
        Self { directory: directory.to_owned(), memory: Vec::new(), file: None, end: 0 }
    }

    #[cfg(test)]
    pub(crate) fn into_file(file: File) -> Self {
        Self { file: Some(file), ..Self::in_directory(Path::new("")) }
    }

    fn failed(&self, source: std::io::Error) -> Error {
        Error::Spill { directory: self.directory.clone(), source }
    }

    /// Adds bytes.
    pub(crate) fn write(&mut self, bytes: &[u8]) -> Result<Place, Error> {
        let place = Place { begin: self.end, bytes: bytes.len() };
        self.end += bytes.len() as u64;
        if self.file.is_none() && self.memory.len() + bytes.len() <= MEMORY {
            self.memory.extend_from_slice(bytes);
            return Ok(place);
        }
        let written = self.write_to_file(bytes);
        written.map_err(|source| self.failed(source))?;
        Ok(place)
    }

    fn write_to_file(&mut self, bytes: &[u8]) -> std::io::Result<()> {
        let mut file = match self.file.take() {
            Some(file) => file,
            None => {
                let mut file = tempfile::tempfile_in(&self.directory)?;
                file.write_all(&std::mem::take(&mut self.memory))?;
                file
            }
        };
        file.write_all(bytes)?;
        self.file = Some(file);
        Ok(())
    }

    /// The bytes at a place, in the buffer or where they are.
    pub(crate) fn read<'a>(
        &'a self,
        place: Place,
        buffer: &'a mut Vec<u8>,
    ) -> Result<&'a [u8], Error> {
        if let Some(file) = &self.file {
            buffer.resize(place.bytes, 0);
            file.read_exact_at(buffer, place.begin).map_err(|source| self.failed(source))?;
            return Ok(buffer);
        }
        let begin = usize::try_from(place.begin).unwrap_or(usize::MAX);
        let end = begin.saturating_add(place.bytes);
        self.memory
            .get(begin..end)
            .ok_or_else(|| self.failed(std::io::Error::from(std::io::ErrorKind::UnexpectedEof)))
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test")]

    use super::*;

    #[test]
    fn bytes_are_read_back_from_memory_and_from_the_file() {
        let directory = tempfile::tempdir().unwrap();
        let mut spill = Spill::in_directory(directory.path());
        let block = |of: u8| vec![of; MEMORY / 4 + 1];
        let places: Vec<Place> = (0..6).map(|of| spill.write(&block(of)).unwrap()).collect();
        assert!(spill.file.is_some() && spill.memory.is_empty());
        let mut buffer = Vec::new();
        for (of, place) in (0..6).zip(&places).rev() {
            assert!(spill.read(*place, &mut buffer).unwrap() == block(of));
        }
        // It has no name, so that nothing is left behind however the process ends.
        assert_eq!(std::fs::read_dir(directory.path()).unwrap().count(), 0);
    }

    #[test]
    fn a_full_disk_is_said() {
        let full = std::fs::OpenOptions::new().write(true).open("/dev/full").unwrap();
        let mut spill = Spill::into_file(full);
        let error = spill.write(b"x").unwrap_err();
        assert_eq!(error.code(), "spill_failed");
        assert!(matches!(error, Error::Spill { source, .. }
            if source.kind() == std::io::ErrorKind::StorageFull));
    }
}
