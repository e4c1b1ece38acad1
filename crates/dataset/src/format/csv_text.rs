//! CSV: delimiter, header, rows, and the line of what is wrong.
//!
//! Quoted fields, doubled quotes, line ends of either kind and a byte order mark are understood. Blank lines are
//! skipped. The delimiter is a comma unless the header holds none and holds a semicolon, a tab or a bar.

use std::io::{Cursor, Read};

use csv::{ByteRecord, ReaderBuilder, StringRecord};
use tabular::Field;
use tabular::parse::{MissingMarkers, TypeInference};

use crate::examine::{examiners, finish, positions};
use crate::format::{Reader, Rows};
use crate::shape::{HashingReader, check_names};
use crate::{Error, Examination, Format, ScanOptions, Shape, Source, SourceReader};

const BOM: &[u8] = b"\xef\xbb\xbf";
/// Bytes looked at to find the delimiter.
const HEAD: u64 = 64 * 1024;
const BUFFER: usize = 1024 * 1024;

type Bytes<R> = std::io::Chain<Cursor<Vec<u8>>, R>;

/// Reads records whose form is already checked, or checks them on the way.
struct Records<R> {
    reader: csv::Reader<Bytes<R>>,
    header: StringRecord,
    /// Bytes before the first that the reader counts.
    offset: u64,
    delimiter: u8,
    record: ByteRecord,
}

impl<R: Read> Records<R> {
    /// Reads the header.
    pub(crate) fn open(mut bytes: R, source: &Source) -> Result<Self, Error> {
        let mut head = Vec::new();
        (&mut bytes).take(HEAD).read_to_end(&mut head).map_err(Error::Read)?;
        let offset = if head.starts_with(BOM) {
            head.drain(..BOM.len());
            BOM.len()
        } else {
            0
        };
        let delimiter = find_delimiter(&head);
        let reader = ReaderBuilder::new()
            .delimiter(delimiter)
            .has_headers(false)
            .flexible(true)
            .buffer_capacity(BUFFER)
            .from_reader(Cursor::new(head).chain(bytes));
        let offset = u64::try_from(offset).unwrap_or(0);
        let mut records = Self {
            reader,
            header: StringRecord::new(),
            offset,
            delimiter,
            record: ByteRecord::new(),
        };
        let mut header = StringRecord::new();
        if !records.next_utf8(&mut header, source)? {
            return Err(Error::EmptyFile);
        }
        records.header = header;
        Ok(records)
    }

    pub(crate) fn header(&self) -> &StringRecord {
        &self.header
    }

    pub(crate) fn delimiter(&self) -> u8 {
        self.delimiter
    }

    /// The next record as it is: any number of fields, any bytes.
    pub(crate) fn next_raw(&mut self) -> Result<Option<&ByteRecord>, Error> {
        let more = self.reader.read_byte_record(&mut self.record).map_err(read_error)?;
        Ok(more.then_some(&self.record))
    }

    /// The next record, which has to have as many fields as the header and to be UTF-8.
    pub(crate) fn next_checked(
        &mut self,
        into: &mut StringRecord,
        source: &Source,
    ) -> Result<bool, Error> {
        if !self.next_utf8(into, source)? {
            return Ok(false);
        }
        if into.len() != self.header.len() {
            let byte = self.offset + into.position().map_or(0, csv::Position::byte);
            return Err(Error::RaggedRow {
                line: line_at(source, byte)?,
                expected: self.header.len() as u64,
                found: into.len() as u64,
            });
        }
        Ok(true)
    }

    fn next_utf8(&mut self, into: &mut StringRecord, source: &Source) -> Result<bool, Error> {
        let mut record = std::mem::take(into).into_byte_record();
        let more = self.reader.read_byte_record(&mut record).map_err(read_error)?;
        match StringRecord::from_byte_record(record) {
            Ok(record) => *into = record,
            Err(error) => {
                let problem = error.utf8_error().clone();
                let record = error.into_byte_record();
                let byte = self.offset + record.position().map_or(0, csv::Position::byte);
                let line = line_at(source, byte)?;
                // Line ends inside quoted fields before the wrong byte move it down.
                let inside = record
                    .iter()
                    .take(problem.field())
                    .flatten()
                    .filter(|byte| **byte == b'\n')
                    .count()
                    + record.get(problem.field()).map_or(0, |field| {
                        field
                            .iter()
                            .take(problem.valid_up_to())
                            .filter(|byte| **byte == b'\n')
                            .count()
                    });
                return Err(Error::NotUtf8 {
                    line: line + inside as u64,
                    field: problem.field() + 1,
                    byte: problem.valid_up_to(),
                });
            }
        }
        Ok(more)
    }

    pub(crate) fn into_inner(self) -> R {
        self.reader.into_inner().into_inner().1
    }
}

fn read_error(error: csv::Error) -> Error {
    match error.into_kind() {
        csv::ErrorKind::Io(source) => Error::Read(source),
        // The reader is told to take any number of fields and any bytes.
        other => Error::Read(std::io::Error::other(format!("{other:?}"))),
    }
}

/// The line, from 1, of the record that starts at or after a byte; blank lines before it are passed.
///
/// Counted anew from the start of the file, as this is needed once, for a message.
fn line_at(source: &Source, byte: u64) -> Result<u64, Error> {
    let mut line = 1_u64;
    let mut position = 0_u64;
    let mut reader = std::io::BufReader::with_capacity(BUFFER, source.reader()?);
    let mut buffer = [0; 64 * 1024];
    loop {
        let read = reader.read(&mut buffer).map_err(Error::Read)?;
        if read == 0 {
            return Ok(line);
        }
        for value in buffer.iter().take(read) {
            if position >= byte && !matches!(value, b'\r' | b'\n') {
                return Ok(line);
            }
            line += u64::from(*value == b'\n');
            position += 1;
        }
    }
}

