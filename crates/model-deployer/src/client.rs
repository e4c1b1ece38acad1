//! Asking a model server.

use std::path::PathBuf;
use std::time::Duration;

use process::StartError;
use secret::MAX_SECRET_BYTES;
use serde_json::Value;

use crate::config::Deploy;

/// Attempts at one request; a server that has just loaded may be busy.
const ATTEMPTS: u32 = 3;
const RETRY_DELAY: Duration = Duration::from_millis(300);
/// Longest answer that is read.
const MAX_ANSWER_BYTES: usize = 16 << 20;
/// Longest part of a server's refusal that is repeated.
const MAX_REFUSAL_LENGTH: usize = 500;

/// A client of model servers.
#[derive(Debug, Clone)]
pub(crate) struct Client {
    http: reqwest::Client,
    /// Read at each request, so that another token counts at once.
    token_file: Option<PathBuf>,
}

impl Client {
    pub(crate) fn new(deploy: &Deploy) -> Result<Self, StartError> {
        let token_file = deploy.token_file.clone();
        if let Some(path) = &token_file {
            secret::file::read(path, MAX_SECRET_BYTES)?;
        }
        let tls = outgoing::FleetTls::read(&deploy.tls)
            .map_err(|error| StartError::new("TLS to the model servers cannot be used", error))?;
        let http = outgoing::client_of_fleet(Duration::from_secs_f64(deploy.request_seconds), &tls)
            .build()
            .map_err(|error| {
                StartError::new("the client of the model servers cannot be made", error)
            })?;
        Ok(Self { http, token_file })
    }

    /// The answer to an inference by a version off-traffic, or why there is none.
    pub(crate) async fn infer(
        &self,
        base: &str,
        endpoint: &str,
        version: u32,
        request: &Value,
    ) -> Result<Value, ClientError> {
        let url = format!("{base}/v2/models/{endpoint}/versions/{version}/infer");
        let mut problem = String::new();
        for attempt in 0..ATTEMPTS {
            if attempt > 0 {
                tokio::time::sleep(RETRY_DELAY).await;
            }
            match self.once(&url, request).await {
                Err(ClientError::Passing(why)) => problem = why,
                settled => return settled,
            }
        }
        Err(ClientError::Passing(problem))
    }

    async fn once(&self, url: &str, request: &Value) -> Result<Value, ClientError> {
        let mut call = self.http.post(url).json(request);
        if let Some(path) = &self.token_file {
            let token = secret::file::read(path, MAX_SECRET_BYTES).map_err(|error| {
                let why = contracts::failures::with_causes(&error);
                ClientError::Passing(format!("deploy.token_file: {why}"))
            })?;
            call = call.bearer_auth(token.expose());
        }
        let mut response = call.send().await.map_err(|error| ClientError::Passing(plain(error)))?;
        let status = response.status();
        let mut body = Vec::new();
        while let Some(part) =
            response.chunk().await.map_err(|error| ClientError::Passing(plain(error)))?
        {
            if body.len() + part.len() > MAX_ANSWER_BYTES {
                return Err(ClientError::Final("its answer is too large".to_owned()));
            }
            body.extend_from_slice(&part);
        }
        if status.is_success() {
            return serde_json::from_slice(&body)
                .map_err(|_| ClientError::Final("its answer is not JSON".to_owned()));
        }
        let said = serde_json::from_slice::<Value>(&body)
            .ok()
            .and_then(|body| body.get("error").and_then(Value::as_str).map(str::to_owned))
            .map(|text| text.chars().take(MAX_REFUSAL_LENGTH).collect::<String>())
            .unwrap_or_default();
        let advice = match (status.as_u16(), &self.token_file) {
            (401, None) => "; give the file of its token as deploy.token_file",
            (401 | 403, Some(_)) => "; see the token in the file of deploy.token_file",
            _ => "",
        };
        let why = format!("it answered {status}: {said}{advice}");
        // Busy now, or not loaded yet.
        let is_passing = status.is_server_error() || matches!(status.as_u16(), 404 | 408 | 429);
        Err(if is_passing { ClientError::Passing(why) } else { ClientError::Final(why) })
    }
}

/// Why there is no answer.
#[derive(Debug)]
pub(crate) enum ClientError {
    /// It may be well the next time.
    Passing(String),
    /// It will be the same the next time.
    Final(String),
}

/// The error with its causes; the address is named beside it.
fn plain(error: reqwest::Error) -> String {
    if let Some(trouble) = outgoing::tls_trouble(&error) {
        return format!("{trouble}; see deploy.tls");
    }
    contracts::failures::with_causes(&error.without_url())
}
