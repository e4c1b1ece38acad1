//! Who may do what over HTTP and gRPC, against the real orchestrator and model server: every route of the table, as everybody, as
//! the least role that may, as the greatest that may not, and where nobody is asked.

use std::collections::BTreeMap;

use auth::{Need, ROUTES, Right, Role, Route, Surface, TokenFile};
use jiff::Timestamp;
use serde_json::Value;
use tier0_tests::{Broker, Stages};
use tonic::{Code, Request};

/// A fleet of two services, and tokens of each role.
struct Fleet {
    stages: Stages,
    tokens: BTreeMap<Role, String>,
    http: reqwest::Client,
    _broker: Broker,
    _directory: tempfile::TempDir,
}

impl Fleet {
    async fn start(asks: bool) -> Self {
        let broker = Broker::start().await;
        let directory = tempfile::tempdir().unwrap();
        let file = TokenFile::new(directory.path().join("tokens"));
        let make = |role: Role| {
            (role, file.create(role.as_str(), role, Timestamp::now(), None).unwrap().text)
        };
        let tokens: BTreeMap<Role, String> = Role::ALL.map(make).into();
        let path = file.path().to_str().unwrap().to_owned();
        let environment = [("TIER0__HTTP__TOKENS_FILE", path.as_str())];
        let environment: &[(&str, &str)] = if asks { &environment } else { &[] };
        let mut stages = Stages::on(broker.nats.url(), environment).await;
        stages.run("orchestrator", 1);
        stages.run("model-server", 1);
        stages.until_ready().await;
        let http = reqwest::Client::builder().no_proxy().build().unwrap();
        Self { stages, tokens, http, _broker: broker, _directory: directory }
    }

    fn address(&self, surface: Surface) -> String {
        let program = match surface {
            Surface::Process | Surface::Api => "orchestrator",
            Surface::Rest | Surface::Grpc => "model-server",
        };
        let process = self.stages.of(program).next().unwrap();
        self.stages.address(process, surface.as_str()).unwrap()
    }

    /// Asks a route; gives the status of HTTP, or that of HTTP that means the same as gRPC's, and what is said.
    async fn ask(&self, route: &Route, role: Option<Role>) -> Answer {
        let authorization = role.map(|role| format!("Bearer {}", self.tokens[&role]));
        if route.surface == Surface::Grpc {
            return self.call(route.path, authorization).await;
        }
        // No name of a parameter is the name of anything.
        let path: Vec<&str> = route
            .path
            .split('/')
            .map(|segment| if segment.starts_with('{') { "none" } else { segment })
            .collect();
        let url = format!("http://{}{}", self.address(route.surface), path.join("/"));
        let mut request = self.http.request(route.method.parse().unwrap(), url);
        if route.method == "POST" {
            // No change is a list: who is let in is told that.
            request = request.header("content-type", "application/json").body("[]");
        }
        if let Some(authorization) = authorization {
            request = request.header("authorization", authorization);
        }
        let answer = request.send().await.unwrap();
        let status = answer.status().as_u16();
        let header = |name: &str| answer.headers().get(name).map(|value| value.to_str().unwrap());
        let challenge = header("www-authenticate").map(str::to_owned);
        let media_type = header("content-type").unwrap_or_default().to_owned();
        // The stream of events has no end.
        let is_stream = media_type.starts_with("text/event-stream");
        let text = if is_stream { String::new() } else { answer.text().await.unwrap() };
        Answer { status, challenge, media_type, text }
    }

