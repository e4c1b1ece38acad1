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
//! the names and the bytes of all parts, and a part that comes or goes meanwhile is a change; a part whose columns differ is refused by its name.

mod list;
mod merge;

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use arrow::array::{ArrayRef, RecordBatch, StringArray, new_null_array};
use arrow::datatypes::DataType;
use sha2::{Digest, Sha256};
use tabular::parse::MissingMarkers;
use tabular::{ColumnType, Field, Table};
use tokio::runtime::Handle;
use url::Url;

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
    place: Place,
    parts: Vec<Part>,
    /// What was found of each part; none where it has no row.
    shapes: Mutex<Option<Arc<Vec<Option<Shape>>>>>,
}

/// Where the parts were listed, to see later whether they are still the same.
#[derive(Debug)]
enum Place {
    Files { path: PathBuf, access: Option<Access> },
    Objects { url: Url, access: Access, runtime: Handle },
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
                let (url, access, runtime) = (url.clone(), access.clone(), Handle::current());
                let place = Place::Objects { url: url.clone(), access, runtime };
                Self::of_listed(url.to_string(), place, listed, stated).map(Some)
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
        let place = Place::Files { path: path.to_owned(), access: access.cloned() };
        Self::of_listed(path.display().to_string(), place, listed, stated).map(Some)
    }

    fn of_listed(
        uri: String,
        place: Place,
        mut listed: Vec<Listed>,
        stated: &Stated,
    ) -> Result<Self, Error> {
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
        Ok(Self { uri, place, parts: parts.collect(), shapes: Mutex::new(None) })
    }

    /// Whether the parts that there are now are those that were listed, as they were.
    fn has_same_parts(&self) -> Result<bool, Error> {
        let mut listed = match &self.place {
            Place::Files { path, access } => {
                list::files(path, access.as_ref())?.unwrap_or_default()
            }
            Place::Objects { url, access, runtime } => {
                runtime.block_on(list::objects(url, access))?
            }
        };
        listed.retain(|part| part.source.size() > 0);
        listed.sort_by(|a, b| a.name.cmp(&b.name));
        let is_same = |(now, part): (&Listed, &Part)| {
            now.name == part.name && now.source.has_version_of(part.file.source())
        };
        Ok(listed.len() == self.parts.len() && listed.iter().zip(&self.parts).all(is_same))
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
        if let Some(part) = self.parts.first() {
            part.file.source().limits().admit(shape.rows, shape.fields.len())?;
        }
        // Parts without rows count as well: rows may come into them.
        shape.sha256 = self.fingerprint_of(&shapes)?;
        Ok(shape)
    }

    fn check_unchanged(&self) -> Result<(), Error> {
        match self.has_same_parts() {
            Ok(true) => Ok(()),
            // A directory that is gone has changed as well.
            Ok(false) | Err(Error::NoParts { .. } | Error::MissingFile { .. }) => {
                Err(Error::ChangedWhileRead { uri: self.uri.clone() })
            }
            Err(error) => Err(error),
        }
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
