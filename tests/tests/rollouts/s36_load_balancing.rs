//! Scenario 36: shares are within the bound; an unhealthy version and a replica that leaves are drained.

use std::time::{Duration, Instant};

use contracts::v1::ModelStage;
use rustix::process::Signal;
use tier0_tests::eventually;
use tier0_tests::load::Load;

use crate::endpoint::{Endpoint, NAME, World, none_failed, of_version, within_bound};

#[tokio::test(flavor = "multi_thread")]
async fn s36_load_balancing() {
    let endpoint = Endpoint::with(2, &[]).await;
    endpoint
        .deploy(1400, World::Usual, &["--strategy", "weighted", "--weight", "30"])
        .await
        .succeeded();
    endpoint
        .deploy(1500, World::Usual, &["--strategy", "weighted", "--weight", "20"])
        .await
        .succeeded();
    let begun = Instant::now();
    let shown = endpoint
        .change(&["split", NAME, "1=50", "2=30", "3=20", "--reason", "three of them"])
        .await;
    let took = begun.elapsed();
    assert!(took < Duration::from_secs(1), "all servers agree after {took:?}");
    assert_eq!(shown["routing"]["shares"].as_array().unwrap().len(), 3);
    for version in 1..=3 {
        assert_eq!(endpoint.stage(version).await, ModelStage::Production, "version {version}");
    }
    let load = endpoint.load().await;
    tokio::time::sleep(Duration::from_secs(2)).await;
    let answers = load.stop().await;
    none_failed(&answers);
    for (version, share) in [(1, 0.5), (2, 0.3), (3, 0.2)] {
        within_bound(of_version(&answers, version), answers.len(), share);
    }

    // A version that fails is given up, and the others share what was its.
    endpoint.fail("leaving.3 fail");
    let load = endpoint.load().await;
    eventually("both servers have opened the breaker of version 3", || async {
        let servers = endpoint.registry.servers(NAME).await.unwrap();
        let open = |server: &contracts::v1::ServerReport| {
            server.traffic.iter().any(|counted| {
                counted.version == 3 && counted.breaker() == contracts::v1::BreakerState::Open
            })
        };
        (servers.len() == 2 && servers.iter().all(open)).then_some(())
    })
    .await;
    let open = Instant::now();
    tokio::time::sleep(Duration::from_secs(1)).await;
    let answers = load.stop().await;
    none_failed(&answers);
    let drained: Vec<_> = answers.iter().filter(|answer| answer.sent > open).cloned().collect();
    assert_eq!(of_version(&drained, 3), 0);
    within_bound(of_version(&drained, 1), drained.len(), 0.5 + 0.2 * 0.625);

    // A server that dies takes nothing with it that the other one does not answer; the one that comes after it divides as the record says.
    let both = endpoint.urls().await;
    let other = both.iter().find(|url| **url == first_url(&endpoint)).unwrap().clone();
    let load = Load::start(vec![other], Endpoint::rows().0, 2);
    endpoint.fail("");
    endpoint.fleet.signal("model-server-2", Signal::KILL);
    tokio::time::sleep(Duration::from_millis(500)).await;
    none_failed(&load.stop().await);
    let revision = endpoint.registry.record(NAME).await.unwrap().unwrap().revision;
    eventually("the server that came after it has the record", || async {
        let servers = endpoint.registry.servers(NAME).await.unwrap();
        let there = servers.len() == 2
            && servers.iter().all(|server| {
                server.record_revision == revision && server.ready_versions.len() == 3
            });
        let urls = endpoint.urls().await;
        let http = reqwest::Client::builder().no_proxy().build().unwrap();
        for url in &urls {
            if http.get(format!("{url}/ready")).send().await.is_err() {
                return None;
            }
        }
        there.then_some(())
    })
    .await;
    let load = endpoint.load().await;
    tokio::time::sleep(Duration::from_secs(1)).await;
    none_failed(&load.stop().await);
}

/// Where the first model server answers.
fn first_url(endpoint: &Endpoint) -> String {
    format!("{}/v2/models/{NAME}", endpoint.fleet.file().serving_url)
}
