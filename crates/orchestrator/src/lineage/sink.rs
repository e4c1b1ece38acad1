//! The places that events go to. What is told as confirmed is there to stay, as far as the place itself promises that.

use std::collections::HashSet;
use std::path::{Path, PathBuf};

use bus::{Bus, Headers, MESSAGE_ID, SecretUrl};
use contracts::{names, subjects};
use outgoing::Metadata;
use reqwest::StatusCode;
use reqwest::header::{AUTHORIZATION, HeaderMap, HeaderValue};
use secret::{MAX_SECRET_BYTES, SecretFileError};
use tokio::fs::{File, OpenOptions};
use tokio::io::{AsyncReadExt, AsyncSeekExt, AsyncWriteExt, SeekFrom};

use super::{LineageConfig, RunEvent, SinkKind};

/// How far back a file is read for what was written to it last.
const TAIL: u64 = 256 * 1024;
/// Longest part of an answer that is told.
const MAX_ANSWER_BYTES: usize = 300;

/// Why an event did not get to its place; it is worth trying again.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The file of events could not be opened.
    #[error("cannot {what} the lineage file {}", path.display())]
    File {
        /// Operation that failed, as it stands behind `cannot` in the message, such as `open`.
        what: &'static str,
        /// Path of the file.
        path: PathBuf,
        /// Error of the operating system.
        #[source]
        source: std::io::Error,
    },
    /// The file with the bearer token cannot be used.
    #[error(transparent)]
    TokenFile(#[from] SecretFileError),
    /// The bearer token has characters that no header can have.
    #[error("the lineage token in {} has characters that no header can have", path.display())]
    Token {
        /// Path of the file.
        path: PathBuf,
    },
    /// The endpoint did not answer.
    #[error("the lineage endpoint did not answer")]
    Http(#[source] reqwest::Error),
    /// The endpoint cannot take it now.
    #[error("the lineage endpoint answered {status}: {answer}")]
    Busy {
        /// HTTP status of the answer.
        status: u16,
        /// The beginning of its answer.
        answer: String,
    },
    /// The broker refused, or could not be reached.
    #[error("the broker did not take a lineage event")]
    Bus(#[from] bus::Error),
    /// The event could not be written as JSON.
    #[error("a lineage event cannot be written as JSON")]
    Json(#[from] serde_json::Error),
    /// The configuration was not checked.
    #[error("lineage.{0} is missing")]
    Missing(&'static str),
}

impl From<reqwest::Error> for Error {
    /// Without the URL, which may hold a secret.
    fn from(error: reqwest::Error) -> Self {
        Self::Http(error.without_url())
    }
}

/// What became of an event.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// The destination has confirmed the event.
    Confirmed,
    /// It had been there before.
    Repeated,
    /// It was refused for good.
    Refused {
        /// The status of the answer.
        status: u16,
        /// The beginning of the answer.
        answer: String,
    },
}

/// A place that events go to.
#[derive(Debug)]
pub enum Sink {
    /// A file with one JSON object per line.
    File(Box<FileSink>),
    /// An HTTP endpoint that takes OpenLineage events.
    Http(Box<HttpSink>),
    /// A subject that a stream keeps.
    Nats(Box<Bus>),
}

impl Sink {
    /// Opens the place that is configured; nothing where none is.
    ///
    /// # Errors
    /// Where it cannot be used.
    pub async fn open(config: &LineageConfig, bus: &Bus) -> Result<Option<Self>, Error> {
        Ok(match config.sink {
            SinkKind::None => None,
            SinkKind::File => {
                let path = config.file.as_deref().ok_or(Error::Missing("file"))?;
                Some(Self::File(Box::new(FileSink::open(path).await?)))
            }
            SinkKind::Http => Some(Self::Http(Box::new(HttpSink::open(config).await?))),
            SinkKind::Nats => Some(Self::Nats(Box::new(bus.clone()))),
        })
    }

    /// Brings an event to its place, once.
    ///
    /// # Errors
    /// Where it did not get there, and may if it is tried again.
    pub async fn send(&mut self, event: &RunEvent) -> Result<Outcome, Error> {
        match self {
            Self::File(file) => file.send(event).await,
            Self::Http(http) => http.send(event).await,
            Self::Nats(bus) => {
                let mut headers = Headers::new();
                headers.insert(MESSAGE_ID, event.identity().as_str());
                headers.insert(names::CONTENT_TYPE, names::JSON);
                let body = serde_json::to_vec(event)?;
                bus.publish(subjects::LINEAGE, headers, body.into()).await?;
                Ok(Outcome::Confirmed)
            }
        }
    }
}

/// A file of lines, each an event.
#[derive(Debug)]
pub struct FileSink {
    path: PathBuf,
    file: File,
    /// Identities at the file's end: what was written but not acknowledged before a crash is among them.
    written: HashSet<String>,
}

impl FileSink {
    /// Opens the file, and makes it where it is not there. A last line that a crash has cut is taken away: it was not confirmed.
    pub(super) async fn open(path: &Path) -> Result<Self, Error> {
        let failed = |what| {
            let path = path.to_owned();
            move |source| Error::File { what, path, source }
        };
        let options = OpenOptions::new().create(true).read(true).append(true).clone();
        let mut file = options.open(path).await.map_err(failed("open"))?;
        let length = file.metadata().await.map_err(failed("look at"))?.len();
        let from = length.saturating_sub(TAIL);
        file.seek(SeekFrom::Start(from)).await.map_err(failed("read"))?;
        let mut tail = Vec::new();
        file.read_to_end(&mut tail).await.map_err(failed("read"))?;
        let whole = tail.iter().rposition(|byte| *byte == b'\n').map_or(0, |at| at + 1);
        if whole < tail.len() {
            let keep = from + u64::try_from(whole).unwrap_or_default();
            file.set_len(keep).await.map_err(failed("shorten"))?;
        }
        let lines = tail.get(..whole).unwrap_or_default().split(|byte| *byte == b'\n');
        let events = lines.filter_map(|line| serde_json::from_slice::<RunEvent>(line).ok());
        let written = events.map(|event| event.identity()).collect();
        Ok(Self { path: path.to_owned(), file, written })
    }

    pub(super) async fn send(&mut self, event: &RunEvent) -> Result<Outcome, Error> {
        if self.written.contains(&event.identity()) {
            return Ok(Outcome::Repeated);
        }
        let mut line = serde_json::to_vec(event)?;
        line.push(b'\n');
        let written = self.write(&line).await;
        if let Err(source) = written {
            // What of the line is there must not stand before the next one.
            *self = Self::open(&self.path).await?;
            return Err(Error::File { what: "write to", path: self.path.clone(), source });
        }
        Ok(Outcome::Confirmed)
    }

    async fn write(&mut self, line: &[u8]) -> std::io::Result<()> {
        self.file.write_all(line).await?;
        self.file.flush().await?;
        self.file.sync_data().await
    }
}

/// An endpoint that takes events, such as Marquez's `/api/v1/lineage`.
#[derive(Debug)]
pub struct HttpSink {
    client: reqwest::Client,
    url: SecretUrl,
}

impl HttpSink {
    pub(super) async fn open(config: &LineageConfig) -> Result<Self, Error> {
        let url = config.url.clone().ok_or(Error::Missing("url"))?;
        let mut headers = HeaderMap::new();
        if let Some(path) = &config.token_file {
            let token = secret::file::read(path, MAX_SECRET_BYTES)?;
            let value = HeaderValue::from_str(&format!("Bearer {}", token.expose()));
            let mut value = value.map_err(|_| Error::Token { path: path.clone() })?;
            value.set_sensitive(true);
            headers.insert(AUTHORIZATION, value);
        }
        let client = outgoing::client(config.timeout(), Metadata::Refused);
        let client = client.default_headers(headers).build()?;
        Ok(Self { client, url })
    }

    pub(super) async fn send(&self, event: &RunEvent) -> Result<Outcome, Error> {
        let request =
            self.client.post(self.url.expose()).header("Idempotency-Key", event.identity());
        let response = request.json(event).send().await?;
        let status = response.status();
        if status.is_success() {
            return Ok(Outcome::Confirmed);
        }
        let answer = beginning(response).await;
        let status_code = status.as_u16();
        let later = [StatusCode::TOO_MANY_REQUESTS, StatusCode::REQUEST_TIMEOUT];
        if status.is_server_error() || later.contains(&status) {
            return Err(Error::Busy { status: status_code, answer });
        }
        Ok(Outcome::Refused { status: status_code, answer })
    }
}

/// The beginning of an answer, of which no more is read than is told.
async fn beginning(mut response: reqwest::Response) -> String {
    let mut bytes = Vec::new();
    while bytes.len() < MAX_ANSWER_BYTES {
        match response.chunk().await {
            Ok(Some(chunk)) => bytes.extend_from_slice(&chunk),
            Ok(None) | Err(_) => break,
        }
    }
    bytes.truncate(MAX_ANSWER_BYTES);
    String::from_utf8_lossy(&bytes).trim().to_owned()
}
