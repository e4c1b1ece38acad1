//! Scenario 29: green is checked off-traffic, the switch is atomic under load, and blue is kept to go back to.

use std::time::{Duration, Instant};

use crate::endpoint::{Endpoint, NAME, World, none_failed, of_version};

#[tokio::test(flavor = "multi_thread")]
async fn s29_blue_green() {
    let endpoint = Endpoint::with(2, &[]).await;
    let blue = endpoint.show().await["live"]["digest"].clone();
    let load = endpoint.load().await;
    let run = endpoint.deploy(1400, World::Usual, &["--strategy", "blue-green"]).await.succeeded();
    let shown = endpoint.show().await;
    assert_eq!((&shown["live"]["version"], &shown["previous"]["version"]), (&2.into(), &1.into()));
    assert_ne!(shown["live"]["digest"], blue);
    assert_eq!(shown["live"]["digest"], run["model"]["digest"]);
    tokio::time::sleep(Duration::from_millis(300)).await;

    // Back, by hand: a pointer to a bundle that is still warm.
    let begun = Instant::now();
    let shown = endpoint.change(&["rollback", NAME, "--reason", "just to see"]).await;
    let took = begun.elapsed();
    assert!(took < Duration::from_secs(1), "the command took {took:?}");
    assert_eq!(shown["live"]["digest"], blue);
    let servers = endpoint.registry.servers(NAME).await.unwrap();
    assert!(servers.iter().all(|server| server.live_version == 1), "{servers:?}");
    let back = Instant::now();
    tokio::time::sleep(Duration::from_millis(300)).await;

    let answers = load.stop().await;
    none_failed(&answers);
    assert!(of_version(&answers, 2) > 0);
    // Once it was done, nothing was answered by the version that had been left.
    let late: Vec<_> = answers.iter().filter(|answer| answer.sent > back).cloned().collect();
    assert!(!late.is_empty() && of_version(&late, 1) == late.len());
    // Servers agree within a second: between the first and the last answer of a change lies no more.
    let first_new = answers.iter().find(|answer| answer.version == 2).unwrap().answered;
    let last_old = answers
        .iter()
        .filter(|answer| answer.version == 1 && answer.sent < begun)
        .map(|answer| answer.sent)
        .max()
        .unwrap();
    let overlap = last_old.saturating_duration_since(first_new);
    assert!(overlap < Duration::from_secs(1), "{overlap:?}");
    assert_eq!(endpoint.stage(1).await, contracts::v1::ModelStage::Production);
    assert_eq!(endpoint.stage(2).await, contracts::v1::ModelStage::Archived);
}
