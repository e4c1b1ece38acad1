//! Scenario 8: the new version fails its check, and the old one answers every request.

use contracts::v1::ModelStage;

use crate::endpoint::{Endpoint, World, none_failed, of_version};

#[tokio::test(flavor = "multi_thread")]
async fn s08_deployment_failure() {
    let environment = [
        ("TIER0_MODEL_DEPLOYER__DEPLOY__CHECK_SECONDS", "2"),
        ("TIER0_MODEL_DEPLOYER__DEPLOY__REQUEST_SECONDS", "2"),
    ];
    let endpoint = Endpoint::with(1, &environment).await;
    endpoint.fail("leaving.2 fail-check");
    let load = endpoint.load().await;
    let run = endpoint.deploy(1400, World::Usual, &[]).await;
    let reason = run.failed_at("model-deployer").to_owned();
    assert!(reason.contains("did not answer the check"), "{reason}");
    let answers = load.stop().await;
    none_failed(&answers);
    assert_eq!(of_version(&answers, 1), answers.len());
    let shown = endpoint.show().await;
    assert_eq!((&shown["live"]["version"], shown["green"].is_null()), (&1.into(), true));
    assert_eq!(endpoint.stage(2).await, ModelStage::Archived);
    assert_eq!(endpoint.stage(1).await, ModelStage::Production);
}
