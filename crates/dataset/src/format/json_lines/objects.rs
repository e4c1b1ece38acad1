//! The objects of a JSON text, one after another: one per line, or the elements of one array.

use std::io::{BufRead, BufReader, Read};

use schema::Encoding;

use crate::content::Text;
use crate::dialect::encoding_note;
use crate::{Error, Source};

const BUFFER: usize = 1024 * 1024;

/// How objects are divided.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Form {
    /// One per line.
    Lines,
    /// Elements of an array.
    Array,
}

/// Reads the texts of objects.
pub(super) struct Objects<R: Read> {
    reader: BufReader<Text<R>>,
    form: Form,
    buffer: Vec<u8>,
    limit: usize,
    /// What the encoding was told by, where it is not UTF-8.
    note: Option<String>,
    /// Line ends that were passed.
    lines: u64,
    /// Whether an element was read, which a comma has to follow.
    within: bool,
}

impl<R: Read> Objects<R> {
    pub(super) fn open(bytes: R, source: &Source) -> Result<Self, Error> {
        let encoding = crate::content::sample(source)?.told.encoding;
        let text = Text::open(bytes, source, encoding)?;
        let reader = BufReader::with_capacity(BUFFER, text);
        let limit = source.limits().line_bytes;
        let is_told = encoding != Encoding::Utf8 && source.stated().csv.encoding.is_none();
        let note = is_told.then(|| encoding_note(encoding));
        let (form, buffer) = (Form::Lines, Vec::new());
        let mut objects = Self { reader, form, buffer, limit, note, lines: 0, within: false };
        if objects.begin()? == Some(b'[') {
            objects.form = Form::Array;
            objects.reader.consume(1);
        }
        Ok(objects)
    }

    /// The next object's text, with the line that it begins in, from 1.
    pub(super) fn next_text(&mut self) -> Result<Option<(u64, &str)>, Error> {
        let line = match self.form {
            Form::Lines => self.next_line()?,
            Form::Array => self.next_element()?,
        };
        let Some(line) = line else { return Ok(None) };
        match std::str::from_utf8(&self.buffer) {
            Ok(text) => Ok(Some((line, text.trim()))),
            Err(error) => {
                let before = self.buffer.iter().take(error.valid_up_to());
                let line = line + before.filter(|byte| **byte == b'\n').count() as u64;
                Err(Error::NotUtf8 { line, field: 1, byte: error.valid_up_to() })
            }
        }
    }

    /// What the encoding was told by, where it is not UTF-8.
    pub(super) fn note(&self) -> Option<String> {
        self.note.clone()
    }

    pub(super) fn into_raw(self) -> R {
        self.reader.into_inner().into_raw()
    }

    fn next_line(&mut self) -> Result<Option<u64>, Error> {
        loop {
            self.buffer.clear();
            let most = self.limit as u64 + 1;
            let read = (&mut self.reader)
                .take(most)
                .read_until(b'\n', &mut self.buffer)
                .map_err(Error::of_read)?;
            if read == 0 {
                return Ok(None);
            }
            self.lines += 1;
            if self.buffer.len() > self.limit {
                return Err(Error::LineTooLong { line: self.lines, limit: self.limit });
            }
            if !self.buffer.iter().all(u8::is_ascii_whitespace) {
                return Ok(Some(self.lines));
            }
        }
    }

    /// Passes blanks and line ends; gives the byte behind them, which stays.
    fn begin(&mut self) -> Result<Option<u8>, Error> {
        loop {
            let waiting = self.reader.fill_buf().map_err(Error::of_read)?;
            let Some(first) = waiting.first().copied() else { return Ok(None) };
            if !first.is_ascii_whitespace() {
                return Ok(Some(first));
            }
            self.lines += u64::from(first == b'\n');
            self.reader.consume(1);
        }
    }

    fn wrong(&self, reason: &str) -> Error {
        Error::BadJson { line: self.lines + 1, reason: reason.to_owned() }
    }

    fn next_element(&mut self) -> Result<Option<u64>, Error> {
        let mut next = self.begin()?;
        if self.within && next == Some(b',') {
            self.reader.consume(1);
            next = self.begin()?;
        } else if self.within && next != Some(b']') {
            return Err(self.wrong("a comma or the array's end has to follow an object"));
        }
        match next {
            Some(b'{') => {}
            Some(b']') => {
                self.reader.consume(1);
                return match self.begin()? {
                    None => Ok(None),
                    Some(_) => Err(self.wrong("something stands behind the end of the array")),
                };
            }
            Some(_) => return Err(self.wrong("an element of the array is something else")),
            None => return Err(self.wrong("the array ends too early")),
        }
        self.within = true;
        self.take_object()
    }

    /// Takes in an object, to the brace that closes it.
    fn take_object(&mut self) -> Result<Option<u64>, Error> {
        let line = self.lines + 1;
        self.buffer.clear();
        let mut scan = Scan::default();
        loop {
            let waiting = self.reader.fill_buf().map_err(Error::of_read)?;
            if waiting.is_empty() {
                return Err(Error::BadJson { line, reason: "it ends too early".to_owned() });
            }
            let end = scan.end(waiting);
            let taken = waiting.get(..end.unwrap_or(waiting.len())).unwrap_or_default();
            self.buffer.extend_from_slice(taken);
            let length = taken.len();
            self.reader.consume(length);
            if self.buffer.len() > self.limit {
                return Err(Error::LineTooLong { line, limit: self.limit });
            }
            if end.is_some() {
                self.lines += scan.lines;
                return Ok(Some(line));
            }
        }
    }
}

/// Where an object ends, found piece by piece.
#[derive(Default)]
struct Scan {
    depth: u64,
    quoted: bool,
    escaped: bool,
    lines: u64,
}

impl Scan {
    /// The bytes to the end of the object, if it ends in this piece.
    fn end(&mut self, piece: &[u8]) -> Option<usize> {
        for (at, byte) in piece.iter().enumerate() {
            self.lines += u64::from(*byte == b'\n');
            match byte {
                _ if self.escaped => self.escaped = false,
                b'\\' if self.quoted => self.escaped = true,
                b'"' => self.quoted = !self.quoted,
                _ if self.quoted => {}
                b'{' | b'[' => self.depth += 1,
                b'}' | b']' => {
                    self.depth = self.depth.saturating_sub(1);
                    if self.depth == 0 {
                        return Some(at + 1);
                    }
                }
                _ => {}
            }
        }
        None
    }
}
