//! Plain CSV read by several threads: parts that end where a record ends, each read by itself.
//!
//! ```text
//! bytes ─▶ parts of about 2 MiB, cut after a record ─▶ threads: records of a part ─▶ types (scan), texts (rows)
//! ```
//!
//! Where a part ends is told exactly: the quotes of a part are followed as the reader of records follows them. What the reader
//! in order would refuse or word otherwise is left to it: a part that is not plain ends this way of reading, and the whole file is
//! read in order. So both give the same.

use std::io::{Cursor, Read};
use std::sync::Arc;

use arrow::array::{ArrayRef, RecordBatch, RecordBatchOptions, StringBuilder};
use arrow::datatypes::SchemaRef;
use csv::{ByteRecord, ReaderBuilder, StringRecord};
use memchr::{memchr, memchr_iter, memrchr};
use tabular::parse::{MissingMarkers, TypeInference};

use crate::guard::guarded;
use crate::in_order::{Ended, in_order, threads};
use crate::shape::HashingReader;
use crate::{Error, Part, Source};

/// Bytes of a part, at least; the rest of its last record comes with it.
const PART: usize = 2 * 1024 * 1024;
/// Files up to this many bytes are read in order: threads would cost more than they save.
const SMALL: u64 = 2 * PART as u64;
/// Bytes that a record may have at most to be read here; the reader in order knows what to say of longer ones.
const MAX_RECORD: usize = 16 * 1024 * 1024;
/// Bytes that a text is thought to have, when room is made for them.
const TEXT: usize = 8;

/// What separates values, and which bytes stand before the first record.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Plain {
    /// Bytes from the beginning of the file to the first that the header may have.
    pub skipped: u64,
    /// Between two values.
    pub delimiter: u8,
}

/// What the records of a file are.
pub(super) struct Found {
    /// What was seen of each column.
    pub(super) inferences: Vec<TypeInference>,
    /// Records, the header not counted.
    pub(super) rows: u64,
    /// SHA-256 of the bytes, hexadecimal.
    pub(super) sha256: String,
}

/// Why reading by several threads ended.
enum Stop {
    /// Something that the reader in order has to look at.
    NotPlain,
    /// What the file or the caller met.
    Failed(Error),
}

impl From<Error> for Stop {
    fn from(error: Error) -> Self {
        Self::Failed(error)
    }
}

impl From<Ended> for Stop {
    fn from(_: Ended) -> Self {
        Self::NotPlain
    }
}

/// Whether a file is read by several threads, if it is plain.
pub(super) fn pays(source: &Source, columns: usize) -> bool {
    // A blank line is no record, and where there is one column it could be one.
    source.size() > SMALL && columns > 1
}

/// Looks at all values of a file of `columns` columns; none where it is small or not plain, and has to be read in order.
pub(super) fn scan(
    source: &Source,
    plain: Plain,
    columns: usize,
    markers: &MissingMarkers,
) -> Result<Option<Found>, Error> {
    if !pays(source, columns) {
        return Ok(None);
    }
    let fresh = || vec![source.stated().inference(markers); columns];
    let mut found = Found { inferences: fresh(), rows: 0, sha256: String::new() };
    let mut sha256 = String::new();
    let reader = HashingReader::new(source.reader()?);
    let read = in_order(
        threads(),
        |part| {
            let mut parts = Parts::open(reader, plain)?;
            while let Some(bytes) = parts.next_part()? {
                part(bytes)?;
            }
            sha256 = parts.reader.finish().map_err(|error| Stop::Failed(Error::Read(error)))?;
            Ok(())
        },
        |bytes| {
            let mut of_part = fresh();
            let mut rows = 0_u64;
            records(&bytes, plain.delimiter, columns, |value| {
                rows += 1;
                for (place, inference) in of_part.iter_mut().enumerate() {
                    inference.observe(value(place));
                }
            })?;
            Ok((of_part, rows))
        },
        |(of_part, rows)| {
            for (inference, seen) in found.inferences.iter_mut().zip(&of_part) {
                inference.merge(seen);
            }
            found.rows += rows;
            source.limits().admit(found.rows, columns).map_err(Stop::Failed)?;
            Ok(())
        },
    );
    match read {
        Ok(()) => Ok(Some(Found { sha256, ..found })),
        Err(Stop::NotPlain) => Ok(None),
        Err(Stop::Failed(error)) => Err(error),
    }
}

/// Hands over the parts of a file that [`scan`] could look at, each as what makes a batch of all its columns as texts.
pub(crate) fn parts(
    source: &Source,
    plain: Plain,
    schema: &SchemaRef,
    part: &mut dyn FnMut(Part) -> Result<(), Error>,
) -> Result<(), Error> {
    let changed = || Error::ChangedWhileRead { uri: source.uri().to_owned() };
    let of_stop = |stop| match stop {
        Stop::NotPlain => changed(),
        Stop::Failed(error) => error,
    };
    let mut parts = Parts::open(source.reader()?, plain).map_err(of_stop)?;
    while let Some(bytes) = parts.next_part().map_err(of_stop)? {
        let (schema, uri) = (Arc::clone(schema), source.uri().to_owned());
        part(Box::new(move || {
            let places: Vec<usize> = (0..schema.fields().len()).collect();
            texts(&bytes, plain, (places.len(), &places), &schema).map_err(|stop| match stop {
                Stop::NotPlain => Error::ChangedWhileRead { uri },
                Stop::Failed(error) => error,
            })
        }))?;
    }
    Ok(())
}

