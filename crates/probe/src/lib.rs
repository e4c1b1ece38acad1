//! `probe URL`: exits with 0 where the URL answers with status 200.
//!
//! It is the health check of a container that holds a program without one of its own, and neither a shell nor curl:
//! nats-server answers `/healthz`, and nothing else in its image could ask.
//! So it needs the standard library alone, and is small.

use std::fmt;
use std::io::{Read as _, Write as _};
use std::net::{TcpStream, ToSocketAddrs as _};
use std::process::ExitCode;
use std::time::Duration;

/// How long each step may take.
const LIMIT: Duration = Duration::from_secs(3);
/// Most bytes of an answer that are read.
const MAX_ANSWER_BYTES: u64 = 16 * 1024;
const MISUSE: u8 = 2;
const USAGE: &str = "usage: probe http://HOST:PORT/PATH\n\nExample:\n  probe http://127.0.0.1:8222/healthz\n\n\
                     Exit codes: 0 it answers with status 200; 1 it does not; 2 wrong usage.";

/// Why there is no good answer.
#[derive(Debug)]
pub enum Error {
    /// It is no address that can be asked.
    Url(String),
    /// No server answers there.
    Silent {
        /// Address that was asked, `HOST:PORT`.
        address: String,
        /// Error of the operating system.
        source: std::io::Error,
    },
    /// The answer is not a good one.
    Answer {
        /// Address that was asked, `HOST:PORT`.
        address: String,
        /// Status line of the answer, such as `HTTP/1.1 503 Service Unavailable`.
        status: String,
    },
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Url(url) => write!(f, "{url:?} is not of the form http://HOST:PORT/PATH"),
            Self::Silent { address, source } => write!(f, "no answer from {address}: {source}"),
            Self::Answer { address, status } => write!(f, "{address} answers: {status}"),
        }
    }
}

impl std::error::Error for Error {}

/// Asks the URL that is the only argument, and returns the exit code of `probe`.
pub fn main(mut arguments: impl Iterator<Item = String>) -> ExitCode {
    let (Some(url), None) = (arguments.next(), arguments.next()) else {
        return say(USAGE, ExitCode::from(MISUSE));
    };
    if matches!(url.as_str(), "-h" | "--help") {
        return say(USAGE, ExitCode::SUCCESS);
    }
    match ask(&url) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error @ Error::Url(_)) => say(&format!("probe: {error}"), ExitCode::from(MISUSE)),
        Err(error) => say(&format!("probe: {error}"), ExitCode::FAILURE),
    }
}

fn say(line: &str, code: ExitCode) -> ExitCode {
    // There is no further place to complain to.
    let _closed = writeln!(std::io::stderr().lock(), "{line}");
    code
}

/// Asks the URL; an answer with another status than 200 is an error.
pub fn ask(url: &str) -> Result<(), Error> {
    let (address, path) = parts(url).ok_or_else(|| Error::Url(url.to_owned()))?;
    let answer = exchange(address, path)
        .map_err(|source| Error::Silent { address: address.to_owned(), source })?;
    let status = answer.lines().next().unwrap_or_default().trim().to_owned();
    if status.starts_with("HTTP/1.") && status.split(' ').nth(1) == Some("200") {
        return Ok(());
    }
    Err(Error::Answer { address: address.to_owned(), status })
}

/// Host and port, and the path.
fn parts(url: &str) -> Option<(&str, &str)> {
    let rest = url.strip_prefix("http://")?;
    let (address, path) = rest.split_at(rest.find('/').unwrap_or(rest.len()));
    let (host, port) = address.rsplit_once(':')?;
    let is_one_word = !url.contains(|c: char| c.is_whitespace() || c.is_control());
    let is_address = !host.is_empty() && port.parse::<u16>().is_ok_and(|port| port > 0);
    (is_address && is_one_word).then_some((address, if path.is_empty() { "/" } else { path }))
}

fn exchange(address: &str, path: &str) -> std::io::Result<String> {
    let mut last = std::io::Error::new(std::io::ErrorKind::NotFound, "the name has no address");
    for target in address.to_socket_addrs()? {
        match TcpStream::connect_timeout(&target, LIMIT) {
            Ok(stream) => return exchange_on(stream, address, path),
            Err(error) => last = error,
        }
    }
    Err(last)
}

fn exchange_on(mut stream: TcpStream, address: &str, path: &str) -> std::io::Result<String> {
    stream.set_read_timeout(Some(LIMIT))?;
    stream.set_write_timeout(Some(LIMIT))?;
    write!(stream, "GET {path} HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n\r\n")?;
    let mut answer = Vec::new();
    stream.take(MAX_ANSWER_BYTES).read_to_end(&mut answer)?;
    Ok(String::from_utf8_lossy(&answer).into_owned())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test")]

    use std::io::BufRead as _;
    use std::net::TcpListener;

    use super::*;

    /// A server that answers one request with this; gives its port and, at the end, the request's first line.
    fn answering(answer: &'static str) -> (u16, std::thread::JoinHandle<String>) {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let asked = std::thread::spawn(move || {
            let (stream, _) = listener.accept().unwrap();
            let mut reader = std::io::BufReader::new(stream);
            let mut first = String::new();
            reader.read_line(&mut first).unwrap();
            let mut line = String::new();
            while reader.read_line(&mut line).unwrap() > 2 {
                line.clear();
            }
            reader.into_inner().write_all(answer.as_bytes()).unwrap();
            first
        });
        (port, asked)
    }

    #[test]
    fn only_status_200_is_well() {
        for (answer, well) in [
            ("HTTP/1.1 200 OK\r\n\r\n{}", true),
            ("HTTP/1.0 200 OK\r\n\r\n", true),
            ("HTTP/1.1 503 Service Unavailable\r\n\r\n200", false),
            ("HTTP/1.1 2000 Odd\r\n\r\n", false),
            ("200", false),
            ("", false),
        ] {
            let (port, asked) = answering(answer);
            let outcome = ask(&format!("http://127.0.0.1:{port}/healthz?js-enabled-only=true"));
            assert_eq!(outcome.is_ok(), well, "{answer:?}: {outcome:?}");
            assert_eq!(asked.join().unwrap(), "GET /healthz?js-enabled-only=true HTTP/1.1\r\n");
        }
    }

    #[test]
    fn nobody_there_is_not_well() {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        drop(listener);
        let error = ask(&format!("http://127.0.0.1:{port}")).unwrap_err();
        assert!(matches!(error, Error::Silent { .. }), "{error}");
    }

    #[test]
    fn what_is_no_address_is_refused() {
        for url in [
            "",
            "127.0.0.1:80",
            "https://h:1/",
            "http://h/",
            "http://:1/",
            "http://h:0/",
            "http://h:1/a b\r\nX: y",
        ] {
            assert!(matches!(ask(url), Err(Error::Url(_))), "{url}");
        }
        assert_eq!(parts("http://[::1]:8222"), Some(("[::1]:8222", "/")));
    }
}
