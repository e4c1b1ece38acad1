//! The request path: from the head and the bytes of a REST request to its answer, as the listener takes it.
#![allow(clippy::unwrap_used, missing_docs, reason = "a benchmark")]

#[path = "../tests/it/support.rs"]
#[allow(dead_code, reason = "shared with the tests, which use more of it")]
mod support;

use std::sync::Arc;

use axum::body::Body;
use axum::http::Request;
use criterion::{Criterion, criterion_group, criterion_main};
use model_server::testing::{EventQueue, Server, Serving, answer, router};
use serde_json::json;
use tabular::ProblemType;

fn request(criterion: &mut Criterion) {
    let server = Arc::new(Server::new(Serving::default(), None, EventQueue::none()));
    server.model_catalogue.put("churn", support::endpoint(1, &[], ProblemType::Binary));
    let router = router(Arc::clone(&server));
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let mut measure = |name: &str, path: &str, media_type: &str, body: String| {
        criterion.bench_function(name, |bencher| {
            bencher.iter(|| {
                let request = Request::post(path)
                    .header("content-type", media_type)
                    .header("content-length", body.len());
                let request = request.body(Body::from(body.clone())).unwrap();
                let response = runtime.block_on(answer(&server, router.clone(), request));
                assert_eq!(response.status(), 200);
                response
            });
        });
    };
    let row = json!({ "inputs": [
        { "name": "tenure", "datatype": "INT64", "shape": [1], "data": [3] },
        { "name": "charges", "datatype": "FP64", "shape": [1], "data": [20.5] },
        { "name": "contract", "datatype": "BYTES", "shape": [1], "data": ["month"] },
        { "name": "active", "datatype": "BOOL", "shape": [1], "data": [true] },
        { "name": "joined", "datatype": "BYTES", "shape": [1], "data": ["2024-05-01"] },
    ] });
    measure("v2_json_one_row", "/v2/models/churn/infer", "application/json", row.to_string());
    let mut csv = "tenure,charges,contract,active,joined\n".to_owned();
    csv.push_str(&"3,20.5,month,true,2024-05-01\n".repeat(1000));
    measure("csv_thousand_rows", "/invocations", "text/csv", csv);
}

criterion_group!(benches, request);
criterion_main!(benches);
