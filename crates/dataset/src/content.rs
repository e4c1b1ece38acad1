//! The text in a source: unpacked where it is compressed, and brought to UTF-8, as it streams.
//!
//! ```text
//! Source ─ reader ─▶ (digest) ─▶ Unpacked ─▶ Text ─▶ CSV, JSON
//!          bytes at rest          gzip, zstd   UTF-16, Windows-1252 to UTF-8; byte order marks dropped
//! ```
//!
//! Invariants: the digest of a table is that of its bytes at rest; memory does not grow with the content; what is unpacked
//! is bounded in bytes and in proportion to what is at rest.

mod encoding;

use std::io::{self, BufReader, Chain, Cursor, Read};

use encoding_rs::{CoderResult, Decoder, DecoderResult};
use flate2::bufread::MultiGzDecoder;
use schema::Encoding;

use self::encoding::byte_order_mark;
pub(crate) use self::encoding::{ToldEncoding, is_windows_1252};
use crate::{Error, Source};

/// Bytes that tell how a file is compressed.
const CODEC_HEAD: u64 = 8;
/// Bytes at the beginning of a text by which its encoding and its dialect are told.
pub(crate) const SAMPLE: u64 = 256 * 1024;
const BUFFER: usize = 128 * 1024;
/// Bytes that may be unpacked before the proportion to those at rest is judged.
const FREE_BYTES: u64 = 256 * 1024 * 1024;

/// Limits on what is unpacked and held of a source.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ContentLimits {
    /// Most bytes that are unpacked of a compressed file.
    pub decoded_bytes: u64,
    /// Most bytes that are unpacked for one at rest, once 256 MiB are unpacked.
    pub decoded_ratio: u64,
    /// Most bytes of one line, record or object.
    pub line_bytes: usize,
    /// Most bytes of one page of Parquet or one batch of Arrow IPC, once it is unpacked.
    pub page_bytes: u64,
    /// Most bytes that are fetched from a web server.
    pub download_bytes: u64,
    /// Most rows of a table.
    pub rows: u64,
    /// Most cells of a table: rows times columns.
    pub cells: u64,
}

impl ContentLimits {
    /// The limits without those on rows and cells: for a table of the user who reads it.
    #[must_use]
    pub const fn of_any_size(self) -> Self {
        Self { rows: u64::MAX, cells: u64::MAX, ..self }
    }

    /// Whether a table may have so many rows and columns.
    pub(crate) fn admit(&self, rows: u64, columns: usize) -> Result<(), Error> {
        if rows > self.rows {
            return Err(Error::TooManyRows { found: rows, limit: self.rows });
        }
        let columns = columns as u64;
        if rows.saturating_mul(columns) > self.cells {
            return Err(Error::TooManyCells { rows, columns, limit: self.cells });
        }
        Ok(())
    }
}

impl Default for ContentLimits {
    fn default() -> Self {
        Self {
            decoded_bytes: 1 << 40,
            decoded_ratio: 500,
            line_bytes: 16 * 1024 * 1024,
            page_bytes: 1 << 30,
            download_bytes: 64 << 30,
            rows: 50_000_000,
            cells: 2_000_000_000,
        }
    }
}

/// How a file is compressed as a whole.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Codec {
    Gzip,
    Zstd,
    /// One that is not read.
    Other(&'static str),
}

impl Codec {
    pub(crate) const fn of(head: &[u8]) -> Option<Self> {
        match head {
            [0x1f, 0x8b, ..] => Some(Self::Gzip),
            [0x28, 0xb5, 0x2f, 0xfd, ..] => Some(Self::Zstd),
            [b'P', b'K', 3, 4, ..] => Some(Self::Other("zip")),
            [b'B', b'Z', b'h', ..] => Some(Self::Other("bzip2")),
            [0xfd, b'7', b'z', b'X', ..] => Some(Self::Other("xz")),
            [0x04, 0x22, 0x4d, 0x18, ..] => Some(Self::Other("lz4")),
            [0xff, 0x06, 0, 0, b's', b'N', ..] => Some(Self::Other("snappy")),
            _ => None,
        }
    }

    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Gzip => "gzip",
            Self::Zstd => "zstd",
            Self::Other(name) => name,
        }
    }
}

