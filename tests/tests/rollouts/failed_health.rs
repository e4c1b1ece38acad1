//! A live version that fails is rolled back by its health alone.

use contracts::v1::ModelStage;
use tier0_tests::eventually;

use crate::endpoint::{Endpoint, World, none_failed, of_version};

#[tokio::test(flavor = "multi_thread")]
async fn failed_health_rolls_back() {
    let endpoint = Endpoint::with(2, &[]).await;
    endpoint.deploy(1400, World::Usual, &[]).await.succeeded();
    let load = endpoint.load().await;
    endpoint.fail("leaving.2 fail");
    eventually("version 1 is live again", || async {
        (endpoint.show().await["live"]["version"] == 1).then_some(())
    })
    .await;
    tokio::time::sleep(std::time::Duration::from_millis(500)).await;
    let answers = load.stop().await;
    none_failed(&answers);
    assert!(answers.iter().any(|answer| answer.fallback_from == Some(2)));
    let last = answers.len() - 50;
    assert_eq!(of_version(&answers[last..], 1), 50);
    let shown = endpoint.show().await;
    let reason = shown["reason"].as_str().unwrap();
    assert!(reason.contains("circuit breaker of version 2 is open on 2 servers"), "{reason}");
    assert_eq!(shown["updated_by"], "model-deployer/controller");
    eventually("the registry says so", || async {
        let stages = (endpoint.stage(1).await, endpoint.stage(2).await);
        (stages == (ModelStage::Production, ModelStage::Archived)).then_some(())
    })
    .await;
}
