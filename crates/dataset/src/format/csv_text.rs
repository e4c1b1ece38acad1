//! CSV: rows by the dialect of the file, and the line of what is wrong.
//!
//! Quoted fields, doubled quotes, line ends of either kind and a byte order mark are understood. Blank lines are
//! skipped. What the dialect is, is told by [`crate::Dialect`].

use std::borrow::Cow;
use std::io::{BufRead, BufReader, Read};

use csv::{ByteRecord, StringRecord};
use schema::Encoding;
use tabular::Field;
use tabular::parse::{MissingMarkers, TypeInference};

use crate::content::{ContentError, Text, is_windows_1252};
use crate::dialect::{Dialect, ToldDialect, encoding_note};
use crate::examine::{examiners, finish, positions};
use crate::format::csv_parallel::{self, Plain};
use crate::format::{Reader, Rows};
use crate::shape::{HashingReader, check_names};
use crate::{Error, Examination, Format, ScanOptions, Shape, Source};

const BUFFER: usize = 1024 * 1024;

/// Refuses to go on where one record takes in too much, such as behind a quote that is never closed.
struct Guarded<R> {
    inner: R,
    /// Bytes since the last record that was complete.
    since: usize,
    limit: usize,
}

impl<R: Read> Read for Guarded<R> {
    fn read(&mut self, into: &mut [u8]) -> std::io::Result<usize> {
        if self.since > self.limit.saturating_add(BUFFER) {
            return Err(ContentError::LineTooLong(self.limit).into());
        }
        let read = self.inner.read(into)?;
        self.since += read;
        Ok(read)
    }
}

/// Reads records whose form is already checked, or checks them on the way.
struct Records<'a, R: Read> {
    source: &'a Source,
    dialect: &'a Dialect,
    reader: csv::Reader<BufReader<Guarded<Text<R>>>>,
    header: StringRecord,
    /// The first row, where no header is before it.
    first: Option<StringRecord>,
    record: ByteRecord,
}

impl<'a, R: Read> Records<'a, R> {
    /// Reads the header.
    fn open(bytes: R, source: &'a Source, dialect: &'a Dialect) -> Result<Self, Error> {
        let inner = Text::open(bytes, source, dialect.encoding)?;
        let guarded = Guarded { inner, since: 0, limit: source.limits().line_bytes };
        let mut buffered = BufReader::with_capacity(64 * 1024, guarded);
        pass_lines(&mut buffered, dialect.skip_lines)?;
        let reader = dialect.reader().buffer_capacity(BUFFER).from_reader(buffered);
        let (header, first, record) = (StringRecord::new(), None, ByteRecord::new());
        let mut records = Self { source, dialect, reader, header, first, record };
        let mut header = StringRecord::new();
        if !records.next_utf8(&mut header)? {
            return Err(Error::EmptyFile);
        }
        if dialect.header {
            records.header = header;
        } else {
            records.header = (1..=header.len()).map(|column| format!("column_{column}")).collect();
            records.first = Some(header);
        }
        Ok(records)
    }

    /// The next record as it is: any number of fields, any bytes.
    fn next_raw(&mut self) -> Result<Option<&ByteRecord>, Error> {
        if let Some(first) = self.first.take() {
            self.record = first.into_byte_record();
            return Ok(Some(&self.record));
        }
        let mut record = std::mem::take(&mut self.record);
        let more = self.read(&mut record)?;
        self.record = record;
        Ok(more.then_some(&self.record))
    }

    /// The next record, which has to have as many fields as the header and to be UTF-8.
    fn next_checked(&mut self, into: &mut StringRecord) -> Result<bool, Error> {
        if let Some(first) = self.first.take() {
            *into = first;
        } else if !self.next_utf8(into)? {
            return Ok(false);
        }
        if into.len() != self.header.len() {
            return Err(Error::RaggedRow {
                line: self.line(into.position())?,
                expected: self.header.len() as u64,
                found: into.len() as u64,
            });
        }
        Ok(true)
    }

