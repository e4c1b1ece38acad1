//! A table in several files: a directory, a pattern of names, or a prefix of an object store.
//!
//! ```text
//! sales/                     what Spark, Dask and Polars write
//!   _SUCCESS                 passed: begins with `_` (or `.`)
//!   year=2023/part-0.csv     a row has the values of its file, and year = 2023
//!   year=2024/part-0.csv
//! ```
//!
//! Invariants: rows come in the order of the parts' names; every part is inside the allowed roots; the fingerprint is that of
//! the names and the bytes of all parts; a part whose columns differ is refused by its name.

mod list;
mod merge;

use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};

use arrow::array::{ArrayRef, RecordBatch, StringArray, new_null_array};
use arrow::datatypes::DataType;
use sha2::{Digest, Sha256};
use tabular::parse::MissingMarkers;
use tabular::{ColumnType, Field, Table};

use self::list::Listed;
use crate::convert::{TableBuilder, canonical_batch};
use crate::{
    Access, Error, FileTable, Format, Location, ScanOptions, Shape, Stated, TableSource, batches,
    physical_schema,
};

/// Most parts of a table.
pub(crate) const MAX_PARTS: usize = 10_000;

/// A table in several files of the same columns.
#[derive(Debug)]
pub struct PartedTable {
    uri: String,
    parts: Vec<Part>,
    /// What was found of each part; none where it has no row.
    shapes: Mutex<Option<Arc<Vec<Option<Shape>>>>>,
}

#[derive(Debug)]
struct Part {
    /// Name within the table, with `/` between directories.
    name: String,
    file: FileTable,
    /// Columns that the directories of the part say, with their values.
    keys: Vec<(String, Option<String>)>,
}

impl PartedTable {
    /// The table at a location, if it is one in parts.
    pub(crate) async fn open(
        location: &Location,
        access: &Access,
        stated: &Stated,
    ) -> Result<Option<Self>, Error> {
        match location {
            Location::File(path) => {
                access.check(location)?;
                Self::of_files(path, Some(access), stated)
            }
            Location::Object(url) if url.path().ends_with('/') => {
                access.check(location)?;
                let listed = list::objects(url, access).await?;
                Self::of_listed(url.to_string(), listed, stated).map(Some)
            }
            _ => Ok(None),
        }
    }

    /// The table at a path of this machine, if it is one in parts, without an allow-list.
    ///
    /// # Errors
    /// No part, too many, what can't be read.
    pub fn open_local(path: &Path, stated: &Stated) -> Result<Option<Self>, Error> {
        Self::of_files(path, None, stated)
    }

    fn of_files(
        path: &Path,
        access: Option<&Access>,
        stated: &Stated,
    ) -> Result<Option<Self>, Error> {
        let Some(listed) = list::files(path, access)? else { return Ok(None) };
        Self::of_listed(path.display().to_string(), listed, stated).map(Some)
    }

    fn of_listed(uri: String, mut listed: Vec<Listed>, stated: &Stated) -> Result<Self, Error> {
        listed.retain(|part| part.source.size() > 0);
        if listed.is_empty() {
            return Err(Error::NoParts { uri });
        }
        listed.sort_by(|a, b| a.name.cmp(&b.name));
        let parts = listed.into_iter().map(|Listed { name, source }| Part {
            keys: list::keys(&name),
            file: FileTable::new(source, stated.clone()),
            name,
        });
        Ok(Self { uri, parts: parts.collect(), shapes: Mutex::new(None) })
    }

    /// Reads the table whole. Blocking.
    ///
    /// # Errors
    /// Every structural defect: see [`Error`].
    pub fn read(&self) -> Result<Table, Error> {
        let options = ScanOptions::default();
        let shape = self.schema(&options)?;
        self.read_columns(&shape, &shape.fields, &options)
    }

    /// Reads the table whole as texts, of which only a blank one is missing. Blocking.
    ///
    /// # Errors
    /// Every structural defect: see [`Error`].
    pub(crate) fn read_texts(&self) -> Result<Table, Error> {
        let shape = self.schema(&ScanOptions::default())?;
        let text = |field: &Field| Field::new(&field.name, ColumnType::Text);
        let fields: Vec<Field> = shape.fields.iter().map(text).collect();
        let options = ScanOptions { markers: MissingMarkers::none(), ..ScanOptions::default() };
        self.read_columns(&shape, &fields, &options)
    }

    fn read_columns(
        &self,
        shape: &Shape,
        fields: &[Field],
        options: &ScanOptions,
    ) -> Result<Table, Error> {
        let mut table = TableBuilder::new(fields.to_vec());
        self.batches(shape, fields, options, usize::MAX, &mut |batch| table.push(&batch))?;
        table.finish()
    }

    fn shapes(&self, options: &ScanOptions) -> Result<Arc<Vec<Option<Shape>>>, Error> {
        let known = || self.shapes.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(shapes) = known().as_ref() {
            return Ok(Arc::clone(shapes));
        }
        let mut shapes = Vec::with_capacity(self.parts.len());
        for part in &self.parts {
            shapes.push(match part.file.schema(options) {
                Ok(shape) => Some(shape),
                // Writers leave parts without rows.
                Err(Error::HeaderOnly { .. } | Error::EmptyFile) => None,
                Err(error) => return Err(part.defect(error)),
            });
        }
        let shapes = Arc::new(shapes);
        *known() = Some(Arc::clone(&shapes));
        Ok(shapes)
    }
}

