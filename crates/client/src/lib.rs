//! Asking the HTTP servers of a fleet: the orchestrator's API and the model server.

use std::path::Path;
use std::time::Duration;

use outgoing::Metadata;
pub use outgoing::{FleetTls, FleetTlsError, TlsTrouble};
use process::http::{BearerToken, SPEAK_TLS};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;
pub use tls::Validity;

mod signature;
pub mod v2;

pub use signature::{InputSignature, ModelParameters};

const CONNECT: Duration = Duration::from_secs(3);
const ANSWER: Duration = Duration::from_secs(60);

/// Why a server gave no answer.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// It did not answer.
    #[error("the {server} did not answer")]
    Http {
        /// Name of the server in messages.
        server: &'static str,
        /// Error of the HTTP client.
        #[source]
        source: reqwest::Error,
    },
    /// TLS with it failed.
    #[error("the {server} at {url} cannot be asked: {trouble}")]
    Tls {
        /// Name of the server in messages.
        server: &'static str,
        /// Base URL of the server.
        url: String,
        /// What is wrong, and what would be right.
        trouble: TlsTrouble,
        /// Error of the HTTP client, where it has one.
        #[source]
        source: Option<reqwest::Error>,
    },
    /// The server answered with an error status.
    #[error("the {server} answered {status}: {message}")]
    Status {
        /// Name of the server in messages.
        server: &'static str,
        /// HTTP status of the answer.
        status: u16,
        /// Message of the server.
        message: String,
        /// The body of its answer, which may say more in JSON.
        body: Vec<u8>,
    },
    /// The file with its token could not be read.
    #[error("the token that a server asks for cannot be read")]
    Token(#[source] process::SecretFileError),
}

/// A server of the fleet.
#[derive(Debug, Clone)]
pub struct Client {
    server: &'static str,
    base: String,
    token: Option<BearerToken>,
    client: reqwest::Client,
}

impl Client {
    /// The server at `base`, called `server` in messages; it is shown the token of the file, where one is given.
    ///
    /// # Errors
    /// Where the token cannot be read, or no client can be made.
    pub fn new(server: &'static str, base: &str, token_file: Option<&Path>) -> Result<Self, Error> {
        Self::with_tls(server, base, token_file, &FleetTls::default())
    }

    /// The same, with authorities to trust and a certificate to show.
    ///
    /// # Errors
    /// Where the token cannot be read, or no client can be made.
    pub fn with_tls(
        server: &'static str,
        base: &str,
        token_file: Option<&Path>,
        tls: &FleetTls,
    ) -> Result<Self, Error> {
        let token = token_file.map(BearerToken::read).transpose().map_err(Error::Token)?;
        let client = tls
            .on(outgoing::client(ANSWER, Metadata::Refused))
            .connect_timeout(CONNECT)
            .tls_info(true)
            .build()
            .map_err(|source| Error::Http { server, source })?;
        Ok(Self { server, base: base.trim_end_matches('/').to_owned(), token, client })
    }

    /// Base URL of the server, without a trailing `/`.
    #[must_use]
    pub fn base(&self) -> &str {
        &self.base
    }

    /// Asks for a document.
    ///
    /// # Errors
    /// Where the server does not answer, or refuses.
    pub async fn get<T: DeserializeOwned>(&self, path: &str) -> Result<T, Error> {
        self.answer(self.client.get(format!("{}{path}", self.base))).await
    }

    /// Sends a document and takes one.
    ///
    /// # Errors
    /// Where the server does not answer, or refuses.
    pub async fn post<B: Serialize + Sync, T: DeserializeOwned>(
        &self,
        path: &str,
        body: &B,
    ) -> Result<T, Error> {
        self.answer(self.client.post(format!("{}{path}", self.base)).json(body)).await
    }