    async fn call(&self, path: &str, authorization: Option<String>) -> Answer {
        let url = format!("http://{}", self.address(Surface::Grpc));
        let channel = tonic::transport::Endpoint::from_shared(url).unwrap().connect().await;
        let mut client = tonic::client::Grpc::new(channel.unwrap());
        client.ready().await.unwrap();
        let mut request = Request::new(());
        if let Some(authorization) = authorization {
            request.metadata_mut().insert("authorization", authorization.parse().unwrap());
        }
        let codec = tonic_prost::ProstCodec::<(), ()>::default();
        let answer = client.unary(request, path.parse().unwrap(), codec).await;
        let (status, text) = match answer {
            Ok(_) => (200, String::new()),
            Err(status) => {
                let code = match status.code() {
                    Code::Unauthenticated => 401,
                    Code::PermissionDenied => 403,
                    Code::ResourceExhausted => 429,
                    _ => 400,
                };
                (code, status.message().to_owned())
            }
        };
        Answer { status, challenge: None, media_type: String::new(), text }
    }
}

#[derive(Debug)]
struct Answer {
    status: u16,
    challenge: Option<String>,
    media_type: String,
    text: String,
}

impl Answer {
    /// Whether what was asked for was looked at.
    fn is_let_in(&self) -> bool {
        !matches!(self.status, 401 | 403 | 405 | 421 | 429)
    }
}

/// The greatest role that lacks a right.
fn lacking(right: Right) -> Option<Role> {
    Role::ALL.into_iter().rev().find(|role| !role.has(right))
}

