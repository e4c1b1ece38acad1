//! Too little traffic is no promotion: recorded rows are replayed off-traffic, and where there are none the version goes back.

use crate::endpoint::{Endpoint, World, none_failed, of_version};

#[tokio::test(flavor = "multi_thread")]
async fn silence_is_replayed_or_goes_back() {
    let endpoint = Endpoint::with(1, &[]).await;
    // An eighth of the time is the patience of each step.
    let plan = endpoint.fleet.path("canary.json");
    let steps = r#"[{"setWeight": 50}, {"analysis": {}}]"#;
    std::fs::write(
        &plan,
        format!(
            r#"{{"minRequests": "60", "maxPredictionPsi": 5, "maxSeconds": 8, "steps": {steps}}}"#
        ),
    )
    .unwrap();
    let options = ["--strategy", "canary", "--rollout", plan.to_str().unwrap()];

    // No client asks, and none ever did.
    let run = endpoint.deploy(1400, World::Usual, &options).await;
    let reason = run.failed_at("model-deployer").to_owned();
    assert!(reason.contains("over without a decision"), "{reason}");
    let shown = endpoint.show().await;
    assert_eq!(
        (&shown["live"]["version"], &shown["rollout"]["phase"]),
        (&1.into(), &"failed".into())
    );
    assert_eq!(shown["rollout"]["verdicts"][0]["result"], "inconclusive");

    // There were requests once: they are replayed against both versions, and no client sees the answers.
    let load = endpoint.load().await;
    tokio::time::sleep(std::time::Duration::from_millis(800)).await;
    let answers = load.stop().await;
    none_failed(&answers);
    assert_eq!(of_version(&answers, 1), answers.len());
    let run = endpoint.deploy(1500, World::Usual, &options).await.succeeded();
    assert_eq!(run["model"]["version"], 3);
    let shown = endpoint.show().await;
    assert_eq!(
        (&shown["live"]["version"], &shown["rollout"]["phase"]),
        (&3.into(), &"succeeded".into())
    );
    let evidence = &shown["rollout"]["verdicts"][0]["evidence"];
    assert!(evidence["replayed"].as_f64().unwrap() >= 60.0, "{evidence}");
    assert!(evidence["p99_ratio"].as_f64().is_some(), "both versions were asked: {evidence}");
    assert_eq!(evidence["error_rate"], 0.0);
}
