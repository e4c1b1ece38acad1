//! The request path: from the bytes of a V2 request of one row to the bytes of its answer.
#![allow(clippy::unwrap_used, missing_docs, reason = "a benchmark")]

#[path = "../tests/it/support.rs"]
#[allow(dead_code, reason = "shared with the tests, which use more of it")]
mod support;

use criterion::{Criterion, criterion_group, criterion_main};
use model_server::catalogue::Resolved;
use model_server::predict::predict;
use model_server::protocol::{mlflow, v2};
use serde_json::json;
use tabular::ProblemType;

fn request(criterion: &mut Criterion) {
    let version = support::version("churn", 1, ProblemType::Binary);
    let resolved = Resolved {
        endpoint: "churn".to_owned(),
        version,
        live: true,
        place: std::sync::Arc::default(),
    };
    let body = json!({ "inputs": [
        { "name": "tenure", "datatype": "INT64", "shape": [1], "data": [3] },
        { "name": "charges", "datatype": "FP64", "shape": [1], "data": [20.5] },
        { "name": "contract", "datatype": "BYTES", "shape": [1], "data": ["month"] },
        { "name": "active", "datatype": "BOOL", "shape": [1], "data": [true] },
        { "name": "joined", "datatype": "BYTES", "shape": [1], "data": ["2024-05-01"] },
    ] })
    .to_string();
    criterion.bench_function("v2_json_one_row", |bencher| {
        bencher.iter(|| {
            let request = v2::read(body.as_bytes(), None).unwrap();
            let predicted = predict(&resolved, request.input, "r".to_owned(), 10).unwrap();
            v2::write(&predicted.answer, &request.wanted).unwrap()
        });
    });
    let mut csv = "tenure,charges,contract,active,joined\n".to_owned();
    csv.push_str(&"3,20.5,month,true,2024-05-01\n".repeat(1000));
    criterion.bench_function("csv_thousand_rows", |bencher| {
        bencher.iter(|| {
            let input = mlflow::read_csv(csv.as_bytes()).unwrap();
            let predicted = predict(&resolved, input, "r".to_owned(), 1000).unwrap();
            mlflow::write(&predicted.answer).unwrap()
        });
    });
}

criterion_group!(benches, request);
criterion_main!(benches);
