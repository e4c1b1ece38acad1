//! Whether the broker writes to the disk before it confirms: `sync_interval: always`.
//!
//! A plain client cannot see that: the broker says it at its monitoring port alone (`/varz`). Where the configuration names that
//! port, a broker that confirms first is refused at the start.

use std::time::Duration;

use secret::shown_url;
use serde::Deserialize;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

use crate::Error;

/// Longest time for an answer of the monitoring port.
pub(crate) const LIMIT: Duration = Duration::from_secs(5);
const MAX_ANSWER_BYTES: u64 = 4 << 20;

/// What is read of `/varz`.
#[derive(Debug, Deserialize)]
struct Varz {
    #[serde(default)]
    jetstream: JetStream,
}

#[derive(Debug, Default, Deserialize)]
struct JetStream {
    #[serde(default)]
    config: Option<Config>,
}

#[derive(Debug, Deserialize)]
struct Config {
    #[serde(default)]
    sync_always: bool,
}

/// What is wrong with a monitoring URL; none where nothing is.
pub(crate) fn problem(url: &str) -> Option<String> {
    authority(url).is_none().then(|| {
        format!("monitoring_url: {:?} is no URL of a monitoring port; expected one such as http://127.0.0.1:8222", shown_url(url))
    })
}

/// Refuses a server that confirms what is not on its disk.
pub(crate) async fn check(url: &str) -> Result<(), Error> {
    let failed = |source: std::io::Error| Error::Monitoring { url: shown_url(url), source };
    let answer = tokio::time::timeout(LIMIT, ask(url, "/varz"))
        .await
        .unwrap_or_else(|_| Err(std::io::ErrorKind::TimedOut.into()))
        .map_err(failed)?;
    match writes_through(&answer) {
        Some(true) => Ok(()),
        Some(false) => Err(Error::NotDurable { url: shown_url(url) }),
        None => {
            Err(failed(std::io::Error::other("the answer is no /varz of a server with JetStream")))
        }
    }
}

/// `HOST:PORT` of `http://HOST:PORT`.
fn authority(url: &str) -> Option<&str> {
    let authority = url.strip_prefix("http://")?.trim_end_matches('/');
    let (host, port) = authority.rsplit_once(':')?;
    (!host.is_empty() && port.parse::<u16>().is_ok_and(|port| port > 0)).then_some(authority)
}

/// HTTP/1.0, so that the answer ends with the connection.
pub(crate) async fn ask(url: &str, path: &str) -> std::io::Result<Vec<u8>> {
    let authority = authority(url).ok_or(std::io::ErrorKind::InvalidInput)?;
    let mut stream = TcpStream::connect(authority).await?;
    stream
        .write_all(format!("GET {path} HTTP/1.0\r\nHost: {authority}\r\n\r\n").as_bytes())
        .await?;
    let mut answer = Vec::new();
    stream.take(MAX_ANSWER_BYTES).read_to_end(&mut answer).await?;
    Ok(answer)
}

/// What the answer says; nothing where it is none of a server with JetStream.
fn writes_through(answer: &[u8]) -> Option<bool> {
    let text = std::str::from_utf8(answer).ok()?;
    let (head, body) = text.split_once("\r\n\r\n")?;
    let ok = head.split_whitespace().nth(1) == Some("200");
    let varz: Varz = serde_json::from_str(body).ok().filter(|_| ok)?;
    varz.jetstream.config.map(|config| config.sync_always)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_server_that_says_so_writes_through() {
        let answer = |body: &str| format!("HTTP/1.0 200 OK\r\n\r\n{body}").into_bytes();
        let always = answer(r#"{"jetstream": {"config": {"sync_always": true}}}"#);
        assert_eq!(writes_through(&always), Some(true));
        let late = answer(r#"{"jetstream": {"config": {"sync_interval": 120000000000}}}"#);
        assert_eq!(writes_through(&late), Some(false));
        assert_eq!(writes_through(&answer("{}")), None, "no JetStream");
        assert_eq!(writes_through(b"HTTP/1.0 404 Not Found\r\n\r\n{}"), None);
    }

    #[test]
    fn a_monitoring_port_is_named_in_full() {
        assert_eq!(problem("http://127.0.0.1:8222"), None);
        assert_eq!(problem("http://nats:8222/"), None);
        for wrong in ["nats:8222", "https://nats:8222", "http://nats", "http://:8222", ""] {
            assert!(
                problem(wrong).is_some_and(|text| text.contains("http://127.0.0.1:8222")),
                "{wrong}"
            );
        }
    }
}
