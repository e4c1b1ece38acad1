//! Scenario 3: an A/B test 70/30: the split is within the bound, a key always gets the same version, metrics are per version, and a winner is declared only when the difference is significant.

use std::collections::BTreeMap;

use contracts::{encoding, subjects, v1};
use tier0_tests::eventually;
use tier0_tests::load::{LoadAnswer, ask};

use crate::endpoint::{Endpoint, NAME, World, none_failed, of_version, within_bound};

/// Keys that ask.
const KEYS: usize = 1500;

#[tokio::test(flavor = "multi_thread")]
async fn s03_ab_test() {
    let endpoint = Endpoint::with(2, &[]).await;
    let run = endpoint
        .deploy(1400, World::Reversed, &["--strategy", "ab-test", "--weight", "30"])
        .await
        .succeeded();
    assert_eq!(run["model"]["version"], 2);
    let urls = eventually("both servers have the test", || async {
        let servers = endpoint.registry.servers(NAME).await.unwrap();
        let there = servers.len() == 2 && servers.iter().all(|server| server.window > 0);
        if there { Some(endpoint.urls().await) } else { None }
    })
    .await;

    let (rows, outcomes) = Endpoint::rows();
    let http = reqwest::Client::builder().no_proxy().build().unwrap();
    let mut versions: BTreeMap<String, u32> = BTreeMap::new();
    let mut answers: Vec<LoadAnswer> = Vec::new();
    for round in 0..2 {
        for number in 0..KEYS {
            let key = format!("customer-{number}");
            // Each round asks the other server, about another row.
            let url = &urls[(number + round) % 2];
            let row = (number + round * KEYS) % rows.len();
            let answer = ask(&http, url, &rows[row], &key, row).await;
            let version = *versions.entry(key.clone()).or_insert(answer.version);
            assert_eq!(version, answer.version, "{key} always gets the same version");
            answers.push(answer);
        }
    }
    none_failed(&answers);
    let second = versions.values().filter(|version| **version == 2).count();
    within_bound(second, KEYS, 0.3);

    // Nothing is known of outcomes: no winner, however much traffic there is.
    let shown = eventually("every request is reported", || async {
        let shown = endpoint.show().await;
        let measured = &shown["rollout"]["measured"];
        let counted = |name: &str| measured[name].as_f64().unwrap_or_default() as usize;
        let all = counted("requests") + counted("baseline_requests") == answers.len();
        all.then_some(shown)
    })
    .await;
    assert_eq!(shown["rollout"]["phase"], "progressing");
    let measured = |name: &str| shown["rollout"]["measured"][name].as_f64().unwrap();
    assert_eq!(measured("requests") as usize, of_version(&answers, 2), "metrics are per version");
    assert!(measured("p99_ms") > 0.0 && measured("baseline_p99_ms") > 0.0);
    assert_eq!(
        (&shown["live"]["version"], &shown["rollout"]["verdicts"]),
        (&1.into(), &serde_json::json!([]))
    );

    // A few outcomes, then all: the world is still the usual one, in which version 2 is wrong.
    tell(&endpoint, &answers[..20], &outcomes).await;
    eventually("a few outcomes are counted", || async {
        let shown = endpoint.show().await;
        let measured = &shown["rollout"]["measured"];
        let labelled = |name: &str| measured[name].as_f64().unwrap_or_default() as usize;
        (labelled("labelled") + labelled("baseline_labelled") == 20).then_some(())
    })
    .await;
    assert_eq!(endpoint.show().await["rollout"]["phase"], "progressing", "too few to say");
    tell(&endpoint, &answers[20..], &outcomes).await;
    let shown = eventually("the test is decided", || async {
        let shown = endpoint.show().await;
        (shown["rollout"]["phase"] != "progressing").then_some(shown)
    })
    .await;
    assert_eq!(shown["rollout"]["phase"], "failed", "{shown:#}");
    let verdict = &shown["rollout"]["verdicts"][0];
    assert!(verdict["reason"].as_str().unwrap().contains("significantly worse"), "{verdict}");
    assert!(shown["rollout"]["p_value"].as_f64().unwrap() <= 0.05);
    assert_eq!((&shown["live"]["version"], &shown["routing"]["mode"]), (&1.into(), &"live".into()));
    eventually("version 2 is put away", || async {
        (endpoint.stage(2).await == v1::ModelStage::Archived).then_some(())
    })
    .await;
}

/// Tells what became of the rows that were asked about.
async fn tell(endpoint: &Endpoint, answers: &[LoadAnswer], outcomes: &[String]) {
    let client = endpoint.bus.client();
    let subject = subjects::feedback(NAME).unwrap();
    for answer in answers {
        let feedback = v1::Feedback {
            feedback_id: answer.request_id.clone(),
            endpoint: NAME.to_owned(),
            request_id: answer.request_id.clone(),
            outcomes: vec![outcomes[answer.row].clone()],
            at: Some(contracts::time::timestamp(std::time::SystemTime::now())),
            ..v1::Feedback::default()
        };
        client.publish(subject.clone(), encoding::encode(&feedback)).await.unwrap();
    }
    client.flush().await.unwrap();
}
