//! Scenario 31: users get identical answers, differences are recorded, and a failing shadow is invisible.

use contracts::v1::ModelStage;
use tier0_tests::load::ask;

use crate::endpoint::{Endpoint, NAME, World, none_failed, of_version};

#[tokio::test(flavor = "multi_thread")]
async fn s31_shadow() {
    let endpoint = Endpoint::with(1, &[]).await;
    let plan = endpoint.fleet.path("shadow.json");
    std::fs::write(&plan, r#"{"minRequests": "100", "maxPredictionPsi": 100}"#).unwrap();
    let options = ["--strategy", "shadow", "--rollout", plan.to_str().unwrap()];
    let (rows, _) = Endpoint::rows();
    let http = reqwest::Client::builder().no_proxy().build().unwrap();
    let url = endpoint.urls().await.remove(0);
    let before = ask(&http, &url, &rows[0], "k", 0).await;

    let load = endpoint.load().await;
    endpoint.deploy(1400, World::Reversed, &options).await.succeeded();
    let after = ask(&http, &url, &rows[0], "k", 0).await;
    assert_eq!((before.version, before.probability), (after.version, after.probability));
    let answers = load.stop().await;
    none_failed(&answers);
    assert_eq!(of_version(&answers, 1), answers.len(), "nobody saw the shadow");
    let shown = endpoint.show().await;
    assert_eq!(shown["routing"]["shadows"], serde_json::json!([2]));
    assert_eq!(endpoint.stage(2).await, ModelStage::Shadow);
    let evidence = &shown["rollout"]["verdicts"][0]["evidence"];
    // The reversed world: nearly every class differs.
    assert!(evidence["disagreement_rate"].as_f64().unwrap() > 0.5, "{evidence}");
    assert!(evidence["mean_difference"].as_f64().unwrap() > 0.1, "{evidence}");

    // It is promoted by hand, off the copies it did well on.
    let shown = endpoint.change(&["promote", NAME, "--reason", "the world is reversed"]).await;
    assert_eq!(shown["live"]["version"], 2);
    assert_eq!(endpoint.stage(2).await, ModelStage::Production);

    // One that fails is taken away, and its run says why.
    endpoint.fail("leaving.3 fail");
    let load = endpoint.load().await;
    let run = endpoint.deploy(1500, World::Reversed, &options).await;
    assert!(run.failed_at("model-deployer").contains("error_rate"), "{:#}", run.run);
    let answers = load.stop().await;
    none_failed(&answers);
    assert_eq!(of_version(&answers, 2), answers.len());
    assert!(answers.iter().all(|answer| answer.fallback_from.is_none()));
    assert_eq!(endpoint.show().await["routing"]["shadows"], serde_json::json!([]));
    assert_eq!(endpoint.stage(3).await, ModelStage::Archived);
}
