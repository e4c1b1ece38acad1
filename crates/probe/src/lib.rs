//! `probe URL`: exits with 0 where the URL answers with status 200.
//!
//! It is the health check of a container that holds a program without one of its own, and neither a shell nor curl:
//! nats-server answers `/healthz`, and nothing else in its image could ask.
//! So it needs little beside the standard library, and is small.

use std::error::Error as _;
use std::fmt;
use std::io::{Read, Write};
use std::net::{TcpStream, ToSocketAddrs as _};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::Duration;

/// How long each step may take.
const LIMIT: Duration = Duration::from_secs(3);
/// Most bytes of an answer that are read.
const MAX_ANSWER_BYTES: u64 = 16 * 1024;
const MISUSE: u8 = 2;
const USAGE: &str = "usage: probe URL [--ca-file F [--cert-file F --key-file F]]\n\n\
                     URL        http://HOST:PORT/PATH, or https://HOST:PORT/PATH with --ca-file\n\
                     --ca-file  PEM file of the authorities that the server's certificate may be from\n\
                     --cert-file, --key-file  PEM files of a certificate and its key, for a server that asks for one\n\n\
                     Examples:\n  probe http://127.0.0.1:8222/healthz\n  probe https://localhost:9090/readyz --ca-file ca.pem\n\n\
                     Exit codes: 0 it answers with status 200; 1 it does not; 2 wrong usage.";

/// Why there is no good answer.
#[derive(Debug)]
pub enum Error {
    /// It is no address that can be asked.
    Url(String),
    /// TLS is to be spoken, and no authority is named.
    NoAuthority(String),
    /// A file of TLS cannot be used.
    Tls(tls::Error),
    /// No server answers there.
    Silent {
        /// Address that was asked, `HOST:PORT`.
        address: String,
        /// Error of the operating system, or of TLS.
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
            Self::Url(url) => {
                write!(
                    f,
                    "{url:?} is not of the form http://HOST:PORT/PATH or https://HOST:PORT/PATH"
                )
            }
            Self::NoAuthority(url) => {
                write!(f, "{url:?} needs --ca-file: whom to trust is not known otherwise")
            }
            Self::Tls(error) => match error.source() {
                Some(source) => write!(f, "{error}: {source}"),
                None => write!(f, "{error}"),
            },
            Self::Silent { address, source } => write!(f, "no answer from {address}: {source}"),
            Self::Answer { address, status } => write!(f, "{address} answers: {status}"),
        }
    }
}

impl std::error::Error for Error {}

impl Error {
    fn is_misuse(&self) -> bool {
        matches!(self, Self::Url(_) | Self::NoAuthority(_))
    }
}

/// The files of TLS.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Files {
    /// Authorities that the server's certificate may be from.
    pub ca_file: Option<PathBuf>,
    /// A certificate to be shown, and its key.
    pub identity: Option<(PathBuf, PathBuf)>,
}

/// Asks the URL that is the first argument, and returns the exit code of `probe`.
pub fn main(arguments: impl Iterator<Item = String>) -> ExitCode {
    let arguments: Vec<String> = arguments.collect();
    if arguments.iter().any(|argument| matches!(argument.as_str(), "-h" | "--help")) {
        return say(USAGE, ExitCode::SUCCESS);
    }
    let Some((url, files)) = read(arguments) else {
        return say(USAGE, ExitCode::from(MISUSE));
    };
    match ask(&url, &files) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) if error.is_misuse() => say(&format!("probe: {error}"), ExitCode::from(MISUSE)),
        Err(error) => say(&format!("probe: {error}"), ExitCode::FAILURE),
    }
}

fn read(arguments: Vec<String>) -> Option<(String, Files)> {
    let (mut url, mut ca_file, mut certificate, mut key) = (None, None, None, None);
    let mut arguments = arguments.into_iter();
    while let Some(argument) = arguments.next() {
        let (place, value) = match argument.as_str() {
            "--ca-file" => (&mut ca_file, arguments.next()?),
            "--cert-file" => (&mut certificate, arguments.next()?),
            "--key-file" => (&mut key, arguments.next()?),
            flag if flag.starts_with('-') => return None,
            _ => (&mut url, argument),
        };
        if place.replace(value).is_some() {
            return None;
        }
    }
    let identity = match (certificate, key) {
        (None, None) => None,
        (Some(certificate), Some(key)) => Some((certificate.into(), key.into())),
        _ => return None,
    };
    Some((url?, Files { ca_file: ca_file.map(PathBuf::from), identity }))
}

fn say(line: &str, code: ExitCode) -> ExitCode {
    // There is no further place to complain to.
    let _closed = writeln!(std::io::stderr().lock(), "{line}");
    code
}

