//! Telling the encoding of a text from its bytes.

use std::io::Read;

use schema::Encoding;

use super::{BUFFER, Unpacked};
use crate::{Error, Source};

/// How the encoding of a text was told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct ToldEncoding {
    pub(crate) encoding: Encoding,
    /// Whether the sample was ASCII alone: bytes behind it may say more.
    pub(crate) is_open: bool,
}

/// The encoding that the first bytes mark, and the length of the mark.
pub(super) fn byte_order_mark(head: &[u8]) -> Option<(Encoding, usize)> {
    match head {
        [0xef, 0xbb, 0xbf, ..] => Some((Encoding::Utf8, 3)),
        [0xff, 0xfe, ..] => Some((Encoding::Utf16Le, 2)),
        [0xfe, 0xff, ..] => Some((Encoding::Utf16Be, 2)),
        _ => None,
    }
}

/// UTF-8 where the bytes are, or are damaged in few places; else what they show.
pub(super) fn tell(head: &[u8], is_whole: bool) -> ToldEncoding {
    let sure = |encoding| ToldEncoding { encoding, is_open: false };
    if let Some((encoding, _)) = byte_order_mark(head) {
        return sure(encoding);
    }
    if let Some(encoding) = utf16(head) {
        return sure(encoding);
    }
    let mut seen = NonAscii::default();
    seen.add(head);
    match seen.verdict(is_whole) {
        Kind::Ascii => ToldEncoding { encoding: Encoding::Utf8, is_open: !is_whole },
        Kind::Utf8 => sure(Encoding::Utf8),
        Kind::OneByteLetters => sure(Encoding::Windows1252),
    }
}

/// UTF-16 without a mark: text of Latin letters has a zero in every other byte, and UTF-8 has none at all.
fn utf16(head: &[u8]) -> Option<Encoding> {
    const LOOKED_AT: usize = 4096;
    let pairs = head.len().min(LOOKED_AT) / 2;
    let zeros = |first: usize| {
        head.iter().skip(first).step_by(2).take(pairs).filter(|byte| **byte == 0).count()
    };
    let (even, odd) = (zeros(0), zeros(1));
    let mostly =
        |many: usize, few: usize| pairs >= 2 && many * 10 >= pairs * 7 && few * 20 <= pairs;
    if mostly(odd, even) {
        Some(Encoding::Utf16Le)
    } else if mostly(even, odd) {
        Some(Encoding::Utf16Be)
    } else {
        None
    }
}

/// What bytes beyond ASCII are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Ascii,
    /// UTF-8, or UTF-8 that is damaged.
    Utf8,
    /// Letters of one byte each: none of them is part of UTF-8, and all of them are of Windows-1252.
    OneByteLetters,
}

#[derive(Default)]
struct NonAscii {
    valid: u64,
    invalid: u64,
    /// Control characters, and bytes that Windows-1252 has no letter for.
    foreign: u64,
    rest: Vec<u8>,
}

impl NonAscii {
    fn add(&mut self, bytes: &[u8]) {
        let mut joined = std::mem::take(&mut self.rest);
        joined.extend_from_slice(bytes);
        let mut left = joined.as_slice();
        loop {
            let (valid, wrong, rest) = match std::str::from_utf8(left) {
                Ok(_) => (left, None, &[][..]),
                Err(error) => {
                    let (valid, after) = left.split_at(error.valid_up_to());
                    match error.error_len() {
                        Some(length) => {
                            let (wrong, rest) = after.split_at(length.min(after.len()));
                            (valid, Some(wrong), rest)
                        }
                        // A character that the next bytes may complete.
                        None => {
                            self.rest = after.to_vec();
                            (valid, None, &[][..])
                        }
                    }
                }
            };
            self.valid += u64::from(!valid.is_ascii());
            self.foreign += valid.iter().filter(|byte| is_control(**byte)).count() as u64;
            let Some(wrong) = wrong else { return };
            self.invalid += 1;
            let foreign = |byte: &&u8| matches!(byte, 0x81 | 0x8d | 0x8f | 0x90 | 0x9d);
            self.foreign += wrong.iter().filter(foreign).count() as u64;
            left = rest;
        }
    }

    fn verdict(&self, is_whole: bool) -> Kind {
        let invalid = self.invalid + u64::from(is_whole && !self.rest.is_empty());
        match (self.valid, invalid) {
            (0, 0) => Kind::Ascii,
            (0, _) if self.foreign == 0 => Kind::OneByteLetters,
            _ => Kind::Utf8,
        }
    }
}

const fn is_control(byte: u8) -> bool {
    byte < b' ' && !matches!(byte, b'\t' | b'\n' | b'\r' | 0x0c)
}

/// Whether a text that is not UTF-8 is Windows-1252, by all its bytes. Blocking.
pub(crate) fn is_windows_1252(source: &Source) -> Result<bool, Error> {
    let mut unpacked = Unpacked::open(source.reader()?, source)?;
    let mut seen = NonAscii::default();
    let mut buffer = vec![0; BUFFER];
    loop {
        let read = unpacked.read(&mut buffer).map_err(Error::of_read)?;
        if read == 0 {
            return Ok(seen.verdict(true) == Kind::OneByteLetters);
        }
        seen.add(buffer.get(..read).unwrap_or_default());
        if seen.valid > 0 || seen.foreign > 0 {
            return Ok(false);
        }
    }
}