/// A name without the ending that says how the file is compressed.
pub(crate) fn unpacked_name(name: &str) -> &str {
    let ending = name.rsplit_once('.').map(|(_, ending)| ending.to_ascii_lowercase());
    match ending.as_deref() {
        Some("gz" | "gzip" | "zst" | "zstd") => {
            name.rsplit_once('.').map_or(name, |(stem, _)| stem)
        }
        _ => name,
    }
}

/// What is wrong with the content, passed through readers as an [`io::Error`].
#[derive(Debug, thiserror::Error)]
pub(crate) enum ContentError {
    #[error("the {0} stream ends too early")]
    Truncated(&'static str),
    #[error("the {0} stream is damaged")]
    Damaged(&'static str),
    #[error("more than {limit} bytes were unpacked")]
    TooLarge { codec: &'static str, limit: u64 },
    #[error("more than {ratio} bytes were unpacked for one at rest")]
    TooDense { codec: &'static str, ratio: u64 },
    #[error("line {line} is not {encoding}")]
    NotEncoded { encoding: Encoding, line: u64 },
    #[error("a line is longer than {0} bytes")]
    LineTooLong(usize),
}

impl From<ContentError> for io::Error {
    fn from(error: ContentError) -> Self {
        Self::other(error)
    }
}

/// Counts what passes, and remembers whether reading failed.
struct Counted<R> {
    inner: R,
    bytes: u64,
    failed: bool,
}

impl<R: Read> Read for Counted<R> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let read = self.inner.read(into);
        match &read {
            Ok(read) => self.bytes += *read as u64,
            Err(error) => self.failed |= error.kind() != io::ErrorKind::Interrupted,
        }
        read
    }
}

type Raw<R> = Chain<Cursor<Vec<u8>>, Counted<R>>;

enum Layer<R: Read> {
    Plain(Raw<R>),
    Gzip(Box<MultiGzDecoder<BufReader<Raw<R>>>>),
    Zstd(Box<zstd::stream::read::Decoder<'static, BufReader<Raw<R>>>>),
}

/// The bytes of a file, unpacked.
pub(crate) struct Unpacked<R: Read> {
    layer: Layer<R>,
    limits: ContentLimits,
    decoded: u64,
}

impl<R: Read> Unpacked<R> {
    pub(crate) fn open(mut bytes: R, source: &Source) -> Result<Self, Error> {
        let mut head = Vec::new();
        (&mut bytes).take(CODEC_HEAD).read_to_end(&mut head).map_err(Error::of_read)?;
        let codec = Codec::of(&head);
        let raw = Cursor::new(head).chain(Counted { inner: bytes, bytes: 0, failed: false });
        let buffered = |raw| BufReader::with_capacity(BUFFER, raw);
        let layer = match codec {
            None => Layer::Plain(raw),
            Some(Codec::Gzip) => Layer::Gzip(Box::new(MultiGzDecoder::new(buffered(raw)))),
            Some(Codec::Zstd) => Layer::Zstd(Box::new(
                zstd::stream::read::Decoder::with_buffer(buffered(raw)).map_err(Error::of_read)?,
            )),
            Some(Codec::Other(codec)) => {
                return Err(Error::Compressed { uri: source.uri().to_owned(), codec });
            }
        };
        Ok(Self { layer, limits: source.limits(), decoded: 0 })
    }

    /// The reader of the bytes at rest.
    pub(crate) fn into_raw(self) -> R {
        let raw = match self.layer {
            Layer::Plain(raw) => raw,
            Layer::Gzip(decoder) => decoder.into_inner().into_inner(),
            Layer::Zstd(decoder) => decoder.finish().into_inner(),
        };
        raw.into_inner().1.inner
    }

    /// The codec, and the bytes at rest that were read.
    fn at_rest(&self) -> Option<(&'static str, &Counted<R>)> {
        match &self.layer {
            Layer::Plain(_) => None,
            Layer::Gzip(decoder) => Some(("gzip", decoder.get_ref().get_ref().get_ref().1)),
            Layer::Zstd(decoder) => Some(("zstd", decoder.get_ref().get_ref().get_ref().1)),
        }
    }

    fn check(&self, read: io::Result<usize>) -> io::Result<usize> {
        let Some((codec, raw)) = self.at_rest() else { return read };
        match read {
            Err(error) if raw.failed || error.kind() == io::ErrorKind::Interrupted => Err(error),
            Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => {
                Err(ContentError::Truncated(codec).into())
            }
            Err(_) => Err(ContentError::Damaged(codec).into()),
            Ok(_) if self.decoded > self.limits.decoded_bytes => {
                Err(ContentError::TooLarge { codec, limit: self.limits.decoded_bytes }.into())
            }
            Ok(_)
                if self.decoded > FREE_BYTES
                    && self.decoded / (raw.bytes + CODEC_HEAD) > self.limits.decoded_ratio =>
            {
                Err(ContentError::TooDense { codec, ratio: self.limits.decoded_ratio }.into())
            }
            Ok(read) => Ok(read),
        }
    }
}

impl<R: Read> Read for Unpacked<R> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let read = match &mut self.layer {
            Layer::Plain(raw) => return raw.read(into),
            Layer::Gzip(decoder) => decoder.read(into),
            Layer::Zstd(decoder) => decoder.read(into),
        };
        if let Ok(read) = read {
            self.decoded += read as u64;
        }
        self.check(read)
    }
}

/// The text of a file as UTF-8, without a byte order mark. Bytes that are wrong in UTF-8 are passed on.
pub(crate) struct Text<R: Read> {
    head: Cursor<Vec<u8>>,
    unpacked: Unpacked<R>,
    transcoder: Option<Transcoder>,
}

struct Transcoder {
    encoding: Encoding,
    decoder: Decoder,
    /// Bytes that are to be decoded.
    input: Vec<u8>,
    taken: usize,
    /// Text that is to be handed over.
    output: Vec<u8>,
    given: usize,
    is_last: bool,
    ended: bool,
    lines: u64,
}

impl<R: Read> Text<R> {
    pub(crate) fn open(bytes: R, source: &Source, encoding: Encoding) -> Result<Self, Error> {
        let mut unpacked = Unpacked::open(bytes, source)?;
        let mut head = Vec::new();
        (&mut unpacked).take(3).read_to_end(&mut head).map_err(Error::of_read)?;
        let mark = byte_order_mark(&head).filter(|(marked, _)| *marked == encoding);
        head.drain(..mark.map_or(0, |(_, length)| length));
        let head = Cursor::new(head);
        Ok(Self { head, unpacked, transcoder: Transcoder::of(encoding) })
    }

