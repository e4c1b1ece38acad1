//! The seam between a table and what examines or loads it: where the rows come from is known below it alone.
//!
//! ```text
//! Location ─ open ─▶ TableSource ─┬─ fingerprint ─▶ what a stage depends on
//!                                 ├─ examine ─────▶ Examination   (scope-definer)
//!                                 └─ schema, parts ─▶ a stored table (data-preparer, by `tables`)
//! ```

use std::fmt::Debug;
use std::path::PathBuf;
use std::sync::{Arc, OnceLock};

use arrow::array::RecordBatch;
use tabular::Field;
use tabular::parse::MissingMarkers;

use crate::convert::canonical_batch;
use crate::format::csv_parallel;
use crate::guard::guarded;
use crate::{
    Access, DatabaseCredentials, Error, Examination, Format, Location, PartedTable, PostgresTable,
    ScanOptions, Shape, Source, Stated, batches,
};

/// What makes the next rows of a table, columns in their physical forms. It may be called on any thread.
pub type Part = Box<dyn FnOnce() -> Result<RecordBatch, Error> + Send>;

/// A table at rest, in whatever holds it. Every method blocks.
///
/// A source that is no file has three methods of its own: [`Self::fingerprint`], [`Self::schema`] and [`Self::batches`].
pub trait TableSource: Debug + Send + Sync {
    /// The location as given.
    fn uri(&self) -> &str;

    /// The format of its files; none of a table that is no file.
    ///
    /// # Errors
    /// As [`crate::format_of`].
    fn format(&self) -> Result<Option<Format>, Error> {
        Ok(None)
    }

    /// What changes when any row does: a SHA-256, hexadecimal. Finished work is found again by it.
    ///
    /// # Errors
    /// What cannot be read.
    fn fingerprint(&self) -> Result<String, Error>;

    /// The structure, found by a pass over all rows; its `sha256` is the fingerprint.
    ///
    /// # Errors
    /// Every structural defect: see [`Error`].
    fn schema(&self, options: &ScanOptions) -> Result<Shape, Error>;

    /// Calls back with these columns of all rows, in an order that is the same each time, up to about `rows` rows at a time.
    ///
    /// The columns are texts as they stand in the file, or in the physical forms of [`crate::canonical`]. Memory must not grow with the rows.
    ///
    /// # Errors
    /// What reading meets; [`Error::ChangedWhileRead`] where the rows are not those of the schema any more; the callback's
    /// errors end it.
    fn batches(
        &self,
        shape: &Shape,
        columns: &[Field],
        options: &ScanOptions,
        rows: usize,
        batch: &mut dyn FnMut(RecordBatch) -> Result<(), Error>,
    ) -> Result<(), Error>;

    /// As [`Self::batches`], in the physical forms of [`crate::canonical`], with what takes time left to the caller: a part is called
    /// on a thread of the caller's. The parts are in the order of the rows.
    ///
    /// # Errors
    /// As [`Self::batches`].
    fn parts(
        &self,
        shape: &Shape,
        columns: &[Field],
        options: &ScanOptions,
        rows: usize,
        part: &mut dyn FnMut(Part) -> Result<(), Error>,
    ) -> Result<(), Error> {
        let fields: Arc<[Field]> = columns.into();
        self.batches(shape, columns, options, rows, &mut |batch| {
            let (fields, markers) = (Arc::clone(&fields), options.markers.clone());
            part(Box::new(move || canonical_batch(&batch, &fields, &markers)))
        })
    }

    /// Looks at some columns of a table that may be broken elsewhere.
    ///
    /// # Errors
    /// No such column, an empty table, what cannot be read.
    fn examine(&self, names: &[&str], markers: &MissingMarkers) -> Result<Examination, Error> {
        crate::examine::of_source(self, names, markers)
    }

    /// Checks that the rows are still those of the schema, after they were read.
    ///
    /// # Errors
    /// [`Error::ChangedWhileRead`].
    fn check_unchanged(&self) -> Result<(), Error> {
        Ok(())
    }
}

/// A table that is a file, an object or an artifact.
#[derive(Debug, Clone)]
pub struct FileTable {
    source: Source,
    said: Option<Format>,
    /// Told once, as telling it reads from the source.
    format: OnceLock<Format>,
}

impl FileTable {
    /// The table in these bytes, read by what is stated of it.
    #[must_use]
    pub fn new(source: Source, stated: impl Into<Stated>) -> Self {
        let stated = stated.into();
        let said = stated.format;
        Self { source: source.stating(Arc::new(stated)), said, format: OnceLock::new() }
    }

    /// Source of the table's bytes.
    #[must_use]
    pub const fn source(&self) -> &Source {
        &self.source
    }