/// A file whose rows are read part by part as they stand.
pub(crate) struct Written<'s> {
    pub(crate) source: &'s Source,
    pub(crate) plain: Plain,
    /// Columns of the file.
    pub(crate) width: usize,
    /// The places of those that are read, which rise.
    pub(crate) places: &'s [usize],
    /// Those, as texts.
    pub(crate) schema: &'s SchemaRef,
}

impl Written<'_> {
    /// The first part; none where it is not plain.
    pub(crate) fn first(&self) -> Result<Option<RecordBatch>, Error> {
        let read = || -> Result<Option<RecordBatch>, Stop> {
            let part = Parts::open(self.source.reader()?, self.plain)?.next_part()?;
            part.map(|bytes| self.batch(&bytes)).transpose()
        };
        match read() {
            Ok(batch) => Ok(batch),
            Err(Stop::NotPlain) => Ok(None),
            Err(Stop::Failed(error)) => Err(error),
        }
    }

    /// Works on each part by several threads, and takes the results in order; false where a part is not plain, after which the file
    /// has to be read in order from its beginning.
    pub(crate) fn each<T: Send>(
        &self,
        work: impl Fn(RecordBatch) -> T + Sync,
        mut take: impl FnMut(T) -> Result<(), Error>,
    ) -> Result<bool, Error> {
        let read = in_order(
            threads(),
            |part| {
                let mut parts = Parts::open(self.source.reader()?, self.plain)?;
                while let Some(bytes) = parts.next_part()? {
                    part(bytes)?;
                }
                Ok(())
            },
            |bytes| {
                let batch = self.batch(&bytes)?;
                drop(bytes);
                Ok(work(batch))
            },
            |worked| take(worked).map_err(Stop::Failed),
        );
        match read {
            Ok(()) => Ok(true),
            Err(Stop::NotPlain) => Ok(false),
            Err(Stop::Failed(error)) => Err(error),
        }
    }

    fn batch(&self, bytes: &[u8]) -> Result<RecordBatch, Stop> {
        guarded("CSV", || texts(bytes, self.plain, (self.width, self.places), self.schema))
    }
}

/// The records of a part, of so many columns each, as a batch of texts: the columns at these places, which rise.
fn texts(
    bytes: &[u8],
    plain: Plain,
    (width, places): (usize, &[usize]),
    schema: &SchemaRef,
) -> Result<RecordBatch, Stop> {
    let lines = memchr_iter(b'\n', bytes).count() + 1;
    let mut columns: Vec<StringBuilder> =
        places.iter().map(|_| StringBuilder::with_capacity(lines, lines * TEXT)).collect();
    let mut rows = 0;
    records(bytes, plain.delimiter, width, |value| {
        for (column, place) in columns.iter_mut().zip(places) {
            column.append_value(value(*place));
        }
        rows += 1;
    })?;
    let rows = RecordBatchOptions::new().with_row_count(Some(rows));
    let arrays = columns.iter_mut().map(|column| Arc::new(column.finish()) as ArrayRef).collect();
    RecordBatch::try_new_with_options(Arc::clone(schema), arrays, &rows)
        .map_err(|error| Stop::Failed(error.into()))
}

/// Cuts a file into parts that end where a record ends. The header is passed over.
struct Parts<R> {
    reader: R,
    /// Bytes that were read and belong to the next part.
    rest: Vec<u8>,
    delimiter: u8,
    ended: bool,
}

impl<R: Read> Parts<R> {
    fn open(mut reader: R, plain: Plain) -> Result<Self, Stop> {
        let mut skipped = vec![0; usize::try_from(plain.skipped).unwrap_or(0)];
        reader.read_exact(&mut skipped).map_err(read_error)?;
        let mut parts = Self { reader, rest: Vec::new(), delimiter: plain.delimiter, ended: false };
        parts.fill(PART)?;
        // Blank lines before the header are passed over, as by the reader of records.
        let blank = parts.rest.iter().take_while(|byte| matches!(byte, b'\n' | b'\r')).count();
        parts.rest.drain(..blank);
        let mut place = Place::RecordStart;
        let header = parts.rest.iter().position(|byte| {
            place = place.after(*byte, parts.delimiter);
            place == Place::RecordStart
        });
        let Some(end) = header else { return Err(Stop::NotPlain) };
        parts.rest.drain(..=end);
        Ok(parts)
    }

    /// Reads until there are so many bytes or no more.
    fn fill(&mut self, bytes: usize) -> Result<(), Stop> {
        let wanted = bytes.saturating_sub(self.rest.len());
        self.rest.reserve(wanted);
        let wanted = u64::try_from(wanted).unwrap_or(u64::MAX);
        let before = self.rest.len();
        (&mut self.reader).take(wanted).read_to_end(&mut self.rest).map_err(read_error)?;
        self.ended = self.rest.len() - before < usize::try_from(wanted).unwrap_or(usize::MAX);
        Ok(())
    }

