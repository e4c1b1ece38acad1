//! Arrow IPC: files, which are Feather 2 as well, and streams. Buffers may be compressed with LZ4 or Zstandard.
//!
//! Both are read from the beginning to the end: a file is a stream with a magic word before it and a table of contents
//! behind it, which is not needed. What a message says of its own length is believed only as far as bytes come.

mod messages;

use std::io::Read;

use arrow::array::{AsArray, RecordBatch};
use arrow::buffer::Buffer;
use arrow::datatypes::{DataType, SchemaRef};
use arrow::error::ArrowError;
use arrow_ipc::reader::StreamDecoder;
use parquet::file::reader::ChunkReader as _;
use tabular::Field;
use tabular::parse::{MissingMarkers, TypeInference};

use self::messages::{CONTINUATION, Messages, WholeMessage};
use crate::convert::{canonical_batch, field_of, is_text, is_uuid, note_of, texts_of};
use crate::examine::{examiners, finish, observe_batch, positions};
use crate::format::{Reader, Rows};
use crate::shape::{HashingReader, check_names};
use crate::{Error, Examination, Format, ScanOptions, Shape, Source};

/// What a file begins and ends with; a stream does not.
const MAGIC: &[u8] = b"ARROW1";
/// Bytes before the stream of a file, at least.
const MAGIC_LENGTH: usize = 8;
/// Bytes that the beginning of a file is padded in.
const PADDING: usize = 8;
/// Most of such between the beginning and the stream.
const MAX_PADDING: usize = 64;
/// Rows of a batch that is handed over.
const BATCH: usize = 8192;

/// Reads a stream of batches.
struct Batches<R> {
    messages: Messages<R>,
    decoder: StreamDecoder,
    schema: SchemaRef,
    /// A batch that was read before its schema was asked for.
    first: Option<RecordBatch>,
}

impl<R: Read> Batches<R> {
    /// Reads the schema.
    fn open(mut bytes: R, source: &Source) -> Result<Self, Error> {
        let mut begin = Vec::new();
        (&mut bytes).take(MAGIC_LENGTH as u64).read_to_end(&mut begin).map_err(Error::Read)?;
        if begin.starts_with(MAGIC) {
            check_end(source)?;
            // Writers pad to what they align by: 8 bytes, or 64.
            for _ in 0..MAX_PADDING {
                begin.clear();
                (&mut bytes).take(PADDING as u64).read_to_end(&mut begin).map_err(Error::Read)?;
                if begin.len() < PADDING || begin.iter().any(|byte| *byte != 0) {
                    break;
                }
            }
        }
        let mut messages = Messages::new(begin, bytes, source.limits());
        let mut decoder = StreamDecoder::new();
        let mut first = None;
        while first.is_none() && decoder.schema().is_none() {
            let Some(message) = messages.next()? else { break };
            first = decode(&mut decoder, message)?;
        }
        let schema = decoder.schema().ok_or(Error::Truncated { codec: "Arrow IPC" })?;
        Ok(Self { messages, decoder, schema, first })
    }

    fn next(&mut self) -> Result<Option<RecordBatch>, Error> {
        if let Some(first) = self.first.take() {
            return Ok(Some(first));
        }
        while let Some(message) = self.messages.next()? {
            if let Some(batch) = decode(&mut self.decoder, message)? {
                return Ok(Some(batch));
            }
        }
        Ok(None)
    }
}

/// Decodes a whole message: gives a batch, or nothing where it is another one.
fn decode(
    decoder: &mut StreamDecoder,
    message: WholeMessage,
) -> Result<Option<RecordBatch>, Error> {
    let mut head = Buffer::from(message.head);
    let early = decoder.decode(&mut head).map_err(Error::Ipc)?;
    // A message without a body is taken in when something follows: what may stand before the next one.
    let rest = if message.body.is_empty() { CONTINUATION.to_vec() } else { message.body };
    let mut rest = Buffer::from(rest);
    let batch = decoder.decode(&mut rest).map_err(Error::Ipc)?;
    if early.is_none() && (batch.is_some() || rest.is_empty()) {
        return Ok(batch);
    }
    Err(Error::Ipc(ArrowError::IpcError("a message is longer than it says".to_owned())))
}

/// A file that is cut off between two batches lacks its last word.
fn check_end(source: &Source) -> Result<(), Error> {
    let start = source.size().saturating_sub(MAGIC.len() as u64);
    match source.get_bytes(start, MAGIC.len()) {
        Ok(end) if end.as_ref() == MAGIC => Ok(()),
        Ok(_) => Err(Error::Truncated { codec: "Arrow IPC" }),
        Err(error) => Err(Error::Parquet(error)),
    }
}

/// Columns of a file, and what their values say of the types that the file leaves open.
struct Columns {
    /// Those that are read, each with its place in the file and what its values say where the file leaves that open.
    usable: Vec<(usize, Field, Option<TypeInference>)>,
    /// Why others are not.
    unusable: Vec<Error>,
}

impl Columns {
    /// The columns of these places.
    fn new(
        schema: &SchemaRef,
        names: &[String],
        places: impl Iterator<Item = usize>,
        fresh: &TypeInference,
    ) -> Self {
        let (mut usable, mut unusable) = (Vec::new(), Vec::new());
        for place in places {
            let (Some(name), Some(stored)) = (names.get(place), schema.fields().get(place)) else {
                continue;
            };
            match field_of(name, stored, is_uuid(stored)) {
                Ok(field) => {
                    let open = is_open(stored.data_type());
                    usable.push((place, field, open.then(|| fresh.clone())));
                }
                Err(error) => unusable.push(error),
            }
        }
        Self { usable, unusable }
    }

