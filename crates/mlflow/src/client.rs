//! Requests: bounded in time, in size and in repetitions.

use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use outgoing::Metadata;
use reqwest::header::{AUTHORIZATION, HeaderMap, HeaderValue};
use reqwest::{Method, Url};
use secret::MAX_SECRET_BYTES;
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::config::address;
use crate::{Error, MlflowConfig};

/// Attempts at a request that may be repeated.
const ATTEMPTS: u32 = 3;
const RETRY_DELAY: Duration = Duration::from_millis(300);
/// Longest answer that is read.
const MAX_ANSWER_BYTES: usize = 32 << 20;
/// Longest part of a refusal that is repeated.
const MAX_REFUSAL_LENGTH: usize = 300;
/// Path prefix of MLflow's REST API, relative to the tracking URI.
const API: &str = "api/2.0/mlflow/";

/// Whether a request may be repeated where it is not known what became of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum RetryPolicy {
    /// Twice is the same as once.
    Safely,
    /// Twice would make two.
    Never,
}

/// A client of an MLflow server; cheap to clone.
#[derive(Debug, Clone)]
pub struct Client {
    http: reqwest::Client,
    base: Url,
}

impl Client {
    /// A client of the server that is configured; `None` where none is.
    ///
    /// # Errors
    /// Where the address or a file with a secret cannot be used.
    pub async fn open(config: &MlflowConfig) -> Result<Option<Self>, Error> {
        let Some(uri) = &config.tracking_uri else { return Ok(None) };
        let mut headers = HeaderMap::new();
        if let Some(authorization) = authorization(config)? {
            headers.insert(AUTHORIZATION, authorization);
        }
        let http = http(config.timeout()).default_headers(headers).build();
        let call = "at all".to_owned();
        let http = http.map_err(|source| Error::Unreachable { call, source })?;
        Ok(Some(Self { http, base: base(uri.expose())? }))
    }

    /// Calls a function of the REST interface.
    pub(crate) async fn call<T: DeserializeOwned>(
        &self,
        method: Method,
        function: &str,
        repeat: RetryPolicy,
        body: &(impl Serialize + Sync),
    ) -> Result<T, Error> {
        let request = self.http.request(method, self.url(&format!("{API}{function}"))?);
        self.answer(function, repeat, request.json(body)).await
    }

    /// Asks a function of the REST interface.
    pub(crate) async fn get<T: DeserializeOwned>(
        &self,
        function: &str,
        query: &[(&str, &str)],
    ) -> Result<T, Error> {
        let mut url = self.url(&format!("{API}{function}"))?;
        url.query_pairs_mut().extend_pairs(query);
        self.answer(function, RetryPolicy::Safely, self.http.get(url)).await
    }

    /// Puts a file below `path`.
    pub(crate) async fn put_file(&self, path: &str, content: bytes::Bytes) -> Result<(), Error> {
        let url = self.url(&format!("api/2.0/mlflow-artifacts/artifacts/{path}"))?;
        let request = self.http.put(url).body(content);
        self.settled("an upload", RetryPolicy::Safely, request).await.map(|_| ())
    }

    fn url(&self, path: &str) -> Result<Url, Error> {
        self.base.join(path).map_err(|_| Error::Address("cannot be extended by a path"))
    }

    async fn answer<T: DeserializeOwned>(
        &self,
        call: &str,
        repeat: RetryPolicy,
        request: reqwest::RequestBuilder,
    ) -> Result<T, Error> {
        let body = self.settled(call, repeat, request).await?;
        // Some functions answer nothing at all.
        let body = if body.is_empty() { b"{}".as_slice() } else { body.as_slice() };
        serde_json::from_slice(body)
            .map_err(|source| Error::Answer { call: call.to_owned(), source })
    }