impl Part {
    fn defect(&self, error: Error) -> Error {
        Error::Part { part: self.name.clone(), source: Box::new(error) }
    }

    /// A column that the file lacks: the value of a key, or missing.
    fn column(
        &self,
        field: &Field,
        rows: usize,
        markers: &MissingMarkers,
    ) -> Result<ArrayRef, Error> {
        let text = self.keys.iter().find(|(key, _)| *key == field.name);
        match text.and_then(|(_, value)| value.as_deref()) {
            Some(value) => {
                let texts: StringArray = std::iter::repeat_n(Some(value), rows).collect();
                let texts: ArrayRef = Arc::new(texts);
                crate::canonical(&texts, field, markers)
            }
            None if field.column_type == ColumnType::Text => {
                Ok(new_null_array(&DataType::Utf8, rows))
            }
            None => Ok(new_null_array(&DataType::Float64, rows)),
        }
    }
}

impl TableSource for PartedTable {
    fn uri(&self) -> &str {
        &self.uri
    }

    fn format(&self) -> Result<Option<Format>, Error> {
        match self.parts.first() {
            Some(part) => part.file.format().map_err(|error| part.defect(error)),
            None => Ok(None),
        }
    }

    fn fingerprint(&self) -> Result<String, Error> {
        let digests = self.parts.iter().map(|part| {
            let digest = part.file.fingerprint().map_err(|error| part.defect(error))?;
            Ok((part.name.as_str(), digest))
        });
        Ok(fingerprint(&digests.collect::<Result<Vec<_>, Error>>()?))
    }

    fn schema(&self, options: &ScanOptions) -> Result<Shape, Error> {
        let shapes = self.shapes(options)?;
        let found = self.parts.iter().zip(shapes.iter());
        let mut merged = merge::Merged::default();
        for (part, shape) in found {
            if let Some(shape) = shape {
                merged.add(&part.name, shape, &part.keys)?;
            }
        }
        let mut shape = merged.finish(options)?;
        // Parts without rows count as well: rows may come into them.
        shape.sha256 = self.fingerprint_of(&shapes)?;
        Ok(shape)
    }

    fn batches(
        &self,
        shape: &Shape,
        columns: &[Field],
        options: &ScanOptions,
        rows: usize,
        batch: &mut dyn FnMut(RecordBatch) -> Result<(), Error>,
    ) -> Result<(), Error> {
        batches::places(shape, columns)?;
        let schema = physical_schema(columns);
        let shapes = self.shapes(options)?;
        for (part, found) in self.parts.iter().zip(shapes.iter()) {
            let Some(found) = found else { continue };
            let has = |field: &&Field| found.fields.iter().any(|known| known.name == field.name);
            let held: Vec<Field> = columns.iter().filter(has).cloned().collect();
            let mut failed = None;
            let read = part.file.batches(found, &held, options, rows, &mut |stored| {
                let stored = canonical_batch(&stored, &held, &options.markers)?;
                let mut stored_columns = stored.columns().iter();
                let mut arrays = Vec::with_capacity(columns.len());
                for field in columns {
                    let own = if has(&field) { stored_columns.next() } else { None };
                    arrays.push(match own {
                        Some(array) => Arc::clone(array),
                        None => part.column(field, stored.num_rows(), &options.markers)?,
                    });
                }
                batch(RecordBatch::try_new(Arc::clone(&schema), arrays)?).map_err(|error| {
                    // What the taker refuses is no defect of the part.
                    let shown = std::io::Error::other("the taker has ended");
                    failed = Some(error);
                    Error::Read(shown)
                })
            });
            if let Some(error) = failed {
                return Err(error);
            }
            read.map_err(|error| part.defect(error))?;
            part.file.source().check_unchanged()?;
        }
        Ok(())
    }
}

impl PartedTable {
    /// The fingerprint from the digests that a look at all rows has taken.
    fn fingerprint_of(&self, shapes: &[Option<Shape>]) -> Result<String, Error> {
        let digests = self.parts.iter().zip(shapes).map(|(part, shape)| {
            let digest = match shape {
                Some(shape) => shape.sha256.clone(),
                None => part.file.fingerprint().map_err(|error| part.defect(error))?,
            };
            Ok((part.name.as_str(), digest))
        });
        Ok(fingerprint(&digests.collect::<Result<Vec<_>, Error>>()?))
    }
}

/// SHA-256 over the names of the parts and the digests of their bytes.
fn fingerprint(parts: &[(&str, String)]) -> String {
    let mut hash = Sha256::new();
    for (name, digest) in parts {
        hash.update((name.len() as u64).to_le_bytes());
        hash.update(name.as_bytes());
        hash.update(digest.as_bytes());
    }
    hex::encode(hash.finalize())
}

#[cfg(test)]
mod tests;
