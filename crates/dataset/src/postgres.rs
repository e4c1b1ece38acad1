//! A table or a query of PostgreSQL.
//!
//! ```text
//! postgres://host:5432/sales?table=public.orders ─┐
//! postgres://host:5432/sales, and a query ────────┴▶ PostgresTable ─ one read-only transaction, one snapshot
//!                                                      ├─ fingerprint ─▶ SHA-256 over names, types and rows
//!                                                      ├─ schema ──────▶ types of the database, of texts by their values
//!                                                      └─ batches ─────▶ COPY … TO STDOUT, in batches of bounded size
//! ```
//!
//! Invariants: nothing is written, and every pass of a table sees the same snapshot; rows come in the order of the primary key, or
//! as the query orders them, and a pass whose rows are others than before, or in another order, is refused; credentials are in no
//! location, and no message shows a password or a value of a row.

mod address;
mod columns;
mod copy;
mod credentials;
mod error;
mod session;

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use arrow::array::RecordBatch;
use tabular::Field;
use tokio::runtime::Handle;

pub use self::address::PostgresAddress;
pub use self::credentials::DatabaseCredentials;
pub use self::error::DatabaseProblem;

use self::columns::{Reading, SourceColumn};
use self::copy::RowBuffer;
use self::session::Session;
use crate::content::ContentLimits;
use crate::shape::check_names;
use crate::{Error, ScanOptions, Shape, TableSource, batches};

/// Most rows that are taken from the connection at a time.
const MAX_ROWS: usize = 8192;

/// A table or a query of a database, opened.
#[derive(Debug)]
pub struct PostgresTable {
    address: PostgresAddress,
    /// The query, where no table is named.
    query: String,
    credentials: DatabaseCredentials,
    limits: ContentLimits,
    /// Longest time of a statement.
    timeout: Duration,
    runtime: Handle,
    state: Mutex<State>,
}

/// The connection, and what is known of the table.
#[derive(Debug, Default)]
struct State {
    session: Option<Session>,
    /// Digest and rows of the first pass over all of it.
    seen: Option<(String, u64)>,
}

impl PostgresTable {
    /// The table of an address, or what a query gives; within an async runtime. Nothing is asked of the server yet.
    ///
    /// # Errors
    /// [`Error::BadLocation`] where neither or both of a table and a query are given.
    pub fn open(
        address: PostgresAddress,
        query: &str,
        credentials: DatabaseCredentials,
        limits: ContentLimits,
        timeout: Duration,
    ) -> Result<Self, Error> {
        let query = query.trim().trim_end_matches(';').trim_end().to_owned();
        let reason = match (address.table().is_some(), query.is_empty()) {
            (false, true) => Some(
                "it names no table; write postgres://HOST/DATABASE?table=SCHEMA.TABLE, or state a query in the catalogue",
            ),
            (true, false) => Some("it names a table, and a query is stated; give one of them"),
            _ => None,
        };
        match reason {
            Some(reason) => Err(Error::BadLocation { uri: address.uri().to_owned(), reason }),
            None => Ok(Self {
                address,
                query,
                credentials,
                limits,
                timeout,
                runtime: Handle::current(),
                state: Mutex::default(),
            }),
        }
    }

    fn failed(&self, problem: DatabaseProblem) -> Error {
        Error::Database { uri: self.address.uri().to_owned(), problem }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Runs work on the session, which is opened where there is none. Where the work fails, the session is given up: the server may
    /// still be sending.
    fn with_session<T>(
        &self,
        state: &mut State,
        work: impl FnOnce(&mut Session) -> Result<T, Error>,
    ) -> Result<T, Error> {
        let mut session = match state.session.take() {
            Some(session) => session,
            None => self.connect().map_err(|problem| self.failed(problem))?,
        };
        let done = work(&mut session)?;
        state.session = Some(session);
        Ok(done)
    }

    fn connect(&self) -> Result<Session, DatabaseProblem> {
        let Self { address, query, credentials, timeout, runtime, .. } = self;
        Session::open(address, query, credentials, *timeout, runtime)
    }

    /// Reads the columns of all rows: gives digest and number of rows. The digest is that of the table where all readable columns are
    /// read.
    fn read(
        &self,
        session: &mut Session,
        columns: &[SourceColumn],
        mut rows: impl FnMut(&RowBuffer) -> Result<(), Error>,
    ) -> Result<(String, u64), Error> {
        let limit = self.limits.line_bytes;
        let failed = |problem| self.failed(problem);
        let mut reader = session.copy(columns).map_err(failed)?;
        let mut buffer = RowBuffer::new(columns.len());
        loop {
            let (row, more) = (reader.rows(), reader.fill(&mut buffer, MAX_ROWS).map_err(failed)?);
            if buffer.longest() > limit {
                return Err(Error::LineTooLong { line: row + 1, limit });
            }
            self.limits.admit(reader.rows(), columns.len())?;
            if buffer.rows() > 0 {
                rows(&buffer)?;
            }
            if !more {
                return Ok(reader.finish());
            }
        }
    }

    /// Remembers what a pass over all rows has found, or holds it against what an earlier one has.
    fn check(&self, state: &mut State, found: (String, u64)) -> Result<(), Error> {
        match &state.seen {
            Some(seen) if *seen != found => Err(self.failed(DatabaseProblem::Unstable)),
            Some(_) => Ok(()),
            None => {
                state.seen = Some(found);
                Ok(())
            }
        }
    }
}

impl TableSource for PostgresTable {
    fn uri(&self) -> &str {
        self.address.uri()
    }

