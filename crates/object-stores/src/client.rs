//! The HTTP client of every store.

use std::time::Duration;

use async_trait::async_trait;
use object_store::client::{
    HttpClient, HttpConnector, HttpError, HttpErrorKind, HttpRequest, HttpResponse, HttpService,
};
use object_store::{ClientConfigKey, ClientOptions, Error, Result};
use outgoing::{Metadata, serves_credentials};

use crate::INSTANCE_CREDENTIALS;

/// Time for an answer with its body; a greater object is read on from where it broke off.
const REQUEST_TIMEOUT: Duration = Duration::from_secs(30);
/// Makes the clients of a store.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Connector {
    pub(crate) allows_instance_credentials: bool,
}

#[derive(Debug)]
struct Client {
    http: reqwest::Client,
    allows_instance_credentials: bool,
}

/// Why a request was not sent.
#[derive(Debug, thiserror::Error)]
#[error(
    "no credentials were found in the environment, and those of the machine ({host}) are not asked for: set the variables of the store's own tools (such as AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, GOOGLE_SERVICE_ACCOUNT, AZURE_STORAGE_ACCOUNT_KEY), AWS_SKIP_SIGNATURE=true for a public bucket, or {INSTANCE_CREDENTIALS}=true to allow it"
)]
struct InstanceCredentials {
    host: String,
}

impl HttpConnector for Connector {
    fn connect(&self, options: &ClientOptions) -> Result<HttpClient> {
        let said = |key| options.get_config_value(&key);
        let failed = |source: reqwest::Error| Error::Generic {
            store: "object store",
            source: Box::new(source),
        };
        let allows_http = said(ClientConfigKey::AllowHttp).is_some_and(|value| value == "true");
        let metadata =
            if self.allows_instance_credentials { Metadata::Allowed } else { Metadata::Refused };
        let mut builder = outgoing::client(REQUEST_TIMEOUT, metadata).https_only(!allows_http);
        if let Some(proxy) = said(ClientConfigKey::ProxyUrl) {
            builder = builder.proxy(reqwest::Proxy::all(proxy).map_err(failed)?);
        }
        let http = builder.build().map_err(failed)?;
        let allows_instance_credentials = self.allows_instance_credentials;
        Ok(HttpClient::new(Client { http, allows_instance_credentials }))
    }
}

#[async_trait]
impl HttpService for Client {
    async fn call(&self, request: HttpRequest) -> std::result::Result<HttpResponse, HttpError> {
        let host = request.uri().host().unwrap_or_default();
        if !self.allows_instance_credentials && serves_credentials(host) {
            let refused = InstanceCredentials { host: host.to_owned() };
            // Of a kind that is not tried again.
            return Err(HttpError::new(HttpErrorKind::Unknown, refused));
        }
        HttpService::call(&self.http, request).await
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test")]

    use object_store::client::HttpRequestBody;
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
    use tokio::net::TcpListener;

    use super::*;

    fn client(allows_instance_credentials: bool) -> HttpClient {
        let options = ClientOptions::new().with_allow_http(true);
        Connector { allows_instance_credentials }.connect(&options).unwrap()
    }

    fn request(url: &str) -> HttpRequest {
        http::Request::get(url).body(HttpRequestBody::empty()).unwrap()
    }

    #[tokio::test]
    async fn a_redirect_leads_nowhere() {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let elsewhere = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let (from, to) = (listener.local_addr().unwrap(), elsewhere.local_addr().unwrap());
        let answering = tokio::spawn(async move {
            let (mut stream, _) = listener.accept().await.unwrap();
            let mut head = [0; 4096];
            assert!(stream.read(&mut head).await.unwrap() > 0);
            let answer = format!(
                "HTTP/1.1 307 Temporary Redirect\r\nlocation: http://{to}/x\r\ncontent-length: 0\r\n\r\n"
            );
            stream.write_all(answer.as_bytes()).await.unwrap();
        });
        let answer = client(true).execute(request(&format!("http://{from}/x"))).await.unwrap();
        assert_eq!(answer.status(), 307);
        answering.await.unwrap();
        let followed = tokio::time::timeout(Duration::from_millis(200), elsewhere.accept()).await;
        assert!(followed.is_err(), "the redirect was followed");
    }

    #[tokio::test]
    async fn the_machine_is_not_asked_for_credentials() {
        let client = client(false);
        let refused = client.execute(request("http://169.254.169.254/latest/api/token")).await;
        let error = refused.unwrap_err();
        assert_eq!(error.kind(), HttpErrorKind::Unknown);
        let said = error.to_string();
        for part in ["169.254.169.254", "AWS_ACCESS_KEY_ID", "TIER0_INSTANCE_CREDENTIALS"] {
            assert!(said.contains(part), "{said}");
        }
    }
}