    fn observe(&mut self, batch: &RecordBatch) -> Result<(), Error> {
        for (place, _, inference) in &mut self.usable {
            let (Some(inference), Some(array)) = (inference, batch.columns().get(*place)) else {
                continue;
            };
            for text in texts_of(array)?.as_string::<i32>() {
                match text {
                    Some(text) => inference.observe(text),
                    None => inference.observe_missing(),
                }
            }
        }
        Ok(())
    }

    /// The places and fields, with what a person should know of them.
    fn finish(self, notes: &mut Vec<String>) -> (Vec<usize>, Vec<Field>) {
        notes.extend(self.unusable.iter().map(|error| format!("{error}; it is left out")));
        self.usable
            .into_iter()
            .map(|(place, field, inference)| match inference {
                Some(found) if found.finish().2.present() > 0 => {
                    notes.extend(found.remarks(&field.name));
                    (place, Field { nullable: field.nullable, ..found.field(&field.name) })
                }
                _ => {
                    notes.extend(note_of(&field));
                    (place, field)
                }
            })
            .unzip()
    }
}

/// Whether values have to be looked at for the type of a column: texts, and whole numbers that a double may not hold.
fn is_open(data_type: &DataType) -> bool {
    match data_type {
        DataType::Dictionary(_, values) => is_open(values),
        DataType::RunEndEncoded(_, values) => is_open(values.data_type()),
        DataType::Int64 | DataType::UInt64 => true,
        DataType::Decimal32(_, scale)
        | DataType::Decimal64(_, scale)
        | DataType::Decimal128(_, scale)
        | DataType::Decimal256(_, scale) => *scale <= 0,
        other => is_text(other),
    }
}

/// Reader of Arrow IPC.
pub(crate) struct ArrowIpc;

impl Reader for ArrowIpc {
    const PHYSICAL: bool = true;

    fn scan(source: &Source, options: &ScanOptions) -> Result<Shape, Error> {
        let mut hashing = HashingReader::new(source.reader()?);
        let mut batches = Batches::open(&mut hashing, source)?;
        let schema = batches.schema.clone();
        let mut notes = Vec::new();
        let names = check_names(
            schema.fields().len(),
            schema.fields().iter().map(|field| field.name().as_str()),
            options.max_columns,
            &mut notes,
        )?;
        if names.is_empty() {
            return Err(Error::EmptyFile);
        }
        let fresh = source.stated().inference(&options.markers);
        let mut columns = Columns::new(&schema, &names, 0..names.len(), &fresh);
        let mut rows = 0;
        while let Some(batch) = batches.next()? {
            rows += batch.num_rows() as u64;
            source.limits().admit(rows, names.len())?;
            columns.observe(&batch)?;
        }
        if rows == 0 {
            return Err(Error::HeaderOnly { columns: names.len() });
        }
        if columns.usable.is_empty() {
            return Err(columns.unusable.into_iter().next().unwrap_or(Error::EmptyFile));
        }
        let (_, fields) = columns.finish(&mut notes);
        let sha256 = hashing.finish().map_err(Error::Read)?;
        Ok(Shape {
            format: Some(Format::ArrowIpc),
            fields,
            rows,
            missing: Vec::new(),
            sha256,
            notes,
            ..Shape::default()
        })
    }

    fn examine(
        source: &Source,
        names: &[&str],
        markers: &MissingMarkers,
    ) -> Result<Examination, Error> {
        let mut batches = Batches::open(source.reader()?, source)?;
        let schema = batches.schema.clone();
        let header: Vec<String> =
            schema.fields().iter().map(|field| field.name().trim().to_owned()).collect();
        let places = positions(&header, names)?;
        let fresh = source.stated().inference(markers);
        let mut columns = Columns::new(&schema, &header, places.iter().copied(), &fresh);
        if !columns.unusable.is_empty() {
            return Err(columns.unusable.swap_remove(0));
        }
        while let Some(batch) = batches.next()? {
            columns.observe(&batch)?;
        }
        let (places, chosen) = columns.finish(&mut Vec::new());
        let mut batches = Batches::open(source.reader()?, source)?;
        let mut examiners = examiners(names, source, markers);
        let mut rows = 0;
        while let Some(batch) = batches.next()? {
            rows += batch.num_rows() as u64;
            let batch = canonical_batch(&batch.project(&places)?, &chosen, markers)?;
            observe_batch(&mut examiners, &chosen, &batch);
        }
        finish(rows, header, examiners)
    }

    fn rows(
        source: &Source,
        _shape: &Shape,
        _places: &[usize],
        wanted: &[Field],
        markers: &MissingMarkers,
        rows: &mut impl Rows,
    ) -> Result<(), Error> {
        let mut batches = Batches::open(source.reader()?, source)?;
        // By name: columns that are not read have places of their own in the file.
        let names = batches.schema.fields().iter().map(|field| field.name().trim().to_owned());
        let names: Vec<String> = names.collect();
        let wanted_names: Vec<&str> = wanted.iter().map(|field| field.name.as_str()).collect();
        let places = positions(&names, &wanted_names)?;
        while let Some(batch) = batches.next()? {
            let batch = batch.project(&places)?;
            for start in (0..batch.num_rows()).step_by(BATCH) {
                let part = batch.slice(start, BATCH.min(batch.num_rows() - start));
                rows.batch(&canonical_batch(&part, wanted, markers)?)?;
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests;