    /// The reader of the bytes at rest.
    pub(crate) fn into_raw(self) -> R {
        self.unpacked.into_raw()
    }
}

impl<R: Read> Read for Text<R> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let mut raw = (&mut self.head).chain(&mut self.unpacked);
        match &mut self.transcoder {
            None => raw.read(into),
            Some(transcoder) => transcoder.read(&mut raw, into),
        }
    }
}

impl Transcoder {
    fn of(encoding: Encoding) -> Option<Self> {
        let other = match encoding {
            Encoding::Utf8 => return None,
            Encoding::Utf16Le => encoding_rs::UTF_16LE,
            Encoding::Utf16Be => encoding_rs::UTF_16BE,
            Encoding::Windows1252 => encoding_rs::WINDOWS_1252,
        };
        Some(Self {
            encoding,
            decoder: other.new_decoder_without_bom_handling(),
            input: Vec::new(),
            taken: 0,
            output: Vec::new(),
            given: 0,
            is_last: false,
            ended: false,
            lines: 1,
        })
    }

    fn read(&mut self, raw: &mut impl Read, into: &mut [u8]) -> io::Result<usize> {
        loop {
            let mut waiting = self.output.get(self.given..).unwrap_or_default();
            if !waiting.is_empty() || into.is_empty() {
                let read = waiting.read(into)?;
                self.given += read;
                return Ok(read);
            }
            if self.ended {
                return Ok(0);
            }
            self.decode(raw)?;
        }
    }

