//! Asking the fleet's HTTP servers: the orchestrator's API and the model server.

use std::time::Duration;

use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::Error;

const CONNECT: Duration = Duration::from_secs(3);
const ANSWER: Duration = Duration::from_secs(60);

/// A server of the fleet.
#[derive(Debug, Clone)]
pub struct Client {
    server: &'static str,
    base: String,
    client: reqwest::Client,
}

impl Client {
    /// The server at `base`, called `server` in messages.
    pub fn new(server: &'static str, base: &str) -> Result<Self, Error> {
        let client = reqwest::Client::builder()
            .connect_timeout(CONNECT)
            .timeout(ANSWER)
            .redirect(reqwest::redirect::Policy::none())
            .build()
            .map_err(|source| Error::Http { server, source })?;
        Ok(Self { server, base: base.trim_end_matches('/').to_owned(), client })
    }

    /// Where it is.
    #[must_use]
    pub fn base(&self) -> &str {
        &self.base
    }

    /// Asks for a document.
    pub async fn get<T: DeserializeOwned>(&self, path: &str) -> Result<T, Error> {
        self.answer(self.client.get(format!("{}{path}", self.base))).await
    }

    /// Sends a document and takes one.
    pub async fn post<B: Serialize + Sync, T: DeserializeOwned>(
        &self,
        path: &str,
        body: &B,
    ) -> Result<T, Error> {
        self.answer(self.client.post(format!("{}{path}", self.base)).json(body)).await
    }

    /// Asks for a text, whatever the status: a probe says in words what is wrong.
    pub async fn text(&self, path: &str) -> Result<String, Error> {
        let failed = |source| Error::Http { server: self.server, source };
        let response =
            self.client.get(format!("{}{path}", self.base)).send().await.map_err(failed)?;
        let text = response.text().await.map_err(failed)?;
        Ok(text.trim().chars().take(300).collect())
    }

    async fn answer<T: DeserializeOwned>(
        &self,
        request: reqwest::RequestBuilder,
    ) -> Result<T, Error> {
        let failed = |source| Error::Http { server: self.server, source };
        let response = request.send().await.map_err(failed)?;
        let status = response.status();
        if status.is_success() {
            return response.json().await.map_err(failed);
        }
        let body = response.bytes().await.map_err(failed)?;
        Err(Error::HttpStatus {
            server: self.server,
            status: status.as_u16(),
            message: message(&body),
        })
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
    use super::message;

    #[test]
    fn messages_of_both_servers_are_understood() {
        assert_eq!(message(br#"{"error": "no"}"#), "no");
        assert_eq!(message(br#"{"error": {"code": "x", "message": "no"}}"#), "no");
        assert_eq!(message(b"no\n"), "no");
    }
}
