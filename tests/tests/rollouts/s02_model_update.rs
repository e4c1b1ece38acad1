//! Scenario 2: version 1 becomes version 2: both are served during the change, the decision is taken on held-out metrics, the loser is archived, and no request fails.

use contracts::v1::ModelStage;
use tier0_tests::eventually;

use crate::endpoint::{Endpoint, NAME, World, none_failed, of_version};

#[tokio::test(flavor = "multi_thread")]
async fn s02_model_update() {
    let endpoint = Endpoint::with(1, &[]).await;
    // The world has changed: what the live version has learnt is wrong now.
    let load = endpoint.load().await;
    let run = endpoint
        .deploy(1400, World::Reversed, &["--strategy", "champion-challenger"])
        .await
        .succeeded();
    assert_eq!(run["model"]["version"], 2);
    eventually("version 2 answers", || async {
        (endpoint.show().await["live"]["version"] == 2).then_some(())
    })
    .await;
    let later = endpoint.load().await;
    tokio::time::sleep(std::time::Duration::from_secs(1)).await;
    none_failed(&later.stop().await);
    let answers = load.stop().await;
    none_failed(&answers);
    let (old, new) = (of_version(&answers, 1), of_version(&answers, 2));
    assert!(old > 0 && new > 0 && old + new == answers.len(), "{old} and {new}");
    // The same row is answered the other way round.
    let of = |version| {
        let of_row = |answer: &&tier0_tests::load::LoadAnswer| answer.version == version;
        answers.iter().filter(of_row).map(|answer| answer.probability).sum::<f64>()
    };
    let (old, new) = (of(1) / old as f64, of(2) / new as f64);
    assert!((old - new).abs() > 0.05, "means of {old} and {new}");

    let version = endpoint.registry.version(NAME, 2).await.unwrap().unwrap();
    let last = version.transitions.last().unwrap();
    assert!(last.reason.contains("hold-out") && last.reason.contains("p ="), "{}", last.reason);
    assert_eq!(endpoint.stage(1).await, ModelStage::Archived);
    assert_eq!(endpoint.stage(2).await, ModelStage::Production);
}
