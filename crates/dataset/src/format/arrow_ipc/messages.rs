//! The messages of a stream, each whole, and looked at before it is decoded.
//!
//! The decoder makes room for what a message says of its rows and of its unpacked bytes, so that a few bytes could ask for more
//! than there is, which ends the process. What a message says of its own length is believed only as far as bytes come.

use std::io::Read;

use arrow::error::ArrowError;
use arrow_ipc::{Message, MessageHeader, RecordBatch, root_as_message};

use crate::Error;
use crate::content::ContentLimits;

/// What may stand before the length of a message.
pub(super) const CONTINUATION: [u8; 4] = [0xff; 4];
/// Bytes before a compressed buffer that say how long it is unpacked.
const LENGTH: usize = 8;
/// What they say where the buffer is not compressed.
const NOT_COMPRESSED: i64 = -1;

/// A message: its length and its metadata, and its body, which stands in a memory of its own so that its buffers are aligned.
pub(super) struct WholeMessage {
    pub(super) head: Vec<u8>,
    pub(super) body: Vec<u8>,
}

/// Reads whole messages.
pub(super) struct Messages<R> {
    bytes: R,
    /// What was read before.
    begin: Vec<u8>,
    limits: ContentLimits,
    /// Rows of the batches so far.
    rows: u64,
}

fn malformed() -> Error {
    Error::Ipc(ArrowError::IpcError("a message is malformed".to_owned()))
}

impl<R: Read> Messages<R> {
    /// The messages of a stream of which some bytes were read.
    pub(super) const fn new(begin: Vec<u8>, bytes: R, limits: ContentLimits) -> Self {
        Self { bytes, begin, limits, rows: 0 }
    }

    /// The next message; none at the end of the stream.
    pub(super) fn next(&mut self) -> Result<Option<WholeMessage>, Error> {
        let mut head = Vec::new();
        match self.read(&mut head, 4)? {
            0 => return Ok(None),
            1..4 => return Err(truncated()),
            _ => {}
        }
        if head == CONTINUATION {
            head.clear();
            self.whole(&mut head, 4)?;
        }
        let size = head.first_chunk().copied().map(u32::from_le_bytes).ok_or_else(truncated)?;
        if size == 0 {
            return Ok(None);
        }
        self.whole(&mut head, u64::from(size))?;
        let metadata = head.get(4..).unwrap_or_default();
        let message = root_as_message(metadata).map_err(|_| malformed())?;
        let mut body = Vec::new();
        self.whole(&mut body, u64::try_from(message.bodyLength()).map_err(|_| malformed())?)?;
        self.rows = self.checked(&message, &body)?;
        Ok(Some(WholeMessage { head, body }))
    }

    /// Rows of the batches with this one, where it is within the limits.
    fn checked(&self, message: &Message<'_>, body: &[u8]) -> Result<u64, Error> {
        let (batch, before) = match message.header_type() {
            MessageHeader::RecordBatch => (message.header_as_record_batch(), self.rows),
            MessageHeader::DictionaryBatch => {
                (message.header_as_dictionary_batch().and_then(|it| it.data()), 0)
            }
            _ => return Ok(self.rows),
        };
        let Some(batch) = batch else { return Err(malformed()) };
        let rows = u64::try_from(batch.length()).map_err(|_| malformed())?;
        let rows = before.checked_add(rows).ok_or_else(malformed)?;
        self.limits.admit(rows, 1)?;
        let (found, limit) = (unpacked(&batch, body)?, self.limits.page_bytes);
        if found > limit {
            return Err(Error::PageTooLarge { part: "batch", found, limit });
        }
        Ok(if message.header_type() == MessageHeader::RecordBatch { rows } else { self.rows })
    }

    /// Reads so many bytes.
    fn whole(&mut self, into: &mut Vec<u8>, length: u64) -> Result<(), Error> {
        if self.read(into, length)? < length { Err(truncated()) } else { Ok(()) }
    }

    /// Reads as many bytes as there are, at most `length`.
    fn read(&mut self, into: &mut Vec<u8>, length: u64) -> Result<u64, Error> {
        let before = into.len();
        let known = self.begin.len().min(usize::try_from(length).unwrap_or(usize::MAX));
        into.extend(self.begin.drain(..known));
        let rest = length - known as u64;
        self.bytes.by_ref().take(rest).read_to_end(into).map_err(Error::Read)?;
        Ok((into.len() - before) as u64)
    }
}

fn truncated() -> Error {
    Error::Truncated { codec: "Arrow IPC" }
}

/// Bytes of the buffers of a batch once they are unpacked; 0 where it is not compressed.
fn unpacked(batch: &RecordBatch<'_>, body: &[u8]) -> Result<u64, Error> {
    let (Some(_), Some(buffers)) = (batch.compression(), batch.buffers()) else { return Ok(0) };
    let mut sum = 0_u64;
    for buffer in buffers {
        if buffer.length() == 0 {
            continue;
        }
        let at = usize::try_from(buffer.offset()).map_err(|_| malformed())?;
        let begin = body.get(at..).and_then(|rest| rest.first_chunk::<LENGTH>());
        let said = begin.copied().map(i64::from_le_bytes).ok_or_else(malformed)?;
        let said = if said == NOT_COMPRESSED { buffer.length() } else { said };
        sum = sum.saturating_add(u64::try_from(said).map_err(|_| malformed())?);
    }
    Ok(sum)
}
