//! One connection in one read-only transaction: what its passes see is one snapshot.

use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use bytes::{Buf as _, Bytes, BytesMut};
use futures::StreamExt as _;
use sha2::{Digest, Sha256};
use tokio::runtime::Handle;
use tokio::task::JoinHandle;
use tokio::time::timeout;
use tokio_postgres::config::SslMode;
use tokio_postgres::{Client, Config, CopyOutStream, NoTls};
use tokio_postgres_rustls::MakeRustlsConnect;

use super::address::quoted;
use super::columns::SourceColumn;
use super::copy::{MalformedRow, RowBuffer};
use super::credentials::{Login, Tls};
use super::{DatabaseCredentials, DatabaseProblem, PostgresAddress};
use crate::Error;

/// Longest time until a server answers at all.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);
/// Time without a sign of life after which a server counts as gone.
const SILENCE: Duration = Duration::from_secs(60);
/// What the client waits beyond the time that the server has.
const GRACE: Duration = Duration::from_secs(15);

/// A connection, and the table that it reads.
pub(super) struct Session {
    client: Client,
    connection: JoinHandle<()>,
    runtime: Handle,
    timeout: Duration,
    /// What stands behind FROM, with its order.
    relation: String,
    /// Names of all columns.
    names: Vec<String>,
    columns: Vec<Result<SourceColumn, Error>>,
}

impl std::fmt::Debug for Session {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Session").field("relation", &self.relation).finish_non_exhaustive()
    }
}

impl Drop for Session {
    fn drop(&mut self) {
        // The server notices at its next word: the transaction ends with the connection.
        self.connection.abort();
    }
}

impl Session {
    /// Connects, begins the transaction and looks at the columns. Blocking.
    pub(super) fn open(
        address: &PostgresAddress,
        query: &str,
        credentials: &DatabaseCredentials,
        limit: Duration,
        runtime: &Handle,
    ) -> Result<Self, DatabaseProblem> {
        let Login { user, password } = credentials.login(address)?;
        let mut config = Config::new();
        config
            .host(address.host())
            .port(address.port())
            .dbname(address.database())
            .user(user)
            .application_name("tier0")
            .connect_timeout(CONNECT_TIMEOUT)
            .keepalives_idle(SILENCE / 2)
            .tcp_user_timeout(SILENCE);
        if let Some(password) = password {
            config.password(password);
        }
        let tls = credentials.tls(address)?;
        config.ssl_mode(match tls {
            Tls::No => SslMode::Disable,
            Tls::Preferred => SslMode::Prefer,
            Tls::Yes => SslMode::Require,
        });
        let connector = if tls == Tls::No { None } else { Some(connector(credentials)?) };
        let opening = async {
            let failed = |error| DatabaseProblem::of(&error, limit.as_secs());
            let (client, connection) = match connector {
                None => {
                    let (client, connection) = config.connect(NoTls).await.map_err(failed)?;
                    (client, runtime.spawn(async move { drop(connection.await) }))
                }
                Some(connector) => {
                    let (client, connection) = config.connect(connector).await.map_err(failed)?;
                    (client, runtime.spawn(async move { drop(connection.await) }))
                }
            };
            let mut session = Self {
                client,
                connection,
                runtime: runtime.clone(),
                timeout: limit,
                relation: String::new(),
                names: Vec::new(),
                columns: Vec::new(),
            };
            session.client.batch_execute(&begin(limit)).await.map_err(failed)?;
            session.look(address, query).await.map_err(failed)?;
            Ok(session)
        };
        runtime.block_on(async {
            let slow = || DatabaseProblem::Slow { seconds: limit.as_secs() };
            timeout(limit + GRACE, opening).await.unwrap_or_else(|_| Err(slow()))
        })
    }