    /// Fills the output from the input, and the input from the file where it is used up.
    fn decode(&mut self, raw: &mut impl Read) -> io::Result<()> {
        if self.taken >= self.input.len() && !self.is_last {
            self.input.resize(BUFFER, 0);
            let read = raw.read(&mut self.input)?;
            self.input.truncate(read);
            self.taken = 0;
            self.is_last = read == 0;
        }
        self.output.resize(4 * BUFFER, 0);
        let input = self.input.get(self.taken..).unwrap_or_default();
        let (result, read, written) =
            self.decoder.decode_to_utf8_without_replacement(input, &mut self.output, self.is_last);
        self.output.truncate(written);
        self.given = 0;
        self.taken += read;
        self.lines += self.output.iter().filter(|byte| **byte == b'\n').count() as u64;
        match result {
            DecoderResult::InputEmpty => self.ended = self.is_last,
            DecoderResult::OutputFull => {}
            DecoderResult::Malformed(..) => {
                let error = ContentError::NotEncoded { encoding: self.encoding, line: self.lines };
                return Err(error.into());
            }
        }
        Ok(())
    }
}

/// The beginning of a text as UTF-8, and how its encoding was told.
pub(crate) struct Sample {
    pub(crate) told: ToldEncoding,
    /// The text; whole lines unless the text is shorter than a line.
    pub(crate) text: Vec<u8>,
    /// Whether it is the whole text.
    pub(crate) is_whole: bool,
    /// Codec of the file, where it is compressed.
    pub(crate) codec: Option<Codec>,
}

/// Reads the beginning of a text. Blocking.
pub(crate) fn sample(source: &Source) -> Result<Sample, Error> {
    let mut unpacked = Unpacked::open(source.reader()?, source)?;
    let codec = match unpacked.layer {
        Layer::Plain(_) => None,
        Layer::Gzip(_) => Some(Codec::Gzip),
        Layer::Zstd(_) => Some(Codec::Zstd),
    };
    let mut head = Vec::new();
    (&mut unpacked).take(SAMPLE).read_to_end(&mut head).map_err(Error::of_read)?;
    let is_whole = (head.len() as u64) < SAMPLE;
    let told = match source.stated().csv.encoding {
        Some(encoding) => ToldEncoding { encoding, is_open: false },
        None => encoding::tell(&head, is_whole),
    };
    let mark = byte_order_mark(&head).filter(|(marked, _)| *marked == told.encoding);
    head.drain(..mark.map_or(0, |(_, length)| length));
    let mut text = match Transcoder::of(told.encoding) {
        None => head,
        Some(mut transcoder) => {
            let mut text = vec![0; 4 * head.len() + 16];
            let (result, _, written, _) =
                transcoder.decoder.decode_to_utf8(&head, &mut text, false);
            // The output is larger than what the input can become.
            debug_assert!(result == CoderResult::InputEmpty);
            text.truncate(written);
            text
        }
    };
    if !is_whole && let Some(last) = text.iter().rposition(|byte| *byte == b'\n') {
        text.truncate(last + 1);
    }
    Ok(Sample { told, text, is_whole, codec })
}

#[cfg(test)]
mod tests;