    fn read(&mut self, into: &mut ByteRecord) -> Result<bool, Error> {
        match self.reader.read_byte_record(into) {
            Ok(more) => {
                self.reader.get_mut().get_mut().since = 0;
                Ok(more)
            }
            Err(error) => Err(match read_error(error) {
                Error::LineTooLong { limit, .. } => {
                    Error::LineTooLong { line: self.line(into.position())?, limit }
                }
                other => other,
            }),
        }
    }

    fn next_utf8(&mut self, into: &mut StringRecord) -> Result<bool, Error> {
        let mut record = std::mem::take(into).into_byte_record();
        let more = self.read(&mut record)?;
        match StringRecord::from_byte_record(record) {
            Ok(record) => *into = record,
            Err(error) => {
                let problem = error.utf8_error().clone();
                let record = error.into_byte_record();
                let line = self.line(record.position())?;
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

    /// The line, from 1, of the record that starts at or after a byte; blank lines before it are passed.
    ///
    /// Counted anew from the start of the file, as this is needed once, for a message.
    fn line(&self, position: Option<&csv::Position>) -> Result<u64, Error> {
        let byte = position.map_or(0, csv::Position::byte);
        let text = Text::open(self.source.reader()?, self.source, self.dialect.encoding)?;
        let mut reader = BufReader::with_capacity(BUFFER, text);
        pass_lines(&mut reader, self.dialect.skip_lines)?;
        let mut line = 1 + self.dialect.skip_lines;
        let mut place = 0_u64;
        let mut buffer = [0; 64 * 1024];
        // A record begins behind the comments before it.
        let (mut begins, mut comment) = (true, false);
        loop {
            // What is wrong further on is not what is looked for.
            let read = reader.read(&mut buffer).unwrap_or(0);
            if read == 0 {
                return Ok(line);
            }
            for value in buffer.iter().take(read) {
                comment |= begins && self.dialect.comment == Some(*value);
                if place >= byte && !comment && !matches!(value, b'\r' | b'\n') {
                    return Ok(line);
                }
                begins = *value == b'\n';
                comment &= !begins;
                line += u64::from(begins);
                place += 1;
            }
        }
    }

    fn into_raw(self) -> R {
        self.reader.into_inner().into_inner().inner.into_raw()
    }
}

/// Passes whole lines.
fn pass_lines(reader: &mut impl BufRead, lines: u64) -> Result<(), Error> {
    for _ in 0..lines {
        reader.skip_until(b'\n').map_err(Error::of_read)?;
    }
    Ok(())
}

fn read_error(error: csv::Error) -> Error {
    match error.into_kind() {
        csv::ErrorKind::Io(source) => Error::of_read(source),
        // The reader is told to take any number of fields and any bytes.
        other => Error::Read(std::io::Error::other(format!("{other:?}"))),
    }
}

/// Reads by the dialect that is told; where the sample was ASCII alone and the rest is not UTF-8, by what all bytes show.
fn by_dialect<T>(
    source: &Source,
    mut read: impl FnMut(&ToldDialect) -> Result<T, Error>,
) -> Result<T, Error> {
    let mut told = Dialect::of(source)?;
    match read(&told) {
        Err(Error::NotUtf8 { .. }) if told.encoding_is_open => {
            told.encoding_is_open = false;
            if is_windows_1252(source)? {
                told.dialect.encoding = Encoding::Windows1252;
                told.notes.push(encoding_note(Encoding::Windows1252));
            }
            read(&told)
        }
        done => done,
    }
}

/// The names of the columns, without looking at rows.
pub(crate) fn header(source: &Source, max_columns: usize) -> Result<Vec<String>, Error> {
    by_dialect(source, |told| {
        let mut records = Records::open(source.reader()?, source, &told.dialect)?;
        let header = records.header.clone();
        let names = check_names(header.len(), header.iter(), max_columns, &mut Vec::new())?;
        match records.next_raw()? {
            Some(_) => Ok(names),
            None if names.iter().all(|name| name.starts_with("unnamed_")) => Err(Error::EmptyFile),
            None => Err(Error::HeaderOnly { columns: names.len() }),
        }
    })
}

/// How a file of so many columns is read by several threads; none where it is read in order.
pub(crate) fn plain(source: &Source, columns: usize) -> Result<Option<Plain>, Error> {
    let dialect = Dialect::of(source)?.dialect;
    if !dialect.is_plain() || !csv_parallel::pays(source, columns) {
        return Ok(None);
    }
    Ok(Some(Plain { skipped: byte_order_mark(source)?, delimiter: dialect.delimiter }))
}

/// Reader of delimited text.
pub(crate) struct Csv;

impl Reader for Csv {
    fn scan(source: &Source, options: &ScanOptions) -> Result<Shape, Error> {
        by_dialect(source, |told| scan(source, options, told))
    }

    fn examine(
        source: &Source,
        names: &[&str],
        markers: &MissingMarkers,
    ) -> Result<Examination, Error> {
        by_dialect(source, |told| {
            // Numbers of a column whose other values are texts stay as they are written.
            let mut as_written = vec![told.dialect.has_plain_numbers(); names.len()];
            loop {
                let examination = examine(source, names, markers, told, &as_written)?;
                let texts = examination.examined.iter().zip(&as_written);
                let wrong = texts.map(|(column, written)| {
                    *written || column.column_type == tabular::ColumnType::Text
                });
                let settled: Vec<bool> = wrong.collect();
                if settled == as_written {
                    return Ok(examination);
                }
                as_written = settled;
            }
        })
    }

    fn rows(
        source: &Source,
        shape: &Shape,
        places: &[usize],
        wanted: &[Field],
        _markers: &MissingMarkers,
        rows: &mut impl Rows,
    ) -> Result<(), Error> {
        let told;
        let dialect = match &shape.dialect {
            Some(dialect) => dialect,
            None => {
                told = Dialect::of(source)?;
                &told.dialect
            }
        };
        let mut records = Records::open(source.reader()?, source, dialect)?;
        let mut record = StringRecord::new();
        if dialect.has_plain_numbers() {
            while records.next_checked(&mut record)? {
                rows.texts(places.iter().map(|place| record.get(*place)))?;
            }
            return Ok(());
        }
        let columns: Vec<(usize, bool)> = places
            .iter()
            .zip(wanted)
            .map(|(place, field)| (*place, field.column_type.is_numeric()))
            .collect();
        while records.next_checked(&mut record)? {
            let written = |(place, is_number): &(usize, bool)| {
                let text = record.get(*place)?;
                Some(if *is_number { dialect.number(text) } else { Cow::Borrowed(text) })
            };
            let texts: Vec<Option<Cow<'_, str>>> = columns.iter().map(written).collect();
            rows.texts(texts.iter().map(Option::as_deref))?;
        }
        Ok(())
    }
}

fn scan(source: &Source, options: &ScanOptions, told: &ToldDialect) -> Result<Shape, Error> {
    let dialect = &told.dialect;
    let mut records = Records::open(HashingReader::new(source.reader()?), source, dialect)?;
    let mut notes = told.notes.clone();
    let names =
        check_names(records.header.len(), records.header.iter(), options.max_columns, &mut notes)?;
    if dialect.header && looks_like_values(&records.header) {
        notes.push(
            "every name in the first line is a number: if it is a row, state that there is no header"
                .to_owned(),
        );
    }
    if dialect.is_plain() {
        let plain = Plain { skipped: byte_order_mark(source)?, delimiter: dialect.delimiter };
        if let Some(found) = csv_parallel::scan(source, plain, names.len(), &options.markers)?
            && found.rows > 0
        {
            let (fields, missing) = inferred_fields(names, &found.inferences, &mut notes);
            return Ok(Shape {
                format: Some(Format::Csv),
                fields,
                rows: found.rows,
                missing,
                sha256: found.sha256,
                delimiter: Some(dialect.delimiter),
                dialect: Some(dialect.clone()),
                plain: Some(plain),
                notes,
            });
        }
    }
    let fresh = source.stated().inference(&options.markers);
    let mut inferences: Vec<TypeInference> = vec![fresh; names.len()];
    let mut rows = 0_u64;
    let mut record = StringRecord::new();
    let plain = dialect.has_plain_numbers();
    while records.next_checked(&mut record)? {
        rows += 1;
        source.limits().admit(rows, names.len())?;
        for (inference, value) in inferences.iter_mut().zip(&record) {
            if plain {
                inference.observe(value);
            } else {
                inference.observe(&dialect.number(value));
            }
        }
    }
    if rows == 0 {
        let blank = records.header.iter().all(|name| name.trim().is_empty());
        return Err(if blank {
            Error::EmptyFile
        } else {
            Error::HeaderOnly { columns: names.len() }
        });
    }
    let sha256 = records.into_raw().finish().map_err(Error::Read)?;
    let (fields, missing) = inferred_fields(names, &inferences, &mut notes);
    Ok(Shape {
        format: Some(Format::Csv),
        fields,
        rows,
        missing,
        sha256,
        delimiter: Some(dialect.delimiter),
        dialect: Some(dialect.clone()),
        plain: None,
        notes,
    })
}

/// The fields and the missing values that inferences came to; what people should know of them goes into the notes.
fn inferred_fields(
    names: Vec<String>,
    inferences: &[TypeInference],
    notes: &mut Vec<String>,
) -> (Vec<Field>, Vec<u64>) {
    names
        .into_iter()
        .zip(inferences)
        .map(|(name, inference)| crate::shape::inferred_field(name, inference, notes))
        .unzip()
}

/// Bytes of the mark of UTF-8 before the header.
fn byte_order_mark(source: &Source) -> Result<u64, Error> {
    let mut head = Vec::new();
    source.reader()?.take(3).read_to_end(&mut head).map_err(Error::Read)?;
    Ok(if head == b"\xef\xbb\xbf" { 3 } else { 0 })
}

fn examine(
    source: &Source,
    names: &[&str],
    markers: &MissingMarkers,
    told: &ToldDialect,
    as_written: &[bool],
) -> Result<Examination, Error> {
    let mut records = Records::open(source.reader()?, source, &told.dialect)?;
    let header: Vec<String> = records.header.iter().map(|name| name.trim().to_owned()).collect();
    if header.iter().all(String::is_empty) {
        return Err(Error::EmptyFile);
    }
    let mut rows = 0;
    let mut examiners = examiners(names, source, markers);
    let positions = match positions(&header, names) {
        Ok(positions) => positions,
        // That there is nothing at all is said before what is missing of it.
        Err(error) if records.next_raw()?.is_some() => return Err(error),
        Err(_) => return Err(Error::HeaderOnly { columns: header.len() }),
    };
    let mut line = 1;
    while let Some(record) = records.next_raw()? {
        rows += 1;
        line += 1;
        let columns = examiners.iter_mut().zip(positions.iter().zip(as_written));
        for (examiner, (position, written)) in columns {
            let text = match record.get(*position).map(std::str::from_utf8) {
                None => None,
                Some(Ok(text)) if *written => Some(Cow::Borrowed(text)),
                Some(Ok(text)) => Some(told.dialect.number(text)),
                Some(Err(error)) if told.encoding_is_open => {
                    let (field, byte) = (position + 1, error.valid_up_to());
                    return Err(Error::NotUtf8 { line, field, byte });
                }
                Some(Err(_)) => record.get(*position).map(String::from_utf8_lossy),
            };
            examiner.observe(text.as_deref());
        }
    }
    finish(rows, header, examiners)
}

/// Whether all names are numbers, as a row's values may be.
fn looks_like_values(header: &StringRecord) -> bool {
    header.iter().all(|name| tabular::parse::number(name).is_some())
}

#[cfg(test)]
mod tests;
