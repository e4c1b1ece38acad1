//! What the headers of pages say of their size, looked at before a page is unpacked.
//!
//! Decoders make room for what a header says, so that a few bytes could ask for two gibibytes. A header is a struct in the compact
//! protocol of Thrift, of which the second field is the unpacked size in bytes.

use std::io::{self, Cursor, Read};

use bytes::Bytes;
use parquet::errors::ParquetError;
use parquet::file::reader::{ChunkReader, Length};

use crate::Error;

/// Bytes at the end of a file that are no page.
const FOOTER: u64 = 8;
/// Longest header of a page in bytes; statistics in it hold whole values.
const LONGEST: usize = 16 << 20;
/// Deepest nesting of a header.
const DEEPEST: u32 = 8;
/// The field of the unpacked size.
const UNPACKED: i64 = 2;

/// A file whose pages are looked at before they are read.
#[derive(Debug, Clone)]
pub(super) struct Paged<R> {
    inner: R,
    /// Most bytes of a page, once it is unpacked.
    most: u64,
}

impl<R> Paged<R> {
    pub(super) const fn new(inner: R, most: u64) -> Self {
        Self { inner, most }
    }
}

impl<R: Length> Length for Paged<R> {
    fn len(&self) -> u64 {
        self.inner.len()
    }
}

impl<R: ChunkReader> ChunkReader for Paged<R> {
    type T = PageReader<R::T>;

    /// Pages alone are read so, and the end of the file. A header is looked at when it is read: where the decoder knows it already, it
    /// asks for a reader behind it and takes nothing from it.
    fn get_read(&self, start: u64) -> parquet::errors::Result<Self::T> {
        let inner = self.inner.get_read(start)?;
        let is_end = start.saturating_add(FOOTER) >= self.len();
        let header = is_end.then(Cursor::default);
        Ok(PageReader { inner, header, most: self.most })
    }

    fn get_bytes(&self, start: u64, length: usize) -> parquet::errors::Result<Bytes> {
        let end = start.checked_add(length as u64);
        if end.is_none_or(|end| end > self.len()) {
            return Err(ParquetError::EOF("a part of the file lies behind its end".to_owned()));
        }
        self.inner.get_bytes(start, length)
    }
}

/// Reads a page, whose header is looked at before any of it is handed on.
pub(super) struct PageReader<R> {
    inner: R,
    /// What was looked at; none before the first reading.
    header: Option<Cursor<Vec<u8>>>,
    /// Most bytes of the page, once it is unpacked.
    most: u64,
}

impl<R: Read> Read for PageReader<R> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        if self.header.is_none() {
            self.header = Some(Cursor::new(looked_at(&mut self.inner, self.most)?));
        }
        let read = self.header.as_mut().map_or(Ok(0), |header| header.read(into))?;
        if read > 0 { Ok(read) } else { self.inner.read(into) }
    }
}

/// The bytes of a page's header, where it says no more than `most` bytes.
fn looked_at(inner: &mut impl Read, most: u64) -> io::Result<Vec<u8>> {
    let mut header = Header { bytes: inner, read: Vec::new(), unpacked: 0 };
    header.fields(0, true).map_err(|error| match error.kind() {
        io::ErrorKind::UnexpectedEof | io::ErrorKind::InvalidData => {
            io::Error::new(io::ErrorKind::InvalidData, "the header of a page is malformed")
        }
        _ => io::Error::other(Error::Read(error)),
    })?;
    let Header { read, unpacked, .. } = header;
    if unpacked > most {
        let error = Error::PageTooLarge { part: "page", found: unpacked, limit: most };
        return Err(io::Error::other(error));
    }
    Ok(read)
}

/// A header as it is read, and what it says.
struct Header<'a, R> {
    bytes: &'a mut R,
    /// What was read of it.
    read: Vec<u8>,
    /// The greatest unpacked size that it says.
    unpacked: u64,
}

fn malformed() -> io::Error {
    io::ErrorKind::InvalidData.into()
}

