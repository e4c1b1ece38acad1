//! JSON Lines: one flat object per line, or all of them in one array. Keys may differ from object to object; what one lacks is missing.
//!
//! A JSON string is read as the cell of a CSV file is: BigQuery and protocol buffers write 64-bit numbers as strings.

mod objects;

use std::collections::HashMap;
use std::fmt;
use std::io::Read;

use serde::de::{DeserializeSeed, MapAccess, Visitor};
use tabular::Field;
use tabular::parse::{MissingMarkers, TypeInference};

use self::objects::Objects;
use crate::examine::{examiners, finish, positions};
use crate::format::{Reader, Rows};
use crate::shape::{HashingReader, check_names};
use crate::{Error, Examination, Format, ScanOptions, Shape, Source};

/// A value of an object, as text.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Value {
    Missing,
    /// A number or a boolean, as it is written.
    Bare(String),
    Quoted(String),
    /// An array or an object, by its name.
    Nested(&'static str),
}

/// The entries of an object, in order.
type Object = Vec<(String, Value)>;

/// Reads objects, and counts the words of Python that JSON does not have.
struct LineReader<R: Read> {
    objects: Objects<R>,
    /// Values that are written `Infinity` or `-Infinity`.
    infinite: u64,
}

impl<R: Read> LineReader<R> {
    fn open(bytes: R, source: &Source) -> Result<Self, Error> {
        Ok(Self { objects: Objects::open(bytes, source)?, infinite: 0 })
    }

    /// The next object, with its line; blank lines are passed.
    ///
    /// `NaN`, `Infinity` and `-Infinity`, which Python writes, are missing values.
    fn next_object(&mut self) -> Result<Option<(u64, Object)>, Error> {
        let Some((line, text)) = self.objects.next_text()? else { return Ok(None) };
        match object(text, line) {
            Err(Error::BadJson { .. }) => {
                let (plain, infinite) = without_words(text);
                self.infinite += infinite;
                object(&plain, line).map(|object| Some((line, object)))
            }
            read => read.map(|object| Some((line, object))),
        }
    }

    fn into_raw(self) -> R {
        self.objects.into_raw()
    }
}

/// The text with `null` for the words of Python that JSON does not have, and how many of them are infinite.
///
/// About as long as before, so that columns in messages stay right.
fn without_words(text: &str) -> (String, u64) {
    const WORDS: [(&str, &str, u64); 3] =
        [("-Infinity", "null     ", 1), ("Infinity", "null    ", 1), ("NaN", "null", 0)];
    let mut plain = String::with_capacity(text.len() + 16);
    let (mut infinite, mut quoted, mut escaped) = (0, false, false);
    let mut rest = text;
    while let Some(next) = rest.chars().next() {
        let word = WORDS.iter().find(|(word, ..)| !quoted && rest.starts_with(word));
        if let Some((word, null, count)) = word {
            plain.push_str(null);
            infinite += count;
            rest = rest.get(word.len()..).unwrap_or_default();
            continue;
        }
        match next {
            _ if escaped => escaped = false,
            '\\' if quoted => escaped = true,
            '"' => quoted = !quoted,
            _ => {}
        }
        plain.push(next);
        rest = rest.get(next.len_utf8()..).unwrap_or_default();
    }
    (plain, infinite)
}

fn object(text: &str, line: u64) -> Result<Object, Error> {
    let mut repeated = None;
    let mut reader = serde_json::Deserializer::from_str(text);
    let seed = ObjectSeed { repeated: &mut repeated };
    let read = seed.deserialize(&mut reader).and_then(|object| reader.end().map(|()| object));
    if let Some(column) = repeated {
        return Err(Error::BadJson { line, reason: format!("the key `{column}` stands twice") });
    }
    read.map_err(|error| {
        let line = line + (error.line() as u64).saturating_sub(1);
        let reason = if error.is_eof() { "it ends too early" } else { "its syntax is wrong" };
        Error::BadJson { line, reason: format!("{reason} (column {})", error.column()) }
    })
}

struct ObjectSeed<'a> {
    repeated: &'a mut Option<String>,
}

impl<'de> DeserializeSeed<'de> for ObjectSeed<'_> {
    type Value = Object;

    fn deserialize<D: serde::Deserializer<'de>>(
        self,
        deserializer: D,
    ) -> Result<Self::Value, D::Error> {
        deserializer.deserialize_map(self)
    }
}

impl<'de> Visitor<'de> for ObjectSeed<'_> {
    type Value = Object;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let mut entries: Object = Vec::new();
        while let Some(key) = map.next_key::<String>()? {
            let raw: &serde_json::value::RawValue = map.next_value()?;
            let text = raw.get().trim();
            let value = match text.as_bytes().first() {
                Some(b'"') => {
                    Value::Quoted(serde_json::from_str(text).map_err(serde::de::Error::custom)?)
                }
                Some(b'[') => Value::Nested("an array"),
                Some(b'{') => Value::Nested("an object"),
                Some(b'n') => Value::Missing,
                _ => Value::Bare(text.to_owned()),
            };
            if entries.len() < 256 && entries.iter().any(|(known, _)| *known == key) {
                self.repeated.get_or_insert(key.clone());
            }
            entries.push((key, value));
        }
        Ok(entries)
    }
}