    /// Finds the columns, and the order of the rows.
    async fn look(
        &mut self,
        address: &PostgresAddress,
        query: &str,
    ) -> Result<(), tokio_postgres::Error> {
        let table = address.table();
        let relation = match &table {
            Some(table) => table.clone(),
            None => format!("(\n{query}\n) AS \"table\""),
        };
        // Prepared by itself, so that a query that is not one whole is refused.
        let statement = self.client.prepare(&format!("SELECT * FROM {relation} LIMIT 0")).await?;
        let order = match &table {
            Some(table) => self.order(table).await?,
            None => String::new(),
        };
        self.relation = relation + &order;
        self.names = statement.columns().iter().map(|of| of.name().to_owned()).collect();
        self.columns = statement.columns().iter().map(SourceColumn::new).collect();
        Ok(())
    }

    /// By the primary key, where there is one; else rows come as they lie.
    async fn order(&self, table: &str) -> Result<String, tokio_postgres::Error> {
        const KEY: &str = "SELECT a.attname::text FROM pg_catalog.pg_index i \
             CROSS JOIN LATERAL unnest(i.indkey) WITH ORDINALITY AS k(attnum, place) \
             JOIN pg_catalog.pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = k.attnum \
             WHERE i.indrelid = ($1::text)::regclass AND i.indisprimary ORDER BY k.place";
        let key = self.client.query(KEY, &[&table]).await?;
        let names = key.iter().map(|row| row.try_get::<_, String>(0));
        let names: Vec<String> =
            names.map(|name| name.map(|name| quoted(&name))).collect::<Result<_, _>>()?;
        Ok(if names.is_empty() { String::new() } else { format!(" ORDER BY {}", names.join(", ")) })
    }

    /// The columns that are read.
    pub(super) fn readable(&self) -> Vec<SourceColumn> {
        self.columns.iter().flatten().cloned().collect()
    }

    /// The names of all columns.
    pub(super) fn names(&self) -> Vec<String> {
        self.names.clone()
    }

    /// Why columns are left out, for a person.
    pub(super) fn left_out(&self) -> Vec<String> {
        let unread = self.columns.iter().filter_map(|column| column.as_ref().err());
        unread.map(|error| format!("{error}; it is left out")).collect()
    }

    /// Why the first column that is not read is not.
    pub(super) fn unreadable(&mut self) -> Option<Error> {
        let place = self.columns.iter().position(Result::is_err)?;
        self.columns.swap_remove(place).err()
    }

    /// Begins to read these columns of all rows. Blocking.
    pub(super) fn copy(&mut self, columns: &[SourceColumn]) -> Result<Rows<'_>, DatabaseProblem> {
        let list: Vec<String> = columns.iter().map(SourceColumn::expression).collect();
        let copy = format!("COPY (SELECT {} FROM {}) TO STDOUT", list.join(", "), self.relation);
        let mut hash = Sha256::new();
        for text in columns.iter().flat_map(|column| [column.name(), column.type_name()]) {
            hash.update((text.len() as u64).to_le_bytes());
            hash.update(text.as_bytes());
        }
        let seconds = self.timeout.as_secs();
        let limit = self.timeout + GRACE;
        let stream = self.runtime.block_on(async {
            let copied = timeout(limit, self.client.copy_out(&copy)).await;
            let copied = copied.map_err(|_| DatabaseProblem::Slow { seconds })?;
            copied.map_err(|error| DatabaseProblem::of(&error, seconds))
        })?;
        Ok(Rows {
            session: self,
            stream: Box::pin(stream),
            hash,
            waiting: BytesMut::new(),
            rows: 0,
        })
    }
}

/// Begins the transaction, with all settings that the text of values depends on.
fn begin(limit: Duration) -> String {
    let milliseconds = limit.as_millis();
    format!(
        "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY; \
         SET LOCAL statement_timeout = {milliseconds}; \
         SET LOCAL idle_in_transaction_session_timeout = {milliseconds}; \
         SET LOCAL DateStyle = 'ISO, YMD'; SET LOCAL TimeZone = 'UTC'; SET LOCAL IntervalStyle = 'iso_8601'; \
         SET LOCAL extra_float_digits = 1; SET LOCAL lc_monetary = 'C'; SET LOCAL standard_conforming_strings = on; \
         SET LOCAL synchronize_seqscans = off; SET LOCAL max_parallel_workers_per_gather = 0"
    )
}

