//! Scenario 35: several versions' answers become one in the server, weighted; a member that fails degrades the answer and does not fail it.

use contracts::v1::ModelStage;
use tier0_tests::load::{ask, request_of};

use crate::endpoint::{Endpoint, World, none_failed};

#[tokio::test(flavor = "multi_thread")]
async fn s35_ensemble() {
    let endpoint = Endpoint::with(1, &[]).await;
    let load = endpoint.load().await;
    let run = endpoint
        .deploy(1400, World::Reversed, &["--strategy", "ensemble", "--weight", "25"])
        .await
        .succeeded();
    assert_eq!(run["model"]["version"], 2);
    none_failed(&load.stop().await);
    assert_eq!(endpoint.stage(1).await, ModelStage::Production);
    assert_eq!(endpoint.stage(2).await, ModelStage::Production);

    let http = reqwest::Client::builder().no_proxy().build().unwrap();
    let url = endpoint.urls().await.remove(0);
    let (rows, _) = Endpoint::rows();
    let alone = async |version: u32, line: &str| {
        let url = format!("{url}/versions/{version}/infer");
        let answer = http.post(url).json(&request_of(line)).send().await.unwrap();
        let answer: serde_json::Value = answer.json().await.unwrap();
        answer["outputs"][2]["data"][0].as_f64().unwrap()
    };
    for line in &rows[..20] {
        let (first, second) = (alone(1, line).await, alone(2, line).await);
        let together = ask(&http, &url, line, "k", 0).await;
        let expected = 0.75 * first + 0.25 * second;
        assert!((together.probability - expected).abs() < 1e-12, "{together:?} is not {expected}");
    }

    endpoint.fail("leaving.2 fail");
    let load = endpoint.load().await;
    tier0_tests::eventually("the member fails", || async {
        let body = request_of(&rows[0]);
        let answer = http.post(format!("{url}/infer")).json(&body).send().await.unwrap();
        answer.headers().contains_key("x-silent-members").then_some(())
    })
    .await;
    for line in &rows[..20] {
        let response =
            http.post(format!("{url}/infer")).json(&request_of(line)).send().await.unwrap();
        assert_eq!(response.status(), 200);
        let silent = response.headers().get("x-silent-members").cloned();
        let answer: serde_json::Value = response.json().await.unwrap();
        let found = answer["outputs"][2]["data"][0].as_f64().unwrap();
        if let Some(silent) = silent {
            assert_eq!(silent, "2");
            assert!((found - alone(1, line).await).abs() < 1e-12);
        } else {
            panic!("a member that fails is named");
        }
    }
    tokio::time::sleep(std::time::Duration::from_millis(500)).await;
    none_failed(&load.stop().await);
}
