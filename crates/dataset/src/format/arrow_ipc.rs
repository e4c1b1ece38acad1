//! Arrow IPC: files, which are Feather 2 as well, and streams. Buffers may be compressed with LZ4 or Zstandard.
//!
//! Both are read from the beginning to the end: a file is a stream with a magic word before it and a table of contents
//! behind it, which is not needed. What a message says of its own length is believed only as far as bytes come.

use std::io::Read;

use arrow::array::RecordBatch;
use arrow::buffer::Buffer;
use arrow::datatypes::SchemaRef;
use arrow::error::ArrowError;
use arrow_ipc::reader::StreamDecoder;
use parquet::file::reader::ChunkReader as _;
use tabular::parse::MissingMarkers;
use tabular::{ColumnType, Field};

use crate::convert::{canonical_batch, column_type};
use crate::examine::{examiners, finish, observe_batch, positions};
use crate::format::{Reader, Rows};
use crate::shape::{HashingReader, check_names};
use crate::{Error, Examination, Format, ScanOptions, Shape, Source};

/// What a file begins and ends with; a stream does not.
const MAGIC: &[u8] = b"ARROW1";
/// Bytes before the stream of a file.
const MAGIC_LENGTH: usize = 8;
const CHUNK: u64 = 1024 * 1024;
/// Rows of a batch that is handed over.
const BATCH: usize = 8192;

/// Reads a stream of batches.
struct Batches<R> {
    bytes: R,
    decoder: StreamDecoder,
    waiting: Buffer,
    schema: SchemaRef,
    /// A batch that was read before its schema was asked for.
    first: Option<RecordBatch>,
}

impl<R: Read> Batches<R> {
    /// Reads the schema.
    fn open(mut bytes: R, source: &Source) -> Result<Self, Error> {
        let mut head = Vec::new();
        (&mut bytes).take(MAGIC_LENGTH as u64).read_to_end(&mut head).map_err(Error::Read)?;
        let waiting = if head.starts_with(MAGIC) {
            check_end(source)?;
            Buffer::from(Vec::<u8>::new())
        } else {
            Buffer::from(head)
        };
        let mut decoder = StreamDecoder::new();
        let mut batches = Waiting { bytes: &mut bytes, decoder: &mut decoder, waiting };
        let first = loop {
            let batch = batches.step()?;
            if batch.is_some() || batches.decoder.schema().is_some() {
                break batch.flatten();
            }
        };
        let waiting = batches.waiting;
        let schema = decoder.schema().ok_or(Error::Truncated { codec: "Arrow IPC" })?;
        Ok(Self { bytes, decoder, waiting, schema, first })
    }

    fn next(&mut self) -> Result<Option<RecordBatch>, Error> {
        if let Some(first) = self.first.take() {
            return Ok(Some(first));
        }
        let waiting = std::mem::replace(&mut self.waiting, Buffer::from(Vec::<u8>::new()));
        let mut batches = Waiting { bytes: &mut self.bytes, decoder: &mut self.decoder, waiting };
        let next = loop {
            match batches.step()? {
                Some(Some(batch)) => break Some(batch),
                Some(None) => break None,
                None => {}
            }
        };
        self.waiting = batches.waiting;
        Ok(next)
    }
}

struct Waiting<'a, R> {
    bytes: &'a mut R,
    decoder: &'a mut StreamDecoder,
    waiting: Buffer,
}

impl<R: Read> Waiting<'_, R> {
    /// Takes in some bytes: gives a batch, or that there is none any more; nothing where more bytes are needed.
    fn step(&mut self) -> Result<Option<Option<RecordBatch>>, Error> {
        if self.waiting.is_empty() {
            let mut chunk = Vec::new();
            let read =
                self.bytes.by_ref().take(CHUNK).read_to_end(&mut chunk).map_err(Error::Read)?;
            if read == 0 {
                let truncated = |_| Error::Truncated { codec: "Arrow IPC" };
                return self.decoder.finish().map(|()| Some(None)).map_err(truncated);
            }
            self.waiting = Buffer::from(chunk);
        }
        match self.decoder.decode(&mut self.waiting) {
            Ok(Some(batch)) => Ok(Some(Some(batch))),
            Ok(None) => Ok(None),
            // What is behind the end of a file's stream is its table of contents.
            Err(ArrowError::IpcError(problem)) if problem == "Unexpected EOS" => Ok(Some(None)),
            Err(error) => Err(Error::Ipc(error)),
        }
    }
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

fn fields(schema: &SchemaRef, names: Vec<String>) -> Result<Vec<Field>, Error> {
    let typed = names.into_iter().zip(schema.fields());
    typed
        .map(|(name, field)| {
            let column_type = column_type(&name, field.data_type())?;
            Ok(Field { name, column_type, nullable: field.is_nullable() })
        })
        .collect()
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
        let fields = fields(&schema, names)?;
        if fields.is_empty() {
            return Err(Error::EmptyFile);
        }
        let mut rows = 0;
        while let Some(batch) = batches.next()? {
            rows += batch.num_rows() as u64;
        }
        if rows == 0 {
            return Err(Error::HeaderOnly { columns: fields.len() });
        }
        let sha256 = hashing.finish().map_err(Error::Read)?;
        Ok(Shape {
            format: Some(Format::ArrowIpc),
            fields,
            rows,
            missing: Vec::new(),
            sha256,
            delimiter: None,
            dialect: None,
            plain: None,
            notes,
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
        let mut chosen = Vec::with_capacity(places.len());
        for field in places.iter().filter_map(|place| schema.fields().get(*place)) {
            let name = field.name().trim();
            chosen.push(Field::new(name, column_type(name, field.data_type())?));
        }
        let types: Vec<ColumnType> = chosen.iter().map(|field| field.column_type).collect();
        let mut examiners = examiners(names, markers);
        let mut rows = 0;
        while let Some(batch) = batches.next()? {
            rows += batch.num_rows() as u64;
            let batch = canonical_batch(&batch.project(&places)?, &types, markers)?;
            observe_batch(&mut examiners, &chosen, &batch);
        }
        finish(rows, header, examiners)
    }

    fn rows(
        source: &Source,
        _shape: &Shape,
        places: &[usize],
        wanted: &[Field],
        markers: &MissingMarkers,
        rows: &mut impl Rows,
    ) -> Result<(), Error> {
        let types: Vec<ColumnType> = wanted.iter().map(|field| field.column_type).collect();
        let mut batches = Batches::open(source.reader()?, source)?;
        while let Some(batch) = batches.next()? {
            let batch = batch.project(places)?;
            for start in (0..batch.num_rows()).step_by(BATCH) {
                let part = batch.slice(start, BATCH.min(batch.num_rows() - start));
                rows.batch(&canonical_batch(&part, &types, markers)?)?;
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests;
