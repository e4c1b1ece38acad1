//! Scenario 10: closed → open → half-open → closed under a controlled clock, over HTTP; the fallback answers, and a minimum volume is needed to open.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use contracts::v1::BreakerState;
use model_server::testing::{Clock, Serving};
use serde_json::json;
use tabular::ProblemType;

use crate::support::{Running, close, endpoint, expected, tensors};

/// The endpoint's name is its own: faults are of the process.
const NAME: &str = "breaking";

#[tokio::test]
async fn s10_circuit_breaker() {
    let seconds = Arc::new(AtomicU64::new(0));
    let at = Arc::clone(&seconds);
    let clock = Clock::new(move || Duration::from_secs(at.load(Ordering::Relaxed)));
    let running = Running::with_clock(Serving::default(), None, clock).await;
    let mut held = endpoint(2, &[1], ProblemType::Binary);
    held.previous = Some(1);
    running.server.model_catalogue.put(NAME, held);
    let state = || {
        let catalogue = running.server.model_catalogue.snapshot();
        let counts = Arc::clone(&catalogue.endpoints[NAME].counts[&2]);
        counts.report(2, running.server.now())
    };
    // Asks so many times, and says which version answered and in whose place.
    let ask = async |times: usize| {
        let mut answered = Vec::new();
        for _ in 0..times {
            let response = running
                .http
                .post(format!("{}/v2/models/{NAME}/infer", running.url))
                .json(&json!({ "inputs": tensors() }))
                .send()
                .await
                .unwrap();
            assert_eq!(response.status(), 200);
            let from = response.headers().contains_key("x-fallback-from");
            let answer: serde_json::Value = response.json().await.unwrap();
            let version: u32 = answer["model_version"].as_str().unwrap().parse().unwrap();
            close(&answer["outputs"][2]["data"], expected(version));
            answered.push((version, from));
        }
        answered
    };

    assert_eq!(ask(3).await, [(2, false); 3]);
    model_server::fault::set(NAME, 2, true);
    // 16 of 19: too few requests to open, and the version before answers each that fails.
    assert_eq!(ask(16).await, [(1, true); 16]);
    assert_eq!(state().breaker(), BreakerState::Closed, "below the minimum volume");
    assert_eq!(ask(1).await, [(1, true)]);
    assert_eq!((state().breaker(), state().errors), (BreakerState::Open, 17));
    // Open: the version is not tried any more.
    assert_eq!(ask(5).await, [(1, false); 5]);
    assert_eq!(state().errors, 17);

    seconds.store(4, Ordering::Relaxed);
    assert_eq!(ask(1).await, [(1, false)]);
    seconds.store(5, Ordering::Relaxed);
    assert_eq!(state().breaker(), BreakerState::HalfOpen);
    // A probe that fails opens it again, and its caller gets the fallback.
    assert_eq!(ask(2).await, [(1, true), (1, false)]);
    assert_eq!(state().breaker(), BreakerState::Open);

    model_server::fault::set(NAME, 2, false);
    seconds.store(9, Ordering::Relaxed);
    assert_eq!(ask(1).await, [(1, false)]);
    seconds.store(10, Ordering::Relaxed);
    assert_eq!(ask(2).await, [(2, false); 2]);
    assert_eq!(state().breaker(), BreakerState::HalfOpen, "three probes have to succeed");
    assert_eq!(ask(1).await, [(2, false)]);
    assert_eq!(state().breaker(), BreakerState::Closed);
    assert_eq!(ask(5).await, [(2, false); 5]);

    // What is wrong with a request speaks against no version.
    for _ in 0..30 {
        let (status, _) =
            running.post(&format!("/v2/models/{NAME}/infer"), &json!({ "inputs": [] })).await;
        assert_eq!(status, 400);
    }
    assert_eq!((state().breaker(), state().errors), (BreakerState::Closed, 18));
}