    fn fingerprint(&self) -> Result<String, Error> {
        let mut state = self.state();
        if let Some((sha256, _)) = &state.seen {
            return Ok(sha256.clone());
        }
        let found = self.with_session(&mut state, |session| {
            let columns = session.readable();
            self.read(session, &columns, |_| Ok(()))
        })?;
        let sha256 = found.0.clone();
        self.check(&mut state, found)?;
        Ok(sha256)
    }

    fn schema(&self, options: &ScanOptions) -> Result<Shape, Error> {
        let mut state = self.state();
        let (found, mut readings, mut notes) = self.with_session(&mut state, |session| {
            let mut notes = session.left_out();
            let names = session.names();
            check_names(
                names.len(),
                names.iter().map(String::as_str),
                options.max_columns,
                &mut notes,
            )?;
            let columns = session.readable();
            if columns.is_empty() {
                return Err(session.unreadable().unwrap_or(Error::EmptyFile));
            }
            let mut readings: Vec<Reading> =
                columns.iter().map(|column| Reading::new(column, &options.markers)).collect();
            let found = self.read(session, &columns, |rows| {
                for (place, reading) in readings.iter_mut().enumerate() {
                    rows.column(place).for_each(|cell| reading.observe(cell));
                }
                Ok(())
            })?;
            Ok((found, readings, notes))
        })?;
        let rows = found.1;
        if rows == 0 {
            return Err(Error::HeaderOnly { columns: readings.len() });
        }
        let sha256 = found.0.clone();
        self.check(&mut state, found)?;
        let (fields, missing) =
            readings.iter_mut().map(|reading| reading.finish(&mut notes)).unzip();
        Ok(Shape { format: None, fields, rows, missing, sha256, notes, ..Shape::default() })
    }

    fn batches(
        &self,
        shape: &Shape,
        columns: &[Field],
        _options: &ScanOptions,
        rows: usize,
        batch: &mut dyn FnMut(RecordBatch) -> Result<(), Error>,
    ) -> Result<(), Error> {
        batches::places(shape, columns)?;
        let schema = crate::text_schema(columns);
        let mut state = self.state();
        let (found, is_whole) = self.with_session(&mut state, |session| {
            let readable = session.readable();
            let wanted: Vec<SourceColumn> = columns
                .iter()
                .filter_map(|field| readable.iter().find(|column| column.name() == field.name))
                .cloned()
                .collect();
            let is_whole = wanted.len() == readable.len()
                && wanted.iter().zip(&readable).all(|(one, other)| one.name() == other.name());
            let mut builder = copy::Batches::new(schema, &wanted, rows.max(1));
            let found = self.read(session, &wanted, |buffer| builder.push(buffer, batch))?;
            builder.finish(batch)?;
            Ok((found, is_whole))
        })?;
        if is_whole { self.check(&mut state, found) } else { Ok(()) }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test")]

    use super::*;

    #[tokio::test]
    async fn a_table_or_a_query_is_given() {
        let open = |uri: &str, query: &str| {
            let address = PostgresAddress::parse(uri).unwrap();
            let credentials = DatabaseCredentials::of(|_| None);
            let limits = ContentLimits::default();
            PostgresTable::open(address, query, credentials, limits, Duration::from_secs(1))
        };
        open("postgres://h/d?table=t", " ; ").unwrap();
        assert_eq!(open("postgres://h/d", "SELECT 1 AS x;\n").unwrap().query, "SELECT 1 AS x");
        for (uri, query) in [("postgres://h/d", ""), ("postgres://h/d?table=t", "SELECT 1")] {
            assert!(matches!(open(uri, query), Err(Error::BadLocation { .. })), "{uri}");
        }
    }
}
