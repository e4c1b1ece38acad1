//! Asking a model server for the API's callers: one answer, within bounds.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use contracts::failures;
use outgoing::FleetTls;
use reqwest::StatusCode;
use secret::MAX_SECRET_BYTES;
use serde_json::Value;

use crate::Error;

/// Longest time for an answer, its body included.
const ANSWER_TIMEOUT: Duration = Duration::from_secs(15);
/// Longest answer that is read, in bytes.
const MAX_ANSWER_BYTES: usize = 4 << 20;
/// Longest part of a server's refusal that is repeated.
const MAX_REFUSAL_LENGTH: usize = 1000;

/// A client of the model servers, with the file of the token that they ask for. Cheap to clone.
#[derive(Debug, Clone)]
pub struct ModelServers {
    http: reqwest::Client,
    /// Read at each request, so that another token counts at once.
    token_file: Option<Arc<Path>>,
}

impl Default for ModelServers {
    /// A client of servers that ask for no token.
    fn default() -> Self {
        Self::new(None, &FleetTls::default())
    }
}

impl ModelServers {
    /// A client that shows the bearer token of this file, where one is given; it follows no redirect and uses no proxy.
    #[must_use]
    pub fn new(token_file: Option<&Path>, tls: &FleetTls) -> Self {
        let http = outgoing::client_of_fleet(ANSWER_TIMEOUT, tls).build();
        // A client without settings of a system's trust cannot fail to be made.
        Self { http: http.unwrap_or_default(), token_file: token_file.map(Arc::from) }
    }

    /// The answer of a server to a document.
    ///
    /// # Errors
    /// The server's refusal with its status, as `refused_by_server`; 502, `model_server`, where it does not answer.
    pub(crate) async fn post(&self, url: &str, body: &Value) -> Result<Value, Error> {
        let silent = |error: reqwest::Error| {
            let why = outgoing::tls_trouble(&error).map_or_else(
                || failures::with_causes(&error.without_url()),
                |trouble| format!("{trouble}; see api.serving_tls"),
            );
            failed(format!("the model server did not answer: {why}"))
        };
        let mut request = self.http.post(url).json(body);
        if let Some(path) = &self.token_file {
            let token = secret::file::read(path, MAX_SECRET_BYTES).map_err(|error| {
                failed(format!("api.serving_token_file: {}", failures::with_causes(&error)))
            })?;
            request = request.bearer_auth(token.expose());
        }
        let mut response = request.send().await.map_err(silent)?;
        let status = response.status();
        let mut bytes = Vec::new();
        while let Some(part) = response.chunk().await.map_err(silent)? {
            if bytes.len() + part.len() > MAX_ANSWER_BYTES {
                return Err(failed(
                    "the answer of the model server is longer than 4 MiB".to_owned(),
                ));
            }
            bytes.extend_from_slice(&part);
        }
        let answer: Option<Value> = serde_json::from_slice(&bytes).ok();
        if status.is_success() {
            return answer
                .ok_or_else(|| failed("the answer of the model server is no JSON".to_owned()));
        }
        let said = answer.as_ref().and_then(|answer| answer.get("error")?.as_str());
        let said: String = said.unwrap_or_default().chars().take(MAX_REFUSAL_LENGTH).collect();
        if status == StatusCode::UNAUTHORIZED {
            let message = if self.token_file.is_some() {
                "the model server refuses the token in the file of api.serving_token_file"
            } else {
                "the model server asks for a token; give its file as api.serving_token_file"
            };
            return Err(Error::new(StatusCode::BAD_GATEWAY, "model_server", message));
        }
        Err(Error::new(status, "refused_by_server", said))
    }
}

fn failed(message: String) -> Error {
    Error::new(StatusCode::BAD_GATEWAY, "model_server", message)
}
