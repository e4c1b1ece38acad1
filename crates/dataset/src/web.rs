//! A document of a web server: fetched once into a file of this machine, so that every pass sees the same bytes, whatever the server
//! can do.
//!
//! Invariants: a redirection is followed to places of the allow-list alone; what is fetched is bounded; the file goes with the last
//! reader of it.

use std::sync::Arc;
use std::time::Duration;

use outgoing::Metadata;
use reqwest::header::{ACCEPT_ENCODING, LOCATION};
use reqwest::redirect::Policy;
use reqwest::{Response, StatusCode};
use tokio::io::AsyncWriteExt as _;
use url::Url;

use crate::{Access, Error, Source};

/// Longest time for a whole document.
const DOWNLOAD_TIMEOUT: Duration = Duration::from_hours(6);
/// Longest time between two pieces of a document.
const READ_TIMEOUT: Duration = Duration::from_secs(60);
/// Most redirections that are followed.
const MAX_REDIRECTIONS: usize = 5;
const BUFFER: usize = 1 << 20;

/// Why a web server gave no table.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum WebProblem {
    /// No connection, or one that broke.
    #[error("can't be reached, or broke off: {reason}")]
    Unreachable {
        /// What the connection met.
        reason: String,
    },
    /// An answer without a document.
    #[error("answered {status}")]
    Status {
        /// Status of the answer.
        status: StatusCode,
    },
    /// A redirection off the list, or one too many.
    #[error(
        "leads to `{to}`, which is not followed: data.allowed_roots does not have it, or it is one of more than 5"
    )]
    Redirected {
        /// Where it leads, without credentials and query.
        to: String,
    },
    /// More bytes than the limit.
    #[error(
        "has more than {limit} bytes for it (data.max_download_bytes); divide it into parts, or allow more"
    )]
    TooLarge {
        /// Most bytes that are fetched.
        limit: u64,
    },
    /// The file of this machine.
    #[error("can't be written down in `{}`: {source}; make room there, or set TMPDIR", directory.display())]
    Disk {
        /// Directory of the file.
        directory: std::path::PathBuf,
        /// Error of the operating system.
        source: std::io::Error,
    },
}

impl WebProblem {
    /// Whether the same attempt may succeed later.
    pub(crate) fn is_transient(&self) -> bool {
        match self {
            Self::Unreachable { .. } => true,
            Self::Status { status } => {
                status.is_server_error()
                    || matches!(
                        *status,
                        StatusCode::TOO_MANY_REQUESTS | StatusCode::REQUEST_TIMEOUT
                    )
            }
            _ => false,
        }
    }

    /// A stable identifier of what is wrong.
    pub(crate) const fn code(&self) -> &'static str {
        match self {
            Self::Redirected { .. } => "source_not_allowed",
            Self::TooLarge { .. } => "source_too_large",
            Self::Unreachable { .. } | Self::Status { .. } | Self::Disk { .. } => {
                "source_unreadable"
            }
        }
    }
}

/// Fetches a document of the list.
///
/// # Errors
/// What the list refuses, what is not there, what is too large, a server that fails.
pub(crate) async fn fetch(url: &Url, access: &Access) -> Result<Source, Error> {
    access.check_web(url)?;
    let failed = |problem| Error::Web { uri: url.to_string(), problem };
    let response = ask(url, access).await.map_err(|error| failed(unreachable(error)))?;
    let status = response.status();
    if status.is_redirection() {
        return Err(failed(WebProblem::Redirected { to: leads_to(&response) }));
    }
    match status {
        StatusCode::OK => {}
        StatusCode::NOT_FOUND | StatusCode::GONE => {
            return Err(Error::MissingFile { uri: url.to_string() });
        }
        status => return Err(failed(WebProblem::Status { status })),
    }
    let file = write_down(response, access.limits().download_bytes).await.map_err(failed)?;
    let path = Arc::new(file.into_temp_path());
    Ok(Source::of_download(url, path)?.limited(access.limits()))
}

async fn ask(url: &Url, access: &Access) -> reqwest::Result<Response> {
    let list = access.clone();
    let policy = Policy::custom(move |attempt| {
        let is_allowed = list.check_web(attempt.url()).is_ok();
        if is_allowed && attempt.previous().len() <= MAX_REDIRECTIONS {
            attempt.follow()
        } else {
            attempt.stop()
        }
    });
    let client = outgoing::client(DOWNLOAD_TIMEOUT, Metadata::Refused)
        .redirect(policy)
        .read_timeout(READ_TIMEOUT)
        .build()?;
    client.get(url.clone()).header(ACCEPT_ENCODING, "identity").send().await
}

/// Where an answer leads, as far as that may be told.
fn leads_to(response: &Response) -> String {
    let location = response.headers().get(LOCATION).and_then(|value| value.to_str().ok());
    let to = location.and_then(|location| response.url().join(location).ok());
    to.map(|to| crate::location::without_credentials(to.as_str())).unwrap_or_default()
}

async fn write_down(
    mut response: Response,
    limit: u64,
) -> Result<tempfile::NamedTempFile, WebProblem> {
    let too_large = || WebProblem::TooLarge { limit };
    if response.content_length().is_some_and(|length| length > limit) {
        return Err(too_large());
    }
    let disk = |source| WebProblem::Disk { directory: std::env::temp_dir(), source };
    let file = tempfile::Builder::new().prefix(".tier0-").tempfile().map_err(disk)?;
    let handle = tokio::fs::File::from_std(file.reopen().map_err(disk)?);
    let mut into = tokio::io::BufWriter::with_capacity(BUFFER, handle);
    let mut bytes = 0;
    while let Some(piece) = response.chunk().await.map_err(unreachable)? {
        bytes += piece.len() as u64;
        if bytes > limit {
            return Err(too_large());
        }
        into.write_all(&piece).await.map_err(disk)?;
    }
    into.flush().await.map_err(disk)?;
    Ok(file)
}

fn unreachable(error: reqwest::Error) -> WebProblem {
    let error = error.without_url();
    let mut reason = error.to_string();
    let mut cause = std::error::Error::source(&error);
    while let Some(error) = cause {
        reason = format!("{reason}: {error}");
        cause = error.source();
    }
    WebProblem::Unreachable { reason }
}

#[cfg(test)]
mod tests;
