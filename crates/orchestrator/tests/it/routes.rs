//! Every route of the real router has a row in the table of rights.

use std::collections::BTreeSet;
use std::time::Duration;

use api::health::Prober;
use api::{Broker, ModelServers};
use auth::{Need, Right, Surface};
use axum::Router;
use axum::body::{Body, to_bytes};
use axum::http::{Method, Request, header};
use orchestrator::health::HealthCache;
use orchestrator::http::{self, SharedLedger};
use outgoing::FleetTls;
use process::CancellationToken;
use process::http::Guard;
use tower::ServiceExt as _;

/// The paths that a router shows of itself.
fn paths(router: &Router) -> BTreeSet<String> {
    let shown = format!("{router:?}");
    let quoted = shown.split('"').skip(1).step_by(2);
    // What is no route goes to the fallback, which axum keeps as paths as well.
    let is_route =
        |text: &&str| text.starts_with('/') && *text != "/" && !text.contains("__private");
    quoted.filter(is_route).map(str::to_owned).collect()
}

/// The whole router, on a broker of its own.
async fn whole() -> (tier0_tests::NatsServer, Router) {
    let tier0_tests::Broker { nats, bus, registry, artifacts } = tier0_tests::Broker::start().await;
    let config = orchestrator::Config::default();
    let shared = SharedLedger::new(1);
    let (store, every) = (Some(artifacts.clone()), Duration::from_secs(1));
    let prober = Prober::new(bus.clone(), store, config.mlflow, every, &FleetTls::default());
    let health = HealthCache::new(prober, shared.clone(), &config.health);
    let model_servers = ModelServers::default();
    let tables = upload::Uploads::new(artifacts.clone(), 1 << 20);
    let broker = Broker { bus, registry, artifacts: Some(artifacts), model_servers };
    let more = http::all(broker, shared.clone(), health, tables, CancellationToken::new());
    let guard = Guard::of_token(Surface::Api, None);
    (nats, http::router(shared, more, guard, Vec::new()))
}

#[tokio::test]
async fn a_cursor_that_no_page_gave_is_refused_with_its_name() {
    let (_nats, router) = whole().await;
    for path in [
        "/api/v1/models?after=a%20b",
        "/api/v1/models?after=",
        "/api/v1/endpoints?after=%F0%9F%A6%80",
        "/api/v1/retraining?after=..%2Fx",
        "/api/v1/alerts?after=none",
        "/api/v1/dead-letters?after=TIER0.x",
        "/api/v1/versions?after=x",
        "/api/v1/audit?before=x",
        "/api/v1/audit?since=yesterday",
        "/api/v1/dead-letters?kind=other",
    ] {
        let field = path.split(['?', '=']).nth(1).unwrap();
        let request = Request::get(path).header(header::HOST, "localhost");
        let answer = router.clone().oneshot(request.body(Body::empty()).unwrap()).await.unwrap();
        assert_eq!(answer.status(), 400, "{path}");
        let body = to_bytes(answer.into_body(), 1 << 20).await.unwrap();
        let body: serde_json::Value = serde_json::from_slice(&body).unwrap();
        assert_eq!(body["error"]["code"], "invalid_request", "{path}");
        assert!(body["error"]["message"].as_str().unwrap().contains(field), "{path}: {body}");
    }
}

#[tokio::test]
async fn who_asks_and_the_description_are_not_sent_twice() {
    let (_nats, router) = whole().await;
    for path in ["/api/v1/me", "/api/v1/openapi.json", "/api/v1/audit"] {
        let ask = |tag: Option<&header::HeaderValue>| {
            let mut request = Request::get(path).header(header::HOST, "localhost");
            if let Some(tag) = tag {
                request = request.header(header::IF_NONE_MATCH, tag);
            }
            router.clone().oneshot(request.body(Body::empty()).unwrap())
        };
        let answer = ask(None).await.unwrap();
        assert_eq!(answer.status(), 200, "{path}");
        let tag = answer.headers().get(header::ETAG).unwrap();
        assert_eq!(ask(Some(tag)).await.unwrap().status(), 304, "{path}");
        let other = header::HeaderValue::from_static("\"other\"");
        assert_eq!(ask(Some(&other)).await.unwrap().status(), 200, "{path}");
    }
}

#[tokio::test]
async fn every_route_of_the_router_has_a_row() {
    let (nats, router) = whole().await;
    let paths = paths(&router);
    assert!(paths.len() > 40, "the router does not show its paths: {paths:?}");
    let mut rows = 0;
    for path in &paths {
        let uri = path.replace(['{', '}', '*'], "");
        for method in [Method::GET, Method::POST, Method::PUT, Method::PATCH, Method::DELETE] {
            // No change is a list: none is made.
            let request = Request::builder()
                .method(&method)
                .uri(&uri)
                .header(header::HOST, "localhost")
                .body(Body::from("[]"));
            let answer = router.clone().oneshot(request.unwrap()).await.unwrap();
            let is_there = answer.status() != 405;
            let need = auth::need(Surface::Api, method.as_str(), path);
            let has_row = need != Need::Right(Right::Administer);
            assert_eq!(is_there, has_row, "{method} {path}: {}", answer.status());
            rows += usize::from(is_there);
        }
    }
    let table = auth::ROUTES.iter().filter(|route| route.surface == Surface::Api).count();
    assert_eq!(rows, table, "rows of routes that are not there");
    drop(nats);
}