    /// Asks for a text, whatever the status: a probe says in words what is wrong.
    ///
    /// # Errors
    /// Where the server does not answer.
    pub async fn text(&self, path: &str) -> Result<String, Error> {
        let failed = |source| self.silent(source);
        let response =
            self.client.get(format!("{}{path}", self.base)).send().await.map_err(failed)?;
        let text = response.text().await.map_err(failed)?;
        Ok(text.trim().chars().take(300).collect())
    }

    /// The server's own certificate, as it shows it; none where it speaks no TLS.
    ///
    /// # Errors
    /// Where the server does not answer.
    pub async fn certificate(&self) -> Result<Option<Validity>, Error> {
        let failed = |source| self.silent(source);
        let response = self.client.get(&self.base).send().await.map_err(failed)?;
        let shown = response.extensions().get::<reqwest::tls::TlsInfo>();
        Ok(shown.and_then(|info| Validity::of_der(info.peer_certificate()?)))
    }

    fn silent(&self, source: reqwest::Error) -> Error {
        let server = self.server;
        match outgoing::tls_trouble(&source) {
            Some(trouble) => {
                Error::Tls { server, url: self.base.clone(), trouble, source: Some(source) }
            }
            None => Error::Http { server, source },
        }
    }

    async fn answer<T: DeserializeOwned>(
        &self,
        mut request: reqwest::RequestBuilder,
    ) -> Result<T, Error> {
        if let Some(token) = &self.token {
            request = request.header(reqwest::header::AUTHORIZATION, token.header());
        }
        let failed = |source| self.silent(source);
        let response = request.send().await.map_err(failed)?;
        let status = response.status();
        if status.is_success() {
            return response.json().await.map_err(failed);
        }
        let body = response.bytes().await.map_err(failed)?;
        let (server, status, message) = (self.server, status.as_u16(), message(&body));
        if status == 400 && *body == *SPEAK_TLS.as_bytes() {
            let (url, trouble) = (self.base.clone(), TlsTrouble::TlsNeeded);
            return Err(Error::Tls { server, url, trouble, source: None });
        }
        Err(Error::Status { server, status, message, body: body.into() })
    }
}