impl<R: Read> Header<'_, R> {
    /// The fields of a struct to its end; `is_page` where they are those of the page itself.
    fn fields(&mut self, depth: u32, is_page: bool) -> io::Result<()> {
        if depth > DEEPEST {
            return Err(malformed());
        }
        let mut id = 0_i64;
        loop {
            let head = self.byte()?;
            if head == 0 {
                return Ok(());
            }
            id = match head >> 4 {
                0 => self.number()?,
                delta => id + i64::from(delta),
            };
            match head & 0x0f {
                // True and false stand in the head of a field.
                1 | 2 => {}
                5 if is_page && id == UNPACKED => {
                    // A size below 0 is refused by the decoder.
                    let size = u64::try_from(self.number()?).unwrap_or(0);
                    self.unpacked = self.unpacked.max(size);
                }
                kind => self.value(kind, depth)?,
            }
        }
    }

    /// Passes a value of a type.
    fn value(&mut self, kind: u8, depth: u32) -> io::Result<()> {
        match kind {
            1..=3 => self.byte().map(drop),
            4..=6 => self.number().map(drop),
            7 => self.pass(8),
            8 => {
                let length = self.varint()?;
                self.pass(length)
            }
            9 | 10 => {
                let head = self.byte()?;
                let count = match head >> 4 {
                    15 => self.varint()?,
                    count => u64::from(count),
                };
                self.values(count, &[head & 0x0f], depth)
            }
            11 => {
                let count = self.varint()?;
                if count == 0 {
                    return Ok(());
                }
                let kinds = self.byte()?;
                self.values(count, &[kinds >> 4, kinds & 0x0f], depth)
            }
            12 => self.fields(depth + 1, false),
            _ => Err(malformed()),
        }
    }

    fn values(&mut self, count: u64, kinds: &[u8], depth: u32) -> io::Result<()> {
        if depth > DEEPEST {
            return Err(malformed());
        }
        for _ in 0..count {
            for kind in kinds {
                self.value(*kind, depth + 1)?;
            }
        }
        Ok(())
    }

    fn pass(&mut self, length: u64) -> io::Result<()> {
        let room = LONGEST.saturating_sub(self.read.len()) as u64;
        if length > room {
            return Err(malformed());
        }
        let read = self.bytes.by_ref().take(length).read_to_end(&mut self.read)?;
        if (read as u64) < length { Err(io::ErrorKind::UnexpectedEof.into()) } else { Ok(()) }
    }

    fn byte(&mut self) -> io::Result<u8> {
        self.pass(1)?;
        self.read.last().copied().ok_or_else(malformed)
    }

    fn varint(&mut self) -> io::Result<u64> {
        let mut number = 0_u64;
        for shift in (0..64).step_by(7) {
            let byte = self.byte()?;
            number |= u64::from(byte & 0x7f) << shift;
            if byte < 0x80 {
                return Ok(number);
            }
        }
        Err(malformed())
    }

    /// A number with a sign, as Thrift's zigzag has it.
    fn number(&mut self) -> io::Result<i64> {
        let number = self.varint()?;
        Ok(i64::from_ne_bytes((number >> 1).to_ne_bytes()) ^ -i64::from((number & 1) == 1))
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test")]

    use super::*;

    fn opened(header: &[u8], most: u64) -> Result<Vec<u8>, ParquetError> {
        let file = [header, &[7; 16]].concat();
        let mut reader = Paged::new(Bytes::from(file), most).get_read(0)?;
        let mut all = Vec::new();
        reader.read_to_end(&mut all)?;
        Ok(all)
    }

    /// A header of a data page: type 0, so many bytes unpacked, 4 compressed, and statistics in a struct.
    fn header(unpacked: i64) -> Vec<u8> {
        let mut bytes = vec![0x15, 0, 0x15];
        let mut rest = unpacked.unsigned_abs() << 1;
        while rest >= 0x80 {
            bytes.push(rest.to_le_bytes()[0] | 0x80);
            rest >>= 7;
        }
        bytes.push(rest.to_le_bytes()[0]);
        bytes.extend([0x15, 8]);
        // Field 5: a struct with a number, a true, and a struct with a text.
        bytes.extend([0x2c, 0x15, 2, 0x11, 0x1c, 0x18, 3, b'a', b'b', b'c', 0, 0, 0]);
        bytes
    }

    #[test]
    fn a_page_is_read_as_it_is_where_it_is_small_enough() {
        let bytes = header(1000);
        assert_eq!(opened(&bytes, 1000).unwrap(), [&bytes[..], &[7; 16]].concat());
    }

    #[test]
    fn a_page_that_says_that_it_is_large_is_refused_before_room_is_made() {
        let refused = |header: &[u8]| Error::from(opened(header, 1 << 20).unwrap_err());
        let error = refused(&header(i64::from(i32::MAX)));
        let Error::PageTooLarge { found: 0x7fff_ffff, .. } = &error else { panic!("{error}") };
        assert_eq!(error.code(), "source_too_large");
        assert!(error.to_string().contains("data.max_page_bytes"), "{error}");
        // The size a second time, with its number written out; the greatest counts.
        let mut twice = header(10);
        twice.pop();
        twice.extend([0x05, 4, 0xfe, 0xff, 0xff, 0xff, 0x0f, 0]);
        assert!(matches!(refused(&twice), Error::PageTooLarge { .. }));
    }

    #[test]
    fn what_is_no_header_is_malformed() {
        for bytes in [&[0x1d_u8; 64][..], &[0x1c; 64], &[0x18, 0xff, 0xff, 0xff, 0xff, 0x7f]] {
            let error = Error::from(opened(bytes, 1 << 20).unwrap_err());
            assert_eq!(error.code(), "source_malformed", "{bytes:?}");
        }
    }

    #[test]
    fn a_part_behind_the_end_is_not_made_room_for() {
        let file = Paged::new(Bytes::from_static(&[0; 32]), 1);
        assert!(file.get_bytes(8, 25).is_err() && file.get_bytes(u64::MAX, 2).is_err());
        assert_eq!(file.get_bytes(8, 24).unwrap().len(), 24);
    }
}
