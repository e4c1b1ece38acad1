//! Listeners: who may ask what.

use std::sync::Arc;

use model_server::testing::{Clock, EventQueue, Server, Serving, serve_rest};
use process::http::{BearerToken, Bind, HTTP1, Listener};
use process::{CancellationToken, ListenerTls};
use tier0_tests::{program, run};
use tokio::process::Command;

/// Changes of models that other servers take by HTTP.
const CONTROL: [&str; 6] = [
    "/v2/repository/models/churn/load",
    "/v2/repository/models/churn/unload",
    "/v2/systemsharedmemory/region/x/register",
    "/v2/cudasharedmemory/region/x/register",
    "/v2/logging",
    "/v2/trace/setting",
];

struct Running {
    url: String,
    http: reqwest::Client,
    shutdown: CancellationToken,
}

impl Drop for Running {
    fn drop(&mut self) {
        self.shutdown.cancel();
    }
}

impl Running {
    async fn start(token: Option<&str>) -> Self {
        let token = token.and_then(BearerToken::new);
        let (events, clock) = (EventQueue::none(), Clock::default());
        let server = Arc::new(Server::with_clock(Serving::default(), token, events, clock));
        let listener = Listener::bind(Bind {
            name: "rest",
            listen: "127.0.0.1:0",
            is_guarded: false,
            token_key: "serving.token_file",
            tls: &ListenerTls::default(),
            tls_key: "serving.tls",
            protocols: HTTP1,
        })
        .await
        .unwrap();
        let url = format!("http://{}", listener.address());
        let shutdown = CancellationToken::new();
        tokio::spawn(serve_rest(listener, Arc::clone(&server), shutdown.clone()));
        server.set_ready();
        let http = reqwest::Client::builder().no_proxy().build().unwrap();
        Self { url, http, shutdown }
    }

    async fn post(&self, path: &str, headers: &[(&str, &str)], body: &str) -> u16 {
        let mut request = self.http.post(format!("{}{path}", self.url)).body(body.to_owned());
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        request.send().await.unwrap().status().as_u16()
    }
}

/// Loading, unloading and settings are no requests of the model server; with a token nothing answers without it but probes.
#[tokio::test(flavor = "multi_thread")]
async fn control_of_models_without_authentication() {
    let open = Running::start(None).await;
    for path in CONTROL {
        assert_eq!(open.post(path, &[], "{}").await, 404, "{path}");
    }
    let guarded = Running::start(Some("s3cret")).await;
    for path in ["/v2", "/v2/repository/index", "/v2/models/m/infer", "/invocations"] {
        let status = guarded.post(path, &[], "{}").await;
        assert!(matches!(status, 401 | 405), "{path}: {status}");
        let status = guarded.post(path, &[("authorization", "Bearer wrong")], "{}").await;
        assert!(matches!(status, 401 | 405), "{path}: {status}");
    }
}

/// A page of another origin, whose name leads to loopback by then.
#[tokio::test(flavor = "multi_thread")]
async fn requests_of_foreign_pages() {
    let running = Running::start(None).await;
    for host in ["page.example", "127.0.0.1.page.example", "localhost.page.example:80"] {
        let status = running.post("/v2/models/m/infer", &[("host", host)], "{}").await;
        assert_eq!(status, 421, "{host}");
    }
}

/// Forms in parts are not read: there is no boundary to search for.
#[tokio::test(flavor = "multi_thread")]
async fn bodies_in_parts_with_endless_boundaries() {
    let running = Running::start(None).await;
    let boundary = "-".repeat(4000);
    let media_type = format!("multipart/form-data; boundary={boundary}");
    for path in ["/v2/models/m/infer", "/invocations?endpoint=m"] {
        let status = running.post(path, &[("content-type", &media_type)], &boundary).await;
        assert!((400..500).contains(&status), "{path}: {status}");
    }
}

/// There is no password that is known: a listener beyond loopback needs a token of its operator's.
#[tokio::test(flavor = "multi_thread")]
async fn credentials_by_default() {
    for (name, key) in [
        ("model-server", "serving.rest_listen=0.0.0.0:8080"),
        ("orchestrator", "api.listen=0.0.0.0:8080"),
    ] {
        let mut command = Command::new(program(name));
        let checked = run(command.args(["--check-config", "--set", key])).await;
        assert_eq!(checked.code(), 2, "{name}: {}{}", checked.stdout, checked.stderr);
        let said = format!("{}{}", checked.stdout, checked.stderr);
        assert!(said.contains("token_file"), "{name}: {said}");
    }
    let empty = tempfile::NamedTempFile::new().unwrap();
    assert!(BearerToken::read(empty.path()).is_err(), "an empty token is none");
}
