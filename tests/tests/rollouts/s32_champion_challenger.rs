//! Scenario 32: champion and challengers on the same hold-out, with a significance test; exactly one champion at the end.

use contracts::v1::ModelStage;

use crate::endpoint::{Endpoint, NAME, World, none_failed};

#[tokio::test(flavor = "multi_thread")]
async fn s32_champion_challenger() {
    let endpoint = Endpoint::with(1, &[]).await;
    let load = endpoint.load().await;
    // It has learnt the same: no better.
    let lost = endpoint.deploy(1300, World::Usual, &["--strategy", "champion-challenger"]).await;
    let reason = lost.failed_at("model-deployer").to_owned();
    assert!(reason.contains("no challenger is significantly better than version 1"), "{reason}");
    assert_eq!(endpoint.stage(2).await, ModelStage::Archived);
    assert_eq!(endpoint.show().await["live"]["version"], 1);

    // A mirrored version is a challenger as well, and the better of the two wins, on the newer one's hold-out.
    let rollout = endpoint.fleet.path("shadow.json");
    std::fs::write(&rollout, r#"{"minRequests": "50", "maxPredictionPsi": 100}"#).unwrap();
    let shadow = endpoint
        .deploy(
            1310,
            World::Usual,
            &["--strategy", "shadow", "--rollout", rollout.to_str().unwrap()],
        )
        .await
        .succeeded();
    assert_eq!(shadow["model"]["version"], 3);
    let won = endpoint
        .deploy(1400, World::Reversed, &["--strategy", "champion-challenger"])
        .await
        .succeeded();
    assert_eq!(won["model"]["version"], 4);
    none_failed(&load.stop().await);

    let mut champions = Vec::new();
    for version in endpoint.registry.versions(NAME).await.unwrap() {
        if version.stage() == ModelStage::Production {
            champions.push(version.version);
        }
    }
    assert_eq!(champions, [4], "exactly one");
    let reason = endpoint.registry.version(NAME, 4).await.unwrap().unwrap();
    let reason = reason.transitions.last().unwrap().reason.clone();
    assert!(reason.contains("version 4 is significantly better"), "{reason}");
    assert!(reason.contains("version 3 has mean loss"), "the other challenger too: {reason}");
    let shown = endpoint.show().await;
    assert_eq!((&shown["live"]["version"], &shown["routing"]["mode"]), (&4.into(), &"live".into()));
}