#[tokio::test(flavor = "multi_thread")]
async fn every_route_asks_for_its_right() {
    let fleet = Fleet::start(true).await;
    let mut counts = BTreeMap::<&str, usize>::new();
    for route in ROUTES {
        let about = format!("{} {}", route.method, route.path);
        let nobody = fleet.ask(route, None).await;
        let Need::Right(right) = route.need else {
            // A session is opened by the token in its body; none is there.
            assert!(nobody.is_let_in(), "{about}: {nobody:?}");
            *counts.entry("open").or_default() += 1;
            continue;
        };
        assert_eq!(nobody.status, 401, "{about}: {nobody:?}");
        let least = right.least_role();
        let may = fleet.ask(route, Some(least)).await;
        assert!(may.is_let_in(), "{about} as {least}: {may:?}");
        *counts.entry("let in").or_default() += 1;
        *counts.entry("not known").or_default() += 1;
        if route.surface != Surface::Grpc {
            assert_eq!(nobody.challenge.as_deref(), Some("Bearer"), "{about}");
        }
        if route.surface == Surface::Api {
            assert_eq!(nobody.media_type, "application/problem+json", "{about}");
        }
        let Some(role) = lacking(right) else { continue };
        let may_not = fleet.ask(route, Some(role)).await;
        assert_eq!(may_not.status, 403, "{about} as {role}: {may_not:?}");
        for named in [right.as_str(), least.as_str(), role.as_str()] {
            assert!(may_not.text.contains(named), "{about}: {may_not:?} does not name {named}");
        }
        if route.surface == Surface::Api {
            let problem: Value = serde_json::from_str(&may_not.text).unwrap();
            assert_eq!(
                (&problem["status"], &problem["error"]["code"]),
                (&403.into(), &"forbidden".into())
            );
        }
        *counts.entry("refused").or_default() += 1;
    }
    println!("routes: {counts:?}");
    // What is refused is counted, by reason.
    let orchestrator = fleet.stages.of("orchestrator").next().unwrap();
    let url = format!("http://{}/metrics", fleet.stages.address(orchestrator, "http").unwrap());
    let metrics = fleet.http.get(url).bearer_auth(&fleet.tokens[&Role::Viewer]).send().await;
    let metrics = metrics.unwrap().text().await.unwrap();
    for reason in ["token", "right"] {
        let series = format!("tier0_http_refusals_total{{listener=\"api\",reason=\"{reason}\"}}");
        let count = metrics.lines().find_map(|line| {
            let (name, labels) = line.split_once('{')?;
            let has = |label: &str| labels.contains(label);
            (name == "tier0_http_refusals_total"
                && has("listener=\"api\"")
                && has(&format!("reason=\"{reason}\"")))
            .then(|| line.rsplit_once(' ').unwrap().1.parse::<f64>().unwrap())
        });
        assert!(count.unwrap_or_default() > 10.0, "{series}: {count:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn where_nobody_is_asked_every_route_is_as_before() {
    let fleet = Fleet::start(false).await;
    for route in ROUTES {
        let answer = fleet.ask(route, None).await;
        assert!(answer.is_let_in(), "{} {}: {answer:?}", route.method, route.path);
        // A token that nobody asked for is not looked at.
        let answer = fleet.ask(route, Some(Role::Viewer)).await;
        assert!(answer.is_let_in(), "{} {}: {answer:?}", route.method, route.path);
    }
    let me = format!("http://{}/api/v1/me", fleet.address(Surface::Api));
    let me: Value = fleet.http.get(me).send().await.unwrap().json().await.unwrap();
    assert_eq!((&me["authenticated"], &me["actor"]), (&false.into(), &"unauthenticated".into()));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_session_is_a_cookie_and_who_asks_is_told_what_it_may() {
    let fleet = Fleet::start(true).await;
    let base = format!("http://{}", fleet.address(Surface::Api));
    let session = format!("{base}/api/v1/session");
    let log_in = |token: &str| {
        let body = serde_json::json!({ "token": token });
        fleet.http.post(&session).header("origin", &base).json(&body).send()
    };
    let refused = log_in("tier0_wrong").await.unwrap();
    assert_eq!(refused.status().as_u16(), 401);
    assert!(!refused.headers().contains_key("set-cookie"));
    let opened = log_in(&fleet.tokens[&Role::DataScientist]).await.unwrap();
    assert_eq!(opened.status().as_u16(), 200);
    let cookie = opened.headers()["set-cookie"].to_str().unwrap().to_owned();
    for attribute in ["HttpOnly", "SameSite=Strict", "Path=/api/"] {
        assert!(cookie.contains(attribute), "{cookie}");
    }
    let me: Value = opened.json().await.unwrap();
    assert_eq!(
        (&me["actor"], &me["role"]),
        (&"token/data_scientist".into(), &"data_scientist".into())
    );
    let pair = cookie.split(';').next().unwrap();
    let runs = format!("{base}/api/v1/runs");
    let read = fleet.http.get(&runs).header("cookie", pair).send().await.unwrap();
    assert_eq!(read.status().as_u16(), 200);
    let submit = |site: &'static str| {
        let request = fleet.http.post(&runs).header("cookie", pair).body("[]");
        request.header("sec-fetch-site", site).send()
    };
    assert_eq!(submit("cross-site").await.unwrap().status().as_u16(), 403);
    assert_eq!(submit("same-origin").await.unwrap().status().as_u16(), 400, "let in");
    let foreign = fleet.http.post(&session).header("origin", "http://page.example").body("{}");
    assert_eq!(foreign.send().await.unwrap().status().as_u16(), 403);
    let closed = fleet.http.delete(&session).header("cookie", pair).send().await.unwrap();
    assert!(closed.headers()["set-cookie"].to_str().unwrap().contains("Max-Age=0"));
}

/// The table names what there is: the API's own description has the same routes.
#[tokio::test(flavor = "multi_thread")]
async fn the_table_has_the_routes_of_the_api_and_no_others() {
    let fleet = Fleet::start(true).await;
    let url = format!("http://{}/api/v1/openapi.json", fleet.address(Surface::Api));
    let described = fleet.http.get(url).bearer_auth(&fleet.tokens[&Role::Viewer]).send().await;
    let described: Value = described.unwrap().json().await.unwrap();
    let mut found: Vec<(String, String)> = Vec::new();
    for (path, methods) in described["paths"].as_object().unwrap() {
        let methods = methods.as_object().unwrap().keys();
        found.extend(methods.map(|method| (method.to_uppercase(), path.clone())));
    }
    let mut table: Vec<(String, String)> = ROUTES
        .iter()
        .filter(|route| route.surface == Surface::Api && route.path.starts_with("/api/"))
        .map(|route| (route.method.to_owned(), route.path.to_owned()))
        .collect();
    found.sort();
    table.sort();
    assert_eq!(found, table);
}
