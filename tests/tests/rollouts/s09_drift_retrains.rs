//! Drift leads to a retraining, whose model is promoted only where it is better; monitored rows are examined before that.

use contracts::v1::{AlertKind, RetrainingAttempt, RetrainingState};
use tier0_tests::eventually;

use crate::endpoint::{Endpoint, NAME};
use crate::world::{Case, EAGER, cases};

const RETRAINING: &str = "TIER0_OBSERVABILITY_CONNECTOR__MONITORING__RETRAINING__";

async fn retrained(options: &[(&str, &str)]) -> Endpoint {
    retrained_with(options, &[]).await
}

/// An endpoint that is retrained with these options, of which the others are of its fleet.
pub(crate) async fn retrained_with(options: &[(&str, &str)], others: &[(&str, &str)]) -> Endpoint {
    let options: Vec<(String, &str)> =
        options.iter().map(|(name, value)| (format!("{RETRAINING}{name}"), *value)).collect();
    let mut environment = EAGER.to_vec();
    environment.extend(others);
    environment.extend(options.iter().map(|(name, value)| (name.as_str(), *value)));
    Endpoint::with(1, &environment).await
}

/// Older people, and what they do is the opposite of what the young did.
pub(crate) fn changed(count: usize) -> Vec<Case> {
    cases(count, |[age, _], outcome| {
        *age += 40.0;
        *outcome = if outcome == "yes" { "no".to_owned() } else { "yes".to_owned() };
    })
}

/// Older people who behave as everybody did.
fn older(count: usize) -> Vec<Case> {
    cases(count, |[age, _], _| *age += 40.0)
}

impl Endpoint {
    pub(crate) async fn live_through(&self, cases: &[Case]) {
        let ids = self.ask_all(cases).await;
        self.tell(&ids, cases).await;
    }