/// A comma, unless the header line has none outside quotes: then what it has most of.
fn find_delimiter(head: &[u8]) -> u8 {
    let mut counts = [(b',', 0_u32), (b';', 0), (b'\t', 0), (b'|', 0)];
    let mut quoted = false;
    let start = head.iter().position(|byte| !matches!(byte, b'\r' | b'\n')).unwrap_or(head.len());
    for byte in head.iter().skip(start) {
        match byte {
            b'"' => quoted = !quoted,
            b'\n' | b'\r' if !quoted => break,
            byte if !quoted => {
                if let Some((_, count)) = counts.iter_mut().find(|(delimiter, _)| delimiter == byte)
                {
                    *count += 1;
                }
            }
            _ => {}
        }
    }
    match counts {
        [(_, commas), ..] if commas > 0 => b',',
        // The first of equals, so that the choice does not depend on anything but the header.
        others => others
            .into_iter()
            .rev()
            .max_by_key(|(_, count)| *count)
            .filter(|(_, count)| *count > 0)
            .map_or(b',', |(d, _)| d),
    }
}

fn delimiter_name(delimiter: u8) -> &'static str {
    match delimiter {
        b';' => "semicolons",
        b'\t' => "tabs",
        b'|' => "bars",
        _ => "commas",
    }
}

/// The names of the columns, without looking at rows.
pub(crate) fn header(source: &Source, max_columns: usize) -> Result<Vec<String>, Error> {
    let mut records = Records::open(source.reader()?, source)?;
    let header = records.header().clone();
    let names = check_names(header.len(), header.iter(), max_columns, &mut Vec::new())?;
    match records.next_raw()? {
        Some(_) => Ok(names),
        None if names.iter().all(|name| name.starts_with("unnamed_")) => Err(Error::EmptyFile),
        None => Err(Error::HeaderOnly { columns: names.len() }),
    }
}

/// Reader of delimited text with a header.
pub(crate) struct Csv;

impl Reader for Csv {
    fn scan(source: &Source, options: &ScanOptions) -> Result<Shape, Error> {
        let mut records = Records::open(HashingReader::new(source.reader()?), source)?;
        let mut notes = Vec::new();
        let names = check_names(
            records.header().len(),
            records.header().iter(),
            options.max_columns,
            &mut notes,
        )?;
        if records.delimiter() != b',' {
            notes.push(format!(
                "the header has no comma; values are separated by {}",
                delimiter_name(records.delimiter())
            ));
        }
        let mut inferences: Vec<TypeInference> =
            names.iter().map(|_| TypeInference::new(options.markers.clone())).collect();
        let mut rows = 0_u64;
        let mut multiline = records.header().iter().any(|name| name.contains(['\n', '\r']));
        let mut record = StringRecord::new();
        while records.next_checked(&mut record, source)? {
            rows += 1;
            for (inference, value) in inferences.iter_mut().zip(&record) {
                inference.observe(value);
                multiline |= value.contains(['\n', '\r']);
            }
        }
        if rows == 0 {
            let blank = records.header().iter().all(|name| name.trim().is_empty());
            return Err(if blank {
                Error::EmptyFile
            } else {
                Error::HeaderOnly { columns: names.len() }
            });
        }
        let delimiter = Some(records.delimiter());
        let sha256 = records.into_inner().finish().map_err(Error::Read)?;
        let (fields, missing) = names
            .into_iter()
            .zip(inferences)
            .map(|(name, inference)| inferred_field(name, &inference))
            .unzip();
        Ok(Shape {
            format: Some(Format::Csv),
            fields,
            rows,
            missing,
            sha256,
            delimiter,
            multiline,
            notes,
        })
    }

    fn examine(
        source: &Source,
        names: &[&str],
        markers: &MissingMarkers,
    ) -> Result<Examination, Error> {
        let mut records = Records::open(source.reader()?, source)?;
        let header: Vec<String> =
            records.header().iter().map(|name| name.trim().to_owned()).collect();
        if header.iter().all(String::is_empty) {
            return Err(Error::EmptyFile);
        }
        let mut rows = 0;
        let mut examiners = examiners(names, markers);
        let positions = match positions(&header, names) {
            Ok(positions) => positions,
            // That there is nothing at all is said before what is missing of it.
            Err(error) if records.next_raw()?.is_some() => return Err(error),
            Err(_) => return Err(Error::HeaderOnly { columns: header.len() }),
        };
        while let Some(record) = records.next_raw()? {
            rows += 1;
            for (examiner, position) in examiners.iter_mut().zip(&positions) {
                examiner.observe(field(record, *position).as_deref());
            }
        }
        finish(rows, header, examiners)
    }

    fn rows(
        source: &Source,
        places: &[usize],
        _wanted: &[Field],
        _markers: &MissingMarkers,
        rows: &mut impl Rows,
    ) -> Result<(), Error> {
        let mut records: Records<SourceReader> = Records::open(source.reader()?, source)?;
        let mut record = StringRecord::new();
        while records.next_checked(&mut record, source)? {
            rows.texts(places.iter().map(|place| record.get(*place)))?;
        }
        Ok(())
    }
}

fn field(record: &ByteRecord, position: usize) -> Option<std::borrow::Cow<'_, str>> {
    record.get(position).map(String::from_utf8_lossy)
}

/// The field and the missing values that an inference came to.
fn inferred_field(name: String, inference: &TypeInference) -> (Field, u64) {
    let (column_type, nullable, counts) = inference.finish();
    (Field { name, column_type, nullable }, counts.missing)
}

#[cfg(test)]
mod tests;