#[derive(Default)]
struct Seen {
    inference: TypeInference,
    present: u64,
}

/// The reader of JSON Lines: one object per line.
pub(crate) struct JsonLines;

impl Reader for JsonLines {
    fn scan(source: &Source, options: &ScanOptions) -> Result<Shape, Error> {
        let mut lines = LineReader::open(HashingReader::new(source.reader()?), source)?;
        let mut names: Vec<String> = Vec::new();
        let mut index: HashMap<String, usize> = HashMap::new();
        let mut columns: Vec<Seen> = Vec::new();
        let mut rows = 0_u64;
        while let Some((line, object)) = lines.next_object()? {
            rows += 1;
            source.limits().admit(rows, names.len())?;
            for (key, value) in object {
                if let Value::Nested(kind) = value {
                    return Err(Error::NestedColumn {
                        column: key,
                        kind: format!("{kind} in line {line}"),
                    });
                }
                let position = *index.entry(key).or_insert_with_key(|key| {
                    names.push(key.clone());
                    columns.push(Seen {
                        inference: source.stated().inference(&options.markers),
                        present: 0,
                    });
                    names.len() - 1
                });
                if names.len() > options.max_columns {
                    return Err(Error::TooManyColumns {
                        found: names.len(),
                        limit: options.max_columns,
                    });
                }
                let Some(column) = columns.get_mut(position) else { continue };
                column.present += 1;
                match value {
                    Value::Missing | Value::Nested(_) => column.inference.observe_missing(),
                    Value::Bare(text) | Value::Quoted(text) => column.inference.observe(&text),
                }
            }
        }
        if rows == 0 {
            return Err(Error::EmptyFile);
        }
        let mut notes = Vec::new();
        let names = check_names(
            names.len(),
            names.iter().map(String::as_str),
            options.max_columns,
            &mut notes,
        )?;
        notes.extend(lines.objects.note());
        if lines.infinite > 0 {
            let count = lines.infinite;
            notes.push(format!(
                "{count} values are written Infinity or -Infinity, and count as missing"
            ));
        }
        let sha256 = lines.into_raw().finish().map_err(Error::Read)?;
        let (fields, missing) = names
            .into_iter()
            .zip(columns)
            .map(|(name, column)| column.finish(name, rows, &mut notes))
            .unzip();
        Ok(Shape {
            format: Some(Format::JsonLines),
            fields,
            rows,
            missing,
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
        let mut lines = LineReader::open(source.reader()?, source)?;
        let mut rows = 0;
        let mut examiners = examiners(names, source, markers);
        let mut header: Vec<String> = Vec::new();
        let mut known: HashMap<String, Option<usize>> = HashMap::new();
        let mut values: Vec<Option<Value>> = vec![None; names.len()];
        while let Some((_, object)) = lines.next_object()? {
            rows += 1;
            values.fill(None);
            for (key, value) in object {
                let slot = *known.entry(key).or_insert_with_key(|key| {
                    header.push(key.trim().to_owned());
                    names.iter().position(|name| *name == key.trim())
                });
                if let Some(slot) = slot.and_then(|slot| values.get_mut(slot)) {
                    *slot = Some(value);
                }
            }
            for ((examiner, value), name) in examiners.iter_mut().zip(&values).zip(names) {
                match value {
                    Some(Value::Bare(text) | Value::Quoted(text)) => examiner.observe(Some(text)),
                    Some(Value::Nested(kind)) => {
                        return Err(Error::NestedColumn {
                            column: (*name).to_owned(),
                            kind: (*kind).to_owned(),
                        });
                    }
                    Some(Value::Missing) | None => examiner.observe(None),
                }
            }
        }
        if rows > 0 {
            positions(&header, names)?;
        }
        finish(rows, header, examiners)
    }

    fn rows(
        source: &Source,
        _shape: &Shape,
        _places: &[usize],
        wanted: &[Field],
        _markers: &MissingMarkers,
        rows: &mut impl Rows,
    ) -> Result<(), Error> {
        let mut lines = LineReader::open(source.reader()?, source)?;
        let index: HashMap<&str, usize> =
            wanted.iter().enumerate().map(|(index, field)| (field.name.as_str(), index)).collect();
        let mut values: Vec<Option<String>> = vec![None; wanted.len()];
        while let Some((_, object)) = lines.next_object()? {
            values.fill(None);
            for (key, value) in object {
                let slot = index.get(key.trim()).and_then(|index| values.get_mut(*index));
                if let (Some(slot), Value::Bare(text) | Value::Quoted(text)) = (slot, value) {
                    *slot = Some(text);
                }
            }
            rows.texts(values.iter().map(Option::as_deref))?;
        }
        Ok(())
    }
}

impl Seen {
    fn finish(self, name: String, rows: u64, notes: &mut Vec<String>) -> (Field, u64) {
        let (inferred, missing) = crate::shape::inferred_field(name, &self.inference, notes);
        let missing = missing + (rows - self.present);
        (Field { nullable: missing > 0, ..inferred }, missing)
    }
}

#[cfg(test)]
mod tests;