    fn own_format(&self) -> Result<Format, Error> {
        if let Some(format) = self.format.get() {
            return Ok(*format);
        }
        let format = crate::format_of(&self.source, self.said)?;
        Ok(*self.format.get_or_init(|| format))
    }
}

impl TableSource for FileTable {
    fn uri(&self) -> &str {
        self.source.uri()
    }

    fn format(&self) -> Result<Option<Format>, Error> {
        self.own_format().map(Some)
    }

    fn fingerprint(&self) -> Result<String, Error> {
        self.source.sha256()
    }

    fn schema(&self, options: &ScanOptions) -> Result<Shape, Error> {
        crate::scan(&self.source, self.own_format()?, options)
    }

    fn batches(
        &self,
        shape: &Shape,
        columns: &[Field],
        options: &ScanOptions,
        rows: usize,
        batch: &mut dyn FnMut(RecordBatch) -> Result<(), Error>,
    ) -> Result<(), Error> {
        batches::arrow_batches(&self.source, shape, columns, options, rows, batch)
    }

    fn parts(
        &self,
        shape: &Shape,
        columns: &[Field],
        options: &ScanOptions,
        rows: usize,
        part: &mut dyn FnMut(Part) -> Result<(), Error>,
    ) -> Result<(), Error> {
        let fields: Arc<[Field]> = columns.into();
        if let Some(plain) = shape.plain {
            let places: Arc<[usize]> = batches::places(shape, columns)?.into();
            let schema = crate::text_schema(&shape.fields);
            let mut guarded_part = |texts: Part| {
                let (fields, markers) = (Arc::clone(&fields), options.markers.clone());
                let places = Arc::clone(&places);
                let read = move || {
                    guarded("CSV", || {
                        canonical_batch(&texts()?.project(&places)?, &fields, &markers)
                    })
                };
                guard::called_back(|| part(Box::new(read)))
            };
            return guarded("CSV", || {
                csv_parallel::parts(&self.source, plain, &schema, &mut guarded_part)
            });
        }
        let physical = shape.format.is_some_and(crate::format::is_physical);
        self.batches(shape, columns, options, rows, &mut |batch| {
            if physical {
                return part(Box::new(move || Ok(batch)));
            }
            let (fields, markers) = (Arc::clone(&fields), options.markers.clone());
            part(Box::new(move || canonical_batch(&batch, &fields, &markers)))
        })
    }

    fn examine(&self, names: &[&str], markers: &MissingMarkers) -> Result<Examination, Error> {
        crate::examine(&self.source, self.own_format()?, names, markers)
    }

    fn check_unchanged(&self) -> Result<(), Error> {
        self.source.check_unchanged()
    }
}

/// Opens the table at a location that the list allows, by what is stated of it. An artifact is fetched by its SHA-256 and its
/// size in bytes into the file that is named, which goes with the table's last reader.
///
/// A table of a database is asked for with the credentials of this process's environment, within an async runtime.
/// A directory, a pattern (`part-*.csv`), and a prefix of an object store that ends with `/` are one table in parts.
///
/// # Errors
/// What the list refuses, what is not there, and what `fetch` meets.
pub async fn open<E, F>(
    location: &Location,
    access: &Access,
    stated: impl Into<Stated>,
    fetch: impl FnOnce(String, u64, PathBuf) -> F,
) -> Result<Arc<dyn TableSource>, E>
where
    E: From<Error>,
    F: Future<Output = Result<(), E>>,
{
    let stated = stated.into();
    if let Location::Postgres(address) = location {
        access.check(location)?;
        let credentials = DatabaseCredentials::from_environment();
        let (limits, timeout) = (access.limits(), access.database_timeout());
        let table =
            PostgresTable::open(address.clone(), &stated.query, credentials, limits, timeout)?;
        return Ok(Arc::new(table));
    }
    if !stated.query.is_empty() {
        let reason = "a query is stated, and it is no database";
        return Err(Error::BadLocation { uri: location.to_string(), reason }.into());
    }
    if let Some(parts) = PartedTable::open(location, access, &stated).await? {
        return Ok(Arc::new(parts));
    }
    let source = match location {
        Location::Artifact { sha256, bytes } => {
            // A directory that other users cannot look into, whatever the modes of files in it.
            let directory = tempfile::Builder::new().prefix(".tier0-").tempdir();
            let directory =
                directory.map_err(|source| Error::Io { path: std::env::temp_dir(), source })?;
            let file = directory.path().join("table");
            fetch(sha256.clone(), *bytes, file.clone()).await?;
            Source::of_fetched(location, directory, &file)?.limited(access.limits())
        }
        _ => Source::open(location, access).await?,
    };
    Ok(Arc::new(FileTable::new(source, stated)))
}
