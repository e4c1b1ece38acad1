//! Who may ask for what: every route has a row in the table, and refusals say what is needed.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use auth::{Authority, Need, Oidc, RateLimit, Right, Role, Surface, TokenFile};
use axum::body::Body;
use axum::http::{Method, Request};
use model_server::testing::inference::grpc_inference_service_client::GrpcInferenceServiceClient;
use model_server::testing::inference::{ServerLiveRequest, ServerMetadataRequest};
use model_server::testing::{Clock, EventQueue, Server, Serving, router};
use process::ListenerTls;
use serde_json::json;
use tabular::ProblemType;
use tonic::Code;
use tower::ServiceExt as _;

use crate::grpc::typed;
use crate::support::{Running, endpoint, tensors};

#[tokio::test]
async fn every_route_of_the_router_has_a_row() {
    let server = Arc::new(Server::new(Serving::default(), None, EventQueue::none()));
    let router = router(server);
    let shown = format!("{router:?}");
    let quoted = shown.split('"').skip(1).step_by(2);
    // What is no route goes to the fallback, which axum keeps as paths as well.
    let is_route =
        |text: &&str| text.starts_with('/') && *text != "/" && !text.contains("__private");
    let paths: BTreeSet<&str> = quoted.filter(is_route).collect();
    assert!(paths.len() > 10, "the router does not show its paths: {paths:?}");
    let mut rows = 0;
    for path in paths {
        for method in [Method::GET, Method::POST, Method::PUT, Method::PATCH, Method::DELETE] {
            let uri = path.replace(['{', '}'], "");
            let request = Request::builder().method(&method).uri(uri).body(Body::from("[]"));
            let answer = router.clone().oneshot(request.unwrap()).await.unwrap();
            let is_there = answer.status() != 405;
            let need = auth::need(Surface::Rest, method.as_str(), path);
            let has_row = need != Need::Right(Right::Administer);
            assert_eq!(is_there, has_row, "{method} {path}: {}", answer.status());
            rows += usize::from(is_there);
        }
    }
    let table = auth::ROUTES.iter().filter(|route| route.surface == Surface::Rest).count();
    assert_eq!(rows, table, "rows of routes that are not there");
}

#[test]
fn every_method_of_grpc_has_a_row() {
    let schema = include_str!("../../proto/open_inference.proto");
    let methods = schema.lines().filter_map(|line| line.trim().strip_prefix("rpc "));
    let methods: BTreeSet<String> = methods
        .map(|line| {
            let name = line.split('(').next().unwrap_or_default();
            format!("/inference.GRPCInferenceService/{name}")
        })
        .collect();
    let rows = auth::ROUTES.iter().filter(|route| route.surface == Surface::Grpc);
    assert_eq!(methods, rows.map(|route| route.path.to_owned()).collect());
}

/// A server that knows a token of each role, with what one may ask.
async fn running(limit: RateLimit) -> (Running, BTreeMap<Role, String>, tempfile::TempDir) {
    let directory = tempfile::tempdir().unwrap();
    let file = TokenFile::new(directory.path().join("tokens"));
    let made = Role::ALL.map(|role| {
        let now = "2026-01-01T00:00:00Z".parse().unwrap();
        (role, file.create(role.as_str(), role, now, None).unwrap().text)
    });
    let path = file.path().to_owned();
    let authority = Authority::open(Some(&path), &Oidc::default(), &BTreeMap::new(), &limit);
    let authority = Arc::new(authority.unwrap());
    let server = Server::with_clock(Serving::default(), None, EventQueue::none(), Clock::default());
    let server = server.known_to(None, &authority);
    let running = Running::of(server, &ListenerTls::default()).await;
    running.server.model_catalogue.put("churn", endpoint(1, &[], ProblemType::Binary));
    (running, made.into(), directory)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_viewer_reads_and_a_data_scientist_predicts() {
    let (running, tokens, _directory) = running(RateLimit::default()).await;
    let infer = |role: Option<Role>, path: &str| {
        let request = running.http.post(format!("{}{path}", running.url));
        let request = request.json(&json!({ "inputs": tensors() }));
        match role {
            Some(role) => request.bearer_auth(&tokens[&role]),
            None => request,
        }
        .send()
    };
    for path in ["/v2/models/churn/infer", "/v2/models/churn/versions/1/infer"] {
        assert_eq!(infer(None, path).await.unwrap().status(), 401);
        let refused = infer(Some(Role::Viewer), path).await.unwrap();
        assert_eq!(refused.status(), 403);
        let text = refused.text().await.unwrap();
        assert!(text.contains("`predict`") && text.contains("`data_scientist`"), "{text}");
        assert_eq!(infer(Some(Role::DataScientist), path).await.unwrap().status(), 200, "{path}");
    }
    let channel = tonic::transport::Endpoint::from_shared(running.grpc.clone()).unwrap();
    let mut client = GrpcInferenceServiceClient::new(channel.connect().await.unwrap());
    fn with<T>(message: T, token: &str) -> tonic::Request<T> {
        let mut request = tonic::Request::new(message);
        request.metadata_mut().insert("authorization", format!("Bearer {token}").parse().unwrap());
        request
    }
    let viewer = &tokens[&Role::Viewer];
    client.server_metadata(with(ServerMetadataRequest {}, viewer)).await.unwrap();
    let refused = client.model_infer(with(typed(), viewer)).await.unwrap_err();
    assert_eq!(refused.code(), Code::PermissionDenied);
    assert!(refused.message().contains("`predict`"), "{refused}");
    client.model_infer(with(typed(), &tokens[&Role::DataScientist])).await.unwrap();
    let unknown = client.model_infer(typed()).await.unwrap_err();
    assert_eq!(unknown.code(), Code::Unauthenticated);
    client.server_live(ServerLiveRequest {}).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn who_asks_too_much_waits_and_probes_do_not() {
    let limit = RateLimit { requests_per_second: 0.1, burst: 2, ..RateLimit::default() };
    let (running, tokens, _directory) = running(limit).await;
    let ask = |path: &str| {
        let request = running.http.get(format!("{}{path}", running.url));
        request.bearer_auth(&tokens[&Role::Viewer]).send()
    };
    let mut found = Vec::new();
    for _ in 0..3 {
        found.push(ask("/v2").await.unwrap().status().as_u16());
    }
    assert_eq!(found, [200, 200, 429]);
    let refused = ask("/v2").await.unwrap();
    let seconds: u64 = refused.headers()["retry-after"].to_str().unwrap().parse().unwrap();
    assert!((1..=10).contains(&seconds), "{seconds}");
    assert_eq!(refused.headers()["ratelimit-policy"], "\"caller\";q=2;w=20");
    for _ in 0..5 {
        assert_eq!(ask("/v2/health/live").await.unwrap().status(), 200);
    }
    // Over gRPC it is the same caller.
    let channel = tonic::transport::Endpoint::from_shared(running.grpc.clone()).unwrap();
    let mut client = GrpcInferenceServiceClient::new(channel.connect().await.unwrap());
    let mut request = tonic::Request::new(ServerMetadataRequest {});
    let token = format!("Bearer {}", tokens[&Role::Viewer]);
    request.metadata_mut().insert("authorization", token.parse().unwrap());
    let refused = client.server_metadata(request).await.unwrap_err();
    assert_eq!(refused.code(), Code::ResourceExhausted);
    assert!(refused.metadata().contains_key("retry-after"));
}