/// What speaks TLS: with the certificates that the credentials name, else with the system's.
fn connector(credentials: &DatabaseCredentials) -> Result<MakeRustlsConnect, DatabaseProblem> {
    let failed = |reason: String| DatabaseProblem::Certificates { reason };
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let mut roots = rustls::RootCertStore::empty();
    match credentials.root_certificates() {
        Some(path) => {
            use rustls::pki_types::CertificateDer;
            use rustls::pki_types::pem::PemObject as _;
            let unread = |reason: String| failed(format!("`{}` {reason}", path.display()));
            let certificates = CertificateDer::pem_file_iter(path)
                .map_err(|error| unread(format!("can't be read: {error}")))?;
            for certificate in certificates {
                let certificate =
                    certificate.map_err(|error| unread(format!("is not understood: {error}")))?;
                roots
                    .add(certificate)
                    .map_err(|error| unread(format!("holds no certificate to trust: {error}")))?;
            }
        }
        None => {
            // Some of the system's may be of no use; those that are trusted are enough.
            roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
        }
    }
    let config = rustls::ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(|error| failed(error.to_string()))?
        .with_root_certificates(roots)
        .with_no_client_auth();
    Ok(MakeRustlsConnect::new(config))
}

/// Rows under way.
pub(super) struct Rows<'s> {
    session: &'s mut Session,
    stream: Pin<Box<CopyOutStream>>,
    hash: Sha256,
    /// The beginning of a row whose end has not come yet.
    waiting: BytesMut,
    rows: u64,
}

impl Rows<'_> {
    /// Rows so far.
    pub(super) const fn rows(&self) -> u64 {
        self.rows
    }

    /// Takes the next rows: at most about `most`, or a mebibyte. Gives whether there may be more. Blocking.
    pub(super) fn fill(
        &mut self,
        buffer: &mut RowBuffer,
        most: usize,
    ) -> Result<bool, DatabaseProblem> {
        buffer.clear();
        let runtime = self.session.runtime.clone();
        runtime.block_on(async {
            while buffer.rows() < most && !buffer.is_full() {
                let seconds = self.session.timeout.as_secs();
                let next = timeout(self.session.timeout + GRACE, self.stream.next()).await;
                match next.map_err(|_| DatabaseProblem::Slow { seconds })? {
                    Some(bytes) => {
                        let bytes = bytes.map_err(|error| DatabaseProblem::of(&error, seconds))?;
                        self.take(bytes, buffer)
                            .map_err(|MalformedRow| DatabaseProblem::Malformed)?;
                    }
                    None if self.waiting.is_empty() => return Ok(false),
                    None => return Err(DatabaseProblem::Malformed),
                }
            }
            Ok(true)
        })
    }

    /// A message is a row with its line's end as servers send it, which the protocol does not promise.
    fn take(&mut self, mut bytes: Bytes, buffer: &mut RowBuffer) -> Result<(), MalformedRow> {
        self.hash.update(&bytes);
        while let Some(end) = memchr::memchr(b'\n', &bytes) {
            let line = bytes.split_to(end);
            bytes.advance(1);
            self.rows += 1;
            if self.waiting.is_empty() {
                buffer.push(&line)?;
            } else {
                self.waiting.extend_from_slice(&line);
                buffer.push(&self.waiting)?;
                self.waiting.clear();
            }
        }
        self.waiting.extend_from_slice(&bytes);
        Ok(())
    }

    /// Digest and number of all rows.
    pub(super) fn finish(self) -> (String, u64) {
        (hex::encode(self.hash.finalize()), self.rows)
    }
}
