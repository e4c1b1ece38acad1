//! Scenario 30: a canary of 5, 25, 50 and 100 per cent: each step waits for its gate, and a bad canary goes back to nothing.

use contracts::v1::ModelStage;

use crate::endpoint::{Endpoint, World, none_failed, of_version};

#[tokio::test(flavor = "multi_thread")]
async fn s30_canary() {
    let endpoint = Endpoint::with(1, &[]).await;
    let plan = endpoint.fleet.path("canary.json");
    std::fs::write(&plan, r#"{"minRequests": "40", "maxPredictionPsi": 5}"#).unwrap();
    let options = ["--strategy", "canary", "--rollout", plan.to_str().unwrap()];

    let load = endpoint.load().await;
    let run = endpoint.deploy(1400, World::Usual, &options).await.succeeded();
    assert_eq!(run["model"]["version"], 2);
    let answers = load.stop().await;
    none_failed(&answers);
    let shown = endpoint.show().await;
    assert_eq!(
        (&shown["live"]["version"], &shown["rollout"]["phase"]),
        (&2.into(), &"succeeded".into())
    );
    let verdicts = shown["rollout"]["verdicts"].as_array().unwrap().clone();
    let steps: Vec<u64> =
        verdicts.iter().map(|verdict| verdict["step"].as_u64().unwrap()).collect();
    assert_eq!(steps, [1, 3, 5, 7], "a gate after each of 5, 25, 50 and 100 per cent");
    for verdict in &verdicts {
        assert_eq!(verdict["result"], "successful");
        let evidence = &verdict["evidence"];
        assert!(evidence["requests"].as_f64().unwrap() >= 40.0, "{evidence}");
        assert_eq!(evidence["error_rate"], 0.0);
    }
    let compared = &verdicts[0]["evidence"];
    assert!(compared["p99_ratio"].as_f64().is_some(), "against the baseline: {compared}");
    // At 5 per cent the baseline gets nineteen times as many requests.
    let ratio =
        compared["baseline_requests"].as_f64().unwrap() / compared["requests"].as_f64().unwrap();
    assert!(ratio > 8.0, "{ratio}");
    assert_eq!(endpoint.stage(1).await, ModelStage::Archived);
    // The judgements are in the run's timeline.
    let run_id = run["run_id"].as_str().unwrap();
    let timeline = endpoint.fleet.tier0(["runs", "show", run_id, "--json"]).await.success().json();
    let timeline = timeline.to_string();
    assert!(timeline.contains("successful: every gate is met"), "{timeline}");

    // One that fails its requests goes back, and no caller notices.
    endpoint.fail("leaving.3 fail");
    let load = endpoint.load().await;
    let run = endpoint.deploy(1500, World::Usual, &options).await;
    let reason = run.failed_at("model-deployer").to_owned();
    assert!(reason.contains("error_rate"), "{reason}");
    let shown = endpoint.show().await;
    assert_eq!(
        (&shown["live"]["version"], &shown["rollout"]["phase"]),
        (&2.into(), &"failed".into())
    );
    assert_eq!(shown["routing"]["shares"], serde_json::json!([]));
    tokio::time::sleep(std::time::Duration::from_millis(500)).await;
    let answers = load.stop().await;
    none_failed(&answers);
    assert_eq!(of_version(&answers, 2), answers.len(), "version 2 answered all of them");
    assert!(answers.iter().any(|answer| answer.fallback_from == Some(3)));
    let last = answers.len() - 50;
    assert!(answers[last..].iter().all(|answer| answer.fallback_from.is_none()), "0 per cent");
    assert_eq!(endpoint.stage(3).await, ModelStage::Archived);
}