/// Asks the URL, over TLS with these files; an answer with another status than 200 is an error.
pub fn ask(url: &str, files: &Files) -> Result<(), Error> {
    let (is_tls, address, path) = parts(url).ok_or_else(|| Error::Url(url.to_owned()))?;
    let tls = match (is_tls, &files.ca_file) {
        (false, _) => None,
        (true, None) => return Err(Error::NoAuthority(url.to_owned())),
        (true, Some(ca_file)) => {
            let identity = files.identity.as_ref();
            let identity = identity.map(|(cert, key)| (Path::new(cert), Path::new(key)));
            Some(tls::trusting(ca_file, identity).map_err(Error::Tls)?)
        }
    };
    let answer = exchange(address, path, tls)
        .map_err(|source| Error::Silent { address: address.to_owned(), source })?;
    let status = answer.lines().next().unwrap_or_default().trim().to_owned();
    if status.starts_with("HTTP/1.") && status.split(' ').nth(1) == Some("200") {
        return Ok(());
    }
    Err(Error::Answer { address: address.to_owned(), status })
}

/// Whether it is over TLS, host and port, and the path.
fn parts(url: &str) -> Option<(bool, &str, &str)> {
    let (scheme, rest) = url.split_once("://")?;
    let is_tls = match scheme {
        "http" => false,
        "https" => true,
        _ => return None,
    };
    let (address, path) = rest.split_at(rest.find('/').unwrap_or(rest.len()));
    let (host, port) = address.rsplit_once(':')?;
    let is_one_word = !url.contains(|c: char| c.is_whitespace() || c.is_control());
    let is_address = !host.is_empty() && port.parse::<u16>().is_ok_and(|port| port > 0);
    let path = if path.is_empty() { "/" } else { path };
    (is_address && is_one_word).then_some((is_tls, address, path))
}

fn exchange(address: &str, path: &str, tls: Option<tls::Config>) -> std::io::Result<String> {
    let mut last = std::io::Error::new(std::io::ErrorKind::NotFound, "the name has no address");
    for target in address.to_socket_addrs()? {
        match TcpStream::connect_timeout(&target, LIMIT) {
            Ok(stream) => {
                stream.set_read_timeout(Some(LIMIT))?;
                stream.set_write_timeout(Some(LIMIT))?;
                let host = address.rsplit_once(':').map_or(address, |(host, _)| host);
                return match tls {
                    None => exchange_on(stream, address, path),
                    Some(tls) => exchange_on(tls::connect(tls, host, stream)?, address, path),
                };
            }
            Err(error) => last = error,
        }
    }
    Err(last)
}

fn exchange_on(
    mut stream: impl Read + Write,
    address: &str,
    path: &str,
) -> std::io::Result<String> {
    write!(stream, "GET {path} HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n\r\n")?;
    stream.flush()?;
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
            let outcome = ask(
                &format!("http://127.0.0.1:{port}/healthz?js-enabled-only=true"),
                &Files::default(),
            );
            assert_eq!(outcome.is_ok(), well, "{answer:?}: {outcome:?}");
            assert_eq!(asked.join().unwrap(), "GET /healthz?js-enabled-only=true HTTP/1.1\r\n");
        }
    }

    #[test]
    fn nobody_there_is_not_well() {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        drop(listener);
        let error = ask(&format!("http://127.0.0.1:{port}"), &Files::default()).unwrap_err();
        assert!(matches!(error, Error::Silent { .. }), "{error}");
    }

    #[test]
    fn what_is_no_address_is_refused() {
        for url in [
            "",
            "127.0.0.1:80",
            "ftp://h:1/",
            "http://h/",
            "http://:1/",
            "http://h:0/",
            "http://h:1/a b\r\nX: y",
        ] {
            assert!(matches!(ask(url, &Files::default()), Err(Error::Url(_))), "{url}");
        }
        assert_eq!(parts("http://[::1]:8222"), Some((false, "[::1]:8222", "/")));
    }

    #[test]
    fn arguments_are_a_url_and_files() {
        let of = |text: &str| read(text.split_whitespace().map(str::to_owned).collect());
        assert_eq!(of("http://h:1"), Some(("http://h:1".to_owned(), Files::default())));
        let files =
            Files { ca_file: Some("ca".into()), identity: Some(("cert".into(), "key".into())) };
        let whole = of("--ca-file ca https://h:1 --cert-file cert --key-file key");
        assert_eq!(whole, Some(("https://h:1".to_owned(), files)));
        for wrong in
            ["", "a b", "a --ca-file", "a --other", "a --cert-file c", "a --ca-file b --ca-file c"]
        {
            assert_eq!(of(wrong), None, "{wrong}");
        }
        let error = ask("https://127.0.0.1:1/", &Files::default()).unwrap_err();
        assert!(error.is_misuse() && error.to_string().contains("--ca-file"), "{error}");
    }
}
