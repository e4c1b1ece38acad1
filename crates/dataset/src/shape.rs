//! The structure of a table, found by a pass over all its rows: columns, types, rows, digest.
//!
//! Nothing is concluded from a prefix: a column is a number only if every value of it is. The digest of the bytes is
//! taken in the same pass.

use std::io::{self, Read};

use sha2::{Digest, Sha256};
use tabular::Field;
use tabular::parse::{MissingMarkers, TypeInference};

use crate::{Dialect, Error, Format, Plain, Source};

/// What a scan takes and what it refuses.
#[derive(Debug, Clone)]
pub struct ScanOptions {
    /// Texts that mean a missing value.
    pub markers: MissingMarkers,
    /// Greatest accepted number of columns.
    pub max_columns: usize,
}

impl Default for ScanOptions {
    fn default() -> Self {
        Self { markers: MissingMarkers::default(), max_columns: 2000 }
    }
}

/// The structure of a table.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Shape {
    /// The format of its file; none of a table that is no file.
    pub format: Option<Format>,
    /// Its columns in order, with the types that all values agree with.
    pub fields: Vec<Field>,
    /// Rows, the header not counted.
    pub rows: u64,
    /// Missing values of each column, in the order of the fields; not counted for Parquet.
    pub missing: Vec<u64>,
    /// SHA-256 of the bytes, hexadecimal, as [`crate::TableSource::fingerprint`] gives it.
    pub sha256: String,
    /// The delimiter of a CSV file.
    pub delimiter: Option<u8>,
    /// The dialect of a CSV file.
    pub dialect: Option<Dialect>,
    /// How the records of a CSV file can be read by several threads; none where it has to be read in order.
    pub plain: Option<Plain>,
    /// What was decided on the way and a person should know.
    pub notes: Vec<String>,
}

/// Looks at every row of a table. Blocking.
///
/// # Errors
/// Every structural defect: see [`Error`].
pub fn scan(source: &Source, format: Format, options: &ScanOptions) -> Result<Shape, Error> {
    let shape = crate::format::scan(format, source, options)?;
    source.check_unchanged()?;
    Ok(shape)
}

/// A reader that computes the SHA-256 of all bytes that are read through it.
pub(crate) struct HashingReader<R> {
    inner: R,
    hash: Sha256,
}

impl<R: Read> HashingReader<R> {
    pub(crate) fn new(inner: R) -> Self {
        Self { inner, hash: Sha256::new() }
    }

    /// Reads to the end and gives the digest of everything.
    pub(crate) fn finish(mut self) -> io::Result<String> {
        io::copy(&mut self, &mut io::sink())?;
        Ok(hex::encode(self.hash.finalize()))
    }
}

impl<R: Read> Read for HashingReader<R> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let read = self.inner.read(into)?;
        if let Some(bytes) = into.get(..read) {
            self.hash.update(bytes);
        }
        Ok(read)
    }
}

/// The field and the missing values that an inference came to, with a note where numbers are missing for being infinite.
pub(crate) fn inferred_field(
    name: String,
    inference: &TypeInference,
    notes: &mut Vec<String>,
) -> (Field, u64) {
    let (column_type, _, counts) = inference.finish();
    notes.extend(inference.remarks(&name));
    if column_type.is_numeric() && counts.not_finite > 0 {
        notes.push(not_finite_note(&name, counts.not_finite));
    }
    (inference.field(name), inference.missing())
}

pub(crate) fn not_finite_note(name: &str, rows: u64) -> String {
    format!(
        "column `{name}`: {rows} values are infinite, no numbers, or beyond the range of a double (such as inf or 1e999), and count as missing"
    )
}

/// Names of columns: trimmed, present, unique, not too many.
pub(crate) fn check_names<'a>(
    count: usize,
    names: impl Iterator<Item = &'a str>,
    max_columns: usize,
    notes: &mut Vec<String>,
) -> Result<Vec<String>, Error> {
    if count > max_columns {
        return Err(Error::TooManyColumns { found: count, limit: max_columns });
    }
    let mut checked: Vec<String> = Vec::with_capacity(count);
    let mut seen = std::collections::HashMap::new();
    for (index, name) in names.enumerate() {
        let mut name = name.trim().to_owned();
        if name.is_empty() {
            name = format!("unnamed_{}", index + 1);
            notes.push(format!("column {} has no name and is called `{name}`", index + 1));
        }
        if let Some(first) = seen.insert(name.clone(), index) {
            return Err(Error::DuplicateColumn {
                column: name,
                first: first + 1,
                second: index + 1,
            });
        }
        checked.push(name);
    }
    Ok(checked)
}