/// The message of an error in JSON (`{"error": "…"}` or `{"error": {"message": "…"}}`), else the beginning of the text.
fn message(body: &[u8]) -> String {
    let document: Option<Value> = serde_json::from_slice(body).ok();
    let error = document.as_ref().and_then(|document| document.get("error"));
    let text = error.and_then(|error| error.as_str().or_else(|| error.get("message")?.as_str()));
    match text {
        Some(text) => text.to_owned(),
        None => String::from_utf8_lossy(body).trim().chars().take(300).collect(),
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::panic, reason = "a test")]

    use std::io::{Read as _, Write as _};

    use process::http::{Bind, ConnectionLimits, Listener};
    use process::{CancellationToken, ClientTls, ListenerTls};
    use tier0_tests::Certificates;

    use super::*;

    /// Answers one request on a port of its own; gives its address and, at the end, what was asked.
    fn answering(answer: &'static str) -> (String, std::thread::JoinHandle<String>) {
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let asked = std::thread::spawn(move || {
            let (mut stream, _) = listener.accept().unwrap();
            let mut asked = Vec::new();
            let mut part = [0; 1024];
            while !asked.windows(4).any(|end| end == b"\r\n\r\n") {
                let count = stream.read(&mut part).unwrap();
                assert!(count > 0, "the request ended early");
                asked.extend_from_slice(part.get(..count).unwrap());
            }
            stream.write_all(answer.as_bytes()).unwrap();
            String::from_utf8(asked).unwrap()
        });
        (url, asked)
    }

    const EMPTY: &str = "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 2\r\nconnection: close\r\n\r\n{}";

    #[tokio::test]
    async fn a_token_is_shown_where_one_is_given() {
        let directory = tempfile::tempdir().unwrap();
        let file = directory.path().join("token");
        tier0_tests::write_secret(&file, "s3cret\n");
        for (token, shown) in [(Some(file.as_path()), true), (None, false)] {
            let (url, asked) = answering(EMPTY);
            let _answer: Value = Client::new("x", &url, token).unwrap().get("/y").await.unwrap();
            let asked = asked.join().unwrap().to_lowercase();
            assert_eq!(asked.contains("authorization: bearer s3cret\r\n"), shown, "{asked}");
        }
    }

    #[test]
    fn messages_of_both_servers_are_understood() {
        assert_eq!(message(br#"{"error": "no"}"#), "no");
        assert_eq!(message(br#"{"error": {"code": "x", "message": "no"}}"#), "no");
        assert_eq!(message(b"no\n"), "no");
    }

    #[tokio::test]
    async fn what_is_wrong_with_tls_is_told_apart() {
        let certificates = Certificates::new();
        certificates.certify("elsewhere", "ca", &["elsewhere.example"]);
        certificates.expired("late", "ca", &["127.0.0.1"]);
        let of = |name: &str| ListenerTls {
            cert_file: Some(certificates.cert(name)),
            key_file: Some(certificates.key(name)),
            ..ListenerTls::default()
        };
        let asking = ListenerTls { client_ca_file: Some(certificates.cert("ca")), ..of("server") };
        let with = |ca: &str, shown: Option<&str>| ClientTls {
            ca_file: Some(certificates.cert(ca)),
            cert_file: shown.map(|name| certificates.cert(name)),
            key_file: shown.map(|name| certificates.key(name)),
        };
        for (listener, settings, expected) in [
            (of("server"), with("ca", None), None),
            (asking.clone(), with("ca", Some("client")), None),
            (of("server"), with("stranger", None), Some(TlsTrouble::UnknownAuthority)),
            (of("elsewhere"), with("ca", None), Some(TlsTrouble::OtherName)),
            (of("late"), with("ca", None), Some(TlsTrouble::Expired)),
            (asking.clone(), with("ca", None), Some(TlsTrouble::CertificateNeeded)),
            (asking, with("ca", Some("impostor")), Some(TlsTrouble::CertificateNeeded)),
            (ListenerTls::default(), with("ca", None), Some(TlsTrouble::NoTls)),
        ] {
            let address = start(&listener).await;
            let tls = FleetTls::read(&settings).unwrap();
            let url = format!("https://127.0.0.1:{}", address.port());
            let client = Client::with_tls("x", &url, None, &tls).unwrap();
            match (client.get::<Value>("/y").await, &expected) {
                (Ok(_), None) => {}
                (Err(Error::Tls { trouble, .. }), Some(expected)) => assert_eq!(trouble, *expected),
                (other, _) => panic!("{expected:?}: {other:?}"),
            }
        }
        let address = start(&of("server")).await;
        let plain =
            Client::new("x", &format!("http://127.0.0.1:{}", address.port()), None).unwrap();
        let error = plain.get::<Value>("/y").await.unwrap_err();
        assert!(error.to_string().ends_with("it speaks TLS; ask by https://"), "{error}");
        let missing = with("none", None);
        assert!(FleetTls::read(&missing).unwrap_err().to_string().contains("none.pem"));
    }

    /// A listener that answers `/y` with JSON.
    async fn start(tls: &ListenerTls) -> std::net::SocketAddr {
        let (name, listen, token_key, tls_key) = ("test", "127.0.0.1:0", "x.token_file", "x.tls");
        let protocols = process::http::HTTP1;
        let to = Bind { name, listen, is_guarded: false, token_key, tls, tls_key, protocols };
        let listener = Listener::bind(to).await.unwrap();
        let address = listener.address();
        let router = axum::Router::new().route("/y", axum::routing::get(|| async { "{}" }));
        let (limits, shutdown) = (ConnectionLimits::default(), CancellationToken::new());
        tokio::spawn(process::http::serve(listener, router, limits, shutdown));
        address
    }
}