    pub(crate) async fn attempt(&self, state: RetrainingState) -> RetrainingAttempt {
        eventually(&format!("a retraining is {}", state.as_str_name()), || async {
            let record = self.registry.monitors().retraining(NAME).await.unwrap();
            record.attempts.into_iter().find(|attempt| attempt.state() == state)
        })
        .await
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn s09_a_model_that_is_better_on_what_drifted_is_promoted() {
    // Without a rollback to go to and with the alert on the inputs alone, retraining is the answer.
    let endpoint = retrained(&[("MIN_ROWS", "900"), ("TIME_BUDGET_SECONDS", "20")]).await;
    let before = endpoint.show().await["live"]["digest"].clone();
    endpoint.live_through(&changed(1200)).await;
    let promoted = endpoint.attempt(RetrainingState::Promoted).await;
    let cause = promoted.cause.as_ref().unwrap();
    assert_eq!((cause.version, cause.endpoint.as_str()), (1, NAME));
    assert_eq!(promoted.batch.as_ref().unwrap().sha256, cause.batch_sha256);
    assert!(promoted.batch.as_ref().unwrap().rows >= 900);
    let shown = endpoint.show().await;
    assert_eq!(shown["live"]["version"], 2);
    assert_ne!(shown["live"]["digest"], before);
    // The lineage goes from the version to the rows and to the alert.
    let version = endpoint.registry.version(NAME, 2).await.unwrap().unwrap();
    assert_eq!((version.run_id.as_str(), version.parent_version), (promoted.run_id.as_str(), 1));
    assert_eq!(version.data_sha256, cause.batch_sha256);
    // Its search began with what the first version was made of.
    let run = endpoint.fleet.tier0(["runs", "show", &promoted.run_id, "--json"]).await;
    let run = run.success().json();
    let trials = run["leaderboard"]["entries"].as_array().unwrap();
    assert!(trials.iter().any(|trial| trial["profile"] == "warm-start"), "{trials:#?}");
    // On rows that neither has seen the new one is right where the old one was wrong.
    let fresh: Vec<Case> = changed(1500).split_off(1200);
    let correct = |version: u32| {
        let endpoint = &endpoint;
        let fresh = &fresh;
        async move {
            let url = endpoint.urls().await.remove(0);
            let http = reqwest::Client::builder().no_proxy().build().unwrap();
            let mut correct = 0;
            for (row, outcome) in fresh {
                let body = tier0_tests::load::request_of(row);
                let url = format!("{url}/versions/{version}/infer");
                let answer: serde_json::Value =
                    http.post(url).json(&body).send().await.unwrap().json().await.unwrap();
                correct += usize::from(answer["outputs"][0]["data"][0] == outcome.as_str());
            }
            correct
        }
    };
    let (old, new) = (correct(1).await, correct(2).await);
    assert!(new > 210 && old < 100, "of 300 the old one has {old} right, the new one {new}");
}

#[tokio::test(flavor = "multi_thread")]
async fn s33_a_model_that_is_no_better_is_rejected_and_the_cool_down_holds() {
    let endpoint = retrained(&[
        ("MIN_ROWS", "900"),
        ("TIME_BUDGET_SECONDS", "20"),
        ("COOL_DOWN_SECONDS", "3600"),
    ])
    .await;
    let before = endpoint.show().await["live"]["digest"].clone();
    endpoint.live_through(&older(1200)).await;
    let rejected = endpoint.attempt(RetrainingState::Rejected).await;
    assert!(rejected.reason.contains("significantly better"), "{}", rejected.reason);
    assert!(rejected.seconds > 0.0 && rejected.ended_at.is_some());
    assert_eq!(endpoint.show().await["live"]["digest"], before, "the champion stays");
    // It went through every stage, and its version is in the registry as what it is.
    let run = endpoint.fleet.tier0(["runs", "show", &rejected.run_id, "--json"]).await;
    let run = run.success().json();
    assert_eq!(run["failed_stage"], "model-deployer", "{run:#}");
    // The drift goes on, and nothing begins anew.
    endpoint.live_through(&older(300)).await;
    endpoint.checks(3).await;
    assert!(!endpoint.open_alerts().await.is_empty());
    assert_eq!(endpoint.registry.monitors().retraining(NAME).await.unwrap().attempts.len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn s28_rows_that_cannot_be_trusted_stay_in_quarantine() {
    let endpoint = retrained(&[("MIN_ROWS", "300")]).await;
    // Everybody is said to have left: outcomes as a broken system would tell them.
    let broken: Vec<Case> =
        older(600).into_iter().map(|(row, _)| (row, "yes".to_owned())).collect();
    endpoint.live_through(&broken).await;
    endpoint.alert(AlertKind::FeatureDrift).await;
    let attempt = endpoint.attempt(RetrainingState::Quarantined).await;
    assert_eq!(attempt.run_id, "", "nothing was asked for");
    let codes: Vec<&str> = attempt
        .issues
        .iter()
        .filter(|issue| issue.blocking)
        .map(|issue| issue.code.as_str())
        .collect();
    assert_eq!(codes, ["too_few_of_a_class"], "{:?}", attempt.issues);
    assert!(attempt.reason.contains("class 1 of 2 has 0 outcomes"), "{}", attempt.reason);
    // The rows are kept for a person to look at, and a run on them is refused like that of any bad table.
    let batch = attempt.batch.unwrap();
    let uri = format!("artifact:{}:{}", batch.sha256, batch.bytes);
    let refused = endpoint
        .fleet
        .submit(["--data", &uri, "--target", "left", "--positive", "yes", "--name", "other"])
        .await;
    assert_eq!(refused.text("status"), "failed", "{:#}", refused.run);
    let runs = endpoint.fleet.tier0(["runs", "list", "--json"]).await.success().json();
    assert_eq!(runs["runs"].as_array().unwrap().len(), 2, "the first, and the one of this test");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_dry_run_and_approval_ask_for_nothing() {
    let endpoint = retrained(&[("MIN_ROWS", "300"), ("MODE", "approve")]).await;
    endpoint.live_through(&changed(500)).await;
    let proposed = endpoint.attempt(RetrainingState::Proposed).await;
    endpoint.checks(3).await;
    let record = endpoint.registry.monitors().retraining(NAME).await.unwrap();
    assert_eq!(record.attempts.len(), 1, "one at a time");
    assert_eq!(record.attempts[0].run_id, "");
    // A person approves.
    endpoint
        .registry
        .monitors()
        .change_retraining(NAME, |record| {
            record.attempts[0].set_state(RetrainingState::Requested);
            true
        })
        .await
        .unwrap();
    eventually("its run is there", || async {
        let record = endpoint.registry.monitors().retraining(NAME).await.unwrap();
        let attempt = record.attempts.into_iter().next()?;
        assert_eq!(attempt.request_id, proposed.request_id);
        (!attempt.run_id.is_empty()).then_some(())
    })
    .await;
}