    fn next_part(&mut self) -> Result<Option<Vec<u8>>, Stop> {
        let mut bytes = PART;
        loop {
            self.fill(bytes)?;
            if self.ended {
                return Ok(Some(std::mem::take(&mut self.rest)).filter(|part| !part.is_empty()));
            }
            if let Some(end) = last_record_end(&self.rest, self.delimiter) {
                let rest = self.rest.split_off(end);
                return Ok(Some(std::mem::replace(&mut self.rest, rest)));
            }
            if self.rest.len() > MAX_RECORD {
                return Err(Stop::NotPlain);
            }
            bytes = 2 * self.rest.len();
        }
    }
}

fn read_error(error: std::io::Error) -> Stop {
    Stop::Failed(Error::Read(error))
}

/// Where a byte stands in a record, as the reader of records sees it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Place {
    RecordStart,
    FieldStart,
    Unquoted,
    Quoted,
    /// After a quote in a quoted field: its end, or the first of two.
    Quote,
}

impl Place {
    fn after(self, byte: u8, delimiter: u8) -> Self {
        match (self, byte) {
            (Self::Quoted, b'"') => Self::Quote,
            (Self::Quoted, _) => Self::Quoted,
            (Self::Quote | Self::RecordStart | Self::FieldStart, b'"') => Self::Quoted,
            (_, b'\n') => Self::RecordStart,
            (_, byte) if byte == delimiter => Self::FieldStart,
            // A carriage return alone is not plain.
            _ => Self::Unquoted,
        }
    }
}

/// The end of the last record that ends in these bytes, which begin with a record.
fn last_record_end(bytes: &[u8], delimiter: u8) -> Option<usize> {
    if memchr(b'"', bytes).is_none() {
        return memrchr(b'\n', bytes).map(|end| end + 1);
    }
    let (mut place, mut last) = (Place::RecordStart, None);
    for (position, byte) in bytes.iter().enumerate() {
        place = place.after(*byte, delimiter);
        if place == Place::RecordStart {
            last = Some(position + 1);
        }
    }
    last
}

/// Calls back with what gives the value of each record at a place; ends where one is not UTF-8 or has another number of values.
fn records(
    bytes: &[u8],
    delimiter: u8,
    columns: usize,
    mut record: impl for<'r> FnMut(&dyn Fn(usize) -> &'r str),
) -> Result<(), Stop> {
    // It ends a record for the reader in order, and not for what cuts the parts.
    let lone_return = |at: usize| bytes.get(at + 1).is_some_and(|next| *next != b'\n');
    if memchr_iter(b'\r', bytes).any(lone_return) {
        return Err(Stop::NotPlain);
    }
    if memchr(b'"', bytes).is_some() {
        return quoted_records(bytes, delimiter, columns, record);
    }
    let text = std::str::from_utf8(bytes).map_err(|_| Stop::NotPlain)?;
    // Where each value begins; the next one begins a delimiter after its end.
    let mut begins: Vec<usize> = Vec::with_capacity(columns + 1);
    let mut begin = 0;
    while begin < bytes.len() {
        let line = bytes.get(begin..).unwrap_or_default();
        let length = memchr(b'\n', line).unwrap_or(line.len());
        let line = line.get(..length).unwrap_or_default();
        let (first, next) = (begin, begin + length + 1);
        begin = next;
        let line = line.strip_suffix(b"\r").unwrap_or(line);
        if line.is_empty() {
            continue;
        }
        begins.clear();
        begins.push(first);
        begins.extend(memchr_iter(delimiter, line).map(|end| first + end + 1));
        if begins.len() != columns {
            return Err(Stop::NotPlain);
        }
        begins.push(first + line.len() + 1);
        record(&|place| match begins.get(place..place + 2) {
            Some([from, next]) => text.get(*from..next - 1).unwrap_or_default(),
            _ => "",
        });
    }
    Ok(())
}

/// As [`records`], of bytes with quotes.
fn quoted_records(
    bytes: &[u8],
    delimiter: u8,
    columns: usize,
    mut record: impl for<'r> FnMut(&dyn Fn(usize) -> &'r str),
) -> Result<(), Stop> {
    let mut reader = ReaderBuilder::new()
        .delimiter(delimiter)
        .has_headers(false)
        .flexible(true)
        .from_reader(Cursor::new(bytes));
    let mut raw = ByteRecord::new();
    while reader.read_byte_record(&mut raw).map_err(|_| Stop::NotPlain)? {
        let checked =
            StringRecord::from_byte_record(std::mem::take(&mut raw)).map_err(|_| Stop::NotPlain)?;
        if checked.len() != columns {
            return Err(Stop::NotPlain);
        }
        record(&|place| checked.get(place).unwrap_or_default());
        raw = checked.into_byte_record();
    }
    Ok(())
}

#[cfg(test)]
mod tests;
