//! `health`: asks the running process whether it is ready, for container health checks.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::path::Path;
use std::time::Duration;

use crate::CommonConfig;
use crate::http::{self, BearerToken};

const LIMIT: Duration = Duration::from_secs(3);
const MAX_ANSWER_BYTES: u64 = 64 * 1024;

/// Why the process is not healthy.
#[derive(Debug, thiserror::Error)]
pub(crate) enum HealthError {
    #[error(
        "cannot tell where the process listens: set ready_file, or a fixed port in http.listen"
    )]
    Nowhere,
    #[error("the ready file {path} cannot be read; the process is not ready")]
    ReadyFile {
        path: String,
        #[source]
        source: std::io::Error,
    },
    #[error("no answer from {address}")]
    NoAnswer {
        address: SocketAddr,
        #[source]
        source: std::io::Error,
    },
    #[error("TLS cannot be spoken with {address}")]
    Tls {
        address: SocketAddr,
        #[source]
        source: Box<tls::Error>,
    },
    #[error("{address} answers: {answer}")]
    NotReady { address: SocketAddr, answer: String },
}

/// Asks `/readyz` of the process that this configuration starts.
pub(crate) fn check(common: &CommonConfig) -> Result<(), HealthError> {
    let address = match &common.ready_file {
        Some(path) => from_ready_file(path)?,
        None => http::parse(&common.http.listen)
            .filter(|address| address.port() != 0)
            .ok_or(HealthError::Nowhere)?,
    };
    let token = common.http.token_file.as_deref().and_then(|path| BearerToken::read(path).ok());
    let tls = match (&common.http.tls.cert_file, &common.http.tls.key_file) {
        (Some(certificate), Some(key)) => Some(tls::pinned(certificate, key)),
        _ => None,
    };
    let tls =
        tls.transpose().map_err(|source| HealthError::Tls { address, source: Box::new(source) })?;
    let answer = ask(address, token.as_ref(), tls)
        .map_err(|source| HealthError::NoAnswer { address, source })?;
    if answer.starts_with("HTTP/1.1 200") {
        return Ok(());
    }
    let body = answer.rsplit("\r\n\r\n").next().unwrap_or_default().trim().to_owned();
    Err(HealthError::NotReady { address, answer: body })
}

fn from_ready_file(path: &Path) -> Result<SocketAddr, HealthError> {
    let failed = |source| HealthError::ReadyFile { path: path.display().to_string(), source };
    let text = std::fs::read_to_string(path).map_err(failed)?;
    let document: serde_json::Value =
        serde_json::from_str(&text).map_err(|error| failed(error.into()))?;
    let location = document.get("http").and_then(serde_json::Value::as_str).unwrap_or_default();
    let address = location.strip_prefix("https://").unwrap_or(location);
    address.parse().map_err(|_| HealthError::Nowhere)
}

fn ask(
    address: SocketAddr,
    token: Option<&BearerToken>,
    tls: Option<tls::Config>,
) -> std::io::Result<String> {
    let stream = TcpStream::connect_timeout(&address, LIMIT)?;
    stream.set_read_timeout(Some(LIMIT))?;
    stream.set_write_timeout(Some(LIMIT))?;
    match tls {
        None => exchange(stream, address, token),
        Some(tls) => {
            exchange(tls::connect(tls, &address.ip().to_string(), stream)?, address, token)
        }
    }
}

fn exchange(
    mut stream: impl Read + Write,
    address: SocketAddr,
    token: Option<&BearerToken>,
) -> std::io::Result<String> {
    let authorization =
        token.map(|token| format!("Authorization: {}\r\n", token.header())).unwrap_or_default();
    write!(
        stream,
        "GET /readyz HTTP/1.1\r\nHost: {address}\r\n{authorization}Connection: close\r\n\r\n"
    )?;
    let mut answer = String::new();
    stream.flush()?;
    stream.take(MAX_ANSWER_BYTES).read_to_string(&mut answer)?;
    Ok(answer)
}