    async fn settled(
        &self,
        call: &str,
        repeat: RetryPolicy,
        request: reqwest::RequestBuilder,
    ) -> Result<Vec<u8>, Error> {
        let mut attempt = 1;
        loop {
            // Bodies are in memory, so that every request can be cloned.
            let again = request.try_clone().filter(|_| repeat == RetryPolicy::Safely);
            let Some(this) = again else { return once(call, request).await };
            match once(call, this).await {
                Err(error @ (Error::Unreachable { .. } | Error::Busy { .. })) => {
                    if attempt >= ATTEMPTS {
                        return Err(error);
                    }
                    tokio::time::sleep(RETRY_DELAY * attempt).await;
                    attempt += 1;
                }
                settled => return settled,
            }
        }
    }
}

/// Whether the server answers at all, within the time that is configured for that; nothing where no server is configured.
///
/// # Errors
/// Where it does not answer in time, or cannot work now.
pub async fn probe(config: &MlflowConfig) -> Result<(), Error> {
    let Some(uri) = &config.tracking_uri else { return Ok(()) };
    let unreachable = |source| Error::Unreachable { call: "a probe".to_owned(), source };
    let url = base(uri.expose())?.join("health").map_err(|_| Error::Address("has no path"))?;
    let http = http(config.probe_timeout()).build().map_err(unreachable)?;
    let answer = http.get(url).send().await;
    let status = answer.map_err(|error| unreachable(error.without_url()))?.status();
    // A server that refuses is running.
    if status.is_server_error() {
        let message = "it cannot work now".to_owned();
        return Err(Error::Busy { call: "a probe".to_owned(), status: status.as_u16(), message });
    }
    Ok(())
}

fn http(timeout: Duration) -> reqwest::ClientBuilder {
    outgoing::client(timeout, Metadata::Refused)
}

/// The address, to which paths are joined: what stands behind its last `/` would get lost.
fn base(uri: &str) -> Result<Url, Error> {
    let mut base = address(uri).map_err(Error::Address)?;
    if !base.path().ends_with('/') {
        base.set_path(&format!("{}/", base.path()));
    }
    Ok(base)
}

fn authorization(config: &MlflowConfig) -> Result<Option<HeaderValue>, Error> {
    let read = |path: &std::path::Path| secret::file::read(path, MAX_SECRET_BYTES);
    let (path, value) = match (&config.token_file, &config.basic_auth_file) {
        (Some(path), _) => (path, format!("Bearer {}", read(path)?.expose())),
        (None, Some(path)) => (path, format!("Basic {}", STANDARD.encode(read(path)?.expose()))),
        (None, None) => return Ok(None),
    };
    let mut value =
        HeaderValue::from_str(&value).map_err(|_| Error::Credentials { path: path.clone() })?;
    value.set_sensitive(true);
    Ok(Some(value))
}

/// Sends the request once and reads its answer.
async fn once(call: &str, request: reqwest::RequestBuilder) -> Result<Vec<u8>, Error> {
    let unreachable = |error: reqwest::Error| Error::Unreachable {
        call: call.to_owned(),
        source: error.without_url(),
    };
    let mut response = request.send().await.map_err(unreachable)?;
    let status = response.status();
    let mut body = Vec::new();
    while let Some(part) = response.chunk().await.map_err(unreachable)? {
        if body.len() + part.len() > MAX_ANSWER_BYTES {
            return Err(Error::TooLong { call: call.to_owned(), limit: MAX_ANSWER_BYTES });
        }
        body.extend_from_slice(&part);
    }
    if status.is_success() {
        return Ok(body);
    }
    let said = serde_json::from_slice::<Value>(&body).unwrap_or_default();
    let text = |member: &str| said.get(member).and_then(Value::as_str).map(str::to_owned);
    let message = text("message").unwrap_or_else(|| String::from_utf8_lossy(&body).into_owned());
    let message: String = message.chars().take(MAX_REFUSAL_LENGTH).collect();
    let (call, status_code) = (call.to_owned(), status.as_u16());
    if status.is_server_error() || matches!(status_code, 408 | 429) {
        return Err(Error::Busy { call, status: status_code, message });
    }
    let code = text("error_code").unwrap_or_default();
    Err(Error::Refused { call, status: status_code, code, message })
}
