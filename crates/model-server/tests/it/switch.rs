//! Switching versions under load.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use serde_json::json;
use tabular::ProblemType;

use crate::support::{Running, close, endpoint, expected, tensors};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_request_fails_and_each_is_answered_by_one_version() {
    let running = Arc::new(Running::churn().await);
    let stop = Arc::new(AtomicBool::new(false));
    let callers: Vec<_> = (0..4)
        .map(|_| {
            let (running, stop) = (Arc::clone(&running), Arc::clone(&stop));
            tokio::spawn(async move {
                let mut seen = std::collections::BTreeSet::new();
                while !stop.load(Ordering::Relaxed) {
                    let request = json!({ "inputs": tensors() });
                    let (status, answer) = running.post("/v2/models/churn/infer", &request).await;
                    assert_eq!(status, 200, "{answer}");
                    let version: u32 = answer["model_version"].as_str().unwrap().parse().unwrap();
                    close(&answer["outputs"][2]["data"], expected(version));
                    seen.insert(version);
                }
                seen
            })
        })
        .collect();
    for live in [1, 2, 1, 2, 1, 2, 1, 2, 1] {
        tokio::time::sleep(std::time::Duration::from_millis(30)).await;
        let other = if live == 1 { 2 } else { 1 };
        running.server.model_catalogue.put("churn", endpoint(live, &[other], ProblemType::Binary));
        // The switch holds from here on, for everybody.
        let (_, answer) =
            running.post("/v2/models/churn/infer", &json!({ "inputs": tensors() })).await;
        assert_eq!(answer["model_version"], live.to_string());
    }
    stop.store(true, Ordering::Relaxed);
    let mut seen = std::collections::BTreeSet::new();
    for caller in callers {
        seen.extend(caller.await.unwrap());
    }
    assert_eq!(seen, [1, 2].into());
}
